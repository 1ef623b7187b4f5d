import type { IExecuteFunctions } from 'n8n-workflow';
import { storeError } from '../store/errors';
import type { OpenConversationInput } from '../store/operations/openConversation';

interface Details {
	email?: string;
	language?: string;
	name?: string;
	phone?: string;
}

interface Options {
	account?: string;
	messageId?: string;
	source?: string;
}

/** Reads the node's form into what the store takes. */
export function readOpening(
	context: IExecuteFunctions,
	index: number,
	now: number,
): Omit<OpenConversationInput, 'mentionsAny'> {
	const text = (name: string) => String(context.getNodeParameter(name, index, '') ?? '').trim();
	const contactId = text('contactId');
	const channel = text('channel');
	if (contactId === '') {
		throw storeError(
			'InvalidInput',
			"'Contact ID' is empty",
			'Drag in what identifies the customer where the message comes from, e.g. the sender’s address',
		);
	}
	if (channel === '') {
		throw storeError('InvalidInput', "'Channel' is empty", 'Name where the message comes from');
	}
	const details = context.getNodeParameter('contactDetails', index, {}) as Details;
	const options = context.getNodeParameter('options', index, {}) as Options;
	const account = options.account?.trim() || 'default';
	const messageText = text('messageText');
	const messageId = options.messageId?.trim() ?? '';
	const filled = Object.fromEntries(
		Object.entries(details)
			.map(([name, value]) => [name, String(value ?? '').trim()])
			.filter(([, value]) => value !== ''),
	);
	return {
		contact: { identities: [{ channel, account, id: contactId }], ...filled },
		channel,
		account,
		source: options.source ?? 'workflow',
		...(messageText === '' && messageId === ''
			? {}
			: {
					message: {
						id: messageId || ownId(context, index),
						type: 'text',
						text: messageText,
						attachments: [],
						sentAt: now,
					},
				}),
	};
}

/**
 * Without the system's own id, each item of each run of this node is a message of its own: in a loop
 * the same node runs several times in one execution. A node that is tried again repeats its ids.
 */
function ownId(context: IExecuteFunctions, index: number): string {
	const { $runIndex: run } = context.getWorkflowDataProxy(index);
	return [context.getExecutionId(), context.getNode().id, String(run), index].join('-');
}
