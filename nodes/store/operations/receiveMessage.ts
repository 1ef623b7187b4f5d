import type { InboundMessage } from '../../channels/channel';
import { sql } from '../../vendor';
import { owe, recordEvent } from '../events';
import { isTestWorkspace, type Operation } from '../operation';
import { rememberAddress } from './addresses';
import { closeAndServe } from './closeConversation';
import { findByIdentities, findOrCreateContact } from './contacts';
import { findOpenConversation, matches, openFor, type NewConversation } from './conversations';
import {
	appendMessage,
	findMessage,
	storeFirstMessage,
	storeMessage,
	usableTime,
	type NewMessage,
} from './messages';
import { ON_ITS_WAY } from './messageStatus';
import { countReply, markSent } from './finishOutbound';
import { agentOnPlatform } from './platformPeople';
import { ensureSubscription, type SubscriberInput } from './subscriptions';

export interface ReceiveMessageInput {
	message: InboundMessage;
	/** Whether this message may open a conversation (a group's or a reaction usually may not). */
	opens: boolean;
	/** Keep the provider's object with the message. */
	keepRaw: boolean;
	/** The trigger whose webhook received it; made known to the store if it is not yet. */
	subscriber?: SubscriberInput;
	/** Until when the channel takes ordinary answers to this message; null: at any time. */
	replyUntil?: number | null;
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
	if (message.kind === 'echo') return await recordEcho(operation, message, input.keepRaw);

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
	const { replyTo: to, replyContext: context } = message.contact;
	const wrote = message.kind !== 'visit';
	if (message.group === undefined) {
		const at = wrote ? Math.min(usableTime(message.sentAt, operation.now), operation.now) : null;
		await rememberAddress(operation, contact.key, { ...message, to, context }, at);
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
		// Who only came by said nothing that the conversation should hold.
		if (!wrote) return { outcome: 'ignored', conversationId: open.id };
		// What is written in a group does not make the next private answer a public one.
		const isPrivate = message.group === undefined;
		const reply = isPrivate ? { to, context, until: input.replyUntil } : undefined;
		await appendMessage(operation, open, contact, stored, reply);
		return { outcome: 'appended', conversationId: open.id };
	}
	if (!input.opens) return { outcome: 'ignored', conversationId: null };

	const { conversation } = await openFor(operation, contact, {
		channel: message.channel,
		account: message.account,
		replyTo: to ?? null,
		replyContext: context,
		replyUntil: input.replyUntil,
		source: message.source,
		firstText: message.text,
		mentionsAny: input.mentionsAny,
		receivedBy,
	});
	await storeFirstMessage(operation, conversation, contact, stored);
	return { outcome: 'opened', conversationId: conversation.id };
}

function newMessage({
	message,
	keepRaw,
}: Pick<ReceiveMessageInput, 'message' | 'keepRaw'>): NewMessage {
	const { channel, account, id, type, text, attachments, sentAt, raw } = message;
	const { referral, replyToMessageId, choiceId, group } = message;
	const details = {
		...(referral ? { referral } : {}),
		...(replyToMessageId ? { replyToMessageId } : {}),
		...(choiceId ? { choiceId } : {}),
		...(group ? { group } : {}),
	};
	return {
		...{ channel, account, id, type, text, attachments, sentAt },
		...(Object.keys(details).length > 0 ? { details } : {}),
		...(keepRaw ? { raw } : {}),
	};
}

/**
 * What the business wrote on another device or in another app. A person's words count as an answer,
 * a robot's do not; neither opens. What was sent from here comes back this way, too.
 */
async function recordEcho(
	operation: Operation,
	message: InboundMessage,
	keepRaw: boolean,
): Promise<ReceiveMessageResult> {
	const contact = await findByIdentities(operation, message.contact.identities);
	if (!contact) return { outcome: 'ignored', conversationId: null };
	const known = await findMessage(operation, message, message.id);
	if (known) return { outcome: 'duplicate', conversationId: known.conversation_id };
	const open = await findOpenConversation(operation, contact.key);
	const own = open && (await sentFromHere(operation, contact.key, message));
	if (own) {
		await markSent(operation, open, own, { id: message.id, status: 'sent' });
		return { outcome: 'duplicate', conversationId: open.id };
	}
	const { sender } = message;
	const person = sender && (await agentOnPlatform(operation, message.channel, sender));
	const messageId = await storeMessage(
		operation,
		open ?? null,
		contact,
		{ ...newMessage({ message, keepRaw }), ...(person ? { sender: person } : {}) },
		'outbound',
	);
	if (open) {
		const isRobot = sender?.isPerson === false;
		await countReply(operation, open, isRobot ? null : person);
		await recordEvent(operation, {
			type: 'replied',
			conversationId: open.id,
			contactKey: contact.key,
			source: isRobot ? 'workflow' : 'user',
			actor: person ?? null,
			data: { messageId, channel: message.channel, elsewhere: true },
		});
	}
	return { outcome: 'recorded', conversationId: open?.id ?? null };
}

/** A message that is on its way to this contact, and whose echo came before the provider's answer. */
async function sentFromHere(operation: Operation, contactKey: string, message: InboundMessage) {
	return await operation.tx
		.selectFrom('messages')
		.select(['id', 'channel', 'account', 'sender'])
		.where('workspace', '=', operation.workspace)
		.where('channel', '=', message.channel)
		.where('account', '=', message.account)
		.where('status', '=', sql.lit('sending' as const))
		.where('contact_key', '=', contactKey)
		.where('status_at', '>', operation.now - ON_ITS_WAY)
		// A file or a template comes back in the provider's own words; what has the same words goes first.
		.where((eb) =>
			eb.or([
				eb('text', '=', message.text),
				eb('type', '=', 'template'),
				eb.and([eb('type', '=', message.type), eb('type', '<>', 'text')]),
			]),
		)
		.orderBy(sql`case when text = ${message.text} then 0 else 1 end`)
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirst();
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
