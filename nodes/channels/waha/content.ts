import type { Attachment, MessageType } from '../channel';
import { writtenOf } from '../content';
import { fieldsOf, listOf, present, textOf, type Fields } from '../fields';
import { baseUrlOf } from '../http';
import { readContent, type WebContent } from '../whatsappWeb/content';
import { cardsContent, content, placeContent } from '../whatsappWeb/parts';
import { withoutSecrets } from '../whatsappWeb/values';

/** Types of whatsapp-web.js that are no message of a customer, though they come as one. */
const NOTICES = new Set([
	'broadcast_notification',
	'call_log',
	'ciphertext',
	'debug',
	'e2e_notification',
	'gp2',
	'notification',
	'notification_template',
	'pinned_message',
	'poll_update',
	'protocol',
	'revoked',
]);

/** Types of whatsapp-web.js that say more than the kind of file does. */
const WEBJS: Record<string, MessageType> = {
	ptt: 'audio',
	audio: 'audio',
	image: 'image',
	video: 'video',
	sticker: 'sticker',
	document: 'document',
	buttons_response: 'button',
	template_button_reply: 'button',
	list_response: 'interactive',
	interactive_response: 'interactive',
	order: 'order',
};

const FILES = new Set<MessageType>(['image', 'video', 'audio', 'document', 'sticker']);

/** WhatsApp's own object: NOWEB calls it `message`, GOWS `Message`, the others have none. */
export function engineContentOf(payload: Fields): WebContent {
	const data = fieldsOf(payload._data);
	return readContent(data?.message ?? data?.Message);
}

/**
 * What a message says. WAHA gives a text, a file and a place of their own; which kind it is stands in
 * the engine's object, if anywhere.
 */
export function contentOf(payload: Fields, baseUrl: unknown): WebContent {
	const engine = engineContentOf(payload);
	if (engine.is !== 'content' && engine.is !== 'nothing') return engine;
	const known = engine.is === 'content' ? engine : undefined;
	const word = textOf(fieldsOf(payload._data)?.type)?.toLowerCase() ?? '';
	if (NOTICES.has(word)) return { is: 'ignored', what: `a notice of WhatsApp (${word})` };

	const body = writtenOf(payload.body);
	// Before the text: with whatsapp-web.js, that of a place is the picture of a map, and that of a
	// contact the whole card.
	const place = fieldsOf(withoutSecrets(payload.location));
	if (place) return { is: 'content', ...placeContent(place, undefined, known?.context) };
	const cards = listOf(payload.vCards).flatMap((card) => textOf(card) ?? []);
	if (cards.length > 0) {
		const names = cards.map((vcard) => ({ vcard }));
		return { is: 'content', ...cardsContent(names, known?.context) };
	}
	const file = fileOf(payload, known?.type ?? WEBJS[word], known?.attachments[0], baseUrl);
	if (file) {
		const text = body ?? known?.text ?? (file.type === 'document' ? file.fileName : undefined);
		return { is: 'content', ...content(file.type, text, [file], known?.context) };
	}
	if (known) return { ...known, text: body ?? known.text };
	if (body === undefined) return { is: 'nothing' };
	const type = Object.hasOwn(WEBJS, word) ? WEBJS[word] : undefined;
	return { is: 'content', ...content(type ?? 'text', body) };
}

/** The file, also where WAHA was told not to download it, or could not. */
function fileOf(
	payload: Fields,
	said: MessageType | undefined,
	engine: Attachment | undefined,
	baseUrl: unknown,
): (Attachment & { type: MessageType }) | undefined {
	const media = fieldsOf(payload.media);
	const isFile = said !== undefined && FILES.has(said);
	if (payload.hasMedia !== true && !media && !isFile) return undefined;
	const mimeType = textOf(media?.mimetype) ?? engine?.mimeType;
	const details = present({ ...engine?.details, error: textOf(media?.error) });
	return present({
		...engine,
		type: isFile ? said : kindOf(mimeType),
		url: fileAddress(textOf(media?.url) ?? textOf(payload.mediaUrl), media, baseUrl),
		mimeType,
		fileName: textOf(media?.filename) ?? engine?.fileName,
		caption: writtenOf(payload.body) ?? engine?.caption,
		details: Object.keys(details).length > 0 ? details : undefined,
	});
}

function kindOf(mimeType: string | undefined): MessageType {
	const [family] = (mimeType ?? '').split('/');
	return family === 'image' || family === 'video' || family === 'audio' ? family : 'document';
}

const FILE_PATH = '/api/files/';

/**
 * Where the file can be fetched. WAHA writes the address it believes to have, often
 * `http://localhost:3000`, which from n8n is another machine; the credential knows the real one.
 * Files in a storage of their own (S3) stay where they are.
 */
function fileAddress(
	url: string | undefined,
	media: Fields | undefined,
	baseUrl: unknown,
): string | undefined {
	if (url === undefined || !/^https?:\/\//i.test(url)) return undefined;
	const base = baseUrlOf(baseUrl, '');
	const [address = '', query] = url.split('?');
	const path = address.indexOf(FILE_PATH);
	if (path < 0 || fieldsOf(media?.s3)) return url;
	const kept = new URLSearchParams(query);
	// Who opens the link of a stored message must not get the key of all of them.
	for (const name of [...kept.keys()]) {
		if (name.toLowerCase() === 'x-api-key') kept.delete(name);
	}
	const rest = kept.size > 0 ? `?${kept.toString()}` : '';
	return `${base === '' ? address.slice(0, path) : base}${address.slice(path)}${rest}`;
}
