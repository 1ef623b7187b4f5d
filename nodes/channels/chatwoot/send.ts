import { fieldsOf, idOf, present, textOf } from '../fields';
import { multipart, type FormPart, type HttpCall } from '../http';
import { unclear } from '../platforms/answers';
import type {
	OutboundMessage,
	ReplyWindow,
	Recipient,
	Sending,
	SentMessage,
	SendTools,
} from '../sending';
import { ask, conversationUrl } from './api';

/** `MAXIMUM_FILE_UPLOAD_SIZE` is 40 MB unless an installation says otherwise. */
const FILE = { bytes: 40 * 1024 * 1024, byUrl: 'no' as const, upload: true };

/**
 * Chatwoot's "Supported features", maximum message size. SMS is left out: a carrier cuts a long
 * text into parts.
 */
const LONGEST_TEXT: Record<string, number> = {
	'Channel::WebWidget': 10_000,
	'Channel::Api': 10_000,
	'Channel::FacebookPage': 2000,
	'Channel::Instagram': 1000,
	'Channel::Whatsapp': 4096,
	'Channel::Telegram': 4096,
	'Channel::Line': 2000,
	'Channel::Email': 25_000,
};

const LONGEST = 25_000;

/** Twilio takes no longer text in one message, whether by SMS or WhatsApp. */
const LONGEST_OF_TWILIO = 1600;

/** Chatwoot's "Interactive messages": inboxes on which the choices are shown. */
const WITH_CHOICES = new Set([
	'Channel::WebWidget',
	'Channel::Api',
	'Channel::Whatsapp',
	'Channel::Telegram',
]);

export const sending: Sending = {
	limits: {
		text: LONGEST,
		caption: LONGEST,
		media: { image: FILE, video: FILE, audio: FILE, document: FILE },
		// WhatsApp behind Chatwoot shows up to 3 as buttons and up to 10 as a list.
		buttons: { most: 10, title: 20, links: false, withMedia: false },
		templates: true,
		quotes: true,
	},

	window: windowOf,

	// A repeated call is a second message.
	idempotent: false,

	missingSettings(settings) {
		const fields = { baseUrl: 'Base URL', apiAccessToken: 'API Access Token' };
		return Object.entries(fields).flatMap(([key, label]) =>
			textOf(settings[key]) === undefined ? [label] : [],
		);
	},

	problem(message, { context }) {
		const channel = textOf(context.channel);
		if (channel === undefined) return undefined;
		const longest =
			channel === 'Channel::TwilioSms' ? LONGEST_OF_TWILIO : (LONGEST_TEXT[channel] ?? LONGEST);
		if ([...message.text].length > longest) {
			return `This inbox takes at most ${longest} characters in a message`;
		}
		if (message.buttons && message.buttons.length > 0 && !WITH_CHOICES.has(channel)) {
			return 'Chatwoot does not show buttons on this inbox. Write the choices as text';
		}
		if (message.template && channel !== 'Channel::Whatsapp') {
			return 'Templates are for WhatsApp inboxes, and this inbox is another one';
		}
		return undefined;
	},

	send,
};

/** WhatsApp's customer service window; Chatwoot takes a later answer and then marks it as failed. */
function windowOf({ context }: Recipient): ReplyWindow | undefined {
	const isWhatsApp =
		context.channel === 'Channel::Whatsapp' ||
		(context.channel === 'Channel::TwilioSms' && context.medium === 'whatsapp');
	if (!isWhatsApp) return undefined;
	const templatesAfter = context.channel === 'Channel::Whatsapp';
	return {
		hours: 24,
		templatesAfter,
		afterwards: templatesAfter
			? 'Send an approved template, or wait until the contact writes again.'
			: 'Wait until the contact writes again, or send a template from Chatwoot.',
	};
}

/** Application API, "Create new message". */
async function send(
	message: OutboundMessage,
	recipient: Recipient,
	tools: SendTools,
): Promise<SentMessage> {
	const call: HttpCall = {
		method: 'POST',
		url: `${conversationUrl(tools, recipient)}/messages`,
		...(message.media?.file
			? { bytes: await withFile(message), timeout: 60_000 }
			: { json: bodyOf(message) }),
	};
	const { body } = await ask(tools, call, { written: [message.text], once: true });
	const id = idOf(fieldsOf(body)?.id);
	if (id === undefined) throw unclear('Chatwoot', 'answered without the ID of a message');
	return { id, status: 'sent' };
}

function bodyOf(message: OutboundMessage): Record<string, unknown> {
	const { template, buttons } = message;
	const choices =
		buttons && buttons.length > 0
			? buttons.map(({ id, title }) => ({ title, value: id }))
			: undefined;
	const attributes = present({ items: choices, in_reply_to: quotedOf(message) });
	return present({
		// It is what people see in Chatwoot; the contact gets the text that was approved.
		content: message.text === '' && template ? template.name : message.text,
		message_type: 'outgoing',
		private: false,
		content_type: choices ? 'input_select' : undefined,
		content_attributes: Object.keys(attributes).length > 0 ? attributes : undefined,
		template_params: template && {
			name: template.name,
			// Asked for by the interface and not used to send.
			category: 'UTILITY',
			language: template.language,
			processed_params: {
				body: Object.fromEntries(
					template.parameters.map(({ name, value }, index) => [name ?? String(index + 1), value]),
				),
			},
		},
	});
}

async function withFile(message: OutboundMessage): Promise<{ body: Buffer; contentType: string }> {
	const { file } = message.media!;
	const parts: Array<[string, FormPart]> = [
		['content', message.text],
		['message_type', 'outgoing'],
		['private', 'false'],
	];
	const quoted = quotedOf(message);
	if (quoted !== undefined) parts.push(['content_attributes[in_reply_to]', String(quoted)]);
	parts.push(['attachments[]', file!]);
	return multipart(parts);
}

/** An answer to a question is known by the question's number and a word; what is quoted is that. */
function quotedOf({ replyToMessageId }: OutboundMessage): number | undefined {
	const id = Number(replyToMessageId?.split(':', 1)[0]);
	return Number.isSafeInteger(id) && id > 0 ? id : undefined;
}
