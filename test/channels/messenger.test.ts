import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { InboundMessage, ParsedBody } from '../../nodes/channels/channel';
import { messenger } from '../../nodes/channels/messenger';
import { expectSoundness, metaSignature, NOW, readFixtures, requestOf } from './requests';
import { opens } from './samples/messenger';

const PAGE = '110000000000001';
const CUSTOMER = '7300000000000001';

const parse = (body: unknown) => messenger.parse(requestOf(body), {});

/** A body with these events of one customer. */
function bodyWith(...events: Array<Record<string, unknown>>) {
	const messaging = events.map((event) => ({
		sender: { id: CUSTOMER },
		recipient: { id: PAGE },
		timestamp: 1767261600000,
		...event,
	}));
	return { object: 'page', entry: [{ id: PAGE, time: 1767261600000, messaging }] };
}

const only = (...events: Array<Record<string, unknown>>): InboundMessage => {
	const { messages } = parse(bodyWith(...events));
	expect(messages).toHaveLength(1);
	return messages[0]!;
};

function expectReasons(parts: Array<{ reason: string }>, wanted: string[]) {
	expect(parts.map(({ reason }) => reason)).toEqual(
		wanted.map((sentence) => expect.stringContaining(sentence)),
	);
}

describe('Messenger bodies', () => {
	describe.each(readFixtures('messenger'))('$name', ({ about, body, expect: expected }) => {
		it(about, () => {
			const parsed = parse(body);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.messages).toStrictEqual(
				expected.messages.map((message) => ({ ...message, raw: expect.anything() })),
			);
			expectReasons(parsed.ignored, expected.ignored);
			expectReasons(parsed.malformed, expected.malformed);
			expectSoundness(parsed);
		});
	});

	it('keeps each event as Meta sent it, with numbers of any length', () => {
		const text = JSON.stringify(bodyWith({ message: { mid: 'm', text: 'x' }, new: { id: 'N' } }));
		const { messages } = parse(text.replace('"N"', '9007199254740993123'));
		expect(messages[0]?.raw).toMatchObject({ new: { id: '9007199254740993123' } });
	});

	it('keeps the space a customer wrote', () => {
		const text = ' first\n\n  second ';
		expect(only({ message: { mid: 'm', text } }).text).toBe(text);
	});

	it('takes the recipient for the page where the entry has no ID', () => {
		const body = bodyWith({ message: { mid: 'm', text: 'x' } });
		const { messages } = parse({ ...body, entry: [{ ...body.entry[0], id: undefined }] });
		expect(messages[0]?.account).toBe(PAGE);
	});

	it('finds the customer of an echo that is addressed like a message', () => {
		const echo = only({ message: { mid: 'm', is_echo: true, text: 'x' } });
		expect(echo).toMatchObject({ kind: 'echo', contact: { replyTo: CUSTOMER } });
	});

	it('names the place of a malformed event and nothing of what the customer wrote', () => {
		const { malformed } = parse(bodyWith({ message: { mid: '', text: 'my password is 1234' } }));
		expect(malformed).toEqual([{ reason: 'entry[0].messaging[0] has no mid that can be used.' }]);
	});

	it('gives the same message twice when Meta sends it twice: the store tells them apart', () => {
		const event = { message: { mid: 'm', text: 'x' } };
		const { messages } = parse(bodyWith(event, event));
		expect(messages.map(({ account, id }) => `${account} ${id}`)).toEqual([
			`${PAGE} m`,
			`${PAGE} m`,
		]);
	});

	it.each([
		['no JSON', '{', 'not a JSON object'],
		['a list', [], 'not a JSON object'],
		['no object', { entry: [] }, 'does not say its "object"'],
		['no entries', { object: 'page' }, 'no list "entry"'],
		['bytes that are no UTF-8', Buffer.from([0xff, 0xfe]), 'not a JSON object'],
	])('cannot read %s', (_what, body, sentence) => {
		const parsed = parse(body);
		expect(parsed.unreadable).toContain(sentence);
		expect(parsed.messages).toEqual([]);
	});
});

