import { sql, type Selectable } from '../../vendor';
import { contactNotFound, conversationNotFound } from '../errors';
import { parseJson } from '../json';
import type { Operation } from '../operation';
import type { ContactTable, MessageTable } from '../schema';
import {
	contactView,
	conversationItem,
	isoTime,
	type ContactView,
	type ConversationItem,
} from '../views';
import { COMMENT } from './comment';
import { CLOSED, noOpenConversation } from './conversations';
import { countOf } from './counting';
import { wordsOf } from './eventWords';

/** @throws StoreError `ConversationNotFound` */
export async function getConversation(
	operation: Operation,
	input: { conversationId: string },
): Promise<ConversationItem> {
	const row = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('id', '=', input.conversationId)
		.where('workspace', '=', operation.workspace)
		.executeTakeFirst();
	if (!row) throw conversationNotFound(input.conversationId);
	if (row.merged_into) return await getConversation(operation, { conversationId: row.merged_into });
	return await conversationItem(operation, row);
}

/**
 * The contact known by this: its key, a phone (E.164), an e-mail address, or the id that a channel
 * knows it by.
 *
 * @throws StoreError `ContactNotFound`
 */
export async function findContact(operation: Operation, who: string): Promise<ContactView> {
	const row = await contactRow(operation, who);
	if (!row) throw contactNotFound(who);
	return contactView(row);
}

async function contactRow(
	operation: Operation,
	who: string,
): Promise<Selectable<ContactTable> | undefined> {
	const contacts = operation.tx
		.selectFrom('contacts')
		.selectAll()
		.where('workspace', '=', operation.workspace);
	for (const column of ['key', 'phone', 'email'] as const) {
		// Sorted here: asked to sort, an engine may prefer to walk all contacts in that order.
		const rows = await contacts.where(column, '=', who).execute();
		const [row] = rows.sort((a, b) => b.last_seen_at - a.last_seen_at);
		if (row) return row;
	}
	const identity = await operation.tx
		.selectFrom('identities')
		.select('contact_key')
		.where('workspace', '=', operation.workspace)
		.where('external_id', '=', who)
		.executeTakeFirst();
	return identity && (await contacts.where('key', '=', identity.contact_key).executeTakeFirst());
}

/** @throws StoreError `ContactNotFound`, `NoOpenConversation` */
export async function getOpenConversation(
	operation: Operation,
	input: { contact: string },
): Promise<ConversationItem> {
	const contact = await findContact(operation, input.contact);
	const row = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('contact_key', '=', contact.key)
		.where('closed_at', 'is', null)
		.executeTakeFirst();
	if (!row) throw noOpenConversation(input.contact);
	return await conversationItem(operation, row);
}

export interface ListConversationsInput {
	/** `notClosed` is open or snoozed. */
	status?: 'open' | 'snoozed' | 'closed' | 'notClosed' | 'queued' | 'unassigned';
	team?: string;
	assignee?: string;
	/** Key of a contact. */
	contact?: string;
	/** Opened at or after this moment. */
	openedFrom?: number;
	limit: number;
	offset: number;
}

/** Newest first. */
export async function listConversations(
	operation: Operation,
	input: ListConversationsInput,
): Promise<ConversationItem[]> {
	const onlyOpen = input.status !== undefined && input.status !== 'closed';
	let query = operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		// An expression, where closed ones are left out: by the plain column an engine would walk all
		// conversations in that order rather than sort the few that are open.
		.orderBy(onlyOpen ? sql`opened_at + 0` : sql`opened_at`, 'desc')
		.orderBy('id', 'desc')
		.limit(input.limit)
		.offset(input.offset);
	if (input.status === 'queued')
		query = query.where('status', '<>', CLOSED).where('queue_entered_at', 'is not', null);
	else if (input.status === 'unassigned') {
		query = query.where('status', '<>', CLOSED).where('assignee_key', 'is', null);
	} else if (input.status === 'closed') query = query.where('status', '=', CLOSED);
	// Twice, since only the literal lets an engine pass over the closed ones.
	else if (input.status === 'notClosed') query = query.where('status', '<>', CLOSED);
	else if (input.status)
		query = query.where('status', '<>', CLOSED).where('status', '=', input.status);
	if (input.team !== undefined) query = query.where('team_key', '=', input.team);
	if (input.assignee !== undefined) query = query.where('assignee_key', '=', input.assignee);
	if (input.contact !== undefined) query = query.where('contact_key', '=', input.contact);
	if (input.openedFrom !== undefined) query = query.where('opened_at', '>=', input.openedFrom);
	const items: ConversationItem[] = [];
	for (const row of await query.execute()) items.push(await conversationItem(operation, row));
	return items;
}

