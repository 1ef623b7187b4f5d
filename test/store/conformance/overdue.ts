import type { EventFilter } from '../../../nodes/store/eventFilter';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import {
	DAY,
	HOUR,
	MINUTE,
	testClock,
	type EngineUnderTest,
	type TestClock,
} from '../support/engines';
import {
	close,
	eventsOf,
	handled,
	lastEvent,
	listener,
	message,
	opened,
	receive,
	team,
} from '../support/samples';

const OVERDUE = 'first_response_overdue';

/** Conversations that no person has answered in time. */
export function overdueSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		await team(store, 'billing', { nathan: null });
	});
	afterEach(async () => await assertConsistent(store));

	const subscriberOf = (minutes: number, more: Partial<EventFilter> = {}) =>
		listener([OVERDUE], {
			filter: { events: [OVERDUE], overdueAfter: minutes * MINUTE, ...more },
		});
	const listen = async (minutes: number, more: Partial<EventFilter> = {}) => {
		const { id } = await store.subscribe(subscriberOf(minutes, more));
		await store.doDueWork();
		return id;
	};
	const told = async (subscriptionId: string) => {
		const claimed = await store.claimDeliveries({ subscriptionId, limit: 1000 });
		for (const { id } of claimed) {
			await store.finishDelivery({ id, outcome: { kind: 'ran', status: 'success' } });
		}
		return claimed.map(({ item }) => item?.contact?.name);
	};
	const after = async (time: number) => {
		clock.advance(time);
		await store.doDueWork();
	};

	test('is told once, when the time is over, with agent, team and reason', async () => {
		const id = await listen(15);
		const { id: conversation } = await handled(store, 'amal', 'billing');
		await after(15 * MINUTE - 1);
		expect(await told(id)).toEqual([]);
		await after(1);
		expect(await told(id)).toEqual(['amal']);
		expect(await lastEvent(store, conversation, OVERDUE)).toEqual({
			agent: 'nathan',
			team: 'billing',
			afterMs: 15 * MINUTE,
			reason: 'Nobody answered within 15 minutes',
		});
		await after(DAY);
		expect((await eventsOf(store, conversation)).filter((type) => type === OVERDUE)).toHaveLength(
			1,
		);
	});

	test('once for each time that somebody asks for, to whoever asked for this time', async () => {
		const [five, also, sixty] = [await listen(5), await listen(5), await listen(60)];
		await opened(store, 'amal');
		await after(5 * MINUTE);
		expect([await told(five), await told(also), await told(sixty)]).toEqual([
			['amal'],
			['amal'],
			[],
		]);
		await after(HOUR);
		expect([await told(five), await told(also), await told(sixty)]).toEqual([[], [], ['amal']]);
	});

	test('what a person answered, what is closed or snoozed is not; an automatic answer is none', async () => {
		const id = await listen(15);
		const echo = async (who: string, isPerson: boolean) =>
			await receive(store, message(who, { kind: 'echo', sender: { id: who, isPerson } }));
		for (const who of ['answered', 'robot']) await opened(store, who);
		await echo('answered', true);
		await echo('robot', false);
		await close(store, await opened(store, 'closed'));
		const snoozed = await opened(store, 'snoozed');
		await store.engine.db
			.updateTable('conversations')
			.set({ status: 'snoozed' })
			.where('id', '=', snoozed)
			.execute();
		await after(15 * MINUTE);
		expect(await told(id)).toEqual(['robot']);
		await store.engine.db
			.updateTable('conversations')
			.set({ status: 'open' })
			.where('id', '=', snoozed)
			.execute();
	});

	test('what was overdue before anybody asked is no news, also after a long time without work', async () => {
		await opened(store, 'old');
		clock.advance(HOUR);
		const id = await listen(15);
		await opened(store, 'two days ago');
		clock.advance(2 * DAY);
		await opened(store, 'lately');
		await after(HOUR);
		expect(await told(id)).toEqual(['lately']);
	});

	test('what became overdue while nothing ran is told afterwards', async () => {
		const id = await listen(15);
		await opened(store, 'amal');
		await after(5 * HOUR);
		expect(await told(id)).toEqual(['amal']);
	});

	test('the filter counts here, too', async () => {
		const id = await listen(15, { teams: ['billing'] });
		await opened(store, 'of nobody');
		await handled(store, 'amal', 'billing');
		await after(HOUR);
		expect(await told(id)).toEqual(['amal']);
	});

	test('many at one moment: all, each once, in bounded transactions', async () => {
		const id = await listen(15);
		for (let i = 0; i < 205; i++) await opened(store, `c${i}`);
		await after(15 * MINUTE);
		const names = await told(id);
		expect(names).toHaveLength(205);
		expect(new Set(names).size).toBe(205);
	});

	test('an import finds the workspace empty although somebody listens', async () => {
		const source = await engine.openStore({ clock });
		await opened(source, 'amal');
		const lines = source.exportWorkspace({ source: 'user' });
		await listen(15);
		const empty = await engine.openStore({ clock });
		await empty.subscribe(subscriberOf(15));
		await empty.publishAgentLinks({
			workflowId: 'w',
			nodeId: 'n',
			url: 'https://n8n.example.com/x',
		});
		await empty.doDueWork();
		const result = await empty.importWorkspace(lines, { replace: false, source: 'user' });
		expect(result.stored.conversations).toBe(1);
		expect(await empty.agentLinksUrl()).toBe('https://n8n.example.com/x');
	});

	test('a test run shows one that is overdue now, and records nothing', async () => {
		const filter = { events: [OVERDUE], overdueAfter: 15 * MINUTE };
		const next = async () => await store.nextEvent({ filter, since: clock() });
		const { id } = await handled(store, 'amal', 'billing');
		expect(await next()).toBeUndefined();
		clock.advance(15 * MINUTE);
		expect(await next()).toMatchObject({
			event: { type: OVERDUE, data: { agent: 'nathan' } },
			conversation: { id },
		});
		expect(await eventsOf(store, id)).not.toContain(OVERDUE);
	});
}
