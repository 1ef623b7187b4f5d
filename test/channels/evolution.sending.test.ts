import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { evolution } from '../../nodes/channels/evolution';
import type { ChannelError } from '../../nodes/channels/errors';
import type { OutboundMessage, Recipient, SendTools } from '../../nodes/channels/sending';
import { caller } from '../standins/caller';
import { startEvolution, type EvolutionStandIn } from '../standins/evolution';
import { NOW } from './requests';

const sending = evolution.sending!;
const registration = evolution.registration!;
const PHONE = '966500000001';
const LID = '200000000000001@lid';
const ARABIC = 'مرحباً سارة 👋🏽\n‏طلبك «#42» جاهز: https://example.com/ط?a=1&b=2  ';
const URL_OF_N8N = 'https://n8n.example.com/webhook/inbound';

let cloud: EvolutionStandIn;
const start = async (version?: 1 | 2) => (cloud = await startEvolution(version));
beforeEach(() => start());
afterEach(() => cloud.close());

const recipient = (more: Partial<Recipient> = {}): Recipient => ({
	account: String(cloud.credential.data.instanceName),
	to: PHONE,
	context: {},
	lastInboundAt: NOW,
	...more,
});

function tools(more: Record<string, unknown> = {}): SendTools {
	const settings = { ...cloud.credential.data, ...more };
	const apikey = String(settings.apiKey);
	return {
		call: caller((call) => ({ ...call, headers: { ...call.headers, apikey } })),
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

const last = () => cloud.received.at(-1)!;

describe.each([1, 2] as const)('sending by Evolution API %i', (version) => {
	beforeEach(async () => {
		await cloud.close();
		await start(version);
	});

	it('sends the text as it is, byte by byte', async () => {
		expect(await send({ text: ARABIC })).toEqual({ id: 'BAE5000000000001', status: 'sent' });
		expect(cloud.delivered(PHONE)).toEqual([ARABIC]);
		expect(last().rawBody.includes(Buffer.from(JSON.stringify(ARABIC), 'utf8'))).toBe(true);
		expect(last().path).toBe('/message/sendText/support%20desk%2F1');
	});

	it('asks once, and version 1 a second time', async () => {
		await send({ text: 'x' });
		expect(cloud.received).toHaveLength(version === 2 ? 1 : 2);
		expect(cloud.messages).toHaveLength(1);
	});

	it('quotes a message', async () => {
		await send({ text: 'x', replyToMessageId: '3EB0FIX1' });
		const { body } = cloud.messages[0]!;
		const quoted = { key: { id: '3EB0FIX1' } };
		expect(body).toMatchObject(version === 2 ? { quoted } : { options: { quoted } });
	});

	it('sends a file by its bytes, with a caption', async () => {
		const bytes = Buffer.from([0, 255, 10, 13]);
		const file = { name: 'فاتورة.pdf', mimeType: 'application/pdf', bytes };
		await send({ text: ARABIC, media: { type: 'document', file } });
		const { body } = cloud.messages[0]!;
		expect(version === 2 ? body : body.mediaMessage).toMatchObject({
			mediatype: 'document',
			media: bytes.toString('base64'),
			fileName: 'فاتورة.pdf',
			caption: ARABIC,
		});
	});

	it('sends a file by its address, without a caption', async () => {
		const url = 'https://files.example.com/a/photo%20one.png?v=1';
		await send({ media: { type: 'image', url } });
		const { body } = cloud.messages[0]!;
		const content = (version === 2 ? body : body.mediaMessage) as Record<string, unknown>;
		expect(content).toMatchObject({ mediatype: 'image', media: url, fileName: 'photo one.png' });
		expect(content).not.toHaveProperty('caption');
		if (version === 2) expect(content.mimetype).toBe('image/png');
	});

	it('sends a sound as a voice message', async () => {
		const url = 'https://files.example.com/a.mp3';
		await send({ media: { type: 'audio', url } });
		const { call, body } = cloud.messages[0]!;
		expect(call).toBe('sendWhatsAppAudio');
		expect(version === 2 ? body : body.audioMessage).toMatchObject({ audio: url });
	});

	it('registers, and removes what it registered', async () => {
		const address = registration.address(URL_OF_N8N, cloud.credential.data);
		expect(await registration.current(tools())).toEqual([]);
		await registration.set(address, tools());
		expect(await registration.current(tools())).toEqual([address]);
		expect(cloud.registered()).toEqual([address]);
		const events = ['MESSAGES_UPSERT', 'MESSAGES_UPDATE', 'MESSAGES_DELETE', 'SEND_MESSAGE'];
		expect(cloud.webhook).toMatchObject(
			version === 2
				? {
						events: [...events, 'MESSAGES_EDITED'],
						headers: { 'x-webhook-secret': new URL(address).searchParams.get('token') },
						webhookByEvents: false,
						webhookBase64: false,
					}
				: { events, webhook_by_events: false, webhook_base64: false },
		);
		await registration.remove!(address, tools());
		expect(cloud.registered()).toEqual([]);
	});
});

describe('the recipient', () => {
	it('is a LID with its suffix, where there is no phone', async () => {
		await send({ text: 'x' }, recipient({ to: LID }));
		expect(cloud.messages[0]!.body.number).toBe(LID);
	});

	it.each([
		['+966 50 000-0001', PHONE],
		['00966500000001', PHONE],
		['966500000001', undefined],
		['0500000001', undefined],
		['ask her sister', undefined],
	])('who never wrote is found by %s', (phone, to) => {
		const found = sending.firstContact!(phone, { instanceName: 'support' });
		expect(found).toEqual(
			to === undefined ? undefined : { account: 'support', to, context: {}, lastInboundAt: null },
		);
		expect(sending.firstContact!(phone, {})).toBeUndefined();
	});

	it('is written to by the instance of the credential, whatever the account is called', async () => {
		const settings = { accountName: 'Riyadh' };
		const first = sending.firstContact!(`+${PHONE}`, { ...cloud.credential.data, ...settings })!;
		expect(first.account).toBe('Riyadh');
		await send({ text: 'x' }, first, settings);
		expect(last().path).toBe('/message/sendText/support%20desk%2F1');
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
		[504, 'unclear'],
	];
	it.each(GUESSED)('status %i is %s', async (status, failure) => {
		cloud.answerNext({ status, body: '<html>' }, 4);
		const error = await failureOf(send({ text: 'secret text' }));
		expect(error).toMatchObject({ name: 'ChannelError', failure, providerCode: String(status) });
		expect(error.hint).toMatch(/\.$/);
		expect(error.message + error.hint).not.toContain('secret text');
		expect(cloud.received).toHaveLength(status === 429 ? 4 : 1);
	});

	it('is a wrong key', async () => {
		const error = await failureOf(send({ text: 'x' }, recipient(), { apiKey: 'wrong' }));
		expect(error.failure).toBe('unauthorized');
		expect(error.hint).toContain('API Key');
		expect(error.message + error.hint).not.toContain('wrong');
	});

	it('is an instance that is not there', async () => {
		const error = await failureOf(send({ text: 'x' }, recipient(), { instanceName: 'other' }));
		expect(error).toMatchObject({ failure: 'notFound', providerCode: '404' });
		expect(error.hint).toContain('Instance Name');
	});

	it('is a contact that is not on WhatsApp, or whom this version cannot reach', async () => {
		cloud.unknown.add(PHONE).add(LID);
		for (const to of [PHONE, LID]) {
			const error = await failureOf(send({ text: 'x' }, recipient({ to })));
			expect(error.failure).toBe('notFound');
			expect(error.hint).toContain('2.3.6');
			expect(error.message).not.toContain(to);
		}
	});

	it('is a server without a licence, which is not asked again', async () => {
		cloud.licensed = false;
		const error = await failureOf(send({ text: 'x' }));
		expect(error).toMatchObject({ failure: 'rejected', providerCode: 'LICENSE_REQUIRED' });
		expect(error.message).toContain('Service not activated. License required');
		expect(cloud.received).toHaveLength(1);
	});

	it('is a phone that is not linked', async () => {
		cloud.connected = false;
		const error = await failureOf(send({ text: 'x' }));
		expect(error.failure).toBe('unavailable');
		expect(error.message).toContain('not connected');
	});

	it('is a file that it does not take', async () => {
		const url = 'http://127.0.0.1:9000/a.png';
		const error = await failureOf(send({ media: { type: 'image', url } }));
		expect(error.failure).toBe('rejected');
		expect(error.message).toContain('Owned media must be a url or base64');
		expect(error.hint).toContain('public');
	});

	it('is a database that failed after the message went out, and quotes it', async () => {
		const quote = 'PrismaClientKnownRequestError: \nInvalid invocation: {conversation: "secret"}';
		const message = ['Something', quote];
		cloud.answerNext({ status: 400, body: { status: 400, response: { message } } });
		const error = await failureOf(send({ text: 'secret' }));
		expect(error.failure).toBe('unclear');
		expect(error.message + error.hint).not.toContain('secret');
	});

	it.each([{}, null, 'OK', [], { key: {} }, { key: { id: '' } }])(
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

	it('is a server that is not there', async () => {
		const baseUrl = await unusedUrl();
		expect((await failureOf(send({ text: 'x' }, recipient(), { baseUrl }))).failure).toBe(
			'unavailable',
		);
	});

	it('is a text with a voice message, which is said beforehand', () => {
		const media = { type: 'audio' as const, url: 'https://files.example.com/a.ogg' };
		expect(sending.problem!({ text: 'x', media }, recipient())).toMatch(/[^.]$/);
		expect(sending.problem!({ text: '', media }, recipient())).toBeUndefined();
		const image = { ...media, type: 'image' as const };
		expect(sending.problem!({ text: 'x', media: image }, recipient())).toBeUndefined();
	});

	it('is a field that is missing', async () => {
		expect(sending.missingSettings({})).toEqual(['Base URL', 'API Key', 'Instance Name']);
		expect(sending.missingSettings(cloud.credential.data)).toEqual([]);
		const error = await failureOf(send({ text: 'x' }, recipient(), { baseUrl: ' ' }));
		expect(error.message).toContain('Base URL');
	});
});

describe('the webhook of an instance', () => {
	const address = () => registration.address(URL_OF_N8N, cloud.credential.data);

	it('has a token that follows from the API key alone', () => {
		expect(address()).toBe(
			registration.address(URL_OF_N8N, { apiKey: cloud.credential.data.apiKey }),
		);
		expect(address()).not.toBe(
			registration.address(URL_OF_N8N, { apiKey: 'another-key-of-evolution' }),
		);
		expect(registration.address(`${URL_OF_N8N}?a=1`, { apiKey: 'k'.repeat(16) })).toMatch(
			/\?a=1&token=\w{64}$/,
		);
		expect(registration.address(URL_OF_N8N, {})).toBe(URL_OF_N8N);
	});

	it.each(['admin', 'fifteen-letters', '429683C4C977415CAAFCCE10F7D57E11'])(
		'has the typed secret where the API key is easy to guess: %s',
		async (apiKey) => {
			expect(registration.address(URL_OF_N8N, { apiKey })).toBe(URL_OF_N8N);
			const settings = { apiKey, webhookSecret: 'typed, older' };
			expect(registration.address(URL_OF_N8N, settings)).toBe(`${URL_OF_N8N}?token=typed`);
			const { call } = tools();
			await registration.set(`${URL_OF_N8N}?token=typed`, { ...tools(settings), call });
			expect(cloud.webhook).toMatchObject({ headers: { 'x-webhook-secret': 'typed' } });
		},
	);

	it('is registered anew where the same address is registered in another way', async () => {
		await registration.set(address(), tools());
		const ours = cloud.webhook!;
		expect(await registration.current(tools(), address())).toEqual([address()]);
		for (const changed of [
			{ headers: null },
			{ headers: { 'x-webhook-secret': 'other' } },
			{ webhookByEvents: true },
			{ events: ['MESSAGES_UPSERT'] },
		]) {
			cloud.webhook = { ...ours, ...changed };
			expect(await registration.current(tools(), address())).toEqual([]);
			await registration.set(address(), tools());
			expect(cloud.webhook).toEqual(ours);
		}
	});

	it('of version 1 counts without the header and the event that it does not know', async () => {
		await cloud.close();
		await start(1);
		await registration.set(address(), tools());
		expect(await registration.current(tools(), address())).toEqual([address()]);
		cloud.webhook = { ...cloud.webhook, webhook_by_events: true };
		expect(await registration.current(tools(), address())).toEqual([]);
	});

	it.each([1, 2] as const)(
		'of another program is put back as it was: version %i',
		async (version) => {
			await cloud.close();
			await start(version);
			const url = 'https://other.example.com/hook';
			const theirs =
				version === 2
					? {
							...{ id: 'cm0', enabled: true, url, headers: { authorization: 'Bearer theirs' } },
							...{ events: ['CALL'], webhookByEvents: true, webhookBase64: true },
						}
					: { enabled: true, url, events: ['CALL'], webhook_by_events: true, webhook_base64: true };
			cloud.webhook = theirs;
			expect(await registration.current(tools(), address())).toEqual([url]);
			await registration.set(address(), tools());
			expect(await registration.current(tools(), address())).toEqual([address()]);
			await registration.set(url, tools());
			expect(cloud.webhook).toEqual(theirs);
		},
	);

	it('takes the place of another one, and leaves another one alone when it goes', async () => {
		const headers = { authorization: 'Bearer other' };
		cloud.webhook = { enabled: true, url: 'https://other.example.com', headers, events: [] };
		expect(await registration.current(tools())).toEqual(['https://other.example.com']);
		await registration.remove!(address(), tools());
		expect(cloud.registered()).toEqual(['https://other.example.com']);
		await registration.set(address(), tools());
		expect(cloud.registered()).toEqual([address()]);
	});

	it('gets no secret of ours where it is not ours', async () => {
		for (const url of ['https://other.example.com/a?token=theirs', 'https://other.example.com']) {
			await registration.set(url, tools());
			expect(cloud.webhook).toMatchObject({ enabled: true, url, headers: null });
		}
	});

	it('counts for none while it is off', async () => {
		cloud.webhook = { enabled: false, url: URL_OF_N8N };
		expect(await registration.current(tools())).toEqual([]);
	});

	it('brings messages that are believed', async () => {
		await registration.set(address(), tools());
		const seen: boolean[] = [];
		const n8n = createServer((request, response) => {
			const url = new URL(request.url!, 'http://n8n');
			const verdict = evolution.verify(
				{
					headers: request.headers,
					query: Object.fromEntries(url.searchParams),
					rawBody: Buffer.from('{}'),
					url: URL_OF_N8N,
					now: NOW,
				},
				{ apiKey: cloud.credential.data.apiKey },
			);
			seen.push(verdict.ok);
			response.end();
		});
		await new Promise<void>((resolve) => n8n.listen(0, '127.0.0.1', resolve));
		const { port } = n8n.address() as AddressInfo;
		const message = { from: PHONE, id: 'A1', text: ARABIC };
		await cloud.customerWrites(`http://127.0.0.1:${port}/`, message);
		cloud.webhook!.headers = { 'x-webhook-secret': 'other' };
		await cloud.customerWrites(`http://127.0.0.1:${port}/`, message);
		await cloud.customerWrites(`http://127.0.0.1:${port}/${new URL(address()).search}`, message);
		n8n.close();
		expect(seen).toEqual([true, false, true]);
	});

	it('says what is wrong', async () => {
		const wrong = tools({ apiKey: 'wrong' });
		expect((await failureOf(registration.current(wrong))).failure).toBe('unauthorized');
		expect((await failureOf(registration.set(address(), wrong))).failure).toBe('unauthorized');
		const nameless = tools({ instanceName: '' });
		expect((await failureOf(registration.current(nameless))).message).toContain('Instance Name');
		cloud.licensed = false;
		expect((await failureOf(registration.set(address(), tools()))).failure).toBe('rejected');
	});
});

/** An address that nobody listens on any more. */
async function unusedUrl(): Promise<string> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise<void>((resolve) => server.close(() => resolve()));
	return `http://127.0.0.1:${port}`;
}
