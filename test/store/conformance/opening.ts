import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { testClock, MINUTE, type EngineUnderTest, type TestClock } from '../support/engines';
import {
	close,
	conversationOf,
	eventsOf,
	expectError,
	handled,
	identityOf,
	listener,
	message,
	opened,
	opening,
	receive,
	team,
	trigger,
} from '../support/samples';

/** Messages that come in, and conversations that they open. */
export function openingSuite(engine: EngineUnderTest): void {
	describe('receiveMessage and openConversation', () => {
		let clock: TestClock;
		let store: ConversationStore;

		beforeEach(async () => {
			clock = testClock();
			store = await engine.openStore({ clock });
		});
		afterEach(async () => await assertConsistent(store));

		test('a first message opens a conversation with its contact, message and event', async () => {
			const id = await opened(store, 'amal');
			const item = await store.getConversation(id);
			expect(item.conversation).toMatchObject({
				id,
				status: 'open',
				channel: 'chat',
				account: 'main',
				source: 'contact',
				openedAt: '2026-01-05T09:00:00.000Z',
				isReturning: false,
				team: null,
				assignee: null,
				queue: null,
				messageCount: 1,
			});
			expect(item.contact).toMatchObject({ name: 'amal', previousConversations: 0 });
			expect(item.message).toMatchObject({ text: 'Hello', sentAt: '2026-01-05T08:59:00.000Z' });
			expect(item.message).not.toHaveProperty('raw');
			expect(await eventsOf(store, id)).toEqual(['opened']);
		});

		test("keeps the provider's object where it is asked to", async () => {
			const { conversationId } = await receive(store, message('amal'), { keepRaw: true });
			const item = await store.getConversation(conversationId ?? '');
			expect(item.message?.raw).toEqual({ provider: 'object' });
		});

		test('invariant 1: several messages that arrive together open one conversation', async () => {
			const results = await Promise.all(
				Array.from({ length: 8 }, async () => await receive(store, message('amal'))),
			);
			expect(results.filter(({ outcome }) => outcome === 'opened')).toHaveLength(1);
			expect(new Set(results.map(({ conversationId }) => conversationId)).size).toBe(1);
			expect((await store.countEverything()).conversations.open).toBe(1);
		});

		test('invariant 1: one open conversation over all channels', async () => {
			const phone = { channel: 'phone', account: '', id: '+201001234567' };
			const on = (channel: string) =>
				message('amal', {
					channel,
					contact: { identities: [{ channel, account: 'main', id: `amal-${channel}` }, phone] },
				});
			const first = await receive(store, on('whatsapp'));
			const second = await receive(store, on('sms'));
			expect(second).toEqual({ outcome: 'appended', conversationId: first.conversationId });
		});

		test('invariant 1: a snoozed conversation counts as open, and a message wakes it', async () => {
			await team(store, 'sales', { ann: 2 });
			const { id } = await handled(store, 'amal', 'sales');
			await store.engine.transaction(async (tx) => {
				await tx
					.updateTable('conversations')
					.set({ status: 'snoozed' })
					.where('id', '=', id)
					.execute();
				await tx
					.updateTable('agent_loads')
					.set({ open_units: 0 })
					.where('workspace', '=', store.workspace)
					.execute();
			});
			expect(await receive(store, message('amal'))).toMatchObject({ outcome: 'appended' });
			expect(await conversationOf(store, id)).toMatchObject({ status: 'open' });
			expect((await store.getAgent('ann')).openUnits).toBe(1);
		});

		test('invariant 2: a message is stored once, whatever the number of deliveries of it', async () => {
			const same = message('amal', { id: 'wamid.1' });
			const results = [];
			for (let i = 0; i < 3; i++) results.push(await receive(store, same));
			expect(results.map(({ outcome }) => outcome)).toEqual(['opened', 'duplicate', 'duplicate']);
			expect(results[2]?.conversationId).toBe(results[0]?.conversationId);
			expect((await store.countEverything()).messages).toBe(1);
		});

		test('invariant 2: known also when it comes again after the conversation was closed', async () => {
			const same = message('amal');
			const { conversationId } = await receive(store, same);
			await close(store, conversationId ?? '');
			expect(await receive(store, same)).toEqual({ outcome: 'duplicate', conversationId });
			expect((await store.countEverything()).conversations).toMatchObject({ open: 0, closed: 1 });
		});

		test('invariant 2: the same id on another account is another message', async () => {
			await receive(store, message('amal', { id: '1' }));
			const other = message('amal', { id: '1', account: 'second' });
			expect(await receive(store, other)).toMatchObject({ outcome: 'appended' });
		});

		test('invariant 3: opening owes one delivery to each trigger that listens, and to no other', async () => {
			const mine = trigger();
			const second = trigger();
			const other = trigger({ channel: 'sms' });
			for (const each of [mine, second, other]) await store.subscribe(each);
			await receive(store, message('zero'), { subscriber: mine });
			await receive(store, message('one'), { subscriber: second });
			await receive(store, message('two'), { subscriber: mine });
			const owed = async (input: typeof mine) =>
				(
					await store.claimDeliveries({
						subscriptionId: `${input.workflowId}:${input.nodeId}`,
						limit: 10,
					})
				).map(({ item }) => item?.contact?.name);
			expect(await owed(mine)).toEqual(['zero', 'one', 'two']);
			expect(await owed(second)).toEqual(['one', 'two']);
			expect(await owed(other)).toEqual([]);
		});

		test('invariant 3: when anything fails, nothing of the opening is there', async () => {
			const broken = trigger({ filter: { ...everythingWith('x') } });
			await store.subscribe(broken);
			const failing = receive(store, message('amal'), {
				subscriber: broken,
				mentionsAny: () => {
					throw new TypeError('a mistake');
				},
			});
			// A mistake in the code is not called a fault of the disk.
			await expect(failing).rejects.toThrow(TypeError);
			expect(await store.countEverything()).toMatchObject({
				contacts: 0,
				messages: 0,
				conversations: { open: 0 },
				deliveries: {},
			});
			expect(await receive(store, message('amal'))).toMatchObject({ outcome: 'opened' });
		});

		test('filters: source, new or returning, once per contact, keywords', async () => {
			const wants = async (filter: object, who: string, text = 'Hello') => {
				const input = trigger({ filter: { ...everythingWith(), ...filter } });
				const { id } = await store.subscribe(input);
				const result = await receive(store, message(who, { text }), { subscriber: input });
				const owed = await store.claimDeliveries({ subscriptionId: id, limit: 10 });
				await store.endSubscription(id);
				await close(store, result.conversationId ?? '');
				clock.advance(11 * MINUTE);
				return owed.length === 1;
			};
			expect(await wants({ sources: ['ctc_ads'] }, 'a')).toBe(false);
			expect(await wants({ contactIs: 'new' }, 'b')).toBe(true);
			expect(await wants({ contactIs: 'new' }, 'b')).toBe(false);
			expect(await wants({ contactIs: 'returning' }, 'b')).toBe(true);
			expect(await wants({ contactIs: 'returning' }, 'c')).toBe(false);
			expect(await wants({ oncePerContact: true }, 'c')).toBe(false);
			expect(await wants({ keywords: ['refund'] }, 'd')).toBe(false);
			expect(await wants({ keywords: ['refund'] }, 'd', 'a refund')).toBe(true);
		});

		test('a further message is appended, starts nothing, and is told of by an event', async () => {
			const listening = listener(['message_received']);
			const { id: subscriptionId } = await store.subscribe(listening);
			const id = await opened(store, 'amal');
			clock.advance(MINUTE);
			await receive(store, message('amal', { text: 'More' }));
			expect(await eventsOf(store, id)).toEqual(['opened', 'message_received']);
			const [delivery] = await store.claimDeliveries({ subscriptionId, limit: 10 });
			expect(delivery?.item?.message?.text).toBe('More');
			expect(delivery?.item?.conversation).toMatchObject({ id, messageCount: 2 });
		});

		test('a contact comes back after a close', async () => {
			await close(store, await opened(store, 'amal'));
			const id = await opened(store, 'amal');
			const item = await store.getConversation(id);
			expect(item.conversation.isReturning).toBe(true);
			expect(item.contact.previousConversations).toBe(1);
		});

		test('a message from a blocked contact is counted, not stored, and opens nothing', async () => {
			await close(store, await opened(store, 'amal'));
			await store.engine.db
				.updateTable('contacts')
				.set({ blocked_at: clock() })
				.where('workspace', '=', store.workspace)
				.execute();
			expect(await receive(store, message('amal'))).toEqual({
				outcome: 'blocked',
				conversationId: null,
			});
			const { blocked_messages: blocked } = await store.engine.db
				.selectFrom('contacts')
				.select('blocked_messages')
				.where('workspace', '=', store.workspace)
				.executeTakeFirstOrThrow();
			expect(blocked).toBe(1);
			expect(await store.countEverything()).toMatchObject({
				messages: 1,
				conversations: { open: 0 },
			});
		});

		test('an edited or deleted message changes the stored one and opens nothing', async () => {
			const first = message('amal', { id: 'm1', text: 'typo' });
			const { conversationId } = await receive(store, first, { keepRaw: true });
			const edit = message('amal', { kind: 'edit', targetId: 'm1', text: 'right' });
			expect(await receive(store, edit)).toEqual({ outcome: 'changed', conversationId });
			expect((await store.getConversation(conversationId ?? '')).message?.text).toBe('right');
			await close(store, conversationId ?? '');
			const deletion = message('amal', { kind: 'delete', targetId: 'm1' });
			expect(await receive(store, deletion)).toEqual({ outcome: 'changed', conversationId });
			const emptied = (await store.getConversation(conversationId ?? '')).message;
			expect(emptied).toMatchObject({ text: '', attachments: [] });
			expect(emptied).not.toHaveProperty('raw');
			const unknown = message('amal', { kind: 'edit', targetId: 'nowhere' });
			expect(await receive(store, unknown)).toMatchObject({ outcome: 'ignored' });
			expect((await store.countEverything()).conversations.open).toBe(0);
		});

		test('an echo is recorded, counts as first response, is stored once and never opens', async () => {
			const echo = message('amal', { kind: 'echo', id: 'e1' });
			expect(await receive(store, echo)).toMatchObject({ outcome: 'ignored' });
			const id = await opened(store, 'amal');
			clock.advance(MINUTE);
			expect(await receive(store, echo)).toEqual({ outcome: 'recorded', conversationId: id });
			clock.advance(MINUTE);
			expect(await receive(store, echo)).toEqual({ outcome: 'duplicate', conversationId: id });
			const row = await store.engine.db
				.selectFrom('conversations')
				.select(['first_response_at', 'outbound_count'])
				.where('id', '=', id)
				.executeTakeFirstOrThrow();
			expect(row).toEqual({ first_response_at: clock() - MINUTE, outbound_count: 1 });
			expect(await eventsOf(store, id)).toEqual(['opened', 'replied']);
			await close(store, id);
			const later = message('amal', { kind: 'echo' });
			expect(await receive(store, later)).toEqual({ outcome: 'recorded', conversationId: null });
		});

		test('what may not open opens nothing, and is appended where something is open', async () => {
			const group = message('amal', { group: 'g' });
			expect(await receive(store, group, { opens: false })).toMatchObject({ outcome: 'ignored' });
			await opened(store, 'amal');
			expect(await receive(store, group, { opens: false })).toMatchObject({ outcome: 'appended' });
		});

		test('a retry owes the opening to the trigger that received it, once', async () => {
			const input = trigger();
			const same = message('amal');
			await receive(store, same);
			await receive(store, same, { subscriber: input });
			await receive(store, same, { subscriber: input });
			const subscriptionId = `${input.workflowId}:${input.nodeId}`;
			expect(await store.claimDeliveries({ subscriptionId, limit: 10 })).toHaveLength(1);
		});

		test('a message with an impossible time is kept, readable, with the time of receipt', async () => {
			const { conversationId } = await receive(store, message('amal', { sentAt: 1e300 }));
			const { message: stored } = await store.getConversation(conversationId ?? '');
			expect(stored?.sentAt).toBe('2026-01-05T09:00:00.000Z');
		});

		test('an absurd profile does not lose the message', async () => {
			const contact = {
				identities: [identityOf('amal')],
				name: 'x'.repeat(5000),
				country: 'y'.repeat(99),
			};
			const { conversationId } = await receive(store, message('amal', { contact }));
			const { contact: seen } = await store.getConversation(conversationId ?? '');
			expect(seen.name).toHaveLength(1000);
			expect(seen.country).toBeNull();
		});

		test('openConversation opens with and without a message, and returns the open one', async () => {
			const first = await store.openConversation(opening('amal'));
			expect(first).toMatchObject({ opened: true, message: null });
			const text = { id: 'form-1', type: 'text', text: 'Help', attachments: [], sentAt: clock() };
			const second = await store.openConversation(opening('amal', { message: text }));
			expect(second).toMatchObject({ opened: false, message: { text: 'Help' } });
			expect(second.conversation.id).toBe(first.conversation.id);
			const third = await store.openConversation(opening('amal', { message: text }));
			expect(third.opened).toBe(false);
			expect((await store.countEverything()).messages).toBe(1);
			const fresh = { ...text, id: 'form-2' };
			expect(await store.openConversation(opening('b', { message: fresh }))).toMatchObject({
				opened: true,
				message: { id: 'form-2', text: 'Help' },
			});
		});

		test('openConversation with a message that was written elsewhere before', async () => {
			await close(store, await opened(store, 'amal'));
			await receive(store, message('amal', { kind: 'echo', id: 'e1' }));
			const text = { id: 'e1', type: 'text', text: 'Again', attachments: [], sentAt: clock() };
			const result = await store.openConversation(opening('amal', { message: text }));
			expect(result.opened).toBe(true);
		});

		test('InvalidInput names what is wrong and where', async () => {
			const hint = /Correct the value/;
			const bad = receive(store, message('amal', { id: '' }));
			await expectError(bad, 'InvalidInput', /Message ID is empty \(message\.id\)/, hint);
			const nobody = receive(store, message('amal', { contact: { identities: [] } }));
			await expectError(nobody, 'InvalidInput', /Contact ID is missing/, hint);
			const number = receive(store, message('amal', { id: 5 as unknown as string }));
			await expectError(number, 'InvalidInput', /Message ID must be a text/, hint);
			const source = store.openConversation(opening('amal', { source: ' ' }));
			await expectError(source, 'InvalidInput', /Source is empty/, hint);
		});

		test('identities join, and a name changed on the channel follows', async () => {
			await opened(store, 'amal');
			const contact = {
				identities: [identityOf('amal'), { channel: 'phone', account: '', id: '+201001234567' }],
				name: 'Amal Nasser',
				phone: '+201001234567',
			};
			await receive(store, message('amal', { contact }));
			const found = await store.findContact('+201001234567');
			expect(found).toMatchObject({ name: 'Amal Nasser', phone: '+201001234567' });
			expect((await store.findContact('amal')).key).toBe(found.key);
			expect((await store.countEverything()).contacts).toBe(1);
		});
	});
}

const everythingWith = (...keywords: string[]) => ({
	sources: ['contact'],
	contactIs: 'any' as const,
	keywords,
	oncePerContact: false,
});
