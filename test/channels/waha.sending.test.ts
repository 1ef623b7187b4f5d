import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChannelRequest } from '../../nodes/channels/channel';
import type { ChannelError } from '../../nodes/channels/errors';
import type { OutboundMessage, Recipient, SendTools } from '../../nodes/channels/sending';
import { waha } from '../../nodes/channels/waha';
import { caller } from '../standins/caller';
import { startWaha, type WahaStandIn } from '../standins/waha';
import { NOW, requestOf } from './requests';

const sending = waha.sending!;
const registration = waha.registration!;
const PHONE = '966500000001';
const LID = '200000000000001@lid';
const ARABIC = 'مرحباً سارة 👋🏽\n‏طلبك «#42» جاهز: https://example.com/ط?a=1&b=2  ';
const URL_OF_N8N = 'https://n8n.example.com/webhook/inbound';

let cloud: WahaStandIn;
beforeEach(async () => {
	cloud = await startWaha();
});
afterEach(() => cloud.close());

const recipient = (more: Partial<Recipient> = {}): Recipient => ({
	account: 'support',
	to: PHONE,
	context: {},
	lastInboundAt: NOW,
	...more,
});

function tools(more: Record<string, unknown> = {}): SendTools {
	const settings = { ...cloud.credential.data, ...more };
	const key = String(settings.apiKey);
	return {
		call: caller((call) => ({ ...call, headers: { ...call.headers, 'x-api-key': key } })),
		settings,
		now: NOW,
		key: 'a-key',
	};
}

const send = (message: Partial<OutboundMessage>, to = recipient(), more = {}) =>
	sending.send({ text: '', ...message }, to, tools(more));

const failureOf = async (sent: Promise<unknown>): Promise<ChannelError> =>
	await sent.then(
		() => {
			throw new Error('It was done');
		},
		(error: ChannelError) => error,
	);

