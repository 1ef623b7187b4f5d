import fc from 'fast-check';
import {
	GRAPH_URL,
	graphFailure,
	graphRetryAfter,
	graphUrlOf,
} from '../../nodes/channels/meta/graph';
import { GRAPH_MEANINGS } from '../../nodes/channels/meta/graphErrors';

const answerOf = (error: unknown, status = 400, headers: Record<string, string> = {}) => ({
	status,
	headers,
	body: { error },
});

describe('an error of the Graph API', () => {
	it.each<[number, number | undefined, string]>([
		[190, undefined, 'unauthorized'],
		[0, undefined, 'unauthorized'],
		[10, undefined, 'unauthorized'],
		[200, undefined, 'unauthorized'],
		[299, undefined, 'unauthorized'],
		[4, undefined, 'rateLimited'],
		[613, undefined, 'rateLimited'],
		[80007, undefined, 'rateLimited'],
		[130429, undefined, 'rateLimited'],
		[131048, undefined, 'rateLimited'],
		[131056, undefined, 'rateLimited'],
		[131047, undefined, 'windowClosed'],
		[10, 2018278, 'windowClosed'],
		[10, 2534022, 'windowClosed'],
		[131026, undefined, 'notFound'],
		[132001, undefined, 'notFound'],
		[100, 33, 'notFound'],
		[100, 2018001, 'notFound'],
		[100, undefined, 'rejected'],
		[100, 123, 'rejected'],
		[131021, undefined, 'rejected'],
		[368, undefined, 'rejected'],
		[131050, undefined, 'optedOut'],
		[551, undefined, 'optedOut'],
		[551, 1545041, 'optedOut'],
		[1, undefined, 'unavailable'],
		[2, undefined, 'unavailable'],
		[131000, undefined, 'unavailable'],
	])('%i, %s: %s', (code, error_subcode, failure) => {
		const error = graphFailure(answerOf({ code, error_subcode, message: 'x' }));
		expect(error.failure).toBe(failure);
		expect(error.providerCode).toBe(error_subcode ? `${code}/${error_subcode}` : `${code}`);
	});

	it.each<[number, unknown, string]>([
		[400, { error: { code: 7654321 } }, 'rejected'],
		[400, undefined, 'rejected'],
		[401, '', 'unauthorized'],
		[403, '<html>', 'unauthorized'],
		[404, 'Not found', 'notFound'],
		[429, {}, 'rateLimited'],
		[500, { error: { message: 'x' } }, 'unavailable'],
		[503, 'Service unavailable', 'unavailable'],
		[502, '<html>', 'unclear'],
		[504, '', 'unclear'],
	])('without a code that is known: %i %j', (status, body, failure) => {
		expect(graphFailure({ status, headers: {}, body }).failure).toBe(failure);
	});

	it('is told in sentences that say what to do, with no secret of ours in the table', () => {
		for (const { message, hint } of Object.values(GRAPH_MEANINGS)) {
			expect(message).toMatch(/^[A-Z].*[^.]$/);
			expect(hint).toMatch(/^[A-Z].*[^ ]$/);
		}
	});

	it.each([
		["Param text['body'] must be at most 4096 characters long.", "Param text['body'] must be"],
		['The parameter "messaging_product" is required.', '"messaging_product" is required'],
		["Param 'to' isn't valid, it can't be empty", "Param 'to' isn't valid, it can't be empty"],
	])('names the parameter: %s', (details, words) => {
		const error = graphFailure(answerOf({ code: 131009, error_data: { details } }));
		expect(error.message).toContain(words);
	});

	it.each([
		'Button title "My password" is too long',
		"Button title 'My password' is too long",
		'Text `My password` is too long',
	])('leaves out what a customer may have written: %s', (details) => {
		const error = graphFailure(answerOf({ code: 100, error_data: { details } }));
		expect(error.message).toContain('is too long');
		expect(error.message).not.toContain('password');
	});

	it('leaves out numbers, addresses and other scripts', () => {
		const details = 'To +966500000001 or 966500000001 by https://a.example/?t=1: مرحبا سارة';
		const error = graphFailure(answerOf({ code: 100, error_data: { details } }));
		expect(error.message).toMatch(/: To … or … by …$/);
	});

	it('leaves out the words where they are not about a parameter', () => {
		const message = 'Session of Sara Alotaibi has expired';
		expect(graphFailure(answerOf({ code: 190, message }, 401)).message).not.toContain('Sara');
	});

	it('takes any answer, and is always an error that can be shown', () => {
		const values = fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', 'constructor', -1, 1e21));
		const anything = fc.record({
			code: values,
			error_subcode: values,
			error_data: values,
			message: values,
		});
		fc.assert(
			fc.property(
				fc.oneof(values, anything),
				fc.integer({ min: 300, max: 599 }),
				(error, status) => {
					const { message, hint } = graphFailure(answerOf(error, status));
					expect(message.length).toBeGreaterThan(5);
					expect(message.length).toBeLessThan(500);
					expect(hint).not.toBe('');
				},
			),
		);
	});
});

describe('the patience that the Graph API asks for', () => {
	const usage = (minutes: number) => ({
		'x-business-use-case-usage': JSON.stringify({
			1: [{ type: 'whatsapp', estimated_time_to_regain_access: 0 }],
			2: [{ type: 'messenger', estimated_time_to_regain_access: minutes }],
		}),
	});

	it('is the longest of the minutes in the header', () => {
		expect(graphRetryAfter(answerOf({ code: 80007 }, 400, usage(3)))).toBe(180_000);
		expect(graphRetryAfter(answerOf(undefined, 429, usage(1)))).toBe(60_000);
	});

	it('counts only where a limit is the reason', () => {
		expect(graphRetryAfter(answerOf({ code: 100 }, 400, usage(3)))).toBeUndefined();
		expect(graphRetryAfter({ status: 200, headers: usage(3), body: {} })).toBeUndefined();
		expect(graphRetryAfter(answerOf({ code: 4 }, 400))).toBeUndefined();
	});
});

describe('the address of the Graph API', () => {
	it.each<[unknown, string]>([
		[undefined, GRAPH_URL],
		['', GRAPH_URL],
		[7, GRAPH_URL],
		[' https://gateway.example.com/v25.0// ', 'https://gateway.example.com/v25.0'],
	])('with the Base URL %j', (baseUrl, url) => {
		expect(graphUrlOf({ baseUrl })).toBe(url);
	});
});
