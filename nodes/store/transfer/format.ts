import { parseBusinessHours } from '../../decisions/businessHours';
import { z } from '../../vendor';
import { LAST_MOMENT } from '../inputs';
import type { Database } from '../schema';

/**
 * The file of an export: lines of JSON, so that it is written and read piece by piece, however large.
 * The first line is a {@link Header}; then one line `{table, row}` for each row, in the order of
 * {@link tables}; the last line `{end: true, counts}` shows that nothing was cut off. Rows do not name
 * their workspace: they join the one they are imported into.
 */
export const FORMAT = 'inbound-conversations';
export const FORMAT_VERSION = 1;

/**
 * Not in a file: which workflows listen, and what they are owed, belongs to the n8n they run in. There
 * the triggers subscribe by themselves. What is settled already is of no use to anybody.
 */
export const LEFT_OUT = ['subscriptions', 'deliveries', 'waits'] as const;

/** Also left out, since it is the store's own and no workspace's, or is over in minutes. */
type OfTheStore = 'meta' | 'leases' | 'early_statuses' | 'lookups' | 'queue_paces' | 'used_links';

export type TransferTable = Exclude<keyof Database, OfTheStore | (typeof LEFT_OUT)[number]>;

export type Counts = Record<TransferTable, number>;

/** A row of any table, without its workspace. */
export type FileRow = Record<string, unknown>;

type Columns<T extends TransferTable> = {
	[C in Exclude<keyof Database[T], 'workspace'>]: z.ZodType<Database[T][C], z.ZodTypeDef, unknown>;
};

interface TableFormat<T extends TransferTable> {
	/** The primary key beside the workspace; rows are in its order. */
	key: ReadonlyArray<keyof Columns<T>>;
	/** Columns with an ID of this store: renewed together when the file becomes a copy. */
	ids: ReadonlyArray<keyof Columns<T>>;
	/** Every column: one that is forgotten here does not compile. */
	columns: Columns<T>;
}

const LARGEST_INTEGER = 2 ** 31 - 1;

const said = (what: string) => ({ invalid_type_error: what, required_error: 'is missing' });
const text = z.string(said('must be a text'));
const id = text.regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be an ID');
const number = z
	.number(said('must be a number'))
	.int('must be a whole number')
	.max(LARGEST_INTEGER, 'is too large')
	.min(-LARGEST_INTEGER, 'is too small');
const count = number.min(0, 'must not be negative');
/** Counts on for as long as the store lives. */
const turn = z.number(said('must be a number')).int('must be a whole number').nonnegative().safe();
const time = z
	.number(said('must be a time in milliseconds'))
	.int('must be in whole milliseconds')
	.min(-LAST_MOMENT, 'is a time out of range')
	.max(LAST_MOMENT, 'is a time out of range');

/** Null where the line says nothing, as in a file of an older schema. */
const orNull = <T extends z.ZodTypeAny>(type: T) => type.nullable().default(null);

const oneOf = <T extends string>(...values: [T, ...T[]]) =>
	z.enum(values, { errorMap: () => ({ message: `must be one of ${values.join(', ')}` }) });

/** What is read later without a further look must be readable: JSON of this shape, as text. */
const json = (shape: z.ZodTypeAny = z.unknown()) =>
	text.refine((value) => {
		try {
			return shape.safeParse(JSON.parse(value)).success;
		} catch {
			return false;
		}
	}, 'must be JSON of the right shape, as text');

const texts = json(z.array(z.string()));
const object = json(z.record(z.unknown()));
const businessHours = text.refine((value) => {
	try {
		parseBusinessHours(JSON.parse(value));
		return true;
	} catch {
		return false;
	}
}, 'must be business hours of the right shape, as text');

