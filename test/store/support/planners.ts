import { DatabaseSync } from 'node:sqlite';
import { pg } from '../../../nodes/vendor';
import { postgresEngine, sqliteEngine, type EngineUnderTest } from './engines';

/** A statement as an operation sent it. */
export interface Statement {
	sql: string;
	values: unknown[];
}

/** How an engine would run statements. */
export interface Planner {
	engine: EngineUnderTest;
	/** Executes SQL in the store, outside of all operations. */
	run(sql: string): Promise<void>;
	/** Bytes of the whole store; figures about its tables are up to date afterwards. */
	measure(): Promise<number>;
	/** Every statement that `work` sends. */
	statementsOf(work: () => Promise<unknown>): Promise<Statement[]>;
	/** Steps that read a whole table, or a whole workspace of it. */
	costly(statement: Statement): Promise<string[]>;
	/** The indexes that the statement is answered by. */
	indexesOf(statement: Statement): Promise<string[]>;
	close(): Promise<void>;
}

/** Tables that grow with the years. Those of teams, agents and leases may be read as a whole. */
const LARGE =
	'(conversations|messages|events|deliveries|contacts|identities|addresses|waits|used_links)';

/**
 * Partial indexes of what is open, owed, ended badly, under way, or of no conversation: few, however
 * much is closed.
 */
const SMALL =
	/\b(conversations_(queue|queue_for|open|unattended|team_open|assignee|reply_due|offline_return|snoozed)|deliveries_(owed|due|ended_badly)|waits_(due|deadline)|messages_(loose(_contact)?|sending))\b/;

const at = (sql: string) => (step: string) => `${step}   ← ${sql}`;

export function sqlitePlanner(): Planner {
	const engine = sqliteEngine();
	let reader: DatabaseSync | undefined;
	const stepsOf = (sql: string) => {
		reader ??= new DatabaseSync(engine.file, { readOnly: true });
		const steps = reader.prepare(`explain query plan ${sql}`).all() as Array<{ detail: string }>;
		return steps.map(({ detail }) => detail);
	};
	return {
		engine,
		async run(sql) {
			const handle = new DatabaseSync(engine.file);
			handle.exec(`pragma synchronous = off; pragma cache_size = -400000; ${sql}`);
			handle.close();
		},
		async measure() {
			const handle = new DatabaseSync(engine.file);
			const { bytes } = handle
				.prepare(
					'select page_count * page_size as bytes from pragma_page_count(), pragma_page_size()',
				)
				.get() as { bytes: number };
			handle.close();
			return bytes;
		},
		async statementsOf(work) {
			// It prepares each statement once: all of them again, when it is opened anew.
			await engine.reopen();
			const seen: Statement[] = [];
			const prepare = DatabaseSync.prototype.prepare;
			const spy = jest.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
				this: DatabaseSync,
				sql: string,
			) {
				seen.push({ sql, values: [] });
				return prepare.call(this, sql);
			});
			await work().finally(() => spy.mockRestore());
			return seen;
		},
		async costly({ sql }) {
			const whole = new RegExp(`^SCAN ${LARGE}\\b`);
			const workspace = new RegExp(`^SEARCH ${LARGE}\\b.*\\(workspace=\\?\\)$`);
			return stepsOf(sql)
				.filter((step) => whole.test(step) || workspace.test(step))
				.filter((step) => !SMALL.test(step))
				.map(at(sql));
		},
		async indexesOf({ sql }) {
			return stepsOf(sql).map((step) => /INDEX (\w+)/.exec(step)?.[1] ?? step);
		},
		async close() {
			reader?.close();
			await engine.cleanUp();
		},
	};
}

/** A step of a plan, as `explain (format json)` says it. */
interface Step {
	'Node Type': string;
	'Relation Name'?: string;
	'Index Name'?: string;
	'Index Cond'?: string;
	Plans?: Step[];
}

export function postgresPlanner(): Planner {
	const engine = postgresEngine();
	const { host, port, database, user, password, schema } = engine.settings;
	let connecting: Promise<InstanceType<typeof pg.Client>> | undefined;
	const client = async () =>
		await (connecting ??= (async () => {
			const connection = new pg.Client({ host, port, database, user, password });
			await connection.connect();
			await connection.query(`set search_path to ${pg.escapeIdentifier(schema)}`);
			return connection;
		})());

	/** With the values, and as the server plans a statement that it has seen several times: without. */
	async function stepsOf({ sql, values }: Statement): Promise<Step[]> {
		const connection = await client();
		const literals = values.map(literal).join(', ');
		const steps: Step[] = [];
		for (const mode of ['force_custom_plan', 'force_generic_plan']) {
			await connection.query(`begin; set local plan_cache_mode = ${mode}`);
			await connection.query(`prepare planned as ${sql}`);
			const { rows } = await connection.query<{ 'QUERY PLAN': Array<{ Plan: Step }> }>(
				`explain (format json) execute planned${literals && `(${literals})`}`,
			);
			await connection.query('rollback; deallocate planned');
			for (const row of rows) steps.push(...row['QUERY PLAN'].flatMap(({ Plan }) => below(Plan)));
		}
		return steps;
	}

	return {
		engine,
		async run(sql) {
			await (await client()).query(sql);
		},
		async measure() {
			const connection = await client();
			await connection.query('vacuum analyze');
			const { rows } = await connection.query<{ bytes: string }>(
				`select sum(pg_total_relation_size(oid)) as bytes from pg_class
				where relnamespace = current_schema()::regnamespace and relkind = 'r'`,
			);
			return Number(rows[0]?.bytes);
		},
		async statementsOf(work) {
			const seen: Statement[] = [];
			const query = pg.Client.prototype.query as (...args: unknown[]) => unknown;
			const spy = jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
				this: unknown,
				...args: unknown[]
			) {
				const { text = '', values = [] } = args[0] as { text?: string; values?: unknown[] };
				if (PLANNED.test(text)) seen.push({ sql: text, values });
				return query.apply(this, args);
			} as never);
			await work().finally(() => spy.mockRestore());
			return seen;
		},
		async costly(statement) {
			const found = (await stepsOf(statement)).filter(readsWhole);
			return [...new Set(found.map(describeStep))].map(at(statement.sql));
		},
		async indexesOf(statement) {
			const steps = await stepsOf(statement);
			const names = steps.filter(({ Plans }) => !Plans).map((step) => step['Index Name']);
			return [...new Set(names.map((name) => name ?? 'none'))];
		},
		async close() {
			await (await connecting)?.end();
			await engine.cleanUp();
		},
	};
}

const PLANNED = /^\s*(select|insert|update|delete|with)\b/i;

function literal(value: unknown): string {
	if (value === null || value === undefined) return 'null';
	return typeof value === 'string' ? pg.escapeLiteral(value) : String(value);
}

const below = (step: Step): Step[] => [step, ...(step.Plans ?? []).flatMap(below)];

function readsWhole(step: Step): boolean {
	const index = step['Index Name'];
	if (index === undefined) {
		return step['Node Type'] === 'Seq Scan' && isLarge(step['Relation Name'] ?? '');
	}
	if (!isLarge(index) || SMALL.test(index)) return false;
	const condition = step['Index Cond'];
	// One column of a key that begins with the workspace: everything in it.
	return condition === undefined || /^\(workspace = [^ ]*\)$/.test(condition);
}

const isLarge = (name: string) => new RegExp(`^${LARGE}(_|$)`).test(name);

const describeStep = (step: Step) =>
	[step['Node Type'], step['Relation Name'], step['Index Name'], step['Index Cond']]
		.filter((part) => part !== undefined)
		.join(' ');
