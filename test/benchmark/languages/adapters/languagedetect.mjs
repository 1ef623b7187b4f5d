import LanguageDetect from 'languagedetect';
import { sameCode } from '../codes';

/** Knows no Chinese, Japanese, Korean, Thai, Hebrew or Malay. It has no threshold. */
export async function load(only) {
	const detector = new LanguageDetect();
	detector.setLanguageType('iso3');
	return (text) => {
		const found = detector.detect(text);
		const best = found.find(([language]) => !only || only.includes(sameCode(language)));
		return best && { language: best[0], sure: true };
	};
}
