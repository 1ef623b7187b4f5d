import { type AgentLinks, LONGEST_LIFETIME } from '../../../nodes/store/operations/agentLinks';
import type { LinkAction } from '../../../nodes/store/operations/agentLinksToken';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import {
	DAY,
	HOUR,
	SECOND,
	testClock,
	type EngineUnderTest,
	type TestClock,
} from '../support/engines';
import {
	close,
	conversationOf,
	eventsOf,
	handled,
	lastEvent,
	listener,
	message,
	opened,
	receive,
	route,
	assign,
	setOnline,
	team,
} from '../support/samples';

const URL = 'https://n8n.example.com/webhook/abc/links';
const TRIGGER = { workflowId: 'w', nodeId: 'links' };

/** What agents do by links in messages that they get. */
export function agentLinksSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;
	let subscriptionId: string;
	const filter = {
		events: ['assigned', 'unassigned', 'closed', 'message_received'],
		links: { lifetime: HOUR, snoozeFor: 2 * HOUR },
	};

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		await team(store, 'billing', { nathan: null });
		({ id: subscriptionId } = await store.subscribe(listener(filter.events, { filter })));
	});
	afterEach(async () => await assertConsistent(store));

	const publish = async (changes: Partial<typeof TRIGGER & { url: string }> = {}) =>
		await store.publishAgentLinks({ ...TRIGGER, url: URL, ...changes });
	const claim = async () => await store.claimDeliveries({ subscriptionId, limit: 20 });
	const linksOfNext = async () => (await claim())[0]?.item?.links;
	/** Assigned to Nathan, who is told with links. */
	const told = async (who = 'amal') => {
		await publish();
		const { id } = await handled(store, who, 'billing');
		const links = await linksOfNext();
		if (!links) throw new Error('No links');
		return { id, links };
	};
	const token = (links: AgentLinks, action: LinkAction) =>
		new global.URL(links[action] ?? '').searchParams.get('link') ?? '';
	const lastActor = async (id: string, type: string) =>
		(
			await store.engine.db
				.selectFrom('events')
				.select('actor')
				.where('conversation_id', '=', id)
				.where('type', '=', type as never)
				.orderBy('id', 'desc')
				.executeTakeFirst()
		)?.actor;
	const state = async (link: string) => (await store.describeAgentLink(link)).state;
	const use = async (link: string) => (await store.useAgentLink(link)).state;

	describe('items', () => {
		test('have links for the agent who has the conversation, and null where nobody has it', async () => {
			const { id, links } = await told();
			expect(Object.keys(links)).toEqual(['accept', 'decline', 'close', 'snooze', 'away', 'back']);
			expect(links.close).toMatch(
				/^https:\/\/n8n\.example\.com\/webhook\/abc\/links\?link=[\w.-]+$/,
			);
			expect(new Set(Object.values(links)).size).toBeGreaterThan(3);
			await receive(store, message('amal', { text: 'More' }));
			expect(await linksOfNext()).toMatchObject({ close: expect.any(String) });
			await store.unassignConversation({
				...{ conversationId: id, requeue: false, reason: 'x', source: 'user' },
			});
			expect(await linksOfNext()).toBeNull();
			await close(store, id);
			expect(await linksOfNext()).toBeNull();
		});

		test('have none while no Agent Links trigger is published; the last one that was counts', async () => {
			const links = async (who: string) => {
				await handled(store, who, 'billing');
				return (await linksOfNext())?.close?.split('?')[0] ?? null;
			};
			expect(await links('a')).toBeNull();
			await publish();
			clock.advance(SECOND);
			await publish({ workflowId: 'v', url: `${URL}-2` });
			expect(await links('b')).toBe(`${URL}-2`);
			clock.advance(SECOND);
			// A start of n8n tells all of them again, in any order.
			await publish();
			expect(await links('c')).toBe(`${URL}-2`);
			await store.unpublishAgentLinks({ ...TRIGGER, workflowId: 'v' });
			clock.advance(11 * SECOND);
			expect(await links('d')).toBe(URL);
			await store.unpublishAgentLinks(TRIGGER);
			expect(await links('a republish')).toBe(URL);
			clock.advance(11 * SECOND);
			expect(await links('e')).toBeNull();
			expect(await store.agentLinksUrl()).toBeNull();
		});

		test('have the same one use, however often they are emitted', async () => {
			const { links } = await told();
			clock.advance(31 * SECOND);
			const again = await linksOfNext();
			expect(again?.close).not.toBe(links.close);
			expect(await use(token(links, 'close'))).toBe('done');
			expect(await use(token(again!, 'close'))).toBe('used');
		});

		test('the trigger is no trigger that falls silent, and is owed nothing', async () => {
			await told();
			clock.advance(3 * DAY);
			await store.doDueWork();
			expect(await store.agentLinksUrl()).toBe(URL);
			const { problems } = await store.checkHealth();
			expect(problems.filter(({ examples }) => examples.includes('w:links'))).toEqual([]);
			await expect(publish({ url: 'no address' })).rejects.toThrow(/no address/);
		});
	});

	describe('a link', () => {
		test('says what it would do, and does nothing by that', async () => {
			const { id, links } = await told();
			const before = await eventsOf(store, id);
			expect(await store.describeAgentLink(token(links, 'close'))).toMatchObject({
				state: 'ready',
				action: 'close',
				agent: { key: 'nathan', name: 'nathan' },
				item: { conversation: { id, status: 'open' }, contact: { name: 'amal' } },
			});
			expect(await store.describeAgentLink(token(links, 'away'))).toEqual({
				...{ state: 'ready', action: 'away', agent: { key: 'nathan', name: 'nathan' } },
			});
			expect(await eventsOf(store, id)).toEqual(before);
		});

		test('closes, by the agent, once', async () => {
			const { id, links } = await told();
			const link = token(links, 'close');
			expect(await store.useAgentLink(link)).toMatchObject({
				state: 'done',
				item: { conversation: { id, status: 'closed' } },
			});
			const [closed] = await claim();
			expect(closed?.item?.event).toMatchObject({
				type: 'closed',
				source: 'user',
				actor: 'nathan',
			});
			expect([await use(link), await state(link)]).toEqual(['used', 'used']);
		});

		test('accepts, puts aside and gives back, by the agent', async () => {
			const { id, links } = await told();
			await team(store, 'billing', { ann: null });
			expect(await use(token(links, 'accept'))).toBe('done');
			expect(await lastActor(id, 'accepted')).toBe('nathan');
			expect(await use(token(links, 'snooze'))).toBe('done');
			expect(await conversationOf(store, id)).toMatchObject({
				...{ status: 'snoozed', assignee: { key: 'nathan' } },
			});
			expect(await lastEvent(store, id, 'snoozed')).toMatchObject({
				until: new Date(clock() + 2 * HOUR).toISOString(),
			});
			expect(await use(token(links, 'decline'))).toBe('done');
			expect(await conversationOf(store, id)).toMatchObject({ assignee: { key: 'ann' } });
			expect(await lastActor(id, 'unassigned')).toBe('nathan');
			expect(await use(token(links, 'decline'))).toBe('used');
			expect(await use(token(links, 'close'))).toBe('superseded');
		});

		test('takes the agent away and back, also without the conversation', async () => {
			const { id, links } = await told();
			await close(store, id);
			expect(await use(token(links, 'away'))).toBe('done');
			expect((await store.getAgent('nathan')).availability).toBe('away');
			expect(await use(token(links, 'back'))).toBe('done');
			expect((await store.getAgent('nathan')).availability).toBe('online');
			expect(await use(token(links, 'away'))).toBe('used');
		});

		test('clicks at once: one counts', async () => {
			const { id, links } = await told();
			const other = await engine.openClient({ clock, workspace: store.workspace });
			const link = token(links, 'close');
			const states = await Promise.all(
				[store, other, store, other].map(async (each) => (await each.useAgentLink(link)).state),
			);
			expect(states.sort()).toEqual(['done', 'used', 'used', 'used']);
			expect((await eventsOf(store, id)).filter((type) => type === 'closed')).toHaveLength(1);
		});

		test('works until its time is over, however long it was not used', async () => {
			const { id, links } = await told();
			clock.advance(HOUR - 1);
			expect(await state(token(links, 'close'))).toBe('ready');
			clock.advance(1);
			expect(await use(token(links, 'close'))).toBe('expired');
			expect((await conversationOf(store, id)).status).toBe('open');
		});

		test('does nothing once somebody else has the conversation, and is not used up by that', async () => {
			const { id, links } = await told();
			await team(store, 'billing', { ann: null });
			const to = async (agent: string) => await assign(store, id, { to: { kind: 'agent', agent } });
			await store.unassignConversation({
				...{ conversationId: id, requeue: false, reason: 'x', source: 'user' },
			});
			expect(await use(token(links, 'close'))).toBe('superseded');
			await to('ann');
			expect(await use(token(links, 'close'))).toBe('superseded');
			await store.unassignConversation({
				...{ conversationId: id, requeue: false, reason: 'x', source: 'user' },
			});
			await to('nathan');
			expect(await use(token(links, 'close'))).toBe('done');
		});

		test('clicked while the conversation is taken from the agent: one of both, never half of it', async () => {
			const other = await engine.openClient({ clock, workspace: store.workspace });
			for (let i = 0; i < 8; i++) {
				const { id, links } = await told(`c${i}`);
				// Closed first, there is nobody to be taken off: that is refused.
				const [clicked] = await Promise.allSettled([
					use(token(links, 'close')),
					other.unassignConversation({
						...{ conversationId: id, requeue: false, reason: 'x', source: 'user' },
					}),
				]);
				const { status } = await conversationOf(store, id);
				const value = status === 'closed' ? 'done' : 'superseded';
				expect(clicked).toEqual({ status: 'fulfilled', value });
				for (const { id: delivery } of await claim()) {
					await store.finishDelivery({ id: delivery, outcome: { kind: 'ran', status: 'x' } });
				}
			}
		});

		test('has its own word for what is over or gone', async () => {
			const { id, links } = await told();
			await close(store, id);
			expect(await use(token(links, 'close'))).toBe('closed');
			await store.deleteAgent({ key: 'nathan', source: 'user' });
			expect(await use(token(links, 'back'))).toBe('gone');
			expect(await use(token(links, 'close'))).toBe('gone');
		});

		test('is remembered as used for as long as a copy of it could work', async () => {
			const { links } = await told();
			await use(token(links, 'away'));
			const remembered = async () => {
				await store.doDueWork();
				return await store.engine.db
					.selectFrom('used_links')
					.select('nonce')
					.where('workspace', '=', store.workspace)
					.execute();
			};
			clock.advance(LONGEST_LIFETIME);
			expect(await remembered()).toHaveLength(1);
			clock.advance(1);
			expect(await remembered()).toHaveLength(0);
		});

		test('of another workspace, and what is no link, is nobody’s', async () => {
			const { links } = await told();
			const other = await engine.openStore({ clock });
			const link = token(links, 'close');
			expect(await other.describeAgentLink(link)).toEqual({ state: 'invalid' });
			expect(await other.useAgentLink(link)).toEqual({ state: 'invalid' });
			const [body, signature] = link.split('.');
			const [another] = token(links, 'away').split('.');
			const strange = [
				`${another}.${signature}`,
				'',
				'.',
				'x',
				'a.b',
				`${body}.`,
				`.${signature}`,
				`${link}.`,
				`${link} `,
			];
			for (const each of [...strange, 'x'.repeat(100_000), `${body}.${signature}`.toUpperCase()]) {
				expect(await store.useAgentLink(each)).toEqual({ state: 'invalid' });
			}
			expect(await state(link)).toBe('ready');
		});

		test('dies with an import, as does every one signed before it', async () => {
			const { links } = await told();
			const into = await engine.openStore({ clock });
			const lines: string[] = [];
			for await (const piece of store.exportWorkspace({ source: 'user' })) lines.push(piece);
			const key = await store.engine.db
				.selectFrom('meta')
				.select('value')
				.where('key', '=', 'link_key')
				.executeTakeFirstOrThrow();
			expect(lines.join('')).not.toContain(key.value);
			async function* file() {
				yield* lines;
			}
			await into.importWorkspace(file(), { replace: false, source: 'user' });
			expect(await state(token(links, 'close'))).toBe('invalid');
			const anew = await told('basma');
			expect(await state(token(anew.links, 'close'))).toBe('ready');
		});
	});

	test('of a test run, works in the workspace of tests; its agents are the real ones', async () => {
		await publish();
		const tests = store.forTests();
		const id = await opened(tests, 'amal');
		await route(tests, id, 'billing');
		await assign(tests, id);
		const item = await tests.nextEvent({ filter, since: clock() - SECOND });
		const links = item?.links;
		if (!links) throw new Error('No links');
		expect(await use(token(links, 'away'))).toBe('done');
		expect((await store.getAgent('nathan')).availability).toBe('away');
		await setOnline(store, 'nathan');
		expect(await use(token(links, 'close'))).toBe('done');
		expect((await conversationOf(tests, id)).status).toBe('closed');
	});
}
