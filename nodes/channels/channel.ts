/**
 * What a channel is: one object that knows how a provider's webhook is verified and parsed.
 *
 * Channels are pure: bytes and settings in, values out. They know neither n8n nor the store, so
 * that tests, replays and production call the same code.
 */

import type { ChannelTools } from './http';
import type { PlatformAgent, PlatformChange, Platform } from './platform';
import type { Registration } from './registration';
import type { RetryAfter, Sending } from './sending';

/** One way a channel knows a contact: `account` is the business's side, `id` the customer's. */
export interface Identity {
	channel: string;
	account: string;
	id: string;
}

export type MessageType =
	| 'text'
	| 'image'
	| 'video'
	| 'audio'
	| 'document'
	| 'sticker'
	| 'location'
	| 'contacts'
	| 'reaction'
	| 'button'
	| 'interactive'
	| 'order'
	| 'unsupported';

export interface Attachment {
	type: string;
	/** The provider's media id, to be downloaded with the channel's credential. */
	id?: string;
	url?: string;
	mimeType?: string;
	fileName?: string;
	caption?: string;
	/** Whatever else the provider says about it (coordinates, a contact card, …). */
	details?: Record<string, unknown>;
}

/**
 * What a webhook body holds, one value for each message in it.
 *
 * - `message`: the customer wrote; may open a conversation.
 * - `echo`: the business wrote on another device or app; recorded as outbound, never opens.
 * - `edit`, `delete`: the customer changed an earlier message (`targetId`); never opens.
 * - `reaction`: an emoji on an earlier message (`targetId`); never opens unless asked to.
 * - `visit`: the customer followed, subscribed, came by a link or opened the chat, and wrote nothing;
 *   never opens unless asked to, and is not a message of an open conversation.
 */
export type InboundKind = 'message' | 'echo' | 'edit' | 'delete' | 'reaction' | 'visit';

/**
 * What opens only when the operator asks for it. A message in a group, in a thread that another app
 * holds (`standby`), or that only mentions the business in a story.
 */
export type Occasion = 'group' | 'reaction' | 'visit' | 'standby' | 'storyMention';

export interface InboundMessage {
	kind: InboundKind;
	channel: string;
	/** The business's side of the channel: a phone number id, a page id, an account's name. */
	account: string;
	/** The channel's own message id: a string, never a number. */
	id: string;
	/** The earlier message that an edit, a deletion or a reaction is about. */
	targetId?: string;
	/** Who opens when this message opens: the contact, or the contact through an ad. */
	source: 'contact' | 'ctc_ads';
	contact: {
		/** At least one. Phones that a channel vouches for are `{channel: 'phone', account: '', id: '+E164'}`. */
		identities: Identity[];
		name?: string;
		/** E.164, only where the channel vouches for it or the sender says so. */
		phone?: string;
		email?: string;
		/** BCP 47, as the channel says it. */
		language?: string;
		/** ISO 3166-1 alpha-2, where the channel's ids tell it. */
		country?: string;
		/** Where an answer goes: what the channel's sending interface takes as recipient. */
		replyTo?: string;
		/** What an answer needs besides: a connection, a thread, at most a token that is worthless in a minute. */
		replyContext?: Record<string, unknown>;
	};
	type: MessageType;
	/** What to show: the text, a caption, a button's title, or a mark such as `[image]`. */
	text: string;
	attachments: Attachment[];
	/** When the customer sent it, in milliseconds since 1970 (UTC). */
	sentAt: number;
	/** The group this came from; groups open nothing by default. */
	group?: string;
	/** Set where this opens only when the operator asked for it (groups and reactions say so by themselves). */
	occasion?: Occasion;
	/** Joins an open conversation and opens none in any case: the customer asks to be left alone. */
	neverOpens?: true;
	/** Of an echo: who of the business wrote it, where the channel says so. */
	sender?: PlatformAgent & { isPerson: boolean };
	replyToMessageId?: string;
	/** The ID of the button or row that was chosen, as the business gave it. */
	choiceId?: string;
	/** The ad or link that led here, as the provider gives it. */
	referral?: Record<string, unknown>;
	/** The provider's own object of this message. */
	raw: unknown;
}

/** A part of a body that is no message (statuses, notices) or could not be read. */
export interface SkippedPart {
	/** A sentence for the log: what it was, and where in the body. No customer text, no secret. */
	reason: string;
	/** How many parts this stands for; one unless said otherwise. */
	count?: number;
}

/**
 * What became of a message that was sent. `id` is what `SentMessage.id` was; `failed` says why, in
 * the provider's words, without a customer's text.
 */
