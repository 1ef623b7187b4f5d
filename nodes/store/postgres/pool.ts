import {
	pg,
	type PgClientConfig,
	type PgPoolClient,
	type PostgresCursor,
	type PostgresPool,
	type PostgresPoolClient,
	type PostgresQueryResult,
} from '../../vendor';
import { asIs } from '../errors';
import { withoutNul } from '../text';
import { CommitUnknown, connectionLost } from './failures';
import type { PostgresSettings } from './settings';

/** Statements are few (the operations are fixed); beyond this they are not prepared. */
const STATEMENT_LIMIT = 500;

/** Statements with more than these hold a list, of another length each time: not worth a plan. */
const PARAMETER_LIMIT = 60;

/** A server that does not answer must not keep a webhook waiting for ever. Milliseconds. */
const CONNECT_TIMEOUT = 5_000;
const ANSWER_TIMEOUT = 20_000;

/** A migration goes through whole tables, and others wait for it. Milliseconds. */
const MIGRATION_TIMEOUT = 10 * 60_000;

/** Numbers of the catalogue (pg_type): int8 and numeric, which count(*) and sum() answer with. */
const INT8 = 20;
const NUMERIC = 1700;

/**
 * Set by a statement rather than in the connection's options, which poolers refuse. The time-outs
 * free the locks of a process that hangs or whose network is gone.
 */
const sessionSettings = (schema: string) => `
	set search_path to ${pg.escapeIdentifier(schema)};
	set default_transaction_isolation to 'read committed';
	set statement_timeout to '15s';
	set lock_timeout to '10s';
	set idle_in_transaction_session_timeout to '30s'`;

/**
 * Changes when the server crashes, not when it is restarted. By a crash it forgets which numbers of
 * transactions it gave away, and gives them again.
 */
export const LIFE = "select coalesce(stats_reset::text, '') as life from pg_stat_bgwriter";

export function clientConfig(
	settings: PostgresSettings,
	encrypted: boolean,
	migrates = false,
): PgClientConfig {
	const { host, port, database, user, password, caCertificate, allowUnauthorizedCerts } = settings;
	return {
		...{ host, port, database, user, password },
		application_name: 'n8n-nodes-inbound-conversations',
		keepAlive: true,
		connectionTimeoutMillis: CONNECT_TIMEOUT,
		query_timeout: migrates ? MIGRATION_TIMEOUT : ANSWER_TIMEOUT,
		// What is asked for at once is sent at once, and answered in that order.
		pipeline: true,
		ssl: encrypted && {
			// For a host that is an address, the certificate is held against this.
			host,
			rejectUnauthorized: allowUnauthorizedCerts !== true,
			...(caCertificate ? { ca: caCertificate } : {}),
		},
		types: {
			// The store's numbers stay below 2^53: counts, and milliseconds since 1970.
			getTypeParser: (oid: number, format: 'text' | 'binary' = 'text') =>
				oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format),
		},
	} as PgClientConfig;
}

/** The connections of this process, as the query builder takes them. */
export class StorePool implements PostgresPool {
	private readonly pool: InstanceType<typeof pg.Pool>;
	private readonly statements = new Map<string, string>();
	private readonly wrapped = new WeakMap<PgPoolClient, StoreClient>();

	constructor(settings: PostgresSettings, encrypted: boolean, migrates = false) {
		this.pool = new pg.Pool({
			...clientConfig(settings, encrypted, migrates),
			max: settings.maxConnections,
			idleTimeoutMillis: 30_000,
			allowExitOnIdle: true,
			onConnect: async (client) => {
				const settled = client.query(sessionSettings(settings.schema));
				const [{ rows }] = await Promise.all([client.query<{ life: string }>(LIFE), settled]);
				this.wrapped.set(
					client as PgPoolClient,
					new StoreClient(client as PgPoolClient, rows[0]!.life, (sql) => this.nameOf(sql)),
				);
			},
		});
		// A connection that breaks while nobody uses it is replaced when the next one is asked for.
		// Without a listener Node would end the process.
		this.pool.on('error', () => {});
		this.pool.on('connect', (client) => client.on('error', () => {}));
	}

	async connect(): Promise<PostgresPoolClient> {
		const client = await this.pool.connect();
		const wrapped = this.wrapped.get(client)!;
		wrapped.startOver();
		return wrapped;
	}

	async query(sql: string, values: unknown[]): Promise<Array<Record<string, unknown>>> {
		return (await this.pool.query(sql, values)).rows as Array<Record<string, unknown>>;
	}

	async end(): Promise<void> {
		await this.pool.end();
	}

