import fc from 'fast-check';
import type { Availability, BusinessHours, Weekday } from '../../../nodes/decisions/contracts';
import { HEARTBEAT } from '../../../nodes/decisions/presence';
import type { SetAvailabilityInput } from '../../../nodes/store/operations/availability';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import {
	DAY,
	HOUR,
	MINUTE,
	SECOND,
	testClock,
	type EngineUnderTest,
	type TestClock,
} from '../support/engines';
import { assigneeOf, expectError, handled, online, team } from '../support/samples';
import { exported, fileOf, imported, linesOf } from '../support/transfer';

/** The test clock begins on a Monday at 09:00 UTC. */
const shift = (from: string, to: string, days: Weekday[] = [1, 2, 3, 4, 5]): BusinessHours => ({
	timeZone: 'UTC',
	weekly: [{ days, from, to }],
	holidays: [],
});

/** Who is there: leases, heartbeats, shifts, and the queue that is served because of them. */
export function availabilitySuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	const say = async (availability: Availability, how: Partial<SetAvailabilityInput> = {}) =>
		await store.setAvailability({
			...{ key: 'ann', availability, onlineUntil: null, source: 'user' },
			...how,
		});
	const alive = async (how: Partial<SetAvailabilityInput> = {}) =>
		await say('online', {
			...{ onlineUntil: clock() + 10 * MINUTE, grace: 2 * MINUTE },
			...{ heartbeat: true, source: 'api', ...how },
		});
	const gone = async () =>
		await say('offline', { delay: 2 * MINUTE, heartbeat: true, source: 'api' });
	const ann = async () => await store.getAgent('ann');
	const presence = async () => (await ann()).presence;
	const shifts = async (hours: BusinessHours | null, followsShifts?: boolean) =>
		await store.upsertAgent({
			...{ key: 'ann', shifts: hours, source: 'user' },
			...(followsShifts === undefined ? {} : { followsShifts }),
		});
	/** Changes that were told of: "online → offline (system): the shift ended". */
	const told = async () => {
		const rows = await store.engine.db
			.selectFrom('events')
			.select(['data', 'source', 'actor'])
			.where('workspace', '=', store.workspace)
			.where('type', '=', 'availability_changed')
			.orderBy('id')
			.execute();
		return rows.map(({ data, source, actor }) => {
			const { from, to, reason } = JSON.parse(data) as Record<string, string>;
			return `${from} → ${to} (${actor ?? source}): ${reason}`;
		});
	};
	const queued = async (who: string) => {
		const { id, outcome } = await handled(store, who, 'sales');
		expect(outcome).toBe('queued');
		return id;
	};

	describe('online for a time', () => {
		test('gets nothing new when it is over, and counts as offline after the grace', async () => {
			await team(store, 'sales', { ann: null });
			const { agent } = await say('online', {
				...{ onlineUntil: clock() + 10 * MINUTE, grace: 2 * MINUTE },
			});
			expect(agent).toMatchObject({
				...{ availability: 'online', presence: 'online', absentSince: null },
				availabilityUntil: '2026-01-05T09:10:00.000Z',
			});
			const { id } = await handled(store, 'a', 'sales');
			clock.advance(10 * MINUTE);
			await queued('b');
			expect(await store.doDueWork()).toBe(0);
			expect(await ann()).toMatchObject({ presence: 'offline', absentSince: null });
			clock.advance(2 * MINUTE);
			expect(await store.doDueWork()).toBe(1);
			expect(await store.doDueWork()).toBe(0);
			expect(await ann()).toMatchObject({
				...{ availability: 'offline', availabilityUntil: null, presence: 'offline' },
				absentSince: '2026-01-05T09:12:00.000Z',
			});
			// What the agent has, stays, as far as this goes.
			expect(await assigneeOf(store, id)).toBe('ann');
			expect(await told()).toEqual([
				'offline → online (user): set to online',
				'online → offline (system): the time online ended and was not renewed within 2 minutes',
			]);
		});

		test('a tick that comes late tells since when', async () => {
			await online(store, 'ann', []);
			await say('online', { onlineUntil: clock() + MINUTE });
			clock.advance(HOUR);
			expect(await presence()).toBe('offline');
			await store.doDueWork();
			expect((await ann()).absentSince).toBe('2026-01-05T09:01:00.000Z');
			const { data } = await store.engine.db
				.selectFrom('events')
				.select('data')
				.where('workspace', '=', store.workspace)
				.orderBy('id', 'desc')
				.limit(1)
				.executeTakeFirstOrThrow();
			expect(JSON.parse(data)).toMatchObject({ since: '2026-01-05T09:01:00.000Z' });
		});

		test('what cannot be is refused', async () => {
			await online(store, 'ann', []);
			const refused = async (what: Promise<unknown>, why: RegExp) =>
				await expectError(what, 'InvalidInput', why, /Correct/);
			await refused(say('online', { delay: MINUTE }), /online takes effect at once/);
			const until = { onlineUntil: clock() + HOUR, delay: MINUTE };
			await refused(say('away', until), /cannot also have an end/);
			await refused(say('away', { heartbeat: true }), /never 'away'/);
			await refused(alive({ onlineUntil: null }), /says how long it counts/);
			await refused(alive({ grace: -1 }), /grace cannot be negative/);
			await refused(say('away', { delay: 367 * DAY }), /delay is longer than a year/);
			await expectError(alive({ key: 'x' }), 'AgentNotFound', /'x'/, /Create the agent/);
		});
	});

	describe('heartbeats', () => {
		test('Chatwoot #5436: presence flaps on mobile: the agent stays online and nothing is taken away', async () => {
			await team(store, 'sales', { ann: null });
			await alive();
			const { id } = await handled(store, 'first', 'sales');
			for (let i = 0; i < 20; i++) {
				clock.advance(MINUTE);
				await gone();
				clock.advance(119 * SECOND);
				await store.doDueWork();
				// In the background, and still there.
				expect((await handled(store, `c${i}`, 'sales')).outcome).toBe('assigned');
				expect(await ann()).toMatchObject({
					presence: 'online',
					nextAvailability: { availability: 'offline' },
				});
				await alive();
			}
			expect(await assigneeOf(store, id)).toBe('ann');
			expect(await ann()).toMatchObject({ absentSince: null, nextAvailability: null });
			expect(await told()).toEqual(['offline → online (user): set to online']);
			await gone();
			clock.advance(2 * MINUTE);
			await store.doDueWork();
			expect(await told()).toHaveLength(2);
			expect(await presence()).toBe('offline');
		});

		test('renew for the price of one row: no event, no pool, though somebody waits', async () => {
			await team(store, 'sales', { ann: 1 });
			await handled(store, 'a', 'sales');
			await queued('b');
			await alive();
			const events = (await told()).length;
			const held = jest.spyOn(store.engine, 'holdNames');
			clock.advance(5 * MINUTE);
			expect(await alive()).toMatchObject({
				...{ applied: true, assignedFromQueue: 0 },
				agent: { availabilityUntil: '2026-01-05T09:15:00.000Z' },
			});
			expect(held.mock.calls).toEqual([]);
			held.mockRestore();
			expect(await told()).toHaveLength(events);
		});

		test('contradict no person and no workflow', async () => {
			await online(store, 'ann', []);
			for (const source of ['user', 'workflow']) {
				for (const what of ['away', 'offline'] as const) {
					await say(what, { source });
					expect(await alive()).toMatchObject({ applied: false, agent: { presence: what } });
					clock.advance(HOUR);
					await store.doDueWork();
					expect(await gone()).toMatchObject({ applied: false, agent: { presence: what } });
				}
			}
			await say('away', { onlineUntil: clock() + HOUR });
			clock.advance(HOUR);
			await store.doDueWork();
			expect(await presence()).toBe('away');
			expect(await alive()).toMatchObject({ applied: true, agent: { presence: 'online' } });
		});

		test('bring a new agent online, of whom nobody has said anything', async () => {
			await store.upsertAgent({ key: 'ann', source: 'user' });
			expect(await presence()).toBe('offline');
			expect(await alive()).toMatchObject({ applied: true, agent: { presence: 'online' } });
			expect(await told()).toEqual(['offline → online (api): a sign of life']);
		});

		test('that come after the grace end one presence and begin another', async () => {
			await online(store, 'ann', []);
			await alive();
			clock.advance(HOUR);
			await alive();
			expect((await told()).slice(1)).toEqual([
				'online → offline (system): the time online ended and was not renewed within 2 minutes',
				'offline → online (api): a sign of life',
			]);
		});
	});

	describe('what takes effect later', () => {
		test('is told when it is said, by whom, and when it takes effect', async () => {
			await online(store, 'ann', []);
			const { agent } = await say('away', { delay: 5 * MINUTE, actor: 'ann' });
			expect(agent).toMatchObject({
				...{ availability: 'online', presence: 'online' },
				nextAvailability: { availability: 'away', at: '2026-01-05T09:05:00.000Z' },
			});
			clock.advance(5 * MINUTE);
			expect(await presence()).toBe('away');
			await store.doDueWork();
			expect(await ann()).toMatchObject({ availability: 'away', nextAvailability: null });
			expect((await told()).slice(1)).toEqual([
				'online → online (ann): set to away',
				'online → away (system): away was to take effect now',
			]);
		});
	});

	describe('the queue is served', () => {
		test('by coming online', async () => {
			await team(store, 'sales', { ann: null });
			await say('offline');
			const id = await queued('a');
			expect(await say('online')).toMatchObject({ assignedFromQueue: 1 });
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('by a heartbeat that renews what had lapsed, within the grace', async () => {
			await team(store, 'sales', { ann: null });
			await alive();
			clock.advance(11 * MINUTE);
			const id = await queued('a');
			expect(await alive()).toMatchObject({ assignedFromQueue: 1 });
			expect(await assigneeOf(store, id)).toBe('ann');
			expect(await told()).toHaveLength(1);
		});

		test('by more capacity', async () => {
			await team(store, 'sales', { ann: 1 });
			await handled(store, 'a', 'sales');
			const id = await queued('b');
			const more = { key: 'ann', capacity: 2, source: 'user' };
			expect(await store.upsertAgent(more)).toMatchObject({ assignedFromQueue: 1 });
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test.each([
			['follows it', true],
			['left online on', false],
		])('by the shift of somebody who %s', async (_who, followsShifts) => {
			await team(store, 'sales', followsShifts ? {} : { ann: null });
			await store.upsertAgent({
				...{ key: 'ann', teams: ['sales'], followsShifts, source: 'user' },
				shifts: shift('10:00', '18:00'),
			});
			const id = await queued('a');
			clock.advance(HOUR - SECOND);
			expect(await store.doDueWork()).toBe(0);
			clock.advance(SECOND);
			expect(await store.doDueWork()).toBe(2);
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('by the end of a break of somebody who follows the shift', async () => {
			await team(store, 'sales', { ann: null });
			await shifts(shift('08:00', '16:00'), true);
			await say('away', { onlineUntil: clock() + 30 * MINUTE });
			const id = await queued('a');
			clock.advance(30 * MINUTE);
			await store.doDueWork();
			expect(await assigneeOf(store, id)).toBe('ann');
			expect((await told()).slice(1)).toEqual([
				'online → away (user): set to away',
				'away → online (system): the time away ended',
			]);
		});

		test('with many who begin together', async () => {
			await store.upsertTeam({ key: 'sales' });
			for (let i = 0; i < 105; i++) {
				await store.upsertAgent({
					...{ key: `agent ${i}`, teams: ['sales'], capacity: 1, source: 'user' },
					...{ shifts: shift('10:00', '18:00'), followsShifts: true },
				});
			}
			const ids = [await queued('a'), await queued('b')];
			clock.advance(HOUR);
			expect(await store.doDueWork()).toBe(107);
			for (const id of ids) expect(await assigneeOf(store, id)).toMatch(/^agent/);
		});
	});

	describe('shifts that are followed', () => {
		test('clock in and out without anybody, and tell of it', async () => {
			await shifts(shift('10:00', '18:00'), true);
			expect(await ann()).toMatchObject({ followsShifts: true, presence: 'offline' });
			const seen = [];
			for (let hour = 0; hour < 25; hour++) {
				clock.advance(HOUR);
				await store.doDueWork();
				seen.push(await presence());
			}
			const day = [...Array<string>(8).fill('online'), ...Array<string>(16).fill('offline')];
			expect(seen).toEqual([...day, 'online']);
			expect(await told()).toEqual([
				'offline → online (system): the shift began',
				'online → offline (system): the shift ended',
				'offline → online (system): the shift began',
			]);
		});

		test('end what was said before, and are online at once when it is said in the shift', async () => {
			const { agent } = await shifts(shift('08:00', '16:00'), true);
			expect(agent).toMatchObject({ presence: 'online', absentSince: null });
			await say('offline');
			expect(await ann()).toMatchObject({
				...{ presence: 'offline', absentSince: '2026-01-05T09:00:00.000Z' },
				nextAvailability: { availability: 'online', at: '2026-01-06T08:00:00.000Z' },
			});
			clock.advance(23 * HOUR);
			// Before the tick as after it.
			for (let i = 0; i < 2; i++) {
				expect(await presence()).toBe('online');
				await store.doDueWork();
			}
			expect(await ann()).toMatchObject({ availability: 'online', absentSince: null });
			expect(await told()).toEqual([
				'offline → online (user): the shifts were changed',
				'online → offline (user): set to offline',
				'offline → online (system): the shift began',
			]);
		});

		test('a new agent with an availability of its own keeps that', async () => {
			await store.upsertAgent({
				...{ key: 'ann', shifts: shift('08:00', '16:00'), followsShifts: true, source: 'user' },
				availability: 'away',
			});
			expect(await ann()).toMatchObject({
				presence: 'away',
				nextAvailability: { availability: 'online' },
			});
			// Nothing that was given again is nothing that changes.
			await store.upsertAgent({ key: 'ann', followsShifts: true, source: 'user' });
			expect(await presence()).toBe('away');
		});

		test('test runs read the real agents, and settle nobody', async () => {
			await team(store, 'sales', { ann: null });
			await shifts(shift('10:00', '18:00'), true);
			const tests = store.forTests();
			const { id } = await handled(tests, 'a', 'sales');
			clock.advance(HOUR);
			expect((await tests.getAgent('ann')).presence).toBe('online');
			expect(await tests.doDueWork()).toBe(1);
			expect(await assigneeOf(tests, id)).toBe('ann');
			expect((await told()).at(-1)).toBe('online → offline (user): the shifts were changed');
			expect(await store.doDueWork()).toBe(1);
			expect((await told()).at(-1)).toBe('offline → online (system): the shift began');
		});
	});

	test('what is counted by the database is what decisions find', async () => {
		const availability = fc.constantFrom<Availability>('online', 'away', 'offline');
		const near = fc.integer({ min: -3, max: 3 }).map((hours) => clock() + hours * HOUR);
		const some = fc.sample(
			fc.record({
				availability,
				online_until: fc.option(near),
				follows_shifts: fc.constantFrom(0, 1),
				next: fc.option(fc.record({ next_availability: availability, next_at: near })),
				shifts: fc.option(
					fc
						.constantFrom(shift('08:00', '16:00'), shift('10:00', '11:00'))
						.map((hours) => JSON.stringify(hours)),
				),
			}),
			150,
		);
		await store.upsertTeam({ key: 'sales' });
		for (const [index, { next, ...columns }] of some.entries()) {
			const key = `agent ${index}`;
			await store.upsertAgent({ key, teams: ['sales'], source: 'user' });
			await store.engine.db
				.updateTable('agents')
				.set({ ...columns, ...next, availability_source: HEARTBEAT })
				.where('workspace', '=', store.workspace)
				.where('key', '=', key)
				.execute();
		}
		for (let hour = 0; hour < 7; hour++) {
			const all = await store.listAgents({ limit: 200, offset: 0 });
			const counts: Record<string, number> = {};
			for (const what of ['online', 'away', 'offline'] as const) {
				const keys = all.filter((agent) => agent.presence === what).map(({ key }) => key);
				const listed = await store.listAgents({ limit: 200, offset: 0, availability: what });
				expect(listed.map(({ key }) => key)).toEqual(keys);
				counts[what] = keys.length;
			}
			expect(counts.online).toBeGreaterThan(0);
			expect((await store.teamStates(['sales'])).get('sales')).toMatchObject({
				members: 150,
				online: counts.online,
			});
			clock.advance(HOUR);
		}
	});

	test('agents of a file of an older schema: the first tick finds out what they count as', async () => {
		await store.upsertAgent({ key: 'new', source: 'user' });
		await online(store, 'off shift', []);
		await online(store, 'lapsed', []);
		clock.advance(SECOND);
		await store.upsertAgent({ key: 'off shift', shifts: shift('20:00', '22:00'), source: 'user' });
		await say('online', { key: 'lapsed', onlineUntil: clock() + MINUTE });
		await online(store, 'away', []);
		clock.advance(MINUTE);
		await say('offline', { key: 'away' });
		const lines = linesOf(await exported(store)).map((line) => {
			if (line.table !== 'agents') return line;
			const { key, name, availability, online_until, shifts: hours, ...rest } = line.row!;
			const { capacity, skills, languages, handles, created_at } = rest;
			const { availability_changed_at } = rest;
			return {
				...line,
				row: {
					...{ key, name, availability, online_until, shifts: hours, capacity, skills },
					...{ languages, handles, created_at, availability_changed_at },
				},
			};
		});
		const target = await engine.openStore({ clock });
		await imported(target, fileOf(lines));
		expect(await target.doDueWork()).toBe(2);
		const found = await target.listAgents({ limit: 10, offset: 0 });
		const now = new Date(clock()).toISOString();
		expect(found.map(({ key, presence: is, absentSince }) => [key, is, absentSince])).toEqual([
			['away', 'offline', now],
			['lapsed', 'offline', now],
			['new', 'offline', '2026-01-05T09:00:00.000Z'],
			['off shift', 'offline', now],
		]);
		const heartbeat = async (key: string) =>
			(
				await target.setAvailability({
					...{ key, availability: 'online', onlineUntil: clock() + MINUTE },
					...{ heartbeat: true, source: 'api' },
				})
			).applied;
		// Somebody may have said offline; of the new one nobody has said anything.
		expect([await heartbeat('away'), await heartbeat('new')]).toEqual([false, true]);
	});
}
