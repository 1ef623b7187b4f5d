import { ChannelError, type ChannelFailure } from '../errors';
import { fieldsOf, textOf, type Fields } from '../fields';
import { isOk, type HttpAnswer } from '../http';
import type { RetryAfter } from '../sending';

interface Cause {
	/** In Telegram's description, which is all that tells one refusal from another. */
	says: RegExp;
	failure: ChannelFailure;
	message: string;
	hint: string;
}

/** The first that fits holds. The descriptions are those of Telegram's Bot API server (tdlib/telegram-bot-api). */
const CAUSES: Cause[] = [
	{
		says: /blocked by the user|USER_IS_BLOCKED/i,
		failure: 'optedOut',
		message: 'The contact has blocked the bot',
		hint: 'It gets no messages until it lets the bot write again',
	},
	{
		says: /user is deactivated|USER_DEACTIVATED/i,
		failure: 'notFound',
		message: 'The contact has deleted its Telegram account',
		hint: 'Reach the contact on another channel',
	},
	{
		says: /can't initiate conversation/i,
		failure: 'rejected',
		message: 'The contact has never started the bot',
		hint: 'A bot cannot write first. Give the contact the link of the bot (https://t.me/…) and wait for its message.',
	},
	{
		says: /bots can't send messages to bots/i,
		failure: 'rejected',
		message: 'The recipient is a bot',
		hint: 'Telegram lets bots write to people and groups only',
	},
	{
		says: /bot was kicked|bot is not a member|chat was deleted|group chat was deactivated/i,
		failure: 'notFound',
		message: 'The bot is no longer in this group',
		hint: 'Add the bot to the group again, or write to the contact itself',
	},
	{
		says: /chat not found|user not found|PEER_ID_INVALID|chat_id is empty/i,
		failure: 'notFound',
		message: 'Telegram knows no such chat for this bot',
		hint: 'Check that the credential is of the bot that the contact wrote to',
	},
	{
		says: /BUSINESS_PEER_USAGE_MISSING/i,
		failure: 'windowClosed',
		message: 'The contact has not written to the business account in the last 24 hours',
		hint: 'Answer in the Telegram app of the business account, or wait for a message of the contact',
	},
	{
		says: /BUSINESS_PEER_INVALID/i,
		failure: 'unauthorized',
		message: 'The business account does not let the bot write in this chat',
		hint: 'Its owner changes that in Telegram: Settings, Telegram Business, Chatbots',
	},
	{
		says: /BUSINESS_CONNECTION|business connection/i,
		failure: 'unauthorized',
		message: 'The business account is not connected to the bot any more, or does not let it reply',
		hint: 'Its owner connects the bot in Telegram: Settings, Telegram Business, Chatbots, with the right to reply',
	},
	{
		says: /VOICE_MESSAGES_FORBIDDEN/i,
		failure: 'rejected',
		message: 'The contact takes no voice messages',
		hint: 'Send the sound as a document instead',
	},
	{
		says: /not enough rights|have no rights|administrator rights|_FORBIDDEN/i,
		failure: 'unauthorized',
		message: 'The bot may not send this in the group',
		hint: 'An administrator of the group gives the bot the right to send such messages',
	},
	{
		says: /message thread not found|TOPIC_(CLOSED|DELETED)/i,
		failure: 'notFound',
		message: 'The topic of the chat is closed or deleted',
		hint: 'Open the topic again, or wait until the contact writes in another',
	},
	{
		says: /too long/i,
		failure: 'rejected',
		message: 'The message is too long for Telegram',
		hint: 'A text has at most 4,096 characters, a caption 1,024, and all buttons together about 10,000',
	},
	{
		says: /HTTP URL content|wrong type of the web page|wrong file identifier|WEBPAGE_|wrong remote file|EXTERNAL_URL_INVALID/i,
		failure: 'rejected',
		message: 'Telegram could not take the file from its address',
		hint: 'The address must be public and give the right content type; 5 MB for pictures, 20 MB for others; documents only PDF and ZIP. Or send the file itself.',
	},
	{
		says: /file is too big|Request Entity Too Large/i,
		failure: 'rejected',
		message: 'The file is too large for Telegram',
		hint: 'At most 10 MB for a picture and 50 MB for other files',
	},
	{
		says: /PHOTO_|IMAGE_PROCESS_FAILED/i,
		failure: 'rejected',
		message: 'Telegram cannot show this file as a picture',
		hint: 'Width and height together are at most 10,000, and neither is over 20 times the other. Or send it as a document.',
	},
	{
		says: /BUTTON_|keyboard button|REPLY_MARKUP/i,
		failure: 'rejected',
		message: 'Telegram does not take the buttons',
		hint: 'Check that their IDs have at most 64 bytes and that their links are complete addresses',
	},
	{
		says: /bad webhook/i,
		failure: 'rejected',
		message: 'Telegram does not take the address of the webhook',
		hint: 'It must be a public https address with a valid certificate, on port 443, 80, 88 or 8443. Set N8N_WEBHOOK_URL of n8n to it.',
	},
];

