import fc from 'fast-check';
import { plainWebhook } from '../../nodes/channels/plainWebhook';
import { NOW, requestOf } from './requests';

const parse = (body: unknown, settings: Record<string, unknown> = {}) =>
	plainWebhook.parse(requestOf(body), settings);
const bodyWith = (message: Record<string, unknown>, contact: Record<string, unknown> = {}) => ({
	contact: { id: '42', ...contact },
	message: { id: 'm-1', text: 'Hello', ...message },
});
const only = (body: unknown) => {
	const parsed = parse(body);
	expect(parsed.malformed).toEqual([]);
	expect(parsed.messages).toHaveLength(1);
	return parsed.messages[0];
};
const reasons = (body: unknown) => parse(body).malformed.map(({ reason }) => reason);

describe('Plain Webhook bodies', () => {
	it('reads a full message', () => {
		const body = {
			contact: {
				id: 'user-7',
				name: ' سارة العتيبي ',
				phone: ' 050 000 0001 ',
				email: 'sara@example.com',
				language: 'ar-SA',
			},
			message: {
				id: 'm-1',
				text: 'أين طلبي؟',
				type: 'document',
				attachments: [
					{
						type: 'document',
						id: 'f1',
						url: 'https://files.example.com/1.pdf',
						mimeType: 'application/pdf',
						fileName: 'عقد.pdf',
						details: { pages: 3 },
					},
				],
				sentAt: '2026-01-01T13:00:00+03:00',
			},
		};
		expect(parse(body, { account: ' shop ' })).toStrictEqual({
			messages: [
				{
					kind: 'message',
					channel: 'plainWebhook',
					account: 'shop',
					id: 'm-1',
					source: 'contact',
					contact: {
						identities: [{ channel: 'plainWebhook', account: 'shop', id: 'user-7' }],
						name: 'سارة العتيبي',
						phone: '050 000 0001',
						email: 'sara@example.com',
						language: 'ar-SA',
						replyTo: 'user-7',
					},
					type: 'document',
					text: 'أين طلبي؟',
					attachments: body.message.attachments,
					sentAt: Date.UTC(2026, 0, 1, 10),
					raw: body,
				},
			],
			ignored: [],
			malformed: [],
		});
	});

	it('needs no more than the two ids', () => {
		expect(only({ contact: { id: 'c' }, message: { id: 'm' } })).toMatchObject({
			account: 'default',
			type: 'text',
			text: '',
			sentAt: NOW,
			contact: { identities: [{ channel: 'plainWebhook', account: 'default', id: 'c' }] },
		});
	});

	it('reads a list, and names what is missing at which index', () => {
		const parsed = parse([
			bodyWith({ id: 'first' }),
			{ contact: {}, message: { id: 'x' } },
			{ contact: { id: 'x' } },
			'text',
			null,
			{},
			{ contact: 'Sara', message: [] },
			bodyWith({ id: true, text: {}, attachments: 'x' }, { id: 1.5 }),
			bodyWith({ id: 'last', attachments: null, text: null }),
		]);
		expect(parsed.messages.map(({ id }) => id)).toEqual(['first', 'last']);
		expect(parsed.malformed.map(({ reason }) => reason)).toEqual([
			'The object at index 1: contact.id is missing.',
			'The object at index 2: message.id is missing.',
			'The object at index 3: it is not an object.',
			'The object at index 4: it is not an object.',
			'The object at index 5: contact.id is missing; message.id is missing.',
			'The object at index 6: contact is not an object; message is not an object; contact.id is missing; message.id is missing.',
			'The object at index 7: contact.id must be a text or a whole number; message.id must be a text or a whole number; message.attachments is not a list; message.text is not a text.',
		]);
	});

	it('names what is missing in a single object', () => {
		expect(reasons({ message: { id: 1 } })).toEqual(['The body: contact.id is missing.']);
		expect(reasons(bodyWith({ attachments: [{}, 3] }))).toEqual([
			'The body: message.attachments[1] is not an object.',
		]);
		expect(reasons(bodyWith({ id: 'x'.repeat(513) }))[0]).toContain('longer than 512');
		expect(reasons(bodyWith({ id: '   ' }))).toHaveLength(1);
	});

	it.each([
		['a form', 'contact=42&text=Hello', 'cannot be read as JSON'],
		['nothing', '', 'cannot be read as JSON'],
		['half a body', '{"contact":{"id":"1"', 'cannot be read as JSON'],
		['another encoding', Buffer.from([0x22, 0xe3, 0xd1, 0x22]), 'cannot be read as JSON in UTF-8'],
		['a text', '"hello"', 'neither an object nor a list'],
		['a number', '12345678901234567890', 'neither an object nor a list'],
		['null', 'null', 'neither an object nor a list'],
	])('tells the expected shape when it gets %s', (_what, body, sentence) => {
		const parsed = parse(body);
		expect(parsed.unreadable).toContain(sentence);
		expect(parsed.unreadable).toContain('Send JSON like {"contact":{"id":"42"');
		expect(parsed.messages).toEqual([]);
	});

	it('takes an empty list, and refuses one that would fill the memory', () => {
		expect(parse([])).toMatchObject({ messages: [], malformed: [], ignored: [{}] });
		const many = (count: number) => parse(Array.from({ length: count }, () => bodyWith({})));
		expect(many(1000).messages).toHaveLength(1000);
		expect(many(1001)).toMatchObject({
			messages: [],
			unreadable: 'The list holds 1001 objects; at most 1000 are taken in one request.',
		});
	});

	it('takes up to 100 files and 100,000 characters', () => {
		const files = (count: number) => ({ attachments: Array.from({ length: count }, () => ({})) });
		expect(only(bodyWith(files(100)))?.attachments).toHaveLength(100);
		expect(reasons(bodyWith(files(101)))).toEqual([
			'The body: message.attachments holds 101 files; at most 100 are taken.',
		]);
		const long = 'x'.repeat(100_000);
		expect(only(bodyWith({ text: long }))?.text).toBe(long);
		const tooLong = ['The body: message.text is longer than 100000 characters.'];
		expect(reasons(bodyWith({ text: `${long}x` }))).toEqual(tooLong);
		const caption = `${long}x`;
		expect(reasons(bodyWith({ text: null, attachments: [{ caption }] }))).toEqual(tooLong);
	});

	it('names no more than five problems of an object', () => {
		const spoilt = bodyWith({ id: '', attachments: Array.from({ length: 100 }, () => 0) });
		expect(reasons(spoilt)[0]?.match(/is not an object/g)).toHaveLength(4);
	});

	it('refuses what is nested without end, and only that object', () => {
		const deep = (levels: number) =>
			`{"contact":{"id":"1"},"message":{"id":"deep"},"x":${'['.repeat(levels)}${']'.repeat(levels)}}`;
		const parsed = parse(`[${deep(5000)},${deep(50)}]`);
		expect(parsed.messages).toHaveLength(1);
		expect(parsed.malformed[0]?.reason).toContain('index 0: it is nested over 100 levels deep');
	});

	it('reads a body with the byte order mark of Windows', () => {
		expect(only(`\ufeff${JSON.stringify(bodyWith({ text: 'مرحبا' }))}`)?.text).toBe('مرحبا');
	});

	it('keeps what is typed as contact data, never as an identity', () => {
		const contact = only(bodyWith({}, { phone: 966500000001, email: 'a@example.com' }))?.contact;
		expect(contact).toMatchObject({ phone: '966500000001', email: 'a@example.com' });
		expect(contact?.identities).toHaveLength(1);
	});

	it('leaves out contact data that is none', () => {
		const contact = only(
			bodyWith({}, { name: ' ', phone: {}, email: null, language: [] }),
		)?.contact;
		expect(Object.keys(contact ?? {}).sort()).toEqual(['identities', 'replyTo']);
	});

	it.each([
		[{ text: 'x', type: 'sticker' }, 'sticker', 'x'],
		[{ text: 'x', type: 'nonsense' }, 'text', 'x'],
		[{ text: 'x', type: 'reaction' }, 'text', 'x'],
		[{ text: 5 }, 'text', '5'],
		[{ text: '  ', type: 'location' }, 'location', '[location]'],
		[{ text: null, attachments: [{ type: 'image' }] }, 'image', '[image]'],
		[{ text: null, attachments: [{ type: 'image', caption: 'a cat' }] }, 'image', 'a cat'],
		[{ text: null, attachments: [{ type: 'archive' }] }, 'document', '[document]'],
		[{ text: null, attachments: [{}] }, 'document', '[document]'],
		[{ text: ' two\nlines ' }, 'text', ' two\nlines '],
	])('shows %j as %s %j', (message, type, text) => {
		expect(only(bodyWith(message))).toMatchObject({ type, text });
	});

	it('takes only web addresses as links of files', () => {
		const urls = [
			'https://a.example/x',
			'HTTP://a.example',
			'javascript:alert(1)',
			'file:///etc/passwd',
		];
		const message = only(bodyWith({ attachments: urls.map((url) => ({ url })) }));
		expect(message?.attachments.map(({ url }) => url)).toEqual([
			urls[0],
			urls[1],
			undefined,
			undefined,
		]);
	});
});

