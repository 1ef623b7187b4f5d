import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';
import { icon, NODE_VERSION } from '../descriptions/common';
import { itemParts, mentionsAny } from '../runtime/conversationOfItem';
import { asError } from '../runtime/failures';
import { forEachItem, type ItemResult, type ItemWork } from '../runtime/forEachItem';
import { storeMethods } from '../runtime/methods';
import type { Mapped } from '../openings/opening';
import { isStoreError, storeError } from '../store/errors';
import type { ConversationStore } from '../store/store';
import { parameters } from './parameters';
import { optionsOf, ownId, readOpenings } from './readOpening';

const TEST_HINT =
	'Test run: the conversation is in the test workspace; published flows open real ones';

const OUTPUT = { opened: 0, alreadyOpen: 1, ignored: 2 };

/** Opens a conversation for anything that n8n can hear of: e-mails, forms, chats, other systems. */
export class OpenConversation implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open Conversation',
		name: 'openConversation',
		icon: icon('openConversation'),
		group: ['transform'],
		version: NODE_VERSION,
		subtitle:
			'={{ $parameter["mapping"] === "fields" ? $parameter["channel"] : $parameter["mapping"].replace("Trigger", " trigger") }}',
		description: 'Open a conversation from any other trigger, unless the contact has one open',
		defaults: { name: 'Open Conversation' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main, NodeConnectionTypes.Main, NodeConnectionTypes.Main],
		outputNames: ['Opened', 'Already Open', 'Ignored'],
		credentials: [
			{ name: 'conversationStoreApi', required: true, testedBy: 'testConversationStore' },
		],
		properties: parameters,
	};

	methods = storeMethods;

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const openAll: ItemWork = (item, index, store) => allOf(this, store, item, index);
		return await forEachItem(this, openAll, { outputs: 3, failedOutput: OUTPUT.alreadyOpen });
	}
}

/** An item of another trigger may hold several messages. */
async function* allOf(
	context: IExecuteFunctions,
	store: ConversationStore,
	item: INodeExecutionData,
	index: number,
): AsyncGenerator<ItemResult, void, undefined> {
	const openings = readOpenings(context, item, index, store.clock());
	for (const mapped of openings) {
		yield await resultOf(context, store, item, index, mapped, openings.length > 1);
	}
}

/**
 * Opens with one part of the item.
 *
 * @param hasSiblings the item holds more than this part: one that cannot be stored then leaves by
 * Ignored, instead of taking the others with it
 */
async function resultOf(
	context: IExecuteFunctions,
	store: ConversationStore,
	item: INodeExecutionData,
	index: number,
	mapped: Mapped,
	hasSiblings: boolean,
): Promise<ItemResult> {
	try {
		if ('ignored' in mapped) return ignored(mapped.ignored);
		return await open(context, store, item, index, mapped);
	} catch (error) {
		if (!hasSiblings || !isStoreError(error) || error.code !== 'InvalidInput') throw asError(error);
		return ignored(`${error.message}.`);
	}
}

const ignored = (reason: string): ItemResult => ({
	json: { ignored: { reason } },
	output: OUTPUT.ignored,
});

async function open(
	context: IExecuteFunctions,
	store: ConversationStore,
	item: INodeExecutionData,
	index: number,
	mapped: Exclude<Mapped, { ignored: string }>,
): Promise<ItemResult> {
	if ('problem' in mapped) {
		throw storeError('InvalidInput', mapped.problem.sentence, mapped.problem.hint);
	}
	const { message, ...opening } = mapped.opening;
	const isTest = context.getMode() === 'manual';
	const target = isTest ? store.forTests() : store;
	const { opened, ...view } = await target.openConversation({
		...opening,
		source: optionsOf(context, index).source ?? 'workflow',
		...(message ? { message: { ...message, id: message.id ?? ownId(context, index) } } : {}),
		mentionsAny,
	});
	// The message is the one given here, whatever the incoming item calls `message`.
	return {
		json: { ...itemParts(view, { ...item, json: {} }), opened },
		output: opened ? OUTPUT.opened : OUTPUT.alreadyOpen,
		...(isTest ? { hint: TEST_HINT } : {}),
	};
}
