/**
 * Reads a JSON column. Only this store writes these, so text that cannot be read means a damaged
 * file and is thrown, not hidden.
 */
export function parseJson<T>(text: string | null | undefined, otherwise: T): T {
	return text === null || text === undefined || text === '' ? otherwise : (JSON.parse(text) as T);
}
