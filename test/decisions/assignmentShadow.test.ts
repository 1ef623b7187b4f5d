import fc from 'fast-check';
import { decideAssignment } from '../../nodes/decisions/assignment';
import { chooseAgent } from '../../nodes/decisions/assignmentChoice';
import { decideShadow } from '../../nodes/decisions/assignmentShadow';
import { ShadowTally, type ShadowComparison } from '../../nodes/decisions/assignmentShadowTally';
import { agent, anyAgents, anyPolicy, NOW, policy, STRATEGIES } from './support/assignment';

test('the same policy beside itself agrees, and says the same', () => {
	fc.assert(
		fc.property(anyAgents, anyPolicy, (agents, policies) => {
			const live = decideAssignment(agents, policies, NOW);
			const { strategy } = policies;
			expect(decideShadow(agents, policies, { strategy }, live, NOW)).toEqual({
				...{ strategy, chosen: live.chosen, agrees: true, explanation: live.explanation },
			});
		}),
	);
});

test('another agrees exactly when it chooses the same; what is not said is as in the policy', () => {
	fc.assert(
		fc.property(
			anyAgents,
			anyPolicy,
			fc.constantFrom(...STRATEGIES),
			(agents, policies, strategy) => {
				const live = decideAssignment(agents, policies, NOW);
				const shadow = decideShadow(agents, policies, { strategy }, live, NOW);
				expect(shadow.agrees).toBe(shadow.chosen?.key === live.chosen?.key);
				// Who may be chosen is the same, so both have somebody or neither has.
				expect(shadow.chosen === null).toBe(live.chosen === null);
			},
		),
	);
});

test('a round robin beside another strategy does not go by turns that nobody moves on', () => {
	const agents = [
		agent('a', { turnCount: 9, lastTurn: 9, lastAssignedAt: NOW - 9 }),
		agent('b', { turnCount: 1, lastTurn: 1, lastAssignedAt: NOW - 1 }),
	];
	const besides = (strategy: (typeof STRATEGIES)[number]) => {
		const live = decideAssignment(agents, policy({ strategy }), NOW);
		return decideShadow(agents, policy({ strategy }), { strategy: 'roundRobin' }, live, NOW).chosen;
	};
	expect(besides('leastOpen')?.key).toBe('a');
	expect(besides('roundRobin')?.key).toBe('b');
	expect(agents[0]).toMatchObject({ turnCount: 9, lastTurn: 9 });
});

test('the choice alone is that of the decision', () => {
	fc.assert(
		fc.property(anyAgents, anyPolicy, (agents, policies) => {
			const { chosen, via, allWereCandidates } = chooseAgent(agents, policies, NOW);
			expect(decideAssignment(agents, policies, NOW)).toMatchObject({
				chosen: chosen ? { key: chosen.agent.key } : null,
				...{ via, allWereCandidates },
			});
		}),
	);
});

test('every decision is counted as one of four', () => {
	const who = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: null });
	const comparison = fc
		.record({ live: who, beside: who, strategy: fc.constantFrom(...STRATEGIES) })
		.map(({ live, beside, strategy }): ShadowComparison => ({
			live,
			shadow: {
				...{ strategy, agrees: live === beside },
				chosen: beside === null ? null : { key: beside, name: beside },
			},
		}));
	fc.assert(
		fc.property(fc.array(comparison), (comparisons) => {
			const tally = new ShadowTally();
			for (const each of comparisons) tally.add(each);
			const summary = tally.summary();
			const { decisions, agreed, otherAgent, wouldWait, wouldNotWait, agents } = summary;
			expect(decisions).toBe(comparisons.length);
			expect(agreed + otherAgent + wouldWait + wouldNotWait).toBe(decisions);
			const sum = (of: (each: (typeof agents)[number]) => number) =>
				agents.reduce((total, each) => total + of(each), 0);
			expect(sum(({ live }) => live)).toBe(comparisons.filter(({ live }) => live).length);
			expect(sum(({ shadow }) => shadow)).toBe(
				comparisons.filter(({ shadow }) => shadow.chosen).length,
			);
			const strategies = Object.values(summary.strategies).reduce((total, each) => total + each, 0);
			expect(strategies).toBe(decisions);
		}),
	);
});
