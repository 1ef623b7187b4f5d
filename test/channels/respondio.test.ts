import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ChannelNotice } from '../../nodes/channels/channel';
import { respondio } from '../../nodes/channels/respondio';
import { expectSoundness, NOW, readFixtures, requestOf } from './requests';
import { opens } from './samples/respondio';

const parse = (body: unknown) => respondio.parse(requestOf(body), {});

/** A received message, changed as the test wants. */
function bodyWith(message: Record<string, unknown>, more: Record<string, unknown> = {}) {
	return {
		event_type: 'message.received',
		event_id: 'e-1',
		contact: { id: 4100, firstName: 'Sara' },
		message: {
			messageId: 1767261600123000,
			channelId: 31,
			traffic: 'incoming',
			timestamp: NOW,
			message: { type: 'text', text: 'Hello' },
			...message,
		},
		channel: { id: 31, source: 'facebook' },
		...more,
	};
}

describe('respond.io bodies', () => {
	const fileIn = (message: Record<string, unknown>) =>
		parse(bodyWith({ message })).messages[0]?.attachments[0];

	it('takes no word of a body for a name that JavaScript knows', () => {
		for (const type of ['constructor', '__proto__', 'toString']) {
			expect(fileIn({ type: 'attachment', attachment: { type } })?.type).toBe('document');
			expect(fileIn({ type: 'email', attachments: [{ type }] })?.type).toBe('document');
		}
	});

	it('takes only web addresses as links', () => {
		for (const [url, link] of [
			['https://a.example/1', 'https://a.example/1'],
			['javascript:alert(1)', undefined],
		]) {
			expect(fileIn({ type: 'attachment', attachment: { type: 'image', url } })?.url).toBe(link);
			expect(fileIn({ type: 'post', text: 'x', post: { url } })?.url).toBe(link);
			expect(fileIn({ type: 'story_reply', text: 'x', story: { url } })?.url).toBe(link);
			expect(fileIn({ type: 'post', text: 'x', url })?.url).toBe(link);
		}
	});

	describe.each(readFixtures('respondio'))('$name', ({ about, body, expect: expected }) => {
		it(about, () => {
			const parsed = parse(body);
			expect(parsed.unreadable).toBeUndefined();
			// Two of the bodies are named by their bytes, which the file of the fixture does not keep.
			const byBytes = (id: unknown) => /^4100:[0-9a-f]{32}$/.test(String(id));
			expect(parsed.messages).toStrictEqual(
				expected.messages.map((message) => ({
					...message,
					...(byBytes(message.id) ? { id: expect.stringMatching(/^4100:[0-9a-f]{32}$/) } : {}),
					raw: expect.anything(),
				})),
			);
			const { notices = [] } = expected as { notices?: ChannelNotice[] };
			expect(parsed.notices ?? []).toStrictEqual(notices);
			expectReasons(parsed.ignored, expected.ignored);
			expectReasons(parsed.malformed, expected.malformed);
			expectSoundness(parsed);
		});
	});

	function expectReasons(parts: Array<{ reason: string }>, wanted: string[]) {
		expect(parts.map(({ reason }) => reason)).toEqual(
			wanted.map((sentence) => expect.stringContaining(sentence)),
		);
	}

	it('is unreadable only where respond.io cannot have sent it', () => {
		for (const body of ['', '[]', '{', '"x"', { id: 1 }, { event_type: 7 }]) {
			expect(parse(body).unreadable).toMatch(/\.$/);
		}
		expect(parse({ event_type: 'something.new' }).unreadable).toBeUndefined();
	});

	it('keeps the exact text, with its spaces, marks and directions', () => {
		const text = ' \u200fمرحبا\u200e — 👩🏽‍🚀 \n\n\tשלום ';
		expect(parse(bodyWith({ message: { type: 'text', text } })).messages[0]?.text).toBe(text);
	});

	it('keeps the messages of two contacts apart that have one number', () => {
		const id = (contact: number) =>
			parse(bodyWith({}, { contact: { id: contact } })).messages[0]?.id;
		expect(id(4100)).toBe('4100:1767261600123000');
		expect(id(4101)).toBe('4101:1767261600123000');
	});

	it('keeps every digit of an ID', () => {
		const body = JSON.stringify(bodyWith({ messageId: 0 })).replace(
			'"messageId":0',
			'"messageId":9007199254740993',
		);
		expect(parse(body).messages[0]?.id).toBe('4100:9007199254740993');
	});

	it('knows by the bytes what was sent again', () => {
		const body = (text: string) => ({
			event_type: 'message.received',
			contact: { id: 4100 },
			message: { message: { type: 'text', text } },
		});
		const id = (text: string) => parse(body(text)).messages[0]?.id;
		expect(id('one')).toBe(id('one'));
		expect(id('one')).not.toBe(id('two'));
	});

	it('takes the direction of the message for more than the name of the event', () => {
		expect(parse(bodyWith({ traffic: 'outgoing' })).messages[0]?.kind).toBe('echo');
	});

	it('writes down no secret', () => {
		const body = bodyWith(
			{ message: { type: 'whatsapp_order', text: 'x', accessToken: 'HIDDEN' } },
			{ channel: { id: 31, meta: '{"token":"HIDDEN"}', source: 'whatsapp' } },
		);
		const message = parse(body).messages[0];
		expect(message?.type).toBe('order');
		expect(JSON.stringify(message)).not.toContain('HIDDEN');
	});

	it('survives what is nested without end', () => {
		const deep = '['.repeat(2_000) + ']'.repeat(2_000);
		const body = JSON.stringify(
			bodyWith({ message: { type: 'whatsapp_order', text: 'x', y: 0 } }),
		).replace('"y":0', `"y":${deep}`);
		const parsed = parse(body);
		expect(parsed.messages).toHaveLength(1);
		expect(() => JSON.stringify(parsed.messages)).not.toThrow();
	});

	it('says nothing of what a contact wrote when something is wrong', () => {
		const body = bodyWith(
			{ contactId: undefined, message: { type: 'text', text: 'my password is 1234' } },
			{ contact: {} },
		);
		expect(parse(body).malformed).toEqual([{ reason: 'message.received: names no contact.' }]);
	});
});

