import { describeHours, hoursState, parseBusinessHours } from '../../nodes/decisions/businessHours';
import type { BusinessHours, Weekday } from '../../nodes/decisions/contracts';

const HOUR = 3_600_000;
const EVERY_DAY: Weekday[] = [1, 2, 3, 4, 5, 6, 7];

const at = (iso: string) => Date.parse(iso);
const iso = (time: number | null) =>
	time === null ? null : new Date(time).toISOString().replace(':00.000Z', 'Z');

function hours(values: Partial<BusinessHours> = {}): BusinessHours {
	return { timeZone: 'Africa/Cairo', weekly: [], holidays: [], ...values };
}

const daily = (timeZone: string, from: string, to: string) =>
	hours({ timeZone, weekly: [{ days: EVERY_DAY, from, to }] });

/** State in short: open or closed until when. */
function state(of: BusinessHours | null, time: string) {
	const { open, opensAt, closesAt } = hoursState(of, at(time));
	return `${open ? 'open' : 'closed'} until ${iso(open ? closesAt : opensAt)}`;
}

const why = (of: BusinessHours, time: string) => hoursState(of, at(time)).why;

/** The stretches of a time, each by its beginning and its length in hours. */
function stretches(of: BusinessHours, from: string, to: string): Array<[string | null, number]> {
	const found: Array<[string | null, number]> = [];
	for (let now = at(from); now < at(to);) {
		const { open, opensAt, closesAt } = hoursState(of, now);
		if (open && closesAt !== null) {
			found.push([iso(now), (closesAt - now) / HOUR]);
			now = closesAt;
		} else now = opensAt ?? Infinity;
	}
	return found;
}

// Sunday to Thursday, as in Egypt. 2026-11-25 is a Wednesday; Cairo is at UTC+2 then.
const egypt = hours({
	weekly: [{ days: [7, 1, 2, 3, 4], from: '09:00', to: '17:00' }],
	holidays: [{ name: 'Christmas', date: '2026-12-24', until: '2026-12-26', ranges: [] }],
});

