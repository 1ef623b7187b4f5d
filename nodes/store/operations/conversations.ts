import { sql, type Selectable, type Updateable } from '../../vendor';
import { conversationClosed, conversationNotFound, storeError, TryAgain } from '../errors';
import { recordEvent, owe } from '../events';
import { parseJson } from '../json';
import { locked, type Operation } from '../operation';
import type { ConversationTable, SubscriptionTable } from '../schema';
import { lockContact, type ContactRow } from './contacts';

export type ConversationRow = Selectable<ConversationTable>;

/** A literal, not a parameter: only so can an engine see that the index over open ones serves. */
export const CLOSED = sql.lit('closed' as const);

/** Filter of a Conversation Opened subscription, as it is stored. */
export interface OpenedFilter {
	/** Sources that run the flow, e.g. `contact`, `ctc_ads`. */
	sources: string[];
	/** `any`, or only contacts that are new or returning. */
	contactIs: 'any' | 'new' | 'returning';
	/** Any of these words in the first message; empty is no condition. */
	keywords: string[];
	/** Only the first conversation of each contact. */
	oncePerContact: boolean;
}

/**
 * The conversation with its contact, both locked in the fixed order (contact first). Follows
 * `mergedInto`, so that items in flight act on the survivor. Looks in every workspace of the
 * store that this credential may see: its own and its test workspace.
 *
 * @throws StoreError `ConversationNotFound`
 */
export async function lockConversation(
	operation: Operation,
	id: string,
): Promise<{ conversation: ConversationRow; contact: ContactRow }> {
	const found = await operation.tx
		.selectFrom('conversations')
		.select(['contact_key', 'merged_into'])
		.where('id', '=', id)
		.where('workspace', '=', operation.workspace)
		.executeTakeFirst();
	if (!found) throw conversationNotFound(id);
	if (found.merged_into) return await lockConversation(operation, found.merged_into);
	const contact = await lockContact(operation, found.contact_key);
	const conversation = await locked(
		operation,
		operation.tx.selectFrom('conversations').selectAll().where('id', '=', id),
	).executeTakeFirst();
	if (!contact || !conversation) throw conversationNotFound(id);
	return { conversation, contact };
}

/** With its contact, but without waiting: undefined when somebody else has one of them in hand. */
export async function lockConversationIfFree(
	operation: Operation,
	id: string,
): Promise<ConversationRow | undefined> {
	return await operation.tx
		.selectFrom('conversations')
		.innerJoin('contacts', 'contacts.key', 'conversations.contact_key')
		.selectAll('conversations')
		.where('conversations.id', '=', id)
		.forUpdate()
		.skipLocked()
		.executeTakeFirst();
}

/**
 * Locks those of `rows` that came in while this transaction waited for the locks of the `known` ones.
 * By now others may wait for what it holds, so it does not wait for them.
 *
 * @throws TryAgain when somebody has one of them in hand
 */
export async function lockNewcomers(
	operation: Operation,
	rows: ConversationRow[],
	known: ConversationRow[],
): Promise<void> {
	const locked = new Set(known.map(({ id }) => id));
	for (const { id } of rows) {
		if (!locked.has(id) && !(await lockConversationIfFree(operation, id))) throw new TryAgain();
	}
}

/** As {@link lockConversation}, and refuses one that is closed. */
export async function lockOpenConversation(operation: Operation, id: string) {
	const both = await lockConversation(operation, id);
	if (both.conversation.status === 'closed') throw conversationClosed(id);
	return both;
}

/** The row as it is by now, for whoever has it locked. */
export async function readConversation(operation: Operation, id: string): Promise<ConversationRow> {
	return await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('id', '=', id)
		.executeTakeFirstOrThrow();
}

export async function findOpenConversation(
	operation: Operation,
	contactKey: string,
): Promise<ConversationRow | undefined> {
	return await locked(
		operation,
		operation.tx
			.selectFrom('conversations')
			.selectAll()
			.where('contact_key', '=', contactKey)
			.where('closed_at', 'is', null),
	).executeTakeFirst();
}

/** Whether somebody or something has it: an agent, a queue, a person who sees the flag; or it is over. */
export const isCaredFor = (conversation: ConversationRow) =>
	conversation.status !== 'open' ||
	conversation.assignee_key !== null ||
	conversation.queue_entered_at !== null ||
	conversation.flag !== null;

/** Writes changes and returns the row as it is then. Every change raises `version`. */
export async function changeConversation(
	operation: Operation,
	row: ConversationRow,
	changes: Updateable<ConversationTable>,
): Promise<ConversationRow> {
	return await operation.tx
		.updateTable('conversations')
		.set({ ...changes, version: sql<number>`version + 1` })
		.where('id', '=', row.id)
		.returningAll()
		.executeTakeFirstOrThrow();
}

