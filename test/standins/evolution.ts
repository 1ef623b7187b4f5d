import axios from 'axios';
import type { MessageStatus } from '../../nodes/channels/channel';
import type { ChannelStandIn } from './channelStandIn';
import { startStandIn, type Received, type Reply } from './standIn';

type Fields = Record<string, unknown>;

/** A message that WhatsApp took. */
export interface TakenMessage {
	id: string;
	/** The jid it went to. */
	to: string;
	/** What the recipient reads: the text or the caption. */
	text: string;
	/** The last part of the path that was called. */
	call: string;
	/** As it was posted. */
	body: Fields;
}

export interface EvolutionStandIn extends ChannelStandIn {
	messages: TakenMessage[];
	/** The webhook of the instance, as `/webhook/find` gives it. */
	webhook: Fields | null;
	/** Phones (digits) and LIDs that are not on WhatsApp, or that this version cannot write to. */
	unknown: Set<string>;
	/** Whether the phone is linked. */
	connected: boolean;
	/** Version 2.4 and later answer nothing without a licence. */
	licensed: boolean;
	/** Posts what became of a message. */
	tellStatus(
		url: string,
		id: string,
		status: MessageStatus['status'],
	): Promise<{ status: number; body: unknown }>;
}

const INSTANCE = 'support desk/1';
const API_KEY = 'key-of-the-instance-on-this-machine';
const WEBHOOK_SECRET = 'a-secret-that-was-typed';
const OWN = '966500000099@s.whatsapp.net';

const EVENTS = [
	'APPLICATION_STARTUP',
	'QRCODE_UPDATED',
	'MESSAGES_SET',
	'MESSAGES_UPSERT',
	'MESSAGES_UPDATE',
	'MESSAGES_DELETE',
	'SEND_MESSAGE',
	'CONTACTS_UPSERT',
	'CHATS_UPSERT',
	'CONNECTION_UPDATE',
	'CALL',
];

const STATUSES = { sent: 'SERVER_ACK', delivered: 'DELIVERY_ACK', read: 'READ', failed: 'ERROR' };

class Refusal extends Error {
	constructor(
		readonly status: number,
		readonly error: string,
		readonly words: unknown,
	) {
		super(error);
	}
}

const badRequest = (...words: unknown[]) => new Refusal(400, 'Bad Request', words);
const requires = (property: string, where = 'instance') =>
	badRequest([`${where} requires property "${property}"`]);

/** Real numbers have a country; the digits of a test stand at the end. */
const phoneOf = (digits: string) =>
	digits.length > 10 ? digits : `96650${digits.padStart(7, '0')}`;

/**
 * Evolution API with one instance: who may call, the bodies of version 2.3 or 1.8, which refuse each
 * other, numbers that are not on WhatsApp, the licence of 2.4, and the one webhook of the instance.
 */
