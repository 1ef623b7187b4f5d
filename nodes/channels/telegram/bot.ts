import { fieldsOf, idOf, textOf, type Fields } from '../fields';
import { baseUrlOf } from '../http';
import { derivedSecret } from '../signatures';

/** Where Telegram's own Bot API is. */
export const TELEGRAM = 'https://api.telegram.org';

/** A bot's id, a colon and its secret, as @BotFather gives it. */
const TOKEN = /^(\d+):[\w-]+$/;

/**
 * Tells the webhook's secret from anything else that may ever be derived from a token. It must stay
 * as it is: with another label, bots that are registered now would be refused.
 */
const WEBHOOK_LABEL = 'n8n-nodes-inbound-conversations telegram webhook';

export function tokenOf(settings: Fields): string | undefined {
	const token = textOf(settings.botToken);
	return token !== undefined && TOKEN.test(token) ? token : undefined;
}

/** The bot's id stands before the colon of its token, and stays when the token is replaced. */
export function botIdOf(settings: Fields): string | undefined {
	return TOKEN.exec(tokenOf(settings) ?? '')?.[1];
}

export const baseOf = (settings: Fields) => baseUrlOf(settings.baseUrl, TELEGRAM);

/** The address of a method, without the token: the credential puts that in. */
export const methodUrl = (settings: Fields, method: string) => `${baseOf(settings)}/${method}`;

/**
 * The address with the token in it, as the Bot API wants it: `/bot<token>/<method>`, and for the
 * bytes of a file `/file/bot<token>/<path>`. An address of anybody else is left alone, so that the
 * token goes to nobody else.
 */
export function authenticatedUrl(url: string, settings: Fields): string {
	const base = `${baseOf(settings)}/`;
	const token = tokenOf(settings);
	if (token === undefined || !url.startsWith(base)) return url;
	const path = url.slice(base.length);
	const secret = `bot${token}/`;
	if (path.startsWith(secret) || path.startsWith(`file/${secret}`)) return url;
	return path.startsWith('file/')
		? `${base}file/${secret}${path.slice('file/'.length)}`
		: `${base}${secret}${path}`;
}

/**
 * What Telegram must show with each update: the `secret_token` of `setWebhook`, 1 to 256 letters,
 * digits, `_` and `-`. Derived from the bot's token, so that nobody has to make one up or store it.
 */
export const webhookSecret = (token: string) => derivedSecret(token, WEBHOOK_LABEL);

/**
 * The id of a message. Telegram numbers the messages of each chat for itself, so the chat is part of
 * it; and a chat of a business account is not the bot's own chat that has the same number (Bot API,
 * `Message.business_connection_id`), so the connection is too: `[connection:]chat:message`. The same
 * form is what a sent message, a reply, an edit and an echo are known by.
 */
export function messageIdOf(
	connection: string | undefined,
	chat: unknown,
	message: unknown,
): string | undefined {
	const chatId = idOf(chat);
	const messageId = idOf(message);
	// 0 stands for a message that has no number (yet), so many have it.
	if (chatId === undefined || messageId === undefined || messageId === '0') return undefined;
	return idOf(`${chatName(connection, chatId)}:${messageId}`);
}

/** The number of a message in its chat, where the id is of this chat. */
export function numberIn(
	connection: string | undefined,
	chat: string,
	id: string,
): number | undefined {
	const [, of, number] = /^(.+):(\d+)$/.exec(id) ?? [];
	return of === chatName(connection, chat) ? Number(number) : undefined;
}

const chatName = (connection: string | undefined, chat: string) =>
	connection === undefined ? chat : `${connection}:${chat}`;

/** What an answer needs to know besides the chat: `contact.replyContext`. */
export interface ReplyContext {
	/** The business account that was written to, where it was not the bot itself. */
	businessConnectionId?: string;
	/** The topic of a forum, or of a chat that has topics. */
	threadId?: number;
	/** The press of a button that still waits to be answered. */
	callbackQueryId?: string;
}

export function replyContextOf(context: unknown): ReplyContext {
	const fields = fieldsOf(context) ?? {};
	const connection = idOf(fields.businessConnectionId);
	const query = idOf(fields.callbackQueryId);
	return {
		...(connection === undefined ? {} : { businessConnectionId: connection }),
		...(Number.isSafeInteger(fields.threadId) ? { threadId: fields.threadId as number } : {}),
		...(query === undefined ? {} : { callbackQueryId: query }),
	};
}
