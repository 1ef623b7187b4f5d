import type { Attachment, MessageType } from '../channel';
import { content, writtenOf, type Content } from '../content';
import { fieldsOf, listOf, present, textOf, webAddress, wordOf, type Fields } from '../fields';
import { withoutSecrets } from '../platforms/raw';

const FILES: Record<string, MessageType> = {
	image: 'image',
	video: 'video',
	audio: 'audio',
	voice: 'audio',
	file: 'document',
	document: 'document',
	sticker: 'sticker',
};

const typeOfFile = ({ type }: Fields): MessageType =>
	(typeof type === 'string' && Object.hasOwn(FILES, type) ? FILES[type] : undefined) ?? 'document';

/**
 * What a message says. The kinds are those that respond.io's own n8n nodes let choose for incoming
 * and outgoing messages (1.12, 2026). What cannot be read leaves a mark: somebody did write.
 */
export function contentOf(message: Fields): Content {
	switch (message.type) {
		case 'text':
			return content('text', writtenOf(message.text));
		case 'attachment':
			return attachment(message);
		case 'email':
			return email(message);
		case 'location':
			return location(message);
		case 'story_reply':
		case 'post':
			return content('text', textIn(message), [
				present({
					type: wordOf(message.type),
					url: linkIn(message),
					details: withoutSecrets(message),
				}),
			]);
		case 'whatsapp_order':
			return content('order', textIn(message), [
				{ type: 'order', details: withoutSecrets(message) },
			]);
		case 'whatsapp_interactive':
		case 'quick_reply':
		case 'card':
		case 'rating':
			return content('interactive', textIn(message));
		default: {
			const text = textIn(message);
			return content(text === undefined ? 'unsupported' : 'text', text);
		}
	}
}

/** Where the kinds without a documented form have their words. */
function textIn(message: Fields): string | undefined {
	const template = fieldsOf(message.template);
	const body = listOf(template?.components)
		.map(fieldsOf)
		.find((component) => component?.type === 'body');
	return (
		writtenOf(message.text) ??
		writtenOf(message.title) ??
		writtenOf(fieldsOf(message.body)?.text) ??
		writtenOf(body?.text) ??
		textOf(template?.name)
	);
}

const linkIn = (message: Fields) =>
	webAddress(message.url) ??
	webAddress(fieldsOf(message.story)?.url) ??
	webAddress(fieldsOf(message.post)?.url);

function attachment(message: Fields): Content {
	const file = fieldsOf(message.attachment);
	if (!file) return content('unsupported', writtenOf(message.text));
	const type = typeOfFile(file);
	const caption = writtenOf(message.text) ?? writtenOf(file.description) ?? writtenOf(file.caption);
	return content(type, caption, [fileOf(file, type, caption)]);
}

function fileOf(file: Fields, type: string, caption?: string): Attachment {
	const size = Number(file.size);
	return present({
		type,
		url: webAddress(file.url),
		mimeType: textOf(file.mime) ?? textOf(file.mimeType),
		fileName: textOf(file.fileName),
		caption,
		details: Number.isFinite(size) && size > 0 ? { size } : undefined,
	});
}

function email(message: Fields): Content {
	const files = listOf(message.attachments).map(fieldsOf);
	const attachments = files
		.filter((file) => file !== undefined)
		.map((file) => fileOf(file, typeOfFile(file)));
	return content('text', writtenOf(message.text) ?? textOf(message.subject), attachments);
}

function location(message: Fields): Content {
	const place = fieldsOf(message.location) ?? message;
	const words = [textOf(place.name), textOf(place.address)].filter((word) => word !== undefined);
	return content('location', words.length > 0 ? words.join(', ') : undefined, [
		{ type: 'location', details: withoutSecrets(place) },
	]);
}
