import type { INodeParameters } from 'n8n-workflow';
import { Bench } from './support/bench';
import { plainMessage, posted, postedByMeta, type Posted } from './support/http';
import textArabic from '../channels/fixtures/whatsapp/text-arabic.json';
import group from '../channels/fixtures/whatsapp/group.json';
import reaction from '../channels/fixtures/whatsapp/reaction.json';
import batchMalformed from '../channels/fixtures/whatsapp/batch-malformed.json';

const PLAIN = { channel: 'plainWebhook', account: 'webshop' };
const SECRETS = { appSecret: 'secret of the app', verifyToken: 'a word of ours' };

describe('Conversation Opened: webhook()', () => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
		bench.credentials.conversationWhatsAppApi = { ...SECRETS };
	});
	afterEach(() => jest.restoreAllMocks());

	const count = async () => await (await bench.store()).countEverything();
	const nothingStored = async () =>
		expect(await count()).toMatchObject({ contacts: 0, messages: 0 });

	const post = async (body: unknown) => await bench.webhook(posted(body), { parameters: PLAIN });
	const byMeta = async (body: unknown, options: INodeParameters = {}) =>
		await bench.webhook(postedByMeta(body, SECRETS.appSecret), { parameters: { options } });

	describe('the handshake', () => {
		const ask = async (token: string, parameters: INodeParameters = {}) =>
			await bench.webhook(
				{
					headers: {},
					query: {
						'hub.mode': 'subscribe',
						'hub.verify_token': token,
						'hub.challenge': '1158201444',
					},
				},
				{ webhookName: 'setup', parameters },
			);

		test('answers the challenge as text for the right token, and starts nothing', async () => {
			const { answer, noWebhookResponse, workflowData } = await ask(SECRETS.verifyToken);
			expect(answer).toMatchObject({
				status: 200,
				type: 'text/plain',
				body: '1158201444',
				ended: true,
			});
			expect(noWebhookResponse).toBe(true);
			expect(workflowData).toBeUndefined();
		});

		test('refuses a wrong token', async () => {
			const { answer } = await ask('another word');
			expect(answer).toMatchObject({
				status: 403,
				body: 'The verify token is not the one in the credential.',
			});
		});

		test('says that there is nothing to get where a channel has none', async () => {
			const { answer } = await ask('x', PLAIN);
			expect(answer.status).toBe(405);
		});
	});

	test('a signed message opens a conversation; no execution is started by it', async () => {
		const result = await byMeta(textArabic.body);
		expect(result.webhookResponse).toEqual({
			received: 1,
			opened: 1,
			appended: 0,
			duplicates: 0,
			recorded: 0,
			notices: 0,
			ignored: 0,
			malformed: 0,
			problems: [],
		});
		expect(result.workflowData).toBeUndefined();
		const [item] = await (await bench.store()).listConversations({ limit: 10, offset: 0 });
		expect(item).toMatchObject({
			conversation: { channel: 'whatsapp', source: 'contact', account: '990000000000001' },
			contact: { name: 'سارة العتيبي', phone: '+966500000001' },
			message: { text: 'السلام عليكم،\nأين طلبي رقم ١٢٣؟ 🙏' },
		});
		expect(item?.message).not.toHaveProperty('raw');
	});

	test('the raw body is kept where it is asked for', async () => {
		await byMeta(textArabic.body, { includeRaw: true });
		const [item] = await (await bench.store()).listConversations({ limit: 10, offset: 0 });
		expect(item?.message?.raw).toMatchObject({ id: 'wamid.FIXTURE001' });
	});

	test('a wrong signature is answered with 401, logged once, and nothing is stored', async () => {
		const { logger } = bench.hookContext('conversationOpenedTrigger', 'activate');
		const warn = jest.spyOn(logger, 'warn');
		const { answer, noWebhookResponse } = await bench.webhook(
			postedByMeta(textArabic.body, 'another secret'),
		);
		expect(answer).toMatchObject({ status: 401, ended: true });
		expect(noWebhookResponse).toBe(true);
		expect(warn).toHaveBeenCalledTimes(1);
		expect(warn.mock.calls[0]?.[0]).not.toContain('السلام');
		await nothingStored();
	});

	test('a missing secret lets nothing in', async () => {
		bench.credentials.conversationWhatsAppApi = { ...SECRETS, appSecret: '' };
		const { answer } = await bench.webhook(postedByMeta(textArabic.body, ''));
		expect(answer).toMatchObject({ status: 503, headers: { 'Retry-After': '30' } });
		await nothingStored();
	});

	test('a missing credential lets nothing in', async () => {
		const { answer } = await bench.webhook(postedByMeta(textArabic.body, SECRETS.appSecret), {
			credentials: ['conversationStoreApi'],
			incomplete: true,
		});
		expect(answer.status).toBe(503);
		await nothingStored();
	});

	test.each(['not JSON', '"text"', '<xml/>', ''])('a body that is no message: %j', async (body) => {
		const { answer } = await post(body);
		expect(answer.status).toBe(400);
		expect(answer.body).toEqual({ error: expect.stringMatching(/JSON/) });
		await nothingStored();
	});

	test('a body that is larger than n8n takes is answered with 413', async () => {
		const readRawBody = async () => {
			throw Object.assign(new Error('request entity too large'), { statusCode: 413 });
		};
		const { answer } = await bench.webhook({ headers: {}, readRawBody }, { parameters: PLAIN });
		expect(answer).toMatchObject({
			status: 413,
			body: { error: expect.stringContaining('N8N_PAYLOAD_SIZE_MAX') },
		});
	});

	test('reads the bytes by itself where n8n has not', async () => {
		const request: Posted = {
			headers: {},
			readRawBody: async () => {
				request.rawBody = Buffer.from(JSON.stringify(plainMessage('amal', 'm-1')));
			},
		};
		const { webhookResponse } = await bench.webhook(request, { parameters: PLAIN });
		expect(webhookResponse).toMatchObject({ received: 1, opened: 1 });
	});

	test('one bad message of a batch does not stop the others, and is named', async () => {
		const { webhookResponse } = await post([
			plainMessage('amal', 'm-1'),
			{ contact: {}, message: { id: 'm-2', text: 'from nobody' } },
			plainMessage('carim', 'm-3'),
		]);
		expect(webhookResponse).toMatchObject({
			received: 2,
			opened: 2,
			malformed: 1,
			problems: [expect.stringContaining('index 1: contact.id is missing')],
		});
	});

	test('the same of WhatsApp', async () => {
		const { webhookResponse } = await byMeta(batchMalformed.body);
		expect(webhookResponse).toMatchObject({
			opened: batchMalformed.expect.messages.length,
			malformed: batchMalformed.expect.malformed.length,
		});
	});

	test('messages of an ongoing conversation join it, known ones are not counted twice', async () => {
		await post(plainMessage('amal', 'm-1'));
		const { webhookResponse } = await post([
			plainMessage('amal', 'm-1'),
			plainMessage('amal', 'm-2', 'more'),
		]);
		expect(webhookResponse).toMatchObject({ opened: 0, appended: 1, duplicates: 1 });
		expect(await count()).toMatchObject({ messages: 2, conversations: { open: 1 } });
	});

	test('what the store cannot take now is refused, and nothing is lost when it is sent again', async () => {
		const store = await bench.store();
		const original = store.receiveMessage.bind(store);
		let calls = 0;
		jest.spyOn(store, 'receiveMessage').mockImplementation(async (input) => {
			if (++calls === 2) throw new Error('disk I/O error at /secret/place');
			return await original(input);
		});
		const batch = [
			plainMessage('amal', 'm-1'),
			plainMessage('basma', 'm-2'),
			plainMessage('carim', 'm-3'),
		];
		const { answer, noWebhookResponse } = await post(batch);
		expect(answer).toEqual({
			status: 503,
			headers: { 'Retry-After': '30' },
			body: { error: 'The message could not be stored now; please send it again' },
			ended: true,
		});
		expect(noWebhookResponse).toBe(true);

		const { webhookResponse } = await post(batch);
		expect(webhookResponse).toMatchObject({ opened: 2, duplicates: 1, malformed: 0 });
		expect(await count()).toMatchObject({ messages: 3, conversations: { open: 3 } });
	});

	test('group messages open nothing unless they are to', async () => {
		expect((await byMeta(group.body)).webhookResponse).toMatchObject({ opened: 0, ignored: 1 });
		const other = JSON.parse(
			JSON.stringify(group.body).replaceAll(group.expect.messages[0]!.id, 'wamid.OTHER'),
		) as unknown;
		expect((await byMeta(other, { alsoOpenFor: ['group'] })).webhookResponse).toMatchObject({
			opened: 1,
		});
	});

	test('reactions open nothing unless they are to', async () => {
		expect((await byMeta(reaction.body)).webhookResponse).toMatchObject({ opened: 0 });
		const other = JSON.parse(
			JSON.stringify(reaction.body).replaceAll(reaction.expect.messages[0]!.id, 'wamid.OTHER'),
		) as unknown;
		expect((await byMeta(other, { alsoOpenFor: ['reaction'] })).webhookResponse).toMatchObject({
			opened: 1,
		});
	});
});
