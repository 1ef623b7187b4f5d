import { decideAssignment } from './assignment';
import { chooseAgent, type Choice } from './assignmentChoice';
import { ReplayDesks, type DeskRecord, type ReplayAgent } from './assignmentReplayDesks';
import { ReplayQueue, requestAt, type Arrival, type ReplayPolicy } from './assignmentReplayQueue';
import { demandsOf, examine, isCandidate } from './candidates';
import { MinHeap } from './minHeap';

/** The past as a replay needs it. Times are milliseconds since 1970 (UTC). */
export interface AssignmentHistory {
	/** In any order; IDs are unique. */
	arrivals: Arrival[];
	agents: ReplayAgent[];
	/** Where the replay begins, and where its figures of agents' time end. */
	from: number;
	to: number;
	/** Until then the past is known: nothing happens after it. */
	until: number;
}

/** What would have become of one conversation. */
export interface ReplayedArrival {
	arrival: Arrival;
	/** Null: it would never have had one. */
	agent: string | null;
	/** When it would have been assigned. */
	at: number | null;
	/** It would wait still; else it was assigned, or closed while it waited. */
	waits: boolean;
	/** In plain words; null where nobody decided: given by hand, or never assigned. */
	explanation: string | null;
}

export interface ReplayResult {
	/** In the order in which they came. */
	conversations: ReplayedArrival[];
	agents: DeskRecord[];
}

/** What happens at one moment happens in this order. */
const ORDER = { leaves: 0, presence: 1, due: 2, arrives: 3, byHand: 4 };

interface Moment {
	at: number;
	kind: keyof typeof ORDER;
	/** So that what is equal comes in a fixed order. */
	key: string;
	happen(): void;
}

/** Moments after which the caller may look at something else. */
const BREATH = 100;
const PLANNED = 5000;

/**
 * Lets the past happen again under another policy: the same conversations come at the same moments,
 * the same agents are there at the same times, and whoever gets a conversation has it for as long as
 * its agent had it then. Decides by the very code that assigns, and serves the queue as the store
 * does: by priority, then first queue time, and a head that nobody can take keeps nobody waiting.
 *
 * @param history `arrivals` and `agents` are not changed
 * @param explain of how many conversations that went elsewhere to keep the explanation
 * @returns in steps, so that a long replay lets others work in between
 */
export function* replayAssignment(
	history: AssignmentHistory,
	policy: ReplayPolicy,
	explain = Infinity,
): Generator<void, ReplayResult> {
	const replay = new Replay(history, policy, explain);
	yield* replay.begin();
	for (let count = 1; replay.step(); count++) if (count % BREATH === 0) yield;
	return replay.result();
}

class Replay {
	private readonly desks: ReplayDesks;
	private readonly queue = new ReplayQueue();
	private readonly moments = new MinHeap<Moment>(compareMoments);
	private readonly replayed = new Map<string, ReplayedArrival>();
	private explained = 0;

	constructor(
		private readonly history: AssignmentHistory,
		private readonly policy: ReplayPolicy,
		private readonly explain: number,
	) {
		this.desks = new ReplayDesks(history.agents, history);
	}

	/** All that is known to happen, whatever the policy does. */
	*begin(): Generator<void, void> {
		for (const [index, arrival] of this.history.arrivals.entries()) {
			this.plan('arrives', arrival.at, arrival.id, () => this.arrive(arrival));
			if (index % PLANNED === PLANNED - 1) yield;
		}
		for (const { key, changes } of this.history.agents) {
			for (const { at, to } of changes) {
				this.plan('presence', at, key, () => {
					this.desks.setPresence(key, to, at);
					this.serve(at, key);
				});
			}
			yield;
		}
	}

	/** @returns false when nothing is left to happen */
	step(): boolean {
		const moment = this.moments.first;
		if (!moment || moment.at > this.history.until) return false;
		this.moments.pop();
		moment.happen();
		return true;
	}

	result(): ReplayResult {
		const { arrivals, until } = this.history;
		const conversations = arrivals
			.flatMap(({ id }) => this.replayed.get(id) ?? [])
			.sort(({ arrival: a }, { arrival: b }) => a.at - b.at || compareText(a.id, b.id));
		return { conversations, agents: this.desks.records(until) };
	}

