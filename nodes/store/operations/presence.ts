import type { Availability } from '../../decisions/contracts';
import { inForce, presenceOf, SYSTEM, type AgentPresence } from '../../decisions/presence';
import { settle, type PresenceChange, type Settled } from '../../decisions/presenceChanges';
import { sql, type Selectable } from '../../vendor';
import { recordEvent } from '../events';
import { isTestWorkspace, lockedIfFree, type Operation } from '../operation';
import type { AgentTable } from '../schema';
import { isoTime } from '../views';
import { shiftOf, shiftsOf } from './hours';

/** How many agents one transaction settles: those who begin at nine begin together. */
const AT_ONCE = 100;

export type AgentRow = Selectable<AgentTable>;

/** The columns that say what is in force. */
type SayingColumns = Pick<
	AgentRow,
	| 'availability'
	| 'availability_changed_at'
	| 'online_until'
	| 'follows_shifts'
	| 'next_availability'
	| 'next_at'
>;

/** What is in force for an agent at a moment, as decisions take it. */
export const saidBy = (row: SayingColumns, now: number) => inForce(settingsOf(row), now);

const settingsOf = (row: SayingColumns) => ({
	availability: row.availability,
	availabilitySince: row.availability_changed_at,
	onlineUntil: row.online_until,
	followsShifts: row.follows_shifts !== 0,
	next:
		row.next_availability === null || row.next_at === null
			? null
			: { availability: row.next_availability, at: row.next_at },
});

/** Whether an agent is there for new conversations at the moment of the operation. */
export const presenceNow = (operation: Operation, row: SayingColumns & Pick<AgentRow, 'shifts'>) =>
	presenceOf(
		{ ...saidBy(row, operation.now), onShift: shiftOf(operation, row.shifts).onShift },
		operation.now,
	);

/** The same without the shift, for statements over many agents: {@link sayingOf} of what is in force. */
export const sayingSql = (now: number) => sql<Availability>`case
	when agents.next_at <= ${now} then agents.next_availability
	when agents.online_until is null or agents.online_until > ${now} then agents.availability
	when agents.follows_shifts <> 0 then 'online'
	when agents.availability = 'online' then 'offline'
	else agents.availability end`;

/** What became of an agent by itself until now; {@link writePresence} writes it down. */
export function settledNow(operation: Operation, row: AgentRow): Settled {
	const agent: AgentPresence = {
		...settingsOf(row),
		source: row.availability_source,
		grace: row.grace,
		presence: row.presence ?? row.availability,
		absentSince: row.absent_since,
	};
	return settle(agent, shiftsOf(operation, row.shifts), row.presence_due_at, operation.now);
}

/** For a locked agent. */
export async function writePresence(
	operation: Operation,
	key: string,
	{ agent, dueAt }: Pick<Settled, 'agent' | 'dueAt'>,
): Promise<void> {
	await operation.tx
		.updateTable('agents')
		.set({
			availability: agent.availability,
			availability_changed_at: agent.availabilitySince,
			availability_source: agent.source,
			online_until: agent.onlineUntil,
			grace: agent.grace,
			next_availability: agent.next?.availability ?? null,
			next_at: agent.next?.at ?? null,
			presence: agent.presence,
			absent_since: agent.absentSince,
			presence_due_at: dueAt,
		})
		.where('workspace', '=', operation.workspace)
		.where('key', '=', key)
		.execute();
}

/** Tells of what an agent counts as from a moment on, so that time online adds up from events alone. */
export async function recordChange(
	operation: Operation,
	agent: string,
	{ at, from, to, reason }: PresenceChange,
	by: { source: string; actor?: string | null; said?: Availability } = { source: SYSTEM },
): Promise<void> {
	await recordEvent(operation, {
		type: 'availability_changed',
		source: by.source,
		actor: by.actor ?? null,
		data: { agent, from, to, since: isoTime(at), reason, ...(by.said ? { said: by.said } : {}) },
	});
}

/**
 * Due work: times that ended, shifts that began and ended. Who clocks in is given what waits by the
 * round of queues that follows.
 *
 * @returns how many agents were looked at
 */
export async function settlePresence(operation: Operation): Promise<number> {
	// Test runs read the agents of the real workspace.
	if (isTestWorkspace(operation.workspace)) return 0;
	const due = operation.tx
		.selectFrom('agents')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where('presence_due_at', '<=', operation.now)
		.orderBy('presence_due_at')
		.orderBy('key')
		.limit(AT_ONCE);
	// Who is in somebody's hands is settled by the next round.
	const rows = await lockedIfFree(operation, due).execute();
	for (const row of rows) {
		operation.held.agents.add(row.key);
		const settled = settledNow(operation, row);
		await writePresence(operation, row.key, settled);
		for (const change of settled.changes) await recordChange(operation, row.key, change);
		if (settled.changes.some(({ to }) => to === 'online')) operation.wake('work');
	}
	return rows.length;
}

/** Agents of a file of an older schema: what shifts and times make of them has to be looked at first. */
export async function beginPresence(operation: Operation): Promise<void> {
	await operation.tx
		.updateTable('agents')
		.set({
			presence: sql`availability`,
			absent_since: sql`case when availability = 'offline' then availability_changed_at end`,
			availability_source: sql`case when availability_changed_at > created_at then 'user' end`,
			presence_due_at: sql`case when shifts is not null or online_until is not null then 0 end`,
		})
		.where('workspace', '=', operation.workspace)
		.where('presence', 'is', null)
		.execute();
}
