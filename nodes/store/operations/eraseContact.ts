import { sql } from '../../vendor';
import { withoutPerson } from '../../decisions/routingRecord';
import { contactNotFound } from '../errors';
import { recordEvent } from '../events';
import { parseJson } from '../json';
import { locked, type Operation } from '../operation';
import { closeAndServe } from './closeConversation';
import { lockContact, type ContactRow } from './contacts';
import type { ConversationRow } from './conversations';
import { findContact } from './find';
import { WITHOUT_CONTENT } from './retention';
import { copiesOf } from './testRuns';
import { emptyWaits } from './waits/waits';

export interface EraseContactInput {
	/** Key, phone, e-mail address, or the id that a channel knows the contact by. */
	contact: string;
	source: string;
	actor?: string;
}

/** What was removed. */
export interface Removed {
	/** Conversations that lost what was written in them; their numbers stay. */
	conversations: number;
	messages: number;
	identities: number;
}

export interface EraseContactResult extends Removed {
	/** The row that is left. */
	key: string;
	/** It was erased before; nothing was changed. */
	alreadyErased: boolean;
}

/**
 * Removes everything personal of a contact: what was written, who it was, how to reach them. What
 * reports count stays, under a key that leads to nobody. An open conversation is closed first. The
 * same person's next message makes a new contact.
 *
 * @throws StoreError `ContactNotFound`
 */
export async function eraseContact(
	operation: Operation,
	input: EraseContactInput,
): Promise<EraseContactResult> {
	const { key } = await findContact(operation, input.contact);
	const contact = await lockContact(operation, key);
	if (!contact) throw contactNotFound(input.contact);
	if (contact.erased_at !== null) {
		return { key, alreadyErased: true, conversations: 0, messages: 0, identities: 0 };
	}
	const { source } = input;
	const actor = input.actor ?? null;
	const removed = await erase(operation, contact, input);
	await recordEvent(operation, {
		type: 'contact_erased',
		contactKey: key,
		source,
		actor,
		data: { ...removed },
	});
	return { key, alreadyErased: false, ...removed };
}

/**
 * Test runs work on copies of customers. Erases one copy of this contact, in the workspace of tests.
 *
 * @returns whether there was one
 */
export async function eraseTestCopy(operation: Operation, key: string): Promise<boolean> {
	const copy = await copiesOf(operation, key)
		.select('contact_key')
		.orderBy('external_id')
		.limit(1)
		.executeTakeFirst();
	const contact = copy && (await lockContact(operation, copy.contact_key));
	if (!contact) return false;
	await erase(operation, contact, { source: 'test' });
	return true;
}

async function erase(
	operation: Operation,
	contact: ContactRow,
	by: Pick<EraseContactInput, 'source' | 'actor'>,
): Promise<Removed> {
	const conversations = await lockConversations(operation, contact);
	for (const conversation of conversations) {
		if (conversation.status === 'closed') continue;
		await closeAndServe(operation, conversation, { ...by, category: null, summary: null });
	}
	const messages = await eraseMessages(operation, contact);
	await eraseFromEvents(operation, contact);
	await emptyWaits(operation, conversationsOf(operation, contact));
	await operation.tx
		.updateTable('conversations')
		.set({
			reply_to: null,
			reply_context: null,
			summary: null,
			// It may be an answer in the contact's own words.
			intent: null,
			texts_erased_at: operation.now,
			version: sql<number>`version + 1`,
		})
		.where('contact_key', '=', contact.key)
		.execute();
	await operation.tx.deleteFrom('addresses').where('contact_key', '=', contact.key).execute();
	await operation.tx.deleteFrom('lookups').where('contact_key', '=', contact.key).execute();
	const { numDeletedRows } = await operation.tx
		.deleteFrom('identities')
		.where('contact_key', '=', contact.key)
		.executeTakeFirstOrThrow();
	await operation.tx
		.updateTable('contacts')
		.set({
			name: null,
			phone: null,
			email: null,
			language: null,
			country: null,
			timezone: null,
			tags: '[]',
			fields: '{}',
			erased_at: operation.now,
		})
		.where('key', '=', contact.key)
		.execute();
	return { conversations: conversations.length, messages, identities: Number(numDeletedRows) };
}

async function lockConversations(
	operation: Operation,
	contact: ContactRow,
): Promise<ConversationRow[]> {
	return await locked(
		operation,
		operation.tx
			.selectFrom('conversations')
			.selectAll()
			.where('contact_key', '=', contact.key)
			.orderBy('opened_at')
			.orderBy('id'),
	).execute();
}

/**
 * Rows stay where a conversation counts them, without what was said or by which id the channel could
 * find it: an edit that comes later finds nothing to write to.
 */
async function eraseMessages(operation: Operation, contact: ContactRow): Promise<number> {
	const { numUpdatedRows } = await operation.tx
		.updateTable('messages')
		.set({
			...WITHOUT_CONTENT,
			sender: null,
			channel_message_id: sql<string>`id`,
			send_key: null,
		})
		.where('conversation_id', 'in', conversationsOf(operation, contact))
		.executeTakeFirstOrThrow();
	const { numDeletedRows } = await operation.tx
		.deleteFrom('messages')
		.where('contact_key', '=', contact.key)
		.where('conversation_id', 'is', null)
		.executeTakeFirstOrThrow();
	return Number(numUpdatedRows) + Number(numDeletedRows);
}

const conversationsOf = (operation: Operation, contact: ContactRow) =>
	operation.tx.selectFrom('conversations').select('id').where('contact_key', '=', contact.key);

/**
 * What an event says about the person: tags, what a routing rule found in language, country or text,
 * what an agent wrote who declined.
 */
const impersonal: Record<string, (data: Record<string, unknown>) => Record<string, unknown>> = {
	// The provider's own words may name the number.
	message_failed: (data) => ({ ...data, reason: null }),
	enriched: (data) => ({ ...data, tags: [], ...('intent' in data ? { intent: null } : {}) }),
	routed: withoutPerson,
	unrouted: withoutPerson,
	// Who gives a conversation back may say of whom it is.
	unassigned: (data) => (data.returned === 'declined' ? { ...data, reason: 'Declined' } : data),
};

async function eraseFromEvents(operation: Operation, contact: ContactRow): Promise<void> {
	const telling = operation.tx
		.selectFrom('events')
		.select(['id', 'type', 'data'])
		.where('type', 'in', Object.keys(impersonal) as never[]);
	const rows = [
		...(await telling
			.where('conversation_id', 'in', conversationsOf(operation, contact))
			.execute()),
		// Of no conversation: written by a flow that began with something else.
		...(await telling
			.where('contact_key', '=', contact.key)
			.where('conversation_id', 'is', null)
			.execute()),
	];
	for (const { id, type, data } of rows) {
		const kept = impersonal[type]?.(parseJson<Record<string, unknown>>(data, {})) ?? {};
		await operation.tx
			.updateTable('events')
			.set({ data: JSON.stringify(kept) })
			.where('id', '=', id)
			.execute();
	}
}
