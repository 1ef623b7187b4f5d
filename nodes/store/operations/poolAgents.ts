import { decideAssignment } from '../../decisions/assignment';
import type { AgentCandidate, AssignmentPolicy } from '../../decisions/contracts';
import { parseJson } from '../json';
import { realWorkspaceOf, type Operation } from '../operation';
import { shiftOf } from './hours';
import { lockAgent, lockAgentIfFree, type Pool } from './locks';
import { saidBy } from './presence';
import { EVERYBODY } from './queuePolicy';

/** The agents of a pool as the decision sees them. */
export async function loadCandidates(operation: Operation, pool: Pool): Promise<AgentCandidate[]> {
	const real = realWorkspaceOf(operation.workspace);
	const team = 'team' in pool ? (pool.team ?? EVERYBODY) : EVERYBODY;
	let query = operation.tx
		.selectFrom('agents')
		.leftJoin('agent_loads as load', (join) =>
			join
				.onRef('load.agent_key', '=', 'agents.key')
				.on('load.workspace', '=', operation.workspace),
		)
		.leftJoin('turns as turn', (join) =>
			join
				.onRef('turn.agent_key', '=', 'agents.key')
				.on('turn.workspace', '=', operation.workspace)
				.on('turn.team_key', '=', team),
		)
		.select([
			'agents.key',
			'agents.name',
			'agents.availability',
			'agents.availability_changed_at',
			'agents.online_until',
			'agents.follows_shifts',
			'agents.next_availability',
			'agents.next_at',
			'agents.skills',
			'agents.languages',
			'agents.shifts',
			'agents.capacity',
			'load.open_units',
			'load.last_assigned_at',
			'turn.turn_count',
			'turn.last_turn',
		])
		.where('agents.workspace', '=', real)
		.orderBy('agents.key');
	if ('agent' in pool) query = query.where('agents.key', '=', pool.agent);
	else if (pool.team !== null) {
		query = query.where('agents.key', 'in', (eb) =>
			eb
				.selectFrom('team_members')
				.select('agent_key')
				.where('workspace', '=', real)
				.where('team_key', '=', team),
		);
	}
	const rows = await query.execute();
	// Who never had a turn begins level with the one who had fewest, not at zero: a new colleague
	// gets the next turn, and not all of them.
	const fewest = Math.min(...rows.map((row) => row.turn_count ?? Infinity));
	return rows.map((row) => ({
		key: row.key,
		name: row.name,
		...saidBy(row, operation.now),
		...shiftOf(operation, row.shifts),
		capacity: row.capacity,
		openUnits: row.open_units ?? 0,
		skills: words(row.skills),
		languages: words(row.languages),
		lastAssignedAt: row.last_assigned_at,
		turnCount: row.turn_count ?? (Number.isFinite(fewest) ? fewest : 0),
		lastTurn: row.last_turn,
	}));
}

const NO_WORDS: string[] = [];

/** Most agents have none: not worth parsing. */
const words = (column: string) =>
	column === '[]' ? NO_WORDS : parseJson<string[]>(column, NO_WORDS);

/**
 * Locks the agent who was chosen.
 *
 * @returns false when the agent, as it is now, may no longer have the conversation: another team
 * filled it in between, it went away, it was removed
 */
export async function claimAgent(
	operation: Operation,
	agent: string,
	request: AssignmentPolicy,
): Promise<boolean> {
	if (!operation.rowLocks) return true;
	// Who has an agent already, because others were served first, waits for no second one.
	if (operation.held.agents.size > 0) {
		if (!(await lockAgentIfFree(operation, agent))) return false;
	} else await lockAgent(operation, agent);
	return await canStillTake(operation, agent, request);
}

/** For a locked agent: whether what was decided before it was locked still holds. */
export async function canStillTake(
	operation: Operation,
	agent: string,
	request: AssignmentPolicy,
): Promise<boolean> {
	if (!operation.rowLocks) return true;
	const now = await loadCandidates(operation, { agent });
	// Alone, it is not passed over for the agent that the contact had before.
	return decideAssignment(now, { ...request, prefer: null }, operation.now).chosen !== null;
}
