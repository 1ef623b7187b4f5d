import type { InboundMessage, MessageStatus } from '../channel';
import { writtenOf } from '../content';
import { fieldsOf, idOf, listOf, textOf, type Fields } from '../fields';
import {
	actId,
	build,
	NO_ACCOUNT,
	placeOf,
	timeOf,
	type Outcome,
	type Surroundings,
} from './build';
import { contentOf } from './content';

/** Events that are known and bring no message of a customer, and what they say. */
const NOT_MESSAGES: Readonly<Record<string, string>> = {
	optin: 'says that somebody allowed messages by a plugin or a form, and wrote nothing',
	account_linking: 'is about the linking of an account',
	pass_thread_control: 'says which app was given the conversation',
	take_thread_control: 'says which app took the conversation',
	request_thread_control: 'says which app asks for the conversation',
	app_roles: 'is about the roles of apps',
	policy_enforcement: 'is a warning of Meta to the page: look at its Page Quality',
	'policy-enforcement': 'is a warning of Meta to the page: look at its Page Quality',
	response_feedback: 'is a vote on an answer',
	messaging_feedback: 'is a form of feedback that was filled in',
	game_play: 'is about an Instant Game',
	payment: 'is about a payment',
	pre_checkout: 'is about a payment',
	checkout_update: 'is about a payment',
};

/**
 * Reads one element of `messaging[]` or `standby[]`. Which kind it is shows in which key is there
 * (Messenger Platform, "Webhook events").
 */
export function readEvent(element: unknown, around: Surroundings): Outcome {
	const event = fieldsOf(element);
	if (!event) return { malformed: 'is not an object' };

	const has = (key: string) => event[key] !== undefined && event[key] !== null;
	if (has('message')) return readMessage(event, around);
	if (has('postback')) return readPostback(event, around);
	if (has('message_edit')) return readEdit(event, around);
	if (has('reaction')) return readReaction(event, around);
	if (has('delivery')) return readDelivery(event, around);
	if (has('read')) return readRead(event, around);
	const known = Object.keys(NOT_MESSAGES).find(has);
	if (known !== undefined) return { ignored: NOT_MESSAGES[known]! };
	// Last, since an `optin` and others may carry a referral too.
	if (has('referral')) return readVisit(event, around);
	return { ignored: 'is of a kind that brings no messages of customers' };
}

function readMessage(event: Fields, around: Surroundings): Outcome {
	const message = fieldsOf(event.message);
	if (!message) return { malformed: 'has no object "message"' };
	const mid = idOf(message.mid);
	if (mid === undefined) return { malformed: 'has no mid that can be used' };

	if (message.is_echo === true) {
		return build('echo', event, around, {
			id: mid,
			content: contentOf(message),
			replyToMessageId: idOf(fieldsOf(message.reply_to)?.mid),
			sender: senderOf(message),
		});
	}
	if (message.is_deleted === true) {
		return build('delete', event, around, {
			id: actId('delete', mid),
			targetId: mid,
			content: { type: 'text', text: '[deleted]', attachments: [] },
		});
	}
	const mentions = listOf(message.attachments).some(
		(attachment) => fieldsOf(attachment)?.type === 'story_mention',
	);
	return build('message', event, around, {
		id: mid,
		content: contentOf(message),
		occasion: mentions ? 'storyMention' : undefined,
		referral: fieldsOf(message.referral) ?? fieldsOf(event.referral),
		choiceId: textOf(fieldsOf(message.quick_reply)?.payload),
		replyToMessageId: idOf(fieldsOf(message.reply_to)?.mid),
	});
}

/** A tap on a button, on Get Started, on an ice breaker or in the menu; older ones have no mid. */
function readPostback(event: Fields, around: Surroundings): Outcome {
	const postback = fieldsOf(event.postback);
	if (!postback) return { malformed: 'has no object "postback"' };
	return build('message', event, around, {
		id:
			idOf(postback.mid) ?? actId('postback', ...placeOf(event), postback.payload, postback.title),
		content: { type: 'button', text: writtenOf(postback.title) ?? '[button]', attachments: [] },
		choiceId: textOf(postback.payload),
		referral: fieldsOf(postback.referral) ?? fieldsOf(event.referral),
	});
}

