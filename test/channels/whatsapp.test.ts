import fc from 'fast-check';
import type { ChannelNotice } from '../../nodes/channels/channel';
import { whatsapp } from '../../nodes/channels/whatsapp';
import { expectSoundness, type Fixture, NOW, readFixtures, requestOf } from './requests';

const parse = (body: unknown) => whatsapp.parse(requestOf(body), {});

/** A body with one text message, changed as the test wants. */
function bodyWith(message: Record<string, unknown>, value: Record<string, unknown> = {}) {
	return {
		object: 'whatsapp_business_account',
		entry: [
			{
				changes: [
					{
						field: 'messages',
						value: {
							metadata: { phone_number_id: '990000000000001' },
							messages: [
								{
									from: '12025550143',
									id: 'wamid.1',
									timestamp: '1767261600',
									type: 'text',
									text: { body: 'Hello' },
									...message,
								},
							],
							...value,
						},
					},
				],
			},
		],
	};
}

describe('WhatsApp bodies', () => {
	describe.each(readFixtures('whatsapp'))('$name', ({ about, body, expect: expected }) => {
		it(about, () => {
			const parsed = parse(body);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.messages).toStrictEqual(
				expected.messages.map((message) => ({ ...message, raw: expect.anything() })),
			);
			expectReasons(parsed.ignored, expected.ignored);
			expectReasons(parsed.malformed, expected.malformed);
			expect(parsed.notices ?? []).toStrictEqual(noticesOf(expected));
			expectSoundness(parsed);
		});
	});

	/** Fixtures that expect none do not say so. */
	const noticesOf = (expected: Fixture['expect'] & { notices?: ChannelNotice[] }) =>
		expected.notices ?? [];

	function expectReasons(parts: Array<{ reason: string }>, wanted: string[]) {
		expect(parts.map(({ reason }) => reason)).toEqual(
			wanted.map((sentence) => expect.stringContaining(sentence)),
		);
	}

	it('keeps the object of each message as Meta sent it', () => {
		const body = bodyWith({ anything: { new: ['in', 'the', 'future'] } });
		const sent = body.entry[0]?.changes[0]?.value.messages;
		expect(parse(body).messages.map(({ raw }) => raw)).toEqual(sent);
	});

	it('keeps the space a customer wrote', () => {
		const text = ' first\n\n  second ';
		expect(parse(bodyWith({ text: { body: text } })).messages[0]?.text).toBe(text);
	});

	it('takes only a new message for one that came by an ad', () => {
		const edit = { original_message_id: 'wamid.0', message: { type: 'text', text: { body: 'x' } } };
		const referral = { source_id: '1' };
		expect(parse(bodyWith({ referral })).messages[0]?.source).toBe('ctc_ads');
		const changed = parse(bodyWith({ type: 'edit', edit, referral })).messages[0];
		expect(changed).toMatchObject({ kind: 'edit', source: 'contact' });
	});

	it('names the place of a malformed element and nothing of what the customer wrote', () => {
		const body = bodyWith({ id: '', text: { body: 'my password is 1234' } });
		expect(parse(body).malformed).toEqual([
			{ reason: 'entry[0].changes[0].value.messages[0] has no id that can be used.' },
		]);
	});
});

describe('WhatsApp times', () => {
	it.each([
		['seconds as a text', '1767261600', 1767261600000],
		['seconds as a number', 1767261600, 1767261600000],
		['milliseconds', '1767261600123', 1767261600123],
		['a word', 'yesterday', NOW],
		['nothing', null, NOW],
		['a negative number', '-5', NOW],
		['an exponent', '1e9', NOW],
		['a very large number', '99999999999999999999', NOW],
		['an object that cannot become a text', { toString: 1, valueOf: 1 }, NOW],
	])('takes %s', (_what, timestamp, sentAt) => {
		expect(parse(bodyWith({ timestamp })).messages[0]?.sentAt).toBe(sentAt);
	});
});

describe('WhatsApp ids', () => {
	it('takes a number as phone only where it is exact', () => {
		expect(parse(bodyWith({ from: 12025550143 })).messages[0]?.contact.phone).toBe('+12025550143');
		expect(parse(bodyWith({ from: 1.5 })).malformed).toHaveLength(1);
	});

	it.each(['', ' ', '123', '12345678901234567', '12 34 56', 'US.', 'us.123', 'USA.123', 'US.1-2'])(
		'finds nobody in %j',
		(from) => {
			expect(parse(bodyWith({ from })).malformed).toHaveLength(1);
		},
	);

	it.each(['US.1', 'US.ENT.11815799212886844830', `SA.${'9'.repeat(128)}`])(
		'finds the user ID %s',
		(id) => {
			const contact = parse(bodyWith({ from: id })).messages[0]?.contact;
			expect(contact?.identities).toEqual([
				{ channel: 'whatsapp', account: '990000000000001', id },
			]);
			expect(contact).toMatchObject({ country: id.slice(0, 2), replyTo: id });
			expect(contact).not.toHaveProperty('phone');
		},
	);

	it('believes the field that is made for user IDs', () => {
		const contact = parse(bodyWith({ from: 'US.2', from_user_id: 'US.1' })).messages[0]?.contact;
		expect(contact?.identities.map(({ id }) => id)).toEqual(['US.1']);
	});

	it('takes only web addresses as links of files and places', () => {
		const urlOf = (message: Record<string, unknown>) =>
			parse(bodyWith(message)).messages[0]?.attachments[0]?.url;
		for (const [url, link] of [
			['https://a.example/1', 'https://a.example/1'],
			['javascript:alert(1)', undefined],
		]) {
			expect(urlOf({ type: 'image', image: { id: '1', url } })).toBe(link);
			expect(urlOf({ type: 'location', location: { latitude: 1, longitude: 1, url } })).toBe(link);
		}
	});

	it('refuses an id that no index could hold', () => {
		expect(parse(bodyWith({ id: 'w'.repeat(513) })).malformed).toHaveLength(1);
		expect(parse(bodyWith({ id: 'w'.repeat(512) })).messages).toHaveLength(1);
	});

	it('gives the same message twice when Meta sends it twice: the store tells them apart', () => {
		const twice = [bodyWith({}), bodyWith({})].flatMap((body) => parse(body).messages);
		expect(new Set(twice.map(({ id, account }) => `${account} ${id}`)).size).toBe(1);
	});
});

