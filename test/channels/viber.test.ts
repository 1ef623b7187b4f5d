import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { ChannelNotice } from '../../nodes/channels/channel';
import { viber } from '../../nodes/channels/viber';
import { expectSoundness, NOW, readFixtures, requestOf } from './requests';
import { opens } from './samples/viber';

const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads');
const FIXTURES = path.join(__dirname, 'fixtures', 'viber');
const USER = 'xy5/5y6O81+/kbWHpLhBoA==';
/** Beyond 2^53, as all of Viber's are. */
const DIGITS = '4912661846655238145';

const parse = (body: unknown, settings: Record<string, unknown> = {}) =>
	viber.parse(requestOf(body), settings);
const signature = (body: Buffer | string, token: string) =>
	createHmac('sha256', token).update(body).digest('hex');

/** A text message as Viber writes it, with these digits for its token. */
const bodyWith = (token: string, more: Record<string, unknown> = {}) =>
	`${JSON.stringify({
		event: 'message',
		timestamp: 1767261600000,
		sender: { id: USER, name: 'سارة' },
		message: { type: 'text', text: 'Hello' },
		...more,
	}).slice(0, -1)},"message_token":${token}}`;

describe('Viber bodies', () => {
	describe.each(readFixtures('viber'))('$name', ({ name, about, expect: expected }) => {
		it(about, () => {
			// The text of the file: read as JSON by the test, the token would be rounded already.
			const file = readFileSync(path.join(FIXTURES, `${name}.json`), 'utf8');
			const parsed = parse(
				file
					.slice(file.indexOf('"body":') + 7, file.lastIndexOf('"expect":'))
					.trim()
					.replace(/,$/, ''),
			);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.messages).toStrictEqual(
				expected.messages.map((message) => ({ ...message, raw: expect.anything() })),
			);
			const { notices = [] } = expected as { notices?: ChannelNotice[] };
			expect(parsed.notices).toStrictEqual(notices);
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

	it('keeps apart the tokens of two messages that are the same number when rounded', () => {
		const tokens = [DIGITS, '4912661846655238146'];
		expect(Number(tokens[0])).toBe(Number(tokens[1]));
		expect(tokens.map((token) => parse(bodyWith(token)).messages[0]?.id)).toEqual(tokens);
	});

	it('knows a message that comes again by the same ID', () => {
		const twice = [1, 2].flatMap(() => parse(bodyWith(DIGITS)).messages);
		expect(new Set(twice.map(({ account, id }) => `${account} ${id}`)).size).toBe(1);
	});

	it('leaves out of the raw object what fetches a file or a picture', () => {
		const media = 'https://media.example.com/1.jpg?Signature=abc';
		const avatar = 'https://media.example.com/avatar?dlid=abc';
		const body = bodyWith('1', {
			sender: { id: USER, avatar },
			message: { type: 'picture', media, thumbnail: media, text: 'a', tracking_data: 't' },
		});
		const [message] = parse(body).messages;
		expect(message?.attachments[0]?.url).toBe(media);
		expect(JSON.stringify(message?.raw)).not.toContain('abc');
		expect(message?.raw).toMatchObject({ message: { type: 'picture', text: 'a' } });
	});

	it('keeps the digits in the raw object as well', () => {
		const [message] = parse(bodyWith(DIGITS)).messages;
		expect(message?.raw).toMatchObject({ message_token: DIGITS });
	});

	it('does not repeat what a customer wrote where it cannot be read', () => {
		const body = bodyWith('1', { sender: {}, message: { type: 'text', text: 'pin 1234' } });
		expect(JSON.stringify(parse(body).malformed)).not.toContain('1234');
	});

	it.each([
		['no JSON', '<html>', 'not a JSON object'],
		['nothing', '', 'not a JSON object'],
		['a list', '[]', 'not a JSON object'],
		['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not a JSON object'],
		['another sender', { object: 'page' }, 'names no "event"'],
		['an event that is no word', { event: 7 }, 'names no "event"'],
	])('says of %s why it cannot be read', (_what, body, sentence) => {
		const parsed = parse(body);
		expect(parsed.unreadable).toContain(sentence);
		expect(parsed.messages).toEqual([]);
	});

	it('is sound whatever stands in a body', () => {
		const any = fc.jsonValue();
		const events = ['message', 'subscribed', 'conversation_started', 'unsubscribed', 'failed'];
		const kinds = ['text', 'picture', 'video', 'file', 'sticker', 'contact', 'location', 'url'];
		const person = fc.oneof(
			any,
			fc.record({ id: fc.oneof(any, fc.constant(USER)), name: any, country: any, language: any }),
		);
		const body = fc.record({
			event: fc.constantFrom(...events),
			timestamp: any,
			message_token: fc.oneof(any, fc.constant(Number(DIGITS))),
			user_id: any,
			desc: any,
			context: any,
			sender: person,
			user: person,
			message: fc.oneof(
				any,
				fc.record({
					type: fc.constantFrom(...kinds),
					text: any,
					media: any,
					file_name: any,
					contact: any,
					location: any,
					sticker_id: any,
				}),
			),
		});
		fc.assert(
			fc.property(body, (value) => {
				const parsed = parse(value);
				expectSoundness(parsed);
				for (const notice of parsed.notices ?? [])
					expect(Number.isSafeInteger(notice.at)).toBe(true);
			}),
			{ numRuns: 500 },
		);
	});

	it('tells no reason that a customer may have written', () => {
		const desc = 'text "my pin is 1234" at https://example.com/x to +12025550143 سر is wrong.';
		const body = JSON.stringify({ event: 'failed', message_token: 1, user_id: USER, desc });
		expect(parse(body).notices).toMatchObject([
			{ status: 'failed', failure: { reason: 'text "…" at … to … … is wrong' } },
		]);
	});

	it('takes a time that cannot be read for now', () => {
		const [message] = parse(bodyWith('1', { timestamp: 'yesterday' })).messages;
		expect(message?.sentAt).toBe(NOW);
	});
});

describe('the account of a Viber bot', () => {
	const accountWith = (settings: Record<string, unknown>) =>
		parse(bodyWith('1'), settings).messages[0]?.account;

	it('is the same for the same token, another for another, and tells nothing of it', () => {
		const account = accountWith({ authToken: 'token-1' });
		expect(account).toMatch(/^[0-9a-f]{12}$/);
		expect(accountWith({ authToken: ' token-1\n' })).toBe(account);
		expect(accountWith({ authToken: 'token-2' })).not.toBe(account);
		expect(viber.accounts({ authToken: 'token-1' })).toEqual([account]);
	});

	it('never changes, since all contacts are known by it', () => {
		// Another value here makes strangers of the contacts of everybody who uses Viber.
		expect(
			accountWith({
				authToken: ['44b935abea139fd6', '53fa53b32559c4a6', '12dbd3d883b06835'].join('-'),
			}),
		).toBe('5e4455768b16');
	});

	it('is the name of the operator where there is one', () => {
		expect(accountWith({ authToken: 'token-2', account: ' shop ' })).toBe('shop');
		expect(viber.accounts({ authToken: 'token-2', account: 'shop' })).toEqual(['shop']);
		expect(viber.accounts({})).toEqual([]);
	});
});

describe('the signature of Viber', () => {
	const ARABIC = '{"event":"message","text":"مرحبا 🙏"}';
	const verifyWith = (authToken: unknown, body: string | Buffer, header: unknown) =>
		viber.verify(requestOf(body, { 'x-viber-content-signature': header as string }), { authToken });
	const verify = (body: string | Buffer, header: unknown) => verifyWith('sesame', body, header);

	it('accepts the bytes as they came, and no others', () => {
		expect(verify(ARABIC, signature(ARABIC, 'sesame'))).toEqual({ ok: true });
		expect(verify(ARABIC, signature(ARABIC, 'sesame').toUpperCase())).toEqual({ ok: true });
		expect(verify(`${ARABIC} `, signature(ARABIC, 'sesame')).ok).toBe(false);
		const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
		expect(verify(bytes, signature(bytes, 'sesame'))).toEqual({ ok: true });
	});

	it('finds the header however it is written, and forgives space around the token', () => {
		const request = requestOf('{}', { 'X-Viber-Content-Signature': signature('{}', 'sesame') });
		expect(viber.verify(request, { authToken: ' sesame\n' })).toEqual({ ok: true });
	});

	it.each([undefined, '', ' ', 7, {}])('trusts nothing while the token is %j', (token) => {
		const refused = verifyWith(token, '{}', signature('{}', ''));
		expect(refused).toMatchObject({ ok: false, status: 401 });
		expect(refused).toHaveProperty('reason', expect.stringContaining('No Auth Token'));
	});

	const good = signature('{}', 'sesame');
	it.each([
		['nothing', undefined],
		['an empty text', ''],
		['another token', signature('{}', 'other')],
		['base64', Buffer.from(good, 'hex').toString('base64')],
		['half of it', good.slice(0, 32)],
		['a digit that is none', `${good.slice(0, -1)}g`],
		['twice', [good, good]],
	])('refuses %s', (_what, header) => {
		const refused = verify('{}', header);
		expect(refused).toMatchObject({ ok: false, status: 401 });
		expect(JSON.stringify(refused)).not.toContain('sesame');
	});
});

describe('Viber settings', () => {
	it('needs the token to receive, and a name besides to send', () => {
		expect(viber.missingSettings({})).toEqual(['Auth Token']);
		expect(viber.missingSettings({ authToken: 't' })).toEqual([]);
		expect(viber.sending?.missingSettings({})).toEqual(['Auth Token', 'Sender Name']);
		expect(viber.sending?.missingSettings({ authToken: 't', senderName: 'S' })).toEqual([]);
	});

	it('answers with nothing, which Viber cannot take for a welcome message', () => {
		expect(viber.answer).toEqual({ status: 200, contentType: 'text/plain', body: '' });
	});
});

if (existsSync(SAMPLES)) {
	const read = (...file: string[]) => readFileSync(path.join(SAMPLES, ...file), 'utf8');

	describe('sample bodies of Viber', () => {
		const files = readdirSync(path.join(SAMPLES, 'viber'));

		it('are all known', () => {
			expect(files.sort()).toEqual(Object.keys(opens).sort());
		});

		it.each(files)('%s', (file) => {
			const parsed = parse(read('viber', file));
			expectSoundness(parsed);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.malformed).toEqual([]);
			const opening = parsed.messages.filter(
				({ kind, group, occasion }) => kind === 'message' && !group && !occasion,
			);
			expect(new Set(opening.map(({ account, id }) => `${account} ${id}`)).size).toBe(opens[file]);
		});
	});

	interface Vector {
		channel: string;
		name: string;
		secret: string;
		raw: string;
		value: string;
	}
	const vectors = (JSON.parse(read('signature_vectors.json')) as Vector[]).filter(
		({ channel }) => channel === 'viber',
	);

	describe('sample signatures of Viber', () => {
		it.each(vectors)('$name', ({ secret, raw, value }) => {
			const verify = (body: string, authToken = secret) =>
				viber.verify(requestOf(body, { 'x-viber-content-signature': value }), { authToken }).ok;
			expect(verify(raw)).toBe(true);
			expect(verify(`${raw} `)).toBe(false);
			expect(verify(raw, `${secret}x`)).toBe(false);
		});

		it('are there', () => {
			expect(vectors).toHaveLength(1);
		});
	});
}
