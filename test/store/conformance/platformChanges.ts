import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import {
	deskIdentity,
	inTeam,
	NOBODY,
	openDesk,
	to,
	type Change,
	type Desk,
} from '../support/desk';
import { MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import {
	assign,
	assigneeOf,
	close,
	conversationOf,
	eventsOf,
	lastEvent,
	message,
	online,
	opened,
	receive,
} from '../support/samples';

/** What people do on a platform's own screens comes into the store. */
export function platformChangesSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;
	let desk: Desk;

	beforeEach(async () => {
		store = await engine.openStore({ clock: (clock = testClock()) });
		desk = await openDesk(store);
	});
	afterEach(async () => await assertConsistent(store));

	describe('assigned there', () => {
		test.each([
			['the ID there', { id: '1', name: 'Somebody' }, 'ann'],
			['the e-mail address', { id: '99', email: 'Bob@Example.com' }, 'bob@example.com'],
		])('to an agent, known by %s: also above capacity', async (_how, agent, key) => {
			await assign(store, await opened(store, 'other'), { to: { kind: 'agent', agent: key } });
			const id = await desk.opens('amal');
			clock.advance(MINUTE);
			expect(await desk.done('amal', { type: 'assigned', agent })).toBe(true);
			expect(await assigneeOf(store, id)).toBe(key);
			expect(await store.getAgent(key)).toMatchObject({ capacity: 1, openUnits: 2 });
			expect(await eventsOf(store, id)).toEqual(['opened', 'assigned']);
			expect(await lastEvent(store, id, 'assigned')).toMatchObject({
				...{ agent: key, origin: 'desk', decision: null },
			});
			expect(await desk.done('amal', { type: 'assigned', agent })).toBe(false);
			expect(await store.findContact('amal')).toMatchObject({ lastAssignee: key });
		});

		test('to another agent: both are told, and the queue of who has room is served', async () => {
			const { id } = await desk.handled('amal', 'sales');
			const { id: waits, outcome } = await desk.handled('basma', 'sales');
			expect(outcome).toBe('queued');
			const bob = { email: 'bob@example.com' };
			expect(await desk.done('amal', { type: 'assigned', agent: bob })).toBe(true);
			expect((await eventsOf(store, id)).slice(-2)).toEqual(['unassigned', 'assigned']);
			expect(await lastEvent(store, id, 'unassigned')).toMatchObject({
				...{ agent: 'ann', origin: 'desk' },
			});
			expect(await assigneeOf(store, waits)).toBe('ann');
			expect(await desk.tell()).toEqual(['assigned']);
		});

		test('to who waits: it leaves the queue', async () => {
			await desk.handled('amal', 'sales');
			const { id } = await desk.handled('basma', 'sales');
			expect(await desk.done('basma', to('1'))).toBe(true);
			expect(await conversationOf(store, id)).toMatchObject({
				...{ queue: null, assignee: { key: 'ann' } },
			});
		});

		test('to nobody: left for a person there, and not given to the next', async () => {
			const { id } = await desk.handled('amal', 'sales');
			expect(await desk.done('amal', NOBODY)).toBe(true);
			expect(await desk.done('amal', NOBODY)).toBe(false);
			await store.doDueWork();
			expect(await conversationOf(store, id)).toMatchObject({
				...{ assignee: null, queue: null, flag: 'unassigned' },
			});
			expect(await store.getAgent('ann')).toMatchObject({ openUnits: 0 });
		});

		test('to nobody, of who waits here: it goes on waiting', async () => {
			await desk.handled('amal', 'sales');
			const { id } = await desk.handled('basma', 'sales');
			expect(await desk.done('basma', NOBODY)).toBe(false);
			expect(await conversationOf(store, id)).toMatchObject({ queue: { team: 'sales' } });
		});

		test('to somebody whom the store does not know: nobody here gets it', async () => {
			await desk.handled('amal', 'sales');
			const { id } = await desk.handled('basma', 'sales');
			expect(await desk.done('basma', to('999'))).toBe(true);
			expect(await desk.done('basma', to('998'))).toBe(false);
			expect((await eventsOf(store, id)).slice(-2)).toEqual(['queued', 'unassigned']);
			expect(await lastEvent(store, id, 'unassigned')).toMatchObject({
				...{ agent: null, origin: 'desk', reason: expect.stringMatching(/no agent here/) },
			});
			await close(store, (await store.getOpenConversation('amal')).conversation.id);
			await store.doDueWork();
			const elsewhere = { assignee: null, queue: null, flag: 'assigned_elsewhere' };
			expect(await conversationOf(store, id)).toMatchObject(elsewhere);
			expect(await desk.done('basma', to('1'))).toBe(true);
			expect(await conversationOf(store, id)).toMatchObject({
				...{ assignee: { key: 'ann' }, flag: null },
			});
			expect(await desk.done('basma', to('999'))).toBe(true);
			expect(await conversationOf(store, id)).toMatchObject(elsewhere);
			expect(await lastEvent(store, id, 'unassigned')).toMatchObject({ agent: 'ann' });
			expect(await desk.done('basma', NOBODY)).toBe(true);
			expect(await conversationOf(store, id)).toMatchObject({ flag: 'unassigned' });
		});

		test('crosswise and at once', async () => {
			await online(store, 'cem', ['care']);
			await store.upsertAgent({ key: 'cem', handles: { desk: '3' }, source: 'user' });
			const others = [store, await engine.openClient({ clock, workspace: store.workspace })];
			const ids = [await desk.opens('amal'), await desk.opens('basma')];
			for (let i = 0; i < 6; i++) {
				const [one, two] = i % 2 === 0 ? ['1', '3'] : ['3', '1'];
				const both = [
					desk.done('amal', to(one!), {}, others[0]),
					desk.done('basma', to(two!), {}, others[1]),
				];
				expect(await Promise.all(both)).toEqual([true, true]);
				const keys = i % 2 === 0 ? ['ann', 'cem'] : ['cem', 'ann'];
				expect([await assigneeOf(store, ids[0]!), await assigneeOf(store, ids[1]!)]).toEqual(keys);
			}
		});
	});

	describe('given to a team there', () => {
		test('is given to it here; an agent keeps what the agent has', async () => {
			const { id } = await desk.handled('amal', 'sales');
			expect(await desk.done('amal', inTeam('12'))).toBe(true);
			expect(await conversationOf(store, id)).toMatchObject({
				...{ team: { key: 'care' }, assignee: { key: 'ann' } },
			});
			expect(await lastEvent(store, id, 'routed')).toMatchObject({ team: 'care', origin: 'desk' });
			for (const change of [inTeam('12'), inTeam('99'), { type: 'routed', team: null } as const]) {
				expect(await desk.done('amal', change)).toBe(false);
			}
			expect(await desk.tell()).toEqual([]);
		});

		test('who waits, waits there, and is taken by who is free', async () => {
			await desk.handled('amal', 'sales');
			await assign(store, await opened(store, 'other'), {
				to: { kind: 'agent', agent: 'bob@example.com' },
			});
			const { id } = await desk.handled('basma', 'sales');
			const { id: second } = await desk.handled('cemile', 'sales');
			await desk.done('basma', inTeam('12'));
			expect(await conversationOf(store, id)).toMatchObject({
				...{ queue: { team: 'care', position: 1 }, assignee: null },
			});
			await online(store, 'bob@example.com', ['care'], 3);
			expect(await assigneeOf(store, id)).toBe('bob@example.com');
			await desk.tell();
			await desk.done('cemile', inTeam('12'));
			expect(await assigneeOf(store, second)).toBe('bob@example.com');
			expect(await desk.tell()).toEqual(['assigned']);
		});
	});

	describe('closed there', () => {
		test('is closed here with category, summary and who did it; the queue is served', async () => {
			const { id } = await desk.handled('amal', 'sales');
			const { id: waits } = await desk.handled('basma', 'sales');
			const closed: Change = {
				...{ type: 'closed', category: 'Order', summary: 'All is well' },
				by: { id: '1' },
			};
			expect(await desk.done('amal', closed)).toBe(true);
			expect(await desk.done('amal', closed)).toBe(false);
			expect(await conversationOf(store, id)).toMatchObject({
				...{ status: 'closed', category: 'Order', summary: 'All is well' },
			});
			const row = await store.engine.db
				.selectFrom('conversations')
				.select(['closed_by', 'closed_source'])
				.where('id', '=', id)
				.executeTakeFirstOrThrow();
			expect(row).toEqual({ closed_by: 'ann', closed_source: 'user' });
			expect(await assigneeOf(store, waits)).toBe('ann');
			expect(await desk.tell()).toEqual(['assigned']);
		});

		test('a close that tells of the round before closes nothing', async () => {
			const at = clock();
			await close(store, await desk.opens('amal'));
			clock.advance(MINUTE);
			const id = await desk.opens('amal');
			expect(await desk.done('amal', { type: 'closed' }, { at })).toBe(false);
			expect(await conversationOf(store, id)).toMatchObject({ status: 'open' });
			expect(await desk.done('amal', { type: 'closed' }, { at: clock() })).toBe(true);
		});
	});

	describe('which conversation it is', () => {
		test('by where answers go, where the contact is not named', async () => {
			const id = await desk.opens('amal');
			const nobody = { identities: [] };
			expect(await desk.done('', to('1'), { ...nobody, to: 'of amal' })).toBe(true);
			expect(await assigneeOf(store, id)).toBe('ann');
			for (const changes of [{ to: 'of basma' }, {}, { to: 'of amal', account: '7:2' }]) {
				expect(await desk.done('', NOBODY, { ...nobody, ...changes })).toBe(false);
			}
			await close(store, id);
			expect(await desk.done('', to('1'), { ...nobody, to: 'of amal' })).toBe(false);
			expect(await desk.done('stranger', to('1'))).toBe(false);
		});

		test('not another one of the same contact there', async () => {
			const id = await desk.opens('amal');
			expect(await desk.done('amal', { type: 'closed' }, { to: 'another' })).toBe(false);
			clock.advance(1);
			// The contact has gone on in another conversation of the same inbox.
			await receive(store, desk.written('amal', 'the next'));
			expect(await desk.done('amal', { type: 'closed' }, { to: 'of amal' })).toBe(false);
			// And elsewhere: this one is still there.
			await receive(store, desk.written('amal', 'other inbox', '7:2'));
			expect(await desk.done('amal', { type: 'closed' }, { to: 'other inbox' })).toBe(false);
			expect(await desk.done('amal', { type: 'closed' }, { to: 'the next' })).toBe(true);
			expect(await conversationOf(store, id)).toMatchObject({ status: 'closed' });
		});

		test('whatever account it names, the contact decides: a contact may have moved to another', async () => {
			await desk.opens('amal');
			expect(await desk.done('amal', to('1'), { account: 'default' })).toBe(true);
			expect(await desk.done('amal', { type: 'closed' }, { account: '7:2' })).toBe(true);
		});

		test('not one that lives elsewhere', async () => {
			const phone = { channel: 'phone', account: '', id: '+201001234567' };
			const contact = { identities: [{ channel: 'chat', account: 'main', id: 'amal' }, phone] };
			const { conversationId } = await receive(store, message('amal', { contact }));
			await receive(
				store,
				message('amal', {
					...{ channel: 'desk', account: '7:1' },
					contact: { identities: [deskIdentity('amal'), phone], replyTo: '5' },
				}),
			);
			for (const change of [to('1'), inTeam('11'), { type: 'closed' } as const]) {
				for (const account of ['7:1', 'default']) {
					expect(await desk.done('amal', change, { account })).toBe(false);
				}
			}
			expect(await eventsOf(store, conversationId ?? '')).toEqual(['opened', 'message_received']);
		});
	});
}
