import type { InboundMessage } from '../../../nodes/channels/channel';
import type { OutboundOutcome } from '../../../nodes/store/operations/finishOutbound';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { DAY, MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import {
	close,
	eventsOf,
	expectError,
	handled,
	lastEvent,
	message,
	opened,
	receive,
	team,
} from '../support/samples';
import { outboundOf, REFUSED, senderOf, sentAs, type Sender } from '../support/sending';
import { exported, imported, rowsOf } from '../support/transfer';

/** What is sent from here, and what the provider answers. */
export function outboundSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;
	let id: string;
	let sender: Sender;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		await team(store, 'sales', { ann: null });
		({ id } = await handled(store, 'amal', 'sales'));
		sender = senderOf(store, id);
		clock.advance(MINUTE);
	});
	afterEach(async () => await assertConsistent(store));

	const echo = async (
		channelId: string,
		text = 'An answer',
		type: InboundMessage['type'] = 'text',
	) => await receive(store, message('amal', { kind: 'echo', id: channelId, text, type }));

	const conversation = async () =>
		await store.engine.db
			.selectFrom('conversations')
			.select(['outbound_count', 'first_response_at', 'first_response_by', 'last_outbound_at'])
			.where('id', '=', id)
			.executeTakeFirstOrThrow();
	const messages = async () => await outboundOf(store);
	const replies = async () => (await eventsOf(store, id)).filter((type) => type === 'replied');

	describe('sending', () => {
		test('written down before it is sent, counted once it was', async () => {
			const begun = await sender.begin('k');
			expect(begun).toMatchObject({ state: 'new', channelMessageId: null });
			expect(await messages()).toMatchObject([{ id: begun.messageId, status: 'sending' }]);
			expect(await conversation()).toMatchObject({ outbound_count: 0, last_outbound_at: null });
			clock.advance(1);
			const item = await sender.finish(begun.messageId, sentAs('m1'));
			expect(item).toMatchObject({
				conversation: { id, messageCount: 2 },
				message: { id: 'm1', text: 'An answer', status: 'sent' },
			});
			expect(await messages()).toMatchObject([{ channel_message_id: 'm1', sender: null }]);
			expect(await conversation()).toMatchObject({
				outbound_count: 1,
				last_outbound_at: clock(),
			});
			expect(await lastEvent(store, id, 'replied')).toEqual({
				messageId: begun.messageId,
				channel: 'chat',
			});
			const shown = (await store.conversationHistory(id)).find(({ text }) => text === 'An answer');
			expect(shown).toMatchObject({
				...{ kind: 'message', source: 'workflow', data: { status: 'sent' } },
			});
		});

		test('the first response is a person\u2019s', async () => {
			await sender.send('by the flow');
			expect(await conversation()).toMatchObject({
				...{ outbound_count: 1, first_response_at: null, first_response_by: null },
			});
			clock.advance(MINUTE);
			const at = clock();
			await sender.send('by a person', { actor: 'ann' });
			clock.advance(MINUTE);
			await sender.send('by another', { actor: 'bob' });
			expect(await conversation()).toMatchObject({
				...{ outbound_count: 3, first_response_at: at, first_response_by: 'ann' },
			});
			const events = await store.engine.db
				.selectFrom('events')
				.select(['source', 'actor'])
				.where('conversation_id', '=', id)
				.where('type', '=', 'replied')
				.orderBy('id')
				.execute();
			expect(events).toEqual([
				{ source: 'workflow', actor: null },
				{ source: 'user', actor: 'ann' },
				{ source: 'user', actor: 'bob' },
			]);
		});

		test('the same again: sent once', async () => {
			await sender.send('m1');
			expect(await sender.begin('key of m1')).toMatchObject({
				state: 'sent',
				channelMessageId: 'm1',
			});
			expect(await sender.begin('another')).toMatchObject({ state: 'new' });
			expect(await messages()).toHaveLength(2);
		});

		test('no answer: unclear until there is one', async () => {
			const { messageId } = await sender.begin('k');
			expect(await sender.begin('k')).toEqual({
				messageId,
				state: 'unclear',
				channelMessageId: null,
			});
			const item = await sender.finish(messageId, { kind: 'unclear', reason: 'Timed out' });
			expect(item.message).toMatchObject({ status: 'sending', failure: { reason: 'Timed out' } });
			expect(await sender.begin('k')).toMatchObject({ messageId, state: 'unclear' });
			expect(await conversation()).toMatchObject({ outbound_count: 0 });
			const sent = await sender.finish(messageId, sentAs('m1'));
			expect(sent.message).toMatchObject({ id: 'm1', status: 'sent' });
			expect(sent.message).not.toHaveProperty('failure');
			expect(await replies()).toHaveLength(1);
		});

		test('refused: nothing was sent, and it may be tried again', async () => {
			const { messageId } = await sender.begin('k');
			const refused = await sender.finish(messageId, REFUSED);
			expect(refused.message).toMatchObject({
				status: 'failed',
				failure: { code: '131', reason: 'Not allowed' },
			});
			expect(await conversation()).toMatchObject({ outbound_count: 0 });
			expect(await eventsOf(store, id)).not.toContain('replied');
			expect(await sender.begin('k', { text: 'Mended' })).toMatchObject({
				messageId,
				state: 'new',
			});
			const { message: shown } = await sender.finish(messageId, sentAs('m1'));
			expect(shown).toMatchObject({ id: 'm1', text: 'Mended', status: 'sent' });
			expect(shown).not.toHaveProperty('failure');
			expect(await messages()).toHaveLength(1);
		});

		test('refused here, it may go another way', async () => {
			const { messageId } = await sender.begin('k');
			await sender.finish(messageId, REFUSED);
			const other = { channel: 'other', account: '2', type: 'image', actor: 'ann' };
			expect(await sender.begin('k', other)).toMatchObject({ messageId, state: 'new' });
			await sender.finish(messageId, sentAs('m1'));
			expect(await lastEvent(store, id, 'replied')).toMatchObject({ channel: 'other' });
			expect(await sender.tell('read', 'm1')).toBe(false);
			expect(await sender.tell('read', 'm1', { channel: 'other', account: '2' })).toBe(true);
			expect(await messages()).toMatchObject([{ sender: 'ann', status: 'read' }]);
		});

		test('taken and not delivered: not to be tried again', async () => {
			await sender.send('m1');
			await sender.tell('failed', 'm1');
			expect(await sender.begin('key of m1')).toMatchObject({
				state: 'sent',
				channelMessageId: 'm1',
			});
		});

		test('a refusal may say that the contact wants nothing', async () => {
			const { messageId } = await sender.begin('k');
			await sender.finish(messageId, { kind: 'failed', reason: 'Blocked', optedOut: 'blocked' });
			const { recipient } = await store.findRecipient({ conversationId: id, via: 'last' });
			expect(recipient.optedOut).toMatchObject({ reason: 'blocked' });
			expect(await lastEvent(store, id, 'opted_out')).toMatchObject({ reason: 'blocked' });
		});

		test('an answer that comes twice, or to nothing, changes nothing', async () => {
			const { messageId } = await sender.begin('k');
			await sender.finish(messageId, sentAs('m1'));
			const before = await messages();
			for (const outcome of [sentAs('m2'), REFUSED]) {
				expect((await sender.finish(messageId, outcome)).message).toMatchObject({ id: 'm1' });
			}
			expect((await sender.finish('nothing', sentAs('m3'))).message).toMatchObject({
				text: 'Hello',
			});
			expect(await messages()).toEqual(before);
			expect(await replies()).toHaveLength(1);
		});

		test('in a conversation that is closed, or not there', async () => {
			await close(store, id);
			await sender.send('goodbye');
			expect(await conversation()).toMatchObject({ outbound_count: 1 });
			const nowhere = sender.begin('k', { conversationId: 'nothing' });
			await expectError(nowhere, 'ConversationNotFound', /'nothing'/, /Check/);
		});

		test('a channel that gives the contact\u2019s messages and ours the same IDs loses neither', async () => {
			await receive(store, message('amal', { id: '7', text: 'Mine' }));
			const { message: sent } = await sender.send('7');
			expect(sent).toMatchObject({ text: 'An answer', status: 'sent' });
			expect(await sender.begin('key of 7')).toMatchObject({ state: 'sent' });
			const texts = (await store.conversationHistory(id))
				.filter(({ kind }) => kind === 'message')
				.map(({ text }) => text);
			expect(texts).toEqual(['Hello', 'Mine', 'An answer']);
			expect(await conversation()).toMatchObject({ outbound_count: 1 });
		});
	});

	describe('an echo before the answer', () => {
		test('of the same text is the message itself', async () => {
			const { messageId } = await sender.begin('k');
			expect(await echo('m1')).toEqual({ outcome: 'duplicate', conversationId: id });
			expect(await messages()).toMatchObject([
				{ id: messageId, channel_message_id: 'm1', status: 'sent' },
			]);
			expect((await sender.finish(messageId, sentAs('m1'))).message).toMatchObject({ id: 'm1' });
			expect(await sender.begin('k')).toMatchObject({ state: 'sent', channelMessageId: 'm1' });
			expect(await echo('m1')).toMatchObject({ outcome: 'duplicate' });
			expect(await conversation()).toMatchObject({ outbound_count: 1, first_response_at: null });
			expect(await replies()).toHaveLength(1);
		});

		test.each([
			['a flow\u2019s', undefined, { first_response_at: null, first_response_by: null }],
			['a person\u2019s', 'bob', { first_response_by: 'bob' }],
		])('of another text is joined by the ID: %s', async (_whose, actor, response) => {
			const { messageId } = await sender.begin('k', actor === undefined ? {} : { actor });
			const told = 'As the provider shortens it';
			expect(await echo('m1', told)).toMatchObject({ outcome: 'recorded' });
			expect(await conversation()).toMatchObject({ first_response_by: 'ann' });
			const { message: shown } = await sender.finish(messageId, sentAs('m1'));
			expect(shown).toMatchObject({ id: 'm1', status: 'sent' });
			expect(await messages()).toMatchObject([{ text: told, sender: actor ?? null }]);
			expect(await sender.begin('k')).toMatchObject({ state: 'sent', channelMessageId: 'm1' });
			expect(await conversation()).toMatchObject({ outbound_count: 1, ...response });
			expect(await replies()).toHaveLength(1);
		});

		test.each([
			['template', 'text'],
			['image', 'image'],
		] as const)('of a %s may have words of its own', async (type, told) => {
			const { messageId } = await sender.begin('k', { type, text: '[sent]' });
			const outcome = await echo('m1', '[as the provider says]', told);
			expect(outcome).toMatchObject({ outcome: 'duplicate' });
			expect(await messages()).toMatchObject([
				{ id: messageId, channel_message_id: 'm1', text: '[sent]', status: 'sent' },
			]);
		});

		test('what a colleague writes while a file is on its way is not that file', async () => {
			const { messageId } = await sender.begin('k', { type: 'image', text: '[sent]' });
			expect(await echo('m1', 'By hand')).toMatchObject({ outcome: 'recorded' });
			const image = await sender.begin('k2', { text: 'The same words' });
			expect(await echo('m2', 'The same words')).toMatchObject({ outcome: 'duplicate' });
			expect(await messages()).toMatchObject([
				{ id: messageId, status: 'sending' },
				{ channel_message_id: 'm1', text: 'By hand' },
				{ id: image.messageId, channel_message_id: 'm2' },
			]);
		});

		test('after so long, it is not that of a message without an answer', async () => {
			await sender.begin('k');
			clock.advance(15 * MINUTE);
			expect(await echo('m1')).toMatchObject({ outcome: 'recorded' });
			expect(await sender.begin('k')).toMatchObject({ state: 'unclear' });
		});

		test('takes nothing back that was a person\u2019s answer before', async () => {
			await sender.send('by a person', { actor: 'ann' });
			clock.advance(1);
			const { messageId } = await sender.begin('k');
			await echo('m1', 'Other');
			await sender.finish(messageId, sentAs('m1'));
			expect(await conversation()).toMatchObject({ outbound_count: 2, first_response_by: 'ann' });
		});

		test('of what the contact has open no more', async () => {
			await close(store, id);
			const { messageId } = await sender.begin('k');
			expect(await echo('m1')).toEqual({ outcome: 'recorded', conversationId: null });
			await sender.finish(messageId, sentAs('m1'));
			expect(await messages()).toMatchObject([{ id: messageId, channel_message_id: 'm1' }]);
			expect(await conversation()).toMatchObject({ outbound_count: 1 });
		});

		test('of another contact, account or text is another message', async () => {
			await sender.begin('k');
			await opened(store, 'basma');
			const others = [
				message('basma', { kind: 'echo', text: 'An answer' }),
				message('amal', { kind: 'echo', text: 'An answer', account: 'second' }),
				message('amal', { kind: 'echo', text: 'Another' }),
			];
			for (const other of others) {
				expect(await receive(store, other)).toMatchObject({ outcome: 'recorded' });
			}
			expect(await sender.begin('k')).toMatchObject({ state: 'unclear' });
		});
	});

	describe('privacy', () => {
		const FAILED: OutboundOutcome = {
			...{ kind: 'failed', reason: 'Blocked by +20100', optedOut: 'blocked' },
		};
		test.each<[string, OutboundOutcome, string, number]>([
			['sent', sentAs('m1'), 'sent', 1],
			['refused', FAILED, 'failed', 0],
			['unclear', { kind: 'unclear', reason: 'No word of +20100' }, 'sending', 0],
		])(
			'erased while it was under way, and %s: nothing comes back',
			async (_name, outcome, end, n) => {
				const { messageId } = await sender.begin('k');
				const { key } = await store.findContact('amal');
				await store.eraseContact({ contact: 'amal', source: 'user' });
				await sender.finish(messageId, outcome);
				expect(await messages()).toEqual([
					{
						...{ id: messageId, channel_message_id: messageId, direction: 'outbound' },
						...{ status: end, text: '', sender: null },
					},
				]);
				expect(await conversation()).toMatchObject({ outbound_count: n });
				expect(rowsOf(await exported(store), 'addresses')).toEqual([]);
				expect(await exported(store)).not.toContain('+20100');
				expect(await eventsOf(store, id)).not.toContain('opted_out');
				await expectError(sender.begin('k'), 'ContactNotFound', new RegExp(key), /contact key/);
			},
		);

		test('retention removes texts and reasons, also of what is sent after it', async () => {
			await sender.finish((await sender.begin('k')).messageId, REFUSED);
			await sender.send('m1');
			await close(store, id);
			await store.setRetention({ days: 1, source: 'user' });
			for (const channelId of ['m2', 'm3']) {
				clock.advance(2 * DAY);
				await store.doDueWork();
				expect((await messages()).every(({ text }) => text === '')).toBe(true);
				expect(await exported(store)).not.toContain('Not allowed');
				await sender.send(channelId);
			}
			// What was refused before, and is tried again now.
			clock.advance(2 * DAY);
			await store.doDueWork();
			await sender.begin('k');
			await store.doDueWork();
			expect((await messages()).every(({ text }) => text === '')).toBe(true);
		});

		test('an export holds what was sent and what became of it', async () => {
			await sender.send('m1');
			await sender.tell('failed', 'm1');
			await sender.begin('k');
			const copy = await engine.openStore({ clock });
			await imported(copy, await exported(store));
			const rows = await copy.engine.db
				.selectFrom('messages')
				.select(['channel_message_id', 'status', 'status_at', 'failure', 'send_key'])
				.where('workspace', '=', copy.workspace)
				.where('direction', '=', 'outbound')
				.orderBy('id')
				.execute();
			expect(rows).toMatchObject([
				{
					...{ channel_message_id: 'm1', status: 'failed', status_at: clock() },
					...{ failure: '{"code":"1","reason":"No such number"}', send_key: 'key of m1' },
				},
				{ status: 'sending', failure: null, send_key: 'k' },
			]);
		});
	});
}
