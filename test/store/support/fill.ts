import type { ConversationStore } from '../../../nodes/store/store';

/** How a copy differs from the row it is made from: column → SQL, in which `n.value` is its number. */
type Changes = Record<string, string>;

/** In the order of their numbers, as ids of their times are: indexes grow at their end. */
const renamed = (...columns: string[]): Changes =>
	Object.fromEntries(columns.map((column) => [column, `${column} || '-' || (10000000 + n.value)`]));

const earlier = (...columns: string[]): Changes =>
	Object.fromEntries(
		columns.map((column) => [column, `${column} - n.value * cast(30000 as bigint)`]),
	);

/** Deliveries that ended are kept for 30 days. */
const RECENT = 'n.value % 2000000';

/** The tables that a conversation has rows in; the first ones are found by its contact. */
const TABLES: Array<
	[table: string, of: 'key' | 'contact_key' | 'id' | 'conversation_id', Changes]
> = [
	['contacts', 'key', { ...renamed('key', 'phone'), ...earlier('first_seen_at', 'last_seen_at') }],
	['identities', 'contact_key', renamed('external_id', 'contact_key')],
	['addresses', 'contact_key', renamed('contact_key', 'reply_to')],
	[
		'conversations',
		'id',
		{
			...renamed('id', 'contact_key', 'first_message_id'),
			...earlier('opened_at', 'closed_at'),
		},
	],
	[
		'messages',
		'conversation_id',
		{
			...renamed('id', 'conversation_id', 'contact_key', 'channel_message_id'),
			...earlier('received_at'),
		},
	],
	[
		'events',
		'conversation_id',
		{ ...renamed('id', 'conversation_id', 'contact_key'), ...earlier('at') },
	],
	[
		'deliveries',
		'conversation_id',
		{
			...renamed('id', 'event_id', 'conversation_id'),
			created_at: `created_at - ${RECENT}`,
			finished_at: `finished_at - ${RECENT}`,
		},
	],
	// Those that are over are kept for a week.
	[
		'waits',
		'conversation_id',
		{
			...renamed('id', 'conversation_id', 'contact_key', 'execution_id', 'group_id'),
			resumed_at: `resumed_at - n.value % 500000`,
		},
	],
];

/**
 * Makes `count` more conversations like this one, each of a customer of its own and half a minute
 * before the one before it. By SQL: through the operations a thousand take seconds.
 *
 * @param run executes a statement in the store's database
 */
export async function copyConversation(
	store: ConversationStore,
	id: string,
	count: number,
	run: (sql: string) => unknown,
): Promise<void> {
	const { db } = store.engine;
	const { contact_key } = await db
		.selectFrom('conversations')
		.select('contact_key')
		.where('id', '=', id)
		.executeTakeFirstOrThrow();
	for (const [table, of, changes] of TABLES) {
		const source = of === 'key' || of === 'contact_key' ? contact_key : id;
		const sample = await db
			.selectFrom(table as 'conversations')
			.selectAll()
			.where(of as 'id', '=', source)
			.executeTakeFirst();
		if (!sample) continue;
		const columns = Object.keys(sample);
		await run(
			`insert into ${table} (${columns.join(', ')})
			with recursive n (value) as (select 1 union all select value + 1 from n where value < ${count})
			select ${columns.map((column) => changes[column] ?? column).join(', ')}
			from n, ${table} where ${of} = '${source}'`,
		);
	}
}
