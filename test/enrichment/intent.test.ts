import fc from 'fast-check';
import { intentByKeywords, intentProblem, type Intent } from '../../nodes/enrichment/intent';

const intent = (name: string, ...keywords: string[]): Intent => ({
	name,
	keywords,
	description: '',
});
const BILLING = intent('billing', 'invoice', 'Invoice', 'refund', 'credit card', 'فاتورة', '返金');
const SALES = intent('sales', 'price', 'buy', 'السعر', '価格');
const found = (text: string, intents = [BILLING, SALES]) => intentByKeywords(text, intents);

describe('the intent by keywords', () => {
	test.each<[string, string, number, string[]]>([
		['Where is my INVOICE?', 'billing', 0.6, ['invoice']],
		['invoice, Invoice, INVOICE', 'billing', 0.6, ['invoice']],
		['refund my credit  card', 'billing', 0.8, ['refund', 'credit card']],
		[
			'refund of the invoice on my credit card',
			'billing',
			0.9,
			['invoice', 'refund', 'credit card'],
		],
		['كم السعر؟', 'sales', 0.6, ['السعر']],
		['والفاتورة', 'billing', 0.6, ['فاتورة']],
		['返金してください', 'billing', 0.6, ['返金']],
		['I want to buy. The price? And an invoice', 'sales', 0.8, ['price', 'buy']],
		['the price of an invoice', 'billing', 0.3, ['invoice']],
	])('%s', (text, name, confidence, matched) => {
		expect(found(text)).toEqual({ intent: name, confidence, method: 'keywords', matched });
	});

	test.each(['', 'Hello', 'invoices', '価'])('"%s" has none', (text) =>
		expect(found(text)).toBeNull(),
	);

	test('of equal ones the first in the list', () => {
		expect(found('invoice price', [SALES, BILLING])?.intent).toBe('sales');
		expect(found('invoice', [])).toBeNull();
		expect(found('invoice', [intent('empty')])).toBeNull();
	});

	test('says only what the operator wrote, whatever the customer writes', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'grapheme' }), (text) => {
				const result = found(`${text} invoice`);
				const { intent: name = '', matched = [], confidence = 0 } = result ?? {};
				const from = [BILLING, SALES].find((each) => each.name === name);
				expect(matched.every((keyword) => from?.keywords.includes(keyword))).toBe(true);
				expect(confidence).toBeGreaterThanOrEqual(0);
				expect(confidence).toBeLessThan(1);
			}),
		);
	});
});

test.each<[Intent[], RegExp | null]>([
	[[BILLING, SALES], null],
	[[intent('')], /has no name/],
	[[intent('NONE')], /stands for no intent/],
	[[BILLING, intent('Billing')], /Two intents are called 'Billing'/],
	[[intent('x'.repeat(201))], /longer than 200/],
])('%j is told to the operator', (intents, problem) => {
	const said = intentProblem(intents);
	if (problem) expect(said).toMatch(problem);
	else expect(said).toBeNull();
});