describe('sending by WAHA', () => {
	it.each(['WEBJS', 'NOWEB', 'GOWS'] as const)(
		'sends the text as it is, byte by byte, and finds the ID in the answer of %s',
		async (engine) => {
			cloud.engine = engine;
			expect(await send({ text: ARABIC })).toEqual({ id: '3EB0000000000001', status: 'sent' });
			expect(cloud.delivered(PHONE)).toEqual([ARABIC]);
			const { rawBody } = cloud.received.at(-1)!;
			expect(rawBody.includes(Buffer.from(JSON.stringify(ARABIC), 'utf8'))).toBe(true);
			expect(cloud.messages[0]!.body).toEqual({
				session: 'support',
				chatId: `${PHONE}@c.us`,
				text: ARABIC,
			});
		},
	);

	it('names in its ID the message of which later events tell', async () => {
		const { id } = await send({ text: 'x' });
		const event = { event: 'message.ack', session: 'support' };
		const payload = { id: `true_${LID}_${id}`, fromMe: true, ackName: 'READ' };
		const [status] = waha.parse(requestOf({ ...event, payload }), {}).notices ?? [];
		expect(status).toMatchObject({ id, status: 'read' });
	});

	it('writes to a LID with its suffix, where there is no phone', async () => {
		await send({ text: 'x' }, recipient({ to: LID }));
		expect(cloud.messages[0]!.to).toBe(LID);
	});

	it('quotes a message in the chat in which it came', async () => {
		await send({ text: 'x', replyToMessageId: '3A1' }, recipient({ context: { chat: LID } }));
		await send({ text: 'x', replyToMessageId: '3A1' });
		await send({ text: 'x', replyToMessageId: `true_${LID}_3A1` });
		expect(cloud.messages.map(({ body }) => body.reply_to)).toEqual([
			`false_${LID}_3A1`,
			`false_${PHONE}@c.us_3A1`,
			`true_${LID}_3A1`,
		]);
	});

	it('sends a file by its bytes, with a caption', async () => {
		const bytes = Buffer.from([0, 255, 10, 13]);
		const file = { name: 'فاتورة.pdf', mimeType: 'application/pdf', bytes };
		await send({ text: ARABIC, media: { type: 'document', file } });
		expect(cloud.messages[0]).toMatchObject({
			call: 'sendFile',
			body: {
				file: {
					mimetype: 'application/pdf',
					filename: 'فاتورة.pdf',
					data: bytes.toString('base64'),
				},
				caption: ARABIC,
			},
		});
	});

	it.each([
		['image', 'a.png', 'sendImage', 'image/png', undefined],
		['image', 'a', 'sendImage', 'image/jpeg', undefined],
		['video', 'a.mp4', 'sendVideo', 'video/mp4', false],
		['video', 'a.mov', 'sendVideo', 'video/quicktime', true],
		['audio', 'a.ogg', 'sendVoice', 'audio/ogg; codecs=opus', false],
		['audio', 'a.mp3', 'sendVoice', 'audio/mpeg', true],
		['document', 'a.unknown', 'sendFile', 'application/octet-stream', undefined],
		['document', 'constructor', 'sendFile', 'application/octet-stream', undefined],
	] as const)('sends a file by its address: %s %s', async (type, name, call, mimetype, convert) => {
		const url = `https://files.example.com/${name}?v=1`;
		await send({ media: { type, url } });
		expect(cloud.messages[0]!.call).toBe(call);
		const { body } = cloud.messages[0]!;
		expect(body.file).toEqual({ mimetype, filename: name, url });
		expect(body.convert).toBe(convert);
		expect(cloud.delivered(PHONE)).toEqual(['']);
	});

	it.each([
		['+966 50 000-0001', PHONE],
		['00966500000001', PHONE],
		['966500000001', undefined],
		['0500000001', undefined],
		['ask her sister', undefined],
	])('finds who never wrote by %s', (phone, to) => {
		expect(sending.firstContact!(phone, {})).toEqual(
			to === undefined ? undefined : { account: 'default', to, context: {}, lastInboundAt: null },
		);
	});

	it('sends by the session of the credential, whatever the account is called', async () => {
		const settings = { accountName: 'Riyadh' };
		const first = sending.firstContact!(`+${PHONE}`, { ...cloud.credential.data, ...settings })!;
		expect(first.account).toBe('Riyadh');
		await send({ text: 'x' }, first, settings);
		expect(cloud.messages[0]!.body.session).toBe('support');
	});
});

