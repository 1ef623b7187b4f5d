import type { ChannelTools, HttpAnswer } from './http';
import type { ChannelSettings } from './channel';

/** Where a message goes, as the store remembers it from what the contact wrote. */
export interface Recipient {
	/** The business's side: the account that the contact wrote to. */
	account: string;
	/** `contact.replyTo` of the contact's messages. */
	to: string;
	/** `contact.replyContext` of the contact's newest message here. */
	context: Record<string, unknown>;
	/** When the contact last wrote here, in milliseconds since 1970; null when never. */
	lastInboundAt: number | null;
}

export type MediaType = 'image' | 'video' | 'audio' | 'document';

/** A file to send: by a public address, or by its bytes. */
export interface OutboundMedia {
	type: MediaType;
	url?: string;
	file?: { name: string; mimeType: string; bytes: Buffer };
}

/** A choice under a message. With `url` it opens a page, else it comes back as the contact's message. */
export interface OutboundButton {
	/** What comes back; unique in the message. */
	id: string;
	title: string;
	url?: string;
}

/** A message that was approved by the provider beforehand. */
export interface OutboundTemplate {
	/** Name or ID, as the provider knows it. */
	name: string;
	/** BCP 47 or as the provider writes it, e.g. `en_US`. */
	language: string;
	/** Values for the placeholders of the body, in order, or by name. */
	parameters: Array<{ name?: string; value: string }>;
}

export interface OutboundMessage {
	/** The text, or the caption of the file; empty when there is none. */
	text: string;
	media?: OutboundMedia;
	buttons?: OutboundButton[];
	/** What opens the choices, where the channel shows them as a list. */
	listLabel?: string;
	template?: OutboundTemplate;
	/** The channel's ID of the message that this one quotes. */
	replyToMessageId?: string;
}

/** What the provider documents; checked before anything is sent. */
export interface SendingLimits {
	/** Longest text. */
	text: number;
	/** Longest caption; without it a file with a text is refused. */
	caption?: number;
	/** Of texts: characters as people count them unless said otherwise. */
	unit?: 'characters' | 'utf16' | 'bytes';
	/** Kinds of files it takes, and their largest size in bytes. */
	media: Partial<Record<MediaType, MediaLimit>>;
	/** Longest list, title and ID of buttons. `links`: whether a button may open a page. */
	buttons?: { most: number; title: number; id?: number; links: boolean; withMedia: boolean };
	/** Whether it knows approved templates. */
	templates?: boolean;
	/** Whether a message may quote an earlier one. */
	quotes?: boolean;
}

export interface MediaLimit {
	bytes: number;
	/** Takes a public address; `https` only where it says so. */
	byUrl: 'any' | 'https' | 'no';
	/** Takes the bytes themselves. */
	upload: boolean;
	/** MIME types it takes; without a list any. A type may end in `/*`. */
	types?: string[];
}

/** For how long after the contact's last message an ordinary answer is allowed. */
export interface ReplyWindow {
	hours: number;
	/** Whether a template may be sent afterwards. */
	templatesAfter: boolean;
	/** What an operator can do when it is over: a sentence. */
	afterwards: string;
}

/** What the provider said to a message it took. */
export interface SentMessage {
	/** The channel's ID, the one that statuses and echoes will name. */
	id: string;
	/** As far as the provider said: on its way, or with the recipient's device already. */
	status: 'sent' | 'delivered';
}

export interface SendTools extends ChannelTools {
	/**
	 * The same for each try of the same message, and for no other: a UUID. For providers that take an
	 * idempotency key.
	 */
	key: string;
}

/** How a channel sends. */
export interface Sending {
	limits: SendingLimits;
	/**
	 * Absent where the provider allows answers at any time. Without settings, what every business has.
	 */
	window?(recipient: Recipient, settings?: ChannelSettings): ReplyWindow | undefined;
	/**
	 * Whether a repeated `key` makes one message of two tries. Where not, a message whose fate is
	 * unclear is not sent again by itself.
	 */
	idempotent: boolean;
	/** The credential sends from one account only, whichever the contact wrote to. */
	oneAccount?: true;
	/** Names the settings that sending needs and that are missing, as the credential's form labels them. */
	missingSettings(settings: ChannelSettings): string[];
	/**
	 * What the general limits cannot say: a sentence about this message without its full stop, or
	 * undefined.
	 */
	problem?(message: OutboundMessage, recipient: Recipient): string | undefined;
	/**
	 * Sends a message that keeps the limits.
	 *
	 * @throws ChannelError
	 */
	send(message: OutboundMessage, recipient: Recipient, tools: SendTools): Promise<SentMessage>;
	/**
	 * The recipient of a contact that never wrote here, by its phone, which somebody may have typed.
	 * Absent where the provider lets nobody write first, or knows nobody by phone.
	 */
	firstContact?(phone: string, settings: ChannelSettings): Recipient | undefined;
}

/** Milliseconds to wait before a call is made again, where the provider says so in its own way. */
export type RetryAfter = (answer: HttpAnswer) => number | undefined;
