import { sql, type Kysely } from '../../vendor';
import { migrate, readSchemaVersion, SCHEMA_VERSION } from '../migrations';
import type { Database } from '../schema';
import { placeOf, schemaTaken, serverReadOnly, serverTooOld } from './failures';
import type { PostgresSettings } from './settings';

/** The oldest that tells what became of a transaction (`pg_xact_status` of `xid8`). */
const OLDEST_SERVER = 130_000;

/**
 * Text is compared byte by byte: the same order on every engine, faster, and no index that breaks
 * when the system's language data changes.
 */
const TYPES = { text: 'text collate "C"' };

/**
 * Makes the schema and brings it up to date, under a lock that all processes of the store share.
 *
 * @throws StoreError `StoreUnavailable`, `StoreTooNew`; and what the server says
 */
export async function prepareSchema(
	db: Kysely<Database>,
	settings: PostgresSettings,
	newStoreId: () => string,
): Promise<void> {
	await checkServer(db, settings);
	// Most often there is nothing to do, and then no lock is asked for.
	if ((await versionOf(db, settings)) === SCHEMA_VERSION) return;
	await db.transaction().execute(async (tx) => {
		const lock = `conversation-store:${settings.schema}:migration`;
		// The first process may be at a long migration: this one waits for it.
		await sql`set local lock_timeout to '60s'`.execute(tx);
		await sql`set local statement_timeout to 0`.execute(tx);
		await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(tx);
		await makeSchema(tx, settings);
		await migrate(tx, newStoreId, placeOf(settings), TYPES);
	});
}

async function checkServer(db: Kysely<Database>, settings: PostgresSettings): Promise<void> {
	const { rows } = await sql<{ number: number; version: string; readonly: string }>`
		select current_setting('server_version_num')::int as number,
			current_setting('server_version') as version,
			current_setting('transaction_read_only') as readonly`.execute(db);
	const server = rows[0];
	if (server && server.number < OLDEST_SERVER) throw serverTooOld(settings, server.version);
	if (server?.readonly === 'on') throw serverReadOnly(settings);
}

/** Undefined where there is none yet. */
async function versionOf(
	db: Kysely<Database>,
	{ schema }: PostgresSettings,
): Promise<number | undefined> {
	const { rows } = await sql<{ there: boolean }>`
		select to_regclass(format('%I.schema_version', ${schema}::text)) is not null as there`.execute(db);
	if (!rows[0]?.there) return undefined;
	return await readSchemaVersion(db);
}

/**
 * `create schema if not exists` asks for the right to create one even where it exists. Others have a
 * table `schema_version` as well; ours comes with `meta`.
 */
async function makeSchema(tx: Kysely<Database>, settings: PostgresSettings): Promise<void> {
	const { schema } = settings;
	const { rows } = await sql<{ tables: string | null }>`
		select (select min(relname) from pg_class c where c.relnamespace = n.oid and c.relkind in ('r', 'p')
			and (select count(*) from pg_class own where own.relnamespace = n.oid
				and own.relname in ('schema_version', 'meta')) < 2) as tables
		from pg_namespace n where n.nspname = ${schema}`.execute(tx);
	if (rows.length === 0) await sql`create schema ${sql.id(schema)}`.execute(tx);
	else if (rows[0]?.tables) throw schemaTaken(settings, rows[0].tables);
}
