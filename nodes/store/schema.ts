import type { OptOutReason } from '../channels/channel';

/**
 * The tables as the query builder sees them. One schema for every engine: ids and JSON are text,
 * times are milliseconds since 1970 (UTC), flags are 0 or 1.
 */
export interface Database {
	meta: MetaTable;
	contacts: ContactTable;
	identities: IdentityTable;
	addresses: AddressTable;
	conversations: ConversationTable;
	messages: MessageTable;
	early_statuses: EarlyStatusTable;
	teams: TeamTable;
	agents: AgentTable;
	team_members: TeamMemberTable;
	agent_loads: AgentLoadTable;
	turns: TurnTable;
	categories: CategoryTable;
	events: EventTable;
	subscriptions: SubscriptionTable;
	deliveries: DeliveryTable;
	leases: LeaseTable;
	waits: WaitTable;
	lookups: LookupTable;
	queue_paces: QueuePaceTable;
	used_links: UsedLinkTable;
	settings: SettingTable;
}

export interface MetaTable {
	key: string;
	value: string;
}

export interface ContactTable {
	key: string;
	workspace: string;
	name: string | null;
	phone: string | null;
	email: string | null;
	language: string | null;
	country: string | null;
	timezone: string | null;
	/** JSON string[] */
	tags: string;
	/** JSON: field → {value, source, at}; standard fields have their provenance here, too. */
	fields: string;
	last_assignee: string | null;
	last_team: string | null;
	last_category: string | null;
	/** Conversations ever opened, the present one included. */
	conversation_count: number;
	first_seen_at: number;
	last_seen_at: number;
	blocked_at: number | null;
	/** Messages that came while blocked: counted, not stored. */
	blocked_messages: number;
	/** Everything personal was removed; the row stays for the counts of reports. */
	erased_at: number | null;
}

export interface IdentityTable {
	workspace: string;
	channel: string;
	account: string;
	external_id: string;
	contact_key: string;
	created_at: number;
}

/** Where a contact can be answered on one account of a channel. */
export interface AddressTable {
	workspace: string;
	contact_key: string;
	channel: string;
	account: string;
	/** Recipient, as the channel's sending interface takes it. */
	reply_to: string | null;
	/** JSON: what an answer needs besides. */
	reply_context: string | null;
	last_inbound_at: number | null;
	/** Set while the contact wants no messages here. */
	opted_out_at: number | null;
	opt_out_reason: OptOutReason | null;
}

export interface ConversationTable {
	id: string;
	workspace: string;
	contact_key: string;
	status: 'open' | 'snoozed' | 'closed';
	channel: string;
	account: string;
	/** Recipient for answers, as the channel's sending interface takes it. */
	reply_to: string | null;
	/** Where the contact wrote last; null while that is where it opened. */
	reply_channel: string | null;
	reply_account: string | null;
	/** JSON: what an answer needs besides. */
	reply_context: string | null;
	/** Until when that channel takes ordinary answers; null: at any time. */
	reply_until: number | null;
	source: string;
	opened_at: number;
	/** 1 for the contact's first conversation, 2 for the second, … */
	ordinal: number;
	first_message_id: string | null;
	team_key: string | null;
	assignee_key: string | null;
	priority: number;
	weight: number;
	/** Set while it waits for an agent. */
	queue_entered_at: number | null;
	/** Kept through requeues, so that nobody loses a place. */
	first_queued_at: number | null;
	/**
	 * Whom it waits for: null is its team, otherwise everybody (empty) or one agent's key. Whoever
	 * comes free finds it by this, whatever team it was routed to.
	 */
	queue_for: string | null;
	/**
	 * JSON: how the queue should assign it. Kept, as `queue_for` is, while an agent has it: so it is
	 * assigned again when it comes back.
	 */
	queue_policy: string | null;
	/** When skills and language are no longer asked for; null: always, or nothing is asked for. */
	relax_at: number | null;
	/** The agent the contact had before; until `prefer_until` it waits for this one alone. */
	prefer_agent: string | null;
	prefer_until: number | null;
	/** JSON string[] of agent keys: not to be chosen, by the node or because it came back from them. */
	excluded_agents: string;
	/** JSON string[]: those of `excluded_agents` from whom it came back. */
	returned_by: string;
	/** How often it came back. */
	returns: number;
	/** When it had come back too often: from then on it stays with whoever gets it. */
	escalated_at: number | null;
	/** When it comes back unless a person replies before; null when it does not. */
	reply_due_at: number | null;
	/** It comes back when its agent has been offline for so long, in milliseconds; null: it does not. */
	offline_return: number | null;
	/** When it wakes by itself; null while it is not snoozed, or until the contact writes. */
	snoozed_until: number | null;
	first_assignee: string | null;
	first_assigned_at: number | null;
	last_assigned_at: number | null;
	first_response_at: number | null;
	first_response_by: string | null;
	last_inbound_at: number | null;
	last_outbound_at: number | null;
	inbound_count: number;
	outbound_count: number;
	closed_at: number | null;
	closed_source: string | null;
	closed_by: string | null;
	category: string | null;
	summary: string | null;
	/** Why the contact writes, in the operator's own word for it; null while nobody knows. */
	intent: string | null;
	/** Why a person should look at it, e.g. `flow_failed`. */
	flag: string | null;
	merged_into: string | null;
	/** When retention or an erasure removed what was written in it. */
	texts_erased_at: number | null;
	version: number;
}

