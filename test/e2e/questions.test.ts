import type { ConversationStore } from '../../nodes/store/store';
import { Executions } from '../host/client-executions';
import type { Execution, JsonObject, WorkflowDraft } from '../host/types';
import { until } from '../host/waiting';
import { startWhatsApp, type WhatsAppStandIn } from '../standins/whatsapp';
import { assign, node, opened, ours, routeAllTo } from './support/flows';
import { startRig, type Published, type Rig } from './support/rig';
import { staff } from './support/team';

jest.setTimeout(300_000);

const TEAM = 'support';
const ENDS = ['Answered', 'Invalid', 'Timed Out', 'Ended'];
const QUESTION = 'كيف نساعدك؟ How can we help?';
const STILL_THERE = 'Are you still there?';
const CHOICES = [
	{ title: 'Track my order', value: 'tracking', aliases: 'parcel' },
	{ title: 'فاتورة', value: 'billing' },
	{ title: 'Talk to us', value: 'human' },
	{ title: 'Something else', value: 'other' },
];

/** A menu on WhatsApp: the answered go to the team, every way out has a node that shows who came by. */
function menuFlow(parameters: JsonObject = {}): WorkflowDraft {
	const ask = node('Ask Question', ours('askQuestion'), {
		channels: ['whatsapp'],
		prompt: QUESTION,
		answerType: 'choice',
		choices: { values: CHOICES },
		saveTo: 'intent',
		waitAmount: 24,
		waitUnit: 'hours',
		again: 2,
		options: {},
		...parameters,
	});
	// What the item brings along must be there after the wait.
	const withFile = node('With a File', 'n8n-nodes-base.moveBinaryData', {
		mode: 'jsonToBinary',
		convertAllData: true,
		options: { keepSource: true },
	});
	// A second question of the same execution, with the same address to go on by.
	const again = node('Ask Once More', ours('askQuestion'), {
		channels: ['whatsapp'],
		prompt: STILL_THERE,
		answerType: 'text',
		saveTo: 'tag',
		waitAmount: 1,
		waitUnit: 'days',
		again: 0,
		options: {},
	});
	const ends = ENDS.map((name) => node(`${name}?`, 'n8n-nodes-base.noOp', {}));
	const to = (name: string) => [{ node: name, type: 'main', index: 0 }];
	return {
		name: 'Menu',
		nodes: [opened(), withFile, ask, again, ...ends, routeAllTo(TEAM), assign()],
		connections: {
			'Conversation Opened': { main: [to('With a File')] },
			'With a File': { main: [to('Ask Question')] },
			'Ask Question': { main: ENDS.map((name) => to(`${name}?`)) },
			'Answered?': { main: [to('Route to Team')] },
			'Timed Out?': { main: [to('Ask Once More')] },
			'Route to Team': { main: [to('Auto-Assign Agent')] },
		},
		settings: { executionOrder: 'v1' },
	} as unknown as WorkflowDraft;
}

