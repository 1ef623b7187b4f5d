import type { DeliveryOutcome } from '../../../nodes/store/operations/deliveries';
import type { BadEndPolicy, SubscriberInput } from '../../../nodes/store/operations/subscriptions';
import type { ConversationStore } from '../../../nodes/store/store';
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
	assigneeOf,
	close,
	conversationOf,
	eventsOf,
	handled,
	lastEvent,
	listener,
	message,
	online,
	opened,
	opening,
	receive,
	route,
	team,
	trigger,
} from '../support/samples';

/** What triggers are owed, and what becomes of flows that end badly. */
export function deliveriesSuite(engine: EngineUnderTest): void {
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

	const claim = async (by = store, limit = 10) =>
		await by.claimDeliveries({ subscriptionId, limit });
	const openedBy = async (who: string) =>
		(await receive(store, message(who), { subscriber: input })).conversationId ?? '';
	const one = async () => {
		const [delivery] = await claim();
		if (!delivery) throw new Error('Nothing is owed');
		return delivery;
	};
	const finish = async (id: string, outcome: DeliveryOutcome) =>
		await store.finishDelivery({ id, outcome });
	const rowOf = async (id: string) =>
		await store.engine.db
			.selectFrom('deliveries')
			.selectAll()
			.where('id', '=', id)
			.executeTakeFirstOrThrow();
	/** The run of the only delivery ends like this, and the pump looks at it. */
	const ended = async (status = 'error') => {
		const { id } = await one();
		await finish(id, { kind: 'ran', status });
		await store.doDueWork();
		return id;
	};
	const withPolicy = async (onBadEnd: BadEndPolicy) =>
		await store.subscribe({ ...input, onBadEnd });

	describe('claims', () => {
		test('oldest first, up to the limit, with the item to emit', async () => {
			for (const who of ['a', 'b', 'c']) {
				await openedBy(who);
				clock.advance(SECOND);
			}
			const first = await claim(store, 2);
			expect(first.map(({ item }) => item?.contact?.name)).toEqual(['a', 'b']);
			expect(first[0]).toMatchObject({
				generation: 1,
				item: {
					delivery: { id: first[0]?.id },
					conversation: { status: 'open' },
					message: { text: 'Hello' },
				},
			});
			expect(await claim()).toHaveLength(1);
			expect(await claim()).toEqual([]);
		});

		test('invariant 4: a claim keeps others away until its lease ends, and is renewed by its owner only', async () => {
			const other = await engine.openStore({ clock, workspace: store.workspace });
			await openedBy('a');
			const { id } = await one();
			clock.advance(20 * SECOND);
			await store.renewDeliveries([id]);
			clock.advance(20 * SECOND);
			await other.renewDeliveries([id]);
			expect(await claim(other)).toEqual([]);
			clock.advance(10 * SECOND);
			expect((await claim(other)).map((delivery) => delivery.id)).toEqual([id]);
			await store.renewDeliveries([id]);
			clock.advance(30 * SECOND);
			expect(await claim()).toHaveLength(1);
		});

		test('invariant 4: two that claim at once get different ones', async () => {
			const other = await engine.openStore({ clock, workspace: store.workspace });
			for (let i = 0; i < 6; i++) await openedBy(`c${i}`);
			const claims = await Promise.all([
				claim(store, 3),
				claim(other, 3),
				claim(store, 3),
				claim(other, 3),
			]);
			const ids = claims.flat().map(({ id }) => id);
			expect(ids).toHaveLength(6);
			expect(new Set(ids).size).toBe(6);
		});

		test('invariant 4: the first execution acts, another ends; one started by a person is free', async () => {
			await openedBy('a');
			const { id } = await one();
			const act = async (executionId: string, free = false) =>
				await store.claimExecution({ deliveryId: id, executionId, free });
			expect(await act('1')).toEqual({ acts: true, actingExecution: '1' });
			expect(await act('1')).toEqual({ acts: true, actingExecution: '1' });
			expect(await act('2')).toEqual({ acts: false, actingExecution: '1' });
			expect(await act('3', true)).toEqual({ acts: true, actingExecution: '1' });
			expect(
				await store.claimExecution({ deliveryId: 'x', executionId: '1', free: false }),
			).toMatchObject({
				acts: true,
			});
		});

		test('invariant 4: executions that claim at once: one acts', async () => {
			await openedBy('a');
			const { id } = await one();
			const other = await engine.openStore({ clock, workspace: store.workspace });
			const results = await Promise.all(
				['1', '2', '3', '4'].map(
					async (executionId, i) =>
						await (i % 2 ? store : other).claimExecution({
							deliveryId: id,
							executionId,
							free: false,
						}),
				),
			);
			expect(results.filter(({ acts }) => acts)).toHaveLength(1);
		});

		test('one that acted is not started again when its process dies', async () => {
			const conversationId = await openedBy('a');
			const { id } = await one();
			await store.claimExecution({ deliveryId: id, executionId: '1', free: false });
			clock.advance(31 * SECOND);
			expect(await claim()).toEqual([]);
			expect(await rowOf(id)).toMatchObject({
				status: 'watched',
				run_status: 'unknown',
				execution_id: '1',
			});
			await store.doDueWork();
			expect(await conversationOf(store, conversationId)).toMatchObject({ queue: null });
			clock.advance(10 * MINUTE);
			await store.doDueWork();
			expect((await conversationOf(store, conversationId)).queue).not.toBeNull();
		});

		test('a claim that never ends well is given up at last, visibly', async () => {
			const conversationId = await openedBy('a');
			const { id } = await one();
			for (let i = 1; i < 50; i++) {
				clock.advance(31 * SECOND);
				expect(await claim()).toHaveLength(1);
			}
			clock.advance(31 * SECOND);
			expect(await claim()).toEqual([]);
			expect(await rowOf(id)).toMatchObject({ status: 'failed', run_status: 'not started' });
			await store.doDueWork();
			expect(await rowOf(id)).toMatchObject({ status: 'failed', due_at: null });
			expect((await conversationOf(store, conversationId)).queue).not.toBeNull();
		});
	});

	describe('outcomes', () => {
		test('ran: done, when the conversation is cared for', async () => {
			await team(store, 'sales', { ann: 1 });
			const conversationId = await openedBy('a');
			await assign(store, conversationId, { to: { kind: 'team', team: 'sales' } });
			const id = await ended('success');
			expect(await rowOf(id)).toMatchObject({
				status: 'done',
				run_status: 'success',
				due_at: null,
			});
			expect(await eventsOf(store, conversationId)).not.toContain('flow_failed');
			await finish(id, { kind: 'notStarted' });
			expect(await rowOf(id)).toMatchObject({ status: 'done' });
		});

		test('notStarted: tried again, later each time, in the end failed and cared for', async () => {
			const conversationId = await openedBy('a');
			const { id } = await one();
			await finish(id, { kind: 'notStarted' });
			expect(await claim()).toEqual([]);
			clock.advance(2 * SECOND);
			expect(await claim()).toMatchObject([{ id, generation: 1 }]);
			for (let i = 2; i < 50; i++) {
				await finish(id, { kind: 'notStarted' });
				clock.advance(5 * MINUTE);
				expect(await claim()).toHaveLength(1);
			}
			await finish(id, { kind: 'notStarted' });
			expect(await rowOf(id)).toMatchObject({ status: 'failed', run_status: 'not started' });
			await store.doDueWork();
			expect((await store.countEverything()).deliveries).toEqual({ failed: 1 });
			expect((await conversationOf(store, conversationId)).queue).not.toBeNull();
		});

		test('duplicate: started anew under a new key, unless it acted; in the end failed and cared for', async () => {
			const conversationId = await openedBy('a');
			const { id } = await one();
			for (let generation = 2; generation <= 5; generation++) {
				await finish(id, { kind: 'duplicate' });
				expect(await claim()).toEqual([]);
				clock.advance(MINUTE);
				expect(await claim()).toMatchObject([{ id, generation }]);
			}
			await finish(id, { kind: 'duplicate' });
			expect(await rowOf(id)).toMatchObject({ status: 'failed', run_status: 'vanished' });
			await store.doDueWork();
			expect((await conversationOf(store, conversationId)).queue).not.toBeNull();

			await openedBy('b');
			const second = await one();
			await store.claimExecution({ deliveryId: second.id, executionId: '1', free: false });
			await finish(second.id, { kind: 'duplicate' });
			expect(await rowOf(second.id)).toMatchObject({ status: 'watched', run_status: 'unknown' });
		});
	});

	describe('invariant 10: a flow that ends badly', () => {
		test("by default the conversation waits in everybody's queue, and it is told", async () => {
			const id = await openedBy('a');
			await ended('crashed');
			expect(await conversationOf(store, id)).toMatchObject({ queue: { team: null, position: 1 } });
			expect(await eventsOf(store, id)).toEqual(['opened', 'flow_failed', 'queued']);
			expect(await lastEvent(store, id, 'flow_failed')).toMatchObject({
				runStatus: 'crashed',
				action: 'queue',
			});
		});

		test('the fallback team; a team that was removed since is no obstacle', async () => {
			await team(store, 'care', { ann: 1 });
			await withPolicy({ action: 'queue', team: 'care', retries: 0 });
			const first = await openedBy('a');
			await ended();
			expect(await assigneeOf(store, first)).toBe('ann');
			await close(store, first);
			await store.deleteTeam({ key: 'care' });
			await online(store, 'ann', [], 0);
			const second = await openedBy('b');
			await ended();
			expect(await conversationOf(store, second)).toMatchObject({ queue: { team: null } });
		});

		test('run again N times, under a new key, then the queue', async () => {
			await withPolicy({ action: 'retry', team: null, retries: 2 });
			const id = await openedBy('a');
			for (const generation of [1, 2, 3]) {
				const [delivery] = await claim();
				expect(delivery?.generation).toBe(generation);
				const deliveryId = delivery?.id ?? '';
				const executionId = `e${generation}`;
				expect(await store.claimExecution({ deliveryId, executionId, free: false })).toMatchObject({
					acts: true,
				});
				await finish(deliveryId, { kind: 'ran', status: 'error' });
				await store.doDueWork();
			}
			expect(await claim()).toEqual([]);
			expect((await conversationOf(store, id)).queue).not.toBeNull();
			expect((await eventsOf(store, id)).filter((type) => type === 'flow_failed')).toHaveLength(3);
		});

		test('flag', async () => {
			await withPolicy({ action: 'flag', team: null, retries: 0 });
			const id = await openedBy('a');
			await ended();
			expect(await conversationOf(store, id)).toMatchObject({ flag: 'flow_failed', queue: null });
			await team(store, 'sales', { ann: 1 });
			await assign(store, id, { to: { kind: 'team', team: 'sales' } });
			expect((await conversationOf(store, id)).flag).toBeNull();
		});

		test('a closed, assigned or waiting one is cared for', async () => {
			const id = await openedBy('a');
			await close(store, id);
			await ended();
			expect(await eventsOf(store, id)).toEqual(['opened', 'closed']);
		});

		test('another flow still has it in hand: the last one that ends decides', async () => {
			const second = trigger();
			await store.subscribe(second);
			const first = await openedBy('learns the account');
			await close(store, first);
			await receive(store, message('learns it, too'), { subscriber: second });
			const id = await openedBy('a');
			for (const { id: delivery } of await claim())
				await finish(delivery, { kind: 'ran', status: 'success' });
			await store.doDueWork();
			expect((await conversationOf(store, id)).queue).toBeNull();
			const others = await store.claimDeliveries({
				subscriptionId: `${second.workflowId}:trigger`,
				limit: 9,
			});
			for (const { id: delivery } of others)
				await finish(delivery, { kind: 'ran', status: 'success' });
			await store.doDueWork();
			expect((await conversationOf(store, id)).queue).not.toBeNull();
		});

		test('a run that waits is not judged, until after a day a person is shown it', async () => {
			const id = await openedBy('a');
			await ended('waiting');
			clock.advance(23 * HOUR);
			await store.doDueWork();
			expect(await conversationOf(store, id)).toMatchObject({ flag: null, queue: null });
			clock.advance(HOUR);
			await store.doDueWork();
			expect(await conversationOf(store, id)).toMatchObject({ flag: 'flow_failed', queue: null });
		});

		test('no trigger wanted it, or it was taken off its agent: flagged after ten minutes', async () => {
			const unwanted = await store.openConversation(opening('a', { channel: 'other' }));
			await team(store, 'sales', { ann: 1 });
			const left = await handled(store, 'b', 'sales');
			await store.unassignConversation({
				conversationId: left.id,
				requeue: false,
				reason: 'returned',
				source: 'user',
			});
			const inHand = await openedBy('c');
			clock.advance(10 * MINUTE - 1);
			await store.doDueWork();
			expect((await conversationOf(store, unwanted.conversation.id)).flag).toBeNull();
			clock.advance(1);
			await store.doDueWork();
			expect((await conversationOf(store, unwanted.conversation.id)).flag).toBe('unattended');
			expect((await conversationOf(store, left.id)).flag).toBe('unassigned');
			expect((await conversationOf(store, inHand)).flag).toBeNull();
		});

		test('invariant 7: those of one moment are flagged in the order of their ids', async () => {
			const ids: string[] = [];
			for (const who of ['a', 'b', 'c', 'd', 'e']) {
				const { conversation } = await store.openConversation(opening(who, { channel: 'other' }));
				ids.push(conversation.id);
			}
			// Rows that were changed lie behind the others on PostgreSQL.
			await store.engine.db
				.updateTable('conversations')
				.set({ reply_to: 'x' })
				.where('id', 'in', ids.slice(0, 3))
				.execute();
			clock.advance(10 * MINUTE);
			await store.doDueWork();
			const flagged = await store.engine.db
				.selectFrom('events')
				.select('conversation_id')
				.where('workspace', '=', store.workspace)
				.where('type', '=', 'flow_failed')
				.orderBy('id')
				.execute();
			expect(flagged.map((row) => row.conversation_id)).toEqual(ids);
		});

		test('an execution that is asked for and never begins: flagged after an hour', async () => {
			const asked = await openedBy('a');
			const acting = await openedBy('b');
			const [, second] = await store.claimDeliveries({ subscriptionId, limit: 2 });
			const deliveryId = second?.id ?? '';
			await store.claimExecution({ deliveryId, executionId: '1', free: false });
			clock.advance(HOUR - 1);
			await store.doDueWork();
			expect((await conversationOf(store, asked)).flag).toBeNull();
			clock.advance(1);
			await store.doDueWork();
			expect((await conversationOf(store, asked)).flag).toBe('unattended');
			expect((await conversationOf(store, acting)).flag).toBeNull();
		});

		test('a test run is watched by the person who started it', async () => {
			const tests = store.forTests();
			const test = trigger({ isTest: true });
			const { id } = await tests.subscribe(test);
			const { conversationId } = await receive(tests, message('a'), {
				subscriber: test,
				alwaysOpen: true,
			});
			const [delivery] = await tests.claimDeliveries({ subscriptionId: id, limit: 1 });
			await tests.finishDelivery({
				id: delivery?.id ?? '',
				outcome: { kind: 'ran', status: 'error' },
			});
			clock.advance(HOUR);
			await tests.doDueWork();
			expect(await conversationOf(tests, conversationId ?? '')).toMatchObject({
				flag: null,
				queue: null,
			});
		});
	});

	describe('subscriptions', () => {
		test('a republish keeps what is owed, and what happens meanwhile', async () => {
			await openedBy('before');
			await store.endSubscription(subscriptionId);
			clock.advance(MINUTE);
			await store.doDueWork();
			await openedBy('meanwhile');
			clock.advance(8 * MINUTE);
			await store.doDueWork();
			expect(await store.subscribe(input)).toEqual({ id: subscriptionId, missed: 0 });
			expect((await claim()).map(({ item }) => item?.contact?.name)).toEqual([
				'before',
				'meanwhile',
			]);
		});

		test('ten minutes after a goodbye it expires, visibly, and the conversation is cared for', async () => {
			const id = await openedBy('a');
			await store.endSubscription(subscriptionId);
			clock.advance(10 * MINUTE);
			await store.doDueWork();
			expect((await store.countEverything()).deliveries).toEqual({ pending: 1 });
			clock.advance(1);
			await store.doDueWork();
			await store.doDueWork();
			expect((await store.countEverything()).deliveries).toEqual({ expired: 1 });
			expect((await conversationOf(store, id)).queue).not.toBeNull();
			await store.subscribe(input);
			expect(await claim()).toEqual([]);
		});

		test('what expires is not run again: its trigger is gone', async () => {
			await withPolicy({ action: 'retry', team: null, retries: 5 });
			const id = await openedBy('a');
			await store.endSubscription(subscriptionId);
			clock.advance(11 * MINUTE);
			await store.doDueWork();
			await store.doDueWork();
			expect(await eventsOf(store, id)).toEqual(['opened', 'flow_failed', 'queued']);
		});

		test('an ended trigger is owed nothing new, until it receives something itself', async () => {
			await openedBy('a');
			await claim();
			await store.endSubscription(subscriptionId);
			clock.advance(11 * MINUTE);
			await opened(store, 'b');
			await openedBy('c');
			expect((await claim()).map(({ item }) => item?.contact?.name)).toContain('c');
			expect((await claim()).map(({ item }) => item?.contact?.name)).not.toContain('b');
		});

		test('silent for 24 hours it has ended; on return it starts at now and says how many it missed', async () => {
			const { id } = await store.subscribe(listener(['opened']));
			const input = listener(['opened'], { workflowId: id.split(':')[0] ?? '' });
			await opened(store, 'owed');
			clock.advance(DAY + 2 * MINUTE);
			await store.doDueWork();
			expect(await store.claimDeliveries({ subscriptionId: id, limit: 5 })).toHaveLength(1);
			clock.advance(1);
			await store.doDueWork();
			clock.advance(11 * MINUTE);
			await opened(store, 'missed 1');
			await opened(store, 'missed 2');
			await store.doDueWork();
			expect(await store.subscribe(input)).toEqual({ id, missed: 2 });
			expect(await store.claimDeliveries({ subscriptionId: id, limit: 5 })).toEqual([]);
			await opened(store, 'new');
			expect(await store.claimDeliveries({ subscriptionId: id, limit: 5 })).toHaveLength(1);
		});

		test('a machine that slept for days goes on; one that said goodbye does not', async () => {
			clock.advance(3 * DAY);
			await store.doDueWork();
			await store.renewSubscription(subscriptionId);
			clock.advance(HOUR);
			await openedBy('a');
			expect(await claim()).toHaveLength(1);
			await store.endSubscription(subscriptionId);
			await store.renewSubscription(subscriptionId);
			clock.advance(11 * MINUTE);
			await opened(store, 'b');
			expect((await claim()).map(({ item }) => item?.contact?.name)).toEqual(['a']);
		});

		test('a listener is owed the events that its filter names, on the channels and teams it names', async () => {
			await team(store, 'sales');
			const make = async (filter: object) =>
				(await store.subscribe(listener(['routed'], { filter: { events: ['routed'], ...filter } })))
					.id;
			const all = await make({});
			const sales = await make({ teams: ['sales'], channels: ['chat'] });
			const others = await make({ teams: ['care'] });
			const sms = await make({ channels: ['sms'] });
			const id = await opened(store, 'a');
			await route(store, id, 'sales');
			const owed = async (id: string) =>
				await store.claimDeliveries({ subscriptionId: id, limit: 5 });
			expect(await owed(all)).toMatchObject([
				{ item: { event: { type: 'routed' }, conversation: { id } } },
			]);
			expect(await owed(sales)).toHaveLength(1);
			expect(await owed(others)).toEqual([]);
			expect(await owed(sms)).toEqual([]);
		});
	});

	describe('leases', () => {
		test('one holder at a time; renewed by it; taken over when it ends', async () => {
			const other = await engine.openStore({ clock, workspace: store.workspace });
			const name = `pump:${store.workspace}`;
			expect(await store.takeLease({ name, duration: MINUTE })).toBe(true);
			expect(await other.takeLease({ name, duration: MINUTE })).toBe(false);
			clock.advance(MINUTE);
			expect(await store.takeLease({ name, duration: MINUTE })).toBe(true);
			clock.advance(MINUTE + 1);
			expect(await other.takeLease({ name, duration: MINUTE })).toBe(true);
			expect(await store.takeLease({ name, duration: MINUTE })).toBe(false);
		});

		test('invariant 12: what is finished is removed after 30 days', async () => {
			await team(store, 'sales', { ann: 1 });
			const id = await openedBy('a');
			await assign(store, id, { to: { kind: 'team', team: 'sales' } });
			await ended('success');
			clock.advance(30 * DAY);
			await store.doDueWork();
			expect((await store.countEverything()).deliveries).toEqual({ done: 1 });
			clock.advance(1);
			await store.doDueWork();
			expect((await store.countEverything()).deliveries).toEqual({});
		});
	});
}
