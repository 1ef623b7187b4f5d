import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { HOUR, MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import { conversationOf, eventsOf, expectError, lastEvent, opened } from '../support/samples';

const DAY = 24 * HOUR;

/** What other systems answered, and what an enrichment writes to the conversation. */
export function lookupsSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;
	let conversationId: string;
	let contactKey: string;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		conversationId = await opened(store, 'amal');
		contactKey = (await store.findContact('amal')).key;
	});
	afterEach(async () => await assertConsistent(store));

	const write = async (key: string, answer: string | null, lifetime = HOUR) =>
		await store.writeLookup({ conversationId, contactKey, key, answer, lifetime });
	const read = async (key: string) => await store.readLookup({ conversationId, key });
	const keys = async () =>
		(await store.engine.db.selectFrom('lookups').select(['workspace', 'key']).execute())
			.filter(({ workspace }) => workspace.startsWith(store.workspace))
			.map(({ key }) => key)
			.sort();

	test('an answer is there for its lifetime, and then out of date', async () => {
		expect(await read('a')).toBeNull();
		expect(await write('a', '{"plan":"gold"}')).toBe(true);
		expect(await read('a')).toEqual({ answer: '{"plan":"gold"}', fresh: true });
		clock.advance(HOUR - 1);
		expect(await read('a')).toMatchObject({ fresh: true });
		clock.advance(1);
		expect(await read('a')).toEqual({ answer: '{"plan":"gold"}', fresh: false });
	});

	test('that it knows nothing is an answer too, and a new answer replaces the old', async () => {
		await write('a', null, 5 * MINUTE);
		expect(await read('a')).toEqual({ answer: null, fresh: true });
		clock.advance(DAY);
		await write('a', '"ф"', MINUTE);
		expect(await read('a')).toEqual({ answer: '"ф"', fresh: true });
		expect(await keys()).toEqual(['a']);
	});

	test('what is very long is not kept', async () => {
		expect(await write('a', 'x'.repeat(256 * 1024 + 1))).toBe(false);
		expect(await read('a')).toBeNull();
		expect(await write('a', 'x'.repeat(256 * 1024), 1e15)).toBe(true);
		expect(await read('a')).toMatchObject({ fresh: true });
	});

	test('one written at the same time as another is one of the two', async () => {
		await Promise.all(['1', '2', '3', '4'].map(async (answer) => await write('a', answer)));
		expect(['1', '2', '3', '4']).toContain((await read('a'))?.answer);
		expect(await keys()).toEqual(['a']);
	});

	test('answers of one workspace are not those of another', async () => {
		await write('a', '1');
		const other = await engine.openStore({ clock });
		const there = await opened(other, 'amal');
		expect(await other.readLookup({ conversationId: there, key: 'a' })).toBeNull();
		const elsewhere = other.readLookup({ conversationId, key: 'a' });
		await expectError(elsewhere, 'ConversationNotFound', /No conversation/, /workspace/);
		const { key } = await other.findContact('amal');
		const strange = { conversationId, contactKey: key, key: 'b', answer: '1', lifetime: HOUR };
		expect(await store.writeLookup(strange)).toBe(false);
		await expectError(write(' ', '1'), 'InvalidInput', /Key of the look-up is empty/, /Correct/);
		await expectError(write('b', '1', -1), 'InvalidInput', /cannot be negative/, /Correct/);
	});

	test('a test run keeps its answers in the workspace of tests', async () => {
		const tests = store.forTests();
		const sample = await store.getConversation(conversationId);
		const { id } = await tests.copyForTest({ sample, run: '1', mentionsAny: () => false });
		const copy = await store.getConversation(id);
		const about = { conversationId: id, key: 'a' };
		await store.writeLookup({
			...about,
			contactKey: copy.contact.key,
			answer: '1',
			lifetime: HOUR,
		});
		expect(await store.readLookup(about)).toMatchObject({ answer: '1' });
		expect(await read('a')).toBeNull();
		await store.eraseContact({ contact: contactKey, source: 'user' });
		expect(await store.readLookup(about)).toBeNull();
	});

	test('an erasure removes them, and nothing is kept afterwards', async () => {
		await write('a', '1');
		await write('b', null);
		const basma = await opened(store, 'basma');
		const { key } = await store.findContact('basma');
		const hers = { conversationId: basma, contactKey: key, key: 'c', answer: '2', lifetime: HOUR };
		await store.writeLookup(hers);
		await store.eraseContact({ contact: contactKey, source: 'user' });
		expect(await keys()).toEqual(['c']);
		expect(await write('a', '1')).toBe(false);
		expect(await keys()).toEqual(['c']);
	});

	test('old ones go by themselves, however many they are', async () => {
		const rows = Array.from({ length: 1200 }, (_, index) => ({
			...{ workspace: store.workspace, key: `old ${index}`, contact_key: contactKey },
			...{ answer: '1', expires_at: clock() + (index % 50) },
		}));
		for (let i = 0; i < rows.length; i += 200) {
			await store.engine.db
				.insertInto('lookups')
				.values(rows.slice(i, i + 200))
				.execute();
		}
		clock.advance(DAY - MINUTE);
		await write('new', '1');
		await store.doDueWork();
		expect(await keys()).toHaveLength(1201);
		clock.advance(2 * MINUTE);
		await store.doDueWork();
		expect(await keys()).toEqual(['new']);
	});

	describe('the intent', () => {
		const enrich = async (changes: object) =>
			await store.enrichContact({
				...{ contactKey, conversationId, writes: [], addTags: [], source: 'workflow' },
				...changes,
			});

		test('is written to the conversation, and told by the event', async () => {
			expect(await enrich({ intent: 'billing' })).toMatchObject({ intent: 'billing', written: [] });
			expect(await conversationOf(store, conversationId)).toMatchObject({ intent: 'billing' });
			expect(await lastEvent(store, conversationId, 'enriched')).toEqual({
				...{ fields: [], tags: [], intent: 'billing' },
			});
			await enrich({ intent: 'billing' });
			await enrich({});
			expect(await eventsOf(store, conversationId)).toEqual(['opened', 'enriched']);
			await enrich({ intent: null, addTags: ['vip'] });
			expect(await conversationOf(store, conversationId)).toMatchObject({ intent: null });
			await expectError(enrich({ intent: ' ' }), 'InvalidInput', /Intent is empty/, /Correct/);
		});

		test('is of a conversation only', async () => {
			const { intent } = await enrich({ intent: 'billing', conversationId: null });
			expect(intent).toBeUndefined();
			expect(await conversationOf(store, conversationId)).toMatchObject({ intent: null });
		});
	});

	test('of several that fill an empty field the first does, and what was replaced is said', async () => {
		const field = (name: string, value: string, mode: 'fillIfEmpty' | 'overwrite') => ({
			...{ field: name, value, mode, source: 'test' },
		});
		const result = await store.enrichContact({
			...{ contactKey, conversationId, addTags: ['vip', 'vip'], source: 'workflow' },
			writes: [
				field('country', 'EG', 'fillIfEmpty'),
				field('country', 'DE', 'fillIfEmpty'),
				field('plan', 'gold', 'fillIfEmpty'),
				field('plan', 'silver', 'fillIfEmpty'),
				field('name', 'Amal', 'overwrite'),
				field('name', 'Amal H.', 'overwrite'),
			],
		});
		expect(result).toMatchObject({
			contact: { country: 'EG', name: 'Amal H.', fields: { plan: 'gold' }, tags: ['vip'] },
			...{ written: ['country', 'plan', 'name'], replaced: ['name'], addedTags: ['vip'] },
		});
		expect((await store.findContact('amal')).name).toBe(result.contact.name);
	});
}
