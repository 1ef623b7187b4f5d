/** What Check Health may find; a flow can tell them apart by these for good. */
export type ProblemCode =
	| 'queueStuck'
	| 'nobodyCanTake'
	| 'nobodyOnline'
	| 'teamsWithoutAgents'
	| 'agentsOverCapacity'
	| 'conversationsUnattended'
	| 'conversationsFlagged'
	| 'deliveriesFailed'
	| 'platformsNotTold'
	| 'deliveriesExpired'
	| 'deliveriesOverdue'
	| 'deliveriesAbandoned'
	| 'triggersSilent'
	| 'flowsOutOfReach'
	| 'schemaDiffers'
	| 'storeAtRisk';

/** Something for an operator. An error works against customers now; a warning wants a look. */
export interface Problem {
	code: ProblemCode;
	severity: 'warning' | 'error';
	/** What is wrong, with the numbers. */
	message: string;
	/** What to do about it. */
	hint: string;
	count: number;
	/** Up to five ids or keys of what is affected. */
	examples: string[];
}

export const EXAMPLES = 5;

/** How many there are, since when the oldest of them, and a few. */
export interface Tally {
	count: number;
	/** Milliseconds since 1970; 0 when there are none. */
	since: number;
	examples: string[];
}

/** A few rows, each with the figures of all that match: one query says everything. */
export function tallyOf(
	rows: Array<{ id: string; all: number | string; since: number | string | null }>,
): Tally {
	return {
		count: Number(rows[0]?.all ?? 0),
		since: Number(rows[0]?.since ?? 0),
		examples: rows.map(({ id }) => id),
	};
}

/** "1 agent", "3 agents". */
export const counted = (count: number, one: string, many = `${one}s`) =>
	`${count} ${count === 1 ? one : many}`;

/** A time span in words: "40 s", "12 min", "5 h", "3 days". */
export function lasting(milliseconds: number): string {
	const seconds = Math.max(0, Math.round(milliseconds / 1000));
	if (seconds < 120) return `${seconds} s`;
	if (seconds < 2 * 3600) return `${Math.round(seconds / 60)} min`;
	if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
	return `${Math.round(seconds / 86_400)} days`;
}
