import fc from 'fast-check';
import {
	replayAssignment,
	type AssignmentHistory,
	type ReplayedArrival,
	type ReplayResult,
} from '../../nodes/decisions/assignmentReplay';
import type { ReplayAgent } from '../../nodes/decisions/assignmentReplayDesks';
import type { Arrival, ReplayPolicy } from '../../nodes/decisions/assignmentReplayQueue';
import { figuresOf, reportReplay } from '../../nodes/decisions/assignmentReplayReport';
import type { Availability } from '../../nodes/decisions/contracts';
import { MinHeap } from '../../nodes/decisions/minHeap';
import { STRATEGIES } from './support/assignment';

const END = 1000;
const ROUND_ROBIN: ReplayPolicy = { strategy: 'roundRobin', onlyOnline: true, maxOpen: null };

const someone = (key: string, values: Partial<ReplayAgent> = {}): ReplayAgent => ({
	...{ key, name: key.toUpperCase(), teams: ['t'], capacity: null, skills: [], languages: [] },
	...{ presence: 'online', changes: [] },
	...values,
});

const arrival = (id: string, at: number, values: Partial<Arrival> = {}): Arrival => ({
	...{ id, at, team: 't', pool: { team: 't' }, weight: 1, priority: 0, skills: [], language: null },
	...{ relaxAt: null, prefer: null, excluded: [], handling: 10, leavesAt: null, happened: null },
	byHand: false,
	...values,
});

const past = (
	agents: ReplayAgent[],
	arrivals: Arrival[],
	values: Partial<AssignmentHistory> = {},
): AssignmentHistory => ({ agents, arrivals, from: 0, to: END, until: END, ...values });

function replay(history: AssignmentHistory, policy = ROUND_ROBIN, explain?: number): ReplayResult {
	const steps = replayAssignment(history, policy, explain);
	for (;;) {
		const step = steps.next();
		if (step.done) return step.value;
	}
}

const outcome = ({ conversations }: ReplayResult) =>
	conversations.map(({ arrival: { id }, agent, at }) => `${id}:${agent ?? '-'}@${at ?? '-'}`);

