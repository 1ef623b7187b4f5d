import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { icon, NODE_VERSION } from '../descriptions/common';
import { conversationIdOf, itemParts } from '../runtime/conversationOfItem';
import { forEachItem } from '../runtime/forEachItem';
import { storeMethods } from '../runtime/methods';
import { send, sendKeyOf, type SendRequest } from '../runtime/sending/send';
import { senderOfItem } from '../runtime/sending/sender';
import { parameters } from './parameters';
import { readMessage } from './readMessage';

interface Options {
	actor?: string | { value?: string };
	sendAgain?: boolean;
	sendInTests?: boolean;
}

/** Answers the contact of a conversation, on the channel where it wrote, and records the answer. */
export class SendMessage implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Send Message',
		name: 'sendMessage',
		icon: icon('sendMessage'),
		group: ['output'],
		version: NODE_VERSION,
		subtitle: '={{ $parameter["messageType"] }}',
		description: 'Answer the contact of a conversation on the channel where it wrote',
		defaults: { name: 'Send Message' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
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

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await forEachItem(this, async (item, index, store) => {
			const { id, hint } = await conversationIdOf(this, store, item, index);
			const options = this.getNodeParameter('options', index, {}) as Options;
			const actor = typeof options.actor === 'object' ? options.actor.value : options.actor;
			const result = await send(senderOfItem(this, index), store, {
				conversationId: id,
				via: viaOf(this, index),
				message: await readMessage(this, index),
				sendKey: sendKeyOf(this, item, index),
				...(actor ? { actor } : {}),
				sendAgain: options.sendAgain === true,
				isTest: this.getMode() === 'manual',
				sendInTests: options.sendInTests === true,
			});
			const said = result.hint ?? hint;
			return {
				json: { ...itemParts(result.view, item), sent: result.sent },
				...(said ? { hint: said } : {}),
			};
		});
	}
}

function viaOf(context: IExecuteFunctions, index: number): SendRequest['via'] {
	const on = context.getNodeParameter('sendOn', index);
	if (on !== 'channel') return on === 'opened' ? 'opened' : 'last';
	return { channel: String(context.getNodeParameter('channel', index)) };
}
