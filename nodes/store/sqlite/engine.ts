import { EventEmitter } from 'node:events';
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { Kysely, sql, type Transaction } from '../../vendor';
import type { Engine, WakeTopic } from '../engine';
import { asIs, TryAgain } from '../errors';
import { migrate } from '../migrations';
import type { Database } from '../schema';
import { SqliteBackups, type BackupHost } from './backup';
import { BUSY_LIMIT, whenFree } from './busy';
import { checkDisk } from './disk';
import { NodeSqliteDialect } from './driver';
import { fileGone, notAStore, readForLong, sqliteFailure } from './failures';
import { Reader } from './reader';

/**
 * Blocks n8n's event loop while it lasts, so it is short; the driver asks again without blocking.
 * Milliseconds.
 */
const BUSY_TIMEOUT = 50;

/** Only a mistake in an operation could make it try again for ever. */
const MOST_TRIES = 10;

/**
 * `synchronous=FULL`: what was committed survives a power cut, since the channel has been told 2xx.
 * Each is a statement of its own: changing to WAL is refused at once while another process does it,
 * whatever the time-out, and is tried again.
 */
const PRAGMAS = [
	`busy_timeout = ${BUSY_TIMEOUT}`,
	'journal_mode = wal',
	'synchronous = full',
	'foreign_keys = on',
	// What was erased does not stay readable in the file's free pages.
	'secure_delete = on',
];

/**
 * Opens (and, when new, creates) the store in `file`, ready to use.
 *
 * @throws StoreError `StoreUnavailable`, `StoreTooNew`
 */
export async function openSqliteEngine(file: string, newStoreId: () => string): Promise<Engine> {
	return new SqliteEngine(file, newStoreId, await openFile(file, newStoreId));
}

/** One handle, and which file it is on: a name may come to mean another file. */
interface OpenFile {
	handle: DatabaseSync;
	db: Kysely<Database>;
	identity: string | undefined;
	/** The write-ahead log beside it. */
	log: string | undefined;
	warnings: string[];
}

async function openFile(file: string, newStoreId: () => string): Promise<OpenFile> {
	let handle: DatabaseSync | undefined;
	try {
		mkdirSync(dirname(file), { recursive: true });
		const warnings = checkDisk(dirname(file));
		const before = identityOf(file);
		const opened = new DatabaseSync(file);
		handle = opened;
		await whenFree(() => refuseOtherDatabases(opened, file));
		for (const pragma of PRAGMAS) await whenFree(() => opened.exec(`pragma ${pragma}`));
		const db = new Kysely<Database>({ dialect: new NodeSqliteDialect(opened) });
		await db
			.transaction()
			.execute(async (tx) => await migrate(tx, newStoreId, file, { text: 'text' }));
		const identity = identityOf(file);
		if (before !== undefined && before !== identity) {
			// Another file took its place meanwhile, and the handle may be on either.
			opened.close();
			return await openFile(file, newStoreId);
		}
		return { handle: opened, db, identity, log: identityOf(logOf(file)), warnings };
	} catch (error) {
		if (handle?.isOpen) handle.close();
		throw sqliteFailure(error, file);
	}
}

/** Before anything is changed in it. A store is made in one transaction, so it never looks half made. */
function refuseOtherDatabases(handle: DatabaseSync, file: string): void {
	const tables = handle.prepare("select name from sqlite_master where type = 'table'").all();
	const ours = tables.length === 0 || tables.some(({ name }) => name === 'schema_version');
	if (!ours) throw notAStore(file);
}

const logOf = (file: string) => `${file}-wal`;

