import { decideAssignment } from '../../decisions/assignment';
import type { AgentCandidate } from '../../decisions/contracts';
import { sql } from '../../vendor';
import { parseJson } from '../json';
import { locked, realWorkspaceOf, type Operation } from '../operation';
import {
	assignTo,
	DEFAULT_QUEUE_POLICY,
	EVERYBODY,
	excludedAgents,
	loadCandidates,
	type Pool,
	type QueuePolicy,
} from './assigning';
import type { ConversationRow } from './conversations';

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
type Kind = Pick<ConversationRow, 'queue_policy' | 'excluded_agents' | 'weight'>;

interface Line {
	queue: Queue;
	pool: Pool;
	/** The next to be looked at; undefined when the line has come to its end. */
	head: ConversationRow | undefined;
	/** Kinds that no agent can take: passed over, so that a head nobody can take blocks no one. */
	stuck: Kind[];
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
	const lines: Line[] = [];
	for (const queue of queues) {
		const team = 'team' in queue ? queue.team : null;
		const one = 'waitsFor' in queue && queue.waitsFor !== EVERYBODY;
		const pool: Pool = one ? { agent: queue.waitsFor } : { team };
		const line: Line = { queue, pool, head: undefined, stuck: [] };
		line.head = await headOf(operation, line, except);
		lines.push(line);
	}
	let assigned = 0;
	for (let line = first(lines); line?.head; line = first(lines)) {
		if (assigned >= AT_MOST) {
			operation.wake('work');
			break;
		}
		const outcome = await tryAssign(operation, line.pool, line.head);
		if (outcome === 'assigned') assigned++;
		if (outcome === 'full') line.head = undefined;
		else {
			if (outcome === 'stuck') line.stuck.push(line.head);
			line.head = await headOf(operation, line, except);
		}
	}
	return assigned;
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

async function headOf(
	operation: Operation,
	{ queue, stuck }: Line,
	except: string | undefined,
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
	if (except !== undefined) query = query.where('id', '<>', except);
	if (stuck.length > 0) {
		const kinds = stuck.map(
			({ queue_policy, excluded_agents, weight }) =>
				sql`(${queue_policy}, ${excluded_agents}, cast(${weight} as integer))`,
		);
		query = query.where(
			sql<boolean>`(queue_policy, excluded_agents, weight) not in (values ${sql.join(kinds)})`,
		);
	}
	return await locked(operation, query).executeTakeFirst();
}

async function tryAssign(
	operation: Operation,
	pool: Pool,
	conversation: ConversationRow,
): Promise<'assigned' | 'stuck' | 'full'> {
	const policy = parseJson<QueuePolicy>(conversation.queue_policy, DEFAULT_QUEUE_POLICY);
	const agents = await loadCandidates(operation, pool);
	const decision = decideAssignment(
		agents,
		{ ...policy, excluded: excludedAgents(conversation), weight: conversation.weight },
		operation.now,
	);
	if (!decision.chosen) return agents.every(isFull) ? 'full' : 'stuck';
	await assignTo(operation, conversation, {
		agent: decision.chosen.key,
		pool,
		decision,
		source: 'queue',
		reason: decision.explanation,
	});
	return 'assigned';
}

/** Full for every conversation, whatever its policy: there is no use in looking at those behind. */
const isFull = ({ capacity, openUnits }: AgentCandidate) =>
	capacity !== null && openUnits >= capacity;
