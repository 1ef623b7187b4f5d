import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { INodeExecutionData } from 'n8n-workflow';
import { escaped, PAGE_HEADERS } from '../../nodes/AgentLinks/page';
import { duration, STATUS, wordsOf } from '../../nodes/AgentLinks/words';
import type { AgentLinks } from '../../nodes/store/operations/agentLinks';
import { LINK_ACTIONS, type LinkAction } from '../../nodes/store/operations/agentLinksToken';
import type { ConversationStore } from '../../nodes/store/store';
import { Bench } from './support/bench';
import { nodeNamed } from './support/nodeTypes';
import { idOf, openedItem, partOf, team } from './support/samples';

const NAME = 'agentLinksTrigger';
const HOSTILE = `<img src=x onerror="alert('1')"> & \u202Eلمى`;

describe('Agent Links', () => {
	let bench: Bench;
	let store: ConversationStore;
	beforeEach(async () => {
		bench = new Bench();
		store = await bench.store();
		await team(bench, 'billing', { nathan: null });
	});

	const hook = async (method: 'checkExists' | 'create' | 'delete', isTest = false) =>
		await nodeNamed(NAME).webhookMethods!.default![method].call(
			bench.hookContext(NAME, isTest ? 'manual' : 'activate'),
		);
	const publish = async () => await hook('create');

	/** A conversation that Nathan got, with the links that he was sent. */
	async function told(who = 'amal', contactName = 'Amal') {
		await publish();
		const filter = { events: ['assigned'] };
		const { id } = await store.subscribe({
			...{ kind: 'event', workflowId: 'other', nodeId: 'listener', isTest: false, filter },
		});
		const item = await openedItem(bench, who, {
			contactDetails: { name: contactName },
		});
		await bench.execute('autoAssignAgent', {
			parameters: { assignTo: 'everybody' },
			items: [item],
		});
		const claimed = await store.claimDeliveries({ subscriptionId: id, limit: 10 });
		return { id: idOf(item), links: claimed.at(-1)!.item!.links! };
	}

	const tokenIn = (links: AgentLinks, action: LinkAction) =>
		new URL(links[action] ?? '').searchParams.get('link') ?? '';
	const request = async (
		webhookName: 'setup' | 'default',
		link: unknown,
		headers: Record<string, string> = {},
		mode: 'webhook' | 'manual' = 'webhook',
	) =>
		await bench.webhook(
			{ headers, query: { link } as Record<string, string> },
			{ name: NAME, webhookName, mode },
		);
	const get = async (link: unknown) => await request('setup', link);
	const post = async (link: unknown) => await request('default', link);
	const pageOf = ({ answer }: Awaited<ReturnType<typeof request>>) => String(answer.body);
	const statusOf = async (id: string) => (await store.getConversation(id)).conversation.status;

	test('a GET shows what would happen, for which conversation, and does nothing', async () => {
		const { id, links } = await told();
		const before = await store.conversationHistory(id);
		const shown = await get(tokenIn(links, 'close'));
		expect(shown).toMatchObject({
			noWebhookResponse: true,
			answer: { status: 200, type: 'text/html; charset=utf-8', ended: true },
		});
		expect(shown.workflowData).toBeUndefined();
		for (const words of ['Close this conversation?', '<bdi>Amal</bdi>', '<bdi>nathan</bdi>']) {
			expect(pageOf(shown)).toContain(words);
		}
		expect(pageOf(shown)).toContain('<form method="post"><button type="submit">');
		expect(await store.conversationHistory(id)).toEqual(before);
	});

	test('a POST does it, once, and starts the flow with what was done', async () => {
		const { id, links } = await told();
		const link = tokenIn(links, 'close');
		const done = await post(link);
		expect(done.answer.status).toBe(200);
		expect(pageOf(done)).toContain('The conversation is closed.');
		expect(pageOf(done)).not.toContain('<form');
		const [[item]] = done.workflowData as [[INodeExecutionData]];
		expect(item.json).toMatchObject({
			link: { action: 'close', usedAt: expect.stringMatching(/Z$/), snoozeMinutes: null },
			agent: { key: 'nathan', name: 'nathan' },
			conversation: { id, status: 'closed' },
			contact: { name: 'Amal' },
			message: { text: 'Hello' },
		});
		const again = await post(link);
		expect(again.answer.status).toBe(410);
		expect(again.workflowData).toBeUndefined();
		expect(pageOf(again)).toContain('This link was used already');
	});

	test('away and back are about the agent alone', async () => {
		const { links } = await told();
		const { workflowData } = await post(tokenIn(links, 'away'));
		const [[item]] = workflowData as [[INodeExecutionData]];
		expect(item.json).toMatchObject({
			link: { action: 'away' },
			conversation: null,
			contact: null,
		});
		expect((await store.getAgent('nathan')).availability).toBe('away');
	});

	test('each reason to do nothing has its page and its status', async () => {
		const { id, links } = await told();
		const link = tokenIn(links, 'close');
		for (const [given, status, title] of [
			[undefined, 403, 'This link does not work'],
			[['a', 'b'], 403, 'This link does not work'],
			[`${link}x`, 403, 'This link does not work'],
		] as const) {
			const shown = await post(given);
			expect(shown.answer.status).toBe(status);
			expect(pageOf(shown)).toContain(title);
		}
		await store.unassignConversation({
			...{ conversationId: id, requeue: false, reason: 'x', source: 'user' },
		});
		const superseded = await post(link);
		expect(superseded.answer.status).toBe(409);
		expect(pageOf(superseded)).toContain('You do not have this conversation any more');
		expect(await statusOf(id)).toBe('open');
	});

	test('the page needs no network, runs no script, is framed by nobody and kept by nobody', async () => {
		const { links } = await told();
		const { answer } = await get(tokenIn(links, 'close'));
		expect(answer.headers).toEqual(PAGE_HEADERS);
		const policy = PAGE_HEADERS['Content-Security-Policy']!;
		const page = String(answer.body);
		const style = /<style>([\s\S]*)<\/style>/.exec(page)![1]!;
		const hash = createHash('sha256').update(style).digest('base64');
		expect(policy).toContain(`style-src 'sha256-${hash}'`);
		for (const rule of ["default-src 'none'", "frame-ancestors 'none'", 'sandbox allow-forms']) {
			expect(policy).toContain(rule);
		}
		expect(answer.headers).toMatchObject({
			'Cache-Control': 'no-store',
			'Referrer-Policy': 'no-referrer',
		});
		expect(page).not.toMatch(/<script|<img|<link|https?:|url\(|@import|style=|\bon\w+=/i);
	});

	test('what a customer is called is text and nothing else', async () => {
		const { links } = await told('amal', HOSTILE);
		const page = pageOf(await get(tokenIn(links, 'close')));
		expect(page).toContain(`<bdi>${escaped(HOSTILE)}</bdi>`);
		expect(page).not.toContain('<img');
		const long = await told('long', 'ا'.repeat(5_000));
		expect(pageOf(await get(tokenIn(long.links, 'close')))).toContain(
			`<bdi>${'ا'.repeat(120)}…</bdi>`,
		);
	});

	test('a body that no button sends is refused unread', async () => {
		const { id, links } = await told();
		const link = tokenIn(links, 'close');
		for (const length of ['5000', 'many']) {
			const { answer } = await request('default', link, { 'content-length': length });
			expect(answer.status).toBe(413);
		}
		expect(await statusOf(id)).toBe('open');
	});

	test('a store that is away is a page without its name, and a line in the log without the link', async () => {
		const { links } = await told();
		bench.credentials.conversationStoreApi = {
			...{ backend: 'sqlite', storeName: '../nowhere', workspace: 'acme', sharedDisk: false },
		};
		const link = tokenIn(links, 'close');
		const { logger } = bench.hookContext(NAME, 'activate');
		const error = jest.spyOn(logger, 'error').mockImplementation(() => {});
		const { answer, workflowData } = await post(link);
		const lines = error.mock.calls.map(([line]) => line);
		error.mockRestore();
		expect(lines).toEqual([expect.stringMatching(/^Agent Links: /)]);
		expect(lines[0]).not.toContain(link.slice(0, 20));
		expect(answer).toMatchObject({ status: 503, headers: { 'Retry-After': '30' } });
		expect(String(answer.body)).toContain('This does not work at the moment');
		expect(String(answer.body)).not.toContain('nowhere');
		expect(workflowData).toBeUndefined();
	});

	test('the store of another credential knows nothing of the link', async () => {
		const { id, links } = await told();
		bench.credentials.conversationStoreApi!.workspace = 'other';
		expect((await post(tokenIn(links, 'close'))).answer.status).toBe(403);
		expect(await statusOf(id)).toBe('open');
	});

	describe('publishing', () => {
		test('tells the store where links lead, until it is unpublished', async () => {
			expect(await hook('checkExists')).toBe(false);
			await publish();
			const url = await store.agentLinksUrl();
			expect(url).toMatch(/^https:\/\/n8n\.example\.com\/webhook\/.+\/links$/);
			await hook('delete');
			const { db } = store.engine;
			const longAgo = { ended_at: store.clock() - 60_000 };
			await db.updateTable('subscriptions').set(longAgo).where('kind', '=', 'links').execute();
			expect(await store.agentLinksUrl()).toBeNull();
		});

		test('a test run publishes nothing and takes nothing away', async () => {
			expect(await hook('checkExists', true)).toBe(true);
			await hook('create', true);
			expect(await store.agentLinksUrl()).toBeNull();
			await publish();
			await hook('delete', true);
			expect(await store.agentLinksUrl()).not.toBeNull();
		});
	});

	describe('in a test run', () => {
		test('the page says so, and the item is a sample, also without anything in the store', async () => {
			const shown = await request('setup', undefined, {}, 'manual');
			expect(shown.answer.status).toBe(200);
			expect(pageOf(shown)).toContain('Links of agents will lead here');
			const [[item]] = shown.workflowData as [[INodeExecutionData]];
			expect(item.json).toMatchObject({
				link: { action: 'close' },
				agent: { name: 'Nathan' },
				conversation: null,
			});
		});

		test('a real link does nothing there', async () => {
			const { id, links } = await told();
			const link = tokenIn(links, 'close');
			for (const webhookName of ['setup', 'default'] as const) {
				const { workflowData } = await request(webhookName, link, {}, 'manual');
				const [[item]] = workflowData as [[INodeExecutionData]];
				expect(partOf(item, 'conversation')).toMatchObject({ id, status: 'open' });
			}
			expect(await statusOf(id)).toBe('open');
			expect((await get(link)).answer.status).toBe(200);
		});
	});

	test('property: a link that was changed in any way never acts, and is never a failure', async () => {
		const { id, links } = await told();
		const genuine = LINK_ACTIONS.map((action) => links[action]).flatMap((url) =>
			url === null ? [] : [new URL(url).searchParams.get('link') ?? ''],
		);
		const everything = async () => {
			const { db } = store.engine;
			return [
				await db.selectFrom('used_links').selectAll().execute(),
				await db.selectFrom('events').selectAll().orderBy('id').execute(),
				await db.selectFrom('agents').selectAll().execute(),
				await db.selectFrom('conversations').selectAll().execute(),
			];
		};
		const before = await everything();
		const rewritten = (token: string, change: (claims: Record<string, unknown>) => void) => {
			const [body, signature] = token.split('.');
			const claims = JSON.parse(Buffer.from(body!, 'base64url').toString()) as Record<
				string,
				unknown
			>;
			change(claims);
			return `${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
		};
		const one = fc.constantFrom(...genuine);
		const at = fc.nat(10_000);
		const mutated = fc.oneof(
			fc.string({ maxLength: 300 }),
			fc
				.tuple(one, at, fc.string({ minLength: 1, maxLength: 3 }))
				.map(
					([token, place, text]) =>
						token.slice(0, place % token.length) + text + token.slice((place % token.length) + 1),
				),
			fc.tuple(one, at).map(([token, place]) => token.slice(0, place % token.length)),
			fc.tuple(one, one).map(([a, b]) => `${a.split('.')[0]}.${b.split('.')[1]}`),
			fc
				.tuple(one, fc.constantFrom('a', 'w', 'c', 'g', 'x', 'n', 's'), fc.jsonValue())
				.map(([token, key, value]) =>
					rewritten(token, (claims) => {
						claims[key] = value;
					}),
				),
			fc.array(fc.string(), { maxLength: 2 }),
			fc.object({ maxDepth: 1 }),
		);
		await fc.assert(
			fc.asyncProperty(mutated, fc.constantFrom('setup', 'default'), async (link, name) => {
				// Two of the mutations can give back what was there.
				fc.pre(!genuine.includes(link as string));
				const { answer, workflowData } = await request(name as 'setup', link);
				expect(answer.status).toBe(403);
				expect(answer.ended).toBe(true);
				expect(workflowData).toBeUndefined();
			}),
			{ numRuns: 300 },
		);
		expect(await everything()).toEqual(before);
		expect(await statusOf(id)).toBe('open');
	});
});

describe('the words of the pages', () => {
	test('each action has its own, each state its title, and a status that fits', () => {
		const asked = LINK_ACTIONS.map((action) => wordsOf({ state: 'ready', action }));
		expect(new Set(asked.map(({ title }) => title)).size).toBe(LINK_ACTIONS.length);
		for (const { button, text } of asked) {
			expect(button).toBeTruthy();
			expect(text).toMatch(/\.$/);
		}
		const states = Object.keys(STATUS) as Array<keyof typeof STATUS>;
		const titles = states.map((state) => wordsOf({ state, action: 'close' }).title);
		expect(new Set(titles).size).toBe(states.length);
		for (const state of states) {
			const { button } = wordsOf({ state, action: 'close' });
			expect(button !== undefined).toBe(state === 'ready');
			const acts = state === 'ready' || state === 'done';
			expect(STATUS[state] === 200).toBe(acts);
		}
	});

	test.each([
		[60_000, '1 minute'],
		[45 * 60_000, '45 minutes'],
		[60 * 60_000, '1 hour'],
		[90 * 60_000, '90 minutes'],
		[48 * 60 * 60_000, '2 days'],
	])('%d milliseconds are %s', (milliseconds, words) => {
		expect(duration(milliseconds)).toBe(words);
	});
});
