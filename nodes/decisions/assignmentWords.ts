import { saysOnline, type Examined, type Obstacle } from './candidates';
import type { AssignmentDecision, AssignmentPolicy, AssignmentStrategy } from './contracts';

/** What the words of a decision depend on beside the agent. */
export interface AssignmentContext {
	policy: AssignmentPolicy;
	now: number;
}

/** Longer names are cut, so that an explanation stays short whatever agents are called. */
const LONGEST_NAME = 60;

/** The same for skills, and how many of them are named. */
const LONGEST_SKILL = 40;
const SKILLS_NAMED = 3;

/** What a language tag looks like (BCP 47); anything else may be what a contact wrote. */
const LANGUAGE_TAG = /^[a-z]{2,8}(?:[-_][a-z0-9]{1,8}){0,4}$/i;
export const isLanguageTag = (language: string | null) => LANGUAGE_TAG.test(language ?? '');

const ADVANTAGES: Record<AssignmentStrategy, string> = {
	roundRobin: 'has the next turn',
	leastOpen: 'has the fewest open',
	lowestLoad: 'has the lowest load',
	longestIdle: 'has been idle longest',
};

const BLOCKS: Record<NonNullable<AssignmentDecision['blockedBy']>, string> = {
	noAgents: 'There is no agent to choose from: add one to the team, or choose another team.',
	nobodyOnline: 'Nobody is online.',
	nobodyQualified: 'Nobody who could be chosen has the skills or the language.',
	waitsForPreferred: 'It waits for the agent that the contact had before.',
	everybodyAtCapacity: 'Everybody who could be chosen is at capacity.',
	allExcluded: 'Every agent is excluded.',
};

/** In words for an operator: why an agent was left out, or what speaks for it. */
export function reasonFor(one: Examined, context: AssignmentContext): string {
	if (one.obstacles.length === 0) return describeState(one, context);
	return one.obstacles.map((obstacle) => describeObstacle(obstacle, one, context)).join('; ');
}

/** "Sara has the next turn: 2 of 5 open, last assigned 10:02 UTC. Omar left out: offline." */
export function explainChoice(
	chosen: Examined,
	candidates: number,
	leftOut: Examined[],
	named: Examined[],
	context: AssignmentContext,
): string {
	let advantage = ADVANTAGES[context.policy.strategy];
	if (candidates === 1) {
		advantage = leftOut.length > 0 ? 'is the only one who can take it' : 'is the only agent';
	}
	const sentence = `${nameOf(chosen)} ${advantage}: ${describeState(chosen, context)}.`;
	return [sentence, ...describeRelaxed(context), ...describeLeftOut(leftOut, named, context)].join(
		' ',
	);
}

/** "Sara had this contact before and can take it: 2 of 5 open, …" */
export function explainPreferred(
	chosen: Examined,
	leftOut: Examined[],
	named: Examined[],
	context: AssignmentContext,
): string {
	const sentence = `${nameOf(chosen)} had this contact before and can take it: ${describeState(chosen, context)}.`;
	return [sentence, ...describeRelaxed(context), ...describeLeftOut(leftOut, named, context)].join(
		' ',
	);
}

/** "It waits for Sara, who had this contact before, until 10:05 UTC: at capacity, 5 of 5 open." */
export function explainHeld(preferred: Examined, context: AssignmentContext): string {
	const until = formatTime(context.policy.prefer?.until ?? context.now, context.now);
	return `It waits for ${nameOf(preferred)}, who had this contact before, until ${until}: ${reasonFor(preferred, context)}.`;
}

const describeRelaxed = ({ policy }: AssignmentContext) =>
	policy.relaxed ? ['Skills and language are no longer asked for: it has waited too long.'] : [];

/** Why nobody could be chosen, and who was left out for what. */
export function explainNobody(
	blockedBy: NonNullable<AssignmentDecision['blockedBy']>,
	leftOut: Examined[],
	named: Examined[],
	context: AssignmentContext,
): string {
	// Who left online on after work is online, and yet not there.
	const allOffShift =
		blockedBy === 'nobodyOnline' &&
		leftOut.some(
			({ obstacles }) => !obstacles.some((one) => one === 'excluded' || one === 'notOnline'),
		);
	const block = allOffShift ? 'Everybody who is online is outside the shift.' : BLOCKS[blockedBy];
	return [block, ...describeRelaxed(context), ...describeLeftOut(leftOut, named, context)].join(
		' ',
	);
}

