import axios from 'axios';
import { Executions } from '../host/client-executions';
import type { JsonObject } from '../host/types';
import { assign, chain, node, opened, ours, routeAllTo } from './support/flows';
import { startRig, type Rig } from './support/rig';
import { settled, staff } from './support/team';

jest.setTimeout(300_000);

/** An operation on the store itself, as its node. */
const upkeep = (name: string, operation: string, parameters: JsonObject = {}) =>
	node(name, ours('conversationStore'), { resource: 'store', operation, ...parameters });

describe('the embedded store is looked after in a real n8n', () => {
	let rig: Rig;

	beforeAll(async () => {
		rig = await startRig({ N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' });
	});

	afterAll(async () => await rig.stop());

	/** Runs these nodes by hand. */
	const run = async (nodes: Array<ReturnType<typeof node>>) => {
		const start = node('Start', 'n8n-nodes-base.manualTrigger', {});
		const { id } = await rig.save(chain('Upkeep', [start, ...nodes]));
		const execution = await rig.client.workflows.runManually(id, { trigger: 'Start' });
		expect(execution.status).toBe('success');
		return (name: string) => Executions.itemsOf(execution, name)[0]?.json;
	};

	it('is backed up, exported, imported and restored while flows run', async () => {
		const store = await rig.openStore();
		await staff(store, 'care', 1, 10);
		const flow = chain('Inbound', [opened({}, 'plainWebhook'), routeAllTo('care'), assign()]);
		const { workflow, url } = await rig.publish(flow);
		const write = async (contact: string) => {
			const body = { contact: { id: contact }, message: { id: `${contact}-1`, text: 'Hello' } };
			const { data } = await axios.post<unknown>(url, body, { proxy: false });
			expect(data).toMatchObject({ opened: 1 });
			await settled(store);
		};
		await write('before');

		const result = await run([
			upkeep('Check Health', 'checkHealth'),
			upkeep('Back Up', 'backUp', { keep: 0 }),
			upkeep('Export', 'export'),
			upkeep('Import', 'import', { replace: true }),
		]);
		expect(result('Check Health')).toMatchObject({
			healthy: true,
			counts: { conversations: { open: 1 } },
		});
		const backup = result('Back Up');
		expect(backup).toMatchObject({ conversations: 1 });
		expect(result('Import')).toMatchObject({ stored: { conversations: 1, messages: 1 } });

		// The flow goes on with what was imported, and then with what was restored.
		await write('between');
		const before = await store.storeId();
		const restoring = await run([
			upkeep('Restore', 'restoreBackup', { backup: String(backup?.name), confirm: 'default' }),
		]);
		expect(restoring('Restore')).toMatchObject({ conversations: 1, name: backup?.name });
		expect(await store.storeId()).not.toBe(before);
		await expect(store.findContact('between')).rejects.toThrow(/No contact/);
		await write('after');
		for (const who of ['before', 'after']) {
			const { conversation } = await store.getOpenConversation(who);
			expect(conversation.assignee?.key).toBe('care-1');
		}
		const executions = await rig.client.executions.list({ workflowId: workflow.id });
		expect(executions.map(({ status }) => status)).toEqual(['success', 'success', 'success']);
	});
});
