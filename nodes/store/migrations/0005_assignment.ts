import { sql, type Kysely } from '../../vendor';
import type { ColumnTypes } from './index';

/** What assignment needs: waiting, returning, presence, snoozing, links for agents. */
export async function up(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
	for (const statement of statements(types)) await sql.raw(statement).execute(db);
}

const statements = ({ text }: ColumnTypes) => [
	// Columns and not part of queue_policy, so that those who wait stay a few kinds (see drainQueue.ts).
	`alter table conversations add column relax_at bigint`,
	`alter table conversations add column prefer_agent ${text}`,
	`alter table conversations add column prefer_until bigint`,

	// Returning: what is due, how often it happened, and who is passed over for it.
	`alter table conversations add column reply_due_at bigint`,
	`alter table conversations add column offline_return bigint`,
	`alter table conversations add column returns integer not null default 0`,
	`alter table conversations add column returned_by ${text} not null default '[]'`,
	`alter table conversations add column escalated_at bigint`,
	`create index conversations_reply_due on conversations (workspace, reply_due_at) where reply_due_at is not null`,
	`create index conversations_offline_return on conversations (workspace, assignee_key) where offline_return is not null`,

	`alter table conversations add column snoozed_until bigint`,
	`create index conversations_snoozed on conversations (workspace, snoozed_until) where snoozed_until is not null`,

	// Presence: who said what is in force, what follows when its time ends, what it counted as so far,
	// and since when an agent counts as away from everything.
	`alter table agents add column follows_shifts integer not null default 0`,
	`alter table agents add column grace bigint not null default 0`,
	`alter table agents add column absent_since bigint`,
	`alter table agents add column presence_due_at bigint`,
	`alter table agents add column availability_source ${text}`,
	`alter table agents add column next_availability ${text}`,
	`alter table agents add column next_at bigint`,
	`alter table agents add column presence ${text}`,
	// Who was never set has said nothing. What shifts and times make of the others is looked at first.
	`update agents set presence = availability,
		availability_source = case when availability_changed_at > created_at then 'user' end,
		absent_since = case when availability = 'offline' then availability_changed_at end,
		presence_due_at = case when shifts is not null or online_until is not null then 0 end`,
	`create index agents_presence_due on agents (workspace, presence_due_at, key) where presence_due_at is not null`,
	`create index agents_absent on agents (workspace, absent_since) where absent_since is not null`,

	// How fast a queue moves, from which the expected wait is told.
	`create table queue_paces (
		workspace ${text} not null, queue ${text} not null, left_at bigint not null, samples ${text} not null,
		primary key (workspace, queue))`,

	// The messages that one delivery tells of, and the last of them.
	`alter table deliveries add column last_event_id ${text}`,
	`alter table deliveries add column collected ${text}`,
	`create index deliveries_collecting on deliveries (conversation_id, subscription_id) where last_event_id is not null and status = 'pending'`,

	// Links that were used; none works twice.
	`create table used_links (
		workspace ${text} not null, nonce ${text} not null, used_at bigint not null, expires_at bigint not null,
		primary key (workspace, nonce))`,
	`create index used_links_expired on used_links (expires_at)`,

	// Reports of assignments read these alone, however many messages there were.
	`create index events_assigned on events (workspace, id) where type = 'assigned'`,
	`create index events_queued on events (workspace, id) where type = 'queued'`,
	`create index events_availability on events (workspace, id) where type = 'availability_changed'`,
];
