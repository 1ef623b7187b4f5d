import { ConversationTwilioApi } from '../../credentials/ConversationTwilioApi.credentials';
import type { ChannelError } from '../../nodes/channels/errors';
import type { OutboundMessage, Recipient, SendTools } from '../../nodes/channels/sending';
import { twilio } from '../../nodes/channels/twilio';
import { callerOf } from '../../nodes/channels/twilio/settings';
import { caller } from '../standins/caller';
import { startTwilio, type TwilioStandIn } from '../standins/twilio';
import { expectSoundness, NOW, requestOf } from './requests';
import { receiverOf, type Receiver } from './twilioReceiver';

const CUSTOMER = '+12025550143';
const ARABIC = 'مرحبا 🙏🏽\u200f أهلاً\n١٢٣ & 50% + "x" <b>';
const HINT = expect.stringMatching(/\w/);

const sending = twilio.sending!;
let cloud: TwilioStandIn;

beforeEach(async () => {
	cloud = await startTwilio();
});
afterEach(async () => await cloud.close());

const settingsWith = (more: Record<string, unknown> = {}) => ({
	...cloud.credential.data,
	...more,
});

function toolsWith(settings: Record<string, unknown>): SendTools {
	const call = caller((plain) => {
		const who = callerOf(settings);
		if (!who) return plain;
		const basic = Buffer.from(`${who.username}:${who.password}`, 'utf8').toString('base64');
		return { ...plain, headers: { ...plain.headers, authorization: `Basic ${basic}` } };
	});
	return { call, settings, now: NOW, key: 'message-1' };
}

const recipientOf = (from: string, to = CUSTOMER, accountSid = cloud.accountSid): Recipient => ({
	account: `${accountSid}:${from}`,
	to,
	context: {},
	lastInboundAt: NOW,
});
const bySms = () => recipientOf(cloud.senders.sms);
const byWhatsApp = () => recipientOf(cloud.senders.whatsapp, `whatsapp:${CUSTOMER}`);

const send = async (
	message: Partial<OutboundMessage>,
	recipient = bySms(),
	settings = settingsWith(),
) => await sending.send({ text: '', ...message }, recipient, toolsWith(settings));

const failureOf = async (sent: Promise<unknown>) =>
	await sent.then(
		() => {
			throw new Error('It was sent');
		},
		(error: ChannelError) => error,
	);

/** The form of the newest call, as it came over the wire. */
const lastForm = () => cloud.received.at(-1)?.body as Record<string, unknown>;

