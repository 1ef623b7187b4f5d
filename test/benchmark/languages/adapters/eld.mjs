import { eld } from 'variant';

/** Scores by the bytes of words; `isReliable` is its own threshold. */
export async function load(only) {
	eld.enableTextCleanup(true);
	if (only) eld.setLanguageSubset(only);
	return (text) => {
		const result = eld.detect(text);
		return result.language && { language: result.language, sure: result.isReliable() };
	};
}
