import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ChannelRequest } from '../../nodes/channels/channel';
import { evolution } from '../../nodes/channels/evolution';
import { expectSoundness, NOW, readFixtures, requestOf } from './requests';
import { opens } from './samples/evolution';

const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads', 'evolution');
const URL_OF_N8N = 'https://n8n.example.com/webhook/inbound';

const parse = (body: unknown) => evolution.parse(requestOf(body), {});

function expectReasons(parts: Array<{ reason: string }>, wanted: string[]) {
	expect(parts.map(({ reason }) => reason)).toEqual(
		wanted.map((sentence) => expect.stringContaining(sentence)),
	);
}

const upsert = (message: unknown, more: Record<string, unknown> = {}) => ({
	event: 'messages.upsert',
	instance: 'support-desk',
	sender: '966500000099@s.whatsapp.net',
	apikey: 'the-token-of-the-instance',
	server_url: 'https://evolution.example.com',
	data: {
		key: { remoteJid: '966500000001@s.whatsapp.net', fromMe: false, id: 'A1' },
		message,
		messageTimestamp: 1767261600,
		...more,
	},
});

describe('Evolution API bodies', () => {
	it.each(readFixtures('evolution').map((fixture) => [fixture.name, fixture] as const))(
		'%s',
		(_name, { body, expect: expected }) => {
			const parsed = parse(body);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.messages).toStrictEqual(
				expected.messages.map((message) => ({ ...message, raw: expect.anything() })),
			);
			expectReasons(parsed.ignored, expected.ignored);
			expectReasons(parsed.malformed, expected.malformed);
			expectSoundness(parsed);
		},
	);

	it.each([
		['no JSON', '<html>', 'not a JSON object'],
		['a list', '[]', 'not a JSON object'],
		['another product', { event: 'Message', instanceId: '1', data: {} }, 'evolution-go'],
		['another one', { event: 'Message', instanceToken: 't', data: {} }, 'evolution-go'],
		['something else', { object: 'page' }, 'no "event" and "instance"'],
	])('says of %s why it cannot be read', (_what, body, sentence) => {
		const parsed = parse(body);
		expect(parsed.unreadable).toContain(sentence);
		expect(parsed.messages).toEqual([]);
	});

	it('keeps of a message neither keys nor bytes nor addresses with a token', () => {
		const file = {
			url: 'https://mmg.whatsapp.net/v/t62.enc?oh=01_secret',
			directPath: '/v/t62.enc?oh=01_secret',
			mimetype: 'image/jpeg',
			mediaKey: 'secret',
			jpegThumbnail: { 0: 255, 1: 216, 2: 7 },
			fileEncSha256: { type: 'Buffer', data: [1, 2, 3] },
			contextInfo: { quotedMessage: { imageMessage: { mediaKey: 'secret', caption: 'old' } } },
		};
		const message = {
			imageMessage: file,
			base64: 'secret-bytes',
			mediaUrl: 'https://s3.example.com/1.jpg?X-Amz-Signature=secret',
		};
		const text = JSON.stringify(parse(upsert(message)).messages[0]?.raw);
		expect(text).not.toMatch(/secret|the-token|evolution\.example\.com|255/);
		expect(JSON.parse(text)).toEqual({
			key: { remoteJid: '966500000001@s.whatsapp.net', fromMe: false, id: 'A1' },
			message: {
				imageMessage: {
					mimetype: 'image/jpeg',
					contextInfo: { quotedMessage: { imageMessage: { caption: 'old' } } },
				},
				mediaUrl: 'https://s3.example.com/1.jpg',
			},
			messageTimestamp: 1767261600,
		});
	});

	it('leaves what a customer wrote as it is, also where it looks like an address', () => {
		const text = 'https://shop.example.com/?token=1&sig=2';
		const [message] = parse(upsert({ conversation: text })).messages;
		expect(message?.text).toBe(text);
		expect(message?.raw).toMatchObject({ message: { conversation: text } });
	});

	it.each([
		['seconds', 1767261600, 1767261600000],
		['milliseconds', 1767261600123, 1767261600123],
		['digits', '1767261600', 1767261600000],
		['halves', { low: 1767261600, high: 0, unsigned: true }, 1767261600000],
		['halves with a sign', { low: -1, high: 0 }, 4294967295000],
		['a word', 'yesterday', NOW],
		['nothing', undefined, NOW],
		['a negative number', -5, NOW],
		['a number beyond all time', 1e300, NOW],
	])('takes a time in %s', (_what, messageTimestamp, sentAt) => {
		const body = upsert({ conversation: 'x' }, { messageTimestamp });
		expect(parse(body).messages[0]?.sentAt).toBe(sentAt);
	});

	it('never takes the digits of a LID for a phone number', () => {
		const key = { remoteJid: '966500000001@lid', fromMe: false, id: 'A1' };
		const contact = parse(upsert({ conversation: 'x' }, { key })).messages[0]?.contact;
		expect(contact?.identities).toEqual([
			{ channel: 'evolution', account: 'support-desk', id: 'lid:966500000001' },
		]);
		expect(contact).not.toHaveProperty('phone');
		expect(contact?.replyTo).toBe('966500000001@lid');
	});

	it('never takes the business itself for the customer', () => {
		const own = '966500000099@s.whatsapp.net';
		const lid = '200000000000001@lid';
		const ids = (body: object) => parse(body).messages[0]?.contact.identities.map(({ id }) => id);
		// Of an own message, the sender is the business, also where the body does not say who it is.
		const echo = { remoteJid: lid, fromMe: true, senderPn: own, id: 'A1' };
		expect(ids({ ...upsert({ conversation: 'x' }, { key: echo }), sender: null })).toEqual([
			'lid:200000000000001',
		]);
		const alternative = { remoteJid: lid, fromMe: false, remoteJidAlt: own, id: 'A1' };
		expect(ids(upsert({ conversation: 'x' }, { key: alternative }))).toEqual([
			'lid:200000000000001',
		]);
	});

	it('does not take a list of thousands for messages', () => {
		const { data } = upsert({ conversation: 'x' });
		const body = { ...upsert({}), data: Array.from({ length: 1001 }, () => data) };
		expect(parse(body)).toMatchObject({ messages: [], ignored: [expect.anything()] });
	});
});