describe('hoursState', () => {
	test('without hours it is open at all times', () => {
		expect(hoursState(null, 0)).toEqual({
			open: true,
			why: 'open at all times',
			opensAt: null,
			closesAt: null,
		});
	});

	test.each([
		['in the morning', '2026-11-25T06:59:59.999Z', 'closed', 'closed until 09:00'],
		['when it opens', '2026-11-25T07:00:00Z', 'open', 'open until 17:00'],
		['just before it closes', '2026-11-25T14:59:59.999Z', 'open', 'open until 17:00'],
		['when it closes', '2026-11-25T15:00:00Z', 'closed', 'closed until 09:00'],
		['before the days off', '2026-11-26T16:00:00Z', 'closed', 'closed until Sunday 09:00'],
		['on Friday', '2026-11-27T10:00:00Z', 'closed', 'closed on Friday'],
		['on Saturday', '2026-11-28T10:00:00Z', 'closed', 'closed on Saturday'],
		['on a holiday', '2026-12-24T10:00:00Z', 'closed', 'closed for Christmas'],
		['on a holiday that is a day off', '2026-12-25T10:00:00Z', 'closed', 'closed for Christmas'],
		['on the evening before', '2026-12-23T18:00:00Z', 'closed', 'closed until Sunday 09:00'],
	])('%s', (_, time, open, words) => {
		expect(hoursState(egypt, at(time))).toMatchObject({ open: open === 'open', why: words });
	});

	test('says when it changes, and only that', () => {
		expect(hoursState(egypt, at('2026-11-25T12:00:00Z'))).toEqual({
			open: true,
			why: 'open until 17:00',
			opensAt: null,
			closesAt: at('2026-11-25T15:00:00Z'),
		});
		expect(hoursState(egypt, at('2026-11-27T12:00:00Z'))).toEqual({
			open: false,
			why: 'closed on Friday',
			opensAt: at('2026-11-29T07:00:00Z'),
			closesAt: null,
		});
	});

	test('a range over midnight belongs to the day on which it begins', () => {
		const night = hours({
			timeZone: 'UTC',
			weekly: [{ days: [5], from: '22:00', to: '06:00' }],
			holidays: [{ date: '2026-12-05', ranges: [] }],
		});
		// 2026-11-27 is a Friday.
		expect(state(night, '2026-11-27T05:00Z')).toBe('closed until 2026-11-27T22:00Z');
		expect(state(night, '2026-11-28T05:59Z')).toBe('open until 2026-11-28T06:00Z');
		expect(state(night, '2026-11-28T06:00Z')).toBe('closed until 2026-12-04T22:00Z');
		// The holiday closes its own date; what began on the evening before goes on.
		expect(state(night, '2026-12-05T03:00Z')).toBe('open until 2026-12-05T06:00Z');
		expect(why(night, '2026-12-04T23:00Z')).toBe('open until 06:00');
	});

	test('ranges that overlap or follow each other are one', () => {
		const shifts = hours({
			timeZone: 'UTC',
			weekly: [
				{ days: [2], from: '13:00', to: '18:00' },
				{ days: [1], from: '09:00', to: '24:00' },
				{ days: [2], from: '00:00', to: '12:00' },
				{ days: [2], from: '11:00', to: '13:00' },
				{ days: [3], from: '18:00', to: '00:00' },
			],
		});
		// 2026-11-23 is a Monday.
		expect(stretches(shifts, '2026-11-23T00:00Z', '2026-11-30T00:00Z')).toEqual([
			['2026-11-23T09:00Z', 33],
			['2026-11-25T18:00Z', 6],
		]);
		expect(why(shifts, '2026-11-23T10:00Z')).toBe('open until Tuesday 18:00');
		expect(why(shifts, '2026-11-25T20:00Z')).toBe('open until 24:00');
	});

	test('around the clock it never closes, but for a holiday', () => {
		const always = daily('Europe/Berlin', '00:00', '24:00');
		expect(hoursState(always, at('2026-05-01T00:00Z'))).toMatchObject({
			open: true,
			why: 'open at all times',
			closesAt: null,
		});
		const holidays = [{ date: '2026-12-25', ranges: [] }];
		expect(hoursState({ ...always, holidays }, at('2026-05-01T00:00Z'))).toMatchObject({
			why: 'open until 2026-12-24 24:00',
			closesAt: at('2026-12-24T23:00Z'),
		});
	});

	test('what is never open says so, and what opens within a year is found', () => {
		expect(hoursState(hours(), at('2026-05-01T00:00Z'))).toEqual({
			open: false,
			why: 'closed at all times',
			opensAt: null,
			closesAt: null,
		});
		const fair = { date: '2027-04-28', ranges: [{ from: '10:00', to: '12:00' }] };
		const once = hours({ timeZone: 'UTC', holidays: [fair] });
		expect(why(once, '2026-05-01T00:00Z')).toBe('closed until 2027-04-28 10:00');
		expect(state(once, '2026-05-01T00:00Z')).toBe('closed until 2027-04-28T10:00Z');
		expect(state(once, '2026-04-01T00:00Z')).toBe('closed until null');
		const yearsOff = { date: '2026-01-01', until: '2030-01-01', ranges: [] };
		const paused = { ...daily('UTC', '09:00', '17:00'), holidays: [yearsOff] };
		expect(why(paused, '2026-05-01T00:00Z')).toBe('closed for more than a year');
	});

	describe('holidays', () => {
		const week = daily('UTC', '09:00', '17:00');
		const off = (date: string, more: object = {}) => ({ date, ranges: [], ...more });
		const isOpen = (holidays: BusinessHours['holidays'], date: string) =>
			hoursState({ ...week, holidays }, at(`${date}T12:00Z`)).open;

		test('each year, by month and day', () => {
			const yearly = [off('2020-12-25', { yearly: true })];
			expect(isOpen(yearly, '2026-12-25')).toBe(false);
			expect(isOpen(yearly, '2019-12-25')).toBe(false);
			expect(isOpen(yearly, '2026-12-24')).toBe(true);
			expect(isOpen([off('2020-12-25')], '2026-12-25')).toBe(true);
		});

		test('over New Year', () => {
			const yearly = [off('2024-12-24', { until: '2025-01-02', yearly: true })];
			for (const date of ['2026-12-24', '2026-12-31', '2027-01-01', '2027-01-02', '2026-01-02'])
				expect(isOpen(yearly, date)).toBe(false);
			for (const date of ['2026-12-23', '2027-01-03', '2026-07-01'])
				expect(isOpen(yearly, date)).toBe(true);
		});

		test('29 February is one in leap years', () => {
			const yearly = [off('2024-02-29', { yearly: true })];
			expect(isOpen(yearly, '2028-02-29')).toBe(false);
			expect(isOpen(yearly, '2027-02-28')).toBe(true);
			expect(isOpen(yearly, '2027-03-01')).toBe(true);
		});

		test('shorter hours; one of this year goes before one of each year', () => {
			const short = { date: '2026-12-25', ranges: [{ from: '10:00', to: '11:00' }] };
			const yearly = off('2020-12-25', { yearly: true, name: 'Christmas' });
			const both = { ...week, holidays: [yearly, short] };
			expect(state(both, '2026-12-25T10:30Z')).toBe('open until 2026-12-25T11:00Z');
			expect(why(both, '2026-12-25T12:00Z')).toBe('closed for a holiday');
			expect(why(both, '2026-12-25T08:00Z')).toBe('closed until 10:00');
			expect(why(both, '2027-12-25T10:30Z')).toBe('closed for Christmas');
		});

		test('begin and end at midnight of the zone', () => {
			const always = {
				...daily('America/New_York', '00:00', '24:00'),
				holidays: [off('2026-07-04')],
			};
			expect(state(always, '2026-07-04T03:59Z')).toBe('open until 2026-07-04T04:00Z');
			expect(state(always, '2026-07-04T04:00Z')).toBe('closed until 2026-07-05T04:00Z');
		});
	});
});

