import type { OutboundMedia } from '../sending';

/** A method that sends one kind of file, and the field that the file goes into. */
export interface MediaMethod {
	method: string;
	field: string;
}

const PHOTO = { method: 'sendPhoto', field: 'photo' };
const ANIMATION = { method: 'sendAnimation', field: 'animation' };
const VIDEO = { method: 'sendVideo', field: 'video' };
const VOICE = { method: 'sendVoice', field: 'voice' };
const AUDIO = { method: 'sendAudio', field: 'audio' };
const DOCUMENT = { method: 'sendDocument', field: 'document' };

/** What Telegram shows as a picture and plays as sound (Bot API, `sendPhoto`, `sendVoice`, `sendAudio`). */
const BY_TYPE: Record<string, MediaMethod> = {
	'image/jpeg': PHOTO,
	'image/jpg': PHOTO,
	'image/png': PHOTO,
	'image/webp': PHOTO,
	'image/gif': ANIMATION,
	'audio/ogg': VOICE,
	'audio/opus': VOICE,
	'audio/mpeg': AUDIO,
	'audio/mp3': AUDIO,
	'audio/mp4': AUDIO,
	'audio/m4a': AUDIO,
	'audio/x-m4a': AUDIO,
};

const TYPE_OF_ENDING: Record<string, string> = {
	gif: 'image/gif',
	ogg: 'audio/ogg',
	oga: 'audio/ogg',
	opus: 'audio/opus',
};

/**
 * How a file is sent. Telegram refuses a sound or picture in a format that it cannot play or show,
 * unless it comes as a document.
 */
export function methodFor({ type, url, file }: OutboundMedia): MediaMethod {
	if (type === 'document') return DOCUMENT;
	if (type === 'video') return VIDEO;
	const usual = type === 'image' ? PHOTO : AUDIO;
	if (file) {
		const mimeType = file.mimeType.split(';')[0]?.trim().toLowerCase() ?? '';
		const method = BY_TYPE[mimeType];
		return method !== undefined && mimeType.startsWith(`${type}/`) ? method : DOCUMENT;
	}
	// Of an address only the ending is known before Telegram fetches it.
	const mimeType = TYPE_OF_ENDING[endingOf(url ?? '')] ?? '';
	return mimeType.startsWith(`${type}/`) ? (BY_TYPE[mimeType] ?? usual) : usual;
}

function endingOf(url: string): string {
	const [, ending] = /\.(\w+)$/.exec(url.split(/[?#]/)[0] ?? '') ?? [];
	return ending?.toLowerCase() ?? '';
}
