import fc from 'fast-check';
import type { DateOrder } from '../../nodes/questions/contracts';
import { outcome } from './asking';

const ask = (order: DateOrder = 'dmy', more: { earliest?: string; latest?: string } = {}) =>
	({ kind: 'date', order, timeZone: 'Africa/Cairo', ...more }) as const;

describe('a date', () => {
	test.each([
		['25/12/2026'],
		['25.12.2026'],
		['25-12-2026'],
		['25 12 2026'],
		['25 / 12 / 2026'],
		['25/12/26'],
		['2026-12-25'],
		['2026/12/25'],
		['2026-12-25T10:00:00.000Z'],
		['25/12/2026 10:30 am'],
		['25122026'],
		['20261225'],
		['٢٥/١٢/٢٠٢٦'],
		['٢٥؍١٢؍٢٠٢٦'],
		['\u200f25\u200f/12/2026'],
		['۲۵/۱۲/۲۰۲۶'],
		['२५-१२-२०२६'],
		['２５．１２．２０２６'],
		['25 December 2026'],
		['December 25, 2026'],
		['25th of Dec 2026'],
		['Dec 25 2026'],
		['25-Dec-26'],
		['2026 Dec 25'],
		['25 de diciembre de 2026'],
		['25 dezembro 2026'],
		['25 décembre 2026'],
		['25. Dezember 2026'],
		['25 Desember 2026'],
		['25 декабря 2026 г.'],
		['25 Aralık 2026'],
		['25 दिसंबर 2026'],
		['२५ दिसम्बर २०२६'.replace('दिसम्बर', 'दिसंबर')],
		['٢٥ ديسمبر ٢٠٢٦'],
		['25 كانون الأول 2026'],
		['25 دسامبر 2026'],
		['25 دسمبر 2026'],
		['25 בדצמבר 2026'.replace('בד', 'ד')],
		['2026年12月25日'],
		['２０２６年１２月２５日'],
		['2026년 12월 25일'],
		['12月25日'],
		['12월 25일'],
		['25 December'],
		['25/12'],
		['on the 25/12/2026 please'],
		['may I come on 25/12/2026?'],
	])('%p is Christmas of 2026', (text) => {
		expect(outcome(ask(), text)).toBe('2026-12-25');
	});

	test.each([
		['today', '2026-11-26'],
		['Today!', '2026-11-26'],
		['tomorrow please', '2026-11-27'],
		['day after tomorrow', '2026-11-28'],
		['yesterday', '2026-11-25'],
		['اليوم', '2026-11-26'],
		['النهارده', '2026-11-26'],
		['غدًا', '2026-11-27'],
		['بكرة الصبح', '2026-11-27'],
		['بعد بكره', '2026-11-28'],
		['أمس', '2026-11-25'],
		['امروز', '2026-11-26'],
		['پس‌فردا', '2026-11-28'],
		['آج', '2026-11-26'],
		['מחר', '2026-11-27'],
		['послезавтра', '2026-11-28'],
		['明天下午', '2026-11-27'],
		['明後日', '2026-11-28'],
		['mañana por la mañana', '2026-11-27'],
		['pasado mañana', '2026-11-28'],
		['depois de amanhã', '2026-11-28'],
		['besok', '2026-11-27'],
		['आज', '2026-11-26'],
	])('%p is %p', (text, date) => {
		expect(outcome(ask(), text)).toBe(date);
	});

	test.each([
		['31/02/2026', 'is a date that no calendar has'],
		['29/02/2027', 'is a date that no calendar has'],
		['25/13/2026', 'is a date that no calendar has'],
		['12/25/2026', 'is a date that no calendar has'],
		['0/5/2026', 'is a date that no calendar has'],
		['١٥/٦/١٤٤٧', 'has a year that is far off, or of another calendar'],
		['25/12/2569', 'has a year that is far off, or of another calendar'],
		['25/12/026', 'is not a date'],
		['December 2026', 'has no day'],
		['December', 'has no day'],
		['25 Dec or 26 Jan', 'names more than one month'],
		['room 12, 25 December', 'has more numbers than a date'],
		['order 1, 25/12/2026', 'is not a date'],
		['between 3 and 5, 2026', 'has more numbers than a date'],
		['next Friday', 'is not a date'],
		['not today', 'is not a date'],
		['مش بكرة', 'is not a date'],
		['कल', 'is not a date'],
		['20', 'is not a date'],
		['3 4', 'is not a date'],
		['10-12 people', 'is not a date'],
		['10:30', 'is not a date'],
		['what do you have today, my dear friend', 'is not a date'],
		['', 'has no text'],
	])('%p %s', (text, why) => {
		expect(outcome(ask(), text)).toBe(`(${why})`);
	});

	test('the order decides, where a date is in numbers', () => {
		expect(outcome(ask('dmy'), '03/04/2026')).toBe('2026-04-03');
		expect(outcome(ask('mdy'), '03/04/2026')).toBe('2026-03-04');
		expect(outcome(ask('ymd'), '26/03/04')).toBe('2026-03-04');
		expect(outcome(ask('ymd'), '03/04/2026')).toBe(
			'(has the year last, so that day and month could be mixed up)',
		);
		expect(outcome(ask('mdy'), '12/25')).toBe('2026-12-25');
		expect(outcome(ask('mdy'), 'Dec 3 2026')).toBe('2026-12-03');
	});

	test('years of two digits are at most twenty years ahead', () => {
		expect(outcome(ask(), '1/5/46')).toBe('2046-05-01');
		expect(outcome(ask(), '1/5/47')).toBe('1947-05-01');
		expect(outcome(ask(), '1/5/00')).toBe('2000-05-01');
	});

	test('without a year it is the next such day, or the last one where only that is allowed', () => {
		expect(outcome(ask(), '26 November')).toBe('2026-11-26');
		expect(outcome(ask(), '25 November')).toBe('2027-11-25');
		expect(outcome(ask('dmy', { latest: 'today' }), '3 May')).toBe('2026-05-03');
		expect(outcome(ask(), '29 February')).toBe('2028-02-29');
		expect(outcome(ask('dmy', { latest: 'today' }), '29 February')).toBe('2024-02-29');
	});

	test('keeps to the range, in the zone of the question', () => {
		const range = { earliest: 'today', latest: '2026-12-31' };
		expect(outcome(ask('dmy', range), '26/11/2026')).toBe('2026-11-26');
		expect(outcome(ask('dmy', range), '25/11/2026')).toBe('(is before today)');
		expect(outcome(ask('dmy', range), '1/1/2027')).toBe('(is after 2026-12-31)');
		expect(outcome({ ...ask(), timeZone: 'America/New_York' }, 'today')).toBe('2026-11-25');
		expect(outcome({ ...ask(), timeZone: 'nowhere' }, 'today')).toBe('2026-11-25');
	});

	test('any date is read as it is written in any language', () => {
		const languages = [
			'en',
			'ar-EG',
			'ar-LB',
			'es',
			'fr',
			'de',
			'pt',
			'id',
			'ru',
			'tr',
			'hi',
			'ur',
			'zh',
			'ja',
			'ko',
		];
		fc.assert(
			fc.property(
				fc.date({ min: new Date('1901-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
				fc.constantFrom(...languages),
				fc.constantFrom('long' as const, 'medium' as const),
				(date, language, dateStyle) => {
					const format = new Intl.DateTimeFormat(language, {
						dateStyle,
						calendar: 'gregory',
						timeZone: 'UTC',
					});
					const text = format.format(date);
					// Without month names the order is that of the language.
					const order = /^\P{Nd}*\p{Nd}{4}/u.test(text) ? 'ymd' : 'dmy';
					expect([text, outcome(ask(order), text)]).toEqual([
						text,
						date.toISOString().slice(0, 10),
					]);
				},
			),
			{ numRuns: 500 },
		);
	});
});
