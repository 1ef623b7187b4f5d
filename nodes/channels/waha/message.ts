import type { InboundMessage } from '../channel';
import { fieldsOf, idOf, present, textOf, type Fields } from '../fields';
import { adOf, quotedIdOf } from '../whatsappWeb/ad';
import { contactOf } from '../whatsappWeb/contact';
import { protocolTypeOf, reactionContent, readContent } from '../whatsappWeb/content';
import { isSamePerson, readJid } from '../whatsappWeb/jid';
import { content, type Content } from '../whatsappWeb/parts';
import { keyIdOf, timeOf, withoutSecrets } from '../whatsappWeb/values';
import { contentOf } from './content';
import { readMessageId, type MessageId } from './messageId';

/** A message, or a sentence's end why it is none. */
export type Outcome = { message: InboundMessage } | { ignored: string } | { malformed: string };

/** What the body says beside the payload. */
export interface Surroundings {
	/** The session's name. */
	account: string;
	/** The session's own jids. */
	own: unknown[];
	/** Of the credential. */
	baseUrl: unknown;
	now: number;
}

interface Place {
	id: MessageId;
	chat: string;
	fromMe: boolean;
	contact: InboundMessage['contact'];
	group?: string;
}

/** Reads the payload of `message` and `message.any`. */
export function readMessage(payload: Fields, around: Surroundings): Outcome {
	const place = placeOf(payload, around);
	if (!('chat' in place)) return place;
	const read = contentOf(payload, around.baseUrl);
	switch (read.is) {
		case 'nothing':
			// Undecrypted messages, notices about encryption and calls come like that.
			return { ignored: 'holds nothing to show' };
		case 'ignored':
			return { ignored: `is ${read.what}` };
		case 'reaction':
			return reaction(read.emoji, read.targetId, payload, place, around);
		case 'protocol':
			return protocolAct(read.protocol, payload, place, around);
		case 'content':
			return written(read, payload, place, around);
	}
}

function written(read: Content, payload: Fields, place: Place, around: Surroundings): Outcome {
	if (place.fromMe && place.group !== undefined) {
		return { ignored: 'was written by the business to a group, not to one customer' };
	}
	const data = fieldsOf(payload._data);
	const referral = place.fromMe
		? undefined
		: (adOf(read.context) ?? fieldsOf(withoutSecrets(fieldsOf(data?.ctwaContext))));
	const quoted = readMessageId(fieldsOf(payload.replyTo)?.id)?.id ?? quotedIdOf(read.context);
	return {
		message: {
			...build(place.fromMe ? 'echo' : 'message', read, payload, place, around),
			...present({
				source: referral ? ('ctc_ads' as const) : ('contact' as const),
				replyToMessageId: quoted,
				referral,
				// `api` is what this interface was told to send; versions without the word are rare.
				sender: place.fromMe ? { isPerson: payload.source !== 'api' } : undefined,
			}),
		},
	};
}

/** Reads the payload of `message.reaction`. */
export function readReaction(payload: Fields, around: Surroundings): Outcome {
	const place = placeOf(payload, around);
	if (!('chat' in place)) return place;
	const said = fieldsOf(payload.reaction);
	return reaction(textOf(said?.text), readMessageId(said?.messageId)?.id, payload, place, around);
}

function reaction(
	emoji: string | undefined,
	targetId: string | undefined,
	payload: Fields,
	place: Place,
	around: Surroundings,
): Outcome {
	const read = reactionContent(emoji, targetId, place.fromMe);
	if (!('said' in read)) return read;
	const message = build('reaction', read.said, payload, place, around);
	return { message: { ...message, targetId: read.targetId } };
}

/** Reads the payload of `message.edited`. */
export function readEdit(payload: Fields, around: Surroundings): Outcome {
	const place = placeOf(payload, around);
	if (!('chat' in place)) return place;
	const read = contentOf(payload, around.baseUrl);
	const edited = read.is === 'protocol' ? readContent(read.protocol.editedMessage) : read;
	const body = typeof payload.body === 'string' && payload.body.trim() !== '' ? payload.body : '';
	const said = edited.is === 'content' ? edited : content('text', body);
	if (body === '' && edited.is !== 'content') return { ignored: 'is an edit without a new text' };
	const text = body === '' ? said.text : body;
	const targetId = readMessageId(payload.editedMessageId)?.id;
	return changed('edit', { ...said, text }, targetId, payload, place, around);
}

/** Reads the payload of `message.revoked`. `after` is what stands in the chat instead. */
export function readRevocation(payload: Fields, around: Surroundings): Outcome {
	const after = fieldsOf(payload.after) ?? fieldsOf(payload.before) ?? payload;
	const place = placeOf(after, around);
	if (!('chat' in place)) return place;
	const targetId =
		readMessageId(payload.revokedMessageId)?.id ?? readMessageId(fieldsOf(payload.before)?.id)?.id;
	return changed('delete', content('text', '[deleted]'), targetId, after, place, around);
}

