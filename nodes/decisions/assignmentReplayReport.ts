import type { ReplayedArrival, ReplayResult } from './assignmentReplay';

/** How long conversations waited for their first agent; times in milliseconds. */
export interface WaitFigures {
	/** Conversations that had one. */
	assigned: number;
	/** Of those, how many did not wait at all. */
	atOnce: number;
	/** Over all that were assigned, those that did not wait included; null with none. */
	mean: number | null;
	median: number | null;
	/** 95 of 100 waited at most so long. */
	percentile95: number | null;
	longest: number | null;
}

export interface ReplayedAgentFigures {
	key: string;
	name: string;
	happened: number;
	replayed: number;
	change: number;
	/** Units at the fullest moment of the replay. */
	mostOpen: number;
	/** Milliseconds of the period. */
	online: number;
	/** Of the time online, the share with anything open; null: never online. */
	busyShare: number | null;
}

export interface AssignmentReplayReport {
	conversations: number;
	/** The same agent as then, or nobody both times. */
	same: number;
	different: number;
	differentShare: number | null;
	/** Given by a person or a platform, then as in the replay. */
	byHand: number;
	waits: { happened: WaitFigures; replayed: WaitFigures };
	neverAssigned: { happened: number; replayed: number };
	agents: ReplayedAgentFigures[];
	/** Those that went elsewhere. */
	differing: ReplayedArrival[];
}

/**
 * Figures of a replay beside those of what happened.
 *
 * @param counts which conversations to count; agents' fullest moment and time are of all they had
 */
export function reportReplay(
	{ conversations, agents }: ReplayResult,
	counts: (replayed: ReplayedArrival) => boolean = () => true,
): AssignmentReplayReport {
	const counted = conversations.filter(counts);
	const differing = counted.filter(differs);
	const happened = counted.flatMap(({ arrival: { at, happened: then } }) =>
		then ? [then.at - at] : [],
	);
	const replayed = counted.flatMap(({ arrival, at }) => (at === null ? [] : [at - arrival.at]));
	const had = tally(counted, ({ arrival }) => arrival.happened?.agent ?? null);
	const has = tally(counted, ({ agent }) => agent);
	return {
		conversations: counted.length,
		same: counted.length - differing.length,
		different: differing.length,
		differentShare: counted.length === 0 ? null : differing.length / counted.length,
		byHand: counted.filter(isByHand).length,
		waits: { happened: figuresOf(happened), replayed: figuresOf(replayed) },
		neverAssigned: {
			happened: counted.length - happened.length,
			replayed: counted.length - replayed.length,
		},
		agents: agentsOf(agents, had, has),
		differing,
	};
}

const differs = ({ arrival, agent }: ReplayedArrival) =>
	agent !== (arrival.happened?.agent ?? null);

const isByHand = ({ arrival, agent, at }: ReplayedArrival) =>
	arrival.byHand && agent === arrival.happened?.agent && at === arrival.happened?.at;

function agentsOf(
	records: ReplayResult['agents'],
	had: Map<string, number>,
	has: Map<string, number>,
): ReplayedAgentFigures[] {
	const known = new Set(records.map(({ key }) => key));
	const gone = [...had.keys()].filter((key) => !known.has(key));
	const all = [
		...records,
		...gone.map((key) => ({ key, name: key, mostOpen: 0, online: 0, busy: 0 })),
	];
	return all
		.map(({ key, name, mostOpen, online, busy }) => {
			const happened = had.get(key) ?? 0;
			const replayed = has.get(key) ?? 0;
			return {
				...{ key, name, happened, replayed, change: replayed - happened, mostOpen, online },
				busyShare: online === 0 ? null : busy / online,
			};
		})
		.sort((a, b) => b.replayed - a.replayed || (a.key < b.key ? -1 : 1));
}

function tally(
	all: ReplayedArrival[],
	of: (each: ReplayedArrival) => string | null,
): Map<string, number> {
	const counts = new Map<string, number>();
	for (const each of all) {
		const key = of(each);
		if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
	}
	return counts;
}

/** Percentiles are of the nearest rank: a wait that somebody really had. */
export function figuresOf(waits: number[]): WaitFigures {
	const sorted = waits.map((wait) => Math.max(0, wait)).sort((a, b) => a - b);
	const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
	return {
		assigned: sorted.length,
		atOnce: sorted.filter((wait) => wait === 0).length,
		mean: sorted.length === 0 ? null : sorted.reduce((sum, each) => sum + each, 0) / sorted.length,
		median: rank(0.5),
		percentile95: rank(0.95),
		longest: sorted.at(-1) ?? null,
	};
}
