import type { ReturnPolicy } from '../../../nodes/store/operations/queuePolicy';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import {
	HOUR,
	MINUTE,
	SECOND,
	testClock,
	type EngineUnderTest,
	type TestClock,
} from '../support/engines';
import {
	assigneeOf,
	close,
	conversationOf,
	eventsOf,
	handled,
	lastEvent,
	setOnline,
	team,
} from '../support/samples';
import { senderOf } from '../support/sending';

/**
 * What users of other systems have seen of agents who do not answer, or are gone; each as it would
 * happen here. The numbers are those of Chatwoot's issues. See complaints.ts.
 */
export function complaintsReturnsSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	const returning = (changes: Partial<ReturnPolicy> = {}): Parameters<typeof handled>[3] => ({
		policy: {
			...{ strategy: 'roundRobin', onlyOnline: true, maxOpen: null },
			returns: {
				...{ noReplyWithin: 5 * MINUTE, offlineFor: null, atMost: 3, escalateTo: null },
				...changes,
			},
		},
	});

	/** The contact writes, and is routed and assigned a second after what happened before. */
	const writes = async (who: string, changes = returning()) => {
		clock.advance(SECOND);
		return (await handled(store, who, 'sales', changes)).id;
	};

	/** The pump works after this time. */
	const later = async (milliseconds: number) => {
		clock.advance(milliseconds);
		await store.doDueWork();
	};

	const replies = async (id: string, actor?: string) =>
		await senderOf(store, id).send(`reply ${id} ${clock()}`, actor === undefined ? {} : { actor });

	describe('an agent who does not answer', () => {
		test('got my chat and never answered: it stayed with her for ever (Chatwoot #14508)', async () => {
			await team(store, 'sales', { ann: 2, bob: 2 });
			const id = await writes('me');
			await later(5 * MINUTE - 1);
			expect(await assigneeOf(store, id)).toBe('ann');
			await later(1);
			expect(await assigneeOf(store, id)).toBe('bob');
			expect((await store.getAgent('ann')).openUnits).toBe(0);
			expect(await lastEvent(store, id, 'unassigned')).toMatchObject({ agent: 'ann' });
		});

		test('has answered in time: it stays with her (Chatwoot #13516)', async () => {
			await team(store, 'sales', { ann: 2, bob: 2 });
			const id = await writes('me');
			await later(4 * MINUTE);
			await replies(id, 'ann');
			await later(HOUR);
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('has not answered, a greeting of the flow has: that is no answer (Chatwoot #13516)', async () => {
			await team(store, 'sales', { ann: 2, bob: 2 });
			const id = await writes('me');
			await replies(id);
			await later(5 * MINUTE);
			expect(await assigneeOf(store, id)).toBe('bob');
		});

		test('is the only one who is free: it goes back to the queue, and not to her (Chatwoot #14508)', async () => {
			await team(store, 'sales', { ann: 2, bob: 2 });
			await setOnline(store, 'bob', false);
			const id = await writes('me');
			await later(5 * MINUTE);
			expect(await conversationOf(store, id)).toMatchObject({
				assignee: null,
				queue: { team: 'sales', position: 1 },
			});
			await later(HOUR);
			expect(await assigneeOf(store, id)).toBeNull();
			await setOnline(store, 'bob');
			expect(await assigneeOf(store, id)).toBe('bob');
		});

		test('kept me waiting, and I was sent to the end of the queue for it (Chatwoot #13516)', async () => {
			await team(store, 'sales', { ann: 1, bob: 1 });
			await setOnline(store, 'bob', false);
			const id = await writes('me');
			const others = [await writes('later'), await writes('later still')];
			await later(5 * MINUTE);
			// Ann takes the next; the first of all is mine, as soon as another can take it.
			expect(await assigneeOf(store, others[0] ?? '')).toBe('ann');
			expect((await conversationOf(store, id)).queue).toMatchObject({ position: 1 });
			await setOnline(store, 'bob');
			expect(await assigneeOf(store, id)).toBe('bob');
			expect(await assigneeOf(store, others[1] ?? '')).toBeNull();
		});

		test('nor does the next, nor the one after: it goes round for ever (Chatwoot #13516)', async () => {
			await team(store, 'leads', { lea: null });
			await team(store, 'sales', { ann: 2, bob: 2, cem: 2, dan: 2 });
			const id = await writes('me', returning({ atMost: 2, escalateTo: 'leads' }));
			const had = [await assigneeOf(store, id)];
			for (let i = 0; i < 6; i++) {
				await later(5 * MINUTE);
				had.push(await assigneeOf(store, id));
			}
			expect(had).toEqual(['ann', 'bob', 'cem', 'lea', 'lea', 'lea', 'lea']);
			expect(await conversationOf(store, id)).toMatchObject({ team: { key: 'leads' } });
			const events = await eventsOf(store, id);
			expect(events.filter((type) => type === 'escalated')).toHaveLength(1);
		});

		test('and nobody is told that nobody answers (Chatwoot #13516)', async () => {
			await team(store, 'sales', { ann: 2, bob: 2 });
			const id = await writes('me', returning({ atMost: 0 }));
			await later(5 * MINUTE);
			expect(await eventsOf(store, id)).toContain('escalated');
			// It stays with its team, and is never left without an owner or a queue.
			const { team: of, assignee, queue } = await conversationOf(store, id);
			expect(of?.key).toBe('sales');
			expect(assignee !== null || queue !== null).toBe(true);
		});

		test('what is closed, or was taken off her, does not come back (Chatwoot #14508)', async () => {
			await team(store, 'sales', { ann: 2, bob: 2 });
			const closed = await writes('closed');
			const taken = await writes('taken');
			await close(store, closed);
			await store.unassignConversation({
				...{ conversationId: taken, requeue: false, reason: 'by hand', source: 'user' },
			});
			await later(5 * MINUTE);
			expect(await conversationOf(store, closed)).toMatchObject({ status: 'closed' });
			expect(await assigneeOf(store, taken)).toBeNull();
		});
	});

	describe('an agent who is gone', () => {
		const offline = returning({ noReplyWithin: null, offlineFor: MINUTE });

		test('went home, and what she had open is stuck with her (Chatwoot #7204)', async () => {
			await team(store, 'sales', { ann: 2, bob: 2 });
			const id = await writes('me', offline);
			await replies(id, 'ann');
			await setOnline(store, 'ann', false);
			await later(MINUTE);
			await later(SECOND);
			expect(await assigneeOf(store, id)).toBe('bob');
		});

		test('has only reloaded the page: everything was taken off her (Chatwoot #7204)', async () => {
			await team(store, 'sales', { ann: 2, bob: 2 });
			const id = await writes('me', offline);
			await setOnline(store, 'ann', false);
			await later(30 * SECOND);
			await setOnline(store, 'ann');
			await later(HOUR);
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('went home, and nobody is there: it waits, and is seen to wait (Chatwoot #9587)', async () => {
			await team(store, 'sales', { ann: 2, bob: 2 });
			await setOnline(store, 'bob', false);
			const id = await writes('me', offline);
			await setOnline(store, 'ann', false);
			await later(MINUTE);
			await later(SECOND);
			expect(await conversationOf(store, id)).toMatchObject({ assignee: null, queue: {} });
			await setOnline(store, 'bob');
			expect(await assigneeOf(store, id)).toBe('bob');
		});
	});
}
