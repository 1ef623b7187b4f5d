import type { Attachment } from '../../../channels/channel';
import type { AssignmentDecision } from '../../../decisions/contracts';
import { sql } from '../../../vendor';
import { parseJson } from '../../json';
import type { Operation } from '../../operation';
import { conversationItem, type ConversationItem, type MessageDetails } from '../../views';
import { changeWait, type WaitOutcome, type WaitRow } from './waits';

/** A message of the contact that may be the answer. */
export interface WaitReply {
	/** The store's ID. */
	id: string;
	text: string;
	type: string;
	attachments: Attachment[];
	choiceId?: string;
}

/** What one item of a node's run waits for, as the node looks at it again. */
export interface WaitView {
	id: string;
	kind: WaitRow['kind'];
	conversationId: string;
	itemIndex: number;
	nodeId: string;
	settled: boolean;
	outcome: WaitOutcome | null;
	result: Record<string, unknown>;
	/** What the node kept with it. Empty once it was erased. */
	question: Record<string, unknown>;
	/** How often it was asked. */
	asked: number;
	/** Milliseconds since 1970. */
	deadline: number;
	/** From its beginning to its end, or to now. Milliseconds. */
	waited: number;
	/** What came in and was not looked at yet, in the order in which it came. */
	replies: WaitReply[];
	/** How an agent got the conversation, of a wait for one. */
	assigned: AssignedRecord | null;
	/** Conversation and contact as they are now, with the message that was the answer. */
	item: ConversationItem;
}

/** What the event of an assignment says. */
export interface AssignedRecord {
	agent: string;
	reason: string;
	/** `queue`, `workflow`, `user`, … */
	source: string;
	/** Null when a person decided. */
	decision: AssignmentDecision | null;
}

/**
 * What one run of a node waits for, by item; nothing when a later node of the execution waits by now,
 * or when the run is not known.
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
	for (const row of rows) views.push(await viewOf(operation, row));
	return views;
}

async function viewOf(operation: Operation, row: WaitRow): Promise<WaitView> {
	const result = parseJson<Record<string, unknown>>(row.result, {});
	const answer = typeof result.messageId === 'string' ? result.messageId : undefined;
	const conversation = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('id', '=', row.conversation_id)
		.executeTakeFirstOrThrow();
	return {
		id: row.id,
		kind: row.kind,
		conversationId: row.conversation_id,
		itemIndex: row.item_index,
		nodeId: row.node_id,
		settled: row.settled_at !== null,
		outcome: row.outcome,
		result,
		question: parseJson<Record<string, unknown>>(row.question, {}),
		asked: row.asked,
		deadline: row.deadline,
		waited: (row.settled_at ?? operation.now) - row.created_at,
		replies: await repliesOf(operation, parseJson<string[]>(row.replies, [])),
		assigned: row.outcome === 'assigned' ? await assignedBy(operation, row) : null,
		item: await conversationItem(operation, conversation, answer),
	};
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

/** The assignment that ended the wait, and no later one: the same wait always gives the same items. */
async function assignedBy(operation: Operation, row: WaitRow): Promise<AssignedRecord | null> {
	const event = await operation.tx
		.selectFrom('events')
		.select(['source', 'data'])
		.where('conversation_id', '=', row.conversation_id)
		.where('type', '=', 'assigned')
		.where('at', '<=', row.settled_at)
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirst();
	if (!event) return null;
	const { agent, reason, decision } = parseJson<Partial<AssignedRecord>>(event.data, {});
	const { source } = event;
	return { agent: agent ?? '', reason: reason ?? '', source, decision: decision ?? null };
}

/**
 * Keeps with a wait what became of the other items of its run: the execution goes on with all of them
 * at once.
 */
export async function describeRun(
	operation: Operation,
	input: { conversationId: string; waitId: string; run: Record<string, unknown> },
): Promise<void> {
	const row = await operation.tx
		.selectFrom('waits')
		.select('question')
		.where('id', '=', input.waitId)
		.executeTakeFirst();
	if (!row) return;
	const question = { ...parseJson<Record<string, unknown>>(row.question, {}), run: input.run };
	await changeWait(operation, input.waitId, { question: JSON.stringify(question) });
}

/** Nothing of a run waits: what was kept for those that might have is not needed. */
export async function dropWaitGroup(
	operation: Operation,
	input: { groupId: string },
): Promise<void> {
	await operation.tx
		.deleteFrom('waits')
		.where('group_id', '=', input.groupId)
		.where('workspace', '=', operation.workspace)
		.where('settled_at', 'is not', null)
		.execute();
}
