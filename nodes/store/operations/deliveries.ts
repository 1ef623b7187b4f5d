import type { Selectable } from '../../vendor';
import { locked, lockedIfFree, type Operation } from '../operation';
import type { DeliveryTable, SubscriptionTable } from '../schema';
import type { EventFilter } from '../eventFilter';
import { parseJson } from '../json';
import { isCaredFor } from './conversations';
import { eventItem, type EventItem } from './eventItem';
import { listenerItems, type ListenerItem } from './listenerItem';

/** How long a claim holds unless it is renewed. Milliseconds. */
export const DELIVERY_LEASE = 30_000;

/** Tries to start an execution before the delivery counts as failed. */
const START_ATTEMPTS = 50;

/** How often an execution is started anew because the earlier one vanished before it acted. */
const MAX_GENERATIONS = 5;

/**
 * Until a run that nobody saw end is judged by what became of its conversation, where it may still
 * go on elsewhere: on a worker. Milliseconds.
 */
export const UNSEEN_RUN_LIMIT = 10 * 60_000;

/**
 * Until a run that waits is judged. Nobody sees the end of it, and flows may well wait for a
 * customer's answer: after a day a conversation that nobody has is shown to a person. Milliseconds.
 */
const WAITING_RUN_LIMIT = 24 * 60 * 60_000;

/** One claimed delivery, with the item that the trigger emits. */
export interface ClaimedDelivery {
	id: string;
	generation: number;
	/** Null when what it was about is gone (erased): there is nothing to emit. */
	item: (Partial<ListenerItem> & { delivery: { id: string } }) | null;
}

/**
 * Takes up to `limit` deliveries that are owed now, oldest first: new ones, and those whose claim
 * ran out because its process died.
 */
export async function claimDeliveries(
	operation: Operation,
	input: { subscriptionId: string; owner: string; limit: number; unseenRunLimit?: number },
): Promise<ClaimedDelivery[]> {
	const due = operation.tx
		.selectFrom('deliveries')
		.selectAll()
		.where('subscription_id', '=', input.subscriptionId)
		.where('due_at', '<=', operation.now)
		.where('status', 'in', ['pending', 'claimed'])
		.orderBy('due_at')
		.orderBy('id')
		.limit(input.limit);
	const rows = await lockedIfFree(operation, due).execute();
	if (rows.length === 0) return [];
	const { kind, filter } = await operation.tx
		.selectFrom('subscriptions')
		.select(['kind', 'filter'])
		.where('id', '=', input.subscriptionId)
		.executeTakeFirstOrThrow();
	const itemOf = itemsFor(operation, kind, filter);
	const claimed: ClaimedDelivery[] = [];
	for (const row of rows) {
		if (row.execution_id !== null) {
			// Somebody acted and the process died before it could say so: not to be started again.
			await finish(operation, row, 'unknown', unseen(operation, input));
			continue;
		}
		if (row.attempts >= START_ATTEMPTS && kind !== 'platform') {
			// Its process died each time, perhaps of it.
			await fail(operation, row, 'not started');
			continue;
		}
		await operation.tx
			.updateTable('deliveries')
			.set({
				status: 'claimed',
				attempts: row.attempts + 1,
				lease_owner: input.owner,
				due_at: operation.now + DELIVERY_LEASE,
			})
			.where('id', '=', row.id)
			.execute();
		claimed.push({ id: row.id, generation: row.generation, item: await itemOf(row) });
	}
	return claimed;
}

/**
 * A flow that runs for an opening gets the conversation; one that listens for events also the event,
 * and what an agent can do about it.
 */
function itemsFor(operation: Operation, kind: SubscriptionTable['kind'], filter: string) {
	const listenerItem = listenerItems(operation, parseJson<EventFilter>(filter, { events: [] }));
	return async (row: Selectable<DeliveryTable>): Promise<ClaimedDelivery['item']> => {
		const event = await operation.tx
			.selectFrom('events')
			.selectAll()
			.where('id', '=', row.last_event_id ?? row.event_id)
			.executeTakeFirst();
		if (!event) return null;
		const delivery = { id: row.id };
		const collected = parseJson<string[]>(row.collected, [event.id]);
		const found: EventItem | undefined =
			kind === 'event'
				? await listenerItem(event, row.id, collected)
				: await eventItem(operation, event);
		if (!found) return null;
		const { event: view, ...rest } = found;
		return { ...(kind === 'opened' ? {} : { event: view }), ...rest, delivery };
	};
}

/** Keeps the claims of a living process. */
export async function renewDeliveries(
	operation: Operation,
	input: { owner: string; ids: string[] },
): Promise<void> {
	if (input.ids.length === 0) return;
	await operation.tx
		.updateTable('deliveries')
		.set({ due_at: operation.now + DELIVERY_LEASE })
		.where('id', 'in', input.ids)
		.where('lease_owner', '=', input.owner)
		.where('status', '=', 'claimed')
		.execute();
}

export type DeliveryOutcome =
	/** The execution ended (or waits) with this status of n8n's. */
	| { kind: 'ran'; status: string }
	/** n8n knows the key already: an execution of it exists, or existed, and we did not see its end. */
	| { kind: 'duplicate' }
	/** It could not be started, or it is unknown whether it was. `pause`: when to try again, in milliseconds. */
	| { kind: 'notStarted'; pause?: number }
	/** It will not be done, however often it is tried: why, as a sentence. */
	| { kind: 'refused'; why: string };