describe('sending by Twilio', () => {
	it('answers by SMS from the number that was written to, letter by letter', async () => {
		const sent = await send({ text: ARABIC });
		expect(sent).toEqual({ id: cloud.taken[0]?.sid, status: 'sent' });
		expect(lastForm()).toEqual({ To: CUSTOMER, From: cloud.senders.sms, Body: ARABIC });
		expect(cloud.received[0]?.rawBody.toString('utf8')).toContain('%D9%85%D8%B1');
	});

	it('answers by WhatsApp from the same number', async () => {
		await send({ text: 'Hello' }, byWhatsApp());
		expect(lastForm()).toEqual({
			To: `whatsapp:${CUSTOMER}`,
			From: cloud.senders.whatsapp,
			Body: 'Hello',
		});
	});

	it('answers whoever wrote, by what the parser found', async () => {
		for (const name of [undefined, 'سارة']) {
			const receiver = await receiverOf(settingsWith());
			await cloud.customerWrites(receiver.url, { from: '7', id: '1', text: 'x', name });
			await receiver.close();
			const [message] = receiver.messages;
			const { account = '', contact } = message ?? {};
			const to = contact?.replyTo ?? '';
			await send({ text: ARABIC }, { account, to, context: {}, lastInboundAt: NOW });
		}
		expect(cloud.delivered('7')).toEqual([ARABIC, ARABIC]);
		expect(cloud.taken.map(({ from }) => from)).toEqual([
			cloud.senders.sms,
			cloud.senders.whatsapp,
		]);
	});

	it('sends a file by its address, with a text', async () => {
		const url = 'https://example.com/صورة.png?a=1&b=2';
		const sent = await send({ text: 'صورة', media: { type: 'image', url } });
		expect(sent.id).toMatch(/^MM/);
		expect(lastForm()).toMatchObject({ Body: 'صورة', MediaUrl: url });
		await send({ media: { type: 'document', url } });
		expect(lastForm()).not.toHaveProperty('Body');
	});

	it('sends a Content template with its values, by place and by name', async () => {
		const name = `HX${'e'.repeat(32)}`;
		const template = { name, language: 'ar', parameters: [{ value: 'سارة "S"' }, { value: '42' }] };
		await send({ text: 'left out', template }, byWhatsApp());
		expect(lastForm()).toEqual({
			To: `whatsapp:${CUSTOMER}`,
			From: cloud.senders.whatsapp,
			ContentSid: name,
			ContentVariables: JSON.stringify({ 1: 'سارة "S"', 2: '42' }),
		});
		const byName = { ...template, parameters: [{ name: 'who', value: 'x' }] };
		await send({ template: byName }, byWhatsApp());
		expect(lastForm().ContentVariables).toBe('{"who":"x"}');
		await send({ template: { ...template, parameters: [] } }, byWhatsApp());
		expect(lastForm()).not.toHaveProperty('ContentVariables');
	});

	it('sends from a Messaging Service, and knows the message by it afterwards', async () => {
		const settings = settingsWith({ sender: cloud.senders.service });
		const first = sending.firstContact?.(CUSTOMER, settings);
		expect(first?.account).toBe(`${cloud.accountSid}:${cloud.senders.service}`);
		const sent = await send({ text: 'Hello' }, first, settings);
		expect(lastForm()).toEqual({
			To: CUSTOMER,
			MessagingServiceSid: cloud.senders.service,
			Body: 'Hello',
		});
		const body = `MessageSid=${sent.id}&MessageStatus=delivered&AccountSid=${cloud.accountSid}&From=%2B12025550177&MessagingServiceSid=${cloud.senders.service}`;
		expect(twilio.parse(requestOf(body), settings).notices).toMatchObject([
			{ account: first?.account, id: sent.id, status: 'delivered' },
			{ account: `${cloud.accountSid}:+12025550177`, id: sent.id, status: 'delivered' },
		]);
	});

	it('answers from the number of a Messaging Service with the settings of the service', async () => {
		const { sms, service } = cloud.senders;
		const context = { messagingServiceSid: service };
		await send({ text: 'x' }, { ...bySms(), context });
		expect(lastForm()).toEqual({
			To: CUSTOMER,
			From: sms,
			MessagingServiceSid: service,
			Body: 'x',
		});
		const elsewhere = { ...recipientOf('+12025550111'), context };
		expect(await failureOf(send({ text: 'x' }, elsewhere))).toMatchObject({
			failure: 'rejected',
			providerCode: '21711',
		});
		await send({ text: 'x' }, { ...bySms(), context: { messagingServiceSid: 'MG1' } });
		expect(lastForm()).not.toHaveProperty('MessagingServiceSid');
	});

	it('sends from the number of a subaccount with the credential of the main account', async () => {
		const { subaccount } = cloud.senders;
		await send({ text: 'Hello' }, recipientOf(subaccount, CUSTOMER, cloud.subaccountSid));
		expect(cloud.received[0]?.path).toContain(`/Accounts/${cloud.subaccountSid}/`);
		expect(cloud.taken).toMatchObject([{ accountSid: cloud.subaccountSid, from: subaccount }]);
	});

	it('asks for a report on what becomes of a message, where the address is known', async () => {
		const webhookUrl = 'https://bots.example.com/webhook/1';
		await send({ text: 'x' }, bySms(), settingsWith({ webhookUrl }));
		expect(lastForm().StatusCallback).toBe(webhookUrl);
		for (const beginning of ['https://bots.example.com', 'https://bots.example.com/', 'bots']) {
			await send({ text: 'x' }, bySms(), settingsWith({ webhookUrl: beginning }));
			expect(lastForm()).not.toHaveProperty('StatusCallback');
		}
	});

	it('puts no secret into the address or the body', async () => {
		await send({ text: 'x' }, bySms(), settingsWith({ apiKeySecret: 'not used' }));
		const [call] = cloud.received;
		expect(`${call?.path}${JSON.stringify(call?.query)}${call?.rawBody.toString()}`).not.toMatch(
			new RegExp(`${cloud.authToken}|not used`),
		);
	});

	it('calls no other address, whatever the account is named', async () => {
		const recipient = recipientOf(cloud.senders.sms, CUSTOMER, '../../x?y#');
		expect(await failureOf(send({ text: 'x' }, recipient))).toMatchObject({ failure: 'notFound' });
		expect(cloud.received[0]?.path).toBe('/2010-04-01/Accounts/..%2F..%2Fx%3Fy%23/Messages.json');
	});

	it('falls back on the sender of the credential for an account of another kind', async () => {
		await send({ text: 'x' }, { ...bySms(), account: 'default' });
		expect(lastForm().From).toBe(cloud.senders.sms);
		const nowhere = settingsWith({ sender: '' });
		const error = await failureOf(send({ text: 'x' }, { ...bySms(), account: 'default' }, nowhere));
		expect(error).toMatchObject({ failure: 'rejected', hint: expect.stringContaining('Sender') });
	});
});

