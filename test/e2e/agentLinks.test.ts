import axios from 'axios';
import { Executions } from '../host/client-executions';
import { until } from '../host/waiting';
import type { JsonObject } from '../host/types';
import type { ConversationStore } from '../../nodes/store/store';
import { assign, chain, node, opened, ours, routeAllTo } from './support/flows';
import { startRig, type Published, type Rig } from './support/rig';
import { settled, staff } from './support/team';

jest.setTimeout(300_000);

const WORKSPACE = 'links';

describe('links for agents in a real n8n', () => {
	let rig: Rig;
	let store: ConversationStore;
	let links: Published;
	let told: Published;
	let inbound: Published;

	beforeAll(async () => {
		rig = await startRig({ N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' });
		store = await rig.openStore(WORKSPACE);
		await staff(store, 'care', 1, 10);
		const thanks = node('Thanks', 'n8n-nodes-base.noOp', {});
		links = await rig.publish(
			chain('Links', [node('Agent Links', ours('agentLinksTrigger'), {}), thanks]),
			WORKSPACE,
		);
		const event = { events: ['assigned'], options: {} };
		told = await rig.publish(
			chain('Told', [node('Conversation Event', ours('conversationEventTrigger'), event)]),
			WORKSPACE,
		);
		const flow = chain('Inbound', [opened({}, 'plainWebhook'), routeAllTo('care'), assign()]);
		inbound = await rig.publish(flow, WORKSPACE);
	});

	afterAll(async () => await rig.stop());

	const itemsOf = async ({ workflow }: Published, nodeName: string, count: number) =>
		await until(
			async () => {
				const all = await rig.client.executions.list({ workflowId: workflow.id });
				if (all.filter(({ status }) => status === 'success').length < count) return undefined;
				const newest = all.map(({ id }) => id).sort((a, b) => Number(b) - Number(a))[0]!;
				return Executions.itemsOf(await rig.client.executions.get(newest), nodeName);
			},
			{ what: `${count} executions of ${workflow.name}`, timeout: 60_000, interval: 300 },
		);

	/** A contact writes, and the agent is told. @returns the item of Conversation Event */
	let written = 0;
	const assigned = async (contact: string): Promise<JsonObject> => {
		const body = { contact: { id: contact }, message: { id: `${contact}-1`, text: 'مرحبا' } };
		await axios.post(inbound.url, body, { proxy: false });
		await settled(store);
		const [item] = await itemsOf(told, 'Conversation Event', ++written);
		return item!.json;
	};
	const ask = async (method: string, url: string, headers: Record<string, string> = {}) =>
		await axios.request<string>({
			...{ method, url, headers, proxy: false, responseType: 'text' },
			validateStatus: () => true,
		});
	const statusOf = async (item: JsonObject) => {
		const { id } = item.conversation as { id: string };
		return (await store.getConversation(id)).conversation.status;
	};

	it('a GET changes nothing, the button acts once, and the flow behind hears of it', async () => {
		const item = await assigned('amal');
		const { close } = item.links as Record<string, string>;
		expect(close).toContain('/webhook/');

		const shown = await ask('GET', close!);
		expect(shown.status).toBe(200);
		expect(shown.data).toContain('Close this conversation?');
		expect(shown.headers).toMatchObject({
			'content-type': 'text/html; charset=utf-8',
			'cache-control': 'no-store',
			'referrer-policy': 'no-referrer',
			'content-security-policy': expect.stringContaining("default-src 'none'"),
		});
		expect((await ask('HEAD', close!)).status).toBe(404);
		expect(await statusOf(item)).toBe('open');

		// As a browser sends it from a page that has no origin.
		const form = { origin: 'null', 'content-type': 'application/x-www-form-urlencoded' };
		const changed = close!.slice(0, -1) + (close!.endsWith('A') ? 'Q' : 'A');
		expect((await ask('POST', changed, form)).status).toBe(403);
		expect(await statusOf(item)).toBe('open');
		const done = await ask('POST', close!, form);
		expect([done.status, done.data.includes('The conversation is closed.')]).toEqual([200, true]);
		expect(await statusOf(item)).toBe('closed');
		const again = await ask('POST', close!, form);
		expect([again.status, again.data.includes('used already')]).toEqual([410, true]);

		const [used] = await itemsOf(links, 'Thanks', 1);
		expect(used?.json).toMatchObject({
			link: { action: 'close' },
			agent: { key: 'care-1', name: 'Agent 1' },
			conversation: { id: (item.conversation as { id: string }).id, status: 'closed' },
		});
		const runs = await rig.client.executions.list({ workflowId: links.workflow.id });
		expect(runs).toHaveLength(1);
	});

	it('goes on through a republish, and ends when it is unpublished', async () => {
		await rig.client.workflows.update(links.workflow.id, { name: 'Renamed' });
		await rig.client.workflows.publish(links.workflow.id);
		const item = await assigned('basma');
		const { away } = item.links as Record<string, string>;
		expect((await ask('POST', away!)).status).toBe(200);
		expect((await store.getAgent('care-1')).availability).toBe('away');
		const { back } = item.links as Record<string, string>;
		expect((await ask('POST', back!)).status).toBe(200);

		await rig.client.workflows.unpublish(links.workflow.id);
		await until(async () => ((await store.agentLinksUrl()) === null ? true : undefined), {
			what: 'the address to be gone',
			timeout: 60_000,
			interval: 500,
		});
		expect((await ask('GET', back!)).status).toBe(404);
		expect(await assigned('dalia')).toMatchObject({ links: null });
	});
});
