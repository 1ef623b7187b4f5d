import type { PostgresSettings } from '../../nodes/store/postgres/settings';
import { pg } from '../../nodes/vendor';

/** What it takes to reach a server. */
export type ServerConnection = Pick<
	PostgresSettings,
	'host' | 'port' | 'user' | 'password' | 'database'
>;

/** How the tests' PostgreSQL is reached; it was started before them (globalSetup.js). */
export function testPostgres(): Omit<PostgresSettings, 'schema'> {
	const text = process.env.CONVERSATIONS_TEST_POSTGRES;
	if (!text) throw new Error('No PostgreSQL was started: run the tests with jest.config.js');
	const connection = JSON.parse(text) as ServerConnection;
	return { ...connection, ssl: 'disable', maxConnections: 5 };
}

/** Runs statements in the database of these settings, by a connection of their own. */
export async function onServer(
	{ host, port, user, password, database }: ServerConnection,
	sql: string,
): Promise<unknown[]> {
	const client = new pg.Client({ host, port, user, password, database });
	await client.connect();
	try {
		return (await client.query(sql)).rows;
	} finally {
		await client.end();
	}
}
