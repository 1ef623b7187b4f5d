import type { OptOutReason } from '../channel';
import { ChannelError, type ChannelFailure } from '../errors';
import { fieldsOf, present, textOf, type Fields } from '../fields';
import { baseUrlOf, isOk, type ChannelTools, type HttpAnswer } from '../http';

const VIBER_API = 'https://chatapi.viber.com';

/** The credential's Base URL, or Viber's own address; without a slash at its end. */
export const viberUrlOf = (settings: Fields) => baseUrlOf(settings.baseUrl, VIBER_API);

export interface ViberCall {
	/** `send_message`, `set_webhook`, … */
	method: string;
	json: unknown;
	repeatable: boolean;
	/** What is done, as part of a sentence: "send the message". */
	act: string;
}

/**
 * Calls the API and gives the body of a success. Viber answers with 200 whatever happens and says in
 * `status` what that was (Viber REST API, "Error codes").
 *
 * @throws ChannelError
 */
export async function callViber(
	{ method, json, repeatable, act }: ViberCall,
	tools: ChannelTools,
): Promise<Fields> {
	const url = `${viberUrlOf(tools.settings)}/pa/${method}`;
	const answer = await tools.call({ method: 'POST', url, json, repeatable });
	if (!isOk(answer)) throw httpFailure(answer, act, repeatable);
	const body = fieldsOf(answer.body);
	if (body?.status === 0) return body;
	if (typeof body?.status !== 'number') {
		throw new ChannelError(
			repeatable ? 'unavailable' : 'unclear',
			`Viber answered something that is no answer of its API when it was asked to ${act}`,
			'Check Base URL in the credential, and whether a proxy stands between.',
		);
	}
	throw failureOf(body.status, wordsOfViber(body.status_message), act);
}

/**
 * The ID of a message that was sent. Its token is beyond 2^53 and comes in the answer as a JSON
 * number, which is rounded before it gets here, while its statuses bring the exact digits. Both are
 * brought to the rounded form, so that they meet. Tokens count the time, and two messages of one bot
 * are practically never so close that they share one.
 */
export function outboundId(token: unknown): string | undefined {
	if (typeof token === 'number') return Number.isFinite(token) ? String(token) : undefined;
	return typeof token === 'string' && /^\d{1,20}$/.test(token) ? String(Number(token)) : undefined;
}

/**
 * Words of Viber for a log or an operator: short, and without what may be a customer's, which is
 * anything quoted, beyond ASCII, an address, or a long number.
 */
export function wordsOfViber(value: unknown): string | undefined {
	return textOf(value)
		?.replace(/[^\x20-\x7e]+/g, '…')
		.replace(/\bhttps?:\/\/\S+/gi, '…')
		.replace(/"[^"]*"/g, '"…"')
		.replace(/\+?\d{6,}/g, '…')
		.replace(/\.$/, '')
		.slice(0, 200);
}

function httpFailure({ status }: HttpAnswer, act: string, repeatable: boolean): ChannelError {
	const fail = (failure: ChannelFailure, message: string, hint: string) =>
		new ChannelError(failure, message, hint, { providerCode: `HTTP ${status}` });
	if (status === 401 || status === 403) {
		return fail('unauthorized', 'Viber does not let this token in', CHECK_TOKEN);
	}
	if (status === 429) return fail('rateLimited', 'Viber takes no more calls now', LATER);
	if (status < 500) {
		return fail(
			'rejected',
			`Viber refused to ${act} with the status ${status}`,
			'Check Base URL in the credential.',
		);
	}
	return repeatable
		? fail('unavailable', 'Viber has a fault', LATER)
		: fail(
				'unclear',
				'Viber had a fault, and it is not known whether the message went out',
				'Look into the chat before you send it again.',
			);
}

const LATER = 'Try again later.';
const CHECK_TOKEN =
	'Copy the token of the bot from the Viber Admin Panel into Auth Token of the credential.';
const ASK_VIBER = 'Look at the state of the bot in the Viber Admin Panel, or ask Viber.';
const CHECK_MESSAGE = 'Correct the message; a file must be at a public address.';

interface Meaning {
	failure: ChannelFailure;
	message: string;
	hint: string;
	optOut?: OptOutReason;
}

/** Viber REST API, "Error codes". */
const MEANINGS: Record<number, Meaning> = {
	1: {
		failure: 'rejected',
		message: 'Viber could not reach the address',
		hint: 'It must be a public https address whose certificate comes from a well-known authority, and answer Viber with 200.',
	},
	2: { failure: 'unauthorized', message: 'Viber does not know this token', hint: CHECK_TOKEN },
	3: { failure: 'rejected', message: 'Viber finds the data wrong', hint: CHECK_MESSAGE },
	4: { failure: 'rejected', message: 'Viber misses a part of the data', hint: CHECK_MESSAGE },
	5: {
		failure: 'notFound',
		message: 'The contact is not on Viber any more',
		hint: 'Reach the contact in another way.',
	},
	6: {
		failure: 'optedOut',
		message: 'The contact is not subscribed to this bot',
		hint: 'Viber delivers nothing until the contact writes to the bot or subscribes again.',
		optOut: 'unsubscribed',
	},
	7: { failure: 'unauthorized', message: 'Viber has blocked this bot', hint: ASK_VIBER },
	8: { failure: 'unauthorized', message: 'The token belongs to no bot', hint: CHECK_TOKEN },
	9: { failure: 'unauthorized', message: 'Viber has suspended this bot', hint: ASK_VIBER },
	10: {
		failure: 'rejected',
		message: 'Viber sends only for bots that have a webhook, and this one has none',
		hint: 'Publish a workflow with Conversation Opened for this bot first.',
	},
	11: {
		failure: 'rejected',
		message: "The contact's device cannot show messages of bots",
		hint: 'Reach the contact in another way.',
	},
	12: {
		failure: 'rateLimited',
		message: 'Viber takes no more messages to this contact now',
		hint: 'A bot may send 100 messages within an hour without an answer. Wait for the contact to write, or an hour.',
	},
	13: {
		failure: 'rejected',
		message: "The contact's version of Viber is too old for this message",
		hint: 'Send a plain text.',
	},
	14: { failure: 'rejected', message: 'Viber finds parts too new', hint: CHECK_MESSAGE },
	15: {
		failure: 'unauthorized',
		message: 'Viber does not allow this bot to do that',
		hint: ASK_VIBER,
	},
	21: {
		failure: 'rejected',
		message: "Viber does not support this in the contact's country",
		hint: 'Reach the contact in another way.',
	},
	23: {
		failure: 'rejected',
		message: 'The free messages of this month are used up at Viber',
		hint: 'Look at the plan of the bot in the Viber Admin Panel.',
	},
	24: {
		failure: 'rejected',
		message: 'The balance of this bot at Viber is used up',
		hint: 'Top it up in the Viber Admin Panel.',
	},
};

/** What a status means, without what was to be done. */
export const meaningOf = (status: number): string =>
	MEANINGS[status]?.message ?? `Viber answers with the status ${status}`;

function failureOf(status: number, words: string | undefined, act: string): ChannelError {
	const providerCode = String(status);
	const known = MEANINGS[status];
	const said = words === undefined ? '' : ` (${words})`;
	if (!known) {
		return new ChannelError(
			'rejected',
			`Viber refused to ${act}: status ${status}${said}`,
			'Look the status up in the documentation of Viber, under "Error codes".',
			{ providerCode },
		);
	}
	const { failure, message, hint, optOut } = known;
	return new ChannelError(failure, message + said, hint, present({ providerCode, optOut }));
}
