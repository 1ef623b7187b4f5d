import type { OutboundButton, OutboundMessage, ReplyWindow, SendingLimits } from '../sending';

/** Meta writes "MB" and leaves open which; a file between the two is Meta's to refuse. */
const MB = 1024 * 1024;

/**
 * Meta, "Text messages", "Image messages" and so on, "Supported media types", "Interactive reply
 * buttons messages", "Interactive list messages" and "Interactive call-to-action URL button
 * messages" (2025 and 2026).
 *
 * Ten choices are the rows of a list; up to three are buttons. A document may be of any type.
 */
export const LIMITS: SendingLimits = {
	text: 4096,
	caption: 1024,
	media: {
		image: { bytes: 5 * MB, byUrl: 'any', upload: true, types: ['image/jpeg', 'image/png'] },
		video: { bytes: 16 * MB, byUrl: 'any', upload: true, types: ['video/mp4', 'video/3gpp'] },
		audio: {
			bytes: 16 * MB,
			byUrl: 'any',
			upload: true,
			types: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'],
		},
		document: { bytes: 100 * MB, byUrl: 'any', upload: true },
	},
	buttons: { most: 10, title: 20, id: 256, links: true, withMedia: true },
	templates: true,
	quotes: true,
};

/** Meta, "Sending messages: customer service windows". */
export const WINDOW: ReplyWindow = {
	hours: 24,
	templatesAfter: true,
	afterwards: 'Send a template that WhatsApp has approved, or wait until the contact writes again.',
};

/** More choices than this become a list. */
export const MOST_REPLY_BUTTONS = 3;

/** Of a text with buttons; a list takes as much as a text without. */
const LONGEST_BODY = 1024;

/** Of the ID of a row in a list. */
const LONGEST_ROW_ID = 200;

export const isList = (buttons: OutboundButton[]) => buttons.length > MOST_REPLY_BUTTONS;

/** What the limits above cannot say about a message. */
export function problemOf(message: OutboundMessage): string | undefined {
	const { text, media, buttons = [], template } = message;
	if (template) return templateProblem(message);
	if (text.trim() === '' && !media) return 'A message needs a text or a file';
	if (media?.type === 'audio' && text !== '') {
		return 'WhatsApp shows no text beside an audio file. Send the text as a message of its own';
	}
	return buttons.length > 0 ? buttonProblem(message, buttons) : undefined;
}

function buttonProblem(
	{ text, media }: OutboundMessage,
	buttons: OutboundButton[],
): string | undefined {
	if (text.trim() === '') return 'A message with buttons needs a text';
	if (media?.type === 'audio') return 'WhatsApp takes no buttons under an audio file';
	if (buttons.some(({ url }) => url !== undefined) && buttons.length > 1) {
		return 'A button that opens a page has to be the only button of the message';
	}
	if (isList(buttons)) {
		if (media) {
			return `Under a file WhatsApp takes at most ${MOST_REPLY_BUTTONS} buttons; more become a list, which has no file`;
		}
		if (buttons.some(({ id }) => [...id].length > LONGEST_ROW_ID)) {
			return `With more than ${MOST_REPLY_BUTTONS} buttons the ID of each may have ${LONGEST_ROW_ID} characters at most`;
		}
	} else if ([...text].length > LONGEST_BODY) {
		return `A text with buttons may have ${LONGEST_BODY} characters at most`;
	}
	if (buttons.some(({ id }) => id !== id.trim())) {
		return 'The ID of a button must not begin or end with a space';
	}
	const titles = new Set(buttons.map(({ title }) => title.trim()));
	if (titles.has('')) return 'Each button needs a title';
	if (titles.size < buttons.length) return 'Each button needs a title of its own';
	return undefined;
}

function templateProblem({
	text,
	media,
	buttons = [],
	template,
}: OutboundMessage): string | undefined {
	const parameters = template?.parameters ?? [];
	if (text !== '') {
		return 'A template brings its own text. Put what changes into its values';
	}
	if (buttons.length > 0) {
		return 'The buttons of a template are part of the template. Leave out the buttons here';
	}
	if (media?.type === 'audio') return 'A template cannot have an audio file at its top';
	const named = parameters.filter(({ name }) => name !== undefined).length;
	if (named > 0 && named < parameters.length) {
		return 'Give all the values of a template with names, or all without';
	}
	if (parameters.some(({ value }) => value.trim() === '')) {
		return 'WhatsApp takes no empty value for a placeholder of a template';
	}
	// "Param text cannot have new-line/tab characters or more than 4 consecutive spaces."
	if (parameters.some(({ value }) => /[\n\r\t]| {5}/.test(value))) {
		return 'A value of a template must not have line breaks, tabs or more than four spaces in a row';
	}
	return undefined;
}
