import type { ChannelSettings } from './channel';
import { ChannelError } from './errors';
import type { MediaType, OutboundMessage, Recipient, Sending, SendingLimits } from './sending';

const HOUR = 60 * 60_000;

/** Until when the channel takes an ordinary answer, in milliseconds since 1970; null: at any time. */
export function replyUntil(
	sending: Sending | undefined,
	recipient: Recipient,
	settings?: ChannelSettings,
): number | null {
	const window = sending?.window?.(recipient, settings);
	if (!window || recipient.lastInboundAt === null) return null;
	return recipient.lastInboundAt + window.hours * HOUR;
}

/**
 * Looks a message over before anything is sent, so that an operator reads a sentence instead of a
 * provider's code.
 *
 * @throws ChannelError `rejected`, `windowClosed`
 */
export function checkMessage(
	channel: { displayName: string; sending: Sending },
	message: OutboundMessage,
	recipient: Recipient,
	{ settings, now }: { settings: ChannelSettings; now: number },
): void {
	const { displayName, sending } = channel;
	checkWindow(displayName, sending, message, recipient, { settings, now });
	const problem =
		contentProblem(displayName, sending.limits, message) ?? sending.problem?.(message, recipient);
	if (problem !== undefined) {
		throw new ChannelError(
			'rejected',
			problem,
			`Nothing was sent. Change the message, or send it on another channel`,
		);
	}
}

function checkWindow(
	name: string,
	sending: Sending,
	message: OutboundMessage,
	recipient: Recipient,
	{ settings, now }: { settings: ChannelSettings; now: number },
): void {
	const window = sending.window?.(recipient, settings);
	if (!window || (message.template && window.templatesAfter)) return;
	const until = replyUntil(sending, recipient, settings);
	if (until !== null && now < until) return;
	const what =
		until === null
			? `The contact has not written on ${name} yet, so ${name} takes no ordinary message`
			: `The reply window of ${name} is over: the contact last wrote more than ${window.hours} hours ago`;
	throw new ChannelError('windowClosed', what, window.afterwards);
}

function contentProblem(
	name: string,
	limits: SendingLimits,
	message: OutboundMessage,
): string | undefined {
	const { text, media, buttons = [], template } = message;
	if (template) {
		return limits.templates ? undefined : `${name} has no templates`;
	}
	if (text.trim() === '' && !media) return "There is nothing to send: 'Text' is empty";
	const problem = media ? mediaProblem(name, limits, media, text) : textProblem(name, limits, text);
	if (problem !== undefined) return problem;
	if (message.replyToMessageId !== undefined && !limits.quotes) {
		return `${name} cannot quote an earlier message`;
	}
	return buttons.length > 0 ? buttonProblem(name, limits, message) : undefined;
}

/** As the provider counts. */
export function lengthOf(text: string, unit: SendingLimits['unit'] = 'characters'): number {
	if (unit === 'utf16') return text.length;
	return unit === 'bytes' ? Buffer.byteLength(text, 'utf8') : [...text].length;
}

const counted = (unit: SendingLimits['unit']) => (unit === 'bytes' ? 'bytes' : 'characters');

function textProblem(name: string, limits: SendingLimits, text: string): string | undefined {
	const length = lengthOf(text, limits.unit);
	return length > limits.text
		? `The text has ${length} ${counted(limits.unit)}; ${name} takes at most ${limits.text}`
		: undefined;
}

const KINDS: Record<MediaType, string> = {
	image: 'images',
	video: 'videos',
	audio: 'audio files',
	document: 'documents',
};

function mediaProblem(
	name: string,
	limits: SendingLimits,
	media: NonNullable<OutboundMessage['media']>,
	caption: string,
): string | undefined {
	const limit = limits.media[media.type];
	const kinds = KINDS[media.type];
	if (!limit) return `${name} takes no ${kinds} from here`;
	if (caption !== '') {
		if (limits.caption === undefined) {
			return `${name} sends a file without a text. Send the text as a message of its own`;
		}
		const length = lengthOf(caption, limits.unit);
		if (length > limits.caption) {
			return `The text of the file has ${length} ${counted(limits.unit)}; ${name} takes at most ${limits.caption}`;
		}
	}
	if (media.file) {
		if (!limit.upload) return `${name} takes ${kinds} by a public address only, not as a file`;
		const { bytes, mimeType } = media.file;
		if (bytes.length > limit.bytes) {
			return `The file has ${megabytes(bytes.length)}; ${name} takes ${kinds} of at most ${megabytes(limit.bytes)}`;
		}
		if (limit.types && !limit.types.some((type) => fits(mimeType, type))) {
			return `${name} takes no ${kinds} of the type ${mimeType}; it takes ${limit.types.join(', ')}`;
		}
		return undefined;
	}
	const url = media.url ?? '';
	if (limit.byUrl === 'no') return `${name} takes ${kinds} as a file only, not by an address`;
	if (!/^https?:\/\/[^\s]+$/i.test(url)) return "'File URL' is not a web address";
	if (limit.byUrl === 'https' && !/^https:/i.test(url)) {
		return `${name} takes ${kinds} from addresses that begin with https:// only`;
	}
	return undefined;
}

const fits = (mimeType: string, allowed: string) => {
	const type = mimeType.split(';', 1)[0]!.trim().toLowerCase();
	return allowed.endsWith('/*') ? type.startsWith(allowed.slice(0, -1)) : type === allowed;
};

const megabytes = (bytes: number) =>
	bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

function buttonProblem(
	name: string,
	limits: SendingLimits,
	{ buttons = [], media }: OutboundMessage,
): string | undefined {
	const limit = limits.buttons;
	if (!limit) return `${name} has no buttons. Write the choices in the text`;
	if (buttons.length > limit.most) {
		return `There are ${buttons.length} buttons; ${name} takes at most ${limit.most}`;
	}
	if (media && !limit.withMedia) return `${name} has no buttons under a file`;
	if (new Set(buttons.map(({ id }) => id)).size < buttons.length) {
		return 'Two buttons have the same ID, so nobody could tell which one was chosen';
	}
	for (const { title, id, url } of buttons) {
		if (title.trim() === '') return 'A button has no title';
		if (lengthOf(title) > limit.title) {
			return `The title of a button has ${lengthOf(title)} characters; ${name} takes at most ${limit.title}`;
		}
		if (limit.id !== undefined && lengthOf(id, 'bytes') > limit.id) {
			return `The ID of a button has ${lengthOf(id, 'bytes')} bytes; ${name} takes at most ${limit.id}`;
		}
		if (url !== undefined && !limit.links) return `${name} has no buttons that open a page`;
	}
	return undefined;
}
