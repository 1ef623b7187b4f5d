import * as fc from 'fast-check';
import type { ConversationStore } from '../../nodes/store/store';
import { agentsOverCapacity, assertConsistent } from './support/consistency';
import { SECOND, sqliteEngine, testClock, type TestClock } from './support/engines';
import { assign, close, message, online, receive, route, setOnline, team } from './support/samples';

const RUNS = Number(process.env.CONVERSATION_STORE_TEST_RUNS ?? 25);
const AGENTS = ['ann', 'bob', 'cem'];
const TEAMS = ['sales', 'care'];

/** What ought to be: who has which conversation open, and since when it first waited. */
interface Model {
	/** Contact → its open conversation. */
	open: Map<string, string>;
	messages: Set<string>;
	firstQueued: Map<string, string>;
	closed: Set<string>;
	capacity: Map<string, number>;
	/** Agents whose capacity was lowered may have more than it. */
	lowered: Set<string>;
}

interface Real {
	stores: ConversationStore[];
	clock: TestClock;
}

type Step = (model: Model, real: Real) => Promise<void>;

class Command implements fc.AsyncCommand<Model, Real> {
	constructor(
		private readonly name: string,
		private readonly step: Step,
	) {}

	check = () => true;

	async run(model: Model, real: Real): Promise<void> {
		real.clock.advance(SECOND);
		await this.step(model, real);
		await checkInvariants(model, real);
	}

	toString = () => this.name;
}

/** Invariants 1, 2, 3, 5, 6, 7, 8, 9 and 10 of design/store.md, after each step. */
async function checkInvariants(model: Model, { stores: [store] }: Real): Promise<void> {
	if (!store) throw new Error('No store');
	await assertConsistent(store);
	const over = (await agentsOverCapacity(store)) as Array<{ key: string }>;
	expect(over.filter(({ key }) => !model.lowered.has(key))).toEqual([]);
	const counts = await store.countEverything();
	expect(counts.conversations).toMatchObject({ open: model.open.size, closed: model.closed.size });
	expect(counts.messages).toBe(model.messages.size);
	for (const id of model.open.values()) {
		const { conversation } = await store.getConversation(id);
		expect(conversation.status).toBe('open');
		if (conversation.queue === null) continue;
		const first = model.firstQueued.get(id) ?? conversation.queue.enteredAt;
		model.firstQueued.set(id, first);
		expect(conversation.queue.enteredAt).toBe(first);
	}
	const turns = await store.engine.db
		.selectFrom('turns')
		.select((eb) => [
			'team_key',
			eb.fn.max('turn_count').as('most'),
			eb.fn.min('turn_count').as('fewest'),
		])
		.where('workspace', '=', store.workspace)
		.groupBy('team_key')
		.execute();
	for (const { most, fewest } of turns) expect(most - fewest).toBeLessThanOrEqual(1);
}

const which = fc.nat({ max: 2 });
const contact = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const agent = fc.constantFrom(...AGENTS);
const teamKey = fc.constantFrom(...TEAMS);

const withOpen =
	(
		who: string,
		by: number,
		step: (store: ConversationStore, id: string, model: Model) => Promise<void>,
	): Step =>
	async (model, { stores }) => {
		const id = model.open.get(who);
		const store = stores[by];
		if (id && store) await step(store, id, model);
	};