describe('where the clock is set', () => {
	const night = (zone: string) => daily(zone, '22:00', '06:00');

	test.each([
		['Europe/Berlin', '2026-03-28T21:00Z', 7, '2026-10-24T20:00Z', 9],
		['America/New_York', '2026-03-08T03:00Z', 7, '2026-11-01T02:00Z', 9],
		['Africa/Cairo', '2026-04-23T20:00Z', 7, '2026-10-29T19:00Z', 9],
		['Australia/Lord_Howe', '2026-10-03T11:30Z', 7.5, '2026-04-04T11:00Z', 8.5],
		['Asia/Kolkata', '2026-03-28T16:30Z', 8, '2026-10-24T16:30Z', 8],
	])('a night shift in %s is one stretch', (zone, spring, shorter, autumn, longer) => {
		for (const [begins, length] of [
			[spring, shorter],
			[autumn, longer],
		] as const) {
			const day = new Date(at(begins) + 24 * HOUR).toISOString();
			expect(stretches(night(zone), begins, day)[0]).toEqual([begins, length]);
		}
	});

	test('a time that the clock skips is the moment of the skip', () => {
		// Berlin, 2026-03-29: 02:00 is 03:00 at 01:00 UTC.
		const window = ['2026-03-29T00:00Z', '2026-03-29T12:00Z'] as const;
		const berlin = (from: string, to: string) =>
			stretches(daily('Europe/Berlin', from, to), ...window);
		expect(berlin('02:30', '06:00')).toEqual([['2026-03-29T01:00Z', 3]]);
		expect(berlin('01:00', '02:30')).toEqual([['2026-03-29T00:00Z', 1]]);
		expect(berlin('02:15', '02:45')).toEqual([]);
		const split = hours({
			timeZone: 'Europe/Berlin',
			weekly: [
				{ days: [7], from: '01:00', to: '02:15' },
				{ days: [7], from: '02:45', to: '04:00' },
			],
		});
		expect(stretches(split, ...window)).toEqual([['2026-03-29T00:00Z', 2]]);
	});

	test('a time that comes twice begins the first time and ends the second', () => {
		// Berlin, 2026-10-25: 03:00 is 02:00 at 01:00 UTC.
		const window = ['2026-10-25T00:00Z', '2026-10-25T12:00Z'] as const;
		const berlin = (from: string, to: string) =>
			stretches(daily('Europe/Berlin', from, to), ...window);
		expect(berlin('02:15', '02:45')).toEqual([['2026-10-25T00:15Z', 1.5]]);
		expect(berlin('02:30', '06:00')).toEqual([['2026-10-25T00:30Z', 4.5]]);
		// The minute before 02:00 comes once, so at 02:00 it ends the first time.
		expect(berlin('01:00', '02:00')).toEqual([]);
		expect(berlin('02:00', '03:00')).toEqual([['2026-10-25T00:00Z', 2]]);
	});

	test('midnight that is skipped, or comes twice', () => {
		// Cairo, 2026-04-24: 00:00 is 01:00. Havana, 2026-11-01: 01:00 is 00:00.
		const cairo = daily('Africa/Cairo', '00:00', '08:00');
		expect(state(cairo, '2026-04-23T21:59Z')).toBe('closed until 2026-04-23T22:00Z');
		const havana = daily('America/Havana', '00:00', '01:00');
		expect(stretches(havana, '2026-11-01T04:00Z', '2026-11-01T12:00Z')).toEqual([
			['2026-11-01T04:00Z', 2],
		]);
	});

	test('a day that never was', () => {
		// Apia went over the date line: there was no 2011-12-30.
		const apia = daily('Pacific/Apia', '09:00', '17:00');
		expect(stretches(apia, '2011-12-29T12:00Z', '2011-12-31T12:00Z')).toEqual([
			['2011-12-29T19:00Z', 8],
			['2011-12-30T19:00Z', 8],
		]);
	});
});

