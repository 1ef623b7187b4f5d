import { decideRoute } from '../decisions/routing';
import {
	compareRouting,
	ReplayTally,
	type PastLimits,
	type ReplayedRouting,
} from '../decisions/routingReplay';
import { labelOf } from '../decisions/routingWords';
import type { PastConversation } from '../store/operations/replayRouting';
import type { TeamState } from '../store/operations/teams';
import type { ConversationStore } from '../store/store';
import { factsOfPast } from './pastFacts';
import { judgePast } from './pastFilter';
import type { PastPolicy } from './pastPolicy';
import { teamsOf } from './rules';

export interface ReplayPeriod {
	openedFrom: number;
	openedBefore: number;
	channel?: string;
	/** Only conversations that went to this team, or would. */
	team?: string;
}

/** One conversation of the past under these rules. */
export interface Replayed extends ReplayedRouting, PastLimits {
	past: PastConversation;
}

const ERASED = 'The contact was erased, and with it what rules look at.';

/**
 * Runs a configuration over conversations of the past, one after the other, by the same decision as
 * Route to Team. Writes nothing.
 */
export class Replay {
	readonly tally: ReplayTally;
	/** Teams that the configuration names, and that do not exist. */
	readonly missing: string[];
	neverRouted = 0;
	private readonly reach = new Map<string, Map<string, TeamState>>();

	private constructor(
		private readonly store: ConversationStore,
		private readonly tried: PastPolicy,
		private readonly teams: Map<string, TeamState>,
	) {
		this.tally = new ReplayTally(tried.policy);
		this.missing = teamsOf(tried.policy).filter((key) => !teams.has(key) && !key.startsWith('='));
	}

	static async of(store: ConversationStore, tried: PastPolicy): Promise<Replay> {
		return new Replay(store, tried, await store.teamStates('all'));
	}

	async *run({ team, ...period }: ReplayPeriod): AsyncGenerator<Replayed, void> {
		const lastTeam = this.tried.policy.sticky !== null;
		for await (const past of this.store.pastConversations({ ...period, lastTeam })) {
			const { replayed, how } = this.replay(past);
			const { happened, wouldGo } = replayed;
			if (team !== undefined && happened.team !== team && wouldGo?.team !== team) continue;
			this.tally.add(replayed, how, replayed);
			if (past.routed === null) this.neverRouted++;
			yield replayed;
		}
	}

	/** All of the period, for the tally alone. */
	async count(period: ReplayPeriod): Promise<void> {
		const all = this.run(period);
		while (!(await all.next()).done);
	}

	private replay(past: PastConversation) {
		const { policy, custom, options, known } = this.tried;
		const happened = happenedTo(past);
		const outcomes = { ...known };
		for (const { key, filter } of custom) outcomes[key] = judgePast(filter, past, options);
		const { facts, limits } = factsOfPast(past, this.reached(past.lastTeam?.key), outcomes);
		if (past.erased) {
			const replayed: Replayed = {
				...{ past, happened, wouldGo: null, differs: null, undecided: ERASED },
				...{ ...limits, assumedOnline: false },
			};
			return { replayed, how: null };
		}
		const decision = decideRoute(policy, facts);
		const { team, overflow } = decision;
		const asked = [...overflow.map(({ from }) => from), ...(team === null ? [] : [team])];
		const assumedOnline =
			policy.overflow === 'whenClosedOrNobodyOnline' &&
			asked.some((key) => facts.teams[key]?.online === null);
		const replayed: Replayed = {
			...{ past, ...compareRouting(happened, decision, policy) },
			...{ ...limits, assumedOnline },
		};
		return { replayed, how: { decision, facts } };
	}

	/** Teams that the rules may come to, and this one, with all that they overflow to. */
	private reached(lastTeam = ''): Map<string, TeamState> {
		const known = this.reach.get(lastTeam);
		if (known) return known;
		const reached = new Map<string, TeamState>();
		const next = [...teamsOf(this.tried.policy), lastTeam];
		for (let key = next.pop(); key !== undefined; key = next.pop()) {
			const team = this.teams.get(key);
			if (!team || reached.has(key)) continue;
			reached.set(key, team);
			if (team.overflowTeam !== null) next.push(team.overflowTeam);
		}
		this.reach.set(lastTeam, reached);
		return reached;
	}
}

/** How it was routed then; where it is, if rules never decided. */
function happenedTo({ routed, team }: PastConversation): ReplayedRouting['happened'] {
	const decision = routed?.decision;
	if (!decision) return { team: routed ? routed.team : team, via: null, rule: null };
	const { ruleIndex, ruleName } = decision;
	const rule = ruleIndex === null ? null : labelOf({ name: ruleName ?? '' }, ruleIndex);
	return { team: routed.team, via: decision.via, rule };
}