export interface MessageTable {
	id: string;
	workspace: string;
	conversation_id: string | null;
	contact_key: string;
	direction: 'inbound' | 'outbound';
	channel: string;
	account: string;
	channel_message_id: string;
	type: string;
	text: string;
	/** JSON Attachment[] */
	attachments: string;
	sender: string | null;
	sent_at: number;
	received_at: number;
	edited_at: number | null;
	deleted_at: number | null;
	/** JSON {@link MessageDetails}, or null when there are none. */
	details: string | null;
	/** JSON: the provider's object, only where the trigger's option asks for it. */
	raw: string | null;
	/**
	 * Of what was sent from here: `sending` until the provider has answered, then as far as it says.
	 * `failed` also when it was refused; null for everything else.
	 */
	status: MessageState | null;
	status_at: number | null;
	/** JSON {code?, reason}: why it failed. */
	failure: string | null;
	/** The same for each try of one message; what is sent twice is told apart by it. */
	send_key: string | null;
}

export type MessageState = 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

/** JSON of a status that came before its message's ID was known; kept for minutes. */
export interface EarlyStatusTable {
	workspace: string;
	channel: string;
	account: string;
	channel_message_id: string;
	status: string;
	notice: string;
	received_at: number;
}

export interface TeamTable {
	workspace: string;
	key: string;
	name: string;
	/** JSON business hours, or null for always open. */
	hours: string | null;
	overflow_team: string | null;
	/** JSON: system → the team's ID there */
	handles: string;
	created_at: number;
}

export interface AgentTable {
	workspace: string;
	key: string;
	name: string;
	/** What is in force; `follows_shifts` and `online_until` say what becomes of it. */
	availability: 'online' | 'away' | 'offline';
	/** It holds until then; null: until something else is said. */
	online_until: number | null;
	/** 1: where nothing else is set, on shift is online and off shift is offline. */
	follows_shifts: number;
	/** How long after `online_until` it may be taken up again before the agent counts as offline. */
	grace: number;
	/** Since when the agent has counted as offline; null while online or away. */
	absent_since: number | null;
	/** When that may change by itself: a time ends, a shift begins or ends. */
	presence_due_at: number | null;
	/** Who said the last word: a source, `heartbeat`, or `system`; null: nobody yet. */
	availability_source: string | null;
	/** What follows by itself at `next_at`: see AgentPresence. */
	next_availability: 'online' | 'away' | 'offline' | null;
	next_at: number | null;
	/** What the agent counted as when that was last looked at; events tell of its changes. */
	presence: 'online' | 'away' | 'offline' | null;
	/** JSON shifts, or null for always. */
	shifts: string | null;
	capacity: number | null;
	/** JSON string[] */
	skills: string;
	/** JSON string[] */
	languages: string;
	/** JSON: system → handle */
	handles: string;
	created_at: number;
	availability_changed_at: number;
}

export interface TeamMemberTable {
	workspace: string;
	team_key: string;
	agent_key: string;
}

/** Kept apart from agents: a test workspace reads the real agents and counts on its own. */
export interface AgentLoadTable {
	workspace: string;
	agent_key: string;
	open_units: number;
	last_assigned_at: number | null;
}

export interface TurnTable {
	workspace: string;
	/** Empty for the pool of everybody. */
	team_key: string;
	agent_key: string;
	turn_count: number;
	last_turn: number;
}

export interface CategoryTable {
	workspace: string;
	name: string;
	description: string;
	created_at: number;
}

