import type { Selectable } from '../../vendor';
import { locked, realWorkspaceOf, type Operation } from '../operation';
import type { AgentTable } from '../schema';

/**
 * Where several transactions run at once (PostgreSQL), all of them lock in one order, so that no two
 * wait for each other:
 *
 * 1. teams by name, shared by whoever points a conversation to one, alone by whoever removes it
 * 2. contacts, each before its conversations; several of them by key
 * 3. pools by name, all at once: who assigns from a pool is alone in it, so turns have an order
 * 4. agents: the first is waited for; a transaction that has one waits for nothing any more, it
 *    takes further agents and waiting conversations only if they are free (`skip locked`)
 *
 * A pool is not its agents: an assignment locks the one agent it chose, so its cost does not grow
 * with the team, and an agent of two teams is still claimed by one at a time.
 */

/** The pool an assignment chooses from: a team, everybody (null), or one agent. */
export type Pool = { team: string | null } | { agent: string };

/** One agent needs no name: locking the row is enough. */
function poolName(operation: Operation, pool: Pool): string | undefined {
	if ('agent' in pool) return undefined;
	return `pool:${operation.workspace}:${pool.team === null ? '*' : `team ${pool.team}`}`;
}

/** Takes turns with everybody who assigns from these pools. Asked for once in a transaction. */
export async function holdPools(operation: Operation, pools: Pool[]): Promise<void> {
	if (!operation.rowLocks) return;
	if (operation.held.pools) throw new Error('Pools are held all at once');
	const names = new Set(pools.map((pool) => poolName(operation, pool)).filter(isName));
	operation.held.pools = names;
	if (names.size > 0) await operation.holdNames([...names]);
}

const isName = (name: string | undefined): name is string => name !== undefined;

/** Whether this transaction may assign from the pool. */
export function holdsPool(operation: Operation, pool: Pool): boolean {
	const name = poolName(operation, pool);
	return !operation.rowLocks || name === undefined || operation.held.pools?.has(name) === true;
}

/** Whether pools may still be asked for: not after an agent is locked. */
export const mayHoldPools = ({ held }: Operation) => !held.pools && held.agents.size === 0;

/** These teams stay as long as this transaction lasts. */
export async function holdTeams(operation: Operation, teams: string[]): Promise<void> {
	await operation.holdNames(
		teams.map((team) => teamName(operation, team)),
		true,
	);
}

/** Nobody points a conversation to these teams, or makes anybody a member, as long as this lasts. */
export async function holdTeamsAlone(operation: Operation, teams: string[]): Promise<void> {
	await operation.holdNames(teams.map((team) => teamName(operation, team)));
}

/**
 * Who points a team to its overflow team, before any team of it: two at once could close a circle
 * that neither of them sees.
 */
export async function holdOverflow(operation: Operation): Promise<void> {
	await operation.holdNames([`overflow:${realWorkspaceOf(operation.workspace)}`]);
}

const teamName = (operation: Operation, team: string) =>
	`team:${realWorkspaceOf(operation.workspace)}:${team}`;

const agentQuery = (operation: Operation, key: string) =>
	operation.tx
		.selectFrom('agents')
		.selectAll()
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('key', '=', key);

/** The agent as it is now; another transaction may change it meanwhile. Undefined when there is none. */
export async function findAgentRow(
	operation: Operation,
	key: string,
): Promise<Selectable<AgentTable> | undefined> {
	return await agentQuery(operation, key).executeTakeFirst();
}

/** The agent, alone from now on: what it has open, whether it is there. Undefined when there is none. */
export async function lockAgent(
	operation: Operation,
	key: string,
): Promise<Selectable<AgentTable> | undefined> {
	operation.held.agents.add(key);
	return await locked(operation, agentQuery(operation, key)).executeTakeFirst();
}

/**
 * Both agents between whom a conversation changes hands, at once and in one order, since two of them
 * may do so crosswise.
 *
 * @returns whether whoever is to get it is there
 */
export async function lockForHandOver(
	operation: Operation,
	from: string | null,
	to: string | null,
): Promise<boolean> {
	let isThere = to === null;
	for (const key of [from, to].filter((each) => each !== null).sort()) {
		const row = await lockAgent(operation, key);
		if (key === to) isThere = row !== undefined;
	}
	return isThere;
}

/** As {@link lockAgent}, but does not wait: false when another transaction has it. */
export async function lockAgentIfFree(operation: Operation, key: string): Promise<boolean> {
	if (!operation.rowLocks || operation.held.agents.has(key)) return true;
	const row = await agentQuery(operation, key).forUpdate().skipLocked().executeTakeFirst();
	if (row) operation.held.agents.add(key);
	return row !== undefined;
}