describe('who calls', () => {
	const authenticated = async (credentials: Record<string, string>) => {
		const { authenticate } = new ConversationTwilioApi();
		if (typeof authenticate !== 'function') throw new Error('It is no function');
		return await authenticate(credentials, { url: 'https://api.twilio.com/x' });
	};

	it('is the account with its first auth token', async () => {
		expect(await authenticated({ accountSid: ' AC1 ', authToken: 'new,\nold' })).toEqual({
			url: 'https://api.twilio.com/x',
			auth: { username: 'AC1', password: 'new' },
		});
	});

	it('is an API key, where one is entered with its secret', async () => {
		const account = { accountSid: 'AC1', authToken: 't' };
		const key = { ...account, apiKeySid: 'SK1', apiKeySecret: 's' };
		expect(await authenticated(key)).toMatchObject({ auth: { username: 'SK1', password: 's' } });
		const half = { ...account, apiKeySid: 'SK1', apiKeySecret: '' };
		expect(await authenticated(half)).toMatchObject({ auth: { username: 'AC1', password: 't' } });
		expect(await authenticated({ accountSid: 'AC1' })).toEqual({ url: 'https://api.twilio.com/x' });
	});

	it('may be an API key when sending', async () => {
		const { sid, secret } = cloud.apiKey;
		const settings = settingsWith({ authToken: '', apiKeySid: sid, apiKeySecret: secret });
		expect(sending.missingSettings(settings)).toEqual([]);
		await send({ text: 'x' }, bySms(), settings);
		expect(cloud.taken).toHaveLength(1);
	});

	it.each<[Record<string, string>, string[]]>([
		[{}, ['Account SID', 'Auth Token']],
		[{ accountSid: 'AC1', authToken: ' , ' }, ['Auth Token']],
		[{ accountSid: 'AC1', apiKeySid: 'SK1', authToken: 't' }, ['API Key Secret']],
		[{ accountSid: 'AC1', apiKeySecret: 's' }, ['API Key SID']],
		[{ authToken: 't' }, ['Account SID']],
		[{ accountSid: 'AC1', authToken: 't' }, []],
	])('needs of %j also %j', (settings, missing) => {
		expect(sending.missingSettings(settings)).toEqual(missing);
	});
});

