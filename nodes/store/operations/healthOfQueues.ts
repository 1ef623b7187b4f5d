import { decideAssignment } from '../../decisions/assignment';
import { isOnline } from '../../decisions/candidates';
import type { AgentCandidate } from '../../decisions/contracts';
import { presenceOf } from '../../decisions/presence';
import { idFloor } from '../ids';
import { realWorkspaceOf, type Operation } from '../operation';
import { EVERYBODY, requestOf } from './queuePolicy';
import { loadCandidates } from './poolAgents';
import { CLOSED } from './conversations';
import { readShift } from './hours';
import { saidBy } from './presence';
import { counted, EXAMPLES, lasting, type Problem } from './problem';

/**
 * A free agent serves the queue at once, and the pump within seconds: who waits longer than this
 * while somebody could take over is forgotten. Milliseconds.
 */
const STUCK_AFTER = 60_000;

/** One queue in which somebody waits. */
export interface QueueFigures {
	/** Who is waited for: a team, one agent, or (both null) everybody. */
	team: string | null;
	agent: string | null;
	waiting: number;
	oldestWaitSeconds: number;
	/** How many agents the queue has, and how many of them are online and on shift. */
	agents: number;
	online: number;
}

interface Agent extends AgentCandidate {
	/** It came online, or its shift began, so lately that its queues may not have been served since. */
	justCame: boolean;
}

interface Staff {
	agents: Agent[];
	/** Team → its agents; every team is there. */
	teams: Map<string, Agent[]>;
}

/** Teams, agents and those who wait for them. Reads what is open, whatever is closed besides. */
export async function healthOfQueues(
	operation: Operation,
): Promise<{ queues: QueueFigures[]; problems: Problem[] }> {
	const staff = await readStaff(operation);
	const queues = await readQueues(operation, staff);
	const kinds = await waitingKinds(operation);
	const found = [
		stuck(operation, staff, kinds),
		nobodyCanTake(operation, staff, kinds),
		withoutAgents(staff, queues),
		nobodyOnline(queues),
		overCapacity(staff),
	];
	return { queues, problems: found.filter((problem) => problem !== undefined) };
}

async function readStaff(operation: Operation): Promise<Staff> {
	const { tx, workspace } = operation;
	const real = realWorkspaceOf(workspace);
	const rows = await tx
		.selectFrom('agents')
		.select(['key', 'availability', 'availability_changed_at', 'online_until', 'follows_shifts'])
		.select(['next_availability', 'next_at', 'shifts'])
		.where('workspace', '=', real)
		.execute();
	const limit = operation.now - STUCK_AFTER;
	const offShiftThen = shiftsOutside(rows, limit);
	// Who has said something since, or was not there then by time or shift.
	const came = new Set(
		rows
			.filter((row) => {
				if (row.availability_changed_at > limit) return true;
				const then = { ...saidBy(row, limit), onShift: !offShiftThen.has(row.shifts) };
				return presenceOf(then, limit) !== 'online';
			})
			.map(keyOf),
	);
	// As the decision sees them. Whose turn it is does not matter to whether anybody could take over.
	const candidates = await loadCandidates(operation, { team: null });
	const agents = candidates.map((agent) => ({ ...agent, justCame: came.has(agent.key) }));
	const teams = new Map<string, Agent[]>();
	const keys = await tx
		.selectFrom('teams')
		.select('key')
		.where('workspace', '=', real)
		.orderBy('key')
		.execute();
	for (const { key } of keys) teams.set(key, []);
	const members = await tx
		.selectFrom('team_members')
		.select(['team_key', 'agent_key'])
		.where('workspace', '=', real)
		.execute();
	const byKey = new Map(agents.map((agent) => [agent.key, agent]));
	for (const { team_key, agent_key } of members) {
		const agent = byKey.get(agent_key);
		if (agent) teams.get(team_key)?.push(agent);
	}
	return { agents, teams };
}

const keyOf = ({ key }: { key: string }) => key;

/** The shifts that do not include a moment; many agents have the same. */
function shiftsOutside(agents: Array<{ shifts: string | null }>, at: number): Set<string | null> {
	const all = new Set(agents.map(({ shifts }) => shifts));
	return new Set([...all].filter((shifts) => !readShift(shifts, at).onShift));
}

/** Where a conversation waits, as its columns say it. */
interface Place {
	team_key: string | null;
	queue_for: string | null;
}