/** In the order in which they are written and read: a row comes after those that it points to. */
export const tables: { [T in TransferTable]: TableFormat<T> } = {
	contacts: {
		key: ['key'],
		ids: ['key'],
		columns: {
			key: id,
			name: orNull(text),
			phone: orNull(text),
			email: orNull(text),
			language: orNull(text),
			country: orNull(text),
			timezone: orNull(text),
			tags: texts,
			fields: json(z.record(z.object({ value: z.unknown(), source: z.string(), at: z.string() }))),
			last_assignee: orNull(text),
			last_team: orNull(text),
			last_category: orNull(text),
			conversation_count: count,
			first_seen_at: time,
			last_seen_at: time,
			blocked_at: orNull(time),
			blocked_messages: count,
			erased_at: orNull(time),
		},
	},
	identities: {
		key: ['channel', 'account', 'external_id'],
		ids: ['contact_key'],
		columns: {
			channel: text,
			account: text,
			external_id: text,
			contact_key: id,
			created_at: time,
		},
	},
	addresses: {
		key: ['contact_key', 'channel', 'account'],
		ids: ['contact_key'],
		columns: {
			contact_key: id,
			channel: text,
			account: text,
			reply_to: orNull(text),
			reply_context: orNull(object),
			last_inbound_at: orNull(time),
			opted_out_at: orNull(time),
			opt_out_reason: orNull(oneOf('stop', 'unsubscribed', 'blocked', 'marketing')),
		},
	},
	conversations: {
		key: ['id'],
		ids: ['id', 'contact_key', 'first_message_id', 'merged_into'],
		columns: {
			id,
			contact_key: id,
			status: oneOf('open', 'snoozed', 'closed'),
			channel: text,
			account: text,
			reply_to: orNull(text),
			reply_channel: orNull(text),
			reply_account: orNull(text),
			reply_context: orNull(object),
			reply_until: orNull(time),
			source: text,
			opened_at: time,
			ordinal: number,
			first_message_id: orNull(id),
			team_key: orNull(text),
			assignee_key: orNull(text),
			priority: number,
			weight: count,
			queue_entered_at: orNull(time),
			first_queued_at: orNull(time),
			queue_for: orNull(text),
			queue_policy: orNull(object),
			relax_at: orNull(time),
			prefer_agent: orNull(text),
			prefer_until: orNull(time),
			excluded_agents: texts,
			returned_by: texts.default('[]'),
			returns: count.default(0),
			escalated_at: orNull(time),
			reply_due_at: orNull(time),
			offline_return: orNull(time),
			snoozed_until: orNull(time),
			first_assignee: orNull(text),
			first_assigned_at: orNull(time),
			last_assigned_at: orNull(time),
			first_response_at: orNull(time),
			first_response_by: orNull(text),
			last_inbound_at: orNull(time),
			last_outbound_at: orNull(time),
			inbound_count: count,
			outbound_count: count,
			closed_at: orNull(time),
			closed_source: orNull(text),
			closed_by: orNull(text),
			category: orNull(text),
			summary: orNull(text),
			intent: orNull(text),
			flag: orNull(text),
			merged_into: orNull(id),
			texts_erased_at: orNull(time),
			version: count,
		},
	},
	messages: {
		key: ['id'],
		ids: ['id', 'conversation_id', 'contact_key'],
		columns: {
			id,
			conversation_id: orNull(id),
			contact_key: id,
			direction: oneOf('inbound', 'outbound'),
			channel: text,
			account: text,
			channel_message_id: text,
			type: text,
			text,
			attachments: json(z.array(z.record(z.unknown()))),
			sender: orNull(text),
			sent_at: time,
			received_at: time,
			edited_at: orNull(time),
			deleted_at: orNull(time),
			details: orNull(object),
			raw: orNull(json()),
			status: orNull(oneOf('sending', 'sent', 'delivered', 'read', 'failed')),
			status_at: orNull(time),
			failure: orNull(object),
			send_key: orNull(text),
		},
	},
	teams: {
		key: ['key'],
		ids: [],
		columns: {
			key: text,
			name: text,
			hours: orNull(businessHours),
			overflow_team: orNull(text),
			handles: json(z.record(z.string())).default('{}'),
			created_at: time,
		},
	},
	agents: {
		key: ['key'],
		ids: [],
		columns: {
			key: text,
			name: text,
			availability: oneOf('online', 'away', 'offline'),
			online_until: orNull(time),
			follows_shifts: count.default(0),
			grace: time.default(0),
			absent_since: orNull(time),
			presence_due_at: orNull(time),
			availability_source: orNull(text),
			next_availability: orNull(oneOf('online', 'away', 'offline')),
			next_at: orNull(time),
			presence: orNull(oneOf('online', 'away', 'offline')),
			shifts: orNull(businessHours),
			capacity: orNull(count),
			skills: texts,
			languages: texts,
			handles: json(z.record(z.string())),
			created_at: time,
			availability_changed_at: time,
		},
	},
	team_members: {
		key: ['team_key', 'agent_key'],
		ids: [],
		columns: { team_key: text, agent_key: text },
	},
	agent_loads: {
		key: ['agent_key'],
		ids: [],
		columns: { agent_key: text, open_units: count, last_assigned_at: orNull(time) },
	},
	turns: {
		key: ['team_key', 'agent_key'],
		ids: [],
		columns: { team_key: text, agent_key: text, turn_count: count, last_turn: turn },
	},
	categories: {
		key: ['name'],
		ids: [],
		columns: { name: text, description: text, created_at: time },
	},
	settings: {
		key: ['name'],
		ids: [],
		columns: { name: text, value: json() },
	},
	events: {
		key: ['id'],
		ids: ['id', 'conversation_id', 'contact_key'],
		columns: {
			id,
			type: text,
			conversation_id: orNull(id),
			contact_key: orNull(id),
			source: text,
			actor: orNull(text),
			data: object,
			at: time,
		},
	},
};

export const TABLES = Object.keys(tables) as TransferTable[];

export const noRows = () => Object.fromEntries(TABLES.map((table) => [table, 0])) as Counts;

export interface Header {
	format: typeof FORMAT;
	formatVersion: number;
	/** Of the store that it was exported from. */
	schemaVersion: number;
	workspace: string;
	/** ISO 8601, UTC. */
	exportedAt: string;
	engine: string;
}
