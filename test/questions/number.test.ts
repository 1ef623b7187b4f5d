import fc from 'fast-check';
import { check, outcome } from './asking';

describe('a number', () => {
	test.each([
		['5', 5],
		['-5', -5],
		['−5', -5],
		['+5', 5],
		['0', 0],
		['-0', 0],
		['3.5', 3.5],
		['3,5', 3.5],
		['0.125', 0.125],
		['0,125', 0.125],
		['1,234', 1234],
		['1.234', 1234],
		['1234,567', 1234.567],
		['1,234.50', 1234.5],
		['1.234,50', 1234.5],
		['1,234,567', 1234567],
		['1.234.567,8', 1234567.8],
		['1 234 567', 1234567],
		['1\u00a0234,5', 1234.5],
		["1'234.5", 1234.5],
		['1,00,000', 100000],
		['12,34,567.5', 1234567.5],
		['٢٥', 25],
		['٣٫٥', 3.5],
		['١٬٢٣٤٫٥', 1234.5],
		['۱۲۳', 123],
		['४२', 42],
		['４２', 42],
		['4️⃣', 4],
		['about 200 EGP', 200],
		['EGP200', 200],
		['egp1,000.50', 1000.5],
		['$1,500', 1500],
		['200€', 200],
		['₹1,00,000', 100000],
		['Rs.500', 500],
		['ب٢٠٠ جنيه', 200],
		['حوالي ٢٠٠ جنيه تقريبا', 200],
		['מחיר 200 ש"ח', 200],
		['ב-200', 200],
		['около 1 500 руб.', 1500],
		['大概200元', 200],
		['200円です', 200],
		['हमें ५ चाहिए', 5],
		['vou querer 3', 3],
		['butuh 10 kg', 10],
		['50%', 50],
		['50 m²', 50],
		['the 2nd', 2],
		['5.', 5],
		['(12)', 12],
	])('%p is %p', (text, value) => {
		expect(outcome({ kind: 'number' }, text)).toBe(value);
	});

	test.each([
		['five', 'has no number'],
		['', 'has no text'],
		['A4', 'has no number'],
		['covid-19', 'has no number'],
		['10-20', 'has more than one number'],
		['10:30', 'has more than one number'],
		['1/2', 'has more than one number'],
		['½', 'has more than one number'],
		['5 or 6', 'has more than one number'],
		['5k', 'is a number with a word for thousands or millions'],
		['3 million', 'is a number with a word for thousands or millions'],
		['٣ آلاف', 'is a number with a word for thousands or millions'],
		['5 тыс.', 'is a number with a word for thousands or millions'],
		['5万', 'is a number with a word for thousands or millions'],
		['३ लाख', 'is a number with a word for thousands or millions'],
		['192.168.1.1', 'is not a number'],
		['1.2.2026', 'is not a number'],
		['12345678901234567890', 'is too long for a number'],
	])('%p %s', (text, why) => {
		expect(outcome({ kind: 'number' }, text)).toBe(`(${why})`);
	});

	test('keeps to the range and to whole numbers', () => {
		const question = { kind: 'number', least: 1, most: 10, whole: true } as const;
		expect(outcome(question, '10')).toBe(10);
		expect(outcome(question, '11')).toBe('(is more than 10)');
		expect(outcome(question, '0')).toBe('(is less than 1)');
		expect(outcome(question, '2.5')).toBe('(is not a whole number)');
		expect(outcome(question, '2.0')).toBe(2);
	});

	test('is saved in digits', () => {
		const texts = ['0.0000001', '٣٫٥', '1,234,567', '123456789012345'].map((text) =>
			check({ kind: 'number' }, text),
		);
		expect(texts).toMatchObject([
			{ text: '0.0000001' },
			{ text: '3.5' },
			{ text: '1234567' },
			{ text: '123456789012345' },
		]);
	});

	test('reads a doubtful comma so that the number fits', () => {
		expect(outcome({ kind: 'number', most: 10 }, '1.500')).toBe(1.5);
		expect(outcome({ kind: 'number', most: 10, whole: true }, '1.500')).toBe('(is more than 10)');
		expect(outcome({ kind: 'number', least: 1000 }, '1.500')).toBe(1500);
	});

	test('any number is read as it is written in any language', () => {
		const languages = [
			'en',
			'de',
			'ar-EG',
			'fa',
			'hi-u-nu-deva',
			'en-IN',
			'de-CH',
			'ru',
			'pt-BR',
			'id',
		];
		fc.assert(
			fc.property(
				fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
				fc.constantFrom(...languages),
				(hundredths, language) => {
					const value = hundredths / 100;
					const text = new Intl.NumberFormat(language, { minimumFractionDigits: 2 }).format(value);
					expect([language, text, outcome({ kind: 'number' }, text)]).toEqual([
						language,
						text,
						value === 0 ? 0 : value,
					]);
				},
			),
		);
	});
});