describe('the past again', () => {
	test('agents take turns, who waits is served by priority and first queue time', () => {
		const agents = [someone('a', { capacity: 1 }), someone('b', { capacity: 1 })];
		const arrivals = [
			arrival('1', 10, { handling: 50 }),
			arrival('2', 20, { handling: 20 }),
			arrival('3', 30),
			arrival('4', 35, { priority: 5 }),
		];
		expect(outcome(replay(past(agents, arrivals)))).toEqual([
			'1:a@10',
			'2:b@20',
			'3:b@50',
			'4:b@40',
		]);
	});

	test('a head that nobody can take keeps nobody waiting', () => {
		const arrivals = [
			arrival('1', 10, { skills: ['loans'], priority: 9 }),
			arrival('2', 20),
			arrival('3', 30, { weight: 5 }),
			arrival('4', 40),
		];
		const agents = [
			someone('a', { capacity: 2, presence: 'offline', changes: [{ at: 100, to: 'online' }] }),
		];
		expect(outcome(replay(past(agents, arrivals)))).toEqual([
			'1:-@-',
			'2:a@100',
			'3:-@-',
			'4:a@100',
		]);
	});

	test('coming online, and going: only who is there gets anything', () => {
		const changes = [
			{ at: 15, to: 'away' as const },
			{ at: 40, to: 'online' as const },
		];
		const arrivals = [arrival('1', 10), arrival('2', 20)];
		expect(outcome(replay(past([someone('a', { changes })], arrivals)))).toEqual([
			'1:a@10',
			'2:a@40',
		]);
		const anyway = { ...ROUND_ROBIN, onlyOnline: false };
		expect(outcome(replay(past([someone('a', { changes })], arrivals), anyway))).toEqual([
			'1:a@10',
			'2:a@20',
		]);
	});

	test('skills are asked for until they are relaxed; the agent before is waited for until then', () => {
		const agents = [someone('a'), someone('b', { capacity: 1 })];
		const arrivals = [
			arrival('1', 5, { handling: 500, pool: { agent: 'b' } }),
			arrival('2', 10, { skills: ['loans'], relaxAt: 60 }),
			arrival('3', 20, { prefer: { agent: 'b', until: 70 } }),
			arrival('4', 30, { prefer: { agent: 'b', until: null } }),
			arrival('5', 40, { prefer: { agent: 'a', until: null } }),
		];
		expect(outcome(replay(past(agents, arrivals)))).toEqual([
			...['1:b@5', '2:a@60', '3:a@70', '4:a@30', '5:a@40'],
		]);
	});

	test('who left while waiting is gone; taken sooner, it lasts until it closed then', () => {
		const busy = someone('a', { capacity: 1 });
		const arrivals = [
			arrival('1', 10, { handling: 100 }),
			arrival('2', 20, { handling: null, leavesAt: 50 }),
			arrival('3', 30),
		];
		const result = replay(past([busy], arrivals));
		expect(outcome(result)).toEqual(['1:a@10', '2:-@-', '3:a@110']);
		expect(result.conversations[1]).toMatchObject({ waits: false });
		const two = replay(past([busy, someone('b', { capacity: 1 })], arrivals));
		expect(outcome(two)).toEqual(['1:a@10', '2:b@20', '3:b@50']);
	});

	test('what was given by hand is given again, unless it was taken before', () => {
		const byHand = { byHand: true, happened: { agent: 'b', at: 40 } };
		const agents = [someone('a', { capacity: 1 }), someone('b', { presence: 'away' })];
		const arrivals = [arrival('1', 10, { handling: 500 }), arrival('2', 20, byHand)];
		const result = replay(past(agents, arrivals));
		expect(outcome(result)).toEqual(['1:a@10', '2:b@40']);
		expect(reportReplay(result)).toMatchObject({ byHand: 1, same: 1, different: 1 });
		expect(outcome(replay(past([someone('a')], arrivals)))).toEqual(['1:a@10', '2:a@20']);
		// Also to somebody who is no agent any more, and beyond capacity.
		const gone = arrival('3', 30, { byHand: true, happened: { agent: 'gone', at: 30 } });
		expect(outcome(replay(past(agents, [gone])))).toEqual(['3:gone@30']);
	});

	test('what somebody did before their team was first asked for is known', () => {
		const agents = [
			someone('a', { teams: ['t', 'u'], changes: [{ at: 2, to: 'online' }] }),
			someone('b', { teams: ['t'], changes: [{ at: 3, to: 'away' }] }),
			someone('c', { teams: ['t'] }),
		];
		const byHand = { byHand: true, happened: { agent: 'a', at: 10 }, handling: 1 };
		const arrivals = [
			arrival('1', 10, { ...byHand, team: 'u', pool: { team: 'u' } }),
			arrival('2', 20, { happened: { agent: 'x', at: 20 } }),
		];
		const policy: ReplayPolicy = { ...ROUND_ROBIN, strategy: 'longestIdle' };
		const result = replay(past(agents, arrivals), policy);
		expect(outcome(result)).toEqual(['1:a@10', '2:c@20']);
		expect(result.conversations[1]?.explanation).toContain('B left out: away since 00:00 UTC');
	});

	test('nothing happens after what is known', () => {
		const arrivals = [arrival('1', 10), arrival('2', 20), arrival('3', 90)];
		const result = replay(past([someone('a', { capacity: 1 })], arrivals, { until: 15 }));
		expect(outcome(result)).toEqual(['1:a@10']);
	});

	test('a long replay lets others work in between', () => {
		const arrivals = Array.from({ length: 600 }, (_, index) => arrival(`${index}`, index));
		const steps = [...replayAssignment(past([someone('a')], arrivals), ROUND_ROBIN)];
		expect(steps.length).toBeGreaterThan(2);
	});

	test('explains as many as are asked for, and only those that went elsewhere', () => {
		const then = { happened: { agent: 'b', at: 10 } };
		const arrivals = ['1', '2', '3'].map((id) => arrival(id, Number(id), then));
		const { conversations } = replay(past([someone('a')], arrivals), ROUND_ROBIN, 2);
		expect(conversations.map(({ explanation }) => explanation !== null)).toEqual([
			true,
			true,
			false,
		]);
		expect(conversations[0]?.explanation).toContain('A is the only agent');
	});
});

