import { ChannelError } from '../errors';
import { fieldsOf, present } from '../fields';
import { multipart, type FormPart, type HttpAnswer } from '../http';
import type { OutboundMessage, Recipient, Sending, SendTools, SentMessage } from '../sending';
import {
	messageIdOf,
	methodUrl,
	numberIn,
	replyContextOf,
	tokenOf,
	type ReplyContext,
} from './bot';
import { newChatOf, resultOf } from './failures';
import { methodFor } from './media';

const MEGABYTE = 1024 * 1024;

/** Bot API, `sendMessage.text` and `sendPhoto.caption`, both "after entities parsing". */
const LONGEST_TEXT = 4096;
const LONGEST_CAPTION = 1024;

/** Bot API, `InlineKeyboardButton.callback_data`. */
const LONGEST_BUTTON_ID = 64;

/** Telegram forgets the press of a button after some minutes, and then takes no answer to it. */
const BUTTON_WAITS = 15 * 60_000;

const file = { bytes: 50 * MEGABYTE, byUrl: 'any', upload: true } as const;

/** How bots send (Bot API 10.2, "Sending files", `sendMessage` and its sisters). */
export const sending: Sending = {
	limits: {
		text: LONGEST_TEXT,
		caption: LONGEST_CAPTION,
		media: {
			// By address 5 MB and 20 MB, which only Telegram can see.
			image: { ...file, bytes: 10 * MEGABYTE },
			video: file,
			audio: file,
			document: file,
		},
		// Number and titles are not in the documentation: 100 is what Telegram takes in practice, and a
		// title beyond that can be read on no phone.
		buttons: { most: 100, title: 100, id: LONGEST_BUTTON_ID, links: true, withMedia: true },
		quotes: true,
	},

	idempotent: false,
	oneAccount: true,

	missingSettings: (settings) => (tokenOf(settings) === undefined ? ['Bot Token'] : []),

	/** Bot API, `BusinessBotRights.can_reply`. The bot's own chats have no such limit. */
	window({ context }) {
		if (replyContextOf(context).businessConnectionId === undefined) return undefined;
		return {
			hours: 24,
			templatesAfter: false,
			afterwards:
				'Answer in the Telegram app of the business account, or wait until the contact writes again.',
		};
	},

	problem,
	send,
};

function problem({ text, media, buttons = [] }: OutboundMessage): string | undefined {
	// Telegram counts code points: an emoji made of several counts for several.
	const most = media ? LONGEST_CAPTION : LONGEST_TEXT;
	const length = [...text].length;
	if (length > most) {
		return `The text has ${length} characters as Telegram counts them, and at most ${most} are allowed`;
	}
	if (!media && text.trim() === '') return 'Telegram sends no message without a text or a file';
	for (const { id, title, url } of buttons) {
		if (url !== undefined) {
			if (!/^(https?|tg):\/\/./i.test(url)) {
				return `The link of the button "${title}" must begin with https://, http:// or tg://`;
			}
			continue;
		}
		const bytes = Buffer.byteLength(id, 'utf8');
		if (bytes === 0 || bytes > LONGEST_BUTTON_ID) {
			return `The ID of the button "${title}" has ${bytes} bytes; Telegram takes 1 to ${LONGEST_BUTTON_ID}`;
		}
	}
	return undefined;
}

async function send(
	message: OutboundMessage,
	recipient: Recipient,
	tools: SendTools,
): Promise<SentMessage> {
	const context = replyContextOf(recipient.context);
	let chat = recipient.to;
	let answer = await post(message, chat, context, tools);
	const moved = newChatOf(answer);
	if (moved !== undefined && moved !== chat) {
		// Nothing was sent: the group has a new number, under which it takes the message.
		chat = moved;
		answer = await post(message, chat, context, tools);
	}
	const sent = fieldsOf(resultOf(answer, 'unclear'));
	const id = messageIdOf(
		context.businessConnectionId,
		fieldsOf(sent?.chat)?.id ?? chat,
		sent?.message_id,
	);
	if (id === undefined) {
		throw new ChannelError(
			'unclear',
			'Telegram took the message and gave it no number',
			'Look in the chat whether it arrived. A long video may arrive later.',
		);
	}
	await releaseButton(context, recipient, tools);
	return { id, status: 'sent' };
}

/** Text goes out as it is: without a `parse_mode` nothing in it is read as formatting. */
async function post(
	message: OutboundMessage,
	chat: string,
	context: ReplyContext,
	tools: SendTools,
): Promise<HttpAnswer> {
	const { text, media } = message;
	const { method, field } = media ? methodFor(media) : { method: 'sendMessage', field: '' };
	const parameters = present({
		chat_id: chat,
		business_connection_id: context.businessConnectionId,
		message_thread_id: context.threadId,
		text: media ? undefined : text,
		caption: media && text !== '' ? text : undefined,
		...(media?.url === undefined ? {} : { [field]: media.url }),
		reply_parameters: quoteOf(message, chat, context),
		reply_markup: keyboardOf(message),
	});
	const call = { method: 'POST', url: methodUrl(tools.settings, method) } as const;
	if (!media) return await tools.call({ ...call, json: parameters });
	// Telegram answers when it has the file, so a large one takes its time.
	if (!media.file) return await tools.call({ ...call, json: parameters, timeout: 60_000 });
	const parts = Object.entries(parameters).map(([name, value]): [string, FormPart] => [
		name,
		typeof value === 'string' ? value : JSON.stringify(value),
	]);
	const bytes = multipart([...parts, [field, media.file]]);
	return await tools.call({ ...call, bytes, timeout: 120_000 });
}

/**
 * Only a message of this chat can be quoted, and the press of a button is none: then the answer goes
 * without the quote. Likewise if the quoted message is gone by then.
 */
function quoteOf({ replyToMessageId }: OutboundMessage, chat: string, context: ReplyContext) {
	if (replyToMessageId === undefined) return undefined;
	const number = numberIn(context.businessConnectionId, chat, replyToMessageId);
	return number === undefined
		? undefined
		: { message_id: number, allow_sending_without_reply: true };
}

/** A button to a row, since titles are cut where two stand side by side. */
function keyboardOf({ buttons = [] }: OutboundMessage) {
	if (buttons.length === 0) return undefined;
	return {
		inline_keyboard: buttons.map(({ id, title, url }) => [
			url === undefined ? { text: title, callback_data: id } : { text: title, url },
		]),
	};
}

/**
 * A pressed button shows that it is loading until it is answered (Bot API, `answerCallbackQuery`).
 * The message is sent already, so whatever becomes of this is no failure.
 */
async function releaseButton(
	{ callbackQueryId }: ReplyContext,
	{ lastInboundAt }: Recipient,
	tools: SendTools,
): Promise<void> {
	if (callbackQueryId === undefined) return;
	if (lastInboundAt === null || tools.now - lastInboundAt > BUTTON_WAITS) return;
	const url = methodUrl(tools.settings, 'answerCallbackQuery');
	const json = { callback_query_id: callbackQueryId };
	await tools.call({ method: 'POST', url, json, timeout: 5_000 }).catch(() => undefined);
}
