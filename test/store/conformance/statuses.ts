import type { MessageStatus } from '../../../nodes/channels/channel';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import { eventsOf, lastEvent, message, opened, receive } from '../support/samples';
import { outboundOf, senderOf, sentAs, type Sender } from '../support/sending';
import { exported } from '../support/transfer';

/** What the provider tells of sent messages: in any order, also before it has said which ID one has. */
export function statusesSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;
	let id: string;
	let sender: Sender;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		id = await opened(store, 'amal');
		sender = senderOf(store, id);
	});
	afterEach(async () => await assertConsistent(store));

	const echo = async (channelId: string, text: string) =>
		await receive(store, message('amal', { kind: 'echo', id: channelId, text }));
	const statuses = async () => (await outboundOf(store)).map(({ status }) => status);
	const kept = async () =>
		await store.engine.db
			.selectFrom('early_statuses')
			.select(['channel_message_id', 'status'])
			.where('workspace', '=', store.workspace)
			.orderBy('status')
			.execute();

	test.each<[MessageStatus['status'][], boolean[], string]>([
		[['sent', 'delivered', 'read'], [false, true, true], 'read'],
		[['read', 'delivered', 'sent'], [true, false, false], 'read'],
		[['delivered', 'failed'], [true, false], 'delivered'],
		[['failed', 'failed', 'sent'], [true, false, false], 'failed'],
		[['failed', 'delivered'], [true, true], 'delivered'],
	])('told as %j it is news %j', async (told, news, end) => {
		await sender.send('m1');
		const heard: boolean[] = [];
		for (const status of told) heard.push(await sender.tell(status, 'm1'));
		expect(heard).toEqual(news);
		expect(await statuses()).toEqual([end]);
		const failures = (await eventsOf(store, id)).filter((type) => type === 'message_failed');
		expect(failures).toHaveLength(told.includes('failed') && heard[told.indexOf('failed')] ? 1 : 0);
	});

	test('a failure is an event with its reason, and is shown', async () => {
		const { messageId } = await sender.begin('k');
		await sender.finish(messageId, sentAs('m1'));
		await sender.tell('failed', 'm1');
		expect(await lastEvent(store, id, 'message_failed')).toEqual({
			...{ messageId, channel: 'chat', code: '1', reason: 'No such number' },
		});
		const shown = (await store.conversationHistory(id)).find(({ text }) => text === 'An answer');
		expect(shown).toMatchObject({ kind: 'message', data: { status: 'failed' } });
	});

	test('a failure may say that the contact wants nothing', async () => {
		await sender.send('m1');
		await sender.tell('failed', 'm1', { optedOut: 'stop' });
		const { recipient } = await store.findRecipient({ conversationId: id, via: 'last' });
		expect(recipient.optedOut).toMatchObject({ reason: 'stop' });
		expect(await lastEvent(store, id, 'opted_out')).toEqual({
			...{ channel: 'chat', account: 'main', reason: 'stop' },
		});
	});

	test('of an echo, of a contact\u2019s message, of what nobody here sent', async () => {
		await echo('m1', 'Elsewhere');
		expect(await sender.tell('delivered', 'm1')).toBe(true);
		const theirs = message('amal');
		await receive(store, theirs);
		expect(await sender.tell('read', theirs.id)).toBe(false);
		expect(await sender.tell('read', 'of another program')).toBe(false);
		expect(await sender.tell('read', 'm1', { account: 'second' })).toBe(false);
		expect(await statuses()).toEqual(['delivered']);
		expect(await kept()).toEqual([]);
	});

	test('told before the answer: kept while a message is on its way there, and applied', async () => {
		const { messageId } = await sender.begin('k');
		expect(await sender.tell('delivered', 'm1')).toBe(true);
		expect(await sender.tell('sent', 'm1')).toBe(true);
		expect(await sender.tell('sent', 'm1')).toBe(true);
		expect(await sender.tell('read', 'm1', { account: 'second' })).toBe(false);
		expect(await kept()).toHaveLength(2);
		await sender.finish(messageId, sentAs('m1'));
		expect(await statuses()).toEqual(['delivered']);
		expect(await kept()).toEqual([]);
	});

	test('a failure that was told before the answer is an event', async () => {
		const { messageId } = await sender.begin('k');
		await sender.tell('failed', 'm1');
		await sender.finish(messageId, sentAs('m1'));
		expect(await statuses()).toEqual(['failed']);
		expect(await eventsOf(store, id)).toContain('message_failed');
	});

	test('told between an echo and the answer, or before both, it stays', async () => {
		const first = await sender.begin('k');
		await echo('m1', 'Other');
		await sender.tell('read', 'm1');
		await sender.finish(first.messageId, sentAs('m1'));
		const second = await sender.begin('l');
		await sender.tell('delivered', 'm2');
		await echo('m2', 'Another');
		await sender.finish(second.messageId, sentAs('m2'));
		expect(await statuses()).toEqual(['read', 'delivered']);
		expect(await kept()).toEqual([]);
	});

	test('told at the very moment of the answer, it is applied by the pump', async () => {
		const { messageId } = await sender.begin('k');
		await sender.tell('delivered', 'm1');
		const rows = await store.engine.db
			.selectFrom('early_statuses')
			.selectAll()
			.where('workspace', '=', store.workspace)
			.execute();
		await sender.finish(messageId, sentAs('m1'));
		await sender.begin('l');
		await sender.tell('read', 'of another program');
		const missed = {
			...rows[0]!,
			status: 'read',
			notice: rows[0]!.notice.replace(/delivered/, 'read'),
		};
		await store.engine.db.insertInto('early_statuses').values(missed).execute();
		await store.doDueWork();
		expect(await statuses()).toEqual(['read', 'sending']);
		expect(await kept()).toEqual([{ channel_message_id: 'of another program', status: 'read' }]);
	});

	test('an erasure removes the reason of a failure, in the provider\u2019s words', async () => {
		await sender.send('m1');
		await sender.tell('failed', 'm1', { failure: { code: '9', reason: 'Not +20100' } });
		await store.eraseContact({ contact: 'amal', source: 'user' });
		expect(await exported(store)).not.toContain('+20100');
		expect(await lastEvent(store, id, 'message_failed')).toMatchObject({ code: '9', reason: null });
	});

	test('nobody waits for the status of what was to be sent long ago', async () => {
		await sender.begin('k');
		clock.advance(15 * MINUTE);
		expect(await sender.tell('delivered', 'm1')).toBe(false);
		expect(await kept()).toEqual([]);
	});

	test('what belongs to no message here is forgotten after a while', async () => {
		await sender.begin('k');
		await sender.tell('delivered', 'of another program');
		clock.advance(15 * MINUTE);
		await store.doDueWork();
		expect(await kept()).toHaveLength(1);
		clock.advance(1);
		await store.doDueWork();
		expect(await kept()).toEqual([]);
	});
}
