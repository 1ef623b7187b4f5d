import type { Attachment } from '../channel';
import { content, writtenOf, type Content } from '../content';
import { fieldsOf, idOf, listOf, present, textOf, webAddress, type Fields } from '../fields';

/** The ID that the business gave to what was chosen: of a template's button, a button or a row. */
export function choiceOf(message: Fields): string | undefined {
	const { button_reply: button, list_reply: row } = fieldsOf(message.interactive) ?? {};
	return (
		textOf(fieldsOf(message.button)?.payload) ?? textOf((fieldsOf(button) ?? fieldsOf(row))?.id)
	);
}

type MediaType = 'image' | 'video' | 'audio' | 'document' | 'sticker';

/**
 * Reads the content that stands under the name of its type: `{type: 'text', text: {…}}`. The types
 * are those of Meta's "messages webhook reference". A content that cannot be read leaves the mark
 * of its type, since the customer did write; only an id can make a message unusable.
 */
export function contentOf(message: Fields): Content {
	switch (message.type) {
		case 'text':
			return content('text', writtenOf(fieldsOf(message.text)?.body));
		case 'image':
		case 'video':
		case 'audio':
		case 'document':
		case 'sticker':
			return media(message.type, fieldsOf(message[message.type]));
		case 'location':
			return location(fieldsOf(message.location));
		case 'contacts':
			return cards(listOf(message.contacts));
		case 'button':
			return content('button', textOf(fieldsOf(message.button)?.text));
		case 'interactive':
			return content('interactive', interactiveText(fieldsOf(message.interactive)));
		case 'order':
			return order(fieldsOf(message.order));
		default:
			return content('unsupported', undefined);
	}
}

function media(type: MediaType, file: Fields | undefined): Content {
	if (!file) return content(type, undefined);
	const caption = writtenOf(file.caption);
	const details = present({
		sha256: textOf(file.sha256),
		voice: typeof file.voice === 'boolean' ? file.voice : undefined,
		animated: typeof file.animated === 'boolean' ? file.animated : undefined,
	});
	const attachment = present({
		type,
		id: idOf(file.id),
		url: webAddress(file.url),
		mimeType: textOf(file.mime_type),
		fileName: textOf(file.filename),
		caption,
		details: Object.keys(details).length > 0 ? details : undefined,
	});
	return content(type, caption, [attachment]);
}

function location(place: Fields | undefined): Content {
	if (!place) return content('location', undefined);
	const words = [textOf(place.name), textOf(place.address)].filter((word) => word !== undefined);
	return content('location', words.length > 0 ? words.join(', ') : undefined, [
		present({ type: 'location', url: webAddress(place.url), details: place }),
	]);
}

function cards(contacts: unknown[]): Content {
	const attachments: Attachment[] = [];
	const names: string[] = [];
	for (const contact of contacts) {
		const card = fieldsOf(contact);
		if (!card) continue;
		attachments.push({ type: 'contact', details: card });
		const name = textOf(fieldsOf(card.name)?.formatted_name);
		if (name !== undefined) names.push(name);
	}
	return content('contacts', names.length > 0 ? names.join(', ') : undefined, attachments);
}

/** The title of the button or row that was chosen, or the closing line of a filled-in Flow. */
function interactiveText(interactive: Fields | undefined): string | undefined {
	const choice = fieldsOf(interactive?.button_reply) ?? fieldsOf(interactive?.list_reply);
	const form = fieldsOf(interactive?.nfm_reply);
	return textOf(choice?.title) ?? textOf(form?.body) ?? textOf(form?.name);
}

function order(cart: Fields | undefined): Content {
	if (!cart) return content('order', undefined);
	return content('order', writtenOf(cart.text), [{ type: 'order', details: cart }]);
}
