import type { MessageStatus, OptOutReason } from '../../channels/channel';
import type { Selectable } from '../../vendor';
import { recordEvent } from '../events';
import { parseJson } from '../json';
import { locked, type Operation } from '../operation';
import type { MessageTable } from '../schema';
import { conversationItem, type ConversationItem } from '../views';
import { isAccepted } from './acceptConversation';
import { setOptOut, type Place } from './addresses';
import { provisional } from './beginOutbound';
import { changeConversation, lockConversation, type ConversationRow } from './conversations';
import { applyStatus } from './messageStatus';
import { policyOf } from './queuePolicy';
import { returnTimes } from './returning';
import { endWaits } from './waits/waits';

export type OutboundOutcome =
	| { kind: 'sent'; id: string; status: 'sent' | 'delivered' }
	/** The provider refused it, or was not reached: nothing was sent. */
	| { kind: 'failed'; code?: string; reason: string; optedOut?: OptOutReason }
	/** Nobody knows. It stays as it is: sending it again might send it twice. */
	| { kind: 'unclear'; reason: string };

export interface FinishOutboundInput {
	conversationId: string;
	messageId: string;
	outcome: OutboundOutcome;
}

/**
 * Says what the provider answered. A message that was sent counts for its conversation; it is the
 * first response when a person sent it.
 */
export async function finishOutbound(
	operation: Operation,
	input: FinishOutboundInput,
): Promise<ConversationItem> {
	const { outcome, messageId } = input;
	const { conversation, contact } = await lockConversation(operation, input.conversationId);
	const isErased = contact.erased_at !== null;
	const row = await locked(
		operation,
		operation.tx.selectFrom('messages').selectAll().where('id', '=', messageId),
	).executeTakeFirst();
	// An echo has told its end already.
	if (!row || row.status !== 'sending') {
		const shown = row ? messageId : conversation.first_message_id;
		return await conversationItem(operation, conversation, shown);
	}
	const place = { channel: row.channel, account: row.account };
	if (outcome.kind !== 'sent') {
		const { kind, ...failure } = outcome;
		await operation.tx
			.updateTable('messages')
			.set({
				...(kind === 'failed' ? { status: 'failed' as const, status_at: operation.now } : {}),
				failure: isErased ? null : JSON.stringify(failure),
			})
			.where('id', '=', messageId)
			.execute();
		if (outcome.kind === 'failed' && outcome.optedOut && !isErased) {
			const { optedOut } = outcome;
			await setOptOut(operation, conversation.contact_key, place, optedOut, operation.now);
		}
		return await conversationItem(operation, conversation, messageId);
	}
	// It was sent and counts; by which ID the channel could find it is not to be known any more.
	if (isErased) {
		const nameless = { ...outcome, id: row.channel_message_id };
		const counted = await markSent(operation, conversation, row, nameless);
		return await conversationItem(operation, counted, messageId);
	}
	const known = await operation.tx
		.selectFrom('messages')
		.select(['id', 'direction', 'conversation_id', 'status', 'received_at'])
		.where('workspace', '=', operation.workspace)
		.where('channel', '=', row.channel)
		.where('account', '=', row.account)
		.where('channel_message_id', '=', outcome.id)
		.executeTakeFirst();
	if (known?.direction === 'outbound') {
		if (known.conversation_id !== null) {
			return await joinEcho(operation, conversation, row, known, outcome);
		}
		// Told before it was answered, while nothing was open: it belongs to this conversation.
		await operation.tx.deleteFrom('messages').where('id', '=', known.id).execute();
	}
	// A channel that gives the contact's messages and ours the same IDs must not lose either.
	const id = known?.direction === 'inbound' ? provisional(outcome.id) : outcome.id;
	const changed = await markSent(operation, conversation, row, { ...outcome, id });
	return await conversationItem(operation, changed, messageId);
}

