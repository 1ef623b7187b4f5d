import { createHash, createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { channels } from '../../nodes/channels';
import type { ChannelNotice } from '../../nodes/channels/channel';
import { twilio } from '../../nodes/channels/twilio';
import { expectSoundness, NOW, readFixtures, requestOf } from './requests';
import { opens } from './samples/twilio';

const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads');

const ACCOUNT = 'AC00000000000000000000000000000001';

/** A text message, changed as the test wants; undefined leaves a parameter out. */
function formWith(parameters: Record<string, string | undefined> = {}): string {
	const all: Record<string, string | undefined> = {
		MessageSid: 'SM1',
		AccountSid: ACCOUNT,
		From: '+966500000001',
		To: '+12025550100',
		Body: 'Hello',
		SmsStatus: 'received',
		...parameters,
	};
	const form = new URLSearchParams();
	for (const [key, value] of Object.entries(all)) if (value !== undefined) form.set(key, value);
	return form.toString();
}

const parse = (body: unknown, settings: Record<string, unknown> = {}) =>
	twilio.parse(requestOf(body), settings);
const messageOf = (parameters: Record<string, string | undefined>) =>
	parse(formWith(parameters)).messages[0];

describe('Twilio bodies', () => {
	describe.each(readFixtures('twilio'))('$name', ({ about, body, expect: expected }) => {
		it(about, () => {
			const parsed = parse(body);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.messages).toStrictEqual(
				expected.messages.map((message) => ({ ...message, raw: expect.anything() })),
			);
			const { notices } = expected as unknown as { notices: ChannelNotice[] };
			expect(parsed.notices).toStrictEqual(notices);
			expect(parsed.ignored.map(({ reason }) => reason)).toEqual(expected.ignored);
			expect(parsed.malformed.map(({ reason }) => reason)).toEqual(expected.malformed);
			expectSoundness(parsed);
		});
	});

	it('keeps every letter that the customer wrote', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (Body) => {
				fc.pre(Body.trim() !== '');
				expect(messageOf({ Body })?.text).toBe(Body);
			}),
		);
	});

	it('keeps all parameters, also those of the future', () => {
		const [message] = parse(`${formWith({ New: 'x' })}&New=y`).messages;
		expect(message?.raw).toMatchObject({ MessageSid: 'SM1', Body: 'Hello', New: ['x', 'y'] });
	});

	it('shows no password of an address of a file anywhere', () => {
		const MediaUrl0 = 'https://AC1:pa@ss@api.twilio.com/2010-04-01/Media/ME1?x=a@b';
		const parsed = parse(formWith({ MediaUrl0, ReferralMediaUrl: MediaUrl0, ReferralBody: 'x' }));
		expect(JSON.stringify(parsed)).not.toMatch(/AC1:|pa@ss/);
		const url = 'https://api.twilio.com/2010-04-01/Media/ME1?x=a@b';
		expect(parsed.messages[0]?.attachments[0]?.url).toBe(url);
		expect(parsed.messages[0]?.referral?.ReferralMediaUrl).toBe(url);
	});

	it('takes files in the order of their numbers, and no more addresses than the web has', () => {
		const files = Object.fromEntries([10, 2, 0, 1].map((n) => [`MediaUrl${n}`, `https://x/${n}`]));
		const urls = messageOf({ ...files, MediaUrl3: 'javascript:alert(1)' })?.attachments;
		expect(urls?.map(({ url }) => url)).toEqual([
			'https://x/0',
			'https://x/1',
			'https://x/2',
			undefined,
			'https://x/10',
		]);
	});

	it('reads a message that was asked for by GET from the address', () => {
		const request = requestOf('');
		const url = `${request.url}?${formWith({ Body: 'مرحبا 🙏' })}`;
		const parsed = twilio.parse({ ...request, url }, {});
		expect(parsed.messages.map(({ text }) => text)).toEqual(['مرحبا 🙏']);
	});

	it('tells of JSON, which other products of Twilio post', () => {
		const request = requestOf('[{}]', { 'content-type': 'application/json' });
		const parsed = twilio.parse(request, {});
		expect(parsed.unreadable).toBeUndefined();
		expect(parsed.malformed[0]?.reason).toContain('Event Streams');
	});

	it.each(['', 'hello', '{}', 'MessageSid=', 'From=%2B12025550143&Body=x'])(
		'refuses %j as no message of Twilio',
		(body) => {
			expect(parse(body).unreadable).toContain('MessageSid');
		},
	);

	it('knows a message by its older names, too', () => {
		const ids = [
			{ MessageSid: undefined, SmsSid: 'SM2' },
			{ MessageSid: undefined, SmsMessageSid: 'SM3' },
			{ MessageSid: 'm'.repeat(513), SmsSid: 'SM4' },
		].map((parameters) => messageOf(parameters)?.id);
		expect(ids).toEqual(['SM2', 'SM3', 'SM4']);
	});

	it('names nothing that the customer wrote where a message cannot be read', () => {
		const { malformed } = parse(formWith({ From: '', Body: 'my password is 1234' }));
		expect(malformed).toHaveLength(1);
		expect(JSON.stringify(malformed)).not.toContain('1234');
	});

	it.each(['12025550143', '+1', '+0123456789', '+1234567890123456', '+1 202', 'INFO'])(
		'takes %j for no phone number',
		(From) => {
			const contact = messageOf({ From })?.contact;
			expect(contact).not.toHaveProperty('phone');
			expect(contact?.identities).toEqual([
				{ channel: 'twilio', account: `${ACCOUNT}:+12025550100`, id: From },
			]);
		},
	);

	it('believes the phone number of no other network', () => {
		const From = 'messenger:+966500000001';
		expect(messageOf({ From })?.contact.identities.map(({ id }) => id)).toEqual([From]);
	});

	it.each([
		['YES', 'optIn', undefined],
		['unstop', 'optIn', undefined],
		['cancel', 'optOut', true],
		['OptOut', 'optOut', true],
	])('acts on %s by SMS as Twilio does', (Body, kind, neverOpens) => {
		const { messages, notices } = parse(formWith({ Body }));
		expect(notices).toMatchObject([{ kind, reason: 'stop' }]);
		expect(messages[0]?.neverOpens).toBe(neverOpens);
	});

	it.each(['YES', 'End', 'quit', 'REVOKE'])('takes %s by WhatsApp for an answer', (Body) => {
		const { messages, notices } = parse(formWith({ Body, From: 'whatsapp:+966500000001' }));
		expect(notices).toEqual([]);
		expect(messages[0]).not.toHaveProperty('neverOpens');
	});

	it('knows the same person by SMS and by WhatsApp', () => {
		const both = [{}, { From: 'whatsapp:+966500000001', To: 'whatsapp:+12025550100' }];
		const [sms, whatsapp] = both.map((parameters) => messageOf(parameters)?.contact.identities);
		expect(sms).toEqual([{ channel: 'phone', account: '', id: '+966500000001' }]);
		expect(whatsapp).toEqual(sms);
	});

	it('leaves base64 as it is, unless the operator asks', () => {
		const text = 'طلبي رقم 42 لم يصل بعد، أين هو؟ 🙏\nشكراً';
		const Body = Buffer.from(text, 'utf8').toString('base64');
		const read = (body: string, decodeBase64: unknown) =>
			parse(formWith({ Body: body }), { decodeBase64 }).messages[0]?.text;
		expect(read(Body, false)).toBe(Body);
		expect(read(Body, 'true')).toBe(Body);
		expect(read(Body, true)).toBe(text);
	});

	it.each([
		'Hello',
		Buffer.from('Hello world').toString('base64'),
		Buffer.from(`\u0000${'x'.repeat(60)}`).toString('base64'),
		'A'.repeat(60),
		`https://example.com/${'a'.repeat(60)}`,
		'0'.repeat(64),
	])('decodes no text that only looks like base64: %s', (Body) => {
		expect(parse(formWith({ Body }), { decodeBase64: true }).messages[0]?.text).toBe(Body);
	});

	it('finds the sender of a status in the credential where Twilio leaves it out', () => {
		const body = 'MessageSid=SM1&MessageStatus=delivered';
		const settings = { accountSid: ACCOUNT, sender: '+12025550100' };
		expect(parse(body, settings).notices).toEqual([
			expect.objectContaining({ account: `${ACCOUNT}:+12025550100`, id: 'SM1' }),
		]);
	});

	it('asks for the auth token, and knows the account that it sends from', () => {
		expect(twilio.missingSettings({})).toEqual(['Auth Token']);
		expect(twilio.missingSettings({ authToken: 't' })).toEqual([]);
		expect(twilio.accounts({ accountSid: ACCOUNT })).toEqual([]);
		expect(twilio.accounts({ accountSid: ACCOUNT, sender: 'whatsapp:+1202' })).toEqual([
			`${ACCOUNT}:whatsapp:+1202`,
		]);
	});

	it('answers with TwiML that does nothing', () => {
		expect(twilio.answer).toEqual({
			status: 200,
			contentType: 'text/xml',
			body: '<?xml version="1.0" encoding="UTF-8"?><Response/>',
		});
	});
});

