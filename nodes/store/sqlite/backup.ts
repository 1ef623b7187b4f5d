import { randomUUID } from 'node:crypto';
import { linkSync, renameSync, rmSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sql, type Kysely, type Transaction } from '../../vendor';
import type { Backup, BackupFile, Backups, Restored } from '../engine';
import { asIs, storeError } from '../errors';
import { readSchemaVersion, SCHEMA_VERSION } from '../migrations';
import { countOf } from '../operations/counting';
import type { Database } from '../schema';
import { renewStoreId } from '../storeId';
import {
	backupDamaged,
	backupNotMade,
	backupTooNew,
	noSuchBackup,
	notPutInPlace,
} from './backupFailures';
import { isDamage } from './failures';
import { Mutex } from './mutex';
import type { Reader } from './reader';

/** What a process left that died in the middle of it, to nobody's use. */
const LEFTOVER = /\.(partial|restoring)(-journal|-wal|-shm)?$/;

/** Nobody is at work any more on a file that was not written to for so long. Milliseconds. */
const LEFTOVER_AGE = 60 * 60_000;

/** What backups need of the engine that they belong to. */
export interface BackupHost {
	readonly file: string;
	readonly reader: Reader;
	newStoreId(): string;
	/** Opens another file as a store, which also migrates it. */
	open(file: string): Promise<{ db: Kysely<Database>; close(): void }>;
	/**
	 * While `work` runs nobody writes to the store, and its file by itself is all of it: the log is
	 * empty.
	 */
	alone<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T>;
	/** Goes on with the file that is in the place now. */
	follow(): Promise<void>;
}

/**
 * Copies of the store's file, in the folder `backups` beside it. Their names are made here and looked
 * up in that folder: none that comes from elsewhere can lead out of it.
 */
export class SqliteBackups implements Backups {
	private readonly folder: string;
	private readonly storeName: string;
	private readonly mutex = new Mutex();

	constructor(private readonly host: BackupHost) {
		this.folder = join(dirname(host.file), 'backups');
		this.storeName = basename(host.file, '.sqlite');
	}

	async backUp({ at, keep }: { at: number; keep?: number }): Promise<Backup> {
		return await this.inTurn(async () => {
			const backup = await this.copyStore(at);
			return { ...backup, deleted: keep === undefined ? [] : await this.deleteAllBut(keep) };
		});
	}

	async list(): Promise<BackupFile[]> {
		const names = await this.names();
		return await Promise.all(
			names.map(async (name) => {
				const { size } = await stat(join(this.folder, name));
				return { name, at: timeIn(name), bytes: size };
			}),
		);
	}

	async restore({
		name,
		confirm,
		at,
	}: {
		name: string;
		confirm: string;
		at: number;
	}): Promise<Restored> {
		if (confirm !== this.storeName) {
			throw storeError(
				'InvalidInput',
				`The name '${confirm}' is not that of the store, '${this.storeName}'`,
				'Restoring replaces everything in the store, in all its workspaces. Type the name of the store to say that you mean this one',
			);
		}
		return await this.inTurn(async () => {
			const names = await this.names();
			if (!names.includes(name)) throw noSuchBackup(name, names);
			// Beside the store, on the same disk: only there can it take the store's place in one step.
			const prepared = `${this.host.file}.${randomUUID()}.restoring`;
			try {
				await removeLeftovers(dirname(prepared));
				await copyFile(join(this.folder, name), prepared);
				await this.inspect(prepared, name);
				const restored = await this.takePlace(prepared, at);
				await this.host.follow();
				return { name, at: timeIn(name), ...restored };
			} catch (error) {
				throw notPutInPlace(error, name);
			} finally {
				for (const suffix of ['', '-wal', '-shm']) await rm(prepared + suffix, { force: true });
			}
		});
	}

	/**
	 * The present store is kept as a backup and the prepared file takes its place, while nobody writes:
	 * what was acknowledged is in one of the two. Killed at any moment, one of them is the store: the
	 * log that goes is empty. It goes first, since the file that comes must never meet it; handles on
	 * the old file keep what they have open, and every next transaction notices that the file is
	 * another.
	 */
	private async takePlace(prepared: string, at: number) {
		return await this.host.alone(async (tx) => {
			const replaced = await this.keepPresent(at);
			const counts = await this.renew(prepared, tx);
			await syncFile(prepared);
			const { file } = this.host;
			for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
			renameSync(prepared, file);
			await syncFolder(dirname(file));
			return { ...counts, replaced };
		});
	}

	private async keepPresent(at: number): Promise<string> {
		try {
			return (await this.copyStore(at)).name;
		} catch (error) {
			if (!isDamage(error)) throw asIs(error);
			// Not a backup, but most of a damaged file can usually be recovered.
			const name = `${await this.freeName(at)}.damaged`;
			linkSync(this.host.file, join(this.folder, name));
			return name;
		}
	}

