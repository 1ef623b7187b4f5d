import { sql, type Kysely } from '../../vendor';
import type { ColumnTypes } from './index';

/** What flows need that wait for a contact's answer, and that look things up elsewhere. */
export async function up(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
	for (const statement of statements(types)) await sql.raw(statement).execute(db);
}

const statements = ({ text }: ColumnTypes) => [
	// Why the contact writes, as Enrich Contact or an answer told.
	`alter table conversations add column intent ${text}`,

	// Executions that wait for something in a conversation.
	`create table waits (
		id ${text} primary key, workspace ${text} not null,
		conversation_id ${text} not null references conversations (id), contact_key ${text} not null,
		kind ${text} not null, status ${text} not null,
		workflow_id ${text} not null, execution_id ${text} not null, node_id ${text} not null,
		group_id ${text} not null, item_index integer not null, resume_url ${text},
		question ${text} not null, asked integer not null, replies ${text} not null,
		deadline bigint not null, outcome ${text}, result ${text},
		due_at bigint, posts integer not null, created_at bigint not null, settled_at bigint, resumed_at bigint)`,
	`create index waits_conversation on waits (conversation_id, id)`,
	`create index waits_group on waits (group_id, item_index)`,
	`create index waits_execution on waits (execution_id, id)`,
	`create index waits_deadline on waits (workspace, deadline) where settled_at is null`,
	// Those whose execution is to be told something.
	`create index waits_due on waits (workspace, due_at) where due_at is not null`,
	// Those that are over, to be removed one day.
	`create index waits_resumed on waits (workspace, resumed_at) where resumed_at is not null`,

	// What was found elsewhere, so that it is not asked for with each message.
	`create table lookups (
		workspace ${text} not null, key ${text} not null, contact_key ${text} not null,
		answer ${text}, expires_at bigint not null,
		primary key (workspace, key))`,
	`create index lookups_expired on lookups (expires_at)`,
	`create index lookups_contact on lookups (contact_key)`,
];
