import type { Selectable, SelectQueryBuilder } from '../../../vendor';
import { recordEvent } from '../../events';
import { parseJson } from '../../json';
import { locked, type Operation } from '../../operation';
import type { Database, WaitTable } from '../../schema';
import type { ConversationRow } from '../conversations';

/**
 * Executions that wait in a conversation. Such a wait belongs to the conversation, not to n8n's clock:
 * whatever ends it (an answer, the deadline, the conversation's end) settles its row, and the pump
 * tells the execution (see resumes.ts). The row outlives a call that failed.
 */
export type WaitRow = Selectable<WaitTable>;

export type WaitOutcome = NonNullable<WaitRow['outcome']>;

/** Why a wait ended without what it waited for, for `result.reason`. */
export type EndReason =
	| 'assignedElsewhere'
	| 'unassigned'
	| 'closed'
	| 'personReplied'
	| 'alreadyReplied'
	| 'flowGone'
	| 'erased';

/**
 * What a conversation waits for still, the oldest first: answers to questions, an agent, or both. Its
 * contact is locked.
 */
export async function pendingWaits(
	operation: Operation,
	conversationId: string,
	kind: WaitRow['kind'] | 'any',
): Promise<WaitRow[]> {
	const waits = operation.tx
		.selectFrom('waits')
		.selectAll()
		.where('conversation_id', '=', conversationId)
		.where('settled_at', 'is', null)
		.$if(kind !== 'any', (query) => query.where('kind', '=', kind as WaitRow['kind']))
		.orderBy('id');
	return await locked(operation, waits).execute();
}

/** Who writes more than this while n8n is away is answered by the newest. */
const MOST_REPLIES = 100;

/** What buttons of a question come back with, before the number of the choice. */
export const buttonPrefix = (waitId: string) => `${waitId}:`;

const BUTTON = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}:/;

/**
 * Hands a message of the contact to the question it answers: by the button's own question, else the
 * newest that is open. A button of a question that is over answers no other one.
 *
 * @returns whether a question takes it; otherwise it is a message like any other
 */
export async function offerAnswer(
	operation: Operation,
	conversation: ConversationRow,
	message: { id: string; type: string; choiceId?: string; group?: string },
): Promise<boolean> {
	// A thumb under the question says nothing, and a group is no private chat.
	if (message.type === 'reaction' || message.group !== undefined) return false;
	const pending = await pendingWaits(operation, conversation.id, 'question');
	const { choiceId } = message;
	const wait =
		choiceId !== undefined && BUTTON.test(choiceId)
			? pending.find(({ id }) => choiceId.startsWith(buttonPrefix(id)))
			: pending.at(-1);
	if (!wait) return false;
	const replies = [...parseJson<string[]>(wait.replies, []), message.id].slice(-MOST_REPLIES);
	await changeWait(operation, wait.id, {
		replies: JSON.stringify(replies),
		due_at: operation.now,
		posts: 0,
	});
	operation.wake('work');
	await recordEvent(operation, {
		type: 'answer_received',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: 'contact',
		data: { messageId: message.id, wait: wait.id },
	});
	return true;
}

/** Ends what a conversation waits for: nothing more is asked, the flows go on by *Ended*. */
export async function endWaits(
	operation: Operation,
	conversationId: string,
	kind: WaitRow['kind'] | 'any',
	reason: EndReason,
): Promise<void> {
	for (const wait of await pendingWaits(operation, conversationId, kind)) {
		await settleWait(operation, wait, 'ended', { reason });
	}
}

/**
 * The end of one wait. Its execution is told as soon as the transaction is over; one that is being
 * told (it is the one that judges) hears of it by that, or by the next try.
 */
export async function settleWait(
	operation: Operation,
	wait: WaitRow,
	outcome: WaitOutcome,
	result: Record<string, unknown>,
	{ isTold = false } = {},
): Promise<WaitRow> {
	const settled = await changeWait(operation, wait.id, {
		status: 'settled',
		outcome,
		result: JSON.stringify(result),
		replies: '[]',
		settled_at: operation.now,
		...(isTold && wait.due_at !== null ? {} : { due_at: operation.now, posts: 0 }),
	});
	operation.wake('work');
	if (wait.kind !== 'question') return settled;
	const { reason } = result;
	await recordEvent(operation, {
		type: 'question_ended',
		conversationId: wait.conversation_id,
		contactKey: wait.contact_key,
		source: outcome === 'answered' || outcome === 'invalid' ? 'contact' : 'system',
		data: { outcome, asked: wait.asked, ...(typeof reason === 'string' ? { reason } : {}) },
	});
	return settled;
}

export async function changeWait(
	operation: Operation,
	id: string,
	changes: Partial<WaitRow>,
): Promise<WaitRow> {
	return await operation.tx
		.updateTable('waits')
		.set(changes)
		.where('id', '=', id)
		.returningAll()
		.executeTakeFirstOrThrow();
}

/**
 * Empties what was asked and answered in these conversations, where it is over. What is left is what
 * an execution needs to go on: one that has not yet does so by *Ended*. A wait for an agent holds
 * nothing of the contact.
 */
export async function emptyWaits(
	operation: Operation,
	conversations: string[] | SelectQueryBuilder<Database, 'conversations', { id: string }>,
): Promise<void> {
	const rows = await operation.tx
		.selectFrom('waits')
		.selectAll()
		.where('conversation_id', 'in', conversations)
		.where('kind', '=', 'question')
		.where('settled_at', 'is not', null)
		.orderBy('id')
		.execute();
	for (const row of rows) {
		// Other items of the run, and their contacts, go on with it.
		const { run } = parseJson<{ run?: unknown }>(row.question, {});
		const goesOn = row.resumed_at === null && row.outcome !== 'ended';
		await changeWait(operation, row.id, {
			question: JSON.stringify(run === undefined ? {} : { run }),
			...(row.outcome === 'ended' ? {} : { result: '{}' }),
			...(goesOn ? { outcome: 'ended', result: JSON.stringify({ reason: 'erased' }) } : {}),
		});
	}
}
