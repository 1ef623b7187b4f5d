import type { Operation } from '../operation';
import { drainQueues, queuesInUse } from './drainQueue';
import { checkEndedFlows, expireDeliveries, flagUnattended } from './flowEnds';

/** How long what is finished stays for Check Health to show. Milliseconds. */
const KEEP_FINISHED = 30 * 24 * 60 * 60_000;

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

/** What is due now and belongs to no trigger node. One small transaction for each kind of work. */
export const dueWork: Array<(operation: Operation) => Promise<number>> = [
	checkEndedFlows,
	expireDeliveries,
	flagUnattended,
	drainAllQueues,
	prune,
];

/** Agents also come free without anybody's call: a lease ends, another process closes. */
export async function drainAllQueues(operation: Operation): Promise<number> {
	const queues = await queuesInUse(operation);
	return queues.length === 0 ? 0 : await drainQueues(operation, queues);
}

async function prune(operation: Operation): Promise<number> {
	const old = operation.tx
		.selectFrom('deliveries')
		.select('id')
		.where('finished_at', '<', operation.now - KEEP_FINISHED)
		.where('due_at', 'is', null)
		.limit(500);
	const { numDeletedRows } = await operation.tx
		.deleteFrom('deliveries')
		.where('id', 'in', old)
		.executeTakeFirstOrThrow();
	return Number(numDeletedRows);
}