describe('Messenger events without an ID of their own', () => {
	const postback = (more: Record<string, unknown> = {}, title = 'Hi') =>
		only({ postback: { title, payload: 'P' }, ...more }).id;

	it('get one that is the same each time Meta sends them', () => {
		expect(postback()).toBe(postback());
		expect(postback()).toMatch(/^postback:[0-9a-f]{40}$/);
	});

	it('get another one for another customer, time or button', () => {
		const ids = [
			postback(),
			postback({ sender: { id: '7300000000000002' } }),
			postback({ timestamp: 1767261600001 }),
			postback({}, 'Ho'),
		];
		expect(new Set(ids).size).toBe(4);
	});

	it('take whatever a payload is', () => {
		const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
		const event = { sender: { id: '7' }, postback: { title: 'Hi', payload: 'P' } };
		const text = JSON.stringify(bodyWith(event));
		expect(parse(text.replace('"P"', deep)).messages).toHaveLength(1);
	});

	it('are visits where the customer came by a link and wrote nothing', () => {
		const visit = only({ referral: { ref: 'flyer', source: 'SHORTLINK', type: 'OPEN_THREAD' } });
		expect(visit).toMatchObject({ kind: 'visit', occasion: 'visit', source: 'contact' });
		expect(visit.referral).toMatchObject({ ref: 'flyer' });
		const ad = only({ referral: { source: 'ADS', ad_id: '1', type: 'OPEN_THREAD' } });
		expect(ad).toMatchObject({ kind: 'visit', source: 'ctc_ads' });
		expect(ad.id).not.toBe(visit.id);
	});
});

describe('Messenger acts on earlier messages', () => {
	it('reads an edit', () => {
		const edit = (num: number) =>
			only({ message_edit: { mid: 'm_0', text: 'الجديد', num_edits: num } });
		expect(edit(1)).toMatchObject({ kind: 'edit', targetId: 'm_0', text: 'الجديد', type: 'text' });
		expect(edit(1).id).not.toBe(edit(2).id);
		expect(edit(1).id).not.toBe('m_0');
	});

	it('counts edits by the name of the reference too', () => {
		const edit = (num: string) =>
			only({ message_edit: { mid: 'm_0', text: 'again', num_edit: num } }).id;
		expect(edit('1')).not.toBe(edit('2'));
	});

	it('leaves an edit without a text alone', () => {
		const parsed = parse(bodyWith({ message_edit: { mid: 'm_0', num_edits: 0 } }));
		expect(parsed.messages).toEqual([]);
		expectReasons(parsed.ignored, ['is an edit without the new text']);
	});

	it('reads a deletion', () => {
		const deletion = only({ message: { mid: 'm_0', is_deleted: true } });
		expect(deletion).toMatchObject({ kind: 'delete', targetId: 'm_0', text: '[deleted]' });
		expect(deletion.id).not.toBe('m_0');
	});

	it('reads a reaction, each time it is made', () => {
		const reaction = (timestamp: number) =>
			only({ timestamp, reaction: { mid: 'm_0', action: 'react', reaction: 'love', emoji: '❤️' } });
		expect(reaction(1767261600000)).toMatchObject({
			kind: 'reaction',
			targetId: 'm_0',
			type: 'reaction',
			text: '❤️',
		});
		expect(reaction(1767261600000).id).not.toBe(reaction(1767261700000).id);
	});
});

describe('Messenger receipts', () => {
	it('tells which messages were delivered, and when', () => {
		const { notices, messages } = parse(
			bodyWith({ delivery: { mids: ['m_1', 7, null, 'm_2'], watermark: 1767261500000 } }),
		);
		expect(messages).toEqual([]);
		const status = { kind: 'status', channel: 'messenger', account: PAGE, status: 'delivered' };
		expect(notices).toEqual([
			{ ...status, id: 'm_1', at: 1767261500000 },
			{ ...status, id: '7', at: 1767261500000 },
			{ ...status, id: 'm_2', at: 1767261500000 },
		]);
	});

	it('says nothing where Meta names no message', () => {
		const parsed = parse(
			bodyWith({ delivery: { watermark: 1 } }, { read: { watermark: 1767261500000 } }),
		);
		expect(parsed.notices).toEqual([]);
		expectReasons(parsed.ignored, ['arrived, and names none', 'read, and names none']);
	});
});

