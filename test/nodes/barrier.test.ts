import type { INodeExecutionData, WorkflowExecuteMode } from 'n8n-workflow';
import { Bench } from './support/bench';
import { deliveredItem, idOf, openedItem } from './support/samples';

const nodesThatAct = [
	'enrichContact',
	'routeToTeam',
	'autoAssignAgent',
	'closeConversation',
] as const;

describe('the second barrier: one execution acts for a delivery', () => {
	let bench: Bench;
	let item: INodeExecutionData;
	beforeEach(async () => {
		bench = new Bench();
		item = await deliveredItem(bench, 'amal');
	});

	const run = async (
		node: (typeof nodesThatAct)[number],
		executionId: string,
		mode: WorkflowExecuteMode = 'trigger',
		items = [item],
	) => {
		// Nobody is there to wait for.
		const parameters = node === 'autoAssignAgent' ? { whenNobody: 'continue' } : {};
		const run = { parameters, items, executionId, mode };
		const { outputs, hints } = await bench.execute(node, run);
		return { passed: outputs.flat(), hints };
	};

	test.each(nodesThatAct)(
		'%s lets nothing pass in another execution, and says why',
		async (node) => {
			expect((await run('enrichContact', '101')).passed).toHaveLength(1);
			const { passed, hints } = await run(node, '102');
			expect(passed).toEqual([]);
			expect(hints).toEqual([
				'Execution 101 already runs this flow for the conversation, so this one ends here',
			]);
		},
	);

	test('every node of the first execution passes, and the first node again', async () => {
		for (const node of [...nodesThatAct, 'enrichContact' as const]) {
			expect((await run(node, '101')).passed).toHaveLength(1);
		}
	});

	test('nothing is done to the conversation by the one that ends', async () => {
		await run('enrichContact', '101');
		await run('closeConversation', '102');
		const { conversation } = await (await bench.store()).getConversation(idOf(item));
		expect(conversation.status).toBe('open');
	});

	test('of several items, only those of other executions end', async () => {
		await run('enrichContact', '101');
		const mine = await deliveredItem(bench, 'basma');
		const { passed } = await run('enrichContact', '102', 'trigger', [item, mine]);
		expect(passed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
	});

	test('a retry that a person starts passes', async () => {
		await run('enrichContact', '101');
		const { passed, hints } = await run('closeConversation', '103', 'retry');
		expect(passed[0]?.json).toMatchObject({ alreadyClosed: false });
		expect(hints).toEqual([]);
	});

	test('a test run passes', async () => {
		await run('enrichContact', '101');
		expect((await run('enrichContact', '104', 'manual')).passed).toHaveLength(1);
	});

	test('a person’s retry does not take the delivery from the execution that has it', async () => {
		await run('enrichContact', '101');
		await run('enrichContact', '103', 'retry');
		expect((await run('routeToTeam', '101')).passed).toHaveLength(1);
		expect((await run('routeToTeam', '105')).passed).toEqual([]);
	});

	test('items without a delivery are nobody’s', async () => {
		const own = await openedItem(bench, 'basma');
		expect((await run('enrichContact', '1', 'trigger', [own])).passed).toHaveLength(1);
		expect((await run('enrichContact', '2', 'trigger', [own])).passed).toHaveLength(1);
	});
});
