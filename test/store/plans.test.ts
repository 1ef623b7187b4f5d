import { DatabaseSync } from 'node:sqlite';
import type { ConversationStore } from '../../nodes/store/store';
import { HOUR, sqliteEngine, testClock } from './support/engines';
import {
	assign,
	close,
	handled,
	identityOf,
	listener,
	message,
	online,
	opened,
	opening,
	receive,
	route,
	setOnline,
	team,
	trigger,
} from './support/samples';

const CLOSED = 20_000;

/**
 * Invariant 12: what runs per message, claim, assignment, route and close touches indexes only. The
 * statements are those that the operations really prepare; SQLite says how it would run them.
 */
describe('query plans on a store with 20,000 closed conversations', () => {
	const engine = sqliteEngine();
	const clock = testClock();
	let store: ConversationStore;
	let reader: DatabaseSync;

	beforeAll(async () => {
		store = await engine.openStore({ clock, workspace: 'plans' });
		await fill(store, engine.file);
		reader = new DatabaseSync(engine.file, { readOnly: true });
	}, 120_000);
	afterAll(async () => {
		reader.close();
		await engine.cleanUp();
	});

	/** The statements that `work` prepares; all of them, since the cache is emptied before. */
	async function statementsOf(work: () => Promise<unknown>): Promise<string[]> {
		await engine.reopen();
		store = await engine.openStore({ clock, workspace: 'plans' });
		const seen: string[] = [];
		const prepare = DatabaseSync.prototype.prepare;
		const spy = jest.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (
			this: DatabaseSync,
			sql: string,
		) {
			seen.push(sql);
			return prepare.call(this, sql);
		});
		await work();
		spy.mockRestore();
		expect(seen.length).toBeGreaterThan(0);
		return seen;
	}

	/** Steps of the plan that read a whole table, or a whole workspace of it. */
	function costly(sql: string): string[] {
		const steps = reader.prepare(`explain query plan ${sql}`).all() as Array<{ detail: string }>;
		return steps
			.map(({ detail }) => detail)
			.filter(
				(detail) =>
					(/^SCAN (conversations|messages|events|deliveries|contacts|identities|subscriptions)/.test(
						detail,
					) &&
						!/USING (COVERING )?INDEX conversations_(queue|queue_for|unattended)\b/.test(detail)) ||
					// One column of a key that begins with the workspace: everything in it.
					(/^SEARCH (conversations|messages|events|contacts|identities)/.test(detail) &&
						/\(workspace=\?\)$/.test(detail) &&
						!/INDEX conversations_(queue|queue_for|open|one_open|unattended|team_open|assignee) /.test(
							detail,
						)),
			)
			.map((detail) => `${detail}   ← ${sql}`);
	}

	const work: Record<string, () => Promise<unknown>> = {
		'a message that opens': async () => {
			const input = trigger();
			const same = message('new');
			await receive(store, same, { subscriber: input });
			await receive(store, same, { subscriber: input });
		},
		'a message of an ongoing conversation': async () => {
			await receive(store, message('open'));
			await receive(store, message('open', { kind: 'echo', id: 'echo' }));
			await receive(store, message('open', { kind: 'edit', targetId: 'echo' }));
		},
		'a test message': async () => {
			const tests = store.forTests();
			const same = message('new');
			for (let i = 0; i < 2; i++) await receive(tests, same, { alwaysOpen: true });
		},
		'Open Conversation': async () => await store.openConversation(opening('other')),
		'claim, renew, finish, barrier': async () => {
			const input = trigger();
			const { id: subscriptionId } = await store.subscribe(input);
			const { id: listening } = await store.subscribe(listener(['opened']));
			await receive(store, message('claimed'), { subscriber: input });
			const [delivery] = await store.claimDeliveries({ subscriptionId, limit: 5 });
			const deliveryId = delivery?.id ?? '';
			await store.renewDeliveries([deliveryId]);
			await store.renewSubscription(subscriptionId);
			await store.claimExecution({ deliveryId, executionId: '1', free: false });
			await store.finishDelivery({ id: deliveryId, outcome: { kind: 'ran', status: 'error' } });
			await store.claimDeliveries({ subscriptionId: listening, limit: 5 });
			await store.endSubscription(listening);
		},
		'route and assign': async () => {
			const id = await opened(store, 'routed');
			await route(store, id, 'sales');
			await assign(store, id);
			await route(store, id, 'other');
			await assign(store, id, { to: { kind: 'team', team: 'full' } });
			await assign(store, id, { to: { kind: 'everybody' } });
		},
		'wait, unassign, drain, close': async () => {
			const waiting = await handled(store, 'waits', 'full');
			const forOne = await handled(store, 'waits 2', 'full', {
				to: { kind: 'agent', agent: 'busy' },
			});
			await online(store, 'busy', ['full'], 2);
			await store.unassignConversation({
				conversationId: waiting.id,
				requeue: true,
				reason: 'x',
				source: 'user',
			});
			await setOnline(store, 'busy');
			await close(store, forOne.id);
		},
		'enrich, find, open conversation of a contact': async () => {
			const { key } = await store.findContact('open');
			await store.enrichContact({
				contactKey: key,
				conversationId: null,
				writes: [{ field: 'x', value: 1, source: 'y', mode: 'overwrite' }],
				addTags: [],
				source: 'workflow',
			});
			await store.getOpenConversation('open');
			await store.getOpenConversation(key);
			await expect(store.findContact('+20999')).rejects.toThrow();
		},
		'lists of what is open': async () => {
			for (const status of ['open', 'snoozed', 'queued', 'unassigned'] as const) {
				await store.listConversations({ status, limit: 10, offset: 0 });
			}
			await store.listTeams({ limit: 10, offset: 0 });
			await store.listAgents({ limit: 10, offset: 0 });
		},
		'the tick': async () => {
			clock.advance(HOUR);
			await store.doDueWork();
			await store.takeLease({ name: 'pump', duration: 1 });
		},
		'agents and teams that go': async () => {
			await team(store, 'going', { gone: 5 });
			await handled(store, 'of gone', 'going');
			await store.deleteAgent({ key: 'gone', source: 'user' });
			await store.deleteTeam({ key: 'going', moveTo: 'sales' });
		},
	};

	test.each(Object.keys(work))('%s', async (name) => {
		const statements = await statementsOf(async () => await work[name]?.());
		expect(statements.flatMap(costly)).toEqual([]);
	});

	test('the check itself sees a scan', () => {
		expect(costly('select * from messages where text = ?')).toHaveLength(1);
		expect(costly("select * from conversations where workspace = ? and summary = ''")).toHaveLength(
			1,
		);
	});

	test('the one open conversation of a contact is found by the index of that rule', async () => {
		const seen = await statementsOf(async () => await receive(store, message('open')));
		const finding = seen.filter((sql) => /from "conversations".*"contact_key" = \?/.test(sql));
		expect(finding.length).toBeGreaterThan(0);
		for (const sql of finding) {
			const steps = reader.prepare(`explain query plan ${sql}`).all() as Array<{ detail: string }>;
			expect(steps.map(({ detail }) => detail)).toEqual([
				expect.stringContaining('conversations_one_open (workspace=? AND contact_key=?)'),
			]);
		}
	});
});

