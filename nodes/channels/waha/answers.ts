import { ChannelError } from '../errors';
import { fieldsOf, wordOf } from '../fields';
import type { HttpAnswer } from '../http';
import { commonError, sentencesIn, unclear, wordsOf } from '../whatsappWeb/answers';

export const NAME = 'WAHA';

/**
 * The error that an answer beyond 2xx means. WAHA answers `{statusCode, message, error}`, or, where
 * the session does not work, `{error, session, status, expected}`; what an engine throws comes as 500
 * with its text.
 */
export function errorOf(answer: HttpAnswer): ChannelError {
	const { status } = answer;
	const words = wordsOf(answer);
	const said = words === '' ? '' : `: ${words}`;
	const providerCode = String(status);

	const common = commonError(NAME, answer);
	if (common) return common;

	const body = fieldsOf(answer.body);
	const text = sentencesIn(answer.body).join(' ');
	if (status === 422 && body?.expected !== undefined) {
		return new ChannelError(
			'unavailable',
			`The session of WAHA is not working, its state is ${wordOf(body.status)}`,
			'Open the dashboard of WAHA: start the session, and scan the code again if it asks for one.',
			{ providerCode: wordOf(body.status) },
		);
	}
	if (status === 404 || /session.*(not found|does not exist)/i.test(text)) {
		return new ChannelError(
			'notFound',
			`WAHA does not know this session${said}`,
			'Check Session and Base URL in the credential. The name is the one in the dashboard, in the same spelling.',
			{ providerCode },
		);
	}
	// WhatsApp's own limits for unofficial clients (WAHA, "Sessions: Reachout Timelock, Message Capping").
	if (/server returned error 463/.test(text)) {
		return new ChannelError(
			'rejected',
			'WhatsApp does not let this number write to new contacts for now',
			'Wait until WhatsApp lifts the restriction, and do not restart the session. Contacts who wrote before can be answered.',
			{ providerCode: '463' },
		);
	}
	if (/server returned error 475/.test(text)) {
		return new ChannelError(
			'rateLimited',
			'This number has written to as many new contacts as WhatsApp allows in a period',
			'Wait until the next period. Contacts who wrote before can be answered.',
			{ providerCode: '475' },
		);
	}
	if (/no lid for user|invalid wid|not registered|number.*not exist/i.test(text)) {
		return new ChannelError(
			'notFound',
			'WAHA says that this contact is not on WhatsApp',
			'Check the number, with its country code.',
			{ providerCode },
		);
	}
	if (status >= 400 && status < 500) {
		return new ChannelError(
			'rejected',
			`WAHA does not take the request${said}`,
			'See what WAHA says. Its Core edition has one session, "default", and may not send files.',
			{ providerCode },
		);
	}
	if (status === 503) {
		return new ChannelError(
			'unavailable',
			`WAHA is not available${said}`,
			'Try again later, and look whether the server runs.',
			{ providerCode },
		);
	}
	return unclear(NAME, answer);
}
