import { createHmac, randomUUID } from 'node:crypto';
import type { ChannelStandIn, Written } from './channelStandIn';
import { background, numberOf, post } from './platforms';
import { startStandIn, type Received, type Reply } from './standIn';

type Fields = Record<string, unknown>;

interface Webhook {
	id: number;
	url: string;
	subscriptions: string[];
	secret: string;
}

interface Message extends Fields {
	id: number;
	content: string | null;
	message_type: number;
	private: boolean;
}

interface Conversation {
	id: number;
	contactId: number;
	name: string;
	status: 'open' | 'resolved' | 'pending';
	assignee: number | null;
	team: number | null;
	messages: Message[];
}

export interface ChatwootStandIn extends ChannelStandIn {
	webhooks: Webhook[];
	conversations: Conversation[];
	/** Files of the messages, in order: name, type and bytes. */
	files: Array<{ name: string; mimeType: string; bytes: Buffer }>;
	/** Refuses the next calls for their number. */
	limitNext(times?: number, seconds?: number): void;
	/** Waits until all webhooks are posted that calls have caused. */
	settled(): Promise<void>;
}

const TOKEN = 'chatwoot-token-of-the-stand-in';
const SECRET = 'chatwoot-webhook-secret';
const ACCOUNT = 3;
const INBOX = 5;
/** The agent whose token it is. */
const SELF = { id: 1, name: 'Bot', email: 'bot@example.com', type: 'user' };
const AGENTS = [SELF.id, 11, 12, 13];
const TEAMS = [6, 7];
const TYPES = ['incoming', 'outgoing', 'activity', 'template'];
const EVENTS = [
	'conversation_created',
	'conversation_status_changed',
	'conversation_updated',
	'contact_created',
	'contact_updated',
	'message_created',
	'message_updated',
	'webwidget_triggered',
];
const LONGEST_CONTENT = 150_000;

class Refusal extends Error {
	constructor(
		readonly status: number,
		readonly body: Fields,
	) {
		super(String(status));
	}
}

const notFound = () => new Refusal(404, { error: 'Resource could not be found' });
const invalid = (message: string, ...attributes: string[]) =>
	new Refusal(422, { message, attributes });

/**
 * The "Application API" of a Chatwoot with one account and one API inbox: tokens, webhooks,
 * conversations and messages; and the webhooks that it posts to every registered address whenever
 * something changes, by whomever.
 */
