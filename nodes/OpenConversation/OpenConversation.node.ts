import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { icon, NODE_VERSION } from '../descriptions/common';
import { itemParts, mentionsAny } from '../runtime/conversationOfItem';
import { forEachItem } from '../runtime/forEachItem';
import { storeMethods } from '../runtime/methods';
import { parameters } from './parameters';
import { readOpening } from './readOpening';

const TEST_HINT =
	'Test run: the conversation is in the test workspace; published flows open real ones';

const OUTPUT = { opened: 0, alreadyOpen: 1 };

/** Opens a conversation for anything that n8n can hear of: e-mails, forms, chats, other systems. */
export class OpenConversation implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open Conversation',
		name: 'openConversation',
		icon: icon('openConversation'),
		group: ['transform'],
		version: NODE_VERSION,
		subtitle: '={{ $parameter["channel"] }}',
		description: 'Open a conversation from any other trigger, unless the contact has one open',
		defaults: { name: 'Open Conversation' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Opened', 'Already Open'],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		properties: parameters,
	};

	methods = storeMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await forEachItem(
			this,
			async (item, index, store) => {
				const input = readOpening(this, index, store.clock());
				const isTest = this.getMode() === 'manual';
				const target = isTest ? store.forTests() : store;
				const { opened, ...view } = await target.openConversation({ ...input, mentionsAny });
				// The message is the one given here, whatever the incoming item calls `message`.
				return {
					json: { ...itemParts(view, { ...item, json: {} }), opened },
					output: opened ? OUTPUT.opened : OUTPUT.alreadyOpen,
					...(isTest ? { hint: TEST_HINT } : {}),
				};
			},
			{ outputs: 2, failedOutput: OUTPUT.alreadyOpen },
		);
	}
}
