/** Resolves after the given time. */
export async function sleep(milliseconds: number): Promise<void> {
	await new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
}

/** How long and how often {@link until} asks. */
export interface UntilOptions {
	/** What is waited for, in words: it is in the error. */
	what: string;
	/** Gives up after this many milliseconds. */
	timeout?: number;
	/** Milliseconds between two questions. */
	interval?: number;
}

/** Asks again and again until the answer is not `undefined`, and returns the answer. */
export async function until<T>(
	ask: () => Promise<T | undefined> | T | undefined,
	{ what, timeout = 30_000, interval = 100 }: UntilOptions,
): Promise<T> {
	const deadline = Date.now() + timeout;
	for (;;) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		if (Date.now() > deadline) {
			throw new Error(`Waited ${Math.round(timeout / 1000)} s in vain for ${what}`);
		}
		await sleep(interval);
	}
}