describe('the report', () => {
	const happened = (agent: string, at: number) => ({ happened: { agent, at } });
	const result = replay(
		past(
			[someone('a', { capacity: 1 }), someone('b', { presence: 'offline' })],
			[
				arrival('1', 0, { ...happened('a', 0), handling: 100 }),
				arrival('2', 50, { ...happened('b', 150), handling: 100 }),
				arrival('3', 60, { team: null, handling: null, leavesAt: 70 }),
			],
		),
	);

	test('figures of then beside those of the replay', () => {
		expect(reportReplay(result)).toMatchObject({
			...{ conversations: 3, same: 2, different: 1, differentShare: 1 / 3, byHand: 0 },
			waits: {
				happened: { assigned: 2, atOnce: 1, mean: 50, median: 0, percentile95: 100, longest: 100 },
				replayed: { assigned: 2, atOnce: 1, mean: 25, median: 0, percentile95: 50, longest: 50 },
			},
			neverAssigned: { happened: 1, replayed: 1 },
			agents: [
				{ key: 'a', happened: 1, replayed: 2, change: 1, mostOpen: 1, online: END, busyShare: 0.2 },
				{ key: 'b', happened: 1, replayed: 0, change: -1, mostOpen: 0, online: 0, busyShare: null },
			],
			differing: [{ arrival: { id: '2' }, agent: 'a' }],
		});
	});

	test('of some conversations only', () => {
		const report = reportReplay(result, ({ arrival: { team } }) => team === null);
		expect(report).toMatchObject({ conversations: 1, same: 1, differentShare: 0 });
		expect(report.waits.happened).toEqual({
			...{ assigned: 0, atOnce: 0, mean: null, median: null, percentile95: null, longest: null },
		});
		expect(reportReplay(result, () => false).differentShare).toBeNull();
	});

	test('percentiles are waits that somebody had', () => {
		const waits = Array.from({ length: 20 }, (_, index) => index + 1);
		expect(figuresOf(waits)).toMatchObject({ median: 10, percentile95: 19, longest: 20 });
		expect(figuresOf([7])).toMatchObject({ median: 7, percentile95: 7, longest: 7 });
	});
});

test('a heap gives the smallest first', () => {
	fc.assert(
		fc.property(fc.array(fc.integer()), (numbers) => {
			const heap = new MinHeap<number>((a, b) => a - b);
			for (const each of numbers) heap.push(each);
			const sorted = numbers.map(() => heap.pop());
			expect(sorted).toEqual([...numbers].sort((a, b) => a - b));
			expect(heap.pop()).toBeUndefined();
		}),
	);
});

