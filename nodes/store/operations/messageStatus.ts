import type { MessageStatus } from '../../channels/channel';
import { sql } from '../../vendor';
import { recordEvent } from '../events';
import { locked, type Operation } from '../operation';
import type { MessageState } from '../schema';
import { setOptOut } from './addresses';

/** A message goes this way only forward, in whatever order the provider tells it. */
const ORDER: Record<MessageState, number> = {
	sending: 0,
	sent: 1,
	failed: 2,
	delivered: 3,
	read: 4,
};

/**
 * Writes down what became of a sent message. One that could not be delivered gives an event, once.
 *
 * @returns whether the message is known and this was news of it
 */
export async function applyStatus(
	operation: Operation,
	notice: MessageStatus | null,
): Promise<boolean> {
	if (notice === null) return false;
	const row = await locked(
		operation,
		operation.tx
			.selectFrom('messages')
			.select(['id', 'status', 'conversation_id', 'contact_key', 'direction', 'channel', 'account'])
			.where('workspace', '=', operation.workspace)
			.where('channel', '=', notice.channel)
			.where('account', '=', notice.account)
			.where('channel_message_id', '=', notice.id),
	).executeTakeFirst();
	if (!row) return await keepForLater(operation, notice);
	if (row.direction !== 'outbound') return false;
	if (ORDER[notice.status] <= ORDER[row.status ?? 'sent'] && row.status !== null) return false;
	await operation.tx
		.updateTable('messages')
		.set({
			status: notice.status,
			status_at: operation.now,
			failure: notice.failure ? JSON.stringify(notice.failure) : null,
		})
		.where('id', '=', row.id)
		.execute();
	if (notice.status !== 'failed') return true;
	await recordEvent(operation, {
		type: 'message_failed',
		conversationId: row.conversation_id,
		contactKey: row.contact_key,
		source: 'system',
		data: {
			messageId: row.id,
			channel: notice.channel,
			code: notice.failure?.code ?? null,
			reason: notice.failure?.reason ?? null,
		},
	});
	if (notice.optedOut) {
		await setOptOut(operation, row.contact_key, row, notice.optedOut, notice.at);
	}
	return true;
}

/**
 * The provider may tell the fate of a message before it has answered which ID the message has. Kept
 * only while a message is on its way there: most statuses of strangers belong to other programs.
 */
async function keepForLater(operation: Operation, notice: MessageStatus): Promise<boolean> {
	const onItsWay = await operation.tx
		.selectFrom('messages')
		.select('id')
		.where('workspace', '=', operation.workspace)
		.where('channel', '=', notice.channel)
		.where('account', '=', notice.account)
		.where('status', '=', sql.lit('sending' as const))
		.limit(1)
		.executeTakeFirst();
	if (!onItsWay) return false;
	await operation.tx
		.insertInto('early_statuses')
		.values({
			workspace: operation.workspace,
			channel: notice.channel,
			account: notice.account,
			channel_message_id: notice.id,
			status: notice.status,
			notice: JSON.stringify(notice),
			received_at: operation.now,
		})
		.onConflict((conflict) => conflict.doNothing())
		.execute();
	return true;
}
