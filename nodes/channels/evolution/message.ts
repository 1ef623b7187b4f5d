import type { Attachment, InboundMessage } from '../channel';
import { fieldsOf, idOf, present, webAddress, type Fields } from '../fields';
import { adOf, quotedIdOf } from '../whatsappWeb/ad';
import { contactOf } from '../whatsappWeb/contact';
import {
	protocolTypeOf,
	reactionContent,
	readContent,
	type WebContent,
} from '../whatsappWeb/content';
import { isSamePerson, readJid } from '../whatsappWeb/jid';
import { content, type Content } from '../whatsappWeb/parts';
import { keyIdOf, timeOf, withoutSecrets } from '../whatsappWeb/values';

/** One element of `data`: a message, or a sentence why it is none. */
export type Outcome = { message: InboundMessage } | { ignored: string } | { malformed: string };

/** What the body says once for all its elements. */
export interface Surroundings {
	/** The instance's name. */
	account: string;
	/** The instance's own jid. */
	own: unknown;
	now: number;
	/** The event `send.message`: the interface wrote it, not a person on the phone. */
	byInterface?: true;
}

/** What one message says about where it belongs. */
interface Place {
	key: Fields;
	id: string;
	fromMe: boolean;
	contact: InboundMessage['contact'];
	group?: string;
}

/** Reads an element of `messages.upsert` or `send.message`. */
export function readMessage(element: unknown, around: Surroundings): Outcome {
	const data = fieldsOf(element);
	const place = placeOf(data?.key, around, data?.pushName);
	if (!data || !('key' in place)) return data ? (place as Outcome) : NO_OBJECT;

	const read = readContent(data.message);
	switch (read.is) {
		case 'nothing':
			return { ignored: 'holds nothing to show' };
		case 'ignored':
			return { ignored: `is ${read.what}` };
		case 'protocol':
			return readProtocol(read.protocol, data, place, around);
		case 'reaction':
			return readReaction(read, data, place, around);
		case 'content':
			return readWritten(read, data, place, around);
	}
}

const NO_OBJECT: Outcome = { malformed: 'is not an object' };

function readWritten(read: Content, data: Fields, place: Place, around: Surroundings): Outcome {
	if (place.fromMe && place.group !== undefined) {
		return { ignored: 'was written by the business to a group, not to one customer' };
	}
	// Which of the two holds the quote and the ad depends on the version and the kind.
	const contexts = [read.context, fieldsOf(data.contextInfo)];
	const referral = place.fromMe ? undefined : adOf(...contexts);
	const url = webAddress(fieldsOf(data.message)?.mediaUrl);
	return {
		message: {
			...build(place.fromMe ? 'echo' : 'message', read, data, place, around),
			...present({
				source: referral ? ('ctc_ads' as const) : ('contact' as const),
				attachments: read.attachments.map((one) => attachmentOf(one, place.id, url)),
				replyToMessageId: quotedIdOf(...contexts),
				referral,
				sender: place.fromMe ? { isPerson: around.byInterface !== true } : undefined,
			}),
		},
	};
}

const FILES = new Set(['image', 'video', 'audio', 'document', 'sticker']);

/** A file is fetched by the message's ID (`getBase64FromMediaMessage`), or from the server's storage. */
function attachmentOf(attachment: Attachment, id: string, url: string | undefined): Attachment {
	return FILES.has(attachment.type) ? present({ ...attachment, id, url }) : attachment;
}

function readReaction(
	{ emoji, targetId }: Extract<WebContent, { is: 'reaction' }>,
	data: Fields,
	place: Place,
	around: Surroundings,
): Outcome {
	const read = reactionContent(emoji, targetId, place.fromMe);
	if (!('said' in read)) return read;
	const message = build('reaction', read.said, data, place, around);
	return { message: { ...message, targetId: read.targetId } };
}

/**
 * Reads an element of `messages.edited`, which is WhatsApp's bare `protocolMessage`: an edit, a
 * deletion, or one of many things that change nothing here.
 *
 * Its key is written from the sender's side: where a customer changed a message, it may say that it
 * is "from me" and name the business as the chat. So it only says which message, and nobody is kept
 * out for being the business itself.
 */
export function readChange(element: unknown, around: Surroundings): Outcome {
	const data = fieldsOf(element);
	if (!data) return NO_OBJECT;
	const place = placeOf(data.key, { ...around, own: undefined });
	return 'key' in place ? readProtocol(data, data, place, around) : place;
}

