import type { Attachment } from '../channel';
import { content, writtenOf, type Content } from '../content';
import { fieldsOf, idOf, present, textOf, webAddress, type Fields } from '../fields';
import { pressedId } from './buttons';

/**
 * Reads `message` of a callback (Viber REST API, "Receive message from user"). What cannot be read leaves the mark of its type.
 */
export function contentOf(message: Fields): Content {
	const text = writtenOf(message.text);
	switch (message.type) {
		case 'text': {
			const id = pressedId(message.tracking_data, message.text);
			return id === undefined
				? content('text', text)
				: content('button', text, [{ type: 'button', id }]);
		}
		case 'picture':
			return content('image', text, [fileOf('image', message)]);
		case 'video':
			return content('video', text, [fileOf('video', message)]);
		case 'file':
			return content('document', text ?? textOf(message.file_name), [fileOf('document', message)]);
		case 'sticker':
			return content('sticker', text, [
				present({ type: 'sticker', id: idOf(message.sticker_id), url: webAddress(message.media) }),
			]);
		case 'contact': {
			const card = fieldsOf(message.contact);
			const name = textOf(card?.name);
			return content('contacts', text ?? name, card ? [{ type: 'contact', details: card }] : []);
		}
		case 'location': {
			const place = fieldsOf(message.location);
			const attachments = place ? [{ type: 'location', details: place }] : [];
			return content('location', text ?? textOf(place?.address), attachments);
		}
		case 'url': {
			// What the contact sent is the address itself.
			const url = webAddress(message.media);
			return content('text', text ?? url, url === undefined ? [] : [{ type: 'url', url }]);
		}
		default:
			return content('unsupported', text);
	}
}

/** Files lie at public addresses that end after a while. */
function fileOf(type: string, message: Fields): Attachment {
	const details = present({
		size: numberOf(message.file_size) ?? numberOf(message.size),
		duration: numberOf(message.duration),
		thumbnail: webAddress(message.thumbnail),
	});
	return present({
		type,
		url: webAddress(message.media),
		fileName: textOf(message.file_name),
		caption: writtenOf(message.text),
		details: Object.keys(details).length > 0 ? details : undefined,
	});
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : undefined);
