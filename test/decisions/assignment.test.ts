import fc from 'fast-check';
import { decideAssignment } from '../../nodes/decisions/assignment';
import type { AgentCandidate, AssignmentPolicy } from '../../nodes/decisions/contracts';
import { agent, anyAgents, anyPolicy, NOW, policy } from './support/assignment';

function choose(agents: AgentCandidate[], values: Partial<AssignmentPolicy> = {}) {
	return decideAssignment(agents, policy(values), NOW).chosen?.key ?? null;
}

describe('who is a candidate', () => {
	test.each([
		['away', agent('a', { availability: 'away' }), 'away'],
		['offline', agent('a', { availability: 'offline' }), 'offline'],
		[
			'a lease that ends now',
			agent('a', { onlineUntil: NOW }),
			'offline, was online until 10:30 UTC',
		],
		[
			'a lease that ended yesterday',
			agent('a', { onlineUntil: NOW - 86_400_000 }),
			'offline, was online until 2025-03-03 10:30 UTC',
		],
		['full', agent('a', { capacity: 2, openUnits: 2 }), 'at capacity, 2 of 2 open'],
		[
			'after work, and still set to online',
			agent('a', { onShift: false, nextShift: 'Sunday 09:00' }),
			'outside the shift, on again at Sunday 09:00',
		],
		[
			'with shifts that have ended',
			agent('a', { availability: 'away', onShift: false }),
			'away; outside the shift',
		],
		[
			'full for this weight',
			agent('a', { capacity: 5, openUnits: 4 }),
			'no room for 2 more, 4 of 5 open',
		],
		['above the limit of the node', agent('a', { openUnits: 3 }), 'at capacity, 3 of 3 open'],
	])('%s is left out with its reason', (name, one, reason) => {
		const decision = decideAssignment(
			[one, agent('b')],
			policy({
				weight: name === 'full for this weight' ? 2 : 1,
				maxOpen: name === 'above the limit of the node' ? 3 : null,
			}),
			NOW,
		);
		expect(decision.chosen?.key).toBe('b');
		expect(decision.considered[1]).toMatchObject({ key: 'a', candidate: false, reason });
		expect(decision.allWereCandidates).toBe(false);
	});

	test('a lease that has not ended counts', () => {
		expect(choose([agent('a', { onlineUntil: NOW + 1 })])).toBe('a');
	});

	test('the smaller of capacity and limit counts', () => {
		expect(choose([agent('a', { capacity: 5, openUnits: 3 })], { maxOpen: 3 })).toBeNull();
		expect(choose([agent('a', { capacity: 3, openUnits: 3 })], { maxOpen: 5 })).toBeNull();
	});

	test('an excluded agent is left out, also when named as such twice over', () => {
		const decision = decideAssignment(
			[agent('a', { availability: 'away' }), agent('b')],
			policy({ excluded: ['a', 'a', 'nobody'] }),
			NOW,
		);
		expect(decision.considered[1]?.reason).toBe('excluded; away');
	});

	test('who is not online may be chosen when the policy says so, and the words say it', () => {
		const decision = decideAssignment(
			[agent('Sara', { availability: 'offline' })],
			policy({ onlyOnline: false }),
			NOW,
		);
		expect(decision.chosen?.key).toBe('Sara');
		expect(decision.explanation).toBe('Sara is the only agent: offline, 0 open, never assigned.');
	});

	test('weight 0 fits a full agent, never one above capacity', () => {
		expect(choose([agent('a', { capacity: 2, openUnits: 2 })], { weight: 0 })).toBe('a');
		expect(choose([agent('a', { capacity: 2, openUnits: 3 })], { weight: 0 })).toBeNull();
	});

	test.each([-1, NaN])('weight %p is refused', (weight) => {
		expect(() => choose([agent('a')], { weight })).toThrow(RangeError);
	});
});

