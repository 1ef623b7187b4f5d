import { join } from 'node:path';
import { idSource } from '../../../nodes/store/ids';
import { openPostgresEngine } from '../../../nodes/store/postgres/engine';
import { openSqliteEngine } from '../../../nodes/store/sqlite/engine';
import { ConversationStore } from '../../../nodes/store/store';
import { N8nClient } from '../../host/client';
import type { Host } from '../../host/host';
import { startQueueMode, type QueueMode } from '../../host/queue-mode';
import { redisProgram } from '../../host/redis';
import type { Credential, JsonObject, WorkflowDraft } from '../../host/types';
import { testPostgres } from '../../postgres/connection';
import { inboundUrl, OWNER, whatsAppCredential, type Published } from './rig';

/** A real n8n in queue mode with the packed pack, and its store seen from outside. */
export interface QueueRig {
	mode: QueueMode;
	/** Speaks with the main process. */
	client: N8nClient;
	/** A workspace of the store, opened by this process as well. */
	openStore(workspace: string): Promise<ConversationStore>;
	/** The credential of a workspace of that store. */
	storeCredential(workspace: string): Promise<Credential>;
	/** Saves and publishes, and waits until the webhook processor answers. */
	publish(draft: WorkflowDraft, workspace: string, channel?: Credential): Promise<Published>;
	/** Saves with this store; the channel is the WhatsApp number of the tests unless said otherwise. */
	save(draft: WorkflowDraft, store: Credential, channel?: Credential): Promise<Published>;
	stop(): Promise<void>;
}

/** Why there can be no queue mode on this machine; undefined where there can. */
export function noQueueMode(): string | undefined {
	if (redisProgram() !== undefined) return undefined;
	return 'redis-server is not installed: the tests of queue mode are skipped';
}

/** The store in the user folder that all processes share. */
const EMBEDDED = 'shared';

/**
 * Starts a rig with two workers. `env` goes to every process of n8n.
 *
 * @param oneMachine the processes share one user folder, and the embedded store in it
 */
export async function startQueueRig(
	env: Record<string, string> = {},
	oneMachine = false,
): Promise<QueueRig> {
	const { host, port, user, password, database } = testPostgres();
	const server = { host, port, user, password, database };
	const mode = await startQueueMode({ server, workers: 2, env, oneFolder: oneMachine });
	const connection = { ...mode.database, ssl: 'disable' as const, schema: 'conversations' };
	const client = new N8nClient(mode.main.url);
	await client.enter(OWNER);
	const whatsApp = await whatsAppCredential(client);
	const opened: ConversationStore[] = [];

	const storeCredential = async (workspace: string) => {
		const data: JsonObject = oneMachine
			? { backend: 'sqlite', storeName: EMBEDDED, workspace, sharedDisk: true }
			: { backend: 'postgres', ...connection, workspace };
		return await client.credentials.ensure(`Store ${workspace}`, 'conversationStoreApi', data);
	};
	const save = async (draft: WorkflowDraft, store: Credential, channel = whatsApp) => {
		const workflow = await client.workflows.import(draft, [store, channel]);
		const url = await inboundUrl(client, workflow);
		return { workflow, url: url.replace(mode.main.url, mode.webhook.url) };
	};
	return {
		mode,
		client,
		async openStore(workspace) {
			const newStoreId = idSource(Date.now);
			const file = join(mode.userFolder, '.n8n', 'conversation-store', `${EMBEDDED}.sqlite`);
			const engine = oneMachine
				? await openSqliteEngine(file, newStoreId)
				: await openPostgresEngine({ ...connection, maxConnections: 2 }, newStoreId);
			const store = new ConversationStore(engine, workspace);
			opened.push(store);
			return store;
		},
		storeCredential,
		async publish(draft, workspace, channel) {
			const published = await save(draft, await storeCredential(workspace), channel);
			await client.workflows.publish(published.workflow.id);
			await client.workflows.waitForWebhook(published.url);
			return published;
		},
		save,
		async stop() {
			for (const { engine } of opened) engine.close();
			await mode.stop();
		},
	};
}

/** The executions that a worker has begun, by what it printed. */
export function executionsOn(worker: Host): string[] {
	const begun = worker.logs().matchAll(/Worker started execution (\S+) /g);
	return [...new Set([...begun].map(([, id]) => id!))];
}
