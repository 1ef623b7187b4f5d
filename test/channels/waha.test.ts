import { createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { waha } from '../../nodes/channels/waha';
import { expectSoundness, NOW, readFixtures, requestOf } from './requests';
import { opens } from './samples/waha';

const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads', 'waha');
const SETTINGS = { baseUrl: 'https://waha.example.com/base/' };

const parse = (body: unknown, settings: Record<string, unknown> = SETTINGS) =>
	waha.parse(requestOf(body), settings);

function expectReasons(parts: Array<{ reason: string }>, wanted: string[]) {
	expect(parts.map(({ reason }) => reason)).toEqual(
		wanted.map((sentence) => expect.stringContaining(sentence)),
	);
}

const bodyWith = (payload: Record<string, unknown>, event = 'message') => ({
	event,
	session: 'default',
	me: { id: '966500000099@c.us' },
	payload: {
		id: 'false_966500000001@c.us_3A1',
		timestamp: 1767261600,
		from: '966500000001@c.us',
		fromMe: false,
		body: 'x',
		...payload,
	},
});

describe('WAHA bodies', () => {
	it.each(readFixtures('waha').map((fixture) => [fixture.name, fixture] as const))(
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
		['something else', { object: 'page' }, 'no "event" and "session"'],
		['Evolution API', { event: 'messages.upsert', instance: 'a' }, 'no "event" and "session"'],
	])('says of %s why it cannot be read', (_what, body, sentence) => {
		const parsed = parse(body);
		expect(parsed.unreadable).toContain(sentence);
		expect(parsed.messages).toEqual([]);
	});

	it('gives one ID to a message, whichever event brings it and however its chat is written', () => {
		const ids = ['false_966500000001@c.us_3A1', 'false_200000000000001@lid_3A1'].flatMap((id) =>
			['message', 'message.any'].map((event) => parse(bodyWith({ id }, event)).messages[0]?.id),
		);
		expect(ids).toEqual(['3A1', '3A1', '3A1', '3A1']);
	});

	it.each([
		['the address of the credential', 'http://localhost:3000/api/files/a.jpg', SETTINGS.baseUrl],
		['no address', 'https://waha.example.com/base/api/files/a.jpg', undefined],
		['an address below a path', 'http://waha:3000/base/api/files/a.jpg', SETTINGS.baseUrl],
	])('takes a file from its own server with %s', (_what, url, baseUrl) => {
		const body = bodyWith({ hasMedia: true, media: { url, mimetype: 'image/jpeg' } });
		expect(parse(body, { baseUrl }).messages[0]?.attachments[0]?.url).toBe(
			'https://waha.example.com/base/api/files/a.jpg',
		);
	});

	it('keeps no key of an address, and no address that is none', () => {
		const address = (url: string) =>
			parse(bodyWith({ hasMedia: true, media: { url } })).messages[0]?.attachments[0]?.url;
		expect(address('http://x/api/files/a?X-Api-Key=secret&b=1')).toMatch(/files\/a\?b=1$/);
		expect(address('javascript:alert(1)//api/files/a')).toBeUndefined();
		expect(address('file:///api/files/a')).toBeUndefined();
	});

	it('keeps of a message neither keys nor bytes nor addresses with a token', () => {
		const Message = {
			imageMessage: {
				URL: 'https://mmg.whatsapp.net/x?oh=secret',
				directPath: '/x?oh=secret',
				mediaKey: 'secret',
				JPEGThumbnail: 'secret',
				caption: 'kept',
			},
		};
		const url = 'http://x/api/files/a?x-api-key=secret';
		const body = bodyWith({ media: { url, s3: { Key: 'a' } }, _data: { Message } });
		const raw = JSON.stringify(parse(body).messages[0]?.raw);
		expect(raw).not.toContain('secret');
		expect(JSON.parse(raw)).toMatchObject({
			media: { url: 'http://x/api/files/a' },
			_data: { Message: { imageMessage: { caption: 'kept' } } },
		});
	});

	it('gives nothing that is nested too deeply to be written down', () => {
		const deep = '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000);
		const text = JSON.stringify(bodyWith({ location: { name: 'x', b: 'DEEP' }, _data: 'DEEP' }));
		const [message] = parse(text.replaceAll('"DEEP"', deep)).messages;
		expect(message?.text).toBe('x');
		expect(() => JSON.stringify(message)).not.toThrow();
	});

	it('never takes the digits of a LID for a phone number', () => {
		const contact = parse(bodyWith({ id: 'false_966500000001@lid_3A1', from: '966500000001@lid' }))
			.messages[0]?.contact;
		expect(contact).toEqual({
			identities: [{ channel: 'waha', account: 'default', id: 'lid:966500000001' }],
			replyTo: '966500000001@lid',
			replyContext: { chat: '966500000001@lid' },
		});
	});
});

