import type { Identity, InboundMessage } from '../channel';
import { present, textOf } from '../fields';
import { internationalDigits, phoneIdentities } from '../phone';
import type { Recipient } from '../sending';
import { isSamePerson, readJid } from './jid';

/** Marks a LID among the ids of a channel, so that nobody takes it for a phone number. */
const LID = 'lid:';

/**
 * The customer behind a message, from all the places where a version may have put one of the two
 * names: which is which, only the suffix tells.
 *
 * @param jids the message's fields that may name the customer, the surest first
 * @param own jids of the business, which some versions write among them
 * @returns undefined when no name can be read: such a message belongs to nobody
 */
export function contactOf(
	jids: unknown[],
	own: unknown[],
	channel: string,
	account: string,
	name?: unknown,
): InboundMessage['contact'] | undefined {
	const ours = own.map(readJid);
	let phone: string | undefined;
	let lid: string | undefined;
	for (const value of jids) {
		const jid = readJid(value);
		if (!jid || ours.some((one) => isSamePerson(one, jid))) continue;
		if (jid.kind === 'phone') phone ??= jid.digits;
		if (jid.kind === 'lid') lid ??= jid.digits;
	}
	const identities: Identity[] = [];
	if (lid !== undefined) identities.push({ channel, account, id: `${LID}${lid}` });
	if (phone !== undefined) identities.push(...phoneIdentities(phone));
	if (identities.length === 0) return undefined;
	return present({
		identities,
		name: nameOf(name),
		phone: phone === undefined ? undefined : `+${phone}`,
		replyTo: phone ?? `${lid}@lid`,
	});
}

/** Where a contact has no name, both gateways may write its digits there. */
function nameOf(value: unknown): string | undefined {
	const name = textOf(value);
	return name === undefined || /^\+?[\d\s]+$/.test(name) ? undefined : name;
}

/** The recipient of somebody who never wrote, by a phone number. */
export function firstContactOf(phone: string, account: string | undefined): Recipient | undefined {
	const to = internationalDigits(phone);
	if (account === undefined || to === undefined) return undefined;
	return { account, to, context: {}, lastInboundAt: null };
}
