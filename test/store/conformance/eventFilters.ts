import type { EventFilter } from '../../../nodes/store/eventFilter';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { DAY, MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import {
	assign,
	close,
	handled,
	listener,
	message,
	opened,
	opening,
	receive,
	route,
	team,
} from '../support/samples';

/** Which events a Conversation Event trigger is owed. */
export function eventFiltersSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		await team(store, 'billing', { nathan: null });
		await team(store, 'sales', { ann: null });
	});
	afterEach(async () => await assertConsistent(store));

	const subscriberOf = (filter: EventFilter) => listener(filter.events, { filter });
	const listen = async (filter: EventFilter) => (await store.subscribe(subscriberOf(filter))).id;
	const told = async (subscriptionId: string) =>
		(await store.claimDeliveries({ subscriptionId, limit: 100 })).map(
			({ item }) => `${item?.event?.type} ${item?.contact?.name}`,
		);

	test('nothing is owed that the filter leaves out', async () => {
		const everything = await listen({ events: ['opened', 'assigned', 'closed'] });
		const ofTeam = await listen({ events: ['opened', 'assigned', 'closed'], teams: ['sales'] });
		const ofAgent = await listen({
			events: ['assigned', 'closed', 'unassigned'],
			agents: ['nathan'],
		});
		const elsewhere = await listen({ events: ['opened', 'assigned'], channels: ['email'] });
		const byWorkflow = await listen({ events: ['opened', 'closed'], sources: ['workflow'] });
		const { id } = await handled(store, 'amal', 'billing');
		await handled(store, 'basma', 'sales');
		await store.openConversation(opening('nobody'));
		await store.unassignConversation({
			...{ conversationId: id, requeue: false, reason: 'x', source: 'user' },
		});
		await close(store, id);

		const { count } = await store.engine.db
			.selectFrom('deliveries')
			.select((eb) => eb.fn.countAll<number>().as('count'))
			.where('workspace', '=', store.workspace)
			.executeTakeFirstOrThrow();
		const owed = {
			everything: await told(everything),
			ofTeam: await told(ofTeam),
			ofAgent: await told(ofAgent),
			elsewhere: await told(elsewhere),
			byWorkflow: await told(byWorkflow),
		};
		expect(owed).toEqual({
			everything: [
				...['opened amal', 'assigned amal', 'opened basma', 'assigned basma'],
				...['opened nobody', 'closed amal'],
			],
			ofTeam: ['assigned basma'],
			ofAgent: ['assigned amal', 'unassigned amal'],
			elsewhere: [],
			byWorkflow: ['opened nobody', 'closed amal'],
		});
		expect(Number(count)).toBe(Object.values(owed).flat().length);
	});

	test('a filter that was stored before there were conditions goes on', async () => {
		const id = await listen({ events: ['opened'] });
		await store.engine.db
			.updateTable('subscriptions')
			.set({ filter: '{"events":["opened"]}' })
			.where('id', '=', id)
			.execute();
		await opened(store, 'amal');
		expect(await told(id)).toEqual(['opened amal']);
	});

	test('what is missed while away is counted by the same filter', async () => {
		const all = subscriberOf({ events: ['assigned'] });
		const one = subscriberOf({ events: ['assigned'], teams: ['billing'], sources: ['workflow'] });
		for (const each of [all, one]) await store.endSubscription((await store.subscribe(each)).id);
		clock.advance(11 * MINUTE);
		await handled(store, 'amal', 'billing');
		await handled(store, 'basma', 'sales');
		clock.advance(MINUTE);
		expect(await store.subscribe(all)).toMatchObject({ missed: 2 });
		expect(await store.subscribe(one)).toMatchObject({ missed: 1 });
	});

	test('a test run gives the first event that the filter wants, with messages as they would come', async () => {
		const since = clock();
		const next = async (filter: EventFilter) => await store.nextEvent({ filter, since });
		expect(await next({ events: ['opened'] })).toBeUndefined();
		await handled(store, 'amal', 'billing');
		await handled(store, 'basma', 'sales');
		await receive(store, message('basma', { text: 'Hello?' }));
		expect(await next({ events: ['assigned'], teams: ['sales'] })).toMatchObject({
			event: { type: 'assigned', data: { agent: 'ann' } },
			contact: { name: 'basma' },
			links: null,
		});
		expect(await next({ events: ['assigned'], agents: ['nobody'] })).toBeUndefined();
		expect(await next({ events: ['message_received'], collectFor: 1000 })).toMatchObject({
			event: { data: { count: 1 } },
			message: { text: 'Hello?' },
			messages: [{ text: 'Hello?' }],
		});
	});

	test('a test run looks past more events than one page has', async () => {
		const id = await opened(store, 'amal');
		for (let i = 0; i < 205; i++) await route(store, id, i % 2 ? 'sales' : 'billing');
		await route(store, id, 'billing');
		await assign(store, id);
		const since = clock() - DAY;
		const filter = { events: ['routed', 'assigned'], sources: ['workflow'], agents: ['nathan'] };
		expect(await store.nextEvent({ filter, since })).toMatchObject({ event: { type: 'routed' } });
		const none = { events: ['routed'], sources: ['user'] };
		expect(await store.nextEvent({ filter: none, since })).toBeUndefined();
	});
}
