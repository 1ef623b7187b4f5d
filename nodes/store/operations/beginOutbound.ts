import type { Attachment } from '../../channels/channel';
import { contactNotFound } from '../errors';
import type { Operation } from '../operation';
import type { Place } from './addresses';
import { changeConversation, lockConversation, type ConversationRow } from './conversations';

export interface BeginOutboundInput extends Place {
	conversationId: string;
	/** The same for each try of one message, and for no other. */
	sendKey: string;
	type: string;
	text: string;
	attachments: Attachment[];
	/** The agent's key, where a person sends it. */
	actor?: string;
}

export interface BegunOutbound {
	/** The store's ID of the message; also what the channel takes as idempotency key. */
	messageId: string;
	/**
	 * - `new`: to be sent now; also after a try that was refused
	 * - `sent`: an earlier try has done it, nothing is to be sent
	 * - `unclear`: an earlier try ended without an answer
	 */
	state: 'new' | 'sent' | 'unclear';
	/** The channel's ID, once it has one. */
	channelMessageId: string | null;
}

/** Until the provider says which ID a message has, it has one that no provider gives. */
export const provisional = (id: string) => `sending:${id}`;

/**
 * Writes a message down before it is sent, so that a process that dies in between leaves a trace, and
 * a second try of the same message is known as such.
 *
 * @throws StoreError `ConversationNotFound`, `ContactNotFound` once the contact is erased
 */
export async function beginOutbound(
	operation: Operation,
	input: BeginOutboundInput,
): Promise<BegunOutbound> {
	const { conversation, contact } = await lockConversation(operation, input.conversationId);
	// Nothing is written back of whom an erasure has removed, nor sent.
	if (contact.erased_at !== null) throw contactNotFound(contact.key);
	const known = await operation.tx
		.selectFrom('messages')
		.select(['id', 'status', 'channel_message_id'])
		.where('workspace', '=', operation.workspace)
		.where('send_key', '=', input.sendKey)
		.executeTakeFirst();
	if (known) {
		const { id: messageId, status } = known;
		if (status === 'sending') return { messageId, state: 'unclear', channelMessageId: null };
		// What was refused may be tried again; what the provider took and could not deliver was sent.
		const refused = status === 'failed' && known.channel_message_id === provisional(messageId);
		if (!refused) {
			return { messageId, state: 'sent', channelMessageId: known.channel_message_id };
		}
		await showToRetention(operation, conversation);
		await operation.tx
			.updateTable('messages')
			.set({
				status: 'sending',
				status_at: operation.now,
				failure: null,
				// It may go another way this time.
				channel: input.channel,
				account: input.account,
				type: input.type,
				sender: input.actor ?? null,
				sent_at: operation.now,
				text: input.text,
				attachments: JSON.stringify(input.attachments),
			})
			.where('id', '=', messageId)
			.execute();
		return { messageId, state: 'new', channelMessageId: null };
	}
	await showToRetention(operation, conversation);
	const id = operation.newId();
	await operation.tx
		.insertInto('messages')
		.values({
			id,
			workspace: operation.workspace,
			conversation_id: conversation.id,
			contact_key: conversation.contact_key,
			direction: 'outbound',
			channel: input.channel,
			account: input.account,
			channel_message_id: provisional(id),
			type: input.type,
			text: input.text,
			attachments: JSON.stringify(input.attachments),
			sender: input.actor ?? null,
			sent_at: operation.now,
			received_at: operation.now,
			edited_at: null,
			deleted_at: null,
			details: null,
			raw: null,
			status: 'sending',
			status_at: operation.now,
			failure: null,
			send_key: input.sendKey,
		})
		.execute();
	return { messageId: id, state: 'new', channelMessageId: null };
}

/** What was emptied before is emptied once more, now that something is written in it again. */
async function showToRetention(operation: Operation, conversation: ConversationRow): Promise<void> {
	if (conversation.texts_erased_at === null) return;
	await changeConversation(operation, conversation, { texts_erased_at: null });
}