const teamOf = ({ team_key, queue_for }: Place) => (queue_for === null ? team_key : null);

const agentOf = ({ queue_for }: Place) => (queue_for === EVERYBODY ? null : queue_for);

/** Those who could take what waits there. */
function poolOf({ agents, teams }: Staff, place: Place): Agent[] {
	const agent = agentOf(place);
	if (agent !== null) return agents.filter(({ key }) => key === agent);
	const team = teamOf(place);
	return team === null ? agents : (teams.get(team) ?? []);
}

const waitingOf = (operation: Operation) =>
	operation.tx
		.selectFrom('conversations')
		.where('workspace', '=', operation.workspace)
		.where('status', '<>', CLOSED)
		.where('queue_entered_at', 'is not', null);

async function readQueues(operation: Operation, staff: Staff): Promise<QueueFigures[]> {
	const lines = await waitingOf(operation)
		.select((eb) => [
			'team_key',
			'queue_for',
			eb.fn.countAll<number>().as('waiting'),
			eb.fn.min('queue_entered_at').as('since'),
		])
		.groupBy(['team_key', 'queue_for'])
		.execute();
	const queues = new Map<string, QueueFigures>();
	for (const line of lines) {
		const [team, agent] = [teamOf(line), agentOf(line)];
		const seconds = Math.floor((operation.now - Number(line.since)) / 1000);
		const id = JSON.stringify([team, agent]);
		const known = queues.get(id);
		if (known) {
			// Who waits for one agent or for everybody waits in one queue, whatever team was routed to.
			known.waiting += Number(line.waiting);
			known.oldestWaitSeconds = Math.max(known.oldestWaitSeconds, seconds);
			continue;
		}
		const pool = poolOf(staff, line);
		queues.set(id, {
			team,
			agent,
			waiting: Number(line.waiting),
			oldestWaitSeconds: seconds,
			agents: pool.length,
			online: pool.filter((one) => isOnline(one, operation.now)).length,
		});
	}
	return [...queues.values()].sort(
		(a, b) => b.oldestWaitSeconds - a.oldestWaitSeconds || (nameOf(a) < nameOf(b) ? -1 : 1),
	);
}

const nameOf = ({ team, agent }: QueueFigures) => team ?? agent ?? 'everybody';

/** What makes those who wait the same to agents. */
const KIND = [
	'team_key',
	'queue_for',
	'queue_policy',
	'excluded_agents',
	'weight',
	'relax_at',
	'prefer_agent',
	'prefer_until',
] as const;

/**
 * Those who have waited for long, one row for each kind that is the same to agents. Who was queued
 * again just now keeps an old place, and is not forgotten for that.
 */
async function waitingKinds(operation: Operation) {
	const limit = operation.now - STUCK_AFTER;
	return await waitingOf(operation)
		.select(KIND)
		.select((eb) => [
			eb.fn.countAll<number>().as('waiting'),
			eb.fn.min('queue_entered_at').as('since'),
			eb.fn.min('id').as('first'),
		])
		.where('queue_entered_at', '<=', limit)
		.where((eb) =>
			eb.not(
				eb.exists(
					eb
						.selectFrom('events')
						.select('events.id')
						.whereRef('events.conversation_id', '=', 'conversations.id')
						.where('events.id', '>', idFloor(limit))
						.where('events.type', '=', 'queued'),
				),
			),
		)
		.groupBy(KIND)
		.execute();
}

type Kinds = Awaited<ReturnType<typeof waitingKinds>>;

/** How many they are, since when the oldest waits, and a few. */
function tallyOfKinds(kinds: Kinds) {
	return {
		count: kinds.reduce((sum, { waiting }) => sum + Number(waiting), 0),
		since: Math.min(...kinds.map(({ since }) => Number(since))),
		examples: kinds.map(({ first }) => first).slice(0, EXAMPLES),
	};
}

/** Asks the decision that serves queues, once for each kind of conversation that waits. */
function stuck(operation: Operation, staff: Staff, kinds: Kinds): Problem | undefined {
	const forgotten = kinds.filter((kind) => {
		const there = poolOf(staff, kind).filter((agent) => !agent.justCame);
		return decideAssignment(there, requestOf(kind, operation.now), operation.now).chosen !== null;
	});
	if (forgotten.length === 0) return undefined;
	const { count, since, examples } = tallyOfKinds(forgotten);
	return {
		code: 'queueStuck',
		severity: 'error',
		message: `${counted(count, 'conversation waits', 'conversations wait')} although an agent who could take over is free; the oldest has waited ${lasting(operation.now - since)}`,
		hint: 'Queues are served every few seconds by any n8n process that has this store open. Check that n8n runs a workflow with this credential, and its log for "Conversation store"',
		count,
		examples,
	};
}

