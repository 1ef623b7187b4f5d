import type { Operation } from '../../operation';
import type { ConversationRow } from '../conversations';
import { changeWait, type WaitRow } from './waits';

/** Where an execution waits, as the node that lets it wait says. */
export interface WaitPlace {
	workflowId: string;
	executionId: string;
	nodeId: string;
	/** Shared by the waits of one run of a node. */
	groupId: string;
	itemIndex: number;
	/** Where the execution goes on. A secret: it holds a token. */
	resumeUrl: string;
	/** How long at most, in milliseconds. */
	waitFor: number;
}

/** Writes down that an execution waits in a conversation. */
export async function insertWait(
	operation: Operation,
	conversation: ConversationRow,
	place: WaitPlace,
	row: Pick<WaitRow, 'kind' | 'status' | 'question'> & Partial<WaitRow>,
): Promise<string> {
	const id = operation.newId();
	await operation.tx
		.insertInto('waits')
		.values({
			id,
			workspace: operation.workspace,
			conversation_id: conversation.id,
			contact_key: conversation.contact_key,
			workflow_id: place.workflowId,
			execution_id: place.executionId,
			node_id: place.nodeId,
			group_id: place.groupId,
			item_index: place.itemIndex,
			resume_url: place.resumeUrl,
			asked: 0,
			replies: '[]',
			deadline: operation.now + place.waitFor,
			outcome: null,
			result: null,
			due_at: null,
			posts: 0,
			created_at: operation.now,
			settled_at: null,
			resumed_at: null,
			...row,
		})
		.execute();
	return id;
}

/** An execution that is about to wait has come to it by then. Milliseconds. */
const SOON = 60_000;

/**
 * For a wait that is over before it began. It is kept all the same: other items of the run may wait,
 * and they go on together. Where none does the node drops it; should it die before, whoever asks at
 * the deadline finds the execution gone.
 */
export const overAtOnce = (
	{ now }: Operation,
	{ waitFor }: Pick<WaitPlace, 'waitFor'>,
	outcome: NonNullable<WaitRow['outcome']>,
	result: Record<string, unknown>,
) =>
	({
		status: 'settled',
		outcome,
		settled_at: now,
		due_at: now + Math.max(waitFor, SOON),
		result: JSON.stringify(result),
	}) as const;

/**
 * An execution that comes to a node that waits has gone past whatever it waited for before, also where
 * the call by which it went on has not been answered yet: what is over must not stand in front of what
 * comes. What this very node still waits for an agent with is of a try that failed (Retry On Fail), and
 * begins anew; questions keep theirs, since their buttons are with the contact.
 */
export async function passBy(
	operation: Operation,
	{ executionId, groupId, nodeId }: WaitPlace,
): Promise<void> {
	const earlier = await operation.tx
		.selectFrom('waits')
		.select(['id', 'kind', 'node_id', 'settled_at'])
		.where('execution_id', '=', executionId)
		.where('workspace', '=', operation.workspace)
		.where('group_id', '<>', groupId)
		.where('resumed_at', 'is', null)
		.orderBy('id')
		.execute();
	for (const { id, kind, node_id, settled_at } of earlier) {
		if (settled_at !== null) {
			const over = { resumed_at: operation.now, resume_url: null, due_at: null };
			await changeWait(operation, id, over);
		} else if (kind === 'assignment' && node_id === nodeId) {
			await operation.tx.deleteFrom('waits').where('id', '=', id).execute();
		}
	}
}
