import { print } from '../host/output';
import { inboundFlow } from './support/flows';
import { executionsOn, noQueueMode, startQueueRig, type QueueRig } from './support/queueRig';
import { shots, storm } from './support/storm';
import { loads, settled, staff, withMoreEvents } from './support/team';

jest.setTimeout(300_000);

const CONTACTS = 60;
const MESSAGES = 4;

const missing = noQueueMode();
/** Where tests must not be left out, a Redis that is missing is a failure. */
const skipped = missing !== undefined && !process.env.CI;
if (skipped) print(missing);

/** Main, webhook processor and two workers on one machine: four processes of n8n on one SQLite file. */
(skipped ? describe.skip : describe)('the embedded store, shared by the processes of n8n', () => {
	let rig: QueueRig;

	afterEach(async () => await rig?.stop());

	it('keeps every message, and gives each conversation to one agent', async () => {
		rig = await startQueueRig({ N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' }, true);
		const store = await rig.openStore('default');
		await staff(store, 'support', 6, 20);
		const { workflow, url } = await rig.publish(inboundFlow('support'), 'default');

		const { refused } = await storm(shots(CONTACTS, MESSAGES, 5), { url, concurrency: 16 });
		expect(refused).toBe(0);
		await settled(store);
		await rig.client.executions.waitUntilQuiet({ workflowId: workflow.id });

		const counts = await store.countEverything();
		expect(counts.messages).toBe(CONTACTS * MESSAGES);
		expect(counts.conversations).toEqual({
			open: CONTACTS,
			closed: 0,
			queued: 0,
			assigned: CONTACTS,
		});
		expect(counts.deliveries).toEqual({ done: CONTACTS });
		for (const type of ['opened', 'routed', 'assigned']) {
			expect(await withMoreEvents(store, type, 1)).toBe(0);
		}
		const open = await loads(store);
		expect(Math.max(...open) - Math.min(...open)).toBeLessThanOrEqual(1);
		for (const worker of rig.mode.workers) expect(executionsOn(worker)).not.toHaveLength(0);
	});
});
