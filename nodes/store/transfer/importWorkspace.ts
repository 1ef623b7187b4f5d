import { setImmediate as breathe } from 'node:timers/promises';
import { sql, type Transaction } from '../../vendor';
import { asIs, storeError } from '../errors';
import { recordEvent } from '../events';
import { testWorkspaceOf, type Operation } from '../operation';
import { renewStoreId } from '../storeId';
import { enqueue, requeueWithoutAgent } from '../operations/queueing';
import { EVERYBODY, policyOf, withoutOnlyAgent } from '../operations/queuePolicy';
import { CLOSED } from '../operations/conversations';
import { countOf } from '../operations/counting';
import { beginPresence } from '../operations/presence';
import { contradictory, type ExportFile, type RowOfFile } from './exportFile';
import type { AnyTable } from './exportWorkspace';
import { LEFT_OUT, noRows, TABLES, type Counts, type FileRow, type TransferTable } from './format';
import { idRenewal, renewRow } from './renewIds';

/** Rows of one statement: a conversation has some 40 columns, and statements take 32,766 values. */
const BATCH = 250;

/** Rows deleted by one statement, so that none lasts long. */
const DELETE_BATCH = 2_000;

export interface ImportWorkspaceInput {
	file: ExportFile;
	/** Removes what the workspace has first. */
	replace: boolean;
	source: string;
	actor?: string;
}

export interface ImportResult {
	/** Rows of the file, all of which were written. */
	written: Counts;
	/** Rows of the workspace in the store, counted afterwards. */
	stored: Counts;
	/** Rows that the workspace had before, and that were removed. */
	replaced: Counts;
	/** The workspace is a copy beside its original, so its rows have IDs of their own. */
	newIds: boolean;
	/** Conversations that waited for, or were assigned to, an agent who is not in the file. */
	requeued: number;
	/** What files do not hold: the triggers of this n8n subscribe by themselves. */
	leftOut: readonly string[];
}

/**
 * Writes an exported workspace into this one, or nothing at all: whatever is wrong with the file, the
 * transaction ends and the workspace is as before.
 *
 * @throws StoreError `InvalidInput`, `StoreTooNew`, `WorkspaceNotEmpty`, `StoreUnavailable`
 */
export async function importWorkspace(
	operation: Operation,
	input: ImportWorkspaceInput,
): Promise<ImportResult> {
	await operation.holdNames([`import:${operation.workspace}`]);
	const replaced = await countRows(operation);
	if (input.replace) await emptyWorkspace(operation);
	else refuseIfUsed(replaced);
	const { written, newIds } = await writeRows(operation, input.file);
	const stored = await countRows(operation);
	compare(written, stored, input.replace ? noRows() : replaced);
	await beginPresence(operation);
	const requeued = await requeueLost(operation);
	await recountLoads(operation);
	// An import makes no deliveries, and IDs never repeat by themselves: a second lock on the door.
	await renewStoreId(operation.tx, operation.newId());
	await recordEvent(operation, {
		type: 'workspace_imported',
		source: input.source,
		actor: input.actor ?? null,
		data: {
			from: input.file.header.workspace,
			exportedAt: input.file.header.exportedAt,
			replaced: input.replace,
			contacts: written.contacts,
			conversations: written.conversations,
		},
	});
	operation.wake('work');
	return {
		written,
		stored,
		replaced: input.replace ? replaced : noRows(),
		newIds,
		requeued,
		leftOut: LEFT_OUT,
	};
}

const inWords = (table: TransferTable) => table.replace('_', ' ');

const anyTable = (operation: Operation) => operation.tx as unknown as Transaction<AnyTable>;

async function countRows(operation: Operation): Promise<Counts> {
	const counts = noRows();
	for (const table of TABLES) {
		counts[table] = await countOf(
			anyTable(operation).selectFrom(table).where('workspace', '=', operation.workspace),
		);
	}
	return counts;
}

/** Events alone, e.g. of an earlier export, are no content: there is nothing that they are about. */
function refuseIfUsed(counts: Counts): void {
	const used = TABLES.filter((table) => table !== 'events' && counts[table] > 0);
	if (used.length === 0) return;
	throw storeError(
		'WorkspaceNotEmpty',
		`The workspace is not empty: it has ${used.map((table) => `${counts[table]} ${inWords(table)}`).join(', ')}`,
		"Choose a Conversation Store credential with another workspace, or switch 'Replace What Is There' on to remove all of this first",
	);
}

/**
 * Also the workspace of test runs, which stands on these teams and agents. Subscriptions stay: they
 * are those of the triggers that run here.
 */
async function emptyWorkspace(operation: Operation): Promise<void> {
	const workspaces = [operation.workspace, testWorkspaceOf(operation.workspace)];
	const db = operation.tx as unknown as Transaction<
		AnyTable & Record<'deliveries' | 'waits', { id: string; workspace: string }>
	>;
	const large = {
		waits: 'id',
		deliveries: 'id',
		messages: 'id',
		conversations: 'id',
		events: 'id',
	} as const;
	for (const [table, key] of Object.entries(large) as Array<[keyof typeof large, 'id']>) {
		const some = db
			.selectFrom(table)
			.select(key)
			.where('workspace', 'in', workspaces)
			.limit(DELETE_BATCH);
		let deleted: number;
		do {
			const { numDeletedRows } = await db
				.deleteFrom(table)
				.where(key, 'in', some)
				.executeTakeFirstOrThrow();
			deleted = Number(numDeletedRows);
			await breathe();
		} while (deleted > 0);
	}
	// Backwards: what points to others goes before them.
	for (const table of [...TABLES].reverse()) {
		await db.deleteFrom(table).where('workspace', 'in', workspaces).execute();
	}
	// Queues of other teams, perhaps under the same names.
	await operation.tx.deleteFrom('queue_paces').where('workspace', 'in', workspaces).execute();
}

