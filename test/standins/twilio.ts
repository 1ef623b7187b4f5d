import { createHmac } from 'node:crypto';
import axios from 'axios';
import type { ChannelStandIn, Written } from './channelStandIn';
import { startStandIn, type Received, type Reply } from './standIn';

/** A message that the stand-in took. */
export interface TakenMessage {
	sid: string;
	accountSid: string;
	to: string;
	from: string | null;
	body: string;
	form: Record<string, unknown>;
}

export interface TwilioStandIn extends ChannelStandIn {
	accountSid: string;
	authToken: string;
	apiKey: { sid: string; secret: string };
	/** A number for SMS, the same for WhatsApp, one of a subaccount, and a Messaging Service. */
	senders: { sms: string; whatsapp: string; subaccount: string; service: string };
	subaccountSid: string;
	/** All messages that were taken, the oldest first. */
	taken: TakenMessage[];
	/** Posts a webhook with these parameters, signed; a message of a customer or a status. */
	posts(
		url: string,
		parameters: Record<string, string>,
		token?: string,
	): Promise<{ status: number; body: unknown }>;
	/** From now on the account may make only so many calls. */
	allowCalls(count: number): void;
}

const ACCOUNT = `AC${'a'.repeat(32)}`;
const SUBACCOUNT = `AC${'b'.repeat(32)}`;
const TOKEN = 'f'.repeat(32);
const KEY = { sid: `SK${'c'.repeat(32)}`, secret: 'secret-of-the-key' };
const SENDERS = {
	sms: '+12025550100',
	whatsapp: 'whatsapp:+12025550100',
	subaccount: '+12025550199',
	service: `MG${'d'.repeat(32)}`,
};
const TEMPLATES = [`HX${'e'.repeat(32)}`];
const LONGEST_BODY = 1600;
const MOST_FILES = 10;

const ADDRESS = /^(whatsapp:)?(\+[1-9]\d{6,14}|[A-Z]{2}\.[A-Za-z0-9.]{1,132})$/;

/**
 * Twilio's Programmable Messaging: `Messages.json` of the 2010-04-01 interface, and the webhooks of
 * incoming messages and statuses.
 */
export async function startTwilio(): Promise<TwilioStandIn> {
	const taken: TakenMessage[] = [];
	const stopped = new Set<string>();
	/** Which addresses a customer has here, by the digits of the tests. */
	const addresses = new Map<string, Set<string>>();
	let callsLeft = Infinity;

	const handle = (call: Received): Reply => {
		const who = basic(call.headers.authorization);
		const isAccount = who?.name === ACCOUNT && who.password === TOKEN;
		const isKey = who?.name === KEY.sid && who.password === KEY.secret;
		if (!isAccount && !isKey) return refusal(401, 20003, 'Authenticate');
		if (callsLeft-- <= 0) return refusal(429, 20429, 'Too Many Requests');

		const accountSid = /^\/2010-04-01\/Accounts\/([^/]+)\/Messages\.json$/.exec(call.path)?.[1];
		// A main account acts for its subaccounts, an API key does not.
		const isOurs = accountSid === ACCOUNT || (accountSid === SUBACCOUNT && isAccount);
		if (accountSid === undefined || !isOurs) {
			return refusal(404, 20404, `The requested resource ${call.path} was not found`);
		}
		if (call.method === 'GET') return { body: { messages: [], page: 0 } };
		if (call.method !== 'POST') return refusal(405, 20004, 'Method not allowed');
		return create(accountSid, (call.body ?? {}) as Record<string, unknown>);
	};

	const create = (accountSid: string, form: Record<string, unknown>): Reply => {
		const problem = problemOf(accountSid, form, stopped);
		if (problem) return refusal(400, ...problem);
		const from = typeof form.From === 'string' ? form.From : null;
		const body = typeof form.Body === 'string' ? form.Body : '';
		const sid = `${form.MediaUrl === undefined ? 'SM' : 'MM'}${String(taken.length + 1).padStart(32, '0')}`;
		taken.push({ sid, accountSid, to: String(form.To), from, body, form });
		return {
			status: 201,
			body: {
				sid,
				account_sid: accountSid,
				messaging_service_sid: form.MessagingServiceSid ?? null,
				to: form.To,
				from,
				body,
				status: from === null ? 'accepted' : 'queued',
				direction: 'outbound-api',
				num_media: String([form.MediaUrl ?? []].flat().length),
				num_segments: '1',
				error_code: null,
				error_message: null,
				uri: `/2010-04-01/Accounts/${accountSid}/Messages/${sid}.json`,
			},
		};
	};

	const base = await startStandIn(handle);

	async function posts(url: string, parameters: Record<string, string>, token = TOKEN) {
		const { status, data, headers } = await axios.post<unknown>(
			url,
			new URLSearchParams(parameters).toString(),
			{
				headers: {
					'content-type': 'application/x-www-form-urlencoded',
					'x-twilio-signature': sign(url, parameters, token),
					'i-twilio-idempotency-token': parameters.MessageSid ?? '',
				},
				validateStatus: () => true,
				proxy: false,
			},
		);
		if (status < 300 && data !== '') {
			const type = String(headers['content-type']);
			if (!/^(text|application)\/xml\b/.test(type)) {
				throw new Error(`Twilio error 12300: Invalid Content-Type: ${type} supplied`);
			}
			if (!/^<\?xml[^>]*\?>\s*<Response\s*(\/>|>)/.test(String(data))) {
				throw new Error('Twilio error 12100: Document parse failure');
			}
		}
		return { status, body: data };
	}

	return {
		...base,
		key: 'twilio',
		credential: {
			type: 'conversationTwilioApi',
			data: {
				accountSid: ACCOUNT,
				authToken: TOKEN,
				apiKeySid: '',
				apiKeySecret: '',
				sender: SENDERS.sms,
				webhookUrl: '',
				decodeBase64: false,
				baseUrl: base.url,
			},
		},
		accountSid: ACCOUNT,
		authToken: TOKEN,
		apiKey: KEY,
		senders: SENDERS,
		subaccountSid: SUBACCOUNT,
		taken,
		// The operator pastes the address in Twilio's console.
		registered: () => [],
		posts,
		async customerWrites(url, written) {
			const parameters = incoming(written);
			const { From: from = '', To: to = '' } = parameters;
			const known = addresses.get(written.from) ?? new Set();
			addresses.set(written.from, known.add(from));
			// Twilio acts on these words by itself in text messages, before it calls anybody.
			if (!from.startsWith('whatsapp:')) {
				if (/^\s*(stop|unsubscribe)\s*$/i.test(written.text)) stopped.add(`${to} ${from}`);
				if (/^\s*start\s*$/i.test(written.text)) stopped.delete(`${to} ${from}`);
			}
			return await posts(url, parameters);
		},
		delivered: (from) =>
			taken.filter(({ to }) => addresses.get(from)?.has(to)).map(({ body }) => body),
		allowCalls(count) {
			callsLeft = count;
		},
	};
}

