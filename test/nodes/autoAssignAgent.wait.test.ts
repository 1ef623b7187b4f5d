import type { INodeExecutionData } from 'n8n-workflow';
import { WAIT_INDEFINITELY } from 'n8n-workflow';
import { left, runOf, toBilling } from './support/assigning';
import { Bench, RESUMED_BY } from './support/bench';
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

describe('Auto-Assign Agent waits in the queue', () => {
	let bench: Bench;
	/** The one that Nathan has already. */
	let first: INodeExecutionData;

	beforeEach(async () => {
		bench = new Bench();
		await team(bench, 'billing', { nathan: 1 });
		first = await openedItem(bench, 'first');
		await bench.execute('autoAssignAgent', { parameters: toBilling, items: [first] });
	});

	const waitsOf = async () =>
		await (await bench.store()).engine.db.selectFrom('waits').selectAll().execute();
	/** The deadline passes, and the pump finds it. */
	const timePasses = async () => {
		const store = await bench.store();
		await store.engine.db.updateTable('waits').set({ deadline: 1 }).execute();
		await store.doDueWork();
	};

	describe('one conversation', () => {
		test('nothing leaves before an agent has it; then it leaves by Assigned, whole', async () => {
			const item = await openedItem(bench, 'amal');
			const binary = { photo: { data: 'AA==', mimeType: 'image/png' } };
			const run = await runOf(bench, [{ json: { ...item.json, order: 4711 }, binary }]);
			expect(run.outputs).toEqual([[], [], []]);
			expect(run.waitTill).toEqual(WAIT_INDEFINITELY);
			expect(await run.call()).toEqual({
				answer: expect.objectContaining({ status: 200, body: { waiting: true } }),
				outputs: undefined,
			});
			const [wait] = await waitsOf();
			expect(wait).toMatchObject({
				resume_url: `https://n8n.example.com/webhook-waiting/${run.executionId}/conversation-assignment?signature=${RESUMED_BY}`,
				...{ workflow_id: bench.workflowId, node_id: 'node-autoAssignAgent' },
			});
			expect(wait!.deadline - wait!.created_at).toBe(7 * 24 * 60 * 60_000);
			await closed(bench, first);
			const { outputs } = await run.call();
			expect(left(outputs)).toEqual([
				expect.objectContaining({
					...{ by: 'Assigned', outcome: 'assigned', alreadyAssigned: false, why: null },
					...{ position: null, expectedWaitSeconds: null, waitedSeconds: expect.any(Number) },
					explanation: expect.stringContaining('nathan'),
					...{ chosen: { key: 'nathan', name: 'nathan' }, strategy: 'roundRobin' },
					considered: [expect.objectContaining({ key: 'nathan', candidate: true })],
				}),
			]);
			const [assigned] = outputs!.flat();
			expectItemShape(assigned, ['order', 'assignment']);
			expect(assigned).toMatchObject({
				...{ binary, pairedItem: { item: 0 } },
				json: {
					order: 4711,
					conversation: { assignee: { key: 'nathan' }, queue: null },
					message: { text: 'Hello' },
				},
			});
		});

		test('the same call twice gives the same items', async () => {
			const run = await runOf(bench, [await openedItem(bench, 'amal')]);
			await closed(bench, first);
			const calls = [await run.call(), await run.call()];
			expect(calls[0]?.outputs).toBeDefined();
			expect(calls[1]?.outputs).toEqual(calls[0]?.outputs);
		});

		test('leaves by Assigned when another flow finds somebody', async () => {
			const item = await openedItem(bench, 'amal');
			const run = await runOf(bench, [item]);
			await team(bench, 'sales', { sami: null });
			await bench.execute('autoAssignAgent', {
				parameters: { assignTo: 'agent', agent: byKey('sami') },
				items: [item],
			});
			expect(left((await run.call()).outputs)).toMatchObject([
				{ by: 'Assigned', explanation: expect.stringContaining('sami') },
			]);
		});

		test('leaves by Timed Out, and keeps its place in the queue', async () => {
			const item = await openedItem(bench, 'amal');
			const run = await runOf(bench, [item]);
			await timePasses();
			const { outputs } = await run.call();
			expect(left(outputs)).toMatchObject([
				{
					...{ by: 'Timed Out', outcome: 'timedOut', position: 1 },
					...{ blockedBy: 'everybodyAtCapacity', why: expect.stringMatching(/^Nobody was free/) },
				},
			]);
			expect(partOf(outputs!.flat()[0], 'conversation')).toMatchObject({
				queue: { team: 'billing', position: 1 },
			});
			// The flow may lead back here: it waits anew, and the call of before is about nothing.
			const old = await run.group();
			const again = await runOf(bench, outputs!.flat(), {}, { executionId: run.executionId });
			expect(again.waitTill).toBeDefined();
			expect((await again.call({ wait: old })).outputs).toBeUndefined();
			await closed(bench, first);
			expect((await again.call({ wait: old })).outputs).toBeUndefined();
			expect(left((await again.call()).outputs)).toMatchObject([{ by: 'Assigned' }]);
		});

		test('leaves by Ended when it is closed, or taken out of the queue', async () => {
			const items = [await openedItem(bench, 'amal'), await openedItem(bench, 'basma')];
			const runs = [await runOf(bench, [items[0]!]), await runOf(bench, [items[1]!])];
			await closed(bench, items[0]!);
			expect(left((await runs[0]!.call()).outputs)).toMatchObject([
				{ by: 'Ended', outcome: 'ended', why: 'The conversation was closed', position: null },
			]);
			const off = { assignTo: 'nobody', requeue: false };
			await bench.execute('autoAssignAgent', { parameters: off, items: [items[1]!] });
			expect(left((await runs[1]!.call()).outputs)).toMatchObject([
				{ by: 'Ended', why: 'It was taken out of the queue, for a person to assign' },
			]);
		});

		test('is not held up by another execution, and another node is not told', async () => {
			const run = await runOf(bench, [await openedItem(bench, 'amal')]);
			await closed(bench, first);
			const wait = await run.group();
			const other = await runOf(bench, [await openedItem(bench, 'basma')]);
			expect((await other.call({ wait })).outputs).toBeUndefined();
			const asNode = { executionId: run.executionId, incomplete: true };
			expect((await bench.resume('askQuestion', { wait }, asNode)).outputs).toBeUndefined();
			expect((await run.call()).outputs).toBeDefined();
		});

		test('with Retry On Fail it waits once', async () => {
			const item = await openedItem(bench, 'amal');
			const run = await runOf(bench, [item]);
			const again = await runOf(bench, [item], {}, { executionId: run.executionId });
			expect(await waitsOf()).toHaveLength(1);
			await closed(bench, first);
			expect(left((await again.call()).outputs)).toMatchObject([{ by: 'Assigned' }]);
		});

		test('a store that cannot be reached ends nothing: it is called again', async () => {
			const run = await runOf(bench, [await openedItem(bench, 'amal')]);
			await closed(bench, first);
			const body = { wait: await run.group() };
			const credential = bench.credentials.conversationStoreApi!;
			bench.credentials.conversationStoreApi = { ...credential, storeName: '../outside' };
			expect(await run.call(body)).toMatchObject({
				...{ outputs: undefined, answer: { status: 503, body: { waiting: true } } },
			});
			bench.credentials.conversationStoreApi = credential;
			expect((await run.call(body)).outputs).toBeDefined();
		});

		test.each<[string, unknown]>([
			['nothing', undefined],
			['a text', 'wait'],
			['a list', { wait: ['x'] }],
			['a run that nobody knows', { wait: '00000000-0000-4000-8000-000000000000' }],
		])('a call with %s ends nothing', async (_what, body) => {
			const run = await runOf(bench, [await openedItem(bench, 'amal')]);
			await closed(bench, first);
			expect(await run.call(body)).toMatchObject({
				...{ outputs: undefined, answer: { status: 200, body: { waiting: true } } },
			});
		});
	});

	describe('how long', () => {
		test.each([
			[90, 'minutes', 90 * 60_000],
			[1.5, 'hours', 90 * 60_000],
			[365, 'days', 365 * 24 * 60 * 60_000],
		])('%s %s', async (waitAmount, waitUnit, expected) => {
			await runOf(bench, [await openedItem(bench, 'amal')], { waitAmount, waitUnit });
			const [wait] = await waitsOf();
			expect(wait!.deadline - wait!.created_at).toBe(expected);
		});

		test('not at all: it goes on at once by Timed Out, as queued', async () => {
			const item = await openedItem(bench, 'amal');
			const run = await runOf(bench, [item], { waitAmount: 0 });
			expect(run.waitTill).toBeUndefined();
			expect(left(run.outputs)).toMatchObject([
				{ by: 'Timed Out', outcome: 'queued', position: 1, blockedBy: 'everybodyAtCapacity' },
			]);
			expect(run.hints).toEqual([
				'No agent is free: the conversation waits in the queue, at position 1',
			]);
			expect(await waitsOf()).toEqual([]);
		});

		test('no more than a year, and no less than nothing', async () => {
			const item = await openedItem(bench, 'amal');
			const wrong = [366, -1, '={{ "soon" }}'].map(
				async (waitAmount) =>
					await failureOf(runOf(bench, [item], { waitAmount }, { incomplete: true })),
			);
			expect(await Promise.all(wrong)).toEqual([
				failure('Maximum Wait is longer than a year (wait.waitFor)', 'Correct the value'),
				failure('Maximum Wait cannot be negative (wait.waitFor)', 'Correct the value'),
				failure('Maximum Wait must be a number (wait.waitFor)', 'Correct the value'),
			]);
		});
	});

	describe('several items', () => {
		const several = { options: { waitSeveral: true } };
		const items = async () => [
			await openedItem(bench, 'amal'),
			{ json: { nothing: true } },
			await openedItem(bench, 'basma'),
			first,
		];

		test('nothing waits unless it is wanted, and the hint says so', async () => {
			const [amal, , basma] = await items();
			const run = await runOf(bench, [amal!, basma!]);
			expect(run.waitTill).toBeUndefined();
			expect(left(run.outputs)).toMatchObject([
				{ by: 'Timed Out', outcome: 'queued', position: 1 },
				{ by: 'Timed Out', outcome: 'queued', position: 2 },
			]);
			expect(run.hints).toEqual([
				"No agent is free: the conversation waits in the queue. With several items this flow does not wait for an agent: see the option 'Also Wait With Several Items'",
			]);
		});

		test('leave together: assigned at once, later, ended, failed, each paired, in their order', async () => {
			const all = await items();
			const go = { onError: 'continueRegularOutput' as const };
			const run = await runOf(bench, all, several, go);
			expect(run.waitTill).toEqual(WAIT_INDEFINITELY);
			await closed(bench, all[2]!);
			expect((await run.call()).outputs).toBeUndefined();
			await closed(bench, first);
			const { outputs } = await run.call();
			expect(left(outputs)).toMatchObject([
				{ by: 'Assigned', item: 0, chosen: { key: 'nathan' }, alreadyAssigned: false },
				{ by: 'Assigned', item: 3, alreadyAssigned: true },
				{ by: 'Ended', item: 1 },
				{ by: 'Ended', item: 2, why: 'The conversation was closed' },
			]);
			expect(outputs![2]![0]!.json).toMatchObject({
				...{ nothing: true, error: expect.stringContaining('The item has no conversation') },
				errorHint: expect.stringContaining('Connect this node behind'),
			});
			expect(await run.call()).toMatchObject({ outputs });
		});

		test('an output of its own for what failed stays that', async () => {
			const go = { onError: 'continueErrorOutput' as const };
			const run = await runOf(bench, (await items()).slice(0, 2), several, go);
			await closed(bench, first);
			const { outputs } = await run.call();
			expect(outputs?.map(({ length }) => length)).toEqual([1, 0, 0, 1]);
		});

		test('one that does not wait at all leaves with the others', async () => {
			const [amal, , basma] = await items();
			const waitAmount = '={{ $itemIndex === 0 ? 0 : 1 }}';
			const run = await runOf(bench, [amal!, basma!], { ...several, waitAmount });
			await closed(bench, basma!);
			expect(left((await run.call()).outputs)).toMatchObject([
				{ by: 'Timed Out', item: 0, outcome: 'queued', position: 1 },
				{ by: 'Ended', item: 1 },
			]);
		});

		test('where all have an agent at once they leave at once, and nothing is left behind', async () => {
			await team(bench, 'billing', { omar: null });
			const [amal, , basma] = await items();
			const run = await runOf(bench, [amal!, basma!], several);
			expect(run.waitTill).toBeUndefined();
			expect(left(run.outputs)).toMatchObject([{ by: 'Assigned' }, { by: 'Assigned' }]);
			expect(await waitsOf()).toEqual([]);
		});

		test('that are tried once more after one failed: all of them are there', async () => {
			const [amal, nothing, basma] = await items();
			const executionId = '4711';
			const failed = runOf(bench, [amal!, basma!, nothing!], several, { executionId });
			expect(await failureOf(failed)).toMatchObject({ itemIndex: 2 });
			await closed(bench, first);
			const again = await runOf(bench, [amal!, basma!], several, { executionId });
			await closed(bench, amal!);
			expect(left((await again.call()).outputs)).toMatchObject([
				{ by: 'Assigned', item: 0, alreadyAssigned: true },
				{ by: 'Assigned', item: 1, alreadyAssigned: false },
			]);
		});
	});

	describe('where nobody should wait', () => {
		test('a run by hand goes on as queued, and says so', async () => {
			const item = await openedItem(bench, 'amal');
			const run = await runOf(bench, [item], {}, { mode: 'manual' });
			expect(run.waitTill).toBeUndefined();
			expect(left(run.outputs)).toMatchObject([
				{ by: 'Timed Out', outcome: 'queued', position: 1 },
			]);
			expect(run.hints).toEqual([
				'No agent is free: the conversation waits in the queue, at position 1. A test run does not wait for an agent; a published flow does',
			]);
		});

		test('nor a sub-workflow of it', async () => {
			const tests = (await bench.store()).forTests();
			const { conversation } = await tests.openConversation({
				...{ channel: 'chat', account: 'main', source: 'workflow', mentionsAny: () => false },
				contact: { identities: [{ channel: 'chat', account: 'main', id: 'test' }] },
			});
			const item = { json: { conversation: { id: conversation.id } } };
			const run = await runOf(bench, [item], { options: { maxOpen: 1, exclude: 'nathan' } });
			expect(run.waitTill).toBeUndefined();
			expect(left(run.outputs)).toMatchObject([{ by: 'Timed Out', outcome: 'queued' }]);
		});

		test('a tool answers at once with the position, by its one output', async () => {
			const id = idOf(await openedItem(bench, 'amal'));
			const { outputs, waitTill } = await bench.executeAsTool('autoAssignAgent', {
				parameters: { ...toBilling, conversationFrom: 'id', conversationId: byKey(id) },
			});
			expect(waitTill).toBeUndefined();
			expect(left(outputs)).toMatchObject([{ outcome: 'queued', position: 1 }]);
			expect(await waitsOf()).toEqual([]);
		});

		test('a dry run, also with several items', async () => {
			const dry = { options: { dryRun: true, waitSeveral: true } };
			const items = [await openedItem(bench, 'amal'), await openedItem(bench, 'basma')];
			const run = await runOf(bench, items, dry);
			expect(left(run.outputs)).toMatchObject([
				{ by: 'Timed Out', outcome: 'queued', dryRun: true, position: null },
				{ by: 'Timed Out', outcome: 'queued', dryRun: true },
			]);
			expect(await waitsOf()).toEqual([]);
			const { conversation } = await (await bench.store()).getConversation(idOf(items[0]));
			expect(conversation).toMatchObject({ queue: null, team: null });
		});

		test('Continue at Once: by Queued, with two outputs', async () => {
			const run = await runOf(bench, [await openedItem(bench, 'amal')], { whenNobody: 'continue' });
			expect(run.waitTill).toBeUndefined();
			expect(run.outputs.map(({ length }) => length)).toEqual([0, 1]);
			expect(await waitsOf()).toEqual([]);
		});
	});
});
