import { contactNotFound } from '../errors';
import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { COMMENT } from './comment';
import type { ContactRow } from './contacts';
import { changeConversation, lockConversation, type ConversationRow } from './conversations';
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
	const { row, messageId } = await storeComment(operation, conversation, contact, input);
	return await conversationItem(operation, row, messageId);
}

/** The same for a locked conversation, as a part of something else. */
export async function storeComment(
	operation: Operation,
	conversation: ConversationRow,
	contact: ContactRow,
	input: Omit<AddCommentInput, 'conversationId'>,
): Promise<{ row: ConversationRow; messageId: string }> {
	// Nothing is written back of whom an erasure has removed.
	if (contact.erased_at !== null) throw contactNotFound(contact.key);
	// Retention is to look at it once more.
	const row =
		conversation.texts_erased_at === null
			? conversation
			: await changeConversation(operation, conversation, { texts_erased_at: null });
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
	const messageId = await storeMessage(operation, row, contact, note, 'outbound');
	await recordEvent(operation, {
		type: 'commented',
		conversationId: row.id,
		contactKey: contact.key,
		source: input.source,
		actor: input.actor ?? null,
		data: { messageId },
	});
	return { row, messageId };
}
