import type { AssignConversationInput } from '../../../nodes/store/operations/assignConversation';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { DAY, MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import { assign, assigneeOf, close, handled, online, opened, route } from '../support/samples';

const policy = { strategy: 'roundRobin' as const, onlyOnline: true, maxOpen: null };

/** What a conversation asks of its agent, and how long it waits for that. */
export function wishesSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		await store.upsertTeam({ key: 'care' });
	});
	afterEach(async () => await assertConsistent(store));

	/** Opened, routed to care, and asked for like this. */
	async function asks(who: string, changes: Partial<AssignConversationInput>) {
		const id = await opened(store, who);
		await route(store, id, 'care');
		return { id, ...(await assign(store, id, changes)) };
	}

	const knows = async (key: string, what: { skills?: string[]; languages?: string[] }) =>
		await store.upsertAgent({ key, ...what, source: 'user' });

	describe('skills and language', () => {
		test('only who has them is chosen; who waits for them is passed by', async () => {
			await online(store, 'ann', ['care'], 2);
			await online(store, 'bob', ['care'], 1);
			await knows('bob', { skills: ['Refunds'], languages: ['ar'] });
			const skilled = { policy: { ...policy, skills: ['refunds'], language: 'ar-EG' } };
			const first = await asks('c1', skilled);
			expect(first.conversation.assignee?.key).toBe('bob');
			const second = await asks('c2', skilled);
			expect(second).toMatchObject({
				outcome: 'queued',
				decision: { blockedBy: 'everybodyAtCapacity' },
			});
			const third = await asks('c3', {});
			expect(third.conversation.assignee?.key).toBe('ann');
			await close(store, first.id);
			expect(await assigneeOf(store, second.id)).toBe('bob');
		});

		test('after the time they are asked for no longer, and it keeps its place', async () => {
			await online(store, 'ann', ['care'], 1);
			const first = await asks('c1', {});
			const waits = { policy: { ...policy, skills: ['refunds'] }, relaxAfter: 5 * MINUTE };
			const second = await asks('c2', waits);
			expect(second.decision).toMatchObject({ blockedBy: 'nobodyQualified' });
			clock.advance(MINUTE);
			const third = await asks('c3', {});
			await close(store, first.id);
			expect(await assigneeOf(store, third.id)).toBe('ann');
			clock.advance(4 * MINUTE);
			await close(store, third.id);
			expect(await assigneeOf(store, second.id)).toBe('ann');
			const history = await store.conversationHistory(second.id);
			const { decision } = history.find(({ type }) => type === 'assigned')?.data as {
				decision: { explanation: string };
			};
			expect(decision.explanation).toContain('no longer asked for');
		});

		test('the pump notices that the time is over, without anybody coming free', async () => {
			await online(store, 'ann', ['care'], 1);
			const waits = { policy: { ...policy, skills: ['refunds'] }, relaxAfter: 5 * MINUTE };
			const { id } = await asks('c1', waits);
			await store.doDueWork();
			expect(await assigneeOf(store, id)).toBeNull();
			clock.advance(5 * MINUTE);
			await store.doDueWork();
			expect(await assigneeOf(store, id)).toBe('ann');
		});
	});

	describe('the agent before', () => {
		const prefer = { within: 10 * DAY, waitAtMost: 10 * MINUTE };

		/** `who` had a conversation with ann, who then got two others and is full. */
		async function known(who: string) {
			await online(store, 'ann', ['care'], 1);
			await handled(store, who, 'care');
			await close(store, (await store.getOpenConversation(who)).conversation.id);
			await online(store, 'bob', ['care'], 5);
		}

		test('is chosen when free, and it is nobody’s turn', async () => {
			await known('c1');
			expect(await asks('c1', { prefer })).toMatchObject({
				conversation: { assignee: { key: 'ann' } },
				decision: { via: 'preferred' },
			});
			const turns = await store.engine.db
				.selectFrom('turns')
				.selectAll()
				.where('workspace', '=', store.workspace)
				.execute();
			expect(turns).toMatchObject([{ agent_key: 'ann', turn_count: 1, last_turn: 1 }]);
		});

		test('is waited for, and after that everybody may take it', async () => {
			await known('c1');
			await asks('c2', { to: { kind: 'agent', agent: 'ann' } });
			const waits = await asks('c1', { prefer });
			expect(waits).toMatchObject({
				outcome: 'queued',
				decision: { blockedBy: 'waitsForPreferred' },
			});
			// Who waits for the agent before blocks nobody.
			expect((await asks('c3', {})).conversation.assignee?.key).toBe('bob');
			clock.advance(10 * MINUTE);
			await store.doDueWork();
			expect(await assigneeOf(store, waits.id)).toBe('bob');
		});

		test('coming free meanwhile gets it', async () => {
			await known('c1');
			const busy = await asks('c2', { to: { kind: 'agent', agent: 'ann' } });
			const waits = await asks('c1', { prefer });
			await close(store, busy.id);
			expect(await assigneeOf(store, waits.id)).toBe('ann');
		});

		test('the wait fades with the days, and is none after them', async () => {
			await known('c1');
			await asks('c2', { to: { kind: 'agent', agent: 'ann' } });
			clock.advance(5 * DAY);
			const { id } = await asks('c1', { prefer });
			clock.advance(5 * MINUTE - 1);
			await store.doDueWork();
			expect(await assigneeOf(store, id)).toBeNull();
			clock.advance(1);
			await store.doDueWork();
			expect(await assigneeOf(store, id)).toBe('bob');
			await close(store, id);
			clock.advance(11 * DAY);
			expect((await asks('c1', { prefer })).decision).toMatchObject({ via: 'strategy' });
		});
	});

	test('a trial run changes nothing', async () => {
		await online(store, 'ann', ['care'], 1);
		const id = await opened(store, 'c1');
		await route(store, id, 'care');
		const tables = ['conversations', 'events', 'turns', 'agent_loads', 'deliveries'] as const;
		const everything = async () =>
			await Promise.all(
				tables.map((table) =>
					store.engine.db
						.selectFrom(table)
						.selectAll()
						.where('workspace', '=', store.workspace)
						.execute(),
				),
			);
		const before = await everything();
		const wishes = { dryRun: true, weight: 3, priority: 2, exclude: ['bob'] };
		expect(await assign(store, id, wishes)).toMatchObject({
			outcome: 'queued',
			conversation: { assignee: null, queue: null, priority: 0 },
		});
		expect(await assign(store, id, { dryRun: true })).toMatchObject({
			outcome: 'assigned',
			decision: { chosen: { key: 'ann' } },
			conversation: { assignee: null },
		});
		expect(await everything()).toEqual(before);
	});

	test('weight and priority: heavy ones take more room, urgent ones go first', async () => {
		await online(store, 'ann', ['care'], 3);
		const heavy = await asks('c1', { weight: 3 });
		expect(heavy.outcome).toBe('assigned');
		const early = await asks('c2', {});
		clock.advance(MINUTE);
		const urgent = await asks('c3', { priority: 5, weight: 2 });
		expect(urgent.conversation.queue).toMatchObject({ position: 1 });
		await close(store, heavy.id);
		expect(await assigneeOf(store, urgent.id)).toBe('ann');
		expect(await assigneeOf(store, early.id)).toBe('ann');
	});

	test('the expected wait is told from how fast the queue has moved', async () => {
		await online(store, 'ann', ['care'], 1);
		let { id: busy } = await asks('busy', {});
		const queueOf = async (id: string) => (await store.getConversation(id)).conversation.queue;
		const waiting: string[] = [];
		for (const who of ['c1', 'c2', 'c3', 'c4', 'c5']) waiting.push((await asks(who, {})).id);
		expect(await queueOf(waiting[0]!)).toMatchObject({ position: 1, expectedWaitSeconds: null });
		for (const next of waiting.slice(0, 3)) {
			clock.advance(4 * MINUTE);
			await close(store, busy);
			busy = next;
		}
		expect(await queueOf(waiting[3]!)).toMatchObject({ position: 1, expectedWaitSeconds: 240 });
		clock.advance(MINUTE);
		expect(await queueOf(waiting[3]!)).toMatchObject({ expectedWaitSeconds: 180 });
		expect(await queueOf(waiting[4]!)).toMatchObject({ position: 2, expectedWaitSeconds: 420 });
		await store.setAvailability({
			...{ key: 'ann', availability: 'offline', onlineUntil: null, source: 'user' },
		});
		expect(await queueOf(waiting[3]!)).toMatchObject({ position: 1, expectedWaitSeconds: null });
	});
}
