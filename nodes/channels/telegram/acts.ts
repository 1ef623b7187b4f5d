import type { Consent } from '../channel';
import {
	fieldsOf,
	idOf,
	listOf,
	millisecondsOf,
	present,
	textOf,
	wordOf,
	type Fields,
} from '../fields';
import { messageIdOf } from './bot';
import { contactOf } from './contact';
import {
	dateOf,
	FROM_A_BOT,
	isBot,
	NO_CHAT,
	NO_OBJECT,
	NO_SENDER,
	placeOf,
	type Outcome,
	type Surroundings,
} from './place';

/**
 * Reads `callback_query`: a button under a message was pressed. `from` is who pressed it; the author
 * of the message that holds the button is the bot.
 */
export function readButtonPress(element: unknown, around: Surroundings): Outcome {
	const query = fieldsOf(element);
	if (!query) return NO_OBJECT;
	const id = idOf(query.id);
	if (id === undefined) return { malformed: 'has no id that can be used' };
	const person = fieldsOf(query.from);
	const personId = idOf(person?.id);
	if (personId === undefined) return NO_SENDER;
	if (isBot(person)) return FROM_A_BOT;
	const data = textOf(query.data);
	if (data === undefined) return { ignored: 'is the start of a game, not the press of a button' };

	// The message may be one of another chat that the bot does not see; then the answer goes to the person.
	const under = fieldsOf(query.message) ?? {};
	const place = placeOf(under) ?? { chat: personId, context: {} };
	if (place.connection !== undefined && personId !== place.chat) {
		return { ignored: 'was pressed by the business itself' };
	}
	const context = { ...place.context, callbackQueryId: id };
	const contact = contactOf(person, around.account, { ...place, context });
	if (!contact) return NO_SENDER;
	return {
		message: present({
			kind: 'message' as const,
			channel: 'telegram',
			account: around.account,
			id: `callback:${id}`,
			source: 'contact' as const,
			contact,
			type: 'button' as const,
			text: titleOf(under, query.data) ?? data,
			choiceId: data,
			attachments: [],
			// It does not say when; the date beside it is that of the message.
			sentAt: around.now,
			group: place.group,
			replyToMessageId: messageIdOf(place.connection, place.chat, under.message_id),
			raw: query,
		}),
	};
}

/** What stood on the button; the update itself says only what the bot put behind it. */
function titleOf(message: Fields, data: unknown): string | undefined {
	const rows = listOf(fieldsOf(message.reply_markup)?.inline_keyboard);
	const pressed = rows
		.flatMap(listOf)
		.map(fieldsOf)
		.find((button) => button !== undefined && button.callback_data === data);
	return textOf(pressed?.text);
}

/** Reads `message_reaction`: somebody changed their emojis on a message. */
export function readReaction(element: unknown, around: Surroundings): Outcome {
	const reaction = fieldsOf(element);
	if (!reaction) return NO_OBJECT;
	const place = placeOf(reaction);
	if (!place) return NO_CHAT;
	const person = fieldsOf(reaction.user);
	if (!person && fieldsOf(reaction.actor_chat)) {
		return { ignored: 'is a reaction of nobody in particular' };
	}
	if (isBot(person)) return FROM_A_BOT;
	const added = addedTo(listOf(reaction.old_reaction), listOf(reaction.new_reaction));
	if (!added) return { ignored: 'is a reaction that was taken back' };
	const targetId = messageIdOf(place.connection, place.chat, reaction.message_id);
	if (targetId === undefined) {
		return { malformed: 'does not say which message its reaction is about' };
	}
	const contact = contactOf(person, around.account, place);
	if (!contact) return NO_SENDER;
	return {
		message: present({
			kind: 'reaction' as const,
			channel: 'telegram',
			account: around.account,
			id: `reaction:${around.updateId}`,
			targetId,
			source: 'contact' as const,
			contact,
			type: 'reaction' as const,
			// A custom emoji is a picture and has no letter.
			text: textOf(added.emoji) ?? '[reaction]',
			attachments: [],
			sentAt: millisecondsOf(dateOf(reaction.date), around.now),
			group: place.group,
			raw: reaction,
		}),
	};
}

/** Both lists are whole: what is in the new one alone was added. */
function addedTo(before: unknown[], after: unknown[]): Fields | undefined {
	const sign = (reaction: Fields) =>
		['type', 'emoji', 'custom_emoji_id'].map((key) => textOf(reaction[key]) ?? '').join(' ');
	const known = new Set(before.map((one) => sign(fieldsOf(one) ?? {})));
	return after.map(fieldsOf).find((one) => one !== undefined && !known.has(sign(one)));
}

/**
 * Reads `deleted_business_messages`. It does not say who deleted them; messages of the business that
 * are not stored are nothing to anybody.
 */
export function readDeletions(element: unknown, around: Surroundings): Outcome | Outcome[] {
	const deleted = fieldsOf(element);
	if (!deleted) return NO_OBJECT;
	const place = placeOf(deleted);
	const contact = place && contactOf(fieldsOf(deleted.chat), around.account, place);
	if (!place || !contact) return NO_CHAT;
	if (!Array.isArray(deleted.message_ids)) return { malformed: 'has no list "message_ids"' };
	return deleted.message_ids.map((number: unknown): Outcome => {
		const targetId = messageIdOf(place.connection, place.chat, number);
		if (targetId === undefined) return { malformed: 'names a message without an id' };
		return {
			message: present({
				kind: 'delete' as const,
				channel: 'telegram',
				account: around.account,
				id: `delete:${targetId}`,
				targetId,
				source: 'contact' as const,
				contact,
				type: 'text' as const,
				text: '[deleted]',
				attachments: [],
				sentAt: around.now,
				group: place.group,
				raw: { ...deleted, message_ids: [number] },
			}),
		};
	});
}

/**
 * Reads `my_chat_member`. In a chat of two it comes only when the contact blocks the bot or lets it
 * write again (Bot API, `Update.my_chat_member`).
 */
export function readMembership(
	element: unknown,
	around: Surroundings,
): { notice: Consent } | { ignored: string } | { malformed: string } {
	const change = fieldsOf(element);
	if (!change) return NO_OBJECT;
	const place = placeOf(change);
	if (!place) return NO_CHAT;
	const status = fieldsOf(change.new_chat_member)?.status;
	const isPrivate = fieldsOf(change.chat)?.type === 'private';
	if (!isPrivate || (status !== 'kicked' && status !== 'member')) {
		return { ignored: `says that the bot is now "${wordOf(status)}" in a chat` };
	}
	return {
		notice: {
			kind: status === 'kicked' ? 'optOut' : 'optIn',
			channel: 'telegram',
			account: around.account,
			identities: [{ channel: 'telegram', account: around.account, id: place.chat }],
			reason: 'blocked',
			at: millisecondsOf(dateOf(change.date), around.now),
		},
	};
}
