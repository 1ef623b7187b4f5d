import { notAssignedToAgent } from '../errors';
import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { changeConversation, lockOpenConversation } from './conversations';

export interface AcceptConversationInput {
	conversationId: string;
	/** Who has it, and takes it on. */
	agent: string;
	source: string;
	actor?: string;
}

export interface AcceptConversationResult extends ConversationItem {
	outcome: 'accepted';
	/** The agent had said so before; nothing was changed. */
	alreadyAccepted: boolean;
}

/**
 * The agent has seen the conversation and takes it on: it no longer comes back for want of a reply.
 * Accepting twice is accepting once.
 *
 * @throws StoreError `ConversationNotFound`, `ConversationClosed`, `NotAssignedToAgent`
 */
export async function acceptConversation(
	operation: Operation,
	{ conversationId, agent, source, actor }: AcceptConversationInput,
): Promise<AcceptConversationResult> {
	const { conversation } = await lockOpenConversation(operation, conversationId);
	if (conversation.assignee_key !== agent) throw notAssignedToAgent(conversationId, agent);
	if (await isAccepted(operation, conversation.id)) {
		const item = await conversationItem(operation, conversation);
		return { ...item, outcome: 'accepted', alreadyAccepted: true };
	}
	const row = await changeConversation(operation, conversation, { reply_due_at: null });
	await recordEvent(operation, {
		type: 'accepted',
		conversationId: row.id,
		contactKey: row.contact_key,
		source,
		actor: actor ?? null,
		data: { agent, team: row.team_key },
	});
	return {
		...(await conversationItem(operation, row)),
		outcome: 'accepted',
		alreadyAccepted: false,
	};
}

/** Whether whoever has it now has said so; the events tell, since it was assigned or woke. */
export async function isAccepted(operation: Operation, conversationId: string): Promise<boolean> {
	const last = await operation.tx
		.selectFrom('events')
		.select('type')
		.where('conversation_id', '=', conversationId)
		.where('type', 'in', ['assigned', 'woken', 'accepted'])
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirst();
	return last?.type === 'accepted';
}
