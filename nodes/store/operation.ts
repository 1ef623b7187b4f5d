import type { Selectable, Transaction } from '../vendor';
import type { WakeTopic } from './engine';
import type { Database, SubscriptionTable } from './schema';

/** What every operation works with: one transaction, one moment, one workspace. */
export interface Operation {
	readonly tx: Transaction<Database>;
	/** Whether to lock rows by `for update` (see Engine). */
	readonly rowLocks: boolean;
	/** See Engine; by the way of operations/locks.ts, which keeps the order. */
	holdNames(names: string[], shared?: boolean): Promise<void>;
	/** What this transaction holds so far. */
	readonly held: Held;
	/** Milliseconds since 1970 (UTC); the same for everything the operation writes. */
	readonly now: number;
	readonly workspace: string;
	/** Sortable and unique in the whole world (UUIDv7). */
	newId(): string;
	/** Told to the engine after the commit. */
	wake(topic: WakeTopic): void;
	/** Subscriptions that are owed events now; read once for each operation. */
	subscriptions(): Promise<Array<Selectable<SubscriptionTable>>>;
}

/** Locks beside those of rows of customers (see operations/locks.ts). */
export interface Held {
	/** Names of pools; undefined until they were asked for, which a transaction does once. */
	pools: Set<string> | undefined;
	agents: Set<string>;
}

/** The suffix of a workspace that test runs work in. Teams and agents are read from the real one. */
const TEST_SUFFIX = '~test';

export const testWorkspaceOf = (workspace: string) =>
	isTestWorkspace(workspace) ? workspace : workspace + TEST_SUFFIX;

export const isTestWorkspace = (workspace: string) => workspace.endsWith(TEST_SUFFIX);

/** Where teams, agents and categories of a workspace are kept. */
export const realWorkspaceOf = (workspace: string) =>
	isTestWorkspace(workspace) ? workspace.slice(0, -TEST_SUFFIX.length) : workspace;

/** A query that locks its rows where the engine needs it. The order is that of operations/locks.ts. */
export function locked<Q extends { forUpdate(): Q }>(operation: Operation, query: Q): Q {
	return operation.rowLocks ? query.forUpdate() : query;
}

/** As {@link locked}, without waiting: rows that another transaction has locked are left out. */
export function lockedIfFree<Q extends { forUpdate(): { skipLocked(): Q } }>(
	operation: Operation,
	query: Q,
): Q {
	return operation.rowLocks ? query.forUpdate().skipLocked() : query;
}

/** How long a subscription that was ended is still owed what happens (a republish, a rename). */
export const RETURN_WINDOW = 10 * 60_000;
