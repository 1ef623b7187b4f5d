import { recordEvent } from '../events';
import { parseJson } from '../json';
import { realWorkspaceOf, RETURN_WINDOW, type Operation } from '../operation';
import { DEFAULT_QUEUE_POLICY, enqueue } from './assigning';
import { changeConversation, lockConversation } from './conversations';
import { DEFAULT_BAD_END, SILENCE_LIMIT, type BadEndPolicy } from './subscriptions';

/** How many are looked at in one go. */
const BATCH = 50;

/**
 * Looks at conversations whose flow has ended: an open one without owner, queue or flag is given
 * what its trigger says (store.md, "A flow that ends badly").
 *
 * @returns how many were found badly ended
 */
export async function checkEndedFlows(operation: Operation): Promise<number> {
	const rows = await operation.tx
		.selectFrom('deliveries')
		.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
		.select([
			'deliveries.id',
			'deliveries.conversation_id',
			'deliveries.run_status',
			'deliveries.reruns',
			'deliveries.generation',
			'deliveries.execution_id',
			'subscriptions.kind',
			'subscriptions.on_bad_end',
		])
		.where('deliveries.workspace', '=', operation.workspace)
		.where('deliveries.status', '=', 'watched')
		.where('deliveries.due_at', '<=', operation.now)
		.orderBy('deliveries.id')
		.limit(BATCH)
		.execute();
	let bad = 0;
	for (const row of rows) {
		await operation.tx
			.updateTable('deliveries')
			.set({ status: 'done', due_at: null })
			.where('id', '=', row.id)
			.execute();
		if (row.kind !== 'opened' || row.conversation_id === null) continue;
		const policy = parseJson<BadEndPolicy>(row.on_bad_end, DEFAULT_BAD_END);
		if (await treat(operation, { ...row, conversation_id: row.conversation_id }, policy)) bad++;
	}
	return bad;
}

interface EndedRun {
	id: string;
	conversation_id: string;
	run_status: string | null;
	reruns: number;
	generation: number;
	execution_id: string | null;
}

async function treat(operation: Operation, run: EndedRun, policy: BadEndPolicy): Promise<boolean> {
	const { conversation } = await lockConversation(operation, run.conversation_id);
	const cared =
		conversation.status !== 'open' ||
		conversation.assignee_key !== null ||
		conversation.queue_entered_at !== null ||
		conversation.flag !== null;
	if (cared) return false;
	const again = policy.action === 'retry' && run.reruns < policy.retries;
	const action = again ? 'retry' : policy.action === 'flag' ? 'flag' : 'queue';
	await recordEvent(operation, {
		type: 'flow_failed',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: 'system',
		data: { runStatus: run.run_status, execution: run.execution_id, action },
	});
	if (action === 'retry') {
		await operation.tx
			.updateTable('deliveries')
			.set({
				status: 'pending',
				due_at: operation.now,
				execution_id: null,
				run_status: null,
				finished_at: null,
				lease_owner: null,
				reruns: run.reruns + 1,
				generation: run.generation + 1,
			})
			.where('id', '=', run.id)
			.execute();
		operation.wake('deliveries');
	} else if (action === 'flag') {
		await changeConversation(operation, conversation, { flag: 'flow_failed' });
	} else {
		const team = await existingTeam(operation, policy.team ?? conversation.team_key);
		const moved = await changeConversation(operation, conversation, { team_key: team });
		await enqueue(operation, moved, {
			policy: DEFAULT_QUEUE_POLICY,
			reason: `The flow ended (${run.run_status ?? 'unknown'}) without giving the conversation to anybody`,
			source: 'system',
		});
	}
	return true;
}

/** A fallback team that was removed since must not stop the conversation from being queued. */
async function existingTeam(operation: Operation, key: string | null): Promise<string | null> {
	if (key === null) return null;
	const team = await operation.tx
		.selectFrom('teams')
		.select('key')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('key', '=', key)
		.executeTakeFirst();
	return team?.key ?? null;
}

/**
 * Ends subscriptions that fell silent, and lets expire what is owed to those that said goodbye and
 * did not come back. Conversations whose opening expires are treated as a flow that ended badly.
 */
export async function expireDeliveries(operation: Operation): Promise<number> {
	await operation.tx
		.updateTable('subscriptions')
		.set({ ended_at: operation.now })
		.where('workspace', '=', operation.workspace)
		.where('ended_at', 'is', null)
		.where('lease_until', '<', operation.now - SILENCE_LIMIT)
		.execute();
	const rows = await operation.tx
		.selectFrom('deliveries')
		.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
		.select(['deliveries.id', 'subscriptions.kind'])
		.where('deliveries.workspace', '=', operation.workspace)
		.where('deliveries.due_at', 'is not', null)
		.where('deliveries.status', 'in', ['pending', 'claimed'])
		.where('subscriptions.ended_at', '<', operation.now - RETURN_WINDOW)
		.limit(BATCH)
		.execute();
	for (const row of rows) {
		await operation.tx
			.updateTable('deliveries')
			.set({
				status: row.kind === 'opened' ? 'watched' : 'expired',
				run_status: 'expired',
				due_at: row.kind === 'opened' ? operation.now : null,
				lease_owner: null,
				finished_at: operation.now,
			})
			.where('id', '=', row.id)
			.execute();
	}
	return rows.length;
}
