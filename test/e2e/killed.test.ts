import { sleep } from '../host/waiting';
import { inboundFlow } from './support/flows';
import { failure, flowsRun, supervise } from './support/kills';
import { startRig, type Rig } from './support/rig';
import { shots, storm } from './support/storm';
import { loads, settled, staff, withMoreEvents } from './support/team';

jest.setTimeout(1_500_000);

/** How often n8n is killed; the full measure is 20. */
const KILLS = Number(process.env.CONVERSATIONS_TEST_KILLS ?? 3);

const ENVIRONMENT = {
	N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
	// n8n keeps an activation that was killed half way for two minutes, in which no trigger runs. With
	// less of that, more kills meet running flows.
	N8N_WORKFLOW_PUBLICATION_OUTBOX_LEASE_SECONDS: '10',
	N8N_WORKFLOW_PUBLICATION_OUTBOX_POLL_INTERVAL_MS: '1000',
};

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
		rig = await startRig({ ...ENVIRONMENT, ...env });
		const store = await rig.openStore();
		await staff(store, 'support', 6, 40);
		const { workflow, url } = await rig.publish(inboundFlow('support'));

		// A part of the storm for each life of n8n, so that every kill meets work.
		const all = shots(200, 5, 11);
		const part = Math.ceil(all.length / (KILLS + 1));
		for (let life = 0; life <= KILLS; life++) {
			let broken = false;
			let acknowledge: (() => void) | undefined;
			const acknowledged = new Promise<void>((resolve) => {
				acknowledge = resolve;
			});
			const storming = storm(all.slice(life * part, (life + 1) * part), {
				url,
				concurrency: 32,
				acknowledged: () => acknowledge?.(),
				over: () => broken,
			});
			if (life < KILLS) {
				// Every second kill comes within 50 ms of a 2xx, the others while flows run.
				if (life % 2 === 0) await acknowledged.then(async () => await sleep(Math.random() * 50));
				else await Promise.race([flowsRun(store), sleep(30_000)]);
				await rig.host.kill9();
				await supervise(rig.host).catch((error: unknown) => {
					broken = true;
					throw failure(error);
				});
			}
			await storming;
		}
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
