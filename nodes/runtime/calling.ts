import { setTimeout as pause } from 'node:timers/promises';
import type {
	IAllExecuteFunctions,
	ICredentialDataDecryptedObject,
	IDataObject,
	IHttpRequestMethods,
	IHttpRequestOptions,
} from 'n8n-workflow';
import type { Channel, ChannelSettings } from '../channels/channel';
import { ChannelError } from '../channels/errors';
import type { Call, ChannelTools, HttpAnswer, HttpCall } from '../channels/http';
import { patient } from '../channels/patience';

/** Milliseconds that a provider has to answer. */
const TIMEOUT = 15_000;

/** What makes calls in n8n: every kind of context has it. */
export type CallingContext = Pick<IAllExecuteFunctions, 'helpers' | 'getNode'>;

/** What a channel calls its provider with, in a node whose credential for it is chosen. */
export function channelTools(
	context: CallingContext,
	channel: Channel,
	settings: ChannelSettings,
	now: number,
): ChannelTools {
	const once = callOnce(context, channel, settings);
	const call = patient(once, {
		pause: async (milliseconds) => await pause(milliseconds),
		...(channel.retryAfter ? { retryAfter: channel.retryAfter } : {}),
	});
	return { call, settings, now };
}

/**
 * Through n8n: its proxies, its limits on addresses, and its credential, which adds who calls. The
 * credential is handed over as it was read: n8n itself would read it again for the first item, and a
 * field that is an expression may be another one there.
 */
function callOnce(
	context: CallingContext,
	{ displayName, credentialType }: Channel,
	settings: ChannelSettings,
): Call {
	return async (call) => {
		const options = optionsOf(call);
		try {
			const answer = (
				call.anonymous || !credentialType
					? await context.helpers.httpRequest(options)
					: await context.helpers.httpRequestWithAuthentication.call(
							context as IAllExecuteFunctions,
							credentialType,
							options,
							{
								credentialsDecrypted: {
									id: '',
									name: '',
									type: credentialType,
									data: { ...settings } as ICredentialDataDecryptedObject,
								},
							},
						)
			) as { statusCode: number; headers: IDataObject; body: unknown };
			return answerOf(answer);
		} catch (error) {
			throw noAnswer(displayName, error);
		}
	};
}

function optionsOf(call: HttpCall): IHttpRequestOptions {
	const headers = { ...call.headers };
	let body: IHttpRequestOptions['body'];
	if (call.bytes) {
		headers['Content-Type'] = call.bytes.contentType;
		body = call.bytes.body;
	} else if (call.form) {
		const form = new URLSearchParams();
		for (const [name, value] of Object.entries(call.form)) {
			for (const one of Array.isArray(value) ? value : [value]) form.append(name, one);
		}
		headers['Content-Type'] = 'application/x-www-form-urlencoded; charset=utf-8';
		body = form.toString();
	} else if (call.json !== undefined) {
		// As text, so that the bytes are the same whatever stands between.
		headers['Content-Type'] = 'application/json; charset=utf-8';
		body = JSON.stringify(call.json);
	}
	return {
		method: call.method as IHttpRequestMethods,
		url: call.url,
		...(call.query ? { qs: call.query } : {}),
		headers,
		...(body === undefined ? {} : { body }),
		timeout: call.timeout ?? TIMEOUT,
		returnFullResponse: true,
		ignoreHttpStatusErrors: true,
	};
}

function answerOf(answer: { statusCode: number; headers: IDataObject; body: unknown }): HttpAnswer {
	const headers = Object.entries(answer.headers ?? {}).map(
		([name, value]) => [name.toLowerCase(), String(value)] as const,
	);
	return {
		status: answer.statusCode,
		headers: Object.fromEntries(headers),
		body: parsed(answer.body),
	};
}

/** Some providers send JSON and call it text. */
function parsed(body: unknown): unknown {
	if (typeof body !== 'string' || !/^\s*[[{]/.test(body)) return body;
	try {
		return JSON.parse(body) as unknown;
	} catch {
		return body;
	}
}

/** The call never left this machine: nothing can have been done by it. */
const NOT_REACHED = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'CERT_HAS_EXPIRED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/**
 * The words of the failure itself are left out: they hold the address, and that may hold a token. Its
 * code stands in the hint, since n8n replaces messages in which it finds one.
 */
function noAnswer(name: string, error: unknown): ChannelError {
	const codes = codesIn(error);
	const code = codes[0];
	if (code === undefined) {
		const isPolicy = /ssrf|not allowed|blocked/i.test(error instanceof Error ? error.message : '');
		return new ChannelError(
			'rejected',
			isPolicy
				? `n8n does not allow calls to the address of ${name}`
				: `The call to ${name} could not be made`,
			isPolicy
				? "Check 'Base URL' in the credential, or allow the address in n8n's settings for outgoing requests"
				: "Choose the credential of this channel in the node, and check its 'Base URL'",
		);
	}
	if (NOT_REACHED.has(code)) {
		return new ChannelError(
			'unavailable',
			`${name} cannot be reached from here`,
			`Check 'Base URL' in the credential, and that this machine reaches it; then try again (${code})`,
			{ providerCode: code },
		);
	}
	return new ChannelError(
		'unclear',
		`${name} did not answer, so it is not known whether this was done`,
		`Look on the other side before you do it again (${code})`,
		{ providerCode: code },
	);
}

/** n8n wraps what went wrong; the code of the network stands somewhere inside. */
export function codesIn(error: unknown, depth = 0): string[] {
	if (typeof error !== 'object' || error === null || depth > 5) return [];
	const { code, cause } = error as { code?: unknown; cause?: unknown };
	const own = typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code) ? [code] : [];
	const aggregated = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
	return [
		...codesIn(cause, depth + 1),
		...aggregated.flatMap((each) => codesIn(each, depth + 1)),
		...own,
	];
}