describe('strategies', () => {
	test('round robin: fewest turns first while everybody is a candidate', () => {
		const agents = [
			agent('a', { turnCount: 3, lastTurn: 1 }),
			agent('b', { turnCount: 2, lastTurn: 9 }),
		];
		expect(choose(agents)).toBe('b');
	});

	test('round robin: turns only while somebody is missing', () => {
		const agents = [
			agent('a', { turnCount: 3, lastTurn: 1 }),
			agent('b', { turnCount: 2, lastTurn: 9 }),
			agent('c', { availability: 'away' }),
		];
		expect(choose(agents)).toBe('a');
		expect(choose([...agents, agent('d', { turnCount: 7 })])).toBe('d');
	});

	test('least open: by units, then time, then key', () => {
		expect(
			choose([agent('a', { openUnits: 2 }), agent('b', { openUnits: 1 })], {
				strategy: 'leastOpen',
			}),
		).toBe('b');
		expect(
			choose([agent('a', { lastAssignedAt: NOW }), agent('b', { lastAssignedAt: NOW - 1 })], {
				strategy: 'leastOpen',
			}),
		).toBe('b');
		expect(choose([agent('b'), agent('a')], { strategy: 'leastOpen' })).toBe('a');
	});

	test('lowest load: a share of the limit; no limit is no load, then by open units', () => {
		const strategy = 'lowestLoad';
		const half = agent('half', { capacity: 4, openUnits: 2 });
		const third = agent('third', { capacity: 9, openUnits: 3 });
		expect(choose([half, third], { strategy })).toBe('third');
		expect(choose([half, third], { strategy, maxOpen: 5 })).toBe('half');
		const busy = agent('busy', { openUnits: 40 });
		expect(choose([half, third, busy], { strategy })).toBe('busy');
		expect(choose([busy, agent('idle')], { strategy })).toBe('idle');
		expect(choose([agent('none', { capacity: 0 }), busy], { strategy, weight: 0 })).toBe('busy');
	});

	test('longest idle: never assigned first, then the oldest', () => {
		const strategy = 'longestIdle';
		const old = agent('old', { lastAssignedAt: NOW - 1000 });
		const recent = agent('recent', { lastAssignedAt: NOW });
		expect(choose([recent, old], { strategy })).toBe('old');
		expect(choose([recent, old, agent('never')], { strategy })).toBe('never');
	});

	test('keys compare by code units, in no locale', () => {
		expect(choose([agent('a'), agent('B'), agent('ä')])).toBe('B');
	});
});

describe('words', () => {
	const sara = agent('s', {
		name: 'Sara',
		capacity: 5,
		openUnits: 2,
		lastAssignedAt: Date.UTC(2025, 2, 4, 10, 2),
	});
	const omar = agent('o', { name: 'Omar', availability: 'offline' });

	test('who has the next turn, and who was left out', () => {
		const decision = decideAssignment(
			[sara, agent('l', { name: 'Lina', lastTurn: 4 }), omar],
			policy(),
			NOW,
		);
		expect(decision.explanation).toBe(
			'Sara has the next turn: 2 of 5 open, last assigned 10:02 UTC. Omar left out: offline.',
		);
		expect(decision.considered.map(({ name }) => name)).toEqual(['Sara', 'Omar', 'Lina']);
		expect(decision.tieBreak).toBeNull();
	});

	test('the only one who is left', () => {
		expect(decideAssignment([sara, omar], policy(), NOW).explanation).toBe(
			'Sara is the only one who can take it: 2 of 5 open, last assigned 10:02 UTC. ' +
				'Omar left out: offline.',
		);
	});

	test('a tie is told', () => {
		const decision = decideAssignment([sara, { ...omar, availability: 'online' }], policy(), NOW);
		expect(decision.tieBreak).toBe('Omar and Sara are level; Omar was assigned less recently.');
		const level = decideAssignment(
			[agent('b', { name: 'Bea' }), agent('a', { name: 'Ali' })],
			policy({ strategy: 'leastOpen' }),
			NOW,
		);
		expect(level.tieBreak).toBe('Ali and Bea are level; Ali comes first by key.');
	});

	test('names five that were left out, counts the others', () => {
		const many = Array.from({ length: 12 }, (_, index) =>
			agent(`a${String(index).padStart(2, '0')}`, {
				name: 'N'.repeat(500),
				...(index % 2 ? { availability: 'away' } : { capacity: 1, openUnits: 1 }),
			}),
		);
		const { explanation } = decideAssignment([sara, ...many], policy(), NOW);
		expect(explanation).toContain('and 7 more (4 not online, 3 at capacity).');
		expect(explanation.length).toBeLessThan(700);
	});

	test('says so where one is chosen outside the shift, which only a policy for everybody does', () => {
		const off = agent('a', { name: 'Sara', onShift: false, nextShift: 'Sunday 09:00' });
		const decision = decideAssignment([off], policy({ onlyOnline: false }), NOW);
		expect(decision.explanation).toBe(
			'Sara is the only agent: outside the shift, 0 open, never assigned.',
		);
	});

	test('lists 50, the chosen first, and counts the rest', () => {
		const agents = Array.from({ length: 70 }, (_, index) =>
			agent(`a${index}`, { availability: 'away' }),
		);
		const decision = decideAssignment([...agents, agent('z')], policy(), NOW);
		expect(decision.considered).toHaveLength(50);
		expect(decision.considered[0]?.key).toBe('z');
		expect(decision.notListed).toBe(21);
	});

	test.each([
		['noAgents', [], {}, 'There is no agent to choose from'],
		['allExcluded', [sara, omar], { excluded: ['s', 'o'] }, 'Every agent is excluded. Left out:'],
		['nobodyOnline', [omar], {}, 'Nobody is online. Omar left out: offline.'],
		[
			'nobodyOnline',
			[omar, { ...sara, availability: 'away' as const, openUnits: 5 }],
			{},
			'Nobody is online.',
		],
		[
			'nobodyOnline',
			[omar, { ...sara, onShift: false, nextShift: '09:00' }],
			{},
			'Everybody who is online is outside the shift. Left out: Omar (offline), Sara (outside the shift, on again at 09:00).',
		],
		[
			'nobodyOnline',
			[omar, { ...sara, onShift: false }],
			{ excluded: ['s'] },
			'Nobody is online. Left out:',
		],
		[
			'everybodyAtCapacity',
			[{ ...sara, openUnits: 5 }, omar],
			{},
			'Everybody who could be chosen is at capacity. Left out:',
		],
	] as const)('nobody: %s', (blockedBy, agents, values, words) => {
		const decision = decideAssignment(
			[...agents],
			policy({ ...values, excluded: [...('excluded' in values ? values.excluded : [])] }),
			NOW,
		);
		expect(decision).toMatchObject({ chosen: null, blockedBy, allWereCandidates: false });
		expect(decision.explanation).toContain(words);
	});
});

