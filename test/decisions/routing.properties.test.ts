import fc from 'fast-check';
import type {
	FieldOperator,
	RouteDecision,
	RoutingCondition,
	RoutingFacts,
	RoutingPolicy,
	RoutingRule,
} from '../../nodes/decisions/contracts';
import { decideRoute } from '../../nodes/decisions/routing';
import { ALWAYS, DAY, policy, rule, teamState } from './support/routing';

/** In everything that customers write and are; nowhere in what operators write. */
const CUSTOMER = 'Zq7';

const TEAMS = ['a', 'b', 'c', 'd', 'constructor'];
const word = fc.constantFrom('invoice', 'refund', 'vip', 'en', 'ar', 'EG', 'chat', '', 'فاتورة');
const words = fc.array(word, { maxLength: 4 });
const not = fc.boolean();
const key = fc.constantFrom('0', '1', '2');
const team = fc.constantFrom(...TEAMS);
const operator = fc.constantFrom<FieldOperator>(
	...(['is', 'isNot', 'contains', 'doesNotContain', 'isAnyOf'] as const),
	...(['isEmpty', 'isNotEmpty', 'greaterThan', 'lessThan'] as const),
);
const of = <T extends string>(type: T) => fc.constant(type);

const condition: fc.Arbitrary<RoutingCondition> = fc.oneof(
	fc.record({ type: of('mentions'), keywords: words, not }),
	fc.record({ type: of('intent'), intents: words, not }),
	fc.record({ type: of('language'), languages: words, not }),
	fc.record({ type: of('country'), countries: words, not }),
	fc.record({ type: of('channel'), channels: words, not }),
	fc.record({ type: of('tag'), tags: words, not }),
	fc.record({
		type: of('ad'),
		by: fc.constantFrom('any' as const, 'id' as const, 'words' as const),
		values: words,
		not,
	}),
	fc.record({
		type: of('contactIs'),
		value: fc.constantFrom('new' as const, 'returning' as const),
	}),
	fc.record({ type: of('field'), field: word, operator, values: words }),
	fc.record({
		type: of('hours'),
		is: fc.constantFrom('inside' as const, 'outside' as const),
		team: fc.option(team),
	}),
	fc.record({ type: of('custom'), key }),
	fc.constant(ALWAYS),
);

const anyRule = fc.record<RoutingRule>({
	name: fc.constantFrom('', 'Billing', 'الفواتير'),
	match: fc.constantFrom('all', 'any'),
	conditions: fc.array(condition, { maxLength: 4 }),
	team: fc.oneof(team, fc.constant('')),
});

const anyPolicy = fc.record<RoutingPolicy>({
	rules: fc.array(anyRule, { maxLength: 6 }),
	fallbackTeam: fc.option(team),
	overflow: fc.constantFrom('keep', 'whenClosed', 'whenClosedOrNobodyOnline'),
	sticky: fc.option(
		fc.record({
			days: fc.integer({ min: 1, max: 60 }),
			order: fc.constantFrom('beforeRules' as const, 'whenNoRuleMatches' as const),
		}),
	),
	matchExactly: fc.boolean(),
});

const customers = fc.array(word, { maxLength: 5 }).map((each) => [CUSTOMER, ...each].join(' '));
const state = fc
	.record({
		closed: fc.boolean(),
		online: fc.option(fc.boolean()),
		overflowTeam: fc.option(fc.oneof(team, fc.constant('gone'))),
	})
	.map(teamState);

const anyFacts = fc.record<RoutingFacts>({
	text: fc.option(customers),
	language: fc.option(fc.constantFrom('en', 'ar')),
	country: fc.option(fc.constantFrom('EG', 'US')),
	channel: fc.constantFrom('chat', 'whatsapp'),
	tags: words,
	isReturning: fc.boolean(),
	intent: fc.option(fc.constantFrom('refund', 'invoice')),
	fields: fc.dictionary(word, fc.oneof(customers, fc.integer(), fc.constant(null), words)),
	ad: fc.oneof(
		fc.constant(null),
		fc.constant('gone' as const),
		fc.record({ ids: words, words: fc.option(customers) }),
	),
	at: fc.constant(100 * DAY),
	teams: fc.record(Object.fromEntries(TEAMS.map((each) => [each, state])), {
		requiredKeys: ['a', 'b'],
	}) as fc.Arbitrary<RoutingFacts['teams']>,
	lastTeam: fc.option(fc.record({ key: team, endedAt: fc.integer({ min: 0, max: 100 * DAY }) })),
	custom: fc.dictionary(
		key,
		fc.oneof(
			fc.boolean().map((holds) => ({ holds })),
			fc.constant({ problem: 'it reads something else' }),
		),
	),
});

/** The rule that decided: it matched, or nobody can judge it. */
const decider = ({ ruleIndex, undecided }: RouteDecision) =>
	ruleIndex ?? undecided?.ruleIndex ?? null;

const always = (property: (given: RoutingPolicy, facts: RoutingFacts) => void) =>
	fc.assert(fc.property(anyPolicy, anyFacts, property), { numRuns: 1000 });

