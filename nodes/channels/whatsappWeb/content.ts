import { writtenOf } from '../content';
import { fieldsOf, idOf, listOf, present, textOf, wordOf, type Fields } from '../fields';
import { cardsContent, content, placeContent, type Content } from './parts';
import { keyIdOf } from './values';

/**
 * What a message of WhatsApp Web holds. The gateways pass on WhatsApp's own object (Baileys,
 * `proto.IMessage`; whatsmeow, `waE2E.Message`), in which the name of the one key that is set says
 * the kind.
 */
export type WebContent =
	| ({ is: 'content' } & Content)
	/** Without an emoji it was taken back. */
	| { is: 'reaction'; emoji?: string; targetId?: string }
	/** An act on an earlier message: deleted, edited, a setting of the chat. */
	| { is: 'protocol'; protocol: Fields }
	/** A sentence's end: what it is. */
	| { is: 'ignored'; what: string }
	| { is: 'nothing' };

/** Kinds that hold another message; WhatsApp nests them. */
const WRAPPERS = [
	'ephemeralMessage',
	'viewOnceMessage',
	'viewOnceMessageV2',
	'viewOnceMessageV2Extension',
	'documentWithCaptionMessage',
	'deviceSentMessage',
	'lottieStickerMessage',
	'editedMessage',
	'groupMentionedMessage',
	'botInvokeMessage',
];

/** Nothing that the customer said: votes, pins, headers of albums, keys. */
const NO_MESSAGE: Record<string, string> = {
	pollUpdateMessage: 'a vote in a poll',
	encReactionMessage: 'a reaction that only WhatsApp can read',
	encEventResponseMessage: 'an answer to an event',
	pinInChatMessage: 'a pin',
	keepInChatMessage: 'a kept message',
	albumMessage: 'the header of an album, whose files come by themselves',
	call: 'a call',
	stickerSyncRmrMessage: 'a notice between devices',
	secretEncryptedMessage: 'a notice between devices',
};

/** Keys beside the content, of WhatsApp and of the gateways. */
const BESIDE = new Set([
	'messageContextInfo',
	'senderKeyDistributionMessage',
	'fastRatchetKeySenderKeyDistributionMessage',
	'base64',
	'mediaUrl',
	'speechToText',
	'contextInfo',
]);

type Media = 'image' | 'video' | 'audio' | 'document' | 'sticker';

const MEDIA: Record<string, Media> = {
	imageMessage: 'image',
	videoMessage: 'video',
	ptvMessage: 'video',
	audioMessage: 'audio',
	documentMessage: 'document',
	stickerMessage: 'sticker',
};

/** Reads WhatsApp's object, through whatever it is wrapped in. */
export function readContent(wrapped: unknown): WebContent {
	const message = unwrap(wrapped);
	if (!message) return { is: 'nothing' };
	const protocol = fieldsOf(message.protocolMessage);
	if (protocol) return { is: 'protocol', protocol };
	const reaction = fieldsOf(message.reactionMessage);
	if (reaction) {
		return present({
			is: 'reaction' as const,
			emoji: textOf(reaction.text),
			targetId: keyIdOf(reaction.key),
		});
	}
	const read = readText(message) ?? readMedia(message) ?? readPlace(message) ?? readChoice(message);
	if (read) return { is: 'content', ...read };
	for (const [key, what] of Object.entries(NO_MESSAGE)) {
		if (fieldsOf(message[key])) return { is: 'ignored', what };
	}
	const unknown = Object.keys(message).find((key) => !BESIDE.has(key) && message[key] !== null);
	if (unknown === undefined) return { is: 'nothing' };
	return { is: 'content', ...content('unsupported', nameIn(fieldsOf(message[unknown]))) };
}

function unwrap(wrapped: unknown): Fields | undefined {
	let message = fieldsOf(wrapped);
	for (let depth = 0; message && depth < 8; depth++) {
		const holder = message;
		const key = WRAPPERS.find((name) => fieldsOf(fieldsOf(holder[name])?.message));
		if (key === undefined) {
			// Evolution API 1 unfolds half of a document with a caption.
			const document = fieldsOf(fieldsOf(holder.documentMessage)?.message);
			if (!document) return holder;
			message = document;
		} else {
			message = fieldsOf(fieldsOf(holder[key])?.message);
		}
	}
	return message;
}

function readText(message: Fields): Content | undefined {
	const extended = fieldsOf(message.extendedTextMessage);
	const text = writtenOf(message.conversation) ?? writtenOf(extended?.text);
	return text === undefined ? undefined : content('text', text, [], extended?.contextInfo);
}

