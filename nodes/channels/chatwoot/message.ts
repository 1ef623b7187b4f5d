import type { InboundMessage } from '../channel';
import { fieldsOf, idOf, millisecondsOf, present, textOf, type Fields } from '../fields';
import { withoutSecrets } from '../platforms/raw';
import { answerOf, contentOf, type Content } from './content';
import { placeOf } from './place';

/** A message, or a sentence why there is none. */
export type Outcome = { message: InboundMessage } | { ignored: string } | { malformed: string };

/** What stands around a message in its body. */
export interface Around {
	body: Fields;
	conversation: Fields | undefined;
	ownAccount: unknown;
	baseUrl: unknown;
	/** The agent whose token sends: what it writes is written by a program. */
	ownAgent?: unknown;
	now: number;
}

type Direction = 'incoming' | 'outgoing' | 'activity' | 'template';

/** A text at the root of a body, a number in a conversation's list (model `Message`). */
const DIRECTIONS: Direction[] = ['incoming', 'outgoing', 'activity', 'template'];

export function directionOf({ message_type: type }: Fields): Direction | undefined {
	return typeof type === 'number' ? DIRECTIONS[type] : DIRECTIONS.find((word) => word === type);
}

/** Reads a new message: the root of `message_created`, or one in the list of a conversation. */
export function readNewMessage(message: Fields, around: Around): Outcome {
	if (message.private === true) return { ignored: 'is a private note' };
	switch (directionOf(message)) {
		case 'incoming':
			return build('message', message, around, contentOf(message));
		case 'outgoing':
			return readEcho(message, around);
		case 'template':
			return { ignored: 'was written by Chatwoot itself' };
		case 'activity':
			return { ignored: 'says what was done to the conversation' };
		default:
			return { malformed: 'does not say who wrote it' };
	}
}

/** The answer is a message of its own beside the question that it stands in. */
const ANSWER = ':answer';

/** Reads an answer that was written into a question of the business; ignored where there is none. */
export function readAnswer(message: Fields, around: Around): Outcome | undefined {
	const direction = directionOf(message);
	if (direction !== 'outgoing' && direction !== 'template') return undefined;
	const answer = answerOf(message);
	if (!answer) return undefined;
	const outcome = build('message', message, around, answer, ANSWER);
	if (!('message' in outcome)) return outcome;
	const email = textOf(fieldsOf(message.content_attributes)?.submitted_email);
	const { contact } = outcome.message;
	return {
		message: {
			...outcome.message,
			contact: email === undefined ? contact : { ...contact, email },
			// The question has a time, its answer has none.
			sentAt: around.now,
			...(isOldQuestion(message, around) ? { neverOpens: true as const } : {}),
		},
	};
}

/** Milliseconds. */
const DAY = 24 * 60 * 60_000;

/**
 * An answer stays in its question, and each later change of the question brings it again: an old one
 * opens nothing. A conversation that was just created has no old ones.
 */
const isOldQuestion = (message: Fields, { body, now }: Around) =>
	message === body && now - timeOf(message.created_at, now) > DAY;

/** Reads a message that its author took back. */
export function readDeletion(message: Fields, around: Around): Outcome {
	if (directionOf(message) !== 'incoming') return { ignored: 'was taken back by the business' };
	const content: Content = { type: 'text', text: '[deleted]', attachments: [] };
	return build('delete', message, around, content, ':deleted');
}

function readEcho(message: Fields, around: Around): Outcome {
	const outcome = build('echo', message, around, contentOf(message));
	// Whoever it was written to, it opens nothing; so a body that does not say is no fault.
	if ('malformed' in outcome)
		return { ignored: `was written by the business and ${outcome.malformed}` };
	return outcome;
}

/** Keys that open a file to whoever has the address; `attachments` keeps what is needed. */
const FILE_ADDRESSES = new Set(['data_url', 'thumb_url']);

function build(
	kind: InboundMessage['kind'],
	message: Fields,
	around: Around,
	content: Content,
	suffix = '',
): Outcome {
	const id = idOf(message.id);
	if (id === undefined) return { malformed: 'has no id that can be used' };
	const isContacts = kind === 'message' && suffix === '';
	const author = fieldsOf(message.sender);
	const place = placeOf({
		...around,
		writer: isContacts && !isOfBusiness(author) ? author : undefined,
	});
	if ('missing' in place) return { malformed: place.missing };
	const attributes = fieldsOf(message.content_attributes);
	return {
		message: present<InboundMessage>({
			kind,
			channel: 'chatwoot',
			account: place.account,
			id: `${id}${suffix}`,
			...(kind === 'delete' ? { targetId: id } : {}),
			source: 'contact',
			contact: place.contact,
			type: content.type,
			text: content.text,
			attachments: content.attachments,
			choiceId: content.choiceId,
			sentAt: timeOf(message.created_at, around.now),
			...(kind === 'message' && content.occasion ? { occasion: content.occasion } : {}),
			// "I am away" and the like: an answer to it would be answered again.
			...(kind === 'message' && fieldsOf(attributes?.email)?.auto_reply === true
				? { neverOpens: true as const }
				: {}),
			...(kind === 'echo' ? { sender: senderOf(author, attributes, idOf(around.ownAgent)) } : {}),
			replyToMessageId: suffix === ANSWER ? id : idOf(attributes?.in_reply_to),
			raw: withoutSecrets(message, FILE_ADDRESSES),
		}),
	};
}

const isOfBusiness = (author: Fields | undefined) =>
	typeof author?.type === 'string' && author.type !== 'contact';

/**
 * Who of the business wrote. People carry the type `user`; bots and assistants another one; rules
 * and campaigns write without an author, as does the app of the channel itself.
 */
function senderOf(
	author: Fields | undefined,
	attributes: Fields | undefined,
	ownAgent: string | undefined,
): InboundMessage['sender'] {
	if (attributes?.external_echo === true) return { isPerson: true };
	const id = idOf(author?.id);
	const byProgram =
		idOf(attributes?.automation_rule_id) !== undefined || (id !== undefined && id === ownAgent);
	return present({
		id,
		email: textOf(author?.email),
		name: textOf(author?.name),
		isPerson: author?.type === 'user' && !byProgram,
	});
}

/** ISO 8601 at the root of a body, seconds in a conversation's list. */
export function timeOf(value: unknown, now: number): number {
	const time = typeof value === 'string' && !/^\d+$/.test(value) ? Date.parse(value) : Number.NaN;
	return Number.isNaN(time) ? millisecondsOf(value, now) : time;
}
