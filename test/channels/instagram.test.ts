import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { instagram } from '../../nodes/channels/instagram';
import { expectSoundness, metaSignature, readFixtures, requestOf } from './requests';
import { opens } from './samples/instagram';

const ACCOUNT = '17840000000000001';
const CUSTOMER = '9300000000000001';

const parse = (body: unknown) => instagram.parse(requestOf(body), {});

function bodyWith(list: 'messaging' | 'standby', ...events: Array<Record<string, unknown>>) {
	const elements = events.map((event) => ({
		sender: { id: CUSTOMER },
		recipient: { id: ACCOUNT },
		timestamp: 1767261600000,
		...event,
	}));
	return { object: 'instagram', entry: [{ id: ACCOUNT, [list]: elements }] };
}

describe('Instagram bodies', () => {
	describe.each(readFixtures('instagram'))('$name', ({ about, body, expect: expected }) => {
		it(about, () => {
			const parsed = parse(body);
			const reasons = (parts: Array<{ reason: string }>) => parts.map(({ reason }) => reason);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.messages).toStrictEqual(
				expected.messages.map((message) => ({ ...message, raw: expect.anything() })),
			);
			expect(reasons(parsed.ignored)).toEqual(
				expected.ignored.map((sentence) => expect.stringContaining(sentence)),
			);
			expect(reasons(parsed.malformed)).toEqual(
				expected.malformed.map((sentence) => expect.stringContaining(sentence)),
			);
			expectSoundness(parsed);
		});
	});

	it('reads a message that was unsent', () => {
		const { messages } = parse(bodyWith('messaging', { message: { mid: 'm', is_deleted: true } }));
		expect(messages).toMatchObject([{ kind: 'delete', targetId: 'm' }]);
	});

	it('tells which message was read', () => {
		const { notices } = parse(bodyWith('messaging', { read: { mid: 'm_1' } }));
		expect(notices).toEqual([
			{
				kind: 'status',
				channel: 'instagram',
				account: ACCOUNT,
				id: 'm_1',
				status: 'read',
				at: 1767261600000,
			},
		]);
	});

	it('lets nothing open that another app answers, whatever it is', () => {
		const mention = { type: 'story_mention', payload: { url: 'https://cdn.example.com/s' } };
		const { messages } = parse(
			bodyWith(
				'standby',
				{ message: { mid: 'm_1', attachments: [mention] } },
				{ postback: { mid: 'm_2', title: 'Hi' } },
				{ referral: { ref: 'r' } },
			),
		);
		expect(messages.map(({ kind, occasion }) => [kind, occasion])).toEqual([
			['message', 'standby'],
			['message', 'standby'],
			['visit', 'standby'],
		]);
	});

	it('reads both lists of an entry', () => {
		const one = bodyWith('messaging', { message: { mid: 'm_1', text: 'x' } });
		const other = bodyWith('standby', { message: { mid: 'm_2', text: 'y' } });
		const entry = [{ ...one.entry[0], ...other.entry[0] }];
		expect(parse({ ...one, entry }).messages.map(({ id }) => id)).toEqual(['m_1', 'm_2']);
	});

	it('leaves webhooks of pages out, and cannot read what has no entries', () => {
		const page = parse({ object: 'page', entry: [] });
		expect(page.unreadable).toBeUndefined();
		expect(page.ignored).toHaveLength(1);
		expect(parse({ object: 'instagram' }).unreadable).toContain('no list "entry"');
	});
});

describe('Instagram checks', () => {
	it('takes the signature of the app and of its Instagram part', () => {
		const body = JSON.stringify(bodyWith('messaging', { message: { mid: 'm', text: 'هلا' } }));
		const verify = (secret: string) =>
			instagram.verify(requestOf(body, { 'x-hub-signature-256': metaSignature(body, secret) }), {
				appSecret: 'secret-of-the-app\nsecret-of-instagram',
			}).ok;
		expect(verify('secret-of-the-app')).toBe(true);
		expect(verify('secret-of-instagram')).toBe(true);
		expect(verify('secret-of-nobody')).toBe(false);
	});

	it('needs the two secrets that make receiving safe, and knows its account', () => {
		expect(instagram.missingSettings({})).toEqual(['App Secret', 'Verify Token']);
		expect(instagram.accounts({ accountId: ACCOUNT })).toEqual([ACCOUNT]);
		expect(instagram.accounts({})).toEqual([]);
	});
});

/** Not part of the repository: tested only where it lies beside it. */
const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads', 'instagram');

if (existsSync(SAMPLES)) {
	describe('sample bodies of Instagram', () => {
		const files = readdirSync(SAMPLES).filter((file) => file.endsWith('.json'));

		it('are all known', () => {
			expect(files.sort()).toEqual(Object.keys(opens).sort());
		});

		it.each(files)('%s', (file) => {
			const parsed = parse(readFileSync(path.join(SAMPLES, file), 'utf8'));
			expectSoundness(parsed);
			expect(parsed.unreadable).toBeUndefined();
			expect(parsed.malformed).toEqual([]);
			const opening = parsed.messages.filter(
				({ kind, group, occasion }) => kind === 'message' && !group && !occasion,
			);
			expect(new Set(opening.map(({ account, id }) => `${account} ${id}`)).size).toBe(opens[file]);
		});
	});
}
