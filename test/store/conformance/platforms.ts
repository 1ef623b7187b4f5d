import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { inTeam, NOBODY, openDesk, telling, to, type Change, type Desk } from '../support/desk';
import { DAY, MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import {
	assign,
	assigneeOf,
	close,
	conversationOf,
	eventsOf,
	expectError,
	lastEvent,
	listener,
	opened,
	receive,
	route,
	trigger,
} from '../support/samples';
import { exported } from '../support/transfer';

/** What a platform is told, and how it and the store agree. */
export function platformsSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;
	let desk: Desk;

	beforeEach(async () => {
		store = await engine.openStore({ clock: (clock = testClock()) });
		desk = await openDesk(store);
	});
	afterEach(async () => await assertConsistent(store));

	describe('what it is told', () => {
		test('of its conversations: team, agent, comments, the end; whoever did it', async () => {
			const id = await desk.opens('amal');
			await receive(store, desk.written('amal'));
			await route(store, id, 'sales');
			await assign(store, id);
			await store.addComment({ conversationId: id, text: 'A note', source: 'workflow' });
			const held = await desk.opens('basma');
			await route(store, held, 'sales');
			await assign(store, held);
			await store.unassignConversation({
				conversationId: id,
				requeue: false,
				reason: 'x',
				source: 'user',
			});
			await close(store, id);
			expect(await eventsOf(store, held)).toEqual(['opened', 'routed', 'queued', 'assigned']);
			expect(await desk.tell()).toEqual([
				...['routed', 'assigned', 'commented', 'routed'],
				...['unassigned', 'assigned', 'closed'],
			]);
			expect(await desk.tell()).toEqual([]);
		});

		test('nothing of what lives elsewhere, on another account, or with nobody', async () => {
			const elsewhere = await opened(store, 'amal');
			const other = (await receive(store, desk.written('basma', '9', '7:2'))).conversationId ?? '';
			for (const id of [elsewhere, other]) {
				await route(store, id, 'sales');
				await close(store, id);
			}
			await store.setAvailability({
				...{ key: 'ann', availability: 'away', onlineUntil: null, source: 'user' },
			});
			expect(await desk.tell()).toEqual([]);
		});

		test('nothing of what was done there, and all that followed from it here', async () => {
			const id = await desk.opens('amal');
			await desk.done('amal', inTeam('11'));
			await desk.done('amal', to('1'));
			const { id: waits } = await desk.handled('basma', 'sales');
			expect(await desk.tell()).toEqual([]);
			await desk.done('amal', NOBODY);
			expect(await assigneeOf(store, waits)).toBe('ann');
			const owed = await store.claimDeliveries({ subscriptionId: desk.teller, limit: 5 });
			expect(owed).toMatchObject([
				{ item: { event: { type: 'assigned' }, conversation: { id: waits } } },
			]);
			await desk.done('amal', { type: 'closed' });
			expect(await desk.tell()).toEqual([]);
			expect(await lastEvent(store, id, 'closed')).toMatchObject({ origin: 'desk' });
		});

		test('by one trigger, whoever else receives from there, and by one that lives', async () => {
			const second = trigger({ channel: 'desk', accounts: ['7:1'] });
			await store.subscribe(second);
			const tellers = [desk.teller, await telling(store, second)];
			const heard = async () => [await desk.tell(tellers[0]), await desk.tell(tellers[1])];
			const id = await desk.opens('amal');
			await route(store, id, 'sales');
			expect((await heard()).flat()).toEqual(['routed']);
			for (const [i, living] of tellers.entries()) {
				clock.advance(3 * MINUTE);
				await store.renewSubscription(living);
				await route(store, id, i === 0 ? 'care' : 'sales');
				const expected: unknown[] = [[], []];
				expected[i] = ['routed'];
				expect(await heard()).toEqual(expected);
			}
			// Nobody lives: it is owed all the same.
			clock.advance(3 * MINUTE);
			await route(store, id, 'care');
			expect((await heard()).flat()).toEqual(['routed']);
		});

		test('by one that receives from its account: another account has its own', async () => {
			const second = trigger({ channel: 'desk', accounts: ['7:2'] });
			await store.subscribe(second);
			const other = await telling(store, second);
			const there = (await receive(store, desk.written('basma', '9', '7:2'))).conversationId ?? '';
			await route(store, there, 'sales');
			await route(store, await desk.opens('amal'), 'care');
			expect(await desk.tell(other)).toEqual(['routed']);
			expect(await desk.tell()).toEqual(['routed']);
		});

		test('once it is there again', async () => {
			await route(store, await desk.opens('amal'), 'sales');
			const [delivery] = await store.claimDeliveries({ subscriptionId: desk.teller, limit: 1 });
			await store.finishDelivery({
				id: delivery?.id ?? '',
				outcome: { kind: 'notStarted', pause: 5 * MINUTE },
			});
			clock.advance(5 * MINUTE - 1);
			expect(await desk.tell()).toEqual([]);
			clock.advance(1);
			expect(await desk.tell()).toEqual(['routed']);
		});

		test('however long it is away: the store is the authority, and tells it afterwards', async () => {
			await route(store, await desk.opens('amal'), 'sales');
			for (let i = 0; i < 60; i++) {
				const owed = await store.claimDeliveries({ subscriptionId: desk.teller, limit: 1 });
				expect(owed).toHaveLength(1);
				// Now and then its process dies as well.
				for (const { id } of i % 10 === 0 ? [] : owed) {
					await store.finishDelivery({ id, outcome: { kind: 'notStarted' } });
				}
				await store.renewSubscription(desk.teller);
				clock.advance(5 * MINUTE);
			}
			expect(await desk.tell()).toEqual(['routed']);
		});

		test('what it refuses is given up and shown, and nobody takes the conversation for lost', async () => {
			const id = await desk.opens('amal');
			await store.addComment({ conversationId: id, text: 'A note', source: 'user' });
			const [delivery] = await store.claimDeliveries({ subscriptionId: desk.teller, limit: 1 });
			const deliveryId = delivery?.id ?? '';
			// The disk of a machine that tests is no concern here.
			const problems = async () =>
				(await store.checkHealth()).problems.filter(({ code }) => code === 'platformsNotTold');
			await store.finishDelivery({
				id: deliveryId,
				outcome: { kind: 'refused', why: 'The desk does not know this conversation' },
			});
			await store.doDueWork();
			expect(await problems()).toMatchObject([{ count: 1, examples: [deliveryId] }]);
			const { run_status: why } = await store.engine.db
				.selectFrom('deliveries')
				.select('run_status')
				.where('id', '=', deliveryId)
				.executeTakeFirstOrThrow();
			expect(why).toBe('The desk does not know this conversation');
			expect(await conversationOf(store, id)).toMatchObject({ queue: null, flag: null });
			expect(await eventsOf(store, id)).toEqual(['opened', 'commented']);
			await store.retryDelivery({ id: deliveryId, evenIfClosed: false, source: 'user' });
			expect(await desk.tell()).toEqual(['commented']);
			expect(await problems()).toEqual([]);
		});
	});

	describe('two words at once', () => {
		test('what was done here and is still to be told stands; then the word from there counts', async () => {
			// Who only listens is no platform that has to be told.
			await store.subscribe(listener(['routed', 'assigned']));
			const id = await desk.opens('amal');
			await route(store, id, 'sales');
			await assign(store, id);
			for (const change of [NOBODY, inTeam('12')])
				expect(await desk.done('amal', change)).toBe(false);
			const [first] = await store.claimDeliveries({ subscriptionId: desk.teller, limit: 1 });
			expect(await desk.done('amal', inTeam('12'))).toBe(false);
			await store.finishDelivery({
				id: first?.id ?? '',
				outcome: { kind: 'ran', status: 'success' },
			});
			// Of another kind, which is still owed.
			expect(await desk.done('amal', NOBODY)).toBe(false);
			expect(await desk.done('amal', inTeam('12'))).toBe(true);
			const [second] = await store.claimDeliveries({ subscriptionId: desk.teller, limit: 1 });
			await store.finishDelivery({
				id: second?.id ?? '',
				outcome: { kind: 'refused', why: 'It does not know ann' },
			});
			expect(await desk.done('amal', NOBODY)).toBe(true);
		});

		test('no loop: what it was told comes back and changes nothing', async () => {
			const id = await desk.opens('amal');
			const quiet = async (change: Change) => {
				await desk.tell();
				const before = await eventsOf(store, id);
				expect(await desk.done('amal', change)).toBe(false);
				expect(await eventsOf(store, id)).toEqual(before);
				expect(await desk.tell()).toEqual([]);
			};
			await route(store, id, 'sales');
			await quiet(inTeam('11'));
			await assign(store, id);
			await quiet(to('1'));
			const leaving = { conversationId: id, reason: 'x', source: 'user' };
			await store.unassignConversation({ ...leaving, requeue: false });
			await quiet(NOBODY);
			await close(store, id);
			await quiet({ type: 'closed' });
		});
	});

	describe('comments', () => {
		const comment = async (conversationId: string, text = 'Prefers mornings') =>
			await store.addComment({ conversationId, text, source: 'user', actor: 'ann' });
		const notes = async (id: string) =>
			(await store.conversationHistory(id)).filter(({ type }) => type === 'comment');

		test('are in the history and an event, and no message to the contact', async () => {
			const id = await desk.opens('amal');
			const item = await comment(id);
			expect(item).toMatchObject({
				conversation: { id, messageCount: 1 },
				message: { type: 'comment', text: 'Prefers mornings' },
			});
			await comment(id);
			expect(await notes(id)).toMatchObject([
				{ kind: 'message', source: 'ann', text: 'Prefers mornings' },
				{ kind: 'message', source: 'ann' },
			]);
			expect((await store.conversationHistory(id)).map(({ type }) => type)).not.toContain(
				'commented',
			);
			const [owed] = await store.claimDeliveries({ subscriptionId: desk.teller, limit: 1 });
			expect(owed?.item).toMatchObject({
				event: { type: 'commented', source: 'user', actor: 'ann' },
				message: { text: 'Prefers mornings' },
			});
			const { recipient } = await store.findRecipient({ conversationId: id, via: 'last' });
			expect(recipient).toMatchObject({ channel: 'desk', to: 'of amal' });
			await expectError(comment(id, ' '), 'InvalidInput', /Comment is empty/, /Correct/);
			await expectError(comment('nothing'), 'ConversationNotFound', /'nothing'/, /Check/);
		});

		test('are removed by retention, also those written after it', async () => {
			await store.setRetention({ days: 1, source: 'user' });
			const id = await desk.opens('amal');
			await comment(id);
			await close(store, id);
			for (let i = 1; i <= 2; i++) {
				clock.advance(2 * DAY);
				expect(await exported(store)).toContain('mornings');
				await store.doDueWork();
				expect(await exported(store)).not.toContain('mornings');
				expect(await notes(id)).toHaveLength(i);
				await comment(id);
			}
		});

		test('are removed by an erasure, and nothing is written after it', async () => {
			const id = await desk.opens('amal');
			await comment(id);
			await store.eraseContact({ contact: 'amal', source: 'user' });
			await expectError(comment(id), 'ContactNotFound', /No contact/, /contact key/);
			expect(await exported(store)).not.toContain('mornings');
		});
	});

	test('a team keeps its IDs on other systems until it is given others', async () => {
		const handlesOf = async () => (await store.getTeam('sales')).handles;
		await store.upsertTeam({ key: 'sales', name: 'Sales' });
		expect(await handlesOf()).toEqual({ desk: '11' });
		await store.upsertTeam({ key: 'sales', handles: { other: 'x' } });
		expect(await handlesOf()).toEqual({ other: 'x' });
		const [listed] = await store.listTeams({ search: 'sales', limit: 5, offset: 0 });
		expect(listed).toMatchObject({ key: 'sales', name: 'Sales', handles: { other: 'x' } });
		await desk.opens('amal');
		expect(await desk.done('amal', inTeam('11'))).toBe(false);
	});
}
