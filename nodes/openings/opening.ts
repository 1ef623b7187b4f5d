import type { Attachment, Identity } from '../channels/channel';
import { present, textOf, type Fields } from '../channels/fields';

/**
 * What a conversation opens with, read from an item of another trigger of n8n.
 *
 * Mappings are pure, like channels: an item's JSON and settings in, values out. They know neither
 * n8n nor the store.
 */
export interface Opening {
	channel: string;
	account: string;
	contact: {
		/** At least one; what somebody only typed is none. */
		identities: Identity[];
		name?: string;
		phone?: string;
		email?: string;
		language?: string;
		country?: string;
	};
	/** Where an answer goes, and what it needs besides. */
	reply?: { to: string; context?: Record<string, unknown> };
	message?: OpeningMessage;
}

export interface OpeningMessage {
	/** Absent where the source has no id of its own: then each item is a message of its own. */
	id?: string;
	type: string;
	text: string;
	attachments: Attachment[];
	/** Milliseconds since 1970 (UTC). */
	sentAt: number;
	details?: { referral?: Record<string, unknown>; replyToMessageId?: string };
}

/**
 * What became of one part of an item: it opens (or joins what is open); it must never open, with a
 * sentence why; or the operator has to change something.
 */
export type Mapped =
	{ opening: Opening } | { ignored: string } | { problem: { sentence: string; hint: string } };

/** An item as a mapping sees it. */
export interface ItemInput {
	json: Fields;
	/** The binary files of the item: what they are, not what is in them. */
	files: ItemFile[];
	/** Milliseconds since 1970, from the caller's clock. */
	now: number;
}

export interface ItemFile {
	/** Under which name the item holds it. */
	key: string;
	fileName?: string | undefined;
	mimeType?: string | undefined;
}

export function problem(sentence: string, hint: string): Mapped {
	return { problem: { sentence, hint } };
}

/** A file of the item. Its content stays in the item: `details.binary` says where. */
export function attachmentOf({ key, fileName, mimeType }: ItemFile): Attachment {
	return present({
		type: attachmentType(mimeType),
		mimeType: textOf(mimeType),
		fileName: textOf(fileName),
		details: key === '' ? undefined : { binary: key },
	});
}

function attachmentType(mimeType: string | undefined): string {
	const [kind] = (mimeType ?? '').toLowerCase().split('/');
	return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : 'document';
}

/** A message of a text and files; without a text, the mark of the first file stands in for it. */
export function messageOf(
	text: string | undefined,
	attachments: Attachment[],
	rest: Pick<OpeningMessage, 'sentAt'> & Partial<OpeningMessage>,
): OpeningMessage {
	const type = text === undefined ? (attachments[0]?.type ?? 'text') : 'text';
	return present({
		...rest,
		type,
		text: text ?? (attachments.length > 0 ? `[${type}]` : ''),
		attachments,
	});
}

/** The text as it was written; only nothing at all counts as missing. */
export function writtenText(value: unknown): string | undefined {
	return textOf(value) === undefined ? undefined : (value as string);
}

/** A time as ISO 8601 or as mail writes it (RFC 5322), or a date object; else the time of now. */
export function timeOf(value: unknown, now: number): number {
	const time = value instanceof Date ? value.getTime() : Date.parse(textOf(value) ?? '');
	return Number.isFinite(time) && time > 0 ? time : now;
}