/** The provider told it as an echo before it answered: one message, which is counted already. */
async function joinEcho(
	operation: Operation,
	conversation: ConversationRow,
	row: Selectable<MessageTable>,
	echo: Pick<Selectable<MessageTable>, 'id' | 'status' | 'received_at'>,
	sent: { id: string; status: 'sent' | 'delivered' },
): Promise<ConversationItem> {
	await operation.tx.deleteFrom('messages').where('id', '=', row.id).execute();
	await operation.tx
		.updateTable('messages')
		.set({
			sender: row.sender,
			send_key: row.send_key,
			// Its fate may have been told as well by now.
			...(echo.status === null ? { status: sent.status, status_at: operation.now } : {}),
		})
		.where('id', '=', echo.id)
		.execute();
	await takeEarlyStatuses(operation, { ...row, id: sent.id });
	if (conversation.first_response_at !== echo.received_at) {
		return await conversationItem(operation, conversation, echo.id);
	}
	// It was taken for the answer of somebody unknown.
	const isAutomatic = row.sender === null;
	const corrected = await changeConversation(operation, conversation, {
		first_response_at: isAutomatic ? null : echo.received_at,
		first_response_by: row.sender,
		...(isAutomatic ? await stillOwed(operation, conversation, echo.received_at) : {}),
	});
	return await conversationItem(operation, corrected, echo.id);
}

/** The reply that the agent owes, where nothing else was sent that could be one. */
async function stillOwed(
	operation: Operation,
	conversation: ConversationRow,
	at: number,
): Promise<{ reply_due_at?: number | null }> {
	const { status, assignee_key: agent, last_outbound_at: last } = conversation;
	if (status !== 'open' || agent === null || last !== at) return {};
	if (await isAccepted(operation, conversation.id)) return {};
	const { reply_due_at } = returnTimes(operation, policyOf(conversation), conversation);
	return { reply_due_at };
}

/** Gives a message its ID, counts it, tells it, and takes in what was said of it before. */
export async function markSent(
	operation: Operation,
	conversation: ConversationRow,
	row: { id: string; channel: string; account: string; sender: string | null },
	sent: { id: string; status: 'sent' | 'delivered' },
): Promise<ConversationRow> {
	await operation.tx
		.updateTable('messages')
		.set({
			channel_message_id: sent.id,
			status: sent.status,
			status_at: operation.now,
			sent_at: operation.now,
			failure: null,
		})
		.where('id', '=', row.id)
		.execute();
	const changed = await countReply(operation, conversation, row.sender);
	await recordEvent(operation, {
		type: 'replied',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: row.sender === null ? 'workflow' : 'user',
		actor: row.sender,
		data: { messageId: row.id, channel: row.channel },
	});
	await takeEarlyStatuses(operation, { ...row, id: sent.id });
	return changed;
}

/** @param person the agent who answered; null for an automatic answer, undefined for somebody unknown */
export async function countReply(
	operation: Operation,
	conversation: ConversationRow,
	person: string | null | undefined,
): Promise<ConversationRow> {
	const isFirst = conversation.first_response_at === null && person !== null;
	// A person has taken over: the flow asks no more.
	if (person !== null) await endWaits(operation, conversation.id, 'question', 'personReplied');
	return await changeConversation(operation, conversation, {
		outbound_count: conversation.outbound_count + 1,
		last_outbound_at: operation.now,
		...(person === null ? {} : { reply_due_at: null }),
		...(isFirst
			? {
					first_response_at: operation.now,
					first_response_by: person ?? conversation.assignee_key,
				}
			: {}),
	});
}

async function takeEarlyStatuses(
	operation: Operation,
	{ channel, account, id }: Place & { id: string },
): Promise<void> {
	const early = await operation.tx
		.deleteFrom('early_statuses')
		.where('workspace', '=', operation.workspace)
		.where('channel', '=', channel)
		.where('account', '=', account)
		.where('channel_message_id', '=', id)
		.returning(['notice', 'received_at'])
		.execute();
	for (const { notice } of early.sort((a, b) => a.received_at - b.received_at)) {
		await applyStatus(operation, parseJson<MessageStatus | null>(notice, null));
	}
}
