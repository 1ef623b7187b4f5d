import { decideAssignment } from '../../decisions/assignment';
import { decideShadow } from '../../decisions/assignmentShadow';
import type { AgentCandidate } from '../../decisions/contracts';
import { sql } from '../../vendor';
import { realWorkspaceOf, type Operation } from '../operation';
import { assignTo, canStillTake, EVERYBODY, loadCandidates } from './assigning';
import { policyOf, requestOf } from './queuePolicy';
import { lockConversationIfFree, type ConversationRow } from './conversations';
import { holdPools, holdsPool, lockAgentIfFree, mayHoldPools, type Pool } from './locks';

/** How many one call assigns at most, so that one transaction stays short. The rest is done by the next. */
const AT_MOST = 100;

/** Those who wait for the members of one team (null: for everybody), or for what `waitsFor` says. */
export type Queue = { team: string | null } | { waitsFor: string };

/** The queues that an agent's free units may serve. */
export async function queuesOfAgent(operation: Operation, agent: string): Promise<Queue[]> {
	const rows = await operation.tx
		.selectFrom('team_members')
		.select('team_key')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('agent_key', '=', agent)
		.orderBy('team_key')
		.execute();
	return [
		...rows.map((row) => ({ team: row.team_key })),
		{ team: null },
		{ waitsFor: EVERYBODY },
		{ waitsFor: agent },
	];
}

/** The queue that a conversation waits in, or would. */
export const queueOf = ({
	team_key: team,
	queue_for: waitsFor,
}: Pick<ConversationRow, 'team_key' | 'queue_for'>): Queue =>
	waitsFor === null ? { team } : { waitsFor };

/** Each of them once. */
export const distinct = (queues: Queue[]): Queue[] => [
	...new Map(queues.map((queue) => [JSON.stringify(queue), queue])).values(),
];

/** Every queue in which somebody waits. */
export async function queuesInUse(operation: Operation): Promise<Queue[]> {
	const waiting = operation.tx
		.selectFrom('conversations')
		.where('workspace', '=', operation.workspace)
		.where('queue_entered_at', 'is not', null)
		.distinct();
	const teams = await waiting
		.select('team_key')
		.where('queue_for', 'is', null)
		.orderBy('team_key')
		.execute();
	const others = await waiting
		.select('queue_for')
		.where('queue_for', 'is not', null)
		.orderBy('queue_for')
		.execute();
	return [
		...teams.map((row) => ({ team: row.team_key })),
		...others.map((row) => ({ waitsFor: row.queue_for ?? EVERYBODY })),
	];
}

/** What makes two conversations of one queue the same to its agents. */
type Kind = Pick<
	ConversationRow,
	'queue_policy' | 'excluded_agents' | 'weight' | 'relax_at' | 'prefer_agent' | 'prefer_until'
>;

interface Line {
	queue: Queue;
	pool: Pool;
	/** The next to be looked at; undefined when the line has come to its end. */
	head: ConversationRow | undefined;
	/** Kinds that no agent can take: passed over, so that a head nobody can take blocks no one. */
	stuck: Kind[];
	/** Its agents as they were read last; read again once anybody was assigned. */
	agents?: AgentCandidate[] | undefined;
	/** Conversations that are passed over: taken off an agent just now, or in somebody else's hands. */
	passed: string[];
	/** It ends before the place of this one. */
	until?: ConversationRow;
}

function lineOf(queue: Queue, passed: string[] = []): Line {
	const team = 'team' in queue ? queue.team : null;
	const one = 'waitsFor' in queue && queue.waitsFor !== EVERYBODY;
	const pool: Pool = one ? { agent: queue.waitsFor } : { team };
	return { queue, pool, head: undefined, stuck: [], passed };
}

/**
 * For a transaction that is about to free an agent: holds the pools of these queues in which
 * somebody waits. To be called before the agent is locked.
 *
 * @param joined queues that somebody is about to join: their pools are held in any case
 */
