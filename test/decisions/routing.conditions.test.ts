import type {
	FieldOperator,
	RoutingCondition,
	RoutingFacts,
} from '../../nodes/decisions/contracts';
import { adFacts } from '../../nodes/decisions/adReferral';
import { ALWAYS, NEVER, route, teamState } from './support/routing';

const field = (name: string, operator: FieldOperator, ...values: string[]): RoutingCondition => ({
	type: 'field',
	field: name,
	operator,
	values,
});

describe('conditions', () => {
	test.each<[RoutingCondition, string]>([
		[{ type: 'mentions', keywords: ['refund', 'INVOICE'] }, "the message mentions 'INVOICE'"],
		[{ type: 'intent', intents: ['refund', 'order  STATUS'] }, "the intent is 'Order status'"],
		[{ type: 'language', languages: ['ar', 'EN-us'] }, 'the language is en'],
		[{ type: 'country', countries: [' eg '] }, 'the country is EG'],
		[{ type: 'channel', channels: ['WhatsApp'] }, 'the channel is whatsapp'],
		[{ type: 'tag', tags: ['gold', ' vip'] }, "the tag 'vip' is set"],
		[{ type: 'tag', tags: ['elite'] }, "the tag 'elite' is set"],
		[{ type: 'contactIs', value: 'returning' }, 'the contact is returning'],
		[{ type: 'ad', by: 'any', values: [] }, 'an ad or link led here'],
		[{ type: 'ad', by: 'id', values: ['7', ' 1203 '] }, "the ad or link '1203' led here"],
		[{ type: 'ad', by: 'words', values: ['SUMMER'] }, "the ad or link has 'SUMMER'"],
		[{ type: 'hours', is: 'inside', team: null }, "'billing' is open until 17:00"],
		[{ type: 'hours', is: 'inside', team: 'support' }, "'support' is open until 17:00"],
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
		[{ type: 'intent', intents: ['refund'] }, "the intent is 'Order status', not 'refund'"],
		[{ type: 'language', languages: ['ar', 'fr'] }, "the language is en, not 'ar' or 'fr'"],
		[{ type: 'country', countries: ['SA'] }, "the country is EG, not 'SA'"],
		[{ type: 'channel', channels: ['telegram'] }, "the channel is whatsapp, not 'telegram'"],
		[{ type: 'tag', tags: ['gold'] }, "the tag 'gold' is missing"],
		[{ type: 'ad', by: 'id', values: ['7'] }, "another ad or link than '7' led here"],
		[{ type: 'ad', by: 'words', values: ['winter'] }, "the ad or link does not have 'winter'"],
		[{ type: 'hours', is: 'outside', team: null }, "'billing' is open until 17:00"],
		[NEVER, 'the contact is returning'],
	])('%j does not hold, and its opposite does', (condition, why) => {
		const decision = route([condition]);
		expect(decision.team).toBeNull();
		expect(decision.checked).toEqual([{ rule: 'Billing', matched: false, why }]);
		if (['contactIs', 'hours'].includes(condition.type)) return;
		const opposite = route([{ ...condition, not: true } as RoutingCondition]);
		expect(opposite.checked).toEqual([{ rule: 'Billing', matched: true, why }]);
	});

	test.each<[RoutingCondition, string]>([
		[{ type: 'mentions', keywords: [' '] }, 'lists no keyword'],
		[{ type: 'intent', intents: [] }, 'lists no intent'],
		[{ type: 'language', languages: [] }, 'lists no language'],
		[{ type: 'country', countries: [] }, 'lists no country'],
		[{ type: 'channel', channels: [''] }, 'lists no channel'],
		[{ type: 'tag', tags: [] }, 'lists no tag'],
		[{ type: 'ad', by: 'id', values: [] }, 'lists no ad'],
		[{ type: 'ad', by: 'words', values: [] }, 'lists no word'],
		[{ type: 'later' } as unknown as RoutingCondition, 'has a condition of an unknown type'],
	])('%j, which is still being written, takes nothing, negated or not', (condition, why) => {
		for (const not of [false, true]) {
			const { team, checked } = route([{ ...condition, not } as RoutingCondition]);
			expect({ team, why: checked[0]?.why }).toEqual({ team: null, why });
		}
	});

	test.each<[RoutingCondition, Partial<RoutingFacts>, string]>([
		[{ type: 'language', languages: ['en'] }, { language: null }, 'the language is unknown'],
		[{ type: 'country', countries: ['EG'] }, { country: null }, 'the country is unknown'],
		[{ type: 'channel', channels: ['chat'] }, { channel: '' }, 'the channel is unknown'],
		[{ type: 'intent', intents: ['refund'] }, { intent: null }, 'the intent is unknown'],
		[{ type: 'ad', by: 'any', values: [] }, { ad: null }, 'no ad or link led here'],
	])('what was never known is none of it: %j', (condition, facts, why) => {
		expect(route([condition], facts)).toMatchObject({ team: null, checked: [{ why }] });
		expect(route([{ ...condition, not: true } as RoutingCondition], facts).team).toBe('billing');
	});

	test('a region in the fact does not hide the language', () => {
		expect(route([{ type: 'language', languages: ['pt'] }], { language: 'pt_BR' }).team).toBe(
			'billing',
		);
	});
});

