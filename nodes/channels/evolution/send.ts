import { ChannelError } from '../errors';
import { fieldsOf, present, textOf } from '../fields';
import { baseUrlOf, isOk, type HttpAnswer } from '../http';
import type { OutboundMessage, Recipient, Sending, SendTools, SentMessage } from '../sending';
import { unclear } from '../whatsappWeb/answers';
import { accountFor } from '../whatsappWeb/account';
import { firstContactOf } from '../whatsappWeb/contact';
import { limitsOf, namedFile, voiceProblem } from '../whatsappWeb/media';
import { keyIdOf } from '../whatsappWeb/values';
import { errorOf, lacks, NAME } from './answers';

/**
 * Sending by Evolution API (`/message/…/{instance}`, API 2.3 and 1.8).
 *
 * Buttons are left out: WhatsApp shows those of unofficial clients to some and not to others.
 */
export const sending: Sending = {
	// Its JSON bodies may have 136 MB (`main.ts`), which are 102 MB of a file.
	limits: limitsOf(100),

	// A second call is a second message: no version takes an id of the caller.
	idempotent: false,
	oneAccount: true,

	missingSettings(settings) {
		const missing: string[] = [];
		if (textOf(settings.baseUrl) === undefined) missing.push('Base URL');
		if (textOf(settings.apiKey) === undefined) missing.push('API Key');
		if (textOf(settings.instanceName) === undefined) missing.push('Instance Name');
		return missing;
	},

	problem: ({ text, media }) => voiceProblem(text, media?.type),

	async send(message, recipient, tools): Promise<SentMessage> {
		const { path, second, first, wrapper } = bodiesOf(message, recipient);
		const url = addressOf(`message/${path}`, tools);
		let answer = await tools.call({ method: 'POST', url, json: second });
		// Version 1 wants another body and says so before it does anything, which costs a call with
		// version 1 alone. Asking for the version would cost one with every version, each time.
		if (lacks(answer, wrapper)) answer = await tools.call({ method: 'POST', url, json: first });
		return sentBy(answer);
	},

	firstContact: (phone, settings) =>
		firstContactOf(phone, accountFor(settings, textOf(settings.instanceName))),
};

/** The address of a call that is about the instance. */
export function addressOf(path: string, { settings }: Pick<SendTools, 'settings'>): string {
	const base = baseUrlOf(settings.baseUrl, '');
	if (base === '') {
		throw new ChannelError(
			'rejected',
			'The credential has no Base URL',
			'Enter the address of your Evolution API in the credential.',
		);
	}
	const instance = textOf(settings.instanceName);
	if (instance === undefined) {
		throw new ChannelError(
			'rejected',
			'The credential has no Instance Name',
			'Enter the name of the instance as the manager of Evolution API shows it.',
		);
	}
	return `${base}/${path}/${encodeURIComponent(instance)}`;
}

interface Bodies {
	path: string;
	/** For API 2. */
	second: object;
	/** For API 1, which wants the content in an object of this name. */
	first: object;
	wrapper: string;
}

function bodiesOf(message: OutboundMessage, { to: number }: Recipient): Bodies {
	const { text, media, replyToMessageId } = message;
	const quoted = replyToMessageId === undefined ? undefined : { key: { id: replyToMessageId } };
	const bodies = (path: string, wrapper: string, flat: object, wrapped: object): Bodies => ({
		path,
		wrapper,
		second: present({ number, ...flat, quoted }),
		first: { number, [wrapper]: wrapped, options: present({ quoted }) },
	});
	if (!media) return bodies('sendText', 'textMessage', { text }, { text });

	const { name, mimeType, url, base64 } = namedFile(media);
	const file = url ?? base64;
	if (media.type === 'audio') {
		return bodies('sendWhatsAppAudio', 'audioMessage', { audio: file }, { audio: file });
	}
	const content = present({
		mediatype: media.type,
		media: file,
		fileName: name,
		caption: text === '' ? undefined : text,
	});
	return bodies('sendMedia', 'mediaMessage', { ...content, mimetype: mimeType }, content);
}

function sentBy(answer: HttpAnswer): SentMessage {
	if (!isOk(answer)) throw errorOf(answer);
	const id = keyIdOf(fieldsOf(answer.body)?.key);
	if (id === undefined) throw unclear(NAME, answer);
	return { id, status: 'sent' };
}
