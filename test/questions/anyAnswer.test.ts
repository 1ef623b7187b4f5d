import fc from 'fast-check';
import type { Question } from '../../nodes/questions/contracts';
import { check, choices, outcome, written } from './asking';

const QUESTIONS: Question[] = [
	{ kind: 'text', shortest: 2, longest: 5 },
	{ kind: 'choice', choices: choices('Sales', 'Support', 'المبيعات', '退款') },
	{ kind: 'number', least: 0 },
	{ kind: 'date', order: 'dmy', timeZone: 'Asia/Riyadh', earliest: 'today' },
	{ kind: 'date', order: 'mdy', timeZone: 'Asia/Riyadh' },
	{ kind: 'date', order: 'ymd', timeZone: 'Asia/Riyadh' },
	{ kind: 'email' },
	{ kind: 'phone', defaultCountry: 'SA' },
	{ kind: 'phone' },
	{ kind: 'rating', most: 5 },
	{ kind: 'location' },
];

describe('a text', () => {
	const text = (shortest?: number, longest?: number) =>
		({ kind: 'text', ...(shortest && { shortest }), ...(longest && { longest }) }) as const;

	test('counts characters as people do', () => {
		expect(outcome(text(1, 1), '👨‍👩‍👧‍👦')).toBe('👨‍👩‍👧‍👦');
		expect(outcome(text(1, 2), 'की')).toBe('की');
		expect(outcome(text(3), '👨‍👩‍👧‍👦🇪🇬')).toBe('(has fewer than 3 characters)');
		expect(outcome(text(1, 4), 'مَرْحَبًا')).toBe('(has more than 4 characters)');
		expect(outcome(text(1, 5), ' مَرْحَبًا\n')).toBe('مَرْحَبًا');
	});

	test('is what was written, as it was written', () => {
		expect(outcome(text(), '  Straße 5,\n2nd floor\0 ')).toBe('Straße 5,\n2nd floor');
		expect(outcome(text(), '[image]')).toBe('[image]');
		expect(outcome(text(), 'x'.repeat(100_000))).toHaveLength(100_000);
	});

	test.each([
		['image', '[image]', [{ type: 'image', id: '1' }]],
		['text', '[text]', []],
		['unsupported', '[link]', []],
		['document', 'cv.pdf', [{ type: 'document', fileName: 'cv.pdf' }]],
		['text', ' \u200b\u2060 ', []],
	])('is not %s %p', (type, said, attachments) => {
		expect(outcome(text(), written(said, { type, attachments }))).toBe('(has no text)');
	});

	test('may stand under a file', () => {
		const attachments = [{ type: 'image', caption: 'my receipt' }];
		expect(outcome(text(), written('my receipt', { type: 'image', attachments }))).toBe(
			'my receipt',
		);
	});
});

describe('any answer', () => {
	const hostile = fc.oneof(
		fc.string({ unit: 'binary' }),
		fc.string({ unit: 'grapheme' }),
		fc
			.array(
				fc.constantFrom(
					'1',
					'٢',
					'@',
					'.',
					',',
					'/',
					'-',
					' ',
					'\0',
					'\u202e',
					'a',
					'م',
					'may',
					'⭐',
					'+',
				),
				{ maxLength: 60 },
			)
			.map((parts) => parts.join('')),
	);

	test('is checked without an exception, and refusals repeat nothing of it', () => {
		fc.assert(
			fc.property(hostile, fc.constantFrom(...QUESTIONS), (text, question) => {
				const checked = check(question, text);
				if (checked.valid) expect(typeof checked.text).toBe('string');
				else expect(checked.why).toMatch(/^(?:is|has|names|fits) [a-z0-9 ,'-]+$/);
			}),
			{ numRuns: 1000 },
		);
	});

	test('a value that was saved is an answer too, and means the same', () => {
		fc.assert(
			fc.property(hostile, fc.constantFrom(...QUESTIONS), (text, question) => {
				const checked = check(question, text);
				if (!checked.valid || question.kind === 'location') return;
				expect(check(question, checked.text)).toMatchObject({ value: checked.value });
			}),
			{ numRuns: 1000 },
		);
	});

	test('much too long is refused before it is read', () => {
		for (const question of QUESTIONS) {
			if (question.kind === 'text') continue;
			expect(outcome(question, '1'.repeat(2001))).toBe('(is too long for an answer)');
		}
	});

	/** Each is as long as an answer may be; a pattern that tries all ways would never end. */
	test.each([
		'1',
		'1,',
		'1.',
		'1 ',
		'a',
		'a.',
		'@',
		'a@',
		'.',
		'-',
		'12/',
		'1:11',
		'لا',
		'\u064b',
		'⭐',
		'退',
		'+1 ',
		'1/5 ',
	])('%p two thousand times over comes to an end', (part) => {
		const text = part.repeat(Math.floor(2000 / part.length));
		for (const question of QUESTIONS) expect(() => check(question, text)).not.toThrow();
	});
});