	private plan(kind: Moment['kind'], at: number, key: string, happen: () => void): void {
		this.moments.push({ at, kind, key, happen });
	}

	private arrive(arrival: Arrival): void {
		const { id, at, happened, byHand, leavesAt } = arrival;
		this.replayed.set(id, { arrival, agent: null, at: null, waits: true, explanation: null });
		if (byHand && happened && happened.at <= at) return this.give(arrival, happened.agent, at);
		const choice = this.choose(arrival, at);
		if (choice.chosen) return this.assign(arrival, choice, at);
		this.queue.add(arrival, at);
		if (byHand && happened) {
			this.planWaiting('byHand', arrival, happened.at, () => {
				this.queue.remove(arrival);
				this.give(arrival, happened.agent, happened.at);
			});
		}
		if (leavesAt !== null) {
			this.planWaiting('leaves', arrival, leavesAt, () => {
				this.queue.remove(arrival);
				this.replayed.get(id)!.waits = false;
			});
		}
		for (const due of [arrival.relaxAt, arrival.prefer?.until ?? null]) {
			if (due === null || due <= at) continue;
			this.planWaiting('due', arrival, due, () => {
				this.queue.renew(arrival, due);
				this.serve(due);
			});
		}
	}

	/** For as long as it waits. */
	private planWaiting(
		kind: Moment['kind'],
		arrival: Arrival,
		at: number,
		happen: () => void,
	): void {
		this.plan(kind, at, arrival.id, () => {
			if (this.queue.has(arrival)) happen();
		});
	}

	private choose(arrival: Arrival, now: number): Choice {
		const request = requestAt(arrival, this.policy, now);
		return chooseAgent(this.desks.candidatesOf(arrival.pool), request, now);
	}

	private assign(arrival: Arrival, { chosen, via, allWereCandidates }: Choice, now: number): void {
		if (!chosen) return;
		const { key } = chosen.agent;
		if (key !== arrival.happened?.agent && this.explained < this.explain) {
			this.explained++;
			this.replayed.get(arrival.id)!.explanation = this.explanationOf(arrival, now);
		}
		this.give(arrival, key, now);
		const isTurn = via === 'strategy' && this.policy.strategy === 'roundRobin';
		if (isTurn && 'team' in arrival.pool) {
			this.desks.takeTurn(arrival.pool, key, allWereCandidates);
		}
	}

	/** Before it is given to anybody. */
	private explanationOf(arrival: Arrival, now: number): string {
		const request = requestAt(arrival, this.policy, now);
		return decideAssignment(this.desks.candidatesOf(arrival.pool), request, now).explanation;
	}

	private give(arrival: Arrival, agent: string, now: number): void {
		const { id, weight, leavesAt, handling } = arrival;
		Object.assign(this.replayed.get(id)!, { agent, at: now, waits: false });
		this.desks.take(agent, weight, now);
		// Of who never had an agent then, only the close is known.
		const ends = leavesAt ?? (handling === null ? null : now + handling);
		if (ends === null) return;
		const at = Math.max(ends, now);
		this.plan('leaves', at, id, () => {
			this.desks.release(agent, weight, at);
			this.serve(at, agent);
		});
	}

	/**
	 * Gives waiting conversations to whoever can take them now.
	 *
	 * @param agent the only one for whom anything has changed; nobody else could take any before
	 */
	private serve(now: number, agent?: string): void {
		const stuck = new Set<string>();
		for (let next = this.queue.next(stuck); next; next = this.queue.next(stuck)) {
			const { arrival, kind } = next;
			const choice =
				agent === undefined || this.mightTake(agent, arrival, now)
					? this.choose(arrival, now)
					: undefined;
			if (choice?.chosen) {
				this.queue.remove(arrival);
				this.assign(arrival, choice, now);
			} else stuck.add(kind);
		}
	}

	/** Cheaper than to decide: most who wait cannot be taken by most agents. */
	private mightTake(agent: string, arrival: Arrival, now: number): boolean {
		const seat = this.desks.seatOf(arrival.pool, agent);
		if (!seat) return false;
		const request = requestAt(arrival, this.policy, now);
		return isCandidate(examine(seat, request, demandsOf(request), now));
	}
}

function compareMoments(a: Moment, b: Moment): number {
	return a.at - b.at || ORDER[a.kind] - ORDER[b.kind] || compareText(a.key, b.key);
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
