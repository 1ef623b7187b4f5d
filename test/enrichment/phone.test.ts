import fc from 'fast-check';
import { describePhone } from '../../nodes/enrichment/phone';

describe('describePhone', () => {
	test('describes a number', () => {
		expect(describePhone('+20 100 123 4567')).toEqual({
			e164: '+201001234567',
			country: 'EG',
			national: '010 01234567',
			international: '+20 10 01234567',
			kind: 'mobile',
			valid: true,
			timeZone: 'Africa/Cairo',
		});
	});

	test.each([
		['٠١٠٠١٢٣٤٥٦٧', 'EG', '+201001234567'],
		['+٢٠١٠٠١٢٣٤٥٦٧', undefined, '+201001234567'],
		['۰۹۱۲۳۴۵۶۷۸۹', 'ir', '+989123456789'],
		['＋２０１００１２３４５６７', undefined, '+201001234567'],
		['\u200e+20 100\u00a0123\u200b4567', undefined, '+201001234567'],
		['00201001234567', undefined, '+201001234567'],
		['00201001234567', 'SA', '+201001234567'],
		['0011 20 100 123 4567', 'AU', '+201001234567'],
		['whatsapp:+14155238886', undefined, '+14155238886'],
		['tel:+1-213-373-4253;ext=12', undefined, '+12133734253'],
		['(213) 373-4253', ' us ', '+12133734253'],
		['+201001234567', 'not a country', '+201001234567'],
		['+201001234567', null, '+201001234567'],
	])('reads %p with default %p', (input, country, e164) => {
		expect(describePhone(input, country)?.e164).toBe(e164);
	});

	test.each([
		['+442079460958', 'fixedLine', 'GB'],
		['+447911123456', 'mobile', 'GG'],
		['+12133734253', 'fixedLineOrMobile', 'US'],
		['+18002345678', 'tollFree', 'US'],
		['+80012345678', 'tollFree', null],
		['+493012345678', 'fixedLine', 'DE'],
	])('%p is %p of %p', (input, kind, country) => {
		expect(describePhone(input)).toMatchObject({ kind, country });
	});

	test('a possible number that no plan has is not valid', () => {
		expect(describePhone('+12001234567')).toMatchObject({ valid: false, kind: null });
	});

	test.each([
		['+201001234567', 'Africa/Cairo'],
		['+966501234567', 'Asia/Riyadh'],
		['+4915123456789', 'Europe/Berlin'],
		['+541123456789', 'America/Buenos_Aires'],
		['+12133734253', null],
		['+5511961234567', null],
		['+80012345678', null],
	])('time zone of %p is %p', (input, timeZone) => {
		expect(describePhone(input)?.timeZone).toBe(timeZone);
	});

	test.each([
		'',
		' ',
		'hello',
		'12',
		'+',
		'+999123456789',
		'201001234567',
		'call +20 100 123 4567 now',
		'1'.repeat(300),
		'sara@example.com',
	])('%p is nothing', (input) => {
		expect(describePhone(input)).toBeNull();
	});

	test.each([undefined, null, 5, {}])('%p is nothing', (input) => {
		expect(describePhone(input as unknown as string)).toBeNull();
	});

	test('never throws', () => {
		const anything = fc.string({ unit: 'binary', maxLength: 300 });
		const digits = fc.stringMatching(/^[+0-9 ().-]{0,20}$/u);
		fc.assert(
			fc.property(fc.oneof(anything, digits), fc.option(anything), (input, country) => {
				const description = describePhone(input, country);
				if (description) expect(describePhone(description.e164)?.e164).toBe(description.e164);
			}),
			{ numRuns: 1000 },
		);
	});
});
