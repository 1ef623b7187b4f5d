import type { AssignmentStrategy } from '../../../nodes/decisions/contracts';
import type { ConversationStore } from '../../../nodes/store/store';
import { agentsOverCapacity, assertConsistent } from '../support/consistency';
import {
	testClock,
	MINUTE,
	SECOND,
	type EngineUnderTest,
	type TestClock,
} from '../support/engines';
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
	setOnline,
	team,
} from '../support/samples';

const roundRobin = { strategy: 'roundRobin' as const, onlyOnline: true, maxOpen: null };

/** Routing, assigning, waiting and closing. */
export function assigningSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	const taken = async (ids: string[]) =>
		await Promise.all(ids.map(async (id) => await assigneeOf(store, id)));

	describe('routeConversation', () => {
		test('sets the team and records why', async () => {
			await team(store, 'sales');
			const id = await opened(store, 'amal');
			expect(await route(store, id, 'sales')).toMatchObject({
				routed: true,
				conversation: { team: { key: 'sales', name: 'sales' } },
			});
			expect(await lastEvent(store, id, 'routed')).toMatchObject({
				team: 'sales',
				decision: { reason: 'A test said so.' },
			});
		});

		test('without a team nothing changes but that it is recorded', async () => {
			const id = await opened(store, 'amal');
			expect(await route(store, id, null)).toMatchObject({
				routed: false,
				conversation: { team: null },
			});
			expect(await eventsOf(store, id)).toEqual(['opened', 'unrouted']);
		});

		test('takes it off an agent outside the new team, and gives that agent the next', async () => {
			await team(store, 'sales', { ann: 1 });
			await team(store, 'billing', { bob: 1 });
			const first = await handled(store, 'a', 'sales');
			const waiting = await handled(store, 'b', 'sales');
			expect(waiting.outcome).toBe('queued');
			await route(store, first.id, 'billing');
			expect(await taken([first.id, waiting.id])).toEqual([null, 'ann']);
			expect(await lastEvent(store, first.id, 'unassigned')).toMatchObject({ reason: 'rerouted' });
		});

		test('keeps an agent who is also of the new team', async () => {
			await team(store, 'sales', { ann: 1 });
			await team(store, 'billing');
			await online(store, 'ann', ['sales', 'billing'], 1);
			const { id } = await handled(store, 'a', 'sales');
			await route(store, id, 'billing');
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('invariant 8: one that waits moves with its first queue time, and is taken if somebody is free', async () => {
			await team(store, 'sales');
			await team(store, 'billing');
			await team(store, 'care', { cem: 1 });
			const { id, conversation } = await handled(store, 'a', 'sales');
			clock.advance(MINUTE);
			const moved = await route(store, id, 'billing');
			expect(moved.conversation.queue).toEqual({ ...conversation.queue, team: 'billing' });
			expect((await route(store, id, 'care')).conversation.assignee?.key).toBe('cem');
		});

		test('refuses a closed one, an unknown one, an unknown team', async () => {
			const id = await opened(store, 'a');
			const hint = /no teams yet.*Create one/;
			await expectError(route(store, id, 'x'), 'TeamNotFound', /There is no team 'x'/, hint);
			await team(store, 'sales');
			const known = /Teams in this workspace: sales/;
			await expectError(route(store, id, 'x'), 'TeamNotFound', /no team 'x'/, known);
			await expectError(
				route(store, 'x', 'sales'),
				'ConversationNotFound',
				/ID 'x'/,
				/same Conversation Store/,
			);
			await close(store, id);
			const closed = route(store, id, 'sales');
			await expectError(closed, 'ConversationClosed', /is closed/, /next message of the contact/);
		});
	});

	describe('assignConversation', () => {
		test('gives it to an agent, with the decision in the event and in the item', async () => {
			await team(store, 'sales', { ann: 3 });
			const { id, ...result } = await handled(store, 'a', 'sales');
			expect(result).toMatchObject({
				outcome: 'assigned',
				alreadyAssigned: false,
				decision: { chosen: { key: 'ann' }, strategy: 'roundRobin' },
				conversation: { assignee: { key: 'ann', name: 'ann', handles: {} }, queue: null },
			});
			expect(await lastEvent(store, id, 'assigned')).toMatchObject({
				agent: 'ann',
				team: 'sales',
				waitedMs: 0,
				decision: { chosen: { key: 'ann' } },
			});
			expect(await store.getAgent('ann')).toMatchObject({
				openUnits: 1,
				lastAssignedAt: '2026-01-05T09:00:00.000Z',
			});
			expect((await store.findContact('a')).lastAssignee).toBe('ann');
		});

		test('already assigned: that agent keeps it', async () => {
			await team(store, 'sales', { ann: 3 });
			const { id } = await handled(store, 'a', 'sales');
			expect(await assign(store, id)).toMatchObject({ outcome: 'assigned', alreadyAssigned: true });
			expect((await store.getAgent('ann')).openUnits).toBe(1);
		});

		test('to a team routes to it', async () => {
			await team(store, 'sales', { ann: 1 });
			const id = await opened(store, 'a');
			const result = await assign(store, id, { to: { kind: 'team', team: 'sales' } });
			expect(result.conversation).toMatchObject({
				team: { key: 'sales' },
				assignee: { key: 'ann' },
			});
			expect(await eventsOf(store, id)).toEqual(['opened', 'routed', 'assigned']);
		});

		test('to everybody, or to one agent, whatever the team', async () => {
			await team(store, 'sales');
			await team(store, 'other', { ann: 1, bob: 1 });
			const everybody = await handled(store, 'a', 'sales', { to: { kind: 'everybody' } });
			expect(everybody.conversation.assignee?.key).toBe('ann');
			const one = await handled(store, 'b', 'sales', { to: { kind: 'agent', agent: 'bob' } });
			expect(one.conversation.assignee?.key).toBe('bob');
		});

		test('errors: unknown agent and team', async () => {
			const id = await opened(store, 'a');
			const agent = assign(store, id, { to: { kind: 'agent', agent: 'x' } });
			await expectError(agent, 'AgentNotFound', /There is no agent 'x'/, /Create the agent/);
			const team = assign(store, id, { to: { kind: 'team', team: 'x' } });
			await expectError(team, 'TeamNotFound', /There is no team 'x'/, /Create one/);
			expect(await eventsOf(store, id)).toEqual(['opened']);
		});

		test('nobody free: it waits, and says why', async () => {
			await team(store, 'sales', { ann: 1 });
			await handled(store, 'a', 'sales');
			const { id, ...full } = await handled(store, 'b', 'sales');
			expect(full).toMatchObject({
				outcome: 'queued',
				decision: { chosen: null, blockedBy: 'everybodyAtCapacity' },
				conversation: {
					queue: { team: 'sales', position: 1, enteredAt: '2026-01-05T09:00:00.000Z' },
				},
			});
			expect(await eventsOf(store, id)).toEqual(['opened', 'routed', 'queued']);
			expect((await store.getTeam('sales')).queued).toBe(1);
			const third = await handled(store, 'c', 'sales');
			expect(third.conversation.queue?.position).toBe(2);
		});

		test('invariant 5: many at once never fill an agent beyond capacity, across teams', async () => {
			await team(store, 'sales');
			await team(store, 'care');
			await online(store, 'ann', ['sales', 'care'], 2);
			await online(store, 'bob', ['sales', 'care'], 3);
			const ids = [];
			for (let i = 0; i < 12; i++) ids.push(await opened(store, `c${i}`));
			const outcomes = await Promise.all(
				ids.map(
					async (id, i) =>
						(await assign(store, id, { to: { kind: 'team', team: i % 2 ? 'sales' : 'care' } }))
							.outcome,
				),
			);
			expect(outcomes.filter((outcome) => outcome === 'assigned')).toHaveLength(5);
			expect(await agentsOverCapacity(store)).toEqual([]);
		});

		test('invariant 6: round robin stays level, also for somebody who joins or comes back', async () => {
			await team(store, 'sales', { ann: null, bob: null, cem: null });
			const give = async (count: number) => {
				const got: Record<string, number> = {};
				for (let i = 0; i < count; i++) {
					clock.advance(SECOND);
					const { conversation } = await handled(store, `${clock()}`, 'sales');
					const key = conversation.assignee?.key ?? '';
					got[key] = (got[key] ?? 0) + 1;
				}
				return got;
			};
			expect(await give(6)).toEqual({ ann: 2, bob: 2, cem: 2 });
			await online(store, 'dan', ['sales']);
			expect(await give(4)).toEqual({ ann: 1, bob: 1, cem: 1, dan: 1 });
			// Gone while the others have many turns, then back: no run of conversations for cem.
			await online(store, 'cem', []);
			await give(9);
			await online(store, 'cem', ['sales']);
			const later = await give(8);
			expect(later).toEqual({ ann: 2, bob: 2, cem: 2, dan: 2 });
		});

		test('invariant 6: an attempt that finds nobody burns no turn', async () => {
			await team(store, 'sales', { ann: 1, bob: 1 });
			const turns = async () =>
				await store.engine.db
					.selectFrom('turns')
					.select(['agent_key', 'turn_count', 'last_turn'])
					.where('workspace', '=', store.workspace)
					.orderBy('agent_key')
					.execute();
			await handled(store, 'a', 'sales');
			await handled(store, 'b', 'sales');
			const before = await turns();
			await handled(store, 'c', 'sales');
			expect(await turns()).toEqual(before);
		});

		test.each<[AssignmentStrategy, string]>([
			['roundRobin', 'cem'],
			['leastOpen', 'bob'],
			['lowestLoad', 'ann'],
			['longestIdle', 'cem'],
		])('invariant 7: %s chooses the same from the same state', async (strategy, expected) => {
			await team(store, 'sales', { ann: 10, bob: 2, cem: 3 });
			const policy = { ...roundRobin, strategy };
			for (const agent of ['cem', 'cem', 'ann', 'ann', 'bob']) {
				clock.advance(SECOND);
				await handled(store, `${clock()}`, 'sales', { to: { kind: 'agent', agent } });
			}
			const { conversation } = await handled(store, 'next', 'sales', { policy });
			expect(conversation.assignee?.key).toBe(expected);
		});

		test('excluded agents stay excluded in the queue', async () => {
			await team(store, 'sales', { ann: 1 });
			const { id } = await handled(store, 'a', 'sales', { exclude: ['ann'] });
			await store.doDueWork();
			await setOnline(store, 'ann');
			expect(await assigneeOf(store, id)).toBeNull();
			await online(store, 'bob', ['sales'], 1);
			expect(await assigneeOf(store, id)).toBe('bob');
		});
	});

	describe('unassignConversation', () => {
		const unassign = async (id: string, requeue: boolean) =>
			await store.unassignConversation({
				conversationId: id,
				requeue,
				reason: 'declined',
				source: 'user',
			});

		test('frees the units, serves the queue, and does not go back at once', async () => {
			await team(store, 'sales', { ann: 1 });
			const first = await handled(store, 'a', 'sales');
			clock.advance(MINUTE);
			const second = await handled(store, 'b', 'sales');
			const result = await unassign(first.id, true);
			expect(result.conversation).toMatchObject({ assignee: null, queue: { position: 1 } });
			expect(await assigneeOf(store, second.id)).toBe('ann');
			expect(await eventsOf(store, first.id)).toEqual([
				'opened',
				'routed',
				'assigned',
				'unassigned',
				'queued',
			]);
		});

		test('invariant 8: keeps the first queue time through requeues', async () => {
			await team(store, 'sales', { ann: 0 });
			const { id } = await handled(store, 'a', 'sales');
			const entered = (await conversationOf(store, id)).queue?.enteredAt;
			clock.advance(MINUTE);
			await handled(store, 'b', 'sales');
			await online(store, 'ann', ['sales'], 1);
			expect(await assigneeOf(store, id)).toBe('ann');
			clock.advance(MINUTE);
			await setOnline(store, 'ann', false);
			const { conversation } = await unassign(id, true);
			expect(conversation.queue).toMatchObject({ enteredAt: entered, position: 1 });
		});

		test('keeps how a waiting one is to be assigned', async () => {
			await team(store, 'sales');
			await team(store, 'other', { ann: 1 });
			await setOnline(store, 'ann', false);
			const { id } = await handled(store, 'a', 'sales', { to: { kind: 'agent', agent: 'ann' } });
			await unassign(id, true);
			await setOnline(store, 'ann');
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('left for a person: neither owner nor queue', async () => {
			await team(store, 'sales', { ann: 1 });
			const { id } = await handled(store, 'a', 'sales');
			expect((await unassign(id, false)).conversation).toMatchObject({
				assignee: null,
				queue: null,
			});
			const listed = await store.listConversations({ status: 'unassigned', limit: 5, offset: 0 });
			expect(listed.map(({ conversation }) => conversation.id)).toEqual([id]);
		});
	});

	describe('the queue', () => {
		test('drains by priority, then by queue time', async () => {
			await team(store, 'sales');
			const ids: string[] = [];
			for (const who of ['a', 'b', 'c']) {
				clock.advance(SECOND);
				ids.push((await handled(store, who, 'sales')).id);
			}
			await store.engine.db
				.updateTable('conversations')
				.set({ priority: 5 })
				.where('id', '=', ids[2] ?? '')
				.execute();
			expect((await conversationOf(store, ids[0] ?? '')).queue?.position).toBe(2);
			const { assignedFromQueue } = await online(store, 'ann', ['sales'], 1);
			expect(assignedFromQueue).toBe(1);
			expect(await taken(ids)).toEqual([null, null, 'ann']);
			await online(store, 'ann', ['sales'], 2);
			expect(await taken(ids)).toEqual(['ann', null, 'ann']);
			expect(await lastEvent(store, ids[0] ?? '', 'assigned')).toMatchObject({
				waitedMs: 2 * SECOND,
			});
		});

		test('invariant 8: heads that nobody can take do not block the tail, however many they are', async () => {
			await team(store, 'sales', { ann: 1 });
			await team(store, 'other', { bob: 1 });
			await setOnline(store, 'bob', false);
			for (let i = 0; i < 60; i++) {
				const to = { kind: 'agent' as const, agent: 'bob' };
				await handled(store, `for bob ${i}`, 'sales', { to });
				await handled(store, `not for ann ${i}`, 'sales', { exclude: ['ann', `nobody ${i}`] });
			}
			await setOnline(store, 'ann', false);
			clock.advance(MINUTE);
			const { id } = await handled(store, 'tail', 'sales');
			expect((await setOnline(store, 'ann')).assignedFromQueue).toBe(1);
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('who waits for everybody, or for one agent, in the queue of a team of others', async () => {
			await team(store, 'sales');
			await team(store, 'other', { ann: 1, bob: 1 });
			for (const agent of ['ann', 'bob']) await setOnline(store, agent, false);
			const forBob = await handled(store, 'a', 'sales', { to: { kind: 'agent', agent: 'bob' } });
			const forAll = await handled(store, 'b', 'sales', { to: { kind: 'everybody' } });
			await setOnline(store, 'ann');
			expect(await taken([forBob.id, forAll.id])).toEqual([null, 'ann']);
			await setOnline(store, 'bob');
			expect(await assigneeOf(store, forBob.id)).toBe('bob');
		});

		test('serves the queue of everybody', async () => {
			const id = await opened(store, 'a');
			expect((await assign(store, id)).outcome).toBe('queued');
			await team(store, 'sales', { ann: 1 });
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('an agent whose lease ends is not chosen; the tick serves whom nobody called', async () => {
			await team(store, 'sales', { ann: 1 });
			const lease = { key: 'ann', availability: 'online' as const, source: 'user' };
			await store.setAvailability({ ...lease, onlineUntil: clock() + MINUTE });
			clock.advance(MINUTE);
			const { id, outcome } = await handled(store, 'a', 'sales');
			expect(outcome).toBe('queued');
			await store.engine.db
				.updateTable('agents')
				.set({ online_until: null, presence_due_at: null })
				.where('workspace', '=', store.workspace)
				.execute();
			expect(await store.doDueWork()).toBe(1);
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('more than one call assigns: the rest follows', async () => {
			await team(store, 'sales');
			for (let i = 0; i < 105; i++) await handled(store, `c${i}`, 'sales');
			let woken = 0;
			const stop = store.engine.onWake((topic) => (woken += topic === 'work' ? 1 : 0));
			expect((await online(store, 'ann', ['sales'])).assignedFromQueue).toBe(100);
			stop();
			expect(woken).toBe(1);
			expect(await store.doDueWork()).toBe(5);
		});
	});

	describe('closeConversation', () => {
		test('invariant 9: closes once, frees the units, and gives the next in the same step', async () => {
			await team(store, 'sales', { ann: 1 });
			const first = await handled(store, 'a', 'sales');
			const second = await handled(store, 'b', 'sales');
			clock.advance(MINUTE);
			const closing = {
				conversationId: first.id,
				category: 'Order',
				summary: 'Sent',
				source: 'user',
			};
			const result = await store.closeConversation(closing);
			expect(result).toMatchObject({
				alreadyClosed: false,
				assignedFromQueue: 1,
				conversation: {
					status: 'closed',
					category: 'Order',
					summary: 'Sent',
					closedAt: '2026-01-05T09:01:00.000Z',
				},
				contact: { lastCategory: 'Order' },
			});
			expect(await assigneeOf(store, second.id)).toBe('ann');
			const again = await store.closeConversation({ ...closing, category: 'Other' });
			expect(again).toMatchObject({ alreadyClosed: true, conversation: { category: 'Order' } });
			expect((await store.getAgent('ann')).openUnits).toBe(1);
			expect((await eventsOf(store, first.id)).filter((type) => type === 'closed')).toHaveLength(1);
			expect(await lastEvent(store, first.id, 'closed')).toMatchObject({ durationMs: MINUTE });
		});

		test('invariant 9: closed by two at once', async () => {
			const id = await opened(store, 'a');
			const results = await Promise.all([close(store, id), close(store, id)]);
			expect(results.map(({ alreadyClosed }) => alreadyClosed).sort()).toEqual([false, true]);
		});

		test('a waiting one leaves the queue', async () => {
			await team(store, 'sales');
			const { id } = await handled(store, 'a', 'sales');
			expect((await close(store, id)).conversation.queue).toBeNull();
			await online(store, 'ann', ['sales']);
			expect((await store.getAgent('ann')).openUnits).toBe(0);
		});

		test('errors', async () => {
			const gone = close(store, 'x');
			await expectError(
				gone,
				'ConversationNotFound',
				/No conversation has the ID 'x'/,
				/same Conversation Store/,
			);
			const id = await opened(store, 'a');
			const long = store.closeConversation({
				conversationId: id,
				category: 'x'.repeat(201),
				summary: null,
				source: 'user',
			});
			await expectError(long, 'InvalidInput', /Category is longer than 200/, /Correct/);
			await close(store, id);
			const late = assign(store, id);
			await expectError(late, 'ConversationClosed', /is closed/, /next message/);
		});
	});
}
