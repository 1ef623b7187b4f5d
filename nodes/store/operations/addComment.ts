import { contactNotFound } from '../errors';
import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { COMMENT } from './comment';
import { changeConversation, lockConversation } from './conversations';
import { storeMessage } from './messages';

export interface AddCommentInput {
	conversationId: string;
	text: string;
	source: string;
	actor?: string;
}

/**
 * Writes a note to a conversation that the contact does not see.
 *
 * @throws StoreError `ConversationNotFound`, `ContactNotFound` once the contact is erased
 */
export async function addComment(
	operation: Operation,
	input: AddCommentInput,
): Promise<ConversationItem> {
	const { conversation, contact } = await lockConversation(operation, input.conversationId);
	// Nothing is written back of whom an erasure has removed.
	if (contact.erased_at !== null) throw contactNotFound(contact.key);
	// Retention is to look at it once more.
	if (conversation.texts_erased_at !== null) {
		await changeConversation(operation, conversation, { texts_erased_at: null });
	}
	const note = {
		channel: COMMENT,
		account: '',
		id: operation.newId(),
		type: COMMENT,
		text: input.text,
		attachments: [],
		sentAt: operation.now,
		...(input.actor ? { sender: input.actor } : {}),
	};
	const messageId = await storeMessage(operation, conversation, contact, note, 'outbound');
	await recordEvent(operation, {
		type: 'commented',
		conversationId: conversation.id,
		contactKey: contact.key,
		source: input.source,
		actor: input.actor ?? null,
		data: { messageId },
	});
	return await conversationItem(operation, conversation, messageId);
}
