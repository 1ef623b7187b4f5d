import { DELIVERY_LEASE } from '../../nodes/store/operations/deliveries';
import { SECOND } from '../store/support/engines';
import { DispatcherBench } from './support/dispatcherBench';
import { settle, until } from './support/until';

const bench = new DispatcherBench();
beforeEach(async () => await bench.setUp());
afterEach(async () => await bench.tearDown());
afterAll(async () => await bench.cleanUp());

describe('dispatchers of several processes', () => {
	test('claims are kept while the process lives, however long the run takes', async () => {
		await bench.open('amal');
		const first = await bench.start();
		await until(() => first.runs.length === 1);
		const second = await bench.start(20, bench.anotherProcess());
		await bench.advance(4 * DELIVERY_LEASE);
		expect(second.runs).toHaveLength(0);
		expect(first.runs).toHaveLength(1);
	});

	test('another process takes over after the lease of one that died', async () => {
		await bench.open('amal');
		const dead = bench.anotherProcess();
		await dead.claimDeliveries({ subscriptionId: bench.subscriptionId, limit: 1 });
		const { runs } = await bench.start();
		await bench.advance(DELIVERY_LEASE - SECOND);
		expect(runs).toHaveLength(0);
		await bench.advance(2 * SECOND);
		expect(runs.map(({ who }) => who)).toEqual(['amal']);
		expect(runs[0]?.key).toMatch(/:1$/);
	});

	test('two processes share the work, and nothing runs twice', async () => {
		const people = Array.from({ length: 30 }, (_, index) => `p${index}`);
		await bench.open(...people);
		const both = [await bench.start(20), await bench.start(20, bench.anotherProcess())];
		const all = () => both.flatMap(({ runs }) => runs.map(({ who }) => who));
		await until(() => all().length === 30);
		await bench.advance(2 * SECOND);
		expect(all().sort()).toEqual([...people].sort());
	});

	test('when it stops it claims nothing more, and keeps what is in flight', async () => {
		await bench.open('amal');
		const { runs, dispatcher } = await bench.start();
		await until(() => runs.length === 1);
		dispatcher.stop();
		await bench.open('basma');
		await bench.advance(2 * SECOND);
		expect(runs).toHaveLength(1);
		const successor = await bench.start(20, bench.anotherProcess());
		await bench.advance(2 * DELIVERY_LEASE);
		expect(successor.runs.map(({ who }) => who)).toEqual(['basma']);
		runs[0]!.end({ status: 'success' });
		await settle();
		expect(runs).toHaveLength(1);
		expect(await bench.deliveries()).toMatchObject([{ status: 'watched' }, { status: 'claimed' }]);
	});
});
