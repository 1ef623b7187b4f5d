import { ChannelError } from '../errors';
import { textOf } from '../fields';
import { isOk, type ChannelTools, type HttpAnswer, type HttpCall } from '../http';
import type {
	OutboundButton,
	OutboundMedia,
	OutboundMessage,
	Recipient,
	Sending,
	SendingLimits,
} from '../sending';
import { callViber, outboundId } from './api';
import { trackingOf } from './buttons';

const MB = 1024 * 1024;

/** Viber REST API, "Message types" and "Keyboards"; the FAQ for the number of rows. */
const limits: SendingLimits = {
	text: 7000,
	caption: 512,
	unit: 'utf16',
	media: {
		image: {
			bytes: MB,
			byUrl: 'any',
			upload: false,
			types: ['image/jpeg', 'image/png', 'image/gif'],
		},
		video: { bytes: 26 * MB, byUrl: 'any', upload: false, types: ['video/mp4'] },
		// Viber has no message for sounds: they go as files, as documents do.
		audio: { bytes: 50 * MB, byUrl: 'any', upload: false },
		document: { bytes: 50 * MB, byUrl: 'any', upload: false },
	},
	buttons: { most: 24, title: 250, id: 250, links: true, withMedia: true },
};

/** Viber REST API: the whole of a request. */
const LARGEST_BODY = 30_000;
const LONGEST_URL = 2000;
const LONGEST_NAME = 28;
const LONGEST_FILE_NAME = 256;

/** A keyboard is six columns wide and shows up to twelve rows. */
const KEYBOARD = { columns: 6, rows: 12 };

export const sending: Sending = {
	limits,
	// Viber knows no key that makes one message of two tries.
	idempotent: false,
	oneAccount: true,

	missingSettings(settings) {
		const missing: string[] = [];
		if (textOf(settings.authToken) === undefined) missing.push('Auth Token');
		if (textOf(settings.senderName) === undefined) missing.push('Sender Name');
		return missing;
	},

	problem(message, recipient) {
		const { text, media, buttons = [] } = message;
		if (media && media.type !== 'image' && text !== '') {
			return 'Viber shows a text only under a picture: send the file and the text one after the other';
		}
		for (const url of [media?.url, ...buttons.map((button) => button.url)]) {
			if (url !== undefined && url.length > LONGEST_URL) {
				return `Viber takes addresses of up to ${LONGEST_URL} characters`;
			}
		}
		if (buttons.length > 0 && text === '' && !media) {
			return 'Buttons in Viber stand under a message: add a text or a file';
		}
		const size = Buffer.byteLength(JSON.stringify(bodyOf(message, recipient, {}, 0)), 'utf8');
		if (size > LARGEST_BODY) {
			return `Viber takes messages of up to ${LARGEST_BODY} bytes with all that belongs to them, and this one has ${size}`;
		}
		return undefined;
	},

	async send(message, recipient, tools) {
		const { media } = message;
		const needsSize = media?.url !== undefined && media.type !== 'image';
		const size = needsSize ? await sizeOf(media, tools) : 0;
		const answer = await callViber(
			{
				method: 'send_message',
				json: bodyOf(message, recipient, tools.settings, size),
				repeatable: false,
				act: 'send the message',
			},
			tools,
		);
		const id = outboundId(answer.message_token);
		if (id === undefined) {
			throw new ChannelError(
				'unclear',
				'Viber took the message but gave no token for it',
				'Look into the chat before you send it again.',
			);
		}
		return { id, status: 'sent' };
	},
};

function bodyOf(
	message: OutboundMessage,
	recipient: Recipient,
	settings: Record<string, unknown>,
	size: number,
): Record<string, unknown> {
	const { buttons = [] } = message;
	const tracking = trackingOf(buttons);
	const name = Array.from(textOf(settings.senderName) ?? '').slice(0, LONGEST_NAME);
	return {
		receiver: recipient.to,
		// The oldest clients show texts, files and keyboards.
		min_api_version: 1,
		sender: { name: name.join('') },
		...contentOf(message, size),
		...(buttons.length > 0 && { keyboard: keyboardOf(buttons) }),
		...(tracking !== undefined && { tracking_data: tracking }),
	};
}

