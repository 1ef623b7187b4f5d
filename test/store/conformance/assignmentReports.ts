import {
	historyOf,
	pastAgents,
	replayed,
} from '../../../nodes/ConversationStore/resources/assignmentPast';
import { timeOnline } from '../../../nodes/decisions/fairness';
import type { ReportedEvent, ReportedType } from '../../../nodes/store/operations/reportedEvents';
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
import { liveThrough, POLICIES } from '../support/pastDay';
import {
	assign,
	close,
	handled,
	message,
	online,
	opened,
	receive,
	route,
	setOnline,
	team,
} from '../support/samples';

/** What is told of assignments afterwards: histories in words, a second policy, the past again. */
export function assignmentReportsSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	const eventsOf = async (type: ReportedType, from = 0, before = clock() + 1) => {
		const found: ReportedEvent[] = [];
		for await (const event of store.reportedEvents({ type, from, before })) found.push(event);
		return found;
	};
	const sentences = async (id: string) =>
		(await store.conversationHistory(id)).map(({ text }) => text);

	test('a history is told in plain words', async () => {
		await store.upsertTeam({ key: 'billing', name: 'Billing' });
		await online(store, 'sara', ['billing'], 1);
		await store.upsertAgent({ key: 'sara', name: 'Sara', source: 'user' });
		await online(store, 'omar', ['billing'], 5);
		await store.upsertAgent({ key: 'omar', name: 'Omar', source: 'user' });
		clock.advance(40 * MINUTE);
		await setOnline(store, 'omar', false);
		clock.advance(20 * MINUTE);
		const { id } = await handled(store, 'amal', 'billing');
		const { id: waiting } = await handled(store, 'badr', 'billing');
		clock.advance(3 * MINUTE);
		await close(store, id);
		expect(await sentences(id)).toEqual([
			'Hello',
			'Opened by the contact on chat.',
			'Routed to team Billing by a rule.',
			'Assigned to Sara (team Billing): Sara is the only one who can take it: 0 of 1 open, ' +
				'never assigned. Omar left out: offline since 09:40 UTC.',
			'Closed by a workflow.',
		]);
		expect((await sentences(waiting)).slice(3)).toEqual([
			'Waits in the queue of team Billing: Everybody who could be chosen is at capacity. ' +
				'Left out: Omar (offline since 09:40 UTC), Sara (at capacity, 1 of 1 open).',
			'Assigned to Sara (team Billing): Sara is the only one who can take it: 0 of 1 open, ' +
				'last assigned 10:00 UTC. Omar left out: offline since 09:40 UTC. It waited 3 minutes.',
		]);
	});

	describe('a second policy beside', () => {
		const leastOpen = { shadow: { strategy: 'leastOpen' as const } };

		test('is told with the assignment and kept with its event, and changes nothing', async () => {
			await team(store, 'sales', { ann: null, bob: null });
			const first = await handled(store, 'amal', 'sales', leastOpen);
			expect(first).toMatchObject({
				decision: { chosen: { key: 'ann' } },
				shadow: { strategy: 'leastOpen', chosen: { key: 'ann' }, agrees: true },
			});
			await handled(store, 'badr', 'sales', leastOpen);
			await close(store, (await handled(store, 'celia', 'sales')).id);
			clock.advance(MINUTE);
			await close(store, first.id);
			const next = await handled(store, 'dina', 'sales', leastOpen);
			expect(next).toMatchObject({
				conversation: { assignee: { key: 'bob' } },
				shadow: { chosen: { key: 'ann', name: 'ann' }, agrees: false },
			});
			const events = await eventsOf('assigned');
			expect(events.map(({ data }) => (data.shadow as { agrees?: boolean })?.agrees)).toEqual([
				...[true, true, undefined, false],
			]);
			const turn = await handled(store, 'emre', 'sales');
			expect(turn).toMatchObject({ conversation: { assignee: { key: 'ann' } }, shadow: null });
		});

		test('is asked again when the queue assigns', async () => {
			await team(store, 'sales', { ann: 1, bob: 0 });
			const { id } = await handled(store, 'amal', 'sales');
			const anybody = { strategy: 'leastOpen' as const, onlyOnline: false, maxOpen: 1 };
			const waits = await handled(store, 'badr', 'sales', { shadow: anybody });
			expect(waits).toMatchObject({
				outcome: 'queued',
				shadow: { chosen: null, agrees: true },
			});
			await close(store, id);
			const [queued] = await eventsOf('queued');
			expect(queued?.data).toMatchObject({ shadow: { agrees: true, chosen: null } });
			const assigned = (await eventsOf('assigned')).at(-1);
			expect(assigned).toMatchObject({
				conversationId: waits.id,
				source: 'queue',
				data: { agent: 'ann', shadow: { strategy: 'leastOpen', agrees: true } },
			});
		});

		test('that would not have waited, and one that would', async () => {
			await team(store, 'sales', { ann: null });
			const strict = await handled(store, 'amal', 'sales', {
				shadow: { strategy: 'leastOpen', maxOpen: 0 },
			});
			expect(strict).toMatchObject({
				outcome: 'assigned',
				shadow: { chosen: null, agrees: false },
			});
			await setOnline(store, 'ann', false);
			const lax = await handled(store, 'badr', 'sales', {
				shadow: { strategy: 'leastOpen', onlyOnline: false },
			});
			expect(lax).toMatchObject({
				outcome: 'queued',
				shadow: { chosen: { key: 'ann' }, agrees: false },
			});
		});

		test('a dry run tells it, too, and writes nothing', async () => {
			await team(store, 'sales', { ann: null });
			const id = await opened(store, 'amal');
			await route(store, id, 'sales');
			const tried = await assign(store, id, { ...leastOpen, dryRun: true });
			expect(tried).toMatchObject({ outcome: 'assigned', shadow: { chosen: { key: 'ann' } } });
			expect(await eventsOf('assigned')).toEqual([]);
		});

		test('a strategy that does not exist is refused', async () => {
			const id = await opened(store, 'amal');
			const odd = { strategy: 'fastest' } as never;
			await expect(assign(store, id, { shadow: odd })).rejects.toMatchObject({
				code: 'InvalidInput',
				message: expect.stringContaining('Strategy must be') as string,
			});
		});

		test('a round robin beside another strategy goes by who was assigned least recently', async () => {
			await team(store, 'sales', { ann: null, bob: null });
			const how = {
				policy: { strategy: 'leastOpen' as const, onlyOnline: true, maxOpen: null },
				shadow: { strategy: 'roundRobin' as const },
			};
			const seen: Array<[string | undefined, string | undefined]> = [];
			for (const who of ['amal', 'badr', 'celia', 'dina']) {
				clock.advance(MINUTE);
				const { id, shadow, conversation } = await handled(store, who, 'sales', how);
				seen.push([conversation.assignee?.key, shadow?.chosen?.key]);
				if (who !== 'badr') await close(store, id);
			}
			expect(seen).toEqual([
				['ann', 'ann'],
				['bob', 'bob'],
				['ann', 'ann'],
				// Bob has one open, but was assigned less recently.
				['ann', 'bob'],
			]);
		});
	});

	describe('reports read', () => {
		test('events of one kind and one period, page by page', async () => {
			await team(store, 'sales', { ann: null });
			const start = clock();
			for (let index = 0; index < 7; index++) {
				clock.advance(MINUTE);
				await handled(store, `c${index}`, 'sales');
			}
			const all = await eventsOf('assigned');
			expect(all).toHaveLength(7);
			expect(all.map(({ at }) => at)).toEqual(all.map((_, index) => start + (index + 1) * MINUTE));
			const some = await eventsOf('assigned', start + 2 * MINUTE, start + 5 * MINUTE);
			expect(some.map(({ at }) => (at - start) / MINUTE)).toEqual([2, 3, 4]);
			expect(await eventsOf('queued')).toEqual([]);
		});

		test('conversations that asked for an agent, over more than one page', async () => {
			await team(store, 'sales', { ann: 1 });
			const from = clock();
			await opened(store, 'nobody asked');
			for (let index = 0; index < 105; index++) {
				const id = await opened(store, `c${index}`);
				await route(store, id, 'sales');
				await assign(store, id);
			}
			const seen: string[] = [];
			for await (const { id } of store.pastArrivals({ from, before: clock() + 1 })) seen.push(id);
			expect(new Set(seen).size).toBe(105);
			expect(seen).toHaveLength(105);
		});

		test('what a conversation asked for, and what became of it', async () => {
			await team(store, 'sales', { ann: 1 });
			await store.upsertAgent({ key: 'ann', skills: ['loans'], languages: ['ar'], source: 'user' });
			const policy = {
				...{ strategy: 'roundRobin' as const, onlyOnline: true, maxOpen: null },
				...{ skills: ['Loans'], language: 'ar-EG' },
			};
			const first = await handled(store, 'amal', 'sales', { policy, weight: 1, exclude: ['bob'] });
			clock.advance(MINUTE);
			const left = await handled(store, 'badr', 'sales', {
				priority: 3,
				to: { kind: 'everybody' },
			});
			const one = await handled(store, 'celia', 'sales', { to: { kind: 'agent', agent: 'ann' } });
			clock.advance(MINUTE);
			await close(store, left.id);
			await close(store, first.id);
			const found = new Map<string, unknown>();
			for await (const arrival of store.pastArrivals({ from: 0, before: clock() + 1 })) {
				found.set(arrival.id, arrival);
			}
			const t = clock() - 2 * MINUTE;
			expect(found.get(first.id)).toMatchObject({
				...{
					at: t,
					team: 'sales',
					pool: { team: 'sales' },
					excluded: ['bob'],
					handling: 2 * MINUTE,
				},
				...{ skills: ['Loans'], language: 'ar-EG', happened: { agent: 'ann', at: t } },
				...{ leavesAt: null, byHand: false },
			});
			expect(found.get(left.id)).toMatchObject({
				...{ at: t + MINUTE, team: 'sales', pool: { team: null }, priority: 3, handling: null },
				...{ leavesAt: t + 2 * MINUTE, happened: null },
			});
			expect(found.get(one.id)).toMatchObject({
				...{ pool: { agent: 'ann' }, handling: null, leavesAt: null },
				...{ happened: { agent: 'ann', at: t + 2 * MINUTE } },
			});
		});

		test('who was there, from what events tell; else from what is now', async () => {
			const start = clock();
			await team(store, 'sales', { ann: null });
			clock.advance(HOUR);
			await setOnline(store, 'ann', false);
			clock.advance(DAY);
			await setOnline(store, 'ann');
			await store.upsertAgent({ key: 'new', teams: ['sales'], source: 'user' });
			clock.advance(HOUR);
			const hoursOf = async (from: number) =>
				Object.fromEntries(
					(await pastAgents(store, from)).map((agent) => [
						agent.key,
						[agent.told, timeOnline(agent, from, clock()) / HOUR],
					]),
				);
			expect(await hoursOf(start)).toEqual({ ann: [true, 2], new: [false, 0] });
			expect(await hoursOf(start + HOUR / 2)).toEqual({ ann: [true, 1.5], new: [false, 0] });
			expect(await hoursOf(clock() - HOUR / 2)).toEqual({ ann: [false, 0.5], new: [false, 0] });
		});
	});

	test.each(POLICIES.map((policy, seed) => ({ policy, seed })))(
		'the past again under the policy of then gives who got what then: $policy.strategy',
		async ({ policy, seed }) => {
			const from = clock();
			const lived = await liveThrough(store, clock, { policy, seed: seed + 1 });
			const history = await historyOf(store, { from, before: clock() + 1 });
			const again = await replayed(history, policy, 0);
			const who = Object.fromEntries(
				again.conversations.map(({ arrival: { id }, agent, at }) => [id, [agent, at]]),
			);
			expect(who).toEqual(lived);
			expect(Object.values(lived).filter(([agent]) => agent !== null).length).toBeGreaterThan(20);
			// Another policy would have done otherwise, or this could not fail.
			const others = POLICIES.filter(({ strategy }) => strategy !== policy.strategy);
			const differ = await Promise.all(
				others.map(async (other) => {
					const { conversations } = await replayed(history, other, 0);
					return conversations.filter(({ arrival: { id }, agent }) => agent !== lived[id]?.[0]);
				}),
			);
			expect(differ.flat().length).toBeGreaterThan(0);
		},
	);

	test('a history never holds what a customer wrote but in its messages', async () => {
		await team(store, 'sales', { ann: null });
		const said = 'my secret is 4711';
		const { conversationId } = await receive(store, message('amal', { text: said }));
		await route(store, conversationId ?? '', 'sales');
		await assign(store, conversationId ?? '', {
			policy: { strategy: 'roundRobin', onlyOnline: true, maxOpen: null, language: said },
			shadow: { strategy: 'leastOpen' },
		});
		await close(store, conversationId ?? '');
		const history = await store.conversationHistory(conversationId ?? '');
		expect(history.filter(({ text }) => text.includes('4711'))).toMatchObject([
			{ kind: 'message' },
		]);
	});
}
