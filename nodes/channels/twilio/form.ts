import type { ChannelRequest } from '../channel';
import { headerOf } from '../signatures';
import { idOf, textOf } from '../fields';

/**
 * The parameters of a webhook, decoded. A key that came several times keeps all its values, since
 * the signature covers each of them. A map, so that no key can mean something to JavaScript.
 */
export type Form = Map<string, string[]>;

/**
 * Reads `application/x-www-form-urlencoded`. Twilio adds parameters without notice ("Messaging
 * webhooks"), so every key is kept.
 */
export function formOf(encoded: string): Form {
	const form: Form = new Map();
	for (const [key, value] of new URLSearchParams(encoded)) {
		const earlier = form.get(key);
		if (earlier) earlier.push(value);
		else form.set(key, [value]);
	}
	return form;
}

/** What a request says: in its body, or in its address where Twilio was told to use GET. */
export function parametersOf(request: ChannelRequest): Form {
	if (request.rawBody.length > 0) return formOf(request.rawBody.toString('utf8'));
	return formOf(queryOf(request.url) ?? '');
}

/** Event Streams and Conversations post JSON; Messaging posts forms. */
export function isJson(request: ChannelRequest): boolean {
	return /\bjson\b/i.test(headerOf(request, 'content-type') ?? '');
}

/** The query of an address as it is written there, without its question mark. */
export function queryOf(url: string): string | undefined {
	const start = url.indexOf('?');
	return start < 0 ? undefined : url.slice(start + 1).replace(/#.*$/s, '');
}

/** A parameter as it was sent, its spaces included. */
export const valueOf = (form: Form, key: string): string | undefined => form.get(key)?.[0];

/** A parameter with something in it, without the space around it. */
export const wordsOf = (form: Form, key: string): string | undefined => textOf(valueOf(form, key));

/** The first of these parameters that can serve as an ID. */
export function firstIdOf(form: Form, ...keys: string[]): string | undefined {
	for (const key of keys) {
		const id = idOf(valueOf(form, key));
		if (id !== undefined) return id;
	}
	return undefined;
}

/** The message's own ID. `SmsSid` and `SmsMessageSid` are older names of the same. */
export const messageSidOf = (form: Form) =>
	firstIdOf(form, 'MessageSid', 'SmsSid', 'SmsMessageSid');

/** An address of a file without the name and password that may stand before its host. */
export const withoutPassword = (url: string) => url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1');

/** The parameters as an object, for `raw`: names as Twilio writes them, no password in an address. */
export function objectOf(form: Form): Record<string, string | string[]> {
	return Object.fromEntries(
		[...form].map(([key, values]) => {
			const shown = /Url\d*$/.test(key) ? values.map(withoutPassword) : values;
			return [key, shown.length === 1 ? (shown[0] ?? '') : shown];
		}),
	);
}
