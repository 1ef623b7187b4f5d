import fc from 'fast-check';
import type { Availability } from '../../nodes/decisions/contracts';
import { fairnessOf, giniOf, timeOnline, type AgentShare } from '../../nodes/decisions/fairness';

const HOUR = 60 * 60_000;
const share = (key: string, assignments: number, hours: number, byHand = 0): AgentShare => ({
	...{ key, name: key.toUpperCase(), assignments, byHand, online: hours * HOUR },
});

describe('time online', () => {
	const changes = [
		{ at: 10, to: 'online' as const },
		{ at: 30, to: 'away' as const },
		{ at: 50, to: 'online' as const },
	];

	test.each([
		['offline', 0, 100, 70],
		['online', 0, 100, 80],
		['offline', 20, 60, 20],
		['offline', 30, 50, 0],
		['offline', 60, 60, 0],
		['away', 0, 5, 0],
	] as const)('%s at first, from %d to %d: %d', (presence, from, to, online) => {
		expect(timeOnline({ presence, changes }, from, to)).toBe(online);
	});

	test('of two periods side by side it is the sum', () => {
		const presence = fc.constantFrom<Availability>('online', 'away', 'offline');
		const time = fc.integer({ min: 0, max: 100 });
		const anyChanges = fc
			.array(fc.record({ at: time, to: presence }))
			.map((all) => all.sort((a, b) => a.at - b.at));
		fc.assert(
			fc.property(presence, anyChanges, time, time, time, (first, all, ...times) => {
				const [a, b, c] = times.sort((x, y) => x - y) as [number, number, number];
				const line = { presence: first, changes: all };
				expect(timeOnline(line, a, b) + timeOnline(line, b, c)).toBe(timeOnline(line, a, c));
				expect(timeOnline(line, a, c)).toBeLessThanOrEqual(c - a);
			}),
		);
	});
});

describe('fairness', () => {
	test('by online time: half the hours, half the conversations is fair', () => {
		const report = fairnessOf([share('a', 20, 8), share('b', 10, 4, 3), share('c', 0, 0)]);
		expect(report).toMatchObject({
			...{ assignments: 30, byHand: 3, online: 12 * HOUR, gini: 0 },
			spread: { highest: 1, lowest: 1, difference: 0 },
			agents: [
				{ key: 'a', expected: 20, index: 1, assignmentsPerHour: 2.5 },
				{ key: 'b', expected: 10, index: 1, assignmentsPerHour: 2.5 },
				{ key: 'c', expected: 0, index: null, assignmentsPerHour: null },
			],
		});
	});

	test('who had most over their share comes first', () => {
		const { agents, spread, gini } = fairnessOf([share('a', 5, 5), share('b', 15, 5)]);
		expect(agents.map(({ key, index }) => [key, index])).toEqual([
			['b', 1.5],
			['a', 0.5],
		]);
		expect(spread).toEqual({ highest: 1.5, lowest: 0.5, difference: 1 });
		expect(gini).toBeCloseTo(0.25);
	});

	test('one who gets everything, and nothing to compare', () => {
		const four = [share('a', 100, 1), share('b', 0, 1), share('c', 0, 1), share('d', 0, 1)];
		expect(giniOf(four)).toBeCloseTo(0.75);
		expect(fairnessOf([])).toMatchObject({ assignments: 0, spread: null, gini: null, agents: [] });
		expect(fairnessOf([share('a', 0, 5)])).toMatchObject({
			...{ gini: null, spread: { highest: 1, lowest: 1 } },
		});
		// Given although nobody was online: only a policy that takes anybody does.
		expect(fairnessOf([share('a', 3, 0)])).toMatchObject({
			assignments: 3,
			spread: null,
			gini: null,
		});
	});

	const shares = fc.array(
		fc.record({
			...{ key: fc.string(), name: fc.string(), byHand: fc.constant(0) },
			...{ assignments: fc.nat(200), online: fc.nat(40).map((hours) => hours * HOUR) },
		}),
		{ maxLength: 12 },
	);

	test('what is expected adds up to what was assigned, if anybody was there', () => {
		fc.assert(
			fc.property(shares, (all) => {
				const { agents, assignments, online } = fairnessOf(all);
				const expected = agents.reduce((sum, one) => sum + one.expected, 0);
				expect(expected).toBeCloseTo(online === 0 ? 0 : assignments, 6);
			}),
		);
	});

	test('Gini is between 0 and 1, by its definition, and the same for twice as much of all', () => {
		fc.assert(
			fc.property(shares, (all) => {
				const gini = giniOf(all);
				if (gini === null) return;
				expect(gini).toBeGreaterThanOrEqual(0);
				expect(gini).toBeLessThan(1);
				const present = all.filter(({ online }) => online > 0);
				const time = present.reduce((sum, one) => sum + one.online, 0);
				const given = present.reduce((sum, one) => sum + one.assignments, 0);
				const rate = (one: (typeof all)[number]) => one.assignments / one.online;
				let apart = 0;
				for (const a of present) {
					for (const b of present) apart += a.online * b.online * Math.abs(rate(a) - rate(b));
				}
				expect(gini).toBeCloseTo(apart / (2 * time * given), 9);
				const twice = all.map((one) => ({ ...one, assignments: 2 * one.assignments }));
				expect(giniOf(twice)).toBeCloseTo(gini, 9);
			}),
		);
	});
});
