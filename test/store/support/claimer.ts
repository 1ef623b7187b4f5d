import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { isStoreError } from '../../../nodes/store/errors';
import { openPostgresEngine } from '../../../nodes/store/postgres/engine';
import type { PostgresSettings } from '../../../nodes/store/postgres/settings';
import { ConversationStore } from '../../../nodes/store/store';
import { seededRandom, shuffled } from './random';
import { routeTo } from './samples';

/** What a process of several clients is to do; each client has a connection of its own. */
export interface Clients {
	settings: PostgresSettings;
	workspace: string;
	job: 'claim' | 'race' | 'storm';
	seed: number;
	/** The clients of this process, of so many in all processes together. */
	first: number;
	count: number;
	all: number;
	/** For `storm`: how many operations each client does, on these. */
	operations?: number;
	teams?: string[];
	agents?: string[];
	customers?: number;
}

/** How many clients claim the same conversation at the same time in a `race`. */
const RIVALS = 3;

const say = (line: string) => process.stdout.write(`${line}\n`);

const policy = { strategy: 'roundRobin' as const, onlyOnline: true, maxOpen: null };
const source = 'workflow';
const nobodyKnows = () => false;

async function claim(store: ConversationStore, conversationId: string): Promise<string> {
	const { outcome, alreadyAssigned } = await store.assignConversation({
		...{ conversationId, policy, source },
		to: { kind: 'routed' },
		exclude: [],
	});
	return alreadyAssigned ? 'known' : outcome;
}

/** Open conversations in an order that all processes agree on. */
async function conversations(store: ConversationStore, seed: number): Promise<string[]> {
	const rows = await store.engine.db
		.selectFrom('conversations')
		.select('id')
		.where('workspace', '=', store.workspace)
		.where('status', '<>', 'closed')
		.orderBy('id')
		.execute();
	const ids = rows.map(({ id }) => id);
	return shuffled(ids, seededRandom(seed));
}

const unexpected = (client: number, operation: number, cause: unknown) =>
	new Error(`Client ${client}, operation ${operation}`, { cause });

/** One client's way through the storm. Refusals belong to it; anything else ends the process. */
async function storm(store: ConversationStore, clients: Clients, client: number): Promise<void> {
	const { teams = [], agents = [], customers = 1, operations = 0 } = clients;
	const random = seededRandom(clients.seed + client);
	const any = <T>(items: T[]) => items[Math.floor(random() * items.length)]!;
	const open: string[] = [];
	const known = () => any(open.slice(-200));
	const someTeams = () => shuffled(teams, random).slice(0, 1 + Math.floor(random() * 3));

	const receive = async () => {
		const id = `customer ${Math.floor(random() * customers)}`;
		const { conversationId } = await store.receiveMessage({
			message: {
				...{ kind: 'message', channel: 'chat', account: 'main', source: 'contact' },
				...{ id: randomUUID(), type: 'text', text: 'Hello', attachments: [], sentAt: 0, raw: null },
				contact: { identities: [{ channel: 'chat', account: 'main', id }] },
			},
			opens: true,
			keepRaw: false,
			mentionsAny: nobodyKnows,
		});
		if (conversationId) open.push(conversationId);
	};
	const choices: Array<[weight: number, act: () => Promise<unknown>]> = [
		[20, receive],
		[
			15,
			async () =>
				await store.routeConversation({
					conversationId: known(),
					decision: routeTo(any(teams)),
					source,
				}),
		],
		[22, async () => await claim(store, known())],
		[
			6,
			async () =>
				await store.assignConversation({
					...{ conversationId: known(), policy, source, exclude: [] },
					to: any([
						{ kind: 'everybody' as const },
						{ kind: 'team' as const, team: any(teams) },
						{ kind: 'agent' as const, agent: any(agents) },
					]),
				}),
		],
		[
			14,
			async () =>
				await store.closeConversation({
					...{ conversationId: known(), category: null, summary: null, source },
				}),
		],
		[
			8,
			async () =>
				await store.setAvailability({
					...{ key: any(agents), onlineUntil: null, source },
					availability: random() < 0.7 ? 'online' : 'offline',
				}),
		],
		[
			7,
			async () =>
				await store.unassignConversation({
					...{ conversationId: known(), requeue: random() < 0.8, reason: 'a test', source },
				}),
		],
		[
			5,
			async () =>
				await store.upsertAgent({
					...{ key: any(agents), teams: someTeams(), source },
					capacity: 1 + Math.floor(random() * 5),
					availability: 'online',
				}),
		],
		[1, async () => await store.deleteAgent({ key: any(agents), source })],
		[1, async () => await store.deleteTeam({ key: any(teams), moveTo: any(teams), source })],
		[2, async () => await store.upsertTeam({ key: any(teams) })],
		[1, async () => await store.doDueWork()],
	];
	const deck = choices.flatMap(([weight, act]) => Array.from({ length: weight }, () => act));
	await receive();
	for (let i = 0; i < operations; i++) {
		try {
			await any(deck)();
			say('done');
		} catch (error) {
			if (!isStoreError(error) || error.code === 'StoreUnavailable') {
				throw unexpected(client, i, error);
			}
			say(error.code);
		}
	}
}

async function main(): Promise<void> {
	const clients = JSON.parse(process.argv[2] ?? '') as Clients;
	const { settings, workspace, job, seed, first, count, all } = clients;
	const engine = await openPostgresEngine({ ...settings, maxConnections: count }, randomUUID);
	const store = new ConversationStore(engine, workspace);
	const ids = job === 'storm' ? [] : await conversations(store, seed);
	// Every connection is open, and has the plans of its statements, before the start.
	await Promise.all(Array.from({ length: count }, async () => await store.countEverything()));
	say('ready');
	await once(process.stdin, 'data');
	const loops = Array.from({ length: count }, async (_, i) => {
		const client = first + i;
		if (job === 'storm') return await storm(store, clients, client);
		const rivals = job === 'race' ? RIVALS : 1;
		for (const [position, id] of ids.entries()) {
			const distance = (client - position + ids.length * all) % all;
			if (distance < rivals) say(`${await claim(store, id)} ${id}`);
		}
	});
	await Promise.all(loops);
	engine.close();
	process.stdin.destroy();
}

main().catch((error: unknown) => {
	process.stderr.write(`${inspected(error)}\n`);
	process.exit(1);
});

const inspected = (error: unknown): string =>
	error instanceof Error
		? `${error.stack}${error.cause ? `\n${inspected(error.cause)}` : ''}`
		: String(error);
