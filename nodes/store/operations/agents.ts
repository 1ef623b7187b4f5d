import type { Availability, BusinessHours } from '../../decisions/contracts';
import type { Selectable } from '../../vendor';
import { agentNotFound, TryAgain } from '../errors';
import { recordEvent } from '../events';
import { parseJson } from '../json';
import { realWorkspaceOf, testWorkspaceOf, type Operation } from '../operation';
import type { AgentTable } from '../schema';
import { isoTime } from '../views';
import { enqueue, EVERYBODY, findTeam, forgetTurns, requeueWithoutAgent } from './assigning';
import { excludedAgents, policyOf, withoutOnlyAgent } from './queuePolicy';
import { changeConversation, CLOSED, lockConversation, lockNewcomers } from './conversations';
import { distinct, drainQueues, holdPoolsOf, queueOf, queuesOfAgent } from './drainQueue';
import { holdTeams, lockAgent } from './locks';
import { keyOrNameContains } from './search';
import { hoursColumn, shiftOf } from './hours';

export interface AgentView {
	key: string;
	name: string;
	availability: Availability;
	onlineUntil: string | null;
	capacity: number | null;
	openUnits: number;
	lastAssignedAt: string | null;
	teams: string[];
	skills: string[];
	languages: string[];
	/** When the agent works; null is always. */
	shifts: BusinessHours | null;
	/** Whether the shifts include this moment. */
	onShift: boolean;
	handles: Record<string, string>;
}

export interface UpsertAgentInput {
	key: string;
	name?: string;
	/** Replaces the agent's teams where given. */
	teams?: string[];
	capacity?: number | null;
	availability?: Availability;
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
		shifts: input.shifts === undefined ? (known?.shifts ?? null) : hoursColumn(input.shifts),
		handles: JSON.stringify(input.handles ?? parseJson<Record<string, string>>(known?.handles, {})),
	};
	if (known) {
		await operation.tx
			.updateTable('agents')
			.set(values)
			.where('workspace', '=', operation.workspace)
			.where('key', '=', input.key)
			.execute();
	} else {
		const { numInsertedOrUpdatedRows } = await operation.tx
			.insertInto('agents')
			.values({
				...values,
				workspace: operation.workspace,
				key: input.key,
				availability: 'offline',
				online_until: null,
				follows_shifts: 0,
				grace: 0,
				absent_since: operation.now,
				created_at: operation.now,
				availability_changed_at: operation.now,
			})
			.onConflict((conflict) => conflict.doNothing())
			.executeTakeFirstOrThrow();
		// Another process has just created the same one: this call changes it.
		if (Number(numInsertedOrUpdatedRows ?? 0) === 0) throw new TryAgain();
	}
	if (input.teams) await setTeams(operation, input.key, input.teams);
	if (input.availability) {
		await changeAvailability(operation, input.key, {
			availability: input.availability,
			onlineUntil: null,
			source: input.source,
			actor: input.actor,
		});
	}
	const assignedFromQueue = await drainQueues(operation, await queuesOfAgent(operation, input.key));
	return { agent: await getAgent(operation, input.key), created: !known, assignedFromQueue };
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

export interface SetAvailabilityInput {
	key: string;
	availability: Availability;
	/** "Online for …": after this moment the agent counts as offline. */
	onlineUntil: number | null;
	source: string;
	actor?: string;
}

/** A person or a workflow says who is there. Coming online serves the queue in the same step. */
export async function setAvailability(
	operation: Operation,
	input: SetAvailabilityInput,
): Promise<{ agent: AgentView; assignedFromQueue: number }> {
	const queues = input.availability === 'online' ? await queuesOfAgent(operation, input.key) : [];
	await holdPoolsOf(operation, queues);
	if (!(await lockAgent(operation, input.key))) throw agentNotFound(input.key);
	await changeAvailability(operation, input.key, input);
	const assignedFromQueue = await drainQueues(operation, queues);
	return { agent: await getAgent(operation, input.key), assignedFromQueue };
}

async function changeAvailability(
	operation: Operation,
	key: string,
	how: Omit<SetAvailabilityInput, 'key' | 'actor'> & { actor?: string | undefined },
): Promise<void> {
	const before = await lockAgent(operation, key);
	await operation.tx
		.updateTable('agents')
		.set({
			availability: how.availability,
			online_until: how.onlineUntil,
			availability_changed_at: operation.now,
		})
		.where('workspace', '=', operation.workspace)
		.where('key', '=', key)
		.execute();
	if (before?.availability === how.availability) return;
	await recordEvent(operation, {
		type: 'availability_changed',
		source: how.source,
		actor: how.actor ?? null,
		data: { agent: key, from: before?.availability ?? null, to: how.availability },
	});
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
		const excluded = JSON.stringify([...new Set([...excludedAgents(row), input.key])]);
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

/** @throws StoreError `AgentNotFound` */
export async function getAgent(operation: Operation, key: string): Promise<AgentView> {
	const row = await agentRows(operation).where('key', '=', key).executeTakeFirst();
	if (!row) throw agentNotFound(key);
	return await view(operation, row);
}

export interface ListAgentsInput {
	search?: string;
	team?: string;
	availability?: Availability;
	limit: number;
	offset: number;
}

export async function listAgents(
	operation: Operation,
	input: ListAgentsInput,
): Promise<AgentView[]> {
	let query = agentRows(operation).orderBy('key').limit(input.limit).offset(input.offset);
	if (input.availability) query = query.where('availability', '=', input.availability);
	if (input.team !== undefined) {
		const { team } = input;
		query = query.where('key', 'in', (eb) =>
			eb
				.selectFrom('team_members')
				.select('agent_key')
				.where('workspace', '=', realWorkspaceOf(operation.workspace))
				.where('team_key', '=', team),
		);
	}
	if (input.search) query = query.where(keyOrNameContains(input.search));
	const rows = await query.execute();
	return await Promise.all(rows.map(async (row) => await view(operation, row)));
}

function agentRows(operation: Operation) {
	return operation.tx
		.selectFrom('agents')
		.selectAll()
		.where('workspace', '=', realWorkspaceOf(operation.workspace));
}

async function view(operation: Operation, row: Selectable<AgentTable>): Promise<AgentView> {
	const load = await operation.tx
		.selectFrom('agent_loads')
		.select(['open_units', 'last_assigned_at'])
		.where('workspace', '=', operation.workspace)
		.where('agent_key', '=', row.key)
		.executeTakeFirst();
	const teams = await operation.tx
		.selectFrom('team_members')
		.select('team_key')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('agent_key', '=', row.key)
		.orderBy('team_key')
		.execute();
	return {
		key: row.key,
		name: row.name,
		availability: row.availability,
		onlineUntil: row.online_until === null ? null : isoTime(row.online_until),
		capacity: row.capacity,
		openUnits: load?.open_units ?? 0,
		lastAssignedAt: load?.last_assigned_at ? isoTime(load.last_assigned_at) : null,
		teams: teams.map((team) => team.team_key),
		skills: parseJson<string[]>(row.skills, []),
		languages: parseJson<string[]>(row.languages, []),
		shifts: parseJson<BusinessHours | null>(row.shifts, null),
		onShift: shiftOf(operation, row.shifts).onShift,
		handles: parseJson<Record<string, string>>(row.handles, {}),
	};
}
