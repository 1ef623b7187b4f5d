'use strict';
/**
 * Each entry breaks one rule of the store in the code (design/store.md, "Invariants"), and the suites
 * must notice. `find` occurs exactly once in the file; `engine` is where it is noticed, `tests` by
 * which files (the property suite, where nothing is said).
 *
 * @typedef {{ file: string, find: string, replace: string }} Change
 * @typedef {{ name: string, invariant: number, changes: Change[],
 *   engine?: 'SQLite' | 'PostgreSQL', tests?: string[] }} Mutation
 */

const operations = 'nodes/store/operations';
const schema = 'nodes/store/migrations/0001_conversations.ts';
const conformance = { SQLite: ['sqlite.test.ts'], PostgreSQL: ['postgres.test.ts'] };
const both = ['properties.test.ts', 'sqlite.test.ts'];
/** Whether two meet in a random sequence is a matter of luck; the conformance tests let them meet. */
const racing = ['properties.test.ts', 'postgres.test.ts'];

const withoutOneOpenIndex = {
	file: schema,
	find: 'create unique index conversations_one_open',
	replace: 'create index conversations_one_open',
};
const withoutMessageIndex = {
	file: schema,
	find: 'create unique index messages_once',
	replace: 'create index messages_once',
};
/** Writing to the contact, which receiving does first of all, would lock it as well. */
const withoutContactWrite = {
	file: `${operations}/contacts.ts`,
	find: `	await operation.tx.updateTable('contacts').set(changed).where('key', '=', contact.key).execute();
	return { ...contact, ...changed };`,
	replace: '	return { ...contact, ...changed };',
};
const withoutContactLock = {
	file: `${operations}/contacts.ts`,
	find: `	return await locked(
		operation,
		operation.tx.selectFrom('contacts').selectAll().where('key', '=', key),
	).executeTakeFirst();`,
	replace: `	return await operation.tx
		.selectFrom('contacts')
		.selectAll()
		.where('key', '=', key)
		.executeTakeFirst();`,
};