describe('what Twilio refuses', () => {
	const withCode = (status: number, code: number, message = 'x') => {
		const more_info = `https://www.twilio.com/docs/errors/${code}`;
		cloud.answerNext({ status, body: { code, message, more_info, status } });
		return failureOf(send({ text: 'x' }));
	};

	it('is the credential, and says nothing of it', async () => {
		const settings = settingsWith({ authToken: 'wrong-token' });
		const error = await failureOf(send({ text: 'x' }, bySms(), settings));
		expect(error).toMatchObject({ failure: 'unauthorized', providerCode: '20003' });
		expect(`${error.message} ${error.hint}`).not.toContain('wrong-token');
		expect(error.hint).toContain('Auth Token');
	});

	it('is an API key of another account', async () => {
		const { sid, secret } = cloud.apiKey;
		const settings = settingsWith({ apiKeySid: sid, apiKeySecret: secret });
		const recipient = recipientOf(cloud.senders.subaccount, CUSTOMER, cloud.subaccountSid);
		const error = await failureOf(send({ text: 'x' }, recipient, settings));
		expect(error).toMatchObject({ failure: 'notFound', providerCode: '20404' });
	});

	it('is a contact who wrote STOP, until START', async () => {
		const receiver = await receiverOf(settingsWith());
		const write = async (id: string, text: string) =>
			await cloud.customerWrites(receiver.url, { from: CUSTOMER.slice(1), id, text });
		await write('1', 'STOP');
		const error = await failureOf(send({ text: 'x' }));
		expect(error).toMatchObject({
			failure: 'optedOut',
			providerCode: '21610',
			optOut: 'stop',
			hint: HINT,
		});
		await write('2', 'START');
		await send({ text: 'back' });
		await receiver.close();
		expect(cloud.delivered(CUSTOMER.slice(1))).toEqual(['back']);
		expect(receiver.notices).toMatchObject([{ kind: 'optOut' }, { kind: 'optIn' }]);
		expect(receiver.messages.map(({ neverOpens }) => neverOpens)).toEqual([true, undefined]);
	});

	it.each<[string, () => Recipient, Partial<OutboundMessage>, string, string]>([
		[
			'a number that is none',
			() => recipientOf(cloud.senders.sms, 'INFO'),
			{},
			'notFound',
			'21211',
		],
		['a sender of others', () => recipientOf('+12025550111'), {}, 'rejected', '21659'],
		[
			'a WhatsApp sender of others',
			() => recipientOf('whatsapp:+12025550111', `whatsapp:${CUSTOMER}`),
			{},
			'rejected',
			'63007',
		],
		['nothing to say', bySms, { text: '' }, 'rejected', '21602'],
		['a text that is too long', bySms, { text: 'x'.repeat(1601) }, 'rejected', '21617'],
		[
			'a file without an address of the web',
			bySms,
			{ media: { type: 'image', url: 'ftp://x' } },
			'rejected',
			'21620',
		],
		[
			'a template that is not there',
			byWhatsApp,
			{ template: { name: `HX${'0'.repeat(32)}`, language: 'en', parameters: [] } },
			'rejected',
			'21655',
		],
	])('is %s', async (_what, recipient, message, failure, providerCode) => {
		const error = await failureOf(send({ text: 'x', ...message }, recipient()));
		expect(error).toMatchObject({ name: 'ChannelError', failure, providerCode, hint: HINT });
		expect(error.message).toMatch(/^[A-Z].*[^.]$/);
		expect(cloud.taken).toEqual([]);
	});

	it.each<[number, number, string]>([
		[400, 63016, 'windowClosed'],
		[400, 21408, 'unauthorized'],
		[400, 21608, 'unauthorized'],
		[400, 21614, 'notFound'],
		[400, 30007, 'rejected'],
		[400, 63014, 'optedOut'],
		[400, 63018, 'rateLimited'],
		[400, 30034, 'rejected'],
		[403, 20003, 'unauthorized'],
		[500, 20500, 'unclear'],
		[503, 20503, 'unavailable'],
		[404, 12345, 'notFound'],
		[400, 12345, 'rejected'],
	])('with HTTP %i and code %i means %s %s', async (status, code, failure) => {
		const error = await withCode(status, code);
		expect(error).toMatchObject({ failure, providerCode: String(code), hint: HINT });
		expect(error.optOut).toBe(failure === 'optedOut' ? 'blocked' : undefined);
	});

	it('in words of its own is passed on without phone numbers', async () => {
		const error = await withCode(400, 12345, `Cannot route +1 (202) 555-0143 to ${CUSTOMER} now`);
		expect(error.message).toBe('Twilio refused the message: Cannot route … to … now');
	});

	it('for too many calls is tried again, and told in the end', async () => {
		const busy = { status: 429, body: { code: 20429, message: 'Too Many Requests', status: 429 } };
		cloud.answerNext(busy, 2);
		await send({ text: 'x' });
		expect(cloud.received).toHaveLength(3);
		cloud.allowCalls(0);
		const error = await failureOf(send({ text: 'y' }));
		expect(error).toMatchObject({ failure: 'rateLimited', providerCode: '20429' });
		expect(cloud.taken.map(({ body }) => body)).toEqual(['x']);
	});

	it('after taking the message is an error, too', async () => {
		const body = { sid: 'SM1', status: 'failed', error_code: 63016, error_message: 'x' };
		cloud.answerNext({ status: 201, body });
		expect(await failureOf(send({ text: 'x' }, byWhatsApp()))).toMatchObject({
			failure: 'windowClosed',
			providerCode: '63016',
		});
	});

	it.each([['text'], [{}], [{ sid: '' }], [null], [[]]])(
		'is not told by the answer %j: then it is unclear',
		async (body) => {
			cloud.answerNext({ status: 200, body });
			expect(await failureOf(send({ text: 'x' }))).toMatchObject({ failure: 'unclear' });
		},
	);

	it('is unknown when no answer comes, and the message is not sent twice', async () => {
		cloud.hangUpNext();
		expect(await failureOf(send({ text: 'x' }))).toMatchObject({ failure: 'unclear' });
		expect(cloud.taken).toHaveLength(1);
	});
});