describe('rules that always hold', () => {
	test('the order in which agents are given changes nothing', () => {
		const shuffled = anyAgents.chain((agents) =>
			fc.tuple(
				fc.constant(agents),
				fc.shuffledSubarray(agents, { minLength: agents.length, maxLength: agents.length }),
			),
		);
		fc.assert(
			fc.property(shuffled, anyPolicy, ([agents, others], policies) => {
				expect(decideAssignment(others, policies, NOW)).toEqual(
					decideAssignment(agents, policies, NOW),
				);
			}),
		);
	});

	test('the chosen is allowed, online and has room; nobody is chosen only when nobody is', () => {
		fc.assert(
			fc.property(anyAgents, anyPolicy, (agents, policies) => {
				const decision = decideAssignment(agents, policies, NOW);
				const allowed = agents.filter(
					(one) =>
						!policies.excluded.includes(one.key) &&
						(!policies.onlyOnline ||
							(one.onShift &&
								(one.onlineUntil === null || one.onlineUntil > NOW
									? one.availability === 'online'
									: one.followsShifts))) &&
						(policies.relaxed || policies.skills.length === 0 || one.skills.includes('refunds')) &&
						(policies.relaxed ||
							policies.language === null ||
							one.languages.length === 0 ||
							one.languages.some((each) => each.slice(0, 2) === policies.language?.slice(0, 2))) &&
						one.openUnits + policies.weight <= (one.capacity ?? Infinity) &&
						one.openUnits + policies.weight <= (policies.maxOpen ?? Infinity),
				);
				const keys = allowed.map(({ key }) => key);
				if (decision.chosen) expect(keys).toContain(decision.chosen.key);
				else if (decision.blockedBy !== 'waitsForPreferred') expect(keys).toEqual([]);
				expect(decision.blockedBy === null).toBe(decision.chosen !== null);
				expect(decision.considered.length + decision.notListed).toBe(agents.length);
				expect(decision.considered.length).toBeLessThanOrEqual(50);
				expect(decision.explanation.length).toBeLessThan(1200);
				if (decision.chosen) expect(decision.considered[0]?.key).toBe(decision.chosen.key);
			}),
		);
	});

	test('round robin is even over the turns for which everybody was a candidate', () => {
		const rounds = fc.array(fc.tuple(fc.boolean(), fc.nat()), { minLength: 1, maxLength: 200 });
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 8 }), rounds, (size, steps) => {
				const team = Array.from({ length: size }, (_, index) => agent(`a${index}`));
				const turns = new Map(team.map(({ key }) => [key, 0]));
				steps.forEach(([everybody, absent], turn) => {
					team.forEach((one, index) => {
						one.availability = everybody || index !== absent % size ? 'online' : 'away';
					});
					const { chosen, allWereCandidates } = decideAssignment(team, policy(), NOW + turn);
					const one = team.find(({ key }) => key === chosen?.key);
					if (!one) return;
					one.lastTurn = turn;
					one.lastAssignedAt = NOW + turn;
					if (!allWereCandidates) return;
					one.turnCount++;
					turns.set(one.key, (turns.get(one.key) ?? 0) + 1);
					const counts = [...turns.values()];
					expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
				});
			}),
		);
	});

	test('without absences, each round serves each agent once', () => {
		const team = ['c', 'a', 'b'].map((key) => agent(key));
		const served = Array.from({ length: 7 }, (_, turn) => {
			const chosen = decideAssignment(team, policy(), NOW + turn).chosen?.key ?? '';
			const one = team.find(({ key }) => key === chosen);
			if (one) Object.assign(one, { lastTurn: turn, turnCount: one.turnCount + 1 });
			return chosen;
		});
		expect(served.join('')).toBe('abcabca');
	});
});
