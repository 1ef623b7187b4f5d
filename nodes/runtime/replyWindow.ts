import { channelByKey } from '../channels';
import { replyUntil } from '../channels/limits';
import { isoTime, type ConversationView } from '../store/views';

/**
 * Fills in until when a conversation takes ordinary answers. The store does not know: it is the
 * channel's rule.
 */
export function withReplyWindow<T extends { conversation?: ConversationView }>(item: T): T {
	const { conversation } = item;
	if (!conversation || conversation.lastInboundAt === null) return item;
	const until = replyUntil(channelByKey(conversation.replyChannel)?.sending, {
		account: conversation.account,
		to: conversation.replyTo ?? '',
		context: {},
		lastInboundAt: Date.parse(conversation.lastInboundAt),
	});
	if (until === null) return item;
	return { ...item, conversation: { ...conversation, replyUntil: isoTime(until) } };
}
