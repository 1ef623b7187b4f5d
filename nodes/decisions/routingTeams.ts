import type { RouteDecision, RoutingCondition, RoutingFacts, RoutingPolicy } from './contracts';
import { unknown } from './routingMessage';
import { quote, type Finding } from './routingWords';

const DAY = 24 * 60 * 60_000;

/** Teams that a conversation is handed on by, at most. */
const LONGEST_CHAIN = 10;

type Teams = RoutingFacts['teams'];
type Hours = Extract<RoutingCondition, { type: 'hours' }>;

/** Whether a team works at the moment of the routing. */
export function checkHours({ is, team }: Hours, ownTeam: string, teams: Teams): Finding {
	const key = team?.trim() || ownTeam;
	const hours = stateOf(teams, key)?.hours;
	if (!hours)
		return unknown(`it asks for the business hours of ${quote(key)}, which does not exist`);
	return { holds: hours.open === (is === 'inside'), why: `${quote(key)} is ${hours.why}` };
}

/** Whether the contact goes back to the team of the conversation before. */
export function checkLastTeam(
	sticky: RoutingPolicy['sticky'],
	{ lastTeam, at, teams }: RoutingFacts,
): { team: string | null; why: string } | null {
	if (sticky === null) return null;
	if (lastTeam === null) return { team: null, why: 'no earlier conversation had a team' };
	const { key, endedAt } = lastTeam;
	if (!stateOf(teams, key)) {
		return { team: null, why: `the last team ${quote(key)} does not exist any more` };
	}
	const days = `${sticky.days} ${sticky.days === 1 ? 'day' : 'days'}`;
	if (at - endedAt > sticky.days * DAY) {
		return { team: null, why: `the conversation with ${quote(key)} ended over ${days} ago` };
	}
	return { team: key, why: `the conversation with ${quote(key)} ended less than ${days} ago` };
}

/**
 * Hands a conversation on, from a team that cannot take it to its overflow team, until one can. Where
 * none can, it stays with the first: overflow never leaves a conversation without a team.
 *
 * @returns sentences that say what happened, none where nothing did
 */
export function handOver(
	first: string,
	when: RoutingPolicy['overflow'],
	teams: Teams,
): { team: string; steps: RouteDecision['overflow']; says: string[] } {
	const steps: RouteDecision['overflow'] = [];
	const seen = new Set([first]);
	let team = first;
	let obstacle = obstacleOf(team, when, teams);
	while (obstacle !== null) {
		const next = stateOf(teams, team)?.overflowTeam ?? null;
		const isKnown = next !== null && stateOf(teams, next) !== undefined;
		if (!isKnown || seen.has(next) || steps.length === LONGEST_CHAIN) {
			const why = obstacleOf(first, when, teams);
			const says = `It stays with ${quote(first)} although ${why}: no overflow team can take it.`;
			return { team: first, steps: [], says: [says] };
		}
		steps.push({ from: team, to: next, why: obstacle });
		seen.add(next);
		team = next;
		obstacle = obstacleOf(team, when, teams);
	}
	const says = steps.map(({ to, why }) => `It goes on to ${quote(to)} since ${why}.`);
	return { team, steps, says };
}

/** Why a team cannot take a conversation, as a clause; null when it can. */
function obstacleOf(key: string, when: RoutingPolicy['overflow'], teams: Teams): string | null {
	const team = stateOf(teams, key);
	if (!team || when === 'keep') return null;
	if (!team.hours.open) return `${quote(key)} is ${team.hours.why}`;
	const isDeserted = when === 'whenClosedOrNobodyOnline' && team.online === false;
	return isDeserted ? `nobody of ${quote(key)} is online` : null;
}

/** Keys are operators' words: one may be named as something that every object has. */
const stateOf = (teams: Teams, key: string) => (Object.hasOwn(teams, key) ? teams[key] : undefined);
