import { sql, type Selectable } from '../../vendor';
import { conversationClosed, deliveryNotFound, storeError } from '../errors';
import { recordEvent } from '../events';
import { lockedIfFree, type Operation } from '../operation';
import type { DeliveryTable, SubscriptionTable } from '../schema';
import { isoTime } from '../views';
import { lockDelivery } from './deliveries';
import { deliveryStatus, ENDED_BADLY, type DeliveryStatus } from './deliveryStatus';

/** How many one transaction of {@link retryBatch} or {@link skipBatch} settles at most. */
const BATCH = 500;

/** A delivery as an operator looks at it. Times are ISO 8601 in UTC. */
export interface DeliveryView {
	id: string;
	status: DeliveryStatus;
	/** Why it is as it is, in words. */
	reason: string;
	/** What it is about: `opened`, `assigned`, …; null when that was erased. */
	eventType: string | null;
	conversationId: string | null;
	/** The trigger it is owed to, for the filter of {@link listDeliveries}. */
	subscriptionId: string;
	workflowId: string;
	nodeId: string;
	attempts: number;
	createdAt: string;
	finishedAt: string | null;
	/** The execution that acts, or acted. */
	executionId: string | null;
}

export interface ListDeliveriesInput {
	status?: 'failed' | 'expired' | 'pending' | 'claimed' | 'waiting';
	subscriptionId?: string;
	limit: number;
	offset: number;
}

/**
 * Newest first. What failed or expired, and what is owed, is found by indexes that hold nothing else;
 * without a status it walks or sorts the deliveries of the last 30 days.
 */
export async function listDeliveries(
	operation: Operation,
	input: ListDeliveriesInput,
): Promise<DeliveryView[]> {
	const { status } = input;
	const owed = status === 'pending' || status === 'claimed' || status === 'waiting';
	let query = operation.tx
		.selectFrom('deliveries')
		.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
		.leftJoin('events', 'events.id', 'deliveries.event_id')
		.selectAll('deliveries')
		.select(['subscriptions.workflow_id', 'subscriptions.node_id', 'events.type as event_type'])
		.where('deliveries.workspace', '=', operation.workspace)
		// An expression, where only what is owed is asked for: by the plain column an engine would walk
		// all deliveries in that order rather than sort the few that are owed.
		.orderBy(owed ? sql`deliveries.id || ''` : sql`deliveries.id`, 'desc')
		.limit(input.limit)
		.offset(input.offset);
	if (owed) query = query.where('deliveries.due_at', 'is not', null);
	else if (status) query = query.where(ENDED_BADLY);
	if (status) {
		query = query.where('deliveries.status', '=', status === 'waiting' ? 'watched' : status);
	}
	if (input.subscriptionId !== undefined) {
		query = query.where('deliveries.subscription_id', '=', input.subscriptionId);
	}
	return (await query.execute()).map((row) => ({
		id: row.id,
		status: deliveryStatus(row.status),
		reason: reasonOf(row, operation.now),
		eventType: row.event_type,
		conversationId: row.conversation_id,
		subscriptionId: row.subscription_id,
		workflowId: row.workflow_id,
		nodeId: row.node_id,
		attempts: row.attempts,
		createdAt: isoTime(row.created_at),
		finishedAt: row.finished_at === null ? null : isoTime(row.finished_at),
		executionId: row.execution_id,
	}));
}

function reasonOf(row: Selectable<DeliveryTable>, now: number): string {
	const times = `${row.attempts} ${row.attempts === 1 ? 'time' : 'times'}`;
	switch (row.status) {
		case 'pending':
			return row.attempts === 0
				? 'Waits until its trigger takes it'
				: `Tried ${times}, and is tried again`;
		case 'claimed':
			return Number(row.due_at) > now
				? 'Its trigger has taken it, and the execution has not ended'
				: 'The process that took it is gone; the next one takes over';
		case 'watched':
			return row.run_status === 'waiting'
				? 'Its execution waits'
				: `Its execution ended (${row.run_status}); the conversation is looked at once more`;
		case 'done':
			return row.run_status === SKIPPED
				? 'Skipped by an operator'
				: `Its execution ended (${row.run_status})`;
		case 'expired':
			return 'Its trigger was switched off and did not come back in time';
		case 'failed':
			switch (row.run_status) {
				case 'vanished':
					return 'Its executions vanished before they did anything';
				case null:
				case 'not started':
					return `n8n could not start an execution, tried ${times}`;
				default:
					// In the words of the platform that would not be told.
					return row.run_status;
			}
	}
}

/** The run status of a delivery that was settled by hand. */
const SKIPPED = 'skipped';

export interface Administered {
	source: string;
	actor?: string;
}

export interface RetryOptions extends Administered {
	/** Also when the conversation that opened is closed by now. */
	evenIfClosed: boolean;
}

/**
 * Owes a delivery that failed or expired once more, under a key that n8n has not seen.
 *
 * @throws StoreError `DeliveryNotFound`, `DeliveryNotEnded`, `TriggerGone`, `ConversationClosed`
 */
export async function retryDelivery(
	operation: Operation,
	input: RetryOptions & { id: string },
): Promise<void> {
	const row = await endedDelivery(operation, input.id);
	const obstacle = (await obstacles(operation, [row], input.evenIfClosed)).get(row.id);
	if (obstacle === 'triggerGone') throw triggerGone(row);
	if (obstacle === 'conversationClosed') throw conversationClosed(row.conversation_id ?? '');
	await oweAgain(operation, row, input);
}

/**
 * Settles a delivery that failed or expired: it is not run, and no longer a problem.
 *
 * @throws StoreError `DeliveryNotFound`, `DeliveryNotEnded`
 */
