import axios from 'axios';
import { createHash } from 'node:crypto';

/** What the stand-ins of platforms, on whose screens people work, have in common. */

/** Posts as a platform does: what is answered is noted, and a failure is nobody's error. */
export async function post(
	url: string,
	rawBody: string,
	headers: Record<string, string>,
): Promise<{ status: number; body: unknown }> {
	const { status, data } = await axios.post<unknown>(url, Buffer.from(rawBody, 'utf8'), {
		headers: { 'content-type': 'application/json', ...headers },
		validateStatus: () => true,
		proxy: false,
	});
	return { status, body: data };
}

/** The same number for the same word: its digits, where it is nothing else. */
export function numberOf(word: string): number {
	return /^\d{1,12}$/.test(word)
		? Number(word)
		: createHash('sha256').update(word).digest().readUIntBE(0, 6);
}

/** Work that a platform does after it has answered, as its queue would. */
export interface Background {
	run(work: () => Promise<unknown>): void;
	/** Waits for all of it, what it caused included. */
	settled(): Promise<void>;
}

export function background(): Background {
	const running = new Set<Promise<unknown>>();
	return {
		run(work) {
			const one: Promise<unknown> = new Promise((resolve) => setImmediate(resolve))
				.then(work)
				// Whoever registered an address may be gone.
				.catch(() => {})
				.finally(() => running.delete(one));
			running.add(one);
		},
		async settled() {
			while (running.size > 0) await Promise.all(running);
		},
	};
}
