import { randomUUID } from 'node:crypto';
import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../nodes/store/engine';
import { openSqliteEngine } from '../../nodes/store/sqlite/engine';
import { Reader } from '../../nodes/store/sqlite/reader';
import { ConversationStore } from '../../nodes/store/store';
import { sql } from '../../nodes/vendor';
import { temporaryFolder } from './support/engines';
import { expectError, message, opened, receive } from './support/samples';

type Tx = Parameters<Parameters<Engine['snapshot']>[0]>[0];

const messagesIn = async (tx: Tx) =>
	(await tx.selectFrom('messages').select('channel_message_id').execute()).length;

/** A statement that keeps its thread busy for a good while. */
const longRead = sql<{ n: number }>`
	with recursive counter (n) as (select 1 union all select n + 1 from counter where n < 3000000)
	select max(n) as n from counter`;

describe('long reads of the embedded store', () => {
	let folder: string;
	let file: string;
	let engines: Engine[];
	let readers: Reader[];

	beforeEach(() => {
		folder = temporaryFolder();
		file = join(folder, 'default.sqlite');
		engines = [];
		readers = [];
	});
	afterEach(() => {
		for (const each of [...engines, ...readers]) each.close();
		rmSync(folder, { recursive: true });
	});

	async function open(): Promise<ConversationStore> {
		const engine = await openSqliteEngine(file, randomUUID);
		engines.push(engine);
		return new ConversationStore(engine, 'default');
	}

	function reader(idleLimit?: number): Reader {
		const created = new Reader(idleLimit);
		readers.push(created);
		return created;
	}

	test('a snapshot sees one moment, while others write, in this process and in another', async () => {
		const store = await open();
		const other = await open();
		await opened(store, 'before');
		const seen = await store.engine.snapshot(async (tx) => {
			await opened(store, 'meanwhile');
			const first = await messagesIn(tx);
			await opened(other, 'elsewhere');
			return [first, await messagesIn(tx)];
		});
		expect(seen).toEqual([1, 1]);
		expect(await store.engine.snapshot(messagesIn)).toBe(3);
	});

	test('its moment is that of its beginning, not of its first question', async () => {
		const store = await open();
		const seen = await store.engine.snapshot(async (tx) => {
			await opened(store, 'meanwhile');
			return await messagesIn(tx);
		});
		expect(seen).toBe(0);
	});

	test('a long read holds up neither writers nor the event loop', async () => {
		const store = await open();
		let reading = true;
		const read = store.engine
			.snapshot(async (tx) => (await longRead.execute(tx)).rows[0]?.n)
			.finally(() => (reading = false));
		let written = 0;
		while (reading) {
			await opened(store, `c${written}`);
			// Writing alone would never let the event loop turn.
			await new Promise(setImmediate);
			if (reading) written++;
		}
		expect(await read).toBe(3_000_000);
		expect(written).toBeGreaterThan(0);
	});

	test('several at once, each with its own moment', async () => {
		const store = await open();
		const moments = [0, 1, 2].map(() => gate());
		const results: Array<Promise<number>> = [];
		for (const { passed } of moments) {
			const began = gate();
			results.push(
				store.engine.snapshot(async (tx) => {
					began.open();
					await passed;
					return await messagesIn(tx);
				}),
			);
			await began.passed;
			await opened(store, randomUUID());
		}
		for (const moment of moments.reverse()) moment.open();
		expect(await Promise.all(results)).toEqual([0, 1, 2]);
	});

	test('it cannot write', async () => {
		const { engine } = await open();
		const writing = engine.snapshot(async (tx) => await tx.deleteFrom('meta').execute());
		await expectError(writing, 'StoreUnavailable', /read-only/, /./);
	});

	test('what is looked for loses NUL as what is stored does', async () => {
		const store = await open();
		await receive(store, message('amal', { text: 'a\0b' }));
		const found = await store.engine.snapshot(
			async (tx) =>
				await tx.selectFrom('messages').select('text').where('text', '=', 'a\0b').execute(),
		);
		expect(found).toEqual([{ text: 'ab' }]);
	});

	test('a mistake stays what it is: in a statement, and in what is done with the answer', async () => {
		const { engine } = await open();
		const wrong = engine.snapshot(async (tx) => await sql`select nonsense`.execute(tx));
		await expectError(wrong, 'StoreUnavailable', /no such column: nonsense/, /./);
		const thrown = engine.snapshot(async () => {
			throw new RangeError('a mistake in the code');
		});
		await expect(thrown).rejects.toThrow(RangeError);
		expect(await engine.snapshot(messagesIn)).toBe(0);
	});

	test('a file that was replaced is read anew; one that is gone is told of', async () => {
		const store = await open();
		await opened(store, 'before');
		await sql`pragma wal_checkpoint(truncate)`.execute(store.engine.db);
		const backup = join(folder, 'backup.sqlite');
		copyFileSync(file, backup);
		await opened(store, 'after the backup');
		expect(await store.engine.snapshot(messagesIn)).toBe(2);
		renameSync(backup, file);
		expect(await store.engine.snapshot(messagesIn)).toBe(1);
		rmSync(file);
		await expectError(
			store.engine.snapshot(messagesIn),
			'StoreUnavailable',
			/was deleted or moved away/,
			/Put the file back/,
		);
	});

	test('a damaged file is told of as everywhere', async () => {
		const store = await open();
		await expectError(
			store.engine.snapshot(async () => {
				throw Object.assign(new Error('database disk image is malformed'), { errcode: 11 + 256 });
			}),
			'StoreUnavailable',
			/is damaged/,
			/Restore the file from a backup/,
		);
		await opened(store, 'amal');
	});

	test('the end of the engine ends what is being read', async () => {
		const { engine } = await open();
		const began = gate();
		const reading = engine.snapshot(async (tx) => {
			began.open();
			return await longRead.execute(tx);
		});
		await began.passed;
		engine.close();
		await expectError(reading, 'StoreUnavailable', /cannot be opened/, /./);
		await expectError(engine.snapshot(messagesIn), 'StoreUnavailable', /cannot be opened/, /./);
	});

	test('its thread ends when nobody reads, and starts again', async () => {
		await open();
		const idle = reader(0);
		const reading = idle.db(file).transaction().execute(messagesIn);
		await new Promise(setImmediate);
		const first = workerOf(idle);
		expect(first).toBeDefined();
		const gone = new Promise((resolve) => first?.once('exit', resolve));
		expect(await reading).toBe(0);
		await gone;
		expect(workerOf(idle)).toBeUndefined();
		expect(await idle.db(file).transaction().execute(messagesIn)).toBe(0);
	});

	test('a thread that dies fails what it was reading, and the next read has another', async () => {
		await open();
		const mortal = reader();
		const began = gate();
		const reading = mortal
			.db(file)
			.transaction()
			.execute(async (tx) => {
				began.open();
				return await longRead.execute(tx);
			});
		const failing = expect(reading).rejects.toThrow(/thread that reads the store was ended/);
		await began.passed;
		await workerOf(mortal)?.terminate();
		await failing;
		expect(await mortal.db(file).transaction().execute(messagesIn)).toBe(0);
	});

	test('what began in a thread that died does not go on in the next', async () => {
		await open();
		const mortal = reader();
		const reading = mortal
			.db(file)
			.transaction()
			.execute(async (tx) => {
				await messagesIn(tx);
				await workerOf(mortal)?.terminate();
				return await messagesIn(tx);
			});
		await expect(reading).rejects.toThrow(/has ended meanwhile/);
	});
});

/** Something to wait for. */
function gate(): { passed: Promise<void>; open: () => void } {
	let open!: () => void;
	const passed = new Promise<void>((resolve) => (open = resolve));
	return { passed, open };
}

/** The thread itself; nobody else needs it. */
const workerOf = (reader: Reader) =>
	(reader as unknown as { worker: import('node:worker_threads').Worker | undefined }).worker;
