import { sql } from '../../../nodes/vendor';
import type { ConversationStore } from '../../../nodes/store/store';

type Sql = ReturnType<typeof sql.raw>;

/** The condition that keeps a query to the rows that are asked about. */
type Here = (table: string) => Sql;

/**
 * Each query finds rows that contradict an invariant (design/store.md). They ask the tables, not the
 * operations, so that a mistake in an operation cannot hide itself.
 */
const contradictions: Record<string, (here: Here) => Sql> = {
	'1: two open conversations of one contact': (here) => sql`
		select c.contact_key, count(*) from conversations c where c.status <> 'closed' and ${here('c')}
		group by c.workspace, c.contact_key having count(*) > 1`,
	'2: a message stored twice': (here) => sql`
		select m.channel_message_id, count(*) from messages m where ${here('m')}
		group by m.workspace, m.channel, m.account, m.channel_message_id having count(*) > 1`,
	'3: a conversation without exactly one event of its opening': (here) => sql`
		select c.id from conversations c where ${here('c')} and
			(select count(*) from events e where e.conversation_id = c.id and e.type = 'opened') <> 1`,
	'3: an event of a conversation that is not there': (here) => sql`
		select e.id, e.type from events e left join conversations c on c.id = e.conversation_id
		where e.conversation_id is not null and c.id is null and ${here('e')}`,
	'3: a delivery without its event': (here) => sql`
		select d.id from deliveries d left join events e on e.id = d.event_id
		where e.id is null and ${here('d')}`,
	'3: a change of owner, queue or status without its event': (here) => sql`
		select c.id from conversations c where ${here('c')} and (
			(c.assignee_key is not null and not exists
				(select 1 from events e where e.conversation_id = c.id and e.type = 'assigned'))
			or (c.queue_entered_at is not null and not exists
				(select 1 from events e where e.conversation_id = c.id and e.type = 'queued'))
			or ((c.status = 'closed') <> exists
				(select 1 from events e where e.conversation_id = c.id and e.type = 'closed')))`,
	'5: units of an agent that are not those of the open conversations': (here) => sql`
		select l.agent_key, l.open_units from agent_loads l where ${here('l')}
			and l.open_units <> coalesce((select sum(c.weight) from conversations c
				where c.workspace = l.workspace and c.assignee_key = l.agent_key and c.status = 'open'), 0)`,
	'5: an agent without a count of what it has': (here) => sql`
		select c.id from conversations c left join agent_loads l
			on l.workspace = c.workspace and l.agent_key = c.assignee_key
		where c.status = 'open' and c.assignee_key is not null and l.agent_key is null and ${here('c')}`,
	'8: assigned and queued at once': (here) => sql`
		select c.id from conversations c
		where c.assignee_key is not null and c.queue_entered_at is not null and ${here('c')}`,
	'8: a place in the queue that is not the first one': (here) => sql`
		select c.id from conversations c where c.queue_entered_at is not null and ${here('c')}
			and (c.first_queued_at is null or c.queue_entered_at <> c.first_queued_at)`,
	'9: closed without a time, or a time without being closed': (here) => sql`
		select c.id from conversations c
		where (c.status = 'closed') <> (c.closed_at is not null) and ${here('c')}`,
	'9: closed and still in a queue': (here) => sql`
		select c.id from conversations c
		where c.status = 'closed' and c.queue_entered_at is not null and ${here('c')}`,
	'10: snoozed and in a queue, or a time to wake without being snoozed': (here) => sql`
		select c.id, c.status from conversations c where ${here('c')} and (
			(c.status = 'snoozed' and c.queue_entered_at is not null)
			or (c.status <> 'snoozed' and c.snoozed_until is not null))`,
	'10: comes back from nobody, or while it sleeps': (here) => sql`
		select c.id, c.status from conversations c where ${here('c')}
			and (c.reply_due_at is not null or c.offline_return is not null)
			and (c.status <> 'open' or c.assignee_key is null or c.escalated_at is not null)`,
	'messages counted wrongly': (here) => sql`
		select c.id from conversations c where ${here('c')} and c.inbound_count <>
			(select count(*) from messages m where m.conversation_id = c.id and m.direction = 'inbound')`,
	'a delivery that ended and is still due, or is owed and never due': (here) => sql`
		select d.id, d.status, d.due_at from deliveries d where ${here('d')} and (
			(d.status = 'done' and d.due_at is not null)
			or (d.status in ('pending', 'claimed', 'watched') and d.due_at is null))`,
	'10: a wait in a conversation that is over': (here) => sql`
		select w.id from waits w join conversations c on c.id = w.conversation_id
		where w.settled_at is null and c.status = 'closed' and ${here('w')}`,
	'10: an execution that waits for an agent of a conversation that is not in a queue': (
		here,
	) => sql`
		select w.id from waits w join conversations c on c.id = w.conversation_id
		where w.settled_at is null and w.kind = 'assignment' and c.queue_entered_at is null and ${here('w')}`,
	'a wait that is settled without an outcome, or the other way round': (here) => sql`
		select w.id, w.status, w.outcome from waits w where ${here('w')} and (
			(w.settled_at is null) <> (w.outcome is null)
			or (w.settled_at is not null) <> (w.status = 'settled')
			or (w.resumed_at is not null and (w.settled_at is null or w.resume_url is not null)))`,
};

/**
 * Fails with the rows that contradict an invariant.
 *
 * @param workspace only rows of this one; all of the store where none is named
 */
export async function assertConsistent(
	store: ConversationStore,
	workspace?: string,
): Promise<void> {
	const here: Here = (table) =>
		workspace === undefined ? sql`1 = 1` : sql`${sql.ref(`${table}.workspace`)} = ${workspace}`;
	const found: Record<string, unknown[]> = {};
	for (const [name, query] of Object.entries(contradictions)) {
		const { rows } = await query(here).execute(store.engine.db);
		if (rows.length > 0) found[name] = rows.slice(0, 5);
	}
	expect(found).toEqual({});
}

/**
 * Invariant 5, where nothing but automatic assignment has happened: no agent has more than its
 * capacity. For one workspace.
 */
export async function agentsOverCapacity(store: ConversationStore): Promise<unknown[]> {
	return await store.engine.db
		.selectFrom('agents')
		.innerJoin('agent_loads', (join) =>
			join
				.onRef('agent_loads.workspace', '=', 'agents.workspace')
				.onRef('agent_loads.agent_key', '=', 'agents.key'),
		)
		.select(['agents.key', 'agents.capacity', 'agent_loads.open_units'])
		.where('agents.workspace', '=', store.workspace)
		.whereRef('agent_loads.open_units', '>', 'agents.capacity')
		.execute();
}