export async function startEvolution(version: 1 | 2 = 2): Promise<EvolutionStandIn> {
	const state = {
		messages: [] as TakenMessage[],
		webhook: null as Fields | null,
		unknown: new Set<string>(),
		connected: true,
		licensed: true,
	};

	function answer(call: Received): Reply {
		const welcome = { status: 200, message: 'Welcome to the Evolution API, it is working!' };
		if (call.path === '/')
			return { body: { ...welcome, version: version === 2 ? '2.3.7' : '1.8.6' } };
		if (!state.licensed) {
			const message = 'Service not activated. License required.';
			return {
				status: 503,
				body: { error: 'service not activated', code: 'LICENSE_REQUIRED', message },
			};
		}
		if (call.headers.apikey !== API_KEY) throw new Refusal(401, 'Unauthorized', 'Unauthorized');
		const [, group, action, instance] = /^\/(\w+)\/(\w+)\/(.+)$/.exec(call.path) ?? [];
		if (decodeURIComponent(instance ?? '') !== INSTANCE) {
			throw new Refusal(404, 'Not Found', [`The "${instance}" instance does not exist`]);
		}
		const body = (call.body ?? {}) as Fields;
		switch (`${call.method} ${group}/${action}`) {
			case 'GET instance/connectionState':
				return {
					body: { instance: { instanceName: INSTANCE, state: state.connected ? 'open' : 'close' } },
				};
			case 'GET webhook/find':
				return {
					body: state.webhook ?? (version === 2 ? null : { enabled: null, url: '', events: [] }),
				};
			case 'POST webhook/set':
				state.webhook = version === 2 ? setSecond(body) : setFirst(body);
				return { status: 201, body: state.webhook };
			case 'POST message/sendText':
			case 'POST message/sendMedia':
			case 'POST message/sendWhatsAppAudio':
				return { status: 201, body: send(action!, body) };
			default:
				throw new Refusal(404, 'Not Found', [`Cannot ${call.method} ${call.path}`]);
		}
	}

	function checkEvents(events: unknown, known: string[], where: string) {
		if (!Array.isArray(events))
			throw new TypeError("Cannot read properties of undefined (reading 'length')");
		const index = events.findIndex((event) => !known.includes(event as string));
		if (index >= 0) {
			throw badRequest([`${where}[${index}] is not one of enum values: ${known.join()}`]);
		}
	}

	function setSecond(body: Fields): Fields {
		const row = body.webhook as Fields | undefined;
		if (row === undefined) throw requires('webhook');
		for (const property of ['enabled', 'url']) {
			if (row[property] === undefined) throw requires(property, 'instance.webhook');
		}
		if (!/^https?:\/\/[^\s/]+/.test(String(row.url))) throw badRequest('Invalid "url" property');
		checkEvents(row.events, [...EVENTS, 'MESSAGES_EDITED'], 'instance.webhook.events');
		return {
			...{ id: 'cm0', enabled: row.enabled, url: row.url, headers: row.headers ?? null },
			events: row.enabled === true ? row.events : [],
			webhookByEvents: row.byEvents,
			webhookBase64: row.base64,
		};
	}

	function setFirst(body: Fields): Fields {
		if (body.url === undefined) throw requires('url');
		checkEvents(body.events, EVENTS, 'instance.events');
		const { enabled = true, url, events, webhook_by_events, webhook_base64 } = body;
		return { enabled, url, events, webhook_by_events, webhook_base64 };
	}

	/** The content, which version 1 wants in an object of its own. */
	function contentOf(call: string, body: Fields): Fields {
		const { wrapper, properties } = {
			sendText: { wrapper: 'textMessage', properties: ['text'] },
			sendMedia: { wrapper: 'mediaMessage', properties: ['mediatype', 'media'] },
			sendWhatsAppAudio: { wrapper: 'audioMessage', properties: ['audio'] },
		}[call]!;
		if (typeof body.number !== 'string') throw requires('number');
		const content = version === 2 ? body : (body[wrapper] as Fields | undefined);
		if (content === undefined) throw requires(wrapper);
		for (const property of properties) {
			if (content[property] === undefined) throw requires(property);
			if (typeof content[property] !== 'string') {
				throw badRequest([`instance.${property} is not of a type(s) string`]);
			}
		}
		const file = content.media ?? content.audio;
		if (file !== undefined) checkFile(String(file), content);
		return content;
	}

	function checkFile(file: string, content: Fields) {
		const isAddress = /^https?:\/\/[^\s/]+\.[a-z]{2,}(:\d+)?(\/|$)/i.test(file);
		const isBase64 = file.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(file);
		if (!isAddress && !isBase64) throw badRequest('Owned media must be a url or base64');
		if (isBase64 && content.mediatype === 'document' && !content.fileName) {
			throw badRequest('For base64 the file name must be informed.');
		}
	}

	function send(call: string, body: Fields): Fields {
		const content = contentOf(call, body);
		if (!state.connected) throw badRequest('Error: Connection Closed');
		const number = String(body.number);
		const to = number.includes('@') ? number : `${number}@s.whatsapp.net`;
		if (state.unknown.has(number)) throw badRequest({ jid: to, exists: false, number });
		const id = `BAE5${String(state.messages.length + 1).padStart(12, '0')}`;
		const text = String(content.text ?? content.caption ?? '');
		state.messages.push({ id, to, text, call, body });
		return {
			key: { remoteJid: to, fromMe: true, id },
			status: 'PENDING',
			messageType: 'conversation',
			messageTimestamp: 1767261600,
		};
	}

	const refused = ({ status, error, words }: Refusal): Reply => ({
		status,
		body: { status, error, response: { message: words } },
	});
	const standIn = await startStandIn((call) =>
		Promise.resolve(call)
			.then(answer)
			.catch((error: unknown) =>
				error instanceof Refusal ? refused(error) : Promise.reject(error as Error),
			),
	);

	async function post(url: string, event: string, data: Fields) {
		const headers = (state.webhook?.headers ?? { 'x-webhook-secret': WEBHOOK_SECRET }) as Record<
			string,
			string
		>;
		const body = {
			...{ event, instance: INSTANCE, data, destination: url, sender: OWN },
			...{ date_time: '2026-01-01T07:00:00.000Z', server_url: standIn.url, apikey: null },
		};
		const sent = await axios.post<unknown>(url, Buffer.from(JSON.stringify(body)), {
			headers: { 'content-type': 'application/json', ...(version === 2 ? headers : {}) },
			validateStatus: () => true,
			proxy: false,
		});
		return { status: sent.status, body: sent.data };
	}

	return Object.assign(state, {
		...standIn,
		key: 'evolution',
		credential: {
			type: 'conversationEvolutionApi',
			data: {
				baseUrl: standIn.url,
				apiKey: API_KEY,
				instanceName: INSTANCE,
				webhookSecret: WEBHOOK_SECRET,
			},
		},
		registered: () =>
			state.webhook?.enabled === true && state.webhook.url ? [String(state.webhook.url)] : [],
		customerWrites: (
			url: string,
			{ from, id, text, name }: Parameters<ChannelStandIn['customerWrites']>[1],
		) =>
			post(url, 'messages.upsert', {
				key: { remoteJid: `${phoneOf(from)}@s.whatsapp.net`, fromMe: false, id },
				...(name === undefined ? {} : { pushName: name }),
				status: 'DELIVERY_ACK',
				message: { conversation: text },
				messageType: 'conversation',
				messageTimestamp: Math.floor(Date.now() / 1000),
				instanceId: '00000000-0000-4000-8000-000000000001',
				source: 'android',
			}),
		tellStatus: (url: string, id: string, status: MessageStatus['status']) => {
			const to = state.messages.find((message) => message.id === id)?.to;
			const data = { keyId: id, remoteJid: to, fromMe: true, status: STATUSES[status] };
			return post(url, 'messages.update', data);
		},
		delivered: (from: string) =>
			state.messages
				.filter(({ to }) => to === `${phoneOf(from)}@s.whatsapp.net`)
				.map(({ text }) => text),
	});
}
