import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { HOUR, MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import { accept, decline, present, returning, toAgent } from '../support/returning';
import {
	assign,
	assigneeOf,
	close,
	conversationOf,
	eventsOf,
	expectError,
	handled,
	lastEvent,
	message,
	online,
	opened,
	receive,
	route,
	team,
} from '../support/samples';
import { senderOf, sentAs } from '../support/sending';

/** What comes back from an agent, and where it goes. */
export function returnsSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	const due = async () => await store.doDueWork();
	/** Given to ann, who is the first in turn. */
	const withAnn = async (who: string, policy = returning()) => {
		const { id } = await handled(store, who, 'sales', { policy });
		expect(await assigneeOf(store, id)).toBe('ann');
		return id;
	};
	const echo = async (who: string, sender?: { name?: string; isPerson: boolean }) =>
		await receive(store, message(who, { kind: 'echo', ...(sender ? { sender } : {}) }));

	describe('no reply', () => {
		test('in time: the next agent gets it, and the one before is passed over', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const id = await withAnn('a');
			clock.advance(10 * MINUTE - 1);
			await due();
			expect(await assigneeOf(store, id)).toBe('ann');
			clock.advance(1);
			await due();
			expect(await conversationOf(store, id)).toMatchObject({
				...{ assignee: { key: 'bob' }, returns: 1, queue: null },
			});
			expect((await eventsOf(store, id)).slice(2)).toEqual([
				...['assigned', 'unassigned', 'queued', 'assigned'],
			]);
			expect(await lastEvent(store, id, 'unassigned')).toEqual({
				...{ agent: 'ann', team: 'sales', returned: 'noReply' },
				reason: 'No reply within 10 minutes',
			});
			expect(await store.getAgent('ann')).toMatchObject({ openUnits: 0 });
		});

		test('what is closed, and says that it comes back, does not stand before those that do', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const { id: over } = await handled(store, 'over', 'sales');
			await close(store, over);
			const { id } = await handled(store, 'a', 'sales', { policy: returning() });
			const before = await assigneeOf(store, id);
			// As a file of an import may say it.
			const columns = { reply_due_at: 1, snoozed_until: 1 };
			await store.engine.db
				.updateTable('conversations')
				.set(columns)
				.where('id', '=', over)
				.execute();
			clock.advance(10 * MINUTE);
			await due();
			const after = await assigneeOf(store, id);
			expect([before, after].sort()).toEqual(['ann', 'bob']);
			expect(await store.doDueWork()).toBe(0);
		});

		test('the time runs anew for the next agent', async () => {
			await team(store, 'sales', { ann: 5, bob: 5, cem: 5 });
			const id = await withAnn('a');
			clock.advance(15 * MINUTE);
			await due();
			expect(await assigneeOf(store, id)).toBe('bob');
			clock.advance(9 * MINUTE);
			await due();
			expect(await assigneeOf(store, id)).toBe('bob');
			clock.advance(MINUTE);
			await due();
			expect(await assigneeOf(store, id)).toBe('cem');
		});

		test('it waits before those who came later, since it was first assigned before them', async () => {
			await team(store, 'sales', { ann: 1, bob: 1 });
			const id = await withAnn('a');
			const since = clock();
			const other = await handled(store, 'other', 'sales');
			clock.advance(5 * MINUTE);
			const later = await handled(store, 'later', 'sales', { exclude: ['ann'] });
			clock.advance(5 * MINUTE);
			await due();
			expect(await conversationOf(store, id)).toMatchObject({
				...{ assignee: null, queue: { enteredAt: new Date(since).toISOString(), position: 1 } },
			});
			await close(store, other.id);
			expect(await assigneeOf(store, id)).toBe('bob');
			expect(await assigneeOf(store, later.id)).toBeNull();
		});

		test('the first queue time stays through several returns', async () => {
			await team(store, 'sales', { ann: 0, bob: 0, cem: 0 });
			const { id } = await handled(store, 'a', 'sales', { policy: returning() });
			const entered = (await conversationOf(store, id)).queue?.enteredAt;
			for (const agent of ['ann', 'bob']) {
				clock.advance(MINUTE);
				await online(store, agent, ['sales'], 1);
				expect(await assigneeOf(store, id)).toBe(agent);
				clock.advance(10 * MINUTE);
				await due();
				expect((await conversationOf(store, id)).queue?.enteredAt).toBe(entered);
			}
		});

		test("the freed agent gets the next, and the one that came back doesn't block it", async () => {
			await team(store, 'sales', { ann: 1 });
			await online(store, 'bob', ['sales'], 0);
			const id = await withAnn('a');
			clock.advance(MINUTE);
			const next = await handled(store, 'b', 'sales');
			clock.advance(9 * MINUTE);
			await due();
			expect(await assigneeOf(store, next.id)).toBe('ann');
			expect(await conversationOf(store, id)).toMatchObject({ queue: { position: 1 } });
		});

		test.each<[string, (id: string) => Promise<unknown>, boolean]>([
			['a person on the phone', async () => await echo('a'), true],
			['a person on the platform', async () => await echo('a', { isPerson: true }), true],
			['a robot of the platform', async () => await echo('a', { isPerson: false }), false],
			[
				'an agent from here',
				async (id) => {
					const sender = senderOf(store, id);
					const { messageId } = await sender.begin('k', { actor: 'ann' });
					await sender.finish(messageId, sentAs('sent 1'));
				},
				true,
			],
			[
				'a flow',
				async (id) => {
					const sender = senderOf(store, id);
					const { messageId } = await sender.begin('k');
					await sender.finish(messageId, sentAs('sent 1'));
				},
				false,
			],
			[
				'a flow, whose echo came first and looked like a person',
				async (id) => {
					const sender = senderOf(store, id);
					const { messageId } = await sender.begin('k');
					await receive(store, message('a', { kind: 'echo', id: 'sent 1', text: 'other words' }));
					await sender.finish(messageId, sentAs('sent 1'));
				},
				false,
			],
			['the contact', async () => await receive(store, message('a')), false],
			[
				'a note of the agent',
				async (conversationId) =>
					await store.addComment({ conversationId, text: 'x', source: 'user', actor: 'ann' }),
				false,
			],
			['the agent, who accepted', async (id) => await accept(store, id, 'ann'), true],
		])('what was said by %s', async (_who, says, keeps) => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const id = await withAnn('a');
			clock.advance(MINUTE);
			await says(id);
			clock.advance(HOUR);
			await due();
			expect((await conversationOf(store, id)).assignee?.key).toBe(keeps ? 'ann' : 'bob');
		});

		test('a policy without a time for it brings nothing back', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const id = await withAnn('a', returning({ noReplyWithin: null }));
			const { id: plain } = await handled(store, 'b', 'sales');
			clock.advance(24 * HOUR);
			await due();
			expect(await assigneeOf(store, id)).toBe('ann');
			expect(await assigneeOf(store, plain)).toBe('bob');
		});

		test('where it waited for one agent alone, its team takes over', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const id = await withAnn('a', returning());
			await close(store, id);
			const { id: own } = await handled(store, 'a', 'sales', {
				to: { kind: 'agent', agent: 'bob' },
				policy: returning(),
			});
			expect(await assigneeOf(store, own)).toBe('bob');
			clock.advance(10 * MINUTE);
			await due();
			expect(await assigneeOf(store, own)).toBe('ann');
		});

		test('also after the only agent it was for was removed', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const { id } = await handled(store, 'a', 'sales', {
				to: { kind: 'agent', agent: 'ann' },
				policy: returning(),
			});
			await toAgent(store, id, 'bob');
			await store.deleteAgent({ key: 'ann', source: 'user' });
			await online(store, 'cem', ['sales'], 0);
			const requeue = { conversationId: id, requeue: true, reason: 'x', source: 'user' };
			await store.unassignConversation(requeue);
			expect(await conversationOf(store, id)).toMatchObject({ queue: { team: 'sales' } });
			await due();
			expect(await assigneeOf(store, id)).toBe('bob');
		});

		test('a removed agent: its conversations go on by the policy they had', async () => {
			await team(store, 'sales', { ann: 5 });
			await team(store, 'care', { bob: 5 });
			const { id } = await handled(store, 'a', 'sales', {
				to: { kind: 'everybody' },
				policy: returning(),
			});
			expect(await assigneeOf(store, id)).toBe('ann');
			await store.deleteAgent({ key: 'ann', source: 'user' });
			expect(await assigneeOf(store, id)).toBe('bob');
			clock.advance(10 * MINUTE);
			await due();
			expect(await lastEvent(store, id, 'escalated')).toMatchObject({ agents: ['bob'] });
		});

		test('in the workspace of test runs, too, with the real agents', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const tests = store.forTests();
			const id = await opened(tests, 'a');
			await route(tests, id, 'sales');
			await assign(tests, id, { policy: returning({ offlineFor: MINUTE }) });
			expect(await assigneeOf(tests, id)).toBe('ann');
			await present(store, 'ann', false);
			clock.advance(MINUTE);
			await due();
			expect(await assigneeOf(tests, id)).toBe('ann');
			await tests.doDueWork();
			expect(await assigneeOf(tests, id)).toBe('bob');
			clock.advance(10 * MINUTE);
			await tests.doDueWork();
			expect(await conversationOf(tests, id)).toMatchObject({ returns: 2 });
		});
	});

	describe('an agent who is gone', () => {
		const policy = returning({ noReplyWithin: null, offlineFor: 5 * MINUTE });

		test('for so long: the next one gets it', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			await present(store, 'ann', true);
			await present(store, 'bob', true);
			const id = await withAnn('a', policy);
			await echo('a');
			clock.advance(40 * MINUTE);
			await due();
			expect(await assigneeOf(store, id)).toBe('ann');
			await present(store, 'ann', false);
			clock.advance(5 * MINUTE - 1);
			await due();
			expect(await assigneeOf(store, id)).toBe('ann');
			clock.advance(1);
			await due();
			expect(await assigneeOf(store, id)).toBe('bob');
			expect(await lastEvent(store, id, 'unassigned')).toMatchObject({
				...{ agent: 'ann', returned: 'offline', reason: 'Offline since 09:40 UTC' },
			});
		});

		test('and comes back in time keeps it', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			await present(store, 'bob', true);
			const id = await withAnn('a', policy);
			await present(store, 'ann', false);
			clock.advance(4 * MINUTE);
			await present(store, 'ann', true);
			clock.advance(HOUR);
			await due();
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('was gone when it came: has the same time from then on', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			await present(store, 'bob', true);
			await present(store, 'ann', false);
			clock.advance(HOUR);
			const { id } = await handled(store, 'a', 'sales', {
				to: { kind: 'agent', agent: 'ann' },
				policy: { ...policy, onlyOnline: false },
			});
			expect(await assigneeOf(store, id)).toBe('ann');
			clock.advance(4 * MINUTE);
			await due();
			expect(await assigneeOf(store, id)).toBe('ann');
			clock.advance(MINUTE);
			await due();
			expect(await assigneeOf(store, id)).toBe('bob');
		});

		test('everything comes back, and nobody loses a place', async () => {
			await team(store, 'sales', { ann: 5 });
			await online(store, 'bob', ['sales'], 0);
			await present(store, 'bob', true);
			const ids = [];
			for (const who of ['a', 'b', 'c']) {
				clock.advance(MINUTE);
				ids.push(await withAnn(who, policy));
			}
			await present(store, 'ann', false);
			clock.advance(5 * MINUTE);
			await due();
			const positions = await Promise.all(
				ids.map(async (id) => (await conversationOf(store, id)).queue?.position),
			);
			expect(positions).toEqual([1, 2, 3]);
		});
	});

	describe('escalation', () => {
		/** Comes back from everybody who gets it, one after the other. */
		const hops = async (id: string, atMost = 20) => {
			const had = [];
			for (let i = 0; i < atMost; i++) {
				const agent = await assigneeOf(store, id);
				if (agent === null) break;
				had.push(agent);
				clock.advance(10 * MINUTE);
				await due();
				if ((await assigneeOf(store, id)) === agent) break;
			}
			return had;
		};

		test('more often than it may: to the team that is named, at its place, and not back again', async () => {
			await team(store, 'sales', { ann: 5, bob: 5, cem: 5 });
			await team(store, 'leads', { lea: 5 });
			const id = await withAnn('a', returning({ atMost: 1, escalateTo: 'leads' }));
			const since = clock();
			expect(await hops(id)).toEqual(['ann', 'bob', 'lea']);
			expect(await conversationOf(store, id)).toMatchObject({
				...{ team: { key: 'leads' }, assignee: { key: 'lea' }, returns: 2 },
			});
			expect((await eventsOf(store, id)).slice(-5)).toEqual([
				...['unassigned', 'escalated', 'routed', 'queued', 'assigned'],
			]);
			expect(await lastEvent(store, id, 'escalated')).toEqual({
				...{ agents: ['ann', 'bob'], returns: 2, from: 'sales', to: 'leads' },
				reason: 'No reply within 10 minutes',
			});
			expect(await lastEvent(store, id, 'assigned')).toMatchObject({
				...{ agent: 'lea', waitedMs: clock() - 10 * MINUTE - since },
			});
		});

		test('nobody left: it escalates before it has come back as often as it may', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			await team(store, 'leads', { lea: 5 });
			const id = await withAnn('a', returning({ escalateTo: 'leads' }));
			expect(await hops(id)).toEqual(['ann', 'bob', 'lea']);
		});

		test('without a team: everybody is asked once more, and an event tells', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const id = await withAnn('a', returning({ atMost: 1 }));
			expect(await hops(id)).toHaveLength(3);
			expect(await conversationOf(store, id)).toMatchObject({ team: { key: 'sales' }, flag: null });
			expect(await lastEvent(store, id, 'escalated')).toMatchObject({ to: null });
		});

		test('nobody free: it waits there, before those who came later', async () => {
			await team(store, 'sales', { ann: 5 });
			await team(store, 'leads', { lea: 0 });
			const id = await withAnn('a', returning({ escalateTo: 'leads' }));
			clock.advance(MINUTE);
			await handled(store, 'b', 'leads');
			clock.advance(9 * MINUTE);
			await due();
			expect(await conversationOf(store, id)).toMatchObject({
				...{ queue: { team: 'leads', position: 1 }, flag: null },
			});
		});

		test('whom the flow excluded stays excluded', async () => {
			await team(store, 'sales', { ann: 5, bob: 5, cem: 5 });
			const { id } = await handled(store, 'a', 'sales', {
				policy: returning({ atMost: 0 }),
				exclude: ['bob'],
			});
			await hops(id);
			await decline(store, id, (await assigneeOf(store, id)) ?? '');
			await decline(store, id, (await assigneeOf(store, id)) ?? '');
			expect(await conversationOf(store, id)).toMatchObject({ assignee: null, flag: null });
			const assigned = (await store.conversationHistory(id)).flatMap(({ type, data }) =>
				type === 'assigned' ? [data?.agent] : [],
			);
			expect(assigned).not.toContain('bob');
		});

		test('a team that was removed since: it stays where it is', async () => {
			await team(store, 'sales', { ann: 5 });
			await team(store, 'leads');
			const id = await withAnn('a', returning({ escalateTo: 'leads' }));
			await store.deleteTeam({ key: 'leads' });
			await hops(id);
			expect(await conversationOf(store, id)).toMatchObject({ team: { key: 'sales' } });
			expect(await lastEvent(store, id, 'escalated')).toMatchObject({ to: null });
		});

		test('a team that is not there is refused when it is asked for', async () => {
			await team(store, 'sales', { ann: 5 });
			const id = await opened(store, 'a');
			await expectError(
				assign(store, id, { policy: returning({ escalateTo: 'leads' }) }),
				'TeamNotFound',
				/no team 'leads'/,
				/Choose one of them/,
			);
			await expectError(
				assign(store, id, { policy: returning({ atMost: 0.5 }) }),
				'InvalidInput',
				/must be a whole number/,
				/Correct/,
			);
		});
	});

	describe('declining and accepting', () => {
		test('declined: the next agent gets it at once, and the reason is told', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const { id } = await handled(store, 'a', 'sales');
			expect(await decline(store, id, 'ann', 'I am at lunch')).toMatchObject({
				...{ outcome: 'assigned', escalated: false },
				conversation: { assignee: { key: 'bob' }, returns: 1 },
			});
			expect(await lastEvent(store, id, 'unassigned')).toMatchObject({
				...{ agent: 'ann', returned: 'declined', reason: 'Declined: I am at lunch' },
			});
		});

		test('declined by an item in flight, whose conversation was merged into another one', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			await team(store, 'leads');
			const old = await opened(store, 'a');
			await close(store, old);
			const { id } = await handled(store, 'a', 'sales', {
				policy: returning({ escalateTo: 'leads' }),
			});
			await store.engine.db
				.updateTable('conversations')
				.set({ merged_into: id })
				.where('id', '=', old)
				.execute();
			await decline(store, old, 'ann');
			expect(await assigneeOf(store, id)).toBe('bob');
		});

		test('declined by everybody: it escalates once, is offered once more, and then waits', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const { id } = await handled(store, 'a', 'sales');
			const outcomes = [];
			for (let i = 0; i < 10; i++) {
				const agent = await assigneeOf(store, id);
				if (agent === null) break;
				outcomes.push((await decline(store, id, agent)).escalated);
			}
			expect(outcomes).toEqual([false, true, false, false]);
			expect(await conversationOf(store, id)).toMatchObject({ queue: { position: 1 } });
			await online(store, 'cem', ['sales'], 1);
			expect(await assigneeOf(store, id)).toBe('cem');
		});

		test('only who has it may say either', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const { id } = await handled(store, 'a', 'sales');
			const saying = [decline, accept] as const;
			for (const says of saying) {
				await expectError(
					says(store, id, 'bob'),
					'NotAssignedToAgent',
					/'bob' does not have the conversation/,
					/Somebody else has it by now/,
				);
			}
			await close(store, id);
			for (const says of saying) {
				await expectError(
					says(store, id, 'ann'),
					'ConversationClosed',
					/is closed/,
					/next message/,
				);
			}
		});

		test('accepting twice is accepting once; the next agent accepts anew', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			const { id } = await handled(store, 'a', 'sales');
			expect(await accept(store, id, 'ann')).toMatchObject({ alreadyAccepted: false });
			expect(await accept(store, id, 'ann')).toMatchObject({ alreadyAccepted: true });
			await toAgent(store, id, 'bob');
			expect(await accept(store, id, 'bob')).toMatchObject({ alreadyAccepted: false });
			const types = await eventsOf(store, id);
			expect(types.filter((type) => type === 'accepted')).toHaveLength(2);
		});

		test('accepted, and then gone: comes back all the same', async () => {
			await team(store, 'sales', { ann: 5, bob: 5 });
			await present(store, 'bob', true);
			const id = await withAnn('a', returning({ offlineFor: MINUTE }));
			await accept(store, id, 'ann');
			await present(store, 'ann', false);
			clock.advance(MINUTE);
			await due();
			expect(await assigneeOf(store, id)).toBe('bob');
		});
	});

	describe('at the same moment', () => {
		const ROUNDS = 8;
		const clients = async () => {
			const { workspace } = store;
			return [store, await engine.openClient({ clock, workspace })] as const;
		};

		test('a reply: it either stays with its agent, or has come back; and never both', async () => {
			await team(store, 'sales', { ann: null, bob: null });
			const [one, other] = await clients();
			for (let i = 0; i < ROUNDS; i++) {
				const { id } = await handled(store, `a${i}`, 'sales', { policy: returning() });
				const before = await assigneeOf(store, id);
				clock.advance(10 * MINUTE);
				await Promise.all([one.doDueWork(), receive(other, message(`a${i}`, { kind: 'echo' }))]);
				const after = await conversationOf(store, id);
				const cameBack = (await eventsOf(store, id)).includes('unassigned');
				expect(after.returns).toBe(cameBack ? 1 : 0);
				expect(after.assignee?.key === before).toBe(!cameBack);
				await close(store, id);
			}
		});

		test('two who look: it comes back once', async () => {
			await team(store, 'sales', { ann: null, bob: null });
			const [one, other] = await clients();
			for (let i = 0; i < ROUNDS; i++) {
				const { id } = await handled(store, `a${i}`, 'sales', { policy: returning() });
				clock.advance(10 * MINUTE);
				await Promise.all([one.doDueWork(), other.doDueWork()]);
				const types = await eventsOf(store, id);
				expect(types.filter((type) => type === 'unassigned')).toHaveLength(1);
				await close(store, id);
			}
		});

		test('declined while it closes: it is closed, and counts nowhere', async () => {
			await team(store, 'sales', { ann: null, bob: null });
			const [one, other] = await clients();
			for (let i = 0; i < ROUNDS; i++) {
				const { id } = await handled(store, `a${i}`, 'sales');
				const agent = (await assigneeOf(store, id)) ?? '';
				const [, declined] = await Promise.allSettled([close(one, id), decline(other, id, agent)]);
				expect(await conversationOf(store, id)).toMatchObject({ status: 'closed', queue: null });
				if (declined.status === 'rejected') {
					expect(declined.reason).toMatchObject({ code: 'ConversationClosed' });
				}
			}
			for (const agent of ['ann', 'bob']) {
				expect(await store.getAgent(agent)).toMatchObject({ openUnits: 0 });
			}
		});
	});
}
