import { sql } from '../../vendor';
import { recordEvent } from '../events';
import { isTestWorkspace, type Operation } from '../operation';
import { changeConversation, isCaredFor, lockConversation } from './conversations';

/** After this long somebody or something has to have taken a conversation. Milliseconds. */
export const UNATTENDED_LIMIT = 10 * 60_000;

/**
 * An execution that was asked for so long ago and has not begun to act counts as none: it may be a
 * job that Redis has forgotten, which n8n waits for until its main process starts again. Milliseconds.
 */
const STARTING_LIMIT = 60 * 60_000;

/**
 * Open conversations without owner, queue or flag, opened before this moment, that no flow has in
 * hand: no trigger wanted them, their flow does not begin with our trigger, they were taken off their
 * agent. The oldest first, by an index that holds no others.
 */
export function unattended(operation: Operation, openedBefore: number) {
	return (
		operation.tx
			.selectFrom('conversations')
			.where('workspace', '=', operation.workspace)
			.where('status', '=', sql.lit('open' as const))
			.where('assignee_key', 'is', null)
			.where('queue_entered_at', 'is', null)
			.where('flag', 'is', null)
			.where('opened_at', '<=', openedBefore)
			.where((eb) =>
				eb.not(
					eb.exists(
						eb
							.selectFrom('deliveries')
							.select('deliveries.id')
							.whereRef('deliveries.conversation_id', '=', 'conversations.id')
							.where('deliveries.due_at', 'is not', null)
							.where((delivery) =>
								delivery.or([
									delivery('deliveries.status', '<>', 'claimed'),
									delivery('deliveries.execution_id', 'is not', null),
									delivery('deliveries.created_at', '>', operation.now - STARTING_LIMIT),
								]),
							),
					),
				),
			)
			// The contact is to answer first, or the flow waits otherwise; and one that has just gone on has time to find somebody.
			.where((eb) =>
				eb.not(
					eb.exists(
						eb
							.selectFrom('waits')
							.select('waits.id')
							.whereRef('waits.conversation_id', '=', 'conversations.id')
							.where((wait) =>
								wait.or([
									wait('waits.settled_at', 'is', null),
									wait('waits.settled_at', '>', operation.now - UNATTENDED_LIMIT),
								]),
							),
					),
				),
			)
			.orderBy('opened_at')
			.orderBy('id')
	);
}

/** The last net: shows the next of them to a person, by a flag. One in each transaction. */
export async function flagUnattended(operation: Operation): Promise<number> {
	if (isTestWorkspace(operation.workspace)) return 0;
	const row = await unattended(operation, operation.now - UNATTENDED_LIMIT)
		.select('id')
		.limit(1)
		.executeTakeFirst();
	if (!row) return 0;
	const { conversation } = await lockConversation(operation, row.id);
	if (isCaredFor(conversation)) return 1;
	await changeConversation(operation, conversation, { flag: 'unattended' });
	await recordEvent(operation, {
		type: 'flow_failed',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: 'system',
		data: { runStatus: null, execution: null, action: 'flag' },
	});
	return 1;
}
