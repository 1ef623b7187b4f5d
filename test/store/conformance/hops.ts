import * as fc from 'fast-check';
import { isStoreError } from '../../../nodes/store/errors';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import {
	accept,
	decline,
	present,
	returning,
	snooze,
	toAgent,
	toTeam,
	wake,
} from '../support/returning';
import { assign, close, handled, message, receive, team } from '../support/samples';

const AGENTS = ['ann', 'bob', 'cem', 'lea'];
const AT_MOST = 2;
const POLICY = returning({ offlineFor: 3 * MINUTE, atMost: AT_MOST, escalateTo: 'leads' });

/** How many sequences; `CONVERSATION_STORE_TEST_RUNS=500` is the nightly size. */
const RUNS = Number(process.env.CONVERSATION_STORE_TEST_RUNS ?? 12);

/** Whether to look for the shortest sequence that fails; that it fails may be all that is asked. */
const SHRINK = process.env.CONVERSATION_STORE_TEST_SHRINK !== 'no';

interface World {
	store: ConversationStore;
	clock: TestClock;
	ids: string[];
}

interface Act {
	name: string;
	play(world: World): Promise<unknown>;
}

const anyId = fc.nat({ max: 2 });
const anyOf = fc.constantFrom(...AGENTS);
const assigneeIn = async ({ store, ids }: World, which: number) => {
	const { conversation } = await store.getConversation(ids[which] ?? '');
	return conversation.assignee?.key ?? 'nobody';
};

/** What agents, customers and time do. */
const events: Array<fc.Arbitrary<Act>> = [
	fc.constantFrom(1, 3, 4, 10, 60).map((minutes) => ({
		name: `${minutes} minutes`,
		async play({ store, clock }) {
			clock.advance(minutes * MINUTE);
			await store.doDueWork();
		},
	})),
	fc.tuple(anyOf, fc.boolean()).map(([agent, is]) => ({
		name: `${agent} ${is ? 'comes' : 'goes'}`,
		play: async ({ store }) => await present(store, agent, is),
	})),
	anyId.map((which) => ({
		name: `decline ${which}`,
		play: async (world) =>
			await decline(world.store, world.ids[which] ?? '', await assigneeIn(world, which)),
	})),
	anyId.map((which) => ({
		name: `accept ${which}`,
		play: async (world) =>
			await accept(world.store, world.ids[which] ?? '', await assigneeIn(world, which)),
	})),
	anyId.map((which) => ({
		name: `contact of ${which} writes`,
		play: async ({ store }) => await receive(store, message(`c${which}`), { opens: false }),
	})),
	anyId.map((which) => ({
		name: `reply to ${which}`,
		play: async ({ store }) => await receive(store, message(`c${which}`, { kind: 'echo' })),
	})),
	fc.tuple(anyId, fc.constantFrom(null, 5)).map(([which, minutes]) => ({
		name: `snooze ${which}`,
		play: async ({ store, clock, ids }) =>
			await snooze(store, ids[which] ?? '', minutes === null ? null : clock() + minutes * MINUTE),
	})),
	anyId.map((which) => ({
		name: `wake ${which}`,
		play: async ({ store, ids }) => await wake(store, ids[which] ?? ''),
	})),
	anyId.map((which) => ({
		name: `assign ${which} once more`,
		play: async ({ store, ids }) => await assign(store, ids[which] ?? '', { policy: POLICY }),
	})),
];

/** What people and flows decide besides. */
const decisions: Array<fc.Arbitrary<Act>> = [
	fc.tuple(anyId, anyOf).map(([which, agent]) => ({
		name: `${which} to ${agent}`,
		play: async ({ store, ids }) => await toAgent(store, ids[which] ?? '', agent),
	})),
	fc.tuple(anyId, fc.constantFrom('sales', 'leads')).map(([which, key]) => ({
		name: `${which} to the team ${key}`,
		play: async ({ store, ids }) => await toTeam(store, ids[which] ?? '', key),
	})),
	anyId.map((which) => ({
		name: `close ${which}`,
		play: async ({ store, ids }) => await close(store, ids[which] ?? ''),
	})),
	anyOf.map((agent) => ({
		name: `${agent} is removed`,
		play: async ({ store }) => await store.deleteAgent({ key: agent, source: 'user' }),
	})),
];

