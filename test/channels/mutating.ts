import fc from 'fast-check';

/** How the bodies of providers are changed, for tests of what comes of bodies that nobody should send. */

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every place in a body, as the keys that lead to it; the body itself is none. */
export function placesIn(value: unknown, path: string[] = []): string[][] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, inner]) => {
		const place = [...path, key];
		return [place, ...placesIn(inner, place)];
	});
}

/** A copy in which one place is changed, or gone where `change` gives undefined. */
export function changed(
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
export function reordered(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(reordered);
	if (!isFields(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([key, inner]) => [key, reordered(inner)]),
	);
}

/** The same body with every element of every list twice. */
export function doubled(value: unknown): unknown {
	if (Array.isArray(value)) return value.flatMap((each) => [doubled(each), doubled(each)]);
	if (!isFields(value)) return value;
	return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, doubled(inner)]));
}

const nested = (levels: number): unknown =>
	JSON.parse('{"a":['.repeat(levels) + ']}'.repeat(levels));

/** Values of a wrong type, too long, too deep, too large. */
export const WRONG: unknown[] = [
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

/** Bodies with one field that is missing or of another type. */
export const spoilt = (bodies: unknown[]): fc.Arbitrary<unknown> =>
	fc
		.tuple(fc.constantFrom(...bodies), fc.nat(), fc.constantFrom(undefined, ...WRONG))
		.map(([body, at, value]) => {
			const places = placesIn(body);
			const place = places[at % places.length] ?? [];
			return changed(body, place, () => value);
		});

/** Forms that were cut off, repeated, or have lost or gained something. */
export const garbled = (forms: string[]): fc.Arbitrary<string> =>
	fc
		.tuple(fc.constantFrom(...forms), fc.nat(), fc.nat(3), fc.string({ maxLength: 20 }))
		.map(([form, at, how, noise]) => {
			const cut = at % Math.max(1, form.length);
			const fields = form.split('&');
			if (how === 0) return form.slice(0, cut);
			if (how === 1) return form + '&' + form;
			if (how === 2) return fields.filter((_, i) => i !== at % fields.length).join('&');
			return form.slice(0, cut) + noise + form.slice(cut);
		});
