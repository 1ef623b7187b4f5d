import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { HOUR, MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import { accept, decline, present, returning, snooze, toAgent, wake } from '../support/returning';
import { answered, ask, judge, says } from '../support/questions';
import {
	assign,
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
	route,
	team,
} from '../support/samples';

/** What is laid aside, and what wakes it. */
export function snoozingSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		await team(store, 'sales', { ann: 1 });
	});
	afterEach(async () => await assertConsistent(store));

	const unitsOf = async (agent: string) => (await store.getAgent(agent)).openUnits;

	test('its agent keeps it, and has room for the next', async () => {
		const { id } = await handled(store, 'a', 'sales');
		const waiting = await handled(store, 'b', 'sales');
		const until = clock() + HOUR;
		expect(await snooze(store, id, until)).toMatchObject({
			...{ outcome: 'snoozed', alreadySnoozed: false, assignedFromQueue: 1 },
			conversation: {
				...{ status: 'snoozed', assignee: { key: 'ann' } },
				snoozedUntil: new Date(until).toISOString(),
			},
		});
		expect(await assigneeOf(store, waiting.id)).toBe('ann');
		expect(await unitsOf('ann')).toBe(1);
		expect(await lastEvent(store, id, 'snoozed')).toMatchObject({
			...{ agent: 'ann', until: new Date(until).toISOString(), waited: false },
		});
	});

	test('wakes when its time comes, also above the capacity', async () => {
		const { id } = await handled(store, 'a', 'sales');
		await handled(store, 'b', 'sales');
		await snooze(store, id, clock() + HOUR);
		clock.advance(HOUR - 1);
		await store.doDueWork();
		expect(await conversationOf(store, id)).toMatchObject({ status: 'snoozed' });
		clock.advance(1);
		await store.doDueWork();
		expect(await conversationOf(store, id)).toMatchObject({
			...{ status: 'open', snoozedUntil: null, assignee: { key: 'ann' }, flag: null },
		});
		expect(await unitsOf('ann')).toBe(2);
		expect(await lastEvent(store, id, 'woken')).toEqual({
			...{ by: 'time', agent: 'ann', team: 'sales', overCapacity: true },
		});
	});

	test('wakes when the contact writes', async () => {
		const { id } = await handled(store, 'a', 'sales');
		await snooze(store, id);
		await receive(store, message('a'));
		expect(await conversationOf(store, id)).toMatchObject({
			...{ status: 'open', assignee: { key: 'ann' }, messageCount: 2 },
		});
		expect((await eventsOf(store, id)).slice(-2)).toEqual(['woken', 'message_received']);
		expect(await lastEvent(store, id, 'woken')).toMatchObject({
			...{ by: 'message', overCapacity: false },
		});
		expect(await unitsOf('ann')).toBe(1);
		clock.advance(HOUR);
		await store.doDueWork();
		const types = await eventsOf(store, id);
		expect(types.filter((type) => type === 'woken')).toHaveLength(1);
	});

	test('the team writes: it sleeps on', async () => {
		const { id } = await handled(store, 'a', 'sales');
		await snooze(store, id, clock() + HOUR);
		await receive(store, message('a', { kind: 'echo' }));
		expect(await conversationOf(store, id)).toMatchObject({ status: 'snoozed' });
	});

	test('wakes by a person; once', async () => {
		const { id } = await handled(store, 'a', 'sales');
		await snooze(store, id);
		expect(await wake(store, id)).toMatchObject({
			...{ outcome: 'woken', alreadyAwake: false, conversation: { status: 'open' } },
		});
		expect(await wake(store, id)).toMatchObject({ alreadyAwake: true });
		expect(await unitsOf('ann')).toBe(1);
	});

	test('snoozed once more: the new time counts; the same time changes nothing', async () => {
		const { id } = await handled(store, 'a', 'sales');
		await snooze(store, id, clock() + MINUTE);
		const before = await eventsOf(store, id);
		expect(await snooze(store, id, clock() + MINUTE)).toMatchObject({ alreadySnoozed: true });
		expect(await eventsOf(store, id)).toEqual(before);
		await snooze(store, id, clock() + HOUR);
		clock.advance(MINUTE);
		await store.doDueWork();
		expect(await conversationOf(store, id)).toMatchObject({ status: 'snoozed' });
		expect(await unitsOf('ann')).toBe(0);
	});

	test('one that waits leaves the queue, and waits again at its place', async () => {
		await handled(store, 'a', 'sales');
		const { id } = await handled(store, 'b', 'sales');
		const place = (await conversationOf(store, id)).queue;
		clock.advance(MINUTE);
		const later = await handled(store, 'c', 'sales');
		await snooze(store, id, clock() + HOUR);
		expect(await conversationOf(store, id)).toMatchObject({ status: 'snoozed', queue: null });
		expect((await conversationOf(store, later.id)).queue?.position).toBe(1);
		clock.advance(HOUR);
		await store.doDueWork();
		expect((await conversationOf(store, id)).queue).toEqual(place);
		expect((await conversationOf(store, later.id)).queue?.position).toBe(2);
	});

	test('one that waited is given to who is free when it wakes', async () => {
		const first = await handled(store, 'a', 'sales');
		const { id } = await handled(store, 'b', 'sales');
		await snooze(store, id);
		await close(store, first.id);
		expect(await unitsOf('ann')).toBe(0);
		await receive(store, message('b'));
		expect(await assigneeOf(store, id)).toBe('ann');
	});

	test('what a person is to look at keeps its flag, and is not queued', async () => {
		const { id } = await handled(store, 'a', 'sales');
		const leave = { conversationId: id, requeue: false, reason: 'x', source: 'user' };
		await store.unassignConversation(leave);
		await snooze(store, id);
		await wake(store, id);
		expect(await conversationOf(store, id)).toMatchObject({ queue: null, flag: 'unassigned' });
	});

	test('one that nothing was decided about yet is shown to a person in the end', async () => {
		const id = await opened(store, 'a');
		await snooze(store, id, clock() + HOUR);
		clock.advance(HOUR - 1);
		await store.doDueWork();
		expect(await conversationOf(store, id)).toMatchObject({ flag: null });
		clock.advance(1);
		await store.doDueWork();
		expect(await conversationOf(store, id)).toMatchObject({ status: 'open', flag: 'unattended' });
	});

	test('what brings it back stops, and begins anew when it wakes', async () => {
		await online(store, 'bob', ['sales'], 1);
		await present(store, 'bob', true);
		await present(store, 'ann', true);
		const policy = returning({ offlineFor: MINUTE });
		const { id } = await handled(store, 'a', 'sales', { policy });
		clock.advance(9 * MINUTE);
		await snooze(store, id, clock() + HOUR);
		clock.advance(HOUR);
		await store.doDueWork();
		clock.advance(10 * MINUTE - 1);
		await store.doDueWork();
		expect(await assigneeOf(store, id)).toBe('ann');
		await accept(store, id, 'ann');
		await snooze(store, id);
		await present(store, 'ann', false);
		clock.advance(HOUR);
		await store.doDueWork();
		expect(await conversationOf(store, id)).toMatchObject({ status: 'snoozed', returns: 0 });
		await receive(store, message('a'));
		await store.doDueWork();
		expect(await assigneeOf(store, id)).toBe('bob');
	});

	test('its agent declines it, or is removed: it wakes, or sleeps on without an agent', async () => {
		await online(store, 'bob', ['sales'], 1);
		const { id } = await handled(store, 'a', 'sales');
		await snooze(store, id);
		await decline(store, id, 'ann');
		expect(await conversationOf(store, id)).toMatchObject({
			...{ status: 'open', assignee: { key: 'bob' } },
		});
		await snooze(store, id);
		await store.deleteAgent({ key: 'bob', source: 'user' });
		expect(await conversationOf(store, id)).toMatchObject({ status: 'snoozed', assignee: null });
		await online(store, 'cem', ['sales'], 1);
		await wake(store, id);
		expect(await assigneeOf(store, id)).toBe('cem');
	});

	test('routed away from the one agent it was for, it waits for the new team when it wakes', async () => {
		await team(store, 'care', { bob: 1 });
		const to = { kind: 'agent', agent: 'ann' } as const;
		const { id } = await handled(store, 'a', 'sales', { to });
		await snooze(store, id);
		await route(store, id, 'care');
		await wake(store, id);
		expect(await assigneeOf(store, id)).toBe('bob');
	});

	test('given to an agent it wakes; routed elsewhere it sleeps on', async () => {
		await team(store, 'care', { bob: 1 });
		const { id } = await handled(store, 'a', 'sales');
		await snooze(store, id);
		await route(store, id, 'care');
		expect(await conversationOf(store, id)).toMatchObject({ status: 'snoozed', assignee: null });
		await assign(store, id);
		expect(await conversationOf(store, id)).toMatchObject({
			...{ status: 'open', assignee: { key: 'bob' } },
		});
		await snooze(store, id, clock() + HOUR);
		await toAgent(store, id, 'ann');
		expect(await conversationOf(store, id)).toMatchObject({
			...{ status: 'open', snoozedUntil: null, assignee: { key: 'ann' } },
		});
		expect(await unitsOf('bob')).toBe(0);
	});

	test('closed while it sleeps: its agent loses nothing, and it wakes no more', async () => {
		const { id } = await handled(store, 'a', 'sales');
		await snooze(store, id, clock() + HOUR);
		await handled(store, 'b', 'sales');
		await close(store, id);
		expect(await unitsOf('ann')).toBe(1);
		clock.advance(HOUR);
		await store.doDueWork();
		expect(await conversationOf(store, id)).toMatchObject({ status: 'closed' });
		await expectError(snooze(store, id), 'ConversationClosed', /is closed/, /next message/);
		await expectError(wake(store, id), 'ConversationClosed', /is closed/, /next message/);
	});

	test('the contact has one conversation: it is not opened anew', async () => {
		const { id } = await handled(store, 'a', 'sales');
		await snooze(store, id);
		const { outcome, conversationId } = await receive(store, message('a'));
		expect([outcome, conversationId]).toEqual(['appended', id]);
	});

	test('what a flow asks waits on, and the answer wakes it', async () => {
		const id = await opened(store, 'a');
		const question = await ask(store, id);
		await snooze(store, id);
		clock.advance(MINUTE);
		await store.doDueWork();
		await says(store, 'a');
		expect(await conversationOf(store, id)).toMatchObject({ status: 'open' });
		await judge(store, question, answered(42));
		expect(await lastEvent(store, id, 'question_ended')).toMatchObject({ outcome: 'answered' });
	});

	test('a time that is over is refused', async () => {
		const { id } = await handled(store, 'a', 'sales');
		const late = snooze(store, id, clock());
		await expectError(late, 'InvalidInput', /is to wake up is over/, /Choose a later time/);
	});

	test('the contact writes while its time comes: it wakes once', async () => {
		const { workspace } = store;
		const other = await engine.openClient({ clock, workspace });
		for (let i = 0; i < 8; i++) {
			const { id } = await handled(store, `a${i}`, 'sales');
			await snooze(store, id, clock() + MINUTE);
			clock.advance(MINUTE);
			await Promise.all([store.doDueWork(), receive(other, message(`a${i}`))]);
			const types = await eventsOf(store, id);
			expect(types.filter((type) => type === 'woken')).toHaveLength(1);
			expect(await unitsOf('ann')).toBe(1);
			await close(store, id);
		}
	});
}
