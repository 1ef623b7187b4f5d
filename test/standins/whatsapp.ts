import type { MessageStatus } from '../../nodes/channels/channel';
import {
	choiceMessage,
	messagesBody,
	post,
	statusBody,
	textMessage,
	type WhatsAppAccount,
	type WhatsAppContact,
} from '../host/whatsapp';
import type { ChannelStandIn } from './channelStandIn';
import { startStandIn, type Received, type Reply } from './standIn';
import { checkMessage, GraphError, type GraphFields } from './whatsappRules';

/** A message that WhatsApp took. */
export interface TakenMessage {
	id: string;
	/** The phone with its plus sign, or the business-scoped user ID. */
	to: string;
	/** What the recipient reads: the text, the caption, the text above buttons. */
	text: string;
	/** As it was posted. */
	body: GraphFields;
}

/** A template that was approved. */
export interface ApprovedTemplate {
	language: string;
	/** How many values the body takes, or their names. */
	parameters: number | string[];
	/** What stands at its top. */
	header?: 'image' | 'video' | 'document';
	marketing?: true;
}

export interface StoredFile {
	name: string;
	mimeType: string;
	bytes: Buffer;
}

export interface WhatsAppStandIn extends ChannelStandIn {
	account: WhatsAppAccount;
	messages: TakenMessage[];
	templates: Map<string, ApprovedTemplate>;
	files: Map<string, StoredFile>;
	/** Opens the 24 hours of a phone (`+…`) or user ID without a webhook. */
	wrote(from: string): void;
	/** Lets time go by on WhatsApp's clock, in milliseconds. */
	pass(milliseconds: number): void;
	/** Who wants no marketing messages, as phones or user IDs. */
	stopped: Set<string>;
	/** Refuses the next calls for their number, with the minutes after which Meta takes calls again. */
	limitNext(times: number, minutes?: number): void;
	/** Presses the button, or chooses the row, with this title under the newest message that has it. */
	customerChooses(
		url: string,
		choice: { from: string; id: string; title: string },
	): Promise<{ status: number; body: unknown }>;
	/** Posts what became of a message. */
	tellStatus(
		url: string,
		id: string,
		status: MessageStatus['status'],
	): Promise<{ status: number; body: unknown }>;
}

const ACCESS_TOKEN = 'EAAG-stand-in';
const VERSION = '/v25.0';
const DAY = 24 * 60 * 60 * 1000;

/** Real numbers have a country; the digits of a test stand at the end. */
const phoneOf = (digits: string) =>
	digits.length > 10 ? digits : `20100${digits.padStart(7, '0')}`;

/** What a recipient can press under a message. */
function choicesOf(body: GraphFields) {
	const { action } = (body.interactive ?? {}) as {
		action?: {
			buttons?: Array<{ reply: { id: string; title: string } }>;
			sections?: Array<{ rows: Array<{ id: string; title: string }> }>;
		};
	};
	return [
		...(action?.buttons ?? []).map(({ reply }) => ({ ...reply, type: 'button_reply' as const })),
		...(action?.sections ?? []).flatMap(({ rows }) =>
			rows.map(({ id, title }) => ({ id, title, type: 'list_reply' as const })),
		),
	];
}

/**
 * The Cloud API of WhatsApp: who may call, which fields a message needs, the limits of each, the 24
 * hours after a contact wrote, templates and files; and the webhooks that Meta posts. Its errors are
 * those of Meta's "Error codes".
 */
