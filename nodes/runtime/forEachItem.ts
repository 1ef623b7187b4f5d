import type {
	IBinaryKeyData,
	IDataObject,
	IExecuteFunctions,
	INodeExecutionData,
} from 'n8n-workflow';
import type { ConversationStore } from '../store/store';
import { actsHere } from './barrier';
import { failureOf, nodeFailure } from './failures';
import { storeOfNode } from './storeOfNode';
import { itemsOfTool } from './toolItem';

/** What became of one item. */
export interface ItemResult {
	/** Joins the incoming JSON; `conversation`, `contact` and `message` are updated this way. */
	json: IDataObject;
	/** Which output it leaves by; the first unless said otherwise. */
	output?: number;
	/** Said in the output panel: a consequence the operator should see without opening JSON. */
	hint?: string;
	/** Several items for one (lists); each replaces the incoming JSON instead of joining it. */
	many?: IDataObject[];
	/** Files for each of `many`. */
	files?: IBinaryKeyData;
}

export interface ItemWork {
	/** One result, or one after the other where an item holds several things. */
	(
		item: INodeExecutionData,
		index: number,
		store: ConversationStore,
	): Promise<ItemResult> | AsyncIterable<ItemResult>;
}

/** Whether this is the variant of a node that n8n makes for AI agents. */
export const isTool = (context: IExecuteFunctions) => context.getNode().type.endsWith('Tool');

/**
 * The way of every node that acts: each item through one store operation, paired with its input,
 * one failing item not stopping the others when the node is set to continue.
 *
 * @param outputs number of the node's outputs
 * @param failedOutput where an item goes that failed while the node continues on failure
 */
export async function forEachItem(
	context: IExecuteFunctions,
	work: ItemWork,
	{ outputs = 1, failedOutput = 0 }: { outputs?: number; failedOutput?: number } = {},
): Promise<INodeExecutionData[][]> {
	// An AI agent reads the first output of its tools and no other.
	const asTool = isTool(context);
	const length = asTool ? 1 : outputs;
	const result: INodeExecutionData[][] = Array.from({ length }, () => []);
	const outputOf = (wanted: number) => result[asTool ? 0 : wanted] ?? [];
	const hints = new Set<string>();
	const items = asTool ? itemsOfTool(context) : context.getInputData();
	for (let index = 0; index < items.length; index++) {
		const item = items[index]!;
		try {
			const store = await storeOfNode(context);
			const acts = await actsHere(context, store, item);
			if (!acts.acts) {
				hints.add(acts.hint);
				continue;
			}
			// One by one: what is done stays done, and leaves, also when the next part of an item fails.
			for await (const result of resultsOf(work(item, index, store))) {
				if (result.hint) hints.add(result.hint);
				outputOf(result.output ?? 0).push(...itemsOf(result, item, index));
			}
		} catch (error) {
			if (!context.continueOnFail()) throw nodeFailure(context.getNode(), error, index);
			const failure = nodeFailure(context.getNode(), error, index);
			outputOf(failedOutput).push({
				json: { ...item.json, ...failureOf(failure) },
				error: failure,
				pairedItem: { item: index },
			});
		}
	}
	for (const message of hints) {
		context.addExecutionHints({ message, location: 'outputPane' });
	}
	return result;
}

async function* resultsOf(
	outcome: ReturnType<ItemWork>,
): AsyncGenerator<ItemResult, void, undefined> {
	if (Symbol.asyncIterator in outcome) yield* outcome;
	else yield await outcome;
}

function itemsOf(
	{ json, many, files }: ItemResult,
	item: INodeExecutionData,
	index: number,
): INodeExecutionData[] {
	const pairedItem = { item: index };
	if (many) {
		const attached = files && Object.keys(files).length > 0 ? { binary: files } : {};
		return many.map((each) => ({ json: each, pairedItem, ...attached }));
	}
	const { binary } = item;
	return [{ json: { ...item.json, ...json }, pairedItem, ...(binary ? { binary } : {}) }];
}