describe('Evolution API statuses', () => {
	const status = (data: Record<string, unknown>) =>
		parse({ event: 'messages.update', instance: 'support-desk', data }).notices;

	it.each([
		['SERVER_ACK', 'sent'],
		['DELIVERY_ACK', 'delivered'],
		['READ', 'read'],
		['PLAYED', 'read'],
		[3, 'delivered'],
		[4, 'read'],
	])('tells that %s is %s', (word, name) => {
		const data = {
			keyId: 'BAE5',
			remoteJid: '1@lid',
			fromMe: true,
			status: word,
			messageId: 'row',
		};
		expect(status(data)).toEqual([
			{
				kind: 'status',
				channel: 'evolution',
				account: 'support-desk',
				id: 'BAE5',
				status: name,
				at: NOW,
			},
		]);
	});

	it('tells why a message failed', () => {
		expect(status({ key: { id: 'BAE5', fromMe: true }, update: { status: 'ERROR' } })).toEqual([
			expect.objectContaining({
				id: 'BAE5',
				status: 'failed',
				failure: { code: 'ERROR', reason: 'WhatsApp did not take the message' },
			}),
		]);
	});

	it('tells nothing of groups', () => {
		const data = { keyId: 'B', remoteJid: '1@g.us', fromMe: true, status: 'READ' };
		expect(status(data)).toBeUndefined();
	});
});

