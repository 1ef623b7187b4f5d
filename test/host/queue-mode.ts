import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { onServer, type ServerConnection } from '../postgres/connection';
import { Host } from './host';
import { buildPack, installTarball, packTarball } from './pack';
import { freePort } from './ports';
import { startRedis } from './redis';

/** What {@link startQueueMode} needs. */
export interface QueueModeOptions {
	/**
	 * Gets a fresh database, which n8n and the conversation store share. The role must be allowed to
	 * create one.
	 */
	server: ServerConnection;
	workers: number;
	/** Environment variables of every process. */
	env?: Record<string, string>;
	/** All processes share one user folder, as on one machine. */
	oneFolder?: boolean;
}

/**
 * n8n in queue mode: a main process, a webhook processor and workers, with a Redis and a database of
 * their own. Each process has its own user folder, as if it were on a machine of its own, unless
 * they are to share one.
 */
export interface QueueMode {
	main: Host;
	webhook: Host;
	workers: Host[];
	/** The database that the processes share. */
	database: ServerConnection;
	/** The user folder of main: of all, where they share one. */
	userFolder: string;
	/** Ends everything and removes what it left. */
	stop(): Promise<void>;
}

/** Starts n8n in queue mode; resolves when every process is ready. */
export async function startQueueMode({
	server,
	workers: count,
	env,
	oneFolder = false,
}: QueueModeOptions): Promise<QueueMode> {
	const folder = mkdtempSync(path.join(tmpdir(), 'conversations-queue-mode-'));
	/** What is to be undone, the newest first. */
	const undo = [async () => rmSync(folder, { recursive: true, force: true })];
	const stop = async () => {
		for (const step of undo.splice(0).reverse()) await step();
	};
	try {
		const redis = await startRedis();
		undo.push(redis.stop);
		const database = await createDatabase(server);
		undo.push(async () => await dropDatabase(server, database));

		const webhookPort = await freePort();
		const shared = {
			...databaseVariables(database),
			EXECUTIONS_MODE: 'queue',
			QUEUE_BULL_REDIS_HOST: redis.host,
			QUEUE_BULL_REDIS_PORT: String(redis.port),
			N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
			N8N_WEBHOOK_URL: `http://127.0.0.1:${webhookPort}/`,
			N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true',
			...env,
		};
		const hosts: Host[] = [];
		undo.push(async () => {
			await Promise.all(hosts.map(async (host) => await host.stop()));
		});
		await buildPack();
		const tarball = await packTarball(folder);
		const folderOf = (name: string) => path.join(folder, oneFolder ? 'main' : name);
		const start = async (command: string, name: string, port: number): Promise<Host> => {
			const userFolder = folderOf(name);
			if (!oneFolder || name === 'main') await installTarball(userFolder, tarball);
			const health = command === 'worker' ? workerHealth(port) : {};
			const options = { userFolder, command: [command], skipCrashPause: true };
			const host = new Host(port, await freePort(), { ...options, env: { ...shared, ...health } });
			host.start();
			hosts.push(host);
			return host;
		};

		// Alone: it makes n8n's tables, which the others expect.
		const main = await start('start', 'main', await freePort());
		await main.waitReady();
		const webhook = await start('webhook', 'webhook', webhookPort);
		const workers: Host[] = [];
		for (let number = 1; number <= count; number++) {
			workers.push(await start('worker', `worker-${number}`, await freePort()));
		}
		await Promise.all([webhook, ...workers].map(async (host) => await host.waitReady()));
		return { main, webhook, workers, database, userFolder: folderOf('main'), stop };
	} catch (error) {
		await stop();
		return await Promise.reject(error as Error);
	}
}

/** A worker has no server of its own, unless its health may be asked for. */
function workerHealth(port: number): Record<string, string> {
	return {
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: String(port),
		N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
	};
}

function databaseVariables({ host, port, user, password, database }: ServerConnection) {
	return {
		DB_TYPE: 'postgresdb',
		DB_POSTGRESDB_HOST: host,
		DB_POSTGRESDB_PORT: String(port),
		DB_POSTGRESDB_USER: user,
		DB_POSTGRESDB_PASSWORD: password,
		DB_POSTGRESDB_DATABASE: database,
	};
}

async function createDatabase(server: ServerConnection): Promise<ServerConnection> {
	const database = `n8n_${randomBytes(6).toString('hex')}`;
	await onServer(server, `create database ${database}`);
	return { ...server, database };
}

async function dropDatabase(
	server: ServerConnection,
	{ database }: ServerConnection,
): Promise<void> {
	await onServer(server, `drop database ${database} with (force)`);
}
