import { ChannelError, type ChannelFailure } from '../errors';
import { fieldsOf, listOf, textOf, type Fields } from '../fields';
import { baseUrlOf, type ChannelTools, type HttpAnswer } from '../http';
import type { RetryAfter } from '../sending';

const MESSAGING_API = 'https://api.line.me';

/** Where LINE gives the files of customers (Messaging API reference, "Get content"). */
export const FILES_URL = 'https://api-data.line.me';

/** The credential's Base URL, or LINE's own address; without a slash at its end. */
export const messagingUrlOf = (settings: Fields) => baseUrlOf(settings.baseUrl, MESSAGING_API);

export const addressOf = ({ settings }: ChannelTools, path: string) =>
	`${messagingUrlOf(settings)}${path}`;

/** The sentence of an error (Messaging API, "Error responses"); LINE has no codes beside the status. */
export function sentenceOf({ body }: HttpAnswer): string {
	return textOf(fieldsOf(body)?.message) ?? '';
}

const isMonthlyLimit = (answer: HttpAnswer) => /monthly limit/i.test(sentenceOf(answer));

/** Waiting does not help when the messages of the month are used up. */
export const retryAfter: RetryAfter = (answer) =>
	answer.status === 429 && isMonthlyLimit(answer) ? Number.POSITIVE_INFINITY : undefined;

/**
 * What an answer that is no success means.
 *
 * @param act what was being done, as part of a sentence: "send the message"
 * @param unclear with a fault of LINE it is not known whether that was done
 */
export function failureOf(answer: HttpAnswer, act: string, unclear: boolean): ChannelError {
	const { status } = answer;
	const fail = (failure: ChannelFailure, message: string, hint: string) =>
		new ChannelError(failure, message, hint, { providerCode: String(status) });

	if (status === 401) {
		return fail(
			'unauthorized',
			'LINE does not accept the channel access token',
			'Issue a channel access token in the LINE Developers console, under Messaging API, and enter it in the credential.',
		);
	}
	if (status === 403) {
		return fail(
			'unauthorized',
			`LINE does not allow this account to ${act}`,
			'Check the plan of the LINE Official Account, and that the token belongs to a Messaging API channel.',
		);
	}
	if (status === 429) {
		return isMonthlyLimit(answer)
			? fail(
					'rateLimited',
					'The messages of this month are used up at LINE',
					'Raise the message limit or the plan in LINE Official Account Manager. Answers within a minute of what the contact wrote cost nothing and still go out.',
				)
			: fail('rateLimited', 'LINE takes no more calls at the moment', 'Try again in a minute.');
	}
	if (status >= 500) {
		return unclear
			? fail(
					'unclear',
					'LINE had a fault, and it is not known whether the message went out',
					'Look into the chat before you send it again.',
				)
			: fail('unavailable', 'LINE has a fault', 'Try again later.');
	}
	if (status === 404) {
		return fail(
			'notFound',
			`LINE could not ${act}: not found`,
			'Check Base URL in the credential.',
		);
	}
	return fail(
		'rejected',
		`LINE refused to ${act}: ${reasonsOf(answer)}`,
		'Correct what LINE names, and try again.',
	);
}

/** LINE's own words, with the fields they are about; it does not repeat what was sent. */
function reasonsOf(answer: HttpAnswer): string {
	const details = listOf(fieldsOf(answer.body)?.details).flatMap((one) => {
		const { property, message } = fieldsOf(one) ?? {};
		const words = [textOf(property), textOf(message)].filter((word) => word !== undefined);
		return words.length > 0 ? [words.join(': ')] : [];
	});
	const sentence = sentenceOf(answer).replace(/\.$/, '');
	const reasons = [sentence === '' ? `status ${answer.status}` : sentence, ...details];
	return reasons.join('; ').slice(0, 500);
}
