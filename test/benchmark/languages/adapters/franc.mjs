import { francAll } from 'variant';
import { sameCode } from '../codes';

/** By default it is silent below ten characters; chats need an answer. It has no threshold. */
export async function load(only) {
	return (text) => {
		const found = francAll(text, { minLength: 1 });
		const best = found.find(([language]) => !only || only.includes(sameCode(language)));
		return best && best[0] !== 'und' && { language: best[0], sure: true };
	};
}
