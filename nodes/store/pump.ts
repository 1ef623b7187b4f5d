import type { ConversationStore } from './store';

/** How often a process looks whether something is due. Milliseconds. */
const INTERVAL = 5_000;

/** How long the lease of the process that pumps holds. Milliseconds. */
const LEASE = 20_000;

/**
 * Does what belongs to no trigger node: serves queues, judges ended flows, lets old deliveries
 * expire. Every process that holds the store open may; a lease in the store says which one does.
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

	const round = async () => {
		if (running) {
			again = true;
			return;
		}
		running = true;
		try {
			do {
				again = false;
				for (const each of workspaces) {
					if (stopped) return;
					const name = `pump:${each.workspace}`;
					if (await each.takeLease({ name, duration: LEASE })) await each.doDueWork();
				}
			} while (again && !stopped);
		} catch (error) {
			onFailure(error);
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
		clearInterval(timer);
		stopListening();
	};
}