const commands = [
	fc.tuple(contact, which, fc.nat({ max: 20 })).map(
		([who, by, number]) =>
			new Command(`message ${number} of ${who}, twice at once`, async (model, { stores }) => {
				const sent = message(who, { id: `${who}-${number}` });
				const results = await Promise.all(
					[by, (by + 1) % 3].map(async (n) => stores[n] && (await receive(stores[n], sent))),
				);
				const outcomes = results.map((result) => result?.outcome).sort();
				const known = model.messages.has(sent.id);
				const fresh = model.open.has(who) ? 'appended' : 'opened';
				expect(outcomes).toEqual(known ? ['duplicate', 'duplicate'] : [fresh, 'duplicate'].sort());
				model.messages.add(sent.id);
				if (!known) model.open.set(who, results[0]?.conversationId ?? '');
			}),
	),
	fc.tuple(contact, which, teamKey).map(
		([who, by, to]) =>
			new Command(
				`route ${who} to ${to}`,
				withOpen(who, by, async (store, id) => {
					const { conversation } = await route(store, id, to);
					expect(conversation.team?.key).toBe(to);
				}),
			),
	),
	fc.tuple(contact, which, fc.option(agent, { nil: undefined })).map(
		([who, by, only]) =>
			new Command(
				`assign ${who} ${only ?? ''}`,
				withOpen(who, by, async (store, id) => {
					const to = only ? { kind: 'agent' as const, agent: only } : { kind: 'routed' as const };
					const { outcome, conversation } = await assign(store, id, { to });
					expect(conversation.assignee === null).toBe(outcome === 'queued');
				}),
			),
	),
	fc.tuple(contact, which, fc.boolean()).map(
		([who, by, requeue]) =>
			new Command(
				`unassign ${who}, ${requeue}`,
				withOpen(who, by, async (store, conversationId) => {
					await store.unassignConversation({
						conversationId,
						requeue,
						reason: 'x',
						source: 'user',
					});
				}),
			),
	),
	fc.tuple(contact, which).map(
		([who, by]) =>
			new Command(
				`close ${who}, twice`,
				withOpen(who, by, async (store, id, model) => {
					expect((await close(store, id)).alreadyClosed).toBe(false);
					expect((await close(store, id)).alreadyClosed).toBe(true);
					model.open.delete(who);
					model.closed.add(id);
				}),
			),
	),
	fc.tuple(agent, which, fc.boolean()).map(
		([key, by, is]) =>
			new Command(`${key} online: ${is}`, async (_, { stores }) => {
				if (stores[by]) await setOnline(stores[by], key, is);
			}),
	),
	fc.tuple(agent, fc.subarray(TEAMS), fc.nat({ max: 3 })).map(
		([key, teams, capacity]) =>
			new Command(`${key} in ${teams.join()} with ${capacity}`, async (model, { stores }) => {
				if (capacity < (model.capacity.get(key) ?? 0)) model.lowered.add(key);
				model.capacity.set(key, capacity);
				if (stores[0]) await online(stores[0], key, teams, capacity);
			}),
	),
	fc.tuple(agent).map(
		([key]) =>
			new Command(`${key} removed and back`, async (model, { stores }) => {
				await stores[1]?.deleteAgent({ key, source: 'user' });
				model.lowered.delete(key);
				if (stores[1]) await online(stores[1], key, TEAMS, model.capacity.get(key) ?? 1);
			}),
	),
	fc.constant(
		new Command(
			'ten minutes pass, the pump works: nobody is left behind',
			async (model, { stores, clock }) => {
				clock.advance(601 * SECOND);
				await stores[2]?.doDueWork();
				for (const id of model.open.values()) {
					const conversation = (await stores[0]?.getConversation(id))?.conversation;
					expect(
						conversation?.assignee ?? conversation?.queue ?? conversation?.flag,
					).not.toBeNull();
				}
			},
		),
	),
];

describe('any sequence of operations by several stores', () => {
	const engine = sqliteEngine();
	afterAll(async () => await engine.cleanUp());

	test(`keeps the invariants (${RUNS} sequences)`, async () => {
		await fc.assert(
			fc.asyncProperty(fc.commands(commands, { maxCommands: 30 }), async (sequence) => {
				const clock = testClock();
				const first = await engine.openStore({ clock });
				const { workspace } = first;
				const others = [
					engine.openStore({ clock, workspace }),
					engine.openStore({ clock, workspace }),
				];
				const stores = [first, ...(await Promise.all(others))];
				for (const key of TEAMS) await team(first, key);
				const capacity = new Map(AGENTS.map((key) => [key, 2]));
				for (const key of AGENTS) await online(first, key, TEAMS, 2);
				const model: Model = {
					open: new Map(),
					messages: new Set(),
					firstQueued: new Map(),
					closed: new Set(),
					capacity,
					lowered: new Set(),
				};
				await fc.asyncModelRun(() => ({ model, real: { stores, clock } }), sequence);
			}),
			{ numRuns: RUNS },
		);
	});
});
