import type { ChannelRequest } from '../../nodes/channels/channel';
import type { ChannelError } from '../../nodes/channels/errors';
import type { PlatformNews } from '../../nodes/channels/platform';
import { respondio } from '../../nodes/channels/respondio';
import { registration } from '../../nodes/channels/respondio/registration';
import type { OutboundMessage, Recipient } from '../../nodes/channels/sending';
import { caller } from '../standins/caller';
import { startRespondIo, type RespondIoStandIn } from '../standins/respondio';
import { startStandIn, type StandIn } from '../standins/standIn';

const ARABIC = 'أهلاً سارة 👋🏽\n\u200fطلبك رقم ٤٢ جاهز — “غداً” \t';
const sending = respondio.sending!;
const platform = respondio.platform!;

let standIn: RespondIoStandIn;
/** An n8n that takes all webhooks, and what it was told. */
let n8n: StandIn;

beforeEach(async () => {
	standIn = await startRespondIo();
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
			headers: { ...call.headers, authorization: `Bearer ${String(settings.apiAccessToken)}` },
		})),
		settings,
		now: Date.now(),
		key: '00000000-0000-4000-8000-000000000001',
	};
}

const write = async (from = '4100', id = '9001') =>
	await standIn.customerWrites(n8n.url, { from, id, text: 'Hello', name: 'Sara' });

/** What n8n was posted, as the channel reads it. */
const heard = () =>
	n8n.received.map(({ headers, query, rawBody }) => {
		const request: ChannelRequest = { headers, query, rawBody, url: n8n.url, now: Date.now() };
		return { request, parsed: respondio.parse(request, standIn.credential.data) };
	});

