import { fieldsOf, idOf } from '../fields';

/** What WAHA's ID of a message says. */
export interface MessageId {
	/** WhatsApp's own ID of the message: the same in every event and on both sides. */
	id: string;
	fromMe?: boolean;
	/** The chat: the customer's jid, or the group's. */
	chat?: string;
	/** In groups, who wrote. */
	participant?: string;
}

/**
 * Reads `{fromMe}_{chatId}_{messageId}[_{participant}]` (WAHA, "Events: message"). Only the third
 * part names the message: the chat is sometimes a phone number and sometimes a LID, for the same
 * message. Some events give the third part alone.
 */
export function readMessageId(value: unknown): MessageId | undefined {
	// whatsapp-web.js has an object with the parts and the whole.
	const text = idOf(value) ?? idOf(fieldsOf(value)?._serialized);
	if (text === undefined) return undefined;
	const parts = /^(true|false)_([^_]+@[^_]+)_([^_]+)(?:_(.+))?$/.exec(text);
	const id = parts?.[3];
	if (!parts || id === undefined) return { id: text };
	const participant = parts[4];
	return {
		id,
		fromMe: parts[1] === 'true',
		chat: parts[2],
		...(participant !== undefined && { participant }),
	};
}

/** The ID in the form in which WAHA wants to be told of a message of the customer. */
export const serializedId = (chat: string, id: string) =>
	id.includes('_') ? id : `false_${chat}_${id}`;
