import type { Attachment, MessageType, Occasion } from '../channel';
import { writtenOf, type Content as BareContent } from '../content';
import {
	fieldsOf,
	idOf,
	listOf,
	present,
	textOf,
	webAddress,
	wordOf,
	type Fields,
} from '../fields';
import { withoutSecrets } from '../platforms/raw';

export interface Content extends BareContent {
	occasion?: Occasion;
	/** Of a choice: the `value` that the business gave it. */
	choiceId?: string;
}

/** `attachments[].file_type`, as Chatwoot's model `Attachment` lists them. */
const TYPES: Record<string, MessageType> = {
	image: 'image',
	video: 'video',
	audio: 'audio',
	file: 'document',
	location: 'location',
	contact: 'contacts',
};

const typeNamed = (word: unknown): MessageType | undefined =>
	typeof word === 'string' && Object.hasOwn(TYPES, word) ? TYPES[word] : undefined;

/** What a message says. A content that cannot be read leaves a mark: the contact did write. */
export function contentOf(message: Fields): Content {
	const attributes = fieldsOf(message.content_attributes) ?? {};
	const files = listOf(message.attachments)
		.map(fieldsOf)
		.filter((file) => file !== undefined);
	const attachments = files.map(attachmentOf);
	const text = writtenOf(message.content);
	const first = files[0];
	const type = typeOf(message, attributes, first, text);
	return {
		type,
		text: text ?? textOf(first?.fallback_title) ?? `[${markOf(type, first)}]`,
		attachments,
		...(isStoryMention(attributes, files) ? { occasion: 'storyMention' as const } : {}),
	};
}

function typeOf(
	message: Fields,
	attributes: Fields,
	first: Fields | undefined,
	text: string | undefined,
): MessageType {
	if (attributes.is_unsupported === true) return 'unsupported';
	if (message.content_type === 'sticker') return 'sticker';
	if (first) {
		// A shared post or reel is a link to it, and the words around it are what was written.
		return typeNamed(first.file_type) ?? (text === undefined ? 'unsupported' : 'text');
	}
	return text === undefined ? 'unsupported' : 'text';
}

/** A shared post, a reel or a story says by its own word more than that it is not supported. */
const markOf = (type: MessageType, first: Fields | undefined) =>
	type === 'unsupported' && first ? wordOf(first.file_type) : type;

function attachmentOf(file: Fields): Attachment {
	const details = present({
		extension: textOf(file.extension),
		size: typeof file.file_size === 'number' ? file.file_size : undefined,
		width: typeof file.width === 'number' ? file.width : undefined,
		height: typeof file.height === 'number' ? file.height : undefined,
		...(file.file_type === 'location'
			? { latitude: file.coordinates_lat, longitude: file.coordinates_long }
			: {}),
		...(file.file_type === 'contact' ? fieldsOf(file.meta) : {}),
		transcript: textOf(file.transcribed_text),
	});
	return present({
		type: typeNamed(file.file_type) ?? wordOf(file.file_type),
		id: idOf(file.id),
		url: webAddress(file.data_url),
		caption: textOf(file.fallback_title),
		details: Object.keys(details).length > 0 ? withoutSecrets(details) : undefined,
	});
}

const isStoryMention = (attributes: Fields, files: Fields[]) =>
	attributes.image_type === 'story_mention' ||
	files.some(({ file_type: type }) => type === 'story_mention');

/**
 * What a contact answered to a form or a choice in the web widget. Chatwoot writes the answer into
 * the question ("Interactive messages": `input_select`, `form`, `input_email`), so it comes as an
 * update of a message of the business.
 */
export function answerOf(message: Fields): Content | undefined {
	const attributes = fieldsOf(message.content_attributes);
	const fields = listOf(attributes?.submitted_values).map(fieldsOf);
	const values = fields.flatMap((field) => {
		const said = textOf(field?.title) ?? textOf(field?.value);
		const name = textOf(field?.name);
		return said === undefined ? [] : [name === undefined ? said : `${name}: ${said}`];
	});
	const text = values.length > 0 ? values.join('\n') : textOf(attributes?.submitted_email);
	if (text === undefined) return undefined;
	// The fields of a form have names, a choice has none.
	const [choice, ...others] = fields;
	const choiceId =
		others.length === 0 && textOf(choice?.name) === undefined ? textOf(choice?.value) : undefined;
	return present({ type: 'interactive' as const, text, attachments: [], choiceId });
}
