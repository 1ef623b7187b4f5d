import { whatsapp } from '../../nodes/channels/whatsapp';
import { metaSignature, requestOf } from './requests';

const SETTINGS = { appSecret: 'sesame', verifyToken: 'open-up' };

describe('the webhook check of Meta', () => {
	const answer = (query: Record<string, unknown>, settings: Record<string, unknown> = SETTINGS) =>
		whatsapp.handshake?.({ ...requestOf(''), query }, settings);
	const right = {
		'hub.mode': 'subscribe',
		'hub.verify_token': 'open-up',
		'hub.challenge': '1158201444',
	};

	it('echoes the challenge, as plain text and nothing else', () => {
		expect(answer(right)).toEqual({ status: 200, contentType: 'text/plain', body: '1158201444' });
	});

	it('forgives the space that came along when the token was copied', () => {
		expect(answer(right, { verifyToken: ' open-up\n' })?.status).toBe(200);
	});

	it.each([
		['a wrong token', { ...right, 'hub.verify_token': 'open-u' }],
		['a token of the same length', { ...right, 'hub.verify_token': 'open-uq' }],
		['no token', { 'hub.mode': 'subscribe', 'hub.challenge': '1' }],
		['a list of tokens', { ...right, 'hub.verify_token': ['open-up'] }],
		['another mode', { ...right, 'hub.mode': 'unsubscribe' }],
		['no challenge', { 'hub.mode': 'subscribe', 'hub.verify_token': 'open-up' }],
		['a challenge that is an object', { ...right, 'hub.challenge': { a: '1' } }],
		['an empty query', {}],
	])('refuses %s, and echoes nothing', (_what, query) => {
		const refused = answer(query);
		expect(refused).toMatchObject({ status: 403, contentType: 'text/plain' });
		expect(refused?.body).not.toContain('1158201444');
	});

	it.each([undefined, null, '', '  ', 0, {}])(
		'refuses everybody while the token is %j',
		(token) => {
			const query = { ...right, 'hub.verify_token': token };
			expect(answer(query, { verifyToken: token })?.status).toBe(403);
		},
	);
});

describe('the signature of Meta', () => {
	const ARABIC = '{"text":"مرحبا 🙏 é"}';
	const ESCAPED = '{"text":"\\u0645\\u0631\\u062d\\u0628\\u0627 \\ud83d\\ude4f \\u00e9"}';
	const verifyWith = (appSecret: unknown, body: string | Buffer, header: unknown) =>
		whatsapp.verify(requestOf(body, { 'x-hub-signature-256': header as string }), { appSecret });
	const verify = (body: string | Buffer, header: unknown) => verifyWith('sesame', body, header);

	it('accepts the bytes as they came', () => {
		expect(verify(ARABIC, metaSignature(ARABIC, 'sesame'))).toEqual({ ok: true });
		expect(verify('', metaSignature('', 'sesame'))).toEqual({ ok: true });
	});

	it('accepts the escaped form that Meta signs, where a proxy decoded the body', () => {
		expect(verify(ARABIC, metaSignature(ESCAPED, 'sesame'))).toEqual({ ok: true });
		expect(verify(ESCAPED, metaSignature(ESCAPED, 'sesame'))).toEqual({ ok: true });
	});

	it('escapes no body that is larger than those of Meta', () => {
		const decoded = (length: number) => `{"text":"é${'x'.repeat(length)}"}`;
		const signedEscaped = (body: string) => metaSignature(body.replace('é', '\\u00e9'), 'sesame');
		for (const [length, ok] of [
			[2_900_000, true],
			[3_100_000, false],
		] as const) {
			const body = decoded(length);
			expect(verify(body, signedEscaped(body)).ok).toBe(ok);
			expect(verify(body, metaSignature(body, 'sesame')).ok).toBe(true);
		}
	});

	it('does not accept the decoded form for the escaped one', () => {
		expect(verify(ESCAPED, metaSignature(ARABIC, 'sesame')).ok).toBe(false);
	});

	it('accepts bytes that are not UTF-8', () => {
		const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
		expect(verify(bytes, metaSignature(bytes, 'sesame'))).toEqual({ ok: true });
	});

	it.each(['old,sesame', 'sesame\nold', ' old ,\r\n sesame ,'])(
		'accepts each of several secrets: %j',
		(secrets) => {
			expect(verifyWith(secrets, '{}', metaSignature('{}', 'sesame'))).toEqual({ ok: true });
			expect(verifyWith(secrets, '{}', metaSignature('{}', 'old'))).toEqual({ ok: true });
			expect(verifyWith(secrets, '{}', metaSignature('{}', 'other')).ok).toBe(false);
		},
	);

	it('finds the header however it is written, with digits of either case', () => {
		const upperCase = `sha256=${metaSignature('{}', 'sesame').slice(7).toUpperCase()}`;
		const request = requestOf('{}', { 'X-Hub-Signature-256': upperCase });
		expect(whatsapp.verify(request, SETTINGS)).toEqual({ ok: true });
	});

	const good = metaSignature('{}', 'sesame');
	it.each([
		['another body', metaSignature('{} ', 'sesame')],
		['another secret', metaSignature('{}', 'Sesame')],
		['a cut signature', good.slice(0, -2)],
		['a longer signature', `${good}00`],
		['half a byte', good.slice(0, -1)],
		['letters that are no digits', `sha256=${'z'.repeat(64)}`],
		['no prefix', good.slice(7)],
		['another algorithm', good.replace('sha256', 'sha1')],
		['only the prefix', 'sha256='],
	])('refuses %s', (_what, header) => {
		expect(verify('{}', header)).toEqual({
			ok: false,
			status: 401,
			reason: expect.stringContaining('App Secret'),
		});
	});

	it.each([undefined, '', [], [good, good]])('says when there is no one header: %j', (header) => {
		expect(verify('{}', header)).toMatchObject({
			ok: false,
			reason: expect.stringContaining('no X-Hub-Signature-256 header'),
		});
	});

	it.each([undefined, null, '', ' ', ',\n', 0, {}])(
		'trusts nobody while the secret is %j',
		(secret) => {
			for (const guess of ['', ' ', 'undefined', 'null', '0']) {
				expect(verifyWith(secret, '{}', metaSignature('{}', guess))).toMatchObject({
					ok: false,
					reason: expect.stringContaining('No App Secret is set'),
				});
			}
		},
	);
});
