import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { icon, NODE_VERSION } from '../descriptions/common';
import { forEachItem } from '../runtime/forEachItem';
import { storeMethods } from '../runtime/methods';
import { storeError } from '../store/errors';
import { agent } from './resources/agent';
import { category } from './resources/category';
import { contact } from './resources/contact';
import { conversation } from './resources/conversation';
import { delivery } from './resources/delivery';
import { OperationCall, propertiesOf } from './resources/resource';
import { store } from './resources/store';
import { team } from './resources/team';

const resources = [agent, category, contact, conversation, delivery, store, team];

/** Administration: teams, agents, availability, categories, conversations, deliveries, and the store itself. */
export class ConversationStore implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Conversation Store',
		name: 'conversationStore',
		icon: icon('conversationStore'),
		group: ['transform'],
		version: NODE_VERSION,
		subtitle:
			'={{ $parameter["operation"].replace(/[A-Z]/g, " $&").toLowerCase() + ": " + $parameter["resource"] }}',
		description: 'Set up teams and agents, say who is available, and look at conversations',
		defaults: { name: 'Conversation Store' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		properties: propertiesOf(resources),
	};

	methods = storeMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await forEachItem(this, async (item, index, store) => {
			const named = this.getNodeParameter('resource', index) as string;
			const value = this.getNodeParameter('operation', index) as string;
			const operation = resources
				.find((resource) => resource.value === named)
				?.operations.find((each) => each.value === value);
			if (!operation) {
				throw storeError(
					'InvalidInput',
					`This version of the package has no operation '${value}' for '${named}'`,
					'Choose the operation again, or update the package in Settings > Community Nodes',
				);
			}
			const call = new OperationCall(this, item, index, store);
			const result = await operation.run(call);
			return {
				json: {},
				many: Array.isArray(result) ? result : [result],
				files: call.files,
				...(call.hint ? { hint: call.hint } : {}),
			};
		});
	}
}