/** NOWEB sent edits and deletions inside `message` before 2025.6.3. */
function protocolAct(
	protocol: Fields,
	payload: Fields,
	place: Place,
	around: Surroundings,
): Outcome {
	const type = protocolTypeOf(protocol);
	const targetId = keyIdOf(protocol.key);
	if (type === 'revoke') {
		return changed('delete', content('text', '[deleted]'), targetId, payload, place, around);
	}
	const read = readContent(protocol.editedMessage);
	if (type === 'edit' && read.is === 'content') {
		return changed('edit', read, targetId, payload, place, around);
	}
	return { ignored: `is a notice of WhatsApp (${type}), neither an edit nor a deletion` };
}

function changed(
	kind: 'edit' | 'delete',
	said: Content,
	targetId: string | undefined,
	payload: Fields,
	place: Place,
	around: Surroundings,
): Outcome {
	if (targetId === undefined) {
		return { malformed: `does not say which message its ${kind} is about` };
	}
	const message = build(kind, said, payload, place, around);
	// With whatsapp-web.js a change has the ID of the message it is about.
	const id = message.id === targetId ? `${targetId}:${kind}` : message.id;
	return { message: { ...message, id, targetId } };
}

/** Whose message it is, in which chat; or why it is nobody's. */
function placeOf(payload: Fields, around: Surroundings): Place | Outcome {
	const data = fieldsOf(payload._data);
	const id = readMessageId(payload.id) ?? readMessageId(data?.id);
	if (id === undefined) return { malformed: 'has no id that can be used' };
	const fromMe = typeof payload.fromMe === 'boolean' ? payload.fromMe : id.fromMe === true;
	// `from` and `to` of an own message differ by engine: the ID is the surest.
	const address = id.chat ?? textOf(fromMe ? payload.to : payload.from);
	const chat = readJid(address);
	if (!chat || address === undefined) {
		return { malformed: 'names no chat: neither its id nor from and to can be read' };
	}
	if (chat.kind === 'nobody') return { ignored: `comes from ${chat.what}, not from a customer` };
	if (around.own.some((own) => isSamePerson(chat, readJid(own)))) {
		return { ignored: 'is a note of the business to itself' };
	}
	const group = chat.kind === 'group' ? chat.id : undefined;
	const contact = contactOf(
		jidsOf(payload, id, fromMe, group !== undefined),
		around.own,
		'waha',
		around.account,
		fromMe ? undefined : nameIn(data),
	);
	if (contact) return withChat({ id, chat: address, fromMe, contact, group });
	return fromMe && group !== undefined
		? { ignored: 'was written by the business to a group, not to one customer' }
		: { malformed: 'names no customer: neither a phone number nor a LID can be read' };
}

/** A quote names the chat in the form it had, which is not always that of the answer's address. */
function withChat({
	contact,
	group,
	...place
}: Omit<Place, 'group'> & { group?: string | undefined }): Place {
	const replyContext = { chat: place.chat };
	return present({
		...place,
		group,
		contact: group === undefined ? { ...contact, replyContext } : contact,
	}) as Place;
}

/** Where the engines write a customer's two names: NOWEB in `key`, GOWS in `Info`. */
function jidsOf(payload: Fields, id: MessageId, fromMe: boolean, inGroup: boolean): unknown[] {
	const data = fieldsOf(payload._data);
	const key = fieldsOf(data?.key) ?? {};
	const info = fieldsOf(data?.Info) ?? {};
	if (inGroup) {
		const { participant, participantAlt, participantPn, participantLid } = key;
		const ids = [payload.participant, id.participant, participant, participantAlt];
		return [...ids, participantPn, participantLid, data?.author, info.Sender, info.SenderAlt];
	}
	const chat = [id.chat, key.remoteJid, key.remoteJidAlt, info.Chat, key.previousRemoteJid];
	return fromMe
		? [...chat, payload.to, info.RecipientAlt]
		: [...chat, payload.from, key.senderPn, key.senderLid, info.Sender, info.SenderAlt];
}

/** NOWEB, GOWS, WEBJS. */
function nameIn(data: Fields | undefined): unknown {
	return textOf(data?.pushName) ?? textOf(fieldsOf(data?.Info)?.PushName) ?? data?.notifyName;
}

function build(
	kind: InboundMessage['kind'],
	said: Content,
	payload: Fields,
	place: Place,
	around: Surroundings,
): InboundMessage {
	return present({
		kind,
		channel: 'waha',
		account: around.account,
		id: place.id.id,
		source: 'contact' as const,
		contact: place.contact,
		type: said.type,
		text: said.text,
		attachments: said.attachments,
		choiceId: said.choiceId,
		sentAt: timeOf(payload.timestamp ?? idOf(fieldsOf(payload._data)?.t), around.now),
		group: place.group,
		raw: withoutSecrets(payload),
	});
}
