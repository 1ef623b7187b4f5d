import type { LastTeam, RouteDecision } from '../../decisions/contracts';
import type { RecordedFacts } from '../../decisions/routingRecord';
import type { Selectable } from '../../vendor';
import { parseJson } from '../json';
import type { Operation } from '../operation';
import type { ContactTable, EventTable, MessageTable } from '../schema';
import { contactView, messageView, type ContactView, type MessageView } from '../views';
import type { ConversationRow } from './conversations';
import { lastTeamOf } from './routingFacts';

export interface PastConversationsInput {
	/** At or after this moment. */
	openedFrom: number;
	/** Before this moment. */
	openedBefore: number;
	channel?: string;
	/** Whether to look for the contact's last team as it was then. */
	lastTeam: boolean;
}

/** A conversation that opened in the past, with what is known of how it was routed. */
export interface PastConversation {
	id: string;
	openedAt: number;
	channel: string;
	account: string;
	source: string;
	isReturning: boolean;
	/** As it is now. */
	intent: string | null;
	/** Where it is now, or was when it closed. */
	team: string | null;
	/** As it is now. */
	contact: ContactView;
	/** The contact was erased, and all that is personal with it. */
	erased: boolean;
	/** The first message; null when it opened without one. */
	message: MessageView | null;
	/** What the message said was removed: by retention, an erasure, the contact. */
	textGone: boolean;
	/** When the contact changed it. */
	editedAt: number | null;
	/** How it was first routed; null when it never was. */
	routed: PastRouting | null;
	lastTeam: LastTeam | null;
}

export interface PastRouting {
	at: number;
	team: string | null;
	/** Null where no rules decided: a person, a platform, an assignment. */
	decision: RouteDecision | null;
	/** Null where they were not kept. */
	facts: RecordedFacts | null;
}

/** Where the next page begins: behind this conversation. */
export interface PagePlace {
	openedAt: number;
	id: string;
}

/** Some of them, the oldest first. Writes nothing. */
export async function pastConversations(
	operation: Operation,
	input: PastConversationsInput & { after: PagePlace | null; limit: number },
): Promise<PastConversation[]> {
	const rows = await pageOf(operation, input);
	if (rows.length === 0) return [];
	const contacts = await byContact(operation, rows);
	const messages = await byMessage(operation, rows);
	const routings = await byConversation(operation, rows);
	const found: PastConversation[] = [];
	for (const row of rows) {
		const contact = contacts.get(row.contact_key);
		if (!contact) continue;
		const message = messages.get(row.first_message_id ?? '') ?? null;
		found.push({
			id: row.id,
			openedAt: Number(row.opened_at),
			...{ channel: row.channel, account: row.account, source: row.source },
			isReturning: row.ordinal > 1,
			intent: row.intent,
			team: row.team_key,
			contact: contactView(contact, row.ordinal),
			erased: contact.erased_at !== null,
			message: message && messageView(message),
			textGone: message !== null && (row.texts_erased_at !== null || message.deleted_at !== null),
			editedAt: message?.edited_at ? Number(message.edited_at) : null,
			routed: routings.get(row.id) ?? null,
			lastTeam: input.lastTeam && row.ordinal > 1 ? await lastTeamOf(operation, row) : null,
		});
	}
	return found;
}

async function pageOf(
	operation: Operation,
	input: PastConversationsInput & { after: PagePlace | null; limit: number },
): Promise<ConversationRow[]> {
	const { after } = input;
	let query = operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where('opened_at', '>=', after?.openedAt ?? input.openedFrom)
		.where('opened_at', '<', input.openedBefore)
		.where('merged_into', 'is', null)
		.orderBy('opened_at')
		.orderBy('id')
		.limit(input.limit);
	if (after) {
		query = query.where((eb) =>
			eb.or([eb('opened_at', '>', after.openedAt), eb('id', '>', after.id)]),
		);
	}
	if (input.channel !== undefined) query = query.where('channel', '=', input.channel);
	return await query.execute();
}

async function byContact(
	operation: Operation,
	rows: ConversationRow[],
): Promise<Map<string, Selectable<ContactTable>>> {
	const keys = [...new Set(rows.map((row) => row.contact_key))];
	const contacts = await operation.tx
		.selectFrom('contacts')
		.selectAll()
		.where('key', 'in', keys)
		.execute();
	return new Map(contacts.map((contact) => [contact.key, contact]));
}

async function byMessage(
	operation: Operation,
	rows: ConversationRow[],
): Promise<Map<string, Selectable<MessageTable>>> {
	const ids = rows.flatMap((row) => row.first_message_id ?? []);
	if (ids.length === 0) return new Map();
	const messages = await operation.tx
		.selectFrom('messages')
		.selectAll()
		.where('id', 'in', ids)
		.execute();
	return new Map(messages.map((message) => [message.id, message]));
}

/** The first routing of each; that by rules, where something else came before them. */
async function byConversation(
	operation: Operation,
	rows: ConversationRow[],
): Promise<Map<string, PastRouting>> {
	const events = await operation.tx
		.selectFrom('events')
		.select(['conversation_id', 'at', 'data'])
		.where(
			'conversation_id',
			'in',
			rows.map(({ id }) => id),
		)
		.where('type', 'in', ['routed', 'unrouted'])
		.orderBy('id')
		.execute();
	const routings = new Map<string, PastRouting>();
	for (const event of events) {
		const id = event.conversation_id ?? '';
		const routing = routingOf(event);
		const known = routings.get(id);
		if (!known || (known.decision === null && routing.decision !== null)) routings.set(id, routing);
	}
	return routings;
}

function routingOf({ at, data }: Pick<Selectable<EventTable>, 'at' | 'data'>): PastRouting {
	const { team, decision, facts } = parseJson<{
		team?: string | null;
		decision?: RouteDecision | null;
		facts?: RecordedFacts;
	}>(data, {});
	return { at: Number(at), team: team ?? null, decision: decision ?? null, facts: facts ?? null };
}
