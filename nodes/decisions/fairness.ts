import type { Availability } from './contracts';

/** What an agent was at the beginning of a time, and became in it. Milliseconds since 1970 (UTC). */
export interface PresenceTimeline {
	presence: Availability;
	/** The oldest first. */
	changes: Array<{ at: number; to: Availability }>;
}

/** How long an agent was online between two moments, in milliseconds. */
export function timeOnline(
	{ presence, changes }: PresenceTimeline,
	from: number,
	to: number,
): number {
	let online = 0;
	let now = presence;
	let since = from;
	for (const change of changes) {
		const at = Math.min(Math.max(change.at, from), to);
		if (now === 'online') online += Math.max(0, at - since);
		since = Math.max(since, at);
		now = change.to;
	}
	return now === 'online' ? online + Math.max(0, to - since) : online;
}

export interface AgentShare {
	key: string;
	name: string;
	/** Conversations that were assigned by a policy. */
	assignments: number;
	/** Conversations that a person or a platform gave to the agent; not part of the comparison. */
	byHand: number;
	/** Milliseconds. */
	online: number;
}

export interface AgentFairness extends AgentShare {
	/** What the agent would have had of all, had they been spread by online time. */
	expected: number;
	/** Assignments over what was expected; 1 is fair, 2 twice the share. Null: never online. */
	index: number | null;
	/** Null: never online. */
	assignmentsPerHour: number | null;
}

export interface Fairness {
	assignments: number;
	byHand: number;
	/** Of all agents together, in milliseconds. */
	online: number;
	/** The greatest index, the smallest, and what lies between them; null with nobody online. */
	spread: { highest: number; lowest: number; difference: number } | null;
	/** See {@link giniOf}; null with nobody online, or nothing assigned. */
	gini: number | null;
	/** Who had most over their share comes first; who was never online, last. */
	agents: AgentFairness[];
}

const HOUR = 60 * 60_000;

/**
 * Compares what each agent was given with the share that their online time was of everybody's. Who
 * was never online has no share: what they were given all the same counts to the total and is shown.
 */
export function fairnessOf(shares: AgentShare[]): Fairness {
	const sum = (of: (share: AgentShare) => number) =>
		shares.reduce((total, share) => total + of(share), 0);
	const assignments = sum((share) => share.assignments);
	const online = sum((share) => share.online);
	const agents = shares.map((share): AgentFairness => {
		const expected = online === 0 ? 0 : (assignments * share.online) / online;
		return {
			...share,
			expected,
			index: share.online === 0 ? null : expected === 0 ? 1 : share.assignments / expected,
			assignmentsPerHour: share.online === 0 ? null : (share.assignments * HOUR) / share.online,
		};
	});
	agents.sort(
		(a, b) => (b.index ?? -1) - (a.index ?? -1) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
	);
	const indices = agents.flatMap(({ index }) => index ?? []);
	const [highest, lowest] = [indices[0], indices.at(-1)];
	return {
		...{ assignments, online, byHand: sum((share) => share.byHand) },
		spread:
			highest === undefined || lowest === undefined
				? null
				: { highest, lowest, difference: highest - lowest },
		gini: giniOf(shares),
		agents,
	};
}

/**
 * The Gini coefficient of assignments per hour online, each agent weighted by hours: 0 when everybody
 * got the same for an hour's presence, towards 1 the more of it went to the presence of a few. Twice
 * the area between the Lorenz curve and the diagonal (C. Gini, 1912; M. O. Lorenz, 1905).
 */
export function giniOf(shares: Array<Pick<AgentShare, 'assignments' | 'online'>>): number | null {
	const present = shares.filter(({ online }) => online > 0);
	const time = present.reduce((sum, { online }) => sum + online, 0);
	const all = present.reduce((sum, { assignments }) => sum + assignments, 0);
	if (time === 0 || all === 0) return null;
	present.sort((a, b) => a.assignments / a.online - b.assignments / b.online);
	let under = 0;
	let given = 0;
	for (const { assignments, online } of present) {
		under += (online / time) * ((2 * given + assignments) / all);
		given += assignments;
	}
	return Math.max(0, 1 - under);
}
