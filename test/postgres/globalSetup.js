'use strict';
/**
 * Before the tests: a PostgreSQL for all of them, unless one is named by PostgreSQL's own variables
 * (PGHOST and its companions). Its role must be allowed to create schemas, roles and databases.
 */
const { startServer } = require('./server.js');

module.exports = async () => {
	const { PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE } = process.env;
	let connection = {
		host: PGHOST,
		port: Number(PGPORT ?? 5432),
		user: PGUSER ?? 'postgres',
		password: PGPASSWORD ?? '',
		database: PGDATABASE ?? 'postgres',
	};
	if (!PGHOST) {
		// No test cuts the power of this one, so it need not wait for the disk.
		const server = await startServer({ flags: { fsync: 'off' } });
		globalThis.conversationsTestPostgres = server;
		({ connection } = server);
	}
	process.env.CONVERSATIONS_TEST_POSTGRES = JSON.stringify(connection);
};
