import { chooseAgent } from './assignmentChoice';
import { firstInOrder, inOrderOf, scoreOf, type Compare, type Step } from './assignmentOrder';
import {
	explainChoice,
	explainHeld,
	explainNobody,
	explainPreferred,
	isLanguageTag,
	nameOf,
	reasonFor,
} from './assignmentWords';
import { isCandidate, isOnline, type Examined } from './candidates';
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
 * An agent that the contact had before goes first, and is no turn: whose turn it was, it stays.
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
	const choice = chooseAgent(agents, policy, now);
	const { chosen, via, runnerUp, preferred, isHeld, demands, allWereCandidates, steps } = choice;
	const { examined, candidates, leftOut } = choice;
	const compare = inOrderOf(steps);
	const listed = listOf(examined, LISTED, compare, chosen ?? (isHeld ? preferred : undefined));
	// Why the agent before does not get it is asked first.
	const passedOver = preferred && !isCandidate(preferred) ? preferred : undefined;
	const named = listOf(leftOut, NAMED, compare, passedOver);
	const context = { policy, now };
	const score = scoreOf(policy.strategy, allWereCandidates);

	const blockedBy = chosen ? null : isHeld ? 'waitsForPreferred' : findBlock(examined, policy, now);
	return {
		chosen: chosen ? { key: chosen.agent.key, name: chosen.agent.name } : null,
		via,
		strategy: policy.strategy,
		scoredBy: score.words,
		considered: listed.map((one) => ({
			key: one.agent.key,
			name: nameOf(one),
			candidate: isCandidate(one),
			reason: reasonFor(one, context),
			openUnits: one.agent.openUnits,
			capacity: one.limit,
			lastAssignedAt: one.agent.lastAssignedAt,
			score: score.of(one),
		})),
		asked: demands.skills.size === 0 && demands.language === null ? null : askedOf(policy),
		notListed: examined.length - listed.length,
		notListedBy: countRest(examined, listed),
		examinedAll: true,
		allWereCandidates,
		tieBreak:
			chosen && runnerUp && via === 'strategy' ? findTieBreak(chosen, runnerUp, steps) : null,
		explanation: chosen
			? via === 'preferred'
				? explainPreferred(chosen, leftOut, named, context)
				: explainChoice(chosen, candidates.length, leftOut, named, context)
			: isHeld && preferred
				? explainHeld(preferred, context)
				: explainNobody(blockedBy ?? 'noAgents', leftOut, named, context),
		blockedBy,
	};
}

/** How many skills a record keeps of those that were asked for. */
const ASKED = 20;

const askedOf = ({ skills, language }: AssignmentPolicy) => ({
	skills: skills.slice(0, ASKED),
	language: isLanguageTag(language) ? language : null,
});

/** The first in order, but this one before all of them. */
function listOf(all: Examined[], count: number, compare: Compare, before?: Examined): Examined[] {
	const first = firstInOrder(all, count, compare);
	if (!before) return first;
	return [before, ...first.filter((one) => one !== before)].slice(0, count);
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
	const there = allowed.filter((one) => !policy.onlyOnline || isOnline(one.agent, now));
	const qualified = (one: Examined) =>
		!one.obstacles.includes('lacksSkill') && !one.obstacles.includes('lacksLanguage');
	if (!allowed.some(qualified)) return 'nobodyQualified';
	if (there.length === 0) return 'nobodyOnline';
	return there.some(qualified) ? 'everybodyAtCapacity' : 'nobodyQualified';
}

/** Those that a decision does not list: how many could have been chosen, and what kept the others. */
function countRest(examined: Examined[], listed: Examined[]): Record<string, number> {
	const counts: Record<string, number> = {};
	if (examined.length === listed.length) return counts;
	const shown = new Set(listed);
	for (const one of examined) {
		if (shown.has(one)) continue;
		const kind = one.obstacles[0] ?? 'candidate';
		counts[kind] = (counts[kind] ?? 0) + 1;
	}
	return counts;
}

function findTieBreak(chosen: Examined, runnerUp: Examined, steps: Step[]): string | null {
	const step = steps.find(({ compare }) => compare(chosen, runnerUp) !== 0);
	if (!step || step.own) return null;
	return `${nameOf(chosen)} and ${nameOf(runnerUp)} are level; ${nameOf(chosen)} ${step.words}.`;
}
