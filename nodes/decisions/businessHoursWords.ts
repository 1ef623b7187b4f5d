import { DateTime, IANAZone } from '../vendor';
import type { BusinessHours, TimeRange, Weekday } from './contracts';
import { localDay, weekdayOf } from './localTime';
import { holidayOn, rangesOf } from './openingTimes';

export const ALWAYS_OPEN = 'open at all times';

/** In the order of the week, as ISO 8601 counts them. */
export const WEEKDAYS = [
	'Monday',
	'Tuesday',
	'Wednesday',
	'Thursday',
	'Friday',
	'Saturday',
	'Sunday',
];

/** How many holidays a description names. */
const NAMED = 10;

const DAY = 24 * 60 * 60_000;

const dayName = (weekday: number) => WEEKDAYS[weekday - 1] ?? '';

/** "open until 17:00" */
export function whyOpen(hours: BusinessHours, at: number, closesAt: number | null): string {
	if (closesAt === null) return ALWAYS_OPEN;
	return `open until ${momentWords(hours.timeZone, closesAt, at, 'end')}`;
}

/** "closed until 09:00", "closed on Friday", "closed for Christmas" */
export function whyClosed(hours: BusinessHours, at: number, opensAt: number | null): string {
	const zone = IANAZone.create(hours.timeZone);
	const today = localDay(at, zone);
	if (opensAt === null) {
		return hours.weekly.length === 0 ? 'closed at all times' : 'closed for more than a year';
	}
	if (localDay(opensAt, zone) !== today) {
		const holiday = holidayOn(hours, today);
		if (holiday) return `closed for ${holiday.name ?? 'a holiday'}`;
		if (hours.weekly.length > 0 && rangesOf(hours, today).length === 0)
			return `closed on ${dayName(weekdayOf(today))}`;
	}
	return `closed until ${describeMoment(hours, opensAt, at)}`;
}

/** A moment to come in the zone of the hours: "09:00", "Sunday 09:00", "2026-12-27 09:00". */
export const describeMoment = (hours: BusinessHours, moment: number, now: number) =>
	momentWords(hours.timeZone, moment, now, 'begin');

/** Midnight is 00:00 where something begins, and the 24:00 of the day before where it ends. */
function momentWords(zone: string, moment: number, now: number, what: 'begin' | 'end'): string {
	const exact = DateTime.fromMillis(moment, { zone });
	const isMidnight = what === 'end' && exact.hour === 0 && exact.minute === 0;
	const day = isMidnight ? exact.minus({ minutes: 1 }) : exact;
	const time = isMidnight ? '24:00' : exact.toFormat('HH:mm');
	if (moment - now < DAY) return time;
	if (moment - now < 6 * DAY) return `${dayName(day.weekday)} ${time}`;
	return `${day.toFormat('yyyy-MM-dd')} ${time}`;
}

/** In plain words: "Sun–Thu 09:00–17:00 (Africa/Cairo); closed on 2026-12-25 (Christmas)". */
export function describeHours(hours: BusinessHours | null): string {
	if (hours === null) return ALWAYS_OPEN;
	const week = weekWords(hours);
	const weekly = `${week === '' ? 'closed all week' : week} (${hours.timeZone})`;
	const holidays = hours.holidays.slice(0, NAMED).map(holidayWords);
	const more = hours.holidays.length - holidays.length;
	return [weekly, ...holidays, ...(more > 0 ? [`and ${more} more holidays`] : [])].join('; ');
}

/** Days with the same times together, the longest run of days first where it goes over the weekend. */
function weekWords({ weekly }: BusinessHours): string {
	const daysByTimes = new Map<string, Weekday[]>();
	for (const day of [1, 2, 3, 4, 5, 6, 7] as const) {
		const ranges = weekly.filter(({ days }) => days.includes(day));
		if (ranges.length === 0) continue;
		const times = rangeWords(ranges);
		daysByTimes.set(times, [...(daysByTimes.get(times) ?? []), day]);
	}
	return [...daysByTimes].map(([times, days]) => `${daysWords(days)} ${times}`).join('; ');
}

function rangeWords(ranges: TimeRange[]): string {
	const words = [...ranges]
		.sort((a, b) => (a.from < b.from ? -1 : 1))
		.map(({ from, to }) => `${from}–${to}`);
	return [...new Set(words)].join(', ');
}

/** "Sun–Thu", "Mon, Wed"; Sunday may go before Monday. */
function daysWords(days: Weekday[]): string {
	if (days.length === 7) return 'Every day';
	const before = (day: number) => ((day + 5) % 7) + 1;
	const after = (day: number) => (day % 7) + 1;
	const has = (day: number) => (days as number[]).includes(day);
	return days
		.filter((day) => !has(before(day)))
		.map((start) => {
			const run: number[] = [start];
			for (let day = after(start); has(day); day = after(day)) run.push(day);
			return run;
		})
		.map((run) => {
			const names = run.map((day) => dayName(day).slice(0, 3));
			return names.length > 2 ? `${names[0]}–${names.at(-1)}` : names.join(', ');
		})
		.join(', ');
}

function holidayWords(holiday: BusinessHours['holidays'][number]): string {
	const { name, date, until, yearly, ranges } = holiday;
	// The year of one that comes every year is nobody's business.
	const shown = (day: string) => (yearly === true ? day.slice(5) : day);
	const dates = until === undefined ? `on ${shown(date)}` : `${shown(date)} to ${shown(until)}`;
	const what = ranges.length === 0 ? 'closed' : `${rangeWords(ranges)} only`;
	const often = yearly === true ? 'every year ' : '';
	return `${what} ${often}${dates}${name === undefined ? '' : ` (${name})`}`;
}
