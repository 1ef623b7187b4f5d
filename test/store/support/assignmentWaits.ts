import { randomUUID } from 'node:crypto';
import type { AssignConversationInput } from '../../../nodes/store/operations/assignConversation';
import type { AssignmentWait } from '../../../nodes/store/operations/waits/assignments';
import type { ConversationStore } from '../../../nodes/store/store';
import { HOUR } from './engines';
import { TOKEN } from './questions';
import { assign } from './samples';

/** An item of a run of Auto-Assign Agent, in an execution of its own unless one is named. */
export const runOf = (changes: Partial<AssignmentWait> = {}): AssignmentWait => ({
	workflowId: 'flow',
	executionId: randomUUID(),
	nodeId: 'assign',
	groupId: randomUUID(),
	itemIndex: 0,
	resumeUrl: `https://n8n.example.com/webhook-waiting/1/conversation-assignment?signature=${TOKEN}`,
	waitFor: HOUR,
	...changes,
});

/** Assigns as a node that waits where nobody is free. */
export async function assignOrWait(
	store: ConversationStore,
	conversationId: string,
	changes: Partial<AssignmentWait> = {},
	how: Partial<AssignConversationInput> = {},
) {
	const wait = runOf(changes);
	const to = { kind: 'team', team: 'sales' } as const;
	return { ...(await assign(store, conversationId, { to, wait, ...how })), wait };
}

/** As the node looks at its run when its execution is called. */
export const runAt = async (
	store: ConversationStore,
	{ groupId, executionId, nodeId }: AssignmentWait,
) => await store.readWaitGroup({ groupId, executionId, nodeId });

/** How the waits of a run have ended: `null` where one has not. */
export const outcomesOf = async (store: ConversationStore, wait: AssignmentWait) =>
	(await runAt(store, wait)).map(({ outcome, result }) => result.reason ?? outcome);
