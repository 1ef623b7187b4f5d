import { detectAll } from 'variant';

/** Its accuracy is a share among the languages found, and it has no threshold. */
export async function load(only) {
	return (text) => {
		const [best] = detectAll(text, only && { only });
		return best && { language: best.lang, sure: true };
	};
}
