import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { openPostgresEngine } from '../../nodes/store/postgres/engine';
import type { PostgresSettings } from '../../nodes/store/postgres/settings';
import { ConversationStore } from '../../nodes/store/store';
import { sql } from '../../nodes/vendor';
import { startOwnServer, type OwnServer } from '../postgres/ownServer';
import type { Clients } from './support/claimer';
import { bundleClaimer, runClients } from './support/clients';
import { agentsOverCapacity, assertConsistent } from './support/consistency';
import { onServer } from '../postgres/connection';
import { temporaryFolder } from './support/engines';
import { copyConversation } from './support/fill';
import { online, opened, route, team } from './support/samples';

const CLIENTS = 64;
const SEED = Number(process.env.CONVERSATION_STORE_TEST_SEED ?? 20_260_105);

/** Many clients in several processes at once, on a server of their own whose log is read afterwards. */
describe('contention on PostgreSQL', () => {
	const folder = temporaryFolder();
	const program = bundleClaimer(folder);
	let server: OwnServer;
	let settings: PostgresSettings;
	let store: ConversationStore;

	beforeAll(async () => {
		server = await startOwnServer();
	}, 120_000);
	afterAll(async () => {
		await server.stop();
		rmSync(folder, { recursive: true });
	});
	beforeEach(async () => {
		const schema = `test_${randomUUID().slice(0, 8)}`;
		settings = { ...server.connection, schema, ssl: 'disable', maxConnections: 5 };
		store = new ConversationStore(await openPostgresEngine(settings, randomUUID), 'contention');
	});
	afterEach(() => store.engine.close());

	async function run(input: Pick<Clients, 'job'> & Partial<Clients>): Promise<string[]> {
		const logged = (await server.logs()).length;
		const { lines, errors } = await runClients(program, {
			...{ settings, workspace: store.workspace, seed: SEED, all: CLIENTS },
			...input,
		});
		expect(errors).toBe('');
		const log = (await server.logs()).slice(logged).split('\n');
		expect(log.filter((line) => /deadlock detected|(ERROR|FATAL|PANIC):/.test(line))).toEqual([]);
		return lines;
	}

	/** Copies of an open conversation, until there are so many. */
	async function many(id: string, count: number): Promise<void> {
		const run = async (statement: string) =>
			await onServer(settings, `set search_path to "${settings.schema}"; ${statement}`);
		await copyConversation(store, id, count - 1, run);
	}

	const rows = async <T>(query: ReturnType<typeof sql<T>>) =>
		(await query.execute(store.engine.db)).rows;

	test(`${CLIENTS} clients claim 2,000 conversations for 50 agents with capacity 5: 250 assigned, none twice, none over`, async () => {
		const agents = Array.from({ length: 50 }, (_, i) => `agent ${i}`);
		await team(store, 'sales', Object.fromEntries(agents.map((agent) => [agent, 5])));
		const first = await opened(store, 'somebody');
		await route(store, first, 'sales');
		await many(first, 2000);

		const answers = await run({ job: 'race' });
		const claimed = answers.filter((line) => line.startsWith('assigned '));
		expect(claimed).toHaveLength(250);
		expect(new Set(claimed).size).toBe(250);
		// Each was claimed by three clients at once: the others were told so, or that it waits.
		expect(answers).toHaveLength(3 * 2000);

		await assertConsistent(store);
		expect(await agentsOverCapacity(store)).toEqual([]);
		expect(
			await rows(sql`select count(*) filter (where assignee_key is not null) as assigned,
				count(*) filter (where queue_entered_at = first_queued_at and queue_policy is not null) as queued
				from conversations`),
		).toEqual([{ assigned: 250, queued: 1750 }]);
		expect(
			await rows(sql`select type, count(*) as times, count(distinct conversation_id) as of
				from events where type in ('assigned', 'queued') group by type order by type`),
		).toEqual([
			{ type: 'assigned', times: 250, of: 250 },
			{ type: 'queued', times: 1750, of: 1750 },
		]);
		expect(await rows(sql`select distinct open_units from agent_loads`)).toEqual([
			{ open_units: 5 },
		]);
		expect(
			await rows(sql`select count(*) as agents, max(turn_count) - min(turn_count) as apart,
				count(distinct last_turn) as turns from turns`),
		).toEqual([{ agents: 50, apart: 0, turns: 50 }]);
	}, 240_000);

	test('while nobody is full, turns stay level to one', async () => {
		await team(store, 'sales', Object.fromEntries([...'abcdefg'].map((agent) => [agent, null])));
		const first = await opened(store, 'somebody');
		await route(store, first, 'sales');
		await many(first, 300);
		const answers = await run({ job: 'race' });
		expect(answers.filter((line) => line.startsWith('assigned '))).toHaveLength(300);
		await assertConsistent(store);
		const [turns] = await rows(sql`
			select max(turn_count) - min(turn_count) as apart, max(last_turn) as last from turns`);
		expect(turns).toEqual({ apart: 1, last: 300 });
		// 300 over seven: nobody has more than one more than another.
		const loads = await rows(sql`select distinct open_units from agent_loads order by open_units`);
		expect(loads).toEqual([{ open_units: 42 }, { open_units: 43 }]);
	}, 120_000);

	test('a storm of every operation on shared teams, agents and customers', async () => {
		const teams = Array.from({ length: 6 }, (_, i) => `team ${i}`);
		const agents = Array.from({ length: 15 }, (_, i) => `agent ${i}`);
		for (const key of teams) await team(store, key);
		for (const [i, agent] of agents.entries()) {
			const theirs = [0, 1, 3].map((next) => teams[(i + next) % teams.length]!);
			await online(store, agent, theirs, 1 + (i % 5));
		}
		const lines = await run({ job: 'storm', operations: 60, teams, agents, customers: 150 });
		expect(lines).toHaveLength(60 * CLIENTS);
		const refusals = new Set(lines.filter((line) => line !== 'done'));
		expect([...refusals].sort()).toEqual([
			'AgentNotFound',
			'ConversationClosed',
			'TeamInUse',
			'TeamNotFound',
		]);
		expect(lines.filter((line) => line === 'done').length).toBeGreaterThan(lines.length / 2);

		await store.doDueWork();
		await assertConsistent(store);
		expect(await waitingInVain()).toEqual([]);
		const ever = await rows<{ type: string }>(sql`select distinct type from events order by type`);
		expect(ever.map(({ type }) => type)).toEqual(
			expect.arrayContaining(['agent_removed', 'assigned', 'closed', 'queued', 'unassigned']),
		);
	}, 240_000);

	/** Who waits although an agent who could take over is there and has room. */
	const waitingInVain = async () =>
		await rows(sql`select c.id, a.key from conversations c join agents a on a.workspace = c.workspace
			left join agent_loads l on l.workspace = a.workspace and l.agent_key = a.key
			where c.queue_entered_at is not null and a.availability = 'online'
				and coalesce(l.open_units, 0) + c.weight <= a.capacity
				and position('"' || a.key || '"' in c.excluded_agents) = 0
				and case when c.queue_for is null then c.team_key is null or exists (select 1 from team_members m
						where m.workspace = c.workspace and m.team_key = c.team_key and m.agent_key = a.key)
					else c.queue_for in ('', a.key) end`);
});
