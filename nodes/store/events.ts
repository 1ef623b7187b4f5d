import type { Selectable } from '../vendor';
import { asksWhere, NOWHERE, wants, type EventFilter, type Place } from './eventFilter';
import { parseJson } from './json';
import type { Operation } from './operation';
import { collect } from './operations/collecting';
import { receivingId } from './operations/subscriptions';
import type { SubscriptionTable } from './schema';

/** What can happen to a conversation. Append-only facts; the Conversation Event trigger speaks of these. */
export type EventType =
	| 'opened'
	| 'message_received'
	| 'question_asked'
	| 'answer_received'
	| 'question_ended'
	| 'replied'
	| 'enriched'
	| 'routed'
	/** Looked at, and no team was decided on. */
	| 'unrouted'
	| 'queued'
	/** It has waited for as long as its flow wanted to wait; it waits on. */
	| 'queue_timed_out'
	| 'assigned'
	/** The agent said that the conversation is taken. */
	| 'accepted'
	| 'unassigned'
	/** It came back too often, and went to another team, or to nobody in particular. */
	| 'escalated'
	| 'snoozed'
	| 'woken'
	| 'first_response_overdue'
	| 'closed'
	| 'commented'
	| 'message_failed'
	| 'opted_out'
	| 'opted_in'
	| 'flow_failed'
	| 'availability_changed'
	| 'agent_removed'
	| 'contact_blocked'
	| 'contact_erased'
	| 'retention_changed'
	| 'workspace_exported'
	| 'workspace_imported'
	| 'delivery_retried'
	| 'delivery_skipped';

export interface NewEvent {
	type: EventType;
	conversationId?: string | null;
	contactKey?: string | null;
	/** contact, user, workflow, api, auto_close, system … */
	source: string;
	actor?: string | null;
	/** The channel whose own screen it was done on: that platform need not be told. */
	origin?: string | undefined;
	data?: Record<string, unknown>;
}

/** What a platform is told. */
export const PLATFORM_EVENTS: EventType[] = [
	'routed',
	'assigned',
	'unassigned',
	'closed',
	'commented',
];

/**
 * Writes an event and what it owes to Conversation Event triggers, in the transaction of the change
 * that it tells of: no event without its change, no change without its event.
 */
export async function recordEvent(operation: Operation, event: NewEvent): Promise<string> {
	const id = operation.newId();
	const recorded = operation.tx
		.insertInto('events')
		.values({
			id,
			workspace: operation.workspace,
			type: event.type,
			conversation_id: event.conversationId ?? null,
			contact_key: event.contactKey ?? null,
			source: event.source,
			actor: event.actor ?? null,
			data: JSON.stringify({ ...event.data, ...(event.origin ? { origin: event.origin } : {}) }),
			at: operation.now,
		})
		.execute();
	const [subscriptions] = await Promise.all([operation.subscriptions(), recorded]);
	const conversationId = event.conversationId ?? null;
	const platform = await platformToTell(operation, event, subscriptions);
	if (platform) await owe(operation, platform.id, id, conversationId);
	const facts = { ...event, data: event.data ?? {} };
	let place: Place | undefined;
	for (const subscription of subscriptions) {
		if (subscription.kind !== 'event') continue;
		const filter = parseJson<EventFilter>(subscription.filter, { events: [] });
		if (!filter.events.includes(event.type)) continue;
		if (asksWhere(filter)) place ??= await placeOf(operation, conversationId);
		if (!wants(filter, facts, place ?? NOWHERE)) continue;
		if (event.type === 'message_received' && conversationId !== null && filter.collectFor) {
			await collect(operation, subscription.id, id, conversationId, filter.collectFor);
		} else await owe(operation, subscription.id, id, conversationId);
	}
	return id;
}

/**
 * The trigger that tells the platform where this conversation lives what happened to it: one of those
 * that receive from its account, whoever of them is alive. None where it was done on that platform.
 */
async function platformToTell(
	operation: Operation,
	event: NewEvent,
	subscriptions: Array<Selectable<SubscriptionTable>>,
): Promise<Selectable<SubscriptionTable> | undefined> {
	const tellers = subscriptions.filter(({ kind }) => kind === 'platform');
	if (tellers.length === 0 || !event.conversationId) return undefined;
	if (!PLATFORM_EVENTS.includes(event.type)) return undefined;
	const { channel, account } = await placeOf(operation, event.conversationId);
	if (channel === null || account === null || event.origin === channel) return undefined;
	const there = tellers.filter((teller) => {
		const receiving = subscriptions.find(({ id }) => id === receivingId(teller.id));
		const accounts = parseJson<string[]>(receiving?.accounts ?? '[]', []);
		return teller.channel === channel && accounts.includes(account);
	});
	return there.find(({ lease_until: until }) => until >= operation.now) ?? there[0];
}

/** Where the conversation of an event is; read only when somebody asks for it. */
async function placeOf(
	operation: Operation,
	id: string | null,
): Promise<Place & { account: string | null }> {
	const row =
		id === null
			? undefined
			: await operation.tx
					.selectFrom('conversations')
					.select(['channel', 'account', 'team_key as team', 'assignee_key as assignee'])
					.where('id', '=', id)
					.executeTakeFirst();
	return row ?? { ...NOWHERE, account: null };
}

/**
 * A delivery: one event owed to one subscription. Owing it twice is owing it once.
 *
 * @param collecting until when further messages may join it
 */
export async function owe(
	operation: Operation,
	subscriptionId: string,
	eventId: string,
	conversationId: string | null,
	collecting?: { until: number },
): Promise<void> {
	await operation.tx
		.insertInto('deliveries')
		.values({
			id: operation.newId(),
			workspace: operation.workspace,
			subscription_id: subscriptionId,
			event_id: eventId,
			conversation_id: conversationId,
			status: 'pending',
			due_at: collecting ? collecting.until : operation.now,
			attempts: 0,
			generation: 1,
			reruns: 0,
			lease_owner: null,
			execution_id: null,
			run_status: null,
			created_at: operation.now,
			finished_at: null,
			...(collecting ? { last_event_id: eventId, collected: JSON.stringify([eventId]) } : {}),
		})
		.onConflict((conflict) => conflict.columns(['subscription_id', 'event_id']).doNothing())
		.execute();
	operation.wake('deliveries');
}
