import { createHmac, randomUUID } from 'node:crypto';
import axios from 'axios';
import type { ChannelStandIn, Written } from './channelStandIn';
import { startStandIn, type Received, type Reply } from './standIn';

const SECRET = 'line-channel-secret';
const TOKEN = 'line-channel-access-token';

/** The bot that all events are for. */
export const LINE_BOT = `U${'b'.repeat(32)}`;

/** The user ID of a customer who is named by digits. */
export const lineUser = (from: string) => `U${from.padStart(32, '0')}`;

export interface LineStandIn extends ChannelStandIn {
	channelSecret: string;
	/** Posts events in one body, signed; for what `customerWrites` cannot say. */
	posts(
		url: string,
		events: unknown[],
		destination?: string,
	): Promise<{ status: number; body: unknown }>;
	/** Posts the last body of events again, as LINE does when it got no 200. */
	redelivers(url: string): Promise<{ status: number; body: unknown }>;
	/** A token as it comes with an event of this customer. */
	replyToken(from: string): string;
	/** A minute passes: no reply token of before is good any more. */
	replyTokensExpire(): void;
	/** Pushes that are left in this month. */
	quota: number;
	/** The switch "Use webhook" of the console. */
	useWebhook: boolean;
	/** The customer blocked the account: pushes to it are answered with 200 all the same. */
	blocks(from: string): void;
	/** Message objects that reached this customer, in order. */
	shown(from: string): Array<Record<string, unknown>>;
}

type Fields = Record<string, unknown>;
interface Complaint {
	message: string;
	property: string;
}

/** LINE's Messaging API as its reference describes it (2026): reply, push, the webhook endpoint. */
export async function startLine(): Promise<LineStandIn> {
	let endpoint: string | undefined;
	let lastEvents: Fields[] = [];
	let messages = 460_000_000_000_000_000n;
	const tokens = new Map<string, string>();
	const accepted = new Map<string, { requestId: string; body: Fields }>();
	const blocked = new Set<string>();
	const shown = new Map<string, Fields[]>();

	const refuse = (status: number, message: string, details?: Complaint[]): Reply => ({
		status,
		headers: { 'x-line-request-id': randomUUID() },
		body: { message, ...(details && { details }) },
	});
	const complain = (details: Complaint[]) =>
		refuse(400, `The request body has ${details.length} error(s)`, details);

	function deliver(to: string, objects: Fields[]): Fields {
		if (!blocked.has(to)) shown.set(to, [...(shown.get(to) ?? []), ...objects]);
		return {
			sentMessages: objects.map(({ type }) => ({
				id: String(++messages),
				...(type !== 'audio' && { quoteToken: randomUUID() }),
			})),
		};
	}

	function reply({ body, headers }: Received): Reply {
		if (headers['x-line-retry-key'] !== undefined) {
			return refuse(400, 'X-Line-Retry-Key is not supported for this API');
		}
		const { replyToken, messages: objects } = body as Fields;
		const complaints = complaintsAbout(objects);
		if (complaints.length > 0) return complain(complaints);
		const to = tokens.get(String(replyToken));
		if (to === undefined) return refuse(400, 'Invalid reply token');
		tokens.delete(String(replyToken));
		return { body: deliver(to, objects as Fields[]) };
	}

	function push({ body, headers }: Received): Reply {
		const key = headers['x-line-retry-key'];
		if (key !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key)) {
			return refuse(400, 'The retry key is invalid');
		}
		const before = key === undefined ? undefined : accepted.get(key);
		if (before) {
			return {
				status: 409,
				headers: {
					'x-line-request-id': randomUUID(),
					'x-line-accepted-request-id': before.requestId,
				},
				body: { message: 'The retry key is already accepted', ...before.body },
			};
		}
		const { to, messages: objects } = body as Fields;
		const complaints = complaintsAbout(objects);
		if (complaints.length > 0) return complain(complaints);
		if (typeof to !== 'string' || !/^[UCR][0-9a-f]{32}$/.test(to)) {
			return refuse(400, "The property, 'to', in the request body is invalid (line: -, column: -)");
		}
		if (standIn.quota <= 0) return refuse(429, 'You have reached your monthly limit.');
		standIn.quota--;
		const answer = deliver(to, objects as Fields[]);
		const requestId = randomUUID();
		if (key !== undefined) accepted.set(key, { requestId, body: answer });
		return { headers: { 'x-line-request-id': requestId }, body: answer };
	}

	function webhookEndpoint({ method, body }: Received): Reply {
		if (method === 'GET') {
			return endpoint === undefined
				? refuse(404, 'Webhook endpoint not found')
				: { body: { endpoint, active: standIn.useWebhook } };
		}
		if (method !== 'PUT') return refuse(405, 'Method not allowed');
		const wanted = (body as Fields | undefined)?.endpoint;
		// The real one takes https only; the tests listen on this machine without a certificate.
		const fits = typeof wanted === 'string' && /^(https:\/\/|http:\/\/127\.0\.0\.1)/.test(wanted);
		if (!fits || wanted.length > 500) return refuse(400, 'Invalid webhook endpoint URL');
		endpoint = wanted;
		return { body: {} };
	}

	const base = await startStandIn((call) => {
		if (call.headers.authorization !== `Bearer ${TOKEN}`) {
			return refuse(
				401,
				'Authentication failed. Confirm that the access token in the authorization header is valid.',
			);
		}
		switch (`${call.method} ${call.path}`) {
			case 'POST /v2/bot/message/reply':
				return reply(call);
			case 'POST /v2/bot/message/push':
				return push(call);
			case 'GET /v2/bot/info':
				return { body: { userId: LINE_BOT, basicId: '@216xxxxx', displayName: 'Shop' } };
			default:
				return call.path === '/v2/bot/channel/webhook/endpoint'
					? webhookEndpoint(call)
					: refuse(404, 'Not found');
		}
	});

	async function posts(url: string, events: unknown[], destination = LINE_BOT) {
		const body = JSON.stringify({ destination, events });
		const { status, data } = await axios.post<unknown>(url, body, {
			headers: {
				'content-type': 'application/json; charset=utf-8',
				'user-agent': 'LineBotWebhook/2.0',
				'x-line-signature': createHmac('sha256', SECRET).update(body).digest('base64'),
			},
			validateStatus: () => true,
			proxy: false,
		});
		return { status, body: data };
	}

	function replyToken(from: string): string {
		const token = randomUUID().replaceAll('-', '');
		tokens.set(token, lineUser(from));
		return token;
	}

	const standIn: LineStandIn = {
		...base,
		key: 'line',
		channelSecret: SECRET,
		quota: 200,
		useWebhook: true,
		credential: {
			type: 'conversationLineApi',
			data: {
				channelSecret: SECRET,
				channelAccessToken: TOKEN,
				botUserId: LINE_BOT,
				baseUrl: base.url,
			},
		},
		registered: () => (endpoint === undefined ? [] : [endpoint]),
		posts,
		replyToken,
		async customerWrites(url, { from, id, text }: Written) {
			lastEvents = [
				{
					type: 'message',
					mode: 'active',
					timestamp: Date.now(),
					source: { type: 'user', userId: lineUser(from) },
					webhookEventId: `01H${id.padStart(23, '0')}`,
					deliveryContext: { isRedelivery: false },
					replyToken: replyToken(from),
					message: { type: 'text', id, text, quoteToken: `quote-${id}` },
				},
			];
			return await posts(url, lastEvents);
		},
		async redelivers(url) {
			return await posts(
				url,
				lastEvents.map((event) => ({ ...event, deliveryContext: { isRedelivery: true } })),
			);
		},
		replyTokensExpire: () => tokens.clear(),
		blocks: (from) => void blocked.add(lineUser(from)),
		shown: (from) => shown.get(lineUser(from)) ?? [],
		delivered: (from) =>
			(shown.get(lineUser(from)) ?? []).flatMap(({ type, text, altText }) =>
				type === 'text' ? [String(text)] : type === 'template' ? [String(altText)] : [],
			),
	};
	return standIn;
}

