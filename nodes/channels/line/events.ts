import type { Consent, Identity, InboundMessage } from '../channel';
import { choiceIn } from '../choice';
import type { Content } from '../content';
import { fieldsOf, idOf, millisecondsOf, present, textOf, wordOf, type Fields } from '../fields';
import { buttonOf } from './buttons';
import { contentOf } from './content';

/** What one element of `events[]` is. A follower is a visit and a consent at once. */
export type Outcome =
	| { message: InboundMessage; notice?: Consent }
	| { notice: Consent }
	| { ignored: string }
	| { malformed: string };

/** What the body says once for all its events. */
export interface Surroundings {
	/** `destination`: the user ID of the bot. */
	account: string;
	now: number;
}

/** Kinds of events that bring nothing a customer wrote (Messaging API, "Webhook event objects"). */
const WITHOUT_MESSAGE = new Set([
	'join',
	'leave',
	'memberJoined',
	'memberLeft',
	'videoPlayComplete',
	'beacon',
	'accountLink',
	'membership',
	'module',
	'activated',
	'deactivated',
	'botSuspended',
	'botResumed',
	'delivery',
]);

/**
 * Reads one event.
 *
 * The ID of a message is `message.id`, not `webhookEventId`: both stay the same when LINE delivers
 * an event again, and it is `message.id` that an edit, an unsending or a quote names later. Events
 * without a message of their own have the ID of the event.
 */
export function readEvent(element: unknown, around: Surroundings): Outcome {
	const event = fieldsOf(element);
	if (!event) return { malformed: 'is not an object' };
	const type = typeof event.type === 'string' ? event.type : '';

	switch (type) {
		case 'message': {
			const message = fieldsOf(event.message);
			if (!message) return { malformed: 'has no object "message"' };
			const id = idOf(message.id);
			if (id === undefined) return { malformed: 'has no message.id that can be used' };
			return build('message', id, event, around, contentOf(message, id));
		}
		case 'messageEdited': {
			const message = fieldsOf(event.message);
			const targetId = idOf(message?.id);
			if (!message || targetId === undefined) {
				return { malformed: 'does not say which message was edited' };
			}
			const id = idOfEvent(event, targetId);
			return build('edit', id, event, around, { ...contentOf(message, targetId), targetId });
		}
		case 'unsend': {
			const targetId = idOf(fieldsOf(event.unsend)?.messageId);
			if (targetId === undefined) return { malformed: 'does not say which message was unsent' };
			const content: Content = { type: 'text', text: '[deleted]', attachments: [] };
			return build('delete', idOfEvent(event, targetId), event, around, { ...content, targetId });
		}
		case 'postback':
			return readPostback(event, around);
		case 'follow':
			return readFollow(event, around);
		case 'unfollow':
			return readUnfollow(event, around);
		default:
			return {
				ignored: WITHOUT_MESSAGE.has(type)
					? `is an event without a message (${type})`
					: `is of a kind that is not known here (${wordOf(event.type)})`,
			};
	}
}

/** A button was pressed: one that was sent from here, or one of a rich menu. */
function readPostback(event: Fields, around: Surroundings): Outcome {
	const postback = fieldsOf(event.postback);
	if (!postback) return { malformed: 'has no object "postback"' };
	const data = textOf(postback.data);
	const button = data === undefined ? undefined : buttonOf(data);
	const params = fieldsOf(postback.params);
	const picked = Object.values(params ?? {}).find((value) => textOf(value) !== undefined);
	return build('message', idOfEvent(event), event, around, {
		type: 'button',
		// A date that was picked says more than the button that it was picked with.
		text: textOf(picked) ?? button?.title ?? '[button]',
		attachments: [present({ type: 'button', id: button?.id, details: params })],
	});
}

/** Somebody added the account as a friend, or lifted the block: nothing was written yet. */
function readFollow(event: Fields, around: Surroundings): Outcome {
	const back = fieldsOf(event.follow)?.isUnblocked === true;
	const outcome = build('visit', idOfEvent(event), event, around, {
		type: 'text',
		text: back ? '[unblocked]' : '[followed]',
		attachments: [],
	});
	if (!('message' in outcome)) return outcome;
	const { contact, sentAt } = outcome.message;
	return { ...outcome, notice: consent('optIn', contact.identities, sentAt, around) };
}

/** The only word LINE ever gives about a block: pushing to such a user is answered with 200. */
function readUnfollow(event: Fields, around: Surroundings): Outcome {
	const user = idOf(fieldsOf(event.source)?.userId);
	if (user === undefined) return { malformed: 'does not say who blocked the account' };
	const identities = [{ channel: 'line', account: around.account, id: user }];
	const at = millisecondsOf(event.timestamp, around.now);
	return { notice: consent('optOut', identities, at, around) };
}

function consent(
	kind: Consent['kind'],
	identities: Identity[],
	at: number,
	{ account }: Surroundings,
): Consent {
	return { kind, channel: 'line', account, identities, reason: 'blocked', at };
}

/** Old bodies have no `webhookEventId`; what stands in for it is the same when they are replayed. */
function idOfEvent(event: Fields, about?: string): string {
	const who = idOf(fieldsOf(event.source)?.userId) ?? '';
	const when = typeof event.timestamp === 'number' ? event.timestamp : '';
	return idOf(event.webhookEventId) ?? `${wordOf(event.type)}:${about ?? who}:${when}`;
}

function build(
	kind: InboundMessage['kind'],
	id: string,
	event: Fields,
	around: Surroundings,
	{ type, text, attachments, targetId }: Content & { targetId?: string },
): Outcome {
	const { account, now } = around;
	const source = fieldsOf(event.source);
	const user = idOf(source?.userId);
	const group = idOf(source?.groupId) ?? idOf(source?.roomId);
	if (user === undefined) {
		return group === undefined
			? { malformed: 'names no customer: source.userId cannot be read' }
			: { ignored: 'comes from a member of a group whom LINE does not name' };
	}
	const sentAt = millisecondsOf(event.timestamp, now);
	const message = kind === 'message' ? fieldsOf(event.message) : undefined;
	const quoteToken = textOf(message?.quoteToken);
	const replyToken = textOf(event.replyToken);
	const replyContext = present({
		replyToken,
		replyTokenAt: replyToken === undefined ? undefined : sentAt,
		quoteToken,
		quoteMessageId: quoteToken === undefined ? undefined : id,
	});
	const standby = event.mode === 'standby';

	return {
		message: present<InboundMessage>({
			kind,
			channel: 'line',
			account,
			id,
			targetId,
			source: 'contact',
			contact: present({
				identities: [{ channel: 'line', account, id: user }],
				// Written in a group, it is answered there: a member need not be a friend of the account.
				replyTo: group ?? user,
				replyContext: Object.keys(replyContext).length > 0 ? replyContext : undefined,
			}),
			type,
			text,
			attachments,
			choiceId: choiceIn(attachments),
			sentAt,
			group,
			occasion: standby ? 'standby' : kind === 'visit' ? 'visit' : undefined,
			replyToMessageId: idOf(message?.quotedMessageId),
			raw: withoutReplyToken(event),
		}),
	};
}

/** It can be used once, so nothing but `send` may use it. */
function withoutReplyToken(event: Fields): Fields {
	const rest = { ...event };
	delete rest.replyToken;
	return rest;
}
