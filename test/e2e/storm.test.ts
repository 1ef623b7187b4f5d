import { inboundFlow } from './support/flows';
import { startRig, type Rig } from './support/rig';
import { shots, storm } from './support/storm';
import { loads, settled, staff, withMoreEvents } from './support/team';

jest.setTimeout(600_000);

describe('a storm of 200 contacts × 5 messages, each posted twice, 32 at a time', () => {
	let rig: Rig;

	afterEach(async () => await rig.stop());

	it.each([
		{ capacity: 40, assigned: 200, queued: 0 },
		{ capacity: 20, assigned: 120, queued: 80 },
	])('six agents of capacity $capacity', async ({ capacity, assigned, queued }) => {
		rig = await startRig({ N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' });
		const store = await rig.openStore();
		await staff(store, 'support', 6, capacity);
		const { workflow, url } = await rig.publish(inboundFlow('support'));

		await storm(shots(200, 5, 7), { url, concurrency: 32 });
		await settled(store);
		await rig.client.executions.waitUntilQuiet({ workflowId: workflow.id });

		const counts = await store.countEverything();
		expect(counts.messages).toBe(1000);
		expect(counts.contacts).toBe(200);
		expect(counts.conversations).toEqual({ open: 200, closed: 0, queued, assigned });
		const executions = await rig.client.executions.list({ workflowId: workflow.id });
		expect(executions).toHaveLength(200);
		expect(executions.every(({ status }) => status === 'success')).toBe(true);
		expect(await withMoreEvents(store, 'routed', 1)).toBe(0);

		const open = await loads(store);
		expect(open).toHaveLength(6);
		expect(Math.max(...open)).toBeLessThanOrEqual(capacity);
		expect(Math.max(...open) - Math.min(...open)).toBeLessThanOrEqual(1);
	});
});