describe('ids of Plain Webhook', () => {
	const idsOf = (contact: string, message: string) => {
		const parsed = parse(`{"contact":{"id":${contact}},"message":{"id":${message}}}`);
		const found = parsed.messages[0];
		return found ? [found.contact.identities[0]?.id, found.id] : parsed.malformed;
	};

	it('keeps every digit of a number, however large', () => {
		expect(idsOf('4912661846655238145', '-9007199254740993')).toEqual([
			'4912661846655238145',
			'-9007199254740993',
		]);
		fc.assert(
			fc.property(fc.bigInt(), fc.bigInt(), (contact, message) => {
				expect(idsOf(String(contact), String(message))).toEqual([String(contact), String(message)]);
			}),
		);
	});

	it('tells numbers apart that are the same once rounded', () => {
		expect(idsOf('4912661846655238145', '1')).not.toEqual(idsOf('4912661846655238146', '1'));
	});

	it('keeps a text as it is', () => {
		expect(idsOf('" 007 "', '"٤٢"')).toEqual([' 007 ', '٤٢']);
		expect(idsOf('42.0', '1e3')).toEqual(['42', '1000']);
	});

	it.each(['1e30', '9007199254740993.0'])('refuses %s, whose digits nobody knows', (number) => {
		expect(idsOf(number, '1')).toEqual([
			{ reason: expect.stringContaining('contact.id is too large for a number') },
		]);
	});

	it('refuses a rounded number where the engine does not tell the digits', () => {
		const parseJson = JSON.parse;
		const withoutSource = jest
			.spyOn(JSON, 'parse')
			.mockImplementation((text: string, reviver) =>
				parseJson(text, reviver && ((key, value: unknown) => reviver.call(null, key, value))),
			);
		try {
			expect(idsOf('4912661846655238145', '1')).toEqual([
				{ reason: 'The body: contact.id is too large for a number: send it as a text, in quotes.' },
			]);
			expect(idsOf('9007199254740991', '1')).toEqual(['9007199254740991', '1']);
		} finally {
			withoutSource.mockRestore();
		}
	});
});

