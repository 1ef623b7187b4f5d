import { createRequire } from 'node:module';

const CODES =
	'ar be bg cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nl pl pt ro ru sk sr sv sw th tl tr uk ur vi zh';
const names = new Intl.DisplayNames('en', { type: 'language' });
const known = new Map(CODES.split(' ').map((code) => [names.of(code), code]));

/** Lingua (Rust) as WebAssembly; answers with probabilities and with English names of languages. */
export async function load(only) {
	// It reads its 74 MB from beside its own files, so it stays outside of the bundle.
	const { LanguageDetectorBuilder } = createRequire(__filename)('@bluzzi/lingua');
	const detector = LanguageDetectorBuilder.fromAllLanguages().build();
	return (text) => {
		const best = detector
			.computeLanguageConfidenceValues(text)
			.find(({ language }) => !only || only.includes(known.get(language)));
		if (!best?.confidence) return null;
		return { language: known.get(best.language) ?? best.language, sure: best.confidence >= 0.5 };
	};
}
