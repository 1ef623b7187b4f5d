import { DELIVERY_LEASE } from '../../nodes/store/operations/deliveries';
import { SUBSCRIPTION_LEASE } from '../../nodes/store/operations/subscriptions';
import { MINUTE, SECOND } from '../store/support/engines';
import { DispatcherBench } from './support/dispatcherBench';
import { settle, until } from './support/until';

const bench = new DispatcherBench();
beforeEach(async () => await bench.setUp());
afterEach(async () => await bench.tearDown());
afterAll(async () => await bench.cleanUp());

describe('the dispatcher', () => {
	test('emits what is owed, oldest first, also what opens later', async () => {
		await bench.open('amal', 'basma');
		const { runs } = await bench.start();
		await until(() => runs.length === 2);
		await bench.open('carim');
		await until(() => runs.length === 3);
		expect(runs.map(({ who }) => who)).toEqual(['amal', 'basma', 'carim']);
		expect(new Set(runs.map(({ key }) => key)).size).toBe(3);
	});

	test('begins anew with keys when the store was restored while it runs', async () => {
		const before = await bench.store.storeId();
		await bench.open('amal');
		const { runs } = await bench.start();
		await until(() => runs.length === 1);
		const db = bench.store.engine.db.updateTable('meta').where('key', '=', 'store_id');
		await db.set({ value: 'restored' }).execute();
		await bench.open('basma');
		await until(() => runs.length === 2);
		await db.set({ value: before }).execute();
		expect(runs.map(({ key }) => key.split(':')[0])).toEqual([before, 'restored']);
	});

	test('finds by polling what no wake-up told', async () => {
		const { runs } = await bench.start();
		jest.spyOn(bench.store.engine, 'wake').mockImplementation(() => {});
		await bench.open('amal');
		await settle();
		expect(runs).toHaveLength(0);
		await bench.advance(SECOND);
		expect(runs).toHaveLength(1);
	});

	test('keeps the limit, and starts the next when one ends', async () => {
		await bench.open('amal', 'basma', 'carim');
		const { runs } = await bench.start(2);
		await until(() => runs.length === 2);
		await bench.advance(3 * SECOND);
		expect(runs).toHaveLength(2);
		runs[1]!.end({ status: 'success' });
		await until(() => runs.length === 3);
		expect(runs[2]?.who).toBe('carim');
	});

	test('gives way to webhooks while the event loop is late', async () => {
		bench.loop.mean = 101e6;
		await bench.open('amal', 'basma', 'carim');
		const { runs } = await bench.start(8);
		await until(() => runs.length === 2);
		await bench.advance(2 * SECOND);
		expect(runs).toHaveLength(2);
		bench.loop.mean = 20e6;
		await bench.advance(SECOND);
		expect(runs).toHaveLength(3);
	});

	test('starts one at a time at least, however late the event loop is', async () => {
		bench.loop.mean = 5e9;
		await bench.open('amal');
		const { runs } = await bench.start(1);
		await until(() => runs.length === 1);
	});

	test('a slot comes back after five minutes, the claim stays', async () => {
		await bench.open('amal', 'basma');
		const { runs } = await bench.start(1);
		await until(() => runs.length === 1);
		await bench.advance(5 * MINUTE);
		expect(runs).toHaveLength(1);
		await bench.advance(2 * SECOND);
		expect(runs.map(({ who }) => who)).toEqual(['amal', 'basma']);
		await bench.advance(2 * DELIVERY_LEASE);
		expect(runs).toHaveLength(2);
	});

	test.each(['success', 'error', 'waiting', 'canceled', 'crashed'])(
		'keeps how the run went: %s',
		async (status) => {
			await bench.open('amal');
			const { runs } = await bench.start();
			await until(() => runs.length === 1);
			runs[0]!.end({ status });
			await settle();
			await bench.advance(2 * DELIVERY_LEASE);
			expect(runs).toHaveLength(1);
			expect(await bench.deliveries()).toMatchObject([{ status: 'watched', run_status: status }]);
		},
	);

	test('a rejection is nobody’s knowledge: the same key again, after a pause', async () => {
		await bench.open('amal');
		const { runs, failures } = await bench.start();
		await until(() => runs.length === 1);
		runs[0]!.fail(new Error('the database of n8n is locked'));
		await until(() => failures.length === 1);
		await settle();
		expect(runs).toHaveLength(1);
		expect(await bench.deliveries()).toMatchObject([{ status: 'pending', attempts: 1 }]);
		await bench.advance(3 * SECOND);
		expect(runs.map(({ key }) => key)).toEqual([runs[0]!.key, runs[0]!.key]);
		expect(failures).toEqual([
			expect.objectContaining({ message: 'the database of n8n is locked' }),
		]);
	});

	test('a key that n8n knows already: once more under a new key, if nobody has acted by then', async () => {
		await bench.open('amal');
		const { runs } = await bench.start();
		await until(() => runs.length === 1);
		runs[0]!.end(undefined);
		await settle();
		expect(await bench.deliveries()).toMatchObject([{ status: 'pending', generation: 2 }]);
		await bench.advance(4 * SECOND);
		expect(runs).toHaveLength(1);
		await bench.advance(2 * SECOND);
		expect(runs).toHaveLength(2);
		expect(runs[0]!.key).toMatch(/:1$/);
		expect(runs[1]!.key).toBe(runs[0]!.key.replace(/:1$/, ':2'));
	});

	test('a key that n8n knows, of an execution that has acted, is not started again', async () => {
		await bench.open('amal');
		const { runs } = await bench.start();
		await until(() => runs.length === 1);
		const deliveryId = runs[0]!.key.split(':')[1]!;
		await bench.store.claimExecution({ deliveryId, executionId: '7', free: false });
		runs[0]!.end(undefined);
		await settle();
		await bench.advance(MINUTE);
		expect(runs).toHaveLength(1);
		expect(await bench.deliveries()).toMatchObject([{ status: 'watched', run_status: 'unknown' }]);
	});

	test('leaves no timer behind when it is stopped and its runs have ended', async () => {
		await bench.open('amal');
		const before = jest.getTimerCount();
		const { runs, dispatcher } = await bench.start();
		await until(() => runs.length === 1);
		dispatcher.stop();
		expect(jest.getTimerCount()).toBeGreaterThan(before);
		runs[0]!.end({ status: 'success' });
		await until(() => jest.getTimerCount() === before);
	});

	test('keeps its subscription alive', async () => {
		await bench.start();
		await bench.advance(3 * SUBSCRIPTION_LEASE);
		const { lease_until } = await bench.store.engine.db
			.selectFrom('subscriptions')
			.select('lease_until')
			.where('id', '=', bench.subscriptionId)
			.executeTakeFirstOrThrow();
		expect(Number(lease_until)).toBeGreaterThan(bench.clock());
	});

	test('a store that fails is reported and tried again', async () => {
		const claim = jest.spyOn(bench.store, 'claimDeliveries');
		claim.mockRejectedValueOnce(new Error('disk I/O error'));
		await bench.open('amal');
		const { runs, failures } = await bench.start();
		await until(() => failures.length === 1);
		await bench.advance(SECOND);
		expect(runs).toHaveLength(1);
		expect(failures).toEqual([expect.objectContaining({ message: 'disk I/O error' })]);
	});

	test('an end that could not be written down is found out after the lease', async () => {
		await bench.open('amal');
		const { runs, failures } = await bench.start();
		await until(() => runs.length === 1);
		jest.spyOn(bench.store, 'finishDelivery').mockRejectedValueOnce(new Error('disk is full'));
		runs[0]!.end({ status: 'success' });
		await until(() => failures.length === 1);
		await bench.advance(DELIVERY_LEASE + SECOND);
		expect(runs.map(({ key }) => key)).toEqual([runs[0]!.key, runs[0]!.key]);
	});

	test('what was erased meanwhile starts nothing', async () => {
		await bench.open('amal');
		jest.spyOn(bench.store, 'claimDeliveries').mockImplementationOnce(async (input) => {
			const claimed = await bench.anotherProcess().claimDeliveries(input);
			return claimed.map((delivery) => ({ ...delivery, item: null }));
		});
		const { runs } = await bench.start();
		await settle();
		await bench.advance(SECOND);
		expect(runs).toHaveLength(0);
		expect(await bench.deliveries()).toMatchObject([{ status: 'watched', run_status: 'gone' }]);
	});
});
