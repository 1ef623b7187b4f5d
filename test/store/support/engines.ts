import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../../nodes/store/clock';
import type { Engine } from '../../../nodes/store/engine';
import { openPostgresEngine } from '../../../nodes/store/postgres/engine';
import type { PostgresSettings } from '../../../nodes/store/postgres/settings';
import { openSqliteEngine } from '../../../nodes/store/sqlite/engine';
import { ConversationStore } from '../../../nodes/store/store';
import { pg, sql } from '../../../nodes/vendor';
import { onServer, testPostgres } from '../../postgres/connection';

/** What a suite needs of an engine. A suite never names one. */
export interface EngineUnderTest {
	readonly name: string;
	/** A store of its own workspace unless one is named, so that tests do not see each other. */
	openStore(options?: { workspace?: string; clock?: Clock }): Promise<ConversationStore>;
	/**
	 * The same, by a connection of its own as another process has one. Ended by `cleanUp` and `reopen`.
	 */
	openClient(options?: { workspace?: string; clock?: Clock }): Promise<ConversationStore>;
	/** As after a restart of n8n: every connection is closed and opened anew. */
	reopen(): Promise<void>;
	cleanUp(): Promise<void>;
}

export const temporaryFolder = () => mkdtempSync(join(tmpdir(), 'conversation-store-'));

/** @param synchronous `off` where thousands of commits are made and no power cut is tested */
export function sqliteEngine({ synchronous = 'full' } = {}): EngineUnderTest & { file: string } {
	const folder = temporaryFolder();
	const file = join(folder, 'store.sqlite');
	return {
		name: 'SQLite',
		file,
		...storesOf(
			async () => {
				const engine = await openSqliteEngine(file, randomUUID);
				await sql.raw(`pragma synchronous = ${synchronous}`).execute(engine.db);
				return engine;
			},
			async () => rmSync(folder, { recursive: true }),
		),
	};
}

/** A schema of its own in the tests' PostgreSQL. */
export function postgresEngine(
	changes: Partial<PostgresSettings> = {},
): EngineUnderTest & { settings: PostgresSettings; query(sql: string): Promise<unknown[]> } {
	const schema = `test_${randomUUID().slice(0, 8)}`;
	const settings: PostgresSettings = { ...testPostgres(), schema, ...changes };
	const query = async (sql: string) => await onServer(settings, sql);
	return {
		name: 'PostgreSQL',
		settings,
		query,
		...storesOf(
			async () => await openPostgresEngine(settings, randomUUID),
			async () =>
				void (await query(`drop schema if exists ${pg.escapeIdentifier(settings.schema)} cascade`)),
		),
	};
}

/** Stores over one engine, and over engines of their own. @param remove what is left in the end */
function storesOf(
	open: () => Promise<Engine>,
	remove: () => Promise<void>,
): Omit<EngineUnderTest, 'name'> {
	let shared: Promise<Engine> | undefined;
	const own: Engine[] = [];
	const storeOn = (
		engine: Engine,
		{ workspace = randomUUID().slice(0, 13), clock = systemClock } = {},
	) => new ConversationStore(engine, workspace, clock);
	const close = async () => {
		for (const engine of own.splice(0)) engine.close();
		(await shared)?.close();
		shared = undefined;
	};
	return {
		openStore: async (options) => storeOn(await (shared ??= open()), options),
		async openClient(options) {
			const engine = await open();
			own.push(engine);
			return storeOn(engine, options);
		},
		reopen: close,
		async cleanUp() {
			await close();
			await remove();
		},
	};
}

export interface TestClock extends Clock {
	advance(milliseconds: number): void;
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Time stands still until the test moves it. */
export function testClock(start = Date.UTC(2026, 0, 5, 9)): TestClock {
	let now = start;
	const clock = () => now;
	return Object.assign(clock, {
		advance: (milliseconds: number) => {
			now += milliseconds;
		},
	});
}
