import type { ChannelRequest } from '../../nodes/channels/channel';
import { chatwoot } from '../../nodes/channels/chatwoot';
import type { ChannelError } from '../../nodes/channels/errors';
import type { PlatformNews } from '../../nodes/channels/platform';
import type { OutboundMessage, Recipient } from '../../nodes/channels/sending';
import { caller } from '../standins/caller';
import { startChatwoot, type ChatwootStandIn } from '../standins/chatwoot';
import { startStandIn, type StandIn } from '../standins/standIn';

const ARABIC = 'أهلاً سارة 👋🏽\n\u200fطلبك رقم ٤٢ جاهز — “غداً” \t';
const sending = chatwoot.sending!;
const registration = chatwoot.registration!;
const platform = chatwoot.platform!;

let standIn: ChatwootStandIn;
/** An n8n that takes all webhooks, and what it was told. */
let n8n: StandIn;

beforeEach(async () => {
	standIn = await startChatwoot();
	n8n = await startStandIn(() => ({ body: { ok: true } }));
});
afterEach(async () => {
	await standIn.settled();
	await Promise.all([standIn.close(), n8n.close()]);
});

function tools(more: Record<string, unknown> = {}) {
	const settings: Record<string, unknown> = { ...standIn.credential.data, ...more };
	return {
		call: caller((call) => ({
			...call,
			headers: { ...call.headers, api_access_token: String(settings.apiAccessToken) },
		})),
		settings,
		now: Date.now(),
		key: '00000000-0000-4000-8000-000000000001',
	};
}

const write = async (from = '41', id = '9001') =>
	await standIn.customerWrites(n8n.url, { from, id, text: 'Hello', name: 'Sara' });

/** What n8n was posted, as the channel reads it. */
const heard = () =>
	n8n.received.map(({ headers, query, rawBody }) => {
		const request: ChannelRequest = {
			headers,
			query,
			rawBody,
			url: n8n.url,
			now: Date.now(),
		};
		return { request, parsed: chatwoot.parse(request, standIn.credential.data) };
	});

const to = (more: Partial<Recipient> = {}): Recipient => ({
	account: '3:5',
	to: '101',
	context: { channel: 'Channel::Api' },
	lastInboundAt: Date.now(),
	...more,
});

const send = async (message: Partial<OutboundMessage>, recipient = to(), more = {}) =>
	await sending.send({ text: '', ...message }, recipient, tools(more));

const failureOf = async (attempt: Promise<unknown>) =>
	await attempt.then(
		() => {
			throw new Error('It went well');
		},
		(error: ChannelError) => error,
	);

const sent = () => standIn.received.filter(({ path }) => path.endsWith('/messages')).at(-1);