/** The file that the name means now, also when a new one got an old one's number; undefined: none. */
function identityOf(file: string): string | undefined {
	const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
	return stats && `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
}

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

class SqliteEngine implements Engine {
	readonly name = 'sqlite';
	readonly rowLocks = false;
	readonly place: string;
	readonly backups: SqliteBackups;
	private readonly reader = new Reader();
	private readonly emitter = new EventEmitter().setMaxListeners(0);
	private reopening: Promise<void> | undefined;
	private closed = false;

	constructor(
		private readonly file: string,
		private readonly newStoreId: () => string,
		private current: OpenFile,
	) {
		this.place = file;
		this.backups = new SqliteBackups(this.backupHost());
	}

	get db(): Kysely<Database> {
		return this.current.db;
	}

	get warnings(): string[] {
		return this.current.warnings;
	}

	async transaction<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
		for (let tries = 1; ; tries++) {
			try {
				return await this.tryTransaction(work);
			} catch (error) {
				if (error instanceof TryAgain && tries < MOST_TRIES) continue;
				throw sqliteFailure(error, this.file);
			}
		}
	}

	private async tryTransaction<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
		await this.followFile();
		const { db, identity } = this.current;
		return await db.transaction().execute(async (tx) => {
			// While this waited for its turn, another file may have been put in the place of this one.
			if (identityOf(this.file) !== identity) throw new TryAgain();
			return await work(tx);
		});
	}

	/** One connection writes at a time: there is nothing to hold. */
	async holdNames(): Promise<void> {}

	async snapshot<T>(read: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
		try {
			await this.followFile();
			return await this.reader.db(this.file).transaction().execute(read);
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
		const { rows } = await this.transaction(
			async (tx) => await sql<{ v: string }>`select sqlite_version() as v`.execute(tx),
		);
		return `SQLite ${rows[0]?.v ?? ''}`;
	}

	close(): void {
		this.closed = true;
		this.reader.close();
		if (this.current.handle.isOpen) this.current.handle.close();
	}

	private backupHost(): BackupHost {
		const { file, reader, newStoreId } = this;
		return {
			file,
			reader,
			newStoreId,
			open: async (other) => {
				const { db, handle } = await openFile(other, newStoreId);
				return { db, close: () => handle.close() };
			},
			alone: async (work) => await this.alone(work),
			follow: async () => {
				await this.followFile();
				this.wake('deliveries');
				this.wake('work');
			},
		};
	}

	/** Runs `work` while nobody else writes and the log is empty: the file by itself is all of it. */
	private async alone<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
		const started = performance.now();
		for (;;) {
			await this.followFile();
			await sql`pragma wal_checkpoint(truncate)`.execute(this.db);
			// Somebody may have written since, and who reads keeps the log as it is.
			const done = await this.transaction(async (tx) =>
				sizeOf(logOf(this.file)) === 0 ? { result: await work(tx) } : undefined,
			);
			if (done) return done.result;
			if (performance.now() - started > BUSY_LIMIT) throw readForLong(this.file);
			await pause(50);
		}
	}

	/**
	 * A handle goes on writing to a file that was deleted, and all of it is gone at the next start.
	 * So a missing file is refused (the channel delivers again), and one that was put in its place,
	 * e.g. from a backup, is opened.
	 */
	private async followFile(): Promise<void> {
		const { handle, identity } = this.current;
		const now = identityOf(this.file);
		if (this.closed || (now === identity && handle.isOpen)) return;
		if (now === undefined) throw fileGone(this.file);
		this.reopening ??= this.reopen().finally(() => {
			this.reopening = undefined;
		});
		await this.reopening;
	}

	private async reopen(): Promise<void> {
		const before = this.current;
		// Closed by a transaction's turn: whoever is at work on the old file ends first.
		await before.db
			.transaction()
			.execute(async () => {})
			.catch(asIs);
		if (before.handle.isOpen) before.handle.close();
		// The log of the file that is gone must not be played into the one that took its place. It is
		// kept under another name: with the old file, should that one be wanted again.
		const replaced = identityOf(this.file) !== before.identity;
		if (replaced && before.log !== undefined && identityOf(logOf(this.file)) === before.log) {
			renameSync(logOf(this.file), `${logOf(this.file)}.replaced`);
			rmSync(`${this.file}-shm`, { force: true });
		}
		this.current = await openFile(this.file, this.newStoreId);
	}
}