describe('what goes wrong', () => {
	const GUESSED: Array<[number, string]> = [
		[400, 'rejected'],
		[403, 'unauthorized'],
		[413, 'rejected'],
		[422, 'rejected'],
		[429, 'rateLimited'],
		[500, 'unclear'],
		[502, 'unclear'],
		[503, 'unavailable'],
	];
	it.each(GUESSED)('status %i is %s', async (status, failure) => {
		cloud.answerNext({ status, body: '<html>' }, 4);
		const error = await failureOf(send({ text: 'secret text' }));
		expect(error).toMatchObject({ name: 'ChannelError', failure, providerCode: String(status) });
		expect(error.hint).toMatch(/\.$/);
		expect(cloud.received).toHaveLength(status === 429 ? 4 : 1);
	});

	it('is a wrong key', async () => {
		const error = await failureOf(send({ text: 'x' }, recipient(), { apiKey: 'wrong' }));
		expect(error.failure).toBe('unauthorized');
		expect(error.message + error.hint).not.toContain('wrong');
	});

	it('is a session that is not there', async () => {
		const error = await failureOf(send({ text: 'x' }, recipient(), { session: 'other' }));
		expect(error.failure).toBe('notFound');
		expect(error.hint).toContain('Session');
	});

	it('is a session that does not work', async () => {
		cloud.session.status = 'SCAN_QR_CODE';
		const error = await failureOf(send({ text: 'x' }));
		expect(error).toMatchObject({ failure: 'unavailable', providerCode: 'SCAN_QR_CODE' });
		expect(error.hint).toContain('scan the code');
	});

	it('is a contact that is not on WhatsApp', async () => {
		cloud.unknown.add(PHONE);
		const error = await failureOf(send({ text: 'secret text' }));
		expect(error.failure).toBe('notFound');
		expect(error.message + error.hint).not.toMatch(/secret|9665/);
	});

	it.each([
		['463', 'rejected', 'new contacts'],
		['475', 'rateLimited', 'new contacts'],
	])('is the limit %s of WhatsApp', async (code, failure, words) => {
		const exception = { name: 'Error', message: `2 UNKNOWN: server returned error ${code}` };
		cloud.answerNext({ status: 500, body: { statusCode: 500, exception } });
		const error = await failureOf(send({ text: 'x' }));
		expect(error).toMatchObject({ failure, providerCode: code });
		expect(error.message).toContain(words);
	});

	it('is what WAHA says in its own words, in one line', async () => {
		const message = "WAHA Core support only 'default' session.\n    at stack";
		cloud.answerNext({ status: 422, body: { statusCode: 422, message } });
		const error = await failureOf(send({ text: 'x' }));
		expect(error.failure).toBe('rejected');
		expect(error.message).toBe(
			"WAHA does not take the request: WAHA Core support only 'default' session",
		);
	});

	it.each([{}, null, 'OK', [], { id: {} }, { key: {} }])(
		'is an answer without an ID: %j',
		async (body) => {
			cloud.answerNext({ status: 201, body });
			expect((await failureOf(send({ text: 'x' }))).failure).toBe('unclear');
			expect(cloud.received).toHaveLength(1);
		},
	);

	it('is an answer that never came: the message is not sent again', async () => {
		cloud.hangUpNext();
		expect((await failureOf(send({ text: 'x' }))).failure).toBe('unclear');
		expect(cloud.messages).toHaveLength(1);
	});

	it('is a text with a voice message, which is said beforehand', () => {
		const media = { type: 'audio' as const, url: 'https://files.example.com/a.ogg' };
		expect(sending.problem!({ text: 'x', media }, recipient())).toMatch(/[^.]$/);
		expect(sending.problem!({ text: '', media }, recipient())).toBeUndefined();
	});

	it('is a field that is missing', async () => {
		expect(sending.missingSettings({})).toEqual(['Base URL', 'API Key']);
		expect(sending.missingSettings(cloud.credential.data)).toEqual([]);
		const error = await failureOf(send({ text: 'x' }, recipient(), { baseUrl: '' }));
		expect(error.message).toContain('Base URL');
	});
});