function readMedia(message: Fields): Content | undefined {
	for (const [key, type] of Object.entries(MEDIA)) {
		const file = fieldsOf(message[key]);
		if (!file) continue;
		const caption = writtenOf(file.caption);
		const details = present({
			voice: flag(file.ptt) ?? flag(file.PTT),
			seconds: typeof file.seconds === 'number' ? file.seconds : undefined,
			animated: flag(file.isAnimated) ?? flag(file.gifPlayback),
			pages: typeof file.pageCount === 'number' ? file.pageCount : undefined,
		});
		const attachment = present({
			type,
			mimeType: textOf(file.mimetype),
			fileName: textOf(file.fileName) ?? textOf(file.title),
			caption,
			details: Object.keys(details).length > 0 ? details : undefined,
		});
		// What Evolution API's speech recognition wrote down stands beside the file.
		const heard = type === 'audio' ? writtenOf(message.speechToText) : undefined;
		const text = caption ?? heard ?? (type === 'document' ? attachment.fileName : undefined);
		return content(type, text, [attachment], file.contextInfo);
	}
	return undefined;
}

const flag = (value: unknown) => (typeof value === 'boolean' ? value : undefined);

function readPlace(message: Fields): Content | undefined {
	const place = fieldsOf(message.locationMessage) ?? fieldsOf(message.liveLocationMessage);
	if (place) {
		const details = present({
			latitude: numberOf(place.degreesLatitude),
			longitude: numberOf(place.degreesLongitude),
			name: textOf(place.name),
			address: textOf(place.address),
			live: message.locationMessage ? flag(place.isLive) : true,
		});
		return placeContent(details, writtenOf(place.caption), place.contextInfo);
	}
	const several = fieldsOf(message.contactsArrayMessage);
	const cards = [message.contactMessage, ...listOf(several?.contacts)].flatMap(
		(card): Array<{ name?: string; vcard?: string }> => {
			const fields = fieldsOf(card);
			return fields
				? [present({ name: textOf(fields.displayName), vcard: textOf(fields.vcard) })]
				: [];
		},
	);
	if (cards.length === 0) return undefined;
	return cardsContent(cards, fieldsOf(message.contactMessage)?.contextInfo ?? several?.contextInfo);
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : undefined);

/** The title of what was chosen: a button, a row of a list, a button of a template or of a form. */
function readChoice(message: Fields): Content | undefined {
	const button = fieldsOf(message.buttonsResponseMessage);
	if (button) {
		const id = idOf(button.selectedButtonId) ?? idOf(button.selectedButtonID);
		return choice('button', button.selectedDisplayText, id, button);
	}
	const template = fieldsOf(message.templateButtonReplyMessage);
	if (template) {
		const id = idOf(template.selectedId) ?? idOf(template.selectedID);
		return choice('button', template.selectedDisplayText, id, template);
	}
	const row = fieldsOf(message.listResponseMessage);
	if (row) {
		const reply = fieldsOf(row.singleSelectReply);
		const id = idOf(reply?.selectedRowId) ?? idOf(reply?.selectedRowID);
		return choice('interactive', row.title, id, row);
	}
	const form = fieldsOf(message.interactiveResponseMessage);
	if (form) {
		const title = writtenOf(fieldsOf(form.body)?.text);
		const flow = fieldsOf(form.nativeFlowResponseMessage);
		return content('interactive', title ?? textOf(flow?.name), [], form.contextInfo);
	}
	const order = fieldsOf(message.orderMessage);
	if (order) {
		const text = writtenOf(order.message) ?? textOf(order.orderTitle);
		const details = present({
			id: idOf(order.orderId) ?? idOf(order.orderID),
			items: numberOf(order.itemCount),
			currency: textOf(order.totalCurrencyCode),
		});
		return content('order', text, [{ type: 'order', details }], order.contextInfo);
	}
	return undefined;
}

function choice(
	type: 'button' | 'interactive',
	title: unknown,
	choiceId: string | undefined,
	{ contextInfo }: Fields,
): Content {
	const said = content(type, writtenOf(title) ?? choiceId, [], contextInfo);
	return choiceId === undefined ? said : { ...said, choiceId };
}

/** Something to read in a kind that is not known here: the question of a poll, the name of an event. */
function nameIn(unknown: Fields | undefined): string | undefined {
	return writtenOf(unknown?.name) ?? writtenOf(unknown?.text) ?? writtenOf(unknown?.caption);
}

/** Types of `protocolMessage` (WhatsApp's `ProtocolMessage.Type`), by name or number. */
export function protocolTypeOf({ type }: Fields): string {
	if (type === 'REVOKE' || type === 0 || type === '0') return 'revoke';
	if (type === 'MESSAGE_EDIT' || type === 14 || type === '14') return 'edit';
	return typeof type === 'number' ? `number ${type}` : wordOf(type);
}

/** What a reaction of a contact says of which message, or why it says nothing. */
export function reactionContent(
	emoji: string | undefined,
	targetId: string | undefined,
	fromMe: boolean,
): { said: Content; targetId: string } | { ignored: string } | { malformed: string } {
	if (fromMe) return { ignored: "is the business's own reaction" };
	// WhatsApp sends a reaction that is taken back with an empty text.
	if (emoji === undefined) return { ignored: 'is a reaction that was taken back' };
	if (targetId === undefined) {
		return { malformed: 'does not say which message its reaction is about' };
	}
	return { said: { type: 'reaction', text: emoji, attachments: [] }, targetId };
}
