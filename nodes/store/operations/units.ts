import { sql } from '../../vendor';
import type { Operation } from '../operation';
import { lockAgent } from './locks';

/** Counts a conversation to its agent, whom the caller has locked. */
export async function takeUnits(
	operation: Operation,
	agent: string,
	weight: number,
	also: { last_assigned_at?: number } = {},
): Promise<void> {
	await operation.tx
		.insertInto('agent_loads')
		.values({
			workspace: operation.workspace,
			agent_key: agent,
			open_units: weight,
			last_assigned_at: also.last_assigned_at ?? null,
		})
		.onConflict((conflict) =>
			conflict.columns(['workspace', 'agent_key']).doUpdateSet({
				open_units: sql<number>`agent_loads.open_units + ${weight}`,
				...also,
			}),
		)
		.execute();
}

/**
 * Gives back what an open conversation took of its agent. Pools are to be held before: see
 * {@link holdPoolsOf} of the queue that is served then.
 */
export async function releaseUnits(
	operation: Operation,
	agent: string,
	weight: number,
): Promise<void> {
	const row = operation.rowLocks ? await lockAgent(operation, agent) : undefined;
	const left = await operation.tx
		.updateTable('agent_loads')
		.set({
			open_units: sql<number>`case when open_units > ${weight} then open_units - ${weight} else 0 end`,
		})
		.where('workspace', '=', operation.workspace)
		.where('agent_key', '=', agent)
		.returning('open_units')
		.executeTakeFirst();
	// Somebody may be turned away at this moment because the agent is full, and wait.
	const full = (left?.open_units ?? 0) + weight >= (row?.capacity ?? Infinity);
	if (operation.rowLocks && full) operation.wake('work');
}
