import fc from 'fast-check';
import { hoursState, parseBusinessHours } from '../../nodes/decisions/businessHours';
import type { BusinessHours, Weekday } from '../../nodes/decisions/contracts';
import { readMinuteByMinute, wallClock } from './support/wallClock';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Moments near which the clock is set, and one near which it is not. */
const CHANGES = {
	'Europe/Berlin': ['2026-03-29T01:00Z', '2026-10-25T01:00Z'],
	'America/New_York': ['2026-03-08T07:00Z', '2026-11-01T06:00Z'],
	'Africa/Cairo': ['2026-04-23T22:00Z', '2026-10-29T21:00Z'],
	'Australia/Lord_Howe': ['2026-10-03T15:30Z', '2026-04-04T15:00Z'],
	'America/Havana': ['2026-03-08T05:00Z', '2026-11-01T05:00Z'],
	'Asia/Kathmandu': ['2026-03-29T01:00Z', '2026-12-31T18:15Z'],
};

const two = (value: number) => String(value).padStart(2, '0');
/** Mostly round, as people give them, and often within the hours that are skipped or doubled. */
const timeOfDay = fc
	.tuple(
		fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 23 })),
		fc.constantFrom(0, 0, 15, 30, 59),
	)
	.map(([hour, minute]) => `${two(hour)}:${two(minute)}`);
const range = fc
	.record({ from: timeOfDay, to: fc.oneof(timeOfDay, fc.constant('24:00')) })
	.filter(({ from, to }) => from !== to);
const days = fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
const weekly = fc.array(
	fc.record({ days, range }).map(({ days: on, range: times }) => ({
		days: on as Weekday[],
		...times,
	})),
	{ maxLength: 4 },
);

const dateNear = (moment: number) =>
	fc
		.integer({ min: -3, max: 3 })
		.map((offset) => new Date(moment + offset * DAY).toISOString().slice(0, 10));

const holidaysNear = (moment: number) =>
	fc.array(
		fc.record({
			date: dateNear(moment),
			ranges: fc.array(range, { maxLength: 2 }),
			yearly: fc.boolean(),
			length: fc.integer({ min: 0, max: 2 }),
		}),
		{ maxLength: 2 },
	);

/** Business hours, and a change of the clock (or none) near which they are looked at. */
const scene = fc
	.constantFrom(...Object.entries(CHANGES))
	.chain(([timeZone, moments]) =>
		fc.record({ timeZone: fc.constant(timeZone), change: fc.constantFrom(...moments) }),
	)
	.chain(({ timeZone, change }) => {
		const moment = Date.parse(change);
		return fc.record({ weekly, holidays: holidaysNear(moment) }).map((values) => ({
			moment,
			hours: parseBusinessHours({
				timeZone,
				weekly: values.weekly,
				holidays: values.holidays.map(({ length, date, ...holiday }) => ({
					...holiday,
					date,
					until: new Date(Date.parse(date) + length * DAY).toISOString().slice(0, 10),
				})),
			}),
		}));
	});

test('at any moment it agrees with who reads the wall clock minute by minute', () => {
	fc.assert(
		fc.property(scene, ({ hours, moment }) => {
			const start = moment - DAY;
			const open = readMinuteByMinute(hours, start, (2 * DAY) / MINUTE);
			const differing = open.flatMap((expected, index) => {
				// Each minute next to a change of the state or the clock, and every thirteenth of the others.
				const isEdge = open[index - 1] !== expected || open[index + 1] !== expected;
				if (!isEdge && index % 13 !== 0) return [];
				const at = start + index * MINUTE;
				return [at, at + MINUTE - 1]
					.filter((each) => hoursState(hours, each).open !== expected)
					.map((each) => new Date(each).toISOString());
			});
			expect(differing).toEqual([]);
		}),
		{ numRuns: 20 },
	);
});

test('opensAt and closesAt are the first moments at which it is so', () => {
	fc.assert(
		fc.property(scene, fc.integer({ min: -DAY, max: DAY }), ({ hours, moment }, offset) => {
			const at = moment + offset;
			const state = hoursState(hours, at);
			const next = state.open ? state.closesAt : state.opensAt;
			expect(state.open ? state.opensAt : state.closesAt).toBeNull();
			const open = (time: number) => hoursState(hours, time).open;
			if (next !== null) {
				expect(next).toBeGreaterThan(at);
				expect(open(next)).toBe(!state.open);
				expect(open(next - 1)).toBe(state.open);
			}
			// Nothing in between: at many moments, and at every beginning and end that is near.
			const last = Math.min(next ?? Infinity, at + 8 * DAY);
			for (let time = at; time < last; time += 61 * MINUTE) expect(open(time)).toBe(state.open);
		}),
		{ numRuns: 40 },
	);
});

/** Minutes of the week that are in some range; what goes over its end belongs to its beginning. */
function minutesOpen(hours: BusinessHours): number {
	const week = 7 * 24 * 60;
	const open = new Uint8Array(week);
	const minute = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
	for (const { days: on, from, to } of hours.weekly) {
		const length = (minute(to) - minute(from) + 24 * 60) % (24 * 60) || 24 * 60;
		for (const day of on) {
			for (let index = 0; index < length; index++) {
				open[((day - 1) * 24 * 60 + minute(from) + index) % week] = 1;
			}
		}
	}
	return open.reduce((sum, one) => sum + one, 0);
}

test('in a week without changes it is open as long as its ranges are together', () => {
	fc.assert(
		fc.property(weekly, (ranges) => {
			const hours: BusinessHours = { timeZone: 'Europe/Berlin', weekly: ranges, holidays: [] };
			const monday = Date.parse('2026-06-08T00:00:00+02:00');
			const end = monday + 7 * DAY;
			let total = 0;
			for (let now = monday; now < end;) {
				const { open, opensAt, closesAt } = hoursState(hours, now);
				const next = Math.min((open ? closesAt : opensAt) ?? end, end);
				if (open) total += next - now;
				now = next;
			}
			expect(total / MINUTE).toBe(minutesOpen(hours));
		}),
	);
});

test('every zone that this Node knows is taken, and read', () => {
	for (const timeZone of Intl.supportedValuesOf('timeZone')) {
		const hours = parseBusinessHours({
			timeZone,
			weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '09:00', to: '17:00' }],
		});
		const shown = wallClock(timeZone);
		for (let hour = 0; hour < 24; hour++) {
			const at = Date.parse('2026-07-01T00:00Z') + hour * 60 * MINUTE;
			const time = shown(at).slice(-5);
			expect([timeZone, time, hoursState(hours, at).open]).toEqual([
				timeZone,
				time,
				time >= '09:00' && time < '17:00',
			]);
		}
	}
});
