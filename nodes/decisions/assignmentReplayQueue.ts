import type { AssignmentPolicy } from './contracts';
import type { ReplayPool } from './assignmentReplayDesks';

/** A conversation of the past, as it asks for an agent. Times are milliseconds since 1970 (UTC). */
export interface Arrival {
	id: string;
	/** When it first asked for an agent. */
	at: number;
	team: string | null;
	pool: ReplayPool;
	weight: number;
	priority: number;
	skills: string[];
	language: string | null;
	relaxAt: number | null;
	prefer: { agent: string; until: number | null } | null;
	excluded: string[];
	/** How long an agent had it, from the first assignment to its close; null: it never closed. */
	handling: number | null;
	/** When it closed without ever having had an agent; else null. */
	leavesAt: number | null;
	/** Who got it then; null: nobody. */
	happened: { agent: string; at: number } | null;
	/** A person or a platform gave it to that agent: so it is in the replay, unless it is taken before. */
	byHand: boolean;
}

/** The policy that is tried. All else is as the conversation asked for it. */
export type ReplayPolicy = Pick<AssignmentPolicy, 'strategy' | 'onlyOnline' | 'maxOpen'>;

/** What the decision is asked for an arrival at a moment, as the store asks it. */
export function requestAt(
	{ weight, skills, language, relaxAt, prefer, excluded }: Arrival,
	policy: ReplayPolicy,
	now: number,
): AssignmentPolicy {
	const relaxed = (skills.length > 0 || language !== null) && relaxAt !== null && relaxAt <= now;
	return {
		...policy,
		...{ excluded, weight, prefer, relaxed },
		skills: relaxed ? [] : skills,
		language: relaxed ? null : language,
	};
}

/** What makes two conversations the same to agents: if one cannot be taken, neither can the other. */
function kindOf(arrival: Arrival, now: number): string {
	const { pool, weight, skills, language, relaxAt, prefer, excluded } = arrival;
	const relaxed = relaxAt !== null && relaxAt <= now;
	const waitsFor = prefer && (prefer.until ?? now) > now ? prefer.agent : null;
	return JSON.stringify([pool, weight, relaxed || [skills, language], waitsFor, excluded]);
}

/** Those who wait: by priority, then by first queue time, within each kind. */
export class ReplayQueue {
	private readonly kinds = new Map<string, Arrival[]>();
	private readonly kindOfId = new Map<string, string>();

	get size(): number {
		return this.kindOfId.size;
	}

	has({ id }: Arrival): boolean {
		return this.kindOfId.has(id);
	}

	add(arrival: Arrival, now: number): void {
		const kind = kindOf(arrival, now);
		const line = this.kinds.get(kind) ?? [];
		this.kinds.set(kind, line);
		line.splice(placeOf(line, arrival), 0, arrival);
		this.kindOfId.set(arrival.id, kind);
	}

	remove(arrival: Arrival): void {
		const kind = this.kindOfId.get(arrival.id);
		const line = kind === undefined ? undefined : this.kinds.get(kind);
		if (kind === undefined || !line) return;
		line.splice(placeOf(line, arrival), 1);
		if (line.length === 0) this.kinds.delete(kind);
		this.kindOfId.delete(arrival.id);
	}

	/** Its time to wait for one agent, or for skills, is over: it is of another kind now. */
	renew(arrival: Arrival, now: number): void {
		this.remove(arrival);
		this.add(arrival, now);
	}

	/** The next of all who are of none of these kinds, with its kind. */
	next(stuck: ReadonlySet<string>): { arrival: Arrival; kind: string } | undefined {
		let best: { arrival: Arrival; kind: string } | undefined;
		for (const [kind, [head]] of this.kinds) {
			if (!head || stuck.has(kind)) continue;
			if (!best || inOrder(head, best.arrival) < 0) best = { arrival: head, kind };
		}
		return best;
	}
}

function inOrder(a: Arrival, b: Arrival): number {
	return b.priority - a.priority || a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Where it stands in a line in order, or would. */
function placeOf(line: Arrival[], arrival: Arrival): number {
	let from = 0;
	let to = line.length;
	while (from < to) {
		const middle = (from + to) >> 1;
		if (inOrder(line[middle]!, arrival) < 0) from = middle + 1;
		else to = middle;
	}
	return from;
}
