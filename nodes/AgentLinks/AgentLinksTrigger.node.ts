import {
	NodeConnectionTypes,
	type IHookFunctions,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';
import { icon, NODE_VERSION } from '../descriptions/common';
import { nodeFailure } from '../runtime/failures';
import { storeMethods } from '../runtime/methods';
import { storeOfNode } from '../runtime/storeOfNode';
import { isTestHook } from '../runtime/testHook';
import { storeError } from '../store/errors';
import { answerLink } from './answering';

/**
 * Serves the pages of the links that agents get with the items of Conversation Event, and starts the
 * flow when one was used. A node of its own, since one with a webhook hears of nothing else in a test.
 */
export class AgentLinksTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Agent Links Trigger',
		name: 'agentLinksTrigger',
		icon: icon('agentLinks'),
		group: ['trigger'],
		version: NODE_VERSION,
		subtitle: 'a link was used',
		description:
			'Lets agents accept, decline, close or snooze a conversation by a link, and starts the flow when they do',
		eventTriggerDescription: 'Waiting for you to open the test URL in a browser',
		activationMessage: 'Items of Conversation Event now have links for agents, which lead here.',
		defaults: { name: 'Agent Links' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		webhooks: [
			{ name: 'setup', httpMethod: 'GET', path: 'links', responseMode: 'onReceived' },
			{
				name: 'default',
				httpMethod: 'POST',
				path: 'links',
				responseMode: 'onReceived',
				responseData: 'noData',
				ndvHideUrl: true,
			},
		],
		properties: [
			{
				displayName:
					"There is nothing to fill in. While this workflow is published, items of <b>Conversation Event</b> have links for the agent, in the field 'links': put them into your messages. One such workflow serves all others with the same credential. The link opens a page with a button; only the button acts. What comes behind this node runs when it was pressed.",
				name: 'notice',
				type: 'notice',
				default: '',
			},
		],
	};

	methods = storeMethods;

	webhookMethods = {
		default: {
			/** Told anew each time: the address of this n8n may have changed. */
			async checkExists(this: IHookFunctions): Promise<boolean> {
				return isTestHook(this);
			},
			async create(this: IHookFunctions): Promise<boolean> {
				if (isTestHook(this)) return true;
				try {
					const url = this.getNodeWebhookUrl('default');
					if (url === undefined) {
						throw storeError(
							'InvalidInput',
							'n8n gives this node no address',
							'Save the workflow, then publish it again',
						);
					}
					await (await storeOfNode(this)).publishAgentLinks({ ...placeOf(this), url });
					return true;
				} catch (error) {
					throw nodeFailure(this.getNode(), error);
				}
			},
			/** Runs at a republish, too: what is made shortly after still leads here. */
			async delete(this: IHookFunctions): Promise<boolean> {
				if (isTestHook(this)) return true;
				await (await storeOfNode(this)).unpublishAgentLinks(placeOf(this));
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await answerLink(this);
	}
}

const placeOf = (context: IHookFunctions) => ({
	workflowId: String(context.getWorkflow().id),
	nodeId: context.getNode().id,
});
