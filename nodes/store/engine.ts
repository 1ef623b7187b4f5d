import type { Kysely, Transaction } from '../vendor';
import type { Database } from './schema';

/** Something that happened which others may wait for: deliveries are owed, work is due. */
export type WakeTopic = 'deliveries' | 'work';

/**
 * What an engine is: it runs transactions and tells when something happened. Operations are written
 * once, against this; an engine adds no operation and changes none.
 */
export interface Engine {
	readonly name: 'sqlite' | 'postgres';
	/** Where the store is, for an operator: a file, or a database and schema. Holds no secret. */
	readonly place: string;
	/** For single reads; anything that writes goes through {@link Engine.transaction}. */
	readonly db: Kysely<Database>;
	/** Whether rows must be locked by `for update`; SQLite has one writer at a time anyway. */
	readonly rowLocks: boolean;
	/**
	 * Runs `work` in one transaction and commits before it returns. `work` may be run again when the
	 * engine had to give way, or when it throws TryAgain, so it must do nothing outside the transaction.
	 */
	transaction<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T>;
	/**
	 * Holds these names until the transaction ends: who asks for one of them meanwhile, waits. All that
	 * a transaction needs are asked for at once, so that two never wait for each other.
	 *
	 * @param shared let those in who ask for it shared as well
	 */
	holdNames(tx: Transaction<Database>, names: string[], shared?: boolean): Promise<void>;
	/**
	 * For long reads (health, export): one consistent moment of the whole store, while others write.
	 * `read` must not write.
	 */
	snapshot<T>(read: (tx: Transaction<Database>) => Promise<T>): Promise<T>;
	/** Tells every process on this store, as soon as the engine can. */
	wake(topic: WakeTopic): void;
	/** Returns the way to stop listening. Polling stands behind it: a wake-up may get lost. */
	onWake(listener: (topic: WakeTopic) => void): () => void;
	/** What an operator should know about where the store is kept, as sentences. */
	readonly warnings?: string[];
	/** Copies of the whole store, where the engine can make them by itself. */
	readonly backups?: Backups;
	/** E.g. `SQLite 3.53.4`. */
	describe(): Promise<string>;
	/** Synchronous, since a process that exits cannot wait. */
	close(): void;
}

/** A backup that lies there. */
export interface BackupFile {
	/** Also the way to name it. */
	name: string;
	/** The moment that it holds, ISO 8601 (UTC). */
	at: string;
	bytes: number;
}

export interface Backup extends BackupFile {
	pages: number;
	/** In all workspaces, closed ones included. */
	conversations: number;
	/** What it took. */
	milliseconds: number;
	/** Older backups that were deleted, by name. */
	deleted: string[];
}

export interface Restored {
	/** The backup that is the store now. */
	name: string;
	at: string;
	conversations: number;
	/**
	 * Deliveries that were owed at the moment of the backup. They are emitted again, under new keys:
	 * flows that ran for them since then run once more.
	 */
	owedAgain: number;
	/** The backup of what was replaced. (`….damaged` if it could only be kept as it was.) */
	replaced: string;
}

/** Backups are of the whole store, all workspaces. `at` is the present moment, in milliseconds. */
export interface Backups {
	/**
	 * Copies the store while it is in use, and checks the copy.
	 *
	 * @param options.keep deletes all but so many of the newest backups afterwards
	 * @throws StoreError `StoreUnavailable`
	 */
	backUp(options: { at: number; keep?: number }): Promise<Backup>;
	/** Newest first. */
	list(): Promise<BackupFile[]>;
	/**
	 * Makes the store again what it was, under a new id, for every process that uses it. What it is now
	 * is kept as another backup. Trigger nodes go on listening as they do now.
	 *
	 * @param options.confirm the store's name, since everything in it is replaced
	 * @throws StoreError `InvalidInput`, `StoreUnavailable`, `StoreTooNew`; the store is unchanged then
	 */
	restore(options: { name: string; confirm: string; at: number }): Promise<Restored>;
}
