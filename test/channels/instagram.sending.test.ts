import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { activate, instagram } from '../../nodes/channels/instagram';
import type { HttpCall } from '../../nodes/channels/http';
import type { OutboundMessage, Recipient } from '../../nodes/channels/sending';
import { caller } from '../standins/caller';
import { startInstagram } from '../standins/instagram';
import type { MessagingStandIn } from '../standins/messaging';
import { requestOf } from './requests';

const HOUR = 60 * 60 * 1000;
const NOW = Date.UTC(2026, 0, 1, 12);
const CUSTOMER = '9300000000000001';
const ACCOUNT = '17840000000000001';

const sending = instagram.sending!;
let meta: MessagingStandIn;

beforeEach(async () => {
	meta = await startInstagram();
	meta.clock = () => NOW;
	meta.customers.set(CUSTOMER, { wroteAt: NOW - HOUR });
});

afterEach(() => meta.close());

function tools(settings: Record<string, unknown> = {}) {
	const all: Record<string, unknown> = { ...meta.credential.data, ...settings };
	const call = caller(
		(plain) => ({
			...plain,
			headers: { ...plain.headers, Authorization: `Bearer ${String(all.accessToken)}` },
		}),
		instagram.retryAfter,
	);
	return { call, settings: all, now: NOW, key: randomUUID() };
}

const recipient: Recipient = {
	account: ACCOUNT,
	to: CUSTOMER,
	context: {},
	lastInboundAt: NOW - HOUR,
};

const send = (message: Partial<OutboundMessage>) =>
	sending.send({ text: '', ...message }, recipient, tools());

it('may answer whichever of its IDs an account has in a message', () => {
	expect(sending).not.toHaveProperty('oneAccount');
});

it('waits as long as Meta asks for', async () => {
	const headers = { 'x-app-usage': '{"estimated_time_to_regain_access":5}' };
	meta.answerNext({ status: 429, headers, body: {} });
	await expect(send({ text: 'x' })).rejects.toMatchObject({ retryAfter: 300_000 });
	expect(meta.received).toHaveLength(1);
});

describe('a text to Instagram', () => {
	it('goes out letter by letter', async () => {
		const text = 'السلام عليكم،\nأين طلبي رقم ١٢٣؟ 🙏';
		await expect(send({ text })).resolves.toEqual({ id: 'm_sent-1', status: 'sent' });
		expect(meta.received[0]?.body).toEqual({
			recipient: { id: CUSTOMER },
			messaging_type: 'RESPONSE',
			message: { text },
		});
		expect(meta.delivered(CUSTOMER)).toEqual([text]);
	});

	it('has room for 1,000 bytes, which are 500 Arabic letters', async () => {
		expect(sending.limits).toMatchObject({ text: 1000, unit: 'bytes' });
		await send({ text: 'م'.repeat(500) });
		await expect(send({ text: 'م'.repeat(501) })).rejects.toMatchObject({ failure: 'rejected' });
	});

	it('is refused after the window with the code of Instagram', async () => {
		meta.customers.set(CUSTOMER, { wroteAt: NOW - 30 * HOUR });
		await expect(send({ text: 'x' })).rejects.toMatchObject({
			failure: 'windowClosed',
			providerCode: '10/2534022',
		});
	});

	it('is refused before it is sent where the window is known to be over', async () => {
		const late = { ...recipient, lastInboundAt: NOW - 30 * HOUR };
		await expect(sending.send({ text: 'x' }, late, tools())).rejects.toMatchObject({
			failure: 'windowClosed',
			hint: expect.stringContaining('Instagram'),
		});
		expect(meta.received).toEqual([]);
	});
});

describe('files and buttons to Instagram', () => {
	it('go out by address only', async () => {
		await send({ media: { type: 'image', url: 'https://files.example.com/1.png' } });
		expect(meta.sent[0]?.message).toEqual({
			attachment: { type: 'image', payload: { url: 'https://files.example.com/1.png' } },
		});
		const limits = Object.values(sending.limits.media);
		expect(limits).toHaveLength(4);
		expect(limits.every(({ upload }) => !upload)).toBe(true);
	});

	it('are quick replies, or a template where one opens a page', async () => {
		expect(sending.limits.buttons).toMatchObject({ most: 13, title: 20, withMedia: false });
		await send({ text: 'Which?', buttons: [{ id: 'a', title: 'المبيعات' }] });
		await send({ text: 'Look', buttons: [{ id: 'b', title: 'Open', url: 'https://example.com' }] });
		expect(meta.sent.map(({ message }) => message)).toMatchObject([
			{ text: 'Which?', quick_replies: [{ title: 'المبيعات', payload: 'a' }] },
			{ attachment: { type: 'template', payload: { template_type: 'button' } } },
		]);
	});
});

describe('the settings for sending', () => {
	it('name what is missing', () => {
		expect(sending.missingSettings({})).toEqual(['Access Token']);
		expect(sending.missingSettings({ accessToken: 'x' })).toEqual([]);
	});
});

describe('the subscription of the account', () => {
	it('is made once, with fields that pages and accounts both know', async () => {
		await expect(activate(tools())).resolves.toBe(
			'Subscribed the app to the messages of the Instagram account.',
		);
		expect(meta.subscriptions.get(meta.app)).toEqual([
			'messages',
			'messaging_postbacks',
			'message_reactions',
			'standby',
		]);
		await expect(activate(tools())).resolves.toBeUndefined();
	});

	it('asks the address of Instagram Login for the fields that it has besides', async () => {
		const calls: HttpCall[] = [];
		const call = (made: HttpCall) => {
			calls.push(made);
			const body = made.method === 'GET' ? { data: [] } : { success: true };
			return Promise.resolve({ status: 200, headers: {}, body });
		};
		const baseUrl = 'https://graph.instagram.com/v25.0/';
		await activate({ ...tools({ baseUrl }), call });
		expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([
			'GET https://graph.instagram.com/v25.0/me/subscribed_apps',
			'POST https://graph.instagram.com/v25.0/me/subscribed_apps',
		]);
		expect(calls[1]?.query?.subscribed_fields).toContain('messaging_seen');
	});
});

describe('what a customer writes at the stand-in', () => {
	let n8n: Server;
	let url: string;
	let posted: { body: Buffer; signature: string } | undefined;

	beforeEach(async () => {
		n8n = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const signature = String(request.headers['x-hub-signature-256']);
				posted = { body: Buffer.concat(chunks), signature };
				response.end('{}');
			});
		});
		await new Promise<void>((resolve) => n8n.listen(0, '127.0.0.1', resolve));
		url = `http://127.0.0.1:${(n8n.address() as AddressInfo).port}/webhook`;
	});

	afterEach(() => new Promise<void>((resolve) => n8n.close(() => resolve())));

	it('is signed, read and answered', async () => {
		const text = 'مرحبا 👋';
		await expect(
			meta.customerWrites(url, { from: '9300000000000002', id: '1', text }),
		).resolves.toMatchObject({ status: 200 });
		const request = requestOf(posted!.body, { 'x-hub-signature-256': posted!.signature });
		expect(instagram.verify(request, meta.credential.data)).toEqual({ ok: true });
		const [message] = instagram.parse(request, meta.credential.data).messages;
		expect(message).toMatchObject({ account: ACCOUNT, text, sentAt: NOW });

		const to = { ...recipient, to: message!.contact.replyTo!, lastInboundAt: message!.sentAt };
		const answer = { text: 'أهلا', replyToMessageId: message!.id };
		await sending.send(answer, to, tools());
		expect(meta.delivered('9300000000000002')).toEqual(['أهلا']);
	});
});
