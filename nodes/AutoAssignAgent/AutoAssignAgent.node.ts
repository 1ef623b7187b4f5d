import {
	NodeConnectionTypes,
	WAIT_INDEFINITELY,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';
import { icon, NODE_VERSION } from '../descriptions/common';
import { forEachItem } from '../runtime/forEachItem';
import { storeMethods } from '../runtime/methods';
import { answerCall, noRegistration, restartWebhook } from '../runtime/waiting/calls';
import { Assigning, WAIT_PATH } from './assigning';
import { failedOutput, OUTPUTS, outputsOf, type OutputParameters } from './outputs';
import { parameters } from './parameters';
import { lookAtWaits } from './waited';

/** Hands a conversation to a free agent, or waits with it in the queue until there is one. */
export class AutoAssignAgent implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Auto-Assign Agent',
		name: 'autoAssignAgent',
		icon: icon('autoAssignAgent'),
		group: ['transform'],
		version: NODE_VERSION,
		subtitle:
			'={{ { agent: "one agent", nobody: "unassign" }[$parameter["assignTo"]] || $parameter["strategy"].replace(/[A-Z]/g, " $&").toLowerCase() }}',
		description: 'Hand a conversation to an available agent, fairly and never beyond capacity',
		defaults: { name: 'Auto-Assign Agent' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: OUTPUTS,
		waitingNodeTooltip: 'The conversation is in the queue. The flow goes on when an agent has it',
		webhooks: [restartWebhook(WAIT_PATH)],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		properties: parameters,
	};

	methods = storeMethods;

	webhookMethods = noRegistration;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		// As they are saved: outputs are there before any expression has a value.
		const saved = this.getNode().parameters as OutputParameters;
		const assigning = new Assigning(this, saved);
		const outputs = await forEachItem(
			this,
			async (item, index, store) => await assigning.assign(item, index, store),
			{ outputs: outputsOf(saved).length, failedOutput: failedOutput(saved) },
		);
		if (!assigning.waits) {
			await assigning.dropKept();
			return outputs;
		}
		await assigning.keepFailures(outputs);
		// Never with a time: n8n would then let the item leave by the first output (see runtime/waiting).
		await this.putExecutionToWait(WAIT_INDEFINITELY);
		return outputs;
	}

	/** Called by the pump when a wait of this execution is over. */
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await answerCall(
			this,
			'Auto-Assign Agent',
			async (store, group) => await lookAtWaits(this, store, group),
		);
	}
}
