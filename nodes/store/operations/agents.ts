import type { Availability, BusinessHours } from '../../decisions/contracts';
import { agentNotFound, TryAgain } from '../errors';
import { recordEvent } from '../events';
import { parseJson } from '../json';
import { testWorkspaceOf, type Operation } from '../operation';
import { getAgent, type AgentView } from './agentViews';
import { enqueue, requeueWithoutAgent } from './queueing';
import {
	EVERYBODY,
	excludedAgents,
	excludedColumn,
	policyOf,
	withoutOnlyAgent,
} from './queuePolicy';
import { findTeam } from './findTeam';
import { forgetTurns } from './turns';
import { changeShifts, say } from './availability';
import { changeConversation, CLOSED, lockConversation, lockNewcomers } from './conversations';
import { distinct, drainQueues, holdPoolsOf, queueOf, queuesOfAgent } from './drainQueue';
import { holdTeams, lockAgent } from './locks';
import type { AgentRow } from './presence';
import { forgetPace } from './queuePace';
import { hoursColumn } from './hours';

export interface UpsertAgentInput {
	key: string;
	name?: string;
	/** Replaces the agent's teams where given. */
	teams?: string[];
	capacity?: number | null;
	availability?: Availability;
	/** Comes online when a shift begins and goes offline when it ends, without anybody's doing. */
	followsShifts?: boolean;
	skills?: string[];
	languages?: string[];
	/** Null: always. */
	shifts?: BusinessHours | null;
	handles?: Record<string, string>;
	source: string;
	actor?: string;
}

/**
 * Creates or changes an agent; what is not given stays. More capacity, or a shift that is now, serves
 * the queue at once.
 */
export async function upsertAgent(
	operation: Operation,
	input: UpsertAgentInput,
): Promise<{ agent: AgentView; created: boolean; assignedFromQueue: number }> {
	await holdTeams(operation, input.teams ?? []);
	for (const team of input.teams ?? []) await findTeam(operation, team);
	const queues = await queuesOfAgent(operation, input.key);
	for (const team of input.teams ?? []) {
		if (!queues.some((queue) => 'team' in queue && queue.team === team)) queues.push({ team });
	}
	await holdPoolsOf(operation, queues);
	const known = await lockAgent(operation, input.key);
	const values = {
		name: input.name ?? known?.name ?? input.key,
		capacity: input.capacity === undefined ? (known?.capacity ?? null) : input.capacity,
		skills: JSON.stringify(input.skills ?? parseJson<string[]>(known?.skills, [])),
		languages: JSON.stringify(input.languages ?? parseJson<string[]>(known?.languages, [])),
		handles: JSON.stringify(input.handles ?? parseJson<Record<string, string>>(known?.handles, {})),
	};
	if (known) {
		await operation.tx
			.updateTable('agents')
			.set(values)
			.where('workspace', '=', operation.workspace)
			.where('key', '=', input.key)
			.execute();
	} else await createAgent(operation, input.key, values);
	const row = known ?? (await lockAgent(operation, input.key));
	if (row) await setHours(operation, row, input);
	if (input.teams) await setTeams(operation, input.key, input.teams);
	const assignedFromQueue = await drainQueues(operation, await queuesOfAgent(operation, input.key));
	return { agent: await getAgent(operation, input.key), created: !known, assignedFromQueue };
}

type Values = Pick<AgentRow, 'name' | 'capacity' | 'skills' | 'languages' | 'handles'>;

/** Nobody has said anything about the agent yet. */
async function createAgent(operation: Operation, key: string, values: Values): Promise<void> {
	const { workspace, now } = operation;
	const { numInsertedOrUpdatedRows } = await operation.tx
		.insertInto('agents')
		.values({
			...values,
			...{ workspace, key, created_at: now },
			...{ availability: 'offline', availability_changed_at: now, availability_source: null },
			...{ online_until: null, grace: 0, presence: 'offline', absent_since: now },
			...{ shifts: null, follows_shifts: 0 },
		})
		.onConflict((conflict) => conflict.doNothing())
		.executeTakeFirstOrThrow();
	// Another process has just created the same one: this call changes it.
	if (Number(numInsertedOrUpdatedRows ?? 0) === 0) throw new TryAgain();
}

