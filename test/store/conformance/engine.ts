import { assertConsistent } from '../support/consistency';
import type { EngineUnderTest } from '../support/engines';
import { assigneeOf, handled, message, opened, receive, team } from '../support/samples';

/** What every engine owes to the operations. */
export function engineSuite(engine: EngineUnderTest): void {
	test('says what it is', async () => {
		const store = await engine.openStore();
		expect(await store.engine.describe()).toMatch(new RegExp(`^${engine.name} \\d+\\.`));
	});

	test('invariant 11: everything is there after a restart, and the id of the store stays', async () => {
		const before = await engine.openStore();
		await team(before, 'sales', { ann: 1 });
		const { id } = await handled(before, 'amal', 'sales');
		const storeId = await before.storeId();
		await engine.reopen();
		const after = await engine.openStore({ workspace: before.workspace });
		expect(await assigneeOf(after, id)).toBe('ann');
		expect(await after.storeId()).toBe(storeId);
		expect(storeId).toMatch(/^[0-9a-f-]{36}$/);
		await assertConsistent(after);
	});

	test('a transaction that fails leaves nothing, and its error is what was thrown', async () => {
		const store = await engine.openStore();
		const failing = store.engine.transaction(async (tx) => {
			await tx
				.insertInto('teams')
				.values({
					workspace: store.workspace,
					key: 'x',
					name: 'x',
					hours: null,
					overflow_team: null,
					handles: '{}',
					created_at: 0,
				})
				.execute();
			throw new RangeError('a mistake in the code');
		});
		await expect(failing).rejects.toThrow(RangeError);
		expect((await store.countEverything()).teams).toBe(0);
	});

	test('tells its own process what happened, after the commit', async () => {
		const store = await engine.openStore();
		const seen: string[] = [];
		const stop = store.engine.onWake((topic) => seen.push(topic));
		await team(store, 'sales');
		await handled(store, 'amal', 'sales');
		expect(seen).toContain('work');
		stop();
		seen.length = 0;
		await handled(store, 'badr', 'sales');
		expect(seen).toEqual([]);
	});

	test('invariant 7: ids sort by time, also when the clock steps back', async () => {
		let now = Date.UTC(2026, 0, 5);
		const store = await engine.openStore({ clock: () => now });
		const ids = [];
		for (let i = 0; i < 20; i++) {
			ids.push(await opened(store, `c${i}`));
			now += i % 3 === 0 ? -5000 : 700;
		}
		expect([...ids].sort()).toEqual(ids);
		expect(await receive(store, message('c0'))).toMatchObject({ outcome: 'appended' });
	});
}
