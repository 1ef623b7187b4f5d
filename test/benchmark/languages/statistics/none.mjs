/** The pack's letters and words alone. */
export function detectAll() {
	return [];
}
