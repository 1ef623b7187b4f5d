import type { Attachment, MessageType } from '../channel';
import { writtenOf, type Content } from '../content';
import { fieldsOf, idOf, present, textOf, webAddress, wordOf, type Fields } from '../fields';

/** Attachments that are what they are called. Messenger Platform, "messages webhook reference". */
const TYPES: Readonly<Record<string, MessageType>> = {
	image: 'image',
	video: 'video',
	audio: 'audio',
	file: 'document',
	location: 'location',
	sticker: 'sticker',
	like_heart: 'sticker',
	reel: 'video',
	ig_reel: 'video',
};

/** Small, medium and large: all are the thumb beside the text field of Messenger. */
const THUMBS_UP = new Set(['369239263222822', '369239343222814', '369239383222810']);

/** What a message is shown as where it has no words. */
const MARKS: Readonly<Record<string, string>> = {
	file: '[document]',
	fallback: '[link]',
	like_heart: '❤️',
	ig_reel: '[reel]',
};

/** Reads text, files and shared posts of a message. */
export function contentOf(message: Fields): Content {
	const files = attachmentsOf(message);
	const attachments = files.map(({ attachment }) => attachment);
	const story = storyOf(message);
	if (story) attachments.push(story);

	const words = writtenOf(message.text);
	const sticker = files.find(({ stickerId }) => stickerId !== undefined)?.stickerId;
	const stickerId = idOf(message.sticker_id) ?? sticker;
	const title = files.find((file) => file.title !== undefined)?.title;
	return {
		type: typeOf(message, files, words, stickerId),
		text: words ?? wordsFor(files, title, stickerId),
		attachments,
	};
}

interface Part {
	kind: string;
	attachment: Attachment;
	title: string | undefined;
	stickerId: string | undefined;
}

/** `attachments` is a list, or where there is one, sometimes the object itself. */
function attachmentsOf(message: Fields): Part[] {
	const elements: unknown[] = Array.isArray(message.attachments)
		? message.attachments
		: [message.attachments];
	return elements.flatMap((element): Part[] => {
		const fields = fieldsOf(element);
		return fields ? [partOf(fields)] : [];
	});
}

/** The payload may be missing (`like_heart`) or null (`fallback`), and its address no address. */
function partOf(fields: Fields): Part {
	const kind = wordOf(fields.type);
	const payload = fieldsOf(fields.payload) ?? {};
	const url = webAddress(payload.url) ?? webAddress(fields.url);
	const title = textOf(payload.title) ?? textOf(fields.title);
	const details = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== url));
	return {
		kind,
		title,
		stickerId: idOf(payload.sticker_id),
		attachment: present({
			type: typeOfKind(kind) ?? kind,
			id:
				idOf(payload.attachment_id) ??
				idOf(payload.ig_post_media_id) ??
				idOf(payload.reel_video_id),
			url,
			fileName: kind === 'file' ? (textOf(payload.name) ?? textOf(fields.name)) : undefined,
			details: Object.keys(details).length > 0 ? details : undefined,
		}),
	};
}

function typeOfKind(kind: string): MessageType | undefined {
	return Object.hasOwn(TYPES, kind) ? TYPES[kind] : undefined;
}

/** The story that an Instagram customer answers: the message is about it, and it is gone after a day. */
function storyOf(message: Fields): Attachment | undefined {
	const story = fieldsOf(fieldsOf(message.reply_to)?.story);
	return story && present({ type: 'story', id: idOf(story.id), url: webAddress(story.url) });
}

function typeOf(
	message: Fields,
	files: Part[],
	words: string | undefined,
	stickerId: string | undefined,
): MessageType {
	if (stickerId !== undefined) return 'sticker';
	if (fieldsOf(message.quick_reply)) return 'button';
	const file = files.map(({ kind }) => typeOfKind(kind)).find((type) => type !== undefined);
	return file ?? (words === undefined ? 'unsupported' : 'text');
}

function wordsFor(files: Part[], title: string | undefined, stickerId: string | undefined): string {
	if (stickerId !== undefined) return THUMBS_UP.has(stickerId) ? '👍' : '[sticker]';
	if (title !== undefined) return title;
	const kind = files[0]?.kind;
	if (kind === undefined) return '[unsupported]';
	return Object.hasOwn(MARKS, kind) ? MARKS[kind]! : `[${kind.replaceAll('_', ' ')}]`;
}
