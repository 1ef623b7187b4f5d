import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { findMention } from '../decisions/text';
import { storeError } from '../store/errors';
import type { ConversationStore } from '../store/store';
import type { ConversationItem, MessageView } from '../store/views';
import { isTool } from './forEachItem';

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
			isTool(context)
				? "No node before the AI Agent has given one. Set 'Conversation' to 'By ID', and give the ID by an expression"
				: "Connect this node behind Conversation Opened or Open Conversation, or set 'Conversation' to 'By ID'",
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

const COPY_HINT =
	'Test run: this works on a copy in the test workspace, no customer’s conversation is touched';

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
	const { conversation, contact } = sample;
	if (!conversation || !contact) return { id };
	const { id: copy, copied } = await store.forTests().copyForTest({
		sample: { ...sample, conversation: { ...conversation, id }, contact },
		run: context.getExecutionId(),
		mentionsAny,
	});
	return copied ? { id: copy, hint: COPY_HINT } : { id: copy };
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
