import { sql } from '../../vendor';
import { owe } from '../events';
import { parseJson } from '../json';
import { locked, type Operation } from '../operation';

/** A burst that does not end is told of after so many windows. */
const MOST_WINDOWS = 10;

/** And after so many messages: what one item tells of has a bound. */
const MOST_MESSAGES = 100;

/**
 * Owes a message together with those that came shortly before it in the same conversation: the
 * delivery that waits for more of them takes it in and waits on. Once it was claimed, or its time has
 * come, what it tells of is fixed, however often it is emitted.
 *
 * @param window how long it waits for the next message, in milliseconds
 */
export async function collect(
	operation: Operation,
	subscriptionId: string,
	eventId: string,
	conversationId: string,
	window: number,
): Promise<void> {
	const { now } = operation;
	const waiting = operation.tx
		.selectFrom('deliveries')
		.select(['id', 'created_at', 'collected'])
		.where('conversation_id', '=', conversationId)
		.where('subscription_id', '=', subscriptionId)
		.where('last_event_id', 'is not', null)
		// A literal: only so does the index of those that wait serve.
		.where('status', '=', sql.lit('pending' as const))
		// Tried before, it has told somebody already.
		.where('attempts', '=', 0)
		.where('due_at', '>', now)
		.orderBy('id', 'desc')
		.limit(1);
	const row = await locked(operation, waiting).executeTakeFirst();
	const events = parseJson<string[]>(row?.collected, []);
	if (!row || events.length >= MOST_MESSAGES) {
		await owe(operation, subscriptionId, eventId, conversationId, { until: now + window });
		return;
	}
	await operation.tx
		.updateTable('deliveries')
		.set({
			due_at: Math.min(now + window, row.created_at + MOST_WINDOWS * window),
			last_event_id: eventId,
			collected: JSON.stringify([...events, eventId]),
		})
		.where('id', '=', row.id)
		.execute();
}
