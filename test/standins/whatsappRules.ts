import type { ApprovedTemplate, StoredFile } from './whatsapp';

/** JSON that was posted to the Graph API, or that it answers. */
export type GraphFields = Record<string, unknown>;

/** An error as the Graph API words it. */
export class GraphError extends Error {
	readonly body: GraphFields;

	constructor(
		readonly status: number,
		code: number,
		message: string,
		{ subcode, details }: { subcode?: number; details?: string } = {},
	) {
		super(message);
		this.body = {
			error: {
				message,
				type: 'OAuthException',
				code,
				...(subcode === undefined ? {} : { error_subcode: subcode }),
				...(details === undefined
					? {}
					: { error_data: { messaging_product: 'whatsapp', details } }),
				fbtrace_id: 'AbCdEfGhIjKlMnOpQrStUvW',
			},
		};
	}
}

const invalid = (details: string) =>
	new GraphError(400, 100, '(#100) Invalid parameter', { details });
const badValue = (details: string) =>
	new GraphError(400, 131009, '(#131009) Parameter value is not valid', { details });
const missing = (name: string) =>
	new GraphError(400, 131008, '(#131008) Required parameter is missing', {
		details: `Parameter of type ${name} is missing`,
	});

const fieldsOf = (value: unknown): GraphFields => (value ?? {}) as GraphFields;
const lengthOf = (text: string) => [...text].length;

function textIn(value: unknown, name: string, most: number, fewest = 1): string {
	if (typeof value !== 'string') throw missing(name);
	if (lengthOf(value.trim()) < fewest) throw badValue(`Param ${name} is too short. Min: ${fewest}`);
	if (lengthOf(value) > most) throw badValue(`Param ${name} is too long. Max length: ${most}`);
	return value;
}

function allDifferent(values: string[], name: string) {
	if (new Set(values).size < values.length) throw badValue(`Duplicated ${name}`);
}

interface World {
	files: Map<string, StoredFile>;
	templates: Map<string, ApprovedTemplate>;
	stopped: Set<string>;
}

/** What a message has to be; gives who gets it and what is read there. */
export function checkMessage(body: GraphFields, world: World): { to: string; text: string } {
	if (body.messaging_product !== 'whatsapp') {
		throw new GraphError(400, 100, '(#100) The parameter messaging_product is required.');
	}
	if (body.context !== undefined) {
		textIn(fieldsOf(body.context).message_id, "context['message_id']", 512);
	}
	const to = recipientOf(body);
	return { to, text: contentOf(body, to, world) };
}

function recipientOf({ to, recipient }: GraphFields): string {
	if (to !== undefined) {
		// Without the plus sign the country of the business would be put before the number.
		if (typeof to === 'string' && /^\+\d{4,15}$/.test(to)) return to;
		throw badValue('Param to is not a phone number with its country');
	}
	if (typeof recipient !== 'string') {
		throw new GraphError(400, 100, '(#100) The parameter to is required.');
	}
	if (!/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(recipient)) {
		throw badValue('Param recipient is not a business-scoped user ID');
	}
	return recipient;
}

function contentOf(body: GraphFields, to: string, world: World): string {
	const content = fieldsOf(body[String(body.type ?? 'text')]);
	switch (body.type ?? 'text') {
		case 'text':
			return textIn(content.body, "text['body']", 4096);
		case 'image':
		case 'video':
		case 'audio':
		case 'document':
			return mediaText(body.type as string, content, world);
		case 'interactive':
			return interactiveText(content, world);
		case 'template':
			return templateText(content, to, world);
		default:
			throw badValue(`Param type must be one of {TEXT, IMAGE, …} - got "${String(body.type)}".`);
	}
}

const MB = 1024 * 1024;
const MEDIA: Record<string, { bytes: number; types: RegExp }> = {
	image: { bytes: 5 * MB, types: /^image\/(jpeg|png)$/ },
	video: { bytes: 16 * MB, types: /^video\/(mp4|3gpp)$/ },
	audio: { bytes: 16 * MB, types: /^audio\/(aac|amr|mpeg|mp4|ogg)$/ },
	document: { bytes: 100 * MB, types: /./ },
};

const KEYS: Record<string, string[]> = {
	image: ['id', 'link', 'caption'],
	video: ['id', 'link', 'caption'],
	audio: ['id', 'link', 'voice'],
	document: ['id', 'link', 'caption', 'filename'],
};

function mediaText(type: string, content: GraphFields, { files }: World): string {
	const stranger = Object.keys(content).find((key) => !KEYS[type]?.includes(key));
	if (stranger !== undefined) throw invalid(`Unexpected key "${stranger}" on param "${type}".`);
	if ((content.id === undefined) === (content.link === undefined)) {
		throw invalid(`Param ${type} must have either id or link`);
	}
	if (content.link !== undefined) {
		if (!/^https?:\/\/\S+$/.test(String(content.link))) throw badValue('Param link is not a URL');
	} else {
		const file = files.get(String(content.id));
		const { bytes, types } = MEDIA[type]!;
		if (!file) throw badValue(`Media ID ${String(content.id)} does not exist`);
		if (!types.test(file.mimeType) || file.bytes.length > bytes) {
			throw new GraphError(400, 131053, '(#131053) Media upload error', {
				details: `Unsupported ${type}: ${file.mimeType}, ${file.bytes.length} bytes`,
			});
		}
	}
	return content.caption === undefined ? '' : textIn(content.caption, 'caption', 1024);
}

