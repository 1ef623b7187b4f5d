import { recordEvent } from '../events';
import { parseJson } from '../json';
import { RETURN_WINDOW, type Operation } from '../operation';
import { enqueue } from './queueing';
import { existingTeam } from './findTeam';
import { DEFAULT_QUEUE_POLICY } from './queuePolicy';
import { changeConversation, isCaredFor, lockConversation } from './conversations';
import { UNSEEN_RUN_LIMIT } from './deliveries';
import { holdTeams } from './locks';
import { DEFAULT_BAD_END, SILENCE_LIMIT, type BadEndPolicy } from './subscriptions';
import { pendingWaits, settleWait, type WaitRow } from './waits/waits';

/** How many are changed in one go. */
const BATCH = 50;

/**
 * Looks at the next conversation whose flow has ended: an open one without owner, queue or flag is
 * given what its trigger says (store.md, "A flow that ends badly").
 *
 * One in each transaction: it locks the customer before the delivery, as everybody does.
 *
 * @returns 1, or 0 when there was none to look at
 */
export async function checkEndedFlow(operation: Operation): Promise<number> {
	const row = await operation.tx
		.selectFrom('deliveries')
		.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
		.select([
			'deliveries.id',
			'deliveries.status',
			'deliveries.conversation_id',
			'deliveries.run_status',
			'deliveries.reruns',
			'deliveries.generation',
			'deliveries.execution_id',
			'subscriptions.kind',
			'subscriptions.is_test',
			'subscriptions.on_bad_end',
		])
		.where('deliveries.workspace', '=', operation.workspace)
		.where('deliveries.status', 'in', ['watched', 'failed', 'expired'])
		.where('deliveries.due_at', '<=', operation.now)
		.orderBy('deliveries.due_at')
		.orderBy('deliveries.id')
		.limit(1)
		.executeTakeFirst();
	if (!row) return 0;
	// A test run is watched by the person who started it.
	const judged = row.kind === 'opened' && row.is_test === 0 && row.conversation_id !== null;
	const policy = parseJson<BadEndPolicy>(row.on_bad_end, DEFAULT_BAD_END);
	if (judged) {
		// Before the customer, as the order of locks wants it: who removes the team waits for customers.
		await holdTeams(operation, policy.team === null ? [] : [policy.team]);
		const { conversation } = await lockConversation(operation, row.conversation_id ?? '');
		if (await letWait(operation, row, conversation.id)) return 1;
	}
	const { numUpdatedRows } = await operation.tx
		.updateTable('deliveries')
		.set({ status: row.status === 'watched' ? 'done' : row.status, due_at: null })
		.where('id', '=', row.id)
		.where('status', '=', row.status)
		.where('due_at', 'is not', null)
		.executeTakeFirstOrThrow();
	if (judged && Number(numUpdatedRows) === 1) {
		await treat(operation, { ...row, conversation_id: row.conversation_id ?? '' }, policy);
	}
	return 1;
}

/** Bad ends of an execution, in n8n's words: nothing in it goes on. */
const OVER = ['error', 'crashed', 'canceled'];

/**
 * A flow that waits for the contact's answer, or for an agent, has not ended: it is looked at after
 * that. What an execution waited for that failed meanwhile is of no use to it any more.
 */
async function letWait(
	operation: Operation,
	run: { id: string; run_status: string | null; execution_id: string | null },
	conversationId: string,
): Promise<boolean> {
	const waits: WaitRow[] = [];
	for (const wait of await pendingWaits(operation, conversationId, 'any')) {
		const isOver = wait.execution_id === run.execution_id && OVER.includes(run.run_status ?? '');
		if (isOver) await settleWait(operation, wait, 'ended', { reason: 'flowGone' });
		else waits.push(wait);
	}
	if (waits.length === 0) return false;
	const deadline = Math.max(operation.now, ...waits.map((wait) => wait.deadline));
	await operation.tx
		.updateTable('deliveries')
		.set({ due_at: deadline + UNSEEN_RUN_LIMIT })
		.where('id', '=', run.id)
		.execute();
	return true;
}

interface EndedRun {
	id: string;
	status: string;
	conversation_id: string;
	run_status: string | null;
	reruns: number;
	generation: number;
	execution_id: string | null;
}

async function treat(operation: Operation, run: EndedRun, policy: BadEndPolicy): Promise<void> {
	const { conversation } = await lockConversation(operation, run.conversation_id);
	if (isCaredFor(conversation) || (await othersAtWork(operation, run))) return;
	const action = actionFor(run, policy);
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
		// A fallback team that was removed since must not stop the conversation from being queued.
		const team = await existingTeam(operation, policy.team ?? conversation.team_key);
		const moved = await changeConversation(operation, conversation, { team_key: team });
		await enqueue(operation, moved, {
			policy: DEFAULT_QUEUE_POLICY,
			reason: `The flow ended (${run.run_status ?? 'unknown'}) without giving the conversation to anybody`,
			source: 'system',
		});
	}
}

/** Another flow still has this conversation in hand; its end is judged when it comes. */
async function othersAtWork(operation: Operation, run: EndedRun): Promise<boolean> {
	const other = await operation.tx
		.selectFrom('deliveries')
		.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
		.select('deliveries.id')
		.where('deliveries.conversation_id', '=', run.conversation_id)
		.where('deliveries.due_at', 'is not', null)
		.where('deliveries.id', '<>', run.id)
		.where('subscriptions.kind', '=', 'opened')
		.limit(1)
		.executeTakeFirst();
	return other !== undefined;
}

function actionFor(run: EndedRun, policy: BadEndPolicy): BadEndPolicy['action'] {
	// It may still go on, some day: it is shown to a person, and nobody else is put to work on it.
	if (run.run_status === 'waiting' || policy.action === 'flag') return 'flag';
	// What could not be started, or has no trigger any more, is not mended by starting it again.
	const again = run.status === 'watched' && run.reruns < policy.retries;
	return policy.action === 'retry' && again ? 'retry' : 'queue';
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
	const owed = operation.tx
		.selectFrom('deliveries')
		.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
		.select(['deliveries.id', 'subscriptions.kind'])
		.where('deliveries.workspace', '=', operation.workspace)
		.where('deliveries.due_at', 'is not', null)
		.where('deliveries.status', 'in', ['pending', 'claimed'])
		.where('subscriptions.ended_at', '<', operation.now - RETURN_WINDOW)
		.limit(BATCH);
	// One that is being claimed at this moment has its trigger back.
	const free = operation.rowLocks ? owed.forUpdate('deliveries').skipLocked() : owed;
	const rows = await free.execute();
	for (const row of rows) {
		await operation.tx
			.updateTable('deliveries')
			.set({
				status: 'expired',
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
