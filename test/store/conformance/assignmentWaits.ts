import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { assignOrWait, outcomesOf, runAt } from '../support/assignmentWaits';
import { NOBODY, openDesk, to as inTheHandsOf } from '../support/desk';
import {
	DAY,
	HOUR,
	MINUTE,
	SECOND,
	testClock,
	type EngineUnderTest,
	type TestClock,
} from '../support/engines';
import { answered, ask, groupOf, judge, tell, TOKEN } from '../support/questions';
import {
	assign,
	assigneeOf,
	close,
	conversationOf,
	eventsOf,
	expectError,
	lastEvent,
	message,
	opened,
	receive,
	route,
	setOnline,
	team,
	trigger,
} from '../support/samples';
import { exported } from '../support/transfer';

/** Executions that wait with a conversation in its queue, and what ends that. */
export function assignmentWaitsSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		await team(store, 'sales', { ann: 1 });
	});
	afterEach(async () => await assertConsistent(store));

	const rows = async () =>
		await store.engine.db
			.selectFrom('waits')
			.selectAll()
			.where('workspace', 'in', [store.workspace, store.forTests().workspace])
			.orderBy('id')
			.execute();

	/** Ann has one already. */
	const annIsBusy = async () => {
		const id = await opened(store, 'first');
		await assign(store, id, { to: { kind: 'team', team: 'sales' } });
		clock.advance(SECOND);
		return id;
	};

	/** One more, for which an execution waits. */
	const waits = async (who: string, changes: Parameters<typeof assignOrWait>[2] = {}) => {
		const id = await opened(store, who);
		const result = await assignOrWait(store, id, changes);
		expect(result).toMatchObject({ outcome: 'queued', waitId: expect.any(String) });
		return { id, ...result };
	};

	describe('begins', () => {
		test('only where nobody is free, with the place in the queue', async () => {
			const first = await assignOrWait(store, await opened(store, 'amal'));
			expect(first).toMatchObject({ outcome: 'assigned', alreadyAssigned: false });
			expect(first.waitId).toBeUndefined();
			const { waitId, conversation, wait } = await waits('basma');
			expect(conversation.queue).toMatchObject({ team: 'sales', position: 1 });
			expect(await rows()).toMatchObject([
				{
					...{ id: waitId, kind: 'assignment', status: 'waiting', outcome: null, due_at: null },
					...{ group_id: wait.groupId, deadline: clock() + HOUR, created_at: clock() },
				},
			]);
			expect(await runAt(store, wait)).toMatchObject([
				{
					...{ settled: false, assigned: null, item: { conversation: { assignee: null } } },
					question: {
						explanation: expect.stringContaining('ann'),
						blockedBy: 'everybodyAtCapacity',
					},
				},
			]);
		});

		test('not in a dry run, without time, or in the workspace of tests', async () => {
			await annIsBusy();
			const id = await opened(store, 'amal');
			const dry = await assignOrWait(store, id, {}, { dryRun: true });
			expect(dry).toMatchObject({ outcome: 'queued', conversation: { queue: null } });
			expect((await assignOrWait(store, id, { waitFor: 0 })).waitId).toBeUndefined();
			const tests = store.forTests();
			await assign(tests, await opened(tests, 'first'), { to: { kind: 'team', team: 'sales' } });
			const tested = await assignOrWait(tests, await opened(tests, 'amal'));
			expect(tested).toMatchObject({ outcome: 'queued', conversation: { queue: { position: 1 } } });
			expect(tested.waitId).toBeUndefined();
			expect(await rows()).toEqual([]);
		});

		test('in the same moment as the place in the queue: no agent comes between the two', async () => {
			const first = await annIsBusy();
			const id = await opened(store, 'amal');
			const other = await engine.openClient({ workspace: store.workspace, clock });
			const [{ waitId, wait, outcome }] = await Promise.all([
				assignOrWait(store, id),
				close(other, first),
			]);
			await store.doDueWork();
			expect(await assigneeOf(store, id)).toBe('ann');
			// It came first and has her at once, or last and is told.
			expect(outcome === 'assigned' ? 'at once' : await outcomesOf(store, wait)).toEqual(
				waitId === undefined ? 'at once' : ['assigned'],
			);
		});

		test('anew when the node is tried once more: none is left over, and none is missed', async () => {
			await annIsBusy();
			const id = await opened(store, 'amal');
			const again = { executionId: 'e1' };
			const first = await assignOrWait(store, id, again);
			const second = await assignOrWait(store, id, again);
			expect(await runAt(store, first.wait)).toEqual([]);
			expect(await rows()).toMatchObject([{ group_id: second.wait.groupId, settled_at: null }]);
			// Another execution, and another node, wait for themselves.
			await assignOrWait(store, id, { executionId: 'e2' });
			await assignOrWait(store, id, { ...again, nodeId: 'other' });
			expect(await rows()).toHaveLength(3);
		});

		test('anew also where an item of the try before has an agent by now', async () => {
			const first = await annIsBusy();
			const items = [await opened(store, 'amal'), await opened(store, 'basma')];
			const run = { executionId: 'e1', withOthers: true };
			for (const [itemIndex, id] of items.entries()) {
				await assignOrWait(store, id, { ...run, groupId: 'try-1', itemIndex });
			}
			await close(store, first);
			expect(await assigneeOf(store, items[0]!)).toBe('ann');
			const retried = [];
			for (const [itemIndex, id] of items.entries()) {
				retried.push(await assignOrWait(store, id, { ...run, groupId: 'try-2', itemIndex }));
			}
			expect(retried).toMatchObject([{ alreadyAssigned: true }, { outcome: 'queued' }]);
			expect(await outcomesOf(store, retried[1]!.wait)).toEqual(['assigned', null]);
			expect(await tell(store, 'heard')).toEqual([]);
			await close(store, items[0]!);
			expect(await outcomesOf(store, retried[1]!.wait)).toEqual(['assigned', 'assigned']);
			expect(await tell(store, 'heard')).toEqual(['try-2']);
			expect((await rows()).every(({ resumed_at: at }) => at !== null)).toBe(true);
		});
	});

	describe('is over', () => {
		test('when the queue gives it to somebody: the next one, and no other', async () => {
			const first = await annIsBusy();
			const amal = await waits('amal');
			clock.advance(MINUTE);
			const basma = await waits('basma');
			clock.advance(MINUTE);
			await close(store, first);
			expect(await outcomesOf(store, amal.wait)).toEqual(['assigned']);
			expect(await outcomesOf(store, basma.wait)).toEqual([null]);
			expect(await runAt(store, amal.wait)).toMatchObject([
				{
					...{ settled: true, waited: 2 * MINUTE, result: { agent: 'ann' } },
					assigned: {
						...{ agent: 'ann', source: 'queue', reason: expect.stringContaining('ann') },
						decision: { chosen: { key: 'ann' }, strategy: 'roundRobin' },
					},
					item: { conversation: { assignee: { key: 'ann' }, queue: null } },
				},
			]);
			expect(await tell(store, 'heard')).toEqual([amal.wait.groupId]);
			expect(await tell(store, 'heard')).toEqual([]);
		});

		test.each<[string, (id: string) => Promise<unknown>, string]>([
			[
				'a person assigns it, above capacity',
				async (id) => {
					const desk = await openDesk(store);
					await moveToDesk(id);
					return await desk.done('amal', inTheHandsOf('1'));
				},
				'assigned',
			],
			[
				'another flow finds somebody',
				async (id) => await assign(store, id, { to: { kind: 'everybody' } }),
				'assigned',
			],
			['it is closed', async (id) => await close(store, id), 'closed'],
			[
				'its contact is erased',
				async () => await store.eraseContact({ contact: 'amal', source: 'user' }),
				'closed',
			],
			[
				'somebody has it on the platform who is no agent here',
				async (id) => {
					const desk = await openDesk(store);
					await moveToDesk(id);
					return await desk.done('amal', inTheHandsOf('a stranger'));
				},
				'assignedElsewhere',
			],
			[
				'it is taken out of the queue on the platform',
				async (id) => {
					const desk = await openDesk(store);
					await moveToDesk(id);
					await desk.done('amal', inTheHandsOf('a stranger'));
					return await desk.done('amal', NOBODY);
				},
				'assignedElsewhere',
			],
			[
				'a person takes it out of the queue',
				async (id) =>
					await store.unassignConversation({
						...{ conversationId: id, requeue: false, reason: 'Mine', source: 'user' },
					}),
				'unassigned',
			],
		])('when %s', async (_how, end, reason) => {
			await team(store, 'idle', { omar: null });
			await annIsBusy();
			const { id, wait } = await waits('amal');
			await end(id);
			expect(await outcomesOf(store, wait)).toEqual([reason]);
			expect((await conversationOf(store, id)).queue).toBeNull();
			expect(await tell(store, 'heard')).toEqual([wait.groupId]);
		});

		/** The conversation lives on a platform. */
		const moveToDesk = async (id: string) => {
			await store.engine.db
				.updateTable('conversations')
				.set({ channel: 'desk', account: '7', reply_to: null })
				.where('id', '=', id)
				.execute();
			const contact = await store.findContact('amal');
			await store.engine.db
				.updateTable('identities')
				.set({ channel: 'desk', account: '7' })
				.where('contact_key', '=', contact.key)
				.execute();
		};

		test('when it is taken out of the queue, which is to be seen', async () => {
			await annIsBusy();
			const { id } = await waits('amal');
			const out = { conversationId: id, requeue: false, reason: 'Mine', source: 'user' };
			const { conversation } = await store.unassignConversation(out);
			expect(conversation).toMatchObject({ queue: null, assignee: null, flag: 'unassigned' });
			await store.unassignConversation(out);
			expect(await eventsOf(store, id)).toEqual(['opened', 'routed', 'queued', 'unassigned']);
			expect(await lastEvent(store, id, 'unassigned')).toMatchObject({ agent: null });
		});

		test('at its deadline: the conversation keeps its place, and may be assigned anew', async () => {
			const first = await annIsBusy();
			const { id, wait, waitId } = await waits('amal');
			const { queue } = await conversationOf(store, id);
			clock.advance(HOUR - 1);
			await store.doDueWork();
			expect(await outcomesOf(store, wait)).toEqual([null]);
			clock.advance(1);
			await store.doDueWork();
			await store.doDueWork();
			expect(await outcomesOf(store, wait)).toEqual(['timedOut']);
			expect((await eventsOf(store, id)).slice(2)).toEqual(['queued', 'queue_timed_out']);
			expect(await lastEvent(store, id, 'queue_timed_out')).toEqual({
				...{ wait: waitId, team: 'sales', waitedMs: HOUR },
			});
			expect(await conversationOf(store, id)).toMatchObject({ queue, flag: null });
			// The flow leads back to the node, for everybody.
			const policy = { strategy: 'leastOpen' as const, onlyOnline: true, maxOpen: 7 };
			const run = { executionId: wait.executionId };
			const how = { to: { kind: 'everybody' as const }, policy };
			const second = await assignOrWait(store, id, run, how);
			expect(second.conversation.queue).toMatchObject({ enteredAt: queue?.enteredAt });
			expect(await outcomesOf(store, second.wait)).toEqual([null]);
			// The call of before comes once more: it is about a wait that is over.
			expect(await runAt(store, wait)).toEqual([]);
			await close(store, first);
			const [view] = await runAt(store, second.wait);
			expect(view).toMatchObject({
				outcome: 'assigned',
				assigned: { decision: { strategy: 'leastOpen' } },
			});
		});

		test('once, however its ends meet', async () => {
			const first = await annIsBusy();
			const { id, wait } = await waits('amal');
			clock.advance(HOUR);
			const other = await engine.openClient({ workspace: store.workspace, clock });
			await Promise.all([store.doDueWork(), close(other, first), close(store, id)]);
			await store.doDueWork();
			const [outcome, ...more] = await outcomesOf(store, wait);
			expect(more).toEqual([]);
			expect(['assigned', 'timedOut', 'closed']).toContain(outcome);
			expect(await tell(store, 'heard')).toEqual([wait.groupId]);
			await close(store, id);
			expect(await rows()).toMatchObject([{ resumed_at: clock() }]);
		});

		test('and stays as it ended, whatever becomes of the conversation then', async () => {
			const first = await annIsBusy();
			const { id, wait } = await waits('amal');
			await close(store, first);
			const before = await runAt(store, wait);
			clock.advance(MINUTE);
			const back = { conversationId: id, requeue: true, reason: 'No time', source: 'user' };
			await store.unassignConversation(back);
			await store.doDueWork();
			await close(store, id);
			await store.eraseContact({ contact: 'amal', source: 'user' }).catch(() => undefined);
			const after = await runAt(store, wait);
			const told = ({ outcome, result, assigned, waited }: (typeof after)[number]) => ({
				...{ outcome, result, assigned, waited },
			});
			expect(after.map(told)).toEqual(before.map(told));
		});
	});

	describe('with several items', () => {
		test('what has an agent at once, or does not wait, is kept for when the last is settled', async () => {
			const run = { executionId: 'e1', groupId: 'g1', withOthers: true };
			const ids = [];
			for (const who of ['amal', 'basma', 'carim']) ids.push(await opened(store, who));
			const [amal, basma, carim] = ids as [string, string, string];
			const { wait } = await assignOrWait(store, amal, { ...run, itemIndex: 0 });
			await assignOrWait(store, basma, { ...run, itemIndex: 1 });
			await assignOrWait(store, carim, { ...run, itemIndex: 2, waitFor: 0 });
			expect(await outcomesOf(store, wait)).toEqual(['assigned', null, 'timedOut']);
			// Nothing of it is told before there is something to tell.
			expect(await tell(store, 'heard')).toEqual([]);
			await close(store, amal);
			expect(await outcomesOf(store, wait)).toEqual(['assigned', 'assigned', 'timedOut']);
			expect(await runAt(store, wait)).toMatchObject([
				{ assigned: { agent: 'ann', source: 'workflow' } },
				{ assigned: { agent: 'ann', source: 'queue' } },
				{
					assigned: null,
					result: { atOnce: true },
					question: { blockedBy: 'everybodyAtCapacity' },
				},
			]);
			expect(await tell(store, 'heard')).toEqual(['g1']);
		});

		test('where nothing waits it is dropped; what died before that is forgotten', async () => {
			const id = await opened(store, 'amal');
			const run = { groupId: 'g1', withOthers: true };
			await assignOrWait(store, id, run);
			await assignOrWait(store, id, { ...run, itemIndex: 1 });
			expect(await rows()).toMatchObject([
				{ outcome: 'assigned', result: JSON.stringify({ agent: 'ann', alreadyAssigned: false }) },
				{ outcome: 'assigned', result: JSON.stringify({ agent: 'ann', alreadyAssigned: true }) },
			]);
			await store.dropWaitGroup({ groupId: 'g1' });
			expect(await rows()).toEqual([]);
			await assignOrWait(store, id, run);
			clock.advance(HOUR);
			expect(await tell(store, 'gone')).toEqual(['g1']);
			clock.advance(8 * DAY);
			await store.doDueWork();
			expect(await rows()).toEqual([]);
		});

		test('dropping takes nothing that waits', async () => {
			await annIsBusy();
			const { wait } = await waits('amal');
			await store.dropWaitGroup(wait);
			expect(await outcomesOf(store, wait)).toEqual([null]);
		});
	});

	describe('beside a question of the same flow', () => {
		test('neither is told what the other waited for', async () => {
			const first = await annIsBusy();
			const executionId = 'e1';
			const { id, wait } = await waits('amal', { executionId });
			await close(store, first);
			const asked = await ask(store, id, { executionId });
			expect(await runAt(store, wait)).toEqual([]);
			expect(await tell(store, 'heard')).toEqual([]);
			expect(await groupOf(store, asked)).toMatchObject([{ kind: 'question', settled: false }]);
			await judge(store, asked, answered(42));
			const back = { conversationId: id, requeue: true, reason: 'No time', source: 'user' };
			await setOnline(store, 'ann', false);
			await store.unassignConversation(back);
			const again = await assignOrWait(store, id, { executionId });
			expect(await groupOf(store, asked)).toEqual([]);
			expect(await runAt(store, again.wait)).toMatchObject([{ kind: 'assignment' }]);
		});

		test('an answer ends no wait for an agent, and an agent no question', async () => {
			const first = await annIsBusy();
			const { id, wait } = await waits('amal');
			const asked = await ask(store, id, { waitFor: DAY });
			await receive(store, message('amal', { text: '42', sentAt: clock() }));
			expect(await outcomesOf(store, wait)).toEqual([null]);
			await close(store, first);
			expect(await outcomesOf(store, wait)).toEqual(['assigned']);
			expect(await groupOf(store, asked)).toMatchObject([{ settled: false, replies: [{}] }]);
		});
	});

	describe('the flow', () => {
		/** Its conversation's opening was delivered to this execution, which waits. */
		async function flowThatWaits(waitFor: number) {
			await annIsBusy();
			const input = trigger();
			const { id: subscriptionId } = await store.subscribe(input);
			const { conversationId } = await receive(store, message('amal'), { subscriber: input });
			const [delivery] = await store.claimDeliveries({ subscriptionId, limit: 1 });
			const deliveryId = delivery!.id;
			await store.claimExecution({ deliveryId, executionId: 'e1', free: false });
			const id = conversationId ?? '';
			const { wait } = await assignOrWait(store, id, { executionId: 'e1', waitFor });
			return { id, wait, deliveryId };
		}
		const ran = async (id: string, status: string) =>
			await store.finishDelivery({ id, outcome: { kind: 'ran', status } });

		test('that waits has not ended badly, also not after days', async () => {
			const { id, wait, deliveryId } = await flowThatWaits(3 * DAY);
			await ran(deliveryId, 'waiting');
			for (let day = 0; day < 4; day++) {
				clock.advance(DAY);
				await store.doDueWork();
				await tell(store, 'heard');
			}
			expect(await outcomesOf(store, wait)).toEqual(['timedOut']);
			expect(await conversationOf(store, id)).toMatchObject({ flag: null, queue: { position: 1 } });
			expect(await eventsOf(store, id)).not.toContain('flow_failed');
		});

		test('that failed after it began to wait changes nothing for its conversation', async () => {
			const { id, wait, deliveryId } = await flowThatWaits(3 * DAY);
			await ran(deliveryId, 'error');
			clock.advance(11 * MINUTE);
			await store.doDueWork();
			expect(await conversationOf(store, id)).toMatchObject({ flag: null, queue: { position: 1 } });
			// At its end, whichever, nobody is found who waits.
			clock.advance(3 * DAY);
			await store.doDueWork();
			expect(await tell(store, 'gone')).toEqual([wait.groupId]);
			expect(await tell(store, 'gone')).toEqual([]);
			expect(await conversationOf(store, id)).toMatchObject({ flag: null, queue: { position: 1 } });
		});

		test('that is gone is told no more, and the agent keeps the conversation', async () => {
			const first = await annIsBusy();
			const { id, wait } = await waits('amal');
			await close(store, first);
			expect(await tell(store, 'gone')).toEqual([wait.groupId]);
			clock.advance(DAY);
			expect(await tell(store, 'gone')).toEqual([]);
			expect(await assigneeOf(store, id)).toBe('ann');
			expect(await rows()).toMatchObject([{ outcome: 'assigned', resume_url: null }]);
		});

		test('that cannot be reached is shown, and told until it hears', async () => {
			const first = await annIsBusy();
			const { id, wait } = await waits('amal');
			await close(store, first);
			for (let tried = 0; tried < 5; tried++) {
				expect(await tell(store, 'unknown')).toEqual([wait.groupId]);
				clock.advance(MINUTE);
			}
			const { problems } = await store.checkHealth();
			expect(problems).toContainEqual(
				expect.objectContaining({
					...{ code: 'flowsOutOfReach', count: 1, examples: [id] },
					message: expect.stringMatching(/^1 flow that waits for a contact or an agent could not/),
					hint: expect.stringContaining('"Auto-Assign Agent"'),
				}),
			);
			expect(await tell(store, 'heard')).toEqual([wait.groupId]);
		});
	});

	test('routing to another team moves the wait along with the conversation', async () => {
		await annIsBusy();
		const { id, wait } = await waits('amal');
		await team(store, 'billing', { bob: 1 });
		await setOnline(store, 'bob', false);
		await route(store, id, 'billing');
		expect(await outcomesOf(store, wait)).toEqual([null]);
		await setOnline(store, 'bob');
		expect(await outcomesOf(store, wait)).toEqual(['assigned']);
		expect(await assigneeOf(store, id)).toBe('bob');
	});

	test('one that sleeps meanwhile is waited for on, with its place', async () => {
		const first = await annIsBusy();
		const { id, wait } = await waits('amal');
		const until = clock() + MINUTE;
		await store.snoozeConversation({ conversationId: id, until, source: 'user' });
		await close(store, first);
		expect(await outcomesOf(store, wait)).toEqual([null]);
		clock.advance(MINUTE);
		await store.doDueWork();
		expect(await outcomesOf(store, wait)).toEqual(['assigned']);
		expect(await assigneeOf(store, id)).toBe('ann');
	});

	test('one that sleeps beyond the deadline is waited for no more', async () => {
		await annIsBusy();
		const { id, wait } = await waits('amal');
		await store.snoozeConversation({ conversationId: id, until: null, source: 'user' });
		clock.advance(HOUR);
		await store.doDueWork();
		expect(await outcomesOf(store, wait)).toEqual(['timedOut']);
		expect(await conversationOf(store, id)).toMatchObject({ status: 'snoozed', queue: null });
	});

	test('its address is a secret: not in the view, the history, an event or an export', async () => {
		const first = await annIsBusy();
		const { id, wait } = await waits('amal');
		await close(store, first);
		const seen = [
			...[await runAt(store, wait), await store.conversationHistory(id)],
			...[await exported(store), await store.checkHealth()],
		];
		expect(JSON.stringify(seen)).not.toContain(TOKEN);
		expect((await rows())[0]?.resume_url).toContain(TOKEN);
	});

	describe('what an operator gives is checked', () => {
		test.each<[string, Parameters<typeof assignOrWait>[3], RegExp]>([
			['a weight of nothing', { weight: 0 }, /^Weight must be at least 1/],
			['half a weight', { weight: 1.5 }, /^Weight must be a whole number/],
			['too much weight', { weight: 1001 }, /^Weight must be at most 1000/],
			['no weight', { weight: NaN }, /^Weight must be a number/],
			['too high a priority', { priority: 1001 }, /^Priority must be at most 1000/],
			['too low a priority', { priority: -1001 }, /^Priority must be at least -1000/],
			['half a priority', { priority: 0.5 }, /^Priority must be a whole number/],
			['more than a year', { relaxAfter: 367 * DAY }, /^Relax After is longer than a year/],
			['less than no time', { relaxAfter: -1 }, /^Relax After cannot be negative/],
			[
				'too long a preference',
				{ prefer: { within: 367 * DAY, waitAtMost: 0 } },
				/^Prefer the Last Agent \(days\) is longer than a year/,
			],
			[
				'an empty skill',
				{ policy: { strategy: 'leastOpen', onlyOnline: true, maxOpen: null, skills: [' '] } },
				/^Skills is empty/,
			],
			[
				'no limit at all',
				{ policy: { strategy: 'leastOpen', onlyOnline: true, maxOpen: 0 } },
				/^Most Open Conversations must be at least 1/,
			],
			[
				'an unknown strategy',
				{ policy: { strategy: 'best' as never, onlyOnline: true, maxOpen: null } },
				/^Strategy must be/,
			],
		])('%s', async (_what, how, sentence) => {
			const id = await opened(store, 'amal');
			await expectError(assignOrWait(store, id, {}, how), 'InvalidInput', sentence, /Correct/);
		});

		test('a wait of more than a year, and a team to escalate to that is not there', async () => {
			const id = await opened(store, 'amal');
			const long = assignOrWait(store, id, { waitFor: 367 * DAY });
			await expectError(long, 'InvalidInput', /^Maximum Wait is longer than a year/, /Correct/);
			const returns = { noReplyWithin: MINUTE, offlineFor: null, atMost: 3, escalateTo: 'gone' };
			const policy = { strategy: 'leastOpen' as const, onlyOnline: true, maxOpen: null, returns };
			const lost = assignOrWait(store, id, {}, { policy });
			await expectError(lost, 'TeamNotFound', /no team 'gone'/, /Teams in this workspace/);
		});
	});
}
