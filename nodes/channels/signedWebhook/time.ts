/** What the libraries of Standard Webhooks allow for late and for fast clocks; Slack says the same. */
export const TOLERANCE_SECONDS = 5 * 60;

/**
 * Whether a signed time is near enough to now, so that a recorded request cannot be sent again for
 * ever. A clock may also be fast, so the future counts like the past.
 *
 * @param name where the time stood, for the sentence
 * @param text seconds or milliseconds since 1970, as digits
 * @param now milliseconds since 1970
 * @param tolerance seconds; 0 takes any time, which still has to be a number
 * @returns a sentence for the operator, or undefined when the time can be accepted
 */
export function timeProblem(
	name: string,
	text: string,
	now: number,
	tolerance: number,
): string | undefined {
	if (!/^\d{1,13}$/.test(text)) return `${name} is not a whole number of seconds.`;
	// 100,000,000,000 seconds are the year 5138, as many milliseconds are 1973.
	const seconds = text.length > 11 ? Math.floor(Number(text) / 1000) : Number(text);
	const age = Math.floor(now / 1000) - seconds;
	if (tolerance === 0 || Math.abs(age) <= tolerance) return undefined;
	const when = age > 0 ? `${age} seconds ago` : `${-age} seconds in the future`;
	return `The request was signed ${when}; ${tolerance} seconds are allowed. Check the clocks of the sender and of this machine.`;
}
