import { mkdtempSync, chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../host/ports';
import { startProgram } from '../host/processes';
import { until } from '../host/waiting';
import { testPostgres } from './connection';

const COMPANION = path.join(__dirname, '..', 'host', 'companion.js');

/** Where systems keep it; it is no npm package. */
export function poolerProgram(): string | undefined {
	const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'];
	return folders.map((folder) => path.join(folder, 'pgbouncer')).find((file) => existsSync(file));
}

export interface Pooler {
	port: number;
	/** Ends it and removes its folder. */
	stop(): Promise<void>;
}

/** A PgBouncer on loopback before the tests' PostgreSQL. It ends with the process that started it. */
export async function startPooler(mode: 'session' | 'transaction'): Promise<Pooler> {
	const program = poolerProgram();
	if (!program) throw new Error('pgbouncer is not installed');
	const { host, port: serverPort, user, password, database } = testPostgres();
	const folder = mkdtempSync(path.join(tmpdir(), 'conversations-pooler-'));
	chmodSync(folder, 0o755);
	const users = path.join(folder, 'users.txt');
	writeFileSync(users, `"${user}" "${password}"\n`);
	const port = await freePort();
	const settings = path.join(folder, 'pgbouncer.ini');
	writeFileSync(
		settings,
		`[databases]
${database} = host=${host} port=${serverPort} dbname=${database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = ${mode}
`,
	);
	// It refuses to run as root; the tests' PostgreSQL has made this user for the same reason.
	const as = process.getuid?.() === 0 ? ['--user', 'postgres'] : [];
	const child = startProgram(COMPANION, [program, ...as, settings], {
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
		execArgv: [],
	});
	let output = '';
	child.stderr?.on('data', (chunk: Buffer) => {
		output += chunk.toString();
	});
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const stop = async () => {
		child.kill('SIGTERM');
		await ended;
		rmSync(folder, { recursive: true, force: true });
	};
	const listens = async () => {
		if (child.exitCode !== null) throw new Error(`PgBouncer ended while it started:\n${output}`);
		return (await answers(port)) ? true : undefined;
	};
	await until(listens, { what: 'PgBouncer to listen' }).catch(async (error: Error) => {
		await stop();
		throw new Error(error.message);
	});
	return { port, stop };
}

async function answers(port: number): Promise<boolean> {
	return await new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.once('connect', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});
}
