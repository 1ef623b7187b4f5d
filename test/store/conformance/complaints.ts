import type { AssignmentStrategy, BusinessHours } from '../../../nodes/decisions/contracts';
import { startPump } from '../../../nodes/store/pump';
import type { ConversationStore } from '../../../nodes/store/store';
import { dueWork } from '../../../nodes/store/operations/work';
import { agentsOverCapacity, assertConsistent } from '../support/consistency';
import {
	DAY,
	HOUR,
	MINUTE,
	SECOND,
	testClock,
	type EngineUnderTest,
	type TestClock,
} from '../support/engines';
import {
	assigneeOf,
	close,
	conversationOf,
	handled,
	lastEvent,
	online,
	setOnline,
	team,
} from '../support/samples';
import { until } from '../../nodes/support/until';

const STRATEGIES: AssignmentStrategy[] = ['roundRobin', 'leastOpen', 'lowestLoad', 'longestIdle'];
const by = (strategy: AssignmentStrategy) => ({ strategy, onlyOnline: true, maxOpen: null });

/** By the clocks of Cairo, which is two hours ahead of UTC in winter: tests begin at 11:00 there. */
const shiftIn = (from: string, to: string): BusinessHours => ({
	timeZone: 'Africa/Cairo',
	weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from, to }],
	holidays: [],
});

/**
 * What users of other systems have seen and reported, each as it would happen here. The numbers are
 * those of the issues in the trackers of Chatwoot and Rocket.Chat. Those that are about coming back
 * from an agent are in complaintsReturns.ts.
 */
