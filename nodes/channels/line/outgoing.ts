import { present, textOf } from '../fields';
import type { OutboundButton, OutboundMedia, OutboundMessage, Recipient } from '../sending';
import { dataOf } from './buttons';

/** Messaging API reference, "Message objects": addresses of files, and of a URI action. */
const LONGEST_FILE_URL = 2000;
const LONGEST_LINK = 1000;

/** Messaging API reference, "Buttons template": without a title and an image. */
const TEMPLATE = { text: 160, actions: 4 };

/** LINE shows a length beside an audio and does not look for it in the file. Milliseconds. */
const SHOWN_LENGTH = 60_000;

/** A sentence about what LINE would refuse and the general limits do not know. */
export function problemOf(message: OutboundMessage, recipient: Recipient): string | undefined {
	const { text, media, buttons = [], replyToMessageId } = message;
	if (media?.url !== undefined && media.url.length > LONGEST_FILE_URL) {
		return `LINE takes addresses of files of up to ${LONGEST_FILE_URL} characters`;
	}
	for (const { url } of buttons) {
		if (url === undefined) continue;
		if (url.length > LONGEST_LINK) {
			return `LINE takes links in buttons of up to ${LONGEST_LINK} characters`;
		}
		if (!/^(https?|line|tel):/i.test(url)) {
			return 'A button in LINE opens addresses that begin with http, https, line or tel';
		}
	}
	if (buttons.length > 0 && text === '' && !media) {
		return 'Buttons in LINE stand under a message: add a text or a file';
	}
	if (replyToMessageId === undefined) return undefined;
	if (text === '') return 'Only a text can quote a message in LINE';
	if (quoteTokenFor(message, recipient) === undefined) {
		return "In LINE only the contact's newest message can be quoted, and this is another one or of a kind that cannot be quoted";
	}
	return undefined;
}

/**
 * The message objects of one call. The file goes first and its text after it; buttons belong to
 * the last object, since LINE shows only those.
 */
export function messagesFor(
	message: OutboundMessage,
	recipient: Recipient,
	settings: Record<string, unknown>,
): Array<Record<string, unknown>> {
	const { text, media, buttons = [] } = message;
	const quoteToken = quoteTokenFor(message, recipient);
	if (!media && quoteToken === undefined && fitsTemplate(text, buttons)) {
		return [buttonsTemplate(text, buttons)];
	}
	const messages: Array<Record<string, unknown>> = [];
	if (media) messages.push(fileMessage(media, settings));
	if (text !== '') messages.push(present({ type: 'text', text, quoteToken }));
	const last = messages.at(-1);
	if (last && buttons.length > 0) {
		last.quickReply = {
			items: buttons.map((button) => ({ type: 'action', action: actionOf(button) })),
		};
	}
	return messages;
}

/** LINE gives a token for quoting with each message; the newest one is remembered. */
function quoteTokenFor(
	{ replyToMessageId }: OutboundMessage,
	{ context }: Recipient,
): string | undefined {
	if (replyToMessageId === undefined || context.quoteMessageId !== replyToMessageId)
		return undefined;
	return textOf(context.quoteToken);
}

/**
 * Quick replies vanish with the next message and are not shown on computers, which is right for
 * choices and wrong for links. So links stand in a template where they fit into one.
 */
function fitsTemplate(text: string, buttons: OutboundButton[]): boolean {
	return (
		buttons.some(({ url }) => url !== undefined) &&
		buttons.length <= TEMPLATE.actions &&
		text !== '' &&
		text.length <= TEMPLATE.text
	);
}

function buttonsTemplate(text: string, buttons: OutboundButton[]): Record<string, unknown> {
	return {
		type: 'template',
		altText: text,
		template: { type: 'buttons', text, actions: buttons.map(actionOf) },
	};
}

/** A choice comes back as a postback event, and stands in the chat by its title. */
function actionOf(button: OutboundButton): Record<string, unknown> {
	const { title, url } = button;
	return url === undefined
		? { type: 'postback', label: title, data: dataOf(button), displayText: title }
		: { type: 'uri', label: title, uri: url };
}

function fileMessage(
	{ type, url }: OutboundMedia,
	settings: Record<string, unknown>,
): Record<string, unknown> {
	switch (type) {
		case 'image':
			return { type, originalContentUrl: url, previewImageUrl: url };
		case 'video':
			// LINE wants a picture; with the address of the video in its place the preview stays empty.
			return {
				type,
				originalContentUrl: url,
				previewImageUrl: textOf(settings.videoPreviewUrl) ?? url,
			};
		default:
			return { type: 'audio', originalContentUrl: url, duration: SHOWN_LENGTH };
	}
}
