/**
 * Reading of values that anybody may have sent: each function takes whatever is there and gives the
 * kind of value it names, or undefined. None throws.
 */

export type Fields = Record<string, unknown>;

/** An object, but neither a list nor null. */
export function fieldsOf(value: unknown): Fields | undefined {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? (value as Fields)
		: undefined;
}

export function listOf(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}

/** A text with something in it, without the space around it. */
export function textOf(value: unknown): string | undefined {
	if (typeof value !== 'string') return undefined;
	const text = value.trim();
	// NUL characters cannot be stored: of nothing else nothing would be left.
	return /[^\0]/.test(text) ? text : undefined;
}

/** An address that somebody will click or a flow will fetch: of the web, or none. */
export function webAddress(value: unknown): string | undefined {
	const address = textOf(value);
	return address !== undefined && /^https?:\/\//i.test(address) ? address : undefined;
}

/** Meta's ids have under a hundred characters; an index of a database cannot hold any length. */
const LONGEST_ID = 512;

/** An id as a text; a number is taken only where it is exact. */
export function idOf(value: unknown): string | undefined {
	const id = Number.isSafeInteger(value) ? String(value) : textOf(value);
	// NUL cannot be stored: left out, two IDs might become one.
	return id !== undefined && id.length <= LONGEST_ID && !id.includes('\0') ? id : undefined;
}

/**
 * Meta gives times as a text of seconds; milliseconds are understood too, since other Meta webhooks
 * use them. Anything else is taken as sent when it came in.
 */
export function millisecondsOf(value: unknown, now: number): number {
	const text = typeof value === 'number' ? String(value) : value;
	if (typeof text !== 'string' || !/^\d{1,13}$/.test(text)) return now;
	const time = Number(text);
	// 100,000,000,000 seconds are the year 5138, as many milliseconds are 1973.
	return time >= 100_000_000_000 ? time : time * 1000;
}

/** A word of the provider (a type, a field's name) made fit for a log line. */
export function wordOf(value: unknown): string {
	const word = typeof value === 'string' ? value.replace(/[^\w.-]/g, '').slice(0, 40) : '';
	return word === '' ? 'unnamed' : word;
}

/** The same object without the keys whose value is undefined. */
export function present<T extends object>(fields: T): T {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** Whether objects and lists are nested over so many levels: such a value cannot be written down as JSON. */
export function isDeeperThan(value: unknown, levels: number): boolean {
	if (typeof value !== 'object' || value === null) return false;
	return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
}
