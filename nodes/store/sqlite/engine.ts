import { EventEmitter } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql, type Transaction } from '../../vendor';
import type { Engine, WakeTopic } from '../engine';
import { migrate } from '../migrations';
import type { Database } from '../schema';
import { NodeSqliteDialect } from './driver';
import { sqliteFailure } from './failures';

/**
 * Blocks n8n's event loop while it lasts, so it is short; the driver asks again without blocking.
 * Milliseconds.
 */
const BUSY_TIMEOUT = 50;

/**
 * Opens (and, when new, creates) the store in `file`, ready to use.
 *
 * `synchronous=FULL`: what was committed survives a power cut, since the channel has been told 2xx.
 *
 * @throws StoreError `StoreUnavailable`, `StoreTooNew`
 */
export async function openSqliteEngine(file: string, newStoreId: () => string): Promise<Engine> {
	let handle: DatabaseSync | undefined;
	try {
		if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
		handle = new DatabaseSync(file);
		handle.exec(
			`pragma busy_timeout = ${BUSY_TIMEOUT}; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on`,
		);
		const engine = new SqliteEngine(file, handle);
		await engine.transaction(async (tx) => await migrate(tx, newStoreId));
		return engine;
	} catch (error) {
		handle?.close();
		throw sqliteFailure(error, file);
	}
}

class SqliteEngine implements Engine {
	readonly name = 'sqlite';
	readonly rowLocks = false;
	readonly db: Kysely<Database>;
	private readonly emitter = new EventEmitter().setMaxListeners(0);

	constructor(
		private readonly file: string,
		private readonly handle: DatabaseSync,
	) {
		this.db = new Kysely<Database>({ dialect: new NodeSqliteDialect(handle) });
	}

	async transaction<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
		try {
			return await this.db.transaction().execute(work);
		} catch (error) {
			throw sqliteFailure(error, this.file);
		}
	}

	/** Reaches this process; other processes poll. */
	wake(topic: WakeTopic): void {
		this.emitter.emit('wake', topic);
	}

	onWake(listener: (topic: WakeTopic) => void): () => void {
		this.emitter.on('wake', listener);
		return () => this.emitter.off('wake', listener);
	}

	async describe(): Promise<string> {
		const { rows } = await sql<{ v: string }>`select sqlite_version() as v`.execute(this.db);
		return `SQLite ${rows[0]?.v ?? ''}`;
	}

	close(): void {
		if (this.handle.isOpen) this.handle.close();
	}
}
