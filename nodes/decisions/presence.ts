import type { AgentCandidate, Availability } from './contracts';

/** What was set for an agent, and what follows when its time ends. */
export type PresenceSettings = Pick<
	AgentCandidate,
	'availability' | 'onlineUntil' | 'followsShifts'
>;

/**
 * What an agent says, shifts aside. In order of precedence:
 *
 * 1. what was set last, by a person or a workflow, as long as its time lasts;
 * 2. after that, for who follows shifts: online (and a shift that begins clears what was set before);
 * 3. for everybody else: online ends as offline, away and offline stay.
 *
 * A time that ends now has ended.
 */
export function sayingOf(
	{ availability, onlineUntil, followsShifts }: PresenceSettings,
	now: number,
): Availability {
	if (onlineUntil === null || onlineUntil > now) return availability;
	if (followsShifts) return 'online';
	return availability === 'online' ? 'offline' : availability;
}

/** What an agent counts as: outside the shift nobody is online, also where online was left on. */
export function presenceOf(
	agent: PresenceSettings & Pick<AgentCandidate, 'onShift'>,
	now: number,
): Availability {
	const saying = sayingOf(agent, now);
	return saying === 'online' && !agent.onShift ? 'offline' : saying;
}
