import { recordEvent } from '../../events';
import type { Operation } from '../../operation';
import { lockConversation, type ConversationRow } from '../conversations';
import { pendingWaits, settleWait, type WaitRow } from './waits';

/** @returns whether the deadline of a wait was over; one in each transaction */
export async function endOverdueWait(operation: Operation): Promise<number> {
	const row = await operation.tx
		.selectFrom('waits')
		.select(['id', 'conversation_id'])
		.where('workspace', '=', operation.workspace)
		.where('settled_at', 'is', null)
		.where('deadline', '<=', operation.now)
		// What has come in is looked at first: who answered in time is not too late.
		.where('due_at', 'is', null)
		.orderBy('deadline')
		.limit(1)
		.executeTakeFirst();
	if (!row) return 0;
	const { conversation } = await lockConversation(operation, row.conversation_id);
	const pending = await pendingWaits(operation, conversation.id, 'any');
	const wait = pending.find(({ id }) => id === row.id);
	if (!wait || wait.due_at !== null) return 1;
	await settleWait(operation, wait, 'timedOut', {});
	if (wait.kind === 'assignment') await tellQueueTimedOut(operation, conversation, wait);
	return 1;
}

/** The flow waits no more, and the customer still does: the conversation keeps its place in the queue. */
async function tellQueueTimedOut(
	operation: Operation,
	conversation: ConversationRow,
	wait: WaitRow,
): Promise<void> {
	const since = conversation.queue_entered_at ?? wait.created_at;
	await recordEvent(operation, {
		type: 'queue_timed_out',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: 'system',
		data: { wait: wait.id, team: conversation.team_key, waitedMs: operation.now - since },
	});
}

/** How long what is over stays, for a call that comes late. Milliseconds. */
const KEEP = 7 * 24 * 60 * 60_000;
const REMOVED_AT_ONCE = 500;

/** Removes what has been over for long. */
export async function forgetWaits(operation: Operation): Promise<number> {
	const old = await operation.tx
		.selectFrom('waits')
		.select('id')
		.where('workspace', '=', operation.workspace)
		.where('resumed_at', '<', operation.now - KEEP)
		.orderBy('resumed_at')
		.limit(REMOVED_AT_ONCE)
		.execute();
	const ids = old.map(({ id }) => id);
	if (ids.length > 0) await operation.tx.deleteFrom('waits').where('id', 'in', ids).execute();
	return ids.length;
}