describe('WhatsApp bodies that are none', () => {
	it.each([
		['no JSON', '<html>', 'not a JSON object'],
		['nothing', '', 'not a JSON object'],
		['a list', '[]', 'not a JSON object'],
		['bytes that are no UTF-8', Buffer.from('{"entry":["\xff"]}', 'latin1'), 'not a JSON object'],
		['no object', {}, 'does not say its "object"'],
		['no entry', { object: 'whatsapp_business_account' }, 'no list "entry"'],
		['an entry that is an object', { object: 'whatsapp_business_account', entry: {} }, '"entry"'],
	])('says of %s why it cannot be read', (_what, body, sentence) => {
		const parsed = parse(body);
		expect(parsed.unreadable).toContain(sentence);
		expect(parsed.messages).toEqual([]);
	});

	it('are no fault where they are signed and about another product of Meta', () => {
		expect(parse({ object: 'page', entry: [] })).toEqual({
			messages: [],
			ignored: [{ reason: expect.stringContaining('about "page"') }],
			malformed: [],
		});
	});

	it('reads the entries beside one that is broken', () => {
		const good = bodyWith({});
		const entry = [null, { changes: 3 }, { changes: [null, { field: 'messages' }] }, ...good.entry];
		const parsed = parse({ ...good, entry });
		expect(parsed.messages).toHaveLength(1);
		expect(parsed.malformed.map(({ reason }) => reason)).toEqual([
			'entry[0] has no list "changes".',
			'entry[1] has no list "changes".',
			'entry[2].changes[0] has no object "value".',
			'entry[2].changes[1] has no object "value".',
		]);
	});

	it('says when the messages are no list, and takes null for none', () => {
		expect(parse(bodyWith({}, { messages: { 0: {} } })).malformed).toHaveLength(1);
		expect(parse(bodyWith({}, { messages: null }))).toEqual({
			messages: [],
			ignored: [],
			malformed: [],
		});
	});
});

describe('WhatsApp statuses', () => {
	const statusOf = (status: Record<string, unknown>) =>
		parse(bodyWith({}, { messages: undefined, statuses: [{ id: 'wamid.9', ...status }] }));

	it('takes the message beside them as well', () => {
		const parsed = parse(bodyWith({}, { statuses: [{ id: 'wamid.9', status: 'read' }] }));
		expect(parsed.messages.map(({ id }) => id)).toEqual(['wamid.1']);
		expect(parsed.notices).toMatchObject([{ kind: 'status', id: 'wamid.9', status: 'read' }]);
	});

	it('keeps the ID of the message as the exact text', () => {
		const id = 'wamid.HBgLMTIwMjU1NTAxNDMVAgARGBI5QTNDQTVCM0Q0Q0Q2RTY3RTcA==';
		expect(statusOf({ id, status: 'sent' }).notices).toMatchObject([{ id }]);
	});

	it.each(['deleted', 'toString', '__proto__', null, 7, {}])('knows no status %j', (status) => {
		const parsed = statusOf({ status });
		expect(parsed.notices).toBeUndefined();
		expect(parsed.ignored).toHaveLength(1);
	});

	it('are sound whatever is sent', () => {
		const values = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>('failed', 'read', NOW, -1));
		const status = fc.record({ id: values, status: values, timestamp: values, errors: values });
		const failed = fc.record({ code: values, title: values, error_data: values });
		fc.assert(
			fc.property(status, fc.array(fc.oneof(values, failed)), (any, errors) => {
				for (const one of [any, { ...any, status: 'failed', errors }]) {
					for (const notice of statusOf(one).notices ?? []) {
						expect(notice).toMatchObject({ kind: 'status', id: expect.stringMatching(/./) });
						expect(Number.isSafeInteger(notice.at)).toBe(true);
						if (notice.kind !== 'status' || notice.status !== 'failed') continue;
						expect(notice.failure?.reason).toMatch(/./);
						expect(notice.failure?.reason.length).toBeLessThan(300);
					}
				}
			}),
		);
	});

	it('tells no reason that a customer may have written', () => {
		const details = 'Param "my password is 1234" from https://example.com/secret is wrong: سر';
		const errors = [{ code: 131009, error_data: { details } }];
		expect(statusOf({ status: 'failed', errors }).notices).toMatchObject([
			{ failure: { code: '131009', reason: 'Param "…" from … is wrong: …' } },
		]);
	});
});

describe('WhatsApp settings', () => {
	it('needs the two secrets that make receiving safe', () => {
		expect(whatsapp.missingSettings({})).toEqual(['App Secret', 'Verify Token']);
		expect(whatsapp.missingSettings({ appSecret: ' ,\n', verifyToken: ' ' })).toEqual([
			'App Secret',
			'Verify Token',
		]);
		expect(whatsapp.missingSettings({ appSecret: 's', verifyToken: 't' })).toEqual([]);
	});
});
