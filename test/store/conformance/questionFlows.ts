import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import {
	DAY,
	HOUR,
	MINUTE,
	testClock,
	type EngineUnderTest,
	type TestClock,
} from '../support/engines';
import {
	answered,
	ask,
	button,
	groupOf,
	judge,
	PROMPT,
	says,
	tell,
	TOKEN,
	waitOf,
	type Asked,
} from '../support/questions';
import {
	assign,
	close,
	conversationOf,
	eventsOf,
	message,
	opened,
	opening,
	receive,
	team,
	trigger,
} from '../support/samples';
import { exported, imported } from '../support/transfer';

const SECRET = 'my passport is X123';

/** Questions among the rest: flows that wait and end, what is erased, what is exported. */
export function questionFlowsSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	describe('flows that wait', () => {
		const EXECUTION = 'e1';
		let id: string;
		let deliveryId: string;

		beforeEach(async () => {
			const input = trigger();
			const { id: subscriptionId } = await store.subscribe(input);
			const { conversationId } = await receive(store, message('amal'), { subscriber: input });
			id = conversationId ?? '';
			const [delivery] = await store.claimDeliveries({ subscriptionId, limit: 1 });
			deliveryId = delivery?.id ?? '';
			await store.claimExecution({ deliveryId, executionId: EXECUTION, free: false });
		});

		const ended = async (status: string) =>
			await store.finishDelivery({ id: deliveryId, outcome: { kind: 'ran', status } });
		const after = async (milliseconds: number) => {
			clock.advance(milliseconds);
			await store.doDueWork();
			const { flag, queue } = await conversationOf(store, id);
			return flag ?? (queue ? 'queued' : 'let be');
		};
		const goesOn = async (asked: Asked) => {
			await says(store, 'amal');
			const [resume] = await store.claimResumes({ limit: 1 });
			await judge(store, asked, answered(42));
			await store.finishResume({ ...resume!, answer: 'heard' });
		};
		const asking = async (waitFor: number) =>
			await ask(store, id, { waitFor, executionId: EXECUTION });

		test('are let be for as long as the contact has time, also for days', async () => {
			await asking(3 * DAY);
			await ended('waiting');
			for (const pause of [11 * MINUTE, DAY, DAY, DAY - 12 * MINUTE]) {
				expect(await after(pause)).toBe('let be');
			}
			// Nobody answered, and n8n is away: a person is to look in the end.
			expect(await after(MINUTE)).toBe('let be');
			expect(await after(10 * MINUTE)).toBe('flow_failed');
			expect((await eventsOf(store, id)).filter((type) => type === 'flow_failed')).toHaveLength(1);
		});

		test('and that went on have ten minutes to find somebody', async () => {
			const asked = await asking(3 * DAY);
			await ended('waiting');
			clock.advance(HOUR);
			await goesOn(asked);
			expect(await after(10 * MINUTE - 1)).toBe('let be');
			expect(await after(1)).toBe('queued');
		});

		test('and found somebody are well', async () => {
			await team(store, 'sales', { ann: null });
			const asked = await asking(HOUR);
			await ended('waiting');
			await goesOn(asked);
			await assign(store, id, { to: { kind: 'team', team: 'sales' } });
			expect(await after(DAY)).toBe('let be');
			expect(await eventsOf(store, id)).not.toContain('flow_failed');
		});

		test('may be told to have gone on before it is known that they waited', async () => {
			await goesOn(await asking(3 * DAY));
			await ended('waiting');
			expect(await after(10 * MINUTE - 1)).toBe('let be');
			expect(await after(1)).toBe('flow_failed');
		});

		test('may ask another question', async () => {
			const first = await asking(3 * DAY);
			await ended('waiting');
			await goesOn(first);
			clock.advance(MINUTE);
			const second = await asking(3 * DAY);
			expect(await after(DAY)).toBe('let be');
			await goesOn(second);
			expect(await after(10 * MINUTE)).toBe('queued');
		});

		test('and are gone lose nothing: the conversation waits for an agent', async () => {
			await asking(DAY);
			await ended('waiting');
			await says(store, 'amal');
			await tell(store, 'gone');
			expect(await after(10 * MINUTE)).toBe('queued');
		});

		test.each(['error', 'crashed', 'canceled'])('%s meanwhile: nobody waits', async (status) => {
			const asked = await asking(3 * DAY);
			await ended(status);
			expect(await after(0)).toBe('queued');
			expect(await waitOf(store, asked)).toMatchObject({
				...{ outcome: 'ended', result: { reason: 'flowGone' } },
			});
		});

		test('one that failed does not end the question of another', async () => {
			const other = await ask(store, id, { waitFor: HOUR });
			await ended('error');
			expect(await after(MINUTE)).toBe('let be');
			expect(await waitOf(store, other)).toMatchObject({ outcome: null });
		});

		test('let be also where no trigger of ours began them', async () => {
			const { conversation } = await store.openConversation(opening('basma', { channel: 'form' }));
			const { id: other } = conversation;
			const asked = await ask(store, other, { waitFor: 3 * DAY });
			const flagOf = async (pause: number) => {
				await after(pause);
				return (await conversationOf(store, other)).flag;
			};
			expect([await flagOf(11 * MINUTE), await flagOf(2 * DAY)]).toEqual([null, null]);
			await says(store, 'basma');
			await judge(store, asked, answered(42));
			expect(await flagOf(10 * MINUTE - 1)).toBeNull();
			expect(await flagOf(1)).toBe('unattended');
		});

		test('one in which other contacts still have time: those who answered are shown to a person', async () => {
			const mine = await asking(3 * DAY);
			const other = await opened(store, 'basma');
			await ask(store, other, {
				...{ executionId: EXECUTION, groupId: mine.groupId, itemIndex: 1, waitFor: 3 * DAY },
			});
			await ended('waiting');
			await goesOn(mine);
			expect(await waitOf(store, mine)).toMatchObject({ resumed_at: null });
			await after(DAY);
			expect((await conversationOf(store, id)).flag).not.toBeNull();
			expect((await conversationOf(store, other)).flag).toBeNull();
		});
	});

	describe('what is personal', () => {
		const write = { field: 'note', value: SECRET, source: 'question', mode: 'overwrite' as const };
		let asked: Asked;
		let id: string;

		/** One question is answered, the other still waits; both are of one run. */
		beforeEach(async () => {
			id = await opened(store, 'amal');
			asked = await ask(store, id);
			await says(store, 'amal', { text: SECRET });
			await judge(store, asked, {
				...{ kind: 'answered', result: { value: SECRET, text: SECRET, messageId: 'm' } },
				saves: { writes: [write], addTags: [SECRET], intent: SECRET },
			});
		});

		const everything = async () => {
			const { db } = store.engine;
			const rows: unknown[] = [];
			for (const table of ['waits', 'conversations', 'contacts', 'messages', 'events'] as const) {
				const of = db.selectFrom(table).selectAll();
				rows.push(await of.where('workspace', '=', store.workspace).execute());
			}
			return JSON.stringify(rows);
		};

		test('is erased with the contact; the run goes on, by Ended', async () => {
			const waiting = await ask(store, id, {
				...{ executionId: asked.executionId, groupId: asked.groupId, itemIndex: 1 },
			});
			const run = { failed: [{ item: 2, error: 'Not possible' }] };
			await store.describeRun({ conversationId: id, waitId: asked.waitId, run });
			expect(await everything()).toContain('passport');
			await store.eraseContact({ contact: 'amal', source: 'user' });
			const left = await everything();
			expect(left).not.toContain('passport');
			expect(left).not.toContain(PROMPT);
			expect(await groupOf(store, waiting)).toMatchObject([
				{
					...{ settled: true, outcome: 'ended', result: { reason: 'erased' } },
					...{ question: { run }, item: { contact: { name: null } } },
				},
				{ settled: true, outcome: 'ended', result: { reason: 'closed' }, question: {} },
			]);
			expect(await tell(store, 'heard')).toEqual([asked.groupId]);
		});

		test('is erased also where the run is over', async () => {
			await tell(store, 'heard');
			await store.eraseContact({ contact: 'amal', source: 'user' });
			expect(await waitOf(store, asked)).toMatchObject({
				...{ outcome: 'answered', question: '{}', result: {} },
			});
			expect(await everything()).not.toContain(PROMPT);
		});

		test('goes when the texts of the conversation go', async () => {
			await store.setRetention({ days: 1, source: 'user' });
			await close(store, id);
			clock.advance(DAY + 1);
			await store.doDueWork();
			expect(await waitOf(store, asked)).toMatchObject({ question: '{}', outcome: 'ended' });
			const waits = JSON.stringify(await store.engine.db.selectFrom('waits').selectAll().execute());
			expect(waits).not.toContain('passport');
			expect(await tell(store, 'heard')).toEqual([asked.groupId]);
		});

		test('is not exported, nor is the token; what is imported waits for nothing', async () => {
			const { groupId, executionId } = await ask(store, id);
			const file = await exported(store);
			for (const secret of [TOKEN, PROMPT, groupId, executionId])
				expect(file).not.toContain(secret);
			const target = await engine.openStore({ clock });
			await imported(target, file);
			await says(target, 'amal');
			const [view] = await target.listConversations({ status: 'open', limit: 2, offset: 0 });
			expect(view?.conversation).toMatchObject({ intent: SECRET });
			expect(await eventsOf(target, view!.conversation.id)).toContain('message_received');
			expect(await target.claimResumes({ limit: 9 })).toEqual([]);
			await assertConsistent(target);
		});

		test('an import in place of a workspace in which a flow waits ends the waiting', async () => {
			await ask(store, id);
			await imported(store, await exported(store), { replace: true });
			const left = store.engine.db.selectFrom('waits').selectAll();
			expect(await left.where('workspace', '=', store.workspace).execute()).toEqual([]);
		});

		test('a button of an erased question answers nothing', async () => {
			await says(store, 'amal', button(asked));
			expect((await eventsOf(store, id)).at(-1)).toBe('message_received');
		});
	});
}