describe('parseBusinessHours', () => {
	test('writes what it takes in one way', () => {
		expect(
			parseBusinessHours({
				timeZone: ' Africa/Cairo ',
				weekly: [{ days: [7, 1, 1], from: '9:00', to: '17:00:00' }],
				holidays: [
					{
						name: ' Feast\nof  all ',
						date: '2026-12-25T00:00:00.000+02:00',
						until: '2026-12-25',
						yearly: false,
					},
					{ name: '', date: '2026-01-07', yearly: true, ranges: [{ from: '10:00', to: '2:00' }] },
				],
			}),
		).toEqual({
			timeZone: 'Africa/Cairo',
			weekly: [{ days: [1, 7], from: '09:00', to: '17:00' }],
			holidays: [
				{ name: 'Feast of all', date: '2026-12-25', ranges: [] },
				{ date: '2026-01-07', yearly: true, ranges: [{ from: '10:00', to: '02:00' }] },
			],
		});
		expect(parseBusinessHours({ timeZone: 'UTC' })).toEqual({
			timeZone: 'UTC',
			weekly: [],
			holidays: [],
		});
	});

	const weekly = (from: unknown, to: unknown, days: unknown = [1]) => ({
		timeZone: 'UTC',
		weekly: [
			{ days: [1], from: '09:00', to: '17:00' },
			{ days, from, to },
		],
	});
	const holiday = (values: object) => ({ timeZone: 'UTC', holidays: [values] });

	test.each([
		[null, 'Business hours must be an object with timeZone, weekly and holidays'],
		['09:00', 'Business hours must be an object with timeZone, weekly and holidays'],
		[{}, 'The time zone is missing: give an IANA name, e.g. Africa/Cairo'],
		[{ timeZone: ' ' }, 'The time zone is missing: give an IANA name, e.g. Africa/Cairo'],
		[
			{ timeZone: 'Africa/Kairo' },
			"The time zone 'Africa/Kairo' is not known: give an IANA name, e.g. Africa/Cairo",
		],
		[
			{ timeZone: '+02:00' },
			"The time zone '+02:00' is not known: give an IANA name, e.g. Africa/Cairo",
		],
		[
			weekly('09:00', '25:00'),
			"Weekly hours, entry 2: '25:00' is not a time of the day: give one from 00:00 to 24:00, e.g. 09:00",
		],
		[weekly('09:00', '24:01'), "'24:01' is not a time of the day"],
		[weekly('9', '10:00'), "'9' is not a time of the day"],
		[weekly(9, '10:00'), 'Weekly hours, entry 2: A time is missing: give it as in 09:00'],
		[
			weekly('09:00', '9:00'),
			'Weekly hours, entry 2: The range from 09:00 to 09:00 is empty: give 00:00 to 24:00 for a whole day',
		],
		[weekly('00:00', '00:00'), 'The range from 00:00 to 00:00 is empty'],
		[weekly('24:00', '08:00'), 'A range cannot begin at 24:00: give 00:00'],
		[weekly('09:00', '17:00', []), 'Weekly hours, entry 2: Choose at least one day'],
		[weekly('09:00', '17:00', [0]), 'A day is a number from 1, Monday, to 7, Sunday'],
		[weekly('09:00', '17:00', ['Monday']), 'A day is a number from 1, Monday, to 7, Sunday'],
		[{ timeZone: 'UTC', weekly: 'always' }, 'Weekly hours must be a list'],
		[
			holiday({ date: '2026-02-29' }),
			"Holidays, entry 1: There is no date '2026-02-29': give one as in 2026-12-25",
		],
		[holiday({ date: '25.12.2026' }), "There is no date '25.12.2026'"],
		[holiday({ date: '' }), "There is no date ''"],
		[holiday({ name: 'x' }), 'A date is missing: give it as in 2026-12-25'],
		[
			holiday({ date: '2026-12-25', until: '2026-12-24' }),
			'Holidays, entry 1: The holiday ends on 2026-12-24, before it begins on 2026-12-25',
		],
		[
			holiday({ date: '2026-12-25', until: '2028-01-01', yearly: true }),
			'A holiday of every year cannot last from 2026-12-25 to 2028-01-01',
		],
		[
			holiday({ date: '2026-12-25', ranges: [{ from: '10:00', to: '10:00' }] }),
			'The range from 10:00 to 10:00 is empty',
		],
		[holiday({ date: '2026-12-25', name: 'x'.repeat(101) }), 'longer than 100 characters'],
		[
			{ timeZone: 'UTC', holidays: Array.from({ length: 501 }, () => ({ date: '2026-12-25' })) },
			'There may be at most 500 holidays',
		],
		[
			{
				timeZone: 'UTC',
				weekly: Array.from({ length: 101 }, () => ({ days: [1], from: '09:00', to: '17:00' })),
			},
			'There may be at most 100 entries of weekly hours',
		],
	])('refuses %j', (value, sentence) => {
		expect(() => parseBusinessHours(value)).toThrow(RangeError);
		expect(() => parseBusinessHours(value)).toThrow(sentence);
	});

	test('a yearly holiday may be given with the year after New Year, or without', () => {
		const over = (until: string) =>
			parseBusinessHours(holiday({ date: '2026-12-24', until, yearly: true })).holidays[0]?.until;
		expect(over('2027-01-02')).toBe('2027-01-02');
		expect(over('2026-01-02')).toBe('2026-01-02');
	});
});

