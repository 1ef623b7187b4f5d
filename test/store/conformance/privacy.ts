import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { DAY, MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import { decline } from '../support/returning';
import {
	assign,
	assigneeOf,
	close,
	conversationOf,
	expectError,
	handled,
	lastEvent,
	mentionsAny,
	message,
	opened,
	receive,
	routeTo,
	setOnline,
	team,
} from '../support/samples';
import { exported, rowsOf } from '../support/transfer';

const SECRET = 'my passport is X123';

/** As Route to Team keeps them with its decision. */
const FACTS = {
	...{ language: 'de', country: 'EG', tags: ['pregnant'], intent: 'divorced', ad: ['amal'] },
	...{ at: 1, channel: 'chat', isReturning: true },
	teams: { sales: { open: true, online: null } },
};

/** What the store forgets: by time, and when a person asks for it. */
export function privacySuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	const keep = async (days: number | null) => await store.setRetention({ days, source: 'user' });

	/** As the pump calls it, round after round until nothing is left. */
	async function retained(of = store): Promise<number[]> {
		const rounds: number[] = [];
		do rounds.push(await of.applyRetention());
		while (rounds.at(-1) !== 0);
		return rounds;
	}

	const messagesOf = async (conversationId: string) =>
		await store.engine.db
			.selectFrom('messages')
			.selectAll()
			.where('conversation_id', '=', conversationId)
			.orderBy('id')
			.execute();

	describe('retention', () => {
		test('is set and told, and its change is an event with its actor', async () => {
			expect(await store.getRetention()).toEqual({ days: null });
			expect(await store.setRetention({ days: 30, source: 'user', actor: 'boss' })).toEqual({
				days: 30,
			});
			await keep(30);
			expect(await store.getRetention()).toEqual({ days: 30 });
			expect(await store.forTests().getRetention()).toEqual({ days: 30 });
			expect(await keep(null)).toEqual({ days: null });
			const rows = await store.engine.db
				.selectFrom('events')
				.select(['type', 'actor', 'data'])
				.where('workspace', '=', store.workspace)
				.orderBy('id')
				.execute();
			expect(rows.map(({ type, actor, data }) => [type, actor, JSON.parse(data)])).toEqual([
				['retention_changed', 'boss', { from: null, to: 30 }],
				['retention_changed', null, { from: 30, to: null }],
			]);
			for (const days of [0, -1, 1.5, 1e9, NaN]) {
				await expectError(keep(days), 'InvalidInput', /^Days must be/, /Correct/);
			}
		});

		test('removes what was written in conversations closed long ago, and keeps the numbers', async () => {
			await keep(30);
			const id = await opened(store, 'amal');
			const photo = { type: 'image' as const, url: 'https://example.com/passport.png' };
			await receive(store, message('amal', { text: SECRET, attachments: [photo] }), {
				keepRaw: true,
			});
			await receive(store, message('amal', { kind: 'echo', text: SECRET }));
			await store.closeConversation({
				conversationId: id,
				category: 'Order',
				summary: SECRET,
				source: 'user',
			});
			const before = await messagesOf(id);
			clock.advance(30 * DAY);
			expect(await retained()).toEqual([0]);
			expect(await messagesOf(id)).toEqual(before);
			clock.advance(1);
			expect(await retained()).toEqual([1, 0]);
			expect(await messagesOf(id)).toEqual(
				before.map((row) => ({ ...row, text: '', attachments: '[]', details: null, raw: null })),
			);
			expect(await conversationOf(store, id)).toMatchObject({
				summary: null,
				category: 'Order',
				messageCount: 3,
			});
			expect(await exported(store)).not.toContain('passport');
			expect(await store.findContact('amal')).toMatchObject({ name: 'amal' });
		});

		test('a late edit brings nothing back', async () => {
			await keep(1);
			const said = message('amal');
			const { conversationId } = await receive(store, said);
			await close(store, conversationId ?? '');
			clock.advance(2 * DAY);
			await retained();
			const edit = message('amal', { kind: 'edit', targetId: said.id, text: SECRET });
			expect(await receive(store, edit)).toMatchObject({ outcome: 'ignored' });
			expect((await messagesOf(conversationId ?? ''))[0]?.text).toBe('');
		});

		test('the pump applies it', async () => {
			await keep(1);
			const id = await opened(store, 'amal');
			await close(store, id);
			clock.advance(2 * DAY);
			await store.doDueWork();
			expect((await messagesOf(id))[0]?.text).toBe('');
		});

		test('leaves what is open, what was closed lately, and everything where none is set', async () => {
			await team(store, 'sales', { ann: 1 });
			const old = await handled(store, 'old', 'sales');
			const waits = await handled(store, 'waits', 'sales');
			clock.advance(90 * DAY);
			const late = await opened(store, 'late');
			await close(store, late);
			expect(await retained()).toEqual([0]);
			await keep(30);
			expect(await retained()).toEqual([0]);
			for (const id of [old.id, waits.id, late]) {
				expect((await messagesOf(id))[0]?.text).toBe('Hello');
			}
		});

		test('some at a time, other workspaces apart, the workspace of tests as the real one', async () => {
			const other = await engine.openStore({ clock });
			for (let i = 0; i < 120; i++) await close(store, await opened(store, `c${i}`));
			const others = await opened(other, 'x');
			await close(other, others);
			const trial = await opened(store.forTests(), 'trial');
			await close(store, trial);
			await keep(1);
			clock.advance(2 * DAY);
			expect(await retained()).toEqual([50, 50, 20, 0]);
			expect((await messagesOf(others))[0]?.text).toBe('Hello');
			expect((await messagesOf(trial))[0]?.text).toBe('Hello');
			expect(await retained(store.forTests())).toEqual([1, 0]);
			expect((await messagesOf(trial))[0]?.text).toBe('');
		});

		test('messages that belong to no conversation go altogether', async () => {
			await keep(1);
			await close(store, await opened(store, 'amal'));
			await receive(store, message('amal', { kind: 'echo', text: SECRET }));
			clock.advance(2 * DAY);
			await receive(store, message('amal', { kind: 'echo', text: 'lately' }));
			expect(await retained()).toEqual([2, 0]);
			expect(rowsOf(await exported(store), 'messages').map(({ row }) => row?.text)).toEqual([
				'',
				'lately',
			]);
		});

		test('a message that is delivered once more is still known', async () => {
			await keep(1);
			const first = message('amal');
			const { conversationId } = await receive(store, first);
			await close(store, conversationId ?? '');
			clock.advance(2 * DAY);
			await retained();
			expect((await receive(store, first)).outcome).toBe('duplicate');
		});
	});

	describe('erasure', () => {
		const erase = async (contact: string) =>
			await store.eraseContact({ contact, source: 'user', actor: 'boss' });

		/** Somebody of whom the store knows a lot, in three conversations. */
		async function known(who = 'amal'): Promise<{ key: string; ids: string[] }> {
			const ids: string[] = [];
			const contact = {
				identities: [
					{ channel: 'chat', account: 'main', id: who },
					{ channel: 'phone', account: '', id: '+201001234567' },
				],
				name: `${who} Hassan`,
				phone: '+201001234567',
				email: `${who}@example.com`,
				replyTo: `reply to ${who}`,
			};
			for (let i = 0; i < 3; i++) {
				clock.advance(MINUTE);
				const { conversationId } = await receive(store, message(who, { contact, text: SECRET }), {
					keepRaw: true,
				});
				const id = conversationId ?? '';
				ids.push(id);
				await receive(store, message(who, { contact, kind: 'echo', text: SECRET }));
				await store.routeConversation({
					conversationId: id,
					decision: {
						...{ ...routeTo('sales'), ruleIndex: 0, ruleName: 'Egypt' },
						reason: 'Rule 1 matched: the country is EG, the tag "pregnant" is set.',
						checked: [{ rule: 'Rule 1', matched: true, why: 'the tag "pregnant" is set' }],
					},
					facts: FACTS,
					source: 'workflow',
				});
				await store.routeConversation({
					conversationId: id,
					decision: { ...routeTo(null), reason: 'No rule matched: "pregnant".' },
					facts: FACTS,
					source: 'workflow',
				});
				if (i === 2) break;
				const { outcome } = await assign(store, id);
				if (outcome === 'assigned')
					await decline(store, id, 'ann', `Hassan is my brother. ${SECRET}`);
				await store.closeConversation({
					conversationId: id,
					category: 'Order',
					summary: SECRET,
					source: 'user',
				});
				// Of no conversation.
				if (i === 0) await receive(store, message(who, { contact, kind: 'echo', text: SECRET }));
			}
			const { key } = await store.findContact(who);
			const enrichment = {
				contactKey: key,
				writes: [{ field: 'illness', value: SECRET, source: 'crm', mode: 'overwrite' as const }],
				addTags: ['pregnant'],
				source: 'workflow',
			};
			await store.enrichContact({ ...enrichment, conversationId: ids[2]! });
			await store.enrichContact({ ...enrichment, conversationId: null, addTags: ['divorced'] });
			return { key, ids };
		}

		beforeEach(async () => await team(store, 'sales', { ann: 1 }));

		test('removes everything personal and keeps what reports count', async () => {
			const { key, ids } = await known();
			const before = await store.countEverything();
			const result = await erase('+201001234567');
			expect(result).toEqual({
				...{ key, alreadyErased: false },
				...{ conversations: 3, messages: 7, identities: 2 },
			});
			const left = await exported(store);
			for (const personal of [
				...['amal', 'Hassan', '+20100', 'example.com', 'passport', 'reply to'],
				...['pregnant', 'divorced', 'the country is', 'Rule 1', 'provider'],
			]) {
				expect({ personal, found: left.includes(personal) }).toEqual({ personal, found: false });
			}
			expect(await store.countEverything()).toMatchObject({
				contacts: before.contacts,
				messages: before.messages - 1,
				conversations: { open: 0, closed: 3 },
			});
			for (const id of ids) {
				expect(await conversationOf(store, id)).toMatchObject({
					...{ status: 'closed', messageCount: 2, replyTo: null, summary: null },
					...{ account: 'main', team: { key: 'sales' } },
				});
			}
			expect(await conversationOf(store, ids[0]!)).toMatchObject({ category: 'Order' });
			const facts = { ...FACTS, language: null, country: null, tags: [], intent: null, ad: null };
			const reason = '';
			expect(await lastEvent(store, ids[0]!, 'routed')).toEqual({
				team: 'sales',
				decision: { ...routeTo('sales'), ruleIndex: 0, ruleName: 'Egypt', reason },
				facts,
			});
			expect(await lastEvent(store, ids[0]!, 'unrouted')).toEqual({
				team: null,
				decision: { ...routeTo(null), reason },
				facts,
			});
			expect(await lastEvent(store, ids[0]!, 'unassigned')).toMatchObject({
				...{ agent: 'ann', returned: 'declined', reason: 'Declined' },
			});
			expect(await store.findContact(key)).toMatchObject({ name: null, tags: [], fields: {} });
		});

		test('is an event with its actor, and says nothing of the person', async () => {
			const { key } = await known();
			await erase('amal');
			const row = await store.engine.db
				.selectFrom('events')
				.selectAll()
				.where('workspace', '=', store.workspace)
				.where('type', '=', 'contact_erased')
				.executeTakeFirstOrThrow();
			expect(row).toMatchObject({ contact_key: key, source: 'user', actor: 'boss' });
			expect(JSON.parse(row.data)).toEqual({ conversations: 3, messages: 7, identities: 2 });
		});

		test('closes what is open and gives the agent the next that waits', async () => {
			const first = await handled(store, 'amal', 'sales');
			const next = await handled(store, 'basma', 'sales');
			expect(await assigneeOf(store, next.id)).toBeNull();
			await erase('amal');
			expect(await conversationOf(store, first.id)).toMatchObject({ status: 'closed' });
			expect(await assigneeOf(store, next.id)).toBe('ann');
			expect(await lastEvent(store, first.id, 'closed')).toMatchObject({ assignee: 'ann' });
			const queued = await handled(store, 'cemile', 'sales');
			await erase('cemile');
			await close(store, next.id);
			expect(await conversationOf(store, queued.id)).toMatchObject({
				...{ status: 'closed', queue: null, assignee: null },
			});
		});

		test('twice is once; nobody finds the contact by what it was known by', async () => {
			const { key } = await known();
			await erase('amal');
			const before = rowsOf(await exported(store));
			expect(await erase(key)).toEqual({
				...{ key, alreadyErased: true },
				...{ conversations: 0, messages: 0, identities: 0 },
			});
			expect(rowsOf(await exported(store))).toEqual(before);
			for (const who of ['amal', '+201001234567', 'amal@example.com', 'nobody']) {
				await expectError(erase(who), 'ContactNotFound', /No contact is known/, /contact key/);
			}
			await expectError(erase(' '), 'InvalidInput', /Contact is empty/, /Correct/);
			const other = await engine.openStore({ clock });
			const there = other.eraseContact({ contact: key, source: 'user' });
			await expectError(there, 'ContactNotFound', /No contact is known/, /contact key/);
		});

		test('who writes again is somebody new, and late changes find nothing', async () => {
			const old = message('amal', { text: SECRET });
			const { conversationId } = await receive(store, old);
			const { key } = await store.findContact('amal');
			await erase('amal');
			const edit = message('amal', { kind: 'edit', targetId: old.id, text: SECRET });
			expect((await receive(store, edit)).outcome).toBe('ignored');
			expect((await messagesOf(conversationId ?? ''))[0]).toMatchObject({
				...{ text: '', attachments: '[]', sender: null, raw: null, direction: 'inbound' },
			});
			expect(await receive(store, message('amal'))).toMatchObject({ outcome: 'opened' });
			const again = await store.findContact('amal');
			expect(again.key).not.toBe(key);
			expect(again.name).toBe('amal');
		});

		test('leaves everybody else as they were', async () => {
			await handled(store, 'basma', 'sales');
			await setOnline(store, 'ann', false);
			const basma = await store.findContact('basma');
			const open = await store.getOpenConversation('basma');
			await known();
			await erase('amal');
			expect(await store.findContact('basma')).toEqual(basma);
			expect(await store.getOpenConversation('basma')).toEqual(open);
		});

		test('a flow that was under way writes nothing back', async () => {
			const { key } = await known();
			await erase('amal');
			const enriching = store.enrichContact({
				contactKey: key,
				conversationId: null,
				writes: [{ field: 'email', value: 'a@example.com', source: 'input', mode: 'overwrite' }],
				addTags: ['vip'],
				source: 'workflow',
			});
			await expectError(enriching, 'ContactNotFound', /No contact/, /contact key/);
		});

		test('reaches the copies that test runs made, also when it is repeated', async () => {
			const { key, ids } = await known();
			const sample = await store.getConversation(ids[2]!);
			const tests = store.forTests();
			for (const run of ['1', '2']) await tests.copyForTest({ sample, run, mentionsAny });
			await tests.copyForTest({
				sample: { ...sample, contact: { ...sample.contact, key: `${key}0` } },
				run: '1',
				mentionsAny,
			});
			await erase('amal');
			const copies = await store.engine.db
				.selectFrom('contacts')
				.select(['name', 'erased_at'])
				.where('workspace', '=', tests.workspace)
				.orderBy('key')
				.execute();
			expect(copies.map(({ name, erased_at: at }) => [name, at === null])).toEqual([
				[null, false],
				[null, false],
				['amal Hassan', true],
			]);
			await tests.copyForTest({ sample, run: '3', mentionsAny });
			await erase(key);
			expect((await tests.countEverything()).conversations).toMatchObject({ open: 0, closed: 3 });
		});

		test('a contact of many conversations', async () => {
			for (let i = 0; i < 60; i++) await close(store, await opened(store, 'amal'));
			expect(await erase('amal')).toMatchObject({ conversations: 60, messages: 60 });
		});

		test('what was erased is not looked at by retention again', async () => {
			await known();
			await erase('amal');
			await store.setRetention({ days: 1, source: 'user' });
			clock.advance(10 * DAY);
			expect(await retained()).toEqual([0]);
		});
	});
}