describe('Twilio takes whatever is sent', () => {
	const body = new URLSearchParams(formWith({ MediaUrl0: 'https://x/0', Latitude: '1' }));

	it('in any parameter', () => {
		const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', ' ', '__proto__'));
		const key = fc.constantFrom(
			...body.keys(),
			'OptOutType',
			'MessageStatus',
			'ErrorCode',
			'__proto__',
		);
		fc.assert(
			fc.property(fc.array(fc.tuple(key, value)), fc.boolean(), (changes, decodeBase64) => {
				const form = new URLSearchParams(body);
				for (const [name, text] of changes) form.set(name, text);
				expectSoundness(parse(form.toString(), { decodeBase64 }));
			}),
			{ numRuns: 1000 },
		);
	});

	it('under any name, which changes no object', () => {
		const [message] = parse(`${formWith()}&__proto__=x&__proto__=y&constructor=z`).messages;
		expect(Object.getPrototypeOf(message?.raw)).toBe(Object.prototype);
		expect(Object.entries(message?.raw as object)).toEqual(
			expect.arrayContaining([
				['__proto__', ['x', 'y']],
				['constructor', 'z'],
			]),
		);
	});

	it('as any bytes, signed or not', () => {
		fc.assert(
			fc.property(fc.uint8Array(), fc.string(), (bytes, header) => {
				const request = requestOf(Buffer.from(bytes), { 'x-twilio-signature': header });
				expectSoundness(twilio.parse(request, {}));
				expect(twilio.verify(request, { authToken: 'token' }).ok).toBe(false);
			}),
		);
	});
});

