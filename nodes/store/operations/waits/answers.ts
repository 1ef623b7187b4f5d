import type { Attachment } from '../../../channels/channel';
import { sql } from '../../../vendor';
import { parseJson } from '../../json';
import type { Operation } from '../../operation';
import { conversationItem, type ConversationItem, type MessageDetails } from '../../views';
import { lockConversation } from '../conversations';
import { enrichContact, type FieldWrite } from '../enrichContact';
import { changeWait, pendingWaits, settleWait, type WaitOutcome } from './waits';

/** A message of the contact that may be the answer. */
export interface WaitReply {
	/** The store's ID. */
	id: string;
	text: string;
	type: string;
	attachments: Attachment[];
	choiceId?: string;
}

/** One question of a node's run, as the node looks at it again. */
export interface WaitView {
	id: string;
	conversationId: string;
	itemIndex: number;
	nodeId: string;
	settled: boolean;
	outcome: WaitOutcome | null;
	result: Record<string, unknown>;
	/** Empty once it was erased. */
	question: Record<string, unknown>;
	/** How often it was asked. */
	asked: number;
	/** Milliseconds since 1970. */
	deadline: number;
	/** What came in and was not looked at yet, in the order in which it came. */
	replies: WaitReply[];
	/** Conversation and contact as they are now, with the message that was the answer. */
	item: ConversationItem;
}

/**
 * The questions that one run of a node asked, by item; nothing when a later node of the execution
 * waits by now, or when the run is not known.
 */
export async function readWaitGroup(
	operation: Operation,
	input: { groupId: string; executionId: string; nodeId: string },
): Promise<WaitView[]> {
	const newest = await operation.tx
		.selectFrom('waits')
		.select(['group_id', 'node_id'])
		.where('execution_id', '=', input.executionId)
		.where('workspace', '=', operation.workspace)
		// IDs follow the clocks of machines, and those may differ: what is over comes last.
		.orderBy(sql`case when resumed_at is null then 0 else 1 end`)
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirst();
	if (newest?.group_id !== input.groupId || newest.node_id !== input.nodeId) return [];
	const rows = await operation.tx
		.selectFrom('waits')
		.selectAll()
		.where('group_id', '=', input.groupId)
		.where('workspace', '=', operation.workspace)
		.orderBy('item_index')
		.execute();
	const views: WaitView[] = [];
	for (const row of rows) {
		const result = parseJson<Record<string, unknown>>(row.result, {});
		const answer = typeof result.messageId === 'string' ? result.messageId : undefined;
		const conversation = await operation.tx
			.selectFrom('conversations')
			.selectAll()
			.where('id', '=', row.conversation_id)
			.executeTakeFirstOrThrow();
		views.push({
			id: row.id,
			conversationId: row.conversation_id,
			itemIndex: row.item_index,
			nodeId: row.node_id,
			settled: row.settled_at !== null,
			outcome: row.outcome,
			result,
			question: parseJson<Record<string, unknown>>(row.question, {}),
			asked: row.asked,
			deadline: row.deadline,
			replies: await repliesOf(operation, parseJson<string[]>(row.replies, [])),
			item: await conversationItem(operation, conversation, answer),
		});
	}
	return views;
}

async function repliesOf(operation: Operation, ids: string[]): Promise<WaitReply[]> {
	if (ids.length === 0) return [];
	const rows = await operation.tx
		.selectFrom('messages')
		.select(['id', 'text', 'type', 'attachments', 'details'])
		.where('id', 'in', ids)
		.execute();
	return ids.flatMap((id) => {
		const row = rows.find((each) => each.id === id);
		if (!row) return [];
		const { choiceId } = parseJson<MessageDetails>(row.details, {});
		const attachments = parseJson<Attachment[]>(row.attachments, []);
		return [{ id, text: row.text, type: row.type, attachments, ...(choiceId ? { choiceId } : {}) }];
	});
}

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