describe('Ask Question in a real n8n, over WhatsApp', () => {
	let rig: Rig;
	let whatsapp: WhatsAppStandIn;
	let store: ConversationStore;
	let flow: Published;
	let message = 1000;

	beforeAll(async () => {
		rig = await startRig();
		whatsapp = await startWhatsApp();
		const { type, data } = whatsapp.credential;
		rig.credentials.unshift(await rig.client.credentials.create('Menu', type, data as never));
		store = await rig.openStore('menu');
		await staff(store, TEAM, 1, 100);
		flow = await rig.publish(menuFlow(), 'menu');
	});

	afterAll(async () => {
		await whatsapp?.close();
		await rig?.stop();
	});

	const writes = async (from: string, text: string) =>
		await whatsapp.customerWrites(flow.url, { from, id: String(++message), text });

	/** Waits until so many messages have reached the customer, and gives the newest. */
	const reached = async (from: string, count: number) =>
		await until(
			async () => {
				const texts = whatsapp.delivered(from);
				return texts.length >= count ? texts.at(-1) : undefined;
			},
			{ what: `message ${count} to the customer`, timeout: 60_000 },
		);

	/** The customer's execution once it is over. */
	const ended = async (from: string): Promise<Execution> =>
		await until(
			async () => {
				for (const { id, status } of await rig.client.executions.list({
					workflowId: flow.workflow.id,
				})) {
					if (status !== 'success' && status !== 'error') continue;
					const execution = await rig.client.executions.get(id);
					const [first] = Executions.itemsOf(execution, 'Conversation Opened');
					const contact = first?.json.contact as { phone: string };
					if (contact.phone === `+20100${from}`) return execution;
				}
				return undefined;
			},
			{ what: 'the flow to end', timeout: 90_000 },
		);

	/** Lets n8n's pump look only when all of it has come in: which comes first is chance otherwise. */
	const atOnce = async (work: () => Promise<void>) => {
		const { db } = store.engine;
		const holdPump = async (until: number) =>
			await db
				.updateTable('leases')
				.set({ owner: 'test', until })
				.where('name', '=', `pump:${store.workspace}`)
				.execute();
		await until(
			async () => {
				const due = await db
					.selectFrom('waits')
					.select('id')
					.where('due_at', 'is not', null)
					.execute();
				return due.length === 0 || undefined;
			},
			{ what: 'the answer before to be looked at' },
		);
		await holdPump(Date.now() + 60_000);
		await work();
		await holdPump(0);
	};

	/** By which way out the item left, with what. */
	const left = (execution: Execution) =>
		ENDS.flatMap((name) =>
			Executions.itemsOf(execution, `${name}?`).map(({ json }) => ({ name, ...json })),
		) as Array<{ name: string; question: JsonObject; conversation: JsonObject }>;

	const openConversations = async () => (await store.countEverything()).conversations.open;

	it('a button pressed answers, resumes the execution, opens nothing, and is kept', async () => {
		await writes('0000001', 'Hi');
		expect(await reached('0000001', 1)).toContain(QUESTION);
		const before = await openConversations();
		await whatsapp.customerChooses(flow.url, {
			from: '0000001',
			id: String(++message),
			title: 'فاتورة',
		});
		const execution = await ended('0000001');
		expect(left(execution)).toEqual([
			expect.objectContaining({
				name: 'Answered',
				question: expect.objectContaining({
					outcome: 'answered',
					answer: { value: 'billing', text: 'billing', title: 'فاتورة' },
					asked: 1,
					savedTo: 'intent',
				}),
			}),
		]);
		const [answered] = Executions.itemsOf(execution, 'Answered?');
		const [came] = Executions.itemsOf(execution, 'With a File');
		expect(answered?.binary).toEqual(came?.binary);
		expect(came?.binary).toBeDefined();
		const [assigned] = Executions.itemsOf(execution, 'Auto-Assign Agent');
		expect(assigned?.json.conversation).toMatchObject({
			intent: 'billing',
			assignee: { key: 'support-1' },
		});
		expect(await openConversations()).toBe(before);
		const runs = await rig.client.executions.list({ workflowId: flow.workflow.id });
		expect(runs).toHaveLength(1);
	});

	it('an answer in words of two messages at once counts; a wrong one is asked again', async () => {
		await writes('0000002', 'مرحبا');
		await reached('0000002', 1);
		await writes('0000002', 'what?');
		expect(await reached('0000002', 2)).toContain(QUESTION);
		await atOnce(async () => {
			await Promise.all([writes('0000002', 'hmm'), writes('0000002', 'my PARCEL please')]);
		});
		const execution = await ended('0000002');
		expect(left(execution)).toMatchObject([
			{ name: 'Answered', question: { answer: { value: 'tracking' }, asked: 2 } },
		]);
	});

	it('leaves by Invalid after it was asked again twice', async () => {
		await writes('0000003', 'Hi');
		await reached('0000003', 1);
		await writes('0000003', 'banana');
		await reached('0000003', 2);
		await writes('0000003', 'موزة');
		await reached('0000003', 3);
		await writes('0000003', '香蕉');
		const execution = await ended('0000003');
		expect(left(execution)).toMatchObject([
			{
				name: 'Invalid',
				question: { outcome: 'invalid', answer: null, asked: 3 },
				conversation: { status: 'open' },
			},
		]);
		expect(whatsapp.delivered('0000003')).toHaveLength(3);
	});

	it('leaves by Timed Out when nobody answers in time; the next question is another one', async () => {
		await writes('0000004', 'Hi');
		await reached('0000004', 1);
		const [item] = await store.listConversations({ status: 'open', limit: 1, offset: 0 });
		await until(
			async () => {
				const { numUpdatedRows } = await store.engine.db
					.updateTable('waits')
					.set({ deadline: Date.now() })
					.where('conversation_id', '=', item!.conversation.id)
					.where('status', '=', 'waiting')
					.executeTakeFirstOrThrow();
				return Number(numUpdatedRows) > 0 || undefined;
			},
			{ what: 'the question to wait' },
		);
		expect(await reached('0000004', 2)).toBe(STILL_THERE);
		await writes('0000004', 'نعم، ما زلت هنا');
		const execution = await ended('0000004');
		expect(Executions.itemsOf(execution, 'Ask Once More')).toMatchObject([
			{
				json: {
					question: { outcome: 'answered', answer: { text: 'نعم، ما زلت هنا' }, savedTo: 'tag' },
					contact: { tags: ['نعم، ما زلت هنا'] },
					message: { text: 'نعم، ما زلت هنا' },
				},
			},
		]);
		expect(left(execution)).toMatchObject([
			{ name: 'Timed Out', question: { outcome: 'timedOut', answer: null } },
		]);
	});

	it('leaves by Ended when the conversation is closed; the next message starts anew', async () => {
		await writes('0000005', 'Hi');
		await reached('0000005', 1);
		const [item] = await store.listConversations({ status: 'open', limit: 1, offset: 0 });
		const conversationId = item!.conversation.id;
		const how = { category: null, summary: null, source: 'user' };
		await store.closeConversation({ conversationId, ...how });
		const execution = await ended('0000005');
		expect(left(execution)).toMatchObject([
			{
				name: 'Ended',
				question: { outcome: 'ended', why: 'The conversation was closed' },
				conversation: { status: 'closed' },
			},
		]);
		await writes('0000005', 'Again');
		await reached('0000005', 2);
	});

	it('an answer that comes while n8n is away is looked at when it is back', async () => {
		await writes('0000006', 'Hi');
		await reached('0000006', 1);
		const [item] = await store.listConversations({ status: 'open', limit: 1, offset: 0 });
		await until(
			async () => {
				const waiting = await rig.client.executions.list({
					workflowId: flow.workflow.id,
					status: ['waiting'],
				});
				return waiting.length > 0 || undefined;
			},
			{ what: 'the execution to wait' },
		);
		await rig.host.stop();
		const { contact } = await store.getConversation(item!.conversation.id);
		await store.receiveMessage({
			message: {
				kind: 'message',
				channel: 'whatsapp',
				account: whatsapp.account.phoneNumberId,
				id: 'wamid.AWAY',
				source: 'contact',
				contact: { identities: [{ channel: 'phone', account: '', id: contact.phone! }] },
				type: 'text',
				text: '2',
				attachments: [],
				sentAt: Date.now(),
				raw: {},
			},
			opens: true,
			keepRaw: false,
			mentionsAny: () => false,
		});
		await rig.host.start();
		await rig.host.waitReady();
		await rig.client.workflows.waitForWebhook(flow.url);
		const execution = await ended('0000006');
		expect(left(execution)).toMatchObject([
			{ name: 'Answered', question: { answer: { value: 'billing' } } },
		]);
	});
});