/** When the locked agent works, and whether it is there, where that is given. */
async function setHours(
	operation: Operation,
	row: AgentRow,
	{ shifts, followsShifts, availability, source, actor }: UpsertAgentInput,
): Promise<void> {
	const by = { source, ...(actor === undefined ? {} : { actor }) };
	const hours = {
		shifts: shifts === undefined ? row.shifts : hoursColumn(shifts),
		followsShifts: followsShifts ?? row.follows_shifts !== 0,
	};
	if (hours.shifts !== row.shifts || hours.followsShifts !== (row.follows_shifts !== 0)) {
		await changeShifts(operation, row, { ...hours, ...by });
	}
	if (availability === undefined) return;
	const now = await lockAgent(operation, row.key);
	const word = { key: row.key, availability, onlineUntil: null, ...by };
	if (now) await say(operation, now, word);
}

async function setTeams(operation: Operation, agent: string, teams: string[]): Promise<void> {
	const left = await operation.tx
		.deleteFrom('team_members')
		.where('workspace', '=', operation.workspace)
		.where('agent_key', '=', agent)
		.returning('team_key')
		.execute();
	await forgetTurns(
		operation,
		agent,
		left.map((row) => row.team_key).filter((team) => !teams.includes(team)),
	);
	for (const team of new Set(teams)) {
		await operation.tx
			.insertInto('team_members')
			.values({ workspace: operation.workspace, team_key: team, agent_key: agent })
			.execute();
	}
}

/** Open conversations of a removed agent go back to their queues, with that agent excluded. */
export async function deleteAgent(
	operation: Operation,
	input: { key: string; source: string; actor?: string },
): Promise<{ requeued: number }> {
	const { rows, waiting, queues } = await lockWithConversations(operation, input.key);
	const reason = 'agent removed';
	const { source } = input;
	for (const row of rows) {
		const excluded = excludedColumn([...excludedAgents(row), input.key]);
		const changed = await changeConversation(operation, row, { excluded_agents: excluded });
		await requeueWithoutAgent(operation, changed, { reason, source, actor: input.actor ?? null });
	}
	// Who waited for this agent alone would wait for ever: the team takes over, at the same place.
	for (const row of waiting) {
		const policy = withoutOnlyAgent(policyOf(row));
		await enqueue(operation, row, { policy, reason, source });
	}
	await forgetAgent(operation, input.key);
	await recordEvent(operation, {
		type: 'agent_removed',
		source,
		actor: input.actor ?? null,
		data: { agent: input.key, requeued: rows.length },
	});
	await drainQueues(operation, queues);
	return { requeued: rows.length };
}

/** What an agent has, and who waits for this agent alone. */
async function conversationsOf(operation: Operation, key: string) {
	const rows = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where('assignee_key', '=', key)
		.where('status', '<>', CLOSED)
		.orderBy('opened_at')
		.orderBy('id')
		.execute();
	const waiting = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where('queue_entered_at', 'is not', null)
		.where('queue_for', '=', key)
		.orderBy('id')
		.execute();
	return { rows, waiting };
}

/**
 * Customers first, then pools, then the agent: as everybody locks them; then what the agent got in
 * between.
 *
 * @throws StoreError `AgentNotFound`
 */
async function lockWithConversations(operation: Operation, key: string) {
	const found = await conversationsOf(operation, key);
	const known = [...found.rows, ...found.waiting];
	// Who waited for this agent alone waits for the team then.
	const queues = distinct(
		known.map((row) => queueOf(row.queue_for === key ? { ...row, queue_for: null } : row)),
	);
	if (operation.rowLocks) {
		known.sort((a, b) => (a.contact_key < b.contact_key ? -1 : 1));
		for (const { id } of known) await lockConversation(operation, id);
		await holdPoolsOf(operation, [], queues);
	}
	if (!(await lockAgent(operation, key))) throw agentNotFound(key);
	if (!operation.rowLocks) return { ...found, queues };
	const { rows, waiting } = await conversationsOf(operation, key);
	await lockNewcomers(operation, [...rows, ...waiting], known);
	return { ...(await conversationsOf(operation, key)), queues };
}

/** An agent of the same key who comes later is another one. */
async function forgetAgent(operation: Operation, key: string): Promise<void> {
	await setTeams(operation, key, []);
	await forgetTurns(operation, key, [EVERYBODY]);
	await forgetPace(operation, { team_key: null, queue_for: key });
	await operation.tx
		.deleteFrom('agent_loads')
		.where('workspace', 'in', [operation.workspace, testWorkspaceOf(operation.workspace)])
		.where('agent_key', '=', key)
		.execute();
	await operation.tx
		.deleteFrom('agents')
		.where('workspace', '=', operation.workspace)
		.where('key', '=', key)
		.execute();
}
