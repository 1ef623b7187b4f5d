import type { InboundMessage } from '../../channels/channel';
import { sql } from '../../vendor';
import { owe } from '../events';
import { isTestWorkspace, type Operation } from '../operation';
import { closeAndServe } from './closeConversation';
import { findByIdentities, findOrCreateContact } from './contacts';
import { findOpenConversation, matches, openFor, type NewConversation } from './conversations';
import {
	appendMessage,
	findMessage,
	recordReply,
	storeFirstMessage,
	storeMessage,
	type NewMessage,
} from './messages';
import { ensureSubscription, type SubscriberInput } from './subscriptions';

export interface ReceiveMessageInput {
	message: InboundMessage;
	/** Whether this message may open a conversation (a group's or a reaction usually may not). */
	opens: boolean;
	/** Keep the provider's object with the message. */
	keepRaw: boolean;
	/** The trigger whose webhook received it; made known to the store if it is not yet. */
	subscriber?: SubscriberInput;
	/** A test message always opens: what the contact has open in the test workspace is closed first. */
	alwaysOpen?: boolean;
	mentionsAny: NewConversation['mentionsAny'];
}

export interface ReceiveMessageResult {
	/**
	 * - `opened`: a conversation began · `appended`: it belongs to one that is open
	 * - `duplicate`: known already · `recorded`: the business wrote it elsewhere
	 * - `changed`: an earlier message was edited or deleted · `blocked`: the contact is blocked
	 * - `ignored`: nothing to do (no open conversation and may not open, unknown message edited)
	 */
	outcome: 'opened' | 'appended' | 'duplicate' | 'recorded' | 'changed' | 'blocked' | 'ignored';
	conversationId: string | null;
}

/**
 * The edge where messages come in. In one transaction: known already? → who writes → open
 * conversation? append, otherwise open, with the event and what is owed to subscribed flows.
 * The caller answers the channel only after this has returned.
 */
export async function receiveMessage(
	operation: Operation,
	input: ReceiveMessageInput,
): Promise<ReceiveMessageResult> {
	const { message } = input;
	// It closes what is open, so never in the workspace of real customers.
	const alwaysOpen = input.alwaysOpen === true && isTestWorkspace(operation.workspace);
	const receivedBy = input.subscriber
		? await ensureSubscription(operation, input.subscriber, message.account)
		: undefined;
	if (message.kind === 'edit' || message.kind === 'delete') return await change(operation, message);
	if (message.kind === 'echo') return await recordEcho(operation, input);

	const contact = await findOrCreateContact(operation, message.contact, 'channel');
	const known = await findMessage(operation, message, message.id);
	if (known && !alwaysOpen) {
		await oweOnRepeat(operation, known, input, receivedBy);
		return { outcome: 'duplicate', conversationId: known.conversation_id };
	}
	if (contact.blocked_at !== null) {
		await operation.tx
			.updateTable('contacts')
			.set({ blocked_messages: contact.blocked_messages + 1 })
			.where('key', '=', contact.key)
			.execute();
		return { outcome: 'blocked', conversationId: null };
	}
	let open = await findOpenConversation(operation, contact.key);
	if (alwaysOpen) {
		if (open) {
			await closeAndServe(operation, open, { source: 'test', category: null, summary: null });
			open = undefined;
		}
		if (known) await forget(operation, known);
	}
	const stored = newMessage(input);
	if (open) {
		await appendMessage(operation, open, contact, stored, message.contact.replyTo);
		return { outcome: 'appended', conversationId: open.id };
	}
	if (!input.opens) return { outcome: 'ignored', conversationId: null };

	const { conversation } = await openFor(operation, contact, {
		channel: message.channel,
		account: message.account,
		replyTo: message.contact.replyTo ?? null,
		source: message.source,
		firstText: message.text,
		mentionsAny: input.mentionsAny,
		receivedBy,
	});
	await storeFirstMessage(operation, conversation, contact, stored);
	return { outcome: 'opened', conversationId: conversation.id };
}

