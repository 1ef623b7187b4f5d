import { DateTime, type Zone } from '../vendor';

/**
 * Local times as a clock on the wall shows them, counted in minutes since 1970-01-01 00:00 of that
 * clock: an order of days and times in which no zone plays a part. Days are counted likewise.
 */
export type WallMinute = number;

export const DAY_MINUTES = 24 * 60;
const MINUTE = 60_000;
const DAY = DAY_MINUTES * MINUTE;

/** Milliseconds since 1970 that a clock of the zone seems to show at a moment. */
const wallOf = (at: number, zone: Zone) => at + Math.round(zone.offset(at) * MINUTE);

/** The minute that a clock of the zone shows at a moment. */
export const localMinute = (at: number, zone: Zone): WallMinute =>
	Math.floor(wallOf(at, zone) / MINUTE);

/** The day that a clock of the zone shows at a moment. */
export const localDay = (at: number, zone: Zone) => dayOf(localMinute(at, zone));

export const dayOf = (minute: WallMinute) => Math.floor(minute / DAY_MINUTES);

/** The day of a date as "2026-12-25"; NaN where there is no such date. */
export function dayOfDate(date: string): number {
	const day = Date.parse(`${date}T00:00:00Z`) / DAY;
	// JavaScript takes 30 February for 2 March.
	return Number.isNaN(day) || dateOfDay(day) !== date ? NaN : day;
}

/** "2026-12-25" */
export const dateOfDay = (day: number) => new Date(day * DAY).toISOString().slice(0, 10);

/** ISO 8601: 1 is Monday, 7 is Sunday. The first day, 1970-01-01, was a Thursday. */
export const weekdayOf = (day: number) => ((((day + 3) % 7) + 7) % 7) + 1;

/** The first moment at which a clock of the zone shows this time, or a later one where it skips it. */
export function firstMoment(minute: WallMinute, zone: Zone): number {
	const { moments, skipped } = momentsOf(minute, zone);
	return skipped ?? Math.min(...moments);
}

/**
 * The moment at which the minute before this time has passed for good: where the clock is set back
 * over it, the second time. Where the clock skips that minute, the moment at which it does.
 */
export function lastMoment(minute: WallMinute, zone: Zone): number {
	const { moments, skipped } = momentsOf(minute - 1, zone);
	return skipped ?? Math.max(...moments) + MINUTE;
}

/** When a clock shows this time: once, twice, or never, and then when it passes over it. */
function momentsOf(minute: WallMinute, zone: Zone): { moments: number[]; skipped?: number } {
	const wall = minute * MINUTE;
	// Nowhere is a clock set on two days in a row, so on most days there is nothing to look for.
	const offset = zone.offset(wall - DAY);
	if (offset === zone.offset(wall + DAY)) return { moments: [wall - Math.round(offset * MINUTE)] };
	const local = DateTime.fromMillis(wall, { zone: 'utc' }).setZone(zone, { keepLocalTime: true });
	const moments = local.getPossibleOffsets().map((moment) => moment.toMillis());
	if (moments.every((moment) => wallOf(moment, zone) === wall)) return { moments };
	return { moments: [], skipped: passing(wall, zone, local.toMillis()) };
}

/** When the clock jumps over a time; `near` is within a day of it. */
function passing(wall: number, zone: Zone, near: number): number {
	let before = near - DAY;
	let after = near + DAY;
	while (after - before > 1) {
		const middle = Math.floor((before + after) / 2);
		if (wallOf(middle, zone) < wall) before = middle;
		else after = middle;
	}
	return after;
}