function interactiveText(content: GraphFields, world: World): string {
	const action = fieldsOf(content.action);
	if (content.header !== undefined) {
		const header = fieldsOf(content.header);
		const type = String(header.type);
		if (content.type === 'list' || type === 'audio') {
			throw badValue(`Header of type ${type} is not allowed in ${String(content.type)}`);
		}
		mediaText(type, fieldsOf(header[type]), world);
	}
	switch (content.type) {
		case 'button':
			checkReplyButtons(action.buttons);
			return textIn(fieldsOf(content.body).text, 'body text', 1024);
		case 'cta_url': {
			const parameters = fieldsOf(action.parameters);
			if (action.name !== 'cta_url') throw missing("action['name']");
			textIn(parameters.display_text, 'display_text', 20);
			if (!/^https?:\/\/\S+$/.test(String(parameters.url))) throw badValue('Param url');
			return textIn(fieldsOf(content.body).text, 'body text', 1024);
		}
		case 'list':
			checkList(action);
			return textIn(fieldsOf(content.body).text, 'body text', 4096);
		default:
			throw badValue(`Param interactive['type'] - got "${String(content.type)}".`);
	}
}

function checkReplyButtons(buttons: unknown) {
	if (!Array.isArray(buttons) || buttons.length < 1 || buttons.length > 3) {
		throw badValue('Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3');
	}
	const replies = buttons.map((button) => {
		if (fieldsOf(button).type !== 'reply') throw badValue('Button type');
		return fieldsOf(fieldsOf(button).reply);
	});
	allDifferent(
		replies.map(({ title }) => textIn(title, 'button title', 20)),
		'button title',
	);
	allDifferent(
		replies.map(({ id }) => textIn(id, 'button id', 256)),
		'button id',
	);
}

function checkList({ button, sections }: GraphFields) {
	textIn(button, 'button', 20);
	if (!Array.isArray(sections) || sections.length < 1) throw missing('sections');
	const rows = sections.flatMap((section) => (fieldsOf(section).rows ?? []) as GraphFields[]);
	if (rows.length < 1 || rows.length > 10) {
		throw badValue(`Total row count exceed max allowed count: 10 - got ${rows.length}`);
	}
	for (const { title } of rows) textIn(title, 'row title', 24);
	allDifferent(
		rows.map(({ id }) => textIn(id, 'row id', 200)),
		'row id',
	);
}

function templateText(content: GraphFields, to: string, world: World): string {
	const name = textIn(content.name, "template['name']", 512);
	const template = world.templates.get(name);
	if (!template || template.language !== fieldsOf(content.language).code) {
		throw new GraphError(404, 132001, '(#132001) Template name does not exist in the translation', {
			details: `template name (${name}) does not exist in ${String(fieldsOf(content.language).code)}`,
		});
	}
	if (template.marketing && world.stopped.has(to)) {
		throw new GraphError(400, 131050, '(#131050) Unable to deliver the message', {
			details: 'This recipient has chosen to stop receiving marketing messages on WhatsApp',
		});
	}
	const components = (content.components ?? []) as GraphFields[];
	const parametersOf = (type: string) =>
		(components.find((component) => component.type === type)?.parameters ?? []) as GraphFields[];
	checkHeader(parametersOf('header'), template, world);
	const values = parametersOf('body');
	const { parameters } = template;
	const expected = typeof parameters === 'number' ? parameters : parameters.length;
	if (values.length !== expected) {
		throw new GraphError(
			400,
			132000,
			'(#132000) Number of parameters does not match the expected number of params',
			{
				details: `body: number of localizable_params (${values.length}) does not match the expected number of params (${expected})`,
			},
		);
	}
	const texts = values.map((value) => {
		if (value.type !== 'text') throw badValue('Parameter type');
		if (typeof parameters !== 'number' && !parameters.includes(String(value.parameter_name))) {
			throw invalid('Parameter name is missing or empty');
		}
		const text = textIn(value.text, 'text', 32768);
		if (/[\n\t]| {5}/.test(text)) {
			throw invalid(
				'Param text cannot have new-line/tab characters or more than 4 consecutive spaces',
			);
		}
		return text;
	});
	return [`[${name}]`, ...texts].join(' ');
}

function checkHeader(parameters: GraphFields[], { header }: ApprovedTemplate, world: World) {
	const type = parameters[0]?.type as string | undefined;
	if (type !== header) {
		throw new GraphError(400, 132012, '(#132012) Parameter format does not match', {
			details: `header: Format mismatch, expected ${header ?? 'none'}, received ${type ?? 'none'}`,
		});
	}
	if (type !== undefined) mediaText(type, fieldsOf(parameters[0]?.[type]), world);
}
