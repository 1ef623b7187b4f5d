import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { ChannelRequest } from '../../nodes/channels/channel';
import { telegram } from '../../nodes/channels/telegram';
import { expectSoundness, NOW, readFixtures, requestOf, type Fixture } from './requests';
import { opens } from './samples/telegram';

const SETTINGS = { botToken: '7000000001:not-a-real-token' };

const parse = (body: unknown, settings: Record<string, unknown> = SETTINGS) =>
	telegram.parse(requestOf(body), settings);

const update = (message: Record<string, unknown>) => ({
	update_id: 1,
	message: {
		message_id: 5,
		date: 1767261600,
		from: { id: 880001, first_name: 'Sara' },
		chat: { id: 880001, type: 'private' },
		text: 'Hello',
		...message,
	},
});

describe('Telegram updates', () => {
	const fixtures = readFixtures('telegram') as Array<
		Fixture & { expect: { notices?: Array<Record<string, unknown>> } }
	>;

	describe.each(fixtures)('$name', ({ about, body, expect: expected }) => {
		it(about, () => {
			const parsed = parse(body);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.messages).toStrictEqual(
				expected.messages.map((message) => ({ ...message, raw: expect.anything() })),
			);
			expect(parsed.notices ?? []).toStrictEqual(expected.notices ?? []);
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

	it('keeps the object of the message as Telegram sent it', () => {
		const body = update({ anything: { new: ['in', 'the', 'future'] } });
		expect(parse(body).messages.map(({ raw }) => raw)).toEqual([body.message]);
	});

	it('keeps of several deletions in each only its own', () => {
		const deleted_business_messages = {
			chat: { id: 880001, type: 'private' },
			message_ids: [1, 2],
		};
		const { messages } = parse({ update_id: 1, deleted_business_messages });
		expect(messages.map(({ raw }) => raw)).toEqual([
			{ ...deleted_business_messages, message_ids: [1] },
			{ ...deleted_business_messages, message_ids: [2] },
		]);
	});

	it.each([' first\n\n  second ', 'مرحباً\u200f 🙏🏽 e\u0301 \u202bعكس\u202c'])(
		'keeps each byte of the text %j',
		(text) => {
			const kept = parse(update({ text })).messages[0]?.text ?? '';
			expect(Buffer.from(kept)).toEqual(Buffer.from(text));
		},
	);

	it('gives equal numbers of different chats different ids', () => {
		const chats = [
			update({}),
			update({ chat: { id: 880002, type: 'private' }, from: { id: 880002 } }),
			update({ chat: { id: -880001, type: 'group' } }),
			{ update_id: 1, business_message: { ...update({}).message, business_connection_id: 'c' } },
			{ update_id: 1, business_message: { ...update({}).message, business_connection_id: 'd' } },
		];
		const ids = chats.flatMap((body) => parse(body).messages.map(({ id }) => id));
		expect(ids).toHaveLength(5);
		expect(new Set(ids).size).toBe(5);
	});

	it('gives a repeated update the same ids', () => {
		for (const { body } of fixtures) {
			const ids = () => parse(body).messages.map(({ id }) => id);
			expect(ids()).toEqual(ids());
		}
	});

	it('keeps the digits of numbers beyond 2^53', () => {
		const id = '9007199254740993';
		const body = JSON.stringify(update({})).replaceAll('880001', id);
		expect(parse(body).messages[0]?.contact.identities).toEqual([
			{ channel: 'telegram', account: '7000000001', id },
		]);
	});

	it('finds no word of a link in a command that only looks like one', () => {
		for (const text of ['/start', '/start ', '/started now', '/start a b', 'x /start a']) {
			expect(parse(update({ text })).messages[0]).not.toHaveProperty('referral');
		}
		const named = parse(update({ text: '/start@shop_bot a' })).messages[0];
		expect(named?.referral).toEqual({ ref: 'a' });
	});

	it('names the place of a malformed part and nothing of what was written', () => {
		const body = update({ chat: null, text: 'my password is 1234' });
		expect(parse(body).malformed).toEqual([{ reason: 'message names no chat.' }]);
	});

	it('reads a body with several parts part by part', () => {
		const body = { ...update({}), callback_query: 'spoilt', my_chat_member: [] };
		const parsed = parse(body);
		expect(parsed.messages).toHaveLength(1);
		expect(parsed.malformed).toHaveLength(2);
	});

	it.each([
		['no JSON', '<html>', 'not a JSON object'],
		['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not a JSON object'],
		['a list', [], 'not a JSON object'],
		['another provider', { object: 'page', entry: [] }, 'update_id'],
	])('does not read %s', (_what, body, reason) => {
		const parsed = parse(body);
		expect(parsed.unreadable).toContain(reason);
		expect(parsed.messages).toEqual([]);
	});

	it('never throws where any one value of a good body is exchanged for another', () => {
		const spoil = (text: string, place: number, value: unknown) => {
			let left = place;
			return JSON.parse(text, (_key, inner: unknown) => (left-- === 0 ? value : inner)) as unknown;
		};
		const bodies = fixtures.map(({ body }) => JSON.stringify(body));
		fc.assert(
			fc.property(fc.constantFrom(...bodies), fc.nat(80), fc.jsonValue(), (text, place, value) => {
				expectSoundness(parse(spoil(text, place, value)));
			}),
			{ numRuns: 2000 },
		);
	});
});

describe('the secret of Telegram', () => {
	const NAME = 'x-telegram-bot-api-secret-token';
	const secret = createHmac('sha256', SETTINGS.botToken)
		.update('n8n-nodes-inbound-conversations telegram webhook')
		.digest('hex');
	const verify = (headers: ChannelRequest['headers'], settings: object = SETTINGS) =>
		telegram.verify(requestOf(update({}), headers), { ...settings });

	it('is made from the token, and made of what Telegram allows', () => {
		expect(verify({ [NAME]: secret })).toEqual({ ok: true });
		expect(verify({ 'X-Telegram-Bot-Api-Secret-Token': secret })).toEqual({ ok: true });
		expect(secret).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
	});

	it('forgives the space that came along when the token was copied', () => {
		expect(verify({ [NAME]: secret }, { botToken: ` ${SETTINGS.botToken}\n` })).toEqual({
			ok: true,
		});
	});

	it.each([
		['none', {}],
		['an empty one', { [NAME]: '' }],
		['another', { [NAME]: `${secret.slice(1)}0` }],
		['a part', { [NAME]: secret.slice(0, -1) }],
		['the token itself', { [NAME]: SETTINGS.botToken }],
		['two', { [NAME]: [secret, secret] }],
	])('is refused where there is %s', (_what, headers) => {
		expect(verify(headers)).toEqual({
			ok: false,
			status: 403,
			reason: expect.stringMatching(/^The .*publish the workflow again\.$/),
		});
	});

	it('is of one bot only', () => {
		expect(verify({ [NAME]: secret }, { botToken: '7000000002:not-a-real-token' }).ok).toBe(false);
		expect(verify({ [NAME]: secret }, { botToken: '7000000001:another-token' }).ok).toBe(false);
	});

	it.each([undefined, null, '', ' ', 'no-digits:abc', '7000000001', '7000000001:', 1, {}])(
		'trusts nobody while the token is %j',
		(botToken) => {
			for (const guess of ['', 'undefined', createHmac('sha256', '').update('').digest('hex')]) {
				expect(verify({ [NAME]: guess }, { botToken })).toMatchObject({
					ok: false,
					status: 403,
					reason: expect.stringContaining('No Bot Token'),
				});
			}
			expect(telegram.missingSettings({ botToken })).toEqual(['Bot Token']);
			expect(telegram.sending?.missingSettings({ botToken })).toEqual(['Bot Token']);
			expect(telegram.accounts({ botToken })).toEqual([]);
		},
	);

	it('says nothing of the token when it refuses', () => {
		for (const headers of [{}, { [NAME]: 'x' }]) {
			expect(JSON.stringify(verify(headers))).not.toContain('not-a-real-token');
		}
	});
});

describe('the account of Telegram', () => {
	it('is the number of the bot, which its token begins with', () => {
		expect(telegram.accounts(SETTINGS)).toEqual(['7000000001']);
		expect(telegram.missingSettings(SETTINGS)).toEqual([]);
		expect(parse(update({})).messages[0]?.account).toBe('7000000001');
	});
});

const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads', 'telegram');

if (existsSync(SAMPLES)) {
	describe('sample updates of Telegram', () => {
		const files = readdirSync(SAMPLES);

		it('are all known', () => {
			expect(files.sort()).toEqual(Object.keys(opens).sort());
		});

		it.each(files)('%s', (file) => {
			const parsed = parse(readFileSync(path.join(SAMPLES, file)));
			expectSoundness(parsed);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.malformed).toEqual([]);
			const opening = parsed.messages.filter(
				({ kind, group, occasion }) => kind === 'message' && !group && !occasion,
			);
			expect(new Set(opening.map(({ id }) => id)).size).toBe(opens[file]);
		});

		it('knows what the business wrote itself', () => {
			const own = 'business_message_own_reply_cyrillic.json';
			const [message] = parse(readFileSync(path.join(SAMPLES, own))).messages;
			expect(message).toMatchObject({ kind: 'echo', contact: { name: 'Клиент' }, sentAt: NOW });
		});
	});
}
