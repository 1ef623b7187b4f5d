import type { Attachment, MessageType } from '../channel';
import { content as bareContent, type Content as BareContent } from '../content';
import { fieldsOf, present, textOf, type Fields } from '../fields';

/** What a message says, whichever gateway passed it on. */
export interface Content extends BareContent {
	/** The ID of the button or row that was chosen. */
	choiceId?: string;
	/** The quoted message and the ad, where this kind says so. */
	context?: Fields;
}

export function content(
	type: MessageType,
	text: string | undefined,
	attachments: Attachment[] = [],
	context?: unknown,
): Content {
	return present({ ...bareContent(type, text, attachments), context: fieldsOf(context) });
}

/** A place: its name and address are the text. */
export function placeContent(place: Fields, caption?: string, context?: unknown): Content {
	const words = [textOf(place.name), textOf(place.address)].filter((word) => word !== undefined);
	const text = caption ?? (words.length > 0 ? words.join(', ') : undefined);
	return content('location', text, [{ type: 'location', details: place }], context);
}

/** Contact cards: the names are the text. */
export function cardsContent(
	cards: Array<{ name?: string; vcard?: string }>,
	context?: unknown,
): Content {
	const names = cards.flatMap(({ name, vcard }) => name ?? nameOfCard(vcard) ?? []);
	const attachments = cards.map((details) => ({ type: 'contact', details }));
	const text = names.length > 0 ? names.join(', ') : undefined;
	return content('contacts', text, attachments, context);
}

/** The line `FN:` of a vCard (RFC 6350). */
function nameOfCard(vcard: string | undefined): string | undefined {
	return textOf(/^FN(?:;[^:\r\n]*)?:(.*)$/im.exec(vcard ?? '')?.[1]);
}
