import type { ChannelSettings } from '../channel';
import { ChannelError } from '../errors';
import { fieldsOf, present, textOf } from '../fields';
import { baseUrlOf, isOk, type HttpAnswer } from '../http';
import type { OutboundMessage, Recipient, Sending, SentMessage } from '../sending';
import { unclear } from '../whatsappWeb/answers';
import { accountFor } from '../whatsappWeb/account';
import { firstContactOf } from '../whatsappWeb/contact';
import { limitsOf, namedFile, voiceProblem } from '../whatsappWeb/media';
import { keyIdOf } from '../whatsappWeb/values';
import { errorOf, NAME } from './answers';
import { readMessageId, serializedId } from './messageId';

/**
 * Sending by WAHA (`/api/send…`, documentation of 2026.7).
 *
 * Buttons are left out: WhatsApp shows those of unofficial clients to some and not to others. So is
 * an ID of our own: not every engine takes one, so it would promise what it cannot hold.
 */
export const sending: Sending = {
	// Its JSON bodies may have 50 MB (`main.ts`), which are 37 MB of a file.
	limits: limitsOf(36),

	idempotent: false,
	oneAccount: true,

	missingSettings(settings) {
		const missing: string[] = [];
		if (textOf(settings.baseUrl) === undefined) missing.push('Base URL');
		if (textOf(settings.apiKey) === undefined) missing.push('API Key');
		return missing;
	},

	problem: ({ text, media }) => voiceProblem(text, media?.type),

	async send(message, recipient, tools): Promise<SentMessage> {
		const { path, body } = requestOf(message, recipient, sessionOf(tools.settings));
		const url = `${addressOf(tools.settings)}/api/${path}`;
		const answer = await tools.call({ method: 'POST', url, json: body });
		if (!isOk(answer)) throw errorOf(answer);
		const id = sentId(answer);
		if (id === undefined) throw unclear(NAME, answer);
		return { id, status: 'sent' };
	},

	firstContact: (phone, settings) =>
		firstContactOf(phone, accountFor(settings, sessionOf(settings))),
};

/** WAHA's own name for its first session. */
export const sessionOf = (settings: ChannelSettings) => textOf(settings.session) ?? 'default';

export function addressOf(settings: ChannelSettings): string {
	const base = baseUrlOf(settings.baseUrl, '');
	if (base !== '') return base;
	throw new ChannelError(
		'rejected',
		'The credential has no Base URL',
		'Enter the address of your WAHA in the credential.',
	);
}

const PATHS = { image: 'sendImage', video: 'sendVideo', audio: 'sendVoice', document: 'sendFile' };

function requestOf(
	{ text, media, replyToMessageId }: OutboundMessage,
	{ to, context }: Recipient,
	session: string,
): { path: string; body: object } {
	const chatId = to.includes('@') ? to : `${to}@c.us`;
	const chat = textOf(context.chat) ?? chatId;
	const reply_to =
		replyToMessageId === undefined ? undefined : serializedId(chat, replyToMessageId);
	const base = present({ session, chatId, reply_to });
	if (!media) return { path: 'sendText', body: { ...base, text } };

	const { name: filename, mimeType: mimetype, url, base64: data } = namedFile(media);
	const file = present({ mimetype, filename, url, data });
	// WhatsApp plays voice messages as Opus and films as MP4; WAHA converts what is neither.
	const ready = media.type === 'audio' ? /opus|ogg/i : /mp4/i;
	const convert =
		media.type === 'audio' || media.type === 'video' ? !ready.test(mimetype) : undefined;
	// Where a video has no caption at all, WAHA writes one of its own: "Just watch at this!".
	const caption = text === '' && media.type !== 'video' ? undefined : text;
	return { path: PATHS[media.type], body: present({ ...base, file, caption, convert }) };
}

/** Each engine answers with its own object: an ID as text, in parts, in a key, or in `Info`. */
function sentId({ body }: HttpAnswer): string | undefined {
	const answer = fieldsOf(body);
	const data = fieldsOf(answer?._data);
	const id =
		readMessageId(answer?.id) ??
		readMessageId(answer?.key && keyIdOf(answer.key)) ??
		readMessageId(data?.id) ??
		readMessageId(keyIdOf(data?.key)) ??
		readMessageId(keyIdOf(data?.Info));
	return id?.id;
}