describe('Sending by Chatwoot', () => {
	beforeEach(async () => void (await write()));

	it('sends a text, byte by byte, to the conversation that it answers', async () => {
		const { id, status } = await send({ text: ARABIC });
		expect(status).toBe('sent');
		expect(standIn.delivered('41')).toEqual([ARABIC]);
		expect(sent()?.path).toBe('/api/v1/accounts/3/conversations/101/messages');
		expect(sent()?.body).toEqual({ content: ARABIC, message_type: 'outgoing', private: false });
		expect(String(standIn.conversations[0]?.messages.at(-1)?.id)).toBe(id);
	});

	it('has no secret in the address', async () => {
		await send({ text: 'x' });
		for (const { path, query } of standIn.received) {
			expect(path + JSON.stringify(query)).not.toContain(standIn.credential.data.apiAccessToken);
		}
	});

	it('sends a file with its words', async () => {
		const bytes = Buffer.from([0, 255, 13, 10, 128]);
		await send({
			text: ARABIC,
			media: { type: 'image', file: { name: 'صورة.png', mimeType: 'image/png', bytes } },
			replyToMessageId: '9001',
		});
		expect(standIn.files).toEqual([{ name: 'صورة.png', mimeType: 'image/png', bytes }]);
		const message = standIn.conversations[0]?.messages.at(-1);
		expect(message).toMatchObject({ private: false, content_attributes: { in_reply_to: 9001 } });
		// The texts of a form may carry their line breaks as CR LF (HTML, "multipart/form-data").
		expect(message?.content?.replaceAll('\r\n', '\n')).toBe(ARABIC);
	});

	it('sends choices', async () => {
		const buttons = [
			{ id: 'sales', title: 'المبيعات' },
			{ id: 'help', title: 'Help' },
		];
		await send({ text: 'Which?', buttons });
		expect(sent()?.body).toMatchObject({
			content_type: 'input_select',
			content_attributes: {
				items: [
					{ title: 'المبيعات', value: 'sales' },
					{ title: 'Help', value: 'help' },
				],
			},
		});
	});

	it('sends a template, with its values by number or by name', async () => {
		const template = { name: 'order_ready', language: 'ar' };
		await send({
			template: { ...template, parameters: [{ value: 'سارة' }, { name: 'city', value: 'جدة' }] },
		});
		expect(sent()?.body).toMatchObject({
			content: 'order_ready',
			template_params: {
				...template,
				processed_params: { body: { '1': 'سارة', city: 'جدة' } },
			},
		});
	});

	it('quotes a message, also one that answered a question', async () => {
		await send({ text: 'x', replyToMessageId: '9001' });
		expect(sent()?.body).toMatchObject({ content_attributes: { in_reply_to: 9001 } });
		await send({ text: 'x', replyToMessageId: '9100:answer' });
		expect(sent()?.body).toMatchObject({ content_attributes: { in_reply_to: 9100 } });
		await send({ text: 'x', replyToMessageId: 'wamid.x' });
		expect(sent()?.body).not.toHaveProperty('content_attributes');
	});

	it('goes to the conversation of this Chatwoot, and to none of another one', async () => {
		const { host, hostname } = new URL(standIn.url);
		await send({ text: 'x' }, to({ account: `${host}:3:5` }));
		expect(sent()?.path).toBe('/api/v1/accounts/3/conversations/101/messages');
		const calls = standIn.received.length;
		for (const account of [`${hostname}:3:5`, 'chat.example.com:8080:3:5']) {
			const error = await failureOf(send({ text: 'x' }, to({ account })));
			expect(error).toMatchObject({ failure: 'rejected' });
			expect(error.message).toContain(account.slice(0, -4));
		}
		expect(standIn.received).toHaveLength(calls);
	});

	it('comes back as an echo with the same ID', async () => {
		await registration.set(n8n.url, tools());
		const { id } = await send({ text: ARABIC });
		await standIn.settled();
		const echo = heard().at(-1)?.parsed.messages[0];
		const { host } = new URL(standIn.url);
		expect(echo).toMatchObject({ kind: 'echo', id, account: `${host}:3:5`, text: ARABIC });
	});

	it.each([
		[401, { error: 'Invalid Access Token' }, 'unauthorized', /token: Invalid Access Token$/],
		[402, { error: 'Account limit exceeded' }, 'unauthorized', /paid/],
		[403, { error: 'No' }, 'unauthorized', /may not/],
		[404, { error: 'Resource could not be found' }, 'notFound', /does not know/],
		[422, { message: 'Content is too long' }, 'rejected', /Content is too long/],
		[429, 'Retry later\n', 'rateLimited', /no more calls/],
		[500, 'Oops', 'unclear', /not known/],
		[502, '<html>', 'unclear', /not known/],
		[503, '<html>', 'unavailable', /fault/],
	])('says what %s means', async (status, body, failure, message) => {
		standIn.answerNext({ status, body }, 4);
		const error = await failureOf(send({ text: 'secret words' }));
		expect(error).toMatchObject({ failure, message: expect.stringMatching(message) });
		expect(error.hint).toMatch(/\.$/);
	});

	it('does not repeat what a person wrote', async () => {
		const body = { message: 'Content "my secret words" is not allowed' };
		standIn.answerNext({ status: 422, body });
		const error = await failureOf(send({ text: 'my secret words' }));
		expect(`${error.message} ${error.hint}`).not.toContain('secret words');
		expect(error.failure).toBe('rejected');
	});

	it('waits where Chatwoot asks for patience', async () => {
		standIn.limitNext(2);
		await send({ text: 'x' });
		expect(standIn.delivered('41')).toEqual(['x']);
	});

	it('sends nothing twice where it is unclear whether it was sent', async () => {
		standIn.hangUpNext();
		expect((await failureOf(send({ text: 'x' }))).failure).toBe('unclear');
		expect(standIn.delivered('41')).toEqual(['x']);
		expect(sending.idempotent).toBe(false);
	});

	it('does not believe an answer without an ID', async () => {
		for (const body of [{}, [], 'ok', { id: '' }]) {
			standIn.answerNext({ body });
			expect((await failureOf(send({ text: 'x' }))).failure).toBe('unclear');
		}
	});

	it('says which field is missing', async () => {
		expect(sending.missingSettings({})).toEqual(['Base URL', 'API Access Token']);
		expect(await failureOf(send({ text: 'x' }, to(), { baseUrl: ' ' }))).toMatchObject({
			failure: 'rejected',
			message: expect.stringContaining('Base URL'),
		});
		expect(
			await failureOf(send({ text: 'x' }, to({ account: '' }), { accountId: '' })),
		).toMatchObject({ message: expect.stringContaining('Account ID') });
	});

	it('knows what an inbox does not take', () => {
		const problem = (message: Partial<OutboundMessage>, channel?: string) =>
			sending.problem!({ text: '', ...message }, to({ context: channel ? { channel } : {} }));
		const buttons = [{ id: 'a', title: 'a' }];
		const template = { name: 'a', language: 'en', parameters: [] };
		const emoji = '👩🏽'.repeat(500);
		expect(problem({ text: emoji }, 'Channel::Instagram')).toBeUndefined();
		expect(problem({ text: `${emoji}x` }, 'Channel::Instagram')).toMatch(/1000 characters/);
		expect(problem({ text: 'x'.repeat(1601) }, 'Channel::TwilioSms')).toMatch(/1600/);
		expect(problem({ buttons }, 'Channel::FacebookPage')).toMatch(/buttons/);
		expect(problem({ buttons }, 'Channel::WebWidget')).toBeUndefined();
		expect(problem({ buttons })).toBeUndefined();
		expect(problem({ template }, 'Channel::Telegram')).toMatch(/Templates/);
		expect(problem({ template }, 'Channel::Whatsapp')).toBeUndefined();
	});

	it('knows the window of WhatsApp, behind either kind of inbox', () => {
		const window = (context: Record<string, unknown>) => sending.window!(to({ context }));
		expect(window({ channel: 'Channel::Whatsapp' })).toMatchObject({
			hours: 24,
			templatesAfter: true,
		});
		expect(window({ channel: 'Channel::TwilioSms', medium: 'whatsapp' })).toMatchObject({
			templatesAfter: false,
		});
		expect(window({ channel: 'Channel::TwilioSms' })).toBeUndefined();
		expect(window({})).toBeUndefined();
	});
});

