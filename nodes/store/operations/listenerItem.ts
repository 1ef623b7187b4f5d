import type { Selectable } from '../../vendor';
import type { EventFilter } from '../eventFilter';
import { parseJson } from '../json';
import type { Operation } from '../operation';
import type { EventTable } from '../schema';
import { messageView, type MessageView } from '../views';
import { linkMaker, type AgentLinks } from './agentLinks';
import { eventItem, type EventItem } from './eventItem';

/** What Conversation Event emits. */
export interface ListenerItem extends EventItem {
	/** What the agent who has the conversation can do by one click. */
	links: AgentLinks | null;
	/** All that came together, the oldest first; `message` is the last of them. Only where they are collected. */
	messages?: MessageView[];
}

/** Makes the items of one or more events for one listener. */
export function listenerItems(operation: Operation, filter: EventFilter) {
	const links = linkMaker(operation);
	/**
	 * @param occasion what it is emitted for: the links of the same one are used together
	 * @param collected IDs of all events that it tells of; `event` is the last
	 */
	return async (
		event: Selectable<EventTable>,
		occasion: string,
		collected: string[] = [event.id],
	): Promise<ListenerItem | undefined> => {
		const item = await eventItem(operation, event);
		if (!item) return undefined;
		const isCollected = event.type === 'message_received' && filter.collectFor !== undefined;
		return {
			...item,
			...(isCollected ? await together(operation, item, collected) : {}),
			links: await links(item, occasion, filter.links),
		};
	};
}

async function together(operation: Operation, item: EventItem, events: string[]) {
	const messages = await messagesOf(operation, events);
	const { event } = item;
	return { event: { ...event, data: { ...event.data, count: messages.length } }, messages };
}

/** The messages that these events are about, in this order. */
async function messagesOf(operation: Operation, events: string[]): Promise<MessageView[]> {
	const told = await operation.tx
		.selectFrom('events')
		.select(['id', 'data'])
		.where('id', 'in', events)
		.execute();
	const messageOf = new Map(
		told.map(({ id, data }) => [id, parseJson<{ messageId?: string }>(data, {}).messageId ?? '']),
	);
	const rows = await operation.tx
		.selectFrom('messages')
		.selectAll()
		.where('id', 'in', [...messageOf.values()])
		.execute();
	const known = new Map(rows.map((row) => [row.id, row]));
	return events.flatMap((id) => {
		const row = known.get(messageOf.get(id) ?? '');
		return row ? [messageView(row)] : [];
	});
}
