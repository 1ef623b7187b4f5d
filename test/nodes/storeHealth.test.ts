import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { Bench, type RunOptions } from './support/bench';
import { closed, deliveredItem, failure, failureOf, team } from './support/samples';

describe('Conversation Store, deliveries and health', () => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
	});

	const run = async (
		resource: string,
		operation: string,
		parameters: INodeParameters = {},
		options: RunOptions = {},
	) => {
		const { outputs } = await bench.execute('conversationStore', {
			...options,
			parameters: { resource, operation, ...parameters },
		});
		return outputs[0]!.map(({ json }) => json);
	};

	/** Conversations of these contacts whose executions ended like this. @returns the deliveries */
	async function endedBadly(whose: string[], status: 'failed' | 'expired' = 'failed') {
		const store = await bench.store();
		const ids: string[] = [];
		for (const who of whose) {
			const { json } = await deliveredItem(bench, who);
			ids.push(String((json.delivery as IDataObject).id));
		}
		await store.engine.db
			.updateTable('deliveries')
			.set({ status, run_status: 'not started', due_at: null, finished_at: store.clock() })
			.where('id', 'in', ids)
			.execute();
		return ids;
	}
	const statuses = async () => (await (await bench.store()).countEverything()).deliveries;
	const problems = (health: IDataObject | undefined) =>
		(health?.problems as IDataObject[]).filter(({ code }) => code !== 'storeAtRisk');

	test('Get Many: all, by status, by trigger', async () => {
		const [failed] = await endedBadly(['amal']);
		await deliveredItem(bench, 'basma');
		const triggerId = `${bench.workflowId}:trigger`;
		expect(await run('delivery', 'getAll')).toMatchObject([
			{ status: 'claimed', eventType: 'opened' },
			{ id: failed, status: 'failed', workflowId: bench.workflowId, nodeId: 'trigger' },
		]);
		const ids = async (filters: INodeParameters) =>
			(await run('delivery', 'getAll', { filters })).map(({ id }) => id);
		expect(await ids({ status: 'failed' })).toEqual([failed]);
		expect(await ids({ status: 'pending' })).toEqual([]);
		expect(await ids({ triggerId })).toHaveLength(2);
		expect(await ids({ triggerId: 'other' })).toEqual([]);
		expect(await run('delivery', 'getAll', { limit: 1 })).toHaveLength(1);
	});

	test('Retry and Skip: one by its ID', async () => {
		const [first = '', second = ''] = await endedBadly(['amal', 'basma']);
		expect(await run('delivery', 'retry', { deliveryId: first })).toEqual([
			{ retried: 1, triggerGone: 0, conversationClosed: 0 },
		]);
		expect(await run('delivery', 'skip', { deliveryId: second })).toEqual([{ skipped: 1 }]);
		expect(await statuses()).toEqual({ pending: 1, done: 1 });
	});

	test('Retry and Skip: all that failed, all that expired, of one trigger', async () => {
		await endedBadly(['amal', 'basma']);
		await endedBadly(['dalia'], 'expired');
		const other = { deliveries: 'failed', triggerId: 'other' };
		expect(await run('delivery', 'skip', other)).toEqual([{ skipped: 0 }]);
		expect(await run('delivery', 'retry', { deliveries: 'failed' })).toMatchObject([
			{ retried: 2 },
		]);
		expect(await run('delivery', 'skip', { deliveries: 'expired' })).toEqual([{ skipped: 1 }]);
		expect(await statuses()).toEqual({ pending: 2, done: 1 });
	});

	test('what cannot be retried says why, and what to do', async () => {
		const [id = ''] = await endedBadly(['amal']);
		const [{ conversationId } = {}] = await run('delivery', 'getAll');
		await closed(bench, { json: { conversation: { id: conversationId } } });
		const retry = { deliveryId: id };
		expect(await failureOf(run('delivery', 'retry', retry))).toEqual(
			failure(`The conversation '${String(conversationId)}' is closed`, 'closed before'),
		);
		expect(await run('delivery', 'retry', { ...retry, evenIfClosed: true })).toMatchObject([
			{ retried: 1 },
		]);
		expect(await failureOf(run('delivery', 'retry', retry))).toEqual(
			failure(
				`The delivery '${id}' has neither failed nor expired: Waits until its trigger takes it`,
				'Only what failed or expired',
			),
		);
		expect(await failureOf(run('delivery', 'skip', { deliveryId: 'x' }))).toEqual(
			failure("No delivery has the ID 'x'", 'Get Many'),
		);
	});

	test('Check Health of a store that is well', async () => {
		await team(bench, 'billing', { nathan: null });
		const [health] = await run('store', 'checkHealth', { failWhenUnhealthy: true });
		expect(health).toMatchObject({
			healthy: true,
			queues: [],
			counts: { teams: 1, agents: 1, conversations: { open: 0 } },
			store: {
				engine: expect.stringMatching(/^SQLite \d/),
				place: expect.stringContaining(`${bench.storeName}.sqlite`),
				workspace: 'acme',
			},
		});
		expect(problems(health)).toEqual([]);
	});

	test('Check Health fails on errors, where it is asked to, with all of them and what to do', async () => {
		await endedBadly(['amal']);
		const [health] = await run('store', 'checkHealth');
		expect(health).toMatchObject({ healthy: false });
		expect(problems(health)).toMatchObject([{ code: 'deliveriesFailed', severity: 'error' }]);
		const failing = { failWhenUnhealthy: true };
		expect(await failureOf(run('store', 'checkHealth', failing))).toEqual({
			...failure('', 'Retry or Skip them'),
			message: expect.stringMatching(
				/^The conversation store is not healthy: 1 execution could not be started, the first \d+ s ago \[Item 0\]$/,
			),
		});
		const [item] = await run('store', 'checkHealth', failing, { onError: 'continueRegularOutput' });
		expect(item).toMatchObject({ error: expect.stringContaining('is not healthy') });
	});

	test('Check Health does not fail on warnings', async () => {
		await team(bench, 'billing');
		const [health] = await run('store', 'checkHealth', { failWhenUnhealthy: true });
		expect(problems(health)).toMatchObject([{ code: 'teamsWithoutAgents', severity: 'warning' }]);
	});
});