describe('rules that always hold', () => {
	const time = fc.integer({ min: 0, max: 300 });
	const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
	const keys = ['a', 'b', 'c', 'd'];
	const presence = fc.constantFrom<Availability>('online', 'online', 'away', 'offline');
	const anyAgents = fc
		.array(
			fc.record({
				teams: fc.subarray(['t', 'u'], { minLength: 1 }),
				capacity: orNull(fc.integer({ min: 0, max: 3 })),
				skills: fc.subarray(['x']),
				presence,
				changes: fc
					.uniqueArray(fc.record({ at: time, to: presence }), {
						selector: ({ at }) => at,
						maxLength: 4,
					})
					.map((changes) => changes.sort((a, b) => a.at - b.at)),
			}),
			{ minLength: 1, maxLength: 4 },
		)
		.map((all) => all.map((values, index) => someone(keys[index]!, values)));
	const anyArrivals = fc
		.uniqueArray(
			fc.record({
				at: time,
				team: fc.constantFrom('t', 't', 'u', null),
				weight: fc.constantFrom(1, 1, 2),
				priority: fc.constantFrom(0, 0, 3),
				skills: fc.constantFrom<string[]>([], [], ['x']),
				relaxAt: orNull(time),
				prefer: orNull(fc.record({ agent: fc.constantFrom(...keys), until: orNull(time) })),
				excluded: fc.constantFrom<string[]>([], [], ['a']),
				handling: orNull(fc.integer({ min: 0, max: 80 })),
				leavesIn: orNull(fc.integer({ min: 0, max: 80 })),
				hand: orNull(
					fc.record({ agent: fc.constantFrom(...keys), in: fc.integer({ min: 0, max: 50 }) }),
				),
			}),
			{ selector: ({ at }) => at, maxLength: 40 },
		)
		.map((all) =>
			all.map(({ leavesIn, hand, at, team, handling, ...rest }, index) =>
				arrival(`c${String(index).padStart(2, '0')}`, at, {
					...rest,
					...{ team, pool: { team }, handling },
					...(hand ? { byHand: true, happened: { agent: hand.agent, at: at + hand.in } } : {}),
					leavesAt: leavesIn === null || hand ? null : at + leavesIn,
				}),
			),
		);
	const anyPolicy = fc.record<ReplayPolicy>({
		strategy: fc.constantFrom(...STRATEGIES),
		onlyOnline: fc.boolean(),
		maxOpen: orNull(fc.integer({ min: 1, max: 3 })),
	});
	const anyPast = fc
		.tuple(anyAgents, anyArrivals, fc.integer({ min: 1, max: 500 }))
		.map(([agents, arrivals, until]) => past(agents, arrivals, { until }));

	/** From when until when an agent had a conversation. */
	const lastsUntil = ({ arrival: { handling, leavesAt }, at }: ReplayedArrival) =>
		Math.max(at!, leavesAt ?? (handling === null ? Infinity : at! + handling));
	const isGiven = ({ arrival: { byHand, happened }, agent, at }: ReplayedArrival) =>
		byHand && happened?.agent === agent && happened.at === at;
	const presenceAt = ({ presence: first, changes }: ReplayAgent, at: number) =>
		changes.filter((change) => change.at <= at).at(-1)?.to ?? first;
	/** Units open at a moment, what is assigned at that moment included. */
	const unitsAt = (conversations: ReplayedArrival[], agent: string, at: number) =>
		conversations
			.filter((one) => one.agent === agent && one.at! <= at && lastsUntil(one) > at)
			.reduce((sum, one) => sum + one.arrival.weight, 0);

	test('every conversation is assigned once, waits still, or has left', () => {
		fc.assert(
			fc.property(anyPast, anyPolicy, (history, policy) => {
				const { conversations, agents } = replay(history, policy);
				const came = history.arrivals.filter(({ at }) => at <= history.until);
				expect(conversations.map(({ arrival: { id } }) => id).sort()).toEqual(
					came.map(({ id }) => id).sort(),
				);
				for (const { arrival: one, agent, at, waits } of conversations) {
					expect(agent === null).toBe(at === null);
					if (agent !== null) expect(waits).toBe(false);
					else if (!waits) expect(one.leavesAt).toBeLessThanOrEqual(history.until);
					if (at !== null) expect(at).toBeGreaterThanOrEqual(one.at);
				}
				const assigned = conversations.filter(({ agent }) => agent !== null).length;
				expect(agents.reduce((sum, { assignments }) => sum + assignments, 0)).toBe(assigned);
			}),
		);
	});

	test('nobody gets more than fits, or what the policy would not give', () => {
		fc.assert(
			fc.property(anyPast, anyPolicy, (history, policy) => {
				const { conversations } = replay(history, policy);
				for (const one of conversations) {
					if (one.agent === null || isGiven(one)) continue;
					const agent = history.agents.find(({ key }) => key === one.agent)!;
					const limit = Math.min(agent.capacity ?? Infinity, policy.maxOpen ?? Infinity);
					// Who is given something by hand at the same moment is over it after that.
					const others = conversations.filter((other) => !isGiven(other) || other.at !== one.at);
					expect(unitsAt(others, agent.key, one.at!)).toBeLessThanOrEqual(limit);
					if (policy.onlyOnline) expect(presenceAt(agent, one.at!)).toBe('online');
					expect(one.arrival.excluded).not.toContain(agent.key);
					if (one.arrival.team !== null) expect(agent.teams).toContain(one.arrival.team);
					const relaxed = one.arrival.relaxAt !== null && one.arrival.relaxAt <= one.at!;
					if (!relaxed) expect(agent.skills).toEqual(expect.arrayContaining(one.arrival.skills));
				}
			}),
		);
	});

	test('nobody waits whom an agent could take at this moment', () => {
		fc.assert(
			fc.property(anyPast, anyPolicy, (history, policy) => {
				const { conversations } = replay(history, policy);
				const now = history.until;
				for (const { arrival: one } of conversations.filter(({ waits }) => waits)) {
					if (one.prefer && (one.prefer.until ?? 0) > now) continue;
					const relaxed = one.relaxAt !== null && one.relaxAt <= now;
					const free = history.agents.filter(
						(agent) =>
							(one.team === null || agent.teams.includes(one.team)) &&
							!one.excluded.includes(agent.key) &&
							(!policy.onlyOnline || presenceAt(agent, now) === 'online') &&
							(relaxed || one.skills.every((skill) => agent.skills.includes(skill))) &&
							unitsAt(conversations, agent.key, now) + one.weight <=
								Math.min(agent.capacity ?? Infinity, policy.maxOpen ?? Infinity),
					);
					expect(free.map(({ key }) => key)).toEqual([]);
				}
			}),
			{ numRuns: 400 },
		);
	});

	test('of two that are alike, the one before in the queue is served first', () => {
		fc.assert(
			fc.property(anyPast, anyPolicy, (history, policy) => {
				const { conversations } = replay(history, policy);
				const plain = conversations.filter(
					({ arrival: { skills, prefer, excluded, weight, byHand, leavesAt } }) =>
						skills.length + excluded.length === 0 &&
						!prefer &&
						weight === 1 &&
						!byHand &&
						leavesAt === null,
				);
				for (const first of plain) {
					for (const second of plain) {
						const [a, b] = [first.arrival, second.arrival];
						if (a.team !== b.team || second.at === null || a.at > second.at) continue;
						const before = a.priority > b.priority || (a.priority === b.priority && a.at < b.at);
						if (before) expect(first.at ?? Infinity).toBeLessThanOrEqual(second.at);
					}
				}
			}),
		);
	});

	test('same past, same outcome, in whatever order it is given; and the past stays as it is', () => {
		fc.assert(
			fc.property(anyPast, anyPolicy, (history, policy) => {
				const before = JSON.stringify(history);
				const result = replay(history, policy);
				expect(JSON.stringify(history)).toBe(before);
				const turned = {
					...history,
					arrivals: [...history.arrivals].reverse(),
					agents: [...history.agents].reverse(),
				};
				expect(outcome(replay(turned, policy))).toEqual(outcome(result));
			}),
		);
	});

	test('time online and busy is within the period', () => {
		fc.assert(
			fc.property(anyPast, anyPolicy, (history, policy) => {
				for (const { online, busy } of replay(history, policy).agents) {
					expect(online).toBeLessThanOrEqual(Math.min(history.until, history.to));
					expect(busy).toBeLessThanOrEqual(online);
				}
			}),
		);
	});
});