describe('what is known before sending', () => {
	const problemOf = (message: Partial<OutboundMessage>, recipient = byWhatsApp()) =>
		sending.problem?.({ text: '', ...message }, recipient);
	const url = 'https://example.com/1';

	it('is that WhatsApp shows no text with a document or an audio file', () => {
		for (const type of ['document', 'audio'] as const) {
			expect(problemOf({ text: 'x', media: { type, url } })).toContain('message of its own');
			expect(problemOf({ media: { type, url } })).toBeUndefined();
			expect(problemOf({ text: 'x', media: { type, url } }, bySms())).toBeUndefined();
		}
		expect(problemOf({ text: 'x', media: { type: 'image', url } })).toBeUndefined();
	});

	it('is what a template must be', () => {
		const template = { name: 'order_ready', language: 'en', parameters: [] };
		expect(problemOf({ template })).toContain('HX');
		const right = { ...template, name: `HX${'0a'.repeat(16)}` };
		expect(problemOf({ template: right })).toBeUndefined();
		expect(problemOf({ template: right, media: { type: 'image', url } })).toContain('file');
	});

	it('is the 24 hours of WhatsApp, and none for text messages', () => {
		expect(sending.window?.(byWhatsApp())).toMatchObject({ hours: 24, templatesAfter: true });
		expect(sending.window?.(bySms())).toBeUndefined();
	});

	it.each([
		['+12025550100', CUSTOMER, CUSTOMER],
		['whatsapp:+12025550100', CUSTOMER, `whatsapp:${CUSTOMER}`],
		['whatsapp:+12025550100', CUSTOMER.replace('+', '00'), `whatsapp:${CUSTOMER}`],
	])('is how to reach from %s first: %s', (sender, phone, to) => {
		expect(sending.firstContact?.(phone, settingsWith({ sender }))).toEqual({
			account: `${cloud.accountSid}:${sender}`,
			to,
			context: {},
			lastInboundAt: null,
		});
	});

	it('is that nobody is reached first without a sender, or without a number', () => {
		expect(sending.firstContact?.(CUSTOMER, settingsWith({ sender: '' }))).toBeUndefined();
		expect(sending.firstContact?.('2025550143', settingsWith())).toBeUndefined();
		const page = settingsWith({ sender: 'messenger:1042' });
		expect(sending.firstContact?.(CUSTOMER, page)).toBeUndefined();
	});
});

describe('receiving from the stand-in', () => {
	let receiver: Receiver;

	beforeEach(async () => {
		receiver = await receiverOf(settingsWith());
	});
	afterEach(async () => await receiver.close());

	it('takes what is signed, and answers with TwiML', async () => {
		const written = { from: '42', id: '9', text: ARABIC, name: 'سارة' };
		const { status, body } = await cloud.customerWrites(receiver.url, written);
		expect({ status, body }).toEqual({ status: 200, body: twilio.answer?.body });
		expect(receiver.messages).toMatchObject([
			{ id: `SM${'9'.padStart(32, '0')}`, text: ARABIC, contact: { name: 'سارة' } },
		]);
		expectSoundness({ messages: receiver.messages, ignored: [], malformed: [] });
	});

	it('refuses what another account signed', async () => {
		const parameters = { MessageSid: 'SM1', From: CUSTOMER, To: '+1', Body: 'x' };
		expect((await cloud.posts(receiver.url, parameters, 'other')).status).toBe(401);
		expect(receiver.messages).toEqual([]);
	});

	it('must not answer with JSON, which Twilio cannot read', async () => {
		receiver.answers = { contentType: 'application/json', body: '{"received":1}' };
		const written = { from: '1', id: '1', text: 'x' };
		await expect(cloud.customerWrites(receiver.url, written)).rejects.toThrow('12300');
	});

	it('hears what became of a message', async () => {
		const { id } = await send({ text: 'x' });
		for (const status of ['sending', 'sent', 'delivered']) {
			await cloud.posts(receiver.url, {
				MessageSid: id,
				SmsSid: id,
				MessageStatus: status,
				SmsStatus: status,
				AccountSid: cloud.accountSid,
				From: cloud.senders.sms,
				To: CUSTOMER,
			});
		}
		expect(receiver.notices).toMatchObject(
			['sent', 'delivered'].map((status) => ({ id, status, account: bySms().account })),
		);
	});
});
