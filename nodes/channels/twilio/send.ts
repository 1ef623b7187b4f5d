import type { ChannelSettings } from '../channel';
import { ChannelError } from '../errors';
import { fieldsOf, idOf, textOf } from '../fields';
import { baseUrlOf, isOk, type HttpCall } from '../http';
import { internationalDigits } from '../phone';
import { secretsOf } from '../signatures';
import type {
	MediaLimit,
	OutboundMessage,
	OutboundTemplate,
	Recipient,
	Sending,
	SendTools,
	SentMessage,
} from '../sending';
import {
	accountOf,
	addressOf,
	hasPhones,
	isWhatsApp,
	messagingServiceOf,
	partsOfAccount,
} from './address';
import { failureOf, failureOfCode } from './failures';

export const TWILIO = 'https://api.twilio.com';

/** Twilio fetches files itself and takes no upload ("Messages resource", `MediaUrl`). */
const fileUpTo = (megabytes: number): MediaLimit => ({
	bytes: megabytes * 1024 * 1024,
	byUrl: 'https',
	upload: false,
});

export const sending: Sending = {
	limits: {
		// "Body can be up to 1,600 characters" (error 21658). Twilio does not say how it counts an emoji.
		text: 1600,
		caption: 1600,
		unit: 'utf16',
		// "Accepted content types for media": 5 MB, on WhatsApp and RCS 16 MB; WhatsApp images 5 MB.
		media: {
			image: fileUpTo(5),
			video: fileUpTo(16),
			audio: fileUpTo(16),
			document: fileUpTo(16),
		},
		templates: true,
	},

	window: ({ to }) =>
		isWhatsApp(to)
			? {
					hours: 24,
					templatesAfter: true,
					afterwards:
						'Send a Content template that WhatsApp has approved, or wait until the contact writes',
				}
			: undefined,

	// "Messages resource" has no key that makes one message of two requests.
	idempotent: false,

	missingSettings(settings) {
		const missing: string[] = [];
		if (textOf(settings.accountSid) === undefined) missing.push('Account SID');
		const keySid = textOf(settings.apiKeySid);
		const keySecret = textOf(settings.apiKeySecret);
		if (keySid === undefined && keySecret !== undefined) missing.push('API Key SID');
		if (keySid !== undefined && keySecret === undefined) missing.push('API Key Secret');
		if (keySid === undefined && keySecret === undefined) {
			if (secretsOf(settings.authToken).length === 0) missing.push('Auth Token');
		}
		return missing;
	},

	problem({ template, media, text }, { to }) {
		if (template && !CONTENT_SID.test(template.name.trim())) {
			return 'Twilio knows templates by their Content SID: HX and 32 digits and letters, from the Content Template Builder';
		}
		if (template && media) return 'A Content template brings its own file: leave the file out';
		// "Guidance on WhatsApp media messages": no caption for documents; WhatsApp has none for audio.
		if (isWhatsApp(to) && text !== '' && (media?.type === 'document' || media?.type === 'audio')) {
			return 'On WhatsApp, Twilio sends no text with a document or an audio file: send the text as a message of its own';
		}
		return undefined;
	},

	send,

	/** On the network of the sender, where that has phone numbers. */
	firstContact(phone, settings) {
		const sender = addressOf(settings.sender);
		const account = accountOf(textOf(settings.accountSid), sender);
		const digits = internationalDigits(phone);
		if (account === undefined || digits === undefined) return undefined;
		if (!sender || !hasPhones(sender)) return undefined;
		const to = sender.prefix === '' ? `+${digits}` : `${sender.prefix}:+${digits}`;
		return { account, to, context: {}, lastInboundAt: null };
	},
};

const CONTENT_SID = /^HX[0-9a-f]{32}$/i;

/** "Create a Message": `POST /2010-04-01/Accounts/{AccountSid}/Messages.json`. */
async function send(
	message: OutboundMessage,
	recipient: Recipient,
	{ call, settings }: SendTools,
): Promise<SentMessage> {
	const answer = await call(callOf(message, recipient, settings));
	if (!isOk(answer)) throw failureOf(answer);
	const sent = fieldsOf(answer.body);
	const id = idOf(sent?.sid);
	if (id === undefined) {
		throw new ChannelError(
			'unclear',
			'Twilio answered without saying which message it took',
			'Look in the Twilio Console under Monitor, Logs, Messaging whether it was sent. Check Base URL in the credential',
		);
	}
	if (sent?.status === 'failed' || sent?.status === 'undelivered') {
		throw failureOfCode(sent.error_code, sent.error_message);
	}
	return { id, status: sent?.status === 'delivered' ? 'delivered' : 'sent' };
}

function callOf(
	{ text, media, template }: OutboundMessage,
	{ account, to, context }: Recipient,
	settings: ChannelSettings,
): HttpCall {
	const { accountSid, ours } = senderOf(account, settings);
	const form: NonNullable<HttpCall['form']> = { To: to };
	// With both, the service lends its settings (reports, opt-outs, registration) to its number.
	const service = messagingServiceOf(ours) ?? messagingServiceOf(context.messagingServiceSid);
	if (service !== ours) form.From = ours;
	if (service !== undefined) form.MessagingServiceSid = service;
	if (template) {
		form.ContentSid = template.name.trim();
		if (template.parameters.length > 0) form.ContentVariables = variablesOf(template);
	} else {
		if (text !== '') form.Body = text;
		if (media?.url !== undefined) form.MediaUrl = media.url;
	}
	const callback = statusCallbackOf(settings.webhookUrl);
	if (callback !== undefined) form.StatusCallback = callback;
	const base = baseUrlOf(settings.baseUrl, TWILIO);
	return {
		method: 'POST',
		url: `${base}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`,
		form,
	};
}

/** An answer comes from the number that was written to, even where it belongs to a subaccount. */
function senderOf(account: string, settings: ChannelSettings) {
	const parts =
		partsOfAccount(account) ??
		partsOfAccount(accountOf(textOf(settings.accountSid), addressOf(settings.sender)) ?? '');
	if (parts) return parts;
	throw new ChannelError(
		'rejected',
		'It is not known which number to send from',
		'Enter Account SID and Sender in the credential, or send to a contact who has written',
	);
}

/** Placeholders by name, else by their place from 1 on: `{"1": "…"}`. */
function variablesOf({ parameters }: OutboundTemplate): string {
	return JSON.stringify(
		Object.fromEntries(parameters.map(({ name, value }, i) => [name ?? String(i + 1), value])),
	);
}

/** Only a whole address can be told to Twilio; the beginning of one is for signatures alone. */
function statusCallbackOf(webhookUrl: unknown): string | undefined {
	const url = textOf(webhookUrl);
	return url !== undefined && /^https?:\/\/[^/?#]+\/[^?#]/i.test(url) ? url : undefined;
}
