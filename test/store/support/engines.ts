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
import { pg } from '../../../nodes/vendor';
import { testPostgres } from '../../postgres/connection';

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

export function sqliteEngine(): EngineUnderTest & { file: string } {
	const folder = temporaryFolder();
	const file = join(folder, 'store.sqlite');
	let opening: Promise<Engine> | undefined;
	const engine = async () => await (opening ??= openSqliteEngine(file, randomUUID));
	const clients = clientsOf(async () => await openSqliteEngine(file, randomUUID));
	return {
		name: 'SQLite',
		file,
		async openStore({ workspace = randomUUID().slice(0, 13), clock = systemClock } = {}) {
			return new ConversationStore(await engine(), workspace, clock);
		},
		openClient: clients.open,
		async reopen() {
			clients.close();
			(await engine()).close();
			opening = undefined;
		},
		async cleanUp() {
			clients.close();
			(await opening)?.close();
			rmSync(folder, { recursive: true });
		},
	};
}

/** A schema of its own in the tests' PostgreSQL. */
export function postgresEngine(
	changes: Partial<PostgresSettings> = {},
): EngineUnderTest & { settings: PostgresSettings; query(sql: string): Promise<unknown[]> } {
	const schema = `test_${randomUUID().slice(0, 8)}`;
	const settings: PostgresSettings = { ...testPostgres(), schema, ...changes };
	let opening: Promise<Engine> | undefined;
	const open = async () => await openPostgresEngine(settings, randomUUID);
	const engine = async () => await (opening ??= open());
	const clients = clientsOf(open);
	const query = async (sql: string) => await onServer(settings, sql);
	return {
		name: 'PostgreSQL',
		settings,
		query,
		async openStore({ workspace = randomUUID().slice(0, 13), clock = systemClock } = {}) {
			return new ConversationStore(await engine(), workspace, clock);
		},
		openClient: clients.open,
		async reopen() {
			clients.close();
			(await engine()).close();
			opening = undefined;
		},
		async cleanUp() {
			clients.close();
			(await opening)?.close();
			await query(`drop schema if exists ${pg.escapeIdentifier(settings.schema)} cascade`);
		},
	};
}

/** Runs statements in the database of these settings, by a connection of their own. */
export async function onServer(
	settings: Omit<PostgresSettings, 'schema'>,
	sql: string,
): Promise<unknown[]> {
	const { host, port, user, password, database } = settings;
	const client = new pg.Client({ host, port, user, password, database });
	await client.connect();
	try {
		return (await client.query(sql)).rows;
	} finally {
		await client.end();
	}
}

function clientsOf(open: () => Promise<Engine>) {
	const opened: Engine[] = [];
	return {
		async open({ workspace = randomUUID().slice(0, 13), clock = systemClock } = {}) {
			const engine = await open();
			opened.push(engine);
			return new ConversationStore(engine, workspace, clock);
		},
		close() {
			for (const engine of opened.splice(0)) engine.close();
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
