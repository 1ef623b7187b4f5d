import type {
	Attachment,
	ChannelRequest,
	InboundMessage,
	MessageType,
	ParsedBody,
} from './channel';
import { parseExactJson } from './exactJson';
import { isDeeperThan, webAddress } from './fields';

/** The body of Plain Webhook and Signed Webhook, as the operator is told about it. */
export const EXPECTED_BODY =
	'Send JSON like {"contact":{"id":"42","name":"Sara"},"message":{"id":"m-1","text":"Hello"}}, or a list of such objects.';

type Fields = Record<string, unknown>;

/** An index of a database cannot hold an id of any length. */
const LONGEST_ID = 512;

/** One request must not fill the memory or the log, however small its objects are. */
const LARGEST_LIST = 1000;
const MOST_ATTACHMENTS = 100;
const MOST_PROBLEMS = 5;

/** Characters. Longer is a file, not what somebody wrote. */
const LONGEST_TEXT = 100_000;

/** Nobody needs more, and what is nested without end cannot be written down again later. */
const DEEPEST = 100;

const TYPES = new Set<MessageType>([
	'text',
	'image',
	'video',
	'audio',
	'document',
	'sticker',
	'location',
	'contacts',
	'button',
	'interactive',
	'order',
	'unsupported',
]);

/**
 * Reads `{"contact":{"id",…},"message":{"id",…}}`, or a list of them.
 *
 * The sender is not known to be honest about anything, so the contact is known only by its own id
 * in this channel and account: `phone` and `email` are what somebody typed, not identities.
 *
 * @param channel key of the channel that asks
 * @param account name of the sending system, which keeps equal ids of two systems apart
 */
export function parseGenericBody(
	request: ChannelRequest,
	channel: string,
	account: string,
): ParsedBody {
	const found: ParsedBody = { messages: [], ignored: [], malformed: [] };
	let body: unknown;
	try {
		body = parseExactJson(request.rawBody);
	} catch {
		return { ...found, unreadable: `The body cannot be read as JSON in UTF-8. ${EXPECTED_BODY}` };
	}
	if (typeof body !== 'object' || body === null) {
		return { ...found, unreadable: `The body is neither an object nor a list. ${EXPECTED_BODY}` };
	}
	const elements: unknown[] = Array.isArray(body) ? body : [body];
	if (elements.length > LARGEST_LIST) {
		const unreadable = `The list holds ${elements.length} objects; at most ${LARGEST_LIST} are taken in one request.`;
		return { ...found, unreadable };
	}
	if (elements.length === 0) found.ignored.push({ reason: 'The body is an empty list.' });
	elements.forEach((element, index) => {
		const problems: string[] = [];
		const message = readMessage(element, channel, account, request.now, problems);
		if (message && problems.length === 0) {
			found.messages.push(message);
			return;
		}
		const where = Array.isArray(body) ? `The object at index ${index}` : 'The body';
		found.malformed.push({ reason: `${where}: ${problems.slice(0, MOST_PROBLEMS).join('; ')}.` });
	});
	return found;
}

/** The account name of the operator's settings. */
export function accountOf(setting: unknown): string {
	return textOf(setting) ?? 'default';
}

/** Whatever is wrong goes into `problems`, all of it, so that a sender can be mended in one go. */
function readMessage(
	element: unknown,
	channel: string,
	account: string,
	now: number,
	problems: string[],
): InboundMessage | undefined {
	if (!isFields(element)) {
		problems.push('it is not an object');
		return undefined;
	}
	if (isDeeperThan(element, DEEPEST)) {
		problems.push(`it is nested over ${DEEPEST} levels deep`);
		return undefined;
	}
	const contact = partOf(element, 'contact', problems);
	const message = partOf(element, 'message', problems);
	const contactId = idOf(contact.id, 'contact.id', problems);
	const id = idOf(message.id, 'message.id', problems);
	const attachments = attachmentsOf(message.attachments, problems);
	const text =
		messageText(message.text, problems) ?? attachments.find((one) => one.caption)?.caption;
	if (text !== undefined && text.length > LONGEST_TEXT) {
		problems.push(`message.text is longer than ${LONGEST_TEXT} characters`);
	}
	const type = typeOf(message.type, text, attachments);
	const name = textOf(contact.name);
	const phone = textOf(contact.phone);
	const email = textOf(contact.email);
	const language = textOf(contact.language);

	return {
		kind: 'message',
		channel,
		account,
		id,
		source: 'contact',
		contact: {
			identities: [{ channel, account, id: contactId }],
			...(name && { name }),
			...(phone && { phone }),
			...(email && { email }),
			...(language && { language }),
			replyTo: contactId,
		},
		type,
		text: text ?? (type === 'text' ? '' : `[${type}]`),
		attachments,
		sentAt: timeOf(message.sentAt, now),
		raw: element,
	};
}

