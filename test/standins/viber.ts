import { createHmac } from 'node:crypto';
import axios from 'axios';
import type { ChannelStandIn, Written } from './channelStandIn';
import { startStandIn, type Received, type Reply } from './standIn';

const TOKEN = ['44b935abea139fd6', '53fa53b32559c4a6', '12dbd3d883b06835'].join('-');

/** The ID of a customer who is named by digits: base64, as Viber's are. */
export const viberUser = (from: string) => Buffer.from(from.padStart(16, '0')).toString('base64');

export interface ViberStandIn extends ChannelStandIn {
	authToken: string;
	/** Posts an event, signed. Numbers of `exact` are written with all their digits. */
	posts(url: string, event: Fields, exact?: Fields): Promise<{ status: number; body: unknown }>;
	/** Posts the last message again, as Viber does for an hour when it got no 200. */
	repeats(url: string): Promise<{ status: number; body: unknown }>;
	/** The customer may be written to, as after a message of theirs. */
	subscribes(from: string): void;
	unsubscribes(from: string): void;
	/** Messages to each customer that are left within the hour. */
	hourly: number;
	/** What was sent to this customer, in order. */
	shown(from: string): Fields[];
	/** Tokens of what was sent, with all their digits, in order. */
	tokens: string[];
}

type Fields = Record<string, unknown>;

