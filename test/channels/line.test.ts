import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { ChannelNotice } from '../../nodes/channels/channel';
import { line } from '../../nodes/channels/line';
import { expectSoundness, NOW, readFixtures, requestOf } from './requests';
import { opens } from './samples/line';

const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads');
const BOT = `U${'b'.repeat(32)}`;

const parse = (body: unknown) => line.parse(requestOf(body), {});
const signature = (body: Buffer | string, secret: string) =>
	createHmac('sha256', secret).update(body).digest('base64');

/** A body with one text message, changed as the test wants. */
const bodyWith = (event: Record<string, unknown>) => ({
	destination: BOT,
	events: [
		{
			type: 'message',
			mode: 'active',
			timestamp: 1767261600000,
			source: { type: 'user', userId: 'U1' },
			webhookEventId: '01H1',
			message: { type: 'text', id: '500000000000000001', text: 'Hello' },
			...event,
		},
	],
});

describe('LINE bodies', () => {
	describe.each(readFixtures('line'))('$name', ({ about, body, expect: expected }) => {
		it(about, () => {
			const parsed = parse(body);
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

	it('takes only a web address as the link of a file', () => {
		const urlOf = (originalContentUrl: string) => {
			const contentProvider = { type: 'external', originalContentUrl };
			const message = { type: 'image', id: '1', contentProvider };
			return parse(bodyWith({ message })).messages[0]?.attachments[0]?.url;
		};
		expect(urlOf('https://a.example/1')).toBe('https://a.example/1');
		expect(urlOf('javascript:alert(1)')).toBeUndefined();
	});

	it('keeps the event as LINE sent it, without the token that can be used once', () => {
		const body = bodyWith({ replyToken: 'once', anything: { new: true } });
		const { replyToken, ...rest } = body.events[0] as Record<string, unknown>;
		expect(replyToken).toBe('once');
		expect(parse(body).messages.map(({ raw }) => raw)).toEqual([rest]);
	});

	it('knows a message that is delivered again by the same ID', () => {
		const again = { deliveryContext: { isRedelivery: true } };
		const ids = [bodyWith({}), bodyWith(again)].flatMap((body) => parse(body).messages);
		expect(new Set(ids.map(({ account, id }) => `${account} ${id}`)).size).toBe(1);
	});

	it('names in an edit and an unsending the ID that the message had', () => {
		const message = { type: 'text', id: '500000000000000001', text: 'Hello' };
		const [first] = parse(bodyWith({})).messages;
		const [edit] = parse(bodyWith({ type: 'messageEdited', message })).messages;
		const unsend = { messageId: '500000000000000001' };
		const [deletion] = parse(bodyWith({ type: 'unsend', unsend })).messages;
		expect([edit?.targetId, deletion?.targetId]).toEqual([first?.id, first?.id]);
		expect(edit?.id).not.toBe(first?.id);
	});

	it('opens nothing by itself from a group in standby, and says both', () => {
		const source = { type: 'group', groupId: 'C1', userId: 'U1' };
		const [message] = parse(bodyWith({ mode: 'standby', source })).messages;
		expect(message).toMatchObject({ group: 'C1', occasion: 'standby' });
	});

	it('does not repeat what a customer wrote where it cannot be read', () => {
		const body = bodyWith({ source: {}, message: { id: 'x', type: 'text', text: 'pin 1234' } });
		expect(JSON.stringify(parse(body).malformed)).not.toContain('1234');
	});

	it.each([
		['no JSON', '<html>', 'not a JSON object'],
		['nothing', '', 'not a JSON object'],
		['a list', '[]', 'not a JSON object'],
		['bytes that are no UTF-8', Buffer.from('{"events":["\xff"]}', 'latin1'), 'not a JSON object'],
		['another sender', { object: 'page', entry: [] }, 'no list "events"'],
		['an object for events', { events: {} }, 'no list "events"'],
	])('says of %s why it cannot be read', (_what, body, sentence) => {
		const parsed = parse(body);
		expect(parsed.unreadable).toContain(sentence);
		expect(parsed.messages).toEqual([]);
	});

	it('reads the good events beside any others', () => {
		const good = (id: string) => bodyWith({ message: { type: 'text', id, text: 'x' } }).events[0];
		fc.assert(
			fc.property(fc.array(fc.jsonValue(), { maxLength: 3 }), (bad) => {
				const parsed = parse({ destination: BOT, events: [good('a'), ...bad, good('b')] });
				expectSoundness(parsed);
				expect(parsed.messages.map(({ id }) => id)).toEqual(['a', 'b']);
			}),
		);
	});

	it('is sound whatever stands in an event', () => {
		const types = ['message', 'postback', 'follow', 'unfollow', 'unsend', 'messageEdited'];
		const kinds = ['text', 'image', 'video', 'audio', 'file', 'location', 'sticker'];
		const any = fc.jsonValue();
		const event = fc.record({
			type: fc.constantFrom(...types),
			source: fc.oneof(any, fc.record({ userId: fc.oneof(any, fc.constant('U1')) })),
			timestamp: any,
			mode: any,
			replyToken: any,
			webhookEventId: any,
			message: fc.oneof(
				any,
				fc.record({
					type: fc.constantFrom(...kinds),
					id: fc.oneof(any, fc.constant('1')),
					text: any,
					contentProvider: any,
					imageSet: any,
					keywords: any,
					quoteToken: any,
				}),
			),
			postback: fc.oneof(any, fc.record({ data: any, params: any })),
			follow: any,
			unsend: fc.oneof(any, fc.record({ messageId: any })),
		});
		fc.assert(
			fc.property(fc.array(event, { maxLength: 4 }), any, (events, destination) => {
				const parsed = parse({ destination, events });
				expectSoundness(parsed);
				for (const notice of parsed.notices ?? [])
					expect(Number.isSafeInteger(notice.at)).toBe(true);
			}),
			{ numRuns: 500 },
		);
	});
});

describe('what an answer in LINE needs', () => {
	const contextOf = (event: Record<string, unknown>) =>
		parse(bodyWith(event)).messages[0]?.contact.replyContext;

	it('is the token with its time, and the token to quote with', () => {
		const message = { type: 'text', id: '1', text: 'a', quoteToken: 'q' };
		expect(contextOf({ replyToken: 't', message })).toEqual({
			replyToken: 't',
			replyTokenAt: 1767261600000,
			quoteToken: 'q',
			quoteMessageId: '1',
		});
	});

	it('is nothing where LINE gives nothing', () => {
		expect(contextOf({})).toBeUndefined();
		expect(contextOf({ replyToken: 7, message: { type: 'text', id: '1' } })).toBeUndefined();
	});

	it('takes a token without a time for one of now', () => {
		expect(contextOf({ replyToken: 't', timestamp: null })).toMatchObject({ replyTokenAt: NOW });
	});
});

describe('the signature of LINE', () => {
	const ARABIC = '{"destination":"U1","events":[{"text":"مرحبا 🙏"}]}';
	const verifyWith = (channelSecret: unknown, body: string | Buffer, header: unknown) =>
		line.verify(requestOf(body, { 'x-line-signature': header as string }), { channelSecret });
	const verify = (body: string | Buffer, header: unknown) => verifyWith('sesame', body, header);

	it('accepts the bytes as they came, and no others', () => {
		expect(verify(ARABIC, signature(ARABIC, 'sesame'))).toEqual({ ok: true });
		expect(verify(`${ARABIC} `, signature(ARABIC, 'sesame')).ok).toBe(false);
		const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
		expect(verify(bytes, signature(bytes, 'sesame'))).toEqual({ ok: true });
	});

	it.each(['old,sesame', 'sesame\nold', ' old ,\r\n sesame ,'])(
		'accepts each of several secrets: %j',
		(secrets) => {
			expect(verifyWith(secrets, '{}', signature('{}', 'sesame'))).toEqual({ ok: true });
			expect(verifyWith(secrets, '{}', signature('{}', 'old'))).toEqual({ ok: true });
			expect(verifyWith(secrets, '{}', signature('{}', 'other')).ok).toBe(false);
		},
	);

	it('finds the header however it is written', () => {
		const request = requestOf('{}', { 'X-LINE-SIGNATURE': signature('{}', 'sesame') });
		expect(line.verify(request, { channelSecret: 'sesame' })).toEqual({ ok: true });
	});

	it.each([undefined, '', ' ', ',', 7, {}])('trusts nothing while the secret is %j', (secret) => {
		const refused = verifyWith(secret, '{}', signature('{}', ''));
		expect(refused).toMatchObject({ ok: false, status: 401 });
		expect(refused).toHaveProperty('reason', expect.stringContaining('No Channel Secret'));
	});

	const good = signature('{}', 'sesame');
	it.each([
		['nothing', undefined],
		['an empty text', ''],
		['another secret', signature('{}', 'other')],
		['hexadecimal', Buffer.from(good, 'base64').toString('hex')],
		['half of it', good.slice(0, 20)],
		['twice', [good, good]],
		['something around it', `sha256=${good}`],
	])('refuses %s', (_what, header) => {
		const refused = verify('{}', header);
		expect(refused).toMatchObject({ ok: false, status: 401 });
		expect(JSON.stringify(refused)).not.toContain('sesame');
	});
});

describe('LINE settings', () => {
	it('needs the secret to receive, and the token to send', () => {
		expect(line.missingSettings({})).toEqual(['Channel Secret']);
		expect(line.missingSettings({ channelSecret: ' ,\n' })).toEqual(['Channel Secret']);
		expect(line.missingSettings({ channelSecret: 's' })).toEqual([]);
		expect(line.sending?.missingSettings({ channelSecret: 's' })).toEqual(['Channel Access Token']);
		expect(line.sending?.missingSettings({ channelAccessToken: 't' })).toEqual([]);
	});

	it('knows its account before the first message only by the ID of the bot', () => {
		expect(line.accounts({})).toEqual([]);
		expect(line.accounts({ botUserId: ` ${BOT} ` })).toEqual([BOT]);
	});
});

if (existsSync(SAMPLES)) {
	const read = (...file: string[]) => readFileSync(path.join(SAMPLES, ...file), 'utf8');

	describe('sample bodies of LINE', () => {
		const files = readdirSync(path.join(SAMPLES, 'line'));

		it('are all known', () => {
			expect(files.sort()).toEqual(Object.keys(opens).sort());
		});

		it.each(files)('%s', (file) => {
			const parsed = parse(read('line', file));
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
		({ channel }) => channel === 'line',
	);

	describe('sample signatures of LINE', () => {
		it.each(vectors)('$name', ({ secret, raw, value }) => {
			const verify = (body: string, channelSecret = secret) =>
				line.verify(requestOf(body, { 'x-line-signature': value }), { channelSecret }).ok;
			expect(verify(raw)).toBe(true);
			expect(verify(`${raw} `)).toBe(false);
			expect(verify(raw, `${secret}x`)).toBe(false);
		});

		it('are all three of them', () => {
			expect(vectors).toHaveLength(3);
		});
	});
}