	/** The server keeps the plan of a statement that has a name. */
	private nameOf(sql: string): string | undefined {
		let name = this.statements.get(sql);
		if (name === undefined && this.statements.size < STATEMENT_LIMIT) {
			name = `store_${this.statements.size + 1}`;
			this.statements.set(sql, name);
		}
		return name;
	}
}

/**
 * One connection. Knows whether its transaction wrote something, so that after a connection was lost
 * in the middle of a commit the server can be asked what became of it.
 */
class StoreClient implements PostgresPoolClient {
	private broken: Error | undefined;
	/** Statements that nobody waits for; what comes after them fails when they do. */
	private ahead: Array<Promise<unknown>> = [];
	/** The transaction's number, once it writes. */
	private xid: Promise<string | null> | undefined;

	constructor(
		private readonly client: PgPoolClient,
		private readonly life: string,
		private readonly nameOf: (sql: string) => string | undefined,
	) {}

	/** Somebody else takes it. */
	startOver(): void {
		this.broken = undefined;
		this.ahead = [];
		this.xid = undefined;
	}

	// The interface has a second form for cursors, which the store does not use.
	query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
	query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
	query<R>(sql: string | PostgresCursor<R>, parameters: readonly unknown[] = []): never {
		return this.ask<R>(sql as string, parameters) as never;
	}

	release(): void {
		this.client.release(this.broken);
	}

	private async ask<R>(
		sql: string,
		parameters: readonly unknown[],
	): Promise<PostgresQueryResult<R>> {
		if (sql === 'commit') return await this.commit<R>();
		// The server has rolled back by itself; asking for it would hide why.
		if (sql === 'rollback' && this.broken) return NOTHING as PostgresQueryResult<R>;
		if (UNANSWERED.test(sql)) {
			this.sendAhead(sql, parameters);
			return NOTHING as PostgresQueryResult<R>;
		}
		const answer = this.send<R>(sql, parameters);
		// Behind the first write: the answer is here long before it is needed.
		if (WRITES.test(sql)) this.xid ??= this.askForNumber();
		return await this.afterAhead(answer);
	}

	private sendAhead(sql: string, parameters: readonly unknown[]): void {
		const sent = this.send(sql, parameters);
		sent.catch(() => undefined);
		this.ahead.push(sent);
	}

	/** The reason is what failed first: whatever follows it in the transaction is refused for that. */
	private async afterAhead<T>(answer: Promise<T>): Promise<T> {
		const ahead = this.ahead;
		this.ahead = [];
		const answers = await Promise.all([...ahead, answer]);
		return answers.at(-1) as T;
	}

	private async askForNumber(): Promise<string | null> {
		return await this.send<{ xid: string }>('select pg_current_xact_id()::text as xid', []).then(
			({ rows }) => rows[0]?.xid ?? null,
			() => null,
		);
	}

	private async commit<R>(): Promise<PostgresQueryResult<R>> {
		await this.afterAhead(Promise.resolve());
		if (!this.xid) return await this.send<R>('commit', []);
		const xid = await this.xid;
		const result = await this.send<R>('commit', []).catch((error: unknown) => {
			throw this.broken ? new CommitUnknown(xid, this.life, error) : (error as Error);
		});
		// What the server answers when the transaction had failed before, whoever kept that to himself.
		if ((result.command as string) === 'ROLLBACK') {
			throw new Error('The transaction had failed before its commit');
		}
		return result;
	}

	private async send<R>(
		sql: string,
		parameters: readonly unknown[],
	): Promise<PostgresQueryResult<R>> {
		const values = parameters.map(withoutNul);
		const fixed = values.length > 0 && values.length <= PARAMETER_LIMIT;
		const name = fixed ? this.nameOf(sql) : undefined;
		try {
			const query = name === undefined ? { text: sql, values } : { name, text: sql, values };
			return (await this.client.query(query)) as unknown as PostgresQueryResult<R>;
		} catch (error) {
			if (connectionLost(error) || planOutdated(error)) this.broken = error as Error;
			throw asIs(error);
		}
	}
}

const WRITES = /^\s*(insert|update|delete)\b/i;

/** Nothing is read from their answers, so the next statement is sent with them: it waits on the server. */
const UNANSWERED = /^(begin$|\s*select pg_advisory_xact_lock)/;

const NOTHING = { command: 'ROLLBACK', rowCount: 0, rows: [] } as unknown;

/** Another process has migrated the schema: a prepared statement of this connection no longer fits. */
function planOutdated(error: unknown): boolean {
	const { code, message } = error as { code?: string; message?: string };
	return code === '0A000' && message?.includes('cached plan') === true;
}