describe('describeHours', () => {
	test.each([
		[null, 'open at all times'],
		[hours({ timeZone: 'UTC' }), 'closed all week (UTC)'],
		[egypt, 'Sun–Thu 09:00–17:00 (Africa/Cairo); closed 2026-12-24 to 2026-12-26 (Christmas)'],
		[daily('UTC', '22:00', '06:00'), 'Every day 22:00–06:00 (UTC)'],
		[
			hours({
				timeZone: 'Europe/Berlin',
				weekly: [
					{ days: [1, 2, 3, 4, 5], from: '14:00', to: '18:00' },
					{ days: [1, 2, 3, 4, 5], from: '09:00', to: '13:00' },
					{ days: [6], from: '10:00', to: '14:00' },
				],
				holidays: [
					{ date: '2026-12-25', until: '2026-12-26', yearly: true, ranges: [] },
					{ name: 'Eve', date: '2026-12-24', ranges: [{ from: '09:00', to: '12:00' }] },
				],
			}),
			'Mon–Fri 09:00–13:00, 14:00–18:00; Sat 10:00–14:00 (Europe/Berlin); closed every year 12-25 to 12-26; 09:00–12:00 only on 2026-12-24 (Eve)',
		],
		[
			hours({ timeZone: 'UTC', weekly: [{ days: [1, 3, 6, 7], from: '09:00', to: '10:00' }] }),
			'Wed, Sat–Mon 09:00–10:00 (UTC)',
		],
		[
			hours({ timeZone: 'UTC', weekly: [{ days: [2, 3, 5], from: '09:00', to: '10:00' }] }),
			'Tue, Wed, Fri 09:00–10:00 (UTC)',
		],
	])('%j', (of, words) => {
		expect(describeHours(of)).toBe(words);
	});

	test('names ten holidays and counts the rest', () => {
		const holidays = Array.from({ length: 13 }, (_, index) => ({
			date: `2026-05-${index + 10}`,
			ranges: [],
		}));
		expect(describeHours(hours({ holidays }))).toMatch(
			/closed on 2026-05-19; and 3 more holidays$/,
		);
	});
});
