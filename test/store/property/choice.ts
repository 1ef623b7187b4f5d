import type { AssignmentStrategy } from '../../../nodes/decisions/contracts';
import type { AgentFact, Facts } from './facts';
import { isThere, sayingOf } from './presence';

/** How a conversation wants to be assigned, at one moment. */
export interface Wish {
	/** The members of a team, everybody (null), or one agent. */
	pool: { team: string | null } | { agent: string };
	strategy: AssignmentStrategy;
	onlyOnline: boolean;
	maxOpen: number | null;
	excluded: string[];
	weight: number;
	/** None once it has waited too long for them. */
	skills: string[];
	language: string | null;
	/** The agent the contact had before; nobody else gets it until then (null: at once). */
	prefer: { agent: string; until: number | null } | null;
}

const EVERYBODY = '';

export const poolOf = (facts: Facts, pool: Wish['pool']) =>
	[...facts.agents.values()].filter((agent) =>
		'agent' in pool
			? agent.key === pool.agent
			: pool.team === null || agent.teams.includes(pool.team),
	);

const limitOf = (agent: AgentFact, wish: Wish) =>
	Math.min(agent.capacity ?? Infinity, wish.maxOpen ?? Infinity);

const list = (column: string) => JSON.parse(column) as string[];
const primary = (tag: string) => tag.toLowerCase().split('-')[0];

/** What no time brings: skills, language, and not being excluded. */
function isRightFor(agent: AgentFact, { excluded, skills, language }: Wish): boolean {
	const has = list(agent.skills).map((skill) => skill.toLowerCase());
	const speaks = list(agent.languages).map(primary);
	return (
		!excluded.includes(agent.key) &&
		skills.every((skill) => has.includes(skill.toLowerCase())) &&
		(language === null || speaks.length === 0 || speaks.includes(primary(language)))
	);
}

/** Whether an agent may have it, whoever else may, with these units in work. */
export const mayTake = (agent: AgentFact, wish: Wish, now: number, units = agent.units) =>
	isRightFor(agent, wish) &&
	(!wish.onlyOnline || isThere(sayingOf(agent), now)) &&
	units + wish.weight <= limitOf(agent, wish);

/** Whether it waits for the agent before, and nobody else is to have it. */
export function isHeld(facts: Facts, wish: Wish, now: number): boolean {
	const { agent: key, until } = wish.prefer ?? { agent: '', until: null };
	const preferred = poolOf(facts, wish.pool).find((agent) => agent.key === key);
	return preferred !== undefined && Number(until) > now && isRightFor(preferred, wish);
}

/** Who may have it. Written once more, and simply: what the store decides is measured by this. */
export function candidatesFor(facts: Facts, wish: Wish, now: number): AgentFact[] {
	const candidates = poolOf(facts, wish.pool).filter((agent) => mayTake(agent, wish, now));
	return isHeld(facts, wish, now)
		? candidates.filter(({ key }) => key === wish.prefer?.agent)
		: candidates;
}

/**
 * Invariant 7: who is to have it. The agent before, who can; else each order ends at the last-assigned
 * time, then the key.
 */
export function choiceFor(facts: Facts, wish: Wish, now: number): string | null {
	const candidates = candidatesFor(facts, wish, now);
	if (candidates.some(({ key }) => key === wish.prefer?.agent)) return wish.prefer?.agent ?? null;
	const team = 'agent' in wish.pool ? EVERYBODY : (wish.pool.team ?? EVERYBODY);
	const turns = facts.turns.filter((row) => row.team_key === team);
	const fewest = Math.min(...turns.map((row) => row.turn_count));
	const everyone = candidates.length === poolOf(facts, wish.pool).length;
	const rank = (agent: AgentFact): number[] => {
		const turn = turns.find((row) => row.agent_key === agent.key);
		const limit = limitOf(agent, wish);
		const last = agent.lastAssignedAt ?? -1;
		switch (wish.strategy) {
			case 'roundRobin':
				// Who had no turn yet begins level with the one who had fewest.
				return [everyone ? (turn?.turn_count ?? fewest) : 0, turn?.last_turn ?? -1, last];
			case 'leastOpen':
				return [agent.units, last];
			case 'lowestLoad':
				return [limit === Infinity ? 0 : agent.units / limit, agent.units, last];
			case 'longestIdle':
				return [last];
		}
	};
	const first = candidates
		.map((agent) => ({ key: agent.key, rank: rank(agent) }))
		.reduce<{ key: string; rank: number[] } | null>((best, one) => {
			if (best === null) return one;
			const at = one.rank.findIndex((value, i) => value !== best.rank[i]);
			const before = at < 0 ? one.key < best.key : (one.rank[at] ?? 0) < (best.rank[at] ?? 0);
			return before ? one : best;
		}, null);
	return first?.key ?? null;
}

/** What of a conversation says how it is to be assigned. */
export interface WishRow {
	id: string;
	team_key: string | null;
	queue_for: string | null;
	queue_policy: string | null;
	excluded_agents: string;
	weight: number;
	relax_at: number | null;
	prefer_agent: string | null;
	prefer_until: number | null;
}

/** What a waiting conversation wants at a moment. */
export function wishOf(row: WishRow, now: number): Wish {
	const policy = JSON.parse(row.queue_policy ?? '{}') as Pick<
		Wish,
		'strategy' | 'onlyOnline' | 'maxOpen'
	> &
		Partial<Pick<Wish, 'skills' | 'language'>>;
	const { strategy, onlyOnline, maxOpen, skills = [], language = null } = policy;
	const pool =
		row.queue_for === null
			? { team: row.team_key }
			: row.queue_for === EVERYBODY
				? { team: null }
				: { agent: row.queue_for };
	const isRelaxed = row.relax_at !== null && row.relax_at <= now;
	return {
		...{ pool, strategy, onlyOnline, maxOpen, weight: row.weight },
		excluded: JSON.parse(row.excluded_agents) as string[],
		skills: isRelaxed ? [] : skills,
		language: isRelaxed ? null : language,
		prefer: row.prefer_agent === null ? null : { agent: row.prefer_agent, until: row.prefer_until },
	};
}

interface PlaceRow extends Pick<WishRow, 'id' | 'team_key' | 'queue_for'> {
	priority: number;
	queue_entered_at: number | null;
}

/** Whether the first of two that wait in one queue is served before the other: 8. */
export function isAhead(one: PlaceRow, other: PlaceRow): boolean {
	const order =
		other.priority - one.priority ||
		Number(one.queue_entered_at) - Number(other.queue_entered_at) ||
		(one.id < other.id ? -1 : 1);
	return order < 0;
}

/** Whether two wait in the same queue. */
export const sameQueue = (one: PlaceRow, other: PlaceRow) =>
	one.team_key === other.team_key && one.queue_for === other.queue_for;
