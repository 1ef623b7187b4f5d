import type { Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { rememberAddress } from './addresses';
import { findOrCreateContact, type ContactInput } from './contacts';
import { findOpenConversation, openFor, type NewConversation } from './conversations';
import {
	appendMessage,
	findMessage,
	storeFirstMessage,
	usableTime,
	type NewMessage,
} from './messages';

export interface OpenConversationInput {
	contact: ContactInput;
	channel: string;
	account: string;
	/** Who opens: `workflow`, `user`, `api`, `contact` … */
	source: string;
	actor?: string;
	/** Where an answer goes, for channels that Send Message can answer. */
	reply?: { to: string; context?: Record<string, unknown> };
	/** The first message, where there is one. The same id again opens nothing. */
	message?: Omit<NewMessage, 'channel' | 'account'>;
	mentionsAny: NewConversation['mentionsAny'];
}

export interface OpenConversationResult extends ConversationItem {
	/** False when the contact had one open: that one is returned, and the message is in it. */
	opened: boolean;
}

/** Opens a conversation for anything that n8n can hear of: e-mails, forms, other systems. */
export async function openConversation(
	operation: Operation,
	input: OpenConversationInput,
): Promise<OpenConversationResult> {
	const { channel, account } = input;
	const given = input.message && { channel, account, ...input.message };
	const contact = await findOrCreateContact(operation, input.contact, 'input');
	const known = given && (await findMessage(operation, given, given.id));
	// One that is stored without a conversation (written elsewhere, before this) stays as it is.
	const message = known ? undefined : given;
	if (known?.conversation_id) {
		const earlier = await operation.tx
			.selectFrom('conversations')
			.selectAll()
			.where('id', '=', known.conversation_id)
			.executeTakeFirstOrThrow();
		return { opened: false, ...(await conversationItem(operation, earlier)) };
	}
	const reply = input.reply && { to: input.reply.to, context: input.reply.context };
	if (reply) {
		const wroteAt = message
			? Math.min(usableTime(message.sentAt, operation.now), operation.now)
			: null;
		await rememberAddress(operation, contact.key, { channel, account, ...reply }, wroteAt);
	}
	const open = await findOpenConversation(operation, contact.key);
	if (open) {
		if (!message) return { opened: false, ...(await conversationItem(operation, open)) };
		const { conversation, messageId } = await appendMessage(
			operation,
			open,
			contact,
			message,
			reply,
		);
		return { opened: false, ...(await conversationItem(operation, conversation, messageId)) };
	}
	const { conversation } = await openFor(operation, contact, {
		channel,
		account,
		replyTo: reply?.to ?? null,
		replyContext: reply?.context,
		source: input.source,
		actor: input.actor ?? null,
		firstText: message?.text ?? '',
		mentionsAny: input.mentionsAny,
	});
	const row = message
		? await storeFirstMessage(operation, conversation, contact, message)
		: conversation;
	return { opened: true, ...(await conversationItem(operation, row)) };
}