/** The customer came by a link or an ad to a chat that existed already, and wrote nothing yet. */
function readVisit(event: Fields, around: Surroundings): Outcome {
	const referral = fieldsOf(event.referral);
	if (!referral) return { malformed: 'has no object "referral"' };
	return build('visit', event, around, {
		id: actId('visit', ...placeOf(event), referral.ref, referral.ad_id),
		content: { type: 'text', text: '[visit]', attachments: [] },
		occasion: 'visit',
		referral,
	});
}

function readEdit(event: Fields, around: Surroundings): Outcome {
	const edit = fieldsOf(event.message_edit);
	const mid = idOf(edit?.mid);
	if (!edit || mid === undefined)
		return { malformed: 'does not say which message its edit is about' };
	const text = writtenOf(edit.text);
	// Instagram sends such a notice beside new messages: nothing was changed.
	if (text === undefined) return { ignored: 'is an edit without the new text' };
	return build('edit', event, around, {
		// The reference calls it `num_edit`, the webhooks `num_edits`.
		id: actId('edit', mid, edit.num_edits ?? edit.num_edit ?? text),
		targetId: mid,
		content: { type: 'text', text, attachments: [] },
	});
}

function readReaction(event: Fields, around: Surroundings): Outcome {
	const reaction = fieldsOf(event.reaction);
	const mid = idOf(reaction?.mid);
	if (!reaction || mid === undefined) {
		return { malformed: 'does not say which message its reaction is about' };
	}
	if (reaction.action === 'unreact') return { ignored: 'is a reaction that was taken back' };
	return build('reaction', event, around, {
		id: actId('reaction', ...placeOf(event), mid),
		targetId: mid,
		content: {
			type: 'reaction',
			text: textOf(reaction.emoji) ?? textOf(reaction.reaction) ?? '[reaction]',
			attachments: [],
		},
	});
}

/** `watermark` is a time: all that was sent until then. Only IDs can be told to the store. */
function readDelivery(event: Fields, around: Surroundings): Outcome {
	const delivery = fieldsOf(event.delivery);
	const ids = listOf(delivery?.mids).flatMap((mid) => idOf(mid) ?? []);
	if (ids.length === 0) return { ignored: 'says up to when messages arrived, and names none' };
	return statuses(ids, 'delivered', delivery?.watermark ?? event.timestamp, event, around);
}

/** Instagram names the message, Messenger only the time. */
function readRead(event: Fields, around: Surroundings): Outcome {
	const read = fieldsOf(event.read);
	const ids = [...listOf(read?.mids), read?.mid].flatMap((mid) => idOf(mid) ?? []);
	if (ids.length === 0) return { ignored: 'says up to when messages were read, and names none' };
	return statuses(ids, 'read', event.timestamp, event, around);
}

function statuses(
	ids: string[],
	status: MessageStatus['status'],
	time: unknown,
	event: Fields,
	{ product, account: entryId, now }: Surroundings,
): Outcome {
	const account = entryId ?? idOf(fieldsOf(event.recipient)?.id);
	if (account === undefined) return { malformed: NO_ACCOUNT };
	const at = timeOf(time, now);
	return {
		notices: ids.map((id) => ({
			kind: 'status' as const,
			channel: product.channel,
			account,
			id,
			status,
			at,
		})),
	};
}

/**
 * The apps in which people answer by hand: the inbox of a page and the inbox of Instagram in Meta
 * Business Suite (Messenger Platform, "Handover Protocol").
 */
const INBOXES = new Set(['263902037430900', '1217981644879628']);

/** Without an app it is not said who wrote: it may have been this credential itself. */
function senderOf({ app_id: appId }: Fields): InboundMessage['sender'] | undefined {
	const app = idOf(appId);
	return app === undefined ? undefined : { isPerson: INBOXES.has(app) };
}
