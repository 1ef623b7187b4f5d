import { contactNotFound } from '../../errors';
import { recordEvent } from '../../events';
import { parseJson } from '../../json';
import { isTestWorkspace, type Operation } from '../../operation';
import { conversationItem, type ConversationItem } from '../../views';
import { lockConversation, type ConversationRow } from '../conversations';
import { changeWait, pendingWaits, settleWait, type EndReason } from './waits';

export interface OpenQuestionInput {
	conversationId: string;
	workflowId: string;
	executionId: string;
	nodeId: string;
	/** Shared by the questions of one run of a node. */
	groupId: string;
	itemIndex: number;
	/** Where the execution goes on. A secret: it holds a token. */
	resumeUrl: string;
	/** What the node needs to check the answer; the store does not look into it. */
	question: Record<string, unknown>;
	/** How long the contact has, in milliseconds. */
	waitFor: number;
	/** Ask also where a person of the team has replied already. */
	despitePerson: boolean;
}

export type OpenedQuestion =
	| { state: 'asking'; waitId: string; item: ConversationItem }
	/** A conversation of test runs, in which nobody answers: nothing waits. */
	| { state: 'test'; item: ConversationItem }
	/** There is no point in asking. */
	| { state: 'ended'; waitId: string; reason: EndReason; item: ConversationItem };

/**
 * Makes room for a question before it is sent, so that no answer can come too early for it.
 *
 * @throws StoreError `ConversationNotFound`, `ContactNotFound` once the contact is erased
 */
export async function openQuestion(
	operation: Operation,
	input: OpenQuestionInput,
): Promise<OpenedQuestion> {
	const { conversation, contact } = await lockConversation(operation, input.conversationId);
	if (contact.erased_at !== null) throw contactNotFound(contact.key);
	const item = await conversationItem(operation, conversation);
	if (isTestWorkspace(operation.workspace)) return { state: 'test', item };
	const reason = reasonNotToAsk(conversation, input);
	const deadline = operation.now + input.waitFor;
	const tried = await earlierTry(operation, input);
	if (tried && reason === undefined) {
		const again = { group_id: input.groupId, question: JSON.stringify(input.question), deadline };
		await changeWait(operation, tried.id, again);
		return { state: 'asking', waitId: tried.id, item };
	}
	const waitId = operation.newId();
	await operation.tx
		.insertInto('waits')
		.values({
			id: waitId,
			workspace: operation.workspace,
			conversation_id: conversation.id,
			contact_key: conversation.contact_key,
			kind: 'question',
			status: 'asking',
			workflow_id: input.workflowId,
			execution_id: input.executionId,
			node_id: input.nodeId,
			group_id: input.groupId,
			item_index: input.itemIndex,
			resume_url: input.resumeUrl,
			question: JSON.stringify(input.question),
			asked: 0,
			replies: '[]',
			deadline,
			outcome: null,
			result: null,
			due_at: null,
			posts: 0,
			created_at: operation.now,
			settled_at: null,
			resumed_at: null,
			...(reason === undefined ? {} : overAtOnce(operation, reason, deadline)),
		})
		.execute();
	return reason === undefined
		? { state: 'asking', waitId, item }
		: { state: 'ended', waitId, reason, item };
}

/**
 * Kept all the same: other items of the run may wait, and they go on together. Where none does the
 * node drops it; should it die before, whoever asks at the deadline finds the execution gone.
 */
const overAtOnce = ({ now }: Operation, reason: EndReason, deadline: number) =>
	({
		status: 'settled',
		outcome: 'ended',
		settled_at: now,
		due_at: deadline,
		result: JSON.stringify({ reason }),
	}) as const;

/**
 * A node that failed and is tried once more (Retry On Fail) asks the same question: its buttons are
 * with the contact, so they must stay those of the wait.
 */
async function earlierTry(operation: Operation, input: OpenQuestionInput) {
	const pending = await pendingWaits(operation, input.conversationId, 'question');
	return pending.find(
		(wait) =>
			wait.execution_id === input.executionId &&
			wait.node_id === input.nodeId &&
			wait.item_index === input.itemIndex &&
			wait.group_id !== input.groupId,
	);
}