export interface HistoryEntry {
	at: string;
	kind: 'message' | 'event';
	type: string;
	source: string;
	/** What was written, or in plain words what happened. */
	text: string;
	data?: Record<string, unknown>;
}

/** Who wrote it: the contact, an agent, a workflow, or somebody of the business elsewhere. */
function sourceOf(row: Selectable<MessageTable>): string {
	if (row.direction === 'inbound') return 'contact';
	const isFromHere = row.status !== null || row.type === COMMENT;
	return row.sender ?? (isFromHere ? 'workflow' : 'user');
}

/** Messages and events of a conversation in the order in which they happened; at most 1,000 of each. */
export async function conversationHistory(
	operation: Operation,
	input: { conversationId: string },
): Promise<HistoryEntry[]> {
	await getConversation(operation, input);
	const messages = await operation.tx
		.selectFrom('messages')
		.selectAll()
		.where('conversation_id', '=', input.conversationId)
		.orderBy('received_at')
		.orderBy('id')
		.limit(1000)
		.execute();
	const events = await operation.tx
		.selectFrom('events')
		.selectAll()
		.where('conversation_id', '=', input.conversationId)
		.orderBy('id')
		.limit(1000)
		.execute();
	const told = events
		.filter((row) => row.type !== 'message_received' && row.type !== 'commented')
		.map((row) => ({ ...row, data: parseJson<Record<string, unknown>>(row.data, {}) }));
	const words = await wordsOf(operation, told);
	const entries: HistoryEntry[] = [
		...messages.map((row) => ({
			at: isoTime(row.received_at),
			kind: 'message' as const,
			type: row.type,
			source: sourceOf(row),
			text: row.text,
			...(row.status === null ? {} : { data: { status: row.status } }),
		})),
		...told.map((row, index) => ({
			at: isoTime(row.at),
			kind: 'event' as const,
			type: row.type,
			source: row.source,
			text: words[index] ?? '',
			data: row.data,
		})),
	];
	return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** Numbers for the credential's test, health and tests; counts of everything, so not for hot paths. */
export interface StoreCounts {
	teams: number;
	agents: number;
	contacts: number;
	messages: number;
	conversations: { open: number; closed: number; queued: number; assigned: number };
	deliveries: Record<string, number>;
}

export async function countEverything(operation: Operation): Promise<StoreCounts> {
	const count = async (table: 'teams' | 'agents' | 'contacts' | 'messages') =>
		await countOf(operation.tx.selectFrom(table).where('workspace', '=', operation.workspace));
	const conversations = operation.tx
		.selectFrom('conversations')
		.where('workspace', '=', operation.workspace);
	const statuses = await operation.tx
		.selectFrom('deliveries')
		.select((eb) => ['status', eb.fn.countAll<number>().as('n')])
		.where('workspace', '=', operation.workspace)
		.groupBy('status')
		.execute();
	return {
		teams: await count('teams'),
		agents: await count('agents'),
		contacts: await count('contacts'),
		messages: await count('messages'),
		conversations: {
			open: await countOf(conversations.where('status', '<>', CLOSED)),
			closed: await countOf(conversations.where('status', '=', CLOSED)),
			queued: await countOf(conversations.where('queue_entered_at', 'is not', null)),
			assigned: await countOf(
				conversations.where('assignee_key', 'is not', null).where('status', '<>', CLOSED),
			),
		},
		deliveries: Object.fromEntries(statuses.map(({ status, n }) => [status, Number(n)])),
	};
}
