import axios from 'axios';
import type { ChannelStandIn } from './channelStandIn';
import { startStandIn, type Received, type Reply } from './standIn';

/** A message as Telegram keeps it in a chat. */
export interface ChatMessage {
	message_id: number;
	chat: { id: number; type: string };
	date: number;
	text?: string;
	caption?: string;
	[field: string]: unknown;
}

export interface TelegramStandIn extends ChannelStandIn {
	/** What `setWebhook` set; undefined when there is none. */
	webhook(): Webhook | undefined;
	/** Another program set it, and this is how the last update was answered. */
	isSet(webhook: Webhook, answered?: number): void;
	/** What the bot wrote in this chat, in order; of a business account `<connection>:<chat>`. */
	sentTo(chat: string): ChatMessage[];
	/** Presses of buttons that were answered. */
	answeredPresses: string[];
	/** Updates that the webhook has not taken yet, the oldest first. */
	pending: Array<Record<string, unknown>>;
	/** Queues an update, if the webhook asked for this kind. */
	queue(update: Record<string, unknown>): void;
	/** Posts what waits, in order, up to the first that is not taken: that one waits on. */
	deliver(): Promise<Array<{ status: number; body: unknown }>>;
	/** The person started the bot, so the bot may write to it. */
	starts(from: string): void;
	/** The person blocked the bot, deleted its account, or never started the bot. */
	becomes(from: string, state: 'blocked' | 'deactivated' | 'stranger'): void;
	/** The group became a supergroup with another number. */
	migrates(from: string, to: string): void;
	/** Connects a business account; `writable` are the people who wrote in the last 24 hours. */
	connects(connection: string, writable: string[]): void;
}

interface Webhook {
	url: string;
	secret_token?: string;
	allowed_updates: string[];
	max_connections: number;
}

const TOKEN = '7000000001:stand-in-not-a-secret';

/** What a bot gets that asks for nothing in particular: all but these (Bot API, `setWebhook`). */
const ON_REQUEST = new Set(['chat_member', 'message_reaction', 'message_reaction_count']);

const FILE_METHODS: Record<string, { field: string; bytes: number; types?: RegExp }> = {
	sendPhoto: { field: 'photo', bytes: 10 << 20, types: /^image\/(jpeg|jpg|png|webp)$/ },
	sendAnimation: { field: 'animation', bytes: 50 << 20 },
	sendVideo: { field: 'video', bytes: 50 << 20 },
	sendVoice: { field: 'voice', bytes: 50 << 20, types: /^audio\/(ogg|opus)\b/ },
	sendAudio: { field: 'audio', bytes: 50 << 20, types: /^audio\/(mpeg|mp3|mp4|m4a|x-m4a)$/ },
	sendDocument: { field: 'document', bytes: 50 << 20 },
};

class Refusal extends Error {
	constructor(
		readonly code: number,
		description: string,
		readonly parameters?: Record<string, unknown>,
	) {
		super(description);
	}
}

const bad = (description: string, parameters?: Record<string, unknown>) =>
	new Refusal(400, `Bad Request: ${description}`, parameters);

/**
 * A local Bot API server (Bot API 10.2): one bot, its webhook and its chats. Being a local one, it
 * posts to plain http too.
 */
