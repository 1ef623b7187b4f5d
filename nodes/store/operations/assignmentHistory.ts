import type { ReplayAgent } from '../../decisions/assignmentReplayDesks';
import type { Arrival } from '../../decisions/assignmentReplayQueue';
import { parseJson } from '../json';
import { realWorkspaceOf, type Operation } from '../operation';
import { presenceNow } from './presence';
import type { PagePlace } from './replayRouting';

/** An agent as it is now. */
export interface RosterAgent extends Omit<ReplayAgent, 'changes'> {
	createdAt: number;
}

/** Everybody, with teams, and what each counts as at this moment. */
export async function readRoster(operation: Operation): Promise<RosterAgent[]> {
	const real = realWorkspaceOf(operation.workspace);
	const rows = await operation.tx
		.selectFrom('agents')
		.selectAll()
		.where('workspace', '=', real)
		.orderBy('key')
		.execute();
	const members = await operation.tx
		.selectFrom('team_members')
		.select(['team_key', 'agent_key'])
		.where('workspace', '=', real)
		.orderBy('team_key')
		.execute();
	const teams = new Map<string, string[]>();
	for (const { agent_key: agent, team_key: team } of members) {
		teams.set(agent, [...(teams.get(agent) ?? []), team]);
	}
	return rows.map((row) => ({
		key: row.key,
		name: row.name,
		teams: teams.get(row.key) ?? [],
		capacity: row.capacity,
		skills: parseJson<string[]>(row.skills, []),
		languages: parseJson<string[]>(row.languages, []),
		presence: presenceNow(operation, row),
		createdAt: Number(row.created_at),
	}));
}

export interface PastArrivalsInput {
	/** Opened at or after this moment. */
	from: number;
	/** Opened before this moment. */
	before: number;
}

/**
 * Conversations of the past that asked for an agent, as a replay needs them; the oldest first. The
 * page ends where the conversations do, some of which never asked.
 */
export async function pastArrivals(
	operation: Operation,
	input: PastArrivalsInput & { after: PagePlace | null; limit: number },
): Promise<{ arrivals: Arrival[]; last: PagePlace | null }> {
	const rows = await pageOf(operation, input);
	const asked = rows.filter(
		({ first_queued_at: queued, first_assigned_at: assigned }) =>
			queued !== null || assigned !== null,
	);
	const firsts = await firstEvents(
		operation,
		asked.map(({ id }) => id),
	);
	const end = rows.length < input.limit ? undefined : rows.at(-1);
	return {
		arrivals: asked.map((row) => arrivalOf(row, firsts.get(row.id) ?? {})),
		last: end ? { openedAt: Number(end.opened_at), id: end.id } : null,
	};
}

async function pageOf(
	operation: Operation,
	{ from, before, after, limit }: PastArrivalsInput & { after: PagePlace | null; limit: number },
) {
	let query = operation.tx
		.selectFrom('conversations')
		.select(['id', 'opened_at', 'closed_at', 'team_key', 'weight', 'priority'])
		.select(['first_queued_at', 'first_assigned_at', 'first_assignee', 'excluded_agents'])
		.select(['returned_by', 'relax_at', 'prefer_agent', 'prefer_until'])
		.where('workspace', '=', operation.workspace)
		.where('opened_at', '>=', after?.openedAt ?? from)
		.where('opened_at', '<', before)
		.where('merged_into', 'is', null)
		.orderBy('opened_at')
		.orderBy('id')
		.limit(limit);
	if (after) {
		query = query.where((eb) =>
			eb.or([eb('opened_at', '>', after.openedAt), eb('id', '>', after.id)]),
		);
	}
	return await query.execute();
}

/** What the events of a conversation say that its row does not. */
interface Firsts {
	/** Of its first assignment, whether nobody decided on it: a person or a platform did it. */
	byHand?: boolean;
	/** Where it first asked for an agent. */
	team?: string | null;
	pool?: Arrival['pool'];
	skills?: string[];
	language?: string | null;
}

async function firstEvents(operation: Operation, ids: string[]): Promise<Map<string, Firsts>> {
	if (ids.length === 0) return new Map();
	const events = await operation.tx
		.selectFrom('events')
		.select(['conversation_id', 'type', 'data'])
		.where('conversation_id', 'in', ids)
		.where('type', 'in', ['assigned', 'queued'])
		.orderBy('id')
		.execute();
	const found = new Map<string, Firsts>();
	for (const { conversation_id: id, type, data } of events) {
		const known = found.get(id ?? '') ?? {};
		if (known.byHand !== undefined) continue;
		const event = parseJson<EventData>(data, {});
		if (!found.has(id ?? '')) Object.assign(known, askedBy(event));
		if (type === 'assigned') known.byHand = !event.decision;
		found.set(id ?? '', known);
	}
	return found;
}

interface EventData {
	team?: string | null;
	pool?: 'everybody' | { agent: string };
	decision?: { asked?: { skills: string[]; language: string | null } | null } | null;
}

function askedBy({ team = null, pool, decision }: EventData): Firsts {
	const { skills = [], language = null } = decision?.asked ?? {};
	return {
		...{ team, skills, language },
		pool: pool === 'everybody' ? { team: null } : (pool ?? { team }),
	};
}

function arrivalOf(row: Awaited<ReturnType<typeof pageOf>>[number], firsts: Firsts): Arrival {
	const { first_assigned_at: assigned, first_queued_at: queued, closed_at: closed } = row;
	const { team = row.team_key } = firsts;
	const returned = new Set(parseJson<string[]>(row.returned_by, []));
	return {
		id: row.id,
		at: Number(queued ?? assigned),
		team,
		pool: firsts.pool ?? { team },
		...{ weight: row.weight, priority: row.priority },
		...{ skills: firsts.skills ?? [], language: firsts.language ?? null },
		relaxAt: row.relax_at,
		prefer: row.prefer_agent === null ? null : { agent: row.prefer_agent, until: row.prefer_until },
		// Those from whom it came back were not excluded when it first asked.
		excluded: parseJson<string[]>(row.excluded_agents, []).filter((key) => !returned.has(key)),
		handling: assigned === null || closed === null ? null : Math.max(0, closed - assigned),
		leavesAt: assigned === null ? closed : null,
		happened:
			assigned === null || row.first_assignee === null
				? null
				: { agent: row.first_assignee, at: Number(assigned) },
		byHand: firsts.byHand ?? false,
	};
}
