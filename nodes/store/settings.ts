import { existsSync, readFileSync } from 'node:fs';
import { storeError, type StoreError } from './errors';
import type { PostgresSettings } from './postgres/settings';

/** What the credential holds. */
export type StoreSettings = { workspace: string } & (
	| {
			backend: 'sqlite';
			storeName: string;
			/** Queue mode with every process on this machine's disk. */
			sharedDisk: boolean;
	  }
	| ({ backend: 'postgres' } & PostgresSettings)
);

/** Small letters, digits, hyphens: a name, never a path. */
const NAME = /^[a-z0-9-]{1,64}$/;

/** An unquoted name of PostgreSQL, of at most 63 bytes. */
const SCHEMA = /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/;

/** Longer than any real one. Characters. */
const LONGEST_ADDRESS = 255;

/** PostgreSQL gives each of them a process of its own. */
const MOST_CONNECTIONS = 100;

/** Every field by its own sentence, before anything is opened. @throws StoreError */
export function checkSettings(settings: StoreSettings): void {
	if (!NAME.test(settings.workspace)) throw unusableName('Workspace');
	if (settings.backend === 'postgres') checkServer(settings);
	else {
		if (!NAME.test(settings.storeName)) throw unusableName('Store Name');
		if (isQueueMode() && !settings.sharedDisk) throw refusedInQueueMode();
	}
}

function checkServer({ host, port, database, user, schema, maxConnections }: PostgresSettings) {
	for (const [label, value, example] of [
		['Host', host, 'localhost'],
		['Database', database, 'postgres'],
		['User', user, 'postgres'],
	] as const) {
		if (value.trim() === '' || value.length > LONGEST_ADDRESS) {
			throw unusable(label, `Fill it in, e.g. ${example}`);
		}
	}
	if (!Number.isInteger(port) || port < 1 || port > 65_535) {
		throw unusable('Port', 'Use a number from 1 to 65535; PostgreSQL itself uses 5432');
	}
	if (!SCHEMA.test(schema)) {
		throw unusable(
			'Schema',
			'Use up to 63 small letters, digits and underscores that do not begin with a digit or pg_, e.g. conversations',
		);
	}
	if (
		!Number.isInteger(maxConnections) ||
		maxConnections < 1 ||
		maxConnections > MOST_CONNECTIONS
	) {
		throw unusable('Maximum Connections', `Use a number from 1 to ${MOST_CONNECTIONS}, e.g. 5`);
	}
}

const unusable = (label: string, hint: string): StoreError =>
	storeError('InvalidInput', `'${label}' of the Conversation Store credential is not usable`, hint);

const unusableName = (label: string) =>
	unusable(label, 'Use 1 to 64 small letters, digits and hyphens, e.g. default');

const refusedInQueueMode = () =>
	storeError(
		'StoreUnavailable',
		'n8n runs in queue mode, where the embedded store is refused: every machine would have a store of its own',
		"Choose PostgreSQL under 'Backend' in the Conversation Store credential. Only if all n8n processes run on this one machine, switch on 'All Processes Share One Disk' instead",
	);

/** A worker or webhook process is in queue mode even when the variable is not set for it. */
export function isQueueMode(): boolean {
	const { EXECUTIONS_MODE: mode, EXECUTIONS_MODE_FILE: file } = process.env;
	if (mode === 'queue' || ['worker', 'webhook'].includes(process.argv[2] ?? '')) return true;
	// n8n takes any of its settings from a file (for secrets of containers), this one too.
	return mode === undefined && file !== undefined && contentOf(file) === 'queue';
}

/** Empty where it cannot be read: n8n then starts in regular mode, too. */
function contentOf(file: string): string {
	return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}
