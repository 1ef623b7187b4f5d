import { notAssignedToAgent } from '../errors';
import type { Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { giveBack, lockToReturn } from './returnConversation';

export interface DeclineConversationInput {
	conversationId: string;
	/** Who has it, and does not want it. */
	agent: string;
	/** In the agent's words. */
	reason?: string;
	source: string;
	actor?: string;
}

export interface DeclineConversationResult extends ConversationItem {
	/** What became of it: another agent has it, or it waits. */
	outcome: 'assigned' | 'queued';
	/** It came back too often, or nobody was left: it was sent on. */
	escalated: boolean;
}

/**
 * The agent gives a conversation back: it goes to the next one, and that agent does not get it again.
 * Counts as a return, at most 3 of them where its policy says nothing. A snoozed one wakes by it.
 *
 * @throws StoreError `ConversationNotFound`, `ConversationClosed`, `NotAssignedToAgent`
 */
export async function declineConversation(
	operation: Operation,
	{ conversationId, agent, reason, source, actor }: DeclineConversationInput,
): Promise<DeclineConversationResult> {
	const conversation = await lockToReturn(operation, conversationId);
	if (conversation.assignee_key !== agent) throw notAssignedToAgent(conversationId, agent);
	const { row, escalated } = await giveBack(operation, conversation, agent, {
		cause: 'declined',
		reason: 'Declined',
		...(reason ? { said: reason } : {}),
		source,
		actor: actor ?? null,
	});
	const item = await conversationItem(operation, row);
	return { ...item, outcome: row.assignee_key === null ? 'queued' : 'assigned', escalated };
}
