import type { BusinessHours } from '../../../nodes/decisions/contracts';

const MINUTE = 60_000;

/** What a clock of the zone shows, as text that sorts by time: "2026-03-29 01:59". */
export function wallClock(timeZone: string): (at: number) => string {
	const format = new Intl.DateTimeFormat('en-CA', {
		timeZone,
		hourCycle: 'h23',
		year: 'numeric',
		month: '2-digit',
		day: '2-digit',
		hour: '2-digit',
		minute: '2-digit',
	});
	return (at) => format.format(at).replace(',', '');
}

const plusDays = (date: string, days: number) =>
	new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

const weekdayOf = (date: string) => new Date(`${date}T00:00:00Z`).getUTCDay() || 7;

function rangesOf(hours: BusinessHours, date: string) {
	const matching = hours.holidays.filter(({ date: from, until = from, yearly }) => {
		if (!yearly) return from <= date && date <= until;
		// By walking from its first day to its last.
		for (let day = `2024${from.slice(4)}`; ; day = plusDays(day, 1)) {
			if (day.slice(5) === date.slice(5)) return true;
			if (day.slice(5) === until.slice(5)) return false;
		}
	});
	const holiday = matching.find(({ yearly }) => !yearly) ?? matching[0];
	if (holiday) return holiday.ranges;
	return hours.weekly.filter(({ days }) => (days as number[]).includes(weekdayOf(date)));
}

const shownBefore = new Map<string, string[]>();

/** What the clock shows in each of these minutes; read once, since that takes long. */
function shownFrom(timeZone: string, start: number, minutes: number): string[] {
	const id = `${timeZone} ${start} ${minutes}`;
	const read = wallClock(timeZone);
	const shown =
		shownBefore.get(id) ??
		Array.from({ length: minutes }, (_, index) => read(start + index * MINUTE));
	shownBefore.set(id, shown);
	return shown;
}

/**
 * Reads the wall clock minute by minute, and knows nothing else of time zones: a range is open from
 * the first minute that shows its beginning or later, to the last minute that shows less than its end.
 *
 * @param start A whole minute. What began before it is seen if it is within two days of it.
 * @returns for each minute from `start` whether it is open
 */
export function readMinuteByMinute(
	hours: BusinessHours,
	start: number,
	minutes: number,
): boolean[] {
	const lead = 2 * 24 * 60;
	const shown = shownFrom(hours.timeZone, start - lead * MINUTE, lead + minutes + lead);
	const open = shown.map(() => false);
	const first = shown[0]?.slice(0, 10) ?? '';
	const days = Math.ceil(shown.length / (24 * 60)) + 1;
	for (let index = 0; index < days; index++) {
		const date = plusDays(first, index);
		for (const { from, to } of rangesOf(hours, date)) {
			const begins = `${date} ${from}`;
			// "24:00" sorts before the next day and after every minute of its own.
			const ends = `${to > from ? date : plusDays(date, 1)} ${to}`;
			const opening = shown.findIndex((minute) => minute >= begins);
			const closing = shown.findLastIndex((minute) => minute < ends);
			if (opening < 0) continue;
			for (let at = opening; at <= closing; at++) open[at] = true;
		}
	}
	return open.slice(lead, lead + minutes);
}
