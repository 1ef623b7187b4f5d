import { storeError } from '../errors';
import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { conversationItem, isoOrNull, type ConversationItem } from '../views';
import { enqueue } from './queueing';
import { releaseUnits, takeUnits } from './units';
import {
	changeConversation,
	lockConversation,
	lockOpenConversation,
	readConversation,
	type ConversationRow,
} from './conversations';
import { drainQueues, holdPoolsOf, queueOf, queuesOfAgent } from './drainQueue';
import { lockAgent } from './locks';
import { policyOf } from './queuePolicy';
import { clearReturn, returnTimes } from './returning';
import { AWAKE, recordWaking, type WokenBy } from './waking';

export interface SnoozeConversationInput {
	conversationId: string;
	/** When it wakes by itself, in milliseconds since 1970; null: not before the contact writes. */
	until: number | null;
	source: string;
	actor?: string;
}

export interface SnoozeConversationResult extends ConversationItem {
	outcome: 'snoozed';
	/** It slept until then already; nothing was changed. */
	alreadySnoozed: boolean;
	/** Conversations that waited and were given to agents because of this. */
	assignedFromQueue: number;
}

/**
 * Lays a conversation aside. Its agent keeps it and has the units free for others; one that waits
 * leaves the queue and keeps its place. What its flow waits for, it waits for still. Snoozed once
 * more, it has the new time.
 *
 * @throws StoreError `ConversationNotFound`, `ConversationClosed`, `InvalidInput` for a time that is over
 */
export async function snoozeConversation(
	operation: Operation,
	input: SnoozeConversationInput,
): Promise<SnoozeConversationResult> {
	const { until, source, actor } = input;
	if (until !== null && until <= operation.now) {
		throw storeError(
			'InvalidInput',
			'The time at which the conversation is to wake up is over',
			'Choose a later time, or leave it empty: then it sleeps until the contact writes',
		);
	}
	const { conversation } = await lockOpenConversation(operation, input.conversationId);
	const { status, assignee_key: agent } = conversation;
	if (status === 'snoozed' && conversation.snoozed_until === until) {
		const item = await conversationItem(operation, conversation);
		return { ...item, outcome: 'snoozed', alreadySnoozed: true, assignedFromQueue: 0 };
	}
	const frees = status === 'open' && agent !== null;
	const queues = frees ? await queuesOfAgent(operation, agent) : [];
	await holdPoolsOf(operation, queues);
	if (frees) await releaseUnits(operation, agent, conversation.weight);
	const row = await changeConversation(operation, conversation, {
		status: 'snoozed',
		snoozed_until: until,
		queue_entered_at: null,
		...clearReturn,
	});
	await recordEvent(operation, {
		type: 'snoozed',
		conversationId: row.id,
		contactKey: row.contact_key,
		source,
		actor: actor ?? null,
		data: {
			agent,
			team: row.team_key,
			until: isoOrNull(until),
			waited: conversation.queue_entered_at !== null,
		},
	});
	const assignedFromQueue = await drainQueues(operation, queues);
	const item = await conversationItem(operation, row);
	return { ...item, outcome: 'snoozed', alreadySnoozed: false, assignedFromQueue };
}

export interface WakeConversationResult extends ConversationItem {
	outcome: 'woken';
	/** It did not sleep; nothing was changed. */
	alreadyAwake: boolean;
}

/** @throws StoreError `ConversationNotFound`, `ConversationClosed` */
export async function wakeConversation(
	operation: Operation,
	{ conversationId, source, actor }: Omit<SnoozeConversationInput, 'until'>,
): Promise<WakeConversationResult> {
	const { conversation } = await lockOpenConversation(operation, conversationId);
	const alreadyAwake = conversation.status !== 'snoozed';
	const row = await wakeUp(operation, conversation, { by: 'person', source, actor: actor ?? null });
	return { ...(await conversationItem(operation, row)), outcome: 'woken', alreadyAwake };
}

/**
 * Ends the sleep of a locked conversation, if it sleeps. Its agent has it as if just assigned: it
 * counts again, even above capacity, and comes back if nobody replies. One that waited waits again,
 * with its first queue time; the queue is served at once.
 */
export async function wakeUp(
	operation: Operation,
	conversation: ConversationRow,
	how: { by: WokenBy; source: string; actor?: string | null },
): Promise<ConversationRow> {
	const { status, assignee_key: agent } = conversation;
	if (status !== 'snoozed') return conversation;
	const policy = policyOf(conversation);
	if (agent !== null) {
		const overCapacity = await countAgain(operation, agent, conversation.weight);
		await recordWaking(operation, conversation, { ...how, overCapacity });
		return await changeConversation(operation, conversation, {
			...AWAKE,
			...returnTimes(operation, policy, conversation),
		});
	}
	// Left for a person, or not yet routed: so it stays.
	if (conversation.flag !== null || conversation.queue_policy === null) {
		await recordWaking(operation, conversation, how);
		return await changeConversation(operation, conversation, AWAKE);
	}
	const own = [queueOf(conversation)];
	await holdPoolsOf(operation, [], own);
	await recordWaking(operation, conversation, how);
	const awake = await changeConversation(operation, conversation, AWAKE);
	const row = await enqueue(operation, awake, { policy, reason: 'It woke up', source: how.source });
	await drainQueues(operation, [queueOf(row)]);
	return await readConversation(operation, row.id);
}

/** @returns whether the agent has more than it should by now */
async function countAgain(operation: Operation, agent: string, weight: number): Promise<boolean> {
	const known = await lockAgent(operation, agent);
	await takeUnits(operation, agent, weight);
	const load = await operation.tx
		.selectFrom('agent_loads')
		.select('open_units')
		.where('workspace', '=', operation.workspace)
		.where('agent_key', '=', agent)
		.executeTakeFirst();
	const capacity = known?.capacity ?? null;
	return capacity !== null && (load?.open_units ?? 0) > capacity;
}

/** Wakes the next one whose time has come. One in each transaction. @returns 1, or 0 when there was none */
export async function wakeOverdue(operation: Operation): Promise<number> {
	const due = await operation.tx
		.selectFrom('conversations')
		.select('id')
		.where('workspace', '=', operation.workspace)
		.where('snoozed_until', '<=', operation.now)
		.orderBy('snoozed_until')
		.orderBy('id')
		.limit(1)
		.executeTakeFirst();
	if (!due) return 0;
	const { conversation } = await lockConversation(operation, due.id);
	const { snoozed_until: until } = conversation;
	// Somebody woke it, closed it, or let it sleep on, while this waited for it.
	if (until === null || until > operation.now) return 1;
	if (conversation.status === 'snoozed') {
		await wakeUp(operation, conversation, { by: 'time', source: 'system' });
	} else {
		// Only a file of an import says so. It must not stand before those that sleep.
		await changeConversation(operation, conversation, { snoozed_until: null });
	}
	return 1;
}
