import { createHmac, randomUUID } from 'node:crypto';
import type { ChannelStandIn, Written } from './channelStandIn';
import { background, numberOf, post } from './platforms';
import { startStandIn, type Received, type Reply } from './standIn';

type Fields = Record<string, unknown>;

interface Subscription {
	type: string;
	url: string;
	hookId: string;
	bundle: Fields;
}

interface Contact {
	id: number;
	name: string;
	status: 'open' | 'closed';
	assignee: number | null;
	category: string | null;
	summary: string | null;
	/** What reached the contact. */
	delivered: string[];
	comments: string[];
	/** Contents that were sent, as they came. */
	sent: Fields[];
}

export interface RespondIoStandIn extends ChannelStandIn {
	subscriptions: Subscription[];
	contacts: Contact[];
	/** Refuses the next calls for their number. */
	limitNext(times?: number, seconds?: number): void;
	/** Waits until all webhooks are posted that calls have caused. */
	settled(): Promise<void>;
}

const TOKEN = 'respondio-token-of-the-stand-in';
const KEY = 'respondio-signing-key';
const CHANNEL = 31;
const USERS = [
	{ id: 11, firstName: 'Lina', lastName: 'Agent', email: 'lina@example.com' },
	{ id: 12, firstName: 'Omar', lastName: 'Agent', email: 'omar@example.com' },
];
/** Closing notes of the workspace. */
const CATEGORIES = ['Solved', 'Sale', 'تم الحل'];

/** The type of subscription that an event is posted to. */
const TYPES: Record<string, string> = {
	'message.received': 'newIncomingMessage',
	'message.sent': 'newOutgoingMessage',
	'conversation.opened': 'conversationOpened',
	'conversation.closed': 'conversationClosed',
	'contact.assignee.updated': 'contactAssigneeUpdated',
	'comment.created': 'newComment',
};

class Refusal extends Error {
	constructor(
		readonly status: number,
		message: string,
	) {
		super(message);
	}
}

/**
 * A workspace of respond.io with one channel: its Developer API, the subscriptions behind its nodes
 * for n8n, and the webhooks that it posts whenever something changes, by whomever.
 */