function describeLeftOut(
	leftOut: Examined[],
	named: Examined[],
	context: AssignmentContext,
): string[] {
	const [first] = named;
	if (!first) return [];
	if (leftOut.length === 1) return [`${nameOf(first)} left out: ${reasonFor(first, context)}.`];
	const names = named.map((one) => `${nameOf(one)} (${reasonFor(one, context)})`).join(', ');
	const alreadyNamed = new Set(named);
	const more = leftOut.filter((one) => !alreadyNamed.has(one));
	if (more.length === 0) return [`Left out: ${names}.`];
	return [`Left out: ${names}, and ${more.length} more (${countByObstacle(more)}).`];
}

const OBSTACLES: Record<Obstacle, string> = {
	excluded: 'excluded',
	notOnline: 'not online',
	offShift: 'outside the shift',
	lacksSkill: 'without the skill',
	lacksLanguage: 'without the language',
	atCapacity: 'at capacity',
};

/** Counts each agent once, by the first obstacle: "8 not online, 2 at capacity". */
function countByObstacle(leftOut: Examined[]): string {
	const counts = new Map<Obstacle, number>();
	for (const { obstacles } of leftOut) {
		const [first] = obstacles;
		if (first) counts.set(first, (counts.get(first) ?? 0) + 1);
	}
	return (Object.keys(OBSTACLES) as Obstacle[])
		.filter((obstacle) => counts.has(obstacle))
		.map((obstacle) => `${counts.get(obstacle)} ${OBSTACLES[obstacle]}`)
		.join(', ');
}

function describeObstacle(
	obstacle: Obstacle,
	one: Examined,
	{ policy, now }: AssignmentContext,
): string {
	switch (obstacle) {
		case 'excluded':
			return 'excluded';
		case 'notOnline':
			return describeAbsence(one, now);
		case 'offShift':
			return describeShift(one);
		case 'lacksSkill':
			return describeLacks(one);
		case 'lacksLanguage':
			return `does not speak ${isLanguageTag(policy.language) ? policy.language : 'the language'}`;
		case 'atCapacity': {
			const full = one.limit === null || one.agent.openUnits >= one.limit;
			return full
				? `at capacity, ${describeOpen(one)}`
				: `no room for ${formatUnits(policy.weight)} more, ${describeOpen(one)}`;
		}
	}
}

function describeLacks({ lacks }: Examined): string {
	const named = lacks.slice(0, SKILLS_NAMED).map((skill) => onOneLine(skill, LONGEST_SKILL));
	const more = lacks.length - named.length;
	return `lacks ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function describeAbsence({ agent }: Examined, now: number): string {
	if (agent.availability === 'online' && agent.onlineUntil !== null) {
		return `offline, was online until ${formatTime(agent.onlineUntil, now)}`;
	}
	return agent.availabilitySince === null
		? agent.availability
		: `${agent.availability} since ${formatTime(agent.availabilitySince, now)}`;
}

function describeShift({ agent: { nextShift } }: Examined): string {
	return nextShift === null ? 'outside the shift' : `outside the shift, on again at ${nextShift}`;
}

function describeState(one: Examined, { now }: AssignmentContext): string {
	const { lastAssignedAt } = one.agent;
	const parts = [
		describeOpen(one),
		lastAssignedAt === null ? 'never assigned' : `last assigned ${formatTime(lastAssignedAt, now)}`,
	];
	// Only a policy that also takes agents who are not there gets here with one.
	if (!one.agent.onShift) parts.unshift('outside the shift');
	if (!saysOnline(one.agent, now)) parts.unshift(describeAbsence(one, now));
	return parts.join(', ');
}

function describeOpen({ agent, limit }: Examined): string {
	const open = formatUnits(agent.openUnits);
	return limit === null ? `${open} open` : `${open} of ${formatUnits(limit)} open`;
}

function formatUnits(units: number): string {
	return String(Math.round(units * 100) / 100);
}

/** "10:02 UTC", with the date when it was on another day than `now`. */
export function formatTime(time: number, now: number): string {
	const [date, clock] = new Date(time).toISOString().split('T');
	const [today] = new Date(now).toISOString().split('T');
	const minutes = `${clock?.slice(0, 5)} UTC`;
	return date === today ? minutes : `${date} ${minutes}`;
}

/** The agent's name on one line, cut where it is very long; the key where there is none. */
export function nameOf({ agent }: Examined): string {
	return onOneLine(agent.name.trim() || agent.key, LONGEST_NAME);
}

function onOneLine(text: string, longest: number): string {
	const letters = Array.from(text.trim().replace(/\s+/gu, ' '));
	return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : letters.join('');
}