export async function skipDelivery(
	operation: Operation,
	input: Administered & { id: string },
): Promise<void> {
	await settle(operation, await endedDelivery(operation, input.id), input);
}

export interface DeliverySelection {
	status: 'failed' | 'expired';
	subscriptionId?: string;
}

/** Goes on behind this delivery; the first batch begins at the oldest. */
interface BatchInput extends DeliverySelection, Administered {
	after?: string;
}

/** What was done, and where the next batch begins; null when there is none. */
export type Batch<T> = T & { next: string | null };

export interface Retried {
	retried: number;
	/** Left as they are, since their trigger is switched off. */
	triggerGone: number;
	/** Left as they are, since the conversation that opened is closed. */
	conversationClosed: number;
}

/** As {@link retryDelivery} for up to 500; what it would refuse is counted and left as it is. */
export async function retryBatch(
	operation: Operation,
	input: BatchInput & RetryOptions,
): Promise<Batch<Retried>> {
	const rows = await endedBatch(operation, input);
	const refused = await obstacles(operation, rows, input.evenIfClosed);
	const counts = { retried: 0, triggerGone: 0, conversationClosed: 0 };
	for (const row of rows) {
		const obstacle = refused.get(row.id);
		counts[obstacle ?? 'retried']++;
		if (!obstacle) await oweAgain(operation, row, input);
	}
	return { ...counts, next: nextOf(rows) };
}

export interface Skipped {
	skipped: number;
}

/** As {@link skipDelivery} for up to 500. */
export async function skipBatch(operation: Operation, input: BatchInput): Promise<Batch<Skipped>> {
	const rows = await endedBatch(operation, input);
	for (const row of rows) await settle(operation, row, input);
	return { skipped: rows.length, next: nextOf(rows) };
}

type DeliveryRow = Selectable<DeliveryTable>;

async function endedDelivery(operation: Operation, id: string): Promise<DeliveryRow> {
	const row = await lockDelivery(operation, id);
	if (row?.workspace !== operation.workspace) throw deliveryNotFound(id);
	if (row.status !== 'failed' && row.status !== 'expired') {
		throw storeError(
			'DeliveryNotEnded',
			`The delivery '${id}' has neither failed nor expired: ${reasonOf(row, operation.now)}`,
			'Only what failed or expired can be retried or skipped. See the status with Conversation Store → Delivery → Get Many',
		);
	}
	return row;
}

/** Passes over those that somebody is at work on: the pump locks them in another order. */
async function endedBatch(operation: Operation, input: BatchInput): Promise<DeliveryRow[]> {
	let query = operation.tx
		.selectFrom('deliveries')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where(ENDED_BADLY)
		.where('status', '=', input.status)
		.where('id', '>', input.after ?? '')
		.orderBy('id')
		.limit(BATCH);
	if (input.subscriptionId !== undefined) {
		query = query.where('subscription_id', '=', input.subscriptionId);
	}
	return await lockedIfFree(operation, query).execute();
}

const nextOf = (rows: DeliveryRow[]) => (rows.length < BATCH ? null : (rows.at(-1)?.id ?? null));

/** What speaks against running these again. */
async function obstacles(
	operation: Operation,
	rows: DeliveryRow[],
	evenIfClosed: boolean,
): Promise<Map<string, 'triggerGone' | 'conversationClosed'>> {
	const found = new Map<string, 'triggerGone' | 'conversationClosed'>();
	if (rows.length === 0) return found;
	const places = await operation.tx
		.selectFrom('deliveries')
		.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
		.leftJoin('conversations', 'conversations.id', 'deliveries.conversation_id')
		.select([
			'deliveries.id',
			'subscriptions.kind',
			'subscriptions.ended_at',
			'conversations.status',
		])
		.where(
			'deliveries.id',
			'in',
			rows.map(({ id }) => id),
		)
		.execute();
	for (const { id, kind, ended_at, status } of places) {
		if (ended_at !== null) found.set(id, 'triggerGone');
		// A flow that listens for events may well be told of a conversation that is closed.
		else if (isOpening(kind) && status === 'closed' && !evenIfClosed) {
			found.set(id, 'conversationClosed');
		}
	}
	return found;
}

const isOpening = (kind: SubscriptionTable['kind']) => kind === 'opened';

async function oweAgain(operation: Operation, row: DeliveryRow, how: Administered): Promise<void> {
	await operation.tx
		.updateTable('deliveries')
		.set({
			status: 'pending',
			due_at: operation.now,
			attempts: 0,
			generation: row.generation + 1,
			lease_owner: null,
			execution_id: null,
			run_status: null,
			finished_at: null,
		})
		.where('id', '=', row.id)
		.execute();
	await tell(operation, 'delivery_retried', row, how);
	operation.wake('deliveries');
}

async function settle(operation: Operation, row: DeliveryRow, how: Administered): Promise<void> {
	await operation.tx
		.updateTable('deliveries')
		.set({ status: 'done', run_status: SKIPPED, due_at: null })
		.where('id', '=', row.id)
		.execute();
	await tell(operation, 'delivery_skipped', row, how);
}

async function tell(
	operation: Operation,
	type: 'delivery_retried' | 'delivery_skipped',
	row: DeliveryRow,
	{ source, actor }: Administered,
): Promise<void> {
	await recordEvent(operation, {
		type,
		conversationId: row.conversation_id,
		source,
		actor: actor ?? null,
		data: {
			delivery: row.id,
			subscription: row.subscription_id,
			was: row.status,
			reason: reasonOf(row, operation.now),
		},
	});
}

const triggerGone = (row: DeliveryRow) =>
	storeError(
		'TriggerGone',
		`The trigger of the delivery '${row.id}' is switched off (workflow ID:node ID ${row.subscription_id})`,
		'Publish that workflow, then retry; or skip the delivery',
	);