describe('a field of the contact', () => {
	test.each([
		field('plan', 'is', 'gold'),
		field('PLAN', 'is', 'Göld'),
		field('plan', 'isNot', 'silver'),
		field('plan', 'contains', 'OL'),
		field('plan', 'doesNotContain', 'x'),
		field('plan', 'isAnyOf', 'silver', 'gold'),
		field('plan', 'isNotEmpty'),
		field('empty', 'isEmpty'),
		field('unheard of', 'isEmpty'),
		field('unheard of', 'isNot', 'gold'),
		field('constructor', 'isEmpty'),
		field('orders', 'is', '12'),
		field('orders', 'is', '12.0'),
		field('orders', 'is', '١٢'),
		field('orders', 'greaterThan', '9'),
		field('orders', 'lessThan', '100'),
		field('renewal', 'lessThan', '2026-03-01T00:00:01Z'),
		field('renewal', 'greaterThan', '2026-02-28 23:59'),
		field('topics', 'is', 'B'),
	])('%j holds', (condition) => expect(route([condition]).team).toBe('billing'));

	test.each([
		[field('plan', 'is', 'silver'), "the field 'plan' is not 'silver'"],
		[field('plan', 'isNot', 'gold'), "the field 'plan' is 'gold'"],
		[field('plan', 'isAnyOf', 'a', 'b'), "the field 'plan' is none of 'a' or 'b'"],
		[field('plan', 'doesNotContain', 'gold'), "the field 'plan' contains 'gold'"],
		[field('plan', 'greaterThan', '1'), "the field 'plan' is not greater than '1'"],
		[field('plan', 'isEmpty'), "the field 'plan' is not empty"],
		[field('empty', 'isNotEmpty'), "the field 'empty' is empty"],
		[field('empty', 'lessThan', '5'), "the field 'empty' is not less than '5'"],
		[field('orders', 'greaterThan', '12'), "the field 'orders' is not greater than '12'"],
		[field('', 'is', 'x'), 'names no field'],
		[field('plan', 'is'), "compares the field 'plan' with nothing"],
		[field('plan', 'later' as FieldOperator, 'x'), 'compares a field in an unknown way'],
	])('%j does not hold', (condition, why) => {
		expect(route([condition])).toMatchObject({ team: null, checked: [{ why }] });
	});
});

describe('Match Exactly', () => {
	const exactly = { matchExactly: true };
	const says = (text: string, keyword: string) =>
		route([{ type: 'mentions', keywords: [keyword] }], { text }, exactly).team === 'billing';

	test.each([
		['ship it to the US please', 'US', true],
		['call us', 'US', false],
		['tell us which BUSES', 'US', false],
		['us/US', 'US', true],
		['الفاتورة', 'فاتورة', true],
		['الفاتوره', 'فاتورة', false],
		['cafe\u0301', 'café', true],
		['cafe', 'café', false],
		['我要退款', '退款', true],
		['😀 𝐀bc', 'bc', false],
		['anything', ' ', false],
	])('%s has %s: %s', (text, keyword, expected) => expect(says(text, keyword)).toBe(expected));

	test('goes for tags, intents and fields, too', () => {
		const of = (condition: RoutingCondition) => route([condition], {}, exactly).team;
		expect(of({ type: 'tag', tags: ['vip'] })).toBeNull();
		expect(of({ type: 'tag', tags: ['VIP'] })).toBe('billing');
		expect(of({ type: 'intent', intents: ['order status'] })).toBeNull();
		expect(of(field('plan', 'is', 'gold'))).toBeNull();
		expect(of(field('plan', 'is', 'Gold'))).toBe('billing');
	});
});

