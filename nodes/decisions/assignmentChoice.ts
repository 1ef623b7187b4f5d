import { firstInOrder, inOrderOf, stepsOf, type Step } from './assignmentOrder';
import { demandsOf, examine, isCandidate, type Demands, type Examined } from './candidates';
import type { AgentCandidate, AssignmentDecision, AssignmentPolicy } from './contracts';

/** Who gets a conversation, with all that its words are made of. */
export interface Choice extends Pick<AssignmentDecision, 'via' | 'allWereCandidates'> {
	chosen: Examined | undefined;
	/** Who would have been next, had the strategy's choice not been there. */
	runnerUp: Examined | undefined;
	/** The agent that the contact had before, among these agents. */
	preferred: Examined | undefined;
	/** Nobody gets it, because it waits for that agent. */
	isHeld: boolean;
	demands: Demands;
	examined: Examined[];
	candidates: Examined[];
	leftOut: Examined[];
	/** The keys of the order by which they were compared. */
	steps: Step[];
}

/**
 * The choice alone, without its words: for whoever makes many and tells few. Parameters and rules are
 * those of `decideAssignment`, which is made of it.
 *
 * @throws RangeError when `policy.weight` is negative or not a number.
 */
export function chooseAgent(
	agents: AgentCandidate[],
	policy: AssignmentPolicy,
	now: number,
): Choice {
	if (!(policy.weight >= 0)) {
		throw new RangeError('The weight of a conversation must be 0 or more.');
	}
	const demands = demandsOf(policy);
	const examined = agents.map((agent) => examine(agent, policy, demands, now));
	const candidates = examined.filter(isCandidate);
	const leftOut = examined.filter((one) => !isCandidate(one));
	const allWereCandidates = agents.length > 0 && leftOut.length === 0;
	const steps = stepsOf(policy.strategy, allWereCandidates);
	const [next, runnerUp] = firstInOrder(candidates, 2, inOrderOf(steps));
	const preferred = examined.find(({ agent }) => agent.key === policy.prefer?.agent);
	const isPreferredFree = preferred !== undefined && isCandidate(preferred);
	const isHeld = !isPreferredFree && isWaitedFor(preferred, policy, now);
	const chosen = isPreferredFree ? preferred : isHeld ? undefined : next;
	return {
		...{ chosen, runnerUp, preferred, isHeld, demands, examined, candidates, leftOut, steps },
		via: chosen ? (isPreferredFree ? 'preferred' : 'strategy') : null,
		allWereCandidates,
	};
}

/** Whether nobody else gets it yet, since the agent that the contact had before may still take it. */
function isWaitedFor(
	preferred: Examined | undefined,
	{ prefer, weight }: AssignmentPolicy,
	now: number,
): boolean {
	const until = prefer?.until ?? null;
	if (preferred === undefined || until === null || until <= now) return false;
	return preferred.obstacles.every((obstacle) => {
		switch (obstacle) {
			case 'notOnline':
			case 'offShift':
				return true;
			case 'atCapacity':
				// Too heavy for the agent even when there is nothing else: that does not pass.
				return preferred.limit === null || weight <= preferred.limit;
			default:
				return false;
		}
	});
}
