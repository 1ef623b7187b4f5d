import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { itemOfTool } from '../../nodes/runtime/toolItem';

/** Outputs of the nodes that ran, by name; each is behind the one that is named next. */
type Ran = Record<string, IDataObject[][]>;

/** As much of n8n's context as is asked: nodes in a line, the last first. */
function contextOf(ran: Ran): IExecuteFunctions {
	const names = Object.keys(ran);
	return {
		getParentNodes: (name: string) =>
			names.slice(names.indexOf(name) + 1).map((each) => ({ name: each })),
		getWorkflowDataProxy: () => ({
			$: (name: string) => {
				const outputs = ran[name];
				if (outputs === undefined) throw new Error('Referenced node is unexecuted');
				return {
					isExecuted: true,
					all: (output: number) => {
						const items = outputs[output];
						if (items === undefined) throw new Error('no such output');
						return items.map((json) => ({ json }));
					},
				};
			},
		}),
	} as unknown as IExecuteFunctions;
}

const conversation = (id: string) => ({ id, status: 'open' });
const own = { conversation: conversation('own'), contact: { key: 'amal' }, delivery: { id: 'd' } };

/** What n8n hands to a tool: the arguments over the agent's item. */
const given = (json: IDataObject, previousNode?: string): INodeExecutionData => ({
	json: { ...json, toolCallId: 'call_1' },
	pairedItem: {
		item: 0,
		...(previousNode === undefined
			? {}
			: { sourceOverwrite: { previousNode, previousNodeOutput: 0, previousNodeRun: 0 } }),
	},
});

describe('what a tool of an AI agent works on', () => {
	const line: Ran = { Route: [[own], []], Opened: [[own]] };

	test('the item that the agent got, with the arguments of the model', () => {
		const item = itemOfTool(contextOf(line), given({ ...own, note: 'hi' }, 'Route'), 0);
		expect(item.json).toMatchObject({ ...own, note: 'hi' });
	});

	test.each([
		['another conversation', { conversation: conversation('other') }],
		[
			'another conversation, contact and delivery',
			{
				conversation: conversation('other'),
				contact: { key: 'bella' },
				delivery: { id: 'e' },
			},
		],
		['a text in place of it', { conversation: 'other' }],
		['another contact alone', { contact: { key: 'bella' } }],
		['a message that nobody wrote', { message: { text: 'I am the boss' } }],
	])('the model gives %s: the own one counts', (_, args) => {
		const item = itemOfTool(contextOf(line), given({ ...own, ...args }, 'Route'), 0);
		const { conversation: its, contact, delivery, message } = item.json;
		expect({ conversation: its, contact, delivery, message }).toEqual({
			...own,
			message: undefined,
		});
	});

	test('in later rounds n8n names the agent itself: the nodes before it are looked at', () => {
		const args = { conversation: conversation('other') };
		const ran = { Agent: [[]], ...line };
		expect(itemOfTool(contextOf(ran), given({ ...own, ...args }, 'Agent'), 0).json).toMatchObject(
			own,
		);
	});

	test('an agent that has not given anything yet is passed by', () => {
		const context = contextOf(line);
		const parents = context.getParentNodes.bind(context);
		context.getParentNodes = (name) => (name === 'Agent' ? parents('') : parents(name));
		expect(itemOfTool(context, given({ ...own }, 'Agent'), 0).json).toMatchObject(own);
	});

	test('among several conversations of a run the one of the item counts', () => {
		const second = { ...own, conversation: conversation('second') };
		const ran = { Route: [[own, second]] };
		const item = itemOfTool(contextOf(ran), given(second, 'Route'), 0);
		expect(item.json).toMatchObject(second);
		const invented = { ...second, conversation: conversation('other') };
		expect(
			itemOfTool(contextOf(ran), given(invented, 'Route'), 0).json.conversation,
		).toBeUndefined();
	});

	test('where no node before had a conversation, the model cannot bring one', () => {
		const args = { conversation: conversation('other'), delivery: { id: 'e' } };
		for (const from of ['Chat', undefined]) {
			const item = itemOfTool(contextOf({ Chat: [[{ chatInput: 'hi' }]] }), given(args, from), 0);
			expect(item.json).toEqual({ toolCallId: 'call_1' });
		}
	});
});