export async function startChatwoot(): Promise<ChatwootStandIn> {
	const webhooks: Webhook[] = [];
	const conversations: Conversation[] = [];
	const files: ChatwootStandIn['files'] = [];
	const after = background();
	let nextId = 7_000_000_000_001;

	const handle = async (call: Received): Promise<Reply> =>
		await answer(call).catch((error: unknown) =>
			error instanceof Refusal
				? { status: error.status, body: error.body }
				: Promise.reject(error as Error),
		);

	async function answer(call: Received): Promise<Reply> {
		if (call.headers.api_access_token !== TOKEN) {
			throw new Refusal(401, { error: 'Invalid Access Token' });
		}
		const [, account, rest = ''] = /^\/api\/v1\/accounts\/(\d+)\/(.*)$/.exec(call.path) ?? [];
		if (account !== String(ACCOUNT)) throw notFound();
		const body = (call.body ?? {}) as Fields;
		const [resource, id, action] = rest.split('/');
		if (resource === 'inboxes' && call.method === 'GET') {
			return { body: { payload: [{ id: INBOX, name: 'Web', channel_type: 'Channel::Api' }] } };
		}
		if (resource === 'webhooks') return answerWebhooks(call.method, Number(id), body);
		if (resource !== 'conversations') throw notFound();
		const conversation = conversations.find((one) => one.id === Number(id));
		if (!conversation) throw notFound();
		switch (`${call.method} ${action}`) {
			case 'GET messages':
				return { body: { meta: {}, payload: conversation.messages.slice(-20) } };
			case 'POST messages':
				return { body: await createMessage(conversation, body) };
			case 'POST assignments':
				return { body: assign(conversation, body) };
			case 'POST toggle_status':
				return { body: { payload: toggle(conversation, body.status) } };
			default:
				throw notFound();
		}
	}

	function answerWebhooks(method: string, id: number, body: Fields): Reply {
		if (method === 'GET') return { body: { payload: { webhooks } } };
		const index = webhooks.findIndex((webhook) => webhook.id === id);
		if (method === 'DELETE') {
			if (index < 0) throw notFound();
			webhooks.splice(index, 1);
			return {};
		}
		const fields = body.webhook as Fields | undefined;
		if (!fields) {
			throw new Refusal(422, { error: 'param is missing or the value is empty: webhook' });
		}
		const url = String(fields.url ?? '');
		const subscriptions = (fields.subscriptions ?? []) as string[];
		if (!/^https?:\/\/\S+$/.test(url)) throw invalid('Url is invalid', 'url');
		if (webhooks.some((webhook) => webhook.url === url && webhook.id !== id)) {
			throw invalid('Url has already been taken', 'url');
		}
		if (subscriptions.length === 0 || subscriptions.some((event) => !EVENTS.includes(event))) {
			throw invalid('Subscriptions Invalid events', 'subscriptions');
		}
		if (method === 'PATCH' && index < 0) throw notFound();
		const webhook = webhooks[index] ?? { id: nextId++, url, subscriptions, secret: randomUUID() };
		Object.assign(webhook, { url, subscriptions });
		if (index < 0) webhooks.push(webhook);
		return { body: { payload: { webhook: { ...webhook, account_id: ACCOUNT } } } };
	}

	async function createMessage(conversation: Conversation, body: Fields): Promise<Message> {
		const type = String(body.message_type ?? 'outgoing');
		if (type !== 'outgoing') {
			throw new Refusal(422, { error: 'Incoming messages are only allowed in Api inboxes' });
		}
		const upload = body['attachments[]'];
		const uploads = (Array.isArray(upload) ? upload : [upload]).filter(
			(file) => file instanceof File,
		);
		const content = typeof body.content === 'string' ? body.content : '';
		if (content === '' && uploads.length === 0) throw invalid("Content can't be blank", 'content');
		if ([...content].length > LONGEST_CONTENT) {
			throw invalid(`Content is too long (maximum is ${LONGEST_CONTENT} characters)`, 'content');
		}
		const attributes = (body.content_attributes ?? {}) as Fields;
		if (body.content_type === 'input_select') checkItems(attributes.items);
		if (body.template_params) checkTemplate(body.template_params as Fields);
		for (const file of uploads) {
			const bytes = Buffer.from(await file.arrayBuffer());
			files.push({ name: file.name, mimeType: file.type, bytes });
		}
		const message = add(conversation, {
			id: nextId++,
			content,
			message_type: 1,
			private: body.private === true || body.private === 'true',
			content_type: body.content_type ?? 'text',
			content_attributes: {
				...attributes,
				...(body['content_attributes[in_reply_to]']
					? { in_reply_to: Number(body['content_attributes[in_reply_to]']) }
					: {}),
			},
			sender: SELF,
			...(body.template_params ? { template_params: body.template_params } : {}),
		});
		tellAll(messageEvent('message_created', conversation, message));
		return message;
	}

	function checkItems(items: unknown): void {
		const wrong =
			!Array.isArray(items) ||
			items.length === 0 ||
			items.some((item) => String(Object.keys(item as Fields).sort()) !== 'title,value');
		if (wrong) throw invalid('Content attributes contains invalid keys for items', 'content');
	}

	function checkTemplate(template: Fields): void {
		for (const key of ['name', 'category', 'language', 'processed_params']) {
			if (template[key] === undefined) throw invalid(`Template ${key} is missing`, 'content');
		}
	}

	/** An ID that is not there takes the conversation from whoever has it, without an error. */
	function assign(conversation: Conversation, body: Fields): Fields | null {
		if ('assignee_id' in body) {
			const next = AGENTS.find((id) => id === Number(body.assignee_id)) ?? null;
			change(conversation, { assignee: next });
			return next === null ? null : { id: next, name: `Agent ${next}` };
		}
		if ('team_id' in body) {
			const next = TEAMS.find((id) => id === Number(body.team_id)) ?? null;
			change(conversation, { team: next });
			return next === null ? null : { id: next, name: `team ${next}` };
		}
		return null;
	}

	function change(
		conversation: Conversation,
		next: Partial<Pick<Conversation, 'assignee' | 'team'>>,
		tell: (event: Fields) => unknown = tellAll,
	): unknown {
		const changed = Object.entries(next).flatMap(([key, value]) => {
			const previous = conversation[key as 'assignee' | 'team'];
			return previous === value
				? []
				: [{ [`${key}_id`]: { previous_value: previous, current_value: value } }];
		});
		Object.assign(conversation, next);
		return changed.length > 0
			? tell({
					...conversationData(conversation),
					changed_attributes: changed,
					event: 'conversation_updated',
				})
			: undefined;
	}

	function toggle(
		conversation: Conversation,
		status: unknown,
		tell: (event: Fields) => unknown = tellAll,
	): unknown {
		if (status !== 'open' && status !== 'resolved' && status !== 'pending') {
			throw new Refusal(422, { error: `'${String(status)}' is not a valid status` });
		}
		const previous = conversation.status;
		conversation.status = status;
		const result = { success: true, conversation_id: conversation.id, current_status: status };
		if (previous === status) return result;
		const told = tell({
			...conversationData(conversation),
			changed_attributes: [{ status: { previous_value: previous, current_value: status } }],
			event: 'conversation_status_changed',
		});
		return tell === tellAll ? result : told;
	}

	function add(conversation: Conversation, message: Message): Message {
		const whole = {
			account_id: ACCOUNT,
			inbox_id: INBOX,
			conversation_id: conversation.id,
			created_at: Math.floor(Date.now() / 1000),
			status: 'sent',
			content_type: 'text',
			content_attributes: {},
			...message,
		};
		conversation.messages.push(whole);
		return whole;
	}

	const cardOf = ({ contactId, name }: Conversation) => ({
		id: contactId,
		name,
		email: null,
		phone_number: null,
		additional_attributes: {},
		type: 'contact',
		pubsub_token: 'secret-of-the-contact',
	});

	function conversationData(conversation: Conversation): Fields {
		const { id, status, assignee, team, messages } = conversation;
		const now = Date.now() / 1000;
		return {
			additional_attributes: {},
			can_reply: true,
			channel: 'Channel::Api',
			contact_inbox: {
				id: conversation.contactId,
				contact_id: conversation.contactId,
				inbox_id: INBOX,
				source_id: `source-${conversation.contactId}`,
			},
			id,
			inbox_id: INBOX,
			messages: messages.filter((message) => !message.private).slice(-1),
			meta: {
				sender: cardOf(conversation),
				assignee:
					assignee === null ? null : { id: assignee, name: `Agent ${assignee}`, type: 'user' },
				team: team === null ? null : { id: team, name: `team ${team}` },
			},
			status,
			timestamp: Math.floor(now),
			updated_at: now,
		};
	}

	function messageEvent(event: string, conversation: Conversation, message: Message): Fields {
		return {
			account: { id: ACCOUNT, name: 'Example' },
			content: message.content,
			content_attributes: message.content_attributes,
			content_type: message.content_type,
			conversation: conversationData(conversation),
			created_at: new Date(Number(message.created_at) * 1000).toISOString(),
			id: message.id,
			inbox: { id: INBOX, name: 'Web' },
			message_type: TYPES[message.message_type],
			private: message.private,
			sender: message.sender ?? cardOf(conversation),
			source_id: null,
			event,
		};
	}

	function tellAll(event: Fields): void {
		for (const { url, subscriptions, secret } of webhooks) {
			if (subscriptions.includes(String(event.event))) after.run(() => tellOne(url, event, secret));
		}
	}

	async function tellOne(url: string, event: Fields, secret = SECRET) {
		const body = JSON.stringify(event);
		const timestamp = String(Math.floor(Date.now() / 1000));
		const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
		return await post(url, body, {
			'x-chatwoot-delivery': randomUUID(),
			'x-chatwoot-timestamp': timestamp,
			'x-chatwoot-signature': `sha256=${signature}`,
		});
	}

	const find = (from: string) =>
		conversations.find(({ contactId }) => contactId === numberOf(from));

	function findOrFail(from: string): Conversation {
		const conversation = find(from);
		if (!conversation) throw new Error(`Nobody has written from ${from}`);
		return conversation;
	}

	const standIn = await startStandIn(handle);
	return Object.assign(standIn, {
		key: 'chatwoot',
		credential: {
			type: 'conversationChatwootApi',
			data: {
				baseUrl: standIn.url,
				apiAccessToken: TOKEN,
				accountId: String(ACCOUNT),
				ownAgentId: String(SELF.id),
				webhookSecret: SECRET,
				acceptUnsigned: false,
			},
		},
		webhooks,
		conversations,
		files,
		settled: () => after.settled(),
		limitNext(times = 1, seconds = 1) {
			standIn.answerNext(
				{ status: 429, headers: { 'retry-after': String(seconds) }, body: 'Retry later\n' },
				times,
			);
		},
		registered: () => webhooks.map(({ url }) => url),
		async customerWrites(url: string, { from, id, text, name = 'Customer' }: Written) {
			const known = find(from);
			const conversation: Conversation = known ?? {
				id: conversations.length + 101,
				contactId: numberOf(from),
				name,
				status: 'open',
				assignee: null,
				team: null,
				messages: [],
			};
			if (!known) conversations.push(conversation);
			const number = numberOf(id);
			const message =
				conversation.messages.find((one) => one.id === number) ??
				add(conversation, {
					id: number,
					content: text,
					message_type: 0,
					private: false,
					sender: cardOf(conversation),
				});
			if (conversation.status === 'resolved') {
				await toggle(conversation, 'open', (event) => tellOne(url, event));
			}
			const answered = await tellOne(url, messageEvent('message_created', conversation, message));
			// The same message comes once more: it is the conversation's newest.
			if (!known) {
				await tellOne(url, { ...conversationData(conversation), event: 'conversation_created' });
			}
			return answered;
		},
		delivered: (from: string) =>
			(find(from)?.messages ?? [])
				.filter((message) => message.message_type === 1 && !message.private)
				.map(({ content }) => content ?? ''),
		standing(from: string) {
			const { status, assignee, messages } = findOrFail(from);
			return {
				status: status === 'resolved' ? ('closed' as const) : ('open' as const),
				assignee: assignee === null ? null : String(assignee),
				notes: messages.filter((message) => message.private).map(({ content }) => content ?? ''),
			};
		},
		async personActs(
			url: string,
			from: string,
			act: Parameters<NonNullable<ChannelStandIn['personActs']>>[2],
		) {
			const conversation = findOrFail(from);
			const tell = (event: Fields) => tellOne(url, event);
			const nothing = { status: 204, body: 'Nothing has changed' };
			switch (act.type) {
				case 'assigned': {
					const assignee = act.agent === null ? null : Number(act.agent);
					return ((await change(conversation, { assignee }, tell)) ?? nothing) as typeof nothing;
				}
				case 'closed':
					return (await toggle(conversation, 'resolved', tell)) as typeof nothing;
				case 'replied': {
					const message = add(conversation, {
						id: numberOf(act.id),
						content: act.text,
						message_type: 1,
						private: false,
						sender: { id: Number(act.agent), name: `Agent ${act.agent}`, type: 'user' },
					});
					return await tell(messageEvent('message_created', conversation, message));
				}
			}
		},
	});
}
