import type { Operation } from '../operation';
import { drainQueues } from './drainQueue';
import { checkEndedFlows, expireDeliveries } from './flowEnds';

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
	drainAllQueues,
	prune,
];

/** Agents also come free without anybody's call: a lease ends, another process closes. */
export async function drainAllQueues(operation: Operation): Promise<number> {
	const rows = await operation.tx
		.selectFrom('conversations')
		.select('team_key')
		.distinct()
		.where('workspace', '=', operation.workspace)
		.where('queue_entered_at', 'is not', null)
		.orderBy('team_key')
		.execute();
	if (rows.length === 0) return 0;
	return await drainQueues(
		operation,
		rows.map((row) => row.team_key),
	);
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
