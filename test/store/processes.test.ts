/* eslint-disable @n8n/community-nodes/no-dangerous-functions -- real processes are what is tested */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ConversationStore } from '../../nodes/store/store';
import { onServer, testPostgres } from '../postgres/connection';
import { agentsOverCapacity, assertConsistent } from './support/consistency';
import { temporaryFolder } from './support/engines';
import { openPlace, type Place } from './support/place';
import { assign, message, opened, receive, route, team, trigger } from './support/samples';

const ROOT = join(__dirname, '..', '..');

const folder = temporaryFolder();
const worker = join(folder, 'worker.js');
beforeAll(() => {
	const esbuild = join(ROOT, 'node_modules', '.bin', 'esbuild');
	const entry = join(__dirname, 'support', 'worker.ts');
	const options = ['--bundle', '--platform=node', '--log-level=error', '--external:pg-native'];
	execFileSync(esbuild, [entry, ...options, `--outfile=${worker}`]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const schemas: string[] = [];
afterAll(async () => {
	for (const schema of schemas) await onServer(testPostgres(), `drop schema ${schema} cascade`);
});

/** A store that nobody has made yet. */
const newPlaces: Array<[string, () => Place]> = [
	['SQLite', () => ({ engine: 'sqlite', file: join(folder, randomUUID(), 'store.sqlite') })],
	[
		'PostgreSQL',
		() => {
			const schema = `test_${randomUUID().slice(0, 8)}`;
			schemas.push(schema);
			return { engine: 'postgres', settings: { ...testPostgres(), schema } };
		},
	],
];

/** Real processes on one store, as n8n's main, webhook and worker processes are. */
describe.each(newPlaces)('several processes on one store: %s', (_name, newPlace) => {
	const started: ChildProcess[] = [];
	let place: Place;

	beforeEach(() => {
		place = newPlace();
	});
	afterEach(() => {
		for (const child of started.splice(0)) child.kill('SIGKILL');
	});

	function start(job: string, name: string, onLine: (line: string) => void = () => {}) {
		const child = spawn(process.execPath, [worker, JSON.stringify(place), job, name], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		started.push(child);
		const lines: string[] = [];
		let errors = '';
		child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
		createInterface({ input: child.stdout }).on('line', (line) => {
			lines.push(line);
			onLine(line);
		});
		const ended = new Promise<string>((resolve) => child.once('close', () => resolve(errors)));
		return { child, lines, ended };
	}

	/** What they acknowledged; none may fail. */
	async function all(job: string, count = 4): Promise<string[]> {
		const runs = Array.from({ length: count }, (_, i) => start(job, `p${i}`));
		expect(await Promise.all(runs.map(async ({ ended }) => await ended))).toEqual(
			runs.map(() => ''),
		);
		return runs.flatMap(({ lines }) => lines);
	}

	async function withStore<T>(work: (store: ConversationStore) => Promise<T>): Promise<T> {
		const engine = await openPlace(place);
		try {
			const store = new ConversationStore(engine, 'default');
			const result = await work(store);
			await assertConsistent(store);
			return result;
		} finally {
			engine.close();
		}
	}

	test('all of them make the store at once: one store, one id', async () => {
		const ids = await all('migrate', 6);
		expect(ids).toHaveLength(6);
		expect(new Set(ids).size).toBe(1);
		expect(await withStore(async (store) => await store.storeId())).toBe(ids[0]);
	});

	test('invariants 1 and 2: the same messages through all of them open once and are stored once', async () => {
		const input = trigger();
		await withStore(async (store) => {
			await store.subscribe(input);
			await store.engine.db.updateTable('subscriptions').set({ accounts: '["main"]' }).execute();
		});
		const outcomes = await all('same');
		expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(20);
		expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(60);
		await withStore(async (store) => {
			expect(await store.countEverything()).toMatchObject({
				contacts: 20,
				messages: 20,
				conversations: { open: 20 },
				deliveries: { pending: 20 },
			});
		});
	});

	test('invariant 5: assigning by all of them never goes above capacity', async () => {
		await withStore(async (store) => await team(store, 'sales', { ann: 7, bob: 5, cem: 3 }));
		const outcomes = await all('assign');
		expect(outcomes.filter((outcome) => outcome === 'assigned')).toHaveLength(15);
		expect(outcomes.filter((outcome) => outcome === 'queued')).toHaveLength(25);
		await withStore(async (store) => expect(await agentsOverCapacity(store)).toEqual([]));
	});

	test('invariant 11: kill -9 in the middle loses nothing that was acknowledged', async () => {
		await withStore(async (store) => await team(store, 'sales', { ann: 5, bob: 4 }));
		for (const [round, count] of [11, 24, 42].entries()) {
			const acknowledged: string[] = [];
			const runs = ['x', 'y'].map((name) => {
				const run = start('stream', `${name}${round}`, (line) => {
					if (acknowledged.push(line) >= count) run.child.kill('SIGKILL');
				});
				return run;
			});
			await Promise.all(runs.map(async ({ ended }) => await ended));
			await withStore(async (store) => {
				for (const line of acknowledged) {
					const [what, id = ''] = line.split(' ');
					if (what === 'closed') {
						expect((await store.getConversation(id)).conversation.status).toBe('closed');
					} else {
						const found = await store.engine.db
							.selectFrom('messages')
							.select('id')
							.where('channel_message_id', '=', id)
							.execute();
						expect(found).toHaveLength(1);
					}
				}
				expect(await agentsOverCapacity(store)).toEqual([]);
			});
		}
	});

	test('invariant 11: what a killed process held is free again, and its change is undone', async () => {
		await withStore(async (store) => {
			await team(store, 'sales', { ann: 1 });
			await opened(store, 'amal');
		});
		const run = start('hold', '', () => run.child.kill('SIGKILL'));
		expect(await run.ended).toBe('');
		expect(run.lines).toEqual(['held']);
		await withStore(async (store) => {
			const contacts = await store.engine.db.selectFrom('contacts').select('name').execute();
			expect(contacts).toEqual([{ name: 'amal' }]);
			// The contact and the pool that the killed one had locked.
			const { conversationId, outcome } = await receive(store, message('amal'));
			expect(outcome).toBe('appended');
			await route(store, conversationId!, 'sales');
			expect(await assign(store, conversationId!)).toMatchObject({ outcome: 'assigned' });
		});
	});
});
