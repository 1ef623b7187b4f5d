/**
 * What a look-up asks another system, from what the operator wrote and what is known of the contact.
 * Values of the contact only ever fill a place: none can change the host, the path's shape, the names
 * of a query, or the structure of a body.
 */

/** What placeholders stand for. Null: not known of this contact. */
export interface LookupFacts {
	phone: string | null;
	email: string | null;
	name: string | null;
	language: string | null;
	country: string | null;
	contactKey: string;
	channel: string;
	message: string | null;
	fields: Record<string, unknown>;
}

export interface LookupTemplate {
	method: 'GET' | 'POST';
	url: string;
	headers: Array<{ name: string; value: string }>;
	/** JSON; empty for none. */
	body: string;
}

export interface LookupRequest {
	method: 'GET' | 'POST';
	url: string;
	headers: Record<string, string>;
	/** JSON, or null for none. */
	body: string | null;
}

/**
 * - `request`: what to ask
 * - `missing`: something is not known of the contact, so there is nothing to ask
 * - `problem`: what the operator has to correct
 */
export type BuiltLookup = { request: LookupRequest } | { missing: string } | { problem: string };

const NAMES = ['phone', 'email', 'name', 'language', 'country', 'contactKey', 'channel'] as const;

const KNOWN = `${NAMES.map((name) => `{${name}}`).join(' ')} {field:name}`;

/** Anything in braces; what is no placeholder is told to the operator, rather than sent as it is. */
const PLACEHOLDER = /\{([^{}]*)\}/g;

/** In JSON braces are everywhere: only what can be a placeholder is one. */
const PLACEHOLDER_IN_TEXT =
	/\{((?:phone|email|name|language|country|contactKey|channel|message)|field:[^{}]+)\}/g;

/** Headers that say who calls, or that the connection itself makes. */
const RESERVED_HEADER =
	/^(authorization|cookie|proxy-.*|host|connection|content-length|content-type|transfer-encoding|accept-encoding|upgrade|te|trailer)$/i;

const HEADER_NAME = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;

/** Characters of one value; what is longer is no key that a customer is found by. */
const LONGEST_VALUE = 2_000;
const LONGEST_URL = 8_000;

/** Ends the building of a request, with what is said instead of it. */
class NoRequest extends Error {
	constructor(
		readonly why: 'missing' | 'problem',
		message: string,
	) {
		super(message);
	}
}

const missing = (message: string) => new NoRequest('missing', message);
const problem = (message: string) => new NoRequest('problem', message);

/** The request of one contact. Throws nothing. */
export function buildLookup(template: LookupTemplate, facts: LookupFacts): BuiltLookup {
	try {
		const url = filledUrl(template.url.trim(), facts);
		const headers = headersOf(template.headers);
		const body = template.method === 'POST' ? filledBody(template.body, facts) : null;
		if (body !== null) headers['Content-Type'] = 'application/json; charset=utf-8';
		return { request: { method: template.method, url, headers, body } };
	} catch (error) {
		if (!(error instanceof NoRequest)) throw error as Error;
		const { why, message } = error;
		return why === 'missing' ? { missing: message } : { problem: message };
	}
}

function filledUrl(template: string, facts: LookupFacts): string {
	if (template === '') throw problem("'URL' of the look-up is empty");
	const pattern = parsedUrl(template.replace(PLACEHOLDER, 'x'));
	const filled = template.replace(PLACEHOLDER, (whole, name: string) => {
		if (name === 'message') {
			throw problem("{message} can only stand in the JSON body, not in 'URL'");
		}
		if (!(NAMES as readonly string[]).includes(name) && !name.startsWith('field:')) {
			throw problem(`'URL' holds ${whole}, which is no placeholder. There are: ${KNOWN}`);
		}
		return encodeURIComponent(wellFormed(valueOf(name, facts)));
	});
	const url = parsedUrl(filled);
	// "." and ".." are not changed by percent-encoding, and would lead to another place.
	const isSamePlace =
		url.origin === pattern.origin && slashes(url.pathname) === slashes(pattern.pathname);
	if (!isSamePlace || url.href.length > LONGEST_URL) {
		throw missing('A value of the contact cannot stand in an address');
	}
	return url.href;
}

function parsedUrl(text: string): URL {
	let url: URL;
	try {
		url = new URL(text);
	} catch {
		throw problem("'URL' of the look-up is no address. Enter one that begins with https://");
	}
	if (url.protocol !== 'https:' && url.protocol !== 'http:') {
		throw problem("'URL' of the look-up must begin with https:// or http://");
	}
	if (url.username !== '' || url.password !== '') {
		throw problem("'URL' holds a user or a password. Put them into the credential");
	}
	return url;
}

const slashes = (path: string) => path.split('/').length;

function headersOf(rows: LookupTemplate['headers']): Record<string, string> {
	const headers: Record<string, string> = { Accept: 'application/json' };
	for (const { name, value } of rows) {
		const title = name.trim();
		if (title === '') continue;
		if (!HEADER_NAME.test(title) || /[^\t\x20-\x7E\x80-\xFF]/.test(value)) {
			throw problem('A header of the look-up has signs that no header may have');
		}
		if (RESERVED_HEADER.test(title)) {
			throw problem(
				`The header '${title}' cannot be set here. What proves who calls belongs into the credential`,
			);
		}
		headers[title] = value.trim();
	}
	return headers;
}

/** The template is read as JSON first, and only its texts are filled: no value can add to its structure. */
function filledBody(template: string, facts: LookupFacts): string | null {
	if (template.trim() === '') return null;
	let parsed: unknown;
	try {
		parsed = JSON.parse(template);
	} catch {
		throw problem(
			'The JSON body of the look-up is not valid. Placeholders stand between quotation marks: {"phone": "{phone}"}',
		);
	}
	return JSON.stringify(parsed, (_key, value: unknown) =>
		typeof value === 'string'
			? value.replace(PLACEHOLDER_IN_TEXT, (_whole, name: string) => valueOf(name, facts))
			: value,
	);
}

function valueOf(name: string, facts: LookupFacts): string {
	if (name === 'message') {
		if (facts.message === null || facts.message === '') throw missing('The message has no text');
		return facts.message;
	}
	const field = name.startsWith('field:') ? name.slice('field:'.length).trim() : null;
	const value = field === null ? facts[name as (typeof NAMES)[number]] : fieldOf(field, facts);
	const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
	if (typeof text !== 'string' || text.trim() === '') {
		throw missing(
			field === null ? `The contact has no ${name}` : `The contact has no field '${field}'`,
		);
	}
	if (text.length > LONGEST_VALUE) {
		throw missing('A value of the contact is too long to look for');
	}
	return text.trim();
}

const fieldOf = (name: string, { fields }: LookupFacts) =>
	Object.hasOwn(fields, name) ? fields[name] : undefined;

/** Half a surrogate pair has no bytes; `encodeURIComponent` would throw. */
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\uFFFD');
