/** Keys whose values prove who somebody is, or open a file to whoever holds the address. */
const SECRET = /token|secret|password|api_?key/i;

/** Deeper than any platform nests; what somebody nests without end cannot be written down later. */
const DEEPEST = 40;

/** A copy without secrets and without the keys in `files`, which can be written down in any case. */
export function withoutSecrets<T>(value: T, files: ReadonlySet<string> = new Set()): T {
	const copy = (node: unknown, depth: number): unknown => {
		if (typeof node !== 'object' || node === null) return node;
		if (depth > DEEPEST) return '…';
		if (Array.isArray(node)) return node.map((inner) => copy(inner, depth + 1));
		return Object.fromEntries(
			Object.entries(node)
				.filter(([key]) => !SECRET.test(key) && !files.has(key))
				.map(([key, inner]) => [key, copy(inner, depth + 1)]),
		);
	};
	return copy(value, 0) as T;
}
