import type { AgentCandidate, Availability } from './contracts';

/** What is in force for an agent, and what follows when its time ends. */
export type PresenceSettings = Pick<
	AgentCandidate,
	'availability' | 'onlineUntil' | 'followsShifts'
>;

/**
 * What an agent says, shifts aside. In order of precedence:
 *
 * 1. what was said last, by a person, a workflow or a heartbeat, as long as its time lasts (whether a
 *    heartbeat may say anything: see {@link hear});
 * 2. after that, for who follows shifts: online (a shift that begins ends what was said without an
 *    end, see {@link AgentPresence.next});
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

/**
 * Whether an agent is there for new conversations. Outside the shift everybody is offline: who left
 * online on after work, and who went away and forgot to come back.
 */
export function presenceOf(
	agent: PresenceSettings & Pick<AgentCandidate, 'onShift'>,
	now: number,
): Availability {
	return agent.onShift ? sayingOf(agent, now) : 'offline';
}

/** All that decides what an agent counts as, now and later; and what it counted as so far. */
export interface AgentPresence extends PresenceSettings {
	/** Since when `availability` is in force. */
	availabilitySince: number;
	/**
	 * Who said the last word, also where that is {@link next}: {@link HEARTBEAT}, {@link SYSTEM} when it
	 * came by itself, a person or a workflow by the name of its source. Null: nobody has said anything.
	 */
	source: string | null;
	/** How long after `onlineUntil` online may be taken up again as if nothing had happened. */
	grace: number;
	/**
	 * What follows by itself: a word that takes effect later, or, for who follows shifts and is away
	 * until further notice, online when the next shift begins.
	 */
	next: { availability: Availability; at: number } | null;
	/** What it has counted as: {@link presenceOf}, except that a grace still counts as online. */
	presence: Availability;
	/** Since when it has counted as offline; null while it does not. */
	absentSince: number | null;
}

/** A program that says that somebody is there: an app that is open, a phone that is at hand. */
export const HEARTBEAT = 'heartbeat';

/** Nobody: a time ended, a shift began. */
export const SYSTEM = 'system';

/** When an agent works. */
export interface Shifts {
	/** Whether a moment is within a shift, and when that changes; null: not within a year. */
	at(moment: number): { onShift: boolean; changesAt: number | null };
	/** When the next shift begins: not the one that is on. Null: none within a year. */
	nextBegin(moment: number): number | null;
}

/**
 * What is in force at a moment, also where nobody has looked at the agent since it began: one word
 * ahead, since the tick comes within seconds. After days without one, the tick says what became of it.
 */
export function inForce(
	agent: Pick<AgentPresence, keyof PresenceSettings | 'availabilitySince' | 'next'>,
	now: number,
): PresenceSettings & Pick<AgentPresence, 'availabilitySince'> {
	const { availability, onlineUntil, followsShifts, availabilitySince, next } = agent;
	return next !== null && next.at <= now
		? {
				availability: next.availability,
				onlineUntil: null,
				followsShifts,
				availabilitySince: next.at,
			}
		: { availability, onlineUntil, followsShifts, availabilitySince };
}

/** What the agent counts as: with the grace in which it gets nothing new and has not gone, either. */
export function standingOf(agent: AgentPresence, onShift: boolean, now: number): Availability {
	if (!onShift) return 'offline';
	const settings = inForce(agent, now);
	return isInGrace({ ...agent, ...settings }, now) ? 'online' : sayingOf(settings, now);
}

/** Whether online has lapsed, so lately that it may still be taken up. */
export const isInGrace = (
	{ availability, onlineUntil, followsShifts, grace }: Omit<AgentPresence, 'next'>,
	now: number,
) =>
	availability === 'online' &&
	!followsShifts &&
	onlineUntil !== null &&
	onlineUntil <= now &&
	now < onlineUntil + grace;
