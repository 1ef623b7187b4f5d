import type { InboundMessage } from '../channel';
import { fieldsOf, idOf, millisecondsOf, present, textOf, wordOf, type Fields } from '../fields';
import { messageIdOf } from './bot';
import { contactOf, ownPhoneOf } from './contact';
import { contentOf, nameOf } from './content';
import {
	dateOf,
	FROM_A_BOT,
	isBot,
	NO_CHAT,
	NO_OBJECT,
	NO_SENDER,
	placeOf,
	type Outcome,
	type Place,
	type Surroundings,
} from './place';
import { serviceNoticeOf } from './service';

/** Reads `message`: what was written to the bot, or in a group that it is in. */
export const readMessage = (element: unknown, around: Surroundings) =>
	read(element, around, false, false);

export const readEdited = (element: unknown, around: Surroundings) =>
	read(element, around, false, true);

/**
 * Reads `business_message`: what the contact wrote to a business account that the bot is connected
 * to, or what its owner (or the bot itself) wrote back.
 */
export const readBusiness = (element: unknown, around: Surroundings) =>
	read(element, around, true, false);

export const readEditedBusiness = (element: unknown, around: Surroundings) =>
	read(element, around, true, true);

function read(element: unknown, around: Surroundings, business: boolean, edited: boolean): Outcome {
	const message = fieldsOf(element);
	if (!message) return NO_OBJECT;
	const notice = serviceNoticeOf(message);
	if (notice !== undefined) return { ignored: `is a notice of Telegram (${wordOf(notice)})` };
	const place = placeOf(message);
	if (!place) return NO_CHAT;

	// A business account has chats with one person each, and their number is that person's.
	const from = fieldsOf(message.from);
	const isOwn =
		business &&
		(fieldsOf(message.sender_business_bot) !== undefined ||
			(idOf(from?.id) !== undefined && idOf(from?.id) !== place.chat));
	if (isOwn) {
		return edited
			? { ignored: "is a change of the business's own message" }
			: build('echo', message, place, around);
	}
	if (isBot(from)) return FROM_A_BOT;
	if (message.is_automatic_forward === true || fieldsOf(message.sender_chat)) {
		return { ignored: 'was written in the name of a group or channel, not by a person' };
	}
	return build(edited ? 'edit' : 'message', message, place, around);
}

function build(
	kind: 'message' | 'echo' | 'edit',
	message: Fields,
	place: Place,
	around: Surroundings,
): Outcome {
	const target = messageIdOf(place.connection, place.chat, message.message_id);
	if (kind === 'edit' && target === undefined) {
		return { malformed: 'does not say which message was changed' };
	}
	const person = kind === 'echo' ? message.chat : message.from;
	const phone = kind === 'echo' ? undefined : ownPhoneOf(message);
	const contact = contactOf(fieldsOf(person), around.account, place, phone);
	if (!contact) return NO_SENDER;
	const quoted = fieldsOf(message.reply_to_message);
	const date = kind === 'edit' ? (dateOf(message.edit_date) ?? message.date) : message.date;

	return {
		message: present({
			kind,
			channel: 'telegram',
			account: around.account,
			// An edit happens once in an update and may happen again, so the update names it. Messages
			// without a number of their own exist (Bot API, `Message.message_id`).
			id: kind === 'edit' ? `edit:${around.updateId}` : (target ?? `update:${around.updateId}`),
			targetId: kind === 'edit' ? target : undefined,
			source: 'contact' as const,
			contact,
			...contentOf(message),
			sentAt: millisecondsOf(dateOf(date), around.now),
			group: place.group,
			sender: kind === 'echo' ? authorOf(message) : undefined,
			replyToMessageId: messageIdOf(place.connection, place.chat, quoted?.message_id),
			referral: kind === 'message' ? linkOf(message.text) : undefined,
			raw: message,
		}),
	};
}

/** Who of the business wrote: a person, or the bot or an automatic greeting in its name. */
function authorOf(message: Fields): InboundMessage['sender'] {
	const bot = fieldsOf(message.sender_business_bot);
	const author = bot ?? fieldsOf(message.from) ?? {};
	return present({
		id: idOf(author.id),
		name: nameOf(author) ?? textOf(author.username),
		isPerson: bot === undefined && message.is_from_offline !== true,
	});
}

/**
 * A link to the bot may carry a word (`https://t.me/<bot>?start=<word>`), which comes as a command
 * when the contact presses Start (Bot features, "Deep linking").
 */
function linkOf(text: unknown): InboundMessage['referral'] {
	const [, ref] = typeof text === 'string' ? (/^\/start(?:@\w+)? ([\w-]+)$/.exec(text) ?? []) : [];
	return ref === undefined ? undefined : { ref };
}
