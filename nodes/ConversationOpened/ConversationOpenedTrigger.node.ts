import {
	NodeConnectionTypes,
	type IDataObject,
	type IHookFunctions,
	type INodeType,
	type INodeTypeDescription,
	type ITriggerFunctions,
	type ITriggerResponse,
	type IWebhookFunctions,
	type IWebhookResponseData,
} from 'n8n-workflow';
import { testSignedWebhook } from './credentialTests';
import { icon, NODE_VERSION } from '../descriptions/common';
import { defaultInFlight, emitDeliveries, emitWhenThere } from '../runtime/emitting';
import { nodeFailure } from '../runtime/failures';
import { storeMethods } from '../runtime/methods';
import { storeOfNode } from '../runtime/storeOfNode';
import { subscriptionId } from '../store/operations/subscriptions';
import { parameters } from './parameters';
import { receive } from './receive';
import { channelOf, channelSettings, optionsOf, requireSettings, subscriberOf } from './settings';

/**
 * Starts the flow once for each conversation that opens. `webhook()` takes the channel's messages
 * and answers when they are stored; `trigger()` starts the executions that the store owes.
 */
export class ConversationOpenedTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Conversation Opened Trigger',
		name: 'conversationOpenedTrigger',
		icon: icon('conversationOpened'),
		group: ['trigger'],
		version: NODE_VERSION,
		subtitle: '={{ $parameter["channel"] }}',
		description: 'Starts the flow when a customer writes and a conversation opens',
		eventTriggerDescription: 'Waiting for a customer to write',
		activationMessage: 'Your flow now runs for each conversation that opens on this channel.',
		defaults: { name: 'Conversation Opened' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
			{
				name: 'conversationWhatsAppApi',
				required: true,
				displayOptions: { show: { channel: ['whatsapp'] } },
			},
			{
				name: 'conversationSignedWebhookApi',
				required: true,
				testedBy: 'testSignedWebhook',
				displayOptions: { show: { channel: ['signedWebhook'] } },
			},
		],
		webhooks: [
			{
				name: 'setup',
				httpMethod: 'GET',
				path: 'webhook',
				responseMode: 'onReceived',
				ndvHideUrl: true,
			},
			{
				name: 'default',
				httpMethod: 'POST',
				path: 'webhook',
				responseMode: 'onReceived',
				responseData: 'noData',
			},
		],
		properties: parameters,
	};

	methods = {
		...storeMethods,
		credentialTest: { ...storeMethods.credentialTest, testSignedWebhook },
	};

	webhookMethods = {
		default: {
			async checkExists(this: IHookFunctions): Promise<boolean> {
				// Nothing is registered at the provider: the operator pastes the URL there.
				return false;
			},
			async create(this: IHookFunctions): Promise<boolean> {
				try {
					const channel = channelOf(this);
					requireSettings(channel, await channelSettings(this, channel));
				} catch (error) {
					throw nodeFailure(this.getNode(), error);
				}
				return true;
			},
			/** Runs at a republish, too, so it says goodbye and drops nothing. */
			async delete(this: IHookFunctions): Promise<boolean> {
				const isTest = this.getActivationMode() === 'manual';
				const store = await storeOfNode(this);
				await store.endSubscription(subscriptionId(subscriberOf(this, isTest)));
				return true;
			},
		},
	};

	async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
		return await receive(this);
	}

	async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
		try {
			const channel = channelOf(this);
			const settings = await channelSettings(this, channel);
			requireSettings(channel, settings);
			const store = await storeOfNode(this);
			if (this.getMode() === 'manual') return await testRun(this);
			const subscriber = subscriberOf(this, false, channel.accounts(settings));
			const limit = optionsOf(this).inFlightLimit ?? defaultInFlight();
			return await emitDeliveries(this, store, subscriber, limit);
		} catch (error) {
			throw nodeFailure(this.getNode(), error);
		}
	}
}

/** Emits the newest test message; older ones belong to tests that were given up. */
async function testRun(context: ITriggerFunctions): Promise<ITriggerResponse> {
	const tests = (await storeOfNode(context)).forTests();
	const { id } = await tests.subscribe(subscriberOf(context, true));
	return emitWhenThere(context, async () => {
		const claimed = await tests.claimDeliveries({ subscriptionId: id, limit: 100 });
		for (const delivery of claimed) {
			await tests.finishDelivery({ id: delivery.id, outcome: { kind: 'ran', status: 'test' } });
		}
		return claimed.at(-1)?.item as IDataObject | undefined;
	});
}