function contentOf({ text, media }: OutboundMessage, size: number): Record<string, unknown> {
	if (!media) return { type: 'text', text };
	switch (media.type) {
		case 'image':
			// Required, also when there is none.
			return { type: 'picture', text, media: media.url };
		case 'video':
			return { type: 'video', media: media.url, size };
		default:
			return { type: 'file', media: media.url, size, file_name: fileNameOf(media.url) };
	}
}

/** A row for each button while there are rows enough, else two in a row. */
function keyboardOf(buttons: OutboundButton[]): Record<string, unknown> {
	const columns = buttons.length > KEYBOARD.rows ? KEYBOARD.columns / 2 : KEYBOARD.columns;
	return {
		Type: 'keyboard',
		DefaultHeight: false,
		Buttons: buttons.map(({ title, url }) => ({
			Columns: columns,
			Rows: 1,
			ActionType: url === undefined ? 'reply' : 'open-url',
			ActionBody: url ?? title,
			Text: title,
		})),
	};
}

/** The last part of the address: Viber opens a file by the ending of its name. */
function fileNameOf(address: string | undefined): string {
	let name = '';
	try {
		name = decodeURIComponent(new URL(address ?? '').pathname.split('/').at(-1) ?? '');
	} catch {
		// An address that cannot be taken apart still is one that Viber may fetch.
	}
	return (name === '' ? 'file' : name).slice(-LONGEST_FILE_NAME);
}

/**
 * Viber wants to be told how large a video or a file is. Most servers say so when asked about the file
 * alone; the others are asked for its first byte, if they know ranges: without that they would send all
 * of it.
 */
async function sizeOf({ url = '' }: OutboundMedia, tools: ChannelTools): Promise<number> {
	const about = await askServer({ method: 'HEAD', url }, tools);
	const said = sizeIn(about.headers['content-length']);
	if (said !== undefined) return said;
	if (/\bbytes\b/i.test(about.headers['accept-ranges'] ?? '')) {
		const part = await askServer({ method: 'GET', url, headers: { Range: 'bytes=0-0' } }, tools);
		const total = /\/(\d+)$/.exec(part.headers['content-range'] ?? '')?.[1];
		const whole = sizeIn(total);
		if (whole !== undefined) return whole;
	}
	throw new ChannelError(
		'rejected',
		'The server of the file does not say how large it is, and Viber must be told',
		'Put the file on a server that answers HEAD with Content-Length.',
	);
}

/** Whatever goes wrong here is not of Viber, and before the message: nothing was sent. */
async function askServer(call: HttpCall, tools: ChannelTools): Promise<HttpAnswer> {
	// Compressed on the way, its length would not be its size.
	const headers = { ...call.headers, 'Accept-Encoding': 'identity' };
	const answer = await tools.call({ ...call, headers, anonymous: true }).catch(notReached);
	if (isOk(answer)) return answer;
	throw new ChannelError(
		answer.status >= 500 ? 'unavailable' : 'rejected',
		`The server of the file does not say how large it is (HTTP ${answer.status}), and Viber must be told`,
		'Check that the address of the file is public, leads to the file itself, and is answered for HEAD as for GET.',
	);
}

function notReached(cause: unknown): never {
	throw new ChannelError(
		'unavailable',
		'The server of the file cannot be reached from here, and Viber must be told how large it is',
		'Check that the address of the file is public.',
		{ cause },
	);
}

function sizeIn(text: string | undefined): number | undefined {
	const size = Number(text);
	return Number.isSafeInteger(size) && size > 0 ? size : undefined;
}
