import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ITriggerFunctions, ITriggerResponse, Logger } from 'n8n-workflow';
import type { ConversationStore } from '../../nodes/store/store';
import { assign, close, opening, route } from '../store/support/samples';
import { startChatwoot, type ChatwootStandIn } from '../standins/chatwoot';
import { Bench } from './support/bench';
import { nodeNamed } from './support/nodeTypes';
import { settle, until } from './support/until';

// Nobody waits for a platform that asks for patience within one call.
jest.mock('node:timers/promises', () => ({
	...jest.requireActual<object>('node:timers/promises'),
	setTimeout: async () => {},
}));

const NAME = 'conversationOpenedTrigger';
const CHANNEL = { channel: 'chatwoot' };
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Of Conversation Opened, between two calls. Milliseconds. */
const PAUSE = 50;

/** Longer than any test. Milliseconds. */
const FAR = 2 ** 31 - 1;

const EVENTS = ['message_created', 'conversation_status_changed', 'conversation_updated'];

/** Of the event loop, far more than any test needs. */
const ROUNDS = 5_000;

const ARABIC = 'العميل ينتظر الطلب رقم ١٢٣ 🙏';

/** Flows run on: how they end is no matter here. */
const emit: ITriggerFunctions['emit'] = () => {};

describe('Conversation Opened with a platform', () => {
	let bench: Bench;
	let store: ConversationStore;
	let chatwoot: ChatwootStandIn;
	let door: Server;
	let url: string;
	/** What was answered to the platform's webhooks. */
	let answers: Array<Record<string, number>>;
	/** Pauses end at once, unless the test ends them itself. */
	let resting: boolean;
	let rests: Array<() => void>;
	let running: ITriggerResponse | undefined;
	let info: jest.SpiedFunction<Logger['info']>;
	let warn: jest.SpiedFunction<Logger['warn']>;

	beforeEach(async () => {
		const { setTimeout: start } = global;
		rests = [];
		resting = false;
		const startTimer = (run: () => void, delay?: number) => {
			if (delay !== PAUSE) return start(run, delay);
			if (!resting) return start(run, 0);
			rests.push(run);
			return start(run, FAR);
		};
		jest.spyOn(global, 'setTimeout').mockImplementation(startTimer as typeof setTimeout);
		bench = new Bench();
		chatwoot = await startChatwoot();
		const { type, data } = chatwoot.credential;
		bench.credentials[type] = data as never;
		const { logger } = bench.hookContext(NAME, 'activate', { parameters: CHANNEL });
		info = jest.spyOn(logger, 'info');
		warn = jest.spyOn(logger, 'warn');
		store = await bench.store();
		answers = [];
		door = createServer((request, response) => {
			void (async () => {
				const chunks: Buffer[] = [];
				for await (const chunk of request) chunks.push(chunk as Buffer);
				const headers = request.headers as Record<string, string>;
				const { answer, webhookResponse } = await bench.webhook(
					{ headers, rawBody: Buffer.concat(chunks) },
					{ parameters: CHANNEL },
				);
				answers.push(webhookResponse as Record<string, number>);
				response.writeHead(answer.status ?? 200).end();
			})();
		});
		await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
		url = `http://127.0.0.1:${(door.address() as AddressInfo).port}/`;
		const secret = String(data.webhookSecret);
		chatwoot.webhooks.push({ id: 1, url, subscriptions: EVENTS, secret });
		await store.upsertTeam({ key: 'support', handles: { chatwoot: '6' } });
		await store.upsertTeam({ key: 'sales' });
		await agent('lina', { chatwoot: '11' });
		await agent('omar', { chatwoot: '12' });
		await agent('noor', { slack: 'U1' });
	});

	afterEach(async () => {
		await stop();
		await chatwoot.settled();
		await chatwoot.close();
		door.closeAllConnections();
		await new Promise((resolve) => door.close(resolve));
		delete process.env.CONVERSATION_STORE_TEST_CLOCK;
		jest.restoreAllMocks();
	});

	const agent = async (key: string, handles: Record<string, string>) =>
		await store.upsertAgent({ key, handles, availability: 'online', source: 'user' });

	async function start(): Promise<void> {
		const context = bench.triggerContext(NAME, emit, { parameters: CHANNEL });
		running = await nodeNamed(NAME).trigger!.call(context);
	}

	async function stop(): Promise<void> {
		await running?.closeFunction?.();
		running = undefined;
	}

	/** A customer writes on Chatwoot, which opens a conversation in the store. */
	async function opened(from = '1'): Promise<string> {
		// What happens afterwards does so in another second; Chatwoot's times have no finer ones.
		process.env.CONVERSATION_STORE_TEST_CLOCK = String(-2 * SECOND);
		await chatwoot.customerWrites(url, { from, id: `50${from}`, text: 'مرحبا', name: 'سارة' });
		process.env.CONVERSATION_STORE_TEST_CLOCK = '0';
		const items = await store.listConversations({ limit: 10, offset: 0 });
		const contact = items.find(({ conversation }) => conversation.replyTo === numberOf(from));
		return contact!.conversation.id;
	}

	/** The number of the customer's conversation there: they are counted from 101. */
	const numberOf = (from: string) => String(100 + Number(from));

	const assignTo = async (id: string, key: string) =>
		await assign(store, id, { to: { kind: 'agent', agent: key } });

	const unassign = async (id: string) =>
		await store.unassignConversation({
			conversationId: id,
			requeue: false,
			reason: 'A test',
			source: 'user',
		});

	const comment = async (id: string, text: string) =>
		await store.addComment({ conversationId: id, text, source: 'user' });

	/** What is owed to the platform, and how it went. */
	const news = async () =>
		await store.engine.db
			.selectFrom('deliveries')
			.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
			.innerJoin('events', 'events.id', 'deliveries.event_id')
			.select(['events.type', 'deliveries.status', 'run_status', 'attempts'])
			.where('subscriptions.kind', '=', 'platform')
			.orderBy('deliveries.id')
			.execute();

	/** Lets the event loop turn until the news stands like this. */
	async function untilNews(fits: (all: Awaited<ReturnType<typeof news>>) => boolean) {
		for (let round = 0; round < ROUNDS; round++) {
			if (fits(await news())) return;
			await settle();
		}
		throw new Error(`It never happened: ${JSON.stringify(await news())}`);
	}

	/** So many pieces of news are where they belong, and what they caused has come back. */
	async function told(count: number): Promise<void> {
		await untilNews((all) => all.filter(({ status }) => status === 'done').length >= count);
		await chatwoot.settled();
		expect((await news()).filter(({ status }) => status === 'done')).toHaveLength(count);
	}

	/** Moves the clock of the store, and says so. */
	function later(milliseconds: number): void {
		const offset = Number(process.env.CONVERSATION_STORE_TEST_CLOCK ?? 0) + milliseconds;
		process.env.CONVERSATION_STORE_TEST_CLOCK = String(offset);
		store.engine.wake('deliveries');
	}

	/** What Chatwoot was asked to do, in order. */
	const calls = () =>
		chatwoot.received
			.filter(({ method }) => method === 'POST')
			.map(({ path, body }) => [path.split('/').slice(-2).join('/'), body]);

	const standing = (from = '1') => chatwoot.standing!(from);
	const infos = () => info.mock.calls.map(([message]) => message);

	test('is told what happens to its conversations, once and in order', async () => {
		await start();
		const id = await opened();
		await route(store, id, 'support');
		await told(1);
		await assignTo(id, 'lina');
		await told(2);
		await comment(id, ARABIC);
		await told(3);
		await unassign(id);
		await told(4);
		await store.closeConversation({
			conversationId: id,
			category: 'Delivery',
			summary: 'تم الحل ✅',
			source: 'user',
		});
		await told(5);
		expect(calls()).toEqual([
			['101/assignments', { team_id: 6 }],
			['101/assignments', { assignee_id: 11 }],
			['101/messages', { content: ARABIC, message_type: 'outgoing', private: true }],
			['101/assignments', { assignee_id: 0 }],
			[
				'101/messages',
				{ content: 'Delivery\n\nتم الحل ✅', message_type: 'outgoing', private: true },
			],
			['101/toggle_status', { status: 'resolved' }],
		]);
		expect(standing()).toMatchObject({ status: 'closed', assignee: null });
		expect(warn).not.toHaveBeenCalled();
	});

	test('what comes back of it by webhook changes nothing and is not told again', async () => {
		await start();
		const id = await opened();
		await assignTo(id, 'lina');
		await told(1);
		await close(store, id);
		await told(2);
		const back = answers.slice(1);
		expect(back.map(({ notices }) => notices)).toEqual(back.map(() => 0));
		expect(back.length).toBeGreaterThanOrEqual(2);
		expect(await news()).toHaveLength(2);
		expect(calls()).toHaveLength(2);
	});

	test('what was not told at once is told as things stand now', async () => {
		await start();
		const id = await opened();
		await stop();
		await assignTo(id, 'lina');
		await unassign(id);
		await assignTo(id, 'omar');
		await start();
		await told(3);
		expect(standing().assignee).toBe('12');
		expect(new Set(calls().map(([, body]) => JSON.stringify(body)))).toEqual(
			new Set(['{"assignee_id":12}']),
		);
	});

	test('of what is closed by now, only the end is told', async () => {
		await start();
		const id = await opened();
		await stop();
		await route(store, id, 'support');
		await assignTo(id, 'lina');
		await close(store, id);
		await start();
		await told(3);
		expect(calls()).toEqual([['101/toggle_status', { status: 'resolved' }]]);
	});

	test('is told one thing after the other, with a pause between', async () => {
		await start();
		const id = await opened();
		await stop();
		const texts = ['first', 'second', 'third'];
		for (const text of texts) await comment(id, text);
		resting = true;
		await start();
		for (const [index] of texts.entries()) {
			await told(index + 1);
			await settle();
			expect(standing().notes).toEqual(texts.slice(0, index + 1));
			rests.splice(0).forEach((end) => end());
		}
	});

	test('the end of the last conversation is not told when the contact has written again', async () => {
		await start();
		const id = await opened();
		await stop();
		await close(store, id);
		await chatwoot.customerWrites(url, { from: '1', id: '502', text: 'سؤال آخر' });
		expect(answers.at(-1)).toMatchObject({ opened: 1 });
		await start();
		await told(1);
		expect(calls()).toEqual([]);
		expect(standing().status).toBe('open');
	});

	test('what a person does there is taken over, and not told back', async () => {
		await start();
		const id = await opened();
		await assignTo(id, 'lina');
		await told(1);
		const before = calls().length;
		await chatwoot.personActs!(url, '1', { type: 'assigned', agent: '12' });
		expect(answers.at(-1)).toMatchObject({ notices: 1 });
		expect((await store.getConversation(id)).conversation.assignee?.key).toBe('omar');
		await chatwoot.personActs!(url, '1', {
			type: 'replied',
			agent: '12',
			text: 'أهلًا',
			id: '900',
		});
		expect(answers.at(-1)).toMatchObject({ recorded: 1 });
		await chatwoot.personActs!(url, '1', { type: 'closed' });
		expect(answers.at(-1)).toMatchObject({ notices: 1 });
		expect((await store.getConversation(id)).conversation.status).toBe('closed');
		await settle();
		expect(await news()).toHaveLength(1);
		expect(calls()).toHaveLength(before);
	});

	test('what a person takes away there is nobody’s here, and is not told back', async () => {
		await start();
		const id = await opened();
		await assignTo(id, 'lina');
		await told(1);
		await chatwoot.personActs!(url, '1', { type: 'assigned', agent: null });
		expect((await store.getConversation(id)).conversation).toMatchObject({
			assignee: null,
			flag: 'unassigned',
		});
		await settle();
		expect(await news()).toHaveLength(1);
	});

	test('what a person does there right after it was told counts', async () => {
		await start();
		const id = await opened();
		resting = true;
		await assignTo(id, 'lina');
		await told(1);
		await comment(id, 'Look here');
		await settle();
		expect(calls()).toHaveLength(1);
		await chatwoot.personActs!(url, '1', { type: 'assigned', agent: '12' });
		expect((await store.getConversation(id)).conversation.assignee?.key).toBe('omar');
		rests.forEach((end) => end());
		await told(2);
		expect(standing()).toMatchObject({ assignee: '12', notes: ['Look here'] });
	});

	test.each([
		['has a fault', { status: 500, body: 'Internal Server Error' }],
		['takes no more calls', { status: 429, headers: { 'retry-after': '40' }, body: 'Retry later' }],
	])('while it %s, news waits, and is told later', async (_name, reply) => {
		await start();
		const id = await opened();
		chatwoot.answerNext(reply, 8, ({ method }) => method === 'POST');
		await assignTo(id, 'lina');
		await until(() => warn.mock.calls.length > 0);
		await untilNews(([first]) => first?.status === 'pending');
		expect(standing().assignee).toBeNull();
		// The store is the authority: whatever the platform says now is older than what it is owed.
		await chatwoot.personActs!(url, '1', { type: 'assigned', agent: '13' });
		expect((await store.getConversation(id)).conversation.assignee?.key).toBe('lina');
		await untilNews(([first]) => {
			if (first?.status === 'pending') later(MINUTE);
			return first?.status === 'done';
		});
		expect(standing().assignee).toBe('11');
		expect((await news())[0]).toMatchObject({ type: 'assigned', run_status: 'success' });
		expect(warn.mock.calls[0]?.[0]).toMatch(/^Chatwoot could not be told: Chatwoot .+\. Try again/);
	});

	test('an agent without an ID there is passed over, which is said', async () => {
		await start();
		const id = await opened();
		await route(store, id, 'sales');
		await told(1);
		await assignTo(id, 'noor');
		await told(2);
		expect(calls()).toEqual([]);
		expect(infos()).toEqual([
			'Chatwoot was not told of "routed": The team sales has no Chatwoot ID.',
			'Chatwoot was not told of "assigned": The agent noor has no Chatwoot ID.',
		]);
		expect(warn).not.toHaveBeenCalled();
	});

	test.each([
		['what it does not take', { status: 422, body: { message: 'Assignee is invalid' } }],
		['a conversation that it has not any more', { status: 404, body: {} }],
	])('%s is given up and shown', async (_name, reply) => {
		await start();
		const id = await opened();
		chatwoot.answerNext(reply, 1, ({ path }) => path.endsWith('/assignments'));
		await assignTo(id, 'lina');
		await untilNews(([first]) => first?.status === 'failed');
		const [failed] = await news();
		expect(failed).toMatchObject({ type: 'assigned', attempts: 1 });
		expect(failed?.run_status).toMatch(/^Chatwoot does not .+\. .+/);
		expect(await store.listDeliveries({ status: 'failed', limit: 10, offset: 0 })).toMatchObject([
			{ status: 'failed' },
		]);
		// What comes after it is told all the same.
		await assignTo(id, 'lina');
		await comment(id, 'Look here');
		await told(1);
		expect(standing().notes).toEqual(['Look here']);
	});

	test('a conversation that it cannot have is given up at once', async () => {
		await start();
		const { account } = (await store.getConversation(await opened())).conversation;
		const { conversation } = await store.openConversation(
			opening('walid', { channel: 'chatwoot', account }),
		);
		await assignTo(conversation.id, 'lina');
		await untilNews(([first]) => first?.status === 'failed');
		expect(await news()).toEqual([
			expect.objectContaining({
				attempts: 1,
				run_status: expect.stringContaining('The contact cannot be reached'),
			}),
		]);
		expect(calls()).toEqual([]);
	});

	test('conversations of another channel are none of its business', async () => {
		await start();
		await opened();
		const other = await bench.webhook(
			{
				headers: {},
				rawBody: Buffer.from(
					JSON.stringify({ contact: { id: 'amal' }, message: { id: 'm-1', text: 'Hello' } }),
				),
			},
			{ parameters: { channel: 'plainWebhook', account: 'webshop' } },
		);
		expect(other.webhookResponse).toMatchObject({ opened: 1 });
		const items = await store.listConversations({ limit: 10, offset: 0 });
		const id = items.find(({ conversation }) => conversation.channel === 'plainWebhook')!;
		await assignTo(id.conversation.id, 'lina');
		await close(store, id.conversation.id);
		expect(await news()).toEqual([]);
	});
});
