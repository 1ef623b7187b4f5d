/* eslint-disable @n8n/community-nodes/no-dangerous-functions -- real processes are what is tested */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Engine } from '../../nodes/store/engine';
import { openSqliteEngine } from '../../nodes/store/sqlite/engine';
import { ConversationStore } from '../../nodes/store/store';
import { sql } from '../../nodes/vendor';
import { assertConsistent } from './support/consistency';
import { temporaryFolder } from './support/engines';
import { assign, close, handled, message, opened, receive, team } from './support/samples';

/** More at night; each opens a store of its own. */
const CUTS = 2 * Number(process.env.CONVERSATION_STORE_TEST_RUNS ?? 25);

const TRANSACTIONS = 40;

/** Of the log: https://www.sqlite.org/fileformat2.html#walformat */
const LOG_HEADER = 32;

describe('a write that was cut off in the middle', () => {
	const folder = temporaryFolder();
	const file = join(folder, 'store.sqlite');
	/** Where the log ended when each message was acknowledged. */
	const acknowledgedAt: number[] = [];
	let log: Buffer;

	beforeAll(async () => {
		const engine = await openSqliteEngine(file, randomUUID);
		const store = new ConversationStore(engine, 'default');
		await team(store, 'sales', { ann: 3, bob: 2 });
		// From here on everything is in the log.
		await sql`pragma wal_checkpoint(truncate)`.execute(engine.db);
		await sql`pragma wal_autocheckpoint = 0`.execute(engine.db);
		for (let i = 0; i < TRANSACTIONS; i++) {
			const { conversationId } = await receive(store, message(`c${i % 9}`, { id: `m${i}` }));
			acknowledgedAt.push(statSync(`${file}-wal`).size);
			if (i % 2 === 0) {
				await assign(store, conversationId ?? '', { to: { kind: 'team', team: 'sales' } });
			}
			if (i % 5 === 0) await close(store, conversationId ?? '');
		}
		copyFileSync(file, join(folder, 'sound.sqlite'));
		log = readFileSync(`${file}-wal`);
		engine.close();
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	/** Opens the store with this log, and returns the numbers of the messages that are there. */
	async function recovered(remains: Buffer): Promise<number[]> {
		const place = join(folder, randomUUID());
		mkdirSync(place);
		const copy = join(place, 'store.sqlite');
		copyFileSync(join(folder, 'sound.sqlite'), copy);
		writeFileSync(`${copy}-wal`, remains);
		const engine = await openSqliteEngine(copy, randomUUID);
		try {
			const store = new ConversationStore(engine, 'default');
			await assertConsistent(store);
			const rows = await engine.db.selectFrom('messages').select('channel_message_id').execute();
			await handled(store, randomUUID(), 'sales');
			await assertConsistent(store);
			return rows.map((row) => Number(row.channel_message_id.slice(1))).sort((a, b) => a - b);
		} finally {
			engine.close();
			rmSync(place, { recursive: true });
		}
	}

	/** All that was acknowledged before this byte was written, and nothing after it. */
	const acknowledgedBefore = (byte: number) =>
		acknowledgedAt.filter((end) => end <= byte).map((_, i) => i);

	test('the whole log gives everything', async () => {
		expect(await recovered(log)).toEqual(acknowledgedAt.map((_, i) => i));
	});

	test('a log that ends too early gives all that was acknowledged before its end', async () => {
		const cut = fc.nat({ max: log.length - 1 });
		await fc.assert(
			fc.asyncProperty(cut, async (end) => {
				expect(await recovered(log.subarray(0, end))).toEqual(acknowledgedBefore(end));
			}),
			{ numRuns: CUTS },
		);
	});

	test('a log that was torn gives all that was acknowledged before the first wrong byte', async () => {
		const tear = fc.record({
			from: fc.nat({ max: log.length - 1 }),
			length: fc.integer({ min: 1, max: 20_000 }),
			mask: fc.integer({ min: 1, max: 255 }),
		});
		await fc.assert(
			fc.asyncProperty(tear, async ({ from, length, mask }) => {
				const torn = Buffer.from(log);
				for (let i = from; i < Math.min(from + length, torn.length); i++) torn[i]! ^= mask;
				const known = from < LOG_HEADER ? [] : acknowledgedBefore(from);
				expect(await recovered(torn)).toEqual(known);
			}),
			{ numRuns: CUTS },
		);
	});
});

describe('another process on the file', () => {
	let folder: string;
	let file: string;
	let engine: Engine;
	const children: ChildProcess[] = [];

	beforeEach(async () => {
		folder = temporaryFolder();
		file = join(folder, 'store.sqlite');
		engine = await openSqliteEngine(file, randomUUID);
	});
	afterEach(() => {
		for (const child of children.splice(0)) child.kill('SIGKILL');
		engine.close();
		rmSync(folder, { recursive: true });
	});

	/** Writes far more than it keeps in memory, and stands still before the commit. */
	async function halfWritten(): Promise<ChildProcess> {
		const script = `
			const { DatabaseSync } = require('node:sqlite');
			const handle = new DatabaseSync(process.argv[1]);
			handle.exec('pragma cache_size = 10; begin immediate');
			const write = handle.prepare('insert into settings values (?, ?, ?)');
			for (let i = 0; i < 500; i++) write.run('default', 'half ' + i, 'x'.repeat(2000));
			handle.exec("update contacts set name = 'never'");
			process.stdout.write('half way');
			setInterval(() => {}, 1000);`;
		const child = spawn(process.execPath, ['-e', script, file], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		children.push(child);
		await new Promise((resolve) => child.stdout.once('data', resolve));
		return child;
	}

	async function kill(child: ChildProcess): Promise<void> {
		const gone = new Promise((resolve) => child.once('exit', resolve));
		child.kill('SIGKILL');
		await gone;
	}

	test('kill -9 with half a transaction in the log: none of it is there, and all goes on', async () => {
		const store = new ConversationStore(engine, 'default');
		await opened(store, 'amal');
		const before = statSync(`${file}-wal`).size;
		const child = await halfWritten();
		// Not only in the memory of the process that dies.
		expect(statSync(`${file}-wal`).size).toBeGreaterThan(before + 500_000);
		await kill(child);
		await opened(store, 'badr');
		await assertConsistent(store);
		const names = async (each: Engine) =>
			(await each.db.selectFrom('contacts').select('name').orderBy('name').execute()).map(
				({ name }) => name,
			);
		const after = await openSqliteEngine(file, randomUUID);
		for (const each of [engine, after]) {
			expect(await names(each)).toEqual(['amal', 'badr']);
			expect(await each.db.selectFrom('settings').select('name').execute()).toEqual([]);
		}
		after.close();
	});

	test('a writer waits for one that is killed, and what it was told is stored is there', async () => {
		const store = new ConversationStore(engine, 'default');
		await opened(store, 'amal');
		const child = await halfWritten();
		const writing = opened(store, 'badr');
		await kill(child);
		const id = await writing;
		engine.close();
		engine = await openSqliteEngine(file, randomUUID);
		const again = new ConversationStore(engine, 'default');
		expect((await again.getConversation(id)).contact.name).toBe('badr');
		await assertConsistent(again);
	});

	test('half a transaction of another process is in no snapshot and no backup', async () => {
		const store = new ConversationStore(engine, 'default');
		await opened(store, 'amal');
		await halfWritten();
		const settings = await engine.snapshot(
			async (tx) => await tx.selectFrom('settings').selectAll().execute(),
		);
		expect(settings).toEqual([]);
		const { name, conversations } = await store.backUp({});
		expect(conversations).toBe(1);
		const copy = await openSqliteEngine(join(folder, 'backups', name), randomUUID);
		expect(await copy.db.selectFrom('contacts').select('name').execute()).toEqual([
			{ name: 'amal' },
		]);
		copy.close();
	});
});
