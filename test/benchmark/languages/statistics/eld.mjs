import { eld } from 'variant';

/** How much a score must be above all others to count as one that only this language can have. */
const CLEAR = 0.09;

/** eld behind tinyld's interface. Its scores are averages by n-gram: here they become shares. */
export function detectAll(text, { only }) {
	const scores = Object.entries(eld.detect(text).getScores())
		// It knows Malay, and takes Indonesian for it.
		.map(([language, score]) => [language === 'ms' ? 'id' : language, score])
		.filter(([language]) => only.includes(language))
		.sort(([, a], [, b]) => b - a);
	const [[first, highest] = [], [, second] = ['', 0]] = scores;
	if (first === undefined) return [];
	if (highest - second >= CLEAR) return [{ lang: first, accuracy: 1 }];
	const sharpness = 40 * Math.sqrt(text.split(' ').length);
	const weights = scores.map(([, score]) => Math.exp(sharpness * (score - highest)));
	const sum = weights.reduce((all, weight) => all + weight, 0);
	return scores
		.map(([lang], i) => ({ lang, accuracy: weights[i] / sum }))
		.filter(({ accuracy }) => accuracy > 0.001);
}
