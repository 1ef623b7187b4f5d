import type { InboundMessage } from '../channel';
import { fieldsOf, idOf, present, type Fields } from '../fields';
import type { ReplyContext } from './bot';

/** One part of an update: what it is, or a sentence why it is nothing. */
export type Outcome = { message: InboundMessage } | { ignored: string } | { malformed: string };

/** What the update says once for all that is in it. */
export interface Surroundings {
	/** The bot's id. */
	account: string;
	/** Telegram's number of the update: the same each time it is delivered. */
	updateId: string;
	now: number;
}

/** The chat in which something was done. */
export interface Place {
	chat: string;
	/** The chat again, where it has more members than the contact. */
	group?: string;
	/** The business account whose chat it is; absent in the bot's own chats. */
	connection?: string;
	context: ReplyContext;
}

export const NO_OBJECT = { malformed: 'is not an object' };
export const NO_CHAT = { malformed: 'names no chat' };
export const NO_SENDER = { malformed: 'names nobody who wrote it' };
export const FROM_A_BOT = { ignored: 'was written by a bot' };

/** @param message an object with a `chat`, and the topic and business connection where it has them */
export function placeOf(message: Fields): Place | undefined {
	const chat = fieldsOf(message.chat);
	const id = idOf(chat?.id);
	if (id === undefined) return undefined;
	const connection = idOf(message.business_connection_id);
	// A thread is a topic only where the message says so; elsewhere it is a chain of replies, and no
	// message can be sent to it.
	const topic = message.is_topic_message === true ? message.message_thread_id : undefined;
	return present({
		chat: id,
		// Not every update says the type; the number of a group is negative.
		group: chat?.type === 'private' || !id.startsWith('-') ? undefined : id,
		connection,
		context: present({
			businessConnectionId: connection,
			threadId: Number.isSafeInteger(topic) ? (topic as number) : undefined,
		}),
	});
}

export const isBot = (person: unknown) => fieldsOf(person)?.is_bot === true;

/** A text that stands in `date` of a message; 0 means that it is not known. */
export const dateOf = (date: unknown) => (date === 0 || date === '0' ? undefined : date);
