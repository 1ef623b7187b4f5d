import { createHmac } from 'node:crypto';
import axios from 'axios';
import type { ChannelStandIn } from './channelStandIn';
import { startStandIn, type Received, type Reply, type StandIn } from './standIn';

const DAY = 24 * 60 * 60 * 1000;

/** A customer, as the page or account sees it. */
export interface Customer {
	/** Milliseconds since 1970; who never wrote is not there. */
	wroteAt: number;
	/** Turned the messages of the page off. */
	blocked?: boolean;
}

export interface MessagingStandIn extends ChannelStandIn {
	customers: Map<string, Customer>;
	/** Of the app: Meta granted it the feature Human Agent. */
	humanAgent: boolean;
	/** Milliseconds since 1970: Meta's clock. */
	clock: () => number;
	/** Calls that are still answered; then the rate limit is reached. */
	allowance: number;
	/** Apps that the page sends its events to, by their IDs, with the fields. */
	subscriptions: Map<string, string[]>;
	/** The app of the credential. */
	app: string;
	/** Fields of webhooks that Meta knows. */
	fields: Set<string>;
	/** Whether `/app` tells the app of the token. */
	tellsApp: boolean;
	/** What was taken by `/me/messages`, in order. */
	sent: Array<Record<string, unknown>>;
}

/** In what Messenger and Instagram differ here. */
export interface Kind {
	key: 'messenger' | 'instagram';
	object: 'page' | 'instagram';
	credentialType: string;
	/** What `me` is. */
	account: string;
	/** Why a text is too long, if it is. */
	tooLong(text: string): boolean;
	takesUploads: boolean;
	/** Subcode of error 10 outside of the window. */
	windowSubcode: number;
	fields: string[];
	/** Further fields of the credential. */
	settings: Record<string, unknown>;
}

const TOKEN = 'stand-in-page-token';
const APP_SECRET = 'stand-in-app-secret';
const APP = '770000000000001';

const refusal = (
	code: number,
	subcode: number | undefined,
	message: string,
	status = 400,
): Reply => ({
	status,
	body: {
		error: {
			message: `(#${code}) ${message}`,
			type: 'OAuthException',
			code,
			...(subcode === undefined ? {} : { error_subcode: subcode }),
			fbtrace_id: 'StandInTrace',
		},
	},
});

type Fields = Record<string, unknown>;
const fields = (value: unknown) => (value ?? {}) as Fields;

