import type { Selectable } from '../../vendor';
import { parseJson } from '../json';
import type { Operation } from '../operation';
import type { EventTable } from '../schema';
import { conversationItem, isoTime, type ConversationItem } from '../views';

/** The item's `event`, for Conversation Event. */
export interface EventView {
	id: string;
	type: string;
	at: string;
	source: string;
	actor: string | null;
	data: Record<string, unknown>;
}

export type EventItem = Partial<ConversationItem> & { event: EventView };

/** An event with the conversation it is about, as both are now; undefined when that was erased. */
export async function eventItem(
	operation: Operation,
	row: Selectable<EventTable>,
): Promise<EventItem | undefined> {
	const data = parseJson<Record<string, unknown>>(row.data, {});
	const event: EventView = {
		id: row.id,
		type: row.type,
		at: isoTime(row.at),
		source: row.source,
		actor: row.actor,
		data,
	};
	if (row.conversation_id === null) return { event };
	const conversation = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('id', '=', row.conversation_id)
		.executeTakeFirst();
	if (!conversation) return undefined;
	const messageId = typeof data.messageId === 'string' ? data.messageId : undefined;
	return { event, ...(await conversationItem(operation, conversation, messageId)) };
}
