import { randomUUID } from 'node:crypto';
import { once, EventEmitter } from 'node:events';
import type { Engine } from '../../nodes/store/engine';
import { isStoreError } from '../../nodes/store/errors';
import { openPostgresEngine } from '../../nodes/store/postgres/engine';
import type { PostgresSettings } from '../../nodes/store/postgres/settings';
import { ConversationStore } from '../../nodes/store/store';
import { sql, type Transaction } from '../../nodes/vendor';
import type { Database } from '../../nodes/store/schema';
import { startOwnServer, type OwnServer } from '../postgres/ownServer';
import { agentsOverCapacity, assertConsistent } from './support/consistency';
import { startCuttingProxy, type CuttingProxy } from './support/cuttingProxy';
import { onServer } from '../postgres/connection';
import { assign, expectError, message, opened, receive, route, team } from './support/samples';

type Tx = Transaction<Database>;

/** A server that goes away, connections that break, transactions that meet: made for real. */
describe('faults of PostgreSQL', () => {
	let server: OwnServer;
	let settings: PostgresSettings;
	let engines: Engine[];

	beforeAll(async () => {
		// What no commit asks for is not written by itself either: it is lost in a crash, every time.
		server = await startOwnServer({ fsync: 'off', wal_writer_delay: '10s' });
	});
	afterAll(async () => await server.stop());
	beforeEach(() => {
		engines = [];
		settings = { ...server.connection, schema: `faults_${randomUUID().slice(0, 8)}` };
	});
	afterEach(() => {
		for (const engine of engines) engine.close();
	});

	const admin = async (statement: string) => await onServer(server.connection, statement);

	async function open(changes: Partial<PostgresSettings> = {}): Promise<ConversationStore> {
		const engine = await openPostgresEngine({ ...settings, ...changes }, randomUUID);
		engines.push(engine);
		return new ConversationStore(engine, 'default');
	}

	/** Writes a row of its own. */
	const mark = async (tx: Tx, key: string) =>
		void (await tx.insertInto('meta').values({ key, value: '' }).execute());

	const marks = async (key: string) =>
		await admin(`select key from ${settings.schema}.meta where key = '${key}'`);

	const raise = async (tx: Tx, code: string) =>
		await sql
			.raw(`do $$ begin raise exception 'made by a test' using errcode = '${code}'; end $$`)
			.execute(tx);

	describe('a connection that breaks while a transaction is committed', () => {
		let proxy: CuttingProxy;
		let store: ConversationStore;
		beforeEach(async () => {
			proxy = await startCuttingProxy(server.connection);
			store = await open({ port: proxy.port });
		});
		afterEach(() => proxy.close());

		/** Commits a row and returns how often the work ran for it. */
		async function runs(key: string): Promise<number> {
			let count = 0;
			await store.engine.transaction(async (tx) => {
				count++;
				await mark(tx, key);
			});
			expect(proxy.cuts).toEqual([]);
			return count;
		}

		test('after the server has committed: the work is not done twice', async () => {
			proxy.cuts = ['answer'];
			expect(await runs('once')).toBe(1);
			expect(await marks('once')).toHaveLength(1);
		});

		test('before the server has heard of it: the work is done again', async () => {
			proxy.cuts = ['commit'];
			expect(await runs('again')).toBe(2);
			expect(await marks('again')).toHaveLength(1);
		});

		test('again and again', async () => {
			proxy.cuts = ['commit', 'commit', 'answer'];
			expect(await runs('stubborn')).toBe(3);
			expect(await marks('stubborn')).toHaveLength(1);
		});

		test('an operation: its message is there once, whichever it was', async () => {
			proxy.cuts = ['answer', 'commit'];
			const first = message('amal');
			expect(await receive(store, first)).toMatchObject({ outcome: 'opened' });
			expect(await receive(store, message('badr'))).toMatchObject({ outcome: 'opened' });
			expect(await receive(store, first)).toMatchObject({ outcome: 'duplicate' });
			expect(await store.countEverything()).toMatchObject({ messages: 2, contacts: 2 });
			await assertConsistent(store);
		});

		test('and the server crashes: the number of the transaction, given anew, proves nothing', async () => {
			proxy.cuts = ['commit'];
			proxy.beforeCut = async () => {
				await server.halt({ immediate: true });
				await server.start();
				await admin('create table others (a int); insert into others values (1)');
				await admin('insert into others values (2)');
			};
			await expectError(
				runs('lost'),
				'StoreUnavailable',
				/whether it was is not known/,
				/Run this again/,
			);
			expect(await marks('lost')).toEqual([]);
			expect(await runs('lost')).toBe(1);
		});

		test('and it never comes back: the operation ends with a sentence', async () => {
			proxy.cuts = Array<'commit'>(200).fill('commit');
			const failing = store.engine.transaction(async (tx) => await mark(tx, 'never'));
			await expectError(
				failing,
				'StoreUnavailable',
				/the connection was lost/,
				/n8n connects again/,
			);
			expect(await marks('never')).toEqual([]);
		});
	});

	describe('transactions that meet', () => {
		test.each([
			['a serialisation failure', '40001'],
			['a deadlock', '40P01'],
			['a lock that took too long', '55P03'],
			['no free connection', '53300'],
		])('%s: the work runs again', async (_name, code) => {
			const store = await open();
			let count = 0;
			await store.engine.transaction(async (tx) => {
				await mark(tx, code);
				if (++count < 3) await raise(tx, code);
			});
			expect(count).toBe(3);
			expect(await marks(code)).toHaveLength(1);
		});

		test.each(['40001', '40P01'])('%s for ever ends with a sentence', async (code) => {
			const store = await open();
			let count = 0;
			const failing = store.engine.transaction(async (tx) => {
				count++;
				await raise(tx, code);
			});
			await expectError(failing, 'StoreUnavailable', /is too busy/, /Run this again/);
			expect(count).toBeGreaterThan(5);
		});

		test('two that wait for each other: one gives way, both happen', async () => {
			const [one, two] = [await open(), await open()];
			for (const key of ['a', 'b']) await one.engine.transaction(async (tx) => await mark(tx, key));
			let count = 0;
			const met = new EventEmitter();
			const both = once(met, 'both');
			const update = async (tx: Tx, key: string) =>
				void (await sql`update meta set value = value || '+' where key = ${key}`.execute(tx));
			const inOrder = async (store: ConversationStore, first: string, second: string) =>
				await store.engine.transaction(async (tx) => {
					await update(tx, first);
					if (++count === 2) met.emit('both');
					await both;
					await update(tx, second);
				});
			await Promise.all([inOrder(one, 'a', 'b'), inOrder(two, 'b', 'a')]);
			expect(count).toBe(3);
			expect(
				await admin(`select value from ${settings.schema}.meta where key in ('a', 'b')`),
			).toEqual([{ value: '++' }, { value: '++' }]);
		});

		test('a mistake in the code is not run again', async () => {
			const store = await open();
			let count = 0;
			const failing = store.engine.transaction(async (tx) => {
				count++;
				await sql`select nothing_like_this from meta`.execute(tx);
			});
			await expect(failing).rejects.toMatchObject({ code: '42703' });
			expect(count).toBe(1);
		});
	});

	test('a table changes under a prepared statement', async () => {
		const store = await open({ maxConnections: 1 });
		const read = async () =>
			await store.engine.transaction(
				async (tx) =>
					await tx.selectFrom('meta').selectAll().where('key', '=', 'store_id').execute(),
			);
		for (let i = 0; i < 6; i++) await read();
		await admin(`alter table ${settings.schema}.meta add column more text default 'new'`);
		expect(await read()).toEqual([expect.objectContaining({ key: 'store_id', more: 'new' })]);
	});

	test('fifty operations share one connection', async () => {
		const store = await open({ maxConnections: 1 });
		const ids = await Promise.all(
			Array.from({ length: 50 }, async (_, i) => await opened(store, `c${i}`)),
		);
		expect(new Set(ids).size).toBe(50);
		await assertConsistent(store);
	});

	test('after it was closed it says so', async () => {
		const store = await open();
		store.engine.close();
		await expectError(
			opened(store, 'amal'),
			'StoreUnavailable',
			/was closed/,
			/when n8n has started/,
		);
	});

	describe('wake-ups', () => {
		const listeners = async () =>
			await admin(
				`select pid from pg_stat_activity where query ilike 'listen %' and state = 'idle'`,
			);
		const listening = async (count: number) => {
			while ((await listeners()).length !== count);
		};

		/** The topics in the order in which they are heard. */
		function ears(store: ConversationStore) {
			const heard: string[] = [];
			const emitter = new EventEmitter();
			store.engine.onWake((topic) => {
				heard.push(topic);
				emitter.emit(topic);
			});
			return { heard, next: async (topic: string) => void (await once(emitter, topic)) };
		}

		test('are heard by others, and by the process itself once', async () => {
			const [one, two] = [await open(), await open()];
			const [first, second] = [ears(one), ears(two)];
			await listening(2);
			const work = second.next('work');
			one.engine.wake('work');
			await work;
			const answer = first.next('deliveries');
			two.engine.wake('deliveries');
			await answer;
			// Its own wake-up was passed on before the other's: it would have come in between.
			expect(first.heard).toEqual(['work', 'deliveries']);
			expect(second.heard).toEqual(['work', 'deliveries']);
		});

		test('are heard again after the listening connection broke, and what was missed is looked for', async () => {
			const [one, two] = [await open(), await open()];
			const { heard, next } = ears(one);
			await listening(1);
			const missed = Promise.all([next('work'), next('deliveries')]);
			await admin(
				`select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %' and state = 'idle'`,
			);
			await missed;
			heard.length = 0;
			const work = next('work');
			two.engine.wake('work');
			await work;
			expect(heard).toEqual(['work']);
		});
	});

	/** Everything that n8n holds open here. */
	const CONNECTIONS = `from pg_stat_activity where application_name = 'n8n-nodes-inbound-conversations'`;

	describe('a server that goes away while nobody uses it', () => {
		test.each([
			['stopped', false],
			['crashed', true],
		])('%s: the next operation has new connections', async (_name, immediate) => {
			const store = await open();
			const woken = new Promise((resolve) => store.engine.onWake(resolve));
			await Promise.all(['a', 'b', 'c'].map(async (who) => await opened(store, who)));
			await server.halt({ immediate });
			await server.start();
			await opened(store, 'd');
			await woken;
			await assertConsistent(store);
		});

		test('and does not come back: an operation waits as long as it may, then says so', async () => {
			const store = await open();
			await server.halt();
			try {
				const waiting = receive(store, message('amal'));
				await expectError(waiting, 'StoreUnavailable', /refuses the connection/, /PostgreSQL runs/);
			} finally {
				await server.start();
			}
			await opened(store, 'amal');
		});
	});

	describe('under load', () => {
		/** Clients that open, assign and write on, until they are told to stop. */
		function load(stores: ConversationStore[], clients: number) {
			const acknowledged: string[] = [];
			const refused: unknown[] = [];
			const progress = new EventEmitter();
			let going = true;
			const client = async (name: string, store: ConversationStore) => {
				for (let i = 0; going; i++) {
					const what = message(`${name}-${i % 5}`);
					try {
						const { conversationId } = await receive(store, what);
						acknowledged.push(what.id);
						progress.emit('one');
						await route(store, conversationId!, 'sales');
						await assign(store, conversationId!);
					} catch (error) {
						refused.push(error);
					}
				}
			};
			const running = Promise.all(
				Array.from({ length: clients }, async (_, i) => {
					await client(`c${i}`, stores[i % stores.length]!);
				}),
			);
			return {
				acknowledged,
				refused,
				/** So many more messages are acknowledged. */
				async progress(count: number) {
					for (let i = 0; i < count; i++) await once(progress, 'one');
				},
				async stop() {
					going = false;
					await running;
				},
			};
		}

		/** Nothing acknowledged is lost or doubled, and who was refused knows what to do. */
		async function assertNothingLost(
			store: ConversationStore,
			{ acknowledged, refused }: ReturnType<typeof load>,
		) {
			const rows = await store.engine.db
				.selectFrom('messages')
				.select('channel_message_id')
				.execute();
			const stored = rows.map((row) => row.channel_message_id);
			expect(new Set(stored).size).toBe(stored.length);
			const lost = new Set(acknowledged);
			for (const id of stored) lost.delete(id!);
			expect([...lost]).toEqual([]);
			for (const error of refused) {
				expect(error).toMatchObject({ code: 'StoreUnavailable', hint: expect.stringMatching(/./) });
				expect(isStoreError(error)).toBe(true);
			}
			await assertConsistent(store);
			expect(await agentsOverCapacity(store)).toEqual([]);
		}

		test.each([
			['stopped and started', false],
			['crashed and started', true],
		])('%s four times: nothing acknowledged is lost', async (_name, immediate) => {
			const stores = [await open(), await open()];
			await team(stores[0]!, 'sales', { ann: 5, bob: 7 });
			const clients = load(stores, 8);
			for (let round = 0; round < 4; round++) {
				await clients.progress(25 + 10 * round);
				await server.halt({ immediate });
				await server.start();
			}
			await clients.progress(25);
			await clients.stop();
			await assertNothingLost(stores[0]!, clients);
		});

		test.each([1, 2, 3])('connections killed at random moments, seed %i', async (seed) => {
			const stores = [await open(), await open()];
			await team(stores[0]!, 'sales', { ann: 5, bob: 7 });
			const clients = load(stores, 8);
			await admin(`create or replace function kill_some() returns bigint language sql as $$
				select count(*) from (select pg_terminate_backend(pid) ${CONNECTIONS} and random() < 0.4) as killed $$`);
			let state = seed;
			for (let round = 0; round < 25; round++) {
				state = (state * 16_807) % 2_147_483_647;
				await clients.progress(1 + (state % 7));
				await admin(`select setseed(${(state % 1000) / 1000}); select kill_some()`);
			}
			await clients.progress(10);
			await clients.stop();
			await assertNothingLost(stores[0]!, clients);
		});
	});
});
