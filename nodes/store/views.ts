import type { Attachment } from '../channels/channel';
import type { Selectable } from '../vendor';
import { parseJson } from './json';
import { realWorkspaceOf, type Operation } from './operation';
import { expectedWait } from './operations/queuePace';
import type { ContactTable, ConversationTable, MessageTable } from './schema';

/** The item's `conversation`. Times are ISO 8601 in UTC. */
export interface ConversationView {
	id: string;
	status: 'open' | 'snoozed' | 'closed';
	channel: string;
	account: string;
	/** Where an answer goes: the channel that the contact wrote on last, and the recipient there. */
	replyChannel: string;
	replyTo: string | null;
	/**
	 * Until when that channel takes ordinary answers; null where it always does.
	 */
	replyUntil: string | null;
	lastInboundAt: string | null;
	source: string;
	openedAt: string;
	isReturning: boolean;
	team: { key: string; name: string } | null;
	assignee: { key: string; name: string; handles: Record<string, string> } | null;
	queue: {
		team: string | null;
		enteredAt: string;
		position: number;
		expectedWaitSeconds: number | null;
	} | null;
	priority: number;
	/** When it wakes by itself; null while it does not sleep, or sleeps until the contact writes. */
	snoozedUntil: string | null;
	/** How often it came back from an agent: not answered, not there, declined. */
	returns: number;
	category: string | null;
	summary: string | null;
	/** Why the contact writes, in the operator's own word for it; null while nobody knows. */
	intent: string | null;
	messageCount: number;
	closedAt: string | null;
	flag: string | null;
}

export interface FieldValue {
	value: unknown;
	/** Where it came from: `channel`, `input`, `phone`, `language`, … */
	source: string;
	at: string;
}

/** The item's `contact`. */
export interface ContactView {
	key: string;
	name: string | null;
	phone: string | null;
	email: string | null;
	language: string | null;
	country: string | null;
	timezone: string | null;
	tags: string[];
	fields: Record<string, unknown>;
	firstSeenAt: string;
	previousConversations: number;
	lastAssignee: string | null;
	lastCategory: string | null;
}

/** The item's `message`: the one that opened, or the one an event is about. */
export interface MessageView extends MessageDetails {
	id: string;
	type: string;
	text: string;
	attachments: Attachment[];
	sentAt: string;
	/** Of a message that was sent from here: `sending`, `sent`, `delivered`, `read`, `failed`. */
	status?: string;
	/** Why it failed, in the provider's words. */
	failure?: { code?: string; reason: string };
	raw?: unknown;
}

/** What some messages have besides; shown among the message's own fields. */
export interface MessageDetails {
	/** The ad or link that led here, as the channel gives it. */
	referral?: Record<string, unknown>;
	/** The earlier message that this one answers. */
	replyToMessageId?: string;
	/** The ID of the button or row that was chosen. */
	choiceId?: string;
	group?: string;
}

export const isoTime = (time: number) => new Date(Number(time)).toISOString();
export const isoOrNull = (time: number | null) => (time === null ? null : isoTime(time));

/** Columns of `contacts.fields` that stand for a contact's own columns; shown there, not among fields. */
export const STANDARD_FIELDS = [
	'name',
	'phone',
	'email',
	'language',
	'country',
	'timezone',
] as const;

export async function conversationView(
	operation: Operation,
	row: Selectable<ConversationTable>,
): Promise<ConversationView> {
	const real = realWorkspaceOf(row.workspace);
	const [team, agent, position] = await Promise.all([
		row.team_key === null
			? undefined
			: operation.tx
					.selectFrom('teams')
					.select(['key', 'name'])
					.where('workspace', '=', real)
					.where('key', '=', row.team_key)
					.executeTakeFirst(),
		row.assignee_key === null
			? undefined
			: operation.tx
					.selectFrom('agents')
					.select(['key', 'name', 'handles'])
					.where('workspace', '=', real)
					.where('key', '=', row.assignee_key)
					.executeTakeFirst(),
		row.queue_entered_at === null ? 0 : queuePosition(operation, row),
	]);
	return {
		id: row.id,
		status: row.status,
		channel: row.channel,
		account: row.account,
		replyChannel: row.reply_channel ?? row.channel,
		replyTo: row.reply_to,
		replyUntil: isoOrNull(row.reply_until),
		lastInboundAt: isoOrNull(row.last_inbound_at),
		source: row.source,
		openedAt: isoTime(row.opened_at),
		isReturning: row.ordinal > 1,
		team: row.team_key === null ? null : (team ?? { key: row.team_key, name: row.team_key }),
		assignee:
			row.assignee_key === null
				? null
				: agent
					? {
							key: agent.key,
							name: agent.name,
							handles: parseJson<Record<string, string>>(agent.handles, {}),
						}
					: { key: row.assignee_key, name: row.assignee_key, handles: {} },
		queue:
			row.queue_entered_at === null
				? null
				: {
						team: row.team_key,
						enteredAt: isoTime(row.queue_entered_at),
						position,
						expectedWaitSeconds: await expectedWait(operation, row, position),
					},
		priority: row.priority,
		snoozedUntil: isoOrNull(row.snoozed_until),
		returns: row.returns,
		category: row.category,
		summary: row.summary,
		intent: row.intent,
		messageCount: row.inbound_count + row.outbound_count,
		closedAt: isoOrNull(row.closed_at),
		flag: row.flag,
	};
}