describe('times of Plain Webhook', () => {
	it.each([
		['2026-01-01T10:00:00Z', Date.UTC(2026, 0, 1, 10)],
		['2026-01-01T10:00:00.250Z', Date.UTC(2026, 0, 1, 10, 0, 0, 250)],
		['2026-01-01T13:00:00+0300', Date.UTC(2026, 0, 1, 10)],
		['2026-01-01T05:00-05:00', Date.UTC(2026, 0, 1, 10)],
		['2026-01-01 10:00:00', Date.UTC(2026, 0, 1, 10)],
		['2026-01-01T10:00:00', Date.UTC(2026, 0, 1, 10)],
		['2026-01-01', Date.UTC(2026, 0, 1)],
		[1767261600, 1767261600000],
		['1767261600', 1767261600000],
		[1767261600.25, 1767261600250],
		[1767261600123, 1767261600123],
		[0, NOW],
		[-1, NOW],
		[1e300, NOW],
		['tomorrow', NOW],
		['1 January 2026', NOW],
		['2026-13-45T99:99:99Z', NOW],
		[null, NOW],
		[{}, NOW],
		['', NOW],
	])('reads %j', (sentAt, time) => {
		expect(only(bodyWith({ sentAt }))?.sentAt).toBe(time);
	});

	it('reads back every time that JavaScript writes', () => {
		const inReach = { min: new Date(1), max: new Date(253402300799999), noInvalidDate: true };
		fc.assert(
			fc.property(fc.date(inReach), (date) => {
				expect(only(bodyWith({ sentAt: date.toISOString() }))?.sentAt).toBe(date.getTime());
			}),
		);
	});
});

describe('verification of Plain Webhook', () => {
	it('lets everybody in: there is nothing to check', () => {
		expect(plainWebhook.verify(requestOf('{}'), {})).toEqual({ ok: true });
		expect(plainWebhook.missingSettings({})).toEqual([]);
		expect(plainWebhook.handshake).toBeUndefined();
		expect(plainWebhook.credentialType).toBeUndefined();
	});
});
