import { randomUUID } from 'node:crypto';

/**
 * How a channel calls its provider. Channels describe calls as values and are handed the function
 * that makes them: production calls through n8n (its proxies, its credential), tests through
 * whatever they like.
 */

export interface HttpCall {
	method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	/** Absolute, and without a secret: the credential adds what proves who calls. */
	url: string;
	query?: Record<string, string>;
	headers?: Record<string, string>;
	/** Sent as JSON in UTF-8. One of `json`, `form` and `bytes`, or none. */
	json?: unknown;
	/** Sent as `application/x-www-form-urlencoded`; a list repeats its key. */
	form?: Record<string, string | string[]>;
	bytes?: { body: Buffer; contentType: string };
	/** The credential stays out of it: for an address that is not the provider's own. */
	anonymous?: true;
	/** Milliseconds; 15,000 unless said otherwise. */
	timeout?: number;
	/**
	 * Making it twice does no more than making it once, so it is tried again where it is unclear
	 * whether it arrived. So are GET, HEAD, PUT and DELETE without this.
	 */
	repeatable?: boolean;
}

export interface HttpAnswer {
	status: number;
	/** Names in lower case. */
	headers: Record<string, string>;
	/** Parsed where it is JSON, else the text. */
	body: unknown;
}

/**
 * Makes a call and gives whatever was answered, errors of the provider included. Waits and repeats
 * where the provider asks for patience.
 *
 * @throws ChannelError `unavailable` when the provider cannot be reached, `unclear` when it is not
 * known whether the call arrived
 */
export type Call = (call: HttpCall) => Promise<HttpAnswer>;

/** What a channel works with when it calls its provider. */
export interface ChannelTools {
	call: Call;
	/** The credential, decrypted. What of it goes into a request is mostly added by the credential itself. */
	settings: Record<string, unknown>;
	/** Milliseconds since 1970, from the caller's clock. */
	now: number;
}

export const isOk = ({ status }: HttpAnswer) => status >= 200 && status < 300;

/** The base address of a setting without the slash at its end, or the provider's own. */
export function baseUrlOf(setting: unknown, otherwise: string): string {
	const url = typeof setting === 'string' ? setting.trim().replace(/\/+$/, '') : '';
	return url === '' ? otherwise : url;
}

/**
 * The same as {@link baseUrlOf} for the test of a credential, which n8n reads as an expression.
 *
 * @param otherwise the provider's own address, where it has one
 */
export function baseUrlExpression(otherwise?: string): string {
	const field = '$credentials.baseUrl';
	const url = otherwise === undefined ? field : `(${field} || "${otherwise}")`;
	return `={{${url}.trim().replace(/\\/+$/, "")}}`;
}

/** A part of a form with files: a text, or a file. */
export type FormPart = string | { name: string; mimeType: string; bytes: Buffer };

/**
 * The bytes of a `multipart/form-data` body (RFC 7578). Written here because `FormData` of the platform
 * changes line breaks in texts, as its specification asks, and a caption must arrive as it was written.
 */
export function multipart(parts: Array<[name: string, part: FormPart]>): {
	body: Buffer;
	contentType: string;
} {
	const boundary = `----conversation-${randomUUID()}`;
	const pieces = parts.flatMap(([name, part]): Array<string | Buffer> => {
		const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`;
		if (typeof part === 'string') return [`${head}\r\n\r\n${part}\r\n`];
		const file = `; filename="${quoted(part.name)}"\r\nContent-Type: ${singleLine(part.mimeType)}`;
		return [`${head}${file}\r\n\r\n`, part.bytes, '\r\n'];
	});
	const bytes = [...pieces, `--${boundary}--\r\n`].map((piece) =>
		typeof piece === 'string' ? Buffer.from(piece, 'utf8') : piece,
	);
	return { body: Buffer.concat(bytes), contentType: `multipart/form-data; boundary=${boundary}` };
}

/** As browsers write it: what would end the text early is written in percent (HTML, "multipart/form-data"). */
const quoted = (text: string) => text.replace(/[\r\n"]/g, (sign) => encodeURIComponent(sign));

const singleLine = (text: string) => text.replace(/[\r\n]+/g, ' ');
