import type { AssignmentStrategy } from '../../../nodes/decisions/contracts';
import type { AgentFact, Facts } from './facts';

/** How a conversation wants to be assigned. */
export interface Wish {
	/** The members of a team, everybody (null), or one agent. */
	pool: { team: string | null } | { agent: string };
	strategy: AssignmentStrategy;
	onlyOnline: boolean;
	maxOpen: number | null;
	excluded: string[];
	weight: number;
}

const EVERYBODY = '';

export const poolOf = (facts: Facts, pool: Wish['pool']) =>
	[...facts.agents.values()].filter((agent) =>
		'agent' in pool
			? agent.key === pool.agent
			: pool.team === null || agent.teams.includes(pool.team),
	);

export const isOnline = (agent: AgentFact, now: number) =>
	agent.availability === 'online' && (agent.online_until === null || agent.online_until > now);

const limitOf = (agent: AgentFact, wish: Wish) =>
	Math.min(agent.capacity ?? Infinity, wish.maxOpen ?? Infinity);

/** Who may have it. Written once more, and simply: what the store decides is measured by this. */
export const candidatesFor = (facts: Facts, wish: Wish, now: number) =>
	poolOf(facts, wish.pool).filter(
		(agent) =>
			!wish.excluded.includes(agent.key) &&
			(!wish.onlyOnline || isOnline(agent, now)) &&
			agent.units + wish.weight <= limitOf(agent, wish),
	);

/** Invariant 7: who is to have it. Each order ends at the last-assigned time, then the key. */
export function choiceFor(facts: Facts, wish: Wish, now: number): string | null {
	const candidates = candidatesFor(facts, wish, now);
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

/** What a waiting conversation wants. */
export function wishOf(row: {
	team_key: string | null;
	queue_for: string | null;
	queue_policy: string | null;
	excluded_agents: string;
	weight: number;
}): Wish {
	const policy = JSON.parse(row.queue_policy ?? '{}') as Pick<
		Wish,
		'strategy' | 'onlyOnline' | 'maxOpen'
	>;
	const { strategy, onlyOnline, maxOpen } = policy;
	const pool =
		row.queue_for === null
			? { team: row.team_key }
			: row.queue_for === EVERYBODY
				? { team: null }
				: { agent: row.queue_for };
	const excluded = JSON.parse(row.excluded_agents) as string[];
	return { pool, strategy, onlyOnline, maxOpen, excluded, weight: row.weight };
}
