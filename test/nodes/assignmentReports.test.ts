import type { IDataObject, INodeParameters } from 'n8n-workflow';
import type { AssignConversationInput } from '../../nodes/store/operations/assignConversation';
import { Bench } from './support/bench';
import { byKey, closed, failure, failureOf, idOf, openedItem, team } from './support/samples';

const HOUR = 60 * 60_000;

describe('Conversation Store: reports on assignments', () => {
	let bench: Bench;
	beforeEach(async () => {
		bench = new Bench();
		await team(bench, 'sales', { ann: 1, bob: 2 });
		await team(bench, 'care', { cem: null });
	});
	afterEach(() => delete process.env.CONVERSATION_STORE_TEST_CLOCK);

	/** Moves the store's clock from now on. */
	let offset = 0;
	const pass = (time: number) => {
		offset += time;
		process.env.CONVERSATION_STORE_TEST_CLOCK = String(offset);
	};
	beforeEach(() => (offset = 0));

	const run = async (parameters: INodeParameters) => {
		const { outputs } = await bench.execute('conversationStore', { parameters });
		return outputs.flat().map(({ json }) => json);
	};
	const ofConversations = async (operation: string, parameters: INodeParameters = {}) =>
		await run({ resource: 'conversation', operation, ...parameters });

	const handled = async (
		who: string,
		teamKey: string,
		changes: Partial<AssignConversationInput> = {},
	) => {
		const item = await openedItem(bench, who);
		const store = await bench.store();
		await store.assignConversation({
			conversationId: idOf(item),
			to: { kind: 'team', team: teamKey },
			policy: { strategy: 'roundRobin', onlyOnline: true, maxOpen: null },
			exclude: [],
			source: 'workflow',
			...changes,
		});
		return item;
	};

	describe('Compare Shadow', () => {
		const shadow = { strategy: 'lowestLoad' as const };

		test('how often both agree, who got what, and the decisions that differ', async () => {
			await handled('amal', 'care');
			await handled('badr', 'sales', { shadow });
			await handled('celia', 'sales', { shadow });
			await handled('dina', 'sales', { shadow });
			const waits = await handled('emre', 'sales', { shadow: { ...shadow, maxOpen: null } });
			const lax = await handled('fatma', 'sales', {
				exclude: ['ann'],
				shadow: { strategy: 'leastOpen', maxOpen: null },
			});
			expect(await ofConversations('compareShadow')).toMatchObject([
				{
					...{ decisions: 5, agreed: 5, agreedShare: 1, otherAgent: 0 },
					...{ wouldWait: 0, wouldNotWait: 0, strategies: { lowestLoad: 4, leastOpen: 1 } },
					agents: [
						{ key: 'bob', name: 'bob', live: 2, shadow: 2, change: 0 },
						{ key: 'ann', name: 'ann', live: 1, shadow: 1, change: 0 },
					],
				},
			]);
			expect(await ofConversations('compareShadow', { shadowOutput: 'conversations' })).toEqual([]);
			await closed(bench, waits);
			await closed(bench, lax);
			const store = await bench.store();
			await store.upsertAgent({ key: 'bob', capacity: 9, source: 'user' });
			await store.upsertAgent({ key: 'ann', capacity: 2, source: 'user' });
			// A turn of ann, of whom half is taken already.
			const other = await handled('gul', 'sales', { shadow });
			const [summary] = await ofConversations('compareShadow');
			expect(summary).toMatchObject({ decisions: 6, agreed: 5, otherAgent: 1 });
			const items = await ofConversations('compareShadow', { shadowOutput: 'conversations' });
			expect(items).toMatchObject([
				{
					conversationId: idOf(other),
					team: 'sales',
					live: {
						agent: { key: 'ann' },
						explanation: expect.stringContaining('ann has the next turn'),
					},
					shadow: {
						...{ strategy: 'lowestLoad', agent: { key: 'bob', name: 'bob' } },
						explanation: expect.stringContaining('bob has the lowest load'),
					},
				},
			]);
		});

		test('what would have waited, and what would not; at most so many', async () => {
			await handled('amal', 'sales', { shadow: { strategy: 'leastOpen', maxOpen: 0 } });
			await (
				await bench.store()
			).setAvailability({
				...{ key: 'cem', availability: 'away', onlineUntil: null, source: 'user' },
			});
			await handled('badr', 'care', { shadow: { strategy: 'leastOpen', onlyOnline: false } });
			expect(await ofConversations('compareShadow')).toMatchObject([
				{ decisions: 2, agreed: 0, agreedShare: 0, wouldWait: 1, wouldNotWait: 1 },
			]);
			const all = { shadowOutput: 'conversations', returnAll: true };
			const items = await ofConversations('compareShadow', all);
			expect(items).toMatchObject([
				{ live: { agent: { key: 'ann' } }, shadow: { agent: null } },
				{ live: { agent: null }, shadow: { agent: { key: 'cem' } } },
			]);
			const one = await ofConversations('compareShadow', {
				shadowOutput: 'conversations',
				limit: 1,
			});
			expect(one).toEqual([items[0]]);
		});

		test('nothing was asked beside', async () => {
			await handled('amal', 'sales');
			expect(await ofConversations('compareShadow')).toMatchObject([
				{ decisions: 0, agreedShare: null, agents: [] },
			]);
		});
	});

	describe('Replay Assignment', () => {
		/** Seven conversations: five are assigned at once, one after an hour, one leaves before. */
		const past = async () => {
			await (
				await bench.store()
			).upsertAgent({
				...{ key: 'dan', teams: ['sales'], capacity: null, availability: 'away', source: 'user' },
			});
			const first = await handled('amal', 'sales');
			const second = await handled('badr', 'sales');
			await closed(bench, first);
			const third = await handled('celia', 'sales');
			await handled('dina', 'care');
			await handled('emre', 'sales');
			const left = await handled('fatma', 'sales');
			const waited = await handled('gul', 'sales');
			pass(HOUR);
			await closed(bench, left);
			await closed(bench, second);
			return { third, waited };
		};

		test('the same policy changes nothing, and writes nothing', async () => {
			await past();
			const store = await bench.store();
			const events = async () =>
				(await store.engine.db.selectFrom('events').select('id').execute()).length;
			const before = await events();
			const [summary] = await ofConversations('replayAssignment', { replayStrategy: 'roundRobin' });
			expect(summary).toMatchObject({
				...{ strategy: 'roundRobin', onlyOnline: true, maxOpen: null },
				...{ conversations: 7, same: 7, different: 0, differentShare: 0, byHand: 0 },
				neverAssigned: { happened: 1, replayed: 1 },
			});
			const { happened, replayed } = summary!.waits as Record<string, IDataObject>;
			expect(replayed).toEqual(happened);
			expect(happened).toMatchObject({ assigned: 6, atOnce: 5, medianSeconds: 0 });
			expect(happened!.longestSeconds).toBeGreaterThanOrEqual(3600);
			expect(summary!.notes).toContainEqual(expect.stringContaining('lasts as long as it did'));
			expect(await events()).toBe(before);
			const differing = { replayStrategy: 'roundRobin', replayOutput: 'conversations' };
			expect(await ofConversations('replayAssignment', differing)).toEqual([]);
		});

		test('another policy: who would have got what, and why', async () => {
			const { third, waited } = await past();
			const tried = { replayStrategy: 'leastOpen', onlyOnline: false };
			const items = await ofConversations('replayAssignment', {
				...{ ...tried, replayOutput: 'conversations' },
			});
			// Dan is asked as well now, and has nothing open.
			expect(items[0]).toMatchObject({
				...{ conversationId: idOf(third), team: 'sales', wouldWaitStill: false },
				happened: { agent: { key: 'ann', name: 'ann' }, waitedSeconds: 0 },
				wouldGo: {
					...{ agent: { key: 'dan', name: 'dan' }, waitedSeconds: 0 },
					explanation: expect.stringContaining('dan has the fewest open: away'),
				},
			});
			const strict = { ...tried, onlyOnline: true, options: { maxOpen: 1 } };
			const differ = { ...strict, replayOutput: 'conversations', limit: 1 };
			expect(await ofConversations('replayAssignment', differ)).toMatchObject([
				{
					...{ conversationId: idOf(waited), wouldGo: null, wouldWaitStill: true },
					happened: { agent: { key: 'bob' } },
				},
			]);
			const agents = await ofConversations('replayAssignment', {
				...tried,
				replayOutput: 'agents',
			});
			expect(agents.map(({ key }) => key).sort()).toEqual(['ann', 'bob', 'cem', 'dan']);
			expect(agents.reduce((sum, { happened }) => sum + Number(happened), 0)).toBe(6);
			for (const { happened, replayed, change } of agents) {
				expect(change).toBe(Number(replayed) - Number(happened));
			}
		});

		test('of one team; a period before anything', async () => {
			await past();
			const care = { replayStrategy: 'leastOpen', options: { team: byKey('care') } };
			expect(await ofConversations('replayAssignment', care)).toMatchObject([
				{ conversations: 1, same: 1 },
			]);
			const agents = await ofConversations('replayAssignment', { ...care, replayOutput: 'agents' });
			expect(agents).toMatchObject([{ key: 'cem', happened: 1, replayed: 1, mostOpen: 1 }]);
			const early = { periodFrom: '2020-01-01T00:00:00Z', periodTo: '2020-02-01T00:00:00Z' };
			expect(await ofConversations('replayAssignment', { ...care, ...early })).toMatchObject([
				{ from: '2020-01-01T00:00:00.000Z', conversations: 0, differentShare: null },
			]);
		});

		test('of a team that is not there', async () => {
			const parameters = { options: { team: byKey('carre') } };
			expect(await failureOf(ofConversations('replayAssignment', parameters))).toEqual(
				failure("There is no team 'carre'", 'Teams in this workspace: care, sales'),
			);
		});

		test('a period that ends before it begins', async () => {
			const parameters = { periodFrom: '2020-02-01', periodTo: '2020-01-01' };
			expect(await failureOf(ofConversations('replayAssignment', parameters))).toEqual(
				failure("'From' is not before 'To', or lies in the future", 'Choose a period'),
			);
			expect(
				await failureOf(ofConversations('replayAssignment', { periodFrom: '2999-01-01' })),
			).toEqual(failure("'From' is not before 'To', or lies in the future", 'Choose a period'));
		});
	});

	describe('Fairness Report', () => {
		const report = async (parameters: INodeParameters = {}) =>
			await run({ resource: 'agent', operation: 'fairnessReport', ...parameters });

		test('what each was given, by the time that they were online', async () => {
			const store = await bench.store();
			await store.upsertAgent({ key: 'ann', capacity: null, source: 'user' });
			await store.upsertAgent({ key: 'bob', capacity: null, source: 'user' });
			pass(HOUR);
			for (const who of ['amal', 'badr', 'celia']) await handled(who, 'sales');
			await store.setAvailability({
				...{ key: 'bob', availability: 'away', onlineUntil: null, source: 'user' },
			});
			pass(HOUR);
			await handled('dina', 'sales');
			const [summary] = await report({ team: byKey('sales') });
			expect(summary).toMatchObject({
				...{ team: 'sales', assignments: 4, byHand: 0, onlineHours: 3, notes: [] },
			});
			const agents = summary!.agents as IDataObject[];
			expect(
				agents.map(({ key, assignments, onlineHours }) => [key, assignments, onlineHours]),
			).toEqual(
				expect.arrayContaining([
					['ann', 3, 2],
					['bob', 1, 1],
				]),
			);
			const ann = agents.find(({ key }) => key === 'ann')!;
			expect(ann.expected).toBeCloseTo(4 * (2 / 3), 1);
			expect(ann.index).toBeCloseTo(3 / (4 * (2 / 3)), 1);
			expect(summary!.gini).toBeGreaterThan(0);
			const items = await report({ team: byKey('sales'), fairnessOutput: 'agents' });
			expect(items.map(({ key }) => key)).toEqual(agents.map(({ key }) => key));
		});

		test('of a team that is not there', async () => {
			expect(await failureOf(report({ team: byKey('carre') }))).toEqual(
				failure("There is no team 'carre'", 'Teams in this workspace: care, sales'),
			);
		});

		test('of all teams, with what went to somebody who is gone', async () => {
			pass(HOUR);
			await handled('amal', 'care');
			await handled('badr', 'sales');
			await (await bench.store()).deleteAgent({ key: 'cem', source: 'user' });
			const [summary] = await report();
			expect(summary).toMatchObject({ team: null, assignments: 1 });
			expect(summary!.notes).toEqual([
				expect.stringContaining('1 more assignments went to people'),
			]);
		});

		test('says whose presence nobody has told of', async () => {
			pass(HOUR);
			const later = new Date(Date.now() + HOUR / 2).toISOString();
			const [summary] = await report({ periodFrom: later, team: byKey('care') });
			expect(summary).toMatchObject({
				...{ assignments: 0, gini: null, spread: { highest: 1, lowest: 1, difference: 0 } },
				notes: [expect.stringContaining('Nothing tells when 1 agents were there')],
			});
		});
	});
});
