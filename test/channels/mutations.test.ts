import fc from 'fast-check';
import { channels } from '../../nodes/channels';
import type { Channel, InboundMessage, ParsedBody } from '../../nodes/channels/channel';
import { bodiesOf, settingsFor } from './bodies';
import { doubled, garbled, reordered, spoilt } from './mutating';
import { expectSoundness, requestOf } from './requests';

const opens = ({ kind, group, occasion, neverOpens }: InboundMessage) =>
	kind === 'message' && group === undefined && occasion === undefined && !neverOpens;

/** The end of an ID that was made of a body's bytes. */
const HASH = /(?<=^|:)[0-9a-f]{32,}$/;

const openings = (parsed: ParsedBody) =>
	parsed.messages.filter(opens).map(({ account, id, contact }) => {
		// Of the same content in another order there are other bytes, and so another hash.
		return `${account} ${id.replace(HASH, 'hash')} ${contact.identities[0]?.id}`;
	});

/** Whether a value that a body must hold is in it, in whatever form the channel writes it. */
function stands(text: string, value: string): boolean {
	const parts = value
		.split(/[:+@_]/)
		.filter((part) => part.length > 2 && !/^(?:whatsapp|answer)$/i.test(part));
	return parts.length === 0 || parts.some((part) => text.includes(part));
}

/** IDs that a channel makes by itself of what gives none: a hash, or the kind of an act. */
const isMade = (id: string) =>
	HASH.test(id) ||
	/^(?:edit|visit|postback|delete|reaction|unsent|callback|status|share)[:-]/.test(id);

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
		fc.assert(
			fc.property(spoilt(json.map(({ body }) => body)), (body) => {
				const parsed = parse(body);
				expectSoundness(parsed);
				const text = JSON.stringify(body);
				for (const { id, contact } of parsed.messages.filter(opens)) {
					expect(isMade(id) || stands(text, id)).toBe(true);
					for (const identity of contact.identities) expect(stands(text, identity.id)).toBe(true);
				}
			}),
			{ numRuns: 1500 },
		);
	});

	it('a form is cut, repeated and garbled, and nothing breaks', () => {
		const forms = bodies.map(({ body }) => body).filter((body) => typeof body === 'string');
		if (forms.length === 0) return;
		fc.assert(
			fc.property(garbled(forms), (body) => expectSoundness(parse(body))),
			{ numRuns: 1500 },
		);
	});
});
