import fc from 'fast-check';
import type { RoutingCondition, RoutingFacts, RoutingRule } from '../../nodes/decisions/contracts';
import { decideRoute } from '../../nodes/decisions/routing';

const FACTS: RoutingFacts = {
	text: 'Hello, my secret invoice is wrong',
	language: 'en',
	country: 'EG',
	channel: 'whatsapp',
	tags: ['VIP', ' Élite '],
	isReturning: true,
};

function rule(conditions: RoutingCondition[], values: Partial<RoutingRule> = {}): RoutingRule {
	return { name: 'Billing', match: 'all', conditions, team: 'billing', ...values };
}

function route(conditions: RoutingCondition[], facts: Partial<RoutingFacts> = {}) {
	return decideRoute([rule(conditions)], { ...FACTS, ...facts }, null);
}

const NEVER: RoutingCondition = { type: 'contactIs', value: 'new' };
const ALWAYS: RoutingCondition = { type: 'always' };

describe('conditions', () => {
	test.each<[RoutingCondition, string]>([
		[{ type: 'mentions', keywords: ['refund', 'INVOICE'] }, "the message mentions 'INVOICE'"],
		[{ type: 'language', languages: ['ar', 'EN-us'] }, 'the language is en'],
		[{ type: 'country', countries: [' eg '] }, 'the country is EG'],
		[{ type: 'channel', channels: ['WhatsApp'] }, 'the channel is whatsapp'],
		[{ type: 'tag', tags: ['gold', ' vip'] }, "the tag 'vip' is set"],
		[{ type: 'tag', tags: ['elite'] }, "the tag 'elite' is set"],
		[{ type: 'contactIs', value: 'returning' }, 'the contact is returning'],
		[ALWAYS, 'it always matches'],
	])('%j holds', (condition, why) => {
		const decision = route([condition]);
		expect(decision.team).toBe('billing');
		expect(decision.reason).toBe(`Rule 1 'Billing' matched: ${why}.`);
	});

	test.each<[RoutingCondition, string]>([
		[{ type: 'mentions', keywords: ['refund'] }, "the message does not mention 'refund'"],
		[
			{ type: 'mentions', keywords: ['a1', 'a2', 'a3', 'a4', 'a5'] },
			"the message does not mention 'a1', 'a2', 'a3' or 2 more",
		],
		[{ type: 'mentions', keywords: [' '] }, 'lists no keyword'],
		[{ type: 'language', languages: ['ar', 'fr'] }, "the language is en, not 'ar' or 'fr'"],
		[{ type: 'language', languages: [] }, 'lists no language'],
		[{ type: 'country', countries: ['SA'] }, "the country is EG, not 'SA'"],
		[{ type: 'channel', channels: ['telegram'] }, "the channel is whatsapp, not 'telegram'"],
		[{ type: 'tag', tags: ['gold'] }, "the tag 'gold' is missing"],
		[{ type: 'tag', tags: [] }, 'lists no tag'],
		[NEVER, 'the contact is returning'],
		[{ type: 'later' } as unknown as RoutingCondition, 'has a condition of an unknown type'],
	])('%j does not hold', (condition, why) => {
		const decision = route([condition]);
		expect(decision.team).toBeNull();
		expect(decision.checked).toEqual([{ rule: 'Billing', matched: false, why }]);
	});

	test.each([
		[{ type: 'language', languages: ['en'] } as const, { language: null }, 'language'],
		[{ type: 'country', countries: ['EG'] } as const, { country: null }, 'country'],
		[{ type: 'channel', channels: [''] } as const, { channel: '' }, null],
	])('what is not known matches nothing', (condition, facts, what) => {
		const decision = route([condition as unknown as RoutingCondition], facts);
		expect(decision.team).toBeNull();
		expect(decision.checked[0]?.why).toBe(what ? `the ${what} is unknown` : 'lists no channel');
	});

	test('a region in the fact does not hide the language', () => {
		expect(route([{ type: 'language', languages: ['pt'] }], { language: 'pt_BR' }).team).toBe(
			'billing',
		);
	});
});

describe('rules', () => {
	test('all: each condition must hold; any: one is enough', () => {
		expect(route([ALWAYS, NEVER]).team).toBeNull();
		expect(decideRoute([rule([NEVER, ALWAYS], { match: 'any' })], FACTS, null).team).toBe(
			'billing',
		);
		expect(decideRoute([rule([NEVER, NEVER], { match: 'any' })], FACTS, null).team).toBeNull();
	});

	test('the first that matches wins, and the ones before it say why not', () => {
		const decision = decideRoute(
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
			FACTS,
			'support',
		);
		expect(decision).toEqual({
			team: 'billing',
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
		expect(decideRoute(rules, FACTS, fallback)).toMatchObject({
			team: fallback || null,
			ruleIndex: null,
			ruleName: null,
			usedFallback: Boolean(fallback),
			reason,
		});
	});

	test('a rule in Arabic', () => {
		const decision = decideRoute(
			[rule([{ type: 'mentions', keywords: ['فاتورة'] }], { name: 'الفواتير' })],
			{ ...FACTS, text: 'عندي مشكلة بالفاتوره' },
			null,
		);
		expect(decision.reason).toBe("Rule 1 'الفواتير' matched: the message mentions 'فاتورة'.");
	});
});

describe('rules that always hold', () => {
	const texts = fc.array(fc.string({ maxLength: 8 }), { maxLength: 4 });
	const condition = fc.oneof(
		fc.record({ type: fc.constant('mentions' as const), keywords: texts }),
		fc.record({ type: fc.constant('language' as const), languages: texts }),
		fc.record({ type: fc.constant('country' as const), countries: texts }),
		fc.record({ type: fc.constant('channel' as const), channels: texts }),
		fc.record({ type: fc.constant('tag' as const), tags: texts }),
		fc.record({
			type: fc.constant('contactIs' as const),
			value: fc.constantFrom('new' as const, 'returning' as const),
		}),
		fc.constant(ALWAYS),
	);
	const rules = fc.array(
		fc.record<RoutingRule>({
			name: fc.string({ maxLength: 200 }),
			match: fc.constantFrom('all', 'any'),
			conditions: fc.array(condition, { maxLength: 4 }),
			team: fc.constantFrom('a', 'b', ''),
		}),
		{ maxLength: 6 },
	);
	const facts = fc.record<RoutingFacts>({
		text: fc.string({ unit: 'binary' }),
		language: fc.option(fc.constantFrom('en', 'ar'), { nil: null }),
		country: fc.option(fc.constantFrom('EG', 'US'), { nil: null }),
		channel: fc.string(),
		tags: texts,
		isReturning: fc.boolean(),
	});

	test('gives an answer to everything, the same each time, that agrees with itself', () => {
		fc.assert(
			fc.property(rules, facts, fc.option(fc.constant('f'), { nil: null }), (given, about, f) => {
				const decision = decideRoute(given, about, f);
				expect(decideRoute(given, about, f)).toEqual(decision);
				const matched = decision.checked.findIndex((one) => one.matched);
				expect(decision.ruleIndex).toBe(matched === -1 ? null : matched);
				expect(decision.checked.length).toBe(matched === -1 ? given.length : matched + 1);
				expect(decision.team).toBe(matched === -1 ? f : given[matched]?.team);
				expect(decision.reason).toMatch(/\.$/u);
				expect(decision.reason.length).toBeLessThan(600);
			}),
			{ numRuns: 500 },
		);
	});

	test('never quotes the customer', () => {
		expect(JSON.stringify(route([{ type: 'mentions', keywords: ['invoice'] }]))).not.toContain(
			'secret',
		);
	});
});
