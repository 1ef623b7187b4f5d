import { setTimeout as pause } from 'node:timers/promises';
import { asIs } from '../errors';

/** How long a writer waits for writers of other processes, in milliseconds. */
export const BUSY_LIMIT = 15_000;
const SQLITE_BUSY = 5;

/**
 * Runs `attempt` until the file is free. While another process holds it we ask again later instead
 * of letting SQLite wait, which would block n8n's event loop.
 */
export async function whenFree<T>(attempt: () => T): Promise<T> {
	const started = performance.now();
	for (let round = 0; ; round++) {
		try {
			return attempt();
		} catch (error) {
			if (!isBusy(error) || performance.now() - started > BUSY_LIMIT) throw asIs(error);
			await pause(Math.min(5 * 2 ** round, 200));
		}
	}
}

function isBusy(error: unknown): boolean {
	// Extended codes (recovery, snapshot) keep the primary one in their low byte.
	return ((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY;
}
