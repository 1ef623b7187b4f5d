import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { freePort } from './ports';
import { startProgram } from './processes';
import { until } from './waiting';

const COMPANION = path.join(__dirname, 'companion.js');

/** A Redis on loopback that keeps nothing on disk. */
export interface Redis {
	host: string;
	port: number;
	/** Ends it and removes its folder. */
	stop(): Promise<void>;
}

/** The server's program, where the system has it. It is no npm package: operators install it. */
export function redisProgram(): string | undefined {
	const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
	return folders
		.map((folder) => path.join(folder, 'redis-server'))
		.find((file) => existsSync(file));
}

/** Starts a Redis. It ends with the process that started it, however that one ends. */
export async function startRedis(): Promise<Redis> {
	const program = redisProgram();
	if (!program) throw new Error('redis-server is not installed');
	const host = '127.0.0.1';
	const port = await freePort();
	const folder = mkdtempSync(path.join(tmpdir(), 'conversations-redis-'));
	const settings = {
		bind: host,
		port: String(port),
		dir: folder,
		save: '',
		appendonly: 'no',
	};
	const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
	const child = startProgram(COMPANION, [program, ...args], {
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
		// Options of the tests' own Node are not for it.
		execArgv: [],
	});
	let output = '';
	const keep = (chunk: Buffer) => {
		output += chunk.toString();
	};
	child.stdout?.on('data', keep);
	child.stderr?.on('data', keep);
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const stop = async () => {
		child.kill('SIGTERM');
		await ended;
		rmSync(folder, { recursive: true, force: true });
	};
	const answers = async () => {
		if (child.exitCode !== null) throw new Error(`Redis ended while it started:\n${output}`);
		return (await saysPong(host, port)) ? true : undefined;
	};
	try {
		await until(answers, { what: 'Redis to answer' });
	} catch (error) {
		await stop();
		return await Promise.reject(error as Error);
	}
	return { host, port, stop };
}

async function saysPong(host: string, port: number): Promise<boolean> {
	return await new Promise<boolean>((resolve) => {
		const socket = net.connect(port, host, () => socket.write('PING\r\n'));
		const finish = (answer: boolean) => {
			socket.destroy();
			resolve(answer);
		};
		socket.once('data', (data) => finish(data.toString().startsWith('+PONG')));
		socket.once('error', () => finish(false));
	});
}