/** Telegram says it in the body (Bot API, `ResponseParameters.retry_after`), in seconds. */
export const retryAfter: RetryAfter = ({ body }) => {
	const seconds = parametersOf(body).retry_after;
	return typeof seconds === 'number' && seconds >= 0 ? Math.ceil(seconds * 1000) : undefined;
};

/** The group became a supergroup and has a new number (Bot API, `ResponseParameters`). */
export function newChatOf({ body }: HttpAnswer): string | undefined {
	const chat = parametersOf(body).migrate_to_chat_id;
	return Number.isSafeInteger(chat) ? String(chat) : undefined;
}

const parametersOf = (body: unknown): Fields => fieldsOf(fieldsOf(body)?.parameters) ?? {};

/**
 * `result` of a call that Telegram carried out.
 *
 * @param fault what a fault of the server means: `unclear` where the call may have been carried out
 * @throws ChannelError for every other answer
 */
export function resultOf(answer: HttpAnswer, fault: 'unclear' | 'unavailable'): unknown {
	const body = fieldsOf(answer.body);
	if (isOk(answer) && body?.ok === true) return body.result;
	throw failureOf(answer, body, fault);
}

function failureOf(
	answer: HttpAnswer,
	body: Fields | undefined,
	fault: 'unclear' | 'unavailable',
): ChannelError {
	// A gateway in between may give another status than Telegram did.
	const code = Number.isSafeInteger(body?.error_code) ? Number(body?.error_code) : answer.status;
	const more = { providerCode: String(code) };
	if (code === 401 || code === 404) {
		return new ChannelError(
			'unauthorized',
			`Telegram does not know the bot (${code})`,
			'Check the Bot Token in the credential: @BotFather shows it under /mybots. Leave the Base URL at its default unless you run a server of your own.',
			more,
		);
	}
	if (code === 429) {
		const wait = retryAfter(answer);
		return new ChannelError(
			'rateLimited',
			'Telegram asks for fewer messages',
			'Send again later. A bot may send about one message a second to a chat, 20 a minute to a group and 30 a second to all.',
			{ ...more, ...(wait === undefined ? {} : { retryAfter: wait }) },
		);
	}
	if (code >= 500) {
		return new ChannelError(
			fault,
			`Telegram has a fault (${code})`,
			fault === 'unclear' ? 'Look in the chat whether the message arrived' : 'Try again later',
			more,
		);
	}
	const said = descriptionOf(body);
	const cause = CAUSES.find(({ says }) => says.test(said));
	if (cause?.failure === 'rejected' && /bad webhook/i.test(said)) {
		return new ChannelError('rejected', `${cause.message}: ${said}`, cause.hint, more);
	}
	if (cause) return new ChannelError(cause.failure, cause.message, cause.hint, more);
	if (isOk(answer)) {
		return new ChannelError(
			fault,
			'The answer is not one of Telegram',
			'Check the Base URL in the credential',
			more,
		);
	}
	return new ChannelError(
		'rejected',
		said === '' ? `Telegram refused it (${code})` : `Telegram refused it: ${said}`,
		'Change what these words name and try again',
		more,
	);
}

/** Fit for a log, and without what might be a token. */
function descriptionOf(body: Fields | undefined): string {
	const said = textOf(body?.description) ?? '';
	return said
		.replace(/\d+:[\w-]{20,}/g, '…')
		.replace(/^Bad Request: /, '')
		.slice(0, 200);
}