	/**
	 * Makes a copy of the past a store of its own. Its new id keeps n8n from taking what it will emit
	 * for what the store emitted before. Nobody holds a lease in it. The triggers that listen are those
	 * of now, and go on listening.
	 */
	private async renew(prepared: string, present: Transaction<Database>) {
		const subscriptions = await present.selectFrom('subscriptions').selectAll().execute();
		const store = await this.host.open(prepared);
		try {
			return await store.db.transaction().execute(async (tx) => {
				await renewStoreId(tx, this.host.newStoreId());
				await tx.deleteFrom('leases').execute();
				for (const { id, ...rest } of subscriptions) {
					await tx
						.insertInto('subscriptions')
						.values({ id, ...rest })
						.onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
						.execute();
				}
				return {
					conversations: await countOf(tx.selectFrom('conversations')),
					owedAgain: await countOf(owed(tx)),
				};
			});
		} finally {
			store.close();
		}
	}

	/** By the thread that reads: one moment of the store, while others write. */
	private async copyStore(at: number): Promise<Omit<Backup, 'deleted'>> {
		const started = performance.now();
		const partial = join(this.folder, `${randomUUID()}.partial`);
		try {
			await mkdir(this.folder, { recursive: true });
			await removeLeftovers(this.folder);
			await sql`vacuum into ${partial}`.execute(this.host.reader.db(this.host.file));
			const { pages, conversations } = await this.inspect(partial, partial);
			await syncFile(partial);
			const { size } = await stat(partial);
			const name = await this.freeName(at);
			await rename(partial, join(this.folder, name));
			await syncFolder(this.folder);
			const milliseconds = Math.round(performance.now() - started);
			return { name, at: timeIn(name), bytes: size, pages, conversations, milliseconds };
		} catch (error) {
			// What cannot be removed now is a leftover, and the reason that matters is the first one.
			for (const suffix of ['', '-journal'])
				await rm(partial + suffix, { force: true }).catch(asIs);
			throw backupNotMade(error, this.folder, this.host.file);
		}
	}

	/** @throws StoreError where the file is not a sound store that this version of the package knows */
	private async inspect(file: string, called: string) {
		const db = this.host.reader.db(file);
		try {
			return await db.transaction().execute(async (tx) => {
				const { rows: found } = await sql<{
					integrity_check: string;
				}>`pragma integrity_check(1)`.execute(tx);
				if (found[0]?.integrity_check !== 'ok') throw backupDamaged(called);
				const version = (await readSchemaVersion(tx)) ?? 0;
				if (version > SCHEMA_VERSION) throw backupTooNew(called, version);
				const { rows: counted } = await sql<{ page_count: number }>`pragma page_count`.execute(tx);
				return {
					pages: counted[0]?.page_count ?? 0,
					conversations: await countOf(tx.selectFrom('conversations')),
				};
			});
		} catch (error) {
			throw backupDamaged(called, error);
		}
	}

	/** Newest first. */
	private async names(): Promise<string[]> {
		const mine = new RegExp(`^${this.storeName}-${TIME.source}\\.sqlite$`);
		const entries = await filesIn(this.folder);
		return entries
			.filter((name) => mine.test(name))
			.sort()
			.reverse();
	}

	private async freeName(at: number): Promise<string> {
		const taken = await filesIn(this.folder);
		for (let time = at; ; time++) {
			const name = `${this.storeName}-${stamp(time)}.sqlite`;
			if (!taken.includes(name)) return name;
		}
	}

	private async deleteAllBut(keep: number): Promise<string[]> {
		const older = (await this.names()).slice(Math.max(1, keep));
		for (const name of older) await rm(join(this.folder, name));
		return older;
	}

	/** Two at once would need room for both, and a restore must not race with a backup's deletions. */
	private async inTurn<T>(work: () => Promise<T>): Promise<T> {
		const release = await this.mutex.acquire();
		try {
			return await work();
		} finally {
			release();
		}
	}
}

/** UTC to the millisecond. Its capitals keep it apart from the name of any store. */
const TIME = /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z/;

const stamp = (time: number) => new Date(time).toISOString().replace(/[-:.]/g, '');

const timeIn = (name: string) => TIME.exec(name)?.[0].replace(TIME, '$1-$2-$3T$4:$5:$6.$7Z') ?? '';

async function filesIn(folder: string): Promise<string[]> {
	await mkdir(folder, { recursive: true });
	const entries = await readdir(folder, { withFileTypes: true });
	return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function removeLeftovers(folder: string): Promise<void> {
	for (const name of await filesIn(folder)) {
		if (!LEFTOVER.test(name)) continue;
		const path = join(folder, name);
		// Another process may remove it at the same time.
		const stats = await stat(path).catch(() => undefined);
		if (stats && Date.now() - stats.mtimeMs > LEFTOVER_AGE) await rm(path, { force: true });
	}
}

/** Deliveries of which the copy does not know that an execution acted. */
const owed = (tx: Transaction<Database>) =>
	tx
		.selectFrom('deliveries')
		.where('status', 'in', ['pending', 'claimed'])
		.where('execution_id', 'is', null);

async function syncFile(path: string): Promise<void> {
	const handle = await open(path, 'r+');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

/** So that also the new name survives a power cut. Windows does not let folders be opened. */
async function syncFolder(path: string): Promise<void> {
	if (process.platform === 'win32') return;
	const handle = await open(path, 'r');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}
