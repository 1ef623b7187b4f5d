import fc from 'fast-check';
import { channels } from '../../nodes/channels';
import type { Channel, InboundMessage, ParsedBody } from '../../nodes/channels/channel';
import { bodiesOf, settingsFor } from './bodies';
import { expectSoundness, requestOf } from './requests';

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every place in a body, as the keys that lead to it; the body itself is none. */
function placesIn(value: unknown, path: string[] = []): string[][] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, inner]) => {
		const place = [...path, key];
		return [place, ...placesIn(inner, place)];
	});
}

/** A copy in which one place is changed, or gone where `change` gives undefined. */
function changed(
	value: unknown,
	[key, ...rest]: string[],
	change: (old: unknown) => unknown,
): unknown {
	if (key === undefined || typeof value !== 'object' || value === null) return value;
	const old = (value as Fields)[key];
	const next = rest.length === 0 ? change(old) : changed(old, rest, change);
	if (Array.isArray(value)) {
		const copy = [...value];
		if (next === undefined) copy.splice(Number(key), 1);
		else copy[Number(key)] = next;
		return copy;
	}
	const copy = { ...(value as Fields), [key]: next };
	if (next === undefined) delete copy[key];
	return copy;
}

/** The same body with the keys of every object in the opposite order. */
function reordered(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(reordered);
	if (!isFields(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([key, inner]) => [key, reordered(inner)]),
	);
}

/** The same body with every element of every list twice. */
function doubled(value: unknown): unknown {
	if (Array.isArray(value)) return value.flatMap((each) => [doubled(each), doubled(each)]);
	if (!isFields(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, doubled(inner)]));
}

const nested = (levels: number): unknown =>
	JSON.parse('{"a":['.repeat(levels) + ']}'.repeat(levels));

/** Values of a wrong type, too long, too deep, too large. */
const WRONG: unknown[] = [
	null,
	true,
	false,
	0,
	-1,
	1.5,
	'',
	' ',
	'x'.repeat(200_000),
	[],
	{},
	[null],
	[[]],
	{ id: {} },
	nested(200),
	Array.from({ length: 5_000 }, () => ({})),
	'\u0000',
	'\ud800',
];

const opens = ({ kind, group, occasion, neverOpens }: InboundMessage) =>
	kind === 'message' && group === undefined && occasion === undefined && !neverOpens;

const openings = (parsed: ParsedBody) =>
	parsed.messages
		.filter(opens)
		.map(({ account, id, contact }) => `${account} ${id} ${contact.identities[0]?.id}`);

/** Whether a value that a body must hold is in it, in whatever form the channel writes it. */
function stands(text: string, value: string): boolean {
	const parts = value
		.split(/[:+@_]/)
		.filter((part) => part.length > 2 && !/^whatsapp$/i.test(part));
	return parts.length === 0 || parts.some((part) => text.includes(part));
}

/** IDs that a channel makes by itself of what gives none: a hash, or the kind of an act. */
const MADE =
	/^(?:edit|visit|postback|delete|reaction|unsent|callback|status|share)[:-]|^[0-9a-f]{32,}$/;

const cases: Array<[string, Channel]> = channels.map((channel) => [channel.displayName, channel]);

describe.each(cases)('bodies of %s, changed', (_name, channel) => {
	const settings = settingsFor(channel);
	const parse = (body: unknown) => channel.parse(requestOf(body), settings);
	const bodies = bodiesOf(channel);
	const json = bodies.filter(({ body }) => typeof body === 'object' && body !== null);

	it('has bodies to change', () => {
		expect(bodies.length).toBeGreaterThan(1);
	});

	it('the order of keys says nothing', () => {
		for (const { body } of json) {
			const [plain, other] = [parse(body), parse(reordered(body))];
			expect(openings(other)).toEqual(openings(plain));
			expect(other.messages.map(({ kind, text }) => `${kind} ${text}`)).toEqual(
				plain.messages.map(({ kind, text }) => `${kind} ${text}`),
			);
		}
	});

	it('what comes twice opens nothing more', () => {
		for (const { body } of json) {
			const twice = parse(doubled(body));
			expectSoundness(twice);
			const known = new Set(openings(parse(body)));
			for (const opening of openings(twice)) expect(known).toContain(opening);
		}
	});

	it('a field that is missing, or of another type, makes up nobody and nothing', () => {
		if (json.length === 0) return;
		const spoilt = fc
			.tuple(fc.constantFrom(...json), fc.nat(), fc.constantFrom(undefined, ...WRONG))
			.map(([{ body }, at, value]) => {
				const places = placesIn(body);
				const place = places[at % places.length] ?? [];
				return changed(body, place, () => value);
			});
		fc.assert(
			fc.property(spoilt, (body) => {
				const parsed = parse(body);
				expectSoundness(parsed);
				const text = JSON.stringify(body);
				for (const { id, contact } of parsed.messages.filter(opens)) {
					expect(MADE.test(id) || stands(text, id)).toBe(true);
					for (const identity of contact.identities) expect(stands(text, identity.id)).toBe(true);
				}
			}),
			{ numRuns: 1500 },
		);
	});

	it('a form is cut, repeated and garbled, and nothing breaks', () => {
		const forms = bodies.filter(({ body }) => typeof body === 'string');
		if (forms.length === 0) return;
		const garbled = fc
			.tuple(fc.constantFrom(...forms), fc.nat(), fc.nat(3), fc.string({ maxLength: 20 }))
			.map(([{ body }, at, how, noise]) => {
				const form = body as string;
				const cut = at % Math.max(1, form.length);
				const fields = form.split('&');
				if (how === 0) return form.slice(0, cut);
				if (how === 1) return form + '&' + form;
				if (how === 2) return fields.filter((_, i) => i !== at % fields.length).join('&');
				return form.slice(0, cut) + noise + form.slice(cut);
			});
		fc.assert(
			fc.property(garbled, (body) => expectSoundness(parse(body))),
			{ numRuns: 1500 },
		);
	});
});
