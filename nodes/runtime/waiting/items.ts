import type {
	IBinaryKeyData,
	IDataObject,
	INodeExecutionData,
	IWebhookFunctions,
} from 'n8n-workflow';

/** What came into the node as this item: n8n keeps it for as long as the execution waits. */
export function incomingItem(context: IWebhookFunctions, index: number): INodeExecutionData {
	const json = (context.evaluateExpression('{{ $json }}', index) ?? {}) as IDataObject;
	const binary = context.evaluateExpression('{{ $input.item.binary }}', index) as
		IBinaryKeyData | undefined;
	const files = binary && Object.keys(binary).length > 0 ? { binary } : {};
	return { json, ...files, pairedItem: { item: index } };
}

/** An item that failed beside others that wait: they leave together. */
export interface FailedItem {
	item: number;
	error: string;
	errorHint?: string;
}

/** Those among a run's outputs that failed while the node goes on. */
export const failedItems = (outputs: INodeExecutionData[][]): FailedItem[] =>
	outputs.flat().flatMap(({ error, json, pairedItem }) => {
		if (!error || typeof pairedItem !== 'object' || Array.isArray(pairedItem)) return [];
		const { errorHint } = json;
		return [
			{
				item: pairedItem.item,
				error: String(json.error),
				...(typeof errorHint === 'string' ? { errorHint } : {}),
			},
		];
	});

/** What a node keeps of its run with one of the waits. */
export interface KeptRun {
	run?: { failed: FailedItem[] };
}

/**
 * Puts the items that failed among those that leave, by their own output where the node has one for
 * errors, and all of them into the order in which they came.
 */
export function withFailed(
	context: IWebhookFunctions,
	outputs: INodeExecutionData[][],
	kept: KeptRun[],
	failedOutput: number,
): INodeExecutionData[][] {
	// n8n sorts these out by itself where an execution does not wait.
	const hasErrorOutput = context.getNode().onError === 'continueErrorOutput';
	const output = hasErrorOutput ? outputs.length : failedOutput;
	for (const { item, ...failure } of kept.flatMap(({ run }) => run?.failed ?? [])) {
		const incoming = incomingItem(context, item);
		const leaves = outputs[output] ?? (outputs[output] = []);
		leaves.push({ ...incoming, json: { ...incoming.json, ...failure } });
	}
	for (const items of outputs) items.sort((a, b) => indexOf(a) - indexOf(b));
	return outputs;
}

const indexOf = ({ pairedItem }: INodeExecutionData) => (pairedItem as { item: number }).item;
