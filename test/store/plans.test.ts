import { randomUUID } from 'node:crypto';
import type { BusinessHours } from '../../nodes/decisions/contracts';
import { deskIdentity, inTeam, NOBODY, openDesk, to } from './support/desk';
import { HOUR, MINUTE, testClock } from './support/engines';
import { assignOrWait } from './support/assignmentWaits';
import { copyConversation } from './support/fill';
import { postgresPlanner, sqlitePlanner, type Planner } from './support/planners';
import {
	assign,
	assigneeOf,
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
	routeTo,
	setOnline,
	team,
	trigger,
} from './support/samples';
import {
	accept,
	decline,
	present,
	returning,
	snooze,
	toAgent,
	toTeam,
	wake,
} from './support/returning';
import { answered, ask, button, judge, says, tell } from './support/questions';
import { REFUSED, senderOf, sentAs } from './support/sending';
import type { ConversationStore } from '../../nodes/store/store';

/** A million shows what a large store does; it takes minutes to fill. */
const CLOSED = Number(process.env.CONVERSATION_STORE_TEST_CLOSED ?? 20_000);

/** Filling takes a millisecond for each at worst. */
const PATIENCE = 120_000 + CLOSED;

/** Check Health tells how much there is, and counts it for that. */
const COUNTS =
	/^select ("status", )?count\(\*\) as "n" from "\w+" where "workspace" = (\?|\$1)( group by "status")?$/;

const HOURS: BusinessHours = {
	timeZone: 'Africa/Cairo',
	weekly: [{ days: [1, 2, 3, 4, 5], from: '08:00', to: '16:00' }],
	holidays: [],
};

/**
 * Invariant 12: what runs per message, claim, assignment, route, close and tick touches indexes only,
 * however much is closed. The statements are those that the operations really send; the engine says
 * how it would run them.
 */