/** What LINE finds wrong with the list of message objects, with the places as it names them. */
function complaintsAbout(objects: unknown): Complaint[] {
	if (!Array.isArray(objects) || objects.length < 1 || objects.length > 5) {
		return [{ message: 'Size must be between 1 and 5', property: 'messages' }];
	}
	return objects.flatMap((object: Fields, i) => {
		const at = `messages[${i}]`;
		return [...complaintsAboutContent(object, at), ...complaintsAboutQuickReply(object, at)];
	});
}

function complaintsAboutContent(object: Fields, at: string): Complaint[] {
	switch (object.type) {
		case 'text':
			return textComplaints(object.text, 5000, `${at}.text`);
		case 'image':
		case 'video':
			return [
				...urlComplaints(object.originalContentUrl, `${at}.originalContentUrl`),
				...urlComplaints(object.previewImageUrl, `${at}.previewImageUrl`),
			];
		case 'audio': {
			const { duration } = object;
			return [
				...urlComplaints(object.originalContentUrl, `${at}.originalContentUrl`),
				...(Number.isSafeInteger(duration) && Number(duration) > 0
					? []
					: [{ message: 'must be greater than or equal to 1', property: `${at}.duration` }]),
			];
		}
		case 'template': {
			const template = (object.template ?? {}) as Fields;
			return [
				...textComplaints(object.altText, 1500, `${at}.altText`),
				...textComplaints(template.text, 160, `${at}.template.text`),
				...actionComplaints(template.actions, 4, `${at}.template.actions`),
			];
		}
		default:
			return [{ message: 'Must be one of the supported types', property: `${at}.type` }];
	}
}

function complaintsAboutQuickReply(object: Fields, at: string): Complaint[] {
	if (object.quickReply === undefined) return [];
	const items = ((object.quickReply as Fields).items ?? []) as Fields[];
	return actionComplaints(
		items.map(({ action }) => action),
		13,
		`${at}.quickReply.items`,
	);
}

function textComplaints(text: unknown, most: number, property: string): Complaint[] {
	if (typeof text !== 'string' || text === '') return [{ message: 'May not be empty', property }];
	return text.length > most ? [{ message: `Length must be between 0 and ${most}`, property }] : [];
}

function urlComplaints(url: unknown, property: string): Complaint[] {
	const fits = typeof url === 'string' && url.startsWith('https://') && url.length <= 2000;
	return fits ? [] : [{ message: 'Must be a valid HTTPS URL', property }];
}

function actionComplaints(actions: unknown, most: number, property: string): Complaint[] {
	if (!Array.isArray(actions) || actions.length < 1 || actions.length > most) {
		return [{ message: `Size must be between 1 and ${most}`, property }];
	}
	return actions.flatMap((action: Fields, i) => {
		const at = `${property}[${i}]`;
		const label = textComplaints(action.label, 20, `${at}.label`);
		if (action.type === 'uri') {
			return /^(https?|line|tel):/.test(String(action.uri))
				? label
				: [...label, { message: 'invalid uri scheme', property: `${at}.uri` }];
		}
		return [
			...label,
			...textComplaints(action.data, 300, `${at}.data`),
			...textComplaints(action.displayText, 300, `${at}.displayText`),
		];
	});
}
