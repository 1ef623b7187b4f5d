import type { Operation } from '../../operation';
import type { ConversationRow } from '../conversations';
import { pendingWaits, settleWait } from './waits';

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
