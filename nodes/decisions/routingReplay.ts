import type { RouteDecision, RoutingFacts, RoutingPolicy } from './contracts';
import { checkRule } from './routingConditions';
import { labelOf } from './routingWords';

/** How one conversation was routed, and how these rules would have. */
export interface ReplayedRouting {
	happened: { team: string | null; via: RouteDecision['via']; rule: string | null };
	wouldGo: {
		team: string | null;
		via: RouteDecision['via'];
		rule: string | null;
		reason: string;
	} | null;
	/** Null where nobody can say. */
	differs: boolean | null;
	/** Why nobody can say where it would have gone; else null. */
	undecided: string | null;
}

/** What is left unknown about one conversation of the past. */
export interface PastLimits {
	/** The message is no longer there. */
	textGone: boolean;
	/** Whether the facts are those of then, or what is known now. */
	factsFrom: 'recorded' | 'now';
	/** Somebody is taken to have been online. */
	assumedOnline: boolean;
}

export interface ReplaySummary {
	conversations: number;
	same: number;
	different: number;
	/** Of those that can be decided on; null where there are none. */
	differentShare: number | null;
	undecidable: number;
	textGone: number;
	/** Facts that were kept with the decision of then; for the rest what is known now was taken. */
	factsRecorded: number;
	assumedOnline: number;
	/** Conversations by how these rules would have decided. */
	via: { rule: number; lastTeam: number; fallback: number; unrouted: number };
	overflowed: number;
	/** `team` null: no team. */
	teams: Array<{ team: string | null; happened: number; wouldGo: number; change: number }>;
	/** Those that differ. */
	moves: Array<{ from: string | null; to: string | null; conversations: number }>;
	rules: ReplayedRule[];
}

export interface ReplayedRule {
	rule: string;
	team: string;
	/** Conversations that it would have decided on. */
	matched: number;
	/** Conversations that it matches as well, but an earlier rule takes. */
	takenByEarlier: number;
	/** Conversations on which it cannot be judged, and so nothing behind it. */
	undecidable: number;
	/** `matches`; `shadowed`: it would match, but earlier rules take all; `neverMatches`. */
	verdict: 'matches' | 'shadowed' | 'neverMatches';
}

/** @param happened the first decision of then; its rule by the name that it had */
export function compareRouting(
	happened: ReplayedRouting['happened'],
	decision: RouteDecision,
	policy: RoutingPolicy,
): ReplayedRouting {
	if (decision.undecided) {
		return { happened, wouldGo: null, differs: null, undecided: decision.reason };
	}
	const { team, via, ruleIndex, reason } = decision;
	const rule = ruleIndex === null ? null : labelOf(policy.rules[ruleIndex]!, ruleIndex);
	return {
		happened,
		wouldGo: { team, via, rule, reason },
		differs: team !== happened.team,
		undecided: null,
	};
}

/** Adds up conversation by conversation; what it keeps grows with rules and teams only. */
export class ReplayTally {
	private readonly counts = {
		...{ conversations: 0, same: 0, different: 0, undecidable: 0 },
		...{ textGone: 0, factsRecorded: 0, assumedOnline: 0, overflowed: 0 },
	};
	private readonly via = { rule: 0, lastTeam: 0, fallback: 0, unrouted: 0 };
	private readonly moves = new Map<string, number>();
	private readonly rules: Array<Omit<ReplayedRule, 'verdict'>>;

	constructor(private readonly policy: RoutingPolicy) {
		this.rules = policy.rules.map((rule, index) => ({
			rule: labelOf(rule, index),
			team: rule.team,
			...{ matched: 0, takenByEarlier: 0, undecidable: 0 },
		}));
	}

	/** @param how what the rules made of it; null where there is nothing to go by any more */
	add(
		replayed: ReplayedRouting,
		how: { decision: RouteDecision; facts: RoutingFacts } | null,
		limits: PastLimits,
	): void {
		const { counts } = this;
		counts.conversations++;
		if (limits.textGone) counts.textGone++;
		if (limits.factsFrom === 'recorded') counts.factsRecorded++;
		if (limits.assumedOnline) counts.assumedOnline++;
		if (how) this.addRules(how.decision, how.facts);
		if (!how || replayed.differs === null) {
			counts.undecidable++;
			return;
		}
		const { decision } = how;
		counts[replayed.differs ? 'different' : 'same']++;
		if (decision.overflow.length > 0) counts.overflowed++;
		this.via[decision.via === 'sticky' ? 'lastTeam' : (decision.via ?? 'unrouted')]++;
		const move = JSON.stringify([replayed.happened.team, decision.team]);
		this.moves.set(move, (this.moves.get(move) ?? 0) + 1);
	}

	/** Rules behind the one that decided are looked at as well: they may be in its shadow. */
	private addRules(decision: RouteDecision, facts: RoutingFacts): void {
		const { ruleIndex, undecided } = decision;
		if (undecided) this.rules[undecided.ruleIndex]!.undecidable++;
		if (ruleIndex === null) return;
		this.rules[ruleIndex]!.matched++;
		for (const [index, rule] of this.policy.rules.entries()) {
			if (index <= ruleIndex) continue;
			const { holds } = checkRule(rule, facts, this.policy.matchExactly);
			if (holds === true) this.rules[index]!.takenByEarlier++;
		}
	}

	summary(): ReplaySummary {
		const { same, different } = this.counts;
		const decided = same + different;
		const moves = [...this.moves].map(([move, conversations]) => {
			const [from, to] = JSON.parse(move) as [string | null, string | null];
			return { from, to, conversations };
		});
		return {
			...this.counts,
			differentShare: decided === 0 ? null : different / decided,
			via: { ...this.via },
			teams: teamsOf(moves),
			moves: moves
				.filter(({ from, to }) => from !== to)
				.sort((a, b) => b.conversations - a.conversations || compare(a.from, b.from)),
			rules: this.rules.map((rule) => ({ ...rule, verdict: verdictOf(rule) })),
		};
	}
}

function verdictOf({ matched, takenByEarlier }: Omit<ReplayedRule, 'verdict'>) {
	if (matched > 0) return 'matches';
	return takenByEarlier > 0 ? 'shadowed' : 'neverMatches';
}

/** Each team with what it had, and what it would have had; those that had most come first. */
function teamsOf(moves: ReplaySummary['moves']): ReplaySummary['teams'] {
	const teams = new Map<string | null, { happened: number; wouldGo: number }>();
	const of = (team: string | null) => {
		const known = teams.get(team) ?? { happened: 0, wouldGo: 0 };
		teams.set(team, known);
		return known;
	};
	for (const { from, to, conversations } of moves) {
		of(from).happened += conversations;
		of(to).wouldGo += conversations;
	}
	return [...teams]
		.map(([team, { happened, wouldGo }]) => ({
			...{ team, happened, wouldGo, change: wouldGo - happened },
		}))
		.sort((a, b) => b.happened - a.happened || compare(a.team, b.team));
}

const compare = (a: string | null, b: string | null) => ((a ?? '') < (b ?? '') ? -1 : 1);