export async function startTelegram(): Promise<TelegramStandIn> {
	let webhook: Webhook | undefined;
	let lastError: string | undefined;
	let lastMessage = 1000;
	let lastUpdate = 90_000;
	const pending: Array<Record<string, unknown>> = [];
	const people = new Map<string, 'started' | 'blocked' | 'deactivated' | 'stranger'>();
	const moved = new Map<string, string>();
	const connections = new Map<string, Set<string>>();
	const sent = new Map<string, ChatMessage[]>();
	const presses = new Set<string>();
	const answeredPresses: string[] = [];

	const standIn = await startStandIn((call) => {
		try {
			return { body: { ok: true, result: handle(call) } };
		} catch (error) {
			if (!(error instanceof Refusal)) throw error as Error;
			return refusalOf(error);
		}
	});

	function handle(call: Received): unknown {
		const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(call.path) ?? [];
		if (token === undefined || method === undefined) throw new Refusal(404, 'Not Found');
		if (!/^\d+:[\w-]+$/.test(token)) throw new Refusal(404, 'Not Found');
		if (token !== TOKEN) throw new Refusal(401, 'Unauthorized');
		const fields = { ...call.query, ...((call.body ?? {}) as Record<string, unknown>) };
		if (method === 'sendMessage' || method in FILE_METHODS) return send(method, fields);
		switch (method) {
			case 'getMe':
				return { id: 7000000001, is_bot: true, first_name: 'Shop', username: 'shop_test_bot' };
			case 'getWebhookInfo':
				return {
					url: webhook?.url ?? '',
					has_custom_certificate: false,
					pending_update_count: pending.length,
					...(lastError === undefined ? {} : { last_error_message: lastError }),
					...(webhook === undefined
						? {}
						: {
								max_connections: webhook.max_connections,
								allowed_updates: webhook.allowed_updates,
							}),
				};
			case 'setWebhook':
				return setWebhook(fields);
			case 'deleteWebhook':
				webhook = undefined;
				if (fields.drop_pending_updates === true) pending.length = 0;
				return true;
			case 'answerCallbackQuery': {
				const id = String(fields.callback_query_id);
				if (!presses.delete(id)) {
					throw bad('query is too old and response timeout expired or query ID is invalid');
				}
				answeredPresses.push(id);
				return true;
			}
			default:
				throw new Refusal(404, 'Not Found');
		}
	}

	function setWebhook(fields: Record<string, unknown>): true {
		const { url, secret_token: secret, allowed_updates: allowed, max_connections: most } = fields;
		if (typeof url !== 'string' || !/^https?:\/\/[^/]/.test(url)) {
			throw bad('bad webhook: An HTTPS URL must be provided for webhook');
		}
		if (/\.invalid([:/]|$)/.test(url)) {
			throw bad('bad webhook: Failed to resolve host: Name or service not known');
		}
		if (secret !== undefined && !/^[\w-]{1,256}$/.test(String(secret))) {
			throw bad('secret token contains unallowed characters');
		}
		if (most !== undefined && !(Number(most) >= 1 && Number(most) <= 100)) {
			throw bad('max_connections must be between 1 and 100');
		}
		webhook = {
			url,
			...(secret === undefined ? {} : { secret_token: String(secret) }),
			// Left out, the earlier list stays.
			allowed_updates: (allowed as string[] | undefined) ?? webhook?.allowed_updates ?? [],
			max_connections: Number(most ?? 40),
		};
		if (fields.drop_pending_updates === true) pending.length = 0;
		return true;
	}

	function send(method: string, fields: Record<string, unknown>): ChatMessage {
		const chat = chatOf(fields);
		const file = FILE_METHODS[method];
		const content: Record<string, unknown> = {};
		if (file) {
			content[file.field] = checkFile(fields[file.field], file);
			const caption = fields.caption === undefined ? '' : String(fields.caption);
			if ([...caption].length > 1024) throw bad('message caption is too long');
			if (caption !== '') content.caption = caption;
		} else {
			const text = fields.text === undefined ? '' : String(fields.text);
			if (text.trim() === '') throw bad('message text is empty');
			if ([...text].length > 4096) throw bad('message is too long');
			content.text = text;
		}
		const markup = objectOf(fields.reply_markup);
		if (markup) content.reply_markup = checkKeyboard(markup);

		const connection = fields.business_connection_id as string | undefined;
		const place = connection === undefined ? chat : `${connection}:${chat}`;
		const quote = objectOf(fields.reply_parameters);
		if (quote) {
			if (typeof quote.message_id !== 'number') throw bad("message identifier isn't specified");
			const quoted = (sent.get(place) ?? []).some((one) => one.message_id === quote.message_id);
			if (!quoted && quote.allow_sending_without_reply !== true) {
				throw bad('message to be replied not found');
			}
			content.reply_to_message = { message_id: quote.message_id };
		}
		const message: ChatMessage = {
			message_id: ++lastMessage,
			date: 1767261600,
			chat: { id: Number(chat), type: chat.startsWith('-') ? 'supergroup' : 'private' },
			...(connection === undefined ? {} : { business_connection_id: connection }),
			...(fields.message_thread_id === undefined
				? {}
				: { message_thread_id: Number(fields.message_thread_id), is_topic_message: true }),
			...content,
		};
		sent.set(place, [...(sent.get(place) ?? []), message]);
		return message;
	}

	/** Who may be written to, and in which words Telegram says that somebody may not. */
	function chatOf(fields: Record<string, unknown>): string {
		const chat = String(fields.chat_id ?? '');
		if (chat === '') throw bad('chat_id is empty');
		const to = moved.get(chat);
		if (to !== undefined) {
			throw bad('group chat was upgraded to a supergroup chat', { migrate_to_chat_id: Number(to) });
		}
		const connection = fields.business_connection_id;
		if (connection !== undefined) {
			const writable = connections.get(String(connection));
			if (!writable) throw bad('business connection not found');
			if (!writable.has(chat)) throw bad('BUSINESS_PEER_USAGE_MISSING');
			return chat;
		}
		switch (people.get(chat)) {
			case undefined:
				throw bad('chat not found');
			case 'blocked':
				throw new Refusal(403, 'Forbidden: bot was blocked by the user');
			case 'deactivated':
				throw new Refusal(403, 'Forbidden: user is deactivated');
			case 'stranger':
				throw new Refusal(403, "Forbidden: bot can't initiate conversation with a user");
			case 'started':
				return chat;
		}
	}

	async function post(
		url: string,
		update: Record<string, unknown>,
	): Promise<{ status: number; body: unknown }> {
		const { status, data } = await axios.post<unknown>(url, Buffer.from(JSON.stringify(update)), {
			headers: {
				'content-type': 'application/json',
				...(webhook?.secret_token === undefined
					? {}
					: { 'x-telegram-bot-api-secret-token': webhook.secret_token }),
			},
			validateStatus: () => true,
			proxy: false,
		});
		return { status, body: data };
	}

	return {
		...standIn,
		key: 'telegram',
		credential: {
			type: 'conversationTelegramApi',
			data: { botToken: TOKEN, baseUrl: standIn.url },
		},
		registered: () => (webhook === undefined ? [] : [webhook.url]),
		async customerWrites(url, { from, id, text, name }) {
			people.set(from, 'started');
			// One sequence for both sides of a chat.
			lastMessage = Math.max(lastMessage, Number(id));
			const person = { id: Number(from), first_name: name ?? `Person ${from}` };
			return await post(url, {
				update_id: ++lastUpdate,
				message: {
					message_id: Number(id),
					date: Math.floor(Date.now() / 1000),
					from: { ...person, is_bot: false },
					chat: { ...person, type: 'private' },
					text,
				},
			});
		},
		delivered: (from) => (sent.get(from) ?? []).map(({ text, caption }) => text ?? caption ?? ''),
		webhook: () => webhook,
		isSet(other, answered) {
			webhook = other;
			lastError =
				answered === undefined ? undefined : `Wrong response from the webhook: ${answered}`;
		},
		sentTo: (chat) => sent.get(chat) ?? [],
		answeredPresses,
		pending,
		queue(update) {
			const kind = Object.keys(update)[0] ?? '';
			const asked = webhook?.allowed_updates ?? [];
			if (asked.length > 0 ? !asked.includes(kind) : ON_REQUEST.has(kind)) return;
			const query = update.callback_query as { id?: string } | undefined;
			if (query?.id !== undefined) presses.add(query.id);
			pending.push({ update_id: ++lastUpdate, ...update });
		},
		async deliver() {
			const answers: Array<{ status: number; body: unknown }> = [];
			while (webhook && pending[0]) {
				const answer = await post(webhook.url, pending[0]);
				answers.push(answer);
				if (answer.status < 200 || answer.status > 299) {
					lastError = `Wrong response from the webhook: ${answer.status}`;
					break;
				}
				pending.shift();
			}
			return answers;
		},
		starts: (from) => void people.set(from, 'started'),
		becomes: (from, state) => void people.set(from, state),
		migrates(from, to) {
			moved.set(from, to);
			people.set(to, 'started');
		},
		connects: (connection, writable) => void connections.set(connection, new Set(writable)),
	};
}

