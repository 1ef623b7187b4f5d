import { sql, type Kysely } from '../../vendor';
import type { ColumnTypes } from './index';

/** The store as first released. */
export async function up(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
	for (const statement of statements(types)) await sql.raw(statement).execute(db);
}

const statements = ({ text }: ColumnTypes) => [
	`create table meta (key ${text} primary key, value ${text} not null)`,

	`create table contacts (
		key ${text} primary key, workspace ${text} not null,
		name ${text}, phone ${text}, email ${text}, language ${text}, country ${text}, timezone ${text},
		tags ${text} not null, fields ${text} not null,
		last_assignee ${text}, last_team ${text}, last_category ${text},
		conversation_count integer not null, first_seen_at bigint not null, last_seen_at bigint not null,
		blocked_at bigint, blocked_messages integer not null)`,
	`create index contacts_phone on contacts (workspace, phone) where phone is not null`,
	`create index contacts_email on contacts (workspace, email) where email is not null`,
	`create index contacts_seen on contacts (workspace, last_seen_at)`,

	`create table identities (
		workspace ${text} not null, channel ${text} not null, account ${text} not null, external_id ${text} not null,
		contact_key ${text} not null references contacts (key), created_at bigint not null,
		primary key (workspace, channel, account, external_id))`,
	`create index identities_contact on identities (contact_key)`,
	`create index identities_external on identities (workspace, external_id)`,

	`create table conversations (
		id ${text} primary key, workspace ${text} not null,
		contact_key ${text} not null references contacts (key),
		status ${text} not null, channel ${text} not null, account ${text} not null, reply_to ${text},
		source ${text} not null, opened_at bigint not null, ordinal integer not null, first_message_id ${text},
		team_key ${text}, assignee_key ${text}, priority integer not null, weight integer not null,
		queue_entered_at bigint, first_queued_at bigint, queue_for ${text}, queue_policy ${text}, excluded_agents ${text} not null,
		first_assignee ${text}, first_assigned_at bigint, last_assigned_at bigint,
		first_response_at bigint, first_response_by ${text}, last_inbound_at bigint, last_outbound_at bigint,
		inbound_count integer not null, outbound_count integer not null,
		closed_at bigint, closed_source ${text}, closed_by ${text}, category ${text}, summary ${text},
		flag ${text}, merged_into ${text}, version integer not null)`,
	// The rule the whole pack rests on: one open conversation for each contact.
	// By the time of closing, which no other index goes by: as long as little is open, PostgreSQL would
	// rather walk any other index of what is open than look in this one.
	`create unique index conversations_one_open on conversations (contact_key) where closed_at is null`,
	`create index conversations_contact on conversations (contact_key, opened_at)`,
	`create index conversations_assignee on conversations (workspace, assignee_key, opened_at) where status <> 'closed' and assignee_key is not null`,
	`create index conversations_queue on conversations (workspace, team_key, priority desc, queue_entered_at, id) where queue_entered_at is not null and queue_for is null`,
	`create index conversations_queue_for on conversations (workspace, queue_for, priority desc, queue_entered_at, id) where queue_entered_at is not null and queue_for is not null`,
	// Those that nobody answers for; empty when all is well.
	`create index conversations_unattended on conversations (workspace, opened_at) where status = 'open' and assignee_key is null and queue_entered_at is null and flag is null`,
	`create index conversations_open on conversations (workspace, opened_at) where status <> 'closed'`,
	`create index conversations_opened on conversations (workspace, opened_at)`,
	`create index conversations_team_open on conversations (workspace, team_key) where status <> 'closed'`,

	`create table messages (
		id ${text} primary key, workspace ${text} not null, conversation_id ${text} references conversations (id),
		contact_key ${text} not null, direction ${text} not null,
		channel ${text} not null, account ${text} not null, channel_message_id ${text} not null,
		type ${text} not null, text ${text} not null, attachments ${text} not null, sender ${text},
		sent_at bigint not null, received_at bigint not null, edited_at bigint, deleted_at bigint, details ${text}, raw ${text})`,
	`create unique index messages_once on messages (workspace, channel, account, channel_message_id)`,
	`create index messages_conversation on messages (conversation_id, received_at, id)`,

	`create table teams (
		workspace ${text} not null, key ${text} not null, name ${text} not null, hours ${text}, overflow_team ${text},
		created_at bigint not null, primary key (workspace, key))`,

	`create table agents (
		workspace ${text} not null, key ${text} not null, name ${text} not null, availability ${text} not null,
		online_until bigint, shifts ${text}, capacity integer, skills ${text} not null, languages ${text} not null,
		handles ${text} not null, created_at bigint not null, availability_changed_at bigint not null,
		primary key (workspace, key))`,

	`create table team_members (
		workspace ${text} not null, team_key ${text} not null, agent_key ${text} not null,
		primary key (workspace, team_key, agent_key))`,
	`create index team_members_agent on team_members (workspace, agent_key)`,

	`create table agent_loads (
		workspace ${text} not null, agent_key ${text} not null, open_units integer not null, last_assigned_at bigint,
		primary key (workspace, agent_key))`,

	`create table turns (
		workspace ${text} not null, team_key ${text} not null, agent_key ${text} not null,
		turn_count integer not null, last_turn bigint not null, primary key (workspace, team_key, agent_key))`,
	`create index turns_last on turns (workspace, team_key, last_turn)`,

	`create table categories (
		workspace ${text} not null, name ${text} not null, description ${text} not null, created_at bigint not null,
		primary key (workspace, name))`,

	`create table events (
		id ${text} primary key, workspace ${text} not null, type ${text} not null, conversation_id ${text}, contact_key ${text},
		source ${text} not null, actor ${text}, data ${text} not null, at bigint not null)`,
	`create index events_conversation on events (conversation_id, id)`,
	`create index events_workspace on events (workspace, id)`,

	`create table subscriptions (
		id ${text} primary key, workspace ${text} not null, kind ${text} not null, workflow_id ${text} not null, node_id ${text} not null,
		channel ${text} not null, accounts ${text} not null, filter ${text} not null, on_bad_end ${text} not null,
		is_test integer not null, created_at bigint not null, lease_until bigint not null, ended_at bigint)`,
	`create index subscriptions_workspace on subscriptions (workspace, kind)`,

	`create table deliveries (
		id ${text} primary key, workspace ${text} not null, subscription_id ${text} not null references subscriptions (id),
		event_id ${text} not null, conversation_id ${text}, status ${text} not null, due_at bigint,
		attempts integer not null, generation integer not null, reruns integer not null,
		lease_owner ${text}, execution_id ${text}, run_status ${text},
		created_at bigint not null, finished_at bigint)`,
	`create unique index deliveries_once on deliveries (subscription_id, event_id)`,
	`create index deliveries_owed on deliveries (subscription_id, due_at) where due_at is not null`,
	`create index deliveries_due on deliveries (workspace, due_at) where due_at is not null`,
	`create index deliveries_conversation on deliveries (conversation_id)`,
	`create index deliveries_finished on deliveries (finished_at) where finished_at is not null`,

	`create table leases (name ${text} primary key, owner ${text} not null, until bigint not null)`,
];