export interface MessageStatus {
	kind: 'status';
	channel: string;
	account: string;
	id: string;
	status: 'sent' | 'delivered' | 'read' | 'failed';
	/** Milliseconds since 1970 (UTC). */
	at: number;
	failure?: { code?: string; reason: string };
	/** The failure means that the contact wants no messages. */
	optedOut?: OptOutReason;
}

/**
 * Why a contact gets no messages. `stop` and `marketing` last until the contact takes them back, the
 * others until it writes. `marketing` allows answers within the reply window.
 */
export type OptOutReason = 'stop' | 'unsubscribed' | 'blocked' | 'marketing';

/** The contact does not want messages on this account any more, or wants them again. */
export interface Consent {
	kind: 'optOut' | 'optIn';
	channel: string;
	account: string;
	identities: Identity[];
	reason: OptOutReason;
	at: number;
}

/** A person or a rule changed the conversation on the platform where it lives. */
export interface PlatformNotice extends PlatformChange {
	kind: 'platform';
	channel: string;
	account: string;
	at: number;
}

/** What a body tells besides messages. */
export type ChannelNotice = MessageStatus | Consent | PlatformNotice;

export interface ParsedBody {
	messages: InboundMessage[];
	/** What became of sent messages, who wants none, what was done on the platform. */
	notices?: ChannelNotice[];
	/** Known and rightly not messages: delivery statuses, system notices, webhook checks. */
	ignored: SkippedPart[];
	/** Looked like messages and could not be read. The others of the batch are still there. */
	malformed: SkippedPart[];
	/** Set when the body as a whole is not what this channel sends; answered with 400. */
	unreadable?: string;
}

/** The request as it came in. */
export interface ChannelRequest {
	headers: Record<string, string | string[] | undefined>;
	/** Query keys keep their dots: `hub.challenge`. */
	query: Record<string, unknown>;
	/** The bytes as received: signatures are computed over these and nothing else. */
	rawBody: Buffer;
	/**
	 * The public address that was posted to, as n8n shows it to the operator, with the query exactly as
	 * it came. For signatures that cover the address.
	 */
	url: string;
	/** Milliseconds since 1970, from the caller's clock. */
	now: number;
}

/** Credential fields and channel parameters, already decrypted; unknown keys are ignored. */
export type ChannelSettings = Record<string, unknown>;

export type Verification = { ok: true } | { ok: false; status: 401 | 403; reason: string };

export interface HandshakeAnswer {
	status: number;
	contentType: string;
	body: string;
}

export interface Channel {
	/** Stable value in parameters, items and the store, e.g. `whatsapp`. */
	key: string;
	/** As the operator reads it. */
	displayName: string;
	/** n8n credential type that holds this channel's secrets, if it has any. */
	credentialType?: string;
	/** Names the settings that are missing, as the credential's form labels them; empty when usable. */
	missingSettings(settings: ChannelSettings): string[];
	/** The accounts that these settings are for, where they say so; others show in what is received. */
	accounts(settings: ChannelSettings): string[];
	/** Answers the provider's GET check. Absent where the provider has none. */
	handshake?(request: ChannelRequest, settings: ChannelSettings): HandshakeAnswer;
	/** Constant-time, over raw bytes, fail closed. */
	verify(request: ChannelRequest, settings: ChannelSettings): Verification;
	/** Answers a verified POST that only checks the address, before anything is read. */
	challenge?(request: ChannelRequest, settings: ChannelSettings): HandshakeAnswer | undefined;
	/** Reads a verified body. Never throws. */
	parse(request: ChannelRequest, settings: ChannelSettings): ParsedBody;
	/** What the provider wants to hear once a body is stored; JSON of counts unless said otherwise. */
	answer?: HandshakeAnswer;
	/**
	 * A message that is older than this joins an open conversation and opens none, since the provider
	 * passes on old messages after an outage. Milliseconds; absent: any age opens.
	 */
	staleAfter?: number;
	/** How it sends; absent where it only receives. */
	sending?: Sending;
	/**
	 * Done once when a flow goes live and never undone, e.g. that a page passes its messages on to the
	 * app. Says what it did, if anything. @throws ChannelError, which stops nothing: receiving may work.
	 */
	activate?(tools: ChannelTools): Promise<string | undefined>;
	/** How its provider is told where to post; absent where the operator pastes the address there. */
	registration?: Registration;
	/** Where people work on conversations on the provider's own screens. */
	platform?: Platform;
	/** Reads the provider's own way of asking for patience; the header `Retry-After` is known anyway. */
	retryAfter?: RetryAfter;
}
