import { pg } from '../../nodes/vendor';
import { HOUR, MINUTE, postgresEngine, testClock } from './support/engines';
import { decline, present, returning, snooze, toAgent, toTeam, wake } from './support/returning';
import {
	assign,
	assigneeOf,
	close,
	handled,
	listener,
	message,
	online,
	opened,
	receive,
	route,
	setOnline,
	team,
	trigger,
} from './support/samples';
import type { ConversationStore } from '../../nodes/store/store';

/** What one transaction holds, as far as the order of operations/locks.ts speaks of it. */
interface Held {
	rank: number;
	agents: string[];
}

const RANKS = ['nothing', 'a team', 'a customer', 'a pool', 'an agent'];
const [TEAM, CUSTOMER, POOL, AGENT] = [1, 2, 3, 4];

/** What a statement locks: which of {@link RANKS}, and whether it waits for it. */
function lockOf(sql: string, values: unknown[]): { rank: number; waits: boolean } | undefined {
	if (sql.includes('pg_advisory_xact_lock')) {
		const names = String(values[0]);
		const rank = names.includes(':pool:') ? POOL : names.includes(':team:') ? TEAM : undefined;
		return rank === undefined ? undefined : { rank, waits: true };
	}
	const table = / from "(contacts|conversations|agents)"/.exec(sql)?.[1];
	if (!table || !sql.includes('for update')) return undefined;
	return { rank: table === 'agents' ? AGENT : CUSTOMER, waits: !sql.includes('skip locked') };
}

/** Every lock that a transaction waits for although it has one that comes later in the order. */
async function outOfOrder(work: () => Promise<unknown>) {
	const found: string[] = [];
	const ranks = new Set<number>();
	const transactions = new Map<unknown, Held>();
	const query = pg.Client.prototype.query as (...args: unknown[]) => unknown;
	const spy = jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
		this: unknown,
		...args: unknown[]
	) {
		const [first] = args as [string | { text?: string; values?: unknown[] }];
		const { text = '', values = [] } = typeof first === 'string' ? { text: first } : first;
		if (/^\s*(begin|start transaction)/i.test(text)) {
			transactions.set(this, { rank: 0, agents: [] });
		}
		const held = transactions.get(this);
		const lock = lockOf(text, values);
		if (held && lock) {
			ranks.add(lock.rank);
			const agent = lock.rank === AGENT ? String(values.at(-1)) : '';
			// Two agents of one conversation are waited for by key.
			const isNext = lock.rank !== AGENT || held.agents.every((key) => key <= agent);
			if (lock.waits && (lock.rank < held.rank || !isNext)) {
				found.push(`${RANKS[lock.rank]} is waited for by who holds ${RANKS[held.rank]}: ${text}`);
			}
			held.rank = Math.max(held.rank, lock.rank);
			if (lock.rank === AGENT && lock.waits) held.agents.push(agent);
		}
		return query.apply(this, args);
	} as never);
	await work().finally(() => spy.mockRestore());
	return { found, ranks: [...ranks].sort() };
}