describe('WAHA statuses', () => {
	const status = (payload: Record<string, unknown>) =>
		parse(bodyWith({ id: 'true_966500000001@c.us_3A1', fromMe: true, ...payload }, 'message.ack'))
			.notices;

	it.each([
		['SERVER', 'sent'],
		['DEVICE', 'delivered'],
		['READ', 'read'],
		['PLAYED', 'read'],
		[1, 'sent'],
		[2, 'delivered'],
		[4, 'read'],
	])('tells that %s is %s', (ack, name) => {
		expect(status(typeof ack === 'number' ? { ack } : { ackName: ack })).toEqual([
			{
				kind: 'status',
				channel: 'waha',
				account: 'default',
				id: '3A1',
				status: name,
				at: 1767261600000,
			},
		]);
	});

	it('tells why a message failed', () => {
		expect(status({ ackName: 'ERROR', timestamp: undefined })).toEqual([
			expect.objectContaining({
				status: 'failed',
				at: NOW,
				failure: { code: 'ERROR', reason: 'WhatsApp did not take the message' },
			}),
		]);
	});

	it('tells nothing of groups', () => {
		expect(status({ id: 'true_1@g.us_3A1_2@lid', ackName: 'READ' })).toBeUndefined();
		expect(parse(bodyWith({}, 'message.ack.group')).ignored).toHaveLength(1);
	});
});

