import type { OptOutReason } from '../../../nodes/channels/channel';
import type { ConversationStore } from '../../../nodes/store/store';
import { assertConsistent } from '../support/consistency';
import { MINUTE, testClock, type EngineUnderTest, type TestClock } from '../support/engines';
import {
	close,
	eventsOf,
	identityOf,
	lastEvent,
	listener,
	message,
	opened,
	receive,
} from '../support/samples';

/** Who wants no messages, and until when. */
export function consentSuite(engine: EngineUnderTest): void {
	let clock: TestClock;
	let store: ConversationStore;

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
	});
	afterEach(async () => await assertConsistent(store));

	const recipient = async (conversationId: string) =>
		(await store.findRecipient({ conversationId, via: 'last' })).recipient;
	const told = async (
		kind: 'optOut' | 'optIn',
		reason: OptOutReason,
		identities = [identityOf('amal')],
		at = clock(),
	) => {
		const notice = { kind, channel: 'chat', account: 'main', identities, reason, at };
		return (await store.receiveNotice({ notice })).applied;
	};
	const out = async (reason: OptOutReason, at?: number) =>
		await told('optOut', reason, undefined, at);
	const reasonOf = async (id: string) => (await recipient(id)).optedOut?.reason;

	test('is kept with the time it was given, told once, and taken back once', async () => {
		const { id: subscriptionId } = await store.subscribe(listener(['opted_out', 'opted_in']));
		const id = await opened(store, 'amal');
		expect(await out('stop')).toBe(true);
		const at = new Date(clock()).toISOString();
		clock.advance(MINUTE);
		expect(await out('stop')).toBe(false);
		expect((await recipient(id)).optedOut).toEqual({ reason: 'stop', at });
		expect(await lastEvent(store, id, 'opted_out')).toEqual({
			...{ channel: 'chat', account: 'main', reason: 'stop' },
		});
		expect(await told('optIn', 'stop')).toBe(true);
		expect(await told('optIn', 'stop')).toBe(false);
		expect((await recipient(id)).optedOut).toBeNull();
		expect(await lastEvent(store, id, 'opted_in')).toEqual({ channel: 'chat', account: 'main' });
		const events = await eventsOf(store, id);
		expect(events).toEqual(['opened', 'opted_out', 'opted_in']);
		const owed = await store.claimDeliveries({ subscriptionId, limit: 5 });
		expect(owed.map(({ item }) => item?.event?.type)).toEqual(['opted_out', 'opted_in']);
	});

	test('belongs to one account, and says nothing of where else the contact writes', async () => {
		const id = await opened(store, 'amal');
		await receive(store, message('amal', { account: 'second', id: 'x' }));
		const { key } = await store.findContact('amal');
		await close(store, id);
		expect(await out('stop')).toBe(true);
		const rows = await store.engine.db
			.selectFrom('addresses')
			.select(['account', 'opt_out_reason'])
			.where('contact_key', '=', key)
			.orderBy('account')
			.execute();
		expect(rows).toEqual([
			{ account: 'main', opt_out_reason: 'stop' },
			{ account: 'second', opt_out_reason: null },
		]);
		// Nothing is open: the event is the contact's alone.
		expect(await eventsOf(store, id)).not.toContain('opted_out');
	});

	test('of whom the store does not know, nothing is kept', async () => {
		expect(await told('optOut', 'stop', [identityOf('stranger')])).toBe(false);
		const rows = await store.engine.db
			.selectFrom('addresses')
			.select('contact_key')
			.where('workspace', '=', store.workspace)
			.execute();
		expect(rows).toEqual([]);
		expect((await store.countEverything()).contacts).toBe(0);
	});

	test.each<[OptOutReason, OptOutReason | undefined]>([
		['stop', 'stop'],
		['marketing', 'marketing'],
		['blocked', undefined],
		['unsubscribed', undefined],
	])('%s: after the contact wrote again it is %s', async (reason, left) => {
		const id = await opened(store, 'amal');
		await out(reason);
		await receive(store, message('amal', { kind: 'visit', id: 'visit' }));
		await receive(store, message('amal', { kind: 'echo', id: 'echo' }));
		expect(await reasonOf(id)).toBe(reason);
		await receive(store, message('amal'));
		expect(await reasonOf(id)).toBe(left);
	});

	test('what lasts is not replaced by what the next message takes back', async () => {
		const id = await opened(store, 'amal');
		expect(await out('blocked')).toBe(true);
		expect(await out('marketing')).toBe(true);
		expect(await out('blocked')).toBe(false);
		expect(await out('unsubscribed')).toBe(false);
		expect(await reasonOf(id)).toBe('marketing');
		expect(await out('stop')).toBe(true);
		for (const reason of ['blocked', 'marketing'] as const) expect(await out(reason)).toBe(false);
		await receive(store, message('amal'));
		expect(await reasonOf(id)).toBe('stop');
	});

	test('who wants marketing again has not taken back a STOP; START takes back everything', async () => {
		const id = await opened(store, 'amal');
		await out('stop');
		expect(await told('optIn', 'marketing')).toBe(false);
		expect(await reasonOf(id)).toBe('stop');
		expect(await told('optIn', 'stop')).toBe(true);
		await out('marketing');
		expect(await told('optIn', 'stop')).toBe(true);
		expect(await reasonOf(id)).toBeUndefined();
	});

	test('a block that is told late is over: the contact has written since', async () => {
		const id = await opened(store, 'amal');
		const blocked = clock();
		clock.advance(MINUTE);
		await receive(store, message('amal', { sentAt: clock() }));
		expect(await out('blocked', blocked)).toBe(false);
		expect(await reasonOf(id)).toBeUndefined();
		expect(await out('stop', blocked)).toBe(true);
		clock.advance(1);
		expect(await told('optIn', 'stop')).toBe(true);
		expect(await out('blocked')).toBe(true);
	});

	test('of a conversation from before addresses were kept', async () => {
		const id = await opened(store, 'amal');
		await store.engine.db
			.deleteFrom('addresses')
			.where('workspace', '=', store.workspace)
			.execute();
		await out('stop');
		expect(await recipient(id)).toMatchObject({ to: 'amal', optedOut: { reason: 'stop' } });
	});
}