describe('respond.io requests', () => {
	const settings = { apiAccessToken: 'api-token', signingSecret: 'key-of-one\nkey-of-another' };
	const body = '{"event_type":"message.received","text":"مرحبا 👋"}';
	const signed = (key: string, text = body) =>
		requestOf(text, {
			'X-Webhook-Signature': createHmac('sha256', key).update(body).digest('base64'),
		});
	const registered = (query: string) => ({
		...requestOf(body),
		query: Object.fromEntries(new URLSearchParams(query)),
	});
	const verify = (request: ReturnType<typeof requestOf>, other: object = settings) =>
		respondio.verify(request, { ...other });

	it('are taken with a signature of any of the keys', () => {
		expect(verify(signed('key-of-one')).ok).toBe(true);
		expect(verify(signed('key-of-another')).ok).toBe(true);
		expect(verify(signed('key-of-nobody')).ok).toBe(false);
		expect(verify(signed('key-of-one', `${body} `)).ok).toBe(false);
		const hex = createHmac('sha256', 'key-of-one').update(body).digest('hex');
		expect(verify(requestOf(body, { 'x-webhook-signature': hex })).ok).toBe(false);
	});

	it('are taken at the registered address, and at no other', () => {
		const address = respondio.registration!.address('https://n8n.example.com/webhook/a', settings);
		const { search } = new URL(address);
		expect(verify(registered(search)).ok).toBe(true);
		expect(verify(registered(search), { apiAccessToken: 'another' }).ok).toBe(false);
		expect(verify(registered(`${search}x`)).ok).toBe(false);
		expect(verify({ ...registered(search), query: { token: ['a'] } }).ok).toBe(false);
		expect(address).not.toContain('api-token');
	});

	it('are refused without a proof', () => {
		for (const other of [{}, settings, { acceptUnsigned: true }]) {
			expect(verify(requestOf(body), other)).toMatchObject({ ok: false, status: 401 });
		}
		expect(verify(signed('key-of-one'), {})).toMatchObject({
			reason: expect.stringMatching(/Signing Key.*\.$/),
		});
		expect(verify(registered('?token='), {}).ok).toBe(false);
	});

	it('need something that proves them', () => {
		expect(respondio.missingSettings({})).toEqual(['API Access Token']);
		expect(respondio.missingSettings({ apiAccessToken: 'x' })).toEqual([]);
		expect(respondio.missingSettings({ signingSecret: 'x' })).toEqual([]);
	});
});

const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads');

/** What others post to respond.io; it is no body of respond.io. */
const REQUESTS = new Set([
	'custom_channel_inbound_request.json',
	'n8n_trigger_subscribe_request.json',
]);

if (existsSync(SAMPLES)) {
	describe('sample bodies of respond.io', () => {
		const files = readdirSync(path.join(SAMPLES, 'respondio'));

		it('are all known', () => {
			expect(files.sort()).toEqual(Object.keys(opens).sort());
		});

		it.each(files)('%s', (file) => {
			const parsed = parse(readFileSync(path.join(SAMPLES, 'respondio', file), 'utf8'));
			expectSoundness(parsed);
			expect(parsed.unreadable !== undefined).toBe(REQUESTS.has(file));
			expect(parsed.malformed).toEqual([]);
			const opening = parsed.messages.filter(
				({ kind, occasion }) => kind === 'message' && !occasion,
			);
			expect(opening).toHaveLength(opens[file]!);
		});

		it('has a signature that fits', () => {
			const vectors = (
				JSON.parse(readFileSync(path.join(SAMPLES, 'signature_vectors.json'), 'utf8')) as Array<
					Record<'channel' | 'secret' | 'raw' | 'value', string>
				>
			).filter(({ channel }) => channel === 'respondio');
			expect(vectors).not.toEqual([]);
			for (const { secret, raw, value } of vectors) {
				const request = requestOf(raw, { 'x-webhook-signature': value });
				expect(respondio.verify(request, { signingSecret: secret }).ok).toBe(true);
				expect(respondio.verify(request, { signingSecret: `${secret}x` }).ok).toBe(false);
			}
		});
	});
}
