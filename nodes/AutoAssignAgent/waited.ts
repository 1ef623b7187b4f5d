import type { INodeExecutionData, IWebhookFunctions } from 'n8n-workflow';
import { itemParts } from '../runtime/conversationOfItem';
import { incomingItem, withFailed, type KeptRun } from '../runtime/waiting/items';
import type { ConversationStore } from '../store/store';
import { failedOutput, outputOf, outputsOf, type OutputParameters } from './outputs';
import { assignmentAfter, outcomeOf } from './result';

/**
 * Looks whether everything of a run is settled that it waited for.
 *
 * @returns the items of every output, each with its conversation and contact as they are now; undefined
 * while there is something left to wait for, and when the call is about another wait
 */
export async function lookAtWaits(
	context: IWebhookFunctions,
	store: ConversationStore,
	groupId: string,
): Promise<INodeExecutionData[][] | undefined> {
	const run = { groupId, executionId: context.getExecutionId(), nodeId: context.getNode().id };
	const waits = await store.readWaitGroup(run);
	if (waits.length === 0 || waits.some(({ settled }) => !settled)) return undefined;
	const saved = context.getNode().parameters as OutputParameters;
	const outputs: INodeExecutionData[][] = outputsOf(saved).map(() => []);
	for (const wait of waits) {
		const incoming = incomingItem(context, wait.itemIndex);
		outputs[outputOf(outcomeOf(wait), saved)]?.push({
			...incoming,
			json: {
				...incoming.json,
				...itemParts(wait.item, incoming),
				assignment: assignmentAfter(wait),
			},
		});
	}
	const kept = waits.map(({ question }) => question as KeptRun);
	return withFailed(context, outputs, kept, failedOutput(saved));
}