describe('Messenger times', () => {
	it.each([
		['milliseconds', 1767261600123, 1767261600123],
		['seconds', 1767261600, 1767261600000],
		['seconds as a text', '1767261600', 1767261600000],
		['ISO 8601', '2026-01-01T10:00:00+0000', 1767261600000],
		['a date that is none', '2026-99-99T10:00:00Z', NOW],
		['a word', 'yesterday', NOW],
		['nothing', null, NOW],
		['an object', { toString: 1 }, NOW],
	])('takes %s', (_what, timestamp, sentAt) => {
		expect(only({ timestamp, message: { mid: 'm', text: 'x' } }).sentAt).toBe(sentAt);
	});
});

describe('Messenger checks', () => {
	const body = JSON.stringify(bodyWith({ message: { mid: 'm', text: 'مرحبا' } }));
	const verify = (appSecret: unknown, signature?: string) =>
		messenger.verify(
			requestOf(body, signature === undefined ? {} : { 'X-Hub-Signature-256': signature }),
			{ appSecret },
		);

	it('takes the signature of any of its secrets and no other', () => {
		expect(verify('new, old', metaSignature(body, 'old'))).toEqual({ ok: true });
		expect(verify('new', metaSignature(body, 'new'))).toEqual({ ok: true });
		expect(verify('new', metaSignature(body, 'old'))).toMatchObject({ ok: false, status: 401 });
		expect(verify('new', metaSignature(`${body} `, 'new'))).toMatchObject({ ok: false });
	});

	it('takes nothing without a signature or a secret', () => {
		expect(verify('new')).toMatchObject({ ok: false });
		expect(verify(' , ', metaSignature(body, ''))).toMatchObject({ ok: false });
		expect(verify(undefined, metaSignature(body, 'undefined'))).toMatchObject({ ok: false });
	});

	it('answers the check of the address with its own word only', () => {
		const query = { 'hub.mode': 'subscribe', 'hub.verify_token': 'word', 'hub.challenge': '42' };
		const request = { ...requestOf(''), query };
		expect(messenger.handshake?.(request, { verifyToken: 'word' })).toMatchObject({
			status: 200,
			body: '42',
		});
		expect(messenger.handshake?.(request, { verifyToken: 'other' }).status).toBe(403);
	});

	it('needs the two secrets that make receiving safe, and knows its page', () => {
		expect(messenger.missingSettings({})).toEqual(['App Secret', 'Verify Token']);
		expect(messenger.missingSettings({ appSecret: 's', verifyToken: 't' })).toEqual([]);
		expect(messenger.accounts({ pageId: PAGE })).toEqual([PAGE]);
		expect(messenger.accounts({})).toEqual([]);
	});
});

/** Not part of the repository: tested only where it lies beside it. */
const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads', 'messenger');

function openingIn({ messages }: ParsedBody): number {
	const opening = messages.filter(
		({ kind, group, occasion, neverOpens }) =>
			kind === 'message' && !group && !occasion && !neverOpens,
	);
	return new Set(opening.map(({ account, id }) => `${account} ${id}`)).size;
}

if (existsSync(SAMPLES)) {
	describe('sample bodies of Messenger', () => {
		const files = readdirSync(SAMPLES).filter((file) => file.endsWith('.json'));

		it('are all known', () => {
			expect(files.sort()).toEqual(Object.keys(opens).sort());
		});

		it.each(files)('%s', (file) => {
			const parsed = parse(readFileSync(path.join(SAMPLES, file), 'utf8'));
			expectSoundness(parsed);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.malformed).toEqual([]);
			expect(openingIn(parsed)).toBe(opens[file]);
		});
	});
}
