/**
 * How long a contact waits for the agent it had before, in milliseconds; null when that was so long
 * ago that it does not count. The wait fades: whole for who was here just now, half after half the
 * days, nothing at the end of them.
 *
 * @param ago since they last had to do with each other
 * @param within how long that counts
 * @param waitAtMost 0: preferred, but not waited for
 */
export function preferenceWait(
	ago: number,
	{ within, waitAtMost }: { within: number; waitAtMost: number },
): number | null {
	if (ago >= within) return null;
	return Math.round(waitAtMost * (1 - Math.max(0, ago) / within));
}
