import type { InboundMessage } from '../channel';
import { contactOf } from './contact';
import { choiceOf, contentOf } from './content';
import type { Content } from '../content';
import { fieldsOf, idOf, millisecondsOf, present, textOf, wordOf, type Fields } from '../fields';

/** One element of `messages[]` or `message_echoes[]`: a message, or a sentence why it is none. */
export type Outcome = { message: InboundMessage } | { ignored: string } | { malformed: string };

/** What the webhook says once for all the messages beside each other in it. */
export interface Surroundings {
	/** `metadata.phone_number_id`: the business number that was written to. */
	account: string | undefined;
	contacts: unknown[];
	now: number;
}

const NO_OBJECT: Outcome = { malformed: 'is not an object' };

/**
 * Acts on earlier messages that the Cloud API only reports as `unsupported`, with no word about
 * which message they touch. The customer asked for nothing by them.
 */
const UNSUPPORTED_ACTS = new Set(['edit', 'pin', 'reaction', 'keep_in_chat', 'poll_update']);

/** Reads an element of `messages[]`: something the customer did. */
export function readCustomerMessage(element: unknown, around: Surroundings): Outcome {
	const message = fieldsOf(element);
	if (!message) return NO_OBJECT;

	switch (message.type) {
		case 'system':
			return { ignored: `is a system notice (${wordOf(fieldsOf(message.system)?.type)})` };
		case 'request_welcome':
			return { ignored: 'says that the customer opened the chat and wrote nothing yet' };
		case 'edit':
			return readEdit(message, around);
		case 'revoke':
			return build('delete', message, around, {
				...target(fieldsOf(message.revoke)?.original_message_id),
				content: { type: 'text', text: '[deleted]', attachments: [] },
			});
		case 'reaction':
			return readReaction(message, around);
		case 'unsupported': {
			const act = fieldsOf(message.unsupported)?.type;
			if (typeof act === 'string' && UNSUPPORTED_ACTS.has(act)) {
				return { ignored: `is an act on an earlier message (${act}) that WhatsApp does not show` };
			}
			return build('message', message, around, { content: contentOf(message) });
		}
		default:
			return build('message', message, around, { content: contentOf(message) });
	}
}

/**
 * Reads an element of `message_echoes[]`: something the business wrote in the WhatsApp Business app
 * or on a linked device (Meta, "smb_message_echoes webhook reference"). The contact is the customer
 * it was written to.
 */
export function readEcho(element: unknown, around: Surroundings): Outcome {
	const message = fieldsOf(element);
	if (!message) return NO_OBJECT;

	switch (message.type) {
		case 'edit':
		case 'revoke':
		case 'reaction':
		case 'system':
			return { ignored: `is the business's own ${message.type}, not a new message` };
	}
	const content = contentOf(message);
	const outcome = build('echo', message, around, { content });
	if ('malformed' in outcome && idOf(message.group_id) !== undefined) {
		return { ignored: 'was written by the business to a group, not to one customer' };
	}
	return outcome;
}

function readEdit(message: Fields, around: Surroundings): Outcome {
	const edit = fieldsOf(message.edit);
	return build('edit', message, around, {
		...target(edit?.original_message_id),
		content: contentOf(fieldsOf(edit?.message) ?? {}),
	});
}

function readReaction(message: Fields, around: Surroundings): Outcome {
	const reaction = fieldsOf(message.reaction);
	const emoji = textOf(reaction?.emoji);
	// Meta sends a reaction that is taken back with the emoji missing or empty.
	if (emoji === undefined) return { ignored: 'is a reaction that was taken back' };
	return build('reaction', message, around, {
		...target(reaction?.message_id),
		content: { type: 'reaction', text: emoji, attachments: [] },
	});
}

interface Parts {
	content: Content;
	targeted?: true;
	targetId?: string;
}

function target(id: unknown): Pick<Parts, 'targeted' | 'targetId'> {
	return { targeted: true, targetId: idOf(id) };
}

function build(
	kind: InboundMessage['kind'],
	message: Fields,
	around: Surroundings,
	{ content, targeted, targetId }: Parts,
): Outcome {
	const { account } = around;
	if (account === undefined) {
		return { malformed: 'came without metadata.phone_number_id, so it belongs to no number' };
	}
	const id = idOf(message.id);
	if (id === undefined) return { malformed: 'has no id that can be used' };
	if (targeted && targetId === undefined) {
		return { malformed: `does not say which message its ${kind} is about` };
	}
	const ids =
		kind === 'echo' ? [message.to_user_id, message.to] : [message.from_user_id, message.from];
	const contact = contactOf(ids, around.contacts, account);
	if (!contact) {
		return { malformed: 'names no customer: neither a phone number nor a user ID can be read' };
	}
	const referral = fieldsOf(message.referral);

	return {
		message: present({
			kind,
			channel: 'whatsapp',
			account,
			id,
			targetId,
			source: referral && kind === 'message' ? 'ctc_ads' : 'contact',
			contact,
			type: content.type,
			text: content.text,
			attachments: content.attachments,
			sentAt: millisecondsOf(message.timestamp, around.now),
			group: idOf(message.group_id),
			replyToMessageId: idOf(fieldsOf(message.context)?.id),
			choiceId: kind === 'message' ? choiceOf(message) : undefined,
			referral,
			raw: message,
		}),
	};
}
