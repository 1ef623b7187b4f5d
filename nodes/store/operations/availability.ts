import type { Availability } from '../../decisions/contracts';
import { presenceOf, type AgentPresence, type Shifts } from '../../decisions/presence';
import { GONE, look, type Settled } from '../../decisions/presenceChanges';
import { follow, hear, obey } from '../../decisions/saying';
import { agentNotFound } from '../errors';
import type { Operation } from '../operation';
import { getAgent, type AgentView } from './agentViews';
import { drainQueues, holdPoolsOf, queuesOfAgent } from './drainQueue';
import { shiftsOf } from './hours';
import { findAgentRow, lockAgent } from './locks';
import { recordChange, settledNow, writePresence, type AgentRow } from './presence';

export interface SetAvailabilityInput {
	key: string;
	availability: Availability;
	/**
	 * It holds until this moment; null: until further notice. After it online is over, and who follows
	 * shifts is online again. Away and offline of others stay, but a heartbeat may end them.
	 */
	onlineUntil: number | null;
	/** How long after `onlineUntil` online may be renewed as if nothing had happened. Milliseconds. */
	grace?: number;
	/** "Take Effect After": away or offline begins so much later. Milliseconds. */
	delay?: number;
	/**
	 * A program says it that watches whether somebody is there. It renews online, brings back who went
	 * offline because signs of life stopped, and contradicts nobody: see {@link hear}.
	 */
	heartbeat?: boolean;
	source: string;
	actor?: string;
}

export interface SetAvailabilityResult {
	agent: AgentView;
	assignedFromQueue: number;
	/** False for a heartbeat that was not heard, because somebody said otherwise. */
	applied: boolean;
}

/**
 * A person, a workflow or a heartbeat says who is there. Coming online serves the queue in the same
 * step. A heartbeat of somebody who is online already writes one row and nothing else.
 *
 * @throws StoreError `AgentNotFound`
 */
export async function setAvailability(
	operation: Operation,
	input: SetAvailabilityInput,
): Promise<SetAvailabilityResult> {
	const known = await findAgentRow(operation, input.key);
	if (!known) throw agentNotFound(input.key);
	// Pools before agents: whether they are needed is guessed from what the agent is just now.
	const queues = mayServe(operation, known, input) ? await queuesOfAgent(operation, input.key) : [];
	await holdPoolsOf(operation, queues);
	const row = operation.rowLocks ? await lockAgent(operation, input.key) : known;
	if (!row) throw agentNotFound(input.key);
	const said = await say(operation, row, input);
	const assignedFromQueue = await drainQueues(operation, queues);
	// It went away between the two looks, and came back by this.
	if (queues.length === 0 && said.cameOnline) operation.wake('work');
	return {
		agent: await getAgent(operation, input.key),
		assignedFromQueue,
		applied: said.applied,
	};
}

/** Whether the queue may have to be served afterwards. */
function mayServe(operation: Operation, row: AgentRow, input: SetAvailabilityInput): boolean {
	if (input.availability !== 'online') return false;
	if (input.heartbeat !== true) return true;
	const { agent } = settledNow(operation, row);
	const shifts = shiftsOf(operation, row.shifts);
	const after = afterWord(agent, input, shifts, operation.now);
	return (
		after !== undefined &&
		!isThere(agent, shifts, operation.now) &&
		isThere(after, shifts, operation.now)
	);
}

const isThere = (agent: AgentPresence, shifts: Shifts, now: number) =>
	presenceOf({ ...agent, onShift: shifts.at(now).onShift }, now) === 'online';

function afterWord(
	agent: AgentPresence,
	{ availability, onlineUntil, grace = 0, delay = 0, heartbeat, source }: SetAvailabilityInput,
	shifts: Shifts,
	now: number,
): AgentPresence | undefined {
	if (heartbeat !== true) {
		const from = delay > 0 ? now + delay : null;
		return obey(agent, { availability, until: onlineUntil, grace, from, source }, shifts, now);
	}
	if (availability !== 'online')
		return hear(agent, { alive: false, from: now + delay }, shifts, now);
	return hear(agent, { alive: true, until: onlineUntil ?? now, grace }, shifts, now);
}

/** For a locked agent: what became of it until now, what is said, and what it counts as after that. */
export async function say(
	operation: Operation,
	row: AgentRow,
	input: SetAvailabilityInput,
): Promise<{ applied: boolean; cameOnline: boolean }> {
	const { now } = operation;
	const shifts = shiftsOf(operation, row.shifts);
	const settled = settledNow(operation, row);
	const after = afterWord(settled.agent, input, shifts, now);
	const because = reasonOf(input);
	const looked: Settled = after ? look(after, shifts, now, because) : { ...settled, changes: [] };
	await writePresence(operation, row.key, looked);
	for (const change of settled.changes) await recordChange(operation, row.key, change);
	const by = {
		source: input.source,
		actor: input.actor ?? null,
		...(input.heartbeat === true ? {} : { said: input.availability }),
	};
	for (const change of looked.changes) await recordChange(operation, row.key, change, by);
	// Who said what is told also where it makes no difference yet: it takes effect later, or in the shift.
	if (
		looked.changes.length === 0 &&
		input.heartbeat !== true &&
		isNews(settled.agent, looked.agent)
	) {
		const { presence } = looked.agent;
		const silent = { at: now, from: presence, to: presence, reason: because };
		await recordChange(operation, row.key, silent, by);
	}
	return {
		applied: after !== undefined,
		cameOnline: !isThere(settled.agent, shifts, now) && isThere(looked.agent, shifts, now),
	};
}

function reasonOf({ heartbeat, availability }: SetAvailabilityInput): string {
	if (heartbeat !== true) return `set to ${availability}`;
	return availability === 'online' ? 'a sign of life' : GONE;
}

const isNews = (before: AgentPresence, after: AgentPresence) =>
	before.availability !== after.availability ||
	before.next?.availability !== after.next?.availability;

/** For a locked agent, whose other columns stay as they are. */
export async function changeShifts(
	operation: Operation,
	row: AgentRow,
	to: { shifts: string | null; followsShifts: boolean; source: string; actor?: string },
): Promise<void> {
	const { now } = operation;
	const settled = settledNow(operation, row);
	const shifts = shiftsOf(operation, to.shifts);
	const after = look(follow(settled.agent, to.followsShifts, shifts, now), shifts, now, CHANGED);
	await operation.tx
		.updateTable('agents')
		.set({ shifts: to.shifts, follows_shifts: to.followsShifts ? 1 : 0 })
		.where('workspace', '=', operation.workspace)
		.where('key', '=', row.key)
		.execute();
	await writePresence(operation, row.key, after);
	for (const change of settled.changes) await recordChange(operation, row.key, change);
	const by = { source: to.source, actor: to.actor ?? null };
	for (const change of after.changes) await recordChange(operation, row.key, change, by);
}

const CHANGED = 'the shifts were changed';
