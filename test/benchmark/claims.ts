/**
 * How many assignments a second clients get from PostgreSQL: one client, many on one team, many over
 * ten teams that have nothing to do with each other. `npm run benchmark:claims`
 *
 * ROUNDS: how often each is measured. LATENCY: milliseconds that a packet takes to the server and
 * back each, as on a network; without it, server and clients only share the machine's cores.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { openPostgresEngine } from '../../nodes/store/postgres/engine';
import type { PostgresSettings } from '../../nodes/store/postgres/settings';
import { ConversationStore } from '../../nodes/store/store';
import { startOwnServer } from '../postgres/ownServer';
import { bundleClaimer, runClients } from '../store/support/clients';
import { onServer } from '../postgres/connection';
import { temporaryFolder } from '../store/support/engines';
import { copyConversation } from '../store/support/fill';
import { message, receive, route, team } from '../store/support/samples';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const LATENCY = Number(process.env.LATENCY ?? 0);
const AGENTS = 10;

/** Fewer where each takes long. */
const PORTION = LATENCY > 0 ? 0.25 : 1;

const cases = [
	{ name: '1 client, one team', clients: 1, teams: 1, claims: 1000 * PORTION },
	{ name: '64 clients, one team', clients: 64, teams: 1, claims: 2000 * PORTION },
	{ name: '64 clients, ten teams', clients: 64, teams: 10, claims: 4000 * PORTION },
];

const say = (line: string) => process.stdout.write(`${line}\n`);

/** The port of a way to the server on which everything arrives later by `LATENCY`. */
async function slowWay(port: number): Promise<number> {
	const pass = (from: Socket, to: Socket) => {
		from.on('data', (data) => setTimeout(() => to.write(data), LATENCY));
		from.on('close', () => setTimeout(() => to.destroy(), LATENCY));
		from.on('error', () => to.destroy());
		from.setNoDelay();
	};
	const way = createServer((client) => {
		const server = connect(port, '127.0.0.1');
		pass(client, server);
		pass(server, client);
	});
	await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve));
	way.unref();
	return (way.address() as AddressInfo).port;
}

/** Assignments per second of clients that claim so many open, routed conversations. */
async function rate(
	program: string,
	connection: Omit<PostgresSettings, 'schema' | 'ssl' | 'maxConnections'>,
	{ clients, teams, claims }: (typeof cases)[number],
): Promise<number> {
	const schema = `benchmark_${randomUUID().slice(0, 8)}`;
	const settings: PostgresSettings = { ...connection, schema, ssl: 'disable', maxConnections: 5 };
	const store = new ConversationStore(await openPostgresEngine(settings, randomUUID), 'benchmark');
	const run = async (statement: string) =>
		await onServer(settings, `set search_path to "${schema}"; ${statement}`);
	for (let i = 0; i < teams; i++) {
		const agents = Array.from({ length: AGENTS }, (_, n) => [`agent ${i}.${n}`, null] as const);
		await team(store, `team ${i}`, Object.fromEntries(agents));
		const { conversationId } = await receive(store, message(`customer ${i}`));
		await route(store, conversationId ?? '', `team ${i}`);
		await copyConversation(store, conversationId ?? '', claims / teams - 1, run);
	}
	await run('analyze');
	const { workspace } = store;
	const port = LATENCY > 0 ? await slowWay(settings.port) : settings.port;
	const { lines, errors, seconds } = await runClients(program, {
		...{ settings: { ...settings, port }, workspace, job: 'claim', seed: 1, all: clients },
	});
	store.engine.close();
	await run(`drop schema "${schema}" cascade`);
	const assigned = lines.filter((line) => line.startsWith('assigned ')).length;
	if (errors || assigned !== claims) throw new Error(`${assigned} of ${claims}. ${errors}`);
	return claims / seconds;
}

const median = (values: number[]) =>
	[...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

async function main(): Promise<void> {
	const folder = temporaryFolder();
	const program = bundleClaimer(folder);
	const server = await startOwnServer();
	const { connection } = server;
	const asked = ['server_version', 'fsync', 'synchronous_commit', 'shared_buffers'];
	const shown = asked.map((name) => `current_setting('${name}') as ${name}`).join(', ');
	const [settings] = await onServer(connection, `select ${shown}`);
	say(`${availableParallelism()} cores (${cpus()[0]?.model}), load ${loadavg()[0]?.toFixed(1)}`);
	say(`PostgreSQL on the same machine, ${LATENCY} ms away: ${JSON.stringify(settings)}`);
	const rates = cases.map((): number[] => []);
	for (let round = 0; round < ROUNDS; round++) {
		for (const [i, each] of cases.entries()) {
			const found = await rate(program, connection, each);
			rates[i]?.push(found);
			say(
				`round ${round + 1}: ${each.name}: ${found.toFixed(0)}/s (load ${loadavg()[0]?.toFixed(1)})`,
			);
		}
	}
	say('');
	for (const [i, { name }] of cases.entries()) {
		const own = median(rates[i] ?? []);
		const ratios = rates.slice(0, i).map((others) => `× ${(own / median(others)).toFixed(2)}`);
		say(`${name.padEnd(24)} ${own.toFixed(0).padStart(6)}/s   ${ratios.join('   ')}`);
	}
	await server.stop();
	rmSync(folder, { recursive: true });
}

void main();
