import { createHash } from 'node:crypto';
import type { ChannelRequest, InboundMessage, MessageStatus } from '../channel';
import { fieldsOf, idOf, listOf, millisecondsOf, present, textOf, type Fields } from '../fields';
import { withoutSecrets } from '../platforms/raw';
import { accountOf, agentOf, channelIdOf, contactOf, NO_ACCOUNT } from './contact';
import { contentOf } from './content';

/** A message, or a sentence why there is none. */
export type Outcome = { message: InboundMessage } | { ignored: string } | { malformed: string };

/** A channel's settings may hold what it is connected with. */
const HIDDEN = new Set(['meta']);

/**
 * respond.io numbers messages by the time they were made, within each contact (the interface asks
 * for `/contact/{contact}/message/{message}`). So two contacts may have a message of one number,
 * and the contact is part of the ID.
 */
export const messageIdOf = (contact: string, id: string) => `${contact}:${id}`;

/** Reads `message.received` and `message.sent`. */
export function readMessage(body: Fields, request: ChannelRequest): Outcome {
	const outer = fieldsOf(body.message);
	if (!outer) return { malformed: 'has no object "message"' };
	const whom = contactOf(body);
	if (!whom) return { malformed: 'names no contact' };
	const traffic = textOf(outer.traffic) ?? textOf(body.traffic);
	const isEcho =
		traffic === undefined ? body.event_type === 'message.sent' : traffic === 'outgoing';
	// Two consumers were sent the content without the envelope around it.
	const inner = fieldsOf(outer.message) ?? outer;
	const content = contentOf(inner);
	const quoted = idOf(inner.replyToMessageId) ?? idOf(outer.replyToMessageId);
	return {
		message: present<InboundMessage>({
			kind: isEcho ? 'echo' : 'message',
			channel: 'respondio',
			account: accountOf(body),
			id: messageIdOf(whom.id, idOf(outer.messageId) ?? eventIdOf(body, request)),
			source: 'contact',
			contact: whom.contact,
			type: content.type,
			text: content.text,
			attachments: content.attachments,
			sentAt: millisecondsOf(outer.timestamp ?? body.timestamp, request.now),
			sender: isEcho ? senderOf(body, outer) : undefined,
			replyToMessageId: quoted === undefined ? undefined : messageIdOf(whom.id, quoted),
			raw: withoutSecrets(body, HIDDEN),
		}),
	};
}

/** What is sent again is the same bytes, so these name it where nothing else does. */
const eventIdOf = (body: Fields, request: ChannelRequest) =>
	idOf(body.event_id) ?? createHash('sha256').update(request.rawBody).digest('hex').slice(0, 32);

/** People write as `user`, or in the app of the channel itself (`echo`); the others are programs. */
const PEOPLE = new Set(['user', 'echo']);

function senderOf(body: Fields, outer: Fields): InboundMessage['sender'] {
	const sender = fieldsOf(outer.sender) ?? fieldsOf(body.sender);
	const user = agentOf(body.user);
	const source = textOf(sender?.source);
	if (source === undefined) return user ? { ...user, isPerson: true } : undefined;
	const id = idOf(sender?.userId);
	// The only user whose name an event tells is the assignee.
	const assignee = agentOf(fieldsOf(body.contact)?.assignee);
	const known = [user, assignee].find((one) => one !== undefined && one.id === id);
	return present({ ...(id === undefined ? {} : (known ?? { id })), isPerson: PEOPLE.has(source) });
}

/** Reads `conversation.opened`. */
export function readOpened(body: Fields, request: ChannelRequest): Outcome {
	const conversation = fieldsOf(body.conversation);
	const whom = contactOf(body);
	if (!whom) return { malformed: 'names no contact' };
	const first = conversation?.firstIncomingMessage;
	const source = textOf(conversation?.source);
	const account = idOf(conversation?.firstIncomingMessageChannelId) ?? channelIdOf(body);
	if (idOf(fieldsOf(first)?.messageId) !== undefined) {
		const outcome = readMessage(
			{ ...body, message: { traffic: 'incoming', channelId: account, ...fieldsOf(first) } },
			request,
		);
		return 'message' in outcome && source === 'ctc_ads'
			? { message: { ...outcome.message, source } }
			: outcome;
	}
	// Without its ID it could not be told from the same message in the event of its own, and would
	// be there twice: the second time as an answer to whatever was asked meanwhile.
	if (textOf(first) !== undefined) return { ignored: 'its message comes as message.received' };
	if (source === undefined || !VISITS.has(source)) {
		return { ignored: 'it was opened without the contact' };
	}
	return {
		message: {
			kind: 'visit',
			channel: 'respondio',
			account: account ?? NO_ACCOUNT,
			id: `opened:${messageIdOf(whom.id, eventIdOf(body, request))}`,
			source: source === 'ctc_ads' ? 'ctc_ads' : 'contact',
			contact: whom.contact,
			type: 'unsupported',
			text: '[visit]',
			attachments: [],
			sentAt: millisecondsOf(conversation?.conversationOpenedAt, request.now),
			occasion: 'visit',
			raw: withoutSecrets(body, HIDDEN),
		},
	};
}

/** Sources by which the contact came: by itself, an advertisement, a widget of the web site. */
const VISITS = new Set(['contact', 'ctc_ads', 'growth_widget']);

const STATUSES = new Set<unknown>(['sent', 'delivered', 'read', 'failed']);

/** What became of a message that was sent, as far as it is known when the event is posted. */
export function statusOf(message: InboundMessage, body: Fields): MessageStatus | undefined {
	const all = listOf(fieldsOf(body.message)?.status).map(fieldsOf);
	const newest = all.filter((one) => STATUSES.has(one?.value)).at(-1);
	if (!newest || message.kind !== 'echo') return undefined;
	return present({
		kind: 'status' as const,
		channel: 'respondio',
		account: message.account,
		id: message.id,
		status: newest.value as MessageStatus['status'],
		at: millisecondsOf(newest.timestamp, message.sentAt),
		failure:
			newest.value === 'failed'
				? { reason: textOf(newest.message)?.slice(0, 300) ?? 'respond.io gives no reason' }
				: undefined,
	});
}
