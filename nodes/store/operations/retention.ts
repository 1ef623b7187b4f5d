import { recordEvent } from '../events';
import { parseJson } from '../json';
import { lockedIfFree, realWorkspaceOf, type Operation } from '../operation';
import { sql } from '../../vendor';
import { CLOSED } from './conversations';
import { emptyWaits } from './waits/waits';

const DAY = 24 * 60 * 60_000;

/** Conversations that one transaction empties; each may have any number of messages. */
const CONVERSATIONS_AT_ONCE = 50;

/** Loose messages that one transaction deletes. */
const MESSAGES_AT_ONCE = 500;

export interface Retention {
	/** How long what was written stays after the conversation was closed; null: for ever. */
	days: number | null;
}

/** What is left of a message: that it was, when, which way and of what kind. */
export const WITHOUT_CONTENT = {
	text: '',
	attachments: '[]',
	details: null,
	raw: null,
	failure: null,
};

export async function setRetention(
	operation: Operation,
	input: Retention & { source: string; actor?: string },
): Promise<Retention> {
	const { days } = input;
	const before = await getRetention(operation);
	if (before.days === days) return before;
	const value = JSON.stringify({ days });
	await operation.tx
		.insertInto('settings')
		.values({ workspace: operation.workspace, name: 'retention', value })
		.onConflict((conflict) => conflict.columns(['workspace', 'name']).doUpdateSet({ value }))
		.execute();
	await recordEvent(operation, {
		type: 'retention_changed',
		source: input.source,
		actor: input.actor ?? null,
		data: { from: before.days, to: days },
	});
	operation.wake('work');
	return { days };
}

export async function getRetention(operation: Operation): Promise<Retention> {
	const row = await operation.tx
		.selectFrom('settings')
		.select('value')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('name', '=', 'retention')
		.executeTakeFirst();
	return parseJson<Retention>(row?.value, { days: null });
}

/**
 * Work of the pump: removes what was written in conversations that were closed longer ago than the
 * workspace keeps it, some at a time. The numbers for reports stay.
 *
 * @returns how many conversations and loose messages it was; 0 when nothing is left to do
 */
export async function applyRetention(operation: Operation): Promise<number> {
	const { days } = await getRetention(operation);
	if (days === null) return 0;
	const limit = operation.now - days * DAY;
	return (await emptyConversations(operation, limit)) + (await deleteLoose(operation, limit));
}

async function emptyConversations(operation: Operation, limit: number): Promise<number> {
	const old = operation.tx
		.selectFrom('conversations')
		.select('id')
		.where('workspace', '=', operation.workspace)
		.where('status', '=', CLOSED)
		.where('texts_erased_at', 'is', null)
		.where('closed_at', '<', limit)
		.orderBy('closed_at')
		.limit(CONVERSATIONS_AT_ONCE);
	// Whoever has one of them now (an erasure) is not waited for: the next round finds what is left.
	const rows = await lockedIfFree(operation, old).execute();
	if (rows.length === 0) return 0;
	const ids = rows.map(({ id }) => id);
	await operation.tx
		.updateTable('messages')
		.set(WITHOUT_CONTENT)
		.where('conversation_id', 'in', ids)
		.execute();
	await emptyWaits(operation, ids);
	await operation.tx
		.updateTable('conversations')
		.set({
			summary: null,
			texts_erased_at: operation.now,
			version: sql<number>`version + 1`,
		})
		.where('id', 'in', ids)
		.execute();
	return rows.length;
}

/** Written while no conversation was open: no report counts them, so nothing of them stays. */
async function deleteLoose(operation: Operation, limit: number): Promise<number> {
	const old = operation.tx
		.selectFrom('messages')
		.select('id')
		.where('workspace', '=', operation.workspace)
		.where('conversation_id', 'is', null)
		.where('received_at', '<', limit)
		.orderBy('received_at')
		.limit(MESSAGES_AT_ONCE);
	const ids = (await old.execute()).map(({ id }) => id);
	// Most often there are none. A subquery would let an engine read the whole table to join it.
	if (ids.length > 0) await operation.tx.deleteFrom('messages').where('id', 'in', ids).execute();
	return ids.length;
}
