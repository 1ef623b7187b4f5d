import { setTimeout as pause } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql, type Transaction } from '../../vendor';
import type { Engine, WakeTopic } from '../engine';
import { asIs } from '../errors';
import type { Database } from '../schema';
import {
	CommitUnknown,
	connectionLost,
	fateUnknown,
	lacksEncryption,
	mayRunAgain,
	placeOf,
	postgresFailure,
	refusesAddress,
} from './failures';
import { prepareSchema } from './migrating';
import { clientConfig, LIFE, StorePool } from './pool';
import { refuseTransactionPooling } from './pooling';
import type { PostgresSettings } from './settings';
import { WakeUps } from './wakeUps';

/** How long an operation outlasts a server that is away (a restart, a fail-over). Milliseconds. */
const PATIENCE = 10_000;

/** How often a transaction begins again because others were at the same rows. */
const ATTEMPTS = 20;

/** A long read may take its time over a page, and stand still while its reader is busy. */
const SNAPSHOT_LIMIT = '10min';

/**
 * Opens (and, when new, creates) the store in the schema of `settings`, ready to use.
 *
 * @throws StoreError `StoreUnavailable`, `StoreTooNew`
 */
export async function openPostgresEngine(
	settings: PostgresSettings,
	newStoreId: () => string,
): Promise<Engine> {
	const { ssl, allowUnauthorizedCerts } = settings;
	const encrypted = ssl === 'require' || allowUnauthorizedCerts === true;
	try {
		return await open(settings, newStoreId, encrypted);
	} catch (error) {
		if (ssl !== 'allow' || encrypted || !refusesAddress(error as Error)) {
			throw postgresFailure(error, settings);
		}
		return await open(settings, newStoreId, true).catch((second: unknown) => {
			throw postgresFailure(lacksEncryption(second as Error) ? error : second, settings);
		});
	}
}

async function open(
	settings: PostgresSettings,
	newStoreId: () => string,
	encrypted: boolean,
): Promise<Engine> {
	await refuseTransactionPooling(clientConfig(settings, encrypted), settings);
	const patient = new StorePool({ ...settings, maxConnections: 1 }, encrypted, true);
	try {
		await prepareSchema(queriesOf(patient), settings, newStoreId);
	} finally {
		await patient.end();
	}
	const pool = new StorePool(settings, encrypted);
	return new PostgresEngine(settings, pool, queriesOf(pool), encrypted);
}

const queriesOf = (pool: StorePool) =>
	new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });

class PostgresEngine implements Engine {
	readonly name = 'postgres';
	readonly rowLocks = true;
	readonly place: string;
	private readonly wakeUps: WakeUps;

	constructor(
		private readonly settings: PostgresSettings,
		private readonly pool: StorePool,
		readonly db: Kysely<Database>,
		encrypted: boolean,
	) {
		this.place = placeOf(settings);
		this.wakeUps = new WakeUps(
			clientConfig(settings, encrypted),
			settings.schema,
			async (channel, payload) => await pool.query('select pg_notify($1, $2)', [channel, payload]),
		);
	}

	async transaction<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
		const began = performance.now();
		for (let attempt = 1; ; attempt++) {
			let result: { value: T } | undefined;
			try {
				await this.db.transaction().execute(async (tx) => {
					result = { value: await work(tx) };
				});
				return result!.value;
			} catch (error) {
				const waited = performance.now() - began;
				if (error instanceof CommitUnknown) {
					if ((await this.fateOf(error, PATIENCE - waited)) === 'committed') return result!.value;
					if (waited > PATIENCE) throw postgresFailure(error.cause, this.settings);
				} else if (!mayRunAgain(error) || waited > PATIENCE || isContended(error, attempt)) {
					throw postgresFailure(error, this.settings);
				}
				// Those who met at the same rows do not meet there again.
				const longest = connectionLost(error) ? 1000 : 100;
				await pause(Math.min(2 ** attempt, longest) * (0.5 + Math.random()));
			}
		}
	}

	async snapshot<T>(read: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
		try {
			return await this.db
				.transaction()
				.setIsolationLevel('repeatable read')
				.setAccessMode('read only')
				.execute(async (tx) => {
					for (const setting of ['idle_in_transaction_session_timeout', 'statement_timeout']) {
						await sql`select set_config(${setting}, ${SNAPSHOT_LIMIT}, true)`.execute(tx);
					}
					return await read(tx);
				});
		} catch (error) {
			throw postgresFailure(error, this.settings);
		}
	}

	/** Locks of names live in the server's memory: no row is written for them, nothing is left behind. */
	async holdNames(tx: Transaction<Database>, names: string[], shared = false): Promise<void> {
		if (names.length === 0) return;
		const list = names.map((name) => `conversation-store:${this.settings.schema}:${name}`);
		const lock = sql.raw(`pg_advisory_xact_lock${shared ? '_shared' : ''}`);
		await sql`
			select ${lock}(number) from (
				select distinct hashtextextended(name, 0) as number
				from json_array_elements_text(${JSON.stringify(list)}::json) as name order by 1
			) as held`.execute(tx);
	}

	wake(topic: WakeTopic): void {
		this.wakeUps.wake(topic);
	}

	onWake(listener: (topic: WakeTopic) => void): () => void {
		return this.wakeUps.onWake(listener);
	}

	async describe(): Promise<string> {
		const { rows } = await this.transaction(
			async (tx) =>
				await sql<{ v: string }>`select current_setting('server_version') as v`.execute(tx),
		);
		return `PostgreSQL ${rows[0]?.v ?? ''}`;
	}

	close(): void {
		this.wakeUps.close();
		this.pool.end().catch(asIs);
	}

	/** Asks the server what became of a transaction whose commit was not answered. */
	private async fateOf(error: CommitUnknown, patience: number): Promise<'committed' | 'undone'> {
		const began = performance.now();
		for (let attempt = 1; ; attempt++) {
			if (error.xid === null) return 'undone';
			const { status, life } = await this.pool
				.query(`select pg_xact_status($1::xid8) as status, (${LIFE}) as life`, [error.xid])
				.then(([row]) => row as { status: string | null; life: string }, statusOf);
			if (status === 'aborted') return 'undone';
			// After a crash somebody else's transaction may have the same number.
			const isOurs = life === error.life;
			if (status === 'committed' && isOurs) return 'committed';
			if (
				status === null ||
				status === 'committed' ||
				performance.now() - began > Math.max(patience, 2_000)
			) {
				throw fateUnknown(this.settings, error);
			}
			await pause(Math.min(50 * attempt, 500));
		}
	}
}

/** What a server that answers with an error says of a transaction. */
function statusOf(error: unknown): { status: string | null; life?: string } {
	// It has not given this number yet (again, after a crash).
	if ((error as { code?: string }).code === '22023') return { status: 'aborted' };
	return { status: connectionLost(error) ? 'unreachable' : null };
}

/** Others were at the same rows again and again; a server that is away is waited for by time. */
const isContended = (error: unknown, attempt: number) =>
	attempt >= ATTEMPTS && !connectionLost(error);