function newMessage({ message, keepRaw }: ReceiveMessageInput): NewMessage {
	const { channel, account, id, type, text, attachments, sentAt, raw } = message;
	const { referral, replyToMessageId, group } = message;
	const details = {
		...(referral ? { referral } : {}),
		...(replyToMessageId ? { replyToMessageId } : {}),
		...(group ? { group } : {}),
	};
	return {
		...{ channel, account, id, type, text, attachments, sentAt },
		...(Object.keys(details).length > 0 ? { details } : {}),
		...(keepRaw ? { raw } : {}),
	};
}

/** What the business wrote on another device or in another app. Counts as an answer; never opens. */
async function recordEcho(
	operation: Operation,
	input: ReceiveMessageInput,
): Promise<ReceiveMessageResult> {
	const { message } = input;
	const contact = await findByIdentities(operation, message.contact.identities);
	if (!contact) return { outcome: 'ignored', conversationId: null };
	const known = await findMessage(operation, message, message.id);
	if (known) return { outcome: 'duplicate', conversationId: known.conversation_id };
	const open = await findOpenConversation(operation, contact.key);
	const messageId = await storeMessage(
		operation,
		open ?? null,
		contact,
		newMessage(input),
		'outbound',
	);
	if (open) await recordReply(operation, open, contact, messageId, message.channel);
	return { outcome: 'recorded', conversationId: open?.id ?? null };
}

/** The customer edited or deleted an earlier message. */
async function change(
	operation: Operation,
	message: InboundMessage,
): Promise<ReceiveMessageResult> {
	const target = message.targetId && (await findMessage(operation, message, message.targetId));
	if (!target) return { outcome: 'ignored', conversationId: null };
	// What was removed because of its age, or by an erasure, does not come back by a late edit.
	if (message.kind === 'edit' && (await textsWereErased(operation, target.conversation_id))) {
		return { outcome: 'ignored', conversationId: target.conversation_id };
	}
	const changes =
		message.kind === 'delete'
			? { text: '', attachments: '[]', raw: null, deleted_at: operation.now }
			: {
					text: message.text,
					attachments: JSON.stringify(message.attachments),
					edited_at: operation.now,
				};
	await operation.tx.updateTable('messages').set(changes).where('id', '=', target.id).execute();
	return { outcome: 'changed', conversationId: target.conversation_id };
}

async function textsWereErased(operation: Operation, id: string | null): Promise<boolean> {
	if (id === null) return false;
	const row = await operation.tx
		.selectFrom('conversations')
		.select('texts_erased_at')
		.where('id', '=', id)
		.executeTakeFirst();
	return row !== undefined && row.texts_erased_at !== null;
}

/** Test runs repeat the same sample: the earlier copy makes room. Only ever in a test workspace. */
async function forget(
	operation: Operation,
	known: { id: string; conversation_id: string | null },
): Promise<void> {
	if (known.conversation_id !== null) {
		await operation.tx
			.updateTable('conversations')
			.set({
				inbound_count: sql<number>`inbound_count - 1`,
				first_message_id: sql<string>`nullif(first_message_id, ${known.id})`,
			})
			.where('id', '=', known.conversation_id)
			.execute();
	}
	await operation.tx.deleteFrom('messages').where('id', '=', known.id).execute();
}

/**
 * The same message again, perhaps through another trigger: if it is what opened a conversation that
 * is still open, the trigger that received it is owed the opening, once.
 */
async function oweOnRepeat(
	operation: Operation,
	known: { id: string; conversation_id: string | null },
	input: ReceiveMessageInput,
	receivedBy: string | undefined,
): Promise<void> {
	if (!receivedBy || !known.conversation_id) return;
	const conversation = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('id', '=', known.conversation_id)
		.where('first_message_id', '=', known.id)
		.executeTakeFirst();
	const subscription = (await operation.subscriptions()).find(({ id }) => id === receivedBy);
	if (!conversation || conversation.status === 'closed' || !subscription) return;
	const how = { firstText: input.message.text, mentionsAny: input.mentionsAny, receivedBy };
	if (!matches(subscription, conversation, how)) return;
	const opened = await operation.tx
		.selectFrom('events')
		.select('id')
		.where('conversation_id', '=', conversation.id)
		.where('type', '=', 'opened')
		.executeTakeFirst();
	if (opened) await owe(operation, receivedBy, opened.id, conversation.id);
}