describe('the signature of Twilio', () => {
	const TOKEN = '12345';
	const URL_SHOWN = 'https://n8n.example.com/webhook/inbound';

	const signed = (text: string, token = TOKEN, algorithm = 'sha1') =>
		createHmac(algorithm, token).update(text, 'utf8').digest('base64');

	function verify(
		body: string | Buffer,
		signature: string | string[] | undefined,
		{ url = URL_SHOWN, headers = {}, ...settings }: Record<string, unknown> = {},
	) {
		const request = requestOf(body, {
			'x-twilio-signature': signature,
			...(headers as Record<string, string>),
		});
		return twilio.verify({ ...request, url: url as string }, { authToken: TOKEN, ...settings });
	}

	it('accepts the address and the sorted parameters, decoded', () => {
		const body = 'To=%2B1&Body=%D9%85%D8%B1+%F0%9F%99%8F&Empty=&a=2&Z=1';
		const text = `${URL_SHOWN}Bodyمر 🙏EmptyTo+1Z1a2`;
		expect(verify(body, signed(text))).toEqual({ ok: true });
		expect(verify(`${body}&b=3`, signed(text)).ok).toBe(false);
		expect(verify(body, signed(text, '1234')).ok).toBe(false);
		expect(verify(body, signed(text, TOKEN, 'sha256')).ok).toBe(false);
	});

	it('takes each different value of a repeated key once, in order', () => {
		expect(verify('k=2&k=1&k=2', signed(`${URL_SHOWN}k1k2`)).ok).toBe(true);
		expect(verify('k=2&k=1&k=2', signed(`${URL_SHOWN}k2k1k2`)).ok).toBe(false);
	});

	it.each([
		'https://n8n.example.com/webhook/inbound?a=it%27s+me',
		"https://n8n.example.com/webhook/inbound?a=it's+me",
		"https://n8n.example.com:443/webhook/inbound?a=it's+me",
		"https://n8n.example.com/webhook/inbound?a=it's%20me",
	])('accepts the address as Twilio may write it: %s', (address) => {
		const url = "https://n8n.example.com/webhook/inbound?a=it's+me";
		expect(verify('b=1', signed(`${address}b1`), { url }).ok).toBe(true);
	});

	it.each([':443', ':5678'])('accepts the address without the port %s', (port) => {
		const url = `https://n8n.example.com${port}/webhook/inbound`;
		expect(verify('b=1', signed(`${URL_SHOWN}b1`), { url }).ok).toBe(true);
	});

	it('accepts the settings of a connection that are part of the entered address', () => {
		const webhookUrl = `${URL_SHOWN}#rc=2`;
		expect(verify('b=1', signed(`${webhookUrl}b1`), { webhookUrl }).ok).toBe(true);
		expect(verify('b=1', signed(`${webhookUrl}b1`)).ok).toBe(false);
	});

	it('puts equal keys of the query beside each other, as older signers do', () => {
		const address = `${URL_SHOWN}?a=1&a=3&b=2`;
		expect(verify('', signed(address), { url: `${URL_SHOWN}?a=1&b=2&a=3` }).ok).toBe(true);
	});

	it.each([
		['another port', 'https://n8n.example.com:8443/webhook/inbound'],
		['another scheme', 'http://n8n.example.com/webhook/inbound'],
		['another host', 'https://n8n.example.org/webhook/inbound'],
		['another path', 'https://n8n.example.com/webhook/other'],
		['another query', `${URL_SHOWN}?a=1`],
	])('does not accept %s', (_what, address) => {
		expect(verify('b=1', signed(`${address}b1`)).ok).toBe(false);
	});

	it.each([
		['all of it', 'https://user:pa:ss@bots.example.com:8443/hook'],
		['its end a fragment with settings', 'https://user:pa:ss@bots.example.com:8443/hook#rc=2'],
	])('accepts the address that the operator entered: %s', (_what, webhookUrl) => {
		const url = `${URL_SHOWN}?a=1`;
		const given = signed('https://user:pa:ss@bots.example.com:8443/hook?a=1b1');
		expect(verify('b=1', given, { url, webhookUrl }).ok).toBe(true);
		expect(verify('b=1', given, { url }).ok).toBe(false);
	});

	it('accepts an address with a query of its own that a proxy took away', () => {
		const webhookUrl = 'https://bots.example.com/hook?key=1';
		expect(verify('b=1', signed(`${webhookUrl}b1`), { webhookUrl }).ok).toBe(true);
	});

	it.each(['https://bots.example.com', 'https://bots.example.com/', 'bots.example.com'])(
		'takes the beginning %s for this webhook, in tests and in production',
		(webhookUrl) => {
			const url = 'http://localhost:5678/webhook-test/inbound?a=1';
			const given = signed('https://bots.example.com/webhook-test/inbound?a=1b1');
			expect(verify('b=1', given, { url, webhookUrl }).ok).toBe(true);
			expect(verify('b=2', given, { url, webhookUrl }).ok).toBe(false);
		},
	);

	it('accepts each of several tokens, and the address that n8n shows besides the entered one', () => {
		const more = { authToken: `old, ${TOKEN}\nsub`, webhookUrl: 'https://bots.example.com/hook' };
		for (const token of ['old', TOKEN, 'sub']) {
			expect(verify('b=1', signed(`${URL_SHOWN}b1`, token), more).ok).toBe(true);
		}
		expect(verify('b=1', signed(`${URL_SHOWN}b1`, `old, ${TOKEN}`), more).ok).toBe(false);
	});

	describe('of JSON', () => {
		const body = '{"نص":"🙏"}';
		const url = `${URL_SHOWN}?bodySHA256=${createHash('sha256').update(body).digest('hex')}`;

		it('covers the body by its hash', () => {
			expect(verify(body, signed(url), { url }).ok).toBe(true);
			expect(verify(`${body} `, signed(url), { url }).ok).toBe(false);
			expect(verify('', signed(url), { url }).ok).toBe(false);
		});

		it('does not cover a body without a hash', () => {
			expect(verify(body, signed(URL_SHOWN)).ok).toBe(false);
			expect(verify('', signed(URL_SHOWN)).ok).toBe(true);
		});

		it.each(['', 'abc', 'z'.repeat(64)])('refuses the hash %j', (hash) => {
			const other = `${URL_SHOWN}?bodySHA256=${hash}`;
			expect(verify(body, signed(other), { url: other }).ok).toBe(false);
		});
	});

	it('uses SHA-256 where a rule of the account says so', () => {
		const header = (algorithm: string) => ({
			headers: { 'x-twilio-webhooks-signature-settings': `key=WK1,algorithm=${algorithm}` },
			authToken: `${TOKEN},shared`,
		});
		const given = signed(`${URL_SHOWN}b1`, 'shared', 'sha256');
		expect(verify('b=1', given, header('HMAC_SHA256')).ok).toBe(true);
		expect(verify('b=1', given, header('HMAC_SHA1')).ok).toBe(false);
		expect(verify('b=1', given, header('ED25519'))).toMatchObject({
			ok: false,
			reason: expect.stringContaining('version of the package'),
		});
	});

	it.each([
		['no header', undefined, 'no X-Twilio-Signature'],
		['an empty header', '', 'no X-Twilio-Signature'],
		['two headers', [signed(URL_SHOWN), signed(URL_SHOWN)], 'no X-Twilio-Signature'],
		['a header that is no base64', '***', 'does not fit'],
		['a cut signature', signed(URL_SHOWN).slice(0, 8), 'does not fit'],
		['a signature of another length', signed(URL_SHOWN, TOKEN, 'sha256'), 'not the form'],
	])('refuses %s', (_what, header, reason) => {
		const refused = verify('', header);
		expect(refused).toMatchObject({ ok: false, status: 401 });
		expect(refused).toHaveProperty('reason', expect.stringContaining(reason));
	});

	it('refuses what is no webhook about a message before it reads the parameters', () => {
		const keys = (count: number) => Array.from({ length: count }, (_, n) => `k${1e4 + n}=`);
		const signedBody = (parameters: string[]) =>
			verify(
				parameters.join('&'),
				signed(URL_SHOWN + parameters.map((one) => one.replace('=', '')).join('')),
			);
		expect(signedBody(keys(1000)).ok).toBe(true);
		expect(signedBody(keys(1001))).toMatchObject({
			ok: false,
			reason: expect.stringContaining('larger'),
		});
		expect(signedBody([`a=${'x'.repeat(64_000)}`]).ok).toBe(true);
		expect(signedBody([`a=${'x'.repeat(66_000)}`])).toMatchObject({
			ok: false,
			reason: expect.stringContaining('larger'),
		});
	});

	it('names the address to compare in the reason, without its query', () => {
		const refused = verify('', signed('x'), { url: `${URL_SHOWN}?secret=1` });
		expect(refused).toHaveProperty('reason', expect.stringContaining(`exactly ${URL_SHOWN},`));
	});

	it.each([undefined, null, '', ' , \n', 0, {}])(
		'refuses everybody while the token is %j',
		(authToken) => {
			const refused = verify('', signed(URL_SHOWN, ''), { authToken });
			expect(refused).toMatchObject({
				ok: false,
				reason: expect.stringContaining('No Auth Token'),
			});
		},
	);
});

