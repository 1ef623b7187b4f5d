import { fieldsOf, type Fields } from './fields';

/** The object that a body holds as JSON in UTF-8, or undefined where it holds none. */
export function exactObject(bytes: Buffer): Fields | undefined {
	try {
		return fieldsOf(parseExactJson(bytes));
	} catch {
		return undefined;
	}
}

/**
 * Like `JSON.parse`, but whole numbers beyond 2^53 become texts of their exact digits: rounded, the
 * ids of two contacts may be the same number. The digits are at hand where the engine has "JSON.parse
 * source text access" (Node 21 and later); elsewhere such a number stays rounded, and is refused
 * where it is an id.
 *
 * @throws SyntaxError if it is no JSON, TypeError if it is not UTF-8
 */
export function parseExactJson(bytes: Buffer): unknown {
	// Fatal, since a body in another encoding would lose every letter beyond ASCII unnoticed. The
	// decoder takes away the byte order mark that some programs on Windows write.
	const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	// A reviver visits every value, so it is only for bodies that may hold such a number.
	return /\d{16}/.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
	const isRounded = typeof value === 'number' && !Number.isSafeInteger(value);
	return isRounded && /^-?\d+$/.test(context?.source ?? '') ? context?.source : value;
}