const to = (more: Partial<Recipient> = {}): Recipient => ({
	account: '31',
	to: 'id:4100',
	context: { channelId: '31', source: 'facebook' },
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

const sent = () => standIn.received.filter(({ path }) => path.endsWith('/message')).at(-1);

describe('Sending by respond.io', () => {
	beforeEach(async () => void (await write()));

	it('sends a text, byte by byte, on the channel that the contact used', async () => {
		const { status } = await send({ text: ARABIC });
		expect(status).toBe('sent');
		expect(standIn.delivered('4100')).toEqual([ARABIC]);
		expect(sent()?.path).toBe('/v2/contact/id:4100/message');
		expect(sent()?.body).toEqual({ channelId: 31, message: { type: 'text', text: ARABIC } });
	});

	it('leaves the channel to respond.io where it is not known', async () => {
		await send({ text: 'x' }, to({ context: {} }));
		expect(sent()?.body).toEqual({ message: { type: 'text', text: 'x' } });
	});

	it('sends files by their address', async () => {
		const url = 'https://files.example.com/صورة.png';
		await send({ media: { type: 'image', url } });
		expect(standIn.contacts[0]?.sent.at(-1)).toEqual({
			type: 'attachment',
			attachment: { type: 'image', url },
		});
		await send({ media: { type: 'document', url } });
		expect(standIn.contacts[0]?.sent.at(-1)).toMatchObject({ attachment: { type: 'file' } });
		expect(sending.limits.media.image).toMatchObject({ upload: false });
	});

	it('sends choices by their titles', async () => {
		await send({
			text: 'Which?',
			buttons: [
				{ id: 'sales', title: 'المبيعات' },
				{ id: 'help', title: 'Help' },
			],
		});
		expect(sent()?.body).toMatchObject({
			message: { type: 'quick_reply', title: 'Which?', replies: ['المبيعات', 'Help'] },
		});
	});

	it('sends templates with their values in order', async () => {
		const template = { name: 'order_ready', language: 'ar' };
		await send({ template: { ...template, parameters: [{ value: 'سارة' }, { value: '42' }] } });
		expect(sent()?.body).toMatchObject({
			message: {
				type: 'whatsapp_template',
				template: {
					name: 'order_ready',
					languageCode: 'ar',
					components: [
						{
							type: 'body',
							parameters: [
								{ type: 'text', text: 'سارة' },
								{ type: 'text', text: '42' },
							],
						},
					],
				},
			},
		});
		await send({ template: { ...template, parameters: [] } });
		expect(sent()?.body).toMatchObject({ message: { template: { components: [] } } });
	});

	it('comes back as an echo of no person, with the same ID', async () => {
		await registration.set(n8n.url, tools());
		const { id } = await send({ text: ARABIC });
		await standIn.settled();
		expect(heard().at(-1)?.parsed.messages).toMatchObject([
			{ kind: 'echo', id, account: '31', text: ARABIC, sender: { isPerson: false } },
		]);
	});

	it('writes first to a contact that respond.io knows by phone', async () => {
		const first = (phone: string) => sending.firstContact!(phone, { channelId: '31' });
		expect(sending.firstContact!('+201000004100', {})).toBeUndefined();
		expect(first('01000004100')).toBeUndefined();
		expect(first('+20 100 000-4100')).toMatchObject({ account: '31', to: 'phone:+201000004100' });

		const recipient = first('+201000004100')!;
		const { id } = await send({ text: 'x' }, recipient);
		expect(id).toMatch(/^4100:\d+$/);
		expect(sent()?.body).toMatchObject({ channelId: 31 });
		expect((await failureOf(send({ text: 'x' }, first('+9990000')))).failure).toBe('notFound');
	});

	it('makes no address of what a body has brought', async () => {
		const error = await failureOf(send({ text: 'x' }, to({ to: 'id:1/../../space?x=1#' })));
		expect(error.failure).toBe('notFound');
		expect(standIn.received.at(-1)?.path).toMatch(/^\/v2\/contact\/id:1%2F/);
	});

	it.each([
		[400, { code: 400, message: 'message is not valid' }, 'rejected', /message is not valid$/],
		[401, { code: 401, message: 'Unauthorized' }, 'unauthorized', /token/],
		[403, { code: 403, message: 'Forbidden' }, 'unauthorized', /may not/],
		[404, { code: 404, message: 'Contact not found' }, 'notFound', /does not know/],
		[409, { code: 409, message: 'Contact is being merged' }, 'rejected', /merged/],
		[429, { code: 429, message: 'Too many requests' }, 'rateLimited', /no more calls/],
		[500, { code: 500, message: 'Oops' }, 'unclear', /not known/],
		[503, '<html>', 'unavailable', /fault/],
	])('says what %s means', async (status, body, failure, message) => {
		standIn.answerNext({ status, body }, 4);
		const error = await failureOf(send({ text: 'secret words' }));
		expect(error).toMatchObject({
			failure,
			message: expect.stringMatching(message),
			...(failure === 'unclear' ? {} : { providerCode: String(status) }),
		});
		expect(error.hint).toMatch(/\.$/);
	});

	it('says after how long it may be tried again', async () => {
		standIn.limitNext(4, 7);
		expect(await failureOf(send({ text: 'x' }))).toMatchObject({
			failure: 'rateLimited',
			retryAfter: 7000,
		});
	});

	it('waits where respond.io asks for patience', async () => {
		standIn.limitNext(3);
		await send({ text: 'x' });
		expect(standIn.delivered('4100')).toEqual(['x']);
	});

	it('sends nothing twice where it is unclear whether it was sent', async () => {
		standIn.hangUpNext();
		expect((await failureOf(send({ text: 'x' }))).failure).toBe('unclear');
		expect(standIn.delivered('4100')).toEqual(['x']);
		expect(sending.idempotent).toBe(false);
	});

	it('does not believe an answer without an ID', async () => {
		for (const body of [{}, [], 'ok', { messageId: null }]) {
			standIn.answerNext({ body });
			expect((await failureOf(send({ text: 'x' }))).failure).toBe('unclear');
		}
	});

	it('knows what a channel does not take', () => {
		const problem = (message: Partial<OutboundMessage>, source?: string) =>
			sending.problem!({ text: '', ...message }, to({ context: source ? { source } : {} }));
		const template = { name: 'a', language: 'en', parameters: [] };
		const emoji = '👩🏽'.repeat(500);
		expect(problem({ text: emoji }, 'instagram')).toBeUndefined();
		expect(problem({ text: `${emoji}x` }, 'instagram')).toMatch(/1000 characters/);
		expect(problem({ text: 'x'.repeat(4097) }, '360dialog_whatsapp')).toMatch(/4096/);
		expect(problem({ text: 'x'.repeat(4097) })).toBeUndefined();
		expect(problem({ template }, 'telegram')).toMatch(/Templates/);
		expect(problem({ template }, 'whatsapp_cloud')).toBeUndefined();
	});

	it('knows the window of WhatsApp only', () => {
		const window = (source?: string) => sending.window!(to({ context: { source } }));
		expect(window('whatsapp_cloud')).toMatchObject({ hours: 24, templatesAfter: true });
		expect(window('twilio_whatsapp')).toMatchObject({ hours: 24 });
		expect(window('facebook')).toBeUndefined();
		expect(window()).toBeUndefined();
	});

	it('says which field is missing', () => {
		expect(sending.missingSettings({})).toEqual(['API Access Token']);
		expect(sending.missingSettings({ apiAccessToken: 'x' })).toEqual([]);
	});
});

describe('Registering at respond.io', () => {
	const address = (path = 'a') =>
		registration.address(`${n8n.url}/webhook/${path}`, standIn.credential.data);

	it('subscribes to what is read, once, and finds it again', async () => {
		expect(await registration.current(tools(), address())).toEqual([]);
		await registration.set(address(), tools());
		await registration.set(address(), tools());
		expect(standIn.subscriptions.map(({ type }) => type)).toEqual([
			'newIncomingMessage',
			'newOutgoingMessage',
			'conversationOpened',
			'conversationClosed',
			'contactAssigneeUpdated',
		]);
		expect(new Set(standIn.subscriptions.map(({ hookId }) => hookId)).size).toBe(5);
		expect(standIn.registered()).toEqual([address()]);
		expect(await registration.current(tools(), address())).toEqual([address()]);
		expect(await registration.current(tools())).toEqual([]);
	});

	it('mends what is missing', async () => {
		await registration.set(address(), tools());
		standIn.subscriptions.splice(2, 1);
		expect(await registration.current(tools(), address())).toEqual([]);
		await registration.set(address(), tools());
		expect(standIn.subscriptions).toHaveLength(5);
	});

	it('removes its own and no other, also twice', async () => {
		await registration.set(address('a'), tools());
		await registration.set(address('b'), tools());
		await registration.remove(address('a'), tools());
		await registration.remove(address('a'), tools());
		expect(standIn.registered()).toEqual([address('b')]);
		const removals = standIn.received.filter(({ method }) => method === 'DELETE');
		expect(removals[0]?.query).toEqual({ hookUrl: address('a') });
	});

	it('says what is wrong', async () => {
		expect(
			await failureOf(registration.set(address(), tools({ apiAccessToken: 'x' }))),
		).toMatchObject({ failure: 'unauthorized' });
		expect(
			await failureOf(registration.remove(address(), tools({ apiAccessToken: 'x' }))),
		).toMatchObject({ failure: 'unauthorized' });
		expect(
			await failureOf(registration.set(address(), tools({ appUrl: `${standIn.url}/nowhere` }))),
		).toMatchObject({ failure: 'notFound', hint: expect.stringContaining('by hand') });
	});

	it('posts to the registered address with a token that verifies', async () => {
		await write();
		await registration.set(address(), tools());
		await send({ text: 'x' });
		await standIn.settled();
		const { request } = heard().at(-1)!;
		expect(respondio.verify(request, standIn.credential.data).ok).toBe(true);
		expect(respondio.verify({ ...request, query: {} }, standIn.credential.data).ok).toBe(false);
	});
});

describe('Telling respond.io', () => {
	const place = { account: '31', to: 'id:4100', context: {} };
	const tell = async (news: PlatformNews) => await platform.tell(news, place, tools());
	const agent = (id: string | null) => ({ key: 'omar', name: 'Omar', id });
	const standing = () => standIn.standing!('4100');
	beforeEach(async () => void (await write()));

	it('tells who has the conversation, by ID or e-mail address', async () => {
		expect(await tell({ type: 'assigned', agent: agent('12') })).toEqual({ done: true });
		expect(standing().assignee).toBe('12');
		expect(await tell({ type: 'unassigned' })).toEqual({ done: true });
		expect(standing().assignee).toBeNull();
		await tell({ type: 'assigned', agent: agent('lina@example.com') });
		expect(standing().assignee).toBe('11');
	});

	it('skips what respond.io does not have', async () => {
		const calls = standIn.received.length;
		expect(await tell({ type: 'assigned', agent: agent(null) })).toEqual({
			done: false,
			skipped: 'The agent Omar has no respond.io ID.',
		});
		expect(
			await tell({ type: 'routed', team: { key: 'sales', name: 'Sales', id: '6' } }),
		).toMatchObject({ done: false, skipped: expect.stringMatching(/\.$/) });
		expect(standIn.received).toHaveLength(calls);
	});

	it('says that an agent is not there', async () => {
		expect((await failureOf(tell({ type: 'assigned', agent: agent('99') }))).failure).toBe(
			'notFound',
		);
	});

	it('closes with category and summary, and opens again', async () => {
		const news: PlatformNews = { type: 'closed', category: 'تم الحل', summary: 'Refunded 👍' };
		await tell(news);
		await tell(news);
		expect(standing()).toMatchObject({
			status: 'closed',
			category: 'تم الحل',
			summary: 'Refunded 👍',
		});
		await tell({ type: 'reopened' });
		expect(standing().status).toBe('open');
	});

	it('closes without what there is not', async () => {
		await tell({ type: 'closed', category: null, summary: null });
		expect(standIn.received.at(-1)?.body).toEqual({ status: 'close' });
		expect(standing().status).toBe('closed');
	});

	it('closes though respond.io does not know the category', async () => {
		await tell({ type: 'closed', category: 'Other', summary: 'Refunded' });
		expect(standing()).toMatchObject({
			status: 'closed',
			category: null,
			summary: 'Other: Refunded',
		});
	});

	it('does not take every refusal for an unknown category', async () => {
		standIn.answerNext({ status: 401, body: { code: 401, message: 'Unauthorized' } });
		const news: PlatformNews = { type: 'closed', category: 'Solved', summary: null };
		expect((await failureOf(tell(news))).failure).toBe('unauthorized');
		expect(standing().status).toBe('open');
	});

	it('writes comments that the contact does not see', async () => {
		await tell({ type: 'commented', text: ARABIC });
		expect(standing().notes).toEqual([ARABIC]);
		expect(standIn.delivered('4100')).toEqual([]);
		standIn.hangUpNext();
		expect((await failureOf(tell({ type: 'commented', text: 'x' }))).failure).toBe('unclear');
		expect(standing().notes).toEqual([ARABIC, 'x']);
	});

	it('asks again for a state where no answer came', async () => {
		standIn.hangUpNext();
		await tell({ type: 'assigned', agent: agent('12') });
		expect(standing().assignee).toBe('12');
	});

	it('hears of what it told, as the state it asked for', async () => {
		await registration.set(n8n.url, tools());
		n8n.received.length = 0;
		await tell({ type: 'assigned', agent: agent('12') });
		await tell({ type: 'commented', text: 'x' });
		await tell({ type: 'closed', category: 'Solved', summary: null });
		await standIn.settled();
		expect(heard().flatMap(({ parsed }) => parsed.notices ?? [])).toMatchObject([
			{ kind: 'platform', to: 'id:4100', change: { type: 'assigned', agent: { id: '12' } } },
			{ change: { type: 'closed', category: 'Solved' }, source: 'api' },
		]);
		expect(heard().flatMap(({ parsed }) => parsed.malformed)).toEqual([]);
	});

	it('hears what people do there', async () => {
		n8n.received.length = 0;
		await standIn.personActs!(n8n.url, '4100', { type: 'assigned', agent: '11' });
		await standIn.personActs!(n8n.url, '4100', {
			type: 'replied',
			agent: '11',
			text: ARABIC,
			id: '9500',
		});
		await standIn.personActs!(n8n.url, '4100', { type: 'assigned', agent: null });
		await standIn.personActs!(n8n.url, '4100', { type: 'closed' });
		const all = heard();
		for (const { request } of all) {
			expect(respondio.verify(request, standIn.credential.data).ok).toBe(true);
		}
		expect(all.flatMap(({ parsed }) => parsed.messages)).toMatchObject([
			{
				kind: 'echo',
				text: ARABIC,
				sender: { id: '11', email: 'lina@example.com', isPerson: true },
			},
		]);
		const identities = [{ channel: 'respondio', account: '', id: '4100' }];
		expect(all.flatMap(({ parsed }) => parsed.notices ?? [])).toMatchObject([
			{ identities, change: { type: 'assigned', agent: { id: '11' } } },
			{ identities, change: { type: 'assigned', agent: null } },
			{ identities, change: { type: 'closed', by: { id: '11' } }, source: 'user' },
		]);
	});

	it('opens by one message, though another event tells of it', () => {
		expect(heard().map(({ parsed }) => parsed.messages.map(({ id }) => id))).toEqual([
			['4100:9001'],
			[],
		]);
	});
});
