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
import type { Channel, ChannelSettings } from '../channels/channel';
import { testSignedWebhook } from './credentialTests';
import { icon, NODE_VERSION } from '../descriptions/common';
import { defaultInFlight, emitDeliveries, emitWhenThere } from '../runtime/emitting';
import { asError, nodeFailure } from '../runtime/failures';
import { storeMethods } from '../runtime/methods';
import { storeOfNode } from '../runtime/storeOfNode';
import { isTestHook } from '../runtime/testHook';
import { subscriptionId } from '../store/operations/subscriptions';
import { parameters } from './parameters';
import { tellPlatform } from './platform';
import { receive } from './receive';
import { activate, isRegistered, register, unregister } from './registration';
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
		subtitle: '={{ $parameter["channel"].replace(/[A-Z]/g, " $&").toLowerCase() }}',
		description: 'Starts the flow when a customer writes and a conversation opens',
		eventTriggerDescription: 'Waiting for a customer to write',
		activationMessage: 'Your flow now runs for each conversation that opens on this channel.',
		defaults: { name: 'Conversation Opened' },
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
			{
				name: 'conversationChatwootApi',
				required: true,
				displayOptions: { show: { channel: ['chatwoot'] } },
			},
			{
				name: 'conversationEvolutionApi',
				required: true,
				displayOptions: { show: { channel: ['evolution'] } },
			},
			{
				name: 'conversationInstagramApi',
				required: true,
				displayOptions: { show: { channel: ['instagram'] } },
			},
			{
				name: 'conversationLineApi',
				required: true,
				displayOptions: { show: { channel: ['line'] } },
			},
			{
				name: 'conversationMessengerApi',
				required: true,
				displayOptions: { show: { channel: ['messenger'] } },
			},
			{
				name: 'conversationRespondIoApi',
				required: true,
				displayOptions: { show: { channel: ['respondio'] } },
			},
			{
				name: 'conversationSignedWebhookApi',
				required: true,
				testedBy: 'testSignedWebhook',
				displayOptions: { show: { channel: ['signedWebhook'] } },
			},
			{
				name: 'conversationTelegramApi',
				required: true,
				displayOptions: { show: { channel: ['telegram'] } },
			},
			{
				name: 'conversationTwilioApi',
				required: true,
				displayOptions: { show: { channel: ['twilio'] } },
			},
			{
				name: 'conversationViberApi',
				required: true,
				displayOptions: { show: { channel: ['viber'] } },
			},
			{
				name: 'conversationWahaApi',
				required: true,
				displayOptions: { show: { channel: ['waha'] } },
			},
			{
				name: 'conversationWhatsAppApi',
				required: true,
				displayOptions: { show: { channel: ['whatsapp'] } },
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
				return await withChannel(this, isRegistered);
			},
			async create(this: IHookFunctions): Promise<boolean> {
				await withChannel(this, register);
				await withChannel(this, activate);
				return true;
			},
			/** Runs at a republish, too, so it says goodbye and drops nothing. */
			async delete(this: IHookFunctions): Promise<boolean> {
				const isTest = isTestHook(this);
				const store = await storeOfNode(this);
				const subscriber = subscriberOf(this, isTest);
				await store.endSubscription(subscriptionId(subscriber));
				await store.endSubscription(subscriptionId({ ...subscriber, kind: 'platform' }));
				await withChannel(this, async (context, channel, settings) => {
					const hasReturned = async () => await store.isSubscribed(subscriptionId(subscriber));
					await unregister(context, channel, settings, hasReturned);
				});
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
			const emitting = await emitDeliveries(this, store, subscriber, limit);
			try {
				const stopTelling = await tellPlatform(this, store, channel, settings, subscriber);
				return {
					closeFunction: async () => {
						await emitting.closeFunction?.();
						stopTelling();
					},
				};
			} catch (error) {
				await emitting.closeFunction?.();
				throw asError(error);
			}
		} catch (error) {
			throw nodeFailure(this.getNode(), error);
		}
	}
}

/** What is wrong with the channel's settings, or at the provider, stops the publication with a sentence. */
async function withChannel<T>(
	context: IHookFunctions,
	work: (context: IHookFunctions, channel: Channel, settings: ChannelSettings) => Promise<T>,
): Promise<T> {
	try {
		const channel = channelOf(context);
		const settings = await channelSettings(context, channel);
		requireSettings(channel, settings);
		return await work(context, channel, settings);
	} catch (error) {
		throw nodeFailure(context.getNode(), error);
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
