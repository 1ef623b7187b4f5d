import axios from 'axios';
import { rmSync } from 'node:fs';
import { until } from '../host/waiting';
import { chain, enrich, node, opened, ours } from './support/flows';
import { startRig, type Rig } from './support/rig';
import { settled, staff } from './support/team';

jest.setTimeout(300_000);

const PENDING = 50;

const assignToAnybody = () =>
	node('Auto-Assign Agent', ours('autoAssignAgent'), {
		assignTo: 'everybody',
		strategy: 'leastOpen',
		onlyOnline: true,
		whenNobody: 'continue',
		options: {},
	});

/** Slow enough that deliveries are pending while the flow is changed. */
const slow = () =>
	node('Wait', 'n8n-nodes-base.wait', { amount: 1, unit: 'seconds' }, { typeVersion: 1.1 });

describe('changing a flow, and losing its store', () => {
	let rig: Rig;

	beforeAll(async () => {
		rig = await startRig({ N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' });
	});

	afterAll(async () => await rig.stop());

	const post = async (url: string, id: string) => {
		const { data, status } = await axios.post<{ opened: number }>(
			url,
			{ contact: { id }, message: { id: `message-of-${id}`, text: 'Hello' } },
			{ validateStatus: () => true, proxy: false },
		);
		return { status, opened: data.opened };
	};

	it(`edit, rename and republish while ${PENDING} deliveries are pending: ${PENDING} executions`, async () => {
		const store = await rig.openStore('republish');
		await staff(store, 'care', 2, 100);
		const flow = (name: string, inFlightLimit: number) => {
			const trigger = { ...opened({ inFlightLimit }, 'plainWebhook'), name };
			return chain('Republished', [trigger, slow(), enrich(), assignToAnybody()]);
		};
		const { workflow, url } = await rig.publish(flow('Conversation Opened', 1), 'republish');
		await Promise.all(
			Array.from({ length: PENDING }, async (_, number) => {
				expect(await post(url, `c${number}`)).toEqual({ status: 200, opened: 1 });
			}),
		);
		const { deliveries } = await store.countEverything();
		expect(deliveries.pending).toBeGreaterThan(PENDING / 2);

		const saved = await rig.client.workflows.get(workflow.id);
		const next = flow('Somebody Writes', 10);
		const nodes = next.nodes.map((each, index) => ({
			...saved.nodes[index],
			name: each.name,
			parameters: each.parameters,
		}));
		await rig.client.workflows.update(workflow.id, {
			name: 'Renamed',
			nodes: nodes as typeof saved.nodes,
			connections: next.connections,
		});
		await rig.client.workflows.publish(workflow.id);

		await settled(store);
		await rig.client.executions.waitUntilQuiet({ workflowId: workflow.id });
		const executions = await rig.client.executions.list({ workflowId: workflow.id });
		expect(executions).toHaveLength(PENDING);
		expect(executions.every(({ status }) => status === 'success')).toBe(true);
		expect((await store.countEverything()).conversations).toMatchObject({ assigned: PENDING });
	});

	it('runs the flow again after the file of its store was deleted', async () => {
		const flow = chain('Forgetful', [opened({}, 'plainWebhook'), enrich(), assignToAnybody()]);
		const { workflow, url } = await rig.publish(flow, 'forgotten');
		expect(await post(url, 'c1')).toEqual({ status: 200, opened: 1 });
		await rig.client.executions.waitUntilQuiet({ workflowId: workflow.id });
		const runs = async () =>
			(await rig.client.executions.list({ workflowId: workflow.id })).filter(
				({ status }) => status === 'success',
			).length;
		expect(await runs()).toBe(1);

		await rig.host.stop();
		for (const end of ['', '-wal', '-shm']) rmSync(rig.storeFile + end, { force: true });
		rig.host.start();
		await rig.host.waitReady();
		await rig.client.workflows.waitForWebhook(url);

		// The same message: to a new store it is new, and no deduplication key of the old one stops it.
		expect(await post(url, 'c1')).toEqual({ status: 200, opened: 1 });
		await until(async () => ((await runs()) === 2 ? true : undefined), { what: 'the second run' });
	});

	it('refuses messages while the store cannot be written, and takes them afterwards', async () => {
		const flow = chain('Closed', [opened({}, 'plainWebhook'), assignToAnybody()]);
		const { url } = await rig.publish(flow, 'unwritable');
		const holder = await rig.openStore('unwritable');
		expect((await post(url, 'c1')).status).toBe(200);

		// Another program holds the write lock for longer than anybody waits.
		let release!: () => void;
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		const holding = holder.engine.transaction(async () => await held);
		const refused = await post(url, 'c2');
		expect(refused.status).toBe(503);
		release();
		await holding;
		expect(await post(url, 'c2')).toEqual({ status: 200, opened: 1 });
	});
});