export async function startWhatsApp(): Promise<WhatsAppStandIn> {
	const account: WhatsAppAccount = {
		appSecret: 'app-secret-of-the-stand-in',
		phoneNumberId: '106540352242922',
	};
	const messages: TakenMessage[] = [];
	const files = new Map<string, StoredFile>();
	const templates = new Map<string, ApprovedTemplate>();
	const wroteAt = new Map<string, number>();
	const stopped = new Set<string>();
	let passed = 0;
	const now = () => Date.now() + passed;

	const handle = (call: Received): Promise<Reply> =>
		answer(call).then(
			(body) => ({ body }),
			(error: unknown) =>
				error instanceof GraphError
					? { status: error.status, body: error.body }
					: Promise.reject(error as Error),
		);

	async function answer(call: Received): Promise<GraphFields> {
		const token = /^Bearer (.*)$/.exec(call.headers.authorization ?? '')?.[1];
		if (token === undefined) {
			throw new GraphError(401, 104, 'An access token is required to request this resource.');
		}
		if (token !== ACCESS_TOKEN) {
			throw new GraphError(401, 190, 'Invalid OAuth access token - Cannot parse access token');
		}
		const [, object, edge] = /^\/v25\.0\/(\w+)(?:\/(\w+))?$/.exec(call.path) ?? [];
		if (call.method === 'GET' && object === 'me' && !edge) return { id: '1', name: 'System user' };
		if (object !== account.phoneNumberId) {
			throw new GraphError(
				400,
				100,
				`Unsupported ${call.method.toLowerCase()} request. Object with ID '${object}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
				{ subcode: 33 },
			);
		}
		switch (`${call.method} ${edge ?? ''}`) {
			case 'GET ':
				return { id: account.phoneNumberId, verified_name: 'Stand-In', quality_rating: 'GREEN' };
			case 'POST media':
				return await store(call.body as GraphFields);
			case 'POST messages':
				return take(call.body as GraphFields);
			default:
				throw new GraphError(400, 2500, `Unknown path components: /${edge}`);
		}
	}

	async function store(form: GraphFields): Promise<GraphFields> {
		const { messaging_product, type, file } = form ?? {};
		if (messaging_product !== 'whatsapp') {
			throw new GraphError(400, 100, '(#100) The parameter messaging_product is required.');
		}
		if (!(file instanceof File)) {
			throw new GraphError(400, 100, '(#100) The parameter file is required.');
		}
		if (typeof type !== 'string' || type === '' || type !== file.type) {
			throw new GraphError(400, 100, '(#100) Param file must be a file of the type of param type');
		}
		const id = String(770000000000001 + files.size);
		const bytes = Buffer.from(await file.arrayBuffer());
		files.set(id, { name: file.name, mimeType: type, bytes });
		return { id };
	}

	function take(body: GraphFields): GraphFields {
		const { to, text } = checkMessage(body, { files, templates, stopped });
		if (body.type !== 'template' && now() - (wroteAt.get(to) ?? -Infinity) > DAY) {
			throw new GraphError(400, 131047, '(#131047) Re-engagement message', {
				details:
					'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
			});
		}
		const id = `wamid.HBgM${String(messages.length + 1).padStart(8, '0')}==`;
		messages.push({ id, to, text, body });
		const input = String(body.to ?? body.recipient);
		return {
			messaging_product: 'whatsapp',
			contacts: [{ input, ...(to.startsWith('+') ? { wa_id: to.slice(1) } : { user_id: to }) }],
			messages: [{ id, ...(body.type === 'template' ? { message_status: 'accepted' } : {}) }],
		};
	}

	const standIn = await startStandIn(handle);
	const contact = (from: string, name = 'Customer'): WhatsAppContact => ({
		waId: phoneOf(from),
		name,
	});

	return Object.assign(standIn, {
		key: 'whatsapp',
		credential: {
			type: 'conversationWhatsAppApi',
			data: {
				appSecret: account.appSecret,
				verifyToken: 'open-up',
				accessToken: ACCESS_TOKEN,
				phoneNumberId: account.phoneNumberId,
				baseUrl: `${standIn.url}${VERSION}`,
			},
		},
		account,
		messages,
		templates,
		files,
		stopped,
		// Meta has an address for each app, entered in its dashboard.
		registered: () => [],
		wrote(from: string) {
			wroteAt.set(from, now());
		},
		pass(milliseconds: number) {
			passed += milliseconds;
		},
		limitNext(times: number, minutes = 0) {
			const usage = { 1: [{ type: 'whatsapp', estimated_time_to_regain_access: minutes }] };
			const error = new GraphError(429, 130429, '(#130429) Rate limit hit', {
				details:
					'Message failed to send because there were too many messages sent from this number.',
			});
			standIn.answerNext(
				{
					status: error.status,
					body: error.body,
					headers: { 'x-business-use-case-usage': JSON.stringify(usage) },
				},
				times,
			);
		},
		async customerWrites(
			url: string,
			{ from, id, text, name }: Parameters<ChannelStandIn['customerWrites']>[1],
		) {
			const who = contact(from, name);
			wroteAt.set(`+${who.waId}`, now());
			const message = textMessage(who, `wamid.IN${id}==`, text, new Date(now()));
			return await post(url, account, messagesBody(account, who, [message]));
		},
		async customerChooses(
			url: string,
			{ from, id, title }: { from: string; id: string; title: string },
		) {
			const who = contact(from);
			wroteAt.set(`+${who.waId}`, now());
			const choice = messages
				.filter(({ to }) => to === `+${who.waId}`)
				.flatMap(({ body }) => choicesOf(body))
				.findLast((each) => each.title === title);
			if (!choice) throw new Error(`There is nothing to choose called '${title}'`);
			const message = choiceMessage(who, `wamid.IN${id}==`, choice, new Date(now()));
			return await post(url, account, messagesBody(account, who, [message]));
		},
		async tellStatus(url: string, id: string, status: MessageStatus['status']) {
			const to = messages.find((message) => message.id === id)?.to ?? '';
			const who = { waId: to.replace('+', ''), name: 'Customer' };
			return await post(url, account, statusBody(account, who, id, status, new Date(now())));
		},
		delivered: (from: string) =>
			messages.filter(({ to }) => to === `+${phoneOf(from)}`).map(({ text }) => text),
	});
}
