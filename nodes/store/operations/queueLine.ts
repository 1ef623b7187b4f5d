import type { AgentCandidate } from '../../decisions/contracts';
import { sql } from '../../vendor';
import type { Operation } from '../operation';
import { EVERYBODY } from './queuePolicy';
import type { ConversationRow } from './conversations';
import type { Pool } from './locks';

/*
 * One queue as it is walked along, from its head on: who is next, and who is passed over because no
 * agent can take it, with all that are like it.
 */

/** Those who wait for the members of one team (null: for everybody), or for what `waitsFor` says. */
export type Queue = { team: string | null } | { waitsFor: string };

/** What makes two conversations of one queue the same to its agents. */
type Kind = Pick<
	ConversationRow,
	'queue_policy' | 'excluded_agents' | 'weight' | 'relax_at' | 'prefer_agent' | 'prefer_until'
>;

export interface Line {
	queue: Queue;
	pool: Pool;
	/** The next to be looked at; undefined when the line has come to its end. */
	head: ConversationRow | undefined;
	/** Those read already that come next, and up to where the line was read. */
	page: ConversationRow[];
	readTo?: ConversationRow;
	/** How many are read next; 0 when there are no more. Most often the first is all that is needed. */
	pageSize: number;
	/** Kinds that no agent can take: passed over, so that a head nobody can take blocks no one. */
	stuck: Kind[];
	stuckKeys: Set<string>;
	/** Its agents as they were read last; read again once anybody was assigned. */
	agents?: AgentCandidate[] | undefined;
	/** Conversations that are passed over: taken off an agent just now. */
	passed: string[];
	/** It ends before the place of this one. */
	until?: ConversationRow;
}

export function lineOf(queue: Queue, passed: string[] = []): Line {
	const team = 'team' in queue ? queue.team : null;
	const one = 'waitsFor' in queue && queue.waitsFor !== EVERYBODY;
	const pool: Pool = one ? { agent: queue.waitsFor } : { team };
	const empty = { head: undefined, page: [], pageSize: 1, stuck: [], stuckKeys: new Set<string>() };
	return { queue, pool, ...empty, passed };
}

/** By priority, then by first queue time. */
export function inOrder(a: ConversationRow, b: ConversationRow): number {
	return (
		b.priority - a.priority ||
		(a.queue_entered_at ?? 0) - (b.queue_entered_at ?? 0) ||
		(a.id < b.id ? -1 : 1)
	);
}

/** Pages of a line grow up to this. */
const LARGEST_PAGE = 64;

/** So many kinds are left out by the query; whatever is stuck besides is passed over one by one. */
const MOST_KINDS = 50;

/** The next that is not stuck: each is read once, so a line of many kinds costs no more than its length. */
export async function nextOf(
	operation: Operation,
	line: Line,
): Promise<ConversationRow | undefined> {
	for (;;) {
		const next = line.page.shift();
		if (next) {
			if (!line.stuckKeys.has(keyOf(operation, next))) return next;
		} else if (line.pageSize === 0) return undefined;
		else await readPage(operation, line);
	}
}

async function readPage(operation: Operation, line: Line): Promise<void> {
	line.page = await waitingIn(operation, line).limit(line.pageSize).execute();
	const last = line.page.at(-1);
	if (last) line.readTo = last;
	const isOver = line.page.length < line.pageSize;
	line.pageSize = isOver ? 0 : Math.min(2 * line.pageSize, LARGEST_PAGE);
}

/** Whether anybody waits there. */
export const isWaitedIn = async (operation: Operation, line: Line) =>
	(await waitingIn(operation, line).limit(1).executeTakeFirst()) !== undefined;

/** Those of a line that were not read yet, in order. */
function waitingIn(operation: Operation, { queue, stuck, passed, until, readTo }: Line) {
	let query = operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where('queue_entered_at', 'is not', null)
		.orderBy('priority', 'desc')
		.orderBy('queue_entered_at')
		.orderBy('id');
	query =
		'waitsFor' in queue
			? query.where('queue_for', '=', queue.waitsFor)
			: query
					.where('queue_for', 'is', null)
					.where('team_key', queue.team === null ? 'is' : '=', queue.team);
	if (passed.length > 0) query = query.where('id', 'not in', passed);
	if (until) query = query.where(isAhead(until, operation.now));
	if (readTo) query = query.where(isBehind(readTo));
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
	return query;
}

/** From now on nobody of this one's kind is looked at. */
export function passOver(operation: Operation, line: Line, row: ConversationRow): void {
	line.stuckKeys.add(keyOf(operation, row));
	if (line.stuck.length < MOST_KINDS) line.stuck.push(row);
}

const keyOf = ({ now }: Operation, row: Kind) =>
	JSON.stringify([
		...[row.queue_policy, row.excluded_agents, row.weight],
		...[isRelaxed(row, now), waitsFor(row, now)],
	]);

/** Behind one that waits, in the order in which they are served. */
function isBehind({ id, priority, queue_entered_at: entered }: ConversationRow) {
	return sql<boolean>`(priority < ${priority} or (priority = ${priority} and
		(queue_entered_at > ${entered} or (queue_entered_at = ${entered} and id > ${id}))))`;
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
