import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import type { AssignmentStrategy } from '../../../nodes/decisions/contracts';
import type { ConversationStore } from '../../../nodes/store/store';
import { HOUR, MINUTE, SECOND, testClock, type EngineUnderTest } from '../support/engines';
import { close, handled, setOnline, team } from '../support/samples';
import { readFacts } from './facts';
import { PATIENCE, RUNS, SEED, SHRINK } from './runs';

type Desk = Awaited<ReturnType<typeof openDesk>>;

/** One team, everybody online and without a limit; conversations come one after the other. */
async function openDesk(engine: EngineUnderTest, agents: string[]) {
	const clock = testClock();
	const store: ConversationStore = await engine.openStore({ clock, workspace: randomUUID() });
	await team(store, 'sales', Object.fromEntries(agents.map((agent) => [agent, null])));
	let customers = 0;
	const open: Array<{ id: string; agent: string }> = [];
	return {
		store,
		clock,
		open,
		/** Somebody writes, and is assigned. @returns to whom */
		async give(
			strategy: AssignmentStrategy,
			changes: Parameters<typeof handled>[3] = {},
			who = `customer ${customers++}`,
		): Promise<string> {
			clock.advance(SECOND);
			const policy = { strategy, onlyOnline: true, maxOpen: null };
			const { id, conversation } = await handled(store, who, 'sales', { policy, ...changes });
			const agent = conversation.assignee?.key ?? 'nobody';
			open.push({ id, agent });
			return agent;
		},
		/** One of those that are open ends; whose says nothing about turns. */
		async end(number: number): Promise<void> {
			const [one] = open.splice(number % Math.max(1, open.length), 1);
			clock.advance(SECOND);
			if (one) await close(store, one.id);
		},
	};
}

const count = (agents: string[], got: string[]) =>
	agents.map((agent) => got.filter((one) => one === agent).length);

const spread = (counts: number[]) => Math.max(...counts) - Math.min(...counts);

const roster = fc
	.integer({ min: 2, max: 5 })
	.map((size) => ['ann', 'bob', 'cem', 'dan', 'eve'].slice(0, size));

/** What happens at the desk, beside that somebody writes. */
const moments = fc.array(
	fc.oneof(
		{ weight: 5, arbitrary: fc.constant({ kind: 'turn' as const, number: 0 }) },
		{ weight: 3, arbitrary: fc.nat(99).map((number) => ({ kind: 'end' as const, number })) },
		{ weight: 1, arbitrary: fc.nat(99).map((number) => ({ kind: 'known' as const, number })) },
		{ weight: 1, arbitrary: fc.nat(99).map((number) => ({ kind: 'dry' as const, number })) },
	),
	{ minLength: 4, maxLength: 24, size: 'max' },
);

/** Fairness over a stretch of time, seen from outside: by who got what, not by what the store counts. */
export function fairnessSuite(engine: EngineUnderTest): void {
	const check = async <T>(values: fc.Arbitrary<T>, play: (value: T) => Promise<void>) =>
		await fc.assert(fc.asyncProperty(values, play), {
			numRuns: Math.ceil(RUNS / 2),
			seed: SEED,
			endOnFailure: !SHRINK,
		});

	/** A contact whom this agent had before comes back, and gets the same: that is nobody's turn. */
	const comesBack = async (desk: Desk, agent: string, who: string) => {
		const one = { kind: 'agent' as const, agent };
		await desk.give('roundRobin', { to: one }, who);
		await close(desk.store, desk.open.pop()?.id ?? '');
		const prefer = { within: HOUR, waitAtMost: MINUTE };
		expect(await desk.give('roundRobin', { prefer }, who)).toBe(agent);
	};

	test(
		'invariant 6: on a stable roster nobody is ever more than one turn ahead, whatever else is given',
		async () => {
			await check(fc.record({ agents: roster, moments }), async ({ agents, moments }) => {
				const desk = await openDesk(engine, agents);
				const got: string[] = [];
				for (const [i, { kind, number }] of moments.entries()) {
					const agent = agents[number % agents.length] ?? '';
					if (kind === 'turn') got.push(await desk.give('roundRobin'));
					else if (kind === 'end') await desk.end(number);
					else if (kind === 'known') await comesBack(desk, agent, `known ${i}`);
					else await sayWhoWouldGet(desk, `asked ${i}`);
					expect(spread(count(agents, got))).toBeLessThanOrEqual(1);
				}
			});
		},
		RUNS * PATIENCE,
	);

	/** A dry run leaves every table as it was, and then comes true. */
	const sayWhoWouldGet = async ({ store, give, open }: Desk, who: string) => {
		await give('longestIdle', {}, who);
		const { id } = open.pop() ?? { id: '' };
		const unassign = { conversationId: id, requeue: false, reason: 'test', source: 'user' };
		await store.unassignConversation(unassign);
		const before = await readFacts(store);
		const how = {
			...{ conversationId: id, to: { kind: 'routed' as const }, exclude: [], source: 'workflow' },
			policy: { strategy: 'longestIdle' as const, onlyOnline: true, maxOpen: null },
		};
		const wishes = { weight: 2, priority: 3, relaxAfter: MINUTE };
		const told = await store.assignConversation({ ...how, ...wishes, dryRun: true });
		expect(await readFacts(store)).toEqual(before);
		const { conversation } = await store.assignConversation(how);
		expect(conversation.assignee?.key).toBe(told.decision?.chosen?.key);
		await close(store, id);
	};

	test.each<AssignmentStrategy>(['roundRobin', 'longestIdle'])(
		'who comes back gets turns, and not all of them: %s',
		async (strategy) => {
			const given = fc.record({
				agents: roster,
				before: fc.nat(6),
				meanwhile: fc.integer({ min: 1, max: 12 }),
				after: fc.integer({ min: 1, max: 10 }),
				away: fc.nat(4),
			});
			await check(given, async ({ agents, before, meanwhile, after, away }) => {
				const desk = await openDesk(engine, agents);
				const who = agents[away % agents.length] ?? '';
				for (let i = 0; i < before; i++) await desk.give(strategy);
				await setOnline(desk.store, who, false);
				for (let i = 0; i < meanwhile; i++) expect(await desk.give(strategy)).not.toBe(who);
				await setOnline(desk.store, who);
				const got: string[] = [];
				for (let i = 1; i <= after; i++) {
					got.push(await desk.give(strategy));
					const own = got.filter((one) => one === who).length;
					// Its share of what came since, and the one that it may be behind.
					expect(own).toBeLessThanOrEqual(Math.ceil(i / agents.length) + 1);
				}
			});
		},
		RUNS * PATIENCE,
	);

	test.each<AssignmentStrategy>(['leastOpen', 'lowestLoad'])(
		'who comes back is filled up to the others, and no further: %s',
		async (strategy) => {
			const given = fc.record({ agents: roster, meanwhile: fc.nat(9), after: fc.nat(12) });
			await check(given, async ({ agents, meanwhile, after }) => {
				const desk = await openDesk(engine, agents);
				for (const agent of agents) {
					await desk.store.upsertAgent({ key: agent, capacity: 50, source: 'user' });
				}
				const [who = ''] = agents;
				await setOnline(desk.store, who, false);
				for (let i = 0; i < meanwhile; i++) await desk.give(strategy);
				await setOnline(desk.store, who);
				for (let i = 0; i < after; i++) {
					await desk.give(strategy);
					const open = count(
						agents,
						desk.open.map(({ agent }) => agent),
					);
					expect(open[0]).toBeLessThanOrEqual(Math.min(...open.slice(1)) + 1);
				}
			});
		},
		RUNS * PATIENCE,
	);
}
