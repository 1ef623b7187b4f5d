import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from './clock';
import type { Engine } from './engine';
import { storeError } from './errors';
import { idSource } from './ids';
import { startPump } from './pump';
import { openSqliteEngine } from './sqlite/engine';
import { ConversationStore } from './store';

/** What the credential holds. */
export interface StoreSettings {
	backend: 'sqlite';
	storeName: string;
	workspace: string;
	/** Queue mode with every process on this machine's disk. */
	sharedDisk: boolean;
}

interface Registry {
	engines: Map<string, Promise<Engine>>;
	stores: Map<string, ConversationStore>;
	/** Open handles, for the synchronous end of the process. */
	open: Set<Engine>;
}

/**
 * One per process and package version, also after a package update has loaded this file anew: two
 * handles on one store would be one too many. Nothing in it refers to an execution.
 */
const REGISTRY = Symbol.for('n8n-nodes-inbound-conversations.stores.v1');

function registry(): Registry {
	const holder = globalThis as unknown as Record<symbol, Registry | undefined>;
	const known = holder[REGISTRY];
	if (known) return known;
	const created: Registry = { engines: new Map(), stores: new Map(), open: new Set() };
	holder[REGISTRY] = created;
	// n8n has no hook for its shutdown; only what is synchronous runs here.
	process.once('exit', () => {
		for (const engine of created.open) engine.close();
	});
	return created;
}

/**
 * The store of these settings, opened once for each process.
 *
 * @param onFailure is told when work in the background fails (for the log)
 * @throws StoreError `StoreUnavailable`, `StoreTooNew`, `InvalidInput`
 */
export async function getStore(
	settings: StoreSettings,
	onFailure: (error: unknown) => void,
): Promise<ConversationStore> {
	checkSettings(settings);
	const file = storeFile(settings.storeName);
	const { engines, stores, open } = registry();
	const key = createHash('sha256').update(file).digest('hex');
	let opening = engines.get(key);
	if (!opening) {
		// The promise is kept, not the engine: two first calls at once must not open two handles.
		opening = openSqliteEngine(file, idSource(systemClock));
		engines.set(key, opening);
		opening.then(
			(engine) => open.add(engine),
			() => engines.delete(key),
		);
	}
	const engine = await opening;
	const storeKey = `${key}:${settings.workspace}`;
	let store = stores.get(storeKey);
	if (!store) {
		store = new ConversationStore(engine, settings.workspace);
		stores.set(storeKey, store);
		startPump(store, onFailure);
	}
	return store;
}

/** A name, never a path: no credential may create a file elsewhere. */
export function storeFile(storeName: string): string {
	const folder = process.env.N8N_USER_FOLDER ?? homedir();
	return join(folder, '.n8n', 'conversation-store', `${storeName}.sqlite`);
}

const NAME = /^[a-z0-9-]{1,64}$/;

function checkSettings({ storeName, workspace, sharedDisk }: StoreSettings): void {
	for (const [label, value] of [
		['Store Name', storeName],
		['Workspace', workspace],
	] as const) {
		if (!NAME.test(value)) {
			throw storeError(
				'InvalidInput',
				`'${label}' of the Conversation Store credential is not usable`,
				'Use 1 to 64 small letters, digits and hyphens, e.g. default',
			);
		}
	}
	if (isQueueMode() && !sharedDisk) {
		throw storeError(
			'StoreUnavailable',
			'n8n runs in queue mode, where the embedded store is refused: every machine would have a store of its own',
			"Run n8n in regular mode, or switch on 'All Processes Share One Disk' in the credential if all n8n processes run on this one machine",
		);
	}
}

/** A worker or webhook process is in queue mode even when the variable is not set for it. */
export function isQueueMode(): boolean {
	return (
		process.env.EXECUTIONS_MODE === 'queue' || ['worker', 'webhook'].includes(process.argv[2] ?? '')
	);
}
