import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from './clock';
import { Resuming } from './resuming';
import type { ConversationStore } from './store';

/** How often a process looks whether something is due. Milliseconds. */
const INTERVAL = 5_000;

/** Between two rounds when there is always something to do: others want to work, too. Milliseconds. */
const PAUSE = 25;

/** How long the lease of the process that pumps holds. Milliseconds. */
const LEASE = 20_000;

/** A failure that lasts is told again after this. Milliseconds. */
const TOLD_AGAIN = 5 * 60_000;

/** A server that is away for an hour is one line in the log every few minutes, not one every round. */
function oncePerCause(onFailure: (error: unknown) => void, clock: Clock): (error: unknown) => void {
	let last = { cause: '', at: 0 };
	return (error) => {
		const cause = String(error);
		if (cause === last.cause && clock() - last.at < TOLD_AGAIN) return;
		last = { cause, at: clock() };
		onFailure(error);
	};
}

/**
 * Does what belongs to no trigger node: serves queues, judges ended flows, lets old deliveries
 * expire, tells executions that wait. Every process that holds the store open may; a lease in the store says which one does.
 *
 * @param onFailure is told what went wrong; the next round tries again
 * @returns the way to stop
 */
export function startPump(
	store: ConversationStore,
	onFailure: (error: unknown) => void,
	interval = INTERVAL,
): () => void {
	const workspaces = [store, store.forTests()];
	let running = false;
	let again = false;
	let stopped = false;
	const report = oncePerCause(onFailure, store.clock);
	const resuming = new Map(workspaces.map((each) => [each, new Resuming(each, report)]));

	const round = async () => {
		if (running) {
			again = true;
			return;
		}
		running = true;
		try {
			do {
				if (again) await pause(PAUSE, undefined, { ref: false });
				again = false;
				for (const each of workspaces) {
					if (stopped) return;
					const name = `pump:${each.workspace}`;
					if (!(await each.takeLease({ name, duration: LEASE }))) continue;
					await each.doDueWork();
					await resuming.get(each)?.start();
				}
			} while (again && !stopped);
		} catch (error) {
			report(error);
		} finally {
			running = false;
		}
	};

	const timer = setInterval(() => void round(), interval);
	timer.unref();
	const stopListening = store.engine.onWake((topic) => {
		if (topic === 'work') setImmediate(() => void round());
	});
	return () => {
		stopped = true;
		for (const each of resuming.values()) each.stop();
		clearInterval(timer);
		stopListening();
	};
}
