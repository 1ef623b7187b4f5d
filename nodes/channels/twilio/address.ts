import type { InboundMessage, Identity } from '../channel';
import { idOf, present, textOf } from '../fields';
import { phoneIdentities } from '../phone';
import { firstIdOf, valueOf, wordsOf, type Form } from './form';

/**
 * Where a message comes from or goes to, as Twilio writes it: `+12025550143` for SMS and MMS,
 * `whatsapp:+12025550143`, `rcs:…`, `messenger:…` for the others.
 */
export interface Address {
	/** `whatsapp`, `rcs`, …; empty for SMS and MMS. */
	prefix: string;
	value: string;
	/** With its prefix: what the sending interface takes. */
	whole: string;
}

export function addressOf(value: unknown): Address | undefined {
	const whole = idOf(value);
	const parts = /^(?:([a-z][a-z0-9_-]*):)?(\S.*)$/is.exec(whole ?? '');
	const rest = parts?.[2];
	if (rest === undefined) return undefined;
	const prefix = (parts?.[1] ?? '').toLowerCase();
	return { prefix, value: rest, whole: prefix === '' ? rest : `${prefix}:${rest}` };
}

export const isWhatsApp = (address: unknown) => addressOf(address)?.prefix === 'whatsapp';

/** E.164: a plus and at most 15 digits. What is shorter than 7 is a short code, not somebody's phone. */
const PHONE = /^\+[1-9]\d{6,14}$/;

/** Networks that vouch for the phone number that a sender has there. */
const WITH_PHONES = new Set(['', 'whatsapp', 'rcs']);

export const hasPhones = ({ prefix }: Address) => WITH_PHONES.has(prefix);

export function phoneOf(address: Address | undefined): string | undefined {
	if (!address || !hasPhones(address)) return undefined;
	return PHONE.test(address.value) ? address.value : undefined;
}

/**
 * The ID by which WhatsApp knows a customer who hides the phone number: the country, a dot, up to
 * 128 letters and digits; `ENT.` marks one that several businesses share (Meta, "Business-scoped
 * user IDs", 2026). Twilio gives it as `ExternalUserId=whatsapp:US.…` and, without a phone number,
 * also in `From`.
 */
const BUSINESS_SCOPED_USER_ID = /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/;

function userIdOf(address: Address | undefined): string | undefined {
	if (address?.prefix !== 'whatsapp') return undefined;
	return BUSINESS_SCOPED_USER_ID.test(address.value) ? address.value : undefined;
}

/**
 * The business's side: the Twilio account and the address that was written to, since one account has
 * many numbers and an answer must come from the same one.
 */
export function accountOf(accountSid: string | undefined, ours: Address | undefined) {
	return accountSid === undefined || !ours ? undefined : idOf(`${accountSid}:${ours.whole}`);
}

/** The two parts of an account's name; an account SID has no colon. */
export function partsOfAccount(account: string): { accountSid: string; ours: string } | undefined {
	const colon = account.indexOf(':');
	if (colon <= 0 || colon === account.length - 1) return undefined;
	return { accountSid: account.slice(0, colon), ours: account.slice(colon + 1) };
}

/** A group of senders with settings of its own, where the value is the ID of one. */
export function messagingServiceOf(value: unknown): string | undefined {
	const sid = textOf(value);
	return sid !== undefined && /^MG[0-9a-f]{32}$/i.test(sid) ? sid : undefined;
}

/** @returns undefined when nobody can be named: such a message belongs to nobody */
export function contactOf(form: Form, account: string): InboundMessage['contact'] | undefined {
	const from = addressOf(valueOf(form, 'From'));
	const userId = userIdOf(addressOf(valueOf(form, 'ExternalUserId'))) ?? userIdOf(from);
	const waId = from?.prefix === 'whatsapp' ? firstIdOf(form, 'WaId') : undefined;
	const phone = phoneOf(from) ?? (PHONE.test(`+${waId}`) ? `+${waId}` : undefined);

	const identities: Identity[] = [];
	if (userId !== undefined) identities.push({ channel: 'twilio', account, id: userId });
	if (phone !== undefined) identities.push(...phoneIdentities(phone.slice(1)));
	// A short code, a name instead of a number, or a network without phones.
	if (from && identities.length === 0) {
		identities.push({ channel: 'twilio', account, id: from.whole });
	}
	const replyTo = from?.whole ?? (userId === undefined ? undefined : `whatsapp:${userId}`);
	if (replyTo === undefined) return undefined;

	const country = wordsOf(form, 'FromCountry');
	const service = messagingServiceOf(valueOf(form, 'MessagingServiceSid'));
	return present({
		identities,
		name: wordsOf(form, 'ProfileName'),
		phone,
		country: /^[A-Z]{2}$/.test(country ?? '') ? country : userId?.slice(0, 2),
		replyTo,
		replyContext: service === undefined ? undefined : { messagingServiceSid: service },
	});
}
