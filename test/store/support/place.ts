import { randomUUID } from 'node:crypto';
import type { Engine } from '../../../nodes/store/engine';
import { openPostgresEngine } from '../../../nodes/store/postgres/engine';
import type { PostgresSettings } from '../../../nodes/store/postgres/settings';
import { openSqliteEngine } from '../../../nodes/store/sqlite/engine';

/** Where a store is, so that one process can tell another. */
export type Place =
	{ engine: 'sqlite'; file: string } | { engine: 'postgres'; settings: PostgresSettings };

export const openPlace = async (place: Place): Promise<Engine> =>
	place.engine === 'sqlite'
		? await openSqliteEngine(place.file, randomUUID)
		: await openPostgresEngine(place.settings, randomUUID);
