import type { BusinessHours, HoursState } from './contracts';
import { HORIZON, stretchAt } from './openingTimes';
import { ALWAYS_OPEN, whyClosed, whyOpen } from './businessHoursWords';

export { parseBusinessHours } from './businessHoursShape';
export { describeHours, describeMoment, WEEKDAYS } from './businessHoursWords';

/**
 * Whether business hours include a moment, and when that changes.
 *
 * - A range belongs to the day on which it begins, also where it ends on the next: what began on the
 *   evening before a holiday goes on to its end, and what begins on the holiday's own date is the
 *   holiday's.
 * - A range begins the first time that the clock shows its `from`, and ends when the minute before
 *   its `to` is over for the last time. So it is one stretch also where the clock is set back (a
 *   shift from 22:00 to 06:00 is nine hours long then), and a time that the clock skips in spring
 *   counts as the moment of the skip (that shift is seven hours long).
 * - Ranges that overlap or follow each other without a gap are one.
 *
 * @param hours null is open at all times
 * @param at Milliseconds since 1970 (UTC)
 */
export function hoursState(hours: BusinessHours | null, at: number): HoursState {
	if (hours === null) return { open: true, why: ALWAYS_OPEN, opensAt: null, closesAt: null };
	const stretch = stretchAt(hours, at);
	if (stretch === null || stretch.from > at) {
		const opensAt = stretch?.from ?? null;
		return { open: false, why: whyClosed(hours, at, opensAt), opensAt, closesAt: null };
	}
	const closesAt = stretch.to > at + HORIZON ? null : stretch.to;
	return { open: true, why: whyOpen(hours, at, closesAt), opensAt: null, closesAt };
}
