import fc from 'fast-check';
import {
	intentMessages,
	jsonOfMessage,
	readIntentAnswer,
} from '../../nodes/enrichment/intentModel';

const intents = [
	{ name: 'billing', keywords: [], description: 'Payments' },
	{ name: 'شكوى', keywords: ['غاضب'], description: '' },
];

describe('the question to a chat model', () => {
	test('holds any text as data, and nothing of it among the instructions', () => {
		const [[, plain]] = intentMessages('', intents) as [[string, string]];
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
				const [[system, instructions], [human, data], ...more] = intentMessages(text, intents) as [
					[string, string],
					[string, string],
				];
				expect([system, human, more]).toEqual(['system', 'human', []]);
				expect(instructions).toBe(plain);
				expect(JSON.parse(data)).toEqual({ customerMessage: text });
			}),
		);
	});

	test('a long text is cut, but not within a sign', () => {
		const sizes = ['x'.repeat(5_000), `${'x'.repeat(3_999)}😀`].map((text) => {
			const { customerMessage } = JSON.parse(intentMessages(text, intents)[1]![1]) as {
				customerMessage: string;
			};
			expect(customerMessage).not.toMatch(/\p{Surrogate}/u);
			return customerMessage.length;
		});
		expect(sizes).toEqual([4_000, 3_999]);
	});
});

describe('the answer of a chat model', () => {
	test('is one of the intents, or none, or no answer', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (answer) => {
				const read = readIntentAnswer(answer, intents);
				if (read) expect(['billing', 'شكوى', null]).toContain(read.intent);
			}),
		);
		expect(readIntentAnswer({ intent: 'شكوى', confidence: 0 }, intents)?.intent).toBe('شكوى');
		expect(readIntentAnswer({ intent: 'none', confidence: 1 }, intents)?.intent).toBeNull();
		for (const confidence of [NaN, -0.1, 2, '1', null, undefined]) {
			expect(readIntentAnswer({ intent: 'billing', confidence }, intents)).toBeNull();
		}
	});

	const json = '{"intent":"billing","confidence":1}';
	test.each<[unknown, boolean]>([
		[json, true],
		[` ${json}\n`, true],
		['```json\n' + json + '\n```', true],
		['```\n' + json + '```', true],
		[
			[
				{ type: 'reasoning', text: '{}' },
				{ type: 'text', text: json },
			],
			true,
		],
		[[null, { type: 'text' }], false],
		[`Here: ${json}`, false],
		[`${json}${json}`, false],
		[undefined, false],
		[7, false],
	])('in the content %j is JSON: %s', (content, is) => {
		expect(jsonOfMessage({ content })).toEqual(is ? JSON.parse(json) : undefined);
	});

	test('nothing holds no JSON', () => expect(jsonOfMessage(null)).toBeUndefined());
});
