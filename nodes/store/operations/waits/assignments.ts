import type { AssignmentDecision } from '../../../decisions/contracts';
import { isTestWorkspace, type Operation } from '../../operation';
import type { ConversationRow } from '../conversations';
import { insertWait, overAtOnce, type WaitPlace } from './newWait';
import { pendingWaits, settleWait } from './waits';

/** How the execution that assigns wants to wait where nobody is free. */
export interface AssignmentWait extends WaitPlace {
	/** Keep also what does not wait: other items of the run may, and all of them go on together. */
	withOthers?: boolean;
}

/**
 * Nobody is free: the execution waits for an agent. In the transaction that queued the conversation,
 * so that no agent can come between the two. Test runs never wait.
 *
 * @returns the wait's ID; undefined where nothing waits
 */
export async function waitForAgent(
	operation: Operation,
	conversation: ConversationRow,
	wait: AssignmentWait,
	{ explanation, blockedBy }: Pick<AssignmentDecision, 'explanation' | 'blockedBy'>,
): Promise<string | undefined> {
	if (isTestWorkspace(operation.workspace)) return undefined;
	const question = JSON.stringify({ explanation, blockedBy });
	const row = { kind: 'assignment', question } as const;
	if (wait.waitFor > 0) {
		return await insertWait(operation, conversation, wait, { ...row, status: 'waiting' });
	}
	if (wait.withOthers) {
		const over = overAtOnce(operation, wait, 'timedOut', { atOnce: true });
		await insertWait(operation, conversation, wait, { ...row, ...over });
	}
	return undefined;
}

/** An agent has it at once; it goes on with the others of its run. */
export async function goesOnWithOthers(
	operation: Operation,
	conversation: ConversationRow,
	wait: AssignmentWait,
	result: { agent: string; alreadyAssigned: boolean },
): Promise<void> {
	if (!wait.withOthers || isTestWorkspace(operation.workspace)) return;
	const over = overAtOnce(operation, wait, 'assigned', result);
	await insertWait(operation, conversation, wait, { kind: 'assignment', question: '{}', ...over });
}

/** An agent has it: executions that wait for one go on, whoever assigned it. */
export async function settleAssignments(
	operation: Operation,
	conversation: ConversationRow,
	agent: string,
): Promise<void> {
	for (const wait of await pendingWaits(operation, conversation.id, 'assignment')) {
		await settleWait(operation, wait, 'assigned', { agent });
	}
}
