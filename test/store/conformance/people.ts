import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import {
	testClock,
	MINUTE,
	SECOND,
	type EngineUnderTest,
	type TestClock,
} from '../support/engines';
import {
	assigneeOf,
	close,
	conversationOf,
	eventsOf,
	expectError,
	handled,
	lastEvent,
	message,
	online,
	opened,
	receive,
	setOnline,
	team,
} from '../support/samples';

/** Contacts, agents, teams, categories, lists, and the workspace of test runs. */
export function peopleSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	describe('agents', () => {
		test('upsertAgent creates, changes what is given, keeps the rest', async () => {
			await team(store, 'sales');
			const made = await store.upsertAgent({
				key: 'ann@example.com',
				name: 'Ann',
				teams: ['sales', 'sales'],
				capacity: 3,
				skills: ['sql'],
				languages: ['ar'],
				handles: { slack: 'U1' },
				source: 'user',
			});
			expect(made).toMatchObject({
				created: true,
				agent: {
					name: 'Ann',
					availability: 'offline',
					capacity: 3,
					teams: ['sales'],
					openUnits: 0,
				},
			});
			const changed = await store.upsertAgent({
				key: 'ann@example.com',
				capacity: null,
				source: 'user',
			});
			expect(changed).toMatchObject({
				created: false,
				agent: {
					name: 'Ann',
					capacity: null,
					skills: ['sql'],
					languages: ['ar'],
					handles: { slack: 'U1' },
				},
			});
		});

		test('availability is told by an event, once for each change', async () => {
			await online(store, 'ann', []);
			await setOnline(store, 'ann');
			await setOnline(store, 'ann', false);
			const rows = await store.engine.db
				.selectFrom('events')
				.select(['data', 'source'])
				.where('workspace', '=', store.workspace)
				.where('type', '=', 'availability_changed')
				.orderBy('id')
				.execute();
			const since = new Date(clock()).toISOString();
			expect(rows.map(({ data }) => JSON.parse(data))).toEqual(
				[
					...[{ from: 'offline', to: 'online', said: 'online', reason: 'set to online' }],
					...[{ from: 'online', to: 'offline', said: 'offline', reason: 'set to offline' }],
				].map((change) => ({ agent: 'ann', since, ...change })),
			);
		});

		test('errors: unknown agent, unknown team, bad values', async () => {
			const hint = /Create the agent with/;
			await expectError(setOnline(store, 'x'), 'AgentNotFound', /There is no agent 'x'/, hint);
			await expectError(store.getAgent('x'), 'AgentNotFound', /'x'/, hint);
			await expectError(
				store.deleteAgent({ key: 'x', source: 'user' }),
				'AgentNotFound',
				/'x'/,
				hint,
			);
			await expectError(online(store, 'ann', ['x']), 'TeamNotFound', /no team 'x'/, /Create one/);
			await expectError(
				online(store, 'ann', [], -1),
				'InvalidInput',
				/Capacity cannot be negative/,
				/Correct/,
			);
			await expectError(online(store, 'ann', [], 1.5), 'InvalidInput', /whole number/, /Correct/);
			await expectError(online(store, '', []), 'InvalidInput', /Agent key is empty/, /Correct/);
			const ever = {
				key: 'ann',
				availability: 'online' as const,
				onlineUntil: 1e300,
				source: 'user',
			};
			await online(store, 'ann', []);
			await expectError(
				store.setAvailability(ever),
				'InvalidInput',
				/time is out of range/,
				/Correct/,
			);
			const maybe = { ...ever, onlineUntil: null, availability: 'maybe' as 'online' };
			await expectError(
				store.setAvailability(maybe),
				'InvalidInput',
				/'online', 'away' or 'offline'/,
				/Correct/,
			);
		});

		test('invariant 10: conversations of a removed agent return to the queue, without that agent', async () => {
			await team(store, 'sales', { ann: 2 });
			const first = await handled(store, 'a', 'sales');
			clock.advance(SECOND);
			const second = await handled(store, 'b', 'sales');
			await setOnline(store, 'ann', false);
			const waiting = await handled(store, 'c', 'sales', { to: { kind: 'agent', agent: 'ann' } });
			expect(await store.deleteAgent({ key: 'ann', source: 'user', actor: 'boss' })).toEqual({
				requeued: 2,
			});
			expect(await conversationOf(store, first.id)).toMatchObject({
				assignee: null,
				queue: { position: 1 },
			});
			expect(await conversationOf(store, second.id)).toMatchObject({ queue: { position: 2 } });
			expect(await lastEvent(store, first.id, 'unassigned')).toMatchObject({
				reason: 'agent removed',
			});
			await online(store, 'bob', ['sales'], 3);
			// Also the one that waited for nobody but ann.
			for (const { id } of [first, second, waiting])
				expect(await assigneeOf(store, id)).toBe('bob');
			expect((await online(store, 'ann', ['sales'])).agent).toMatchObject({
				openUnits: 0,
				lastAssignedAt: null,
			});
		});

		test('a removed agent is replaced at once where somebody of the team is free', async () => {
			await team(store, 'sales', { ann: 1 });
			await team(store, 'care', { bob: 1 });
			const { id } = await handled(store, 'a', 'care', { to: { kind: 'agent', agent: 'ann' } });
			await store.deleteAgent({ key: 'ann', source: 'user' });
			expect(await assigneeOf(store, id)).toBe('bob');
		});

		test('lists by team, availability and search', async () => {
			await team(store, 'sales', { ann: 1, bob: 1 });
			await online(store, 'c_m', []);
			await setOnline(store, 'bob', false);
			const keys = async (filter: object) =>
				(await store.listAgents({ limit: 10, offset: 0, ...filter })).map(({ key }) => key);
			expect(await keys({})).toEqual(['ann', 'bob', 'c_m']);
			expect(await keys({ team: 'sales' })).toEqual(['ann', 'bob']);
			expect(await keys({ availability: 'online' })).toEqual(['ann', 'c_m']);
			expect(await keys({ search: 'AN' })).toEqual(['ann']);
			expect(await keys({ limit: 1, offset: 1 })).toEqual(['bob']);
		});
	});

	describe('teams', () => {
		test('upsertTeam creates and renames', async () => {
			expect(await store.upsertTeam({ key: 'sales', name: 'Sales' })).toMatchObject({
				created: true,
			});
			expect(await store.upsertTeam({ key: 'sales' })).toMatchObject({
				created: false,
				team: { name: 'Sales' },
			});
			expect(await store.listTeams({ search: 'sal', limit: 5, offset: 0 })).toHaveLength(1);
			await expectError(
				store.upsertTeam({ key: ' ' }),
				'InvalidInput',
				/Team key is empty/,
				/Correct/,
			);
			await expectError(
				store.getTeam('x'),
				'TeamNotFound',
				/no team 'x'/,
				/Teams in this workspace: sales/,
			);
		});

		test('a team in use is not removed, unless another takes over', async () => {
			await team(store, 'sales');
			await team(store, 'care');
			const { id } = await handled(store, 'a', 'sales');
			const hint = /Move Conversations To/;
			const alone = store.deleteTeam({ key: 'sales' });
			await expectError(alone, 'TeamInUse', /'sales' still has 1 open conversation$/, hint);
			const itself = store.deleteTeam({ key: 'sales', moveTo: 'sales' });
			await expectError(itself, 'TeamInUse', /cannot take over its own/, hint);
			await expectError(store.deleteTeam({ key: 'x' }), 'TeamNotFound', /'x'/, /Teams in/);
			const entered = (await conversationOf(store, id)).queue?.enteredAt;
			clock.advance(MINUTE);
			expect(await store.deleteTeam({ key: 'sales', moveTo: 'care' })).toEqual({
				moved: 1,
				overflowCleared: [],
			});
			expect(await conversationOf(store, id)).toMatchObject({
				team: { key: 'care' },
				queue: { team: 'care', enteredAt: entered },
			});
			expect(await lastEvent(store, id, 'routed')).toMatchObject({ team: 'care' });
			await online(store, 'ann', ['care']);
			expect(await assigneeOf(store, id)).toBe('ann');
			await close(store, id);
			expect(await store.deleteTeam({ key: 'care' })).toMatchObject({ moved: 0 });
			expect((await conversationOf(store, id)).team).toEqual({ key: 'care', name: 'care' });
			expect((await store.getAgent('ann')).teams).toEqual([]);
		});
	});

	describe('categories', () => {
		test('are made, changed, listed and removed', async () => {
			await store.upsertCategory({ name: 'Order', description: 'a' });
			await store.upsertCategory({ name: 'Order', description: 'b' });
			expect(await store.listCategories()).toEqual([{ name: 'Order', description: 'b' }]);
			await store.deleteCategory({ name: 'Order' });
			const again = store.deleteCategory({ name: 'Order' });
			await expectError(again, 'CategoryNotFound', /no category 'Order'/, /Choose one/);
		});
	});

	describe('contacts', () => {
		const enrich = async (contactKey: string, changes: object) =>
			await store.enrichContact({
				contactKey,
				conversationId: null,
				writes: [],
				addTags: [],
				source: 'workflow',
				...changes,
			});

		test('enrichContact writes with provenance, keeps what is there, and says what it wrote', async () => {
			const id = await opened(store, 'amal');
			const { key } = await store.findContact('amal');
			const write = (field: string, value: unknown, mode: string) => ({
				field,
				value,
				mode,
				source: 'phone',
			});
			const result = await enrich(key, {
				conversationId: id,
				writes: [
					write('name', 'Other', 'fillIfEmpty'),
					write('country', 'EG', 'fillIfEmpty'),
					write('plan', { tier: 1 }, 'overwrite'),
				],
				addTags: ['vip', 'vip', ''],
			});
			expect(result.written).toEqual(['country', 'plan']);
			expect(result.contact).toMatchObject({
				name: 'amal',
				country: 'EG',
				tags: ['vip'],
				fields: { plan: { tier: 1 } },
			});
			expect(await eventsOf(store, id)).toEqual(['opened', 'enriched']);
			const same = await enrich(key, {
				conversationId: id,
				writes: [write('plan', { tier: 1 }, 'overwrite')],
				addTags: ['vip'],
			});
			expect(same.written).toEqual([]);
			expect(await eventsOf(store, id)).toEqual(['opened', 'enriched']);
		});

		test('errors', async () => {
			const unknown = enrich('x', {});
			await expectError(
				unknown,
				'ContactNotFound',
				/No contact is known as 'x'/,
				/phone number in international/,
			);
			await expectError(store.findContact('x'), 'ContactNotFound', /'x'/, /contact key/);
			await expectError(store.getOpenConversation('x'), 'ContactNotFound', /'x'/, /contact key/);
			const id = await opened(store, 'amal');
			const { key } = await store.findContact('amal');
			expect((await store.getOpenConversation(key)).conversation.id).toBe(id);
			await close(store, id);
			const none = store.getOpenConversation('amal');
			await expectError(
				none,
				'NoOpenConversation',
				/'amal' has no open conversation/,
				/Open Conversation/,
			);
			await expectError(
				store.getConversation('x'),
				'ConversationNotFound',
				/'x'/,
				/Conversation Opened/,
			);
			await expectError(
				store.conversationHistory('x'),
				'ConversationNotFound',
				/'x'/,
				/Conversation Opened/,
			);
			const other = await engine.openStore();
			await expectError(other.getConversation(id), 'ConversationNotFound', /ID/, /workspace/);
			const field = { field: '__proto__', value: 1, mode: 'overwrite', source: 'x' };
			await expectError(
				enrich(key, { writes: [field] }),
				'InvalidInput',
				/reserved name/,
				/Correct/,
			);
		});

		test('history tells messages and events in order', async () => {
			const id = await opened(store, 'amal');
			clock.advance(SECOND);
			await receive(store, message('amal', { text: 'More' }));
			clock.advance(SECOND);
			await close(store, id);
			const history = await store.conversationHistory(id);
			expect(history.map(({ kind, type, text }) => `${kind} ${type} ${text}`.trim())).toEqual([
				'message text Hello',
				'event opened Opened by the contact on chat.',
				'message text More',
				'event closed Closed by a workflow.',
			]);
		});

		test('lists conversations, newest first', async () => {
			await team(store, 'sales', { ann: 1 });
			const ids: Record<string, string> = {};
			for (const who of ['a', 'b', 'c']) {
				clock.advance(SECOND);
				ids[who] = (await handled(store, who, 'sales')).id;
			}
			await close(store, ids.c ?? '');
			const list = async (filter: object) =>
				(await store.listConversations({ limit: 10, offset: 0, ...filter })).map(
					({ contact }) => contact.name,
				);
			expect(await list({})).toEqual(['c', 'b', 'a']);
			expect(await list({ status: 'open' })).toEqual(['b', 'a']);
			expect(await list({ status: 'closed' })).toEqual(['c']);
			expect(await list({ status: 'queued' })).toEqual(['b']);
			expect(await list({ assignee: 'ann' })).toEqual(['a']);
			expect(await list({ team: 'sales', openedFrom: clock() })).toEqual(['c']);
			expect(await list({ limit: 1, offset: 1 })).toEqual(['b']);
		});
	});

	describe('the workspace of test runs', () => {
		test('reads the real teams, agents and categories, and counts apart', async () => {
			await team(store, 'sales', { ann: 1 });
			await store.upsertCategory({ name: 'Order', description: '' });
			await handled(store, 'real', 'sales');
			const tests = store.forTests();
			expect(store.forTests()).toBe(tests);
			expect(tests.forTests()).toBe(tests);
			expect(await tests.listCategories()).toHaveLength(1);
			expect(await tests.listTeams({ limit: 5, offset: 0 })).toMatchObject([
				{ key: 'sales', members: 1, queued: 0 },
			]);
			expect(await tests.listAgents({ limit: 5, offset: 0, team: 'sales' })).toMatchObject([
				{ key: 'ann', teams: ['sales'], openUnits: 0 },
			]);
			const trial = await handled(tests, 'trial', 'sales');
			expect(trial.conversation.assignee?.key).toBe('ann');
			expect((await tests.getAgent('ann')).openUnits).toBe(1);
			expect((await store.getAgent('ann')).openUnits).toBe(1);
			expect(await store.countEverything()).toMatchObject({
				contacts: 1,
				conversations: { open: 1 },
			});
			// An item of a test run works with the real store's nodes, too, and stays where it is.
			expect(await close(store, trial.id)).toMatchObject({ alreadyClosed: false });
			expect((await tests.getAgent('ann')).openUnits).toBe(0);
			expect((await store.getAgent('ann')).openUnits).toBe(1);
		});

		test('what a test run changes of teams and agents is changed for real', async () => {
			await store.forTests().upsertTeam({ key: 'sales' });
			await online(store.forTests(), 'ann', ['sales'], 1);
			expect((await handled(store, 'a', 'sales')).conversation.assignee?.key).toBe('ann');
		});

		test('a test message always opens; never so in the real workspace', async () => {
			const tests = store.forTests();
			await team(store, 'sales', { ann: 1 });
			const same = message('amal', { id: 'sample' });
			const first = await receive(tests, same, { alwaysOpen: true });
			const waiting = await handled(tests, 'b', 'sales', { to: { kind: 'agent', agent: 'ann' } });
			expect(waiting.outcome).toBe('assigned');
			const second = await receive(tests, same, { alwaysOpen: true });
			expect(second.outcome).toBe('opened');
			expect(await conversationOf(tests, first.conversationId ?? '')).toMatchObject({
				status: 'closed',
			});
			expect((await tests.getConversation(second.conversationId ?? '')).message?.id).toBe('sample');
			await receive(store, same, { alwaysOpen: true });
			expect(await receive(store, same, { alwaysOpen: true })).toMatchObject({
				outcome: 'duplicate',
			});
		});
	});

	describe('hostile text', () => {
		const texts = [
			"'; drop table conversations; --",
			'<script>alert(1)</script> &amp; "quoted" \\ % _ ` ${x} {{ $json }}',
			'مرحبا، أريد استرداد المبلغ \u202e\u200f',
			'👩‍👩‍👧‍👦 e\u0301 𝒳 \u0007 \r\n \u2028',
			'',
			'x'.repeat(200_000),
		];

		test.each(texts.map((text) => [text.slice(0, 30), text]))(
			'is kept as it is: %j',
			async (_, text) => {
				const who = `who ${text}`.slice(0, 400);
				const { conversationId } = await receive(store, message(who, { text }), { keepRaw: true });
				const item = await store.getConversation(conversationId ?? '');
				expect(item.message?.text).toBe(text);
				expect(item.contact.name).toBe(who);
				expect((await store.findContact(who)).key).toBe(item.contact.key);
				const key = `k ${text}`.slice(0, 150).trim();
				await team(store, key, { [key]: 1 });
				await handled(store, `${who}2`, key);
				expect((await store.getAgent(key)).openUnits).toBe(1);
				expect(await store.listAgents({ search: key, limit: 5, offset: 0 })).toBeDefined();
			},
		);

		test('NUL characters are left out, on the way in and when looked for', async () => {
			const same = message('a\0b', { id: 'm\0', text: 'x\0y' });
			const { conversationId } = await receive(store, same);
			expect((await store.getConversation(conversationId ?? '')).message?.text).toBe('xy');
			expect(await receive(store, { ...same, id: 'm' })).toMatchObject({ outcome: 'duplicate' });
		});

		test('names that JavaScript treats specially are plain text', async () => {
			await opened(store, '__proto__');
			const { key } = await store.findContact('__proto__');
			const fields = ['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
			const { contact, written } = await store.enrichContact({
				contactKey: key,
				conversationId: null,
				writes: fields.map((field) => ({
					field,
					value: 'x',
					mode: 'fillIfEmpty' as const,
					source: 'input',
				})),
				addTags: ['__proto__', 'constructor'],
				source: 'workflow',
			});
			expect(written).toEqual(fields);
			expect(contact.tags).toEqual(['__proto__', 'constructor']);
			expect({}.toString()).toBe('[object Object]');
			await team(store, '__proto__', { constructor: 1 });
			const result = await handled(store, 'constructor', '__proto__');
			expect(result.conversation.assignee?.key).toBe('constructor');
		});
	});
}
