import type { RoutingFacts, RoutingPolicy } from '../../nodes/decisions/contracts';
import { ALWAYS, DAY, FACTS, NEVER, route, teamState } from './support/routing';

describe('when the team cannot take it', () => {
	const over = (
		overflow: RoutingPolicy['overflow'],
		teams: RoutingFacts['teams'],
		changes: Partial<RoutingPolicy> = {},
	) => route([ALWAYS], { teams }, { overflow, ...changes });
	const closedTeam = (overflowTeam: string | null) => teamState({ closed: true, overflowTeam });

	test('keep: it goes there all the same', () => {
		const teams = { billing: closedTeam('support'), support: teamState() };
		expect(over('keep', teams)).toMatchObject({ team: 'billing', overflow: [] });
	});

	test('a closed team hands over, step by step, to one that is open', () => {
		const teams = {
			billing: closedTeam('support'),
			support: closedTeam('night'),
			night: teamState({ online: false }),
		};
		expect(over('whenClosed', teams)).toMatchObject({
			team: 'night',
			via: 'rule',
			ruleIndex: 0,
			overflow: [
				{ from: 'billing', to: 'support', why: "'billing' is closed on Friday" },
				{ from: 'support', to: 'night', why: "'support' is closed on Friday" },
			],
			reason:
				"Rule 1 'Billing' matched: it always matches. " +
				"It goes on to 'support' since 'billing' is closed on Friday. " +
				"It goes on to 'night' since 'support' is closed on Friday.",
		});
	});

	test('a team of which nobody is online hands over where the option says so', () => {
		const teams = {
			billing: teamState({ online: false, overflowTeam: 'support' }),
			support: teamState({ online: null }),
		};
		expect(over('whenClosed', teams).team).toBe('billing');
		expect(over('whenClosedOrNobodyOnline', teams)).toMatchObject({
			team: 'support',
			overflow: [{ why: "nobody of 'billing' is online" }],
		});
	});

	test.each<[string, RoutingFacts['teams']]>([
		['there is no overflow team', { billing: closedTeam(null) }],
		['it does not exist any more', { billing: closedTeam('gone') }],
		['they hand over to each other', { billing: closedTeam('b'), b: closedTeam('billing') }],
		['it hands over to itself', { billing: closedTeam('billing') }],
	])('it stays where it was decided to go when %s', (_name, teams) => {
		expect(over('whenClosed', teams)).toMatchObject({
			team: 'billing',
			overflow: [],
			reason: expect.stringContaining(
				"It stays with 'billing' although 'billing' is closed on Friday: no overflow team can take it.",
			),
		});
	});

	test('the fallback team hands over, too', () => {
		const teams = { support: closedTeam('night'), night: teamState() };
		const changes = { overflow: 'whenClosed', fallbackTeam: 'support' } as const;
		expect(route([NEVER], { teams }, changes)).toMatchObject({
			team: 'night',
			via: 'fallback',
			usedFallback: true,
		});
	});
});

describe('the last team of a contact who is back', () => {
	const back = (
		order: 'beforeRules' | 'whenNoRuleMatches',
		facts: Partial<RoutingFacts>,
		conditions = [ALWAYS],
		changes: Partial<RoutingPolicy> = {},
	) => route(conditions, facts, { sticky: { days: 30, order }, ...changes });
	const lastTeam = { key: 'support', endedAt: FACTS.at - 30 * DAY };

	test('before the rules', () => {
		expect(back('beforeRules', { lastTeam })).toMatchObject({
			...{ team: 'support', via: 'sticky', ruleIndex: null, checked: [], usedFallback: false },
			reason:
				"The contact goes back to its last team: the conversation with 'support' ended less than 30 days ago.",
		});
	});

	test('when no rule matches, and before the fallback team', () => {
		expect(back('whenNoRuleMatches', { lastTeam }).team).toBe('billing');
		const changes = { fallbackTeam: 'billing' };
		expect(back('whenNoRuleMatches', { lastTeam }, [NEVER], changes)).toMatchObject({
			...{ team: 'support', via: 'sticky' },
			checked: [{ matched: false }],
			reason: expect.stringMatching(/^No rule matched: the contact goes back to its last team/),
		});
	});

	test.each<[Partial<RoutingFacts>, string]>([
		[{ lastTeam: null }, 'no earlier conversation had a team'],
		[
			{ lastTeam: { key: 'gone', endedAt: FACTS.at } },
			"the last team 'gone' does not exist any more",
		],
		[
			{ lastTeam: { key: 'support', endedAt: lastTeam.endedAt - 1 } },
			"the conversation with 'support' ended over 30 days ago",
		],
	])('not so for %j, and it says why', (facts, sticky) => {
		for (const order of ['beforeRules', 'whenNoRuleMatches'] as const) {
			expect(back(order, facts)).toMatchObject({ team: 'billing', via: 'rule', sticky });
		}
	});

	test('it may hand over as any team', () => {
		const teams = {
			billing: teamState(),
			support: teamState({ closed: true, overflowTeam: 'billing' }),
		};
		const decision = back('beforeRules', { lastTeam, teams }, [NEVER], { overflow: 'whenClosed' });
		expect(decision).toMatchObject({
			team: 'billing',
			via: 'sticky',
			overflow: [{ to: 'billing' }],
		});
	});

	test('nothing is said of it where the option is off', () => {
		expect(route([ALWAYS], { lastTeam })).toMatchObject({ team: 'billing', sticky: null });
	});
});