/**
 * Who would wait for ever: the queue has agents, and none of them could take it even if all were there
 * and had nothing open. Relaxing that is still to come counts as come.
 */
function nobodyCanTake(operation: Operation, staff: Staff, kinds: Kinds): Problem | undefined {
	const lost = kinds.filter((kind) => {
		// Who may have nothing at all is given a rest, which ends.
		const free = poolOf(staff, kind).map((agent) => ({
			...{ ...agent, openUnits: 0 },
			capacity: agent.capacity === 0 ? null : agent.capacity,
		}));
		if (free.length === 0) return false;
		const relaxed = requestOf(kind, Math.max(operation.now, Number(kind.relax_at ?? 0)));
		const request = { ...relaxed, onlyOnline: false, prefer: null };
		return decideAssignment(free, request, operation.now).chosen === null;
	});
	if (lost.length === 0) return undefined;
	const { count, since, examples } = tallyOfKinds(lost);
	return {
		code: 'nobodyCanTake',
		severity: 'error',
		message: `${counted(count, 'conversation waits', 'conversations wait')} that no agent of the queue can take, whoever is online or free: each is excluded, lacks a skill or the language, or has too little capacity; the oldest has waited ${lasting(operation.now - since)}`,
		hint: 'Give them to an agent or another team with Conversation Store → Conversation → Transfer. The options Relax After and Then Escalate to Team of Auto-Assign Agent keep others from it',
		count,
		examples,
	};
}

function withoutAgents({ teams }: Staff, queues: QueueFigures[]): Problem | undefined {
	const empty = [...teams].filter(([, agents]) => agents.length === 0).map(([key]) => key);
	if (empty.length === 0) return undefined;
	const waiting = waitingIn(queues.filter(({ team }) => team !== null && empty.includes(team)));
	return {
		code: 'teamsWithoutAgents',
		severity: waiting > 0 ? 'error' : 'warning',
		message: `${counted(empty.length, 'team has', 'teams have')} no agents; ${counted(waiting, 'conversation waits', 'conversations wait')} there`,
		hint: 'Put agents into the team with Conversation Store → Agent → Create or Update, or delete it',
		count: empty.length,
		examples: empty.slice(0, EXAMPLES),
	};
}

function nobodyOnline(queues: QueueFigures[]): Problem | undefined {
	const deserted = queues.filter(
		({ team, agent, agents, online }) =>
			agent === null && online === 0 && (team === null || agents > 0),
	);
	const [oldest] = deserted;
	if (!oldest) return undefined;
	const waiting = waitingIn(deserted);
	return {
		code: 'nobodyOnline',
		severity: 'warning',
		message: `${counted(waiting, 'conversation waits', 'conversations wait')} in ${counted(deserted.length, 'queue')} where nobody is online; the oldest has waited ${lasting(oldest.oldestWaitSeconds * 1000)}`,
		hint: 'Somebody of these teams has to come online: Conversation Store → Agent → Set Availability. Outside their shifts agents get nothing: see Shifts in Conversation Store → Agent → Get',
		count: waiting,
		examples: deserted.map(nameOf).slice(0, EXAMPLES),
	};
}

const waitingIn = (queues: QueueFigures[]) => queues.reduce((sum, { waiting }) => sum + waiting, 0);

function overCapacity({ agents }: Staff): Problem | undefined {
	const over = agents
		.map((agent) => ({ ...agent, excess: agent.openUnits - (agent.capacity ?? Infinity) }))
		.filter(({ excess }) => excess > 0)
		.sort((a, b) => b.excess - a.excess);
	const [worst] = over;
	if (!worst) return undefined;
	return {
		code: 'agentsOverCapacity',
		severity: 'warning',
		message: `${counted(over.length, 'agent has', 'agents have')} more open than their capacity allows, most of all '${worst.key}' with ${worst.openUnits} of ${worst.capacity}`,
		hint: 'A person assigned more by hand, or the capacity was lowered. They get nothing new until they close some; raise the capacity, or give conversations to others',
		count: over.length,
		examples: over.map(({ key }) => key).slice(0, EXAMPLES),
	};
}
