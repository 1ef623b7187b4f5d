import fc from 'fast-check';
import { parseJsonPath, valueAt } from '../../nodes/enrichment/jsonPath';

const read = (value: unknown, path: string) => valueAt(value, parseJsonPath(path) ?? ['no path']);

describe('a path into an answer', () => {
	const answer = {
		customer: { plan: 'gold', 'first name': 'Amal', 'a.b': [{ c: 1 }, 'x'], '': 'empty' },
		data: [{ id: 7 }, [true]],
		'"': 'quote',
		'0': 'zero',
		عميل: { خطة: 'ذهبي' },
	};

	test.each<[string, unknown]>([
		['customer.plan', 'gold'],
		['$.customer.plan', 'gold'],
		[' customer.plan ', 'gold'],
		['customer.first name', 'Amal'],
		['customer["first name"]', 'Amal'],
		["$['customer']['a.b'][0].c", 1],
		['customer["a.b"][1]', 'x'],
		['customer[""]', 'empty'],
		['data[0].id', 7],
		['data.0.id', 7],
		['data[1][0]', true],
		['["\\""]', 'quote'],
		["['\"']", 'quote'],
		['0', 'zero'],
		['عميل.خطة', 'ذهبي'],
		['$', answer],
		['customer.nothing.deeper', undefined],
		['customer.plan.length', undefined],
		['customer.plan[0]', undefined],
		['data.length', undefined],
		['data[2]', undefined],
		['customer.toString', undefined],
		['constructor.name', undefined],
		['__proto__', undefined],
		['data.map', undefined],
	])('%s', (path, expected) => {
		expect(parseJsonPath(path)).not.toBeNull();
		expect(read(answer, path)).toEqual(expected);
	});

	test.each([
		'',
		' ',
		'.',
		'a.',
		'.a',
		'a..b',
		'a[',
		'a[]',
		'a[-1]',
		'a[x]',
		'a[0',
		'$a]',
		'a["b]',
		'a[0]b',
		'a.[0]',
		'[0].',
		'$..a',
		'x'.repeat(501),
	])('%j is none', (path) => expect(parseJsonPath(path)).toBeNull());

	test('every value of every answer is found by its path, and nothing else is', () => {
		const places = (value: unknown, path: string): Array<[string, unknown]> => [
			[path, value],
			...(typeof value === 'object' && value !== null
				? Object.entries(value).flatMap(([key, inner]) =>
						places(
							inner,
							Array.isArray(value)
								? `${path}[${key}]`
								: `${path}["${key.replace(/["\\]/g, '\\$&')}"]`,
						),
					)
				: []),
		];
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
				for (const [path, inner] of places(value, '$')) {
					if (path.length <= 500) expect(read(value, path)).toBe(inner);
				}
			}),
		);
	});

	test('any text is a path or none, and finds what JSON can hold or nothing', () => {
		fc.assert(
			fc.property(fc.string(), fc.jsonValue(), (path, value) => {
				const steps = parseJsonPath(path);
				if (steps) expect(typeof valueAt(value, steps)).not.toBe('function');
			}),
		);
	});
});
