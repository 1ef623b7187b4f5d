import { createHmac } from 'node:crypto';
import axios from 'axios';
import type { MessageStatus } from '../../nodes/channels/channel';
import type { ChannelStandIn } from './channelStandIn';
import { startStandIn, type Received, type Reply } from './standIn';

type Fields = Record<string, unknown>;
type Engine = 'WEBJS' | 'NOWEB' | 'GOWS';

/** A message that WhatsApp took. */
export interface TakenMessage {
	id: string;
	/** The chat it went to. */
	to: string;
	/** What the recipient reads: the text or the caption. */
	text: string;
	/** The last part of the path that was called. */
	call: string;
	/** As it was posted. */
	body: Fields;
}

export interface WahaStandIn extends ChannelStandIn {
	messages: TakenMessage[];
	/** The session as `GET /api/sessions/{session}` gives it. */
	session: { name: string; status: string; config: Fields | null };
	/** How often the session was stopped and started. */
	restarts: number;
	/** Each engine answers in its own way. */
	engine: Engine;
	/** Phones (digits) that are not on WhatsApp. */
	unknown: Set<string>;
	/** Posts what became of a message. */
	tellStatus(
		url: string,
		id: string,
		status: MessageStatus['status'],
	): Promise<{ status: number; body: unknown }>;
}

const API_KEY = 'key-of-waha-on-this-machine';
const HMAC_KEY = 'a-key-that-was-typed';
const SESSION = 'support';

const ACKS = { sent: 'SERVER', delivered: 'DEVICE', read: 'READ', failed: 'ERROR' };

/** Real numbers have a country; the digits of a test stand at the end. */
const phoneOf = (digits: string) =>
	digits.length > 10 ? digits : `96650${digits.padStart(7, '0')}`;

/**
 * WAHA with one session: who may call, what a message needs, sessions that do not work, numbers that
 * are not on WhatsApp, and a configuration that is replaced as a whole, with a restart each time.
 */
