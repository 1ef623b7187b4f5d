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
	/** For single reads; anything that writes goes through {@link Engine.transaction}. */
	readonly db: Kysely<Database>;
	/** Whether rows must be locked by `for update`; SQLite has one writer at a time anyway. */
	readonly rowLocks: boolean;
	/**
	 * Runs `work` in one transaction and commits before it returns. `work` may be run again when the
	 * engine had to give way, so it must do nothing outside the transaction.
	 */
	transaction<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T>;
	/** Tells every process on this store, as soon as the engine can. */
	wake(topic: WakeTopic): void;
	/** Returns the way to stop listening. Polling stands behind it: a wake-up may get lost. */
	onWake(listener: (topic: WakeTopic) => void): () => void;
	/** E.g. `SQLite 3.53.4`. */
	describe(): Promise<string>;
	/** Synchronous, since a process that exits cannot wait. */
	close(): void;
}