describe('Registering at Chatwoot', () => {
	const address = () => registration.address(`${n8n.url}/webhook/a`, standIn.credential.data);

	it('registers the events that are read, once', async () => {
		await registration.set(address(), tools());
		await registration.set(address(), tools());
		expect(standIn.webhooks).toHaveLength(1);
		expect(standIn.webhooks[0]?.subscriptions).toHaveLength(5);
		expect(await registration.current(tools())).toEqual([address()]);
	});

	it('mends one that lacks an event, and leaves the others alone', async () => {
		standIn.webhooks.push(
			{ id: 1, url: 'https://other.example/x', subscriptions: ['message_created'], secret: 's' },
			{ id: 2, url: address(), subscriptions: ['message_created'], secret: 's' },
		);
		await registration.set(address(), tools());
		expect(standIn.webhooks.map(({ subscriptions }) => subscriptions.length)).toEqual([1, 5]);
		await registration.remove!(address(), tools());
		await registration.remove!(address(), tools());
		expect(standIn.registered()).toEqual(['https://other.example/x']);
	});

	it('registers once where the first answer was lost', async () => {
		await registration.current(tools());
		const before = standIn.received.length;
		const { call, ...others } = tools();
		await registration.set(address(), {
			...others,
			call: async (one) => {
				if (one.method === 'POST' && standIn.webhooks.length === 0) standIn.hangUpNext();
				return await call(one);
			},
		});
		expect(standIn.registered()).toEqual([address()]);
		expect(standIn.received.length).toBeGreaterThan(before + 2);
	});

	it('says what is wrong', async () => {
		expect(
			await failureOf(registration.set(address(), tools({ apiAccessToken: 'x' }))),
		).toMatchObject({ failure: 'unauthorized', hint: expect.stringContaining('administrator') });
		expect(await failureOf(registration.set(address(), tools({ accountId: '99' })))).toMatchObject({
			failure: 'notFound',
			hint: expect.stringContaining('Account ID'),
		});
		expect(await failureOf(registration.set('not an address', tools()))).toMatchObject({
			failure: 'rejected',
			message: expect.stringContaining('Url is invalid'),
		});
	});

	it('posts to the registered address with a token that verifies', async () => {
		await write();
		await registration.set(address(), tools());
		await send({ text: 'x' });
		await standIn.settled();
		const { request } = heard().at(-1)!;
		// The secret of a registered webhook is known to Chatwoot alone.
		expect(chatwoot.verify(request, { ...standIn.credential.data, webhookSecret: '' }).ok).toBe(
			true,
		);
		expect(chatwoot.verify({ ...request, query: {} }, standIn.credential.data).ok).toBe(false);
	});
});

