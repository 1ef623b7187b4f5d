import { detectLanguage } from '../../../../nodes/enrichment/language';

/** What Enrich Contact uses; 0.5 is its "Least Confidence" unless an operator says otherwise. */
export async function load() {
	return (text) => {
		const detected = detectLanguage(text);
		return detected && { language: detected.language, sure: detected.confidence >= 0.5 };
	};
}