const named = (act: Act) => ({ ...act, [fc.toStringMethod]: () => act.name });
const sequenceOf = (acts: Array<fc.Arbitrary<Act>>) =>
	fc.noBias(fc.array(fc.oneof(...acts).map(named), { minLength: 20, maxLength: 60, size: 'max' }));

/** Whatever happens, in whatever order: nothing goes round for ever, and nothing is lost. */
export function hopsSuite(engine: EngineUnderTest): void {
	async function begin(): Promise<World> {
		const clock = testClock();
		const store = await engine.openStore({ clock });
		await team(store, 'sales', { ann: 2, bob: 1, cem: 1 });
		await team(store, 'leads', { lea: 1 });
		for (const agent of AGENTS) await present(store, agent, true);
		const ids: string[] = [];
		for (const who of ['c0', 'c1', 'c2']) {
			ids.push((await handled(store, who, 'sales', { policy: POLICY })).id);
		}
		return { store, clock, ids };
	}

	/** Plays it, and looks after each step. @returns how often each conversation changed hands by itself */
	async function play(acts: Act[]) {
		const world = await begin();
		const { store, ids } = world;
		for (const act of acts) {
			await act.play(world).catch((error: unknown) => {
				if (!isStoreError(error)) throw error;
			});
			const rows = await store.engine.db
				.selectFrom('conversations')
				.select(['id', 'status', 'assignee_key', 'queue_entered_at', 'flag', 'reply_due_at'])
				.where('workspace', '=', store.workspace)
				.execute();
			expect(rows).toHaveLength(ids.length);
			// Invariant 10.
			const lost = rows.filter(
				(row) =>
					row.status === 'open' &&
					row.assignee_key === null &&
					row.queue_entered_at === null &&
					row.flag === null,
			);
			const runsWithoutAgent = rows.filter(
				(row) => row.reply_due_at !== null && (row.status !== 'open' || row.assignee_key === null),
			);
			expect({ after: act.name, lost, runsWithoutAgent }).toEqual({
				...{ after: act.name, lost: [], runsWithoutAgent: [] },
			});
		}
		await assertConsistent(store, store.workspace);
		const events = await store.engine.db
			.selectFrom('events')
			.select(['conversation_id', 'type', 'data'])
			.where('workspace', '=', store.workspace)
			.where('type', 'in', ['unassigned', 'escalated'])
			.execute();
		return ids.map((id) => {
			const own = events.filter((event) => event.conversation_id === id);
			const causes = own.map(({ data }) => (JSON.parse(data) as { returned?: string }).returned);
			return {
				byThemselves: causes.filter((cause) => cause === 'noReply' || cause === 'offline').length,
				all: causes.filter((cause) => cause !== undefined).length,
				escalations: own.filter(({ type }) => type === 'escalated').length,
			};
		});
	}

	test('nobody decides anything: a conversation comes back so often, and no more', async () => {
		await fc.assert(
			fc.asyncProperty(sequenceOf(events), async (acts) => {
				for (const { all, byThemselves, escalations } of await play(acts)) {
					expect(byThemselves).toBeLessThanOrEqual(AT_MOST + 1);
					// Each agent may decline once more what has escalated.
					expect(all).toBeLessThanOrEqual(AT_MOST + 1 + AGENTS.length);
					expect(escalations).toBeLessThanOrEqual(1);
				}
			}),
			{ numRuns: RUNS, endOnFailure: !SHRINK },
		);
	}, 300_000);

	test('whatever people decide: it comes back by itself so often, and no more', async () => {
		await fc.assert(
			fc.asyncProperty(sequenceOf([...events, ...decisions]), async (acts) => {
				for (const { byThemselves, escalations } of await play(acts)) {
					expect(byThemselves).toBeLessThanOrEqual(AT_MOST + 1);
					expect(escalations).toBeLessThanOrEqual(1);
				}
			}),
			{ numRuns: RUNS, endOnFailure: !SHRINK },
		);
	}, 300_000);
}
