import { ChannelError } from '../errors';
import { fieldsOf, idOf, listOf } from '../fields';
import type { HttpAnswer } from '../http';
import { commonError, sentencesIn, unclear, wordsOf } from '../whatsappWeb/answers';

export const NAME = 'Evolution API';

/** Whether a validator says that this property is missing: the body is that of another version. */
export function lacks(answer: HttpAnswer, ...properties: string[]): boolean {
	return (
		answer.status === 400 &&
		sentencesIn(answer.body).some((text) =>
			properties.some((property) => text.includes(`requires property "${property}"`)),
		)
	);
}

/**
 * The error that an answer beyond 2xx means. Evolution answers
 * `{status, error, response: {message}}`, with a text, a list, or a list of lists as message.
 */
export function errorOf(answer: HttpAnswer): ChannelError {
	const { status } = answer;
	const words = wordsOf(answer);
	const said = words === '' ? '' : `: ${words}`;
	const texts = sentencesIn(answer.body);
	const providerCode = String(status);

	const common = commonError(NAME, answer);
	if (common) return common;

	const body = fieldsOf(answer.body);
	if (
		status === 503 &&
		(idOf(body?.code) === 'LICENSE_REQUIRED' || /LICENSE_REQUIRED/.test(texts.join()))
	) {
		return new ChannelError(
			'rejected',
			`The server of Evolution API has no licence${said}`,
			'Open the manager of Evolution API (2.4 and later) and activate the licence.',
			{ providerCode: 'LICENSE_REQUIRED' },
		);
	}
	if (status === 404) {
		return new ChannelError(
			'notFound',
			`Evolution API does not know this instance${said}`,
			'Check Instance Name and Base URL in the credential. The name is the one in the manager, in the same spelling.',
			{ providerCode },
		);
	}
	if (status === 400 && isUnknownNumber(body)) {
		return new ChannelError(
			'notFound',
			'Evolution API says that this contact is not on WhatsApp',
			'Check the number. Contacts without a phone number (LID) can only be written to by Evolution API 2.3.6 and later: update it.',
			{ providerCode },
		);
	}
	if (texts.some((text) => /connection closed|not connected|not open/i.test(text))) {
		return new ChannelError(
			'unavailable',
			`The instance is not connected to WhatsApp${said}`,
			'Open the manager of Evolution API and link the phone again.',
			{ providerCode },
		);
	}
	// Some versions send and then fail to write it down (issue 978 of evolution-api).
	if (texts.some((text) => /prisma/i.test(text))) return unclear(NAME, answer);
	if (status >= 400 && status < 500) {
		return new ChannelError(
			'rejected',
			`Evolution API does not take the request${said}`,
			'See what Evolution API says. If it names a file, check that its address is public, with a domain name.',
			{ providerCode },
		);
	}
	if (status === 503) {
		return new ChannelError(
			'unavailable',
			`Evolution API is not available${said}`,
			'Try again later, and look whether the server runs.',
			{ providerCode },
		);
	}
	return unclear(NAME, answer);
}

/** `{response: {message: [{jid, exists: false, number}]}}`. */
function isUnknownNumber(body: ReturnType<typeof fieldsOf>): boolean {
	const message = fieldsOf(body?.response)?.message ?? body?.message;
	return [...listOf(message), message].some((one) => fieldsOf(one)?.exists === false);
}
