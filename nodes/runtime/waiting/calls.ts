import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	IWebhookDescription,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import type { ConversationStore } from '../../store/store';
import { sentence, storeOfNode } from '../storeOfNode';

/**
 * Nodes that let an execution wait. n8n's own clock is never used for it: when the time of a wait is
 * over, n8n sends the items that came in by the first output. The store's pump calls instead, when
 * something came in or the time is over (see store/resuming.ts).
 */

/** The webhook that n8n opens for an execution that waits. Each kind of node has a path of its own. */
export const restartWebhook = (path: string): IWebhookDescription => ({
	name: 'default',
	httpMethod: 'POST',
	responseMode: 'onReceived',
	path,
	restartWebhook: true,
});

/** n8n opens the address only for executions that wait: nobody else has to be told of it. */
export const noRegistration: NonNullable<INodeType['webhookMethods']> = {
	default: {
		checkExists: async () => true,
		create: async () => true,
		delete: async () => true,
	},
};

/** The address by which this execution goes on at a node with this path; it holds a token. */
export function resumeUrlOf(context: IExecuteFunctions, path: string): string {
	const url = new URL(String(context.evaluateExpression('{{ $execution.resumeUrl }}', 0)));
	url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
	return url.toString();
}

/** Which waits a call is about; nothing when it is no call of ours. */
function groupIn(body: unknown): string | undefined {
	const { wait } = (body ?? {}) as { wait?: unknown };
	const isId = typeof wait === 'string' && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(wait);
	return isId ? wait : undefined;
}

/**
 * Answers a call for an execution that waits. What is thrown here would end the execution: a failure
 * is told by the status instead, and the pump calls again.
 *
 * @param who the kind of node, as n8n's log names it
 * @param look gives the items of every output once there is nothing left to wait for
 */
export async function answerCall(
	context: IWebhookFunctions,
	who: string,
	look: (store: ConversationStore, groupId: string) => Promise<INodeExecutionData[][] | undefined>,
): Promise<IWebhookResponseData> {
	const response = context.getResponseObject();
	try {
		const group = groupIn(context.getBodyData());
		const store = await storeOfNode(context);
		const outputs = group === undefined ? undefined : await look(store, group);
		if (outputs) return { workflowData: outputs };
		response.status(200).json({ waiting: true });
	} catch (error) {
		context.logger.warn(`${who}: what came in is looked at again later. ${sentence(error)}`);
		response.status(503).json({ waiting: true });
	}
	return { noWebhookResponse: true };
}
