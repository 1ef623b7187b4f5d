import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { lockConversation } from './conversations';
import { storeMessage } from './messages';

export interface AddCommentInput {
	conversationId: string;
	text: string;
	source: string;
	actor?: string;
}

/** The channel of what no customer sees. */
export const COMMENT = 'comment';

/** Writes a note to a conversation that the contact does not see. */
export async function addComment(
	operation: Operation,
	input: AddCommentInput,
): Promise<ConversationItem> {
	const { conversation, contact } = await lockConversation(operation, input.conversationId);
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
