import { ChannelError } from '../errors';
import { fieldsOf, idOf, listOf, textOf } from '../fields';
import { isOk, type HttpAnswer } from '../http';
import type { Recipient, Sending, SendingLimits, SendTools, SentMessage } from '../sending';
import { addressOf, failureOf, sentenceOf } from './api';
import { LONGEST_ID, LONGEST_TITLE } from './buttons';
import { messagesFor, problemOf } from './outgoing';

const MB = 1024 * 1024;

/** Messaging API reference, "Message objects", "Quick reply" and "Action objects". */
const limits: SendingLimits = {
	text: 5000,
	// A file and its text are two messages of one call.
	caption: 5000,
	unit: 'utf16',
	media: {
		image: {
			bytes: 10 * MB,
			byUrl: 'https',
			upload: false,
			types: ['image/jpeg', 'image/png'],
		},
		video: { bytes: 200 * MB, byUrl: 'https', upload: false, types: ['video/mp4'] },
		audio: {
			bytes: 200 * MB,
			byUrl: 'https',
			upload: false,
			types: ['audio/mp4', 'audio/m4a', 'audio/x-m4a', 'audio/mpeg', 'audio/mp3'],
		},
	},
	buttons: { most: 13, title: LONGEST_TITLE, id: LONGEST_ID, links: true, withMedia: true },
	quotes: true,
};

/**
 * A reply token is good for about a minute after LINE sent the event (Messaging API reference,
 * "Send reply message"). The rest of the minute is for the way there. Milliseconds.
 */
const REPLY_TOKEN_LIFE = 50_000;

/**
 * Sends by the reply token while that is fresh, since replies are free, and pushes otherwise.
 *
 * A used or expired token is refused ("Invalid reply token"), so a reply never goes out twice, and
 * a push that names a retry key is carried out once (X-Line-Retry-Key). Only the pair is not safe:
 * where the answer to a reply was lost, a later try finds the token refused and cannot tell whether
 * the reply had gone out. So an unclear reply is never followed by a push, and `idempotent` is false.
 */
export const sending: Sending = {
	limits,
	idempotent: false,
	oneAccount: true,

	missingSettings(settings) {
		return textOf(settings.channelAccessToken) === undefined ? ['Channel Access Token'] : [];
	},

	problem: problemOf,

	async send(message, recipient, tools) {
		const messages = messagesFor(message, recipient, tools.settings);
		const replyToken = freshReplyToken(recipient, tools.now);
		if (replyToken !== undefined) {
			const answer = await tools.call({
				method: 'POST',
				url: addressOf(tools, '/v2/bot/message/reply'),
				json: { replyToken, messages },
				repeatable: false,
			});
			if (isOk(answer)) return sentMessage(answer);
			if (!isRefusedToken(answer)) throw failureOf(answer, 'send the message', true);
			// Expired, or used by another message of the same minute: nothing was sent by this call.
		}
		return await push(messages, recipient, tools);
	},
};

function freshReplyToken({ context }: Recipient, now: number): string | undefined {
	const { replyToken, replyTokenAt } = context;
	if (typeof replyTokenAt !== 'number' || now - replyTokenAt >= REPLY_TOKEN_LIFE) return undefined;
	return textOf(replyToken);
}

const isRefusedToken = (answer: HttpAnswer) =>
	answer.status === 400 && /invalid reply token/i.test(sentenceOf(answer));

async function push(
	messages: unknown[],
	recipient: Recipient,
	tools: SendTools,
): Promise<SentMessage> {
	const answer = await tools.call({
		method: 'POST',
		url: addressOf(tools, '/v2/bot/message/push'),
		headers: { 'X-Line-Retry-Key': tools.key },
		json: { to: recipient.to, messages },
		repeatable: true,
	});
	// 409: an earlier try with this key went out, and its answer is given once more.
	const accepted = textOf(answer.headers['x-line-accepted-request-id']);
	if (answer.status === 409 && accepted !== undefined) return sentMessage(answer, accepted);
	if (isOk(answer)) return sentMessage(answer);
	if (answer.status === 400 && isAboutRecipient(answer)) {
		throw new ChannelError(
			'notFound',
			'LINE knows no such recipient in this account',
			'Check that the contact wrote to this LINE Official Account: user IDs differ from provider to provider.',
			{ providerCode: '400' },
		);
	}
	throw failureOf(answer, 'send the message', true);
}

/** The two ways in which LINE says that the user ID is none (Messaging API, "Error messages"). */
function isAboutRecipient(answer: HttpAnswer): boolean {
	const sentence = sentenceOf(answer);
	return /^failed to send messages/i.test(sentence) || /property, '?to'?,/i.test(sentence);
}

/** @param otherwise known to have gone out under this name, where LINE gives no IDs */
function sentMessage({ body }: HttpAnswer, otherwise?: string): SentMessage {
	const ids = listOf(fieldsOf(body)?.sentMessages).map((one) => idOf(fieldsOf(one)?.id));
	const [id = otherwise] = ids;
	if (id === undefined) {
		throw new ChannelError(
			'unclear',
			'LINE took the message but gave no ID for it',
			'Look into the chat before you send it again.',
		);
	}
	return { id, status: 'sent' };
}
