import { z } from '../../vendor';
import { asIs, storeError, type StoreError } from '../errors';
import { SCHEMA_VERSION } from '../migrations';
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
import { linesOf, type Line } from './lines';

const EXPORT_AGAIN =
	'Export the workspace again with Conversation Store → Store → Export, and import the file as it is';

export interface RowOfFile {
	table: TransferTable;
	row: FileRow;
	/** Where it stands in the file; the first line is 1. */
	line: number;
}

const headerShape = z.object({
	formatVersion: z.number(),
	schemaVersion: z.number(),
	workspace: z.string(),
	exportedAt: z.string(),
	engine: z.string(),
});

const rowShape = z.object({ table: z.string(), row: z.record(z.unknown()) }).strict();

const endShape = z.object({ end: z.literal(true), counts: z.record(z.number()) }).strict();

const shapes = Object.fromEntries(
	TABLES.map((table) => [table, z.object(tables[table].columns).strict()]),
) as unknown as Record<TransferTable, z.ZodObject<z.ZodRawShape>>;

/**
 * An exported file as it is read: every line is checked before anybody sees it, in words for whoever
 * chose the file. It may have been cut off, edited, or come from anywhere.
 */
export class ExportFile {
	private begun = false;

	private constructor(
		readonly header: Header,
		private readonly lines: AsyncGenerator<Line>,
	) {}

	/**
	 * Reads the first line: before anything is changed for its sake, it is an export.
	 *
	 * @throws StoreError `InvalidInput`, `StoreTooNew`
	 */
	static async open(chunks: AsyncIterable<string | Uint8Array>): Promise<ExportFile> {
		const lines = linesOf(chunks);
		try {
			const first = await lines.next();
			if (first.done === true) throw notAnExport();
			return new ExportFile(headerOf(first.value), lines);
		} catch (error) {
			await lines.return(undefined);
			throw asIs(error);
		}
	}

	/** Lets go of what the file is read from, however far it was read. */
	async close(): Promise<void> {
		await this.lines.return(undefined);
	}

	/**
	 * The rows, in the order of the file. Ends only when the file is whole.
	 *
	 * @throws StoreError `InvalidInput`; `StoreUnavailable` when asked a second time
	 */
	async *rows(): AsyncGenerator<RowOfFile, void, void> {
		if (this.begun) throw interrupted();
		this.begun = true;
		const counts = noRows();
		let place = 0;
		let ended: number | undefined;
		for await (const line of this.lines) {
			if (ended !== undefined) throw broken(line, `comes after the end in line ${ended}`);
			const content = parsed(line);
			if (isEnd(content)) {
				compare(counts, content, line);
				ended = line.number;
			} else {
				const row = rowOf(line, content);
				const at = TABLES.indexOf(row.table);
				if (at < place) throw broken(line, `has a row of '${row.table}' after rows that follow it`);
				place = at;
				counts[row.table]++;
				yield row;
			}
		}
		if (ended === undefined) {
			throw invalid(
				'The file is cut off: its last line is missing',
				`Copy the whole file. ${EXPORT_AGAIN}`,
			);
		}
	}
}

function parsed(line: Line): unknown {
	try {
		return JSON.parse(line.text);
	} catch {
		throw broken(line, 'is not JSON');
	}
}

function headerOf(line: Line): Header {
	// What is no JSON here is no export at all, rather than a broken one.
	const content = line.text.trimStart().startsWith('{') ? parsed(line) : undefined;
	const { format, formatVersion } = (content ?? {}) as Partial<Record<keyof Header, unknown>>;
	if (format !== FORMAT) throw notAnExport();
	if (typeof formatVersion === 'number' && formatVersion > FORMAT_VERSION) {
		throw tooNew(
			`The file has format ${formatVersion}; this package knows up to ${FORMAT_VERSION}`,
		);
	}
	const header = headerShape.safeParse(content);
	if (!header.success) throw notAnExport();
	const { schemaVersion } = header.data;
	if (schemaVersion > SCHEMA_VERSION) {
		throw tooNew(
			`The file is from a store with schema ${schemaVersion}; this package knows up to ${SCHEMA_VERSION}`,
		);
	}
	return { format: FORMAT, ...header.data };
}

const isEnd = (content: unknown): content is { end: unknown } =>
	typeof content === 'object' && content !== null && 'end' in content;

function rowOf(line: Line, content: unknown): RowOfFile {
	const entry = rowShape.safeParse(content);
	if (!entry.success) throw broken(line, 'is neither a row nor the end');
	const { table } = entry.data;
	if (!isTable(table))
		throw broken(line, `has a row of '${table}', which this package does not know`);
	const row = shapes[table].safeParse(entry.data.row);
	if (!row.success) throw broken(line, `of '${table}' ${problemOf(row.error)}`);
	return { table, row: row.data, line: line.number };
}

const isTable = (name: string): name is TransferTable => TABLES.includes(name as TransferTable);

function problemOf({ issues: [issue] }: z.ZodError): string {
	if (issue?.code === 'unrecognized_keys') {
		return `has a column that this package does not know: ${issue.keys.join(', ')}`;
	}
	return `is not right: '${issue?.path[0] ?? ''}' ${issue?.message ?? ''}`;
}

function compare(read: Counts, content: unknown, line: Line): void {
	const end = endShape.safeParse(content);
	if (!end.success) throw broken(line, 'is not a right end');
	const { counts } = end.data;
	const names = new Set([...TABLES, ...Object.keys(counts)]);
	for (const name of names) {
		const found = isTable(name) ? read[name] : 0;
		const expected = counts[name] ?? 0;
		if (found === expected) continue;
		throw invalid(
			`The file has ${found} rows of '${name}'; ${expected} were exported`,
			`Lines were lost or added on the way. ${EXPORT_AGAIN}`,
		);
	}
}

const invalid = (message: string, hint: string) => storeError('InvalidInput', message, hint);

const broken = (line: Pick<Line, 'number'>, what: string): StoreError =>
	invalid(`Line ${line.number} of the file ${what}`, `Nothing was imported. ${EXPORT_AGAIN}`);

/** What the tables refuse shows when a batch is written: two rows with one ID, a row that points nowhere. */
export const contradictory = (from: number, to: number, cause: unknown): StoreError =>
	storeError(
		'InvalidInput',
		`Lines ${from} to ${to} of the file contradict other rows: an ID or identity is there twice, or what a row points to is missing`,
		`Nothing was imported. If messages came in meanwhile, unpublish the flows and import again. If not, the file was changed: ${EXPORT_AGAIN}`,
		cause,
	);

const notAnExport = () =>
	invalid(
		'The file is not an export of a conversation store',
		'Choose a file that Conversation Store → Store → Export has made (.ndjson), not packed',
	);

const tooNew = (message: string) =>
	storeError(
		'StoreTooNew',
		message,
		'Update n8n-nodes-inbound-conversations in Settings > Community Nodes, then import again',
	);

const interrupted = () =>
	storeError(
		'StoreUnavailable',
		'The connection to the store was lost during the import',
		'Nothing was imported. Import the file again',
	);
