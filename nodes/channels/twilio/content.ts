import type { Attachment, MessageType } from '../channel';
import { content, type Content as BareContent } from '../content';
import { present, textOf, webAddress } from '../fields';
import { bytesOfBase64 } from '../signatures';
import { valueOf, withoutPassword, wordsOf, type Form } from './form';

export interface Content extends BareContent {
	/** Of a choice. */
	choiceId?: string;
}

/**
 * Reads what the customer sent, by the parameters of "Twilio's request to your incoming message
 * webhook URL". What is new or cannot be read leaves a mark: the customer did write.
 *
 * @param decodeBase64 whether a text that looks like base64 is decoded
 */
export function contentOf(form: Form, decodeBase64: boolean): Content {
	const body = bodyOf(form, decodeBase64);
	const kind = wordsOf(form, 'MessageType')?.toLowerCase();
	const files = filesOf(form, kind, body);
	if (files[0]) return content(typeOfFile(files[0]), body, files);

	const place = placeOf(form);
	if (place) return place;

	const choice = choiceOf(form, kind);
	if (choice) {
		const { type, title, choiceId } = choice;
		return present({ ...content(type, title ?? body), choiceId });
	}
	if (kind === 'interactive' || kind === 'button' || kind === 'order') return content(kind, body);
	// Without a text, a kind is named that has none here: nothing can be shown of it.
	const isNew = body === undefined && kind !== undefined && kind !== 'text';
	return content(isNew ? 'unsupported' : 'text', body);
}

/** Kept as written, with its line breaks; only nothing at all counts as missing. */
function bodyOf(form: Form, decodeBase64: boolean): string | undefined {
	const body = valueOf(form, 'Body');
	if (body === undefined || textOf(body) === undefined) return undefined;
	return (decodeBase64 ? decoded(body) : undefined) ?? body;
}

/** Below this, a word of a customer could be base64 by chance. */
const SHORTEST_BASE64 = 40;

/**
 * The text behind base64, as which long text messages sometimes arrive, or undefined when it is
 * none. The last letter may be cut off in its middle.
 */
function decoded(body: string): string | undefined {
	const bytes = body.length >= SHORTEST_BASE64 ? bytesOfBase64(body) : undefined;
	if (!bytes) return undefined;
	try {
		const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
		return /[^\P{Cc}\t\r\n]/u.test(text) ? undefined : text;
	} catch {
		return undefined;
	}
}

/** `MediaUrl0`, `MediaUrl1`, …, in the order of their numbers, whatever `NumMedia` says. */
function filesOf(form: Form, kind: string | undefined, body: string | undefined): Attachment[] {
	const numbers = [...form.keys()].flatMap((key) => {
		const number = /^MediaUrl(\d{1,3})$/.exec(key)?.[1];
		return number === undefined ? [] : [Number(number)];
	});
	return [...new Set(numbers)]
		.sort((a, b) => a - b)
		.flatMap((number) => {
			const address = wordsOf(form, `MediaUrl${number}`);
			return address === undefined ? [] : [{ number, url: withoutPassword(address) }];
		})
		.map(({ number, url }, index) => {
			const mimeType = wordsOf(form, `MediaContentType${number}`)?.toLowerCase();
			return present({
				type: kind === 'sticker' ? kind : typeOfMime(mimeType),
				id: /\/Media\/(ME\w+)/.exec(url)?.[1],
				url: webAddress(url),
				mimeType,
				caption: index === 0 ? body : undefined,
			});
		});
}

function typeOfMime(mimeType: string | undefined): string {
	const family = /^(image|video|audio)\//.exec(mimeType ?? '')?.[1];
	if (family !== undefined) return family;
	return /^text\/(x-)?(vcard|directory)\b/.test(mimeType ?? '') ? 'contact' : 'document';
}

function typeOfFile({ type }: Attachment): MessageType {
	switch (type) {
		case 'image':
		case 'video':
		case 'audio':
		case 'sticker':
			return type;
		case 'contact':
			return 'contacts';
		default:
			return 'document';
	}
}

/** A row of a list, or a button of a template or under an answer. */
function choiceOf(form: Form, kind: string | undefined) {
	const row = { title: wordsOf(form, 'ListTitle'), choiceId: wordsOf(form, 'ListId') };
	if (row.title !== undefined || row.choiceId !== undefined) {
		return { type: 'interactive' as const, ...row };
	}
	const button = { title: wordsOf(form, 'ButtonText'), choiceId: wordsOf(form, 'ButtonPayload') };
	if (button.title === undefined && button.choiceId === undefined) return undefined;
	const type = kind === 'interactive' ? ('interactive' as const) : ('button' as const);
	return { type, ...button };
}

function placeOf(form: Form): Content | undefined {
	const latitude = numberOf(wordsOf(form, 'Latitude'));
	const longitude = numberOf(wordsOf(form, 'Longitude'));
	if (latitude === undefined || longitude === undefined) return undefined;
	const label = wordsOf(form, 'Label');
	const address = wordsOf(form, 'Address');
	const words = [label, address].filter((word) => word !== undefined);
	const text = words.length > 0 ? words.join(', ') : bodyOf(form, false);
	return content('location', text, [
		{ type: 'location', details: present({ latitude, longitude, label, address }) },
	]);
}

function numberOf(text: string | undefined): number | undefined {
	const number = Number(text);
	return text === undefined || !Number.isFinite(number) ? undefined : number;
}