export async function startWaha(): Promise<WahaStandIn> {
	const state = {
		messages: [] as TakenMessage[],
		session: { name: SESSION, status: 'WORKING', config: {} as Fields | null },
		restarts: 0,
		engine: 'GOWS' as Engine,
		unknown: new Set<string>(),
	};

	const refuse = (statusCode: number, message: unknown, error?: string): Reply => ({
		status: statusCode,
		body: { statusCode, message, ...(error === undefined ? {} : { error }) },
	});

	function answer(call: Received): Reply {
		if (call.headers['x-api-key'] !== API_KEY) return refuse(401, 'Unauthorized');
		const body = (call.body ?? {}) as Fields;
		const [, name] = /^\/api\/sessions\/([^/]+)$/.exec(call.path) ?? [];
		if (name !== undefined) {
			if (name !== SESSION) return refuse(404, 'Session not found', 'Not Found');
			if (call.method === 'GET')
				return { body: { ...state.session, engine: { engine: state.engine } } };
			if (call.method === 'PUT') return replace(body);
		}
		const [, action] = /^\/api\/(send(?:Text|Image|Video|Voice|File))$/.exec(call.path) ?? [];
		if (call.method === 'POST' && action !== undefined) return send(action, body);
		return refuse(404, `Cannot ${call.method} ${call.path}`, 'Not Found');
	}

	function replace({ config }: Fields): Reply {
		for (const hook of ((config as Fields | undefined)?.webhooks ?? []) as Fields[]) {
			if (typeof hook.url !== 'string' || !Array.isArray(hook.events)) {
				return refuse(400, ['config.webhooks.0.events must be an array'], 'Bad Request');
			}
		}
		// Whatever is not there is gone.
		state.session.config = (config as Fields | undefined) ?? null;
		state.restarts++;
		return { body: state.session };
	}

	function send(call: string, body: Fields): Reply {
		const { session, chatId, reply_to: quoted } = body;
		if (session !== SESSION) return refuse(404, 'Session not found', 'Not Found');
		if (state.session.status !== 'WORKING') {
			const error = 'Session status is not as expected. Try again later or restart the session';
			const { status } = state.session;
			return { status: 422, body: { error, session, status, expected: ['WORKING'] } };
		}
		if (typeof chatId !== 'string' || !/^\d+@(c\.us|lid|g\.us)$/.test(chatId)) {
			return refuse(400, ['chatId must be a chat of WhatsApp'], 'Bad Request');
		}
		if (quoted !== undefined && !/^(true|false)_\d+@(c\.us|lid)_[^_]+$/.test(String(quoted))) {
			return refuse(400, ['reply_to must be the ID of a message'], 'Bad Request');
		}
		const problem = call === 'sendText' ? textProblem(body) : fileProblem(call, body);
		if (problem !== undefined) return refuse(400, [problem], 'Bad Request');
		if (state.unknown.has(chatId.split('@')[0]!)) {
			const exception = { name: 'Error', message: 'No LID for user', stack: `Error: ${chatId}` };
			const request = { path: `/api/${call}`, body };
			return { status: 500, body: { statusCode: 500, exception, request } };
		}
		const id = `3EB0${String(state.messages.length + 1).padStart(12, '0')}`;
		// The default of `MessageVideoRequest` in WAHA's own source.
		const usual = call === 'sendVideo' ? 'Just watch at this!' : '';
		const text = String(body.text ?? body.caption ?? usual);
		state.messages.push({ id, to: chatId, text, call, body });
		return { status: 201, body: sentBody(chatId, id) };
	}

	const textProblem = ({ text }: Fields) =>
		typeof text === 'string' && text !== '' ? undefined : 'text must be a string';

	function fileProblem(call: string, body: Fields): string | undefined {
		const file = (body.file ?? {}) as Fields;
		if (typeof file.mimetype !== 'string') return 'file.mimetype must be a string';
		const isFile =
			/^https?:\/\//.test(String(file.url)) ||
			/^[A-Za-z0-9+/]+={0,2}$/.test(String(file.data ?? ''));
		if (!isFile) return 'file must have a url or data in base64';
		const isReady = { sendVoice: /ogg|opus/, sendVideo: /mp4/ }[call]?.test(file.mimetype) ?? true;
		return isReady || body.convert === true ? undefined : 'the file has another format';
	}

	function sentBody(chatId: string, id: string): Fields {
		const whole = `true_${chatId}_${id}`;
		switch (state.engine) {
			case 'WEBJS':
				return { id: { fromMe: true, remote: chatId, id, _serialized: whole }, ack: 0 };
			case 'NOWEB':
				return { key: { remoteJid: chatId, fromMe: true, id }, status: 'PENDING' };
			case 'GOWS':
				return { id: whole, timestamp: 1767261600, fromMe: true, source: 'api', ack: 0 };
		}
	}

	const standIn = await startStandIn(answer);
	const hooks = () => (state.session.config?.webhooks ?? []) as Fields[];

	async function post(url: string, event: string, payload: Fields) {
		const key =
			(hooks().find((hook) => hook.url === url)?.hmac as Fields | undefined)?.key ?? HMAC_KEY;
		const raw = Buffer.from(
			JSON.stringify({
				...{ id: 'evt_01', timestamp: Date.now(), event, session: SESSION, metadata: {} },
				me: { id: '966500000099@c.us', pushName: 'Support' },
				payload,
				environment: { version: '2026.7.1', engine: state.engine, tier: 'CORE' },
				engine: state.engine,
			}),
		);
		const sent = await axios.post<unknown>(url, raw, {
			headers: {
				'content-type': 'application/json',
				'x-webhook-request-id': 'a-request',
				'x-webhook-timestamp': String(Date.now()),
				'x-webhook-hmac': createHmac('sha512', String(key)).update(raw).digest('hex'),
				'x-webhook-hmac-algorithm': 'sha512',
			},
			validateStatus: () => true,
			proxy: false,
		});
		return { status: sent.status, body: sent.data };
	}

	return Object.assign(state, {
		...standIn,
		key: 'waha',
		credential: {
			type: 'conversationWahaApi',
			data: { baseUrl: standIn.url, apiKey: API_KEY, session: SESSION, hmacSecret: HMAC_KEY },
		},
		registered: () => hooks().map(({ url }) => String(url)),
		customerWrites: (
			url: string,
			{ from, id, text, name }: Parameters<ChannelStandIn['customerWrites']>[1],
		) => {
			const chat = `${phoneOf(from)}@c.us`;
			return post(url, 'message.any', {
				id: `false_${chat}_${id.replaceAll('_', '-')}`,
				timestamp: Math.floor(Date.now() / 1000),
				...{ from: chat, fromMe: false, source: 'app', to: null, body: text, hasMedia: false },
				_data: { Info: { Chat: chat, ...(name === undefined ? {} : { PushName: name }) } },
			});
		},
		tellStatus: (url: string, id: string, status: MessageStatus['status']) => {
			const chat = state.messages.find((message) => message.id === id)?.to;
			const payload = { id: `true_${chat}_${id}`, from: chat, fromMe: true, ackName: ACKS[status] };
			return post(url, 'message.ack', payload);
		},
		delivered: (from: string) =>
			state.messages.filter(({ to }) => to === `${phoneOf(from)}@c.us`).map(({ text }) => text),
	});
}
