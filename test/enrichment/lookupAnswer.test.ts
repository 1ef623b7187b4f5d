import fc from 'fast-check';
import { mapAnswer, mappingProblem, type LookupMapping } from '../../nodes/enrichment/lookupAnswer';

const row = (path: string, field: string): LookupMapping => ({ path, saveTo: 'field', field });
const tag = (path: string): LookupMapping => ({ path, saveTo: 'tag', field: '' });
const valueFor = (field: string, value: unknown) =>
	mapAnswer({ v: value }, [row('v', field)]).fields[field];

describe('what is taken from an answer', () => {
	test.each<[string, unknown, unknown]>([
		['plan', 'gold', 'gold'],
		['plan', 0, 0],
		['plan', false, false],
		['plan', ['a', 2, null, {}, ''], ['a', 2]],
		['plan', { a: 1 }, undefined],
		['plan', null, undefined],
		['plan', ' ', undefined],
		['plan', [], undefined],
		['plan', 'x'.repeat(2_001), undefined],
		['toString', 'x', 'x'],
		['name', ' Amal ', 'Amal'],
		['name', ['Amal'], undefined],
		['phone', '+20 100 123 4567', '+201001234567'],
		['phone', '12', undefined],
		['email', 'a@example.com', 'a@example.com'],
		['email', 'a b@example.com', undefined],
		['language', 'pt-BR', 'pt'],
		['language', 'AR', 'ar'],
		['language', 'Portuguese', undefined],
		['country', 'eg', 'EG'],
		['country', 'Egypt', undefined],
		['timezone', 'Africa/Cairo', 'Africa/Cairo'],
		['timezone', 'Cairo', undefined],
	])('for %s, %j becomes %j', (field, value, expected) => {
		expect(valueFor(field, value)).toEqual(expected);
	});

	test('of several rows for one field the first that finds something counts', () => {
		const rows = [row('a', 'plan'), row('b', 'plan'), row('c', ' plan ')];
		expect(mapAnswer({ b: 'gold', c: 'silver' }, rows)).toEqual({
			fields: { plan: 'gold' },
			tags: [],
		});
	});

	test('tags are each once, and short', () => {
		const answer = { a: ['vip', 'vip', ' x ', 7], b: 'vip', c: 'y'.repeat(201) };
		expect(mapAnswer(answer, [tag('a'), tag('b'), tag('c')]).tags).toEqual(['vip', 'x', '7']);
		const many = mapAnswer(
			Array.from({ length: 300 }, (_, i) => `t${i}`),
			[tag('$')],
		);
		expect(many.tags).toHaveLength(100);
	});

	test('is plain, whatever is answered', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (answer) => {
				const { fields, tags } = mapAnswer(answer, [row('$', 'a'), row('[0]', 'b'), tag('$')]);
				for (const value of [Object.values(fields), tags].flat(2)) {
					expect(['string', 'number', 'boolean']).toContain(typeof value);
				}
			}),
		);
	});

	test.each<[LookupMapping[], RegExp | null]>([
		[[], /Nothing is taken/],
		[[row('a..b', 'x')], /is no path/],
		[[row('a', ' ')], /names no field/],
		[[row('a', '__proto__')], /no field may have/],
		[[row('a', 'constructor')], /no field may have/],
		[[row('a', 'x'), tag('b')], null],
	])('%j is told to the operator', (rows, problem) => {
		const said = mappingProblem(rows);
		if (problem) expect(said).toMatch(problem);
		else expect(said).toBeNull();
	});
});
