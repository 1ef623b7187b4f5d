import type { Attachment } from '../../channels/channel';
import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { LAST_MOMENT } from '../inputs';
import type { MessageDetails } from '../views';
import type { ReplyAddress } from './addresses';
import type { ContactRow } from './contacts';
import { changeConversation, type ConversationRow } from './conversations';
import { wakeUp } from './snoozeConversation';
import { offerAnswer } from './waits/waits';

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
	/** Of an outbound message: the agent who wrote it. */
	sender?: string;
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
			sender: direction === 'inbound' ? contact.key : (message.sender ?? null),
			sent_at: usableTime(message.sentAt, operation.now),
			received_at: operation.now,
			edited_at: null,
			deleted_at: null,
			details: message.details === undefined ? null : JSON.stringify(message.details),
			raw: message.raw === undefined ? null : JSON.stringify(message.raw),
			status: null,
			status_at: null,
			failure: null,
			send_key: null,
		})
		.execute();
	return id;
}

/** A time that no date can hold would make the item unreadable for ever: the time of receipt stands in. */
export const usableTime = (sentAt: number, receivedAt: number) =>
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

/**
 * A further message of an open conversation: starts no flow, wakes a snoozed one, answers a question
 * that is open, tells by event.
 */
export async function appendMessage(
	operation: Operation,
	open: ConversationRow,
	contact: ContactRow,
	message: NewMessage,
	reply?: Pick<ReplyAddress, 'to' | 'context'> & { until?: number | null | undefined },
): Promise<{ conversation: ConversationRow; messageId: string }> {
	const messageId = await storeMessage(operation, open, contact, message, 'inbound');
	await wakeUp(operation, open, { by: 'message', source: 'contact' });
	const conversation = await changeConversation(operation, open, {
		inbound_count: open.inbound_count + 1,
		last_inbound_at: operation.now,
		...(reply?.to === undefined
			? {}
			: {
					reply_to: reply.to,
					reply_channel: message.channel,
					reply_account: message.account,
					reply_context: reply.context === undefined ? null : JSON.stringify(reply.context),
					reply_until: reply.until ?? null,
				}),
	});
	const { choiceId, group } = message.details ?? {};
	const answers = await offerAnswer(operation, conversation, {
		id: messageId,
		type: message.type,
		...(choiceId === undefined ? {} : { choiceId }),
		...(group === undefined ? {} : { group }),
	});
	if (answers) return { conversation, messageId };
	await recordEvent(operation, {
		type: 'message_received',
		conversationId: open.id,
		contactKey: contact.key,
		source: 'contact',
		data: { messageId, channel: message.channel, type: message.type },
	});
	return { conversation, messageId };
}
