import type { Identity, InboundMessage } from '../channel';
import { fieldsOf, idOf, present, textOf, type Fields } from '../fields';
import { nameOf } from './content';
import type { ReplyContext } from './bot';

/** Telegram writes phone numbers with the country and mostly without the plus. */
const PHONE = /^\+?([1-9]\d{6,14})$/;

/**
 * The contact behind a message.
 *
 * @param person a `User`, or the `Chat` of two: both name a person in the same way
 * @param place the chat that it was written in, where answers go
 * @returns undefined when no id can be read: such a message belongs to nobody
 */
export function contactOf(
	person: Fields | undefined,
	account: string,
	place: { chat: string; context: ReplyContext },
	phone?: string,
): InboundMessage['contact'] | undefined {
	const id = idOf(person?.id);
	if (!person || id === undefined) return undefined;
	const identities: Identity[] = [{ channel: 'telegram', account, id }];
	if (phone !== undefined) identities.push({ channel: 'phone', account: '', id: phone });
	return present({
		identities,
		name: nameOf(person) ?? textOf(person.username),
		phone,
		language: textOf(person.language_code),
		replyTo: place.chat,
		replyContext:
			Object.keys(place.context).length > 0
				? (place.context as Record<string, unknown>)
				: undefined,
	});
}

/**
 * The phone number of who writes, in E.164: only from a card that Telegram itself says is theirs.
 * Anybody can send the card of somebody else, and would take over that person's conversations.
 */
export function ownPhoneOf(message: Fields): string | undefined {
	const card = fieldsOf(message.contact);
	const owner = idOf(card?.user_id);
	if (owner === undefined || owner !== idOf(fieldsOf(message.from)?.id)) return undefined;
	const [, digits] = PHONE.exec(textOf(card?.phone_number)?.replace(/[\s()-]/g, '') ?? '') ?? [];
	return digits === undefined ? undefined : `+${digits}`;
}
