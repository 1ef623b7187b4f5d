import { sql, type Kysely } from '../../vendor';
import type { ColumnTypes } from './index';

/** What retention, erasure and the look after failed deliveries need. */
export async function up(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
	for (const statement of statements(types)) await sql.raw(statement).execute(db);
}

const statements = ({ text }: ColumnTypes) => [
	`create table settings (
		workspace ${text} not null, name ${text} not null, value ${text} not null,
		primary key (workspace, name))`,

	`alter table contacts add column erased_at bigint`,

	`alter table conversations add column texts_erased_at bigint`,
	// Closed conversations whose texts are still there, the oldest first; retention shortens it.
	`create index conversations_retained on conversations (workspace, closed_at) where status = 'closed' and texts_erased_at is null`,

	// Messages that belong to no conversation: written elsewhere while none was open.
	`create index messages_loose on messages (workspace, received_at) where conversation_id is null`,
	`create index messages_loose_contact on messages (contact_key) where conversation_id is null`,

	// Events of a contact that belong to no conversation: an erasure looks through them.
	`create index events_loose_contact on events (contact_key) where conversation_id is null and contact_key is not null`,

	// Few, and for a person to look at.
	`create index deliveries_ended_badly on deliveries (workspace, id) where status in ('failed', 'expired')`,
];
