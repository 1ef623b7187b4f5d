import type { Operation } from '../operation';
import type { ConversationRow } from './conversations';
import type { QueuePolicy } from './queuePolicy';

/** Nothing brings it back: it has no agent, a person has replied, or it is over. */
export const clearReturn = { reply_due_at: null, offline_return: null };

/**
 * What brings a conversation back that an agent gets at this moment, as its columns keep it. Nothing
 * any more once it has escalated: it must not go round for ever.
 */
export function returnTimes(
	{ now }: Operation,
	{ returns }: QueuePolicy,
	{ escalated_at: escalated }: Pick<ConversationRow, 'escalated_at'>,
) {
	if (!returns || escalated !== null) return clearReturn;
	const { noReplyWithin, offlineFor } = returns;
	return {
		reply_due_at: noReplyWithin === null ? null : now + noReplyWithin,
		offline_return: offlineFor,
	};
}
