import { ChannelError } from '../errors';
import { fieldsOf } from '../fields';
import type { HttpAnswer } from '../http';

/**
 * What the gateway says went wrong, in one line that an operator may see: without the message that
 * was sent, which errors of a database quote.
 */
export function wordsOf(answer: HttpAnswer): string {
	const sentence = sentencesIn(answer.body).find(
		(text) => !/invocation|prisma/i.test(text) && text.trim() !== '',
	);
	const line = sentence?.split(/[\r\n]/)[0]?.trim() ?? '';
	return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

/** All texts of an answer, the most telling first; validators nest them in lists. */
export function sentencesIn(body: unknown, depth = 0): string[] {
	if (typeof body === 'string') return [body];
	if (depth > 6) return [];
	if (Array.isArray(body)) return body.flatMap((one: unknown) => sentencesIn(one, depth + 1));
	const fields = fieldsOf(body);
	if (!fields) return [];
	const { response, message, error, exception } = fields;
	return [response, message, exception, error].flatMap((one) => sentencesIn(one, depth + 1));
}

/** The gateway did not say what became of the message. */
export function unclear(gateway: string, answer: HttpAnswer): ChannelError {
	return new ChannelError(
		'unclear',
		`${gateway} answered with status ${answer.status} and did not say whether the message was sent`,
		'Look in the chat whether the message is there before you send it again.',
		{ providerCode: String(answer.status) },
	);
}

/** Errors that mean the same in both gateways. */
export function commonError(gateway: string, answer: HttpAnswer): ChannelError | undefined {
	const providerCode = String(answer.status);
	switch (answer.status) {
		case 401:
			return new ChannelError(
				'unauthorized',
				`${gateway} does not accept the API key`,
				'Check Base URL and API Key in the credential.',
				{ providerCode },
			);
		case 403:
			return new ChannelError(
				'unauthorized',
				`The API key is not allowed to do this at ${gateway}`,
				'Take a key that may send messages of this account.',
				{ providerCode },
			);
		case 413:
			return new ChannelError(
				'rejected',
				`${gateway}, or a proxy before it, does not take a body of this size`,
				'Send the file by its address, or raise the limit of the proxy.',
				{ providerCode },
			);
		case 429:
			return new ChannelError(
				'rateLimited',
				`${gateway}, or a proxy before it, is asked too often`,
				'Send fewer messages at once. WhatsApp blocks numbers that send many.',
				{ providerCode },
			);
		default:
			return undefined;
	}
}
