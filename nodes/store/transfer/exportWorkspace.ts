import { setImmediate as breathe } from 'node:timers/promises';
import { sql, type Transaction } from '../../vendor';
import type { Engine } from '../engine';
import { recordEvent } from '../events';
import { SCHEMA_VERSION } from '../migrations';
import type { Operation } from '../operation';
import { isoTime } from '../views';
import {
	FORMAT,
	FORMAT_VERSION,
	noRows,
	TABLES,
	tables,
	type Counts,
	type FileRow,
	type Header,
	type TransferTable,
} from './format';
import { handOver } from './handOver';

/** Rows read by one query. */
const PAGE = 500;

/** Characters that are handed over at a time, or somewhat more. */
const PIECE = 64 * 1024;

/** Any table of the format, its columns not known to the compiler. */
export type AnyTable = Record<TransferTable, FileRow & { workspace: string }>;

/** Who takes data out is on record before the first of it leaves. */
export async function recordExport(
	operation: Operation,
	input: { source: string; actor?: string },
): Promise<void> {
	await recordEvent(operation, {
		type: 'workspace_exported',
		source: input.source,
		actor: input.actor ?? null,
	});
}

/**
 * Everything of a workspace at one moment, as the text of a file (see {@link Header}), piece by piece:
 * memory does not grow with the store, and a slow reader slows the reading down.
 *
 * @returns how many rows of each table it wrote
 */
export function exportRows(
	engine: Engine,
	workspace: string,
	exportedAt: number,
): AsyncGenerator<string, Counts, void> {
	const header: Header = {
		format: FORMAT,
		formatVersion: FORMAT_VERSION,
		schemaVersion: SCHEMA_VERSION,
		workspace,
		exportedAt: isoTime(exportedAt),
		engine: engine.name,
	};
	return handOver<string, Counts>(
		async (give) =>
			await engine.snapshot(async (tx) => {
				const counts = noRows();
				let piece = '';
				const write = async (line: object) => {
					piece += `${JSON.stringify(line)}\n`;
					if (piece.length < PIECE) return;
					await give(piece);
					piece = '';
				};
				await write(header);
				for (const table of TABLES) {
					for await (const row of rowsOf(
						tx as unknown as Transaction<AnyTable>,
						table,
						workspace,
					)) {
						await write({ table, row });
						counts[table]++;
					}
				}
				await write({ end: true, counts });
				if (piece !== '') await give(piece);
				return counts;
			}),
	);
}

/**
 * Tables with an index by workspace and then by what their rows are in order of. Of the others a page
 * is read along the primary key, past the rows of other workspaces; the expression keeps an engine
 * from sorting a whole workspace for every page instead.
 */
const ordered = new Set<TransferTable>(
	TABLES.filter((table) => !['contacts', 'conversations', 'messages'].includes(table)),
);

/** In the order of the primary key, page after page: each begins where the last one ended. */
async function* rowsOf(
	tx: Transaction<AnyTable>,
	table: TransferTable,
	workspace: string,
): AsyncGenerator<FileRow> {
	const key: readonly string[] = tables[table].key;
	const order = sql.join(key.map((column) => sql.ref(column)));
	let query = tx
		.selectFrom(table)
		.select(Object.keys(tables[table].columns))
		.where(ordered.has(table) ? sql.ref('workspace') : sql`workspace || ''`, '=', workspace)
		.limit(PAGE);
	for (const column of key) query = query.orderBy(column);
	let page = await query.execute();
	for (;;) {
		yield* page;
		const last = page[PAGE - 1];
		if (last === undefined) return;
		// Reading may be one long run of microtasks; n8n's other work gets its turn in between.
		await breathe();
		const after = sql.join(key.map((column) => last[column]));
		page = await query.where(sql<boolean>`(${order}) > (${after})`).execute();
	}
}
