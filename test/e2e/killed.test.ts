import { sleep } from '../host/waiting';
import { inboundFlow } from './support/flows';
import { startRig, type Rig } from './support/rig';
import { shots, storm } from './support/storm';
import { loads, settled, staff, withMoreEvents } from './support/team';

jest.setTimeout(1_500_000);

/** How often n8n is killed; the full measure is 20. */
const KILLS = Number(process.env.CONVERSATIONS_TEST_KILLS ?? 4);

const LAZY = { N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' };

describe(`n8n killed without warning ${KILLS} times in the middle of a storm`, () => {
	let rig: Rig;

	afterEach(async () => await rig.stop());

	it.each([
		{ what: 'with its defaults', env: {} as Record<string, string> },
		{
			what: 'without saved executions, two at a time',
			env: { EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'none', N8N_CONCURRENCY_PRODUCTION_LIMIT: '2' },
		},
	])('loses nothing and runs no flow twice $what', async ({ env }) => {
		rig = await startRig({ ...LAZY, ...env });
		const store = await rig.openStore();
		await staff(store, 'support', 6, 40);
		const { workflow, url } = await rig.publish(inboundFlow('support'));

		let over = false;
		let broken: unknown;
		let wake: (() => void) | undefined;
		const acknowledgement = async () =>
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		const killer = async () => {
			for (let kill = 0; kill < KILLS && !over; kill++) {
				// Every second kill comes within 50 ms of a 2xx, the others whenever they come.
				if (kill % 2 === 0) {
					await Promise.race([acknowledgement(), sleep(10_000)]);
					await sleep(Math.random() * 50);
				} else await sleep(500 + Math.random() * 2_500);
				await rig.host.kill9();
				rig.host.start();
				await rig.host.waitReady();
				// Webhooks answer a moment after n8n is ready; only then can a kill hit anything.
				await rig.client.workflows.waitForWebhook(url);
			}
		};
		const all = shots(200, 5, 11);
		// A part of the storm is kept for each life of n8n, so that every kill meets work.
		const part = Math.ceil(all.length / (KILLS + 1));
		const killing = killer().catch((error: unknown) => {
			broken = error;
		});
		for (let start = 0; start < all.length; start += part) {
			await storm(all.slice(start, start + part), {
				url,
				concurrency: 32,
				acknowledged: () => wake?.(),
				over: () => broken !== undefined,
			});
		}
		over = true;
		await killing;
		expect(broken).toBeUndefined();
		await settled(store);
		await rig.client.executions.waitUntilQuiet({ workflowId: workflow.id });
		await settled(store);

		const counts = await store.countEverything();
		expect(counts.messages).toBe(1000);
		expect(counts.contacts).toBe(200);
		expect(counts.conversations).toEqual({ open: 200, closed: 0, queued: 0, assigned: 200 });
		expect(counts.deliveries).toEqual({ done: 200 });

		// Acting leaves traces: two acting executions would have routed a conversation twice.
		expect(await withMoreEvents(store, 'opened', 1)).toBe(0);
		expect(await withMoreEvents(store, 'routed', 1)).toBe(0);
		expect(await withMoreEvents(store, 'assigned', 1)).toBe(0);
		const acting = await store.engine.db
			.selectFrom('deliveries')
			.select('execution_id')
			.distinct()
			.where('execution_id', 'is not', null)
			.execute();
		expect(acting).toHaveLength(200);
		expect(Math.max(...(await loads(store)))).toBeLessThanOrEqual(40);
	});
});
