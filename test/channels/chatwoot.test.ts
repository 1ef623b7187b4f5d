import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { chatwoot } from '../../nodes/channels/chatwoot';
import type { ChannelNotice } from '../../nodes/channels/channel';
import { expectSoundness, NOW, readFixtures, requestOf } from './requests';
import { opens } from './samples/chatwoot';

const parse = (body: unknown, settings = {}) => chatwoot.parse(requestOf(body), settings);

/** A new message, changed as the test wants. */
function bodyWith(message: Record<string, unknown>) {
	return {
		event: 'message_created',
		id: 9001,
		content: 'Hello',
		message_type: 'incoming',
		created_at: '2026-01-01T10:00:00.000Z',
		account: { id: 3 },
		inbox: { id: 5 },
		sender: { id: 41, name: 'Sara' },
		conversation: { id: 77, inbox_id: 5, channel: 'Channel::Api', meta: { sender: { id: 41 } } },
		...message,
	};
}

describe('Chatwoot bodies', () => {
	it('takes no word of a body for a name that JavaScript knows', () => {
		for (const file_type of ['constructor', '__proto__', 'toString']) {
			const [message] = parse(bodyWith({ content: null, attachments: [{ file_type }] })).messages;
			expect(message).toMatchObject({ type: 'unsupported', attachments: [{ type: file_type }] });
		}
	});

	describe('an answer to a question of the business', () => {
		const answer = (submitted_values: unknown[], created_at = '2026-01-01T10:00:00.000Z') => {
			const body = { message_type: 'outgoing', content_attributes: { submitted_values } };
			return parse(bodyWith({ event: 'message_updated', created_at, ...body })).messages[0];
		};

		it('has the ID of the choice, where it is one', () => {
			const choice = { title: 'Sales', value: 'sales' };
			expect(answer([choice])).toMatchObject({ text: 'Sales', choiceId: 'sales' });
			expect(answer([{ ...choice, name: 'team' }])).not.toHaveProperty('choiceId');
			expect(answer([choice, choice])).not.toHaveProperty('choiceId');
		});

		it('opens nothing once the question is over a day old', () => {
			const values = [{ value: 'sales' }];
			expect(answer(values, '2025-12-31T12:00:00.000Z')).not.toHaveProperty('neverOpens');
			expect(answer(values, '2025-12-31T11:59:59.000Z')).toMatchObject({ neverOpens: true });
		});
	});

	it('takes only web addresses as links of files', () => {
		const attachments = ['https://a.example/1', 'javascript:alert(1)'].map((data_url) => ({
			file_type: 'image',
			data_url,
		}));
		const [message] = parse(bodyWith({ attachments })).messages;
		expect(message?.attachments.map(({ url }) => url)).toEqual(['https://a.example/1', undefined]);
	});

	describe.each(readFixtures('chatwoot'))('$name', ({ about, body, expect: expected }) => {
		it(about, () => {
			const parsed = parse(body);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.messages).toStrictEqual(
				expected.messages.map((message) => ({ ...message, raw: expect.anything() })),
			);
			const { notices = [] } = expected as { notices?: ChannelNotice[] };
			expect(parsed.notices ?? []).toStrictEqual(notices);
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

	it('is unreadable only where Chatwoot cannot have sent it', () => {
		for (const body of ['', '[]', '{', '"x"', { id: 1 }, { event: 7 }]) {
			expect(parse(body).unreadable).toMatch(/\.$/);
		}
		expect(parse({ event: '' }).unreadable).toBeUndefined();
	});

	it('keeps the exact text, with its spaces, marks and directions', () => {
		const text = ' \u200fمرحبا\u200e — 👩🏽‍🚀 \n\n\tשלום ';
		expect(parse(bodyWith({ content: text })).messages[0]?.text).toBe(text);
	});

	it('gives a message the same ID in both events that bring it', () => {
		const element = { id: 9001, account_id: 3, inbox_id: 5, message_type: 0, content: 'Hello' };
		const created = {
			event: 'conversation_created',
			id: 77,
			inbox_id: 5,
			meta: { sender: { id: 41 } },
			messages: [element],
		};
		const one = parse(bodyWith({})).messages[0];
		const other = parse(created).messages[0];
		expect(other).toMatchObject({ id: one?.id, account: one?.account, kind: 'message' });
	});

	it('keeps every digit of an ID', () => {
		const body = JSON.stringify(bodyWith({ id: 0 })).replace('"id":0', '"id":9007199254740993');
		expect(parse(body).messages[0]?.id).toBe('9007199254740993');
	});

	it('keeps two installations apart, which both count from 1 on', () => {
		const at = (baseUrl: string) => {
			const { account, contact } = parse(bodyWith({}), { baseUrl }).messages[0]!;
			return { account, identities: contact.identities };
		};
		expect(at('https://Chat.example.com/')).toEqual({
			account: 'chat.example.com:3:5',
			identities: [{ channel: 'chatwoot', account: 'chat.example.com:3', id: '41' }],
		});
		expect(at('http://10.0.0.7:3000').account).toBe('10.0.0.7:3000:3:5');
		expect(at('').account).toBe('3:5');
	});

	it('gives the number of a conversation to its owner alone', () => {
		const conversation = (contact_id?: number) => ({
			...bodyWith({}).conversation,
			channel: 'Channel::Whatsapp',
			contact_inbox: { source_id: '966500000002', contact_id },
		});
		const phoneWith = (contact_id?: number) =>
			parse(bodyWith({ conversation: conversation(contact_id) })).messages[0]!.contact;
		for (const owner of [41, undefined]) {
			expect(phoneWith(owner).phone).toBe('+966500000002');
			expect(phoneWith(owner).identities).toHaveLength(2);
		}
		expect(phoneWith(40)).not.toHaveProperty('phone');
		expect(phoneWith(40).identities).toHaveLength(1);
	});

	it('takes the account of the credential where the body names none', () => {
		const body = {
			event: 'conversation_status_changed',
			id: 77,
			inbox_id: 5,
			status: 'resolved',
			meta: { sender: { id: 41 } },
			changed_attributes: [{ status: { previous_value: 'open', current_value: 'resolved' } }],
		};
		expect(parse(body).malformed).toHaveLength(1);
		expect(parse(body, { accountId: '3' }).notices).toMatchObject([
			{ account: '3:5', to: '77', change: { type: 'closed' }, at: NOW },
		]);
	});

	it('takes neither a rule nor the agent of the token for a person', () => {
		const sender = { id: 12, type: 'user', name: 'Omar' };
		const person = (more: Record<string, unknown>, settings = {}) =>
			parse(bodyWith({ message_type: 'outgoing', sender, ...more }), settings).messages[0]?.sender
				?.isPerson;
		expect(person({})).toBe(true);
		expect(person({ content_attributes: { automation_rule_id: 4 } })).toBe(false);
		expect(person({}, { ownAgentId: ' 12 ' })).toBe(false);
		expect(person({}, { ownAgentId: '13' })).toBe(true);
		expect(person({ sender: { type: 'user' } }, { ownAgentId: '' })).toBe(true);
	});

	it('writes down no secret and no address of a file', () => {
		const body = bodyWith({
			sender: { id: 41, pubsub_token: 'HIDDEN' },
			conversation: { id: 77, meta: { sender: { id: 41, pubsub_token: 'HIDDEN' } } },
			attachments: [{ file_type: 'image', data_url: 'https://x.example/HIDDEN', size: 1 }],
		});
		const message = parse(body).messages[0];
		expect(JSON.stringify(message?.raw)).not.toContain('HIDDEN');
		expect(message?.raw).toMatchObject({ id: 9001, attachments: [{ size: 1 }] });
		expect(message?.attachments[0]?.url).toBe('https://x.example/HIDDEN');
	});

	it('survives what is nested without end', () => {
		const deep = '['.repeat(2_000) + ']'.repeat(2_000);
		const body = JSON.stringify(bodyWith({ x: 0 })).replace('"x":0', `"x":${deep}`);
		const parsed = parse(body);
		expect(parsed.messages.map(({ id }) => id)).toEqual(['9001']);
		expect(() => JSON.stringify(parsed.messages)).not.toThrow();
	});

	it('tells visits apart by their delivery', () => {
		const body = {
			event: 'webwidget_triggered',
			id: 9,
			contact: { id: 41 },
			inbox: { id: 5 },
			account: { id: 3 },
		};
		const id = (delivery: string) =>
			chatwoot.parse(requestOf(body, { 'X-Chatwoot-Delivery': delivery }), {}).messages[0]?.id;
		expect(id('a')).toBe('visit:a');
		expect(id('b')).toBe('visit:b');
	});

	it('says nothing of what a contact wrote when something is wrong', () => {
		const { malformed } = parse(bodyWith({ id: null, content: 'my password is 1234' }));
		expect(malformed).toEqual([{ reason: 'message_created: has no id that can be used.' }]);
	});
});

describe('Chatwoot requests', () => {
	const settings = { apiAccessToken: 'api-token', webhookSecret: 'old, new' };
	const body = '{"event":"message_created","content":"مرحبا 👋"}';
	const seconds = NOW / 1000;
	const signature = (secret: string, timestamp: number | string, text = body) =>
		`sha256=${createHmac('sha256', secret).update(`${timestamp}.`).update(text).digest('hex')}`;
	const signed = (secret: string, timestamp: number | string, text = body) =>
		requestOf(text, {
			'x-chatwoot-signature': signature(secret, timestamp),
			'x-chatwoot-timestamp': String(timestamp),
		});
	const registered = (query: string) => ({
		...requestOf(body),
		query: Object.fromEntries(new URLSearchParams(query)),
	});
	const verify = (request: ReturnType<typeof requestOf>, other: object = settings) =>
		chatwoot.verify(request, { ...other });

	it('are taken with a signature of any of the secrets', () => {
		expect(verify(signed('old', seconds)).ok).toBe(true);
		expect(verify(signed('new', seconds)).ok).toBe(true);
		expect(verify(signed('other', seconds)).ok).toBe(false);
		expect(verify(signed('new', seconds, `${body} `)).ok).toBe(false);
	});

	it('are taken for five minutes in either direction', () => {
		for (const [age, ok] of [
			[300, true],
			[-300, true],
			[301, false],
			[-301, false],
		] as const) {
			expect(verify(signed('new', seconds - age)).ok).toBe(ok);
		}
		for (const timestamp of ['', 'x', '1.5', '-1']) {
			expect(verify(signed('new', timestamp)).ok).toBe(false);
		}
	});

	it('are taken at the registered address, and at no other', () => {
		const address = chatwoot.registration!.address('https://n8n.example.com/webhook/a', settings);
		const { search } = new URL(address);
		expect(verify(registered(search)).ok).toBe(true);
		expect(verify(registered(search), { apiAccessToken: 'another' }).ok).toBe(false);
		expect(verify(registered(`${search}x`)).ok).toBe(false);
		expect(verify(registered('?token=')).ok).toBe(false);
		expect(verify({ ...registered(search), query: { token: ['a', 'b'] } }).ok).toBe(false);
		expect(address).not.toContain('api-token');
		expect(chatwoot.registration!.address('https://n.example.com/w?a=1', settings)).toMatch(
			/\/w\?a=1&token=[\w-]{43}$/,
		);
	});

	it('are refused without a proof, unless the operator wants it so', () => {
		const plain = requestOf(body);
		for (const other of [{}, settings, { ...settings, acceptUnsigned: 'true' }]) {
			expect(verify(plain, other)).toMatchObject({ ok: false, status: 401 });
		}
		expect(verify(plain, { acceptUnsigned: true }).ok).toBe(true);
		// A signature that does not fit is worse than none.
		expect(verify(signed('x', seconds), { ...settings, acceptUnsigned: true }).ok).toBe(false);
		expect(verify(registered('?token='), { acceptUnsigned: false }).ok).toBe(false);
	});

	it('are refused with a sentence that says what to do', () => {
		expect(verify(signed('x', seconds), {})).toMatchObject({
			reason: expect.stringMatching(/Webhook Secret.*\.$/),
		});
	});

	it('need something that proves them', () => {
		expect(chatwoot.missingSettings({})).toEqual(['API Access Token']);
		expect(chatwoot.missingSettings({ apiAccessToken: ' ' })).toEqual(['API Access Token']);
		expect(chatwoot.missingSettings({ apiAccessToken: 'x' })).toEqual([]);
		expect(chatwoot.missingSettings({ webhookSecret: 'x' })).toEqual([]);
		expect(chatwoot.missingSettings({ acceptUnsigned: true })).toEqual([]);
	});
});

const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads');

if (existsSync(SAMPLES)) {
	describe('sample bodies of Chatwoot', () => {
		const files = readdirSync(path.join(SAMPLES, 'chatwoot'));

		it('are all known', () => {
			expect(files.sort()).toEqual(Object.keys(opens).sort());
		});

		it.each(files)('%s', (file) => {
			const parsed = parse(readFileSync(path.join(SAMPLES, 'chatwoot', file), 'utf8'));
			expectSoundness(parsed);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.malformed).toEqual([]);
			const opening = parsed.messages.filter(
				({ kind, occasion, neverOpens }) => kind === 'message' && !occasion && !neverOpens,
			);
			expect(new Set(opening.map(({ account, id }) => `${account} ${id}`)).size).toBe(opens[file]);
		});

		it('has a signature that fits', () => {
			interface Vector {
				channel: string;
				secret: string;
				raw: string;
				value: string;
				timestamp: string;
			}
			const vectors = (
				JSON.parse(readFileSync(path.join(SAMPLES, 'signature_vectors.json'), 'utf8')) as Vector[]
			).filter(({ channel }) => channel === 'chatwoot');
			expect(vectors).not.toEqual([]);
			for (const { secret, raw, value, timestamp } of vectors) {
				const headers = { 'x-chatwoot-signature': value, 'x-chatwoot-timestamp': timestamp };
				const request = { ...requestOf(raw, headers), now: Number(timestamp) * 1000 };
				expect(chatwoot.verify(request, { webhookSecret: secret }).ok).toBe(true);
				expect(chatwoot.verify(request, { webhookSecret: `${secret}x` }).ok).toBe(false);
			}
		});
	});
}
