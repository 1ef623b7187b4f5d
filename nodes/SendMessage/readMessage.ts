import type { IExecuteFunctions } from 'n8n-workflow';
import type {
	MediaType,
	OutboundButton,
	OutboundMedia,
	OutboundMessage,
	OutboundTemplate,
} from '../channels/sending';
import { storeError } from '../store/errors';

/** Reads the node's form into a message. @throws StoreError `InvalidInput` */
export async function readMessage(
	context: IExecuteFunctions,
	index: number,
): Promise<OutboundMessage> {
	const text = (name: string) => String(context.getNodeParameter(name, index, '') ?? '');
	const { replyToMessageId, listLabel } = context.getNodeParameter('options', index, {}) as {
		replyToMessageId?: string;
		listLabel?: string;
	};
	const more = {
		...(replyToMessageId?.trim() ? { replyToMessageId: replyToMessageId.trim() } : {}),
		...(listLabel?.trim() ? { listLabel: listLabel.trim() } : {}),
	};
	switch (context.getNodeParameter('messageType', index)) {
		case 'template':
			return { text: '', template: readTemplate(context, index), ...more };
		case 'file':
			return {
				text: text('caption'),
				media: await readMedia(context, index),
				...readButtons(context, index),
				...more,
			};
		default:
			return { text: text('text'), ...readButtons(context, index), ...more };
	}
}

function readTemplate(context: IExecuteFunctions, index: number): OutboundTemplate {
	const name = String(context.getNodeParameter('templateName', index)).trim();
	if (name === '') {
		throw storeError('InvalidInput', "'Template' is empty", 'Give the name of the template');
	}
	const { values = [] } = context.getNodeParameter('templateValues', index, {}) as {
		values?: Array<{ name?: string; value?: unknown }>;
	};
	return {
		name,
		language: String(context.getNodeParameter('templateLanguage', index, 'en')).trim(),
		parameters: values.map((each) => ({
			...(each.name?.trim() ? { name: each.name.trim() } : {}),
			value: String(each.value ?? ''),
		})),
	};
}

function readButtons(context: IExecuteFunctions, index: number): { buttons?: OutboundButton[] } {
	const { values = [] } = context.getNodeParameter('buttons', index, {}) as {
		values?: Array<{ title?: unknown; id?: unknown; url?: unknown }>;
	};
	const buttons = values.map(({ title, id, url }): OutboundButton => {
		const shown = String(title ?? '');
		const link = String(url ?? '').trim();
		return {
			id: String(id ?? '').trim() || shown,
			title: shown,
			...(link === '' ? {} : { url: link }),
		};
	});
	return buttons.length > 0 ? { buttons } : {};
}

async function readMedia(context: IExecuteFunctions, index: number): Promise<OutboundMedia> {
	const chosen = context.getNodeParameter('fileType', index) as MediaType | 'auto';
	if (context.getNodeParameter('fileFrom', index) === 'url') {
		const url = String(context.getNodeParameter('fileUrl', index)).trim();
		return { type: chosen === 'auto' ? typeByName(url) : chosen, url };
	}
	const field = String(context.getNodeParameter('binaryField', index)).trim();
	const data = context.helpers.assertBinaryData(index, field);
	const bytes = await context.helpers.getBinaryDataBuffer(index, field);
	const { mimeType } = data;
	const name = data.fileName ?? `file${data.fileExtension ? `.${data.fileExtension}` : ''}`;
	return {
		type: chosen === 'auto' ? typeByMime(mimeType) : chosen,
		file: { name, mimeType, bytes },
	};
}

function typeByMime(mimeType: string): MediaType {
	const [kind] = mimeType.split('/', 1);
	return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : 'document';
}

const EXTENSIONS: Array<[MediaType, RegExp]> = [
	['image', /\.(jpe?g|png|gif|webp)$/i],
	['video', /\.(mp4|3gpp?|mov|webm)$/i],
	['audio', /\.(mp3|m4a|aac|ogg|opus|amr|wav)$/i],
];

/** What an address says about its file, without asking it. */
function typeByName(url: string): MediaType {
	const path = url.split(/[?#]/, 1)[0]!;
	return EXTENSIONS.find(([, pattern]) => pattern.test(path))?.[0] ?? 'document';
}
