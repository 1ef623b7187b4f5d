import { createHash } from 'node:crypto';
import type { ChannelNotice, InboundMessage, Occasion } from '../channel';
import type { Content } from '../content';
import { fieldsOf, idOf, millisecondsOf, present, type Fields } from '../fields';
import type { Product } from './product';

/** What an event is: a message, notices about sent ones, or a sentence why it is neither. */
export type Outcome =
	| { message: InboundMessage }
	| { notices: ChannelNotice[] }
	| { ignored: string }
	| { malformed: string };

/** What stands around an event. */
export interface Surroundings {
	product: Product;
	/** `entry.id`: the page or the Instagram account. */
	account: string | undefined;
	/** Another app holds the conversation and answers. */
	standby: boolean;
	now: number;
}

/** What the kinds of events differ in. */
export interface Parts {
	id: string;
	content: Content;
	targetId?: string;
	occasion?: Occasion | undefined;
	referral?: Fields | undefined;
	replyToMessageId?: string | undefined;
	sender?: InboundMessage['sender'] | undefined;
	/** The payload of a quick reply or a button. */
	choiceId?: string | undefined;
}

export const NO_ACCOUNT =
	'names nobody who was written to: neither its entry nor its recipient has an ID';

export function build(
	kind: InboundMessage['kind'],
	event: Fields,
	around: Surroundings,
	{ id, content, targetId, occasion, referral, replyToMessageId, sender, choiceId }: Parts,
): Outcome {
	const parties = partiesOf(kind, event, around);
	if (!('account' in parties)) return parties;
	const { account, contact } = parties;
	const { channel } = around.product;
	const opens = kind === 'message' || kind === 'visit';
	return {
		message: present({
			kind,
			channel,
			account,
			id,
			targetId,
			source: opens && isAd(referral) ? 'ctc_ads' : 'contact',
			contact: { identities: [{ channel, account, id: contact }], replyTo: contact },
			type: content.type,
			text: content.text,
			attachments: content.attachments,
			sentAt: timeOf(event.timestamp, around.now),
			occasion: opens && around.standby ? 'standby' : occasion,
			sender,
			replyToMessageId,
			choiceId,
			referral,
			raw: event,
		}),
	};
}

/** Who of the two is the business, and who the customer. */
function partiesOf(
	kind: InboundMessage['kind'],
	event: Fields,
	{ product, account: entryId }: Surroundings,
): Outcome | { account: string; contact: string } {
	const from = idOf(fieldsOf(event.sender)?.id);
	const to = idOf(fieldsOf(event.recipient)?.id);
	const [business, customer] = kind === 'echo' ? [from, to] : [to, from];
	const account = entryId ?? business;
	if (account === undefined) return { malformed: NO_ACCOUNT };

	if (kind !== 'echo' && from === account) {
		return { ignored: `was done by the ${product.account} itself` };
	}
	// An echo may be addressed like the messages of customers: the account is then the recipient.
	const contact = customer === account ? business : customer;
	if (contact === undefined || contact === account) {
		return { malformed: 'names no customer: no ID of a sender can be read' };
	}
	const isOfAccount = business === undefined || business === account || customer === account;
	if (!isOfAccount && !product.hasSeveralIds) {
		return { ignored: `is addressed to another ${product.account} than its entry` };
	}
	return { account, contact };
}

/** Messenger Platform, "messaging_referrals": `source` is `ADS`, and `ad_id` is there for ads only. */
function isAd(referral: Fields | undefined): boolean {
	return referral?.source === 'ADS' || idOf(referral?.ad_id) !== undefined;
}

/** What makes an event without an ID another one than the next. */
export const placeOf = (event: Fields) => [fieldsOf(event.sender)?.id, event.timestamp];

/**
 * An ID for what Meta gives none: the same whenever Meta sends the same event again. Hashed, since
 * the parts may have any length, and a payload may hold anything.
 */
export function actId(kind: string, ...parts: unknown[]): string {
	const words = parts.map((part) =>
		typeof part === 'string' || typeof part === 'number' ? String(part) : null,
	);
	const hash = createHash('sha256').update(JSON.stringify(words), 'utf8').digest('hex');
	return `${kind}:${hash.slice(0, 40)}`;
}

/** Milliseconds or seconds; some gateways pass on a date as ISO 8601. */
export function timeOf(value: unknown, now: number): number {
	if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value)) {
		const time = Date.parse(value);
		return Number.isNaN(time) ? now : time;
	}
	return millisecondsOf(value, now);
}
