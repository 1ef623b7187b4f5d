import { ChannelError } from '../errors';
import { fieldsOf, idOf, present, textOf } from '../fields';
import { internationalDigits } from '../phone';
import { unclear } from '../platforms/answers';
import type {
	MediaType,
	OutboundMessage,
	Recipient,
	ReplyWindow,
	Sending,
	SendTools,
	SentMessage,
} from '../sending';
import { ask, contactUrl } from './api';
import { isWhatsApp } from './contact';
import { messageIdOf } from './message';

/**
 * respond.io documents no largest size of its own: it passes the address on, and what is behind the
 * channel decides. 100 MB is the most that any of them takes (WhatsApp, documents).
 */
const FILE = { bytes: 100 * 1024 * 1024, byUrl: 'any' as const, upload: false };

/** What the services behind respond.io take, where a longer text would come back as failed. */
const LONGEST_TEXT: Record<string, number> = {
	facebook: 2000,
	instagram: 1000,
	telegram: 4096,
	line: 5000,
	viber: 7000,
};

const LONGEST = 10_000;

const LONGEST_ON_WHATSAPP = 4096;

export const sending: Sending = {
	limits: {
		text: LONGEST,
		media: { image: FILE, video: FILE, audio: FILE, document: FILE },
		// "Up to 10 items" (respond.io's nodes for n8n), of 20 characters (its step "Ask a question").
		buttons: { most: 10, title: 20, links: false, withMedia: false },
		templates: true,
	},

	window: windowOf,

	// A repeated call is a second message.
	idempotent: false,

	missingSettings: (settings) =>
		textOf(settings.apiAccessToken) === undefined ? ['API Access Token'] : [],

	problem(message, { context }) {
		const source = textOf(context.source)?.toLowerCase();
		if (source === undefined) return undefined;
		const longest = isWhatsApp(source) ? LONGEST_ON_WHATSAPP : (LONGEST_TEXT[source] ?? LONGEST);
		if ([...message.text].length > longest) {
			return `This channel takes at most ${longest} characters in a message`;
		}
		if (message.template && !isWhatsApp(source)) {
			return 'Templates are for WhatsApp, and this contact writes on another channel';
		}
		return undefined;
	},

	send,

	/** The contact must be known to respond.io, and WhatsApp takes a template only. */
	firstContact(phone, settings) {
		const channelId = idOf(settings.channelId);
		const digits = internationalDigits(phone);
		if (channelId === undefined || digits === undefined) return undefined;
		return {
			account: channelId,
			to: `phone:+${digits}`,
			context: { channelId },
			lastInboundAt: null,
		};
	},
};

/** Behind other channels the time is not known from here; respond.io refuses what is too late. */
function windowOf({ context }: Recipient): ReplyWindow | undefined {
	if (!isWhatsApp(context.source)) return undefined;
	return {
		hours: 24,
		templatesAfter: true,
		afterwards: 'Send an approved template, or wait until the contact writes again.',
	};
}

/** Developer API, "Send a message". */
async function send(
	message: OutboundMessage,
	recipient: Recipient,
	tools: SendTools,
): Promise<SentMessage> {
	const contact = await contactIdOf(recipient, tools);
	const channelId = Number(recipient.context.channelId);
	const { body } = await ask(
		tools,
		{
			method: 'POST',
			url: `${contactUrl(tools, `id:${contact}`)}/message`,
			json: present({
				// Without it, respond.io takes the channel on which the contact wrote last.
				channelId: Number.isSafeInteger(channelId) && channelId > 0 ? channelId : undefined,
				message: contentOf(message),
			}),
		},
		{ written: [message.text], once: true },
	);
	const id = idOf(fieldsOf(body)?.messageId);
	if (id === undefined) throw unclear('respond.io', 'answered without the ID of a message');
	return { id: messageIdOf(contact, id), status: 'sent' };
}

/** The number of the contact, which a message's ID begins with. */
async function contactIdOf({ to }: Recipient, tools: SendTools): Promise<string> {
	if (to.startsWith('id:')) return to.slice('id:'.length);
	const { body } = await ask(tools, { method: 'GET', url: contactUrl(tools, to) });
	const id = idOf(fieldsOf(body)?.id);
	if (id !== undefined) return id;
	throw new ChannelError(
		'notFound',
		'respond.io does not say which contact this is',
		'Look for the contact in respond.io, and whether there are two with the same number.',
	);
}

const KINDS: Record<MediaType, string> = {
	image: 'image',
	video: 'video',
	audio: 'audio',
	document: 'file',
};

function contentOf(message: OutboundMessage): Record<string, unknown> {
	const { text, media, buttons, template } = message;
	if (template) {
		const parameters = template.parameters.map(({ value }) => ({ type: 'text', text: value }));
		return {
			type: 'whatsapp_template',
			template: {
				name: template.name,
				languageCode: template.language,
				components: parameters.length > 0 ? [{ type: 'body', parameters }] : [],
			},
		};
	}
	if (media) {
		return { type: 'attachment', attachment: { type: KINDS[media.type], url: media.url } };
	}
	if (buttons && buttons.length > 0) {
		// A choice comes back as a message with its title; respond.io knows no IDs of them.
		return { type: 'quick_reply', title: text, replies: buttons.map(({ title }) => title) };
	}
	return { type: 'text', text };
}
