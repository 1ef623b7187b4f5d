import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
	Kysely,
	SqliteAdapter,
	SqliteIntrospector,
	SqliteQueryCompiler,
	type CompiledQuery,
	type DatabaseConnection,
	type Driver,
	type QueryResult,
} from '../../vendor';
import { asIs } from '../errors';
import type { Database } from '../schema';
import { withoutNul } from '../text';
import { BUSY_LIMIT } from './busy';
import type { SqlValue } from './driver';
import type { ReaderAnswer, ReaderRequest, ReaderRow } from './readerWorker';

/** Compiled, or under test the source, as this file is. */
const WORKER = join(__dirname, `readerWorker${extname(__filename)}`);

/** The thread ends when nothing was read for so long. Milliseconds. */
const IDLE_LIMIT = 30_000;

/** A request without its number. */
type Question = ReaderRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never;

interface Waiting {
	resolve(rows: ReaderRow[]): void;
	reject(error: Error): void;
}

/**
 * Reads in a thread of its own, through handles that cannot write. The thread starts with the first
 * read and ends when nobody reads any more; it keeps no process alive that waits for nothing of it.
 */
export class Reader {
	private worker: Worker | undefined;
	private readonly waiting = new Map<number, Waiting>();
	private readonly handles = new Set<number>();
	private idle: NodeJS.Timeout | undefined;
	private last = 0;
	private closed = false;

	constructor(private readonly idleLimit = IDLE_LIMIT) {}

	/**
	 * The query builder on this file. Each transaction, and each single query outside of one, opens
	 * the file that the name means at that moment; a transaction sees the moment at which it began.
	 */
	db(file: string): Kysely<Database> {
		return new Kysely<Database>({
			dialect: {
				createDriver: () => new ReaderDriver(this, file),
				createQueryCompiler: () => new SqliteQueryCompiler(),
				createAdapter: () => new SqliteAdapter(),
				createIntrospector: (db: Kysely<unknown>) => new SqliteIntrospector(db),
			},
		});
	}

	async open(file: string): Promise<number> {
		const handle = ++this.last;
		this.handles.add(handle);
		clearTimeout(this.idle);
		try {
			await this.ask({ kind: 'open', handle, file, busyTimeout: BUSY_LIMIT });
			return handle;
		} catch (error) {
			this.forget(handle);
			throw asIs(error);
		}
	}

	async query(handle: number, sql: string, parameters: SqlValue[] = []): Promise<ReaderRow[]> {
		return await this.ask({ kind: 'query', handle, sql, parameters });
	}

	async release(handle: number): Promise<void> {
		try {
			// A thread that has ended took its handles with it.
			if (this.worker) await this.ask({ kind: 'close', handle });
		} finally {
			this.forget(handle);
		}
	}

	/** Whoever still waits is told so. */
	close(): void {
		this.closed = true;
		this.end();
	}

	private forget(handle: number): void {
		this.handles.delete(handle);
		if (this.handles.size > 0 || this.closed) return;
		this.idle = setTimeout(() => this.end(), this.idleLimit).unref();
	}

	private async ask(question: Question): Promise<ReaderRow[]> {
		if (this.closed) throw ended();
		const worker = (this.worker ??= this.start());
		const id = ++this.last;
		return await new Promise((resolve, reject) => {
			this.waiting.set(id, { resolve, reject });
			worker.ref();
			worker.postMessage({ ...question, id });
		});
	}

	private start(): Worker {
		const worker = new Worker(WORKER);
		worker.unref();
		worker.on('message', (answer: ReaderAnswer) => this.settle(answer));
		worker.on('error', (error) => this.fail(worker, error as Error));
		worker.on('exit', () => this.fail(worker, ended()));
		return worker;
	}

	private settle(answer: ReaderAnswer): void {
		const waiting = this.waiting.get(answer.id);
		this.waiting.delete(answer.id);
		if (this.waiting.size === 0) this.worker?.unref();
		if ('rows' in answer) waiting?.resolve(answer.rows);
		else waiting?.reject(Object.assign(new Error(answer.failure.message), answer.failure));
	}

	private fail(worker: Worker, error: Error): void {
		if (worker !== this.worker) return;
		this.worker = undefined;
		for (const { reject } of this.waiting.values()) reject(error);
		this.waiting.clear();
	}

	private end(): void {
		clearTimeout(this.idle);
		const { worker } = this;
		if (!worker) return;
		this.fail(worker, ended());
		void worker.terminate();
	}
}

/** The code is the one that node:sqlite gives for a handle that was closed. */
const ended = () =>
	Object.assign(new Error('The thread that reads the store was ended'), {
		code: 'ERR_INVALID_STATE',
	});

class ReaderConnection implements DatabaseConnection {
	constructor(
		private readonly reader: Reader,
		readonly handle: number,
	) {}

	async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
		const values = (parameters as SqlValue[]).map(withoutNul);
		return { rows: (await this.reader.query(this.handle, sql, values)) as R[] };
	}

	// eslint-disable-next-line require-yield
	async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
		throw new Error('Streaming is not used by the store');
	}
}

class ReaderDriver implements Driver {
	constructor(
		private readonly reader: Reader,
		private readonly file: string,
	) {}

	async init(): Promise<void> {}

	async acquireConnection(): Promise<ReaderConnection> {
		return new ReaderConnection(this.reader, await this.reader.open(this.file));
	}

	async beginTransaction({ handle }: ReaderConnection): Promise<void> {
		await this.reader.query(handle, 'begin');
		// The moment that a transaction sees is that of its first read, not of its beginning.
		await this.reader.query(handle, 'select 1 from sqlite_master limit 1');
	}

	/** Nothing was written; the transaction ends with its handle. */
	async commitTransaction(): Promise<void> {}

	async rollbackTransaction(): Promise<void> {}

	async releaseConnection({ handle }: ReaderConnection): Promise<void> {
		await this.reader.release(handle);
	}

	async destroy(): Promise<void> {}
}
