import type { Operation } from '../operation';
import { forgetUsedLinks } from './agentLinks';
import { drainQueues, queuesInUse } from './drainQueue';
import { returnFromAbsent, returnUnanswered } from './dueReturns';
import { checkEndedFlow, expireDeliveries } from './flowEnds';
import { forgetLookups } from './lookups';
import { applyEarlyStatus, ON_ITS_WAY } from './messageStatus';
import { settlePresence } from './presence';
import { tellOverdue } from './overdue';
import { applyRetention } from './retention';
import { wakeOverdue } from './snoozeConversation';
import { flagUnattended } from './unattended';
import { endOverdueWait, forgetWaits } from './waits/deadlines';

/** How long what is finished stays for Check Health to show. Milliseconds. */
const KEEP_FINISHED = 30 * 24 * 60 * 60_000;

/** Finished deliveries that one transaction deletes. */
const PRUNED_AT_ONCE = 500;

/**
 * Takes or renews a lease that only one process holds at a time.
 *
 * @returns whether `owner` holds it now
 */
export async function takeLease(
	operation: Operation,
	input: { name: string; owner: string; duration: number },
): Promise<boolean> {
	const until = operation.now + input.duration;
	const held = await operation.tx
		.selectFrom('leases')
		.select(['owner', 'until'])
		.where('name', '=', input.name)
		.executeTakeFirst();
	// Most often somebody has it, for a while yet: nothing is to be written.
	if (held && held.owner !== input.owner && held.until >= operation.now) return false;
	if (held && held.owner === input.owner && held.until > operation.now + input.duration / 2) {
		return true;
	}
	const { numInsertedOrUpdatedRows } = await operation.tx
		.insertInto('leases')
		.values({ name: input.name, owner: input.owner, until })
		.onConflict((conflict) =>
			conflict
				.column('name')
				.doUpdateSet({ owner: input.owner, until })
				.where((eb) =>
					eb.or([eb('leases.owner', '=', input.owner), eb('leases.until', '<', operation.now)]),
				),
		)
		.executeTakeFirstOrThrow();
	return Number(numInsertedOrUpdatedRows ?? 0) > 0;
}

/**
 * What is due now and belongs to no trigger node. Each is one small transaction that says how much
 * it did, and is run again until nothing is left.
 */
export const dueWork: Array<(operation: Operation) => Promise<number>> = [
	endOverdueWait,
	checkEndedFlow,
	expireDeliveries,
	wakeOverdue,
	returnUnanswered,
	returnFromAbsent,
	flagUnattended,
	settlePresence,
	tellOverdue,
	drainAllQueues,
	applyRetention,
	prune,
	applyEarlyStatus,
	forgetEarlyStatuses,
	forgetWaits,
	forgetLookups,
	forgetUsedLinks,
];

/** Agents also come free without anybody's call: a lease ends, another process closes. */
export async function drainAllQueues(operation: Operation): Promise<number> {
	const queues = await queuesInUse(operation);
	return queues.length === 0 ? 0 : await drainQueues(operation, queues);
}

/** The message that they were of never got this ID here: another program sent it. */
async function forgetEarlyStatuses(operation: Operation): Promise<number> {
	const { numDeletedRows } = await operation.tx
		.deleteFrom('early_statuses')
		.where('received_at', '<', operation.now - ON_ITS_WAY)
		.executeTakeFirstOrThrow();
	return Number(numDeletedRows);
}

async function prune(operation: Operation): Promise<number> {
	const old = operation.tx
		.selectFrom('deliveries')
		.select('id')
		.where('finished_at', '<', operation.now - KEEP_FINISHED)
		.where('due_at', 'is', null)
		.orderBy('finished_at')
		.limit(PRUNED_AT_ONCE);
	const ids = (await old.execute()).map(({ id }) => id);
	// Most often there are none. A subquery would let an engine read the whole table to join it.
	if (ids.length > 0) await operation.tx.deleteFrom('deliveries').where('id', 'in', ids).execute();
	return ids.length;
}
