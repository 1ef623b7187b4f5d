/* eslint-disable @n8n/community-nodes/no-dangerous-functions -- real processes are what is tested */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	truncateSync,
	unlinkSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Engine } from '../../nodes/store/engine';
import type { StoreErrorCode } from '../../nodes/store/errors';
import { openSqliteEngine } from '../../nodes/store/sqlite/engine';
import { ConversationStore } from '../../nodes/store/store';
import { assertConsistent } from './support/consistency';
import { mountMemory, remount, unmount } from './support/disks';
import { temporaryFolder } from './support/engines';
import { expectError, message, opened, receive } from './support/samples';

/** What can be wrong with a file: each fault is made for real, told in a sentence, and recovered from. */
describe('faults of the embedded store', () => {
	let folder: string;
	let file: string;
	let engines: Engine[];
	let mounted: string[];

	beforeEach(() => {
		folder = temporaryFolder();
		file = join(folder, 'default.sqlite');
		engines = [];
		mounted = [];
	});
	afterEach(() => {
		jest.restoreAllMocks();
		for (const holder of holders.splice(0)) holder.kill('SIGKILL');
		for (const engine of engines) engine.close();
		for (const place of mounted) unmount(place);
		rmSync(folder, { recursive: true });
	});

	async function open(path = file): Promise<ConversationStore> {
		const engine = await openSqliteEngine(path, randomUUID);
		engines.push(engine);
		return new ConversationStore(engine, 'default');
	}

	async function fails(
		work: Promise<unknown>,
		sentence: RegExp,
		hint: RegExp,
		code: StoreErrorCode = 'StoreUnavailable',
		path = file,
	): Promise<void> {
		await expectError(work, code, new RegExp(`${path}.*${sentence.source}`), hint);
	}

	const works = async (store: ConversationStore) => {
		await opened(store, randomUUID());
		await assertConsistent(store);
	};

	/** A file system of its own, or false where this machine does not let us mount (not root). */
	function mount(options: string): string | false {
		const place = join(folder, 'mounted');
		if (!mountMemory(place, options)) return false;
		mounted.push(place);
		return place;
	}

	test('a folder that is a file, and a file that is a folder', async () => {
		const inFile = join(file, 'store.sqlite');
		writeFileSync(file, 'not a folder');
		await fails(open(inFile), /cannot be opened/, /folder exists/, 'StoreUnavailable', inFile);
		unlinkSync(file);
		mkdirSync(file);
		await fails(open(), /cannot be opened/, /folder exists/);
		rmSync(file, { recursive: true });
		await works(await open());
	});

	test('a file that may only be read', async () => {
		const place = mount('size=8m');
		if (place) {
			const path = join(place, 'default.sqlite');
			(await open(path)).engine.close();
			remount(place, 'ro');
			await fails(
				open(path),
				/(read-only|cannot be opened)/,
				/right to write|may write/,
				'StoreUnavailable',
				path,
			);
			remount(place, 'rw');
			await works(await open(path));
			return;
		}
		// Without mounts: SQLite itself refuses to write through this handle.
		const store = await open();
		const { exec } = DatabaseSync.prototype;
		jest.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (
			this: DatabaseSync,
			sql,
		) {
			exec.call(this, 'pragma query_only = on');
			exec.call(this, sql);
		});
		await fails(opened(store, 'a'), /read-only/, /right to write/);
		jest.restoreAllMocks();
	});

	test('a full disk: nothing half stored, and it goes on when there is room', async () => {
		const place = mount('size=700k');
		const path = place ? join(place, 'default.sqlite') : file;
		const store = await open(path);
		await opened(store, 'before');
		if (!place) await limitPages(store);
		const stored: string[] = [];
		let failure: Promise<unknown> | undefined;
		for (let i = 0; i < 500 && !failure; i++) {
			const writing = receive(store, message(`c${i}`, { id: `m${i}`, text: 'x'.repeat(5000) }));
			await writing.then(
				() => void stored.push(`m${i}`),
				() => {
					failure = writing;
				},
			);
		}
		expect(failure).toBeDefined();
		await fails(
			failure ?? opened(store, 'x'),
			/the disk is full/,
			/Free some space/,
			'StoreUnavailable',
			path,
		);
		await assertConsistent(store);
		expect(stored.length).toBeGreaterThan(0);
		expect((await store.countEverything()).messages).toBe(stored.length + 1);
		if (place) remount(place, 'size=20m');
		else await limitPages(store, 1_000_000);
		await works(store);
		expect((await store.countEverything()).messages).toBe(stored.length + 2);
	});

	/** The end of the disk as SQLite sees it, for machines without mounts. */
	async function limitPages(store: ConversationStore, pages = 0): Promise<void> {
		const { sql } = await import('../../nodes/vendor');
		await sql.raw(`pragma max_page_count = ${pages || 150}`).execute(store.engine.db);
	}

	test('another kind of file', async () => {
		writeFileSync(file, 'This is not a database. '.repeat(500));
		await fails(open(), /is not a conversation store/, /another store name/);
		expect(readFileSync(file, 'utf8')).toMatch(/^This is not/);
		unlinkSync(file);
		await works(await open());
	});

	test("another program's database stays as it is", async () => {
		const other = new DatabaseSync(file);
		other.exec('create table events (x)');
		other.close();
		const before = readFileSync(file);
		await fails(open(), /is not a conversation store/, /another store name/);
		expect(readFileSync(file).equals(before)).toBe(true);
	});

	test('a newer schema', async () => {
		(await open()).engine.close();
		const handle = new DatabaseSync(file);
		handle.exec('update schema_version set version = version + 1');
		const newer = open();
		await fails(
			newer,
			/has schema version \d+; this version .* knows up to \d+/,
			/Update the package/,
			'StoreTooNew',
		);
		handle.exec('update schema_version set version = version - 1');
		handle.close();
		await works(await open());
	});

	test('a damaged file', async () => {
		const store = await open();
		for (let i = 0; i < 20; i++) await opened(store, `c${i}`);
		store.engine.close();
		const sound = readFileSync(file);
		const damaged = Buffer.from(sound);
		damaged.fill(0xff, 4096, damaged.length);
		writeFileSync(file, damaged);
		await fails(open().then(works), /is damaged/, /Restore the file from a backup/);
		writeFileSync(file, sound);
		await works(await open());
	});

	test('a file that was cut short', async () => {
		const store = await open();
		for (let i = 0; i < 50; i++) await opened(store, `c${i}`);
		store.engine.close();
		const sound = readFileSync(file);
		truncateSync(file, Math.floor(sound.length / 2 / 4096) * 4096);
		await fails(open().then(works), /is damaged/, /Restore the file from a backup/);
		writeFileSync(file, sound);
		await works(await open());
	});

	test('locked by another process: waits without blocking the event loop, then goes on', async () => {
		const store = await open();
		const holder = await holdLock(file);
		let ticks = 0;
		let seen: () => void = () => {};
		const severalTicks = new Promise<void>((resolve) => (seen = resolve));
		const timer = setInterval(() => ++ticks === 20 && seen(), 1);
		let done = false;
		const waiting = opened(store, 'amal').finally(() => (done = true));
		await severalTicks;
		expect(done).toBe(false);
		holder.letGo();
		await waiting;
		clearInterval(timer);
		await assertConsistent(store);
	});

	test('locked for too long: says so, and works when it is free', async () => {
		const store = await open();
		const holder = await holdLock(file);
		// The patience of the store runs out at once: its clock (not ours) is moved.
		const start = performance.now();
		jest.spyOn(performance, 'now').mockImplementation(() => start);
		const waiting = opened(store, 'amal');
		const failing = fails(waiting, /is locked by another program/, /Close it/);
		await new Promise(setImmediate);
		jest.spyOn(performance, 'now').mockImplementation(() => start + 16_000);
		await failing;
		jest.restoreAllMocks();
		holder.letGo();
		await holder.gone;
		await works(store);
	});

	test('opening waits for a lock, too', async () => {
		(await open()).engine.close();
		const holder = await holdLock(file);
		const opening = open();
		setTimeout(holder.letGo, 1);
		await works(await opening);
	});

	test('deleted while open: refused, so that nothing acknowledged is lost; put back, it goes on', async () => {
		const store = await open();
		const id = await opened(store, 'before');
		const aside = join(folder, 'aside.sqlite');
		renameSync(file, aside);
		await fails(opened(store, 'meanwhile'), /was deleted or moved away/, /Put the file back/);
		await fails(store.storeId(), /was deleted or moved away/, /Put the file back/);
		expect(existsSync(file)).toBe(false);
		renameSync(aside, file);
		await works(store);
		expect((await store.getConversation(id)).conversation.status).toBe('open');
	});

	test('replaced while open, e.g. from a backup: the new file is used', async () => {
		const store = await open();
		const id = await opened(store, 'in the backup');
		store.engine.close();
		const backup = join(folder, 'backup.sqlite');
		copyFileSync(file, backup);
		const running = await open();
		const lost = await opened(running, 'after the backup');
		for (const suffix of ['-wal', '-shm', '']) rmSync(file + suffix, { force: true });
		copyFileSync(backup, file);
		expect((await running.getConversation(id)).conversation.status).toBe('open');
		await expectError(running.getConversation(lost), 'ConversationNotFound', /ID/, /./);
		const results = await Promise.all([opened(running, 'a'), opened(running, 'b')]);
		expect(results).toHaveLength(2);
		await works(running);
	});

	test('replaced by nonsense: says so, and recovers', async () => {
		const store = await open();
		await opened(store, 'a');
		unlinkSync(file);
		writeFileSync(file, 'nonsense '.repeat(1000));
		await fails(opened(store, 'b'), /is not a conversation store/, /another store name/);
		await fails(opened(store, 'b'), /is not a conversation store/, /another store name/);
		unlinkSync(file);
		(await open()).engine.close();
		await works(store);
	});

	test('closed at the end of the process', async () => {
		const store = await open();
		store.engine.close();
		await fails(opened(store, 'a'), /cannot be opened/, /./);
	});
});

/** Killed after each test: one that is left would keep the test run alive. */
const holders: ChildProcess[] = [];

/** A process that holds the write lock until it is told to let go. */
async function holdLock(file: string): Promise<{ letGo: () => void; gone: Promise<unknown> }> {
	const script = `
		const { DatabaseSync } = require('node:sqlite');
		const handle = new DatabaseSync(process.argv[1]);
		handle.exec('begin immediate');
		process.stdout.write('held');
		process.stdin.on('data', () => { handle.exec('rollback'); handle.close(); process.exit(); });`;
	const child = spawn(process.execPath, ['-e', script, file], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const gone = new Promise((resolve) => child.once('exit', resolve));
	await new Promise((resolve) => child.stdout.once('data', resolve));
	holders.push(child);
	return { letGo: () => void child.stdin.write('go'), gone };
}
