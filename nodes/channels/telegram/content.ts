import type { MessageType } from '../channel';
import { content, writtenOf, type Content } from '../content';
import { fieldsOf, idOf, listOf, present, textOf, type Fields } from '../fields';

/** Where each kind of file stands in a message; an animation stands in `document` too, so it is first. */
const FILES: Array<[field: string, type: MessageType]> = [
	['animation', 'video'],
	['video', 'video'],
	['video_note', 'video'],
	['voice', 'audio'],
	['audio', 'audio'],
	['document', 'document'],
	['sticker', 'sticker'],
];

/**
 * Reads the content of a message (Bot API 10.2, `Message`). What cannot be read leaves the mark of
 * its type, since the contact did write; a kind that is new is `unsupported`.
 */
export function contentOf(message: Fields): Content {
	const text = writtenOf(message.text);
	if (text !== undefined) return content('text', text);

	for (const [field, type] of FILES) {
		const file = fieldsOf(message[field]);
		if (file) return fileContent(type, field, file, message);
	}
	if (Array.isArray(message.photo)) return photo(message.photo, message);
	return placeOrCard(message) ?? other(message);
}

function fileContent(type: MessageType, field: string, file: Fields, message: Fields): Content {
	const caption = writtenOf(message.caption);
	const details = present({
		// What it is in Telegram, where the type says it less exactly: a voice message, a round video.
		kind: field === type ? undefined : field,
		uniqueId: idOf(file.file_unique_id),
		size: numberOf(file.file_size),
		duration: numberOf(file.duration),
		width: numberOf(file.width),
		height: numberOf(file.height),
		emoji: textOf(file.emoji),
		title: textOf(file.title),
		performer: textOf(file.performer),
		// The pictures of an album come one by one, and share this.
		mediaGroupId: idOf(message.media_group_id),
	});
	const attachment = present({
		type,
		id: idOf(file.file_id),
		mimeType: textOf(file.mime_type),
		fileName: textOf(file.file_name),
		caption,
		details: Object.keys(details).length > 0 ? details : undefined,
	});
	return content(type, caption, [attachment]);
}

/** A picture comes in several sizes, the largest of them last. */
function photo(sizes: unknown[], message: Fields): Content {
	const largest = sizes.map(fieldsOf).findLast((size) => idOf(size?.file_id) !== undefined);
	if (!largest) return content('image', writtenOf(message.caption));
	return fileContent('image', 'image', largest, message);
}

function placeOrCard(message: Fields): Content | undefined {
	// A venue comes with its location beside it.
	const venue = fieldsOf(message.venue);
	if (venue) {
		const words = [textOf(venue.title), textOf(venue.address)].filter((word) => word);
		return content('location', words.join(', ') || undefined, [
			{ type: 'location', details: venue },
		]);
	}
	const location = fieldsOf(message.location);
	if (location) return content('location', undefined, [{ type: 'location', details: location }]);

	const card = fieldsOf(message.contact);
	return card && content('contacts', nameOf(card), [{ type: 'contact', details: card }]);
}

/** Kinds that show as a text of their own, or as nothing that can be shown. */
function other(message: Fields): Content {
	const form = fieldsOf(message.web_app_data);
	if (form) {
		const details = present({ data: textOf(form.data) });
		return content('interactive', textOf(form.button_text), [{ type: 'form', details }]);
	}
	// Who sends the emoji alone sends a die, a dart or a slot machine.
	const dice = fieldsOf(message.dice);
	if (dice) return content('text', textOf(dice.emoji), [{ type: 'dice', details: dice }]);

	for (const [field, title] of [
		['poll', 'question'],
		['checklist', 'title'],
		['game', 'title'],
		['invoice', 'title'],
	] as const) {
		const details = fieldsOf(message[field]);
		if (!details) continue;
		return content('unsupported', textOf(details[title]), [{ type: field, details }]);
	}
	return content('unsupported', writtenOf(message.caption));
}

/** First and last name, as a person or a card has them. */
export function nameOf(person: Fields): string | undefined {
	const names = listOf([person.first_name, person.last_name]).map(textOf);
	return textOf(names.filter((name) => name !== undefined).join(' '));
}

const numberOf = (value: unknown) => (Number.isSafeInteger(value) ? (value as number) : undefined);
