import { recordedFacts } from '../../../nodes/decisions/routingRecord';
import type {
	PastConversation,
	PastConversationsInput,
} from '../../../nodes/store/operations/replayRouting';
import type { ConversationStore } from '../../../nodes/store/store';
import { FACTS } from '../../decisions/support/routing';
import { assertConsistent } from '../support/consistency';
import { openDesk, to } from '../support/desk';
import { DAY, MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import {
	assigneeOf,
	close,
	handled,
	lastEvent,
	message,
	opened,
	receive,
	route,
	routeTo,
	team,
} from '../support/samples';

/** On no day. */
const SHUT = { timeZone: 'Africa/Cairo', weekly: [], holidays: [] };

/** What routing looks at, what is kept of it, and how it is found again. */
export function routingSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	const factsFor = async (conversationId: string, teams: string[], changes = {}) =>
		await store.routingFacts({ conversationId, teams, online: true, lastTeam: true, ...changes });

	describe('routingFacts', () => {
		test('knows the teams that are asked for, and all that they overflow to', async () => {
			await team(store, 'night', { nora: 1 });
			await store.upsertTeam({ key: 'care', overflowTeam: 'night' });
			await store.upsertTeam({ key: 'sales', name: 'Sales', overflowTeam: 'care', hours: SHUT });
			await team(store, 'other');
			const id = await opened(store, 'amal');
			const { item, teams } = await factsFor(id, ['sales', 'gone', 'sales']);
			expect(item.conversation.id).toBe(id);
			expect(Object.keys(teams).sort()).toEqual(['care', 'night', 'sales']);
			expect(teams).toMatchObject({
				sales: { name: 'Sales', hours: { open: false }, online: false, overflowTeam: 'care' },
				care: { hours: { open: true }, online: false, overflowTeam: 'night' },
				night: { hours: { open: true }, online: true, overflowTeam: null },
			});
			const { teams: unasked } = await factsFor(id, ['night'], { online: false });
			expect(unasked).toMatchObject({ night: { online: null } });
			expect((await factsFor(id, [])).teams).toEqual({});
		});

		test('ends where teams overflow in a circle, as an old store may have them', async () => {
			await team(store, 'a');
			await store.upsertTeam({ key: 'b', overflowTeam: 'a' });
			await store.engine.db
				.updateTable('teams')
				.set({ overflow_team: 'b' })
				.where('key', '=', 'a')
				.where('workspace', '=', store.workspace)
				.execute();
			const { teams } = await factsFor(await opened(store, 'amal'), ['a']);
			expect(Object.keys(teams).sort()).toEqual(['a', 'b']);
		});

		test('finds the last team of the contact, and when that conversation closed', async () => {
			await team(store, 'sales');
			await team(store, 'care');
			const first = await opened(store, 'amal');
			expect((await factsFor(first, [])).lastTeam).toBeNull();
			await route(store, first, 'sales');
			await close(store, first);
			clock.advance(DAY);
			const second = await opened(store, 'amal');
			await route(store, second, 'care');
			const endedAt = clock();
			await close(store, second);
			clock.advance(DAY);
			await close(store, await opened(store, 'amal'));
			clock.advance(DAY);
			const fourth = await opened(store, 'amal');
			const { lastTeam, teams } = await factsFor(fourth, []);
			expect(lastTeam).toEqual({ key: 'care', endedAt });
			expect(Object.keys(teams)).toEqual(['care']);
			expect((await factsFor(second, [])).lastTeam?.key).toBe('sales');
			expect((await factsFor(fourth, [], { lastTeam: false })).lastTeam).toBeNull();
			expect((await factsFor(await opened(store, 'basma'), [])).lastTeam).toBeNull();
		});

		test('works for a test run, with the real teams', async () => {
			await team(store, 'sales');
			const id = await opened(store.forTests(), 'amal');
			expect((await factsFor(id, ['sales'])).teams).toMatchObject({ sales: { online: false } });
		});
	});

	describe('what is kept of a decision', () => {
		const facts = recordedFacts(FACTS);

		test('the facts, routed or not, and neither words nor fields of the contact', async () => {
			await team(store, 'sales');
			const id = await opened(store, 'amal');
			for (const key of ['sales', null]) {
				const decision = routeTo(key);
				await store.routeConversation({ conversationId: id, decision, facts, source: 'workflow' });
				const type = key === null ? 'unrouted' : 'routed';
				expect(await lastEvent(store, id, type)).toEqual({ team: key, decision, facts });
			}
			expect(facts).toEqual({
				...{ at: FACTS.at, language: 'en', country: 'EG', channel: 'whatsapp', tags: FACTS.tags },
				...{ isReturning: true, intent: 'Order status', ad: ['1203'] },
				teams: {
					billing: { open: true, online: true },
					support: { open: true, online: true },
				},
			});
			const { conversation } = await store.getConversation(id);
			expect(conversation.team?.key).toBe('sales');
		});
	});

	describe('an agent outside the new team', () => {
		const reroute = async (conversationId: string, overridesPeople?: boolean) =>
			await store.routeConversation({
				...{ conversationId, decision: routeTo('care'), source: 'workflow' },
				...(overridesPeople === undefined ? {} : { overridesPeople }),
			});

		test('keeps what a person assigned, unless that is overridden', async () => {
			await team(store, 'sales', { ann: 1 });
			await team(store, 'care');
			const id = await opened(store, 'amal');
			await route(store, id, 'sales');
			await store.assignConversation({
				conversationId: id,
				to: { kind: 'routed' },
				policy: { strategy: 'roundRobin', onlyOnline: true, maxOpen: null },
				...{ exclude: [], source: 'user' },
			});
			expect(await reroute(id)).toMatchObject({
				keptAssignee: true,
				conversation: { team: { key: 'care' }, assignee: { key: 'ann' } },
			});
			await route(store, id, 'sales');
			expect(await reroute(id, true)).toMatchObject({
				keptAssignee: false,
				conversation: { team: { key: 'care' }, assignee: null },
			});
		});

		test('keeps what was assigned on a platform', async () => {
			const desk = await openDesk(store);
			const id = await desk.opens('amal');
			await route(store, id, 'sales');
			expect(await desk.done('amal', to('1'))).toBe(true);
			await reroute(id);
			expect(await assigneeOf(store, id)).toBe('ann');
		});

		test('loses what a workflow assigned after that', async () => {
			await team(store, 'sales', { ann: 1 });
			await team(store, 'care');
			const { id } = await handled(store, 'amal', 'sales');
			await reroute(id);
			expect(await assigneeOf(store, id)).toBeNull();
		});
	});

	describe('pastConversations', () => {
		async function past(changes: Partial<PastConversationsInput> = {}) {
			const found: PastConversation[] = [];
			for await (const each of store.pastConversations({
				...{ openedFrom: 0, openedBefore: clock() + 1, lastTeam: true },
				...changes,
			})) {
				found.push(each);
			}
			return found;
		}

		test('gives all of the period once, the oldest first, however many open at one moment', async () => {
			const ids: string[] = [];
			for (let i = 0; i < 410; i++) {
				if (i % 150 === 0) clock.advance(MINUTE);
				ids.push(await opened(store, `c${i}`));
			}
			const found = await past();
			expect(found.map(({ id }) => id)).toEqual(ids);
			const [first] = found;
			const openedFrom = (first?.openedAt ?? 0) + 1;
			expect(await past({ openedFrom })).toHaveLength(260);
			expect(await past({ openedBefore: openedFrom })).toHaveLength(150);
			expect(await past({ channel: 'other' })).toEqual([]);
			await opened(store.forTests(), 'test');
			expect(await past({ channel: 'chat' })).toHaveLength(410);
		});

		test('says how each was routed first by rules, with the facts of then', async () => {
			await team(store, 'sales');
			await team(store, 'care');
			const facts = { ...recordedFacts(FACTS), at: 5 };
			const routed = await opened(store, 'amal');
			const at = clock();
			const decision = routeTo('sales');
			const decided = { conversationId: routed, decision, facts, source: 'workflow' };
			await store.routeConversation(decided);
			clock.advance(MINUTE);
			await route(store, routed, 'care');
			const unrouted = await opened(store, 'basma');
			await route(store, unrouted, null);
			await opened(store, 'carim');
			const assigned = await opened(store, 'dina');
			await store.assignConversation({
				conversationId: assigned,
				to: { kind: 'team', team: 'care' },
				policy: { strategy: 'roundRobin', onlyOnline: true, maxOpen: null },
				...{ exclude: [], source: 'workflow' },
			});
			const found = await past();
			expect(found.map((each) => [each.team, each.routed])).toEqual([
				['care', { at, team: 'sales', decision, facts }],
				[null, { at: clock(), team: null, decision: routeTo(null), facts: null }],
				[null, null],
				['care', { at: clock(), team: 'care', decision: null, facts: null }],
			]);
		});

		test('says what is no longer there', async () => {
			const id = await opened(store, 'forgotten');
			await close(store, id);
			clock.advance(2 * DAY);
			await store.setRetention({ days: 1, source: 'user' });
			await store.applyRetention();
			const taken = message('deleted');
			await receive(store, taken);
			await receive(store, message('deleted', { kind: 'delete', targetId: taken.id }));
			await opened(store, 'erased');
			await store.eraseContact({ contact: 'erased', source: 'user' });
			const changed = message('edited');
			await receive(store, changed);
			clock.advance(MINUTE);
			await receive(store, message('edited', { kind: 'edit', targetId: changed.id, text: 'New' }));
			await store.openConversation({
				contact: { identities: [{ channel: 'chat', account: 'main', id: 'silent' }] },
				...{ channel: 'chat', account: 'main', source: 'workflow', mentionsAny: () => false },
			});
			const found = await past();
			expect(
				found.map(({ textGone, erased, editedAt, message: said }) => ({
					...{ textGone, erased, edited: editedAt !== null, text: said?.text ?? null },
				})),
			).toEqual([
				{ textGone: true, erased: false, edited: false, text: '' },
				{ textGone: true, erased: false, edited: false, text: '' },
				{ textGone: true, erased: true, edited: false, text: '' },
				{ textGone: false, erased: false, edited: true, text: 'New' },
				{ textGone: false, erased: false, edited: false, text: null },
			]);
		});

		test('knows the last team as it was then', async () => {
			await team(store, 'sales');
			const first = await opened(store, 'amal');
			await route(store, first, 'sales');
			await close(store, first);
			const endedAt = clock();
			clock.advance(MINUTE);
			await opened(store, 'amal');
			expect((await past()).map(({ lastTeam }) => lastTeam)).toEqual([
				null,
				{ key: 'sales', endedAt },
			]);
			expect((await past({ lastTeam: false })).map(({ lastTeam }) => lastTeam)).toEqual([
				null,
				null,
			]);
		});

		test('writes nothing', async () => {
			await opened(store, 'amal');
			const events = async () =>
				await store.engine.db.selectFrom('events').selectAll().orderBy('id').execute();
			const before = await events();
			await past();
			expect(await events()).toEqual(before);
		});
	});
}
