const SECOND = 1000;
const UNITS: Array<[string, number]> = [
	['day', 24 * 60 * 60 * SECOND],
	['hour', 60 * 60 * SECOND],
	['minute', 60 * SECOND],
];

/** "10 minutes", "1 hour", "90 seconds": in the largest unit of which it is a whole number. */
export function durationWords(milliseconds: number): string {
	const whole = UNITS.find(([, size]) => milliseconds >= size && milliseconds % size === 0);
	const [unit, size] = whole ?? ['second', SECOND];
	const count = Math.round(milliseconds / size);
	return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