async function writeRows(
	operation: Operation,
	file: ExportFile,
): Promise<{ written: Counts; newIds: boolean }> {
	const written = noRows();
	let renewed: Renewal | undefined;
	let renewedEvents: Renewal | undefined;
	let batch: RowOfFile[] = [];
	const write = async () => {
		const [first] = batch;
		if (!first) return;
		const { table } = first;
		if (written[table] === 0) {
			// Contacts are never deleted one by one, and every other ID hangs on one of them. Only events
			// may be there without: of a workspace that had nothing else, and nothing points to them.
			if (table === 'contacts' && (await isTaken(operation, first))) {
				renewed = idRenewal(operation.newId());
			}
			if (table === 'events' && !renewed && (await isTaken(operation, first))) {
				renewedEvents = idRenewal(operation.newId());
			}
		}
		const rows = batch.map(({ row }) => {
			if (renewed) return renewRow(table, row, renewed);
			return table === 'events' && renewedEvents
				? { ...row, id: renewedEvents(String(row.id)) }
				: row;
		});
		await insert(operation, table, rows, [first.line, batch.at(-1)?.line ?? 0]);
		written[table] += batch.length;
		batch = [];
		await breathe();
	};
	for await (const row of file.rows()) {
		if (batch.length >= BATCH || (batch[0] && batch[0].table !== row.table)) await write();
		batch.push(row);
	}
	await write();
	return { written, newIds: renewed !== undefined };
}

type Renewal = (id: string) => string;

/** By another workspace of this store, as a rule: this one has no contacts yet. */
async function isTaken(operation: Operation, { table, row }: RowOfFile): Promise<boolean> {
	const key = table === 'contacts' ? 'key' : 'id';
	const found = await anyTable(operation)
		.selectFrom(table)
		.select(key)
		.where(key, '=', row[key])
		.executeTakeFirst();
	return found !== undefined;
}

async function insert(
	operation: Operation,
	table: TransferTable,
	rows: FileRow[],
	[from, to]: [number, number],
): Promise<void> {
	const { workspace } = operation;
	try {
		await anyTable(operation)
			.insertInto(table)
			.values(rows.map((row) => ({ ...row, workspace })))
			.execute();
	} catch (error) {
		throw isContradiction(error) ? contradictory(from, to, error) : asIs(error);
	}
}

/** A constraint of the tables: SQLite's result code 19, PostgreSQL's class 23. */
function isContradiction(error: unknown): boolean {
	const { errcode, code } = error as { errcode?: number; code?: unknown };
	return (errcode !== undefined && errcode % 256 === 19) || /^23\d{3}$/.test(String(code));
}

/** What was written, and nothing else, is what the store has: else somebody wrote at the same time. */
function compare(written: Counts, stored: Counts, before: Counts): void {
	for (const table of TABLES) {
		if (stored[table] === written[table] + before[table]) continue;
		throw storeError(
			'StoreUnavailable',
			`The import wrote ${written[table]} ${inWords(table)}, and the store has ${stored[table] - before[table]} more than before`,
			'Nothing was imported. Something else wrote to the workspace meanwhile: unpublish its flows and import again',
		);
	}
}

/** Whom nobody would ever serve: their agent did not come along. They wait for their team instead. */
async function requeueLost(operation: Operation): Promise<number> {
	const reason = 'agent not imported';
	const source = 'system';
	const open = operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where('status', '<>', CLOSED)
		.orderBy('opened_at')
		.orderBy('id');
	const here = operation.tx
		.selectFrom('agents')
		.select('key')
		.where('workspace', '=', operation.workspace);
	const assigned = await open
		.where('assignee_key', 'is not', null)
		.where('assignee_key', 'not in', here)
		.execute();
	for (const row of assigned) {
		await requeueWithoutAgent(operation, row, { reason, source });
	}
	const waiting = await open
		.where('queue_entered_at', 'is not', null)
		.where('queue_for', 'is not', null)
		.where('queue_for', '<>', EVERYBODY)
		.where('queue_for', 'not in', here)
		.execute();
	for (const row of waiting) {
		const policy = withoutOnlyAgent(policyOf(row));
		await enqueue(operation, row, { policy, reason, source });
	}
	return assigned.length + waiting.length;
}

/** From the conversations, whatever the file says: an agent's free units follow from this number. */
async function recountLoads(operation: Operation): Promise<void> {
	await operation.tx
		.updateTable('agent_loads')
		.set({ open_units: 0 })
		.where('workspace', '=', operation.workspace)
		.execute();
	const loads = await operation.tx
		.selectFrom('conversations')
		.select((eb) => ['assignee_key', eb.fn.sum<number>('weight').as('units')])
		.where('workspace', '=', operation.workspace)
		.where('status', '=', 'open')
		.where('assignee_key', 'is not', null)
		.groupBy('assignee_key')
		.execute();
	for (const { assignee_key: agent, units } of loads) {
		await operation.tx
			.insertInto('agent_loads')
			.values({
				workspace: operation.workspace,
				agent_key: agent ?? '',
				open_units: Number(units),
				last_assigned_at: null,
			})
			.onConflict((conflict) =>
				conflict
					.columns(['workspace', 'agent_key'])
					.doUpdateSet({ open_units: sql<number>`excluded.open_units` }),
			)
			.execute();
	}
}
