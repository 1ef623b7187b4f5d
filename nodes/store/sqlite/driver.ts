import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
	SqliteAdapter,
	SqliteIntrospector,
	SqliteQueryCompiler,
	type CompiledQuery,
	type DatabaseConnection,
	type Dialect,
	type Driver,
	type Kysely,
	type QueryResult,
} from '../../vendor';
import { withoutNul } from '../text';
import { whenFree } from './busy';
import { Mutex } from './mutex';

/** Statements are few (the operations are fixed); the limit only guards against a mistake. */
const STATEMENT_CACHE = 500;

export type SqlValue = null | number | bigint | string | Uint8Array;

/** One `node:sqlite` handle as a connection of the query builder. */
class SqliteConnection implements DatabaseConnection {
	private readonly statements = new Map<string, StatementSync>();

	constructor(private readonly handle: DatabaseSync) {}

	async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
		const values = (parameters as SqlValue[]).map(withoutNul);
		// Also outside a transaction a read may have to wait: while another process recovers the log.
		return await whenFree(() => {
			const statement = this.prepare(sql);
			if (statement.columns().length > 0) return { rows: statement.all(...values) as R[] };
			const { changes } = statement.run(...values);
			return { rows: [], numAffectedRows: BigInt(changes) };
		});
	}

	// eslint-disable-next-line require-yield
	async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
		throw new Error('Streaming is not used by the store');
	}

	exec(sql: string): void {
		this.handle.exec(sql);
	}

	get inTransaction(): boolean {
		return this.handle.isTransaction;
	}

	private prepare(sql: string): StatementSync {
		const known = this.statements.get(sql);
		if (known) return known;
		if (this.statements.size >= STATEMENT_CACHE) this.statements.clear();
		const statement = this.handle.prepare(sql);
		this.statements.set(sql, statement);
		return statement;
	}
}

/**
 * The handle is one and synchronous, so its users take turns. Transactions begin `IMMEDIATE`: they
 * never fail half way because another process wrote first. While another process writes, we ask
 * again later instead of letting SQLite block n8n's event loop.
 */
class SqliteDriver implements Driver {
	private readonly connection: SqliteConnection;
	private readonly mutex = new Mutex();
	private release: (() => void) | undefined;

	constructor(handle: DatabaseSync) {
		this.connection = new SqliteConnection(handle);
	}

	async init(): Promise<void> {}

	async acquireConnection(): Promise<DatabaseConnection> {
		this.release = await this.mutex.acquire();
		return this.connection;
	}

	async beginTransaction(): Promise<void> {
		await whenFree(() => this.connection.exec('begin immediate'));
	}

	async commitTransaction(): Promise<void> {
		this.connection.exec('commit');
	}

	async rollbackTransaction(): Promise<void> {
		// After some failures (disk full, I/O) SQLite has rolled back by itself; a second one would fail
		// and hide the first reason.
		if (this.connection.inTransaction) this.connection.exec('rollback');
	}

	async releaseConnection(): Promise<void> {
		this.release?.();
	}

	async destroy(): Promise<void> {}
}

/** The query builder's dialect over one `node:sqlite` handle. */
export class NodeSqliteDialect implements Dialect {
	constructor(private readonly handle: DatabaseSync) {}

	createDriver() {
		return new SqliteDriver(this.handle);
	}

	createQueryCompiler() {
		return new SqliteQueryCompiler();
	}

	createAdapter() {
		return new SqliteAdapter();
	}

	createIntrospector(db: Kysely<unknown>) {
		return new SqliteIntrospector(db);
	}
}
