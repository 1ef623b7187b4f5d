/**
 * Reads what an operator typed as a list: separated by commas (Latin, Arabic, full-width),
 * semicolons or new lines. Empty parts fall away.
 */
export function keywordList(text: unknown): string[] {
	if (Array.isArray(text)) return text.flatMap(keywordList);
	if (typeof text !== 'string') return [];
	return text
		.split(/[,،，、;؛；\n]/u)
		.map((part) => part.trim())
		.filter((part) => part !== '');
}