if (existsSync(SAMPLES)) {
	interface Vector {
		channel: string;
		name: string;
		secret: string;
		url: string;
		params: Record<string, string | string[]>;
		raw?: string;
		value: string;
	}
	const read = (...file: string[]) => readFileSync(path.join(SAMPLES, ...file), 'utf8');
	const vectors = (JSON.parse(read('signature_vectors.json')) as Vector[]).filter(
		({ channel }) => channel === 'twilio',
	);

	describe('sample signatures of Twilio', () => {
		it('are ten', () => expect(vectors).toHaveLength(10));

		it.each(vectors)('$name', ({ secret, url, params, raw, value }) => {
			const form = new URLSearchParams();
			for (const [key, values] of Object.entries(params)) {
				for (const one of [values].flat()) form.append(key, one);
			}
			const verify = (authToken: string, body: string, webhookUrl?: string) => {
				const request = requestOf(body, { 'x-twilio-signature': value });
				const shown = webhookUrl === undefined ? { ...request, url } : request;
				return twilio.verify(shown, { authToken, webhookUrl }).ok;
			};
			const body = raw ?? form.toString();
			expect(verify(secret, body)).toBe(true);
			expect(verify(`${secret}6`, body)).toBe(false);
			expect(verify(secret, `${body}x`)).toBe(false);
			// The same address, entered in the credential. The hash of JSON always comes with the request.
			if (raw === undefined) expect(verify(secret, body, url)).toBe(true);
		});
	});

	describe('sample bodies of Twilio', () => {
		const files = readdirSync(path.join(SAMPLES, 'twilio'));

		it('are all known', () => expect(files.sort()).toEqual(Object.keys(opens).sort()));

		it.each(files)('%s', (file) => {
			const { raw } = JSON.parse(read('twilio', file)) as { raw: string };
			const parsed = parse(raw, { accountSid: ACCOUNT, sender: '+12025550100' });
			expectSoundness(parsed);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.malformed).toEqual([]);
			const opening = parsed.messages.filter(
				({ kind, group, occasion, neverOpens }) =>
					kind === 'message' && !group && !occasion && !neverOpens,
			);
			expect(new Set(opening.map(({ account, id }) => `${account} ${id}`)).size).toBe(opens[file]);
			// Whatever opens nothing here is a status of a message.
			expect(new Set(parsed.notices?.map(({ kind }) => kind))).toEqual(
				new Set(opens[file] === 0 ? ['status'] : []),
			);
		});

		it('decodes the text that came as base64, where the operator asks', () => {
			const { raw } = JSON.parse(read('twilio', 'sms_base64_concatenated.json')) as { raw: string };
			const [plain] = parse(raw).messages;
			const [decoded] = parse(raw, { decodeBase64: true }).messages;
			expect(plain?.text).toMatch(/^QmFubm9u/);
			expect(decoded?.text).toBe('Bannon Explains The World ...\n“The Camp of the Saints');
		});
	});
}

it('has a key that no other channel has', () => {
	expect(channels.filter(({ key }) => key === twilio.key)).toHaveLength(1);
});

it('takes the time of the request for when a message was sent', () => {
	expect(messageOf({})?.sentAt).toBe(NOW);
});