/** The Send API, the subscriptions and the webhooks of Messenger Platform. */
export async function startMessaging(kind: Kind): Promise<MessagingStandIn> {
	const state = {
		customers: new Map<string, Customer>(),
		humanAgent: false,
		clock: () => Date.now(),
		allowance: Infinity,
		subscriptions: new Map<string, string[]>(),
		app: APP,
		fields: new Set(kind.fields),
		tellsApp: true,
		sent: [] as Fields[],
	};
	const texts = new Map<string, string[]>();
	const mids = new Set<string>();

	function handle(call: Received): Reply {
		if (call.headers.authorization !== `Bearer ${TOKEN}`) {
			return {
				status: 401,
				body: {
					error: { message: 'Invalid OAuth access token.', type: 'OAuthException', code: 190 },
				},
			};
		}
		if (state.allowance-- <= 0) {
			const usage = [{ type: 'messenger', estimated_time_to_regain_access: 5 }];
			return {
				...refusal(613, undefined, 'Calls to this api have exceeded the rate limit.'),
				headers: { 'x-business-use-case-usage': JSON.stringify({ [kind.account]: usage }) },
			};
		}
		const [, version, node, edge, ...rest] = call.path.split('/');
		if (version !== 'v25.0' || rest.length > 0) return unknownPath(call);
		if (call.method === 'GET' && node === 'app' && edge === undefined) {
			return state.tellsApp
				? { body: { id: state.app } }
				: refusal(100, undefined, 'Tried accessing nonexisting field (app)');
		}
		if (node !== 'me' && node !== kind.account) {
			return refusal(100, 33, `Unsupported request. Object with ID '${node}' does not exist`);
		}
		if (call.method === 'GET' && edge === undefined) return { body: { id: kind.account } };
		if (edge === 'subscribed_apps') return subscribed(call);
		if (edge === 'messages' && call.method === 'POST') return send(call);
		return unknownPath(call);
	}

	const unknownPath = (call: Received) =>
		refusal(2500, undefined, `Unknown path components: ${call.path}`);

	function subscribed(call: Received): Reply {
		if (call.method === 'GET') {
			const data = [...state.subscriptions].map(([id, subscribed_fields]) => ({
				id,
				name: `App ${id}`,
				category: 'Business',
				subscribed_fields,
			}));
			return { body: { data } };
		}
		if (call.method === 'DELETE')
			return { body: { success: state.subscriptions.delete(state.app) } };
		const asked = (call.query.subscribed_fields ?? '').split(',').filter((field) => field !== '');
		if (asked.length === 0)
			return refusal(100, undefined, 'The parameter subscribed_fields is required.');
		const unknown = asked.findIndex((field) => !state.fields.has(field));
		if (unknown >= 0) {
			return refusal(
				100,
				undefined,
				`Param subscribed_fields[${unknown}] must be one of {${[...state.fields].join(', ')}} - got "${asked[unknown]}".`,
			);
		}
		state.subscriptions.set(state.app, asked);
		return { body: { success: true } };
	}

	function send(call: Received): Reply {
		const isForm = (call.headers['content-type'] ?? '').startsWith('multipart/form-data');
		const body = isForm ? ofForm(fields(call.body)) : fields(call.body);
		const to = fields(body.recipient).id;
		const customer = typeof to === 'string' ? state.customers.get(to) : undefined;
		if (typeof to !== 'string')
			return refusal(100, undefined, 'The parameter recipient is required');
		if (!customer) return refusal(100, 2018001, 'No matching user found');
		if (customer.blocked) return refusal(551, 1545041, "This person isn't available right now.");
		const late = outsideOfWindow(body, customer);
		if (late) return late;
		const replyTo = fields(body.reply_to).mid;
		if (replyTo !== undefined && !mids.has(String(replyTo))) {
			return refusal(100, undefined, 'Param reply_to[mid] is not a message of this conversation');
		}
		const content = contentProblem(fields(body.message), body.filedata);
		if (content) return content;
		const id = `m_sent-${state.sent.push(body)}`;
		mids.add(id);
		texts.set(to, [...(texts.get(to) ?? []), textOf(fields(body.message))]);
		return { body: { recipient_id: to, message_id: id } };
	}

	function outsideOfWindow(body: Fields, customer: Customer): Reply | undefined {
		const age = state.clock() - customer.wroteAt;
		const closed = refusal(
			10,
			kind.windowSubcode,
			'This message is sent outside of allowed window. Learn more about the new policy here: https://developers.facebook.com/docs/messenger-platform/policy-overview',
		);
		if (body.messaging_type === 'RESPONSE') return age > DAY ? closed : undefined;
		if (body.messaging_type === 'MESSAGE_TAG' && body.tag === 'HUMAN_AGENT') {
			if (!state.humanAgent) {
				return refusal(
					10,
					undefined,
					"To use 'Human Agent', your use of this endpoint must be reviewed and approved by Facebook.",
				);
			}
			return age > 7 * DAY ? closed : undefined;
		}
		return refusal(
			100,
			undefined,
			'Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG}',
		);
	}

	function contentProblem(message: Fields, filedata: unknown): Reply | undefined {
		const { text } = message;
		const attachment = fields(message.attachment);
		const payload = fields(attachment.payload);
		if ((text === undefined) === (message.attachment === undefined)) {
			return refusal(100, undefined, 'Must upload exactly one of text or attachment');
		}
		if (text !== undefined && (typeof text !== 'string' || text.trim() === '')) {
			return refusal(
				100,
				undefined,
				'Message cannot be empty, must provide valid attachment or text',
			);
		}
		if (typeof text === 'string' && kind.tooLong(text)) {
			return refusal(100, undefined, 'Length of param message[text] is too long');
		}
		const replies = (message.quick_replies ?? []) as Fields[];
		const isChoice = ({ content_type: type, title, payload: data }: Fields) =>
			type === 'text' && typeof title === 'string' && title !== '' && typeof data === 'string';
		if (replies.length > 13 || !replies.every(isChoice)) {
			return refusal(100, undefined, 'Param message[quick_replies] is invalid');
		}
		if (attachment.type === 'template') return templateProblem(payload);
		if (message.attachment === undefined) return undefined;
		if (!['image', 'video', 'audio', 'file'].includes(String(attachment.type))) {
			return refusal(100, undefined, 'Param message[attachment][type] is invalid');
		}
		const hasFile = kind.takesUploads && filedata instanceof File && filedata.size > 0;
		return typeof payload.url === 'string' || hasFile
			? undefined
			: refusal(100, 2018008, 'Failed to fetch the file from the url');
	}

	function templateProblem(payload: Fields): Reply | undefined {
		const buttons = (payload.buttons ?? []) as Fields[];
		const text = String(payload.text ?? '');
		const isButton = ({ type, title, url, payload: data }: Fields) =>
			typeof title === 'string' &&
			(type === 'web_url'
				? typeof url === 'string'
				: type === 'postback' && typeof data === 'string');
		const isGood =
			payload.template_type === 'button' &&
			text !== '' &&
			text.length <= 640 &&
			buttons.length > 0 &&
			buttons.length <= 3 &&
			buttons.every(isButton);
		return isGood
			? undefined
			: refusal(100, undefined, 'Param message[attachment][payload] is invalid');
	}

	const standIn: StandIn = await startStandIn(handle);
	return Object.assign(state, {
		...standIn,
		key: kind.key,
		credential: {
			type: kind.credentialType,
			data: {
				appSecret: APP_SECRET,
				verifyToken: 'stand-in-verify-token',
				accessToken: TOKEN,
				humanAgent: false,
				baseUrl: `${standIn.url}/v25.0`,
				...kind.settings,
			},
		},
		// The callback URL is typed into Meta's dashboard.
		registered: () => [],
		async customerWrites(
			url: string,
			{ from, id, text }: { from: string; id: string; text: string },
		) {
			const now = state.clock();
			state.customers.set(from, { wroteAt: now });
			mids.add(`m_${id}`);
			const event = {
				sender: { id: from },
				recipient: { id: kind.account },
				timestamp: now,
				message: { mid: `m_${id}`, text },
			};
			const entry = [{ id: kind.account, time: now, messaging: [event] }];
			// Meta writes everything beyond ASCII as \uXXXX, and signs that.
			const body = JSON.stringify({ object: kind.object, entry }).replace(
				/[\u0080-\uffff]/g,
				(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
			);
			const signature = createHmac('sha256', APP_SECRET).update(body).digest('hex');
			const answer = await axios.post<unknown>(url, body, {
				headers: {
					'content-type': 'application/json',
					'x-hub-signature-256': `sha256=${signature}`,
				},
				validateStatus: () => true,
				proxy: false,
			});
			return { status: answer.status, body: answer.data };
		},
		delivered: (from: string) => texts.get(from) ?? [],
	});
}

/** Of a form, the objects are texts of JSON. */
function ofForm(form: Fields): Fields {
	return Object.fromEntries(
		Object.entries(form).map(([name, value]): [string, unknown] => [
			name,
			typeof value === 'string' && value.startsWith('{') ? (JSON.parse(value) as unknown) : value,
		]),
	);
}

function textOf(message: Fields): string {
	const attachment = fields(message.attachment);
	const payload = fields(attachment.payload);
	return String(message.text ?? payload.text ?? `[${String(attachment.type)}]`);
}
