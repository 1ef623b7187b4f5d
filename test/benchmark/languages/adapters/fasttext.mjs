import { createRequire } from 'node:module';

/** Facebook's fastText with its model lid.176.ftz; answers with probabilities. */
export async function load(only) {
	// It reads its model from beside its own files, so it stays outside of the bundle.
	const { getLIDModel } = createRequire(__filename)('fasttext.wasm.js');
	const identifier = await getLIDModel();
	const model = await identifier.load();
	return (text) => {
		const found = model.predict(text.replaceAll('\n', ' '), only ? 176 : 1, 0);
		for (let i = 0; i < found.size(); i++) {
			const [probability, label] = found.get(i);
			const language = label.replace('__label__', '');
			if (!only || only.includes(language)) return { language, sure: probability >= 0.5 };
		}
		return null;
	};
}