/**
 * 1 is next among those who wait for the same agents. Costs what the queue ahead is long, whatever
 * the store holds besides.
 */
async function queuePosition(
	operation: Operation,
	row: Selectable<ConversationTable>,
): Promise<number> {
	const entered = row.queue_entered_at ?? 0;
	const waiting = operation.tx
		.selectFrom('conversations')
		.select((eb) => eb.fn.countAll<number>().as('ahead'))
		.where('workspace', '=', row.workspace)
		.where('queue_entered_at', 'is not', null);
	const sameQueue =
		row.queue_for === null
			? waiting
					.where('queue_for', 'is', null)
					.where('team_key', row.team_key === null ? 'is' : '=', row.team_key)
			: waiting.where('queue_for', '=', row.queue_for);
	const { ahead } = await sameQueue
		.where((eb) =>
			eb.or([
				eb('priority', '>', row.priority),
				eb.and([
					eb('priority', '=', row.priority),
					eb.or([
						eb('queue_entered_at', '<', entered),
						eb.and([eb('queue_entered_at', '=', entered), eb('id', '<', row.id)]),
					]),
				]),
			]),
		)
		.executeTakeFirstOrThrow();
	return Number(ahead) + 1;
}

/** `ordinal` is the number of the conversation that the item is about. */
export function contactView(row: Selectable<ContactTable>, ordinal?: number): ContactView {
	const provenance = parseJson<Record<string, FieldValue>>(row.fields, {});
	const fields: Record<string, unknown> = {};
	for (const [name, field] of Object.entries(provenance)) {
		if (!STANDARD_FIELDS.includes(name as never)) fields[name] = field.value;
	}
	return {
		key: row.key,
		name: row.name,
		phone: row.phone,
		email: row.email,
		language: row.language,
		country: row.country,
		timezone: row.timezone,
		tags: parseJson<string[]>(row.tags, []),
		fields,
		firstSeenAt: isoTime(row.first_seen_at),
		previousConversations: Math.max(0, (ordinal ?? row.conversation_count + 1) - 1),
		lastAssignee: row.last_assignee,
		lastCategory: row.last_category,
	};
}

export function messageView(row: Selectable<MessageTable>): MessageView {
	return {
		id: row.channel_message_id,
		type: row.type,
		text: row.text,
		attachments: parseJson<Attachment[]>(row.attachments, []),
		sentAt: isoTime(row.sent_at),
		...parseJson<MessageDetails>(row.details, {}),
		...(row.status === null ? {} : { status: row.status }),
		...(row.failure === null ? {} : { failure: parseJson(row.failure, { reason: '' }) }),
		...(row.raw === null ? {} : { raw: JSON.parse(row.raw) as unknown }),
	};
}

/** What an item says: conversation, contact and the message it is about. */
export interface ConversationItem {
	conversation: ConversationView;
	contact: ContactView;
	message: MessageView | null;
}

export async function conversationItem(
	operation: Operation,
	row: Selectable<ConversationTable>,
	messageId: string | null = row.first_message_id,
): Promise<ConversationItem> {
	const [conversation, contact, message] = await Promise.all([
		conversationView(operation, row),
		operation.tx
			.selectFrom('contacts')
			.selectAll()
			.where('key', '=', row.contact_key)
			.executeTakeFirstOrThrow(),
		messageId === null
			? undefined
			: operation.tx
					.selectFrom('messages')
					.selectAll()
					.where('id', '=', messageId)
					.executeTakeFirst(),
	]);
	return {
		conversation,
		contact: contactView(contact, row.ordinal),
		message: message ? messageView(message) : null,
	};
}
