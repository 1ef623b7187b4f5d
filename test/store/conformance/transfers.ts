import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import { decline, returning, snooze, toAgent, toTeam } from '../support/returning';
import {
	assign,
	assigneeOf,
	close,
	conversationOf,
	eventsOf,
	expectError,
	handled,
	lastEvent,
	online,
	opened,
	route,
	team,
} from '../support/samples';

/** What a person decides about who has a conversation. */
export function transfersSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		await team(store, 'sales', { ann: 1 });
		await team(store, 'care', { bob: 1 });
	});
	afterEach(async () => await assertConsistent(store));

	const unitsOf = async (...agents: string[]) =>
		await Promise.all(agents.map(async (agent) => (await store.getAgent(agent)).openUnits));

	describe('to an agent', () => {
		test('it counts, also above the capacity, and the one before gets the next', async () => {
			const { id } = await handled(store, 'a', 'sales');
			await handled(store, 'of bob', 'care');
			const waiting = await handled(store, 'b', 'sales');
			clock.advance(MINUTE);
			const result = await toAgent(store, id, 'bob', 'Knows the contact');
			expect(result).toMatchObject({
				...{ outcome: 'assigned', alreadyAssigned: false, assignedFromQueue: 1 },
				conversation: { assignee: { key: 'bob' }, team: { key: 'sales' } },
			});
			expect(await assigneeOf(store, waiting.id)).toBe('ann');
			expect(await unitsOf('ann', 'bob')).toEqual([1, 2]);
			expect((await eventsOf(store, id)).slice(3)).toEqual(['commented', 'unassigned', 'assigned']);
			expect(await lastEvent(store, id, 'assigned')).toMatchObject({
				...{ agent: 'bob', decision: null, reason: 'Given by hand' },
			});
		});

		test('from the queue: it leaves it', async () => {
			await handled(store, 'a', 'sales');
			const { id } = await handled(store, 'b', 'sales');
			expect(await toAgent(store, id, 'ann')).toMatchObject({
				conversation: { queue: null, assignee: { key: 'ann' } },
			});
			expect(await unitsOf('ann')).toEqual([2]);
		});

		test('who has it already keeps it: nothing changes, and the comment is stored', async () => {
			const { id } = await handled(store, 'a', 'sales');
			const before = await eventsOf(store, id);
			expect(await toAgent(store, id, 'ann')).toMatchObject({ alreadyAssigned: true });
			expect(await eventsOf(store, id)).toEqual(before);
			await toAgent(store, id, 'ann', 'By the way');
			expect(await eventsOf(store, id)).toEqual([...before, 'commented']);
			expect(await unitsOf('ann')).toEqual([1]);
		});

		test('also to one who is offline, or excluded', async () => {
			const { id } = await handled(store, 'a', 'sales');
			await decline(store, id, 'ann');
			await store.upsertAgent({ key: 'ann', availability: 'offline', source: 'user' });
			await toAgent(store, id, 'ann');
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('comes back as before when nobody replies: the policy stays', async () => {
			await online(store, 'cem', ['sales'], 1);
			const { id } = await handled(store, 'a', 'sales', { policy: returning() });
			await toAgent(store, id, 'bob');
			clock.advance(10 * MINUTE);
			await store.doDueWork();
			expect(['ann', 'cem']).toContain(await assigneeOf(store, id));
		});

		test('errors: nothing has happened then', async () => {
			const { id } = await handled(store, 'a', 'sales');
			const before = await eventsOf(store, id);
			const gone = toAgent(store, id, 'nobody', 'x');
			await expectError(gone, 'AgentNotFound', /no agent 'nobody'/, /Create the agent/);
			const empty = toAgent(store, id, 'bob', '  ');
			await expectError(empty, 'InvalidInput', /Comment is empty/, /Correct/);
			await expectError(toTeam(store, id, 'x'), 'TeamNotFound', /no team 'x'/, /sales/);
			expect(await eventsOf(store, id)).toEqual(before);
			await close(store, id);
			const late = toAgent(store, id, 'bob');
			await expectError(late, 'ConversationClosed', /is closed/, /next message/);
		});

		test('two at once, crosswise: both change hands', async () => {
			const { workspace } = store;
			const other = await engine.openClient({ clock, workspace });
			const first = await handled(store, 'a', 'sales');
			const second = await handled(store, 'b', 'care');
			for (let i = 0; i < 4; i++) {
				const [a, b] = i % 2 === 0 ? ['bob', 'ann'] : ['ann', 'bob'];
				await Promise.all([toAgent(store, first.id, a), toAgent(other, second.id, b)]);
				expect(await assigneeOf(store, first.id)).toBe(a);
				expect(await assigneeOf(store, second.id)).toBe(b);
			}
			expect(await unitsOf('ann', 'bob')).toEqual([1, 1]);
		});
	});

	describe('to a team', () => {
		test('whoever is free there gets it at once', async () => {
			const { id } = await handled(store, 'a', 'sales');
			expect(await toTeam(store, id, 'care')).toMatchObject({
				outcome: 'assigned',
				conversation: { team: { key: 'care' }, assignee: { key: 'bob' } },
			});
			expect(await unitsOf('ann', 'bob')).toEqual([0, 1]);
			expect((await eventsOf(store, id)).slice(3)).toEqual([
				...['unassigned', 'routed', 'queued', 'assigned'],
			]);
		});

		test('nobody free: it waits there since it was first assigned, and ann gets the next', async () => {
			const { id } = await handled(store, 'a', 'sales');
			const since = new Date(clock()).toISOString();
			await handled(store, 'of bob', 'care');
			clock.advance(MINUTE);
			const waiting = await handled(store, 'b', 'sales');
			expect(await toTeam(store, id, 'care')).toMatchObject({
				...{ outcome: 'queued', assignedFromQueue: 1 },
				conversation: { queue: { team: 'care', enteredAt: since, position: 1 } },
			});
			expect(await assigneeOf(store, waiting.id)).toBe('ann');
		});

		test('of its agent: somebody else gets it, or the same where there is nobody else', async () => {
			const { id } = await handled(store, 'a', 'sales');
			await toTeam(store, id, 'sales');
			expect(await assigneeOf(store, id)).toBe('ann');
			await online(store, 'cem', ['sales'], 1);
			await toTeam(store, id, 'sales');
			expect(await assigneeOf(store, id)).toBe('cem');
			await handled(store, 'b', 'sales');
			expect(await unitsOf('ann', 'cem')).toEqual([1, 1]);
		});

		test('one that waits for an agent waits for the team then', async () => {
			await handled(store, 'a', 'sales');
			const to = { kind: 'agent', agent: 'ann' } as const;
			const { id } = await handled(store, 'b', 'sales', { to });
			expect(await conversationOf(store, id)).toMatchObject({ queue: {} });
			await toTeam(store, id, 'care');
			expect(await assigneeOf(store, id)).toBe('bob');
		});

		test('one that nobody has asked to assign is assigned by turns', async () => {
			const id = await opened(store, 'a');
			await toTeam(store, id, 'care');
			expect(await lastEvent(store, id, 'assigned')).toMatchObject({
				...{ agent: 'bob', decision: { strategy: 'roundRobin' } },
			});
		});

		test('a snoozed one wakes', async () => {
			const { id } = await handled(store, 'a', 'sales');
			await snooze(store, id);
			await toTeam(store, id, 'care');
			expect(await conversationOf(store, id)).toMatchObject({
				...{ status: 'open', assignee: { key: 'bob' } },
			});
			expect(await eventsOf(store, id)).toContain('woken');
		});
	});

	test('by whom: an agent is told as such', async () => {
		const { id } = await handled(store, 'a', 'sales');
		await store.transferConversation({
			conversationId: id,
			to: { kind: 'agent', agent: 'bob' },
			...{ source: 'user', actor: 'ann', comment: 'Over to you' },
		});
		const history = await store.conversationHistory(id);
		expect(history.find(({ type }) => type === 'comment')).toMatchObject({ source: 'ann' });
		expect(await lastEvent(store, id, 'assigned')).toMatchObject({
			reason: "Given by hand by 'ann'",
		});
		// A person's decision: routing to another team leaves it alone.
		expect(await route(store, id, 'sales')).toMatchObject({ routed: true });
		await team(store, 'other');
		expect(await route(store, id, 'other')).toMatchObject({ keptAssignee: true });
		expect((await assign(store, id)).alreadyAssigned).toBe(true);
	});
}
