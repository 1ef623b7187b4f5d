import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

/**
 * The thread in which long reads run, so that they hold up neither n8n's event loop nor writers.
 * Tests let Node load this very file, which strips the types and nothing else: so there is no import
 * that is more than types.
 */
const sqlite = process.getBuiltinModule('node:sqlite');
const { parentPort } = process.getBuiltinModule('node:worker_threads');

/** `handle` is a number that the asking side has chosen; each has one connection of its own. */
export type ReaderRequest = { id: number; handle: number } & (
	| { kind: 'open'; file: string; busyTimeout: number }
	| { kind: 'query'; sql: string; parameters: SQLInputValue[] }
	| { kind: 'close' }
);

export type ReaderRow = Record<string, unknown>;

/** What node:sqlite said, without what cannot be sent to another thread. */
export interface ReaderFailure {
	message: string;
	code?: string;
	errcode?: number;
}

export type ReaderAnswer = { id: number } & ({ rows: ReaderRow[] } | { failure: ReaderFailure });

const handles = new Map<number, DatabaseSync>();

function carryOut(request: ReaderRequest): ReaderRow[] {
	if (request.kind === 'open') {
		const { file, busyTimeout } = request;
		handles.set(
			request.handle,
			new sqlite.DatabaseSync(file, { readOnly: true, timeout: busyTimeout }),
		);
		return [];
	}
	const handle = handles.get(request.handle);
	if (request.kind === 'close') {
		handles.delete(request.handle);
		handle?.close();
		return [];
	}
	if (!handle) throw new Error('The thread that read the store has ended meanwhile');
	return handle.prepare(request.sql).all(...request.parameters);
}

function answer(request: ReaderRequest): ReaderAnswer {
	const { id } = request;
	try {
		return { id, rows: carryOut(request) };
	} catch (error) {
		const { message, code, errcode } = error as ReaderFailure;
		return { id, failure: { message, code, errcode } };
	}
}

parentPort?.on('message', (request: ReaderRequest) => parentPort?.postMessage(answer(request)));
