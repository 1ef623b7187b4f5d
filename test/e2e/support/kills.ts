import type { ConversationStore } from '../../../nodes/store/store';
import type { Host } from '../../host/host';
import { sleep, until } from '../../host/waiting';

/** Resolves at a moment when executions are under way: some delivery is claimed, none of it finished. */
export async function flowsRun(store: ConversationStore): Promise<void> {
	await until(
		async () => {
			const now = Date.now();
			const row = await store.engine.db
				.selectFrom('deliveries')
				.select('id')
				.where('workspace', '=', store.workspace)
				.where('status', '=', 'claimed')
				.where('due_at', '>', now + 25_000)
				.executeTakeFirst();
			return row ? true : undefined;
		},
		{ what: 'a flow to run', timeout: 60_000, interval: 20 },
	).catch(() => undefined);
	await sleep(Math.random() * 1_000);
}

/**
 * Starts n8n as a supervisor does: again when it ends while it starts. n8n 2.40.7 does that (its
 * recovery reads the start time of an execution that was killed before it had one).
 */
export async function supervise(host: Host): Promise<void> {
	for (let attempt = 1; ; attempt++) {
		host.start();
		try {
			await host.waitReady();
			return;
		} catch (error) {
			if (host.running || attempt === 10) throw failure(error);
		}
	}
}

export const failure = (error: unknown) =>
	error instanceof Error ? error : new Error(String(error));
