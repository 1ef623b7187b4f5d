import { sql } from '../../../nodes/vendor';
import type { ConversationStore } from '../../../nodes/store/store';

/**
 * Each query finds rows that contradict an invariant (design/store.md). They ask the tables, not the
 * operations, so that a mistake in an operation cannot hide itself. For all workspaces of the store.
 */
const contradictions: Record<string, string> = {
	'1: two open conversations of one contact': `
		select contact_key, count(*) from conversations where status <> 'closed'
		group by workspace, contact_key having count(*) > 1`,
	'2: a message stored twice': `
		select channel_message_id, count(*) from messages
		group by workspace, channel, account, channel_message_id having count(*) > 1`,
	'3: a conversation without exactly one event of its opening': `
		select c.id from conversations c
		where (select count(*) from events e where e.conversation_id = c.id and e.type = 'opened') <> 1`,
	'3: a delivery without its event': `
		select d.id from deliveries d left join events e on e.id = d.event_id where e.id is null`,
	'3: a change of owner, queue or status without its event': `
		select c.id from conversations c
		where (c.assignee_key is not null and not exists
				(select 1 from events e where e.conversation_id = c.id and e.type = 'assigned'))
			or (c.queue_entered_at is not null and not exists
				(select 1 from events e where e.conversation_id = c.id and e.type = 'queued'))
			or ((c.status = 'closed') <> exists
				(select 1 from events e where e.conversation_id = c.id and e.type = 'closed'))`,
	'5: units of an agent that are not those of the open conversations': `
		select l.agent_key, l.open_units from agent_loads l
		where l.open_units <> coalesce((select sum(c.weight) from conversations c
			where c.workspace = l.workspace and c.assignee_key = l.agent_key and c.status = 'open'), 0)`,
	'5: an agent without a count of what it has': `
		select c.id from conversations c left join agent_loads l
			on l.workspace = c.workspace and l.agent_key = c.assignee_key
		where c.status = 'open' and c.assignee_key is not null and l.agent_key is null`,
	'8: assigned and queued at once': `
		select id from conversations where assignee_key is not null and queue_entered_at is not null`,
	'8: a place in the queue that is not the first one': `
		select id from conversations where queue_entered_at is not null
			and (first_queued_at is null or queue_entered_at <> first_queued_at)`,
	'9: closed and still in a queue': `
		select id from conversations where status = 'closed' and queue_entered_at is not null`,
	'messages counted wrongly': `
		select c.id from conversations c where c.inbound_count <>
			(select count(*) from messages m where m.conversation_id = c.id and m.direction = 'inbound')`,
	'a delivery that ended and is still due, or is owed and never due': `
		select id, status, due_at from deliveries
		where (status = 'done' and due_at is not null)
			or (status in ('pending', 'claimed', 'watched') and due_at is null)`,
};

/** Fails with the rows that contradict an invariant. */
export async function assertConsistent(store: ConversationStore): Promise<void> {
	const found: Record<string, unknown[]> = {};
	for (const [name, query] of Object.entries(contradictions)) {
		const { rows } = await sql.raw(query).execute(store.engine.db);
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