/** `contact` or `message`; where it is missing, its id is reported as missing. */
function partOf(element: Fields, name: 'contact' | 'message', problems: string[]): Fields {
	const part = element[name];
	if (isFields(part)) return part;
	if (part !== undefined && part !== null) problems.push(`${name} is not an object`);
	return {};
}

function isFields(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function idOf(value: unknown, field: string, problems: string[]): string {
	if (value === undefined || value === null || value === '') {
		problems.push(`${field} is missing`);
	} else if (Number.isSafeInteger(value)) {
		return String(value);
	} else if (Number.isInteger(value)) {
		problems.push(`${field} is too large for a number: send it as a text, in quotes`);
	} else if (typeof value !== 'string' || value.trim() === '') {
		problems.push(`${field} must be a text or a whole number`);
	} else if (value.length > LONGEST_ID) {
		problems.push(`${field} is longer than ${LONGEST_ID} characters`);
	} else {
		return value;
	}
	return '';
}

/** A text with something in it; a number counts, as forms send phone numbers that way. */
function textOf(value: unknown): string | undefined {
	const text = typeof value === 'number' ? String(value) : value;
	return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
}

function messageText(value: unknown, problems: string[]): string | undefined {
	if (typeof value === 'string') return value.trim() === '' ? undefined : value;
	if (typeof value === 'number') return String(value);
	if (value !== undefined && value !== null) problems.push('message.text is not a text');
	return undefined;
}

function attachmentsOf(value: unknown, problems: string[]): Attachment[] {
	if (value === undefined || value === null) return [];
	if (!Array.isArray(value)) {
		problems.push('message.attachments is not a list');
		return [];
	}
	if (value.length > MOST_ATTACHMENTS) {
		problems.push(
			`message.attachments holds ${value.length} files; at most ${MOST_ATTACHMENTS} are taken`,
		);
		return [];
	}
	return value.flatMap((one: unknown, index): Attachment[] => {
		if (!isFields(one)) {
			if (problems.length < MOST_PROBLEMS) {
				problems.push(`message.attachments[${index}] is not an object`);
			}
			return [];
		}
		const attachment: Attachment = { type: textOf(one.type) ?? 'document' };
		for (const key of ['id', 'url', 'mimeType', 'fileName', 'caption'] as const) {
			const text = key === 'url' ? webAddress(one.url) : textOf(one[key]);
			if (text !== undefined) attachment[key] = text;
		}
		if (isFields(one.details)) attachment.details = one.details;
		return [attachment];
	});
}

/** What the sender says, if it is a type; else what the content shows. */
function typeOf(value: unknown, text: string | undefined, attachments: Attachment[]): MessageType {
	const said = TYPES.has(value as MessageType) ? value : attachments[0]?.type;
	if (TYPES.has(said as MessageType)) return said as MessageType;
	return text === undefined && attachments.length > 0 ? 'document' : 'text';
}

/**
 * ISO 8601, seconds or milliseconds since 1970, as a number or as digits; in milliseconds. An ISO
 * time without a zone is taken as UTC, so that it does not depend on where n8n runs. What cannot be
 * read was sent now: a message is worth more than its time.
 */
function timeOf(value: unknown, now: number): number {
	const text = textOf(value);
	if (text === undefined) return now;
	if (/^\d+(\.\d+)?$/.test(text)) {
		const time = Number(text);
		// 100,000,000,000 seconds are the year 5138, as many milliseconds are 1973.
		return inRange(Math.round(time >= 100_000_000_000 ? time : time * 1000), now);
	}
	const iso =
		/^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i;
	const [, date, clock, zone] = iso.exec(text) ?? [];
	if (date === undefined) return now;
	const time = clock === undefined ? '00:00' : clock.replace(',', '.');
	const offset = (zone ?? 'Z').replace(/(\d{2})(\d{2})$/, '$1:$2').toUpperCase();
	return inRange(Date.parse(`${date}T${time}${offset}`), now);
}

/** After 1970 and before the year 10000, beyond which a time is written differently. */
function inRange(time: number, now: number): number {
	return time > 0 && time < 253_402_300_800_000 ? time : now;
}
