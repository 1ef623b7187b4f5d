import type { MessageStatus } from '../../channels/channel';
import { sql } from '../../vendor';
import { recordEvent } from '../events';
import { parseJson } from '../json';
import { locked, type Operation } from '../operation';
import type { MessageState } from '../schema';
import { setOptOut } from './addresses';
import { lockContact } from './contacts';

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
	const about = operation.tx
		.selectFrom('messages')
		.select(['id', 'status', 'conversation_id', 'contact_key', 'direction', 'channel', 'account'])
		.where('workspace', '=', operation.workspace)
		.where('channel', '=', notice.channel)
		.where('account', '=', notice.account)
		.where('channel_message_id', '=', notice.id);
	const seen = await about.executeTakeFirst();
	if (!seen) return await keepForLater(operation, notice);
	// The customer first, as everybody locks them.
	if (operation.rowLocks) await lockContact(operation, seen.contact_key);
	const row = await locked(operation, about).executeTakeFirst();
	if (!row) return false;
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

/** No provider takes so long to answer. Milliseconds. */
export const ON_ITS_WAY = 15 * 60_000;

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
		// What ended without an answer stays so, and waits for no status any more.
		.where('status_at', '>', operation.now - ON_ITS_WAY)
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

/**
 * Work of the pump: applies a status that was kept for later at the very moment in which its message got
 * its ID, so that neither saw the other.
 */
export async function applyEarlyStatus(operation: Operation): Promise<number> {
	const row = await operation.tx
		.selectFrom('early_statuses as early')
		.innerJoin('messages', (join) =>
			join
				.onRef('messages.workspace', '=', 'early.workspace')
				.onRef('messages.channel', '=', 'early.channel')
				.onRef('messages.account', '=', 'early.account')
				.onRef('messages.channel_message_id', '=', 'early.channel_message_id'),
		)
		.select(['early.channel', 'early.account', 'early.channel_message_id', 'early.status'])
		.select('early.notice')
		.where('early.workspace', '=', operation.workspace)
		.orderBy('early.received_at')
		.limit(1)
		.executeTakeFirst();
	if (!row) return 0;
	await operation.tx
		.deleteFrom('early_statuses')
		.where('workspace', '=', operation.workspace)
		.where('channel', '=', row.channel)
		.where('account', '=', row.account)
		.where('channel_message_id', '=', row.channel_message_id)
		.where('status', '=', row.status)
		.execute();
	await applyStatus(operation, parseJson<MessageStatus | null>(row.notice, null));
	return 1;
}
