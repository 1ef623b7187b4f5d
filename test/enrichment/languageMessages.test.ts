import { detectLanguage } from '../../nodes/enrichment/language';
import {
	LENGTHS,
	readMessages,
	readWithBrands,
	readWithoutLanguage,
	type Length,
} from '../benchmark/languages/corpus';
import { score } from '../benchmark/languages/scoring';

/** Shares of right answers, a little below what was measured (docs/languages.md). */
const FLOORS: Record<Length, number> = { '1–3': 0.91, '4–8': 0.96, '9+': 0.98 };

/** Over all lengths; any other language 0.97. */
const FLOORS_BY_LANGUAGE: Record<string, number> = {
	// All but the same as Indonesian.
	ms: 0.7,
	de: 0.92,
	es: 0.9,
	fa: 0.95,
	fr: 0.9,
	id: 0.94,
	nl: 0.92,
	pl: 0.94,
	pt: 0.92,
	ru: 0.94,
	tr: 0.94,
	uk: 0.92,
};

const messages = readMessages();
const detect = (text: string) => {
	const detected = detectLanguage(text);
	return detected && { language: detected.language, sure: detected.confidence >= 0.5 };
};
const measured = score(detect, messages);

describe('chat messages in many languages', () => {
	test('there are at least 30 in each language, 15 % of them in each length, and none twice', () => {
		for (const language of measured.byLanguage.keys()) {
			const own = messages.filter((message) => message.language === language);
			expect(own.length).toBeGreaterThanOrEqual(30);
			for (const length of LENGTHS) {
				const share = own.filter((message) => message.length === length).length / own.length;
				expect([language, length, share >= 0.15]).toEqual([language, length, true]);
			}
		}
		expect(new Set(messages.map(({ text }) => text)).size).toBe(messages.length);
	});

	test.each(LENGTHS)('%s words', (length) => {
		expect(measured.byLength[length]).toBeGreaterThanOrEqual(FLOORS[length]);
	});

	test.each([...measured.byLanguage.keys()])('in %s', (language) => {
		const floor = FLOORS_BY_LANGUAGE[language] ?? 0.97;
		expect(measured.byLanguage.get(language)?.all).toBeGreaterThanOrEqual(floor);
	});

	test('hardly any is surely in another language', () => {
		expect(measured.surelyWrong).toBeLessThanOrEqual(0.02);
	});

	test('numbers, codes, links, emoji and names of products are in none', () => {
		const answered = readWithoutLanguage().filter(({ text }) => detectLanguage(text));
		// Names of people, in letters that only some languages are written in.
		expect(answered.map(({ text }) => text)).toEqual(['محمد أحمد', '田中太郎']);
	});

	test('names of products seldom hide the language', () => {
		const { wrong } = score(detect, readWithBrands());
		expect(wrong.length).toBeLessThanOrEqual(3);
	});
});
