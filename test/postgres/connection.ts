import type { PostgresSettings } from '../../nodes/store/postgres/settings';

/** How the tests' PostgreSQL is reached; it was started before them (globalSetup.js). */
export function testPostgres(): Omit<PostgresSettings, 'schema'> {
	const text = process.env.CONVERSATIONS_TEST_POSTGRES;
	if (!text) throw new Error('No PostgreSQL was started: run the tests with jest.config.js');
	const connection = JSON.parse(text) as Pick<
		PostgresSettings,
		'host' | 'port' | 'user' | 'password' | 'database'
	>;
	return { ...connection, ssl: 'disable', maxConnections: 5 };
}
