import type { InboundMessage } from '../../../nodes/channels/channel';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { HOUR, MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import {
	assign,
	close,
	conversationOf,
	eventsOf,
	expectError,
	message,
	online,
	opened,
	opening,
	receive,
} from '../support/samples';
import { exported, imported, rowsOf } from '../support/transfer';

const PHONE = { channel: 'phone', account: '', id: '+201001234567' };

/** Where contacts are answered, and what else than messages of customers comes in. */
export function channelsSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	/** Amal writes on this account of a channel; the same phone everywhere makes her one contact. */
	const from = (
		channel: string,
		account: string,
		{ to, context, ...changes }: Partial<InboundMessage> & { to?: string; context?: object } = {},
	) =>
		message('amal', {
			channel,
			account,
			contact: {
				identities: [{ channel, account, id: 'amal' }, PHONE],
				name: 'Amal',
				...(to === undefined ? {} : { replyTo: to }),
				...(context === undefined ? {} : { replyContext: { ...context } }),
			},
			sentAt: clock(),
			...changes,
		});

	const write = async (...which: Parameters<typeof from>) =>
		await receive(store, from(...which), { opens: which[2]?.kind !== 'visit' });

	const addresses = async () => {
		const rows = await store.engine.db
			.selectFrom('addresses')
			.selectAll()
			.where('workspace', '=', store.workspace)
			.orderBy('channel')
			.orderBy('account')
			.execute();
		return rows.map((row) => [
			`${row.channel} ${row.account}`,
			row.reply_to,
			row.reply_context,
			row.last_inbound_at,
		]);
	};

	const recipient = async (
		conversationId: string,
		via: Parameters<ConversationStore['findRecipient']>[0]['via'] = 'last',
	) => (await store.findRecipient({ conversationId, via })).recipient;

	const idOf = ({ conversationId }: { conversationId: string | null }) => conversationId ?? '';

	describe('addresses', () => {
		test('one for each account of a channel, with what an answer there needs', async () => {
			const start = clock();
			await write('telegram', 'bot', { to: 't1', context: { thread: 7 } });
			clock.advance(MINUTE);
			await write('whatsapp', '1', { to: '+2' });
			await write('whatsapp', '2', { to: '+2' });
			clock.advance(MINUTE);
			await write('whatsapp', '2', { to: '+3', context: { id: 'x' } });
			await write('form', 'contact', {});
			expect(await addresses()).toEqual([
				['form contact', null, null, start + 2 * MINUTE],
				['telegram bot', 't1', '{"thread":7}', start],
				['whatsapp 1', '+2', null, start + MINUTE],
				['whatsapp 2', '+3', '{"id":"x"}', start + 2 * MINUTE],
			]);
		});

		test.each([[[1, 2, 3]], [[3, 2, 1]], [[2, 3, 1]]])(
			'what was written last counts, in whatever order it comes: %j',
			async (order) => {
				const start = clock();
				clock.advance(HOUR);
				for (const n of order) {
					const sentAt = start + n * MINUTE;
					await write('telegram', 'bot', { to: `t${n}`, context: { n }, sentAt });
				}
				const newest = start + 3 * MINUTE;
				expect(await addresses()).toEqual([['telegram bot', 't3', '{"n":3}', newest]]);
			},
		);

		test('what needs nothing besides is answered without what an earlier message needed', async () => {
			const id = idOf(await write('telegram', 'bot', { to: 't', context: { business: 'b' } }));
			expect(await recipient(id)).toMatchObject({ to: 't', context: { business: 'b' } });
			clock.advance(1);
			await write('telegram', 'bot', { to: 't' });
			expect(await recipient(id)).toMatchObject({ to: 't', context: {} });
			expect(await recipient(id, { channel: 'telegram' })).toMatchObject({ context: {} });
		});

		test('a message that says no recipient leaves the known one', async () => {
			await write('telegram', 'bot', { to: 't', context: { thread: 7 } });
			clock.advance(1);
			await write('telegram', 'bot');
			expect(await addresses()).toEqual([['telegram bot', 't', '{"thread":7}', clock()]]);
		});

		test('nobody writes in the future', async () => {
			await write('telegram', 'bot', { to: 't', sentAt: clock() + HOUR });
			expect(await addresses()).toEqual([['telegram bot', 't', null, clock()]]);
		});

		test('who only comes by can be answered, and has not written', async () => {
			const visit = { kind: 'visit' as const, to: 't' };
			expect(await write('telegram', 'bot', visit)).toMatchObject({ outcome: 'ignored' });
			expect(await addresses()).toEqual([['telegram bot', 't', null, null]]);
			const { conversation } = await store.openConversation(
				opening('amal', { contact: { identities: [PHONE] } }),
			);
			expect(await recipient(conversation.id, { channel: 'telegram' })).toMatchObject({
				...{ to: 't', lastInboundAt: null, optedOut: null },
			});
			await write('telegram', 'bot', { to: 't' });
			const wrote = clock();
			clock.advance(MINUTE);
			await write('telegram', 'bot', { ...visit, to: 'elsewhere' });
			expect(await addresses()).toEqual([['telegram bot', 'elsewhere', null, wrote]]);
		});

		test('a group is not where a person is answered', async () => {
			await write('telegram', 'bot', { to: 'the group', group: 'g' });
			expect(await addresses()).toEqual([]);
		});

		test('what is written in a group does not make the next answer a public one', async () => {
			const id = idOf(await write('telegram', 'bot', { to: 't' }));
			const said = await write('telegram', 'bot', { to: 'the group', group: 'g' });
			expect(said).toEqual({ outcome: 'appended', conversationId: id });
			expect(await recipient(id)).toMatchObject({ to: 't' });
		});

		test('until when ordinary answers are taken, as the newest message says', async () => {
			const until = clock() + HOUR;
			const hears = async (replyUntil?: number | null) => {
				const what = from('whatsapp', '1', { to: '+2' });
				const { conversationId: id } = await receive(
					store,
					what,
					replyUntil === undefined ? {} : { replyUntil },
				);
				return (await conversationOf(store, id ?? '')).replyUntil;
			};
			expect(await hears(until)).toBe(new Date(until).toISOString());
			expect(await hears(until + 1)).toBe(new Date(until + 1).toISOString());
			expect(await hears(null)).toBeNull();
		});

		test('Open Conversation remembers what it is told', async () => {
			await store.openConversation(opening('amal'));
			expect(await addresses()).toEqual([]);
			const { conversation } = await store.openConversation(
				opening('basma', { reply: { to: 'b', context: { x: 1 } } }),
			);
			expect(await addresses()).toEqual([['chat main', 'b', '{"x":1}', null]]);
			expect(await recipient(conversation.id)).toMatchObject({ to: 'b', context: { x: 1 } });
		});
	});

	describe('who is written to', () => {
		test('where the contact wrote last, or where it opened', async () => {
			const start = clock();
			const id = idOf(await write('telegram', 'bot', { to: 't', context: { thread: 7 } }));
			const there = { channel: 'telegram', account: 'bot', to: 't', context: { thread: 7 } };
			const first = { ...there, lastInboundAt: start, optedOut: null };
			expect(await recipient(id)).toEqual(first);
			expect(await recipient(id, 'opened')).toEqual(first);
			clock.advance(MINUTE);
			await write('whatsapp', '1', { to: '+2' });
			expect(await recipient(id)).toEqual({
				...{ channel: 'whatsapp', account: '1', to: '+2', context: {} },
				...{ lastInboundAt: start + MINUTE, optedOut: null },
			});
			expect(await recipient(id, 'opened')).toEqual(first);
			expect(await conversationOf(store, id)).toMatchObject({
				...{ channel: 'telegram', replyChannel: 'whatsapp', replyTo: '+2' },
			});
			const { item } = await store.findRecipient({ conversationId: id, via: 'last' });
			expect(item).toMatchObject({ conversation: { id }, contact: { name: 'Amal' } });
		});

		test('on a channel: on the account where the contact wrote last, also in an earlier conversation', async () => {
			await close(store, idOf(await write('whatsapp', '1', { to: 'of 1', context: { n: 1 } })));
			clock.advance(MINUTE);
			await close(store, idOf(await write('whatsapp', '2', { to: 'of 2' })));
			clock.advance(MINUTE);
			const id = idOf(await write('telegram', 'bot', { to: 't' }));
			const via = { channel: 'whatsapp' };
			expect(await recipient(id, via)).toMatchObject({ account: '2', to: 'of 2', context: {} });
			await write('whatsapp', '1', { to: 'of 1', context: { n: 2 } });
			expect(await recipient(id, via)).toMatchObject({ account: '1', context: { n: 2 } });
		});

		test('says where the contact can be reached when it is not there', async () => {
			const id = idOf(await write('telegram', 'bot', { to: 't' }));
			await write('whatsapp', '1', { to: '+2' });
			await expectError(
				recipient(id, { channel: 'line' }),
				'NoAddress',
				/^The contact cannot be reached on the channel 'line'$/,
				/^The contact wrote on: (telegram, whatsapp|whatsapp, telegram)\. Choose one/,
			);
			const { conversation } = await store.openConversation(opening('form only'));
			await expectError(
				recipient(conversation.id),
				'NoAddress',
				/^The contact cannot be reached on 'chat', where the conversation is$/,
				/^The contact has not written on a channel that can be answered/,
			);
			await expectError(recipient('nothing'), 'ConversationNotFound', /'nothing'/, /Check/);
			const other = await engine.openStore({ clock });
			const there = other.findRecipient({ conversationId: id, via: 'last' });
			await expectError(there, 'ConversationNotFound', /No conversation/, /Check/);
		});

		test('on a channel where the contact never wrote: where it says it can be written to', async () => {
			const id = idOf(await write('telegram', 'bot', { to: 't' }));
			const first = { account: '1', to: '+2', context: { x: 1 }, lastInboundAt: null };
			const via = { channel: 'whatsapp', first };
			expect(await recipient(id, via)).toEqual({
				...{ channel: 'whatsapp', ...first, optedOut: null },
			});
			const identities = from('whatsapp', '1').contact.identities;
			const stop = { kind: 'optOut' as const, reason: 'stop' as const, at: clock(), identities };
			await store.receiveNotice({ notice: { ...stop, channel: 'whatsapp', account: '1' } });
			expect(await recipient(id, via)).toMatchObject({ to: '+2', optedOut: { reason: 'stop' } });
			await write('whatsapp', '1', { to: '+3' });
			expect(await recipient(id, via)).toMatchObject({ to: '+3', context: {} });
		});

		test('in a test run it is said to be one', async () => {
			const id = await opened(store.forTests(), 'amal');
			const isTest = async (conversationId: string) =>
				(await store.findRecipient({ conversationId, via: 'last' })).isTest;
			expect(await isTest(id)).toBe(true);
			expect(await isTest(await opened(store, 'amal'))).toBe(false);
		});

		test('a conversation from before addresses were kept knows where its contact is', async () => {
			const id = idOf(await write('telegram', 'bot', { to: 't', context: { thread: 7 } }));
			const at = clock();
			clock.advance(HOUR);
			await store.engine.db
				.deleteFrom('addresses')
				.where('workspace', '=', store.workspace)
				.execute();
			for (const via of ['last', 'opened'] as const) {
				expect(await recipient(id, via)).toEqual({
					...{ channel: 'telegram', account: 'bot', to: 't', context: { thread: 7 } },
					...{ lastInboundAt: at, optedOut: null },
				});
			}
		});

		test('an item in flight leads to the conversation that its own was merged into', async () => {
			const old = await opened(store, 'basma');
			await close(store, old);
			const id = idOf(await write('telegram', 'bot', { to: 't' }));
			await store.engine.db
				.updateTable('conversations')
				.set({ merged_into: id })
				.where('id', '=', old)
				.execute();
			const found = await store.findRecipient({ conversationId: old, via: 'last' });
			expect(found).toMatchObject({ item: { conversation: { id } }, recipient: { to: 't' } });
		});
	});

	describe('what comes in besides messages', () => {
		test('a visit opens when it is asked to, and is no message of what is open', async () => {
			const visit = message('amal', { kind: 'visit', text: '[came by a link]' });
			expect(await receive(store, visit, { opens: false })).toEqual({
				...{ outcome: 'ignored', conversationId: null },
			});
			const first = await receive(store, visit);
			expect(first.outcome).toBe('opened');
			const again = message('amal', { kind: 'visit' });
			expect(await receive(store, again)).toEqual({ ...first, outcome: 'ignored' });
			expect(await conversationOf(store, idOf(first))).toMatchObject({ messageCount: 1 });
			expect(await eventsOf(store, idOf(first))).toEqual(['opened']);
		});

		test('what may not open joins what is open', async () => {
			const stop = message('amal', { text: 'STOP', neverOpens: true });
			expect((await receive(store, stop, { opens: false })).outcome).toBe('ignored');
			const id = await opened(store, 'amal');
			expect(await receive(store, stop, { opens: false })).toEqual({
				...{ outcome: 'appended', conversationId: id },
			});
		});

		test('the choice of a button or row is in the item', async () => {
			const { conversationId } = await receive(
				store,
				message('amal', { type: 'button', text: 'Yes', choiceId: 'yes-1' }),
			);
			expect((await store.getConversation(conversationId ?? '')).message).toMatchObject({
				...{ type: 'button', text: 'Yes', choiceId: 'yes-1' },
			});
		});
	});

	describe('what the business wrote elsewhere', () => {
		const answered = async (sender?: InboundMessage['sender']) => {
			const id = await opened(store, 'amal');
			await online(store, 'ann', []);
			await assign(store, id, { to: { kind: 'agent', agent: 'ann' } });
			await store.upsertAgent({ key: 'bob@example.com', handles: { chat: 'U7' }, source: 'user' });
			await store.upsertAgent({
				key: 'cem',
				handles: { email: 'Cem@Example.com', other: 'U7' },
				source: 'user',
			});
			clock.advance(MINUTE);
			const echo = message('amal', { kind: 'echo', ...(sender ? { sender } : {}) });
			for (const outcome of ['recorded', 'duplicate']) {
				expect(await receive(store, echo)).toEqual({ outcome, conversationId: id });
			}
			const row = await store.engine.db
				.selectFrom('conversations')
				.select(['first_response_at', 'first_response_by', 'outbound_count'])
				.where('id', '=', id)
				.executeTakeFirstOrThrow();
			expect(row.outbound_count).toBe(1);
			const by = row.first_response_at === clock() ? row.first_response_by : row.first_response_at;
			const event = await store.engine.db
				.selectFrom('events')
				.select(['source', 'actor'])
				.where('conversation_id', '=', id)
				.where('type', '=', 'replied')
				.execute();
			const written = (await store.conversationHistory(id)).filter(
				({ kind }) => kind === 'message',
			);
			return { by, event, said: written.at(-1) };
		};
		const person = { isPerson: true };

		test.each<[string, InboundMessage['sender'], string, string | null]>([
			['an agent, by the ID there', { ...person, id: 'u7' }, 'bob@example.com', 'bob@example.com'],
			[
				'an agent, by key',
				{ ...person, id: '1', email: 'Bob@example.com' },
				'bob@example.com',
				'bob@example.com',
			],
			['an agent, by e-mail address', { ...person, email: 'cem@example.com' }, 'cem', 'cem'],
			['somebody unknown', { ...person, id: 'U8', email: 'x@example.com' }, 'ann', null],
			['nobody knows who', undefined, 'ann', null],
		])('%s: the first response', async (_name, sender, by, actor) => {
			expect(await answered(sender)).toMatchObject({
				...{ by, event: [{ source: 'user', actor }], said: { source: actor ?? 'user' } },
			});
		});

		test('a robot: recorded, and no response', async () => {
			expect(await answered({ isPerson: false, id: 'U7' })).toMatchObject({
				by: null,
				event: [{ source: 'workflow' }],
			});
		});
	});

	test('addresses and consent survive an export, and go with an erasure', async () => {
		await write('telegram', 'bot', { to: 'reply to amal', context: { token: 'of amal' } });
		await write('whatsapp', '1', { to: 'amal too' });
		const [identity] = from('whatsapp', '1').contact.identities;
		const notice = { kind: 'optOut' as const, channel: 'whatsapp', account: '1', at: clock() };
		await store.receiveNotice({
			notice: { ...notice, identities: [identity!], reason: 'marketing' },
		});
		const file = await exported(store);
		expect(rowsOf(file, 'addresses')).toHaveLength(2);
		const copy = await engine.openStore({ clock });
		await imported(copy, file);
		const open = await copy.getOpenConversation('amal');
		const found = async (channel: string) =>
			(await copy.findRecipient({ conversationId: open.conversation.id, via: { channel } }))
				.recipient;
		expect(await found('telegram')).toMatchObject({
			...{ to: 'reply to amal', context: { token: 'of amal' }, lastInboundAt: clock() },
		});
		expect(await found('whatsapp')).toMatchObject({ optedOut: { reason: 'marketing' } });

		await store.eraseContact({ contact: 'amal', source: 'user' });
		expect(await addresses()).toEqual([]);
		expect(await exported(store)).not.toMatch(/of amal|reply to|amal too/);
	});
}