describe('routing, whatever the rules and the customer', () => {
	test('is the same each time, and agrees with itself', () => {
		always((given, facts) => {
			const decision = decideRoute(given, facts);
			expect(decideRoute(given, facts)).toEqual(decision);
			const { via, team: chosen, ruleIndex, usedFallback } = decision;
			expect(via === null).toBe(chosen === null);
			expect(via === 'rule').toBe(ruleIndex !== null);
			expect(via === 'fallback').toBe(usedFallback);
			expect(decision.reason).toMatch(/^\S.*\.$/su);
			const first = decision.overflow[0]?.from ?? chosen;
			if (via === 'rule') expect(first).toBe(given.rules[ruleIndex!]?.team);
			if (via === 'fallback') expect(first).toBe(given.fallbackTeam);
			if (via === 'sticky') expect(first).toBe(facts.lastTeam?.key);
		});
	});

	test('the explanation names the deciding rule, and of each earlier one why not', () => {
		always((given, facts) => {
			const decision = decideRoute(given, facts);
			const at = decider(decision);
			const wasAsked = decision.via !== 'sticky' || given.sticky?.order !== 'beforeRules';
			const asked = !wasAsked ? 0 : at === null ? given.rules.length : at + 1;
			expect(decision.checked).toHaveLength(asked);
			for (const [index, { rule: name, matched, why }] of decision.checked.entries()) {
				expect(matched).toBe(index === decision.ruleIndex);
				expect(name).toBe(given.rules[index]?.name || `Rule ${index + 1}`);
				expect(why).not.toBe('');
			}
			if (at === null) return;
			const { name } = given.rules[at]!;
			const label = name ? `Rule ${at + 1} '${name}'` : `Rule ${at + 1}`;
			expect(decision.reason.startsWith(`${label} `)).toBe(true);
			expect(decision.reason).toContain(decision.checked[at]?.why);
		});
	});

	test('order decides: the first rule that would match by itself, does', () => {
		always((given, facts) => {
			const rules = { ...given, sticky: null };
			const alone = rules.rules.map((each) =>
				decider(decideRoute({ ...rules, rules: [each] }, facts)),
			);
			const first = alone.findIndex((each) => each !== null);
			expect(decider(decideRoute(rules, facts))).toBe(first < 0 ? null : first);
		});
	});

	test('a rule at the end never changes what an earlier one decided', () => {
		fc.assert(
			fc.property(anyPolicy, anyFacts, anyRule, (given, facts, added) => {
				const before = decideRoute(given, facts);
				const after = decideRoute({ ...given, rules: [...given.rules, added] }, facts);
				if (decider(before) !== null) expect(after).toEqual(before);
				else if (decider(after) !== null) expect(decider(after)).toBe(given.rules.length);
			}),
			{ numRuns: 1000 },
		);
	});

	test('taking a rule away that does not match changes nothing but numbers', () => {
		fc.assert(
			fc.property(anyPolicy, anyFacts, fc.nat(), (given, facts, nth) => {
				const before = decideRoute(given, facts);
				const losers = before.checked.flatMap(({ matched }, index) =>
					matched || index === before.undecided?.ruleIndex ? [] : [index],
				);
				if (losers.length === 0) return;
				const gone = losers[nth % losers.length]!;
				const after = decideRoute({ ...given, rules: given.rules.toSpliced(gone, 1) }, facts);
				expect(after.team).toBe(before.team);
				expect(after.via).toBe(before.via);
				expect(after.overflow).toEqual(before.overflow);
				const at = decider(before);
				expect(decider(after)).toBe(at !== null && at > gone ? at - 1 : at);
			}),
			{ numRuns: 1000 },
		);
	});

	test('overflow ends, repeats no team, and never leaves a conversation without one', () => {
		always((given, facts) => {
			const { team: chosen, overflow } = decideRoute(given, facts);
			const plain = decideRoute({ ...given, overflow: 'keep' }, facts);
			expect(chosen === null).toBe(plain.team === null);
			const path = [plain.team, ...overflow.map(({ to }) => to)];
			expect(path.at(-1)).toBe(chosen);
			expect(new Set(path).size).toBe(path.length);
			for (const { from, to } of overflow) expect(facts.teams[from]?.overflowTeam).toBe(to);
		});
	});

	test('a negated condition holds exactly when the condition does not', () => {
		fc.assert(
			fc.property(condition, anyFacts, (given, facts) => {
				fc.pre('not' in given);
				const holds = (negated: boolean) => {
					const one = rule([{ ...given, not: negated } as RoutingCondition], { team: 'a' });
					const { undecided, checked, team: chosen } = decideRoute(policy([one]), facts);
					const isUnwritten = /^(lists|names|compares|has) /.test(checked[0]!.why);
					return undecided || isUnwritten ? null : chosen !== null;
				};
				const [plain, negated] = [holds(false), holds(true)];
				expect(negated).toBe(plain === null ? null : !plain);
			}),
			{ numRuns: 1000 },
		);
	});

	test('nothing that a customer wrote or is stands in what is kept of the decision', () => {
		always((given, facts) => {
			expect(JSON.stringify(decideRoute(given, facts))).not.toContain(CUSTOMER);
		});
	});

	test('the checks can fail: rules and customers meet', () => {
		const seen = new Set<string | null>();
		for (const [given, facts] of fc.sample(fc.tuple(anyPolicy, anyFacts), {
			seed: 1,
			numRuns: 500,
		})) {
			const decision = decideRoute(given, facts);
			seen.add(decision.via);
			if (decision.overflow.length > 0) seen.add('overflow');
			if (decision.undecided) seen.add('undecided');
		}
		expect([...seen].map(String).sort()).toEqual(
			['fallback', 'null', 'overflow', 'rule', 'sticky', 'undecided'].sort(),
		);
	});
});
