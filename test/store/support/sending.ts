import type { MessageStatus } from '../../../nodes/channels/channel';
import type { BeginOutboundInput } from '../../../nodes/store/operations/beginOutbound';
import type { OutboundOutcome } from '../../../nodes/store/operations/finishOutbound';
import type { ConversationStore } from '../../../nodes/store/store';
import type { ConversationItem } from '../../../nodes/store/views';

/** The provider's answer: taken, under this ID. */
export const sentAs = (id: string): OutboundOutcome => ({ kind: 'sent', id, status: 'sent' });

export const REFUSED: OutboundOutcome = { kind: 'failed', code: '131', reason: 'Not allowed' };

/** What Send Message does in the store, for one conversation; the provider is played by the test. */
export interface Sender {
	begin(
		sendKey: string,
		changes?: Partial<BeginOutboundInput>,
	): ReturnType<ConversationStore['beginOutbound']>;
	finish(messageId: string, outcome: OutboundOutcome): Promise<ConversationItem>;
	/** Both: the provider takes it under this ID. */
	send(channelId: string, changes?: Partial<BeginOutboundInput>): Promise<ConversationItem>;
	/** The provider tells what became of it. @returns whether that was news */
	tell(
		status: MessageStatus['status'],
		channelId: string,
		changes?: Partial<MessageStatus>,
	): Promise<boolean>;
}

export function senderOf(store: ConversationStore, conversationId: string): Sender {
	const sender: Sender = {
		begin: async (sendKey, changes = {}) =>
			await store.beginOutbound({
				...{ conversationId, sendKey, channel: 'chat', account: 'main' },
				...{ type: 'text', text: 'An answer', attachments: [] },
				...changes,
			}),
		finish: async (messageId, outcome) =>
			await store.finishOutbound({ conversationId, messageId, outcome }),
		async send(channelId, changes) {
			const { messageId } = await sender.begin(`key of ${channelId}`, changes);
			return await sender.finish(messageId, sentAs(channelId));
		},
		async tell(status, channelId, changes = {}) {
			const { applied } = await store.receiveNotice({
				notice: {
					...{ kind: 'status', channel: 'chat', account: 'main', at: store.clock() },
					...{ id: channelId, status },
					...(status === 'failed' ? { failure: { code: '1', reason: 'No such number' } } : {}),
					...changes,
				},
			});
			return applied;
		},
	};
	return sender;
}

/** What was sent, and what was written elsewhere, in the order in which it was stored. */
export const outboundOf = async (store: ConversationStore) =>
	await store.engine.db
		.selectFrom('messages')
		.select(['id', 'channel_message_id', 'direction', 'status', 'text', 'sender'])
		.where('workspace', '=', store.workspace)
		.where('direction', '=', 'outbound')
		.orderBy('id')
		.execute();