export async function startRespondIo(): Promise<RespondIoStandIn> {
	const subscriptions: Subscription[] = [];
	const contacts: Contact[] = [];
	const after = background();
	let nextId = 1_767_261_600_000_000;

	const handle = async (call: Received): Promise<Reply> =>
		await Promise.resolve(call)
			.then(answer)
			.catch((error: unknown) =>
				error instanceof Refusal
					? { status: error.status, body: { code: error.status, message: error.message } }
					: Promise.reject(error as Error),
			);

	function answer(call: Received): Reply {
		if (call.headers.authorization !== `Bearer ${TOKEN}`) throw new Refusal(401, 'Unauthorized');
		return call.path.startsWith('/integration/n8n-api/')
			? answerIntegration(call)
			: answerApi(call);
	}

	function answerIntegration({ method, path, query, body }: Received): Reply {
		const [, action, hookId] = /^\/integration\/n8n-api\/(\w+)(?:\/([\w-]+))?$/.exec(path) ?? [];
		const known = subscriptions.findIndex((one) => one.hookId === hookId);
		switch (`${method} ${action}`) {
			case 'POST subscribe': {
				const { webHookName, type, url, hookId: id, bundle } = body as Fields;
				if (!webHookName || !id || !Object.values(TYPES).includes(String(type))) {
					throw new Refusal(400, 'webHookName, type and hookId are required');
				}
				if (!/^https?:\/\/\S+$/.test(String(url))) throw new Refusal(400, 'url is not valid');
				const one = {
					type: String(type),
					url: String(url),
					hookId: String(id),
					bundle: bundle as Fields,
				};
				subscriptions.push(one);
				return { body: { status: 'success' } };
			}
			case 'GET webhook':
				return known < 0
					? { body: '<h3 align="center">404 not Found!</h3>' }
					: { body: { status: 'success', data: subscriptions[known] } };
			case 'DELETE unsubscribe':
				if (known < 0) throw new Refusal(404, 'Not found');
				if (subscriptions[known]?.url !== query.hookUrl) throw new Refusal(400, 'hookUrl differs');
				subscriptions.splice(known, 1);
				return { body: { status: 'success' } };
			default:
				throw new Refusal(404, 'Not found');
		}
	}

	function answerApi({ method, path, body }: Received): Reply {
		if (method === 'GET' && path === '/v2/space/user') {
			return { body: { items: USERS, pagination: { next: '', previous: '' } } };
		}
		const [, identifier, action = ''] = /^\/v2\/contact\/([^/]+)(?:\/(.*))?$/.exec(path) ?? [];
		const contact = contacts.find(({ id }) => decodeURIComponent(identifier ?? '') === `id:${id}`);
		const byPhone = contacts.find(
			({ id }) => decodeURIComponent(identifier ?? '') === `phone:${phoneOf(id)}`,
		);
		const found = contact ?? byPhone;
		if (!found) throw new Refusal(404, 'Contact not found');
		const fields = (body ?? {}) as Fields;
		switch (`${method} ${action}`) {
			case 'GET ':
				return { body: cardOf(found) };
			case 'POST message':
				return { body: send(found, fields) };
			case 'POST comment':
				if (typeof fields.text !== 'string' || fields.text === '') {
					throw new Refusal(400, 'text is required');
				}
				found.comments.push(fields.text);
				tellAll({ event_type: 'comment.created', contact: cardOf(found), text: fields.text });
				return { body: { contactId: found.id, text: fields.text, created_at: seconds() } };
			case 'POST conversation/assignee':
				assign(found, fields.assignee);
				return { body: { contactId: found.id } };
			case 'POST conversation/status':
				setStatus(found, fields);
				return { body: { contactId: found.id } };
			default:
				throw new Refusal(404, 'Not found');
		}
	}

	function send(contact: Contact, { channelId, message }: Fields): Fields {
		if (channelId !== undefined && channelId !== null && channelId !== CHANNEL) {
			throw new Refusal(404, 'Channel not found');
		}
		const content = (message ?? {}) as Fields;
		const text = textOf(content);
		const messageId = nextId++;
		contact.sent.push(content);
		contact.delivered.push(text);
		tellAll(messageEvent('message.sent', contact, messageId, content, { source: 'api' }));
		return { messageId };
	}

	/** Checks a content as the API does, and gives what the contact reads. */
	function textOf(content: Fields): string {
		switch (content.type) {
			case 'text':
				if (typeof content.text !== 'string' || content.text === '') break;
				return content.text;
			case 'quick_reply': {
				const { title, replies } = content;
				if (typeof title !== 'string' || title === '') break;
				if (!Array.isArray(replies) || replies.length < 1 || replies.length > 10) break;
				return title;
			}
			case 'attachment': {
				const { type, url } = (content.attachment ?? {}) as Fields;
				if (!['image', 'video', 'audio', 'file'].includes(String(type))) break;
				if (!/^https?:\/\/\S+$/.test(String(url))) break;
				return `[${String(type)}]`;
			}
			case 'whatsapp_template': {
				const { name, languageCode, components } = (content.template ?? {}) as Fields;
				if (!name || !languageCode || !Array.isArray(components)) break;
				return `[${String(name)}]`;
			}
		}
		throw new Refusal(400, 'message is not valid');
	}

	function assign(
		contact: Contact,
		assignee: unknown,
		tell: (event: Fields) => unknown = tellAll,
	): unknown {
		const user = USERS.find(({ id, email }) => id === assignee || email === assignee);
		if (!user && assignee !== null) throw new Refusal(404, 'User not found');
		const next = user?.id ?? null;
		if (contact.assignee === next) return undefined;
		contact.assignee = next;
		return tell({ event_type: 'contact.assignee.updated', contact: cardOf(contact) });
	}

	function setStatus(contact: Contact, { status, category, summary }: Fields): void {
		if (status !== 'open' && status !== 'close') {
			throw new Refusal(400, 'status must be open or close');
		}
		if (category !== undefined && !CATEGORIES.includes(String(category))) {
			throw new Refusal(400, 'category does not exist');
		}
		if (status === 'open') open(contact, 'api');
		else close(contact, 'api', { category, summary });
	}

	function open(
		contact: Contact,
		source: string,
		first: string | null = null,
		tell: (event: Fields) => unknown = tellAll,
	): unknown {
		if (contact.status === 'open') return undefined;
		Object.assign(contact, { status: 'open', category: null, summary: null });
		return tell({
			event_type: 'conversation.opened',
			contact: cardOf(contact),
			conversation: {
				source,
				conversationOpenedAt: seconds(),
				firstIncomingMessage: first,
				firstIncomingMessageChannelId: first === null ? null : CHANNEL,
			},
		});
	}

	function close(
		contact: Contact,
		source: string,
		{ category = null, summary = null }: Fields,
		tell: (event: Fields) => unknown = tellAll,
	): unknown {
		if (contact.status === 'closed') return undefined;
		Object.assign(contact, { status: 'closed', category, summary });
		return tell({
			event_type: 'conversation.closed',
			contact: cardOf(contact),
			conversation: {
				category,
				summary,
				openedTime: seconds(),
				openedBySource: 'contact',
				closedTime: seconds(),
				closedBy: source === 'user' ? USERS[0] : { id: null, firstName: null, email: null },
				closedBySource: source,
			},
		});
	}

	const seconds = () => Math.floor(Date.now() / 1000);
	const phoneOf = (id: number) => `+20100${String(id).padStart(7, '0')}`;

	function cardOf({ id, name, status, assignee }: Contact): Fields {
		return {
			id,
			firstName: name,
			lastName: null,
			phone: phoneOf(id),
			email: null,
			language: 'en',
			profilePic: null,
			countryCode: 'EG',
			status,
			assignee: USERS.find((user) => user.id === assignee) ?? null,
			created_at: seconds(),
		};
	}

	const messageEvent = (
		event: string,
		contact: Contact,
		messageId: number,
		content: Fields,
		sender: Fields,
	): Fields => ({
		event_type: event,
		contact: cardOf(contact),
		message: {
			messageId,
			channelMessageId: `c-${messageId}`,
			contactId: contact.id,
			channelId: CHANNEL,
			traffic: event === 'message.received' ? 'incoming' : 'outgoing',
			timestamp: Date.now(),
			message: content,
			sender,
		},
		channel: { id: CHANNEL, name: 'Page', source: 'facebook', meta: '{}', created_at: seconds() },
	});

	function tellAll(event: Fields): void {
		const conversation = event.conversation as Fields | undefined;
		const inner = event.message as Fields | undefined;
		const source =
			conversation?.closedBySource ?? conversation?.source ?? (inner?.sender as Fields)?.source;
		const kind = (inner?.message as Fields | undefined)?.type;
		const names = (list: unknown, word: unknown) =>
			!Array.isArray(list) || word === undefined || list.includes(word);
		for (const { type, url, bundle } of subscriptions) {
			if (type !== TYPES[String(event.event_type)]) continue;
			if (!names(bundle.source, source) || !names(bundle.messageType, kind)) continue;
			// Nothing of the official trigger checks a signature, so none is counted on.
			after.run(() => post(url, JSON.stringify({ ...event, event_id: randomUUID() }), {}));
		}
	}

	async function tellOne(url: string, event: Fields) {
		const body = JSON.stringify({ ...event, event_id: randomUUID() });
		const signature = createHmac('sha256', KEY).update(body).digest('base64');
		return await post(url, body, { 'x-webhook-signature': signature });
	}

	const find = (from: string) => contacts.find(({ id }) => id === numberOf(from));

	function findOrFail(from: string): Contact {
		const contact = find(from);
		if (!contact) throw new Error(`Nobody has written from ${from}`);
		return contact;
	}

	const standIn = await startStandIn(handle);
	return Object.assign(standIn, {
		key: 'respondio',
		credential: {
			type: 'conversationRespondIoApi',
			data: {
				apiAccessToken: TOKEN,
				signingSecret: KEY,
				channelId: '',
				baseUrl: `${standIn.url}/v2`,
				appUrl: standIn.url,
			},
		},
		subscriptions,
		contacts,
		settled: () => after.settled(),
		limitNext(times = 1, retryAfter = 1) {
			standIn.answerNext(
				{
					status: 429,
					headers: { 'retry-after': String(retryAfter), 'x-ratelimit-limit': '5' },
					body: { code: 429, message: 'Too many requests' },
				},
				times,
			);
		},
		registered: () => [...new Set(subscriptions.map(({ url }) => url))],
		async customerWrites(url: string, { from, id, text, name = 'Customer' }: Written) {
			const known = find(from);
			const contact: Contact = known ?? {
				id: numberOf(from),
				name,
				status: 'closed',
				assignee: null,
				category: null,
				summary: null,
				delivered: [],
				comments: [],
				sent: [],
			};
			if (!known) contacts.push(contact);
			const content = { type: 'text', text };
			const event = messageEvent('message.received', contact, numberOf(id), content, {
				source: 'contact',
			});
			const answered = await tellOne(url, event);
			await open(contact, 'contact', text, (opened) => tellOne(url, opened));
			return answered;
		},
		delivered: (from: string) => find(from)?.delivered ?? [],
		standing(from: string) {
			const { status, assignee, category, summary, comments } = findOrFail(from);
			return {
				status,
				assignee: assignee === null ? null : String(assignee),
				category,
				summary,
				notes: comments,
			};
		},
		async personActs(
			url: string,
			from: string,
			act: Parameters<NonNullable<ChannelStandIn['personActs']>>[2],
		) {
			const contact = findOrFail(from);
			const tell = (event: Fields) => tellOne(url, event);
			const nothing = { status: 204, body: 'Nothing has changed' };
			switch (act.type) {
				case 'assigned': {
					const assignee = act.agent === null ? null : Number(act.agent);
					return ((await assign(contact, assignee, tell)) ?? nothing) as typeof nothing;
				}
				case 'closed':
					return ((await close(contact, 'user', {}, tell)) ?? nothing) as typeof nothing;
				case 'replied': {
					const content = { type: 'text', text: act.text };
					contact.delivered.push(act.text);
					return await tell(
						messageEvent('message.sent', contact, numberOf(act.id), content, {
							type: 'user',
							source: 'user',
							userId: Number(act.agent),
						}),
					);
				}
			}
		},
	});
}
