import { durationWords } from '../../decisions/durations';
import { sql, type Selectable } from '../../vendor';
import { recordEvent } from '../events';
import { OVERDUE, wants, type EventFilter } from '../eventFilter';
import { parseJson } from '../json';
import { locked, type Operation } from '../operation';
import type { EventTable } from '../schema';
import { CLOSED, type ConversationRow } from './conversations';

/** Conversations that one transaction looks at. */
const BATCH = 200;

/** After a time without work, no more is told of than what became overdue since then. Milliseconds. */
const FARTHEST_BACK = 24 * 60 * 60_000;

/** Up to where conversations were looked at: in the order in which they opened. */
interface Cursor {
	openedAt: number;
	id: string;
}

/**
 * Work of the pump: tells that no person has answered a conversation for as long as somebody asked to
 * hear of. For each such time a cursor goes along the conversations in the order in which they opened,
 * so that the work is that of what has come of age, and each is told once.
 *
 * Where a conversation is closed or snoozed at that moment, nothing is told, also later.
 *
 * @returns how many conversations were looked at; 0 when nothing is left to do
 */
export async function tellOverdue(operation: Operation): Promise<number> {
	let examined = 0;
	for (const after of await thresholds(operation)) examined += await tellOf(operation, after);
	return examined;
}

/** The times that triggers ask for, in milliseconds, each once. */
async function thresholds(operation: Operation): Promise<number[]> {
	const asked = (await operation.subscriptions()).flatMap((subscription) => {
		if (subscription.kind !== 'event') return [];
		const filter = parseJson<EventFilter>(subscription.filter, { events: [] });
		return filter.events.includes(OVERDUE) ? [filter.overdueAfter ?? 0] : [];
	});
	return [...new Set(asked)].filter((after) => after > 0).sort((a, b) => a - b);
}

async function tellOf(operation: Operation, after: number): Promise<number> {
	const due = operation.now - after;
	const name = cursorName(operation, after);
	const known = await locked(
		operation,
		operation.tx.selectFrom('meta').select('value').where('key', '=', name),
	).executeTakeFirst();
	if (!known) {
		// What was overdue before anybody asked is no news.
		await setCursor(operation, name, { openedAt: due, id: '' });
		return 0;
	}
	const last = parseJson<Cursor>(known.value, { openedAt: due, id: '' });
	const from =
		last.openedAt < due - FARTHEST_BACK ? { openedAt: due - FARTHEST_BACK, id: '' } : last;
	const rows = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where('opened_at', '>=', from.openedAt)
		.where('opened_at', '<=', due)
		.where((eb) => eb.or([eb('opened_at', '>', from.openedAt), eb('id', '>', from.id)]))
		.orderBy('opened_at')
		.orderBy('id')
		.limit(BATCH)
		.execute();
	for (const row of rows) if (isUnanswered(row)) await tell(operation, row, after);
	const end = rows.at(-1);
	if (end) await setCursor(operation, name, { openedAt: end.opened_at, id: end.id });
	return rows.length;
}

const isUnanswered = (row: ConversationRow) =>
	row.status === 'open' && row.first_response_at === null;

async function tell(operation: Operation, row: ConversationRow, after: number): Promise<void> {
	await recordEvent(operation, {
		type: OVERDUE,
		conversationId: row.id,
		contactKey: row.contact_key,
		source: 'system',
		data: dataOf(row, after),
	});
}

const dataOf = (row: ConversationRow, afterMs: number) => ({
	agent: row.assignee_key,
	team: row.team_key,
	afterMs,
	reason: `Nobody answered within ${durationWords(afterMs)}`,
});

/**
 * The store's own, and no content of the workspace: an export has no part of it, and an import finds
 * the workspace as empty as it is.
 */
const cursorName = (operation: Operation, after: number) =>
	`overdue ${after} ${operation.workspace}`;

async function setCursor(operation: Operation, key: string, cursor: Cursor): Promise<void> {
	const value = JSON.stringify(cursor);
	await operation.tx
		.insertInto('meta')
		.values({ key, value })
		.onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
		.execute();
}

/** For test runs: the event as it would be told now of the conversation that opened last of those. */
export async function overdueNow(
	operation: Operation,
	filter: EventFilter,
): Promise<Selectable<EventTable> | undefined> {
	const after = filter.overdueAfter ?? 0;
	const rows = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where('status', '<>', CLOSED)
		.where('opened_at', '<=', operation.now - after)
		.where('first_response_at', 'is', null)
		// An expression: what is open is few, and sorted faster than all are walked.
		.orderBy(sql`opened_at + 0`, 'desc')
		.limit(BATCH)
		.execute();
	const source = 'system';
	const found = rows.find((row) => {
		const place = { channel: row.channel, team: row.team_key, assignee: row.assignee_key };
		return (
			isUnanswered(row) && wants(filter, { type: OVERDUE, source, data: dataOf(row, after) }, place)
		);
	});
	if (!found) return undefined;
	return {
		id: operation.newId(),
		workspace: operation.workspace,
		type: OVERDUE,
		conversation_id: found.id,
		contact_key: found.contact_key,
		source,
		actor: null,
		data: JSON.stringify(dataOf(found, after)),
		at: operation.now,
	};
}
