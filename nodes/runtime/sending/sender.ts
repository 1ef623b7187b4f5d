import type { IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { ChannelSettings } from '../../channels/channel';
import type { CallingContext } from '../calling';

/** Who sends: a node with the credentials that were chosen for it. */
export interface Sender {
	/** Makes the calls. */
	context: CallingContext;
	/** Keys of the channels whose credentials the node has. */
	channels: string[];
	credential(type: string): Promise<ChannelSettings>;
	/** For what fails besides and must not hide what happened. */
	logError(message: string): void;
}

/** A node that works on this item. */
export function senderOfItem(context: IExecuteFunctions, index: number): Sender {
	return {
		context,
		channels: context.getNodeParameter('channels', 0, []) as string[],
		credential: async (type) => await context.getCredentials(type, index),
		logError: (message) => context.logger.error(message),
	};
}

/** A node that waits and was called: a credential's fields that are expressions see no item there. */
export function senderOfWebhook(context: IWebhookFunctions): Sender {
	return {
		context,
		channels: context.getNodeParameter('channels', []) as string[],
		credential: async (type) => await context.getCredentials(type),
		logError: (message) => context.logger.error(message),
	};
}
