import { print } from '../host/output';
import { poolerProgram, startPooler, type Pooler } from '../postgres/pooler';
import { postgresEngine } from './support/engines';
import { expectError, handled, message, receive, team } from './support/samples';

const missing = poolerProgram() === undefined;
/** Where tests must not be left out, a PgBouncer that is missing is a failure. */
const skipped = missing && !process.env.CI;
if (skipped) print('pgbouncer is not installed: the tests of poolers are skipped');

(skipped ? describe.skip : describe)('a store behind PgBouncer', () => {
	let pooler: Pooler | undefined;
	afterEach(async () => await pooler?.stop());

	test('in session mode everything works, wake-ups too', async () => {
		pooler = await startPooler('session');
		const engine = postgresEngine({ port: pooler.port });
		const store = await engine.openStore();
		const other = await engine.openClient({ workspace: store.workspace });
		await team(store, 'sales', { ann: 0 });
		const woken = new Promise<string>((resolve) => {
			other.engine.onWake((topic) => resolve(topic));
		});
		// Until the other one listens, nothing reaches it: somebody writes again and again.
		let heard = false;
		void woken.then(() => {
			heard = true;
		});
		for (let i = 0; !heard; i++) await handled(store, `customer ${i}`, 'sales');
		expect(await woken).toBe('work');
		expect((await receive(other, message('customer 0'))).outcome).toBe('appended');
		await engine.cleanUp();
	});

	test('transaction mode is refused, with a way out', async () => {
		pooler = await startPooler('transaction');
		const engine = postgresEngine({ port: pooler.port });
		await expectError(
			engine.openStore(),
			'StoreUnavailable',
			/connection pooler in transaction mode/,
			/session mode/,
		);
	});
});