/** Viber's REST API for bots (7.3): everything is answered with 200 and a `status`. */
export async function startViber(): Promise<ViberStandIn> {
	let webhook = '';
	let eventTypes: unknown = [];
	let last: { event: Fields; token: string } | undefined;
	let newest = 4_912_661_846_655_238_145n;
	const tokens: string[] = [];
	const subscribed = new Set<string>();
	const shown = new Map<string, Fields[]>();
	const sinceAnswer = new Map<string, number>();

	const say = (status: number, message: string, more: Fields = {}, exact = ''): Reply => ({
		headers: { 'content-type': 'application/json' },
		// By hand: a token is a number that JSON.stringify would round.
		body: `${JSON.stringify({ status, status_message: message, chat_hostname: 'SN-CHAT-01', ...more }).slice(0, -1)}${exact}}`,
	});

	async function setWebhook({ url, event_types }: Fields): Promise<Reply> {
		if (typeof url !== 'string') return say(4, 'url is missing');
		if (url === '') {
			webhook = '';
			return say(0, 'ok', { event_types: [] });
		}
		// The real one takes https only; the tests listen on this machine without a certificate.
		if (!/^(https:\/\/|http:\/\/127\.0\.0\.1)/.test(url)) return say(1, 'Webhook url is not valid');
		const check = { event: 'webhook', timestamp: 1767268800000, chat_hostname: 'SN-CHAT-01' };
		const { status } = await posts(url, check, { message_token: String(++newest) });
		if (status !== 200) {
			return say(1, `Result from webhook url is not OK. The status code: ${status}`);
		}
		webhook = url;
		eventTypes = event_types;
		return say(0, 'ok', { event_types });
	}

	function sendMessage(body: Fields, { rawBody }: Received): Reply {
		if (rawBody.length > 30_000) return say(3, 'Request is too long');
		if (webhook === '') return say(10, 'webhookNotSet');
		const { receiver, sender } = body;
		const name = (sender as Fields | undefined)?.name;
		if (typeof receiver !== 'string') return say(4, 'receiver is missing');
		if (typeof name !== 'string' || name === '') return say(4, 'sender.name is missing');
		if (name.length > 28) return say(3, 'sender.name is too long');
		if (String(body.tracking_data ?? '').length > 4000) return say(3, 'tracking_data is too long');
		const complaint = complaintAbout(body);
		if (complaint) return complaint;
		if (!/^[A-Za-z0-9+/]+={0,2}$/.test(receiver)) return say(5, 'receiverNotRegistered');
		if (!subscribed.has(receiver)) return say(6, 'receiverNotSubscribed');
		const sent = sinceAnswer.get(receiver) ?? 0;
		if (sent >= standIn.hourly) return say(12, 'Too many requests');
		sinceAnswer.set(receiver, sent + 1);
		shown.set(receiver, [...(shown.get(receiver) ?? []), body]);
		const token = String(++newest);
		tokens.push(token);
		return say(0, 'ok', { billing_status: 1 }, `,"message_token":${token}`);
	}

	function complaintAbout({ type, text, media, size, file_name, keyboard }: Fields) {
		const bad = (what: string) => say(3, `${what} is not valid`);
		if (type === 'text') {
			if (typeof text !== 'string' || text === '') return say(4, 'text is missing');
			if (text.length > 7000) return bad('text');
		} else if (typeof media !== 'string' || !/^https?:/.test(media)) {
			return say(4, 'media is missing');
		} else if (type === 'picture') {
			if (typeof text !== 'string') return say(4, 'text is missing');
			if (text.length > 512) return bad('text');
		} else if (type === 'video' || type === 'file') {
			if (!Number.isSafeInteger(size) || Number(size) <= 0) return say(4, 'size is missing');
			if (Number(size) > (type === 'video' ? 26 : 50) * 1024 * 1024) return bad('size');
			if (type === 'file' && (typeof file_name !== 'string' || file_name === '')) {
				return say(4, 'file_name is missing');
			}
		} else return bad('type');
		if (keyboard === undefined) return undefined;
		const { Type, Buttons } = keyboard as Fields;
		if (Type !== 'keyboard' || !Array.isArray(Buttons)) return bad('keyboard');
		const columns = (Buttons as Fields[]).reduce((sum, { Columns }) => sum + Number(Columns), 0);
		if (columns > 6 * 12) return bad('keyboard');
		return (Buttons as Fields[]).every(({ ActionBody }) => typeof ActionBody === 'string')
			? undefined
			: bad('keyboard.Buttons');
	}

	const base = await startStandIn(async (call) => {
		// Files of the tests lie here too: without a token, as on any server.
		if (call.path.startsWith('/files/')) return file(call);
		if (call.headers['x-viber-auth-token'] === undefined) return say(2, 'missing_auth_token');
		if (call.headers['x-viber-auth-token'] !== TOKEN) return say(2, 'invalidAuthToken');
		const body = (call.body ?? {}) as Fields;
		switch (`${call.method} ${call.path}`) {
			case 'POST /pa/set_webhook':
				return await setWebhook(body);
			case 'POST /pa/get_account_info':
				return say(0, 'ok', { id: 'pa:1', name: 'Shop', webhook, event_types: eventTypes });
			case 'POST /pa/send_message':
				return sendMessage(body, call);
			default:
				return { status: 404, body: 'Not found' };
		}
	});

	async function posts(url: string, event: Fields, exact: Fields = {}) {
		const numbers = Object.entries(exact).map(([key, digits]) => `,"${key}":${String(digits)}`);
		const body = `${JSON.stringify(event).slice(0, -1)}${numbers.join('')}}`;
		const signature = createHmac('sha256', TOKEN).update(body).digest('hex');
		const { status, data } = await axios.post<unknown>(url, body, {
			headers: {
				'content-type': 'application/json',
				'x-viber-content-signature': signature,
			},
			validateStatus: () => true,
			proxy: false,
		});
		return { status, body: data };
	}

	const standIn: ViberStandIn = {
		...base,
		key: 'viber',
		authToken: TOKEN,
		hourly: 100,
		tokens,
		credential: {
			type: 'conversationViberApi',
			data: { authToken: TOKEN, senderName: 'Support', baseUrl: base.url },
		},
		registered: () => (webhook === '' ? [] : [webhook]),
		posts,
		async customerWrites(url, { from, id, text, name }: Written) {
			subscribed.add(viberUser(from));
			sinceAnswer.delete(viberUser(from));
			const sender = { id: viberUser(from), language: 'ar', country: 'SA', api_version: 10 };
			const event = {
				event: 'message',
				timestamp: Date.now(),
				chat_hostname: 'SN-CHAT-01',
				sender: { ...sender, name: name ?? 'Subscriber' },
				message: { type: 'text', text },
				silent: false,
			};
			// Beyond 2^53, so that two neighbours differ only where nothing was rounded.
			last = { event, token: String(4_987_381_189_870_374_000n + BigInt(id)) };
			return await posts(url, event, { message_token: last.token });
		},
		async repeats(url) {
			return await posts(url, last?.event ?? {}, { message_token: last?.token });
		},
		subscribes: (from) => void subscribed.add(viberUser(from)),
		unsubscribes: (from) => void subscribed.delete(viberUser(from)),
		shown: (from) => shown.get(viberUser(from)) ?? [],
		delivered: (from) =>
			(shown.get(viberUser(from)) ?? []).flatMap(({ text }) =>
				typeof text === 'string' && text !== '' ? [text] : [],
			),
	};
	return standIn;
}

/**
 * `/files/<size>/<name>`: a server that says how large a file is when asked about it. With `?ranges`
 * one that says it only with a part of the file, with `?silent` one that says nothing.
 */
function file({ path, query, headers }: Received): Reply {
	const size = Number(path.split('/')[2]);
	if (size === 0) return { status: 404, body: 'Not found' };
	if (query.silent !== undefined) return { headers: { 'transfer-encoding': 'chunked' } };
	if (query.ranges === undefined) return { headers: { 'content-length': String(size) } };
	return headers.range === 'bytes=0-0'
		? { status: 206, headers: { 'content-range': `bytes 0-0/${size}` }, body: 'x' }
		: { headers: { 'accept-ranges': 'bytes', 'transfer-encoding': 'chunked' } };
}
