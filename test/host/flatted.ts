/**
 * Decodes the format in which n8n returns an execution's data: an array of values where every
 * string inside an object or array is the index of another value, so that nothing is repeated.
 */
export function decodeFlatted(text: string): unknown {
	const values = JSON.parse(text) as unknown[];
	const decoded = new Map<number, unknown>();

	const at = (index: number): unknown => {
		if (decoded.has(index)) return decoded.get(index);
		const value = values[index];
		if (value === null || typeof value !== 'object') return value;
		// Known before its children are, since they may point back at it.
		const target: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
		decoded.set(index, target);
		for (const [key, child] of Object.entries(value)) {
			Object.assign(target, { [key]: typeof child === 'string' ? at(Number(child)) : child });
		}
		return target;
	};
	return at(0);
}
