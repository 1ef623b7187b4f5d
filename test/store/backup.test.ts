/* eslint-disable @n8n/community-nodes/no-dangerous-functions -- real processes are what is tested */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	unlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Engine } from '../../nodes/store/engine';
import { up as firstMigration } from '../../nodes/store/migrations/0001_conversations';
import type { Database } from '../../nodes/store/schema';
import { NodeSqliteDialect } from '../../nodes/store/sqlite/driver';
import { openSqliteEngine } from '../../nodes/store/sqlite/engine';
import { ConversationStore } from '../../nodes/store/store';
import { Kysely, sql } from '../../nodes/vendor';
import { assertConsistent } from './support/consistency';
import { mountMemory, remount, unmount } from './support/disks';
import { DAY, SECOND, temporaryFolder, testClock, type TestClock } from './support/engines';
import {
	expectError,
	handled,
	listener,
	message,
	opened,
	receive,
	team,
	trigger,
} from './support/samples';

describe('backups of the embedded store', () => {
	let folder: string;
	let file: string;
	let backups: string;
	let engines: Engine[];
	let mounted: string[];
	let clock: TestClock;

	beforeEach(() => {
		folder = temporaryFolder();
		file = join(folder, 'main.sqlite');
		backups = join(folder, 'backups');
		engines = [];
		mounted = [];
		clock = testClock();
	});
	afterEach(() => {
		for (const child of children.splice(0)) child.kill('SIGKILL');
		for (const engine of engines) engine.close();
		for (const place of mounted) unmount(place);
		rmSync(folder, { recursive: true });
	});

	async function open(path = file): Promise<ConversationStore> {
		const engine = await openSqliteEngine(path, randomUUID);
		engines.push(engine);
		return new ConversationStore(engine, 'default', clock);
	}

	async function backedUp(store: ConversationStore): Promise<string> {
		clock.advance(SECOND);
		return (await store.backUp({})).name;
	}

	const restore = async (store: ConversationStore, name: string, confirm = 'main') =>
		await store.restoreBackup({ name, confirm });

	const contactsOf = async (store: ConversationStore) =>
		(await store.engine.db.selectFrom('contacts').select('name').orderBy('name').execute()).map(
			({ name }) => name,
		);

	describe('backing up', () => {
		test('is told of in full, and the copy is the store of that moment', async () => {
			const store = await open();
			await opened(store, 'amal');
			const backup = await store.backUp({});
			expect(backup).toEqual({
				name: 'main-20260105T090000000Z.sqlite',
				at: '2026-01-05T09:00:00.000Z',
				bytes: readFileSync(join(backups, backup.name)).length,
				pages: expect.any(Number),
				conversations: 1,
				milliseconds: expect.any(Number),
				deleted: [],
			});
			expect(backup.pages * 4096).toBe(backup.bytes);
			await opened(store, 'badr');
			const copy = await open(join(backups, backup.name));
			expect(await contactsOf(copy)).toEqual(['amal']);
			await assertConsistent(copy);
		});

		test('writers go on meanwhile; what they write is in it whole or not at all', async () => {
			const store = await open();
			for (let i = 0; i < 20; i++) await opened(store, `before ${i}`);
			let done = false;
			const making = store.backUp({}).finally(() => (done = true));
			const meanwhile: string[] = [];
			while (!done) {
				meanwhile.push(await opened(store, randomUUID()));
				await new Promise(setImmediate);
			}
			const { name, conversations } = await making;
			expect(conversations).toBeGreaterThanOrEqual(20);
			const copy = await open(join(backups, name));
			await assertConsistent(copy);
			await assertConsistent(store);
			expect((await store.countEverything()).conversations.open).toBe(20 + meanwhile.length);
		});

		test('keeps as many as asked for, and only touches its own', async () => {
			const store = await open();
			const other = await open(join(folder, 'main-2.sqlite'));
			const others = (await other.backUp({})).name;
			mkdirSync(join(backups, 'main-20250101T000000000Z.sqlite'));
			writeFileSync(join(backups, 'main-notes.sqlite'), 'by hand');
			const names = [await backedUp(store), await backedUp(store), await backedUp(store)];
			clock.advance(SECOND);
			const { name, deleted } = await store.backUp({ keep: 2 });
			expect(deleted).toEqual([names[1], names[0]]);
			expect((await store.listBackups()).map((each) => each.name)).toEqual([name, names[2]]);
			expect((await other.listBackups()).map((each) => each.name)).toEqual([others]);
			expect(readdirSync(backups)).toEqual(
				expect.arrayContaining(['main-20250101T000000000Z.sqlite', 'main-notes.sqlite', others]),
			);
			for (const keep of [0, -1, 1.5]) {
				await expectError(store.backUp({ keep }), 'InvalidInput', /Keep at Most/, /./);
			}
		});

		test('several at once, at one moment: each has a name of its own', async () => {
			const store = await open();
			const made = await Promise.all([store.backUp({}), store.backUp({}), store.backUp({})]);
			expect(new Set(made.map(({ name }) => name)).size).toBe(3);
			expect(await store.listBackups()).toHaveLength(3);
		});

		test('what a process left that died at it is removed, but not what another is writing', async () => {
			const store = await open();
			mkdirSync(backups);
			const [old, young] = [join(backups, 'a.partial'), join(backups, 'b.partial')];
			for (const path of [old, young]) writeFileSync(path, '');
			const yesterday = (Date.now() - DAY) / 1000;
			utimesSync(old, yesterday, yesterday);
			await store.backUp({});
			expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
		});

		test('a folder that cannot be written: says so, and the store works on', async () => {
			const store = await open();
			writeFileSync(backups, 'a file where the folder should be');
			await expectError(
				store.backUp({}),
				'StoreUnavailable',
				new RegExp(`No backup could be made in ${backups}`),
				/may write to this folder/,
			);
			await opened(store, 'amal');
		});

		test('a damaged store gives no backup', async () => {
			const store = await damaged();
			await expectError(store.backUp({}), 'StoreUnavailable', /is damaged/, /from a backup/);
			expect(readdirSync(backups)).toEqual([]);
		});

		const canMount = (() => {
			const place = temporaryFolder();
			const can = mountMemory(place, 'size=1m');
			if (can) unmount(place);
			return can;
		})();
		(canMount ? test : test.skip)(
			'a full disk: no backup, no restore, and the store works on',
			async () => {
				mountMemory(folder, 'size=50m');
				mounted.push(folder);
				const store = await open();
				for (let i = 0; i < 100; i++) {
					await receive(store, message(`c${i}`, { text: 'x'.repeat(10_000) }));
				}
				await sql`pragma wal_checkpoint(truncate)`.execute(store.engine.db);
				const { name, bytes } = await store.backUp({});
				// Room to work on, but not for all of it once more.
				remount(folder, `size=${bytes + Math.round(statSync(file).size * 1.6)}`);
				await expectError(
					store.backUp({}),
					'StoreUnavailable',
					new RegExp(`No backup could be made in ${backups}: the disk is full`),
					/Free some space/,
				);
				expect(readdirSync(backups)).toEqual([name]);
				await expectError(
					restore(store, name),
					'StoreUnavailable',
					/could not be put in the place of the store: the disk is full/,
					/The store was not changed/,
				);
				await opened(store, 'amal');
				await assertConsistent(store);
				expect(await contactsOf(store)).toHaveLength(101);
				remount(folder, 'size=50m');
				expect((await store.backUp({})).conversations).toBe(101);
			},
		);
	});

	describe('restoring', () => {
		test('what was then is the store again, and what was replaced is a backup', async () => {
			const store = await open();
			await opened(store, 'then');
			const name = await backedUp(store);
			await opened(store, 'since');
			clock.advance(SECOND);
			const { replaced, ...restored } = await restore(store, name);
			expect(restored).toEqual({
				name,
				at: '2026-01-05T09:00:01.000Z',
				conversations: 1,
				owedAgain: 0,
			});
			expect(await contactsOf(store)).toEqual(['then']);
			await opened(store, 'after');
			await assertConsistent(store);
			expect((await store.listBackups()).map((each) => each.name)).toEqual([replaced, name]);
			// Nor is the old log left for others to find beside the new file.
			const left = readdirSync(folder).filter((each) => /restoring|replaced/.test(each));
			expect(left).toEqual([]);

			// And back: nothing of before was lost.
			clock.advance(SECOND);
			await restore(store, replaced);
			expect(await contactsOf(store)).toEqual(['since', 'then']);
			await assertConsistent(store);
		});

		test('has a new id, so that n8n takes nothing it emits for what was emitted before', async () => {
			const store = await open();
			const id = await store.storeId();
			const name = await backedUp(store);
			await restore(store, name);
			const second = await store.storeId();
			await restore(store, name);
			expect(new Set([id, second, await store.storeId()]).size).toBe(3);
		});

		test('the links of agents that were signed before work no more, and lead where they do now', async () => {
			const store = await open();
			const filter = { events: ['assigned'] };
			const { id: subscriptionId } = await store.subscribe(listener(filter.events, { filter }));
			const publish = async (url: string) =>
				await store.publishAgentLinks({ workflowId: 'w', nodeId: 'n', url });
			const link = async (who: string) => {
				await handled(store, who, 'billing');
				const [delivery] = await store.claimDeliveries({ subscriptionId, limit: 1 });
				return String(delivery?.item?.links?.close).split('?link=');
			};
			await team(store, 'billing', { nathan: null });
			await publish('https://before.example.com');
			const [, token] = await link('amal');
			expect((await store.describeAgentLink(token ?? '')).state).toBe('ready');
			const name = await backedUp(store);
			await publish('https://now.example.com');
			await restore(store, name);
			expect((await store.describeAgentLink(token ?? '')).state).toBe('invalid');
			const [address, anew] = await link('badr');
			expect(address).toBe('https://now.example.com');
			expect((await store.describeAgentLink(anew ?? '')).state).toBe('ready');
		});

		test('what was owed is owed again, to the triggers that listen now', async () => {
			const store = await open();
			const early = trigger();
			const { id: known } = await store.subscribe(early);
			await receive(store, message('amal'), { subscriber: early });
			await receive(store, message('badr'), { subscriber: early });
			const [first] = await store.claimDeliveries({ subscriptionId: known, limit: 1 });
			await store.takeLease({ name: 'pump', duration: DAY });
			const name = await backedUp(store);
			await store.finishDelivery({
				id: first?.id ?? '',
				outcome: { kind: 'ran', status: 'success' },
			});
			const late = await store.subscribe(listener(['opened']));
			const other = new ConversationStore(store.engine, 'default', clock);
			expect(await other.takeLease({ name: 'pump', duration: DAY })).toBe(false);

			expect(await restore(store, name)).toMatchObject({ owedAgain: 2 });
			expect(await other.takeLease({ name: 'pump', duration: DAY })).toBe(true);
			clock.advance(60 * SECOND);
			const claimed = await store.claimDeliveries({ subscriptionId: known, limit: 10 });
			expect(claimed).toHaveLength(2);
			expect(claimed.map(({ id }) => id)).toContain(first?.id);
			await opened(store, 'cem');
			expect(await store.claimDeliveries({ subscriptionId: late.id, limit: 10 })).toHaveLength(1);
		});

		test('tells those who wait for work', async () => {
			const store = await open();
			const name = await backedUp(store);
			const topics: string[] = [];
			store.engine.onWake((topic) => topics.push(topic));
			await restore(store, name);
			expect(topics).toEqual(expect.arrayContaining(['deliveries', 'work']));
		});

		test('an older schema is brought up to date', async () => {
			const store = await open();
			const name = await backedUp(store);
			rmSync(join(backups, name));
			const handle = new DatabaseSync(join(backups, name));
			const old = new Kysely<Database>({ dialect: new NodeSqliteDialect(handle) });
			await firstMigration(old as Kysely<unknown>, { text: 'text' });
			handle.exec(`create table schema_version (version integer not null);
				insert into schema_version values (1); insert into meta values ('store_id', 'of old')`);
			handle.close();
			await restore(store, name);
			const version = sql<{ version: number }>`select version from schema_version`;
			expect((await version.execute(store.engine.db)).rows[0]?.version).toBeGreaterThan(1);
			expect(await store.storeId()).not.toBe('of old');
			await opened(store, 'amal');
		});

		test.each([
			['of another store', 'other-20260105T090000000Z.sqlite'],
			['that is not there', 'main-20260105T090000009Z.sqlite'],
			['that leads out of the folder', '../main.sqlite'],
			['that leads out of it in the middle', 'main-20260105T090000000Z.sqlite/../../main.sqlite'],
			['that is a link', 'main-20260105T090000007Z.sqlite'],
			['that is empty', ''],
		])('a name %s is refused', async (_what, name) => {
			const store = await open();
			const there = await backedUp(store);
			copyFileSync(join(backups, there), join(backups, 'other-20260105T090000000Z.sqlite'));
			symlinkSync(join(backups, there), join(backups, 'main-20260105T090000007Z.sqlite'));
			await opened(store, 'amal');
			await expectError(
				restore(store, name),
				'InvalidInput',
				/This store has no backup/,
				new RegExp(there),
			);
			expect(await contactsOf(store)).toEqual(['amal']);
		});

		test('without the name of the store nothing happens', async () => {
			const store = await open();
			const name = await backedUp(store);
			await opened(store, 'amal');
			for (const confirm of ['', 'Main', 'default']) {
				await expectError(
					restore(store, name, confirm),
					'InvalidInput',
					/is not that of the store, 'main'/,
					/replaces everything/,
				);
			}
			expect(await contactsOf(store)).toEqual(['amal']);
		});

		test.each<[string, (path: string) => void, RegExp]>([
			['damaged', spoil, /is damaged/],
			[
				'cut short',
				(path) => writeFileSync(path, readFileSync(path).subarray(0, 8192)),
				/is damaged/,
			],
			['no database', (path) => writeFileSync(path, 'nonsense '.repeat(1000)), /is damaged/],
			['empty', (path) => writeFileSync(path, ''), /not one of a conversation store/],
			['of a newer schema', (path) => alter(path, 'update schema_version set version = 99'), /99/],
			['of another program', (path) => alter(path, 'drop table schema_version'), /not one of a/],
		])(
			'a backup that is %s is refused, and the store is as it was',
			async (_what, change, said) => {
				const store = await open();
				for (let i = 0; i < 20; i++) await opened(store, `c${i}`);
				const id = await store.storeId();
				const name = await backedUp(store);
				change(join(backups, name));
				await opened(store, 'since');
				const before = readdirSync(folder).sort();
				const error: unknown = await restore(store, name).catch((reason: unknown) => reason);
				expect(error).toMatchObject({
					message: expect.stringMatching(new RegExp(`The backup ${name}.*${said.source}`)),
					hint: expect.stringMatching(/The store was not changed/),
				});
				expect(readdirSync(folder).sort()).toEqual(before);
				expect(await store.storeId()).toBe(id);
				expect(await contactsOf(store)).toHaveLength(21);
			},
		);

		test('a damaged store is kept as it was', async () => {
			const store = await open();
			await opened(store, 'amal');
			const name = await backedUp(store);
			store.engine.close();
			const broken = await damaged();
			const bytes = readFileSync(file);
			const { replaced } = await restore(broken, name);
			expect(replaced).toMatch(/\.damaged$/);
			expect(readFileSync(join(backups, replaced)).equals(bytes)).toBe(true);
			expect(await contactsOf(broken)).toEqual(['amal']);
			expect((await broken.listBackups()).map((each) => each.name)).toEqual([name]);
		});

		test('a store that was moved away: begun anew, and restored', async () => {
			const store = await open();
			await opened(store, 'amal');
			const name = await backedUp(store);
			renameSync(file, join(folder, 'aside'));
			await expectError(restore(store, name), 'StoreUnavailable', /deleted or moved/, /./);
			store.engine.close();
			for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
			const begun = await open();
			await restore(begun, name);
			expect(await contactsOf(begun)).toEqual(['amal']);
		});

		test('other processes follow, and nothing that they were told is stored is lost', async () => {
			const worker = bundled(folder);
			const store = await open();
			const name = await backedUp(store);
			const runs = ['x', 'y'].map((each) => start(worker, file, 'messages', each));
			await Promise.all(runs.map(async ({ acknowledged }) => await acknowledged(10)));
			const { replaced } = await restore(store, name);
			await Promise.all(runs.map(async ({ acknowledged }) => await acknowledged(10)));
			for (const { errors } of runs) expect(errors()).toBe('');
			await Promise.all(runs.map(async ({ kill }) => await kill()));
			await assertConsistent(store);
			const present = await messagesOf(store);
			const past = await messagesOf(await open(join(backups, replaced)));
			for (const { lines } of runs) {
				const told = lines
					.filter((line) => line.startsWith('message '))
					.map((line) => line.slice(8));
				expect(told.filter((id) => !present.has(id) && !past.has(id))).toEqual([]);
				// Some before, some after, and each of them in one store only.
				expect(told.some((id) => past.has(id))).toBe(true);
				expect(told.some((id) => present.has(id))).toBe(true);
				expect(told.filter((id) => past.has(id) && present.has(id))).toEqual([]);
			}
		});

		test('kill -9 in the middle of restoring: the store is whole, the old one or the new one', async () => {
			const worker = bundled(folder);
			(await open()).engine.close();
			const told: string[] = [];
			for (let round = 0; round < 8; round++) {
				const run = start(worker, file, 'restore', `r${round}`);
				await run.acknowledged(2);
				// Each time a little further on.
				await new Promise((resolve) => setTimeout(resolve, round * 7));
				await run.kill();
				expect(run.errors()).toBe('');
				told.push(...run.lines.map((line) => line.slice(8)));
				const store = await open();
				await assertConsistent(store);
				const present = await messagesOf(store);
				expect(told.filter((id) => !present.has(id))).toEqual([]);
				store.engine.close();
			}
		});

		test('while somebody reads for long: refused in the end, and the store is as it was', async () => {
			const store = await open();
			const name = await backedUp(store);
			const reading = new DatabaseSync(file, { readOnly: true });
			reading.exec('begin');
			reading.prepare('select * from meta').all();
			await opened(store, 'amal');
			const now = performance.now();
			const clockOfStore = jest.spyOn(performance, 'now');
			let asked = 0;
			clockOfStore.mockImplementation(() => now + 6000 * asked++);
			await expectError(
				restore(store, name),
				'StoreUnavailable',
				/is being read for long/,
				/Try again when it has ended/,
			);
			clockOfStore.mockRestore();
			expect(await contactsOf(store)).toEqual(['amal']);
			reading.close();
			await restore(store, name);
			expect(await contactsOf(store)).toEqual([]);
		});
	});

	test('an engine without backups says what to use instead', async () => {
		const { engine } = await open();
		const elsewhere = new Proxy(engine, {
			get: (target, key) => (key === 'backups' ? undefined : Reflect.get(target, key, target)),
		});
		const store = new ConversationStore(elsewhere, 'default', clock);
		for (const asked of [store.backUp({}), store.listBackups(), restore(store, 'x')]) {
			await expectError(asked, 'InvalidInput', /kept by PostgreSQL/, /pg_dump/);
		}
	});

	/** A store that is open and whose file has gone bad in the middle. */
	async function damaged(): Promise<ConversationStore> {
		const store = await open();
		for (let i = 0; i < 20; i++) await opened(store, `c${i}`);
		store.engine.close();
		const spoilt = `${file}.spoilt`;
		copyFileSync(file, spoilt);
		spoil(spoilt);
		const opening = await open();
		// In the place of the sound one only now: opening it would tell.
		opening.engine.close();
		renameSync(spoilt, file);
		return await open();
	}
});

