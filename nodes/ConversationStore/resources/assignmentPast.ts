import { setImmediate as breathe } from 'node:timers/promises';
import {
	replayAssignment,
	type AssignmentHistory,
	type ReplayResult,
} from '../../decisions/assignmentReplay';
import type { Arrival, ReplayPolicy } from '../../decisions/assignmentReplayQueue';
import type { Availability } from '../../decisions/contracts';
import {
	timelinesOf,
	type KnownTimeline,
	type PresenceChange,
} from '../../decisions/presenceTimeline';
import { storeError } from '../../store/errors';
import type { RosterAgent } from '../../store/operations/assignmentHistory';
import type { ReportPeriod } from '../../store/operations/reportedEvents';
import type { ConversationStore } from '../../store/store';

/** What a report keeps in memory at most; more is refused rather than cut without a word. */
const MOST_CONVERSATIONS = 100_000;
const MOST_CHANGES = 1_000_000;

/** An agent of today, with what is known of when the agent was there. */
export type PastAgent = RosterAgent & KnownTimeline;

const tooMuch = (what: string, most: number) =>
	storeError(
		'InvalidInput',
		`The period has more than ${most.toLocaleString('en')} ${what}`,
		'Choose a shorter period',
	);

/** What the event of a change holds; older ones have no `since`. */
type Told = Omit<PresenceChange, 'at'> & { since?: string };

/** Who was there from a moment until now. */
export async function pastAgents(store: ConversationStore, from: number): Promise<PastAgent[]> {
	const roster = await store.readRoster();
	const changes: PresenceChange[] = [];
	const told = store.reportedEvents({
		...{ type: 'availability_changed', from, before: store.clock() + 1 },
	});
	for await (const { at, data } of told) {
		const { agent, from: before, to, since } = data as unknown as Told;
		if (!isPresence(to)) continue;
		if (changes.length >= MOST_CHANGES) throw tooMuch('changes of availability', MOST_CHANGES);
		// A time that ended is told of when it is noticed; it was over since then.
		const began = Math.min(at, Date.parse(since ?? '') || at);
		changes.push({ agent, at: began, from: isPresence(before) ? before : null, to });
	}
	const timelines = timelinesOf(roster, changes, from);
	return roster.map((agent) => ({ ...agent, ...timelines.get(agent.key)! }));
}

const isPresence = (value: unknown): value is Availability =>
	value === 'online' || value === 'away' || value === 'offline';

/** The past as a replay needs it. */
export async function historyOf(
	store: ConversationStore,
	{ from, before }: ReportPeriod,
): Promise<AssignmentHistory & { agents: PastAgent[] }> {
	const arrivals: Arrival[] = [];
	for await (const arrival of store.pastArrivals({ from, before })) {
		if (arrivals.length >= MOST_CONVERSATIONS) {
			throw tooMuch('conversations that asked for an agent', MOST_CONVERSATIONS);
		}
		arrivals.push(arrival);
	}
	const agents = await pastAgents(store, from);
	return { arrivals, agents, from, to: before, until: store.clock() };
}

/** A replay that lets everything else in this process have its turn. */
export async function replayed(
	history: AssignmentHistory,
	policy: ReplayPolicy,
	explain: number,
): Promise<ReplayResult> {
	const steps = replayAssignment(history, policy, explain);
	for (;;) {
		const step = steps.next();
		if (step.done) return step.value;
		await breathe();
	}
}
