import { sql, type Selectable } from '../../vendor';
import type { EventFilter } from '../eventFilter';
import { parseJson } from '../json';
import { locked, RETURN_WINDOW, type Operation } from '../operation';
import type { SubscriptionTable } from '../schema';
import type { OpenedFilter } from './conversations';
import { countWanted } from './pastEvents';

/** A trigger node that listens: (workflow, node) makes it one. */
export interface SubscriberInput {
	kind: 'opened' | 'event' | 'platform';
	workflowId: string;
	nodeId: string;
	/** For `opened`: the channel it receives from. */
	channel?: string;
	/** For `opened`: the accounts it owns from the start; others are learned from what it receives. */
	accounts?: string[];
	filter: OpenedFilter | EventFilter | Record<string, never>;
	onBadEnd?: BadEndPolicy;
	isTest: boolean;
}

/** What happens when a flow ended without owner, queue or close. */
export interface BadEndPolicy {
	action: 'queue' | 'retry' | 'flag';
	/** For `queue`, and after the last try: whose queue; null is the queue of everybody. */
	team: string | null;
	/** For `retry`: how many times more. */
	retries: number;
}

export const DEFAULT_BAD_END: BadEndPolicy = { action: 'queue', team: null, retries: 0 };

/** Silent for this long, a subscription without a goodbye has ended. Milliseconds. */
export const SILENCE_LIMIT = 24 * 60 * 60_000;

/** How far ahead a living trigger says that it lives. Milliseconds. */
export const SUBSCRIPTION_LEASE = 2 * 60_000;

/** What keeps a platform up to date is a second subscription of the trigger that receives from it. */
const PLATFORM = ':platform';

export const subscriptionId = (
	input: Pick<SubscriberInput, 'workflowId' | 'nodeId' | 'isTest'> & {
		kind?: SubscriberInput['kind'];
	},
) =>
	`${input.workflowId}:${input.nodeId}${input.kind === 'platform' ? PLATFORM : ''}${input.isTest ? ':test' : ''}`;

/** The subscription of the same trigger that receives from the platform. */
export const receivingId = (platformSubscription: string) =>
	platformSubscription.replace(PLATFORM, '');

/**
 * Called by a trigger that starts, and again while it lives. What it was owed when it ended shortly
 * before is still owed to it.
 *
 * @returns the id, and how many events passed by while it was away without a goodbye
 */
export async function subscribe(
	operation: Operation,
	input: SubscriberInput,
): Promise<{ id: string; missed: number }> {
	const id = subscriptionId(input);
	const known = await find(operation, id);
	if (!known) {
		await insert(operation, input);
		return { id, missed: 0 };
	}
	await operation.tx
		.updateTable('subscriptions')
		.set({
			workspace: operation.workspace,
			channel: input.channel ?? '',
			accounts: accountsAtStart(input, known),
			filter: JSON.stringify(input.filter),
			on_bad_end: JSON.stringify(input.onBadEnd ?? DEFAULT_BAD_END),
			lease_until: operation.now + SUBSCRIPTION_LEASE,
			ended_at: null,
		})
		.where('id', '=', id)
		.execute();
	return { id, missed: known.ended_at === null ? 0 : await missedSince(operation, known) };
}

/** What it was told to own; else what it learned before, unless it changed the channel. */
function accountsAtStart(input: SubscriberInput, known?: Selectable<SubscriptionTable>): string {
	if (input.accounts?.length) return JSON.stringify(input.accounts);
	return known && known.channel === (input.channel ?? '') ? known.accounts : '[]';
}

/**
 * Keeps living subscriptions alive. One that was ended because it had been silent (a machine that
 * slept) lives again; one that said goodbye does not.
 */
export async function renewSubscription(operation: Operation, id: string): Promise<void> {
	await operation.tx
		.updateTable('subscriptions')
		.set({
			lease_until: operation.now + SUBSCRIPTION_LEASE,
			ended_at: sql<
				number | null
			>`case when lease_until < ended_at - ${SILENCE_LIMIT} then null else ended_at end`,
		})
		.where('id', '=', id)
		.execute();
}

/**
 * Says goodbye. Nothing that is owed is dropped: a republish, a rename or an edit says goodbye, too,
 * and comes back at once. What is still owed after ten minutes expires, visibly.
 */
export async function endSubscription(operation: Operation, id: string): Promise<void> {
	await operation.tx
		.updateTable('subscriptions')
		.set({ ended_at: operation.now })
		.where('id', '=', id)
		.where('ended_at', 'is', null)
		.execute();
}

/** The trigger whose webhook received a message, known or made known, with the account learned. */
export async function ensureSubscription(
	operation: Operation,
	input: SubscriberInput,
	account: string,
): Promise<string> {
	const id = subscriptionId(input);
	const listening = await operation.subscriptions();
	let known = listening.find((row) => row.id === id);
	if (!known) {
		// Its file was deleted, or its trigger has not started yet: the message must not be lost on it.
		await subscribe(operation, input);
		known = await find(operation, id);
		if (known) listening.push(known);
	}
	if (known && !parseJson<string[]>(known.accounts, []).includes(account)) {
		// Another process may learn another account at this moment.
		const row = locked(
			operation,
			operation.tx.selectFrom('subscriptions').select('accounts').where('id', '=', id),
		);
		const { accounts } = await row.executeTakeFirstOrThrow();
		const others = parseJson<string[]>(accounts, []).filter((other) => other !== account);
		known.accounts = JSON.stringify([...others, account]);
		await operation.tx
			.updateTable('subscriptions')
			.set({ accounts: known.accounts })
			.where('id', '=', id)
			.execute();
	}
	return id;
}

/** Whether the trigger listens now: it has started, and has not said goodbye since. */
export async function isSubscribed(operation: Operation, id: string): Promise<boolean> {
	const row = await find(operation, id);
	return row !== undefined && row.ended_at === null;
}

async function find(
	operation: Operation,
	id: string,
): Promise<Selectable<SubscriptionTable> | undefined> {
	return await operation.tx
		.selectFrom('subscriptions')
		.selectAll()
		.where('id', '=', id)
		.executeTakeFirst();
}

async function insert(operation: Operation, input: SubscriberInput): Promise<void> {
	await operation.tx
		.insertInto('subscriptions')
		.values({
			id: subscriptionId(input),
			workspace: operation.workspace,
			kind: input.kind,
			workflow_id: input.workflowId,
			node_id: input.nodeId,
			channel: input.channel ?? '',
			accounts: accountsAtStart(input),
			filter: JSON.stringify(input.filter),
			on_bad_end: JSON.stringify(input.onBadEnd ?? DEFAULT_BAD_END),
			is_test: input.isTest ? 1 : 0,
			created_at: operation.now,
			lease_until: operation.now + SUBSCRIPTION_LEASE,
			ended_at: null,
		})
		.onConflict((conflict) => conflict.column('id').doNothing())
		.execute();
}

async function missedSince(
	operation: Operation,
	known: Selectable<SubscriptionTable>,
): Promise<number> {
	if (known.kind !== 'event' || known.ended_at === null) return 0;
	// So soon after a goodbye nothing has passed it by: what happened meanwhile is owed to it.
	if (operation.now - known.ended_at < RETURN_WINDOW) return 0;
	const filter = parseJson<EventFilter>(known.filter, { events: [] });
	// Up to a bound: the hint says "more than 1,000" rather than counting a year.
	return await countWanted(operation, filter, known.ended_at, 1_000);
}