export function complaintsSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	/** The contact writes, and is routed and assigned a second after what happened before. */
	const writes = async (who: string, changes: Parameters<typeof handled>[3] = {}) => {
		clock.advance(SECOND);
		return (await handled(store, who, 'sales', changes)).id;
	};
	const agentsOf = async (...ids: string[]) =>
		await Promise.all(ids.map(async (id) => await assigneeOf(store, id)));
	/** Online, but not before an hour from now: then it is her shift, and nobody calls. */
	const comesInAnHour = async (key: string) =>
		await store.upsertAgent({ key, shifts: shiftIn('12:00', '16:00'), source: 'user' });
	const waitingOf = async () => (await store.getTeam('sales')).queued;

	describe('who waits is forgotten', () => {
		test('everybody was busy when I wrote, and when an agent came free a later customer was served (Chatwoot #10376)', async () => {
			await team(store, 'sales', { ann: 1, bob: 1 });
			const served = [await writes('first'), await writes('second')];
			const early = await writes('early');
			const late = await writes('late');
			clock.advance(10 * MINUTE);
			expect(await agentsOf(early, late)).toEqual([null, null]);
			expect((await close(store, served[0] ?? '')).assignedFromQueue).toBe(1);
			expect(await agentsOf(early, late)).toEqual(['ann', null]);
			await close(store, served[1] ?? '');
			expect(await agentsOf(early, late)).toEqual(['ann', 'bob']);
			expect(await lastEvent(store, early, 'assigned')).toMatchObject({
				waitedMs: 10 * MINUTE + SECOND,
			});
		});

		test('the fourth customer waits while the fifth is served (Chatwoot #10583)', async () => {
			await team(store, 'sales', { ann: 3 });
			const first = await writes('1');
			await writes('2');
			await writes('3');
			const fourth = await writes('4');
			await close(store, first);
			const fifth = await writes('5');
			expect(await agentsOf(fourth, fifth)).toEqual(['ann', null]);
		});

		test('the fourth customer waits while the fifth is served: also when the agent came by the clock (Chatwoot #10583)', async () => {
			await team(store, 'sales', { ann: 1 });
			await comesInAnHour('ann');
			const fourth = await writes('4');
			expect(await agentsOf(fourth)).toEqual([null]);
			clock.advance(HOUR);
			// The shift has begun, and the pump has not looked yet.
			const fifth = await writes('5');
			expect(await agentsOf(fourth, fifth)).toEqual(['ann', null]);
		});

		test('all agents were offline when I wrote, and when they came online nothing happened (Chatwoot #10685)', async () => {
			await team(store, 'sales', { ann: 2, bob: 2 });
			for (const agent of ['ann', 'bob']) await setOnline(store, agent, false);
			const ids = [await writes('1'), await writes('2'), await writes('3')];
			clock.advance(8 * HOUR);
			expect(await agentsOf(...ids)).toEqual([null, null, null]);
			expect((await setOnline(store, 'bob')).assignedFromQueue).toBe(2);
			expect(await agentsOf(...ids)).toEqual(['bob', 'bob', null]);
			expect((await setOnline(store, 'ann')).assignedFromQueue).toBe(1);
			expect(await waitingOf()).toBe(0);
		});

		test('after a week nobody looks at me any more (Chatwoot #10685)', async () => {
			await team(store, 'sales', { ann: 1 });
			await setOnline(store, 'ann', false);
			const old = await writes('old');
			clock.advance(30 * DAY);
			await store.doDueWork();
			const fresh = await writes('fresh');
			await setOnline(store, 'ann');
			expect(await agentsOf(old, fresh)).toEqual(['ann', null]);
		});

		test('there is no queue: while all are busy chats go to overloaded agents, and others stay idle (Chatwoot #13050)', async () => {
			await team(store, 'sales', { ann: 1, bob: 1, cem: 1 });
			await setOnline(store, 'cem', false);
			const burst = [];
			for (let i = 0; i < 10; i++) burst.push(await writes(`${i}`));
			expect(await agentsOverCapacity(store)).toEqual([]);
			expect(await agentsOf(...burst.slice(0, 2))).toEqual(['ann', 'bob']);
			const places = await Promise.all(
				burst.slice(2).map(async (id) => (await conversationOf(store, id)).queue?.position),
			);
			expect(places).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
			// None is idle while somebody waits, and none is lost: each gets an agent in the order they came.
			await setOnline(store, 'cem');
			for (const [i, id] of burst.entries()) {
				expect(await assigneeOf(store, id)).not.toBeNull();
				expect(await waitingOf()).toBe(Math.max(0, 7 - i));
				await close(store, id);
			}
		});
	});

	describe('agents who are not there', () => {
		const prefer = (waitAtMost: number) => ({ prefer: { within: 7 * DAY, waitAtMost } });

		/** Ann has had the contact's conversation before, and it is closed. */
		const knownTo = async (agent: string, who: string) => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const before = await writes(who, { to: { kind: 'agent', agent } });
			await close(store, before);
			clock.advance(HOUR);
		};

		test('my agent had gone home, and my reply to the closed conversation went to her (Chatwoot #7204)', async () => {
			await knownTo('ann', 'me');
			await setOnline(store, 'ann', false);
			expect(await agentsOf(await writes('me', prefer(0)))).toEqual(['bob']);
		});

		test('I come back, and get the agent I had, whether she is logged in or not (Chatwoot #4158)', async () => {
			await knownTo('ann', 'me');
			const there = await writes('me', prefer(0));
			expect(await agentsOf(there)).toEqual(['ann']);
			await close(store, there);
			await setOnline(store, 'ann', false);
			const waits = await writes('me', prefer(10 * MINUTE));
			expect(await conversationOf(store, waits)).toMatchObject({ assignee: null, queue: {} });
			// She is waited for, and not longer than was said.
			clock.advance(10 * MINUTE);
			await store.doDueWork();
			expect(await agentsOf(waits)).toEqual(['bob']);
		});

		test('all were resolved at the end of a shift, and what was written after it went to those who had left (Chatwoot #9587)', async () => {
			await knownTo('ann', 'me');
			// She left online on, and it is noon by now.
			await store.upsertAgent({ key: 'ann', shifts: shiftIn('08:00', '12:00'), source: 'user' });
			expect(await agentsOf(await writes('me', prefer(0)), await writes('another'))).toEqual([
				'bob',
				'bob',
			]);
		});

		test('nobody is there at all: it is not given to somebody who is offline (Chatwoot #7204)', async () => {
			await knownTo('ann', 'me');
			for (const agent of ['ann', 'bob']) await setOnline(store, agent, false);
			const id = await writes('me', prefer(0));
			expect(await conversationOf(store, id)).toMatchObject({ assignee: null, queue: {} });
			await setOnline(store, 'bob');
			expect(await agentsOf(id)).toEqual(['bob']);
		});
	});

	describe('too much for one, nothing for another', () => {
		test.each(STRATEGIES)(
			'agents can have so many at a time, and turns go on as if they had none (Chatwoot #1198): %s',
			async (strategy) => {
				await team(store, 'care');
				await team(store, 'sales', { ann: 2 });
				await online(store, 'bob', ['sales', 'care'], 1);
				// The limit of bob counts in all teams.
				await handled(store, 'of care', 'care', { policy: by(strategy) });
				const ids = [];
				for (let i = 0; i < 4; i++) ids.push(await writes(`${i}`, { policy: by(strategy) }));
				expect(await agentsOf(...ids)).toEqual(['ann', 'ann', null, null]);
				expect(await agentsOverCapacity(store)).toEqual([]);
			},
		);

		test('the limit of an inbox is passed over (Chatwoot #1198)', async () => {
			await team(store, 'sales', { ann: 5, bob: null });
			const policy = { ...by('roundRobin'), maxOpen: 1 };
			const ids = [];
			for (let i = 0; i < 4; i++) ids.push(await writes(`${i}`, { policy }));
			expect(await agentsOf(...ids)).toEqual(['ann', 'bob', null, null]);
		});

		test.each(STRATEGIES)(
			'with a limit of four one agent is filled while the others have none (Chatwoot #11034): %s',
			async (strategy) => {
				await team(store, 'sales', { ann: 4, bob: 4, cem: 4, dan: 4 });
				const has = new Map(['ann', 'bob', 'cem', 'dan'].map((agent) => [agent, 0]));
				for (let i = 0; i < 16; i++) {
					const [agent] = await agentsOf(await writes(`${i}`, { policy: by(strategy) }));
					has.set(agent ?? '', (has.get(agent ?? '') ?? 0) + 1);
					const counts = [...has.values()];
					expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
				}
				expect([...has.values()]).toEqual([4, 4, 4, 4]);
			},
		);

		test.each(STRATEGIES)(
			'who comes back from holidays gets every chat until she has had as many as the others (Rocket.Chat #13134): %s',
			async (strategy) => {
				await team(store, 'sales', { ann: null, bob: null });
				await setOnline(store, 'bob', false);
				for (let i = 0; i < 6; i++) {
					await close(store, await writes(`before ${i}`, { policy: by(strategy) }));
				}
				clock.advance(14 * DAY);
				await setOnline(store, 'bob');
				const got = [];
				for (let i = 0; i < 6; i++) {
					got.push(...(await agentsOf(await writes(`after ${i}`, { policy: by(strategy) }))));
				}
				// Bob is the next, and from then on they take turns.
				expect(got).toEqual(['bob', 'ann', 'bob', 'ann', 'bob', 'ann']);
			},
		);

		test.each(STRATEGIES)(
			'who comes back while others are full is not given all that waits beyond her capacity (Rocket.Chat #13134): %s',
			async (strategy) => {
				await team(store, 'sales', { ann: 2, bob: 2 });
				await setOnline(store, 'bob', false);
				for (let i = 0; i < 8; i++) await writes(`${i}`, { policy: by(strategy) });
				expect((await setOnline(store, 'bob')).assignedFromQueue).toBe(2);
				expect(await waitingOf()).toBe(4);
			},
		);
	});

	describe('assignment stops, and nobody is told (Chatwoot #6427)', () => {
		test('an agent was deleted by mistake and created again: nothing is assigned any more', async () => {
			await team(store, 'sales', { ann: 1 });
			const before = await writes('before');
			await store.deleteAgent({ key: 'ann', source: 'user' });
			expect(await conversationOf(store, before)).toMatchObject({ assignee: null, queue: {} });
			await online(store, 'ann', ['sales'], 2);
			const after = await writes('after');
			// The agent who was deleted stays excluded for what she had; all else goes on.
			expect(await agentsOf(before, after)).toEqual([null, 'ann']);
			await online(store, 'bob', ['sales'], 2);
			expect(await agentsOf(before)).toEqual(['bob']);
		});

		test('one conversation that nobody can take stands before all others', async () => {
			await team(store, 'sales', { ann: 1 });
			const busy = await writes('busy');
			const policy = { ...by('roundRobin'), skills: ['a skill that nobody has'] };
			const stuck = await writes('stuck', { policy, relaxAfter: null });
			const next = await writes('next');
			await close(store, busy);
			expect(await agentsOf(stuck, next)).toEqual([null, 'ann']);
		});

		test('one that asks for more than there is stands before one that asks no longer', async () => {
			await team(store, 'sales', { ann: 1 });
			await setOnline(store, 'ann', false);
			const policy = { ...by('roundRobin'), skills: ['a skill that nobody has'] };
			const stuck = await writes('stuck', { policy, relaxAfter: null });
			const relaxed = await writes('relaxed', { policy, relaxAfter: MINUTE });
			clock.advance(MINUTE);
			await setOnline(store, 'ann');
			expect(await agentsOf(stuck, relaxed)).toEqual([null, 'ann']);
		});

		test('one piece of work fails each time, and what comes after it is never done', async () => {
			await team(store, 'sales', { ann: 1 });
			await comesInAnHour('ann');
			const id = await writes('waits');
			clock.advance(HOUR);
			const failing = async () => await Promise.reject(new Error('This row is damaged'));
			dueWork.unshift(failing);
			try {
				// It is told, and the rest is done all the same.
				await expect(store.doDueWork()).rejects.toThrow('This row is damaged');
			} finally {
				dueWork.splice(dueWork.indexOf(failing), 1);
			}
			expect(await agentsOf(id)).toEqual(['ann']);
		});

		test('the process that assigned was killed: another one goes on', async () => {
			await team(store, 'sales', { ann: 1 });
			await comesInAnHour('ann');
			const id = await writes('waits');
			clock.advance(HOUR);
			const { workspace } = store;
			const killed = await engine.openClient({ workspace, clock });
			const pump = { name: `pump:${workspace}`, duration: 20 * SECOND };
			expect(await killed.takeLease(pump)).toBe(true);
			// As long as it may be alive, it is left to it; and no longer.
			expect(await store.takeLease(pump)).toBe(false);
			clock.advance(20 * SECOND + 1);
			const failures: unknown[] = [];
			const stop = startPump(store, (error) => failures.push(error), 1);
			try {
				await until(async () => (await assigneeOf(store, id)) === 'ann');
			} finally {
				stop();
			}
			expect(failures).toEqual([]);
		});
	});
}
