import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import template from '../../nodes/templates/inbound-conversation.json';
import { Bench } from './support/bench';
import type { NodeName } from './support/nodeTypes';
import { expectItemShape, idOf, team } from './support/samples';

const HINT =
	'Test run: this works on a copy in the test workspace, no customer’s conversation is touched';

const pinned = template.pinData['Conversation Opened'][0]!.json as unknown as IDataObject;
const steps = template.nodes
	.filter(({ type }) => type.startsWith('n8n-nodes-inbound-conversations.'))
	.slice(1)
	.map(({ type, parameters }) => ({
		node: type.split('.')[1] as NodeName,
		parameters: parameters as unknown as INodeParameters,
	}));

describe('a test run with the sample data of the template', () => {
	let bench: Bench;
	beforeEach(async () => {
		bench = new Bench();
		await team(bench, 'billing', { nathan: 2 });
		await team(bench, 'support');
		await team(bench, 'sales');
	});

	/** The template from its trigger on: the output of each node is the input of the next. */
	async function runTemplate(executionId: string, first: INodeExecutionData = { json: pinned }) {
		let items = [first];
		const hints: string[][] = [];
		for (const step of steps) {
			const result = await bench.execute(step.node, {
				parameters: step.parameters,
				items,
				mode: 'manual',
				executionId,
			});
			items = result.outputs.flat();
			hints.push(result.hints);
		}
		return { items, hints };
	}
	const counts = async () => {
		const store = await bench.store();
		return [await store.countEverything(), await store.forTests().countEverything()] as const;
	};

	test('goes through every node, on one copy in the test workspace', async () => {
		const { items, hints } = await runTemplate('1');
		expect(steps).toHaveLength(3);
		expect(items).toHaveLength(1);
		expectItemShape(items[0], ['enrichment', 'route', 'assignment', 'delivery']);
		expect(items[0]?.json).toMatchObject({
			conversation: { team: { key: 'billing' }, assignee: { key: 'nathan' } },
			contact: { name: 'ليلى حسن', phone: '+201001234567', language: 'ar', country: 'EG' },
			message: { text: 'مرحبا، عندي سؤال عن الفاتورة' },
		});
		expect(idOf(items[0])).not.toBe(idOf({ json: pinned }));
		expect(hints).toEqual([[HINT], [], []]);
		const [real, test] = await counts();
		expect(real).toMatchObject({ contacts: 0, messages: 0, conversations: { open: 0 } });
		expect(test).toMatchObject({ contacts: 1, messages: 1, conversations: { open: 1 } });
	});

	test('each test run begins anew', async () => {
		const first = await runTemplate('1');
		const second = await runTemplate('2');
		expect(idOf(second.items[0])).not.toBe(idOf(first.items[0]));
		expect(second.items[0]?.json).toMatchObject({ conversation: { isReturning: false } });
	});

	test('no agent’s capacity is used up by tests', async () => {
		for (const run of ['1', '2', '3', '4']) {
			const { items } = await runTemplate(run);
			expect(items[0]?.json).toMatchObject({ conversation: { assignee: { key: 'nathan' } } });
		}
		expect(await (await bench.store()).getAgent('nathan')).toMatchObject({ openUnits: 0 });
	});

	test('the data of a real conversation that somebody pinned does not touch that conversation', async () => {
		const store = await bench.store();
		const { conversation, contact, message } = await store.openConversation({
			contact: { identities: [{ channel: 'chat', account: 'main', id: 'amal' }], name: 'Amal' },
			channel: 'chat',
			account: 'main',
			source: 'contact',
			message: { id: 'm-1', type: 'text', text: 'invoice', attachments: [], sentAt: 0 },
			mentionsAny: () => false,
		});
		const before = await store.getConversation(conversation.id);
		const real = { conversation, contact, message, delivery: { id: 'real' } };
		const { items } = await runTemplate('1', { json: real as unknown as IDataObject });
		await bench.execute('closeConversation', {
			items: [{ json: real as unknown as IDataObject }],
			mode: 'manual',
			executionId: '1',
		});
		expect(items[0]?.json).toMatchObject({ conversation: { assignee: { key: 'nathan' } } });
		expect(idOf(items[0])).not.toBe(conversation.id);
		expect(await store.getConversation(conversation.id)).toEqual(before);
	});

	test('a published run never works on a copy', async () => {
		const run = bench.execute('enrichContact', { items: [pinned], mode: 'trigger' });
		await expect(run).rejects.toThrow(`No conversation has the ID '${idOf({ json: pinned })}'`);
	});
});
