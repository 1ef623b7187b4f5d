import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { findMention } from '../decisions/text';
import { storeError } from '../store/errors';
import type { ConversationStore } from '../store/store';
import type { ConversationItem, MessageView } from '../store/views';

/** Whether a text mentions any of the words; what the store is handed to judge filters with. */
export const mentionsAny = (text: string, keywords: string[]) =>
	findMention(text, keywords) !== null;

/**
 * The conversation that a node is to act on, by its parameter 'Conversation'. The default reads the
 * item by itself, so that no expression has to be written (or evaluated).
 */
export async function conversationIdOf(
	context: IExecuteFunctions,
	store: ConversationStore,
	item: INodeExecutionData,
	index: number,
): Promise<{ id: string; hint?: string }> {
	const from = context.getNodeParameter('conversationFrom', index, 'input') as string;
	if (from === 'id') {
		const id = context.getNodeParameter('conversationId', index, '', { extractValue: true });
		if (typeof id === 'string' && id.trim() !== '') return { id: id.trim() };
		throw missing(
			"'Conversation ID' is empty",
			'Choose a conversation from the list, or give its ID',
		);
	}
	if (from === 'contact') {
		const contact = String(context.getNodeParameter('conversationContact', index, '')).trim();
		if (contact === '') {
			throw missing(
				"'Contact' is empty",
				'Give a phone number, an e-mail address or a contact key',
			);
		}
		const { conversation } = await store.getOpenConversation(contact);
		return { id: conversation.id };
	}
	const id = idIn(item.json);
	if (id === undefined) {
		throw missing(
			'The item has no conversation',
			"Connect this node behind Conversation Opened or Open Conversation, or set 'Conversation' to 'By ID'",
		);
	}
	return await inTestRun(context, store, item, id);
}

function idIn(json: IDataObject): string | undefined {
	const conversation = json.conversation as { id?: unknown } | undefined;
	const id = conversation?.id;
	return typeof id === 'string' && id !== '' ? id : undefined;
}

function missing(message: string, hint: string) {
	return storeError('InvalidInput', message, hint);
}

/**
 * A flow that a person tries out in the editor with the trigger's pinned or remembered data works on
 * a copy in the test workspace: the sample need not exist in the store, and a customer's
 * conversation is not moved by a test.
 */
async function inTestRun(
	context: IExecuteFunctions,
	store: ConversationStore,
	item: INodeExecutionData,
	id: string,
): Promise<{ id: string; hint?: string }> {
	const sample = item.json as Partial<ConversationItem> & { delivery?: unknown };
	if (context.getMode() !== 'manual' || sample.delivery === undefined) return { id };
	const tests = store.forTests();
	if (await exists(tests, id)) return { id };
	const { conversation, contact, message } = sample;
	if (!conversation || !contact) return { id };
	const channel = conversation.channel ?? 'sample';
	const account = conversation.account ?? 'sample';
	// The execution is part of the message's id: the nodes of one test run share one copy, and the
	// next run begins anew.
	const run = context.getExecutionId();
	const copyOf = `sample-${contact.key}-`;
	await closeEarlierCopies(tests, copyOf, run);
	const copy = await tests.openConversation({
		contact: {
			identities: [{ channel, account, id: copyOf + run }],
			...(contact.name ? { name: contact.name } : {}),
			...(contact.phone ? { phone: contact.phone } : {}),
			...(contact.email ? { email: contact.email } : {}),
			...(contact.language ? { language: contact.language } : {}),
			...(contact.country ? { country: contact.country } : {}),
		},
		channel,
		account,
		source: 'test',
		message: {
			id: `sample-${id}-${run}`,
			type: message?.type ?? 'text',
			text: message?.text ?? '',
			attachments: [],
			sentAt: store.clock(),
		},
		mentionsAny,
	});
	return {
		id: copy.conversation.id,
		hint: 'Test run: this works on a copy in the test workspace, no customer’s conversation is touched',
	};
}

/** Copies of earlier test runs would use up the agents' capacity in the test workspace. */
async function closeEarlierCopies(
	tests: ConversationStore,
	copyOf: string,
	run: string,
): Promise<void> {
	const rows = await tests.engine.db
		.selectFrom('conversations')
		.innerJoin('identities', 'identities.contact_key', 'conversations.contact_key')
		.select('conversations.id')
		.where('conversations.workspace', '=', tests.workspace)
		.where('conversations.status', '<>', 'closed')
		.where('identities.external_id', 'like', `${copyOf}%`)
		.where('identities.external_id', '<>', copyOf + run)
		.execute();
	for (const { id } of rows) {
		await tests.closeConversation({
			conversationId: id,
			category: null,
			summary: null,
			source: 'test',
		});
	}
}

async function exists(store: ConversationStore, id: string): Promise<boolean> {
	const row = await store.engine.db
		.selectFrom('conversations')
		.select('id')
		.where('id', '=', id)
		.where('workspace', '=', store.workspace)
		.executeTakeFirst();
	return row !== undefined;
}

/**
 * The parts of an item that every node keeps up to date. The item's own message stays: it may be a
 * later one than that which opened the conversation.
 */
export function itemParts(view: ConversationItem, item: INodeExecutionData): IDataObject {
	const { conversation, contact } = view;
	return { conversation, contact, message: messageOf(view, item) } as unknown as IDataObject;
}

/** The message that an item is about. */
export function messageOf(
	view: ConversationItem,
	item: INodeExecutionData,
): ConversationItem['message'] {
	const own = item.json.message as Partial<MessageView> | null | undefined;
	return typeof own?.text === 'string' ? (own as MessageView) : view.message;
}
