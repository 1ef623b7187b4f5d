import lande from 'lande';
import { sameCode } from '../codes';

/** A small neural network trained on sentences of Tatoeba; answers with probabilities. */
export async function load(only) {
	return (text) => {
		const best = lande(text).find(([language]) => !only || only.includes(sameCode(language)));
		return best && { language: best[0], sure: best[1] >= 0.5 };
	};
}