export async function holdPoolsOf(
	operation: Operation,
	queues: Queue[],
	joined: Queue[] = [],
): Promise<void> {
	// A second close in one transaction leaves its queue to the pump.
	if (!operation.rowLocks || !mayHoldPools(operation)) return;
	const pools = joined.map((queue) => lineOf(queue).pool);
	if (queues.length > 0 && (await anybodyWaits(operation))) {
		for (const queue of queues) {
			const line = lineOf(queue);
			if (await nextOf(operation, line)) pools.push(line.pool);
		}
	}
	if (pools.length > 0) await holdPools(operation, pools);
}

/**
 * Gives waiting conversations to agents who are free: by priority, then by first queue time, over
 * all these queues.
 *
 * @param except a conversation that has just been taken off its agent and is not to go back at once
 * @returns how many were assigned
 */
export async function drainQueues(
	operation: Operation,
	queues: Queue[],
	except?: string,
): Promise<number> {
	if (operation.rowLocks && !(await anybodyWaits(operation))) return 0;
	const waiting: Line[] = [];
	for (const queue of queues) {
		const line = lineOf(queue, except === undefined ? [] : [except]);
		if (operation.rowLocks && !(await nextOf(operation, line))) continue;
		waiting.push(line);
	}
	const lines = await linesToServe(operation, waiting);
	for (const line of lines) line.head = await headOf(operation, line);
	return await serve(operation, lines);
}

/** @returns how many were assigned */
async function serve(operation: Operation, lines: Line[]): Promise<number> {
	let assigned = 0;
	for (let line = first(lines); line?.head; line = first(lines)) {
		if (assigned >= AT_MOST) {
			operation.wake('work');
			break;
		}
		const outcome = await tryAssign(operation, line, line.head);
		// The same agents may be those of another line, too.
		if (outcome === 'assigned') for (const each of lines) each.agents = undefined;
		if (outcome === 'assigned') assigned++;
		if (outcome === 'full' || outcome === 'busy') line.head = undefined;
		else {
			if (outcome === 'stuck') line.stuck.push(line.head);
			line.head = await headOf(operation, line);
		}
	}
	return assigned;
}

/**
 * Serves those who are ahead of a conversation that is about to be assigned from a pool which this
 * transaction holds. Agents also come free without anybody's call, when a shift begins or a wait for
 * another agent is over; who writes just then, before the pump looks, is not to overtake who waits.
 *
 * @returns how many were assigned
 */
export async function serveThoseAhead(
	operation: Operation,
	row: ConversationRow,
	queue: Queue,
): Promise<number> {
	if (operation.rowLocks && !(await anybodyWaits(operation))) return 0;
	const line: Line = { ...lineOf(queue), until: row };
	line.head = await headOf(operation, line);
	return await serve(operation, [line]);
}

/** Most often nobody does, and that is all there is to ask. */
async function anybodyWaits(operation: Operation): Promise<boolean> {
	const waiting = operation.tx
		.selectFrom('conversations')
		.select('id')
		.where('workspace', '=', operation.workspace)
		.where('queue_entered_at', 'is not', null)
		.limit(1);
	// Two questions, since there is an index for each; both at once.
	const found = await Promise.all([
		waiting.where('queue_for', 'is', null).executeTakeFirst(),
		waiting.where('queue_for', 'is not', null).executeTakeFirst(),
	]);
	return found.some((row) => row !== undefined);
}

/**
 * The lines whose pools this transaction holds, or may still ask for. The others are left to the
 * next round, which comes as soon as this transaction is through.
 */
async function linesToServe(operation: Operation, lines: Line[]): Promise<Line[]> {
	if (!operation.rowLocks) return lines;
	if (mayHoldPools(operation)) {
		const chances: Line[] = [];
		for (const line of lines) {
			const agents = await loadCandidates(operation, line.pool);
			// Nobody has room: not worth keeping others out of the pool.
			if (!agents.every(isFull)) chances.push(line);
		}
		await holdPools(
			operation,
			chances.map(({ pool }) => pool),
		);
		return chances;
	}
	const held = lines.filter(({ pool }) => holdsPool(operation, pool));
	if (held.length < lines.length) operation.wake('work');
	return held;
}

/** The line whose head is next of all. */
function first(lines: Line[]): Line | undefined {
	return lines.reduce<Line | undefined>((best, line) => {
		if (!line.head) return best;
		return best?.head && inOrder(best.head, line.head) < 0 ? best : line;
	}, undefined);
}

