import type { Identity, InboundMessage } from '../channel';
import { fieldsOf, idOf, present, textOf, type Fields } from '../fields';
import { phoneIdentities } from '../phone';

/**
 * A business-scoped user ID: the country, a dot, up to 128 letters and digits; `ENT.` marks one
 * that several business portfolios share. Meta, "Business-scoped user IDs" (2026).
 */
const BUSINESS_SCOPED_USER_ID = /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/;

/** E.164 has at most 15 digits; test numbers of the platform are short. */
const PHONE = /^\+?(\d{4,15})$/;

export const isUserId = (id: string) => BUSINESS_SCOPED_USER_ID.test(id);

/** The digits of a phone number as WhatsApp writes it, or as E.164. */
export const phoneDigitsOf = (id: string): string | undefined => PHONE.exec(id)?.[1];

interface Ids {
	/** Digits only, as WhatsApp writes phone numbers. */
	phone?: string;
	userId?: string;
}

/** A field named for a phone may hold a user ID instead (`from`, `wa_id`), so look at the value. */
function idsIn(...values: unknown[]): Ids {
	const ids: Ids = {};
	for (const value of values) {
		const id = idOf(value);
		if (id === undefined) continue;
		if (isUserId(id)) ids.userId ??= id;
		else ids.phone ??= phoneDigitsOf(id);
	}
	return ids;
}

interface Card extends Ids {
	profile: Fields;
}

/** `contacts[]` are matched by id: their order says nothing about the order of `messages[]`. */
function cardOf(person: Ids, contacts: unknown[]): Card | undefined {
	const cards = contacts.flatMap((contact): Card[] => {
		const fields = fieldsOf(contact);
		if (!fields) return [];
		return [{ ...idsIn(fields.user_id, fields.wa_id), profile: fieldsOf(fields.profile) ?? {} }];
	});
	// The user ID first: a phone number may change hands.
	return (
		cards.find((card) => person.userId !== undefined && card.userId === person.userId) ??
		cards.find((card) => person.phone !== undefined && card.phone === person.phone)
	);
}

/**
 * The customer behind a message.
 *
 * @param ids the message's own fields that name the customer (`from_user_id`, `from`, …)
 * @param contacts `value.contacts` of the same webhook, for the name and the id that is missing
 * @returns undefined when no id can be read: such a message belongs to nobody
 */
export function contactOf(
	ids: unknown[],
	contacts: unknown[],
	account: string,
): InboundMessage['contact'] | undefined {
	const own = idsIn(...ids);
	const card = cardOf(own, contacts);
	const userId = own.userId ?? card?.userId;
	const phone = own.phone ?? card?.phone;

	const identities: Identity[] = [];
	if (userId !== undefined) identities.push({ channel: 'whatsapp', account, id: userId });
	if (phone !== undefined) identities.push(...phoneIdentities(phone));
	if (identities.length === 0) return undefined;

	return present({
		identities,
		name: textOf(card?.profile.name) ?? textOf(card?.profile.username),
		phone: phone === undefined ? undefined : `+${phone}`,
		country: userId?.slice(0, 2),
		replyTo: phone ?? userId,
	});
}
