import type { INodeParameters } from 'n8n-workflow';
import { AutoAssignAgent } from '../../nodes/AutoAssignAgent/AutoAssignAgent.node';
import { failedOutput, OUTPUTS, outputsOf } from '../../nodes/AutoAssignAgent/outputs';
import { left, runOf, toBilling } from './support/assigning';
import { Bench } from './support/bench';
import {
	byKey,
	closed,
	expectItemShape,
	failure,
	failureOf,
	idOf,
	openedItem,
	partOf,
	team,
} from './support/samples';

const MINUTE = 60_000;

describe('the form of Auto-Assign Agent', () => {
	let bench: Bench;
	beforeEach(async () => {
		bench = new Bench();
		await team(bench, 'billing', { nathan: null, omar: null });
	});

	const agent = async (key: string, more: { skills?: string[]; languages?: string[] }) =>
		await (await bench.store()).upsertAgent({ key, source: 'user', ...more });
	const rowOf = async (id: string) =>
		await (
			await bench.store()
		).engine.db
			.selectFrom('conversations')
			.selectAll()
			.where('id', '=', id)
			.executeTakeFirstOrThrow();
	/** What the store keeps of a conversation that was assigned this way. */
	const keptOf = async (options: INodeParameters, who = 'amal') => {
		const item = await openedItem(bench, who);
		await runOf(bench, [item], { options });
		const row = await rowOf(idOf(item));
		return { ...row, policy: JSON.parse(row.queue_policy ?? '{}') as object };
	};
	const chosen = async (
		who: string,
		options: INodeParameters,
		parameters: INodeParameters = {},
	) => {
		const run = await runOf(bench, [await openedItem(bench, who)], {
			...{ whenNobody: 'continue', options },
			...parameters,
		});
		const [{ chosen: agent = null } = {}] = left(run.outputs) as Array<{
			chosen?: { key: string } | null;
		}>;
		return agent?.key ?? null;
	};

	describe('outputs', () => {
		test.each([
			[{}, ['Assigned', 'Timed Out', 'Ended']],
			[{ whenNobody: 'wait', assignTo: 'team' }, ['Assigned', 'Timed Out', 'Ended']],
			[{ whenNobody: 'continue' }, ['Assigned', 'Queued']],
			[{ assignTo: 'nobody' }, ['Unassigned']],
		])('%j', (parameters, names) => {
			expect(outputsOf(parameters).map(({ displayName }) => displayName)).toEqual(names);
			expect(failedOutput(parameters)).toBe(names.length - 1);
			const node = bench.nodeOf('autoAssignAgent', { parameters, incomplete: true });
			expect(node.parameters).toMatchObject(parameters);
		});

		test('are an expression that n8n can read: no two closing braces inside', () => {
			expect(OUTPUTS.slice(3, -2)).not.toContain('}}');
			expect(new AutoAssignAgent().description.outputs).toBe(OUTPUTS);
		});
	});

	test('nothing is kept that was not asked for: those who wait alike are looked at as one', async () => {
		expect(await keptOf({})).toMatchObject({
			policy: { strategy: 'roundRobin', onlyOnline: true, maxOpen: null },
			...{ weight: 1, priority: 0, relax_at: null, prefer_agent: null, reply_due_at: null },
		});
		expect((await keptOf({})).queue_policy).toBe(
			JSON.stringify({ strategy: 'roundRobin', onlyOnline: true, maxOpen: null }),
		);
	});

	test('weight and priority are the conversation\u2019s', async () => {
		const row = await keptOf({ weight: 3, priority: -2 });
		expect(row).toMatchObject({ weight: 3, priority: -2 });
		expect(await (await bench.store()).getAgent(row.assignee_key ?? '')).toMatchObject({
			openUnits: 3,
		});
	});

	test('skills are all needed, however they are written', async () => {
		await agent('omar', { skills: ['Refunds', 'VIP'] });
		expect(await chosen('amal', { skills: 'refunds، vip' })).toBe('omar');
		expect(await chosen('basma', { skills: 'refunds, gold' })).toBeNull();
	});

	test('skills and language are insisted on for a time', async () => {
		const item = await openedItem(bench, 'amal');
		const options = { skills: 'gold', relaxAfter: 30 };
		await runOf(bench, [item], { options });
		const { relax_at: at, first_queued_at: since } = await rowOf(idOf(item));
		expect(Number(at) - Number(since)).toBe(30 * MINUTE);
		expect(await chosen('basma', { skills: 'gold', relaxAfter: 0 })).toBe('nathan');
	});

	test('the language is the contact\u2019s as the store knows it now', async () => {
		await agent('nathan', { languages: ['en'] });
		await agent('omar', { languages: ['ar'] });
		const item = await openedItem(bench, 'amal');
		const store = await bench.store();
		await store.enrichContact({
			contactKey: String(partOf(item, 'contact').key),
			conversationId: idOf(item),
			...{ addTags: [], source: 'contact' },
			writes: [{ field: 'language', value: 'ar', source: 'text', mode: 'overwrite' }],
		});
		const options = { speaksLanguage: true };
		expect(left((await runOf(bench, [item], { options })).outputs)).toMatchObject([
			{ chosen: { key: 'omar' } },
		]);
		// Of whom nobody knows the language, anybody may be asked.
		expect(await chosen('basma', options)).toBe('nathan');
		expect(await chosen('carim', { speaksLanguage: false })).toBe('omar');
	});

	test.each(['roundRobin', 'leastOpen', 'lowestLoad', 'longestIdle'])('%s', async (strategy) => {
		const run = await runOf(bench, [await openedItem(bench, 'amal')], { strategy });
		expect(left(run.outputs)).toMatchObject([{ strategy, chosen: { key: 'nathan' } }]);
	});

	test('the last agent is preferred, and waited for, for a time that fades', async () => {
		const before = await openedItem(bench, 'amal');
		await runOf(bench, [before]);
		await closed(bench, before);
		const options = { preferLast: { values: { days: 30, minutes: 10 } } };
		const next = await openedItem(bench, 'amal');
		expect(left((await runOf(bench, [next], { options })).outputs)).toMatchObject([
			{ chosen: { key: 'nathan' }, via: 'preferred' },
		]);
		await closed(bench, next);
		const away = { key: 'nathan', availability: 'away' as const, onlineUntil: null };
		await (await bench.store()).setAvailability({ ...away, source: 'user' });
		const last = await openedItem(bench, 'amal');
		const run = await runOf(bench, [last], { options, whenNobody: 'continue' });
		expect(run.outputs[1]).toMatchObject([
			{ json: { assignment: { outcome: 'queued', blockedBy: 'waitsForPreferred' } } },
		]);
		expect(run.hints).toEqual([
			'The conversation waits in the queue for the agent that the contact had before',
		]);
		const { prefer_until: until, first_queued_at: since } = await rowOf(idOf(last));
		expect(Number(until) - Number(since)).toBeLessThanOrEqual(10 * MINUTE);
		expect(Number(until) - Number(since)).toBeGreaterThan(9 * MINUTE);
		// Asked again without it, nobody is preferred.
		expect(left((await runOf(bench, [last])).outputs)).toMatchObject([{ chosen: { key: 'omar' } }]);
	});

	test('what brings it back is kept with it', async () => {
		await team(bench, 'second-line');
		const values = { noReply: 15, offline: 0, atMost: 2, escalateTo: byKey('second-line') };
		const row = await keptOf({ returns: { values } });
		expect(row).toMatchObject({
			reply_due_at: Number(row.last_assigned_at) + 15 * MINUTE,
			offline_return: null,
			policy: {
				returns: {
					...{ noReplyWithin: 15 * MINUTE, offlineFor: null },
					...{ atMost: 2, escalateTo: 'second-line' },
				},
			},
		});
		const never = { noReply: 0, offline: 5, atMost: 3 };
		const plain = await keptOf({ returns: { values: never } }, 'basma');
		expect(plain.policy).toMatchObject({
			returns: { noReplyWithin: null, offlineFor: 5 * MINUTE, atMost: 3, escalateTo: null },
		});
	});

	test.each<[string, INodeParameters, string]>([
		['too much weight', { weight: 1001 }, 'Weight must be at most 1000 (weight)'],
		['a priority that is none', { priority: 'high' }, 'Priority must be a number (priority)'],
		['half an agent’s limit', { maxOpen: 0.5 }, 'Most Open Conversations must be at least 1'],
		[
			'a team to escalate to that is not there',
			{ returns: { values: { escalateTo: byKey('gone') } } },
			"There is no team 'gone'",
		],
	])('%s is refused', async (_what, options, sentence) => {
		const run = runOf(bench, [await openedItem(bench, 'amal')], { options }, { incomplete: true });
		const { message } = await failureOf(run);
		expect(message).toContain(sentence);
	});

	test('a dry run says who would get it, and changes nothing', async () => {
		const item = await openedItem(bench, 'amal');
		const run = await runOf(bench, [item], { options: { dryRun: true, weight: 7 } });
		expect(left(run.outputs)).toMatchObject([
			{ by: 'Assigned', outcome: 'assigned', dryRun: true, chosen: { key: 'nathan' } },
		]);
		expect(run.hints).toEqual([
			'Dry run: nothing was changed. The item says who would get the conversation',
		]);
		expect(await rowOf(idOf(item))).toMatchObject({
			...{ assignee_key: null, queue_entered_at: null, weight: 1, team_key: null },
		});
	});

	describe('Nobody (Unassign)', () => {
		const nobody = { assignTo: 'nobody' };

		test('puts it back in the queue, with its place', async () => {
			const item = await openedItem(bench, 'amal');
			await runOf(bench, [item]);
			const run = await runOf(bench, [item], nobody);
			expect(run.outputs).toHaveLength(1);
			const [unassigned] = run.outputs.flat();
			expectItemShape(unassigned, ['assignment']);
			expect(unassigned?.json).toMatchObject({
				conversation: { assignee: null, queue: { position: 1 } },
				assignment: {
					...{ outcome: 'queued', position: 1, waitedSeconds: 0 },
					explanation: 'Nobody has the conversation; the next free agent gets it',
				},
			});
		});

		test('or leaves it to a person', async () => {
			const item = await openedItem(bench, 'amal');
			await runOf(bench, [item]);
			const run = await runOf(bench, [item], { ...nobody, requeue: false });
			expect(run.outputs.flat()[0]?.json).toMatchObject({
				conversation: { assignee: null, queue: null, flag: 'unassigned' },
				assignment: {
					...{ outcome: 'unassigned', position: null },
					explanation: 'Nobody has the conversation; it waits for a person to assign it',
				},
			});
		});

		test('a closed one is refused', async () => {
			const item = await openedItem(bench, 'amal');
			await closed(bench, item);
			expect(await failureOf(runOf(bench, [item], nobody))).toEqual(
				failure(`The conversation '${idOf(item)}' is closed`, 'It was closed before'),
			);
		});
	});

	test('a team to assign to is the same as before', async () => {
		expect(await chosen('amal', {}, toBilling)).toBe('nathan');
	});
});
