import type { Availability } from './contracts';
import { durationWords } from './durations';
import {
	HEARTBEAT,
	inForce,
	standingOf,
	SYSTEM,
	type AgentPresence,
	type Shifts,
} from './presence';

/** An agent that counts as something else from a moment on. */
export interface PresenceChange {
	at: number;
	from: Availability;
	to: Availability;
	/** In words for an operator. */
	reason: string;
}

export interface Settled {
	agent: AgentPresence;
	changes: PresenceChange[];
	/** When that may change by itself; null: never. */
	dueAt: number | null;
}

/** How far back changes are made up for that nobody saw happen: n8n was not running. Milliseconds. */
const LOOK_BACK = 7 * 24 * 60 * 60_000;

/**
 * What became of an agent by itself until now: times that ended, shifts that began and ended. Each
 * change is told with its own moment, also where several have passed unseen.
 *
 * @param due when it was to change next, as it was last known
 */
export function settle(
	agent: AgentPresence,
	shifts: Shifts,
	due: number | null,
	now: number,
): Settled {
	const changes: PresenceChange[] = [];
	let at = due !== null && due < now - LOOK_BACK ? now : due;
	while (at !== null && at <= now) {
		const step = look(agent, shifts, at);
		agent = step.agent;
		changes.push(...step.changes);
		at = step.dueAt;
	}
	return { agent, changes, dueAt: at };
}

/**
 * What an agent counts as at a moment, and until when.
 *
 * @param because what changed it, where that was not the time
 */
export function look(agent: AgentPresence, shifts: Shifts, at: number, because?: string): Settled {
	const { agent: moved, reason } = passAll(agent, shifts, at);
	const { onShift } = shifts.at(at);
	const from = agent.presence;
	const to = standingOf(moved, onShift, at);
	const why = because ?? reason ?? (onShift ? 'the shift began' : 'the shift ended');
	const absentSince =
		to === 'offline' ? (from === to ? (moved.absentSince ?? moved.availabilitySince) : at) : null;
	return {
		agent: { ...moved, presence: to, absentSince },
		changes: from === to ? [] : [{ at, from, to, reason: why }],
		dueAt: dueAfter(moved, shifts, at),
	};
}

interface Passed {
	agent: AgentPresence;
	/** What has ended, or begun; undefined where nothing has. */
	reason?: string;
}

/** What is in force once all times that have ended are over: one may follow the other. */
function passAll(agent: AgentPresence, shifts: Shifts, at: number): Passed {
	let passed: Passed = { agent };
	for (;;) {
		const next = passOne(passed.agent, shifts, at);
		if (next.reason === undefined) return passed;
		passed = next;
	}
}

function passOne(agent: AgentPresence, shifts: Shifts, at: number): Passed {
	const { availability, onlineUntil, grace, followsShifts, next } = agent;
	if (next !== null && next.at <= at) {
		const began = next.availability === 'online';
		const now = { ...agent, ...inForce(agent, at), grace: 0 };
		return {
			agent: {
				...now,
				source: began ? SYSTEM : agent.source,
				next: endedByShift(now, shifts, next.at),
			},
			reason: began ? 'the shift began' : reasonOf(agent, next.availability),
		};
	}
	if (onlineUntil === null) return { agent };
	if (followsShifts && onlineUntil <= at) {
		const online = { availability: 'online' as const, onlineUntil: null, grace: 0, source: SYSTEM };
		return {
			agent: { ...agent, ...online, availabilitySince: onlineUntil },
			reason: `the time ${availability} ended`,
		};
	}
	if (availability === 'online' && onlineUntil + grace <= at) {
		const offline = {
			availability: 'offline' as const,
			onlineUntil: null,
			grace: 0,
			source: SYSTEM,
		};
		return {
			agent: { ...agent, ...offline, availabilitySince: onlineUntil },
			reason:
				grace > 0
					? `the time online ended and was not renewed within ${durationWords(grace)}`
					: 'the time online ended',
		};
	}
	return { agent };
}

/** A program that watches says so. */
export const GONE = 'gone, and no sign of life came';

const reasonOf = ({ source }: AgentPresence, availability: Availability) =>
	source === HEARTBEAT ? GONE : `${availability} was to take effect now`;

/** For who follows shifts: away until further notice is away until the next shift begins. */
export function endedByShift(
	agent: Pick<AgentPresence, 'availability' | 'onlineUntil' | 'followsShifts'>,
	shifts: Shifts,
	now: number,
): AgentPresence['next'] {
	if (!agent.followsShifts || agent.availability === 'online' || agent.onlineUntil !== null) {
		return null;
	}
	const at = shifts.nextBegin(now);
	return at === null ? null : { availability: 'online', at };
}

/** When what it counts as may change by itself. */
function dueAfter(agent: AgentPresence, shifts: Shifts, at: number): number | null {
	const { availability, onlineUntil, grace, followsShifts, next } = agent;
	const moments = [next?.at ?? null];
	if (followsShifts) moments.push(onlineUntil);
	else if (availability === 'online' && onlineUntil !== null) moments.push(onlineUntil + grace);
	// Who says offline is offline in the shift and outside of it.
	if (availability !== 'offline') moments.push(shifts.at(at).changesAt);
	const ahead = moments.filter((moment) => moment !== null && moment > at) as number[];
	return ahead.length === 0 ? null : Math.min(...ahead);
}
