import { setImmediate as nextTurn } from 'node:timers/promises';

/** Turns of the event loop that work may take; far more than any test needs. */
const TURNS = 100_000;

/** Lets the event loop turn until something has happened. Never looks at a clock. */
export async function until(happened: () => boolean | Promise<boolean>): Promise<void> {
	for (let turn = 0; turn < TURNS; turn++) {
		if (await happened()) return;
		await nextTurn();
	}
	throw new Error('It never happened');
}

/** Lets everything that is ready happen, for what must not happen. */
export async function settle(): Promise<void> {
	for (let turn = 0; turn < 50; turn++) await nextTurn();
}
