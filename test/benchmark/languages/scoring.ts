import type { Detector } from './bundling';
import { sameCode } from './codes';
import { LENGTHS, type LabelledMessage, type Length } from './corpus';

export interface Score {
	/** Shares of right answers, each language weighing the same. */
	byLength: Record<Length, number>;
	all: number;
	byLanguage: Map<string, Record<Length | 'all', number>>;
	/** Of all messages, those answered wrongly and above the detector's own threshold. */
	surelyWrong: number;
	wrong: Array<{ text: string; language: string; answer: string | null }>;
}

export function answerOf(detect: Detector, text: string) {
	const answer = detect(text);
	return answer ? { ...answer, language: sameCode(answer.language) } : null;
}

const mean = (values: number[]) => values.reduce((all, value) => all + value, 0) / values.length;

export function score(detect: Detector, messages: LabelledMessage[]): Score {
	const results = messages.map((message) => {
		const answer = answerOf(detect, message.text);
		return { message, answer, right: answer?.language === message.language };
	});
	const rightOf = (language: string, length?: Length) =>
		mean(
			results
				.filter(({ message }) => message.language === language)
				.filter(({ message }) => !length || message.length === length)
				.map(({ right }) => Number(right)),
		);
	const languages = [...new Set(messages.map(({ language }) => language))].sort();
	const byLanguage = new Map(
		languages.map((language) => {
			const lengths = LENGTHS.map((length) => [length, rightOf(language, length)] as const);
			const shares = Object.fromEntries([...lengths, ['all', rightOf(language)]]);
			return [language, shares as Record<Length | 'all', number>];
		}),
	);
	// A half may lack a length in a language: no share, not a share of none.
	const average = (key: Length | 'all') =>
		mean([...byLanguage.values()].map((shares) => shares[key]).filter((share) => share >= 0));
	const wrong = results.filter(({ right }) => !right);
	return {
		byLength: { '1–3': average('1–3'), '4–8': average('4–8'), '9+': average('9+') },
		all: average('all'),
		byLanguage,
		surelyWrong: wrong.filter(({ answer }) => answer?.sure).length / results.length,
		wrong: wrong.map(({ message: { text, language }, answer }) => ({
			...{ text, language, answer: answer?.language ?? null },
		})),
	};
}