/** Overwrites what the tables hold, but not the list of them: it still opens. */
function spoil(path: string): void {
	const handle = new DatabaseSync(path);
	const { rootpage } = handle
		.prepare("select rootpage from sqlite_master where name = 'contacts'")
		.get() as { rootpage: number };
	handle.close();
	const bytes = readFileSync(path);
	bytes.fill(0xff, (rootpage - 1) * 4096, rootpage * 4096);
	unlinkSync(path);
	writeFileSync(path, bytes);
}

function alter(path: string, statement: string): void {
	const handle = new DatabaseSync(path);
	handle.exec(statement);
	handle.close();
}

async function messagesOf(store: ConversationStore): Promise<Set<string>> {
	const rows = await store.engine.db.selectFrom('messages').select('channel_message_id').execute();
	return new Set(rows.map((row) => row.channel_message_id));
}

/** The program of the processes, with the thread that it reads in. */
function bundled(folder: string): string {
	const root = join(__dirname, '..', '..');
	execFileSync(join(root, 'node_modules', '.bin', 'esbuild'), [
		join(__dirname, 'support', 'worker.ts'),
		join(root, 'nodes', 'store', 'sqlite', 'readerWorker.ts'),
		...['--bundle', '--platform=node', '--log-level=error', '--external:pg-native'],
		...['--entry-names=[name]', `--outdir=${folder}`],
	]);
	return join(folder, 'worker.js');
}

/** Killed after each test: one that is left would keep the test run alive. */
const children: ChildProcess[] = [];

/** A process that does this job of worker.ts until it is killed. */
function start(worker: string, file: string, job: 'messages' | 'restore', name: string) {
	const child = spawn(
		process.execPath,
		[worker, JSON.stringify({ engine: 'sqlite', file }), job, name],
		{
			stdio: ['ignore', 'pipe', 'pipe'],
		},
	);
	children.push(child);
	const lines: string[] = [];
	let errors = '';
	child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
	const output = createInterface({ input: child.stdout });
	output.on('line', (line) => lines.push(line));
	const ended = new Promise((resolve) => child.once('close', resolve));
	const nextLine = async () => await new Promise((resolve) => output.once('line', resolve));
	return {
		lines,
		errors: () => errors,
		/** Resolves when it has been told of so many more. */
		acknowledged: async (count: number) => {
			const enough = lines.length + count;
			while (lines.length < enough && child.exitCode === null) {
				await Promise.race([nextLine(), ended]);
			}
		},
		kill: async () => {
			child.kill('SIGKILL');
			await ended;
		},
	};
}
