import type { Consent, Identity, InboundMessage, MessageStatus } from '../channel';
import { choiceIn } from '../choice';
import type { Content } from '../content';
import { fieldsOf, idOf, millisecondsOf, present, textOf, wordOf, type Fields } from '../fields';
import { contentOf } from './content';
import { outboundId, wordsOfViber } from './api';

/** What a body is. Who subscribes is a visit and a consent at once. */
export type Outcome =
	| { message: InboundMessage; notice?: Consent }
	| { notice: Consent | MessageStatus }
	| { ignored: string }
	| { malformed: string };

export interface Surroundings {
	account: string;
	now: number;
}

const STATUSES: Record<string, MessageStatus['status']> = {
	delivered: 'delivered',
	seen: 'read',
	failed: 'failed',
};

/** Reads a body of a callback (Viber REST API, "Callbacks"). */
export function readEvent(body: Fields, around: Surroundings): Outcome {
	const event = textOf(body.event) ?? '';
	switch (event) {
		case 'message': {
			const message = fieldsOf(body.message);
			if (!message) return { malformed: 'has no object "message"' };
			return build('message', body, body.sender, around, contentOf(message));
		}
		case 'subscribed':
			return readSubscribed(body, around);
		case 'conversation_started':
			return readConversationStarted(body, around);
		case 'unsubscribed': {
			const user = idOf(body.user_id);
			if (user === undefined) return { malformed: 'does not say who unsubscribed' };
			const identities = [{ channel: 'viber', account: around.account, id: user }];
			return { notice: consent('optOut', identities, timeOf(body, around), around) };
		}
		case 'delivered':
		case 'seen':
		case 'failed':
			return readStatus(event, body, around);
		case 'webhook':
			return { ignored: 'is the check of the address that Viber makes when it is registered' };
		default:
			return { ignored: `is an event without a message (${wordOf(event)})` };
	}
}

function readSubscribed(body: Fields, around: Surroundings): Outcome {
	const outcome = build('visit', body, body.user, around, mark('[subscribed]'));
	if (!('message' in outcome)) return outcome;
	const { contact, sentAt } = outcome.message;
	return { ...outcome, notice: consent('optIn', contact.identities, sentAt, around) };
}

/**
 * The chat came up on the contact's screen, maybe by a link with a context. That is no consent: Viber
 * allows one welcome message, and more only after the contact wrote or subscribed.
 */
function readConversationStarted(body: Fields, around: Surroundings): Outcome {
	const referral = present({
		context: textOf(body.context),
		type: textOf(body.type),
		subscribed: typeof body.subscribed === 'boolean' ? body.subscribed : undefined,
	});
	return build('visit', body, body.user, around, mark('[opened the chat]'), referral);
}

const mark = (text: string): Content => ({ type: 'text', text, attachments: [] });

function readStatus(event: string, body: Fields, around: Surroundings): Outcome {
	const token = idOf(body.message_token);
	const status = STATUSES[event];
	if (token === undefined || status === undefined) {
		return { malformed: `does not say which message was ${wordOf(event)}` };
	}
	const words = wordsOfViber(body.desc) ?? 'Viber gives no reason';
	return {
		notice: present<MessageStatus>({
			kind: 'status',
			channel: 'viber',
			account: around.account,
			id: outboundId(token) ?? token,
			status,
			at: timeOf(body, around),
			failure: status === 'failed' ? { reason: words } : undefined,
		}),
	};
}

function consent(
	kind: Consent['kind'],
	identities: Identity[],
	at: number,
	{ account }: Surroundings,
): Consent {
	return { kind, channel: 'viber', account, identities, reason: 'unsubscribed', at };
}

const timeOf = (body: Fields, { now }: Surroundings) => millisecondsOf(body.timestamp, now);

/** @param person `sender` of messages, `user` of the other events */
function build(
	kind: InboundMessage['kind'],
	body: Fields,
	person: unknown,
	around: Surroundings,
	content: Content,
	referral?: Fields,
): Outcome {
	const { account } = around;
	// As text where it is large; a number that came rounded would be refused here.
	const id = idOf(body.message_token);
	if (id === undefined) return { malformed: 'has no message_token that can be used' };
	const user = fieldsOf(person);
	const userId = idOf(user?.id);
	if (!user || userId === undefined) {
		return { malformed: 'names no customer: no ID of a user can be read' };
	}
	return {
		message: present<InboundMessage>({
			kind,
			channel: 'viber',
			account,
			id,
			source: 'contact',
			contact: present({
				identities: [{ channel: 'viber', account, id: userId }],
				name: textOf(user.name),
				language: textOf(user.language),
				country: countryOf(user.country),
				replyTo: userId,
			}),
			...content,
			choiceId: choiceIn(content.attachments),
			sentAt: timeOf(body, around),
			occasion: kind === 'visit' ? 'visit' : undefined,
			referral: referral && Object.keys(referral).length > 0 ? referral : undefined,
			raw: withoutLinks(body),
		}),
	};
}

/** Two letters; Viber's own examples write the United Kingdom as `UK`, which ISO 3166-1 does not. */
function countryOf(value: unknown): string | undefined {
	const country = textOf(value)?.toUpperCase();
	if (country === undefined || !/^[A-Z]{2}$/.test(country)) return undefined;
	return country === 'UK' ? 'GB' : country;
}

/**
 * Whoever has the address of a file or a picture at Viber can fetch it, so these addresses are only
 * in `attachments`, where they are needed.
 */
function withoutLinks(body: Fields): Fields {
	const without = (part: unknown, ...keys: string[]) => {
		const fields = fieldsOf(part);
		if (!fields) return part;
		return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));
	};
	return present({
		...body,
		sender: without(body.sender, 'avatar'),
		user: without(body.user, 'avatar'),
		message: without(body.message, 'media', 'thumbnail'),
	});
}