function reasonNotToAsk(
	conversation: ConversationRow,
	input: OpenQuestionInput,
): EndReason | undefined {
	if (conversation.status === 'closed') return 'closed';
	const replied = conversation.first_response_at !== null;
	return replied && !input.despitePerson ? 'alreadyReplied' : undefined;
}

/**
 * The question is with the contact: from now on it waits, with the whole time to answer. Also after it
 * was asked again.
 *
 * @param input.time the how manieth asking it was: told twice, it counts once
 */
export async function questionAsked(
	operation: Operation,
	input: { conversationId: string; waitId: string; waitFor: number; time: number },
): Promise<void> {
	const { conversation } = await lockConversation(operation, input.conversationId);
	const pending = await pendingWaits(operation, conversation.id, 'question');
	const wait = pending.find(({ id }) => id === input.waitId);
	// It was answered, or the conversation closed, while it was on its way.
	if (!wait || wait.asked >= input.time) return;
	await changeWait(operation, wait.id, {
		status: 'waiting',
		asked: input.time,
		deadline: operation.now + input.waitFor,
	});
	await recordEvent(operation, {
		type: 'question_asked',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: 'workflow',
		data: { wait: wait.id, time: input.time },
	});
}

/**
 * Keeps with a question what became of the other items of its run: the execution goes on with all of
 * them at once.
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

/** The question could not be sent: nothing waits. What came in meanwhile is a message like any other. */
export async function dropQuestion(
	operation: Operation,
	input: { conversationId: string; waitId: string },
): Promise<void> {
	const { conversation } = await lockConversation(operation, input.conversationId);
	const dropped = await operation.tx
		.deleteFrom('waits')
		.where('id', '=', input.waitId)
		.where('workspace', '=', operation.workspace)
		.returning('replies')
		.executeTakeFirst();
	const ids = parseJson<string[]>(dropped?.replies, []);
	if (ids.length === 0) return;
	const messages = await operation.tx
		.selectFrom('messages')
		.select(['id', 'channel', 'type'])
		.where('id', 'in', ids)
		.orderBy('id')
		.execute();
	for (const { id: messageId, channel, type } of messages) {
		await recordEvent(operation, {
			type: 'message_received',
			conversationId: conversation.id,
			contactKey: conversation.contact_key,
			source: 'contact',
			data: { messageId, channel, type },
		});
	}
}

/** @returns whether the deadline of a question was over; one in each transaction */
export async function endOverdueQuestion(operation: Operation): Promise<number> {
	const row = await operation.tx
		.selectFrom('waits')
		.select(['id', 'conversation_id'])
		.where('workspace', '=', operation.workspace)
		.where('settled_at', 'is', null)
		.where('deadline', '<=', operation.now)
		// What has come in is looked at first: who answered in time is not too late.
		.where('due_at', 'is', null)
		.orderBy('deadline')
		.limit(1)
		.executeTakeFirst();
	if (!row) return 0;
	const { conversation } = await lockConversation(operation, row.conversation_id);
	const wait = (await pendingWaits(operation, conversation.id, 'question')).find(
		({ id }) => id === row.id,
	);
	if (wait && wait.due_at === null) await settleWait(operation, wait, 'timedOut', {});
	return 1;
}

/** How long what is over stays, for a call that comes late. Milliseconds. */
const KEEP = 7 * 24 * 60 * 60_000;
const REMOVED_AT_ONCE = 500;

/** Removes what has been over for long. */
export async function forgetWaits(operation: Operation): Promise<number> {
	const old = await operation.tx
		.selectFrom('waits')
		.select('id')
		.where('workspace', '=', operation.workspace)
		.where('resumed_at', '<', operation.now - KEEP)
		.orderBy('resumed_at')
		.limit(REMOVED_AT_ONCE)
		.execute();
	const ids = old.map(({ id }) => id);
	if (ids.length > 0) await operation.tx.deleteFrom('waits').where('id', 'in', ids).execute();
	return ids.length;
}
