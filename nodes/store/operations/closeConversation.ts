import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { changeConversation, lockConversation, type ConversationRow } from './conversations';
import { releaseUnits } from './units';
import { drainQueues, holdPoolsOf, queuesOfAgent } from './drainQueue';
import { clearReturn } from './returning';
import { endWaits } from './waits/waits';

export interface CloseConversationInput {
	conversationId: string;
	category: string | null;
	summary: string | null;
	/** `user`, `workflow`, `api`, … */
	source: string;
	actor?: string;
	/** The platform on which it was closed: it need not be told. */
	origin?: string;
}

export interface CloseConversationResult extends ConversationItem {
	/** It was closed before; nothing was changed. */
	alreadyClosed: boolean;
	/** Conversations that waited and were given to agents because of this. */
	assignedFromQueue: number;
}

/** Closes, frees the agent's units and serves the queue, in one step. Closing twice is closing once. */
export async function closeConversation(
	operation: Operation,
	input: CloseConversationInput,
): Promise<CloseConversationResult> {
	const { conversation } = await lockConversation(operation, input.conversationId);
	if (conversation.status === 'closed') {
		const item = await conversationItem(operation, conversation);
		return { ...item, alreadyClosed: true, assignedFromQueue: 0 };
	}
	const { closed, assignedFromQueue } = await closeAndServe(operation, conversation, input);
	const item = await conversationItem(operation, closed);
	return { ...item, alreadyClosed: false, assignedFromQueue };
}

/** Closes a locked conversation that is not closed, and gives its agent the next that waits. */
export async function closeAndServe(
	operation: Operation,
	conversation: ConversationRow,
	how: Omit<CloseConversationInput, 'conversationId'>,
): Promise<{ closed: ConversationRow; assignedFromQueue: number }> {
	const agent = conversation.assignee_key;
	const queues = agent === null ? [] : await queuesOfAgent(operation, agent);
	await holdPoolsOf(operation, queues);
	const closed = await endConversation(operation, conversation, how);
	const assignedFromQueue = await drainQueues(operation, queues);
	return { closed, assignedFromQueue };
}

async function endConversation(
	operation: Operation,
	conversation: ConversationRow,
	how: Omit<CloseConversationInput, 'conversationId'>,
): Promise<ConversationRow> {
	if (conversation.assignee_key && conversation.status === 'open') {
		await releaseUnits(operation, conversation.assignee_key, conversation.weight);
	}
	const closed = await changeConversation(operation, conversation, {
		status: 'closed',
		closed_at: operation.now,
		closed_source: how.source,
		closed_by: how.actor ?? null,
		category: how.category,
		summary: how.summary,
		queue_entered_at: null,
		queue_for: null,
		queue_policy: null,
		...clearReturn,
		snoozed_until: null,
		flag: null,
	});
	await endWaits(operation, conversation.id, 'any', 'closed');
	if (how.category !== null) {
		await operation.tx
			.updateTable('contacts')
			.set({ last_category: how.category })
			.where('key', '=', conversation.contact_key)
			.execute();
	}
	await recordEvent(operation, {
		type: 'closed',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: how.source,
		actor: how.actor ?? null,
		origin: how.origin,
		data: {
			category: how.category,
			team: conversation.team_key,
			assignee: conversation.assignee_key,
			durationMs: operation.now - conversation.opened_at,
		},
	});
	return closed;
}
