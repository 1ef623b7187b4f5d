/* eslint-disable @n8n/community-nodes/no-dangerous-functions -- a real server is what is tested */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { PostgresSettings } from '../../nodes/store/postgres/settings';

type Order = 'connection' | 'logs' | 'halt' | 'start' | 'stop';

export interface OwnServer {
	connection: Omit<PostgresSettings, 'schema'>;
	/** What the server has printed. */
	logs(): Promise<string>;
	/** Ends it; sessions are broken off. `immediate`: as by a crash, nothing is written any more. */
	halt(options?: { immediate: boolean }): Promise<void>;
	/** Starts it again with the same data. */
	start(): Promise<void>;
	/** Ends it and removes its data. */
	stop(): Promise<void>;
}

/**
 * A server for one test alone: to be halted, or its log read.
 *
 * @param flags settings of the server, e.g. `{ max_connections: '20' }`
 */
export async function startOwnServer(flags: Record<string, string> = {}): Promise<OwnServer> {
	const child = fork(join(__dirname, 'serverProcess.js'), [JSON.stringify(flags)]);
	const waiting = new Map<number, (answer: { value?: unknown; error?: string }) => void>();
	child.on('message', (answer: { number: number; value?: unknown; error?: string }) =>
		waiting.get(answer.number)?.(answer),
	);
	child.once('exit', () => {
		for (const answer of waiting.values())
			answer({ error: 'The PostgreSQL of the test has ended' });
	});
	let last = 0;
	const answered = async <T>(number: number) =>
		await new Promise<T>((resolve, reject) => {
			waiting.set(number, ({ value, error }) => {
				if (error === undefined) resolve(value as T);
				else reject(new Error(error));
			});
		});
	const ask = async <T>(order: Order, options?: object) => {
		const number = ++last;
		const answer = answered<T>(number);
		child.send({ number, order, options });
		return await answer;
	};
	await answered(0);
	return {
		connection: {
			...(await ask<PostgresSettings>('connection')),
			ssl: 'disable',
			maxConnections: 5,
		},
		logs: async () => await ask('logs'),
		halt: async (options) => await ask('halt', options),
		start: async () => await ask('start'),
		stop: async () => await ask('stop'),
	};
}
