import { DEFAULT_QUEUE_POLICY } from '../../../nodes/store/operations/queuePolicy';
import type { BusinessHours, Weekday } from '../../../nodes/decisions/contracts';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import {
	DAY,
	HOUR,
	MINUTE,
	testClock,
	type EngineUnderTest,
	type TestClock,
} from '../support/engines';
import {
	assign,
	assigneeOf,
	expectError,
	handled,
	lastEvent,
	online,
	opened,
	setOnline,
	team,
} from '../support/samples';

/** The test clock begins on a Monday at 09:00 UTC, which is 11:00 in Cairo. */
const cairo = (from: string, to: string, days: Weekday[] = [7, 1, 2, 3, 4]): BusinessHours => ({
	timeZone: 'Africa/Cairo',
	weekly: [{ days, from, to }],
	holidays: [],
});

/** Business hours of teams, their overflow teams, and shifts of agents. */
export function hoursSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	const shifts = async (key: string, hours: BusinessHours | null) =>
		await store.upsertAgent({ key, shifts: hours, source: 'user' });

	describe('business hours', () => {
		test('are set, shown in words, kept by an update, and removed', async () => {
			expect((await store.upsertTeam({ key: 'sales' })).team).toMatchObject({
				hours: null,
				hoursText: 'open at all times',
				open: true,
				openText: 'open at all times',
				opensAt: null,
				closesAt: null,
				overflowTeam: null,
			});
			const hours = cairo('9:00', '17:00');
			const { team: made } = await store.upsertTeam({ key: 'sales', hours });
			expect(made).toMatchObject({
				hours: { weekly: [{ days: [1, 2, 3, 4, 7], from: '09:00', to: '17:00' }] },
				hoursText: 'Sun–Thu 09:00–17:00 (Africa/Cairo)',
				open: true,
				openText: 'open until 17:00',
				opensAt: null,
				closesAt: '2026-01-05T15:00:00.000Z',
			});
			clock.advance(6 * HOUR);
			expect((await store.upsertTeam({ key: 'sales', name: 'Sales' })).team).toMatchObject({
				name: 'Sales',
				open: false,
				openText: 'closed until 09:00',
				opensAt: '2026-01-06T07:00:00.000Z',
				closesAt: null,
			});
			clock.advance(4 * DAY);
			expect(await store.forTests().getTeam('sales')).toMatchObject({
				openText: 'closed on Friday',
			});
			expect((await store.upsertTeam({ key: 'sales', hours: null })).team).toMatchObject({
				name: 'Sales',
				hours: null,
				open: true,
			});
		});

		test('that nobody can work by are refused, of teams and of agents', async () => {
			const wrong = { ...cairo('09:00', '25:00') };
			await expectError(
				store.upsertTeam({ key: 'sales', hours: wrong }),
				'InvalidInput',
				/^Weekly hours, entry 1: '25:00' is not a time of the day/,
				/Correct/,
			);
			await expectError(
				store.upsertAgent({
					key: 'ann',
					shifts: { ...cairo('09:00', '17:00'), timeZone: 'Cairo/Egypt' },
					source: 'user',
				}),
				'InvalidInput',
				/^The time zone 'Cairo\/Egypt' is not known/,
				/Correct/,
			);
		});
	});

	describe('overflow teams', () => {
		test('are set, kept and removed', async () => {
			await team(store, 'care');
			await team(store, 'sales');
			const set = async (overflowTeam?: string | null) =>
				(
					await store.upsertTeam({
						key: 'sales',
						...(overflowTeam === undefined ? {} : { overflowTeam }),
					})
				).team.overflowTeam;
			expect(await set('care')).toBe('care');
			expect(await set()).toBe('care');
			expect(await set(null)).toBeNull();
		});

		test('exist, are another team, and go in no circle', async () => {
			for (const key of ['a', 'b', 'c']) await team(store, key);
			const set = async (key: string, overflowTeam: string) =>
				await store.upsertTeam({ key, overflowTeam });
			await expectError(set('a', 'x'), 'TeamNotFound', /no team 'x'/, /Teams in/);
			const hint = /Overflow Team/;
			await expectError(set('a', 'a'), 'InvalidInput', /'a' cannot be its own/, hint);
			await expectError(set('new', 'new'), 'InvalidInput', /'new' cannot be its own/, hint);
			await set('a', 'b');
			await set('b', 'c');
			await expectError(set('c', 'a'), 'InvalidInput', /in a circle: c → a → b → c$/, hint);
			await expectError(set('b', 'a'), 'InvalidInput', /in a circle: b → a → b$/, hint);
			expect((await store.getTeam('c')).overflowTeam).toBeNull();
		});

		test('two that would close a circle together: one of them is refused', async () => {
			await team(store, 'a');
			await team(store, 'b');
			const both = await Promise.allSettled([
				store.upsertTeam({ key: 'a', overflowTeam: 'b' }),
				store.upsertTeam({ key: 'b', overflowTeam: 'a' }),
			]);
			expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
		});

		test('that are removed are taken off the teams that had them', async () => {
			await team(store, 'care');
			await store.upsertTeam({ key: 'b', overflowTeam: 'care' });
			await store.upsertTeam({ key: 'a', overflowTeam: 'care' });
			expect(await store.deleteTeam({ key: 'care' })).toEqual({
				moved: 0,
				overflowCleared: ['a', 'b'],
			});
			expect((await store.getTeam('a')).overflowTeam).toBeNull();
		});
	});

	describe('teamStates', () => {
		test('count who is there: online, by lease and by shift', async () => {
			await team(store, 'sales', { ann: null, bob: null, cem: null, dan: null, eve: null });
			await team(store, 'empty');
			await setOnline(store, 'bob', false);
			await store.setAvailability({
				key: 'cem',
				availability: 'online',
				onlineUntil: clock() + MINUTE,
				source: 'user',
			});
			await shifts('dan', cairo('12:00', '20:00'));
			await shifts('eve', cairo('09:00', '17:00'));
			const hours = cairo('09:00', '17:00');
			await store.upsertTeam({ key: 'sales', hours, overflowTeam: 'empty' });
			const sales = {
				key: 'sales',
				name: 'sales',
				hours: expect.objectContaining({ timeZone: 'Africa/Cairo' }),
				overflowTeam: 'empty',
				members: 5,
				online: 3,
			};
			const states = await store.teamStates(['sales', 'unknown']);
			expect([...states]).toEqual([['sales', sales]]);
			clock.advance(HOUR);
			// The lease of one has ended, the shift of another begun.
			expect((await store.teamStates('all')).get('sales')).toMatchObject({ online: 3 });
			clock.advance(6 * HOUR);
			expect(await store.getTeam('sales')).toMatchObject({ members: 5, online: 2 });
			const all = await store.forTests().teamStates('all');
			expect([...all.keys()]).toEqual(['empty', 'sales']);
			expect(all.get('empty')).toMatchObject({ members: 0, online: 0, hours: null });
			expect((await store.teamStates([])).size).toBe(0);
		});
	});

	describe('shifts', () => {
		test('are set, kept by an update, and removed', async () => {
			await online(store, 'ann', []);
			expect(await store.getAgent('ann')).toMatchObject({ shifts: null, onShift: true });
			const { agent } = await shifts('ann', cairo('12:00', '20:00'));
			expect(agent).toMatchObject({ onShift: false, shifts: { timeZone: 'Africa/Cairo' } });
			clock.advance(HOUR);
			expect((await online(store, 'ann', [])).agent).toMatchObject({
				onShift: true,
				shifts: agent.shifts,
			});
			expect((await shifts('ann', null)).agent).toMatchObject({ shifts: null, onShift: true });
		});

		test('outside of it an agent who is still online gets nothing, and the decision says so', async () => {
			await team(store, 'sales', { ann: null, bob: null });
			await shifts('ann', cairo('12:00', '20:00'));
			await shifts('bob', cairo('09:00', '10:00', [7]));
			const { id, outcome, decision } = await handled(store, 'a', 'sales');
			expect(outcome).toBe('queued');
			expect(decision).toMatchObject({
				chosen: null,
				blockedBy: 'nobodyOnline',
				explanation:
					'Everybody who is online is outside the shift. Left out: ann (outside the shift, on again at 12:00), bob (outside the shift, on again at Sunday 09:00).',
			});
			// A policy that asks nobody whether they are there does not ask for shifts, either.
			await store.closeConversation({
				conversationId: id,
				category: null,
				summary: null,
				source: 'user',
			});
			const other = await handled(store, 'b', 'sales', {
				policy: { ...DEFAULT_QUEUE_POLICY, onlyOnline: false },
			});
			expect(await assigneeOf(store, other.id)).toBe('ann');
		});

		test('when one begins, the tick serves those who wait; when it ends, no more are given', async () => {
			await team(store, 'sales', { ann: null });
			await shifts('ann', cairo('12:00', '13:00'));
			const { id } = await handled(store, 'a', 'sales');
			clock.advance(HOUR - 1);
			expect(await store.doDueWork()).toBe(0);
			clock.advance(1);
			// She clocks in, and gets it.
			expect(await store.doDueWork()).toBe(2);
			expect(await assigneeOf(store, id)).toBe('ann');
			expect(await lastEvent(store, id, 'assigned')).toMatchObject({ waitedMs: HOUR });
			clock.advance(HOUR);
			const late = await handled(store, 'b', 'sales');
			expect(late.outcome).toBe('queued');
			// What the agent has, stays.
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('inside of it counts what the agent says', async () => {
			await team(store, 'sales', { ann: null });
			await shifts('ann', cairo('12:00', '20:00'));
			await setOnline(store, 'ann', false);
			const { id } = await handled(store, 'a', 'sales');
			clock.advance(HOUR);
			expect(await store.doDueWork()).toBe(0);
			await setOnline(store, 'ann');
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('a change that brings an agent on shift serves the queue at once', async () => {
			await team(store, 'sales', { ann: null });
			await shifts('ann', cairo('12:00', '20:00'));
			const id = await opened(store, 'a');
			await assign(store, id, { to: { kind: 'agent', agent: 'ann' } });
			expect(await assigneeOf(store, id)).toBeNull();
			expect((await shifts('ann', cairo('11:00', '20:00'))).assignedFromQueue).toBe(1);
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('Check Health: who has just come on shift has not been forgotten', async () => {
			await team(store, 'sales', { ann: null });
			await shifts('ann', cairo('12:00', '20:00'));
			await handled(store, 'a', 'sales');
			const codes = async () =>
				(await store.checkHealth()).problems
					.map(({ code }) => code)
					.filter((code) => ['nobodyOnline', 'queueStuck'].includes(code));
			clock.advance(30 * MINUTE);
			expect(await codes()).toEqual(['nobodyOnline']);
			clock.advance(30 * MINUTE);
			expect(await codes()).toEqual([]);
			clock.advance(MINUTE);
			expect(await codes()).toEqual(['queueStuck']);
		});
	});
}
