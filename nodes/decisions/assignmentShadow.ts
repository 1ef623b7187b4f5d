import { decideAssignment } from './assignment';
import type {
	AgentCandidate,
	AssignmentDecision,
	AssignmentPolicy,
	AssignmentStrategy,
} from './contracts';

/** A second policy that is asked beside the one that decides; what it does not say is as there. */
export interface ShadowPolicy {
	strategy: AssignmentStrategy;
	onlyOnline?: boolean;
	maxOpen?: number | null;
}

/** What it would have done with the same conversation and the same agents at the same moment. */
export interface ShadowDecision {
	strategy: AssignmentStrategy;
	/** Null: it would have let the conversation wait. */
	chosen: { key: string; name: string } | null;
	/** Whether both chose the same agent, or both nobody. */
	agrees: boolean;
	explanation: string;
}

/**
 * Asks the second policy. It claims nothing and takes no turn, so a round robin beside another
 * strategy has no turns of its own: it goes by who was assigned least recently.
 *
 * @param live what was decided by `policy` for these agents
 */
export function decideShadow(
	agents: AgentCandidate[],
	policy: AssignmentPolicy,
	shadow: ShadowPolicy,
	live: AssignmentDecision,
	now: number,
): ShadowDecision {
	const { strategy, onlyOnline = policy.onlyOnline, maxOpen = policy.maxOpen } = shadow;
	const noTurns = strategy === 'roundRobin' && live.strategy !== 'roundRobin';
	const seen = noTurns ? agents.map((one) => ({ ...one, turnCount: 0, lastTurn: null })) : agents;
	const decision = decideAssignment(seen, { ...policy, strategy, onlyOnline, maxOpen }, now);
	return {
		strategy,
		chosen: decision.chosen,
		agrees: decision.chosen?.key === live.chosen?.key,
		explanation: decision.explanation,
	};
}
