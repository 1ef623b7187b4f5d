import type { Operation } from '../operation';
import type { QueuePolicy } from './queuePolicy';

/** Nothing brings it back: it has no agent, a person has replied, or it is over. */
export const clearReturn = { reply_due_at: null, offline_return: null };

/** What brings a conversation back that an agent gets at this moment, as its columns keep it. */
export function returnTimes({ now }: Operation, { returns }: QueuePolicy) {
	const noReply = returns?.noReplyWithin ?? null;
	return {
		reply_due_at: noReply === null ? null : now + noReply,
		offline_return: returns?.offlineFor ?? null,
	};
}
