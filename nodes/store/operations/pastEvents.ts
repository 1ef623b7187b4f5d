import type { Selectable } from '../../vendor';
import { NOWHERE, OVERDUE, wants, type EventFilter } from '../eventFilter';
import { idFloor } from '../ids';
import { parseJson } from '../json';
import type { Operation } from '../operation';
import type { EventTable } from '../schema';
import { listenerItems, type ListenerItem } from './listenerItem';
import { overdueNow } from './overdue';

/** Events that are read at a time. */
const PAGE = 200;

/** More are not looked through: a filter may fit none of a year's. */
const MOST_EXAMINED = 20_000;

/**
 * Events of the past that a filter wants, the oldest first, by the function that decides what a
 * subscription is owed. The conversation is taken as it is now, where the event itself does not say.
 */
async function* wantedEvents(
	operation: Operation,
	filter: EventFilter,
	since: number,
): AsyncGenerator<Selectable<EventTable>> {
	if (filter.events.length === 0) return;
	let after = idFloor(since);
	for (let examined = 0; examined < MOST_EXAMINED; examined += PAGE) {
		const page = await operation.tx
			.selectFrom('events')
			.leftJoin('conversations', 'conversations.id', 'events.conversation_id')
			.selectAll('events')
			.select([
				'conversations.channel',
				'conversations.team_key as team',
				'conversations.assignee_key as assignee',
			])
			.where('events.workspace', '=', operation.workspace)
			.where('events.id', '>', after)
			.where('events.type', 'in', filter.events)
			.orderBy('events.id')
			.limit(PAGE)
			.execute();
		for (const { channel, team, assignee, ...event } of page) {
			const facts = { ...event, data: parseJson<Record<string, unknown>>(event.data, {}) };
			const place = event.conversation_id === null ? NOWHERE : { channel, team, assignee };
			if (wants(filter, facts, place)) yield event;
		}
		if (page.length < PAGE) return;
		after = page.at(-1)?.id ?? after;
	}
}

/** How many events since a moment a filter wants; counted up to `most` and one. */
export async function countWanted(
	operation: Operation,
	filter: EventFilter,
	since: number,
	most: number,
): Promise<number> {
	const wanted = wantedEvents(operation, filter, since);
	let count = 0;
	while (count <= most && (await wanted.next()).done !== true) count++;
	return count;
}

/**
 * For the test run of an event trigger: the first event after a moment. Nobody else may wait for this
 * threshold, so that of an overdue response is made from a conversation where it is overdue now.
 */
export async function nextEvent(
	operation: Operation,
	{ filter, since }: { filter: EventFilter; since: number },
): Promise<ListenerItem | undefined> {
	const itemOf = listenerItems(operation, filter);
	for await (const event of wantedEvents(operation, filter, since)) {
		const item = await itemOf(event, event.id);
		if (item) return item;
	}
	const overdue = filter.events.includes(OVERDUE) && (await overdueNow(operation, filter));
	return overdue ? await itemOf(overdue, overdue.id) : undefined;
}