function inOrder(a: ConversationRow, b: ConversationRow): number {
	return (
		b.priority - a.priority ||
		(a.queue_entered_at ?? 0) - (b.queue_entered_at ?? 0) ||
		(a.id < b.id ? -1 : 1)
	);
}

/** The next of a line, locked. One that somebody else has in hand is passed over, not waited for. */
async function headOf(operation: Operation, line: Line): Promise<ConversationRow | undefined> {
	for (;;) {
		const next = await nextOf(operation, line);
		if (!next || !operation.rowLocks) return next;
		const taken = await lockConversationIfFree(operation, next.id);
		if (taken && sameLine(taken, next)) return taken;
		line.passed.push(next.id);
		operation.wake('work');
	}
}

/** Whether it still waits in the same queue as when it was read. */
const sameLine = (a: ConversationRow, b: ConversationRow) =>
	a.queue_entered_at !== null && a.team_key === b.team_key && a.queue_for === b.queue_for;

async function nextOf(
	operation: Operation,
	{ queue, stuck, passed, until }: Line,
): Promise<ConversationRow | undefined> {
	let query = operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where('queue_entered_at', 'is not', null)
		.orderBy('priority', 'desc')
		.orderBy('queue_entered_at')
		.orderBy('id')
		.limit(1);
	query =
		'waitsFor' in queue
			? query.where('queue_for', '=', queue.waitsFor)
			: query
					.where('queue_for', 'is', null)
					.where('team_key', queue.team === null ? 'is' : '=', queue.team);
	if (passed.length > 0) query = query.where('id', 'not in', passed);
	if (until) query = query.where(isAhead(until, operation.now));
	if (stuck.length > 0) {
		const kinds = stuck.map(
			(row) =>
				sql`(${row.queue_policy}, ${row.excluded_agents}, cast(${row.weight} as integer),
					cast(${isRelaxed(row, operation.now) ? 1 : 0} as integer), ${waitsFor(row, operation.now)})`,
		);
		query = query.where(
			sql<boolean>`(queue_policy, excluded_agents, weight,
				case when relax_at <= ${operation.now} then 1 else 0 end,
				case when prefer_until > ${operation.now} then prefer_agent else '' end) not in (values ${sql.join(kinds)})`,
		);
	}
	return await query.executeTakeFirst();
}

/** Before the place that a conversation has, or would have if it waited from now on. */
function isAhead({ id, priority, first_queued_at: first }: ConversationRow, now: number) {
	const entered = first ?? now;
	return sql<boolean>`(priority > ${priority} or (priority = ${priority} and
		(queue_entered_at < ${entered} or (queue_entered_at = ${entered} and id < ${id}))))`;
}

/** What a kind of conversation is besides, at a moment: see {@link requestOf}. As the query has it. */
const isRelaxed = ({ relax_at: at }: Kind, now: number) => at !== null && at <= now;
const waitsFor = ({ prefer_agent, prefer_until: until }: Kind, now: number) =>
	until !== null && until > now ? (prefer_agent ?? '') : '';

async function tryAssign(
	operation: Operation,
	line: Line,
	conversation: ConversationRow,
): Promise<'assigned' | 'stuck' | 'full' | 'busy'> {
	const { pool } = line;
	const request = requestOf(conversation, operation.now);
	const agents = (line.agents ??= await loadCandidates(operation, pool));
	const decision = decideAssignment(agents, request, operation.now);
	if (!decision.chosen) return agents.every(isFull) ? 'full' : 'stuck';
	const agent = decision.chosen.key;
	const taken = await lockAgentIfFree(operation, agent);
	if (!taken || !(await canStillTake(operation, agent, request))) {
		// Somebody else is at this agent: what becomes of that is known in the next round.
		operation.wake('work');
		return 'busy';
	}
	const { shadow } = policyOf(conversation);
	await assignTo(operation, conversation, {
		agent,
		pool,
		decision,
		shadow: shadow ? decideShadow(agents, request, shadow, decision, operation.now) : null,
		source: 'queue',
		reason: decision.explanation,
	});
	return 'assigned';
}

/** Full for every conversation, whatever its policy: there is no use in looking at those behind. */
const isFull = ({ capacity, openUnits }: AgentCandidate) =>
	capacity !== null && openUnits >= capacity;
