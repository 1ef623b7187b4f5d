import { parseJson } from '../../json';
import type { Operation } from '../../operation';
import { lockConversation } from '../conversations';
import { enrichContact, type FieldWrite } from '../enrichContact';
import { changeWait, pendingWaits, settleWait } from './waits';

/** What is kept of an answer besides the answer itself. */
export interface AnswerSaves {
	writes?: FieldWrite[];
	addTags?: string[];
	intent?: string;
}

export interface JudgeQuestionInput {
	conversationId: string;
	waitId: string;
	/** The messages that were looked at. */
	looked: string[];
	verdict:
		| { kind: 'answered'; result: Record<string, unknown>; saves: AnswerSaves }
		/** None of them is an answer, and it was asked often enough. */
		| { kind: 'invalid'; result: Record<string, unknown> }
		| { kind: 'timedOut' }
		/** None of them is an answer: it is asked once more. */
		| { kind: 'again' };
}

/**
 * Writes down what the node found in the replies. Judging one that is over changes nothing: the same
 * wait always ends the same way.
 */
export async function judgeQuestion(
	operation: Operation,
	{ conversationId, waitId, looked, verdict }: JudgeQuestionInput,
): Promise<void> {
	const { conversation, contact } = await lockConversation(operation, conversationId);
	const pending = await pendingWaits(operation, conversation.id, 'question');
	const wait = pending.find(({ id }) => id === waitId);
	if (!wait) return;
	switch (verdict.kind) {
		case 'again': {
			const left = parseJson<string[]>(wait.replies, []).filter((id) => !looked.includes(id));
			await changeWait(operation, wait.id, { replies: JSON.stringify(left) });
			return;
		}
		case 'invalid':
			await settleWait(operation, wait, 'invalid', verdict.result, { isTold: true });
			return;
		case 'timedOut':
			await settleWait(operation, wait, 'timedOut', {}, { isTold: true });
			return;
		case 'answered': {
			const { writes = [], addTags = [], intent } = verdict.saves;
			const isToSave = writes.length > 0 || addTags.length > 0 || intent !== undefined;
			if (isToSave && contact.erased_at === null) {
				await enrichContact(operation, {
					contactKey: contact.key,
					conversationId: conversation.id,
					...{ writes, addTags, source: 'contact' },
					...(intent === undefined ? {} : { intent }),
				});
			}
			await settleWait(operation, wait, 'answered', verdict.result, { isTold: true });
		}
	}
}