/** Reads an element of `messages.delete`: the key of a message that was deleted for everyone. */
export function readDeletion(element: unknown, around: Surroundings): Outcome {
	const data = fieldsOf(element);
	if (!data) return NO_OBJECT;
	const place = placeOf(fieldsOf(data.key) ?? data, { ...around, own: undefined });
	return 'key' in place ? readProtocol({ type: 'REVOKE', key: data }, data, place, around) : place;
}

function readProtocol(protocol: Fields, data: Fields, place: Place, around: Surroundings): Outcome {
	const edited = protocol.editedMessage;
	const type = protocol.type === undefined && edited ? 'edit' : protocolTypeOf(protocol);
	if (type !== 'edit' && type !== 'revoke') {
		return { ignored: `is a notice of WhatsApp (${type}), neither an edit nor a deletion` };
	}
	const kind = type === 'edit' ? 'edit' : 'delete';
	const targetId = keyIdOf(protocol.key) ?? idOf(fieldsOf(protocol.key)?.keyId);
	if (targetId === undefined) {
		return { malformed: `does not say which message its ${kind} is about` };
	}
	let said = content('text', '[deleted]');
	if (kind === 'edit') {
		const read = readContent(edited);
		if (read.is !== 'content') return { ignored: 'is an edit without a new text' };
		said = read;
	}
	const message = build(kind, said, data, place, around);
	// Where the change has no ID of its own, it has the changed message's key.
	const id = message.id === targetId ? `${targetId}:${kind}` : message.id;
	const sentAt = timeOf(protocol.timestampMs ?? data.messageTimestamp, around.now);
	return { message: { ...message, id, targetId, sentAt } };
}

/** Whose message it is, in which chat; or why it is nobody's. */
function placeOf(value: unknown, around: Surroundings, name?: unknown): Place | Outcome {
	const key = fieldsOf(value);
	if (!key) return { malformed: 'has no key' };
	const id = keyIdOf(key) ?? idOf(key.keyId);
	if (id === undefined) return { malformed: 'has no id that can be used' };
	const chat = readJid(key.remoteJid);
	if (!chat) return { malformed: 'names no chat: remoteJid cannot be read' };
	if (chat.kind === 'nobody') return { ignored: `comes from ${chat.what}, not from a customer` };
	if (isSamePerson(chat, readJid(around.own))) {
		return { ignored: 'is a note of the business to itself' };
	}
	const fromMe = key.fromMe === true || key.fromMe === 'true';
	const group = chat.kind === 'group' ? chat.id : undefined;
	const contact = contactOf(
		jidsOf(key, fromMe, group !== undefined),
		[around.own],
		'evolution',
		around.account,
		fromMe ? undefined : name,
	);
	if (contact) return present({ key, id, fromMe, contact, group });
	return fromMe && group !== undefined
		? { ignored: 'was written by the business to a group, not to one customer' }
		: { malformed: 'names no customer: neither a phone number nor a LID can be read' };
}

/**
 * Where the versions write a customer's two names: 2.2 only one of them, 2.3.0 the phone in
 * `senderPn`, 2.3.2 the LID in `previousRemoteJid`, later ones in `remoteJidAlt`, which may hold
 * either. `senderPn` of an own message is the business itself.
 */
function jidsOf(key: Fields, fromMe: boolean, inGroup: boolean): unknown[] {
	if (inGroup) {
		const { participant, participantAlt, participantPn, participantLid } = key;
		return [participant, participantAlt, participantPn, participantLid];
	}
	const sender = fromMe ? [] : [key.senderPn, key.senderLid];
	return [key.remoteJid, key.remoteJidAlt, ...sender, key.previousRemoteJid];
}

function build(
	kind: InboundMessage['kind'],
	said: Content,
	data: Fields,
	place: Place,
	around: Surroundings,
): InboundMessage {
	return present({
		kind,
		channel: 'evolution',
		account: around.account,
		id: place.id,
		source: 'contact' as const,
		contact: place.contact,
		type: said.type,
		text: said.text,
		attachments: said.attachments,
		choiceId: said.choiceId,
		sentAt: timeOf(data.messageTimestamp, around.now),
		group: place.group,
		raw: withoutSecrets(data),
	});
}