describe('PostgreSQL: all lock in one order, so that no two wait for each other', () => {
	const engine = postgresEngine();
	const clock = testClock();
	let store: ConversationStore;

	beforeAll(async () => {
		store = await engine.openStore({ clock });
		await team(store, 'sales', { ann: 2, bob: 2 });
		await team(store, 'leads', { lead: 5 });
	});
	afterAll(async () => await engine.cleanUp());

	const policy = returning({ offlineFor: MINUTE, atMost: 1, escalateTo: 'leads' });
	const agentOf = async (id: string) => (await assigneeOf(store, id)) ?? '';

	const work: Record<string, () => Promise<unknown>> = {
		'assigning, waiting, closing': async () => {
			const ids = [];
			for (const who of ['a', 'b', 'c', 'd', 'e']) {
				ids.push((await handled(store, who, 'sales', { policy })).id);
			}
			const one = await opened(store, 'for one');
			await assign(store, one, { to: { kind: 'agent', agent: 'ann' } });
			await route(store, one, 'leads');
			await store.upsertAgent({ key: 'bob', capacity: 3, source: 'user' });
			for (const id of [...ids, one]) await close(store, id);
		},
		'coming back, changing hands, sleeping': async () => {
			const { id } = await handled(store, 'back', 'sales', { policy });
			await decline(store, id, await agentOf(id));
			await decline(store, id, await agentOf(id));
			expect(await agentOf(id)).toBe('lead');
			await toAgent(store, id, 'bob', 'A note');
			await toAgent(store, id, 'ann');
			await toTeam(store, id, 'sales');
			await snooze(store, id, clock() + MINUTE);
			clock.advance(MINUTE);
			await store.doDueWork();
			await snooze(store, id);
			await receive(store, message('back'));
			await snooze(store, id);
			await wake(store, id);
			const requeue = { requeue: true, reason: 'x', source: 'user' };
			await store.unassignConversation({ conversationId: id, ...requeue });
			await close(store, id);
		},
		'no reply, nobody there, and there again': async () => {
			const { id } = await handled(store, 'silent', 'sales', { policy });
			const { id: other } = await handled(store, 'alone', 'sales', { policy });
			clock.advance(10 * MINUTE);
			await store.doDueWork();
			for (const agent of ['ann', 'bob']) await present(store, agent, false);
			clock.advance(HOUR);
			await store.doDueWork();
			for (const agent of ['ann', 'bob']) await setOnline(store, agent);
			for (const each of [id, other]) await close(store, each);
		},
		'links of agents': async () => {
			const { id: subscriptionId } = await store.subscribe(
				listener(['assigned'], {
					filter: { events: ['assigned'], links: { lifetime: HOUR, snoozeFor: HOUR } },
				}),
			);
			await store.publishAgentLinks({ workflowId: 'w', nodeId: 'n', url: 'https://n8n.example' });
			const { id } = await handled(store, 'linked', 'sales', { policy });
			const [delivery] = await store.claimDeliveries({ subscriptionId, limit: 1 });
			for (const action of ['accept', 'away', 'back', 'snooze', 'decline'] as const) {
				const token = delivery?.item?.links?.[action]?.split('=')[1] ?? '';
				expect((await store.useAgentLink(token)).state).toBe('done');
			}
			await close(store, id);
		},
		'a flow that ends badly, with a team to fall back on': async () => {
			const input = trigger({ onBadEnd: { action: 'queue', team: 'leads', retries: 0 } });
			const { id: subscriptionId } = await store.subscribe(input);
			const { conversationId } = await receive(store, message('flow'), { subscriber: input });
			for (const { id } of await store.claimDeliveries({ subscriptionId, limit: 1 })) {
				await store.finishDelivery({ id, outcome: { kind: 'ran', status: 'error' } });
			}
			clock.advance(HOUR);
			await store.doDueWork();
			await store.doDueWork();
			expect(await agentOf(conversationId ?? '')).toBe('lead');
			await close(store, conversationId ?? '');
		},
		'agents and teams that go': async () => {
			await team(store, 'going');
			await online(store, 'gone', ['going'], 5);
			const { id } = await handled(store, 'of gone', 'going');
			await handled(store, 'of gone, too', 'going');
			await store.deleteAgent({ key: 'gone', source: 'user' });
			await store.deleteTeam({ key: 'going', moveTo: 'leads' });
			await store.doDueWork();
			expect(await agentOf(id)).toBe('lead');
		},
	};

	test.each(Object.keys(work))('%s', async (name) => {
		const { found, ranks } = await outOfOrder(async () => await work[name]?.());
		expect(found).toEqual([]);
		expect(ranks).toContain(CUSTOMER);
	});

	test('the check itself sees who locks the other way round', async () => {
		const { found, ranks } = await outOfOrder(async () => {
			await store.engine.transaction(async (tx) => {
				await tx.selectFrom('agents').selectAll().where('key', '=', 'ann').forUpdate().execute();
				await store.engine.holdNames(tx, ['team:default:sales'], true);
			});
		});
		expect(found).toEqual([expect.stringContaining('a team is waited for by who holds an agent')]);
		expect(ranks).toEqual([TEAM, AGENT]);
	});
});
