import type { Availability } from './contracts';
import { HEARTBEAT, inForce, sayingOf, SYSTEM, type AgentPresence, type Shifts } from './presence';
import { endedByShift } from './presenceChanges';

/** What a person or a workflow says about an agent. */
export interface Word {
	availability: Availability;
	/** It holds until then; null: until further notice. */
	until: number | null;
	/** How long after `until` online may be taken up again. Milliseconds. */
	grace: number;
	/** When it takes effect; null: at once. */
	from: number | null;
	source: string;
}

/** What a program says that watches whether somebody is there. */
export type Heartbeat =
	| { alive: true; until: number; grace: number }
	/** Gone; from this moment on, unless a sign of life comes before. */
	| { alive: false; from: number };

/** The last word counts. The agent is settled until now (see {@link settle}). */
export function obey(agent: AgentPresence, word: Word, shifts: Shifts, now: number): AgentPresence {
	const { availability, source } = word;
	const saying = sayingOf(inForce(agent, now), now);
	if (word.from !== null && word.from > now && saying !== availability) {
		return { ...agent, source, next: { availability, at: word.from } };
	}
	const said = { ...agent, availability, onlineUntil: word.until, grace: word.grace, source };
	return {
		...said,
		// Online that comes after a lapse is news to its queues, though nobody else noticed.
		availabilitySince: saying === availability ? agent.availabilitySince : now,
		next: endedByShift(said, shifts, now),
	};
}

/**
 * A heartbeat never contradicts anybody: it renews online, and brings back who went offline because
 * signs of life stopped. Away and offline that a person or a workflow said stay for their time.
 *
 * @returns undefined where it changes nothing because somebody said otherwise
 */
export function hear(
	agent: AgentPresence,
	heartbeat: Heartbeat,
	shifts: Shifts,
	now: number,
): AgentPresence | undefined {
	const here = agent.availability === 'online';
	if (!heartbeat.alive) {
		if (sayingOf(inForce(agent, now), now) !== 'online') return undefined;
		// It goes already: a second signal does not put it off.
		if (agent.next !== null) return agent;
		const word = { availability: 'offline' as const, until: null, grace: 0 };
		return obey(agent, { ...word, from: heartbeat.from, source: HEARTBEAT }, shifts, now);
	}
	if (here) return renewed(agent, heartbeat, now);
	if (!maySpeakFor(agent, now)) return undefined;
	const { until, grace } = heartbeat;
	// Who follows shifts is online in the shift without any sign of life.
	const lease = agent.followsShifts ? { until: null, grace: 0 } : { until, grace };
	return obey(
		agent,
		{ availability: 'online', ...lease, from: null, source: HEARTBEAT },
		shifts,
		now,
	);
}

/** Online is never made shorter than it was said to last; "until further notice" ends with the notice. */
function renewed(
	agent: AgentPresence,
	{ until, grace }: Extract<Heartbeat, { alive: true }>,
	now: number,
): AgentPresence {
	const next = agent.source === HEARTBEAT ? null : agent.next;
	if (agent.followsShifts) return { ...agent, next };
	const longer = agent.onlineUntil !== null && agent.onlineUntil > until;
	return {
		...agent,
		...(longer ? {} : { onlineUntil: until, grace }),
		availabilitySince:
			sayingOf(inForce(agent, now), now) === 'online' ? agent.availabilitySince : now,
		next,
	};
}

/**
 * Other shifts, or shifts that are followed from now on, or no longer. Who begins to follow them is
 * online in the shift at once, unless somebody said otherwise.
 */
export function follow(
	agent: AgentPresence,
	followsShifts: boolean,
	shifts: Shifts,
	now: number,
): AgentPresence {
	const begins = followsShifts && !agent.followsShifts && agent.availability !== 'online';
	const online = { availability: 'online' as const, onlineUntil: null, grace: 0, source: SYSTEM };
	const changed: AgentPresence = {
		...agent,
		followsShifts,
		...(begins && maySpeakFor(agent, now) ? { ...online, availabilitySince: now } : {}),
	};
	const delayed = agent.next !== null && agent.next.availability !== 'online';
	return delayed ? changed : { ...changed, next: endedByShift(changed, shifts, now) };
}

/** Nobody has said otherwise, or no longer. */
const maySpeakFor = ({ source, onlineUntil }: AgentPresence, now: number) =>
	source === null ||
	source === HEARTBEAT ||
	source === SYSTEM ||
	(onlineUntil !== null && onlineUntil <= now);
