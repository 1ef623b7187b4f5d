import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from './clock';
import type { Engine } from './engine';
import { idSource } from './ids';
import { openPostgresEngine } from './postgres/engine';
import { startPump } from './pump';
import { checkSettings, type StoreSettings } from './settings';
import { openSqliteEngine } from './sqlite/engine';
import { ConversationStore } from './store';

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
	process.once('exit', () => closeAll(created));
	return created;
}

function closeAll({ engines, stores, open }: Registry): void {
	for (const engine of open) engine.close();
	open.clear();
	engines.clear();
	stores.clear();
}

/** Closes every store that this process has open; for tests. What asks for one again opens it anew. */
export const closeStores = () => closeAll(registry());

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
	const { engines, stores, open } = registry();
	const key = createHash('sha256')
		.update(JSON.stringify(placeOf(settings)))
		.digest('hex');
	let opening = engines.get(key);
	if (!opening) {
		// The promise is kept, not the engine: two first calls at once must not open two handles.
		opening = openEngine(settings);
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

/** Settings with the same place share one engine, whatever their workspace. */
function placeOf(settings: StoreSettings): unknown {
	return settings.backend === 'sqlite'
		? storeFile(settings.storeName)
		: { ...settings, workspace: undefined };
}

async function openEngine(settings: StoreSettings): Promise<Engine> {
	const newStoreId = idSource(systemClock);
	return settings.backend === 'sqlite'
		? await openSqliteEngine(storeFile(settings.storeName), newStoreId)
		: await openPostgresEngine(settings, newStoreId);
}

/** A name, never a path: no credential may create a file elsewhere. */
export function storeFile(storeName: string): string {
	const folder = process.env.N8N_USER_FOLDER ?? homedir();
	return join(folder, '.n8n', 'conversation-store', `${storeName}.sqlite`);
}