describe('who sent it', () => {
	// WAHA, "Events: HMAC authentication".
	const KEY = 'my-secret-key';
	const BODY = '{"event":"message","session":"default","engine":"WEBJS"}';
	const HMAC =
		'208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89';

	function reason(
		headers: Record<string, string | string[]>,
		settings: Record<string, unknown> = { hmacSecret: KEY },
		body = BODY,
	) {
		const answer = waha.verify(
			requestOf(body, { 'x-webhook-hmac-algorithm': 'sha512', ...headers }),
			settings,
		);
		return answer.ok ? 'accepted' : `${answer.status} ${answer.reason}`;
	}
	const signed = (key: string, body = BODY) => createHmac('sha512', key).update(body).digest('hex');

	it('is believed with the published signature', () => {
		expect(reason({ 'X-Webhook-Hmac': HMAC })).toBe('accepted');
		expect(reason({ 'x-webhook-hmac': HMAC.toUpperCase() })).toBe('accepted');
		expect(reason({ 'x-webhook-hmac': HMAC }, { hmacSecret: `new,\n${KEY}` })).toBe('accepted');
	});

	it('is not believed where anything is otherwise', () => {
		expect(reason({ 'x-webhook-hmac': HMAC }, undefined, `${BODY} `)).toMatch(/^401 .*not fit/);
		expect(reason({ 'x-webhook-hmac': HMAC }, { hmacSecret: 'x' })).toMatch(/^401 .*not fit/);
		expect(reason({ 'x-webhook-hmac': `${HMAC.slice(0, -2)}00` })).toMatch(/^401 .*not fit/);
		expect(reason({ 'x-webhook-hmac': HMAC.slice(0, 64) })).toMatch(/^401 .*not fit/);
		expect(reason({ 'x-webhook-hmac': 'x' })).toMatch(/^401 .*not fit/);
		expect(reason({ 'x-webhook-hmac': [HMAC, HMAC] })).toMatch(/^401 .*not signed/);
		expect(reason({})).toMatch(/^401 .*not signed/);
	});

	it('is believed with sha512 alone', () => {
		const sha256 = createHmac('sha256', KEY).update(BODY).digest('hex');
		const algorithm = 'x-webhook-hmac-algorithm';
		expect(reason({ 'x-webhook-hmac': sha256, [algorithm]: 'sha256' })).toMatch(/^401 .*sha512/);
		expect(reason({ 'x-webhook-hmac': sha256 })).toMatch(/^401 .*not fit/);
		expect(reason({ 'x-webhook-hmac': HMAC, [algorithm]: '' })).toMatch(/^401 .*sha512/);
	});

	it('is believed by nobody where the credential has no key', () => {
		const header = { 'x-webhook-hmac': signed('') };
		expect(reason(header, {})).toMatch(/^401 .*neither/);
		expect(reason(header, { hmacSecret: ' , ' })).toMatch(/^401 .*neither/);
		expect(waha.missingSettings({ hmacSecret: ' ,' })).toEqual(['API Key or HMAC Key']);
		expect(waha.missingSettings({ hmacSecret: 'a' })).toEqual([]);
		expect(waha.missingSettings({ apiKey: 'a'.repeat(16) })).toEqual([]);
	});

	it('is not believed with the API key itself', () => {
		const apiKey = 'key-of-waha-on-this-machine';
		expect(reason({ 'x-webhook-hmac': signed(apiKey) }, { apiKey })).toMatch(/^401 .*not fit/);
	});

	it.each(['admin', 'fifteen-letters'])(
		'is not believed with what follows from a key that is easy to guess: %s',
		(apiKey) => {
			const derived = createHmac('sha256', apiKey)
				.update('n8n-nodes-inbound-conversations/waha/webhook')
				.digest('hex');
			const header = { 'x-webhook-hmac': signed(derived) };
			expect(reason(header, { apiKey })).toMatch(/^401 .*easy to guess/);
			expect(reason(header, { apiKey, hmacSecret: KEY })).toMatch(/^401 .*not fit/);
			expect(waha.missingSettings({ apiKey })).toEqual(['HMAC Key']);
			expect(waha.missingSettings({ apiKey, hmacSecret: KEY })).toEqual([]);
		},
	);

	it('is the session of the credential, or the one that WAHA begins with', () => {
		expect(waha.accounts({ session: 'sales' })).toEqual(['sales']);
		expect(waha.accounts({})).toEqual(['default']);
	});

	it('has the name that the operator gave to one of two servers', () => {
		const settings = { session: 'sales', accountName: 'Riyadh' };
		expect(waha.accounts(settings)).toEqual(['Riyadh']);
		const accountIn = (session: string, more: Record<string, unknown> = settings) => {
			const payload = { id: 'false_966500000001@c.us_3A1', from: '966500000001@c.us', body: 'x' };
			const body = { event: 'message', session, payload };
			return waha.parse(requestOf(body), more).messages[0]!.account;
		};
		expect(accountIn('sales')).toBe('Riyadh');
		// A server may have one webhook for all of its sessions.
		expect(accountIn('support')).toBe('Riyadh:support');
		expect(accountIn('support', { session: 'sales' })).toBe('support');
	});

	if (existsSync(SAMPLES)) {
		const vectors = JSON.parse(
			readFileSync(path.join(SAMPLES, 'hmac_vector.json'), 'utf8'),
		) as Array<Record<string, string>>;

		it.each(vectors)('sample signature: $source', (vector) => {
			const header = { 'x-webhook-hmac': vector['x-webhook-hmac']! };
			const settings = { hmacSecret: vector.key };
			expect(reason(header, settings, vector.body)).toBe('accepted');
			expect(reason(header, settings, `${vector.body} `)).toMatch(/^401/);
		});
	}
});

if (existsSync(SAMPLES)) {
	describe('sample bodies of WAHA', () => {
		it.each(Object.entries(opens))('%s opens %i', (file, count) => {
			const parsed = parse(readFileSync(path.join(SAMPLES, file), 'utf8'));
			expectSoundness(parsed);
			expect(parsed.malformed).toEqual([]);
			const opening = parsed.messages.filter(
				({ kind, group, occasion }) => kind === 'message' && !group && !occasion,
			);
			expect(new Set(opening.map(({ id }) => id)).size).toBe(count);
		});
	});
}
