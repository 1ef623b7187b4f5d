import * as m0001 from './0001_conversations';
import * as m0002 from './0002_upkeep';
import * as m0003 from './0003_channels';
import * as m0004 from './0004_questions';
import * as m0005 from './0005_assignment';
import { sql, type Kysely } from '../../vendor';
import { storeError } from '../errors';
import type { Database } from '../schema';
import { renewStoreId } from '../storeId';

/** Where engines differ in what a column is called. */
export interface ColumnTypes {
	/** Compared byte by byte, so that every engine sorts alike and none depends on a language. */
	text: string;
}

interface Migration {
	up(db: Kysely<unknown>, types: ColumnTypes): Promise<void>;
}

/** Forward only. A released migration never changes; a new one is appended. */
const migrations: Migration[] = [m0001, m0002, m0003, m0004, m0005];

/** The schema version this code reads and writes. */
export const SCHEMA_VERSION = migrations.length;

/** The version of a store that has the table for it; undefined while that is empty. */
export async function readSchemaVersion(db: Kysely<Database>): Promise<number | undefined> {
	const { rows } = await sql<{ version: number }>`select version from schema_version`.execute(db);
	return rows[0]?.version;
}

/**
 * Brings an empty or older store to {@link SCHEMA_VERSION}. Must run inside one transaction that
 * holds the engine's migration lock, so that several processes may start at once.
 *
 * A table of its own rather than the query builder's migrator: it records one number, and a store
 * that a newer pack has written is refused with a sentence before anything else is read.
 *
 * @param place names the store in an error: its file, or its database and schema
 * @throws StoreError `StoreTooNew`
 */
export async function migrate(
	db: Kysely<Database>,
	newStoreId: () => string,
	place: string,
	types: ColumnTypes,
): Promise<void> {
	await sql`create table if not exists schema_version (version integer not null)`.execute(db);
	const known = await readSchemaVersion(db);
	const found = known ?? 0;
	if (found > SCHEMA_VERSION) {
		throw storeError(
			'StoreTooNew',
			`The conversation store ${place} has schema version ${found}; this version of the package knows up to ${SCHEMA_VERSION}`,
			'A newer version of n8n-nodes-inbound-conversations has used this store. Update the package in Settings > Community Nodes, or choose another store name or schema in the credential',
		);
	}
	if (found === SCHEMA_VERSION) return;
	for (const migration of migrations.slice(found)) {
		await migration.up(db as Kysely<unknown>, types);
	}
	if (known === undefined) {
		await sql`insert into schema_version (version) values (${SCHEMA_VERSION})`.execute(db);
		await renewStoreId(db, newStoreId());
	} else {
		await sql`update schema_version set version = ${SCHEMA_VERSION}`.execute(db);
	}
}
