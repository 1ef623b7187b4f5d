import { decideAssignment } from '../../decisions/assignment';
import { decideShadow } from '../../decisions/assignmentShadow';
import type { AgentCandidate } from '../../decisions/contracts';
import { realWorkspaceOf, type Operation } from '../operation';
import { assignTo } from './assigning';
import { canStillTake, loadCandidates } from './poolAgents';
import { EVERYBODY, policyOf, requestOf } from './queuePolicy';
import { lockConversationIfFree, type ConversationRow } from './conversations';
import { holdPools, holdsPool, lockAgentIfFree, mayHoldPools } from './locks';
import { inOrder, isWaitedIn, lineOf, nextOf, passOver, type Line, type Queue } from './queueLine';

/** How many one call assigns at most, so that one transaction stays short. The rest is done by the next. */
const AT_MOST = 100;

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
			if (await isWaitedIn(operation, line)) pools.push(line.pool);
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
		if (operation.rowLocks && !(await isWaitedIn(operation, line))) continue;
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
			if (outcome === 'stuck') passOver(operation, line, line.head);
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

/** The next of a line, locked. One that somebody else has in hand is passed over, not waited for. */
async function headOf(operation: Operation, line: Line): Promise<ConversationRow | undefined> {
	for (;;) {
		const next = await nextOf(operation, line);
		if (!next || !operation.rowLocks) return next;
		const taken = await lockConversationIfFree(operation, next.id);
		if (taken && sameLine(taken, next)) return taken;
		operation.wake('work');
	}
}

/** Whether it still waits in the same queue as when it was read. */
const sameLine = (a: ConversationRow, b: ConversationRow) =>
	a.queue_entered_at !== null && a.team_key === b.team_key && a.queue_for === b.queue_for;

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