/** Closed conversations by SQL, from one that the operations made: 20,000 of them through the front door take minutes. */
async function fill(store: ConversationStore, file: string): Promise<void> {
	await team(store, 'sales', { ann: null });
	await team(store, 'other', { bob: null });
	await team(store, 'full', { busy: 0 });
	await opened(store, 'open');
	const input = trigger();
	const { conversationId } = await receive(
		store,
		message('sample', { contact: { identities: [identityOf('sample')], phone: '+201001234567' } }),
		{ subscriber: input },
	);
	const id = conversationId ?? '';
	await assign(store, id, { to: { kind: 'team', team: 'sales' } });
	await close(store, id);
	const subscriptionId = `${input.workflowId}:${input.nodeId}`;
	for (const delivery of await store.claimDeliveries({ subscriptionId, limit: 1 })) {
		await store.finishDelivery({ id: delivery.id, outcome: { kind: 'ran', status: 'success' } });
	}
	await store.doDueWork();
	copyMany(file, id);
}

/** Repeats the rows of one conversation under new ids. */
function copyMany(file: string, id: string): void {
	const handle = new DatabaseSync(file);
	handle.exec('pragma synchronous = off; begin immediate');
	const copies: Array<[table: string, key: string, changed: Record<string, string>]> = [
		[
			'contacts',
			`key = (select contact_key from conversations where id = '${id}')`,
			{ key: 'key' },
		],
		[
			'identities',
			`contact_key = (select contact_key from conversations where id = '${id}')`,
			{ external_id: 'external_id', contact_key: 'contact_key' },
		],
		['conversations', `id = '${id}'`, { id: 'id', contact_key: 'contact_key' }],
		[
			'messages',
			`conversation_id = '${id}'`,
			{
				id: 'id',
				conversation_id: 'conversation_id',
				contact_key: 'contact_key',
				channel_message_id: 'channel_message_id',
			},
		],
		[
			'events',
			`conversation_id = '${id}'`,
			{ id: 'id', conversation_id: 'conversation_id', contact_key: 'contact_key' },
		],
		[
			'deliveries',
			`conversation_id = '${id}'`,
			{ id: 'id', event_id: 'event_id', conversation_id: 'conversation_id' },
		],
	];
	for (const [table, where, changed] of copies) {
		const columns = (
			handle.prepare(`pragma table_info(${table})`).all() as Array<{ name: string }>
		).map(({ name }) => name);
		const values = columns.map((name) => (name in changed ? `${name} || '-' || n.value` : name));
		handle.exec(
			`insert into ${table} (${columns.join(', ')})
			with recursive n (value) as (select 1 union all select value + 1 from n where value < ${CLOSED})
			select ${values.join(', ')} from ${table}, n where ${where}`,
		);
	}
	handle.exec('commit');
	const { n } = handle
		.prepare("select count(*) as n from conversations where status = 'closed'")
		.get() as { n: number };
	expect(n).toBeGreaterThan(CLOSED);
	handle.close();
}
