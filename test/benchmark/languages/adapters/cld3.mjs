import { createRequire } from 'node:module';

/** Google's compact language detector 3; cannot be told which languages to expect. */
export async function load() {
	// In the bundle, a CommonJS module, its WebAssembly does not start: it stays outside.
	const { loadModule } = createRequire(__filename)('cld3-asm');
	const identifier = (await loadModule()).create(0, 1000);
	return (text) => {
		const { language, is_reliable: sure } = identifier.findLanguage(text);
		return language === 'und' ? null : { language, sure };
	};
}
