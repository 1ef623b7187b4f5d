import axios from 'axios';
import { ConversationStore } from '../../nodes/store/store';
import { Executions } from '../host/client-executions';
import { until } from '../host/waiting';
import {
	assign,
	byKey,
	chain,
	enrich,
	inboundFlow,
	node,
	opened,
	ours,
	routeAllTo,
} from './support/flows';
import { startRig, type Rig } from './support/rig';
import { settled, staff } from './support/team';
import { postRaw } from './support/whatsappBodies';

jest.setTimeout(300_000);

/** A body of Plain Webhook. */
const body = (contact: string, id: string, text = 'Hello') => ({
	contact: { id: contact, name: `Customer ${contact}` },
	message: { id, text },
});

describe('a conversation in a real n8n, from the first message to the close', () => {
	let rig: Rig;
	let store: ConversationStore;

	beforeAll(async () => {
		rig = await startRig({ N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' });
	});

	afterAll(async () => await rig.stop());

	const post = async (url: string, data: unknown) =>
		await axios.post<{ error?: string; message?: string }>(url, data, {
			validateStatus: () => true,
			maxBodyLength: Infinity,
			proxy: false,
		});

	const plain = (team: string) =>
		chain('Inbound', [opened({}, 'plainWebhook'), enrich(), routeAllTo(team), assign()]);

	it('opens, enriches, routes, assigns, closes; the next message opens a new one', async () => {
		store = await rig.openStore('life');
		await staff(store, 'care', 1, 1);
		const { workflow, url } = await rig.publish(plain('care'), 'life');
		const told = await rig.publish(
			chain('Told', [
				node('Conversation Event', ours('conversationEventTrigger'), {
					events: ['assigned', 'closed'],
				}),
			]),
			'life',
		);
		const closing = await rig.save(
			chain('Closing', [
				node('Start', 'n8n-nodes-base.manualTrigger', {}),
				node('Close Conversation', ours('closeConversation'), {
					conversationFrom: 'contact',
					conversationContact: 'c1',
					category: byKey('Question'),
					summary: 'Answered',
					options: {},
				}),
			]),
			'life',
		);

		expect((await post(url, body('c1', 'm1', 'مرحبا، عندي سؤال'))).data).toMatchObject({
			opened: 1,
		});
		expect((await post(url, body('c1', 'm2'))).data).toMatchObject({ opened: 0, appended: 1 });
		expect((await post(url, body('c2', 'm3'))).data).toMatchObject({ opened: 1 });
		await settled(store);
		const first = await store.getOpenConversation('c1');
		expect(first).toMatchObject({
			conversation: { assignee: { key: 'care-1' }, team: { key: 'care' }, messageCount: 2 },
			contact: { language: 'ar' },
		});
		expect((await store.getOpenConversation('c2')).conversation.queue).toMatchObject({
			position: 1,
		});

		const closed = await rig.client.workflows.runManually(closing.id, { trigger: 'Start' });
		const [item] = Executions.itemsOf(closed, 'Close Conversation');
		expect(item?.json).toMatchObject({
			conversation: { id: first.conversation.id, status: 'closed', category: 'Question' },
			alreadyClosed: false,
			assignedFromQueue: 1,
		});
		expect((await store.getOpenConversation('c2')).conversation.assignee?.key).toBe('care-1');

		expect((await post(url, body('c1', 'm4', 'شكرا'))).data).toMatchObject({ opened: 1 });
		await settled(store);
		const again = await store.getOpenConversation('c1');
		expect(again.conversation.id).not.toBe(first.conversation.id);
		expect(again).toMatchObject({
			conversation: { isReturning: true },
			contact: { previousConversations: 1, lastCategory: 'Question' },
		});
		expect(await rig.client.executions.list({ workflowId: workflow.id })).toHaveLength(3);
		const events = await until(
			async () => {
				const list = await rig.client.executions.list({ workflowId: told.workflow.id });
				return list.length >= 3 ? list : undefined;
			},
			{ what: 'three events' },
		);
		const types = await Promise.all(
			events.map(async ({ id }) => {
				const [told1] = Executions.itemsOf(
					await rig.client.executions.get(id),
					'Conversation Event',
				);
				return (told1?.json.event as { type: string }).type;
			}),
		);
		expect(types.sort()).toEqual(['assigned', 'assigned', 'closed']);
	});

	it('puts the conversation of a flow that throws in the fallback queue; the next message counts', async () => {
		const broken = await rig.openStore('broken');
		await broken.upsertTeam({ key: 'rescue', name: 'Rescue' });
		const throwing = node('Enrich Contact', ours('enrichContact'), {
			conversationFrom: 'id',
			conversationId: byKey('no-such-conversation'),
			sources: [],
			fields: {},
			options: {},
		});
		const { workflow, url } = await rig.publish(
			chain('Broken', [
				opened({ badEnd: 'queue', fallbackTeam: byKey('rescue') }, 'plainWebhook'),
				throwing,
			]),
			'broken',
		);
		const listening = await rig.publish(
			chain('Failures', [
				node('Conversation Event', ours('conversationEventTrigger'), {
					events: ['flow_failed', 'message_received'],
				}),
			]),
			'broken',
		);
		await post(url, body('c1', 'm1'));
		await settled(broken);
		const [execution] = await rig.client.executions.list({ workflowId: workflow.id });
		expect(execution?.status).toBe('error');
		expect((await broken.getOpenConversation('c1')).conversation).toMatchObject({
			status: 'open',
			team: { key: 'rescue' },
			queue: { team: 'rescue', position: 1 },
		});
		expect((await post(url, body('c1', 'm2'))).data).toMatchObject({ appended: 1 });
		await until(
			async () => {
				const heard = await rig.client.executions.list({ workflowId: listening.workflow.id });
				return heard.length === 2 ? true : undefined;
			},
			{ what: 'the failure and the message as events' },
		);
		expect((await broken.getOpenConversation('c1')).conversation.messageCount).toBe(2);
		// An agent who comes online gets it.
		await broken.upsertAgent({
			key: 'r',
			teams: ['rescue'],
			availability: 'online',
			source: 'api',
		});
		expect((await broken.getOpenConversation('c1')).conversation.assignee?.key).toBe('r');
	});

	it('"Listen for test event" finishes with the test message as output', async () => {
		const real = await rig.openStore('tests');
		await staff(real, 'care', 1, 5);
		const workflow = await rig.save(plain('care'), 'tests');
		for (const round of [1, 2]) {
			const run = await rig.client.workflows.listenForTestEvent(
				workflow,
				{ trigger: 'Conversation Opened' },
				async (url) => await post(url, body('c1', 'the-same-id', `Test ${round}`)),
			);
			expect(run.status).toBe('success');
			const [message] = Executions.itemsOf(run, 'Conversation Opened');
			expect(message?.json).toMatchObject({ message: { text: `Test ${round}` } });
			const [assigned] = Executions.itemsOf(run, 'Auto-Assign Agent');
			expect(assigned?.json).toMatchObject({ conversation: { assignee: { key: 'care-1' } } });
		}
		// Nothing of it reached real customers' data, and the agent's real load is what it was.
		expect((await real.countEverything()).contacts).toBe(0);
		expect((await real.getAgent('care-1')).openUnits).toBe(0);
	});

	it('says clearly what is wrong with what it is sent', async () => {
		const { url } = await rig.publish(inboundFlow('care'), 'life');
		const { url: plainUrl } = await rig.publish(plain('care'), 'bad-input');
		const bad = await rig.openStore('bad-input');
		await bad.upsertTeam({ key: 'care', name: 'Care' });

		const text = await postRaw(url, 'hello', { 'content-type': 'text/plain' });
		expect(text).toMatchObject({ status: 400, data: { error: expect.stringMatching(/JSON/) } });
		const broken = await postRaw(url, '{"object":', { 'content-type': 'application/json' });
		expect(broken.status).toBeGreaterThanOrEqual(400);
		expect(broken.status).toBeLessThan(500);
		const large = Buffer.alloc(20_000_000, 0x20);
		const unread = await postRaw(plainUrl, large, { 'content-type': 'application/octet-stream' });
		expect(unread).toMatchObject({ status: 413, data: { error: expect.stringMatching(/larger/) } });
		// JSON is read by n8n before any node is asked, so the answer is n8n's own.
		expect((await postRaw(plainUrl, large)).status).toBeGreaterThanOrEqual(400);

		const batch = await post(plainUrl, [
			body('g1', 'a'),
			{ contact: {}, message: {} },
			body('g2', 'b'),
		]);
		expect(batch).toMatchObject({ status: 200, data: { opened: 2, malformed: 1 } });
		expect((batch.data as { problems: string[] }).problems[0]).toMatch(/contact/);
		await settled(bad);
		expect((await bad.countEverything()).conversations.open).toBe(2);
	});

	it('does not go live without its credential, or with a secret missing', async () => {
		const noCredential = await rig.client.workflows.create(plain('care'));
		await expect(rig.client.workflows.publish(noCredential.id)).rejects.toThrow(/credential/i);
		const empty = await rig.client.credentials.create('Empty', 'conversationWhatsAppApi', {
			appSecret: '',
			verifyToken: 'x',
			accessToken: 'x',
			phoneNumberId: '1',
		});
		const draft = inboundFlow('care');
		const store2 = await rig.client.credentials.ensure('Store life', 'conversationStoreApi', {});
		const workflow = await rig.client.workflows.import(draft, [store2, empty]);
		// n8n answers first, tries the trigger several times, and then says why it is not live.
		await rig.client.workflows.publish(workflow.id);
		const reason = await until(
			async () => {
				const { triggers } = await rig.client.request<{
					triggers: Array<{ errorMessage: string | null }>;
				}>('GET', `/workflows/${workflow.id}/publication-status`);
				// Nodes that let an execution wait are among them, too.
				return triggers.find(({ errorMessage }) => errorMessage)?.errorMessage ?? undefined;
			},
			{ what: 'the reason why the flow is not live', timeout: 90_000 },
		);
		expect(reason).toMatch(/'App Secret'/);
	});
});
