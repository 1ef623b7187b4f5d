import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import {
	categoryParameter,
	conversationParameters,
	icon,
	NODE_VERSION,
} from '../descriptions/common';
import { conversationIdOf, itemParts } from '../runtime/conversationOfItem';
import { forEachItem } from '../runtime/forEachItem';
import { storeMethods } from '../runtime/methods';

/** Ends a conversation: the agent is free for the next, and the contact's next message opens anew. */
export class CloseConversation implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Close Conversation',
		name: 'closeConversation',
		icon: icon('closeConversation'),
		group: ['transform'],
		version: NODE_VERSION,
		subtitle: '={{ $parameter["category"].value || "" }}',
		description: 'Close a resolved conversation, free its agent and serve the queue',
		defaults: { name: 'Close Conversation' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		properties: [
			...conversationParameters,
			categoryParameter({ description: 'What the conversation was about, for reports' }),
			{
				displayName: 'Summary',
				name: 'summary',
				type: 'string',
				typeOptions: { rows: 3 },
				default: '',
				placeholder: 'e.g. Refund of order 4711 approved',
				description: 'How it was resolved, for whoever talks to the contact next',
			},
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Closed By',
						name: 'actor',
						type: 'string',
						default: '',
						placeholder: 'e.g. nathan@example.com',
						description: 'The person who closes it, when a person asked for it',
					},
				],
			},
		],
	};

	methods = storeMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await forEachItem(this, async (item, index, store) => {
			const { id, hint } = await conversationIdOf(this, store, item, index);
			const category = this.getNodeParameter('category', index, '', { extractValue: true });
			const summary = String(this.getNodeParameter('summary', index, '')).trim();
			const { actor } = this.getNodeParameter('options', index, {}) as { actor?: string };
			const { alreadyClosed, assignedFromQueue, ...closed } = await store.closeConversation({
				conversationId: id,
				category: category ? String(category).trim() : null,
				summary: summary === '' ? null : summary,
				source: actor ? 'user' : 'workflow',
				...(actor ? { actor } : {}),
			});
			return {
				json: { ...itemParts(closed, item), alreadyClosed, assignedFromQueue },
				...(hint ? { hint } : {}),
			};
		});
	}
}