function refusalOf({ code, message, parameters }: Refusal): Reply {
	return {
		status: code,
		body: {
			ok: false,
			error_code: code,
			description: message,
			...(parameters === undefined ? {} : { parameters }),
		},
	};
}

/** In a form with files, objects are written as JSON. */
function objectOf(value: unknown): Record<string, unknown> | undefined {
	if (value === undefined) return undefined;
	const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
	return parsed as Record<string, unknown>;
}

function checkFile(file: unknown, { field, bytes, types }: (typeof FILE_METHODS)[string]): unknown {
	if (typeof file === 'string' && file !== '') {
		if (!/^https?:\/\//.test(file)) throw bad('wrong file identifier/HTTP URL specified');
		if (file.includes('.invalid/')) throw bad('failed to get HTTP URL content');
		return { file_id: `FILE-${field}`, from: file };
	}
	if (!(file instanceof File)) throw bad(`there is no ${field} in the request`);
	if (file.size > bytes) throw new Refusal(413, 'Request Entity Too Large');
	if (types && !types.test(file.type)) {
		throw bad(field === 'photo' ? 'PHOTO_INVALID_DIMENSIONS' : `wrong file type of ${field}`);
	}
	return { file_id: `FILE-${field}`, file_name: file.name, mime_type: file.type, size: file.size };
}

function checkKeyboard(markup: Record<string, unknown>): unknown {
	const rows = markup.inline_keyboard as Array<Array<Record<string, unknown>>>;
	for (const { text, url, callback_data: data } of rows.flat()) {
		if (typeof text !== 'string' || text === '') throw bad('inline keyboard button text is empty');
		if ((url === undefined) === (data === undefined)) {
			throw bad('text buttons are unallowed in the inline keyboard');
		}
		const bytes = Buffer.byteLength(String(data ?? 'x'));
		if (bytes < 1 || bytes > 64) throw bad('BUTTON_DATA_INVALID');
		if (url !== undefined && !/^(https?|tg):\/\/./.test(String(url))) {
			throw bad(`inline keyboard button URL '${String(url)}' is invalid: Wrong HTTP URL`);
		}
	}
	return markup;
}