/** A customer with a name writes by WhatsApp, since text messages have no names. */
function incoming({ from, id, text, name }: Written): Record<string, string> {
	const phone = /^[1-9]\d{6,14}$/.test(from) ? `+${from}` : `+1555${from.padStart(7, '0')}`;
	const sid = `SM${id.padStart(32, '0')}`;
	const both = {
		SmsMessageSid: sid,
		NumMedia: '0',
		SmsSid: sid,
		SmsStatus: 'received',
		Body: text,
		NumSegments: '1',
		MessageSid: sid,
		AccountSid: ACCOUNT,
		ApiVersion: '2010-04-01',
	};
	if (name === undefined) return { ...both, FromCountry: 'US', To: SENDERS.sms, From: phone };
	return {
		...both,
		ProfileName: name,
		MessageType: 'text',
		WaId: phone.slice(1),
		ReferralNumMedia: '0',
		To: SENDERS.whatsapp,
		From: `whatsapp:${phone}`,
	};
}

/** What "Create a Message" refuses, as code and sentence. */
function problemOf(
	accountSid: string,
	form: Record<string, unknown>,
	stopped: Set<string>,
): [code: number, message: string] | undefined {
	const { To, From, Body, MessagingServiceSid, ContentSid, ContentVariables } = form;
	const files = [form.MediaUrl ?? []].flat();
	if (typeof To !== 'string') return [21604, "A 'To' phone number is required."];
	if (!ADDRESS.test(To)) return [21211, `The 'To' number ${To} is not a valid phone number.`];
	const isWithService = MessagingServiceSid !== undefined;
	if (isWithService && MessagingServiceSid !== SENDERS.service) {
		return [21701, 'The Messaging Service does not exist.'];
	}
	if (typeof From !== 'string') {
		if (!isWithService) return [21603, "A 'From' phone number is required."];
	} else if (From.startsWith('whatsapp:') !== To.startsWith('whatsapp:')) {
		return [21910, 'Invalid From and To pair. From and To should be of the same channel'];
	} else if (From.startsWith('whatsapp:') && From !== SENDERS.whatsapp) {
		return [63007, 'Twilio could not find a Channel with the specified From address'];
	} else if (!sendersOf(accountSid).includes(From)) {
		return isWithService
			? [21711, `The 'From' number ${From} is not in the Messaging Service.`]
			: [21659, `'From' ${From} is not a Twilio phone number or Short Code country mismatch`];
	}
	if (stopped.has(`${String(From)} ${To}`)) {
		return [21610, 'Attempt to send to unsubscribed recipient'];
	}
	if (ContentSid === undefined && Body === undefined && files.length === 0) {
		return [21602, 'Message body is required.'];
	}
	if (typeof Body === 'string' && Body.length > LONGEST_BODY) {
		return [21617, 'The concatenated message body exceeds the 1600 character limit.'];
	}
	if (files.length > MOST_FILES) return [21623, 'Number of media files exceeds allowed limit'];
	if (files.some((file) => !/^https?:\/\//.test(String(file)))) {
		return [21620, 'Invalid media URL(s)'];
	}
	if (ContentSid !== undefined && !TEMPLATES.includes(String(ContentSid))) {
		return [21655, 'The ContentSid is Invalid'];
	}
	if (ContentVariables !== undefined && !isObject(String(ContentVariables))) {
		return [21656, 'The Content Variables parameter is invalid.'];
	}
	return undefined;
}

const sendersOf = (accountSid: string) =>
	accountSid === ACCOUNT ? [SENDERS.sms, SENDERS.whatsapp] : [SENDERS.subaccount];

function isObject(json: string): boolean {
	try {
		const value: unknown = JSON.parse(json);
		return typeof value === 'object' && value !== null && !Array.isArray(value);
	} catch {
		return false;
	}
}

function refusal(status: number, code: number, message: string): Reply {
	const more_info = `https://www.twilio.com/docs/errors/${code}`;
	return { status, body: { code, message, more_info, status } };
}

function basic(header: string | undefined): { name: string; password: string } | undefined {
	const encoded = /^Basic (.+)$/.exec(header ?? '')?.[1];
	if (encoded === undefined) return undefined;
	const [name = '', ...password] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
	return { name, password: password.join(':') };
}

function sign(url: string, parameters: Record<string, string>, token: string): string {
	const keys = Object.keys(parameters).sort();
	const text = keys.reduce((sum, key) => `${sum}${key}${parameters[key]}`, url);
	return createHmac('sha1', token).update(text, 'utf8').digest('base64');
}
