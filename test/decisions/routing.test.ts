import { decideRoute } from '../../nodes/decisions/routing';
import { ALWAYS, FACTS, NEVER, policy, route, rule } from './support/routing';

describe('rules', () => {
	test('all: each condition must hold; any: one is enough', () => {
		expect(route([ALWAYS, NEVER]).team).toBeNull();
		expect(decideRoute(policy([rule([NEVER, ALWAYS], { match: 'any' })]), FACTS).team).toBe(
			'billing',
		);
		expect(decideRoute(policy([rule([NEVER, NEVER], { match: 'any' })]), FACTS).team).toBeNull();
	});

	test('the first that matches wins, and the ones before it say why not', () => {
		const decision = decideRoute(
			policy(
				[
					rule([], { name: 'Empty' }),
					rule([NEVER], { name: '' }),
					rule([ALWAYS], { name: 'Nowhere', team: ' ' }),
					rule([
						{ type: 'mentions', keywords: ['invoice'] },
						{ type: 'country', countries: ['EG'] },
					]),
					rule([ALWAYS], { name: 'Later' }),
				],
				{ fallbackTeam: 'support' },
			),
			FACTS,
		);
		expect(decision).toEqual({
			team: 'billing',
			via: 'rule',
			overflow: [],
			sticky: null,
			undecided: null,
			ruleIndex: 3,
			ruleName: 'Billing',
			usedFallback: false,
			reason: "Rule 4 'Billing' matched: the message mentions 'invoice' and the country is EG.",
			checked: [
				{ rule: 'Empty', matched: false, why: 'has no condition' },
				{ rule: 'Rule 2', matched: false, why: 'the contact is returning' },
				{ rule: 'Nowhere', matched: false, why: 'has no team' },
				{
					rule: 'Billing',
					matched: true,
					why: "the message mentions 'invoice' and the country is EG",
				},
			],
		});
	});

	test.each([
		[[], 'support', "There are no rules: the conversation goes to the fallback team 'support'."],
		[[], null, 'There are no rules, and there is no fallback team.'],
		[
			[rule([NEVER])],
			'support',
			"No rule matched: the conversation goes to the fallback team 'support'.",
		],
		[[rule([])], '', 'No rule matched, and there is no fallback team.'],
	])('without a match', (rules, fallback, reason) => {
		expect(decideRoute(policy(rules, { fallbackTeam: fallback }), FACTS)).toMatchObject({
			team: fallback || null,
			via: fallback ? 'fallback' : null,
			ruleIndex: null,
			ruleName: null,
			usedFallback: Boolean(fallback),
			reason,
		});
	});

	test('a rule in Arabic', () => {
		const decision = decideRoute(
			policy([rule([{ type: 'mentions', keywords: ['فاتورة'] }], { name: 'الفواتير' })]),
			{ ...FACTS, text: 'عندي مشكلة بالفاتوره' },
		);
		expect(decision.reason).toBe("Rule 1 'الفواتير' matched: the message mentions 'فاتورة'.");
	});
});
