import type { Engine } from '../../../nodes/store/engine';
import { SCHEMA_VERSION } from '../../../nodes/store/migrations';
import type { ProblemCode } from '../../../nodes/store/operations/problem';
import type { SubscriberInput } from '../../../nodes/store/operations/subscriptions';
import { ConversationStore } from '../../../nodes/store/store';
import { sql } from '../../../nodes/vendor';
import { assertConsistent } from '../support/consistency';
import {
	DAY,
	HOUR,
	MINUTE,
	SECOND,
	testClock,
	type EngineUnderTest,
	type TestClock,
} from '../support/engines';
import {
	assign,
	close,
	conversationOf,
	eventsOf,
	expectError,
	handled,
	lastEvent,
	listener,
	message,
	online,
	opened,
	opening,
	receive,
	route,
	setOnline,
	team,
	trigger,
} from '../support/samples';

/** What an operator sees of a store, and does about executions that did not run. */
export function administrationSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;
	let input: SubscriberInput;
	let subscriptionId: string;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		input = trigger();
		({ id: subscriptionId } = await store.subscribe(input));
	});
	afterEach(async () => await assertConsistent(store));

	const openedBy = async (who: string) =>
		(await receive(store, message(who), { subscriber: input })).conversationId ?? '';
	const claim = async (limit = 10) => await store.claimDeliveries({ subscriptionId, limit });
	const rowOf = async (id: string) =>
		await store.engine.db
			.selectFrom('deliveries')
			.selectAll()
			.where('id', '=', id)
			.executeTakeFirstOrThrow();
	const renew = async () => await store.renewSubscription(subscriptionId);
	/** Twice: what one kind of work leaves to another. */
	const pump = async () => {
		for (let round = 0; round < 2; round++) await store.doDueWork();
	};

	/** The trigger takes it, and n8n never starts its execution. @returns its id */
	async function failOne(): Promise<string> {
		for (;;) {
			const [delivery] = await claim(1);
			if (!delivery) throw new Error('Nothing is owed');
			await store.finishDelivery({ id: delivery.id, outcome: { kind: 'notStarted' } });
			const { status } = await rowOf(delivery.id);
			if (status === 'failed') return delivery.id;
			clock.advance(5 * MINUTE);
		}
	}

	/** The trigger of everything that is owed goes, and comes back too late. */
	async function expireAll(comesBack = true): Promise<void> {
		await store.endSubscription(subscriptionId);
		clock.advance(11 * MINUTE);
		await pump();
		if (comesBack) await store.subscribe(input);
	}

	/** So many deliveries of the trigger that failed, oldest first. */
	async function failMany(count: number): Promise<void> {
		const { workspace } = store;
		const at = clock();
		for (let from = 0; from < count; from += 100) {
			const ids = Array.from({ length: Math.min(100, count - from) }, (_, i) =>
				[workspace, String(from + i).padStart(6, '0')].join('-'),
			);
			await store.engine.transaction(async (tx) => {
				await tx
					.insertInto('events')
					.values(
						ids.map((id) => ({
							id,
							workspace,
							type: 'availability_changed',
							conversation_id: null,
							contact_key: null,
							source: 'user',
							actor: null,
							data: '{}',
							at,
						})),
					)
					.execute();
				await tx
					.insertInto('deliveries')
					.values(
						ids.map((id) => ({
							id,
							workspace,
							subscription_id: subscriptionId,
							event_id: id,
							conversation_id: null,
							status: 'failed' as const,
							due_at: null,
							attempts: 50,
							generation: 1,
							reruns: 0,
							lease_owner: null,
							execution_id: null,
							run_status: 'not started',
							created_at: at,
							finished_at: at,
						})),
					)
					.execute();
			});
		}
	}

	describe('Check Health', () => {
		/** Whatever the disk is like on which these tests run. */
		const check = async (of = store, warnings: string[] = []) => {
			const where = Object.create(of.engine, { warnings: { value: warnings } }) as Engine;
			return await new ConversationStore(where, of.workspace, clock).checkHealth();
		};
		const problem = async (code: ProblemCode) =>
			(await check()).problems.find((each) => each.code === code);

		test('a store in use is healthy, and says what and where it is', async () => {
			await team(store, 'sales', { ann: 2 });
			for (const who of ['a', 'b']) await handled(store, who, 'sales');
			await close(store, (await handled(store, 'c', 'sales')).id);
			const health = await check();
			expect(health).toMatchObject({
				healthy: true,
				checkedAt: '2026-01-05T09:00:00.000Z',
				problems: [],
				queues: [],
				counts: {
					teams: 1,
					agents: 1,
					contacts: 3,
					conversations: { open: 2, queued: 0, closed: 1 },
					messages: 3,
					deliveries: { pending: 0, claimed: 0, waiting: 0, done: 0, failed: 0, expired: 0 },
				},
				store: {
					engine: await store.engine.describe(),
					place: store.engine.place,
					id: await store.storeId(),
					workspace: store.workspace,
					schemaVersion: SCHEMA_VERSION,
				},
			});
			const { n } = await store.engine.db
				.selectFrom('events')
				.select((eb) => eb.fn.countAll<number>().as('n'))
				.where('workspace', '=', store.workspace)
				.executeTakeFirstOrThrow();
			expect(health.counts.events).toBe(Number(n));
			expect(health.store.bytes).toBeGreaterThan(10_000);
		});

		test('it reads and changes nothing, and other workspaces are no concern of it', async () => {
			const other = await engine.openStore({ clock });
			await team(other, 'empty');
			await other.openConversation(opening('a', { channel: 'none' }));
			clock.advance(HOUR);
			await renew();
			const before = await store.countEverything();
			expect(await check()).toMatchObject({ healthy: true, problems: [] });
			expect(await store.countEverything()).toEqual(before);
			expect((await check(other)).problems.map(({ code }) => code)).toEqual([
				'conversationsUnattended',
				'teamsWithoutAgents',
			]);
		});

		test('queueStuck: somebody waits although an agent of the pool is free', async () => {
			await team(store, 'sales', { ann: 0, bob: null });
			await setOnline(store, 'bob', false);
			const { id } = await handled(store, 'a', 'sales');
			clock.advance(2 * HOUR);
			expect(await problem('queueStuck')).toBeUndefined();
			// Past the operations, which serve the queue when somebody comes online.
			await store.engine.db
				.updateTable('agents')
				.set({ availability: 'online', availability_changed_at: clock() })
				.where('workspace', '=', store.workspace)
				.where('key', '=', 'bob')
				.execute();
			clock.advance(59 * SECOND);
			expect(await problem('queueStuck')).toBeUndefined();
			clock.advance(SECOND);
			await renew();
			expect(await check()).toMatchObject({
				healthy: false,
				problems: [
					{
						code: 'queueStuck',
						severity: 'error',
						message:
							'1 conversation waits although an agent who could take over is free; the oldest has waited 2 h',
						hint: expect.stringContaining('n8n'),
						count: 1,
						examples: [id],
					},
				],
				queues: [
					{
						team: 'sales',
						agent: null,
						waiting: 1,
						oldestWaitSeconds: 2 * 3600 + 60,
						agents: 2,
						online: 2,
					},
				],
			});
			await pump();
			expect(await problem('queueStuck')).toBeUndefined();
		});

		test('queueStuck: not who waits for somebody else, or may not go to the one who is free', async () => {
			await team(store, 'sales', { ann: null });
			const { id } = await handled(store, 'a', 'sales', { exclude: ['ann'] });
			await online(store, 'bob', [], 0);
			const other = await opened(store, 'b');
			await assign(store, other, { to: { kind: 'agent', agent: 'bob' } });
			clock.advance(HOUR);
			expect((await check()).queues).toEqual([
				expect.objectContaining({ team: null, agent: 'bob', waiting: 1, agents: 1, online: 1 }),
				expect.objectContaining({ team: 'sales', agent: null, waiting: 1 }),
			]);
			expect(await problem('queueStuck')).toBeUndefined();
			await store.engine.db
				.updateTable('conversations')
				.set({ excluded_agents: '[]' })
				.where('id', '=', id)
				.execute();
			expect(await problem('queueStuck')).toMatchObject({ count: 1, examples: [id] });
		});

		test('queueStuck: who was queued again just now keeps an old place, and is not forgotten', async () => {
			await team(store, 'sales');
			await online(store, 'ann', ['sales'], 1);
			await setOnline(store, 'ann', false);
			const { id } = await handled(store, 'a', 'sales');
			clock.advance(HOUR);
			await setOnline(store, 'ann');
			clock.advance(HOUR);
			await store.unassignConversation({
				conversationId: id,
				requeue: true,
				reason: 'returned',
				source: 'user',
			});
			expect((await conversationOf(store, id)).queue).not.toBeNull();
			expect(await problem('queueStuck')).toBeUndefined();
			clock.advance(MINUTE + 1);
			expect(await problem('queueStuck')).toMatchObject({ count: 1, examples: [id] });
		});

		test('nobodyCanTake: who would wait for ever, and not who waits for somebody to come or to finish', async () => {
			await team(store, 'sales', { ann: 1, bob: 1 });
			await setOnline(store, 'bob', false);
			const policy = { strategy: 'roundRobin', onlyOnline: true, maxOpen: null } as const;
			const wishes = { skills: ['tax'], language: null };
			await handled(store, 'has ann', 'sales');
			await handled(store, 'full or away', 'sales');
			const { id: relaxes } = await handled(store, 'relaxes', 'sales', {
				policy: { ...policy, ...wishes },
				relaxAfter: DAY,
			});
			clock.advance(HOUR);
			expect((await conversationOf(store, relaxes)).queue).not.toBeNull();
			expect(await problem('nobodyCanTake')).toBeUndefined();
			const lost = [
				await handled(store, 'excluded', 'sales', { exclude: ['ann', 'bob'] }),
				await handled(store, 'heavy', 'sales', { weight: 2 }),
				await handled(store, 'skilled', 'sales', { policy: { ...policy, ...wishes } }),
			];
			expect(await problem('nobodyCanTake')).toBeUndefined();
			clock.advance(2 * HOUR);
			const found = await problem('nobodyCanTake');
			expect(found).toMatchObject({
				severity: 'error',
				message: expect.stringMatching(/^3 conversations wait that no agent .* waited 2 h$/s),
				hint: expect.stringContaining('Transfer'),
				count: 3,
			});
			expect([...(found?.examples ?? [])].sort()).toEqual(lost.map(({ id }) => id).sort());
		});

		test('nobodyOnline: a queue with agents, none of them online', async () => {
			await team(store, 'sales', { ann: 0 });
			await handled(store, 'a', 'sales');
			expect(await problem('nobodyOnline')).toBeUndefined();
			await setOnline(store, 'ann', false);
			clock.advance(3 * HOUR);
			await renew();
			expect(await check()).toMatchObject({
				healthy: true,
				problems: [
					{
						code: 'nobodyOnline',
						severity: 'warning',
						message:
							'1 conversation waits in 1 queue where nobody is online; the oldest has waited 3 h',
						count: 1,
						examples: ['sales'],
					},
				],
			});
		});

		test('teamsWithoutAgents: a warning, and an error once somebody waits there', async () => {
			await team(store, 'sales', { ann: 1 });
			expect(await problem('teamsWithoutAgents')).toBeUndefined();
			await team(store, 'care');
			expect(await problem('teamsWithoutAgents')).toMatchObject({
				severity: 'warning',
				message: '1 team has no agents; 0 conversations wait there',
				examples: ['care'],
			});
			await handled(store, 'a', 'care');
			expect(await problem('teamsWithoutAgents')).toMatchObject({
				severity: 'error',
				message: '1 team has no agents; 1 conversation waits there',
			});
			expect(await problem('nobodyOnline')).toBeUndefined();
		});

		test('agentsOverCapacity: by a lowered capacity', async () => {
			await team(store, 'sales', { ann: 2 });
			await handled(store, 'a', 'sales');
			await handled(store, 'b', 'sales');
			expect(await problem('agentsOverCapacity')).toBeUndefined();
			await store.upsertAgent({ key: 'ann', capacity: 1, source: 'user' });
			expect(await problem('agentsOverCapacity')).toMatchObject({
				severity: 'warning',
				message: "1 agent has more open than their capacity allows, most of all 'ann' with 2 of 1",
				count: 1,
				examples: ['ann'],
			});
		});

		test('conversationsUnattended: nobody has it and nobody was told', async () => {
			const { conversation } = await store.openConversation(opening('a', { channel: 'none' }));
			const inHand = await openedBy('b');
			clock.advance(11 * MINUTE - 1);
			expect(await problem('conversationsUnattended')).toBeUndefined();
			clock.advance(1);
			expect(await problem('conversationsUnattended')).toMatchObject({
				severity: 'error',
				message:
					'1 open conversation has no agent, queue or flag; the oldest was opened 11 min ago',
				count: 1,
				examples: [conversation.id],
			});
			await pump();
			expect(await problem('conversationsUnattended')).toBeUndefined();
			expect(await problem('conversationsFlagged')).toMatchObject({
				severity: 'warning',
				message: '1 open conversation waits for a person to look: 1 unattended',
				examples: [conversation.id],
			});
			expect((await conversationOf(store, inHand)).flag).toBeNull();
		});

		test('conversationsFlagged: until somebody takes or closes it', async () => {
			await team(store, 'sales', { ann: null });
			const { id } = await handled(store, 'a', 'sales');
			await store.unassignConversation({
				conversationId: id,
				requeue: false,
				reason: 'returned',
				source: 'user',
			});
			expect(await problem('conversationsFlagged')).toMatchObject({ count: 1, examples: [id] });
			await close(store, id);
			expect(await problem('conversationsFlagged')).toBeUndefined();
		});

		test('deliveriesFailed: an error until each is retried or skipped', async () => {
			await team(store, 'sales', { ann: null });
			const conversation = await openedBy('a');
			await route(store, conversation, 'sales');
			await assign(store, conversation);
			const id = await failOne();
			await renew();
			clock.advance(MINUTE);
			expect(await check()).toMatchObject({
				healthy: false,
				problems: [
					{
						code: 'deliveriesFailed',
						severity: 'error',
						message: '1 execution could not be started, the first 60 s ago',
						count: 1,
						examples: [id],
					},
				],
				counts: { deliveries: { failed: 1 } },
			});
			await store.skipDelivery({ id, source: 'user' });
			expect(await check()).toMatchObject({ healthy: true, problems: [] });
		});

		test('deliveriesFailed: counts all, and gives five examples', async () => {
			await failMany(7);
			const found = await problem('deliveriesFailed');
			expect(found?.count).toBe(7);
			expect(found?.examples).toHaveLength(5);
		});

		test('deliveriesExpired: a warning', async () => {
			const id = await openedBy('a');
			expect(await problem('deliveriesExpired')).toBeUndefined();
			await expireAll();
			expect(await problem('deliveriesExpired')).toMatchObject({
				severity: 'warning',
				message: '1 execution expired because the trigger was switched off, the first 0 s ago',
				count: 1,
			});
			expect((await conversationOf(store, id)).queue).not.toBeNull();
		});

		test('deliveriesOverdue: owed, and nobody takes it', async () => {
			await openedBy('a');
			clock.advance(5 * MINUTE - 1);
			await renew();
			expect(await problem('deliveriesOverdue')).toBeUndefined();
			clock.advance(1);
			expect(await problem('deliveriesOverdue')).toMatchObject({
				severity: 'error',
				message: '1 execution is owed for more than 5 min, the longest for 5 min',
				count: 1,
			});
			// A trigger that said goodbye may come back for what it is owed.
			await store.endSubscription(subscriptionId);
			expect(await problem('deliveriesOverdue')).toBeUndefined();
			clock.advance(15 * MINUTE);
			expect(await problem('deliveriesOverdue')).toMatchObject({ count: 1 });
		});

		test('deliveriesAbandoned: the process that took it is gone, and nobody took over', async () => {
			await openedBy('a');
			const [delivery] = await claim();
			clock.advance(30 * SECOND + MINUTE - 1);
			expect(await problem('deliveriesAbandoned')).toBeUndefined();
			clock.advance(1);
			expect(await problem('deliveriesAbandoned')).toMatchObject({
				severity: 'error',
				count: 1,
				examples: [delivery?.id],
			});
			await claim();
			expect(await problem('deliveriesAbandoned')).toBeUndefined();
		});

		test('triggersSilent: without a goodbye, for a week', async () => {
			clock.advance(5 * MINUTE - 1);
			expect(await problem('triggersSilent')).toBeUndefined();
			clock.advance(1);
			expect(await problem('triggersSilent')).toMatchObject({
				severity: 'error',
				message: '1 trigger fell silent without being switched off, the first 3 min ago',
				examples: [subscriptionId],
			});
			// The store ends it meanwhile; that it fell silent is still to be seen.
			clock.advance(3 * DAY);
			await pump();
			expect(await problem('triggersSilent')).toMatchObject({ count: 1 });
			clock.advance(4 * DAY);
			expect(await problem('triggersSilent')).toBeUndefined();
		});

		test('triggersSilent: not one that said goodbye, and no test run', async () => {
			await store.subscribe(trigger({ isTest: true }));
			await store.endSubscription(subscriptionId);
			clock.advance(HOUR);
			expect(await problem('triggersSilent')).toBeUndefined();
		});

		test('schemaDiffers: another process has brought the store further', async () => {
			expect(await problem('schemaDiffers')).toBeUndefined();
			const set = async (version: number) =>
				await store.engine.transaction(
					async (tx) => await sql`update schema_version set version = ${version}`.execute(tx),
				);
			await set(SCHEMA_VERSION + 1);
			const found = await problem('schemaDiffers');
			await set(SCHEMA_VERSION);
			expect(found).toMatchObject({
				severity: 'error',
				message: `The store has schema version ${SCHEMA_VERSION + 1}, and this n8n process knows ${SCHEMA_VERSION}`,
			});
		});

		test('storeAtRisk: what the engine says of the place where it is', async () => {
			expect(await problem('storeAtRisk')).toBeUndefined();
			const { problems } = await check(store, ['The disk is nearly full.']);
			expect(problems).toMatchObject([
				{
					code: 'storeAtRisk',
					severity: 'warning',
					message: 'The disk is nearly full.',
					examples: [store.engine.place],
				},
			]);
		});
	});

	describe('deliveries for an operator', () => {
		const list = async (changes: Partial<Parameters<typeof store.listDeliveries>[0]> = {}) =>
			await store.listDeliveries({ limit: 10, offset: 0, ...changes });
		const ids = async (changes: Parameters<typeof list>[0] = {}) =>
			(await list(changes)).map(({ id }) => id);
		const retry = async (id: string, evenIfClosed = false) =>
			await store.retryDelivery({ id, evenIfClosed, source: 'user', actor: 'nathan' });
		const skip = async (id: string) =>
			await store.skipDelivery({ id, source: 'user', actor: 'nathan' });

		test('the list: newest first, by status and trigger, page by page', async () => {
			const { id: listening } = await store.subscribe(listener(['opened']));
			const failedOf = await openedBy('a');
			const failed = await failOne();
			clock.advance(SECOND);
			await openedBy('b');
			const [claimed] = await claim();
			clock.advance(SECOND);
			await openedBy('c');
			const all = await list();
			expect(all).toHaveLength(6);
			expect([...all].sort((x, y) => (x.id < y.id ? 1 : -1))).toEqual(all);
			expect(await ids({ status: 'failed' })).toEqual([failed]);
			expect(await ids({ status: 'claimed' })).toEqual([claimed?.id]);
			expect(await ids({ status: 'expired' })).toEqual([]);
			expect(await ids({ status: 'pending', subscriptionId: listening })).toHaveLength(3);
			expect(await ids({ status: 'pending', subscriptionId })).toHaveLength(1);
			expect(await ids({ subscriptionId })).toHaveLength(3);
			expect([...(await ids({ limit: 4 })), ...(await ids({ limit: 4, offset: 4 }))]).toEqual(
				all.map(({ id }) => id),
			);
			expect(await list({ status: 'failed' })).toEqual([
				{
					id: failed,
					status: 'failed',
					reason: 'n8n could not start an execution, tried 50 times',
					eventType: 'opened',
					conversationId: failedOf,
					subscriptionId,
					workflowId: input.workflowId,
					nodeId: input.nodeId,
					attempts: 50,
					createdAt: '2026-01-05T09:00:00.000Z',
					finishedAt: expect.stringMatching(/^2026-01-05T\d\d:\d\d:00\.000Z$/),
					executionId: null,
				},
			]);
		});

		test('the list says in words what became of each', async () => {
			const reasonOf = async () => (await list({ limit: 1 }))[0]?.reason;
			await openedBy('a');
			expect(await reasonOf()).toBe('Waits until its trigger takes it');
			const [first] = await claim();
			expect(await reasonOf()).toMatch(/has taken it/);
			clock.advance(30 * SECOND);
			expect(await reasonOf()).toMatch(/is gone/);
			await store.finishDelivery({ id: first?.id ?? '', outcome: { kind: 'notStarted' } });
			expect(await reasonOf()).toBe('Tried 1 time, and is tried again');
			clock.advance(MINUTE);
			const [second] = await claim();
			await store.claimExecution({ deliveryId: second?.id ?? '', executionId: '7', free: false });
			await store.finishDelivery({
				id: second?.id ?? '',
				outcome: { kind: 'ran', status: 'waiting' },
			});
			expect(await list({ status: 'waiting' })).toMatchObject([
				{ status: 'waiting', reason: 'Its execution waits', executionId: '7' },
			]);
			clock.advance(DAY);
			await pump();
			expect(await reasonOf()).toBe('Its execution ended (waiting)');
		});

		test('a retry is owed again under a new key, runs once more, and says who asked for it', async () => {
			const conversation = await openedBy('a');
			const id = await failOne();
			await pump();
			expect(await claim()).toEqual([]);
			await retry(id);
			expect(await rowOf(id)).toMatchObject({
				status: 'pending',
				attempts: 0,
				generation: 2,
				execution_id: null,
				run_status: null,
				finished_at: null,
			});
			const [delivery] = await claim();
			expect(delivery).toMatchObject({
				id,
				generation: 2,
				item: { conversation: { id: conversation }, delivery: { id } },
			});
			const acting = { deliveryId: id, executionId: '9', free: false };
			expect(await store.claimExecution(acting)).toEqual({ acts: true, actingExecution: '9' });
			expect(await eventsOf(store, conversation)).toContain('delivery_retried');
			expect(await lastEvent(store, conversation, 'delivery_retried')).toEqual({
				delivery: id,
				subscription: subscriptionId,
				was: 'failed',
				reason: 'n8n could not start an execution, tried 50 times',
			});
			const { source, actor } = await store.engine.db
				.selectFrom('events')
				.select(['source', 'actor'])
				.where('conversation_id', '=', conversation)
				.where('type', '=', 'delivery_retried')
				.executeTakeFirstOrThrow();
			expect([source, actor]).toEqual(['user', 'nathan']);
		});

		test('an execution that vanished five times is started under a sixth key', async () => {
			await openedBy('a');
			let id = '';
			for (let i = 0; i < 5; i++) {
				const [delivery] = await claim();
				id = delivery?.id ?? '';
				await store.finishDelivery({ id, outcome: { kind: 'duplicate' } });
				clock.advance(MINUTE);
			}
			expect(await list({ status: 'failed' })).toMatchObject([
				{ id, reason: 'Its executions vanished before they did anything' },
			]);
			await retry(id);
			expect(await claim()).toMatchObject([{ id, generation: 6 }]);
		});

		test('a retry wakes the triggers', async () => {
			await openedBy('a');
			const id = await failOne();
			const seen: string[] = [];
			const stop = store.engine.onWake((topic) => seen.push(topic));
			await retry(id);
			stop();
			expect(seen).toContain('deliveries');
		});

		test('skipped is settled: not run, no problem, and it says who did it', async () => {
			const conversation = await openedBy('a');
			await expireAll();
			const [expired] = await ids({ status: 'expired' });
			const id = expired ?? '';
			await skip(id);
			expect(await rowOf(id)).toMatchObject({
				status: 'done',
				run_status: 'skipped',
				due_at: null,
			});
			expect(await claim()).toEqual([]);
			expect(await ids({ status: 'expired' })).toEqual([]);
			expect((await list())[0]?.reason).toBe('Skipped by an operator');
			expect(await lastEvent(store, conversation, 'delivery_skipped')).toMatchObject({
				delivery: id,
				was: 'expired',
			});
		});

		test('refused: what is unknown, of another workspace, or has not ended badly', async () => {
			await openedBy('a');
			const [delivery] = await claim();
			const id = delivery?.id ?? '';
			for (const act of [retry, skip]) {
				await expectError(act('x'), 'DeliveryNotFound', /No delivery has the ID 'x'/, /Get Many/);
				await expectError(
					act(id),
					'DeliveryNotEnded',
					/has neither failed nor expired: Its trigger has taken it/,
					/failed or expired/,
				);
			}
			const other = await engine.openStore({ clock });
			await expectError(
				other.skipDelivery({ id, source: 'user' }),
				'DeliveryNotFound',
				/No delivery/,
				/credential/,
			);
		});

		test('refused: a retry while its trigger is switched off', async () => {
			await openedBy('a');
			await expireAll(false);
			const [id = ''] = await ids({ status: 'expired' });
			await expectError(retry(id), 'TriggerGone', /is switched off/, /Publish that workflow/);
			await store.subscribe(input);
			await retry(id);
			expect((await claim()).map((delivery) => delivery.id)).toEqual([id]);
		});

		test('refused: the opening of a conversation that is closed, unless it is asked for', async () => {
			const conversation = await openedBy('a');
			const id = await failOne();
			await close(store, conversation);
			await expectError(retry(id), 'ConversationClosed', /is closed/, /./);
			expect(await rowOf(id)).toMatchObject({ status: 'failed', generation: 1 });
			await retry(id, true);
			expect(await claim()).toHaveLength(1);
		});

		test('a listener may be told of a conversation that is closed', async () => {
			const { id: listening } = await store.subscribe(listener(['closed']));
			await close(store, await openedBy('a'));
			await store.endSubscription(listening);
			clock.advance(11 * MINUTE);
			await pump();
			await store.subscribe(listener(['closed'], { workflowId: listening.split(':')[0] ?? '' }));
			const [id = ''] = await ids({ status: 'expired', subscriptionId: listening });
			await retry(id);
			expect(await store.claimDeliveries({ subscriptionId: listening, limit: 5 })).toMatchObject([
				{ id, item: { event: { type: 'closed' } } },
			]);
		});

		test('all that failed, in several transactions; what is refused is counted and stays', async () => {
			await failMany(1001);
			const gone = trigger({ channel: 'sms' });
			const { id: goneId } = await store.subscribe(gone);
			await receive(store, message('gone', { channel: 'sms' }), { subscriber: gone });
			const closed = await openedBy('closed');
			await close(store, closed);
			await store.engine.db
				.updateTable('deliveries')
				.set({ status: 'failed', due_at: null })
				.where('workspace', '=', store.workspace)
				.where('status', '=', 'pending')
				.execute();
			await store.endSubscription(goneId);
			const transactions = jest.spyOn(store.engine, 'transaction');
			const how = { evenIfClosed: false, source: 'user' };
			expect(await store.retryDeliveries({ status: 'failed', ...how })).toEqual({
				retried: 1001,
				triggerGone: 1,
				conversationClosed: 1,
			});
			expect(transactions).toHaveBeenCalledTimes(3);
			transactions.mockRestore();
			expect(await ids({ status: 'failed' })).toHaveLength(2);
			expect((await store.countEverything()).deliveries).toEqual({ pending: 1001, failed: 2 });
			expect(await claim(2000)).toHaveLength(1001);
			expect(await store.skipDeliveries({ status: 'expired', source: 'user' })).toEqual({
				skipped: 0,
			});
			expect(
				await store.skipDeliveries({ status: 'failed', subscriptionId: goneId, source: 'user' }),
			).toEqual({ skipped: 1 });
			expect(await store.skipDeliveries({ status: 'failed', source: 'user' })).toEqual({
				skipped: 1,
			});
			expect(await ids({ status: 'failed' })).toEqual([]);
		});

		test('two operators retry the same at once: it is owed once more, not twice', async () => {
			await failMany(20);
			const other = await engine.openStore({ clock, workspace: store.workspace });
			const how = { status: 'failed' as const, evenIfClosed: false, source: 'user' };
			const results = await Promise.all(
				[store, other, store, other].map(async (by) => await by.retryDeliveries(how)),
			);
			expect(results.reduce((sum, { retried }) => sum + retried, 0)).toBe(20);
			const again = await claim(50);
			expect(again).toHaveLength(20);
			expect(new Set(again.map(({ generation }) => generation))).toEqual(new Set([2]));
		});
	});
}
