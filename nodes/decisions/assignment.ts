import { firstInOrder, inOrderOf, stepsOf, type Step } from './assignmentOrder';
import { explainChoice, explainNobody, nameOf, reasonFor } from './assignmentWords';
import { examine, isCandidate, isOnline, type Examined } from './candidates';
import type { AgentCandidate, AssignmentDecision, AssignmentPolicy } from './contracts';

/** How many agents a decision lists, and how many of those left out its explanation names. */
const LISTED = 50;
const NAMED = 5;

/**
 * Decides who gets a conversation.
 *
 * Round robin counts fairness over the turns for which every agent was a candidate. The caller
 * keeps the count: after a claim it gives the chosen agent a `lastTurn` above every other of the
 * team, and adds one to its `turnCount` only when `allWereCandidates`. An agent that joins a team
 * starts at the smallest `turnCount` of the team, or it would get every turn until it caught up.
 *
 * @param agents Everyone the conversation may go to, in any order; keys are unique.
 * @param policy `weight` is 0 or more.
 * @param now Milliseconds since 1970 (UTC). A lease that ends now has ended.
 * @throws RangeError when `policy.weight` is negative or not a number.
 */
export function decideAssignment(
	agents: AgentCandidate[],
	policy: AssignmentPolicy,
	now: number,
): AssignmentDecision {
	if (!(policy.weight >= 0)) {
		throw new RangeError('The weight of a conversation must be 0 or more.');
	}
	const excluded = new Set(policy.excluded);
	const examined = agents.map((agent) => examine(agent, policy, excluded, now));
	const candidates = examined.filter(isCandidate);
	const leftOut = examined.filter((one) => !isCandidate(one));
	const allWereCandidates = agents.length > 0 && leftOut.length === 0;

	const steps = stepsOf(policy.strategy, allWereCandidates);
	const compare = inOrderOf(steps);
	const [chosen, runnerUp] = firstInOrder(candidates, 2, compare);
	const others = firstInOrder(examined, LISTED, compare).filter((one) => one !== chosen);
	const listed = (chosen ? [chosen, ...others] : others).slice(0, LISTED);
	const named = firstInOrder(leftOut, NAMED, compare);
	const context = { policy, now };

	const blockedBy = chosen ? null : findBlock(examined, policy, now);
	return {
		chosen: chosen ? { key: chosen.agent.key, name: chosen.agent.name } : null,
		strategy: policy.strategy,
		considered: listed.map((one) => ({
			key: one.agent.key,
			name: one.agent.name,
			candidate: isCandidate(one),
			reason: reasonFor(one, context),
			openUnits: one.agent.openUnits,
			capacity: one.limit,
			lastAssignedAt: one.agent.lastAssignedAt,
		})),
		notListed: examined.length - listed.length,
		allWereCandidates,
		tieBreak: chosen && runnerUp ? findTieBreak(chosen, runnerUp, steps) : null,
		explanation:
			blockedBy === null && chosen
				? explainChoice(chosen, candidates.length, leftOut, named, context)
				: explainNobody(blockedBy ?? 'noAgents', leftOut, named, context),
		blockedBy,
	};
}

/**
 * Names the step at which nobody was left. Each name says only what is true, because other code
 * acts on it: a team overflows when *nobody* is online, not when most are away and one is busy.
 */
function findBlock(
	examined: Examined[],
	policy: AssignmentPolicy,
	now: number,
): NonNullable<AssignmentDecision['blockedBy']> {
	if (examined.length === 0) return 'noAgents';
	const allowed = examined.filter((one) => !one.obstacles.includes('excluded'));
	if (allowed.length === 0) return 'allExcluded';
	if (policy.onlyOnline && !allowed.some((one) => isOnline(one.agent, now))) return 'nobodyOnline';
	return 'everybodyAtCapacity';
}

function findTieBreak(chosen: Examined, runnerUp: Examined, steps: Step[]): string | null {
	const step = steps.find(({ compare }) => compare(chosen, runnerUp) !== 0);
	if (!step || step.own) return null;
	return `${nameOf(chosen)} and ${nameOf(runnerUp)} are level; ${nameOf(chosen)} ${step.words}.`;
}
