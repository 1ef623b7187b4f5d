import { IANAZone } from '../vendor';
import type { BusinessHours, TimeRange } from './contracts';
import {
	dateOfDay,
	DAY_MINUTES,
	dayOf,
	dayOfDate,
	firstMoment,
	lastMoment,
	localMinute,
	weekdayOf,
	type WallMinute,
} from './localTime';

/** How far ahead an opening or a closing is looked for: a year, a leap year too. */
const DAYS_AHEAD = 366;
export const HORIZON = DAYS_AHEAD * DAY_MINUTES * 60_000;

type Holiday = BusinessHours['holidays'][number];

/** From the first moment until just before the second. Milliseconds since 1970 (UTC). */
export interface Stretch {
	from: number;
	to: number;
}

/** A stretch of local time; it may reach into the following days. */
interface WallStretch {
	from: WallMinute;
	to: WallMinute;
}

/**
 * The stretch that includes `at`, or else the next one, if any begins within a year. Ranges that
 * overlap, or follow each other without a gap, are one stretch.
 */
export function stretchAt(hours: BusinessHours, at: number): Stretch | null {
	const zone = IANAZone.create(hours.timeZone);
	const now = localMinute(at, zone);
	const today = dayOf(now);
	let found: Stretch | null = null;
	for (const wall of wallStretches(hours, today - 1, today + DAYS_AHEAD + 2)) {
		if (found !== null) {
			const from = firstMoment(wall.from, zone);
			if (from > found.to) break;
			// Where the clock is set, two that are apart by local time may follow each other, or overlap.
			found.to = Math.max(found.to, lastMoment(wall.to, zone));
			continue;
		}
		// No clock is set back by so much: there is no need to look closely.
		if (wall.to <= now - DAY_MINUTES / 2) continue;
		const to = lastMoment(wall.to, zone);
		if (to <= at) continue;
		const from = firstMoment(wall.from, zone);
		// Nothing is left of what lies within an hour that the clock skips.
		if (from < to) found = { from, to };
	}
	return found && found.from <= at + HORIZON ? found : null;
}

/** By local time from a day until before another; in order, without overlaps. */
function* wallStretches(
	hours: BusinessHours,
	firstDay: number,
	endDay: number,
): Generator<WallStretch> {
	const week = rangesByWeekday(hours);
	let last: WallStretch | undefined;
	for (let day = firstDay; day < endDay; day++) {
		for (const range of rangesOf(hours, day, week)) {
			const next = wallStretch(range, day);
			if (last && next.from <= last.to) {
				last.to = Math.max(last.to, next.to);
				continue;
			}
			if (last) yield last;
			last = next;
		}
	}
	if (last) yield last;
}

/** The ranges that begin on a day, in order. */
export function rangesOf(
	hours: BusinessHours,
	day: number,
	week = rangesByWeekday(hours),
): TimeRange[] {
	const holiday = holidayOn(hours, day);
	return holiday ? inOrder(holiday.ranges) : (week[weekdayOf(day) - 1] ?? []);
}

/** From Monday to Sunday. */
const rangesByWeekday = ({ weekly }: BusinessHours): TimeRange[][] =>
	([1, 2, 3, 4, 5, 6, 7] as const).map((weekday) =>
		inOrder(weekly.filter(({ days }) => days.includes(weekday))),
	);

const inOrder = (ranges: TimeRange[]) => [...ranges].sort((a, b) => (a.from < b.from ? -1 : 1));

/**
 * The holiday of a day. One of this year goes before one of every year; of two alike, the one that
 * is further up the list.
 */
export function holidayOn({ holidays }: BusinessHours, day: number): Holiday | undefined {
	if (holidays.length === 0) return undefined;
	const date = dateOfDay(day);
	return (
		holidays.find((holiday) => holiday.yearly !== true && includes(holiday, date)) ??
		holidays.find((holiday) => holiday.yearly === true && includes(holiday, date))
	);
}

/**
 * Dates are compared as text, which has their order. A yearly holiday that ends on an earlier day of
 * the year than it begins goes over New Year; a 29 February is one in leap years only.
 */
function includes({ date, until = date, yearly }: Holiday, day: string): boolean {
	if (yearly !== true) return date <= day && day <= until;
	const [from, to, on] = [date.slice(5), until.slice(5), day.slice(5)];
	return from <= to ? from <= on && on <= to : on >= from || on <= to;
}

function wallStretch({ from, to }: TimeRange, day: number): WallStretch {
	const midnight = day * DAY_MINUTES;
	const start = midnight + minuteOf(from);
	const end = midnight + minuteOf(to);
	return { from: start, to: end > start ? end : end + DAY_MINUTES };
}

/** Minutes since midnight of "09:00". */
export function minuteOf(time: string): number {
	const [hours, minutes] = time.split(':');
	return Number(hours) * 60 + Number(minutes);
}

/** Whether there is such a date: "2026-12-25". */
export const isDate = (date: string) => !Number.isNaN(dayOfDate(date));
