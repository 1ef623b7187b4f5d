import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '../../../nodes/store/clock';
import type { Engine } from '../../../nodes/store/engine';
import { openSqliteEngine } from '../../../nodes/store/sqlite/engine';
import { ConversationStore } from '../../../nodes/store/store';

/** What a suite needs of an engine. A suite never names one. */
export interface EngineUnderTest {
	readonly name: string;
	/** A store of its own workspace unless one is named, so that tests do not see each other. */
	openStore(options?: { workspace?: string; clock?: Clock }): Promise<ConversationStore>;
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
	return {
		name: 'SQLite',
		file,
		async openStore({ workspace = randomUUID().slice(0, 13), clock = systemClock } = {}) {
			return new ConversationStore(await engine(), workspace, clock);
		},
		async reopen() {
			(await engine()).close();
			opening = undefined;
		},
		async cleanUp() {
			(await opening)?.close();
			rmSync(folder, { recursive: true });
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
