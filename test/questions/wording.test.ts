import type { QuestionKind } from '../../nodes/questions/contracts';
import { askText, buttonsOf, defaultRetry } from '../../nodes/questions/wording';
import { check, choices, outcome } from './asking';

const ask = (...titles: string[]) => ({ kind: 'choice', choices: choices(...titles) }) as const;
const limits = (most: number, title: number, id?: number) => ({
	most,
	title,
	...(id !== undefined && { id }),
	links: false,
	withMedia: false,
});

describe('the text of a question', () => {
	test('lists the choices where there are no buttons', () => {
		const question = ask('Sales', 'Support');
		expect(askText(question, 'Which team?', { buttons: false })).toBe(
			'Which team?\n1. Sales\n2. Support',
		);
		expect(askText(question, 'Which team?', { buttons: true })).toBe('Which team?');
		expect(askText({ kind: 'email' }, 'Your email?', { buttons: false })).toBe('Your email?');
	});

	test('has the digits of the prompt', () => {
		const lines = (prompt: string) => askText(ask('أ', 'ب'), prompt, { buttons: false });
		expect(lines('اختر')).toBe('اختر\n1. أ\n2. ب');
		expect(lines('اختر واحدا من ٢')).toBe('اختر واحدا من ٢\n١. أ\n٢. ب');
		expect(lines('یکی از ۲')).toBe('یکی از ۲\n۱. أ\n۲. ب');
		expect(lines('२ में से')).toBe('२ में से\n१. أ\n२. ب');
		expect(askText({ kind: 'rating', most: 10 }, 'من ١؟', { buttons: false })).toBe('من ١؟\n١–١٠');
	});

	test('does not number choices that are numbers', () => {
		expect(askText(ask('2', '4'), 'How many?', { buttons: false })).toBe('How many?\n• 2\n• 4');
	});
});

describe('the buttons of a question', () => {
	test('are its choices', () => {
		expect(buttonsOf(ask('Sales', 'Support'), 'q:', limits(3, 20))).toEqual([
			{ id: 'q:0', title: 'Sales' },
			{ id: 'q:1', title: 'Support' },
		]);
	});

	test('are the numbers of a rating', () => {
		const buttons = buttonsOf({ kind: 'rating', most: 5 }, 'q:', limits(10, 20));
		expect(buttons?.map(({ title }) => title)).toEqual(['1', '2', '3', '4', '5']);
		expect(buttonsOf({ kind: 'rating', most: 1e9 }, 'q:', limits(10, 20))).toBeUndefined();
	});

	test.each([
		['no buttons', ask('a', 'b'), undefined],
		['too few buttons', ask('a', 'b', 'c'), limits(2, 20)],
		['IDs that are too short', ask('a', 'b'), limits(2, 20, 2)],
		['titles that look alike when cut', ask('Change my address', 'Change my time'), limits(3, 8)],
		['titles that look alike', ask('Sales', ' SALES '), limits(3, 20)],
		['a question without choices', { kind: 'email' } as const, limits(3, 20)],
		['an empty title', ask('a', ' '), limits(3, 20)],
		['no room for one character', ask('👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 'b'), limits(3, 7)],
	])('are not there with %s', (_, question, limit) => {
		expect(buttonsOf(question, 'q:', limit)).toBeUndefined();
	});

	test('are cut between characters as people see them, and still answer the question', () => {
		const question = ask(
			'Family 👨‍👩‍👧‍👦 and friends',
			'हिन्दी में सहायता चाहिए',
			'خدمة العملاء والدعم الفني',
		);
		const buttons = buttonsOf(question, 'q:', limits(3, 12));
		expect(buttons?.map(({ title }) => title)).toEqual(['Family…', 'हिन्दी में…', 'خدمة العملا…']);
		const found = buttons?.map(({ title }) => outcome(question, title));
		expect(found).toEqual(['choice_1', 'choice_2', 'choice_3']);
	});
});

describe('the sentence that asks again', () => {
	const kinds: QuestionKind[] = [
		'text',
		'choice',
		'number',
		'date',
		'email',
		'phone',
		'rating',
		'location',
	];

	test.each('ar de en es fa fr he hi id ja pt ru tr ur zh'.split(' '))(
		'is there in %s',
		(language) => {
			const sentences = kinds.map((kind) => defaultRetry(kind, language));
			expect(new Set(sentences).size).toBe(kinds.length);
			if (language !== 'en') expect(sentences).not.toContain(defaultRetry('text', 'en'));
			for (const sentence of sentences) expect(sentence).toMatch(/[.。।۔]$/);
		},
	);

	test('is English for others', () => {
		expect(defaultRetry('email', 'xx')).toBe('Please send a valid email address.');
		expect(defaultRetry('email', null)).toBe(defaultRetry('email', 'en-GB'));
		expect(defaultRetry('email')).toBe(defaultRetry('email', '__proto__'));
		expect(defaultRetry('email', 'pt_BR')).toBe(defaultRetry('email', 'pt'));
	});

	test('does not answer its own question', () => {
		for (const language of ['en', 'ar', 'zh']) {
			expect(check({ kind: 'number' }, defaultRetry('number', language)).valid).toBe(false);
		}
	});
});
