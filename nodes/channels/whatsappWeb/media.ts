import type { MediaType, OutboundMedia, SendingLimits } from '../sending';

const MEGABYTE = 1024 * 1024;

/**
 * Neither gateway documents limits of WhatsApp Web; these are those of the WhatsApp apps ("About
 * sending media"): 65,536 characters of text, 16 MB for pictures, sounds and films. Larger documents
 * are possible there, but both gateways take a file's bytes as base64 in a JSON body of limited size.
 */
export function limitsOf(document: number): SendingLimits {
	const media = { bytes: 16 * MEGABYTE, byUrl: 'any' as const, upload: true };
	return {
		text: 65_536,
		caption: 1024,
		unit: 'utf16',
		media: {
			image: media,
			video: media,
			audio: media,
			document: { ...media, bytes: document * MEGABYTE },
		},
		quotes: true,
	};
}

/** By the ends of file names, for files whose kind the sender does not say. */
const TYPES: Record<string, string> = {
	jpg: 'image/jpeg',
	jpeg: 'image/jpeg',
	png: 'image/png',
	webp: 'image/webp',
	gif: 'image/gif',
	mp4: 'video/mp4',
	'3gp': 'video/3gpp',
	mov: 'video/quicktime',
	ogg: 'audio/ogg; codecs=opus',
	oga: 'audio/ogg; codecs=opus',
	opus: 'audio/ogg; codecs=opus',
	mp3: 'audio/mpeg',
	m4a: 'audio/mp4',
	wav: 'audio/wav',
	pdf: 'application/pdf',
	txt: 'text/plain',
	csv: 'text/csv',
	zip: 'application/zip',
	doc: 'application/msword',
	docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
	xls: 'application/vnd.ms-excel',
	xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
	ppt: 'application/vnd.ms-powerpoint',
	pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
};

const USUAL: Record<MediaType, string> = {
	image: 'image/jpeg',
	video: 'video/mp4',
	audio: 'audio/mpeg',
	document: 'application/octet-stream',
};

export interface NamedFile {
	name: string;
	mimeType: string;
	/** Exactly one of the two. */
	url?: string;
	base64?: string;
}

/** The file as both gateways want it: with a name and a kind, by address or as base64. */
export function namedFile(media: OutboundMedia): NamedFile {
	if (media.file) {
		const { name, mimeType, bytes } = media.file;
		return { name, mimeType, base64: bytes.toString('base64') };
	}
	const url = media.url ?? '';
	const name = lastPartOf(url) ?? media.type;
	const end = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? '';
	const known = Object.hasOwn(TYPES, end) ? TYPES[end] : undefined;
	return { name, mimeType: known ?? USUAL[media.type], url };
}

function lastPartOf(url: string): string | undefined {
	try {
		const part = decodeURIComponent(new URL(url).pathname).split('/').at(-1);
		return part === '' ? undefined : part;
	} catch {
		return undefined;
	}
}

/** Both gateways send a sound as a voice message, and those have no caption. */
export function voiceProblem(text: string, type: MediaType | undefined): string | undefined {
	return type === 'audio' && text !== ''
		? 'WhatsApp shows no text with a voice message. Send the text as a message of its own'
		: undefined;
}
