import { ChannelError } from '../errors';
import { fieldsOf, idOf, listOf, present, textOf, type Fields } from '../fields';
import { isOk, multipart } from '../http';
import { graphFailure, graphUnclear, graphUrlOf } from '../meta/graph';
import { internationalDigits } from '../phone';
import type {
	OutboundButton,
	OutboundMedia,
	OutboundMessage,
	OutboundTemplate,
	Recipient,
	Sending,
	SendTools,
} from '../sending';
import { isUserId, phoneDigitsOf } from './contact';
import { isList, LIMITS, problemOf, WINDOW } from './limits';

/**
 * Sending by the Cloud API (Meta, "Messages API" and "Media API"). The credential adds the token.
 * Nothing in it makes one message of two tries.
 */
export const sending: Sending = {
	limits: LIMITS,

	window: () => WINDOW,

	idempotent: false,

	missingSettings: ({ accessToken }) => (textOf(accessToken) === undefined ? ['Access Token'] : []),

	problem: problemOf,

	async send(message, recipient, tools) {
		const number = sendingNumber(recipient, tools.settings);
		const to = addressOf(recipient.to);
		const content = await contentOf(message, number, tools);
		const { replyToMessageId } = message;
		const answer = await tools.call({
			method: 'POST',
			url: `${graphUrlOf(tools.settings)}/${number}/messages`,
			json: present({
				messaging_product: 'whatsapp',
				recipient_type: 'individual',
				...to,
				context: replyToMessageId === undefined ? undefined : { message_id: replyToMessageId },
				...content,
			}),
		});
		if (!isOk(answer)) throw graphFailure(answer);
		const id = idOf(fieldsOf(listOf(fieldsOf(answer.body)?.messages)[0])?.id);
		if (id === undefined) throw graphUnclear();
		return { id, status: 'sent' };
	},

	/** WhatsApp lets a business write first by a template: the window of such a recipient is closed. */
	firstContact(phone, settings) {
		const account = textOf(settings.phoneNumberId);
		const to = internationalDigits(phone);
		if (account === undefined || to === undefined) return undefined;
		return { account, to, context: {}, lastInboundAt: null };
	},
};

/** The number that the contact wrote to, else the one of the credential. */
function sendingNumber({ account }: Recipient, { phoneNumberId }: Fields): string {
	const number = textOf(account) ?? textOf(phoneNumberId);
	if (number !== undefined && /^\d{1,40}$/.test(number)) return number;
	throw new ChannelError(
		'rejected',
		number === undefined
			? 'It is not known which number to send from'
			: 'The number to send from is not a phone number ID of WhatsApp',
		'Enter the Phone Number ID in the credential. It stands in the Meta app dashboard under WhatsApp, API Setup, and has digits only.',
	);
}

/**
 * A phone with its plus sign: without it Meta takes a number for one of the business's own country
 * (Meta, "Phone numbers: formats"). A business-scoped user ID goes into a field of its own.
 */
function addressOf(to: string): { to: string } | { recipient: string } {
	if (isUserId(to)) return { recipient: to };
	const digits = phoneDigitsOf(to);
	if (digits !== undefined) return { to: `+${digits}` };
	throw new ChannelError(
		'notFound',
		'The contact has neither a phone number nor a user ID of WhatsApp',
		'Reach the contact on another channel.',
	);
}

async function contentOf(
	{ text, media, buttons = [], listLabel, template }: OutboundMessage,
	number: string,
	tools: SendTools,
): Promise<Fields> {
	const file = media && (await fileOf(media, number, tools));
	if (template) return { type: 'template', template: templateOf(template, file) };
	if (buttons.length > 0) {
		return { type: 'interactive', interactive: interactiveOf(text, buttons, file, listLabel) };
	}
	if (file) {
		const caption = text === '' ? undefined : text;
		return { type: file.type, [file.type]: present({ ...file.content, caption }) };
	}
	return { type: 'text', text: { body: text, preview_url: /https?:\/\//i.test(text) } };
}

/** A file as a message names it: `{type: 'image', content: {id}}`, or by its address. */
interface MessageFile {
	type: OutboundMedia['type'];
	content: Fields;
}

async function fileOf(
	{ type, url, file }: OutboundMedia,
	number: string,
	tools: SendTools,
): Promise<MessageFile> {
	const named = (name: string | undefined) => (type === 'document' ? { filename: name } : {});
	if (file) {
		const id = await upload(file, number, tools);
		return { type, content: present({ id, ...named(file.name) }) };
	}
	if (url !== undefined) return { type, content: present({ link: url, ...named(nameIn(url)) }) };
	throw new ChannelError(
		'rejected',
		'The file has neither an address nor content',
		'Give the file.',
	);
}

/** Without a name WhatsApp shows a document as "Untitled", and without its icon. */
function nameIn(url: string): string | undefined {
	try {
		const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
		return /[^.]\.[A-Za-z0-9]{1,8}$/.test(name) ? name : undefined;
	} catch {
		return undefined;
	}
}

/** Long enough for the largest document on a slow line; milliseconds. */
const UPLOAD_TIME = 120_000;

/** `POST /{phone_number_id}/media`. A second copy of a file is never seen by anybody. */
async function upload(
	file: NonNullable<OutboundMedia['file']>,
	number: string,
	{ call, settings }: SendTools,
): Promise<string> {
	const answer = await call({
		method: 'POST',
		url: `${graphUrlOf(settings)}/${number}/media`,
		bytes: multipart([
			['messaging_product', 'whatsapp'],
			['type', file.mimeType],
			['file', file],
		]),
		timeout: UPLOAD_TIME,
		repeatable: true,
	});
	if (!isOk(answer)) throw graphFailure(answer);
	const id = idOf(fieldsOf(answer.body)?.id);
	if (id !== undefined) return id;
	throw new ChannelError(
		'unavailable',
		'Meta took the file and gave no ID for it, so nothing was sent',
		'Try again later. If a Base URL is set in the credential, look whether it passes on the answers of Meta.',
	);
}

/**
 * What opens a list: WhatsApp asks for a label, and this one needs no translation into the
 * contact's language.
 */
const LIST_LABEL = '☰';

function interactiveOf(
	text: string,
	buttons: OutboundButton[],
	file?: MessageFile,
	listLabel = LIST_LABEL,
): Fields {
	const header = file ? { type: file.type, [file.type]: file.content } : undefined;
	const link = buttons.find(({ url }) => url !== undefined);
	const [type, action] = link
		? ['cta_url', { name: 'cta_url', parameters: { display_text: link.title, url: link.url } }]
		: isList(buttons)
			? ['list', { button: listLabel, sections: [{ rows: buttons.map(choice) }] }]
			: [
					'button',
					{ buttons: buttons.map((button) => ({ type: 'reply', reply: choice(button) })) },
				];
	return present({ type, header, body: { text }, action });
}

const choice = ({ id, title }: OutboundButton) => ({ id, title });

/** The values of the body in order, or by name; a file at the top where the template has one. */
function templateOf({ name, language, parameters }: OutboundTemplate, file?: MessageFile): Fields {
	const components: Fields[] = [];
	if (file) {
		components.push({
			type: 'header',
			parameters: [{ type: file.type, [file.type]: file.content }],
		});
	}
	if (parameters.length > 0) {
		components.push({
			type: 'body',
			parameters: parameters.map((parameter) =>
				present({ type: 'text', parameter_name: parameter.name, text: parameter.value }),
			),
		});
	}
	return present({
		name,
		language: { code: language },
		components: components.length > 0 ? components : undefined,
	});
}
