import { ChannelError } from '../errors';
import { idOf, fieldsOf, present, textOf, type Fields } from '../fields';
import { isOk, multipart, type FormPart, type HttpCall } from '../http';
import { graphFailure, graphUnclear, graphUrlOf } from '../meta/graph';
import type {
	MediaType,
	OutboundButton,
	OutboundMedia,
	OutboundMessage,
	Recipient,
	Sending,
	SendingLimits,
	SendTools,
} from '../sending';
import type { Product } from './product';
import { HOUR, windowOf } from './window';

/** "A text message with up to three buttons", Messenger Platform, "Button template". */
const MOST_TEMPLATE_BUTTONS = 3;

/** `text` of a button template, the same page: 640 characters. */
const LONGEST_TEMPLATE_TEXT = 640;

/** An upload takes longer than a call. Milliseconds. */
const UPLOAD_TIMEOUT = 120_000;

/** What Meta calls the kinds of files. */
const MEDIA_NAMES: Readonly<Record<MediaType, string>> = {
	image: 'image',
	video: 'video',
	audio: 'audio',
	document: 'file',
};

/**
 * Messenger Platform, "Send API": `POST /me/messages`, for pages and for Instagram accounts alike.
 * `me` is whom the access token belongs to, so the page need not be named.
 *
 * @param token what the credential's form calls the access token
 */
export function messagingSending(product: Product, limits: SendingLimits, token: string): Sending {
	return {
		limits,
		idempotent: false,
		// Where an account has several IDs, the one of the credential is not always the one in a message.
		...(product.hasSeveralIds ? {} : { oneAccount: true as const }),
		missingSettings: (settings) => (textOf(settings.accessToken) === undefined ? [token] : []),
		window: (_recipient: Recipient, settings?: Fields) => windowOf(product, settings),
		problem: ({ text, media, buttons = [] }) => problemOf(text, media, buttons),
		send: (message, recipient, tools) => send(product, message, recipient, tools),
	};
}

function problemOf(
	text: string,
	media: OutboundMedia | undefined,
	buttons: OutboundButton[],
): string | undefined {
	if (buttons.length === 0) return undefined;
	if (!media && text.trim() === '') return 'Buttons need a text above them';
	if (!hasLinks(buttons)) return undefined;
	if (media) return 'A button that opens a page cannot stand under a file. Send the file first';
	if (buttons.length > MOST_TEMPLATE_BUTTONS) {
		return `With a button that opens a page there is room for ${MOST_TEMPLATE_BUTTONS} buttons, and these are ${buttons.length}`;
	}
	const length = [...text].length;
	return length > LONGEST_TEMPLATE_TEXT
		? `Above a button that opens a page there is room for ${LONGEST_TEMPLATE_TEXT} characters, and the text has ${length}`
		: undefined;
}

async function send(
	product: Product,
	message: OutboundMessage,
	recipient: Recipient,
	tools: SendTools,
) {
	const fields = present({
		recipient: { id: recipient.to },
		...occasionOf(product, recipient, tools),
		message: contentOf(message),
		reply_to:
			message.replyToMessageId === undefined ? undefined : { mid: message.replyToMessageId },
	});
	const file = message.media?.file;
	const answer = await tools.call({
		method: 'POST',
		url: `${graphUrlOf(tools.settings)}/me/messages`,
		...(file ? await upload(fields, file) : { json: fields }),
	});
	if (!isOk(answer)) throw graphFailure(answer);
	const id = idOf(fieldsOf(answer.body)?.message_id);
	if (id === undefined) throw graphUnclear();
	return { id, status: 'sent' as const };
}

/** Within a day an answer; later only what a person writes, and only where Meta allowed that. */
function occasionOf(
	product: Product,
	{ lastInboundAt }: Recipient,
	{ now, settings }: SendTools,
): { messaging_type: string; tag?: string } {
	const age = lastInboundAt === null ? 0 : now - lastInboundAt;
	const { hours, afterwards } = windowOf(product, settings);
	if (age > hours * HOUR) {
		throw new ChannelError(
			'windowClosed',
			`More than ${hours} hours have passed since the contact wrote`,
			afterwards,
		);
	}
	return age <= 24 * HOUR
		? { messaging_type: 'RESPONSE' }
		: { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' };
}

const hasLinks = (buttons: OutboundButton[]) => buttons.some(({ url }) => url !== undefined);

function contentOf({ text, media, buttons = [] }: OutboundMessage): Fields {
	if (hasLinks(buttons)) return buttonTemplate(text, buttons);
	return present({
		text: media ? undefined : text,
		attachment: media && {
			type: MEDIA_NAMES[media.type],
			payload: present({ url: media.file ? undefined : media.url }),
		},
		quick_replies: buttons.length > 0 ? buttons.map(quickReply) : undefined,
	});
}

/** It disappears once one is chosen, and comes back as a message with this payload. */
const quickReply = ({ id, title }: OutboundButton) => ({
	content_type: 'text',
	title,
	payload: id,
});

/** Quick replies cannot open pages; a template's buttons can, and the others come back as postbacks. */
function buttonTemplate(text: string, buttons: OutboundButton[]): Fields {
	return {
		attachment: {
			type: 'template',
			payload: {
				template_type: 'button',
				text,
				buttons: buttons.map(({ id, title, url }) =>
					url === undefined
						? { type: 'postback', title, payload: id }
						: { type: 'web_url', title, url },
				),
			},
		},
	};
}

/** "Submit your message request as form data" with `filedata`: Messenger Platform, "Saving assets". */
async function upload(
	fields: Fields,
	file: NonNullable<OutboundMedia['file']>,
): Promise<Pick<HttpCall, 'bytes' | 'timeout'>> {
	const parts = Object.entries(fields).map(([name, value]): [string, FormPart] => [
		name,
		typeof value === 'string' ? value : JSON.stringify(value),
	]);
	return { bytes: multipart([...parts, ['filedata', file]]), timeout: UPLOAD_TIMEOUT };
}
