import { contactNotFound } from '../../errors';
import { recordEvent } from '../../events';
import { parseJson } from '../../json';
import { isTestWorkspace, type Operation } from '../../operation';
import { conversationItem, type ConversationItem } from '../../views';
import { lockConversation, type ConversationRow } from '../conversations';
import { insertWait, overAtOnce, passBy, type WaitPlace } from './newWait';
import { changeWait, pendingWaits, type EndReason } from './waits';

export interface OpenQuestionInput extends WaitPlace {
	conversationId: string;
	/** What the node needs to check the answer; the store does not look into it. */
	question: Record<string, unknown>;
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
	await passBy(operation, input);
	const tried = await earlierTry(operation, input);
	if (tried && reason === undefined) {
		const again = { group_id: input.groupId, question: JSON.stringify(input.question), deadline };
		await changeWait(operation, tried.id, again);
		return { state: 'asking', waitId: tried.id, item };
	}
	const waitId = await insertWait(operation, conversation, input, {
		kind: 'question',
		question: JSON.stringify(input.question),
		...(reason === undefined
			? { status: 'asking' }
			: overAtOnce(operation, input, 'ended', { reason })),
	});
	return reason === undefined
		? { state: 'asking', waitId, item }
		: { state: 'ended', waitId, reason, item };
}

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
