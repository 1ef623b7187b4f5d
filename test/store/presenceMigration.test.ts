import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { up as first } from '../../nodes/store/migrations/0001_conversations';
import { up as second } from '../../nodes/store/migrations/0002_upkeep';
import { up as third } from '../../nodes/store/migrations/0003_channels';
import { up as fourth } from '../../nodes/store/migrations/0004_questions';
import type { Database } from '../../nodes/store/schema';
import { NodeSqliteDialect } from '../../nodes/store/sqlite/driver';
import { openSqliteEngine } from '../../nodes/store/sqlite/engine';
import { ConversationStore } from '../../nodes/store/store';
import { Kysely } from '../../nodes/vendor';
import { HOUR, MINUTE, temporaryFolder, testClock } from './support/engines';

const SHIFTS = JSON.stringify({
	timeZone: 'UTC',
	weekly: [{ days: [1, 2, 3, 4, 5], from: '20:00', to: '22:00' }],
	holidays: [],
});

/** A store of schema 4, in which agents had an availability, an end of it, and shifts. */
describe('agents of a store that is migrated', () => {
	const folder = temporaryFolder();
	const file = join(folder, 'store.sqlite');
	const clock = testClock();
	let store: ConversationStore;

	beforeAll(async () => {
		const handle = new DatabaseSync(file);
		const old = new Kysely<unknown>({ dialect: new NodeSqliteDialect(handle) });
		for (const up of [first, second, third, fourth]) await up(old, { text: 'text' });
		const agent = (key: string, availability: string, rest: { until?: number; shifts?: string }) =>
			handle
				.prepare(
					`insert into agents (workspace, key, name, availability, online_until, shifts, skills,
						languages, handles, created_at, availability_changed_at)
					values ('w', ?, ?, ?, ?, ?, '[]', '[]', '{}', ?, ?)`,
				)
				.run(
					...[key, key, availability, rest.until ?? null, rest.shifts ?? null],
					...[clock() - HOUR, clock() - (key === 'new' ? HOUR : MINUTE)],
				);
		agent('new', 'offline', {});
		agent('gone', 'offline', {});
		agent('here', 'online', {});
		agent('lapsed', 'online', { until: clock() - MINUTE });
		agent('off shift', 'online', { shifts: SHIFTS });
		handle.exec(`create table schema_version (version integer not null);
			insert into schema_version values (4); insert into meta values ('store_id', 'x')`);
		handle.close();
		store = new ConversationStore(await openSqliteEngine(file, randomUUID), 'w', clock);
	});
	afterAll(() => {
		store.engine.close();
		rmSync(folder, { recursive: true });
	});

	const columns = async () =>
		await (store.engine.db as Kysely<Database>)
			.selectFrom('agents')
			.select(['key', 'presence', 'absent_since', 'presence_due_at', 'availability_source'])
			.orderBy('key')
			.execute();

	test('the first tick finds out what shifts and times make of them', async () => {
		const of = (key: string) => ({ key, absent_since: null, presence_due_at: null });
		const user = { availability_source: 'user' };
		expect(await columns()).toEqual([
			{ ...of('gone'), ...user, presence: 'offline', absent_since: clock() - MINUTE },
			{ ...of('here'), ...user, presence: 'online' },
			{ ...of('lapsed'), ...user, presence: 'online', presence_due_at: 0 },
			{
				...{ ...of('new'), availability_source: null, presence: 'offline' },
				absent_since: clock() - HOUR,
			},
			{ ...of('off shift'), ...user, presence: 'online', presence_due_at: 0 },
		]);
		expect(await store.doDueWork()).toBe(2);
		const absent = { presence: 'offline', absent_since: clock() };
		expect(await columns()).toMatchObject([
			{ key: 'gone' },
			{ key: 'here', presence: 'online' },
			{ key: 'lapsed', ...absent, availability_source: 'system' },
			{ key: 'new' },
			{ key: 'off shift', ...absent, presence_due_at: clock() + 11 * HOUR },
		]);
	});
});
