import { Language } from '@nlpjs/language';
import { sameCode } from '../codes';

/** The language guesser of NLP.js: trigrams, as franc. It has no threshold. */
export async function load(only) {
	const guesser = new Language();
	return (text) => {
		const found = guesser.guess(text, undefined, 100);
		const best = found.find(({ alpha3 }) => !only || only.includes(sameCode(alpha3)));
		return best && best.alpha3 !== 'und' && { language: best.alpha3, sure: true };
	};
}
