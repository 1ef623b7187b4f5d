import { createHash } from 'node:crypto';
import type { ChannelRequest, ChannelSettings, Verification } from '../channel';
import { textOf } from '../fields';
import {
	bytesOfBase64,
	bytesOfHex,
	headerOf,
	hmac,
	refuse,
	sameBytes,
	secretsOf,
} from '../signatures';
import { formOf, queryOf, type Form } from './form';

/**
 * Checks `X-Twilio-Signature`: the base64 of an HMAC-SHA1 under the auth token, over the address as
 * Twilio has it and the parameters of the form, sorted ("Webhooks security").
 *
 * A JSON body is not part of that; its SHA-256 stands in the address as `bodySHA256`. A "Webhooks
 * rule" of the account may sign with a key of its own and SHA-256 instead, and says so in
 * `X-Twilio-Webhooks-Signature-Settings`.
 */
export function verifyTwilioSignature(
	request: ChannelRequest,
	settings: ChannelSettings,
): Verification {
	const secrets = secretsOf(settings.authToken);
	if (secrets.length === 0) {
		return refuse('No Auth Token is set in the credential, so no message can be trusted.');
	}
	const header = headerOf(request, 'x-twilio-signature')?.trim();
	if (!header) {
		return refuse(
			'The request has no X-Twilio-Signature header: Twilio did not send it, or a proxy took it away.',
		);
	}
	const algorithm = algorithmOf(request);
	if (!algorithm) {
		return refuse('Twilio signed the request in a way that this version of the package lacks.');
	}
	const given = bytesOfBase64(header);
	// Anybody may post: what cannot be from Twilio is refused before its parameters are taken apart.
	if (given?.length !== LENGTHS[algorithm]) {
		return refuse(
			'The signature does not fit: X-Twilio-Signature has not the form of one of Twilio.',
		);
	}
	if (isTooLarge(request.rawBody)) {
		return refuse('The body is larger than any webhook of Twilio about a message.');
	}
	const parameters = signedParameters(request);
	if (parameters === undefined) {
		return refuse('The body is not the one that Twilio signed (bodySHA256): a proxy changed it.');
	}
	const isSigned = signedAddresses(request.url, textOf(settings.webhookUrl)).some((address) =>
		secrets.some((secret) => sameBytes(given, hmac(algorithm, secret, address, parameters))),
	);
	if (isSigned) return { ok: true };
	return refuse(
		`The signature does not fit. Check that Auth Token in the credential is the primary one of the account (or subaccount) that sends, and that the address in Twilio is exactly ${request.url.replace(/\?.*$/s, '')}, or enter the address that Twilio has as Webhook URL in the credential.`,
	);
}

/** Bytes of a signature. */
const LENGTHS = { sha1: 20, sha256: 32 };

/** A text has up to 1,600 characters, a message ten files; in percent that is far below. Bytes. */
const LARGEST_BODY = 64 * 1024;
const MOST_PARAMETERS = 1000;

function isTooLarge(body: Buffer): boolean {
	if (body.length > LARGEST_BODY) return true;
	const ampersand = '&'.charCodeAt(0);
	return body.reduce((count, byte) => count + Number(byte === ampersand), 1) > MOST_PARAMETERS;
}

/** `key=…,algorithm=HMAC_SHA256`; without the header it is SHA-1. */
function algorithmOf(request: ChannelRequest): 'sha1' | 'sha256' | undefined {
	const settings = headerOf(request, 'x-twilio-webhooks-signature-settings');
	if (settings === undefined) return 'sha1';
	const name = /(?:^|[,;\s])algorithm=\s*"?([\w-]+)/i.exec(settings)?.[1];
	if (name === 'HMAC_SHA256') return 'sha256';
	return name === 'HMAC_SHA1' ? 'sha1' : undefined;
}

/**
 * The signed text after the address; undefined when the body is not the signed one. Either way all
 * of the body takes part: through its parameters, or through its hash in the address.
 */
function signedParameters(request: ChannelRequest): string | undefined {
	const hash = formOf(queryOf(request.url) ?? '').get('bodySHA256')?.[0];
	if (hash === undefined) return joined(formOf(request.rawBody.toString('utf8')));
	const expected = bytesOfHex(hash);
	const actual = createHash('sha256').update(request.rawBody).digest();
	return expected && sameBytes(expected, actual) ? '' : undefined;
}

/** Keys in order, each with its value; of a repeated key each different value once, in order. */
function joined(form: Form): string {
	return [...form]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.flatMap(([key, values]) => [...new Set(values)].sort().map((value) => key + value))
		.join('');
}

/** Name and password belong to the authority; the fragment never reaches a server. */
const ADDRESS = /^(https?:\/\/)([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/is;

interface Parts {
	scheme: string;
	authority: string;
	path: string;
	query: string | undefined;
	fragment: string;
}

function partsOf(url: string): Parts | undefined {
	const found = ADDRESS.exec(url);
	if (!found) return undefined;
	const [, scheme = '', authority = '', path = '', query, fragment = ''] = found;
	return { scheme, authority, path, query, fragment };
}

/**
 * Every way in which Twilio may have written the address. Its own libraries try the port of the
 * scheme, no port, and two encodings of the query, because the signing side is not consistent.
 *
 * @param override the address that Twilio has, where it differs from what n8n shows: all of it, or
 * the part before the path
 */
function signedAddresses(url: string, override: string | undefined): string[] {
	const shown = partsOf(url);
	const written: Parts[] = shown ? [shown] : [];
	if (override !== undefined) {
		const entered = partsOf(/^https?:\/\//i.test(override) ? override : `https://${override}`);
		if (entered) {
			written.push(entered, { ...entered, query: shown?.query });
			// Only the beginning was entered: the path is the one of this webhook.
			if (/^\/?$/.test(entered.path)) {
				written.push({ ...entered, path: shown?.path ?? '', query: shown?.query });
			}
		}
	}
	return [...new Set(written.flatMap(spellings))];
}

function spellings({ scheme, authority, path, query, fragment }: Parts): string[] {
	const host = authority.replace(/:\d+$/, '');
	const port = scheme.toLowerCase() === 'https://' ? ':443' : ':80';
	const queries =
		query === undefined
			? ['']
			: [query, query.replaceAll("'", '%27'), legacyQuery(query)].map((text) => `?${text}`);
	return [authority, host, host + port].flatMap((where) =>
		queries.flatMap((text) => ['', fragment].map((end) => scheme + where + path + text + end)),
	);
}

/** The query decoded and encoded again: equal keys beside each other, a space as `%20`. */
function legacyQuery(query: string): string {
	return [...formOf(query)]
		.flatMap(([key, values]) =>
			values.map((value) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`),
		)
		.join('&');
}
