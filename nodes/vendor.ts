/**
 * The only file that imports third-party packages that ship inside the pack. The build bundles it,
 * so an installed pack has no dependencies of its own.
 */
export {
	Kysely,
	PostgresDialect,
	SqliteAdapter,
	SqliteIntrospector,
	SqliteQueryCompiler,
	sql,
} from 'kysely';
export type {
	CompiledQuery,
	DatabaseConnection,
	Dialect,
	Driver,
	ExpressionBuilder,
	Insertable,
	PostgresCursor,
	PostgresPool,
	PostgresPoolClient,
	PostgresQueryResult,
	QueryResult,
	SelectQueryBuilder,
	Selectable,
	Transaction,
	Updateable,
} from 'kysely';
export { v7 as uuidv7 } from 'uuid';
export { z } from 'zod';
export { parsePhoneNumberFromString } from 'libphonenumber-js/max';
export { detectAll } from 'tinyld';
export { DateTime, IANAZone, Interval } from 'luxon';
export type { Zone } from 'luxon';
export { default as pg } from 'pg';
export type { ClientConfig as PgClientConfig, PoolClient as PgPoolClient } from 'pg';