describe.each([
	['SQLite', sqlitePlanner],
	['PostgreSQL', postgresPlanner],
])(`query plans of %s with ${CLOSED} closed conversations`, (_name, makePlanner) => {
	const clock = testClock();
	let planner: Planner;
	let store: ConversationStore;

	const open = async () => await planner.engine.openStore({ clock, workspace: 'plans' });

	beforeAll(async () => {
		planner = makePlanner();
		store = await open();
		await fill(store, planner);
	}, PATIENCE);
	afterAll(async () => await planner.close());

	/** What `work` sends, by a store that is opened anew. */
	async function statementsOf(work: () => Promise<unknown>) {
		const seen = await planner.statementsOf(async () => {
			store = await open();
			await work();
		});
		expect(seen.length).toBeGreaterThan(0);
		return seen.filter(({ sql }) => !COUNTS.test(sql));
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
		'who is written to': async () => {
			const id = await opened(store, 'answered');
			const contact = { identities: [identityOf('answered')], replyTo: 'there' };
			await receive(store, message('answered', { channel: 'other', contact }));
			for (const via of ['last', 'opened', { channel: 'chat' }] as const) {
				await store.findRecipient({ conversationId: id, via });
			}
			const nowhere = store.findRecipient({ conversationId: id, via: { channel: 'none' } });
			await expect(nowhere).rejects.toThrow();
		},
		'sending, echoes, and what became of it': async () => {
			const sender = senderOf(store, await opened(store, 'written to'));
			const echo = async (id: string, text: string) =>
				await receive(store, message('written to', { kind: 'echo', id, text }));
			const { messageId } = await sender.begin('k');
			await sender.finish(messageId, REFUSED);
			await sender.begin('k');
			await sender.tell('delivered', 'sent 1');
			await sender.finish(messageId, sentAs('sent 1'));
			await sender.tell('failed', 'sent 1', { optedOut: 'stop' });
			await sender.begin('k');
			await sender.begin('l');
			await echo('sent 2', 'An answer');
			const { messageId: third } = await sender.begin('m');
			await echo('sent 3', 'Other words');
			await sender.finish(third, sentAs('sent 3'));
			await sender.tell('read', 'of nobody');
		},
		consent: async () => {
			await opened(store, 'decides');
			const identities = [identityOf('decides')];
			for (const kind of ['optOut', 'optIn'] as const) {
				const of = { channel: 'chat', account: 'main', identities, at: clock() };
				await store.receiveNotice({ notice: { kind, reason: 'stop', ...of } });
			}
		},
		'a platform': async () => {
			const desk = await openDesk(store);
			const changes = [to('1'), to('99'), NOBODY, inTeam('12'), { type: 'closed' } as const];
			for (const who of ['by identity', 'by place']) {
				const { id } = await desk.handled(who, 'sales');
				await store.addComment({ conversationId: id, text: 'A note', source: 'user' });
				const place = { to: `of ${who}` };
				expect(await desk.done(who, { type: 'closed' }, { to: 'another' })).toBe(false);
				for (const change of changes) {
					const identities = who === 'by place' ? [] : [deskIdentity(who)];
					await desk.done(who, change, { ...place, identities });
				}
				await expect(store.getOpenConversation(who)).rejects.toThrow('no open');
			}
			await desk.tell();
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
		'what routing knows, now and of the past': async () => {
			await store.upsertTeam({ key: 'other', overflowTeam: 'sales' });
			await handled(store, 'comes back', 'sales');
			await close(store, (await store.getOpenConversation('comes back')).conversation.id);
			const id = await opened(store, 'comes back');
			const facts = { conversationId: id, teams: ['other'], online: true, lastTeam: true };
			expect((await store.routingFacts(facts)).lastTeam?.key).toBe('sales');
			await store.routeConversation({ conversationId: id, decision: routeTo(null), source: 'x' });
			const since = clock() - MINUTE;
			const period = { openedFrom: since, openedBefore: clock() + 1, lastTeam: true };
			const found = [];
			for await (const past of store.pastConversations(period)) found.push(past);
			for await (const past of store.pastConversations({ ...period, channel: 'chat' })) {
				found.push(past);
			}
			expect(found.length).toBeGreaterThan(2);
		},
		'reports on assignments': async () => {
			await handled(store, 'reported', 'full', { shadow: { strategy: 'leastOpen' } });
			await setOnline(store, 'ann', false);
			await setOnline(store, 'ann');
			const period = { from: clock() - MINUTE, before: clock() + 1 };
			const found: unknown[] = [];
			for await (const arrival of store.pastArrivals(period)) found.push(arrival);
			for (const type of ['assigned', 'queued', 'availability_changed'] as const) {
				for await (const event of store.reportedEvents({ ...period, type })) found.push(event);
			}
			await store.readRoster();
			expect(found.length).toBeGreaterThan(2);
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
		'flows that wait for an agent': async () => {
			const busy = { to: { kind: 'team', team: 'full' } } as const;
			const ids = [];
			for (const who of ['flow 1', 'flow 2', 'flow 3', 'flow 4']) {
				const id = await opened(store, who);
				ids.push(id);
				const first = await assignOrWait(store, id, { waitFor: 2 * HOUR }, busy);
				await assignOrWait(store, id, { ...first.wait, groupId: randomUUID() }, busy);
			}
			const [assigned = '', ended = '', left = '', late = ''] = ids;
			await snooze(store, late, clock() + MINUTE);
			await toAgent(store, assigned, 'ann');
			await close(store, ended);
			await store.unassignConversation({
				...{ conversationId: left, requeue: false, reason: 'x', source: 'user' },
			});
			const other = await opened(store, 'flow 5');
			const withOthers = await assignOrWait(store, other, { waitFor: 0, withOthers: true }, busy);
			await store.dropWaitGroup({ groupId: withOthers.wait.groupId });
			for (const { groupId, lease } of await store.claimResumes({ limit: 5 })) {
				await store.finishResume({ groupId, lease, answer: 'heard' });
			}
			clock.advance(3 * HOUR);
			await store.doDueWork();
			for (const each of [assigned, left, late, other]) await close(store, each);
		},
		'what comes back, changes hands and sleeps': async () => {
			await team(store, 'back', { back1: 5, back2: 5 });
			await team(store, 'leads', { lead: 5 });
			for (const agent of ['back1', 'back2', 'lead']) await present(store, agent, true);
			const policy = returning({ offlineFor: MINUTE, atMost: 1, escalateTo: 'leads' });
			const { id } = await handled(store, 'comes back 1', 'back', { policy });
			const { id: other } = await handled(store, 'comes back 2', 'back', { policy });
			const agent = (await assigneeOf(store, id)) ?? '';
			await accept(store, id, agent);
			await present(store, agent, false);
			clock.advance(MINUTE);
			await store.doDueWork();
			await decline(store, id, (await assigneeOf(store, id)) ?? '');
			expect(await assigneeOf(store, id)).toBe('lead');
			clock.advance(10 * MINUTE);
			await store.doDueWork();
			await toAgent(store, other, 'back2', 'A note');
			await snooze(store, other, clock() + MINUTE);
			clock.advance(MINUTE);
			await store.doDueWork();
			await snooze(store, other);
			await wake(store, other);
			await toTeam(store, other, 'back');
			await snooze(store, other);
			await receive(store, message('comes back 2'));
			for (const each of [id, other]) await close(store, each);
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
			const { conversation } = await store.getOpenConversation('open');
			await store.getOpenConversation(key);
			const conversationId = conversation.id;
			const lookup = { conversationId, key: 'look-up' };
			await store.writeLookup({ ...lookup, contactKey: key, answer: '1', lifetime: 0 });
			await store.writeLookup({ ...lookup, contactKey: key, answer: '2', lifetime: 0 });
			await store.readLookup(lookup);
			await store.enrichContact({
				...{ contactKey: key, conversationId, intent: 'billing', writes: [], addTags: [] },
				source: 'workflow',
			});
			await expect(store.findContact('+20999')).rejects.toThrow();
		},
		'lists of what is open': async () => {
			for (const status of ['open', 'snoozed', 'queued', 'unassigned'] as const) {
				await store.listConversations({ status, limit: 10, offset: 0 });
			}
			await store.listTeams({ limit: 10, offset: 0 });
			await store.listAgents({ limit: 10, offset: 0 });
		},
		'what ended badly': async () => {
			const input = trigger();
			const { id: subscriptionId } = await store.subscribe(input);
			const bad: string[] = [];
			for (const who of ['x', 'y', 'z', 'w']) {
				await receive(store, message(`bad ${who}`), { subscriber: input });
				for (const { id } of await store.claimDeliveries({ subscriptionId, limit: 1 })) {
					for (let i = 0; i < 50; i++) {
						await store.finishDelivery({ id, outcome: { kind: 'notStarted' } });
						clock.advance(MINUTE);
						await store.claimDeliveries({ subscriptionId, limit: 1 });
					}
					bad.push(id);
				}
			}
			for (const status of ['failed', 'expired', 'pending', 'claimed', 'waiting'] as const) {
				await store.listDeliveries({ status, limit: 10, offset: 0 });
				await store.listDeliveries({ status, subscriptionId, limit: 10, offset: 0 });
			}
			const source = 'user';
			expect(bad.length).toBeGreaterThan(1);
			await store.retryDelivery({ id: bad[0] ?? '', evenIfClosed: false, source });
			await store.skipDelivery({ id: bad[1] ?? '', source });
			await store.retryDeliveries({ status: 'failed', subscriptionId, evenIfClosed: true, source });
			await store.skipDeliveries({ status: 'failed', source });
		},
		'erase, retention': async () => {
			await store.forTests().receiveMessage({
				...{ message: message('erased'), opens: true, keepRaw: false },
				mentionsAny: () => false,
			});
			await receive(store, message('erased'));
			await store.eraseContact({ contact: 'erased', source: 'user' });
			// Days, so that a few of the oldest are emptied and most of them stay.
			const days = Math.floor((CLOSED - 200) / 2880) + 1;
			await store.setRetention({ days, source: 'user' });
			await store.doDueWork();
			await store.setRetention({ days: null, source: 'user' });
		},
		'questions, answers and what ends them': async () => {
			const id = await opened(store, 'asked');
			const first = await ask(store, id);
			await ask(store, id, { executionId: first.executionId });
			await says(store, 'asked');
			const second = await ask(store, id);
			await says(store, 'asked', button(second));
			const claimed = await store.claimResumes({ limit: 5, except: ['another'] });
			await judge(store, second, { kind: 'again' });
			await judge(store, second, {
				...{ kind: 'answered', result: {} },
				saves: { addTags: ['x'], intent: 'y' },
			});
			const answers = ['running', 'unknown', 'heard'] as const;
			for (const [index, { groupId, lease }] of claimed.entries()) {
				await store.finishResume({ groupId, lease, answer: answers[index] ?? 'heard' });
			}
			const other = await opened(store, 'asked, and gone');
			await ask(store, other);
			await says(store, 'asked, and gone');
			await tell(store, 'gone');
			const third = await ask(store, other);
			await store.describeRun({ conversationId: other, waitId: third.waitId, run: {} });
			await store.dropQuestion({ conversationId: other, waitId: third.waitId });
			await ask(store, other);
			await close(store, other);
			await ask(store, id);
			clock.advance(HOUR);
			await store.doDueWork();
			await store.eraseContact({ contact: 'asked', source: 'user' });
		},
		'filters, bursts, overdue responses, links for agents': async () => {
			const events = ['message_received', 'assigned', 'first_response_overdue'];
			const filter = {
				...{ events, teams: ['sales'], collectFor: 1_000, overdueAfter: MINUTE },
				links: { lifetime: HOUR, snoozeFor: HOUR },
			};
			const listening = listener(events, { filter });
			const { id: subscriptionId } = await store.subscribe(listening);
			await store.publishAgentLinks({ workflowId: 'w', nodeId: 'n', url: 'https://n8n.example' });
			await store.doDueWork();
			await handled(store, 'in a hurry', 'sales');
			for (let i = 0; i < 3; i++) await receive(store, message('in a hurry'));
			clock.advance(2 * MINUTE);
			await store.doDueWork();
			const claimed = await store.claimDeliveries({ subscriptionId, limit: 10 });
			expect(claimed.map(({ item }) => item?.messages?.length)).toContain(3);
			const links = claimed[0]?.item?.links;
			for (const link of [links?.away, links?.back, links?.close]) {
				const token = link?.split('=')[1] ?? '';
				await store.describeAgentLink(token);
				expect((await store.useAgentLink(token)).state).toBe('done');
			}
			await store.endSubscription(subscriptionId);
			await store.unpublishAgentLinks({ workflowId: 'w', nodeId: 'n' });
		},
		'Check Health': async () => await store.checkHealth(),
		'the tick': async () => {
			const { conversation, contact } = await store.getOpenConversation('open');
			await store.writeLookup({
				...{ conversationId: conversation.id, contactKey: contact.key, key: 'old' },
				...{ answer: '1', lifetime: 0 },
			});
			clock.advance(25 * HOUR);
			await store.doDueWork();
			await store.takeLease({ name: 'pump', duration: 1 });
		},
		'hours of teams and shifts': async () => {
			const timeZone = 'Africa/Cairo';
			const hours = { timeZone, weekly: [], holidays: [] };
			await store.upsertTeam({ key: 'other', hours, overflowTeam: 'sales' });
			await store.upsertAgent({ key: 'ann', shifts: null, source: 'user' });
			await store.teamStates(['sales', 'other']);
			await store.teamStates('all');
			await store.listTeams({ limit: 10, offset: 0 });
		},
		'who is there': async () => {
			const key = 'ann';
			const word = { key, onlineUntil: null, source: 'user' } as const;
			const lease = { ...word, onlineUntil: clock() + MINUTE, heartbeat: true };
			await store.setAvailability({ ...word, availability: 'away' });
			await store.setAvailability({ ...word, availability: 'online' });
			await store.setAvailability({ ...word, availability: 'offline', delay: MINUTE });
			await store.setAvailability({ ...lease, availability: 'online', grace: MINUTE });
			await store.upsertAgent({ ...{ key, followsShifts: true, source: 'user' }, shifts: HOURS });
			clock.advance(HOUR);
			await store.doDueWork();
			await store.listAgents({ availability: 'online', limit: 10, offset: 0 });
			await store.upsertAgent({ key, followsShifts: false, shifts: null, source: 'user' });
		},
		'agents and teams that go': async () => {
			await team(store, 'going', { gone: 5 });
			await handled(store, 'of gone', 'going');
			await store.deleteAgent({ key: 'gone', source: 'user' });
			await store.deleteTeam({ key: 'going', moveTo: 'sales' });
		},
	};

	test.each(Object.keys(work))(
		'%s',
		async (name) => {
			const statements = await statementsOf(async () => await work[name]?.());
			const found = [];
			for (const statement of statements) found.push(...(await planner.costly(statement)));
			expect([...new Set(found)]).toEqual([]);
		},
		PATIENCE,
	);

	test('the check itself sees a scan', async () => {
		const scans = [
			"select * from messages where text = 'x'",
			"select * from conversations where workspace = 'plans' and summary = ''",
			"select * from events where type = 'opened' order by id limit 10",
			"select * from waits where node_id = 'x'",
		];
		for (const sql of scans) expect(await planner.costly({ sql, values: [] })).toHaveLength(1);
	});

	test('what is due to come back, or to wake, is found by when it is due', async () => {
		const seen = await statementsOf(async () => await store.doDueWork());
		const finding: Array<[RegExp, string]> = [
			[/"reply_due_at" <=/, 'conversations_reply_due'],
			[/"offline_return" is not null/, 'conversations_offline_return'],
			[/"snoozed_until" <=/, 'conversations_snoozed'],
		];
		for (const [question, index] of finding) {
			const asked = seen.filter(({ sql }) => question.test(sql));
			expect(asked.length).toBeGreaterThan(0);
			for (const statement of asked) {
				expect(await planner.indexesOf(statement)).toContain(index);
			}
		}
	});

	test(
		'a queue in which each waits for something else is read in pages, and not anew for each',
		async () => {
			await team(store, 'kinds', { kim: 500 });
			const ids = [];
			for (let i = 0; i < 150; i++) {
				const exclude = ['kim', `nobody ${i}`];
				ids.push((await handled(store, `kind ${i}`, 'kinds', { exclude })).id);
			}
			// The last of them anybody may take.
			const last = ids.at(-1) ?? '';
			await planner.run(`update conversations set excluded_agents = '[]' where id = '${last}'`);
			const seen = await statementsOf(async () => await store.doDueWork());
			const reading = seen.filter(({ sql }) => sql.includes('not in (values'));
			expect(reading.length).toBeGreaterThan(0);
			// Two rounds of growing pages; not one statement for each of them.
			expect(reading.length).toBeLessThan(ids.length / 5);
			expect(await assigneeOf(store, last)).toBe('kim');
			for (const id of ids) await close(store, id);
			await planner.measure();
		},
		PATIENCE,
	);

	test('the one open conversation of a contact is found by its contact', async () => {
		const seen = await statementsOf(async () => await receive(store, message('open')));
		const finding = seen.filter(({ sql }) =>
			/from "conversations" where "contact_key" = (\?|\$1) and "closed_at" is null/.test(sql),
		);
		expect(finding.length).toBeGreaterThan(0);
		for (const statement of finding) {
			expect(await planner.indexesOf(statement)).toEqual(['conversations_one_open']);
		}
	});

	test('of many agents, those whose presence may change are found by when that is', async () => {
		const later = clock() + 30 * 24 * HOUR;
		await planner.run(`insert into agents (workspace, key, name, availability, skills, languages,
				handles, created_at, availability_changed_at, presence_due_at)
			with recursive n (i) as (select 1 union all select i + 1 from n where i < 5000)
			select 'plans', 'agent ' || i, 'x', 'online', '[]', '[]', '{}', 0, 0, ${later} + i from n`);
		await planner.measure();
		const seen = await statementsOf(async () => await store.doDueWork());
		const finding = seen.filter(({ sql }) => /from "agents" .*"presence_due_at" <=/.test(sql));
		expect(finding.length).toBeGreaterThan(0);
		for (const statement of finding) {
			expect(await planner.indexesOf(statement)).toEqual(['agents_presence_due']);
		}
	});
});

/** Closed conversations, copied from one that the operations made. */
async function fill(store: ConversationStore, planner: Planner): Promise<void> {
	await team(store, 'sales', { ann: null });
	await team(store, 'other', { bob: null });
	await team(store, 'full', { busy: 0 });
	await opened(store, 'open');
	const input = trigger();
	const { conversationId } = await receive(
		store,
		message('sample', {
			contact: { identities: [identityOf('sample')], phone: '+201001234567', replyTo: 'sample' },
		}),
		{ subscriber: input },
	);
	const id = conversationId ?? '';
	const asked = await ask(store, id);
	await judge(store, asked, answered(42));
	await tell(store, 'heard');
	await assign(store, id, { to: { kind: 'team', team: 'sales' } });
	await close(store, id);
	const subscriptionId = `${input.workflowId}:${input.nodeId}`;
	for (const delivery of await store.claimDeliveries({ subscriptionId, limit: 1 })) {
		await store.finishDelivery({ id: delivery.id, outcome: { kind: 'ran', status: 'success' } });
	}
	await store.doDueWork();
	const began = performance.now();
	await copyConversation(store, id, CLOSED, async (sql) => await planner.run(sql));
	// Links of a busy month.
	await planner.run(`insert into used_links (workspace, nonce, used_at, expires_at)
		with recursive n (i) as (select 1 union all select i + 1 from n where i < ${CLOSED})
		select 'plans', 'nonce ' || i, i, ${store.clock() + 30 * 24 * HOUR} + i from n`);
	const seconds = (performance.now() - began) / 1000;
	const megabytes = (await planner.measure()) / 1e6;
	const { closed } = (await store.checkHealth()).counts.conversations;
	expect(closed).toBe(CLOSED + 1);
	process.stdout.write(
		`${planner.engine.name}: ${closed} closed conversations, ${megabytes.toFixed(0)} MB, filled in ${seconds.toFixed(0)} s\n`,
	);
}