/** @type {Mutation[]} */
module.exports = [
	{
		name: 'two open conversations: nobody looks for the one that is open',
		invariant: 1,
		changes: [
			withoutOneOpenIndex,
			{
				file: `${operations}/receiveMessage.ts`,
				find: 'let open = await findOpenConversation(operation, contact.key);',
				replace: 'let open: Awaited<ReturnType<typeof findOpenConversation>>;',
			},
		],
	},
	{
		name: 'two open conversations: two look at the same time, since nobody locks the contact',
		invariant: 1,
		engine: 'PostgreSQL',
		tests: racing,
		changes: [withoutOneOpenIndex, withoutContactLock, withoutContactWrite],
	},
	{
		name: 'a message is stored each time it is delivered',
		invariant: 2,
		changes: [
			withoutMessageIndex,
			{
				file: `${operations}/receiveMessage.ts`,
				find: 'if (known && !alwaysOpen) {',
				replace: 'if (known && alwaysOpen) {',
			},
		],
	},
	{
		name: 'a message that is delivered twice at once is stored twice',
		invariant: 2,
		engine: 'PostgreSQL',
		tests: racing,
		changes: [withoutMessageIndex, withoutContactLock, withoutContactWrite],
	},
	{
		name: 'a change without its event: closing tells nobody',
		invariant: 3,
		changes: [
			{
				file: `${operations}/closeConversation.ts`,
				find: `	await recordEvent(operation, {
		type: 'closed',`,
				replace: `	if (how.source === '') await recordEvent(operation, {
		type: 'closed',`,
			},
		],
	},
	{
		name: 'an event without its change: routed, and still in the old team',
		invariant: 3,
		changes: [
			{
				file: `${operations}/routeConversation.ts`,
				find: 'team_key: team.key,',
				replace: '',
			},
		],
	},
	{
		name: 'an opening that is owed to nobody',
		invariant: 3,
		changes: [
			{
				file: `${operations}/conversations.ts`,
				find: 'await owe(operation, subscription.id, eventId, conversation.id);',
				replace: 'void eventId;',
			},
		],
	},
	{
		name: 'a second execution of a delivery acts, too',
		invariant: 4,
		changes: [
			{
				file: `${operations}/deliveries.ts`,
				find: 'return { acts: row.execution_id === input.executionId,',
				replace: 'return { acts: true,',
			},
		],
	},
	{
		name: 'a delivery is claimed while another has claimed it',
		invariant: 4,
		changes: [
			{
				file: `${operations}/deliveries.ts`,
				find: `				due_at: operation.now + DELIVERY_LEASE,
			})`,
				replace: `				due_at: operation.now,
			})`,
			},
		],
	},
	{
		name: 'nobody asks for the capacity',
		invariant: 5,
		changes: [
			{
				file: 'nodes/decisions/candidates.ts',
				find: "if (limit !== null && agent.openUnits + policy.weight > limit) obstacles.push('atCapacity');",
				replace: '',
			},
		],
	},
	{
		name: 'two teams fill an agent at the same time, since nobody locks the agent',
		invariant: 5,
		engine: 'PostgreSQL',
		tests: conformance.PostgreSQL,
		changes: [
			{
				file: `${operations}/poolAgents.ts`,
				find: `	} else await lockAgent(operation, agent);
	return await canStillTake(operation, agent, request);`,
				replace: `	}
	return true;`,
			},
		],
	},
	{
		name: 'the turn is not moved on',
		invariant: 6,
		changes: [
			{
				file: `${operations}/assigning.ts`,
				find: 'turn ? takeTurn(operation, team, agent, decision) : undefined,',
				replace: 'undefined,',
			},
		],
	},
	{
		name: 'a turn counts although somebody could not be chosen',
		invariant: 6,
		tests: both,
		changes: [
			{
				file: `${operations}/turns.ts`,
				find: 'const counts = decision.allWereCandidates ? 1 : 0;',
				replace: 'const counts = 1;',
			},
		],
	},
	{
		name: 'a turn is lost: two choose from the same pool at the same time',
		invariant: 6,
		engine: 'PostgreSQL',
		tests: ['properties.test.ts', ...conformance.PostgreSQL],
		changes: [
			{
				file: `${operations}/locks.ts`,
				find: 'if (names.size > 0) await operation.holdNames([...names]);',
				replace: '',
			},
		],
	},
	{
		name: 'ties are decided by chance',
		invariant: 7,
		changes: [
			{
				file: 'nodes/decisions/assignmentOrder.ts',
				find: 'compare: (a, b) => compareValues(a.agent.key, b.agent.key),',
				replace: 'compare: () => Math.random() - 0.5,',
			},
		],
	},
	{
		name: 'who is queued again goes to the end',
		invariant: 8,
		tests: both,
		changes: [
			{
				file: `${operations}/queueing.ts`,
				find: 'const entered = conversation.first_queued_at ?? how.since ?? operation.now;',
				replace: 'const entered = operation.now;',
			},
		],
	},
	{
		name: 'a head that nobody can take blocks those behind it',
		invariant: 8,
		tests: both,
		changes: [
			{
				file: `${operations}/drainQueue.ts`,
				find: "if (outcome === 'full' || outcome === 'busy') line.head = undefined;",
				replace: "if (outcome !== 'assigned') line.head = undefined;",
			},
		],
	},
	{
		name: 'closing does not free the agent',
		invariant: 9,
		changes: [
			{
				file: `${operations}/closeConversation.ts`,
				find: 'await releaseUnits(operation, conversation.assignee_key, conversation.weight);',
				replace: 'void releaseUnits;',
			},
		],
	},
	{
		name: 'closing does not serve the queue',
		invariant: 9,
		changes: [
			{
				file: `${operations}/closeConversation.ts`,
				find: 'const assignedFromQueue = await drainQueues(operation, queues);',
				replace: 'const assignedFromQueue = drainQueues.length * 0;',
			},
		],
	},
	{
		name: 'what is closed is closed again',
		invariant: 9,
		changes: [
			{
				file: `${operations}/closeConversation.ts`,
				find: "if (conversation.status === 'closed') {",
				replace: "if (conversation.status === 'snoozed') {",
			},
		],
	},
	{
		name: 'relaxing: skills and language are asked for, however long it waits',
		invariant: 8,
		tests: both,
		changes: [
			{
				file: `${operations}/queuePolicy.ts`,
				find: 'const relaxed = asks && row.relax_at !== null && row.relax_at <= now;',
				replace: 'const relaxed = asks && row.relax_at !== null && row.relax_at < 0;',
			},
		],
	},
	{
		name: 'relaxing: who asks no longer is passed over with those who still do',
		invariant: 8,
		tests: both,
		changes: [
			{
				file: `${operations}/queueLine.ts`,
				find: 'cast(${isRelaxed(row, operation.now) ? 1 : 0} as integer)',
				replace: 'cast(${isRelaxed(row, 0) ? 1 : 0} as integer)',
			},
			{
				file: `${operations}/queueLine.ts`,
				find: 'case when relax_at <= ${operation.now} then 1 else 0 end',
				replace: '0',
			},
		],
	},
	{
		name: 'the agent before: waited for for ever',
		invariant: 8,
		tests: both,
		changes: [
			{
				file: 'nodes/decisions/assignmentChoice.ts',
				find: 'until === null || until <= now) return false;',
				replace: 'until === null) return false;',
			},
		],
	},
	{
		name: "the agent before: takes a turn, although it was nobody's",
		invariant: 6,
		changes: [
			{
				file: `${operations}/assigning.ts`,
				find: "decision?.via === 'strategy' && 'team' in how.pool",
				replace: "decision !== null && 'team' in how.pool",
			},
		],
	},
	{
		name: 'a drain goes by agents as they were before it',
		invariant: 5,
		tests: both,
		changes: [
			{
				file: `${operations}/drainQueue.ts`,
				find: "if (outcome === 'assigned') for (const each of lines) each.agents = undefined;",
				replace: '',
			},
		],
	},
	{
		name: 'who writes when an agent comes by the clock overtakes who waits',
		invariant: 8,
		tests: both,
		changes: [
			{
				file: `${operations}/assignConversation.ts`,
				find: '(await serveThoseAhead(operation, row, queue)) > 0',
				replace: 'serveThoseAhead === undefined',
			},
		],
	},
	{
		name: 'a dry run writes down what was asked for',
		invariant: 3,
		changes: [
			{
				file: `${operations}/assignConversation.ts`,
				find: 'const pool = poolOf({ ...conversation, ...wishes }, to);',
				replace: `const pool = poolOf({ ...conversation, ...wishes }, to);
	if (input.dryRun) await writeWishes(operation, conversation, wishes, input);`,
			},
		],
	},
	{
		name: 'work that fails keeps all that comes after it from being done',
		invariant: 10,
		tests: conformance.SQLite,
		changes: [
			{
				file: 'nodes/store/store.ts',
				find: 'failures.push(error);',
				replace: 'throw error;',
			},
		],
	},
	{
		name: 'a flow that ends badly leaves the conversation to nobody',
		invariant: 10,
		tests: conformance.SQLite,
		changes: [
			{
				file: `${operations}/flowEnds.ts`,
				find: 'if (isCaredFor(conversation) || (await othersAtWork(operation, run))) return',
				replace: 'if (!isCaredFor(conversation) || (await othersAtWork(operation, run))) return',
			},
		],
	},
	{
		name: 'nobody is shown a conversation that no flow wanted',
		invariant: 10,
		tests: both,
		changes: [
			{
				file: `${operations}/work.ts`,
				find: '	flagUnattended,\n	',
				replace: '	',
			},
		],
	},
	{
		name: 'acknowledged before it is committed',
		invariant: 11,
		engine: 'PostgreSQL',
		changes: [
			{
				file: 'nodes/store/postgres/engine.ts',
				find: `				await this.db.transaction().execute(async (tx) => {
					result = { value: await work(tx) };
				});`,
				replace: `				await new Promise<void>((resolve, reject) => {
					const committed = this.db.transaction().execute(async (tx) => {
						result = { value: await work(tx) };
						resolve();
					});
					committed.catch(reject);
				});`,
			},
		],
	},
	{
		name: 'the commit is not waited for',
		invariant: 11,
		changes: [
			{
				file: 'nodes/store/sqlite/driver.ts',
				find: "this.connection.exec('commit');",
				replace: `setImmediate(() => {
			try {
				this.connection.exec('commit');
			} catch (error) {
				// The test has closed the store before.
				void error;
			}
		});`,
			},
		],
	},
	{
		name: 'coming back: the agent is given it once more',
		invariant: 10,
		changes: [
			{
				file: `${operations}/returnConversation.ts`,
				find: 'excluded_agents: excludedColumn(all),',
				replace: 'excluded_agents: excludedColumn(before),',
			},
		],
	},
	{
		name: 'coming back: it escalates again and again',
		invariant: 10,
		changes: [
			{
				file: 'nodes/decisions/returning.ts',
				find: "if (facts.hasEscalated) return 'queue';",
				replace: '',
			},
		],
	},
	{
		name: 'coming back: once too often',
		invariant: 10,
		changes: [
			{
				file: 'nodes/decisions/returning.ts',
				find: 'facts.returns > facts.atMost',
				replace: 'facts.returns > facts.atMost + 1',
			},
		],
	},
	{
		name: 'coming back: also when the agent has accepted',
		invariant: 10,
		changes: [
			{
				file: `${operations}/acceptConversation.ts`,
				find: 'changeConversation(operation, conversation, { reply_due_at: null })',
				replace: 'changeConversation(operation, conversation, {})',
			},
		],
	},
	{
		name: 'coming back: not from who is gone',
		invariant: 10,
		changes: [
			{
				file: `${operations}/work.ts`,
				find: '	returnFromAbsent,\n	flag',
				replace: '	flag',
			},
		],
	},
	{
		name: 'asleep: it takes units still',
		invariant: 5,
		changes: [
			{
				file: `${operations}/snoozeConversation.ts`,
				find: 'if (frees) await releaseUnits(operation, agent, conversation.weight);',
				replace: 'void releaseUnits;',
			},
		],
	},
	{
		name: 'asleep: awake again, it does not count',
		invariant: 5,
		changes: [
			{
				file: `${operations}/snoozeConversation.ts`,
				find: 'await takeUnits(operation, agent, weight);',
				replace: 'void takeUnits;',
			},
		],
	},
	{
		name: 'a flow waits for an agent, and goes on waiting once there is one',
		invariant: 10,
		changes: [
			{
				file: `${operations}/assigning.ts`,
				find: '		settleAssignments(operation, conversation, agent),\n',
				replace: '',
			},
		],
	},
	{
		name: 'a flow waits for an agent: too late looks like assigned',
		invariant: 10,
		changes: [
			{
				file: `${operations}/waits/deadlines.ts`,
				find: "await settleWait(operation, wait, 'timedOut', {});",
				replace: "await settleWait(operation, wait, 'assigned', {});",
			},
		],
	},
	{
		name: 'presence: a heartbeat contradicts who said offline',
		invariant: 10,
		tests: both,
		changes: [
			{
				file: 'nodes/decisions/saying.ts',
				find: 'if (!maySpeakFor(agent, now)) return undefined;',
				replace: '',
			},
		],
	},
	{
		name: 'presence: whose time online ends stays online',
		invariant: 10,
		changes: [
			{
				file: `${operations}/work.ts`,
				find: '	settlePresence,\n	tell',
				replace: '	tell',
			},
		],
	},
	{
		name: 'a contact is looked for without the index over identities',
		invariant: 12,
		tests: ['plans.test.ts'],
		changes: [
			{
				file: `${operations}/contacts.ts`,
				find: `			.where('workspace', '=', operation.workspace)
			.where('channel', '=', identity.channel)`,
				replace: `			.where('channel', '=', identity.channel)`,
			},
		],
	},
	{
		name: 'the open conversation is looked for among all of a contact',
		invariant: 12,
		tests: ['plans.test.ts'],
		changes: [
			{
				file: `${operations}/conversations.ts`,
				find: "export const CLOSED = sql.lit('closed' as const);",
				replace: "export const CLOSED = 'closed' as const;",
			},
		],
	},
];