describe('who sent it', () => {
	const API_KEY = 'key-of-the-instance-on-this-machine';
	const settings = { apiKey: API_KEY };
	const body = upsert({ conversation: 'مرحبا' });

	function verdict(
		request: Partial<ChannelRequest>,
		credential: Record<string, unknown> = settings,
		sent: unknown = { ...body, apikey: null },
	) {
		return evolution.verify({ ...requestOf(sent), ...request }, credential);
	}
	const reason = (...args: Parameters<typeof verdict>) => {
		const answer = verdict(...args);
		return answer.ok ? 'accepted' : `${answer.status} ${answer.reason}`;
	};
	const registered = (credential = settings) =>
		new URL(evolution.registration!.address(URL_OF_N8N, credential)).searchParams.get('token')!;

	it('is believed with the secret that was registered, in the header or in the address', () => {
		expect(verdict({ headers: { 'X-Webhook-Secret': registered() } }).ok).toBe(true);
		expect(verdict({ query: { token: registered() } }).ok).toBe(true);
		expect(registered()).toMatch(/^[0-9a-f]{64}$/);
		expect(registered()).not.toContain(API_KEY);
	});

	it('is not believed with the secret of another key', () => {
		const other = registered({ apiKey: 'another-key-of-the-instance' });
		expect(reason({ headers: { 'x-webhook-secret': other } })).toMatch(/^401 .*x-webhook-secret/);
		expect(reason({ query: { token: other } })).toMatch(/^401 The token in the address/);
		expect(reason({ query: { token: [registered()] } })).toMatch(/^401/);
		expect(reason({ headers: { 'x-webhook-secret': [registered(), registered()] } })).toMatch(
			/^401/,
		);
	});

	it('is believed with each of the typed secrets', () => {
		const typed = { webhookSecret: 'old, new' };
		for (const secret of ['old', 'new']) {
			expect(verdict({ headers: { 'x-webhook-secret': secret } }, typed).ok).toBe(true);
		}
		for (const secret of ['old, new', 'ol', '', 'OLD']) {
			expect(verdict({ headers: { 'x-webhook-secret': secret } }, typed).ok).toBe(false);
		}
	});

	it('is believed with the API key in the body, which is all that version 1 has', () => {
		expect(verdict({}, settings, { ...body, apikey: API_KEY }).ok).toBe(true);
		expect(reason({}, settings, { ...body, apikey: 'x' })).toMatch(/^401 The apikey in the body/);
		expect(reason({}, settings, { ...body, apikey: null })).toMatch(/^401 Nothing/);
		expect(reason({}, { apiKey: '' }, { ...body, apikey: '' })).toMatch(/^401 .*no API Key/);
		expect(reason({}, { webhookSecret: 's' }, { ...body, apikey: '' })).toMatch(/^401/);
		expect(reason({ rawBody: Buffer.from('{') })).toMatch(/^401 Nothing/);
	});

	it.each(['admin', 'fifteen-letters', '429683C4C977415CAAFCCE10F7D57E11'])(
		'is believed by nothing that follows from a key that is easy to guess: %s',
		(apiKey) => {
			const derived = createHmac('sha256', apiKey)
				.update('n8n-nodes-inbound-conversations/evolution/webhook')
				.digest('hex');
			const credential = { apiKey };
			expect(reason({ query: { token: derived } }, credential)).toMatch(/^401 .*easy to guess/);
			expect(reason({}, credential, { ...body, apikey: apiKey })).toMatch(/^401/);
			expect(evolution.missingSettings(credential)).toEqual(['Webhook Secret']);

			const typed = { apiKey, webhookSecret: 'typed' };
			expect(evolution.missingSettings(typed)).toEqual([]);
			expect(reason({ headers: { 'x-webhook-secret': 'typed' } }, typed)).toBe('accepted');
			expect(reason({ query: { token: derived } }, typed)).toMatch(/^401/);
			expect(reason({}, typed, { ...body, apikey: apiKey })).toMatch(/^401/);
		},
	);

	describe('by a JWT', () => {
		const KEY = 'evolution-jwt-key';
		// Made for the tests of this kind of token: issued on 9 March 2026, for ten minutes.
		const ISSUED_JWT =
			'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NzMwMjczNDYsImV4cCI6MTc3MzAyNzk0NiwiYXBwIjoiZXZvbHV0aW9uIiwiYWN0aW9uIjoid2ViaG9vayJ9.pTMy7v1XhqGxA6rkJtkANGTY6WZKVKNF_LEzLfV0ycc';
		const ISSUED = 1773027346;
		const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
		const made = (head: unknown, claims: unknown, key = KEY, algorithm = 'sha256') => {
			const signed = `${part(head)}.${part(claims)}`;
			return `${signed}.${createHmac(algorithm, key).update(signed).digest('base64url')}`;
		};
		const CLAIMS = { iat: ISSUED, exp: ISSUED + 600, app: 'evolution', action: 'webhook' };
		const by = (token: string, jwtSecret: string | undefined = KEY, seconds = ISSUED + 5) =>
			reason(
				{ headers: { authorization: `Bearer ${token}` }, now: seconds * 1000 },
				{ apiKey: API_KEY, jwtSecret },
			);

		it('is believed while it lasts, and as long as Evolution goes on trying with it', () => {
			expect(by(ISSUED_JWT)).toBe('accepted');
			expect(by(ISSUED_JWT, `other, ${KEY}`)).toBe('accepted');
			expect(by(ISSUED_JWT, KEY, ISSUED + 1515)).toBe('accepted');
			expect(by(ISSUED_JWT, KEY, ISSUED + 600 + 1800)).toBe('accepted');
			expect(by(ISSUED_JWT, KEY, ISSUED + 600 + 1801)).toMatch(/^401 .*ended/);
			expect(by(ISSUED_JWT, KEY, ISSUED - 1801)).toMatch(/^401 .*future/);
		});

		it('is believed with the right key alone', () => {
			expect(by(ISSUED_JWT, 'other')).toMatch(/^401 .*another key/);
			expect(by(ISSUED_JWT, '')).toMatch(/^401 .*no JWT Key/);
			expect(by(`${ISSUED_JWT.slice(0, -2)}AA`)).toMatch(/^401 .*another key/);
		});

		it('is believed with HS256 alone, whatever it says of itself', () => {
			const none = `${part({ alg: 'none' })}.${part(CLAIMS)}.`;
			expect(by(none)).toMatch(/^401 .*HS256/);
			expect(by(made({ alg: 'HS512' }, CLAIMS, KEY, 'sha512'))).toMatch(/^401 .*HS256/);
			expect(by(made({ alg: 'none' }, CLAIMS))).toMatch(/^401 .*HS256/);
			expect(by(`${ISSUED_JWT}.x`)).toMatch(/^401 .*HS256/);
			expect(by('x')).toMatch(/^401 .*HS256/);
			expect(by(made({ alg: 'HS256' }, CLAIMS))).toBe('accepted');
		});

		it('is believed if Evolution made it, and with an end', () => {
			expect(by(made({ alg: 'HS256' }, { ...CLAIMS, app: 'other' }))).toMatch(/^401 .*not made by/);
			expect(by(made({ alg: 'HS256' }, { ...CLAIMS, exp: 'never' }))).toMatch(/^401 .*ended/);
			expect(by(made({ alg: 'HS256' }, null))).toMatch(/^401/);
		});
	});

	it('is believed by nobody where the credential proves nothing', () => {
		expect(reason({ headers: { 'x-webhook-secret': '' } }, {})).toMatch(/^401 .*no message can be/);
		expect(evolution.missingSettings({})).toEqual(['API Key']);
		expect(evolution.missingSettings({ webhookSecret: ' ,' })).toEqual(['API Key']);
		for (const proof of [{ apiKey: 'a'.repeat(16) }, { webhookSecret: 'a' }, { jwtSecret: 'a' }]) {
			expect(evolution.missingSettings(proof)).toEqual([]);
		}
	});
});

if (existsSync(SAMPLES)) {
	describe('sample bodies of Evolution API', () => {
		it.each(Object.entries(opens))('%s opens %i', (file, count) => {
			const parsed = parse(readFileSync(path.join(SAMPLES, file), 'utf8'));
			expectSoundness(parsed);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.malformed).toEqual([]);
			const opening = parsed.messages.filter(
				({ kind, group, occasion }) => kind === 'message' && !group && !occasion,
			);
			expect(new Set(opening.map(({ id }) => id)).size).toBe(count);
			expect(JSON.stringify(parsed)).not.toMatch(/REDACTED|iVBORw/);
		});

		it('find the same contact in all three forms of its address', () => {
			const identities = [
				'text_lid_only_2.2.3',
				'text_lid_with_alt_2.3.6',
				'text_arabic_pn_alt_lid_2.4',
			]
				.map((name) => parse(readFileSync(path.join(SAMPLES, `${name}.json`), 'utf8')).messages[0])
				.map((message) => message?.contact.identities.map(({ id }) => id));
			expect(identities).toEqual([
				['lid:100000000000143'],
				['lid:100000000000143', '+12025550143'],
				['lid:100000000000143', '+12025550143'],
			]);
		});
	});
}