export interface NewConversation {
	channel: string;
	account: string;
	replyTo: string | null;
	replyContext?: Record<string, unknown> | undefined;
	replyUntil?: number | null | undefined;
	source: string;
	actor?: string | null;
	/** The first message's text, for subscriptions that look for words in it. */
	firstText: string;
	/** Whether a text mentions any of the words; handed in, so that the store knows no language. */
	mentionsAny: (text: string, keywords: string[]) => boolean;
	/** The subscription whose webhook received the message: it is owed the opening in any case. */
	receivedBy?: string | undefined;
}

/** Opens a conversation for a locked contact that has none open: row, event and what it owes. */
export async function openFor(
	operation: Operation,
	contact: ContactRow,
	input: NewConversation,
): Promise<{ conversation: ConversationRow; eventId: string }> {
	const ordinal = contact.conversation_count + 1;
	const conversation: ConversationRow = {
		id: operation.newId(),
		workspace: operation.workspace,
		contact_key: contact.key,
		status: 'open',
		channel: input.channel,
		account: input.account,
		reply_to: input.replyTo,
		reply_channel: null,
		reply_account: null,
		reply_context: input.replyContext === undefined ? null : JSON.stringify(input.replyContext),
		reply_until: input.replyUntil ?? null,
		source: input.source,
		opened_at: operation.now,
		ordinal,
		first_message_id: null,
		team_key: null,
		assignee_key: null,
		priority: 0,
		weight: 1,
		queue_entered_at: null,
		first_queued_at: null,
		queue_for: null,
		queue_policy: null,
		relax_at: null,
		prefer_agent: null,
		prefer_until: null,
		excluded_agents: '[]',
		returned_by: '[]',
		returns: 0,
		escalated_at: null,
		reply_due_at: null,
		offline_return: null,
		snoozed_until: null,
		first_assignee: null,
		first_assigned_at: null,
		last_assigned_at: null,
		first_response_at: null,
		first_response_by: null,
		last_inbound_at: null,
		last_outbound_at: null,
		inbound_count: 0,
		outbound_count: 0,
		closed_at: null,
		closed_source: null,
		closed_by: null,
		category: null,
		summary: null,
		intent: null,
		flag: null,
		merged_into: null,
		texts_erased_at: null,
		version: 1,
	};
	await operation.tx.insertInto('conversations').values(conversation).execute();
	await operation.tx
		.updateTable('contacts')
		.set({ conversation_count: ordinal })
		.where('key', '=', contact.key)
		.execute();
	const eventId = await recordEvent(operation, {
		type: 'opened',
		conversationId: conversation.id,
		contactKey: contact.key,
		source: input.source,
		actor: input.actor ?? null,
		data: { channel: input.channel, account: input.account, ordinal },
	});
	for (const subscription of await operation.subscriptions()) {
		if (subscription.kind !== 'opened') continue;
		if (matches(subscription, conversation, input)) {
			await owe(operation, subscription.id, eventId, conversation.id);
		}
	}
	return { conversation, eventId };
}

/**
 * Whether a Conversation Opened trigger is owed this opening. It owns the conversations of the
 * channel accounts that it receives from, whoever opened them; its filter says the rest.
 */
export function matches(
	subscription: Selectable<SubscriptionTable>,
	conversation: Pick<ConversationRow, 'channel' | 'account' | 'source' | 'ordinal'>,
	input: Pick<NewConversation, 'firstText' | 'mentionsAny' | 'receivedBy'>,
): boolean {
	if (subscription.id !== input.receivedBy) {
		if (subscription.channel !== conversation.channel) return false;
		if (!parseJson<string[]>(subscription.accounts, []).includes(conversation.account))
			return false;
	}
	const filter = parseJson<OpenedFilter>(subscription.filter, {
		sources: ['contact', 'ctc_ads'],
		contactIs: 'any',
		keywords: [],
		oncePerContact: false,
	});
	if (!filter.sources.includes(conversation.source)) return false;
	if (filter.contactIs === 'new' && conversation.ordinal > 1) return false;
	if (filter.contactIs === 'returning' && conversation.ordinal === 1) return false;
	if (filter.oncePerContact && conversation.ordinal > 1) return false;
	return filter.keywords.length === 0 || input.mentionsAny(input.firstText, filter.keywords);
}

/** @throws StoreError `NoOpenConversation` */
export function noOpenConversation(who: string) {
	return storeError(
		'NoOpenConversation',
		`The contact '${who}' has no open conversation`,
		'Open one first with the Open Conversation node, or choose the conversation by its ID',
	);
}
