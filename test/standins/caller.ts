import axios from 'axios';
import { ChannelError } from '../../nodes/channels/errors';
import type { Call, HttpCall } from '../../nodes/channels/http';
import { patient } from '../../nodes/channels/patience';
import type { RetryAfter } from '../../nodes/channels/sending';

/** What the credential adds to a call in production. */
export type Authenticate = (call: HttpCall) => HttpCall;

/** Calls a stand-in as the pack calls a provider, without n8n between. Pauses take no time. */
export function caller(authenticate: Authenticate, retryAfter?: RetryAfter): Call {
	const once: Call = async (plain) => {
		const call = plain.anonymous ? plain : authenticate(plain);
		try {
			const { status, headers, data } = await axios.request<unknown>({
				method: call.method,
				url: call.url,
				params: call.query,
				headers: {
					...(call.bytes ? { 'content-type': call.bytes.contentType } : {}),
					...call.headers,
				},
				data: call.bytes?.body ?? (call.form ? formOf(call.form) : call.json),
				timeout: call.timeout ?? 5_000,
				validateStatus: () => true,
				proxy: false,
			});
			return {
				status,
				headers: Object.fromEntries(
					Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
				),
				body: data,
			};
		} catch (error) {
			throw noAnswer(error);
		}
	};
	return patient(once, { pause: async () => {}, ...(retryAfter ? { retryAfter } : {}) });
}

function noAnswer(error: unknown): ChannelError {
	const { code } = error as { code?: string };
	return code === 'ECONNREFUSED'
		? new ChannelError('unavailable', 'Nobody answers there', 'Try again later')
		: new ChannelError('unclear', 'No answer came', 'Look whether it was done');
}

function formOf(form: NonNullable<HttpCall['form']>): URLSearchParams {
	const fields = new URLSearchParams();
	for (const [name, value] of Object.entries(form)) {
		for (const one of Array.isArray(value) ? value : [value]) fields.append(name, one);
	}
	return fields;
}