describe('Telling Chatwoot', () => {
	const place = { account: '3:5', to: '101', context: {} };
	const tell = async (news: PlatformNews) => await platform.tell(news, place, tools());
	const agent = (id: string | null) => ({ key: 'omar', name: 'Omar', id });
	const standing = () => standIn.standing!('41');
	beforeEach(async () => void (await write()));

	it('tells who has the conversation', async () => {
		expect(await tell({ type: 'assigned', agent: agent('12') })).toEqual({ done: true });
		expect(standing().assignee).toBe('12');
		expect(await tell({ type: 'unassigned' })).toEqual({ done: true });
		expect(standing().assignee).toBeNull();
		expect(await tell({ type: 'routed', team: { key: 'sales', name: 'Sales', id: '6' } })).toEqual({
			done: true,
		});
		expect(standIn.conversations[0]?.team).toBe(6);
	});

	it('skips whom Chatwoot does not know', async () => {
		const calls = standIn.received.length;
		expect(await tell({ type: 'assigned', agent: agent(null) })).toEqual({
			done: false,
			skipped: 'The agent Omar has no Chatwoot ID.',
		});
		expect(await tell({ type: 'routed', team: { key: 'x', name: 'X', id: null } })).toMatchObject({
			done: false,
		});
		expect(await tell({ type: 'assigned', agent: agent('@omar') })).toEqual({
			done: false,
			skipped: 'The Chatwoot ID of the agent Omar is no number.',
		});
		expect(await tell({ type: 'routed', team: { key: 'x', name: 'X', id: 'x' } })).toEqual({
			done: false,
			skipped: 'The Chatwoot ID of the team X is no number.',
		});
		expect(standIn.received).toHaveLength(calls);
		expect(await tell({ type: 'assigned', agent: agent('99') })).toMatchObject({
			done: false,
			skipped: expect.stringContaining('99'),
		});
		expect(await tell({ type: 'routed', team: { key: 'x', name: 'X', id: '99' } })).toMatchObject({
			done: false,
		});
	});

	it('closes with a note, and does no more when told again', async () => {
		const news: PlatformNews = { type: 'closed', category: 'تم الحل', summary: 'Refunded 👍' };
		await tell(news);
		await tell(news);
		expect(standing()).toEqual({
			status: 'closed',
			assignee: null,
			notes: ['تم الحل\n\nRefunded 👍'],
		});
		await tell({ type: 'reopened' });
		expect(standing().status).toBe('open');
	});

	it('writes the note of the next time, though it is the same', async () => {
		const news: PlatformNews = { type: 'closed', category: 'Solved', summary: null };
		await tell(news);
		await write('41', '9002');
		await tell(news);
		expect(standing()).toMatchObject({ status: 'closed', notes: ['Solved', 'Solved'] });
	});

	it('closes without a note where there is nothing to say', async () => {
		await tell({ type: 'closed', category: null, summary: null });
		expect(standing()).toMatchObject({ status: 'closed', notes: [] });
	});

	it('closes after all where the first try broke off in the middle', async () => {
		const news: PlatformNews = { type: 'closed', category: 'Solved', summary: null };
		standIn.answerNext({ status: 503 }, 4, ({ path }) => path.endsWith('/toggle_status'));
		expect((await failureOf(tell(news))).failure).toBe('unavailable');
		await tell(news);
		expect(standing()).toMatchObject({ status: 'closed', notes: ['Solved'] });
	});

	it('writes comments that the contact does not see', async () => {
		await tell({ type: 'commented', text: ARABIC });
		await tell({ type: 'commented', text: ARABIC });
		expect(standing().notes).toEqual([ARABIC]);
		expect(standIn.delivered('41')).toEqual([]);
	});

	it('says that a conversation is gone', async () => {
		const gone = platform.tell({ type: 'reopened' }, { ...place, to: '999' }, tools());
		expect((await failureOf(gone)).failure).toBe('notFound');
	});

	it('hears of what it told, as the state it asked for', async () => {
		await registration.set(n8n.url, tools());
		n8n.received.length = 0;
		await tell({ type: 'assigned', agent: agent('12') });
		await tell({ type: 'closed', category: null, summary: null });
		await standIn.settled();
		const changes = heard().flatMap(({ parsed }) => parsed.notices ?? []);
		expect(changes).toMatchObject([
			{ kind: 'platform', to: '101', change: { type: 'assigned', agent: { id: '12' } } },
			{ kind: 'platform', to: '101', change: { type: 'closed' } },
		]);
		expect(heard().flatMap(({ parsed }) => parsed.malformed)).toEqual([]);
	});

	it('hears what people do there', async () => {
		n8n.received.length = 0;
		await standIn.personActs!(n8n.url, '41', { type: 'assigned', agent: '11' });
		await standIn.personActs!(n8n.url, '41', {
			type: 'replied',
			agent: '11',
			text: ARABIC,
			id: '9500',
		});
		await standIn.personActs!(n8n.url, '41', { type: 'assigned', agent: null });
		await standIn.personActs!(n8n.url, '41', { type: 'closed' });
		const all = heard();
		for (const { request } of all) {
			expect(chatwoot.verify(request, standIn.credential.data).ok).toBe(true);
		}
		expect(all.flatMap(({ parsed }) => parsed.messages)).toMatchObject([
			{ kind: 'echo', text: ARABIC, sender: { id: '11', isPerson: true } },
		]);
		expect(all.flatMap(({ parsed }) => parsed.notices ?? [])).toMatchObject([
			{ change: { type: 'assigned', agent: { id: '11' } } },
			{ change: { type: 'assigned', agent: null } },
			{ change: { type: 'closed' } },
		]);
	});

	it('opens by one message, though two events bring it', () => {
		const messages = heard().flatMap(({ parsed }) => parsed.messages);
		expect(messages).toHaveLength(2);
		expect(new Set(messages.map(({ account, id }) => `${account} ${id}`)).size).toBe(1);
		expect(messages.map(({ kind }) => kind)).toEqual(['message', 'message']);
	});
});
