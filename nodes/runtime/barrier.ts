import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { ConversationStore } from '../store/store';

/** Executions known to act, so that only the first node of each asks the store. */
const known = new Set<string>();
const KNOWN_LIMIT = 5_000;

/**
 * The second barrier against running a flow twice for one conversation: n8n forgets the first (its
 * deduplication key) when it prunes, when a killed execution is picked up again, and in older
 * versions altogether. The first of our nodes that meets a delivery records its execution; in
 * another execution of that delivery our nodes let nothing pass.
 */
export async function actsHere(
	context: IExecuteFunctions,
	store: ConversationStore,
	item: INodeExecutionData,
): Promise<{ acts: true } | { acts: false; hint: string }> {
	const deliveryId = deliveryOf(item);
	if (deliveryId === undefined) return { acts: true };
	const executionId = context.getExecutionId();
	const key = `${deliveryId} ${executionId}`;
	if (known.has(key)) return { acts: true };
	const mode = context.getMode();
	// A person started it: a test run, or a retry of an execution that ended badly.
	const free = mode === 'manual' || mode === 'retry';
	const { acts, actingExecution } = await store.claimExecution({ deliveryId, executionId, free });
	if (!acts) {
		return {
			acts: false,
			hint: `Execution ${actingExecution ?? ''} already runs this flow for the conversation, so this one ends here`,
		};
	}
	if (known.size >= KNOWN_LIMIT) known.clear();
	known.add(key);
	return { acts: true };
}

function deliveryOf(item: INodeExecutionData): string | undefined {
	const delivery = item.json.delivery as { id?: unknown } | undefined;
	return typeof delivery?.id === 'string' ? delivery.id : undefined;
}
