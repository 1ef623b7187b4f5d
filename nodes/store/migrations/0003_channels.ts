import { sql, type Kysely } from '../../vendor';
import type { ColumnTypes } from './index';

/** What answering on channels needs: where to, what became of it, who wants no messages. */
export async function up(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
	for (const statement of statements(types)) await sql.raw(statement).execute(db);
}

const statements = ({ text }: ColumnTypes) => [
	// Where the contact wrote last; null where that is the channel it opened on.
	`alter table conversations add column reply_channel ${text}`,
	`alter table conversations add column reply_account ${text}`,
	`alter table conversations add column reply_context ${text}`,
	`alter table conversations add column reply_until bigint`,

	`create table addresses (
		workspace ${text} not null, contact_key ${text} not null references contacts (key),
		channel ${text} not null, account ${text} not null,
		reply_to ${text}, reply_context ${text}, last_inbound_at bigint,
		opted_out_at bigint, opt_out_reason ${text},
		primary key (contact_key, channel, account))`,

	// The conversation of a platform's webhook is found by where answers to it go.
	`create index addresses_reply on addresses (workspace, channel, account, reply_to) where reply_to is not null`,

	`alter table messages add column status ${text}`,
	`alter table messages add column status_at bigint`,
	`alter table messages add column failure ${text}`,
	`alter table messages add column send_key ${text}`,
	`create unique index messages_send_key on messages (workspace, send_key) where send_key is not null`,
	// Between the call to the provider and its answer: few, and gone soon.
	`create index messages_sending on messages (workspace, channel, account) where status = 'sending'`,

	// What a provider said of a message before it said which ID the message has.
	`create table early_statuses (
		workspace ${text} not null, channel ${text} not null, account ${text} not null,
		channel_message_id ${text} not null, status ${text} not null, notice ${text} not null,
		received_at bigint not null,
		primary key (workspace, channel, account, channel_message_id, status))`,
	`create index early_statuses_received on early_statuses (received_at)`,

	`alter table teams add column handles ${text} not null default '{}'`,
];