describe('the webhooks of a session', () => {
	const OTHER = { url: 'https://other.example.com', events: ['message'], hmac: null };
	const CONFIG = { metadata: { 'user.id': '7' }, proxy: { server: 'p:1' }, webhooks: [OTHER] };

	it('are more than one: ours stands beside the others, and the rest stays as it is', async () => {
		cloud.session.config = CONFIG;
		await registration.set(URL_OF_N8N, tools());
		const { metadata, proxy, webhooks } = cloud.session.config as Record<string, unknown>;
		expect({ metadata, proxy }).toEqual({ metadata: CONFIG.metadata, proxy: CONFIG.proxy });
		expect(webhooks).toEqual([
			OTHER,
			{
				url: URL_OF_N8N,
				events: [
					'message.any',
					'message.ack',
					'message.edited',
					'message.revoked',
					'message.reaction',
				],
				hmac: { key: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
				retries: { policy: 'exponential', delaySeconds: 2, attempts: 12 },
			},
		]);
		expect(await registration.current(tools())).toEqual([URL_OF_N8N]);
		await registration.remove!(URL_OF_N8N, tools());
		expect(cloud.session.config).toEqual(CONFIG);
		expect(cloud.restarts).toBe(2);
	});

	it('are left alone where nothing changes, since each change restarts the session', async () => {
		await registration.set(URL_OF_N8N, tools());
		await registration.set(URL_OF_N8N, tools());
		await registration.remove!('https://other.example.com', tools());
		expect(cloud.restarts).toBe(1);
	});

	it('are registered anew where the key or the events are others', async () => {
		await registration.set(URL_OF_N8N, tools());
		const [hook] = cloud.session.config!.webhooks as Array<Record<string, unknown>>;
		for (const change of [
			{ hmac: { key: 'other' } },
			{ hmac: null },
			{ events: ['message'] },
			{ events: [...(hook!.events as string[]), 'message'] },
		]) {
			cloud.session.config = { webhooks: [{ ...hook, ...change, customHeaders: [] }] };
			expect(await registration.current(tools())).toEqual([]);
			await registration.set(URL_OF_N8N, tools());
			expect(cloud.session.config.webhooks).toEqual([{ ...hook, customHeaders: [] }]);
		}
		cloud.session.config = { webhooks: [{ ...hook, hmac: { key: 'a-key-that-was-typed' } }] };
		expect(await registration.current(tools())).toEqual([URL_OF_N8N]);
	});

	it('are signed with a key that follows from the API key, or with the one that was typed', async () => {
		const keyFor = async (more: Record<string, unknown>) => {
			cloud.session.config = null;
			const call = tools().call;
			await registration.set(URL_OF_N8N, { ...tools(more), call });
			const [hook] = cloud.session.config!.webhooks as Array<{ hmac: { key: string } }>;
			return hook!.hmac.key;
		};
		const derived = await keyFor({});
		expect(await keyFor({ hmacSecret: '' })).toBe(derived);
		expect(await keyFor({ apiKey: 'another-key-of-waha' })).not.toBe(derived);
		expect(await keyFor({ apiKey: 'admin', hmacSecret: 'typed' })).toBe('typed');
		expect(await keyFor({ apiKey: '', hmacSecret: 'one, two' })).toBe('one');
		expect(derived).not.toContain(String(cloud.credential.data.apiKey));
		for (const apiKey of ['', 'admin', 'fifteen-letters']) {
			const error = await failureOf(keyFor({ apiKey, hmacSecret: '' }));
			expect(error).toMatchObject({ failure: 'rejected' });
			expect(error.hint).toContain('16 characters');
		}
	});

	it('bring messages that are believed and read', async () => {
		const posted: ChannelRequest[] = [];
		const n8n = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const { headers } = request;
				posted.push({ ...requestOf(Buffer.concat(chunks)), headers });
				response.end();
			});
		});
		await new Promise<void>((resolve) => n8n.listen(0, '127.0.0.1', resolve));
		const url = `http://127.0.0.1:${(n8n.address() as AddressInfo).port}/webhook`;
		const message = { from: '1', id: '3A1', text: ARABIC, name: 'سارة' };
		await cloud.customerWrites(url, message);
		await registration.set(url, tools());
		await cloud.customerWrites(url, message);
		n8n.close();
		const { apiKey } = cloud.credential.data;
		expect(posted.map((request) => waha.verify(request, { apiKey }).ok)).toEqual([false, true]);
		expect(waha.parse(posted[1]!, {}).messages).toMatchObject([
			{
				kind: 'message',
				id: '3A1',
				text: ARABIC,
				contact: { name: 'سارة', phone: '+966500000001' },
			},
		]);
	});

	it('are never written over with a configuration that could not be read', async () => {
		for (const body of ['<html>', [], { config: 'x' }]) {
			cloud.answerNext({ body });
			expect((await failureOf(registration.set(URL_OF_N8N, tools()))).failure).toBe('unclear');
			cloud.answerNext({ body });
			expect((await failureOf(registration.remove!(URL_OF_N8N, tools()))).failure).toBe('unclear');
		}
		expect(cloud.restarts).toBe(0);
	});

	it('say what is wrong', async () => {
		const wrong = tools({ apiKey: 'wrong' });
		expect((await failureOf(registration.current(wrong))).failure).toBe('unauthorized');
		const nowhere = tools({ session: 'nowhere' });
		expect((await failureOf(registration.set(URL_OF_N8N, nowhere))).failure).toBe('notFound');
	});

	it('have the address of n8n as it is', () => {
		expect(registration.address(URL_OF_N8N, { apiKey: 'k' })).toBe(URL_OF_N8N);
	});
});