export interface EventTable {
	id: string;
	workspace: string;
	type: string;
	conversation_id: string | null;
	contact_key: string | null;
	/** contact, user, workflow, api, auto_close, … */
	source: string;
	/** Who in particular, where known: an agent's key, an execution. */
	actor: string | null;
	/** JSON */
	data: string;
	at: number;
}

export interface SubscriptionTable {
	id: string;
	workspace: string;
	/**
	 * `platform` keeps a platform (Chatwoot, respond.io) up to date; it starts no executions. `links` is
	 * owed nothing: it says where the links of agents lead.
	 */
	kind: 'opened' | 'event' | 'platform' | 'links';
	workflow_id: string;
	node_id: string;
	/** Empty for subscriptions to events. */
	channel: string;
	/** JSON string[]: accounts this trigger has received from, or was told to own. */
	accounts: string;
	/** JSON filter */
	filter: string;
	/** JSON: what happens when the flow ends badly. */
	on_bad_end: string;
	is_test: number;
	created_at: number;
	lease_until: number;
	ended_at: number | null;
}

export interface DeliveryTable {
	id: string;
	workspace: string;
	subscription_id: string;
	event_id: string;
	conversation_id: string | null;
	/**
	 * pending → claimed (emitted) → done, or expired; failed when it could not be started.
	 * `watched` is done, but what became of the conversation is still to be looked at. (Also those
	 * expired and failed are looked at: while `due_at` is set.)
	 */
	status: 'pending' | 'claimed' | 'watched' | 'done' | 'failed' | 'expired';
	/**
	 * When it next wants attention: pending, to be claimed; claimed, when its lease ends; watched,
	 * failed and expired, to be looked at. Null once nothing is to be done, so that an index holds only what is owed.
	 */
	due_at: number | null;
	attempts: number;
	/** Part of the deduplication key; rises when an execution has to be started anew. */
	generation: number;
	/** Runs that ended badly and were run again. */
	reruns: number;
	lease_owner: string | null;
	/** The one execution that acts. */
	execution_id: string | null;
	run_status: string | null;
	created_at: number;
	finished_at: number | null;
	/** Where it may tell of several messages: the event of the last of them. */
	last_event_id: string | null;
	/** JSON string[]: the events of all of them, in the order in which they came. */
	collected: string | null;
}

/** How fast a queue moves. */
export interface QueuePaceTable {
	workspace: string;
	/** `team:…`, `agent:…`, or `everybody`. */
	queue: string;
	/** When somebody last left it for an agent. */
	left_at: number;
	/** JSON number[]: how long the last ones stood at its head, in milliseconds; the newest last. */
	samples: string;
}

/** A signed link for agents that was used. */
export interface UsedLinkTable {
	workspace: string;
	nonce: string;
	used_at: number;
	/** After this the link would not work any more. */
	expires_at: number;
}

export interface LeaseTable {
	name: string;
	owner: string;
	until: number;
}

/** What an operator set for a workspace. */
export interface SettingTable {
	workspace: string;
	name: string;
	/** JSON */
	value: string;
}

/** An execution that waits for something in a conversation. */
export interface WaitTable {
	id: string;
	workspace: string;
	conversation_id: string;
	contact_key: string;
	kind: 'question' | 'assignment';
	/** asking (the question is on its way) → waiting → settled */
	status: 'asking' | 'waiting' | 'settled';
	workflow_id: string;
	execution_id: string;
	node_id: string;
	/** Shared by what one run of a node waits for; the execution goes on when all of it is settled. */
	group_id: string;
	item_index: number;
	/** Holds a token: never exported, listed or logged. Null once nobody is to be told any more. */
	resume_url: string | null;
	/** JSON: what was asked, as the node needs it to check the answer. */
	question: string;
	/** How often it was asked. */
	asked: number;
	/** JSON string[]: IDs of messages that may answer it and that nobody has looked at yet. */
	replies: string;
	deadline: number;
	/** How it ended; null while it waits. */
	outcome: 'answered' | 'assigned' | 'invalid' | 'timedOut' | 'ended' | null;
	/** JSON: the answer, or why it ended. */
	result: string | null;
	/** When the execution is to be told next; null: nothing to tell. */
	due_at: number | null;
	/** Tries to tell it in a row. */
	posts: number;
	created_at: number;
	settled_at: number | null;
	/** When the execution went on, or was found to be gone. */
	resumed_at: number | null;
}

/** An answer of another system about a contact. */
export interface LookupTable {
	workspace: string;
	/** Hash of what was asked and of whom. */
	key: string;
	contact_key: string;
	/** JSON; null: it knows nothing. */
	answer: string | null;
	expires_at: number;
}
