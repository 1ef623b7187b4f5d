import fc from 'fast-check';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { SECOND, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import { listener, message, opened, receive } from '../support/samples';

const WINDOW = 10 * SECOND;
const LEASE = 30 * SECOND;

/** Several messages that come shortly after each other are one item. */
export function collectingSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;
	let subscriptionId: string;

	const setUp = async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		const filter = { events: ['message_received', 'closed'], collectFor: WINDOW };
		({ id: subscriptionId } = await store.subscribe(listener(filter.events, { filter })));
	};
	beforeEach(setUp);
	afterEach(async () => await assertConsistent(store));

	const say = async (who: string, text: string) => await receive(store, message(who, { text }));
	const claim = async () =>
		(await store.claimDeliveries({ subscriptionId, limit: 100 })).map(({ id, item }) => ({
			id,
			who: item?.contact?.name ?? '',
			texts: item?.messages?.map(({ text }) => text) ?? [],
			item,
		}));
	const textsOf = async () => (await claim()).map(({ texts }) => texts);

	test('one item has all of them in their order, and the event of the last', async () => {
		await opened(store, 'amal');
		for (const text of ['Hello', 'are you there', 'مرحبا']) {
			await say('amal', text);
			clock.advance(WINDOW - 1);
		}
		expect(await claim()).toEqual([]);
		clock.advance(1);
		const [only, ...others] = await claim();
		expect(others).toEqual([]);
		expect(only?.item).toMatchObject({
			event: { type: 'message_received', data: { count: 3 } },
			message: { text: 'مرحبا' },
			messages: [{ text: 'Hello' }, { text: 'are you there' }, { text: 'مرحبا' }],
		});
		const row = await store.engine.db
			.selectFrom('deliveries')
			.select('last_event_id')
			.where('id', '=', only?.id ?? '')
			.executeTakeFirst();
		expect(row?.last_event_id).toBe(only?.item?.event?.id);
	});

	test('a message after the window is the next item, also while nobody has claimed the first', async () => {
		await opened(store, 'amal');
		await say('amal', '1');
		clock.advance(WINDOW);
		await say('amal', '2');
		clock.advance(WINDOW);
		expect(await textsOf()).toEqual([['1'], ['2']]);
	});

	test('a burst that does not end is told of after ten windows, or after a hundred messages', async () => {
		await opened(store, 'amal');
		const step = WINDOW / 2;
		for (let i = 0; i < 25; i++) {
			await say('amal', String(i));
			clock.advance(step);
		}
		clock.advance(10 * WINDOW);
		const [first, second] = await textsOf();
		expect([first?.length, second?.length]).toEqual([20, 5]);
		for (let i = 0; i < 103; i++) await say('amal', String(i));
		clock.advance(WINDOW);
		expect((await textsOf()).map(({ length }) => length)).toEqual([100, 3]);
	});

	test('only messages wait, each conversation by itself, and only for who asked for it', async () => {
		const { id: other } = await store.subscribe(listener(['message_received']));
		const id = await opened(store, 'amal');
		await opened(store, 'basma');
		await say('amal', 'a');
		await say('basma', 'b');
		await say('amal', 'a2');
		await store.closeConversation({
			...{ conversationId: id, category: null, summary: null, source: 'user' },
		});
		const closing = await claim();
		expect(closing.map(({ item }) => item?.event?.type)).toEqual(['closed']);
		expect(closing[0]?.item).not.toHaveProperty('messages');
		clock.advance(WINDOW);
		expect((await textsOf()).sort()).toEqual([['a', 'a2'], ['b']]);
		const each = await store.claimDeliveries({ subscriptionId: other, limit: 10 });
		expect(each.map(({ item }) => item?.message?.text)).toEqual(['a', 'b', 'a2']);
		expect(each[0]?.item).not.toHaveProperty('messages');
	});

	test('what is emitted once more, by hand too, has the same messages and takes no others in', async () => {
		await opened(store, 'amal');
		await say('amal', '1');
		clock.advance(WINDOW);
		const [first] = await claim();
		await store.finishDelivery({ id: first?.id ?? '', outcome: { kind: 'refused', why: 'x' } });
		await store.retryDelivery({ id: first?.id ?? '', evenIfClosed: false, source: 'user' });
		await say('amal', '2');
		expect(await textsOf()).toEqual([['1']]);
		clock.advance(WINDOW);
		expect(await textsOf()).toEqual([['2']]);
	});

	type Step =
		| { do: 'say'; who: string; wait: number }
		| { do: 'claim'; then: 'ran' | 'lost' | 'notStarted'; wait: number };

	/** What should become of a message: the items, by the rule and nothing else. */
	interface Group {
		who: string;
		texts: string[];
		first: number;
		due: number;
		state: 'open' | 'taken' | 'done';
	}

	const wait = fc.constantFrom(0, 1, SECOND, WINDOW - 1, WINDOW, 3 * WINDOW, LEASE);
	const steps = fc.array(
		fc.oneof(
			{
				weight: 3,
				arbitrary: fc.record({
					do: fc.constant('say' as const),
					who: fc.constantFrom('amal', 'basma'),
					wait,
				}),
			},
			{
				weight: 1,
				arbitrary: fc.record({
					do: fc.constant('claim' as const),
					then: fc.constantFrom('ran' as const, 'lost' as const, 'notStarted' as const),
					wait,
				}),
			},
		) as fc.Arbitrary<Step>,
		{ minLength: 5, maxLength: 40 },
	);

	test('property: no message in two items, none lost, the same in each emission', async () => {
		await fc.assert(
			fc.asyncProperty(steps, async (all) => {
				await setUp();
				for (const who of ['amal', 'basma']) await opened(store, who);
				const groups: Group[] = [];
				const emitted = new Map<string, string[]>();
				let said = 0;

				const check = async (then: 'ran' | 'lost' | 'notStarted') => {
					const found = await claim();
					const due = groups.filter(({ state, due: at }) => state !== 'done' && at <= clock());
					const sorted = (list: string[][]) => list.map((texts) => texts.join()).sort();
					expect(sorted(found.map(({ texts }) => texts))).toEqual(
						sorted(due.map(({ texts }) => texts)),
					);
					for (const { id, texts } of found) {
						expect(texts).toEqual(emitted.get(id) ?? texts);
						emitted.set(id, texts);
						if (then === 'ran') {
							await store.finishDelivery({ id, outcome: { kind: 'ran', status: 'success' } });
						}
						if (then === 'notStarted') {
							await store.finishDelivery({ id, outcome: { kind: 'notStarted', pause: WINDOW } });
						}
					}
					for (const group of due) {
						group.state = then === 'ran' ? 'done' : 'taken';
						group.due = clock() + (then === 'notStarted' ? WINDOW : LEASE);
					}
				};

				for (const step of all) {
					clock.advance(step.wait);
					if (step.do === 'claim') {
						await check(step.then);
						continue;
					}
					const text = String(said++);
					await say(step.who, text);
					const now = clock();
					const open = groups.findLast(
						({ who, state, due }) => who === step.who && state === 'open' && due > now,
					);
					if (open) {
						open.texts.push(text);
						open.due = Math.min(now + WINDOW, open.first + 10 * WINDOW);
					} else {
						groups.push({
							...{ who: step.who, texts: [text], first: now },
							...{ due: now + WINDOW, state: 'open' },
						});
					}
				}
				clock.advance(10 * LEASE);
				await check('ran');
				const told = [...emitted.values()];
				expect(
					told
						.flat()
						.map(Number)
						.sort((a, b) => a - b),
				).toEqual(Array.from({ length: said }, (_, i) => i));
				for (const texts of told) {
					expect(texts.map(Number)).toEqual(texts.map(Number).sort((a, b) => a - b));
				}
			}),
			{ numRuns: 25 },
		);
	});

	test('messages and claims at once: still each in one item', async () => {
		const other = await engine.openClient({ clock, workspace: store.workspace });
		await opened(store, 'amal');
		const seen: string[] = [];
		for (let round = 0; round < 8; round++) {
			await say('amal', `${round} first`);
			clock.advance(WINDOW);
			const [claimed] = await Promise.all([
				claim(),
				receive(other, message('amal', { text: `${round} meanwhile` })),
			]);
			for (const { id, texts } of claimed) {
				seen.push(...texts);
				await store.finishDelivery({ id, outcome: { kind: 'ran', status: 'success' } });
			}
		}
		clock.advance(20 * WINDOW);
		for (const { texts } of await claim()) seen.push(...texts);
		const rounds = Array.from({ length: 8 }, (_, round) => [
			`${round} first`,
			`${round} meanwhile`,
		]);
		expect(seen.sort()).toEqual(rounds.flat().sort());
	});
}
