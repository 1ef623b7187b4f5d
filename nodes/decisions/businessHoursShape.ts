import { IANAZone, z } from '../vendor';
import type { BusinessHours, Weekday } from './contracts';
import { dayOfDate } from './localTime';
import { isDate } from './openingTimes';

const MOST_WEEKLY = 100;
const MOST_HOLIDAYS = 500;
const MOST_RANGES = 20;
const LONGEST_NAME = 100;

const said = (what: string) => ({ invalid_type_error: what, required_error: what });

const timeZone = z
	.string(said('The time zone is missing: give an IANA name, e.g. Africa/Cairo'))
	.trim()
	.min(1, 'The time zone is missing: give an IANA name, e.g. Africa/Cairo')
	.refine(
		// n8n and JavaScript also take "+02:00": it knows no summer time, so it is not what anybody means.
		(name) => /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name),
		(name) => ({
			message: `The time zone '${name.slice(0, 50)}' is not known: give an IANA name, e.g. Africa/Cairo`,
		}),
	);

/** "9:00" and "09:00:00" are 09:00. */
const timeOfDay = z
	.string(said('A time is missing: give it as in 09:00'))
	.trim()
	.transform((value, context) => {
		const [, hours = '', minutes = ''] = /^(\d{1,2}):(\d{2})(?::00)?$/.exec(value) ?? [];
		const time = `${hours.padStart(2, '0')}:${minutes}`;
		if (/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(time)) return time;
		context.addIssue({
			code: 'custom',
			message: `'${value.slice(0, 20)}' is not a time of the day: give one from 00:00 to 24:00, e.g. 09:00`,
		});
		return z.NEVER;
	});

interface Times {
	from: string;
	to: string;
}

function checkRange({ from, to }: Times, context: z.RefinementCtx): void {
	if (from === '24:00') {
		context.addIssue({ code: 'custom', message: 'A range cannot begin at 24:00: give 00:00' });
	} else if (from === to) {
		context.addIssue({
			code: 'custom',
			message: `The range from ${from} to ${to} is empty: give 00:00 to 24:00 for a whole day`,
		});
	}
}

const times = { from: timeOfDay, to: timeOfDay };

const weekday = z
	.number(said('A day is a number from 1, Monday, to 7, Sunday'))
	.int('A day is a number from 1, Monday, to 7, Sunday')
	.min(1, 'A day is a number from 1, Monday, to 7, Sunday')
	.max(7, 'A day is a number from 1, Monday, to 7, Sunday');

const days = z
	.array(weekday, said('The days are missing: a list of numbers from 1, Monday, to 7, Sunday'))
	.min(1, 'Choose at least one day')
	.transform((list) => [...new Set(list)].sort((a, b) => a - b) as Weekday[]);

/** Of "2026-12-25T00:00:00.000+02:00", as n8n's date field gives it, only the date counts. */
const date = z
	.string(said('A date is missing: give it as in 2026-12-25'))
	.trim()
	.transform((value, context) => {
		const [, day = ''] = /^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$/.exec(value) ?? [];
		if (isDate(day)) return day;
		context.addIssue({
			code: 'custom',
			message: `There is no date '${value.slice(0, 20)}': give one as in 2026-12-25`,
		});
		return z.NEVER;
	});

const holiday = z
	.object(
		{
			name: z
				.string()
				.trim()
				.transform((name) => name.replace(/\s+/gu, ' '))
				.pipe(z.string().max(LONGEST_NAME, `The name is longer than ${LONGEST_NAME} characters`))
				.optional(),
			date,
			until: date.optional(),
			yearly: z.boolean().optional(),
			ranges: z
				.array(z.object(times).superRefine(checkRange))
				.max(MOST_RANGES, `A holiday may have at most ${MOST_RANGES} ranges`)
				.default([]),
		},
		said('A holiday must have a date'),
	)
	.superRefine(({ date: from, until, yearly }, context) => {
		if (until === undefined) return;
		const length = dayOfDate(until) - dayOfDate(from);
		if (yearly !== true && length < 0) {
			context.addIssue({
				code: 'custom',
				message: `The holiday ends on ${until}, before it begins on ${from}`,
			});
		} else if (yearly === true && length >= 365) {
			context.addIssue({
				code: 'custom',
				message: `A holiday of every year cannot last from ${from} to ${until}`,
			});
		}
	});

const shape = z.object(
	{
		timeZone,
		weekly: z
			.array(
				z
					.object({ days, ...times }, said('Weekly hours must have days, from and to'))
					.superRefine(checkRange),
				said('Weekly hours must be a list'),
			)
			.max(MOST_WEEKLY, `There may be at most ${MOST_WEEKLY} entries of weekly hours`)
			.default([]),
		holidays: z
			.array(holiday, said('Holidays must be a list'))
			.max(MOST_HOLIDAYS, `There may be at most ${MOST_HOLIDAYS} holidays`)
			.default([]),
	},
	said('Business hours must be an object with timeZone, weekly and holidays'),
);

const PARTS: Record<string, string> = { weekly: 'Weekly hours', holidays: 'Holidays' };

/**
 * Checks what somebody typed, or a program gave, and writes it in one way: times as "09:00", dates as
 * "2026-12-25", days in order.
 *
 * @throws RangeError says what is wrong, and in which entry, for whoever filled in the form
 */
export function parseBusinessHours(value: unknown): BusinessHours {
	const result = shape.safeParse(value);
	if (!result.success) {
		const [issue] = result.error.issues;
		const [part = '', index] = issue?.path ?? [];
		const where =
			typeof index === 'number' ? `${PARTS[String(part)] ?? part}, entry ${index + 1}: ` : '';
		throw new RangeError(`${where}${issue?.message ?? 'The business hours are not valid'}`);
	}
	const { holidays, ...rest } = result.data;
	return {
		...rest,
		holidays: holidays.map(({ name, date: first, until, yearly, ranges }) => ({
			...(name ? { name } : {}),
			date: first,
			...(until === undefined || until === first ? {} : { until }),
			...(yearly === true ? { yearly } : {}),
			ranges,
		})),
	};
}
