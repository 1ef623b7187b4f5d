import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import {
	DAY,
	HOUR,
	MINUTE,
	SECOND,
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
	openQuestion,
	PROMPT,
	says,
	tell,
	TOKEN,
	waitOf,
} from '../support/questions';
import { close, conversationOf, eventsOf, lastEvent, opened } from '../support/samples';
import { senderOf } from '../support/sending';

/** What a contact is asked, what answers it, and what ends it otherwise. */
export function questionsSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;
	let id: string;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		id = await opened(store, 'amal');
		clock.advance(SECOND);
	});
	afterEach(async () => await assertConsistent(store));

	const outcomeOf = async (asked: { waitId: string }) => {
		const wait = await waitOf(store, asked);
		return wait?.result?.reason ?? wait?.outcome ?? null;
	};
	const repliesTo = async (asked: { waitId: string }) =>
		(await waitOf(store, asked))?.replies.length;
	const received = async () =>
		(await eventsOf(store, id)).filter((type) => /^(answer|message)_received$/.test(type));

	describe('what answers', () => {
		test('a text answers the newest question, and is no event of a message', async () => {
			const first = await ask(store, id);
			const second = await ask(store, id);
			expect(await says(store, 'amal')).toEqual({ outcome: 'appended', conversationId: id });
			expect(await repliesTo(first)).toBe(0);
			expect(await waitOf(store, second)).toMatchObject({
				...{ status: 'waiting', due_at: clock(), posts: 0, outcome: null },
				replies: [expect.any(String)],
			});
			expect(await received()).toEqual(['answer_received']);
			expect(await lastEvent(store, id, 'answer_received')).toEqual({
				messageId: (await waitOf(store, second))?.replies[0],
				wait: second.waitId,
			});
			expect(await groupOf(store, second)).toMatchObject([
				{ replies: [{ text: '42', type: 'text', attachments: [] }], asked: 1, settled: false },
			]);
		});

		test('a button answers its own question, an old one none, a stranger\u2019s the newest', async () => {
			const first = await ask(store, id);
			const second = await ask(store, id);
			await says(store, 'amal', button(first));
			expect([await repliesTo(first), await repliesTo(second)]).toEqual([1, 0]);
			await judge(store, first, answered(1));
			await says(store, 'amal', button(first, 1));
			expect([await repliesTo(first), await repliesTo(second)]).toEqual([0, 0]);
			await says(store, 'amal', { choiceId: 'menu-of-another-flow' });
			expect(await repliesTo(second)).toBe(1);
			expect(await received()).toEqual(['answer_received', 'message_received', 'answer_received']);
		});

		test('reactions and what is written in a group answer nothing', async () => {
			const asked = await ask(store, id);
			await says(store, 'amal', { type: 'reaction' });
			await says(store, 'amal', { group: 'family' });
			expect(await repliesTo(asked)).toBe(0);
			expect(await received()).toEqual(['message_received', 'message_received']);
		});

		test('an answer may come while the question is on its way', async () => {
			const { input, opened: asking } = await openQuestion(store, id);
			if (asking.state !== 'asking') throw new Error(asking.state);
			const { waitId } = asking;
			expect(await waitOf(store, { waitId })).toMatchObject({ status: 'asking', asked: 0 });
			await says(store, 'amal');
			expect(await tell(store, 'running')).toEqual([input.groupId]);
			await store.questionAsked({ conversationId: id, waitId, waitFor: HOUR, time: 1 });
			expect(await waitOf(store, { waitId })).toMatchObject({
				...{ status: 'waiting', asked: 1, due_at: clock() + SECOND, posts: 1 },
				replies: [expect.any(String)],
			});
			clock.advance(SECOND);
			expect(await tell(store, 'heard')).toEqual([input.groupId]);
		});

		test('what the contact writes where nothing is open opens, and answers nothing', async () => {
			const asked = await ask(store, id);
			await close(store, id);
			expect(await says(store, 'amal')).toMatchObject({ outcome: 'opened' });
			expect(await outcomeOf(asked)).toBe('closed');
		});

		test('the messages of a blocked contact answer nothing', async () => {
			const asked = await ask(store, id);
			const { key } = await store.findContact('amal');
			const contacts = store.engine.db.updateTable('contacts').where('key', '=', key);
			await contacts.set({ blocked_at: clock() }).execute();
			expect(await says(store, 'amal')).toMatchObject({ outcome: 'blocked' });
			expect(await repliesTo(asked)).toBe(0);
		});

		test('who writes without end is answered by the newest', async () => {
			const asked = await ask(store, id);
			for (let i = 0; i < 103; i++) await says(store, 'amal', { text: String(i) });
			const [{ replies = [] } = {}] = await groupOf(store, asked);
			expect(replies.map(({ text }) => Number(text))).toEqual(
				Array.from({ length: 100 }, (_, i) => i + 3),
			);
		});

		test('a message that comes twice answers once', async () => {
			const asked = await ask(store, id);
			await says(store, 'amal', { id: 'same' });
			expect(await says(store, 'amal', { id: 'same' })).toMatchObject({ outcome: 'duplicate' });
			expect(await repliesTo(asked)).toBe(1);
		});
	});

	describe('asking', () => {
		test('says so, and counts once however often it is told', async () => {
			const asked = await ask(store, id, { waitFor: 10 * MINUTE });
			expect(await lastEvent(store, id, 'question_asked')).toEqual({
				...{ wait: asked.waitId, time: 1 },
			});
			clock.advance(MINUTE);
			const again = { conversationId: id, waitId: asked.waitId, waitFor: 10 * MINUTE };
			await store.questionAsked({ ...again, time: 1 });
			expect(await waitOf(store, asked)).toMatchObject({
				...{ asked: 1, deadline: clock() + 9 * MINUTE },
			});
			// The time to answer counts anew.
			await Promise.all([1, 2].map(async () => await store.questionAsked({ ...again, time: 2 })));
			expect(await waitOf(store, asked)).toMatchObject({
				...{ asked: 2, deadline: clock() + 10 * MINUTE },
			});
			const askings = (await eventsOf(store, id)).filter((type) => type === 'question_asked');
			expect(askings).toHaveLength(2);
		});

		test('a node that is tried once more keeps its question, so its buttons stay good', async () => {
			const first = await ask(store, id);
			const { executionId } = first;
			const second = await ask(store, id, { executionId });
			expect(second.waitId).toBe(first.waitId);
			expect(await groupOf(store, first)).toEqual([]);
			expect(await groupOf(store, second)).toMatchObject([{ id: first.waitId, asked: 1 }]);
			// Another item, and another node, ask for themselves.
			const others = [
				await ask(store, id, { executionId, itemIndex: 1 }),
				await ask(store, id, { executionId, nodeId: 'other' }),
			];
			expect(others.map(({ waitId }) => waitId)).not.toContain(first.waitId);
		});

		test('one that could not be sent leaves nothing; what came meanwhile is a message', async () => {
			const { opened: asking } = await openQuestion(store, id);
			if (asking.state !== 'asking') throw new Error(asking.state);
			const { waitId } = asking;
			await says(store, 'amal');
			await store.dropQuestion({ conversationId: id, waitId });
			await store.dropQuestion({ conversationId: id, waitId });
			expect(await waitOf(store, { waitId })).toBeUndefined();
			expect(await received()).toEqual(['answer_received', 'message_received']);
			await says(store, 'amal');
			expect(await received()).toHaveLength(3);
			expect(await tell(store, 'heard')).toEqual([]);
		});

		test('there is no point in it when a person has replied, or it is closed', async () => {
			await senderOf(store, id).send('m1', { actor: 'ann' });
			expect((await openQuestion(store, id)).opened).toMatchObject({
				...{ state: 'ended', reason: 'alreadyReplied', item: { conversation: { id } } },
			});
			expect((await openQuestion(store, id, { despitePerson: true })).opened.state).toBe('asking');
			await close(store, id);
			const { opened: over } = await openQuestion(store, id, { despitePerson: true });
			expect(over).toMatchObject({ state: 'ended', reason: 'closed' });
			// A node that died before it could drop it: the execution is gone at the deadline.
			clock.advance(HOUR);
			await tell(store, 'gone');
			clock.advance(8 * DAY);
			await store.doDueWork();
			expect(await store.engine.db.selectFrom('waits').selectAll().execute()).not.toContainEqual(
				expect.objectContaining({ conversation_id: id }),
			);
		});

		test('in the workspace of tests nothing waits', async () => {
			const tests = store.forTests();
			const copy = await opened(tests, 'amal');
			expect((await openQuestion(tests, copy)).opened).toMatchObject({ state: 'test' });
			await says(tests, 'amal');
			expect(await eventsOf(tests, copy)).toEqual(['opened', 'message_received']);
		});
	});

	describe('what ends a question otherwise', () => {
		test('a person\u2019s reply, sent from here or written elsewhere; a robot\u2019s does not', async () => {
			const echo = { kind: 'echo' as const, text: 'I am here' };
			const asked = await ask(store, id);
			await senderOf(store, id).send('by the flow');
			await says(store, 'amal', { ...echo, sender: { id: 'bot', isPerson: false } } as never);
			expect(await outcomeOf(asked)).toBeNull();
			await says(store, 'amal', echo);
			expect(await outcomeOf(asked)).toBe('personReplied');
			const second = await ask(store, id, { despitePerson: true });
			await senderOf(store, id).send('by a person', { actor: 'ann' });
			expect(await outcomeOf(second)).toBe('personReplied');
			expect(await lastEvent(store, id, 'question_ended')).toEqual({
				...{ outcome: 'ended', asked: 1, reason: 'personReplied' },
			});
			expect(await says(store, 'amal')).toMatchObject({ outcome: 'appended' });
			expect(await received()).toEqual(['message_received']);
		});

		test('closing', async () => {
			const asked = [await ask(store, id), await ask(store, id)];
			await close(store, id);
			for (const each of asked) {
				expect(await waitOf(store, each)).toMatchObject({
					...{ status: 'settled', outcome: 'ended', settled_at: clock(), due_at: clock() },
					...{ result: { reason: 'closed' }, replies: [] },
				});
			}
			await close(store, id);
			expect((await eventsOf(store, id)).filter((type) => type === 'question_ended')).toHaveLength(
				2,
			);
		});

		test('its deadline, but never while something is to be looked at', async () => {
			const asked = await ask(store, id);
			const { waitId } = await ask(store, await opened(store, 'basma'));
			clock.advance(HOUR - 1);
			await says(store, 'amal');
			await store.doDueWork();
			expect([await outcomeOf(asked), await outcomeOf({ waitId })]).toEqual([null, null]);
			clock.advance(1);
			await store.doDueWork();
			expect([await outcomeOf(asked), await outcomeOf({ waitId })]).toEqual([null, 'timedOut']);
			await judge(store, asked, { kind: 'timedOut' });
			expect(await outcomeOf(asked)).toBe('timedOut');
		});
	});

	describe('judging', () => {
		const write = { field: 'age', value: 42, source: 'question', mode: 'overwrite' as const };

		test('keeps the answer where it is to be kept, once', async () => {
			const asked = await ask(store, id);
			await says(store, 'amal', { id: 'm-42' });
			const [{ replies = [] } = {}] = await groupOf(store, asked);
			const verdict = {
				...{ kind: 'answered' as const, result: { value: 42, messageId: replies[0]?.id } },
				saves: { writes: [write], addTags: ['adult'], intent: 'age' },
			};
			await judge(store, asked, verdict);
			await judge(store, asked, { ...verdict, result: { value: 43 } });
			await judge(store, asked, { kind: 'invalid', result: {} });
			expect(await groupOf(store, asked)).toMatchObject([
				{
					...{ settled: true, outcome: 'answered', result: { value: 42 }, replies: [] },
					item: {
						conversation: { intent: 'age' },
						contact: {
							tags: ['adult'],
							fields: { age: 42 },
						},
						message: { text: '42' },
					},
				},
			]);
			const kept = store.engine.db.selectFrom('contacts').select('fields');
			const { key } = await store.findContact('amal');
			const { fields } = await kept.where('key', '=', key).executeTakeFirstOrThrow();
			const at = new Date(clock()).toISOString();
			expect(JSON.parse(fields)).toMatchObject({ age: { value: 42, source: 'question', at } });
			const ended = (await eventsOf(store, id)).filter((type) => type === 'question_ended');
			expect(ended).toHaveLength(1);
		});

		test('none of them fits: only what was looked at is done with', async () => {
			const asked = await ask(store, id);
			await says(store, 'amal', { text: 'hm' });
			const [{ replies: [seen] } = { replies: [] }] = await groupOf(store, asked);
			await says(store, 'amal', { text: '42' });
			const { conversationId, waitId } = asked;
			await store.judgeQuestion({
				...{ conversationId, waitId, looked: [seen?.id ?? ''], verdict: { kind: 'again' } },
			});
			expect(await groupOf(store, asked)).toMatchObject([{ replies: [{ text: '42' }] }]);
			expect(await outcomeOf(asked)).toBeNull();
		});

		test('of an older run, another node or another execution nothing is told', async () => {
			const first = await ask(store, id);
			const { executionId } = first;
			const run = { groupId: first.groupId, executionId, nodeId: 'ask' };
			expect(await store.readWaitGroup({ ...run, nodeId: 'other' })).toEqual([]);
			expect(await store.readWaitGroup({ ...run, executionId: 'other' })).toEqual([]);
			expect(await store.readWaitGroup({ ...run, groupId: 'other' })).toEqual([]);
			await judge(store, first, answered(1));
			const later = await ask(store, id, { executionId });
			expect(await groupOf(store, first)).toEqual([]);
			expect(await groupOf(store, later)).toHaveLength(1);
			expect(await groupOf(await engine.openStore({ clock }), later)).toEqual([]);
		});

		test('what the newest run is, is not decided by the clocks of machines', async () => {
			const first = await ask(store, id);
			await judge(store, first, answered(1));
			await tell(store, 'heard');
			// The next node ran where it is a minute earlier.
			const waits = store.engine.db.updateTable('waits').where('id', '=', first.waitId);
			await waits.set({ id: `ffffffff-${first.waitId.slice(9)}` }).execute();
			const next = await ask(store, id, { executionId: first.executionId });
			expect(await groupOf(store, next)).toHaveLength(1);
		});
	});

	describe('telling executions', () => {
		test('each is claimed by one, for a minute, and by somebody else after that', async () => {
			const asked = await ask(store, id);
			await says(store, 'amal');
			const other = await engine.openClient({ workspace: store.workspace, clock });
			const claims = await Promise.all([
				store.claimResumes({ limit: 10 }),
				other.claimResumes({ limit: 10 }),
			]);
			expect(claims.flat()).toEqual([
				{
					...{ groupId: asked.groupId, lease: clock() + MINUTE },
					url: expect.stringContaining(TOKEN),
				},
			]);
			clock.advance(MINUTE - 1);
			expect(await other.claimResumes({ limit: 10 })).toEqual([]);
			clock.advance(1);
			expect(await other.claimResumes({ limit: 10 })).toHaveLength(1);
		});

		test('no more than asked for, the oldest first, and none that is being told', async () => {
			const groups: string[] = [];
			for (const who of ['a', 'b', 'c']) {
				const { groupId } = await ask(store, await opened(store, who));
				groups.push(groupId);
				clock.advance(SECOND);
				await says(store, who);
			}
			const [first, ...others] = groups;
			const claimed = await store.claimResumes({ limit: 1, except: [first ?? ''] });
			expect(claimed.map(({ groupId }) => groupId)).toEqual(others.slice(0, 1));
			expect(await store.claimResumes({ limit: 0 })).toEqual([]);
		});

		test('heard and over: done with, and what happens later starts nothing', async () => {
			const asked = await ask(store, id);
			await says(store, 'amal');
			const [resume] = await store.claimResumes({ limit: 1 });
			await judge(store, asked, answered(42));
			// Its own call looks at it: nobody else has to be told.
			expect(await store.claimResumes({ limit: 1 })).toEqual([]);
			await store.finishResume({ ...resume!, answer: 'heard' });
			expect(await waitOf(store, asked)).toMatchObject({
				...{ due_at: null, resume_url: null, resumed_at: clock(), outcome: 'answered' },
			});
			clock.advance(DAY);
			expect(await tell(store, 'heard')).toEqual([]);
		});

		test('it did not hear after it was judged: it is told again', async () => {
			const asked = await ask(store, id);
			await says(store, 'amal');
			const [resume] = await store.claimResumes({ limit: 1 });
			await judge(store, asked, answered(42));
			await store.finishResume({ ...resume!, answer: 'unknown' });
			expect(await waitOf(store, asked)).toMatchObject({ due_at: clock() + SECOND, posts: 1 });
			clock.advance(SECOND);
			expect(await tell(store, 'heard')).toEqual([asked.groupId]);
			expect(await waitOf(store, asked)).toMatchObject({ resumed_at: clock() });
		});

		test('what comes in, or ends it, during a call is told by another', async () => {
			const asked = await ask(store, id);
			await says(store, 'amal', { text: 'hm' });
			const [first] = await store.claimResumes({ limit: 1 });
			await judge(store, asked, { kind: 'again' });
			clock.advance(1);
			await says(store, 'amal');
			await store.finishResume({ ...first!, answer: 'heard' });
			const [second] = await store.claimResumes({ limit: 1 });
			expect(second?.groupId).toBe(asked.groupId);
			clock.advance(1);
			// The node has looked, and found nothing settled yet.
			await close(store, id);
			await store.finishResume({ ...second!, answer: 'heard' });
			expect(await waitOf(store, asked)).toMatchObject({ resumed_at: null, due_at: clock() });
			await tell(store, 'heard');
			expect(await waitOf(store, asked)).toMatchObject({ resumed_at: clock(), due_at: null });
		});

		test('a run goes on when all of it is settled, and what it wrote stays', async () => {
			const other = await opened(store, 'basma');
			const one = await ask(store, id);
			const two = await ask(store, other, {
				...{ groupId: one.groupId, executionId: one.executionId, itemIndex: 1 },
			});
			const run = { failed: [{ item: 2, error: 'Not possible' }] };
			await store.describeRun({ conversationId: id, waitId: one.waitId, run });
			await says(store, 'amal');
			expect(await tell(store, 'heard')).toEqual([one.groupId]);
			await judge(store, one, answered(1));
			await tell(store, 'heard');
			expect(await waitOf(store, one)).toMatchObject({ resumed_at: null, due_at: null });
			await close(store, other);
			await tell(store, 'heard');
			expect(await waitOf(store, one)).toMatchObject({ resumed_at: clock() });
			expect(await groupOf(store, two)).toMatchObject([
				{ itemIndex: 0, outcome: 'answered', question: { prompt: PROMPT, run } },
				{ itemIndex: 1, outcome: 'ended' },
			]);
		});

		test('running: again in a second; unknown: less and less often', async () => {
			const asked = await ask(store, id, { waitFor: 30 * DAY });
			await says(store, 'amal');
			const pauses: number[] = [];
			for (const answer of ['running', ...Array<'unknown'>(10).fill('unknown')] as const) {
				await tell(store, answer);
				const due = Number((await waitOf(store, asked))?.due_at);
				pauses.push((due - clock()) / SECOND);
				clock.advance(due - clock());
			}
			expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
			await says(store, 'amal');
			expect(await waitOf(store, asked)).toMatchObject({ posts: 0, due_at: clock() });
		});

		test('gone: the wait ends, the conversation stays', async () => {
			const asked = await ask(store, id);
			await says(store, 'amal');
			await tell(store, 'gone');
			expect(await waitOf(store, asked)).toMatchObject({
				...{ outcome: 'ended', result: { reason: 'flowGone' }, resumed_at: clock() },
				...{ due_at: null, resume_url: null },
			});
			expect(await conversationOf(store, id)).toMatchObject({ status: 'open' });
			await says(store, 'amal');
			expect(await received()).toEqual(['answer_received', 'message_received']);
			// What had ended before keeps its end.
			const second = await ask(store, id);
			await close(store, id);
			await tell(store, 'gone');
			expect(await outcomeOf(second)).toBe('closed');
			const ends = (await eventsOf(store, id)).filter((type) => type === 'question_ended');
			expect(ends).toHaveLength(2);
		});

		test('given up a day after its time', async () => {
			const asked = await ask(store, id);
			await says(store, 'amal');
			clock.advance(HOUR + DAY);
			await tell(store, 'unknown');
			expect(await outcomeOf(asked)).toBeNull();
			clock.advance(SECOND);
			await tell(store, 'unknown');
			expect(await outcomeOf(asked)).toBe('flowGone');
		});

		test('what is over is removed after a week', async () => {
			const asked = await ask(store, id);
			const waiting = await ask(store, id, { waitFor: 30 * DAY });
			await says(store, 'amal', button(asked));
			await judge(store, asked, answered(1));
			await tell(store, 'heard');
			clock.advance(7 * DAY);
			await store.doDueWork();
			expect(await waitOf(store, asked)).toBeDefined();
			clock.advance(1);
			await store.doDueWork();
			expect(await waitOf(store, asked)).toBeUndefined();
			expect(await waitOf(store, waiting)).toBeDefined();
		});
	});
}