describe('what nobody can say', () => {
	test.each<[RoutingCondition, Partial<RoutingFacts>, string]>([
		[{ type: 'mentions', keywords: ['a'] }, { text: null }, 'what the message said'],
		[{ type: 'ad', by: 'any', values: [] }, { ad: 'gone' }, 'whether an ad led here'],
		[{ type: 'ad', by: 'words', values: ['a'] }, { ad: { ids: [], words: null } }, 'the ad said'],
		[{ type: 'hours', is: 'inside', team: 'gone' }, {}, "'gone', which does not exist"],
		[{ type: 'custom', key: 'c' }, { custom: { c: { problem: 'it reads $json.x' } } }, '$json.x'],
	])('%j: no team, and the rule is named', (condition, facts, why) => {
		for (const not of [false, true]) {
			const decision = route([{ ...condition, not } as RoutingCondition], facts, {
				fallbackTeam: 'support',
			});
			expect(decision).toMatchObject({
				team: null,
				via: null,
				undecided: { ruleIndex: 0, why: expect.stringContaining(why) },
				reason: expect.stringMatching(/^Rule 1 'Billing' cannot be judged: .*\.$/),
			});
		}
	});

	test('does not matter where the rest of the rule decides', () => {
		const open: RoutingCondition = { type: 'custom', key: 'c' };
		const facts = { custom: { c: { problem: 'unclear' } } };
		expect(route([open, NEVER], facts)).toMatchObject({ team: null, undecided: null });
		expect(route([open, ALWAYS], facts).undecided).not.toBeNull();
	});
});

test('a custom condition: its outcome decides, and an empty one takes nothing', () => {
	const custom: RoutingCondition = { type: 'custom', key: 'c' };
	expect(route([custom], { custom: { c: { holds: true } } }).team).toBe('billing');
	expect(route([custom], { custom: { c: { holds: false } } }).team).toBeNull();
	expect(route([custom]).checked[0]?.why).toBe('its custom condition is empty');
});

test('business hours: of the rule, or of another team', () => {
	const teams = { billing: teamState(), support: teamState({ closed: true }) };
	const outside = (team: string | null) =>
		route([{ type: 'hours', is: 'outside', team }], { teams });
	expect(outside(null).team).toBeNull();
	expect(outside('support')).toMatchObject({
		team: 'billing',
		checked: [{ why: "'support' is closed on Friday" }],
	});
});

describe('the ad by which somebody came', () => {
	test.each([
		['the Cloud API', { source_id: '1', headline: 'Sale', source_url: 'https://x/y' }],
		[
			'Twilio',
			{ ReferralSourceId: '1', ReferralHeadline: 'Sale', ReferralSourceUrl: 'https://x/y' },
		],
		['WhatsApp Web', { sourceId: '1', title: 'Sale', sourceUrl: 'https://x/y' }],
		[
			'Messenger',
			{ ad_id: '1', ads_context_data: { ad_title: 'Sale' }, referer_uri: 'https://x/y' },
		],
	])('as %s tells it', (_name, referral) => {
		expect(adFacts(referral)).toEqual({ ids: ['1'], words: 'Sale\nhttps://x/y' });
	});

	test.each([[undefined], [{}], [{ type: 'open', subscribed: true }]])('%j is none', (referral) => {
		expect(adFacts(referral)).toBeNull();
	});

	test('a link counts by the word that it carries', () => {
		expect(adFacts({ ref: 'spring' })).toEqual({ ids: ['spring'], words: '' });
	});
});
