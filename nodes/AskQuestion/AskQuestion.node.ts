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
import { lookAtAnswers } from './answering';
import { ANSWER_PATH, Asking } from './asking';
import { parameters } from './parameters';
import { OUTPUT } from './result';

/** Asks the contact something, waits for the answer in the same conversation, checks it, keeps it. */
export class AskQuestion implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Ask Question',
		name: 'askQuestion',
		icon: icon('askQuestion'),
		group: ['transform'],
		version: NODE_VERSION,
		subtitle: '={{ $parameter["answerType"] }}',
		description: 'Ask the contact something and go on with the answer: menus, ratings, details',
		defaults: { name: 'Ask Question' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [
			NodeConnectionTypes.Main,
			NodeConnectionTypes.Main,
			NodeConnectionTypes.Main,
			NodeConnectionTypes.Main,
		],
		outputNames: ['Answered', 'Invalid', 'Timed Out', 'Ended'],
		waitingNodeTooltip: 'The contact has been asked. The flow goes on with the answer',
		webhooks: [restartWebhook(ANSWER_PATH)],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
			// Named from the root: by its plain name the editor takes a parameter whose every choice has a
			// credential for the choice of a way to log in, and hides it.
			{
				name: 'conversationChatwootApi',
				required: true,
				displayOptions: { show: { '/channels': ['chatwoot'] } },
			},
			{
				name: 'conversationEvolutionApi',
				required: true,
				displayOptions: { show: { '/channels': ['evolution'] } },
			},
			{
				name: 'conversationInstagramApi',
				required: true,
				displayOptions: { show: { '/channels': ['instagram'] } },
			},
			{
				name: 'conversationLineApi',
				required: true,
				displayOptions: { show: { '/channels': ['line'] } },
			},
			{
				name: 'conversationMessengerApi',
				required: true,
				displayOptions: { show: { '/channels': ['messenger'] } },
			},
			{
				name: 'conversationRespondIoApi',
				required: true,
				displayOptions: { show: { '/channels': ['respondio'] } },
			},
			{
				name: 'conversationTelegramApi',
				required: true,
				displayOptions: { show: { '/channels': ['telegram'] } },
			},
			{
				name: 'conversationTwilioApi',
				required: true,
				displayOptions: { show: { '/channels': ['twilio'] } },
			},
			{
				name: 'conversationViberApi',
				required: true,
				displayOptions: { show: { '/channels': ['viber'] } },
			},
			{
				name: 'conversationWahaApi',
				required: true,
				displayOptions: { show: { '/channels': ['waha'] } },
			},
			{
				name: 'conversationWhatsAppApi',
				required: true,
				displayOptions: { show: { '/channels': ['whatsapp'] } },
			},
		],
		properties: parameters,
	};

	methods = storeMethods;

	webhookMethods = noRegistration;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const asking = new Asking(this);
		const outputs = await forEachItem(
			this,
			async (item, index, store) => await asking.ask(item, index, store),
			{ outputs: 4, failedOutput: OUTPUT.ended },
		);
		if (!asking.waits) {
			await asking.dropEnded();
			return outputs;
		}
		await asking.keepFailures(outputs);
		// Never with a time: n8n would then let the item leave by the first output (see runtime/waiting).
		await this.putExecutionToWait(WAIT_INDEFINITELY);
		return outputs;
	}

	/** Called by the pump when something came in for this execution, or its wait is over. */
	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await answerCall(
			this,
			'Ask Question',
			async (store, group) => await lookAtAnswers(this, store, group),
		);
	}
}