function unseen(operation: Operation, input: { unseenRunLimit?: number }): number {
	return operation.now + (input.unseenRunLimit ?? UNSEEN_RUN_LIMIT);
}

/** Says how the execution of a delivery went. */
export async function finishDelivery(
	operation: Operation,
	input: { id: string; outcome: DeliveryOutcome; unseenRunLimit?: number },
): Promise<void> {
	const row = await lockDelivery(operation, input.id);
	if (!row || row.status !== 'claimed') return;
	const { outcome } = input;
	if (outcome.kind === 'ran') {
		// A run that waits has not ended; whether it ended badly is asked about runs that did.
		const wait = outcome.status === 'waiting' ? await waitingLimit(operation, row) : 0;
		await finish(operation, row, outcome.status, operation.now + wait);
		return;
	}
	if (outcome.kind === 'refused') {
		await fail(operation, row, outcome.why);
		return;
	}
	if (row.execution_id !== null) {
		await finish(operation, row, 'unknown', unseen(operation, input));
		return;
	}
	if (outcome.kind === 'notStarted') {
		// A platform may be away for a day: the store is the authority, and tells it afterwards.
		const givesUp = row.attempts >= START_ATTEMPTS && (await kindOf(operation, row)) !== 'platform';
		if (givesUp) await fail(operation, row, 'not started');
		else {
			const pause = outcome.pause ?? Math.min(1000 * 2 ** row.attempts, 5 * 60_000);
			await release(operation, row, { status: 'pending', due_at: operation.now + pause });
		}
		return;
	}
	if (row.generation >= MAX_GENERATIONS) {
		await fail(operation, row, 'vanished');
		return;
	}
	// The first execution may still reach one of our nodes: it gets time, and if it has not acted by
	// then, it is started once more under a new key. The store lets only one of them act.
	await release(operation, row, {
		status: 'pending',
		generation: row.generation + 1,
		due_at: operation.now + 5_000 * row.generation,
	});
}

/** How long a run that waits may take: less where it has gone on in the meantime. */
async function waitingLimit(
	operation: Operation,
	{ execution_id: execution }: Selectable<DeliveryTable>,
): Promise<number> {
	if (execution === null) return WAITING_RUN_LIMIT;
	const newest = await operation.tx
		.selectFrom('waits')
		.select('resumed_at')
		.where('execution_id', '=', execution)
		.where('workspace', '=', operation.workspace)
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirst();
	return newest && newest.resumed_at !== null ? UNSEEN_RUN_LIMIT : WAITING_RUN_LIMIT;
}

async function release(
	operation: Operation,
	row: Selectable<DeliveryTable>,
	changes: Partial<Selectable<DeliveryTable>>,
): Promise<void> {
	await operation.tx
		.updateTable('deliveries')
		.set({ lease_owner: null, ...changes })
		.where('id', '=', row.id)
		.execute();
}

/** @param lookAt when the conversation is looked at for a bad end */
async function finish(
	operation: Operation,
	row: Selectable<DeliveryTable>,
	runStatus: string,
	lookAt: number,
): Promise<void> {
	const watch = await mayHaveEndedBadly(operation, row);
	await release(operation, row, {
		status: watch ? 'watched' : 'done',
		run_status: runStatus,
		due_at: watch ? lookAt : null,
		finished_at: operation.now,
	});
	if (watch) operation.wake('work');
}

async function kindOf(operation: Operation, row: Selectable<DeliveryTable>) {
	const { kind } = await operation.tx
		.selectFrom('subscriptions')
		.select('kind')
		.where('id', '=', row.subscription_id)
		.executeTakeFirstOrThrow();
	return kind;
}

/** A flow for an opening whose conversation nobody has (yet): most end well and need no second look. */
async function mayHaveEndedBadly(
	operation: Operation,
	row: Selectable<DeliveryTable>,
): Promise<boolean> {
	if (row.conversation_id === null) return false;
	if ((await kindOf(operation, row)) !== 'opened') return false;
	const conversation = await operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('id', '=', row.conversation_id)
		.executeTakeFirst();
	return conversation !== undefined && !isCaredFor(conversation);
}

/** No execution acts any more: visible as failed, and somebody has to care for the conversation. */
async function fail(
	operation: Operation,
	row: Selectable<DeliveryTable>,
	why: string,
): Promise<void> {
	await release(operation, row, {
		status: 'failed',
		run_status: why,
		due_at: operation.now,
		finished_at: operation.now,
	});
	operation.wake('work');
}

export async function lockDelivery(operation: Operation, id: string) {
	return await locked(
		operation,
		operation.tx.selectFrom('deliveries').selectAll().where('id', '=', id),
	).executeTakeFirst();
}

/**
 * The second barrier. The first of our nodes in an execution records itself as the one that acts;
 * another execution of the same delivery is told to end.
 *
 * @param free executions that a person started (a test, a retry) are not bound by it
 */
export async function claimExecution(
	operation: Operation,
	input: { deliveryId: string; executionId: string; free: boolean },
): Promise<{ acts: boolean; actingExecution: string | null }> {
	const row = await lockDelivery(operation, input.deliveryId);
	if (!row || input.free) return { acts: true, actingExecution: row?.execution_id ?? null };
	if (row.execution_id === null) {
		await operation.tx
			.updateTable('deliveries')
			.set({ execution_id: input.executionId })
			.where('id', '=', row.id)
			.execute();
		return { acts: true, actingExecution: input.executionId };
	}
	return { acts: row.execution_id === input.executionId, actingExecution: row.execution_id };
}
