import type { Attachment } from '../../channels/channel';
import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { LAST_MOMENT } from '../inputs';
import type { MessageDetails } from '../views';
import { takeUnits } from './assigning';
import { lockAgent } from './locks';
import type { ContactRow } from './contacts';
import { changeConversation, type ConversationRow } from './conversations';

/** A message as the store takes it; the channel's own id makes it unique in its account. */
export interface NewMessage {
	channel: string;
	account: string;
	id: string;
	type: string;
	text: string;
	attachments: Attachment[];
	sentAt: number;
	details?: MessageDetails;
	/** The provider's object, where it is to be kept. */
	raw?: unknown;
}

/** The stored message with this channel id, if any. */
export async function findMessage(
	operation: Operation,
	{ channel, account }: Pick<NewMessage, 'channel' | 'account'>,
	id: string,
) {
	return await operation.tx
		.selectFrom('messages')
		.select(['id', 'conversation_id'])
		.where('workspace', '=', operation.workspace)
		.where('channel', '=', channel)
		.where('account', '=', account)
		.where('channel_message_id', '=', id)
		.executeTakeFirst();
}

export async function storeMessage(
	operation: Operation,
	conversation: ConversationRow | null,
	contact: ContactRow,
	message: NewMessage,
	direction: 'inbound' | 'outbound',
): Promise<string> {
	const id = operation.newId();
	await operation.tx
		.insertInto('messages')
		.values({
			id,
			workspace: operation.workspace,
			conversation_id: conversation?.id ?? null,
			contact_key: contact.key,
			direction,
			channel: message.channel,
			account: message.account,
			channel_message_id: message.id,
			type: message.type,
			text: message.text,
			attachments: JSON.stringify(message.attachments),
			sender: direction === 'inbound' ? contact.key : null,
			sent_at: usableTime(message.sentAt, operation.now),
			received_at: operation.now,
			edited_at: null,
			deleted_at: null,
			details: message.details === undefined ? null : JSON.stringify(message.details),
			raw: message.raw === undefined ? null : JSON.stringify(message.raw),
		})
		.execute();
	return id;
}

/** A time that no date can hold would make the item unreadable for ever: the time of receipt stands in. */
const usableTime = (sentAt: number, receivedAt: number) =>
	Math.abs(sentAt) <= LAST_MOMENT ? Math.round(sentAt) : receivedAt;

/** The message that a conversation opened with. */
export async function storeFirstMessage(
	operation: Operation,
	conversation: ConversationRow,
	contact: ContactRow,
	message: NewMessage,
): Promise<ConversationRow> {
	const id = await storeMessage(operation, conversation, contact, message, 'inbound');
	return await changeConversation(operation, conversation, {
		first_message_id: id,
		inbound_count: 1,
		last_inbound_at: operation.now,
	});
}

/** A further message of an open conversation: starts no flow, wakes a snoozed one, tells by event. */
export async function appendMessage(
	operation: Operation,
	open: ConversationRow,
	contact: ContactRow,
	message: NewMessage,
	replyTo?: string,
): Promise<{ conversation: ConversationRow; messageId: string }> {
	const messageId = await storeMessage(operation, open, contact, message, 'inbound');
	// Counted to its agent again, even above capacity.
	if (open.status === 'snoozed' && open.assignee_key !== null) {
		await lockAgent(operation, open.assignee_key);
		await takeUnits(operation, open.assignee_key, open.weight);
	}
	const conversation = await changeConversation(operation, open, {
		inbound_count: open.inbound_count + 1,
		last_inbound_at: operation.now,
		...(replyTo ? { reply_to: replyTo } : {}),
		...(open.status === 'snoozed' ? { status: 'open' } : {}),
	});
	await recordEvent(operation, {
		type: 'message_received',
		conversationId: open.id,
		contactKey: contact.key,
		source: 'contact',
		data: { messageId, channel: message.channel, type: message.type },
	});
	return { conversation, messageId };
}

/** What the business wrote elsewhere. Counts as the first response when there was none. */
export async function recordReply(
	operation: Operation,
	open: ConversationRow,
	contact: ContactRow,
	messageId: string,
	channel: string,
): Promise<void> {
	await changeConversation(operation, open, {
		outbound_count: open.outbound_count + 1,
		last_outbound_at: operation.now,
		...(open.first_response_at === null
			? { first_response_at: operation.now, first_response_by: open.assignee_key }
			: {}),
	});
	await recordEvent(operation, {
		type: 'replied',
		conversationId: open.id,
		contactKey: contact.key,
		source: 'user',
		data: { messageId, channel, elsewhere: true },
	});
}
