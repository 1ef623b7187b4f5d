import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { mapChatTrigger } from '../openings/chatTrigger';
import { mapEmail } from '../openings/email';
import { mapFields } from '../openings/fields';
import { mapFormTrigger } from '../openings/formTrigger';
import type { ItemInput, Mapped } from '../openings/opening';
import { mapTelegramTrigger } from '../openings/telegramTrigger';
import { mapWhatsAppTrigger } from '../openings/whatsappTrigger';
import { storeError } from '../store/errors';

interface Options {
	account?: string;
	includeSubject?: boolean;
	messageId?: string;
	ownAddresses?: string;
	source?: string;
	takeMailingLists?: boolean;
}

export const optionsOf = (context: IExecuteFunctions, index: number) =>
	context.getNodeParameter('options', index, {}) as Options;

/** What the item holds, by the mapping that the node's 'Input' names. */
export function readOpenings(
	context: IExecuteFunctions,
	item: INodeExecutionData,
	index: number,
	now: number,
): Mapped[] {
	const parameter = (name: string) => context.getNodeParameter(name, index, '');
	const options = optionsOf(context, index);
	const input = inputOf(item, now);
	const { account } = options;
	const mapping = String(context.getNodeParameter('mapping', index, 'fields'));
	switch (mapping) {
		case 'fields':
			return mapFields(input, {
				contactId: parameter('contactId'),
				channel: parameter('channel'),
				messageText: parameter('messageText'),
				messageId: options.messageId,
				account,
				details: context.getNodeParameter('contactDetails', index, {}) as IDataObject,
			});
		case 'chatTrigger':
			return mapChatTrigger(input, { account });
		case 'emailTrigger':
			return mapEmail(input, {
				mailbox: parameter('mailbox'),
				ownAddresses: options.ownAddresses,
				takeMailingLists: options.takeMailingLists === true,
				includeSubject: options.includeSubject !== false,
			});
		case 'formTrigger':
			return mapFormTrigger(input, {
				account,
				emailField: parameter('emailField'),
				phoneField: parameter('phoneField'),
				nameField: parameter('nameField'),
				messageField: parameter('messageField'),
			});
		case 'telegramTrigger':
			return mapTelegramTrigger(input, { botId: parameter('botId') });
		case 'whatsAppTrigger':
			return mapWhatsAppTrigger(input);
		default:
			throw storeError(
				'InvalidInput',
				`This version of the package has no input '${mapping}'`,
				"Choose another 'Input', or update the package in Settings > Community Nodes",
			);
	}
}

function inputOf({ json, binary = {} }: INodeExecutionData, now: number): ItemInput {
	const files = Object.entries(binary).map(([key, { fileName, mimeType }]) => ({
		key,
		fileName,
		mimeType,
	}));
	return { json, files, now };
}

/**
 * Without the system's own id, each item of each run of this node is a message of its own: in a loop
 * the same node runs several times in one execution. A node that is tried again repeats its ids.
 */
export function ownId(context: IExecuteFunctions, index: number): string {
	const { $runIndex: run } = context.getWorkflowDataProxy(index);
	return [context.getExecutionId(), context.getNode().id, String(run), index].join('-');
}
