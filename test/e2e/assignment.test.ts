import axios from 'axios';
import type { ConversationStore } from '../../nodes/store/store';
import { Executions } from '../host/client-executions';
import type { Execution, JsonObject, WorkflowDraft } from '../host/types';
import { until } from '../host/waiting';
import { startWhatsApp, type WhatsAppStandIn } from '../standins/whatsapp';
import { assign, node, opened, ours, routeAllTo } from './support/flows';
import { startRig, type Published, type Rig } from './support/rig';
import { loads, staff } from './support/team';

jest.setTimeout(300_000);

const TEAM = 'support';
const WAYS_OUT = ['Assigned', 'Timed Out', 'Ended'];
const CUSTOMERS = Array.from({ length: 10 }, (_, index) => `customer-${index + 1}`);

/** n8n's own limit for an execution, in seconds: what waits for longer is none of its business. */
const LIMIT = 60;

const to = (name: string) => [{ node: name, type: 'main', index: 0 }];
const end = (name: string) => node(`${name}?`, 'n8n-nodes-base.noOp', {});

/** Every way out of the node has a node that shows who came by. */
function waitingFlow(): WorkflowDraft {
	const wait = assign({ whenNobody: 'wait', waitAmount: 1, waitUnit: 'hours' });
	return {
		name: 'Waits for an agent',
		nodes: [opened({}, 'plainWebhook'), routeAllTo(TEAM), wait, ...WAYS_OUT.map(end)],
		connections: {
			'Conversation Opened': { main: [to('Route to Team')] },
			'Route to Team': { main: [to('Auto-Assign Agent')] },
			'Auto-Assign Agent': { main: WAYS_OUT.map((name) => to(`${name}?`)) },
		},
		settings: { executionOrder: 'v1' },
	} as unknown as WorkflowDraft;
}

describe('Auto-Assign Agent waits in a real n8n', () => {
	let rig: Rig;
	let store: ConversationStore;
	let flow: Published;
	/** The conversation of each customer. */
	const ids = new Map<string, string>();

	beforeAll(async () => {
		rig = await startRig({ EXECUTIONS_TIMEOUT: String(LIMIT) });
		store = await rig.openStore('waiting');
		await staff(store, TEAM, 2, 2);
		flow = await rig.publish(waitingFlow(), 'waiting');
	});

	afterAll(async () => await rig?.stop());

	const conversationOf = async (who: string) => (await store.getOpenConversation(who)).conversation;

	const writes = async (who: string) => {
		const body = { contact: { id: who }, message: { id: `hello-of-${who}`, text: 'مرحبا' } };
		const { data } = await axios.post<unknown>(flow.url, body, { proxy: false });
		expect(data).toMatchObject({ opened: 1 });
		ids.set(who, (await store.getOpenConversation(who)).conversation.id);
	};

	const count = async (status: 'success' | 'waiting') =>
		(await rig.client.executions.list({ workflowId: flow.workflow.id, status: [status] })).length;

	const counted = async (waiting: number, success: number) =>
		await until(
			async () =>
				((await count('waiting')) === waiting && (await count('success')) === success) || undefined,
			{ what: `${waiting} executions to wait and ${success} to be over`, timeout: 90_000 },
		);

	const executionOf = async (who: string): Promise<Execution> => {
		for (const { id } of await rig.client.executions.list({ workflowId: flow.workflow.id })) {
			const execution = await rig.client.executions.get(id);
			const [first] = Executions.itemsOf(execution, 'Conversation Opened');
			if ((first?.json.conversation as JsonObject).id === ids.get(who)) return execution;
		}
		throw new Error(`No execution of ${who}`);
	};

	/** The customer's execution once it is over, and by which way out the item left, with what. */
	const left = async (who: string) =>
		await until(
			async () => {
				const execution = await executionOf(who);
				if (execution.status === 'waiting' || execution.status === 'running') return undefined;
				expect(execution.status).toBe('success');
				return WAYS_OUT.flatMap((name) =>
					Executions.itemsOf(execution, `${name}?`).map(({ json }) => ({ name, ...json })),
				);
			},
			{ what: `the flow of ${who} to end`, timeout: 60_000, interval: 500 },
		);

	/** The time of this customer's wait is over. */
	const timePasses = async (who: string) =>
		await store.engine.db
			.updateTable('waits')
			.set({ deadline: Date.now() - 1 })
			.where('conversation_id', '=', (await conversationOf(who)).id)
			.where('settled_at', 'is', null)
			.execute();

	/** The agent of this customer is done. */
	const closes = async (who: string) => {
		const { id: conversationId } = await conversationOf(who);
		const how = { category: null, summary: null, source: 'user' };
		await store.closeConversation({ conversationId, ...how });
	};

	it('ten customers, two agents with room for two: four are assigned, six wait inside the node', async () => {
		for (const [index, who] of CUSTOMERS.entries()) {
			await writes(who);
			await counted(Math.max(0, index - 3), Math.min(4, index + 1));
		}
		expect(await loads(store)).toEqual([2, 2]);
		expect((await store.countEverything()).conversations).toMatchObject({ assigned: 4, queued: 6 });
		for (const who of CUSTOMERS.slice(0, 4)) {
			expect(await left(who)).toMatchObject([
				{ name: 'Assigned', assignment: { outcome: 'assigned', waitedSeconds: 0 } },
			]);
		}
		const waiting = await executionOf('customer-5');
		expect(Executions.itemsOf(waiting, 'Assigned?')).toEqual([]);
	});

	it('n8n starts again: they wait on, and closing one resumes exactly the next', async () => {
		await rig.host.restart();
		await rig.client.workflows.waitForWebhook(flow.url);
		await counted(6, 4);
		const { assignee } = await conversationOf('customer-2');
		await closes('customer-2');
		expect(await left('customer-5')).toMatchObject([
			{
				name: 'Assigned',
				conversation: { assignee: { key: assignee?.key }, queue: null },
				assignment: {
					...{ outcome: 'assigned', alreadyAssigned: false, position: null },
					...{ chosen: { key: assignee?.key }, strategy: 'roundRobin' },
				},
				message: { text: 'مرحبا' },
			},
		]);
		await rig.client.executions.waitUntilQuiet({ workflowId: flow.workflow.id });
		await counted(5, 5);
		expect(await loads(store)).toEqual([2, 2]);
		expect((await conversationOf('customer-6')).queue).toMatchObject({ position: 1 });
	});

	it('closed while it waits: by Ended', async () => {
		await closes('customer-7');
		expect(await left('customer-7')).toMatchObject([
			{
				name: 'Ended',
				conversation: { status: 'closed' },
				assignment: { outcome: 'ended', why: 'The conversation was closed' },
			},
		]);
		await counted(4, 6);
	});

	it('the time is over: by Timed Out, never by Assigned; also older than executions may be', async () => {
		const { startedAt } = await executionOf('customer-8');
		await until(
			() => Date.now() > new Date(String(startedAt)).getTime() + (LIMIT + 1) * 1000 || undefined,
			{ what: 'n8n’s limit for executions to be over', timeout: 90_000, interval: 1000 },
		);
		expect((await executionOf('customer-8')).status).toBe('waiting');
		await timePasses('customer-8');
		expect(await left('customer-8')).toMatchObject([
			{
				name: 'Timed Out',
				conversation: { assignee: null, queue: { team: TEAM, position: 2 } },
				assignment: { outcome: 'timedOut', position: 2, blockedBy: 'everybodyAtCapacity' },
			},
		]);
		await counted(3, 7);
	});

	it('the time is over while n8n is away: by Timed Out when it is back', async () => {
		await rig.host.stop();
		await timePasses('customer-9');
		rig.host.start();
		await rig.host.waitReady();
		expect(await left('customer-9')).toMatchObject([
			{ name: 'Timed Out', assignment: { outcome: 'timedOut' } },
		]);
		await counted(2, 8);
		// It keeps its place: the queue gives it to an agent all the same, with no flow behind it.
		for (const who of ['customer-1', 'customer-3', 'customer-4']) await closes(who);
		expect(await left('customer-6')).toMatchObject([{ name: 'Assigned' }]);
		expect((await conversationOf('customer-8')).assignee).not.toBeNull();
		expect((await conversationOf('customer-9')).assignee).not.toBeNull();
		await counted(1, 9);
		expect(await loads(store)).toEqual([2, 2]);
	});

	it('an agent came while n8n was away, killed in the middle: by Assigned when it is back', async () => {
		await rig.host.kill9();
		await closes('customer-5');
		expect((await conversationOf('customer-10')).assignee).not.toBeNull();
		rig.host.start();
		await rig.host.waitReady();
		expect(await left('customer-10')).toMatchObject([
			{ name: 'Assigned', assignment: { outcome: 'assigned' } },
		]);
		await counted(0, 10);
	});

	describe('Ask Question behind it', () => {
		const QUESTION = 'كيف نساعدك؟';
		let whatsapp: WhatsAppStandIn;
		let desk: ConversationStore;
		let chat: Published;

		beforeAll(async () => {
			whatsapp = await startWhatsApp();
			const { type, data } = whatsapp.credential;
			rig.credentials.unshift(await rig.client.credentials.create('Desk', type, data as never));
			desk = await rig.openStore('desk');
			await staff(desk, TEAM, 1, 1);
			const ask = node('Ask Question', ours('askQuestion'), {
				channels: ['whatsapp'],
				prompt: QUESTION,
				answerType: 'text',
				saveTo: 'tag',
				waitAmount: 1,
				waitUnit: 'days',
				again: 0,
				options: {},
			});
			const wait = assign({ whenNobody: 'wait' });
			const draft = {
				name: 'Waits, then asks',
				nodes: [opened(), routeAllTo(TEAM), wait, ask, end('Answered')],
				connections: {
					'Conversation Opened': { main: [to('Route to Team')] },
					'Route to Team': { main: [to('Auto-Assign Agent')] },
					'Auto-Assign Agent': { main: [to('Ask Question')] },
					'Ask Question': { main: [to('Answered?')] },
				},
				settings: { executionOrder: 'v1' },
			} as unknown as WorkflowDraft;
			chat = await rig.publish(draft, 'desk');
		});

		afterAll(async () => await whatsapp?.close());

		const asked = async (from: string) =>
			await until(() => whatsapp.delivered(from).length === 1 || undefined, {
				what: 'the question to reach the customer',
				timeout: 60_000,
			});
		const waitOf = async (kind: 'assignment' | 'question') =>
			await until(
				async () =>
					await desk.engine.db
						.selectFrom('waits')
						.selectAll()
						.where('workspace', '=', desk.workspace)
						.where('kind', '=', kind)
						.orderBy('id', 'desc')
						.limit(1)
						.executeTakeFirst(),
				{ what: `a wait for the ${kind}` },
			);
		const post = async (url: string, wait: string) => {
			const how = { validateStatus: () => true, proxy: false as const };
			const { status, data } = await axios.post<unknown>(url, { wait }, how);
			return { status, data };
		};

		it('never gets the other’s resume, whatever is repeated', async () => {
			const writes = async (from: string, id: string, text: string) =>
				await whatsapp.customerWrites(chat.url, { from, id, text });
			await writes('0000051', '1', 'Hi');
			await asked('0000051');
			await writes('0000052', '2', 'Hi');
			const first = await waitOf('assignment');
			const url = first.resume_url!;
			expect(whatsapp.delivered('0000052')).toEqual([]);
			const open = await desk.listConversations({ status: 'open', limit: 5, offset: 0 });
			const served = open.find(({ conversation }) => conversation.assignee !== null);
			const how = { category: null, summary: null, source: 'user' };
			await desk.closeConversation({ conversationId: served!.conversation.id, ...how });
			await asked('0000052');

			const question = await waitOf('question');
			expect(question.execution_id).toBe(first.execution_id);
			const atQuestion = url.replace('conversation-assignment', 'conversation-answer');
			await until(
				async () =>
					(await rig.client.executions.get(first.execution_id)).status === 'waiting' || undefined,
				{ what: 'the execution to wait for the answer' },
			);
			// The old call at its own address: nothing there waits any more.
			expect(await post(url, first.group_id)).toMatchObject({ status: 404 });
			// At the address where the execution waits now, and with the other's name.
			for (const wait of [first.group_id, first.id, question.id, '', question.group_id]) {
				expect(await post(atQuestion, wait)).toEqual({ status: 200, data: { waiting: true } });
			}
			const waiting = await rig.client.executions.get(first.execution_id);
			expect(waiting.status).toBe('waiting');
			expect(Executions.itemsOf(waiting, 'Answered?')).toEqual([]);

			await writes('0000052', '3', 'فاتورة');
			const execution = await until(
				async () => {
					const found = await rig.client.executions.get(first.execution_id);
					return found.status === 'success' ? found : undefined;
				},
				{ what: 'the flow to end', timeout: 60_000 },
			);
			expect(Executions.itemsOf(execution, 'Answered?')).toMatchObject([
				{
					json: {
						question: { outcome: 'answered', answer: { text: 'فاتورة' } },
						assignment: { outcome: 'assigned', chosen: { key: `${TEAM}-1` } },
					},
				},
			]);
			expect(whatsapp.delivered('0000052')).toEqual([QUESTION]);
			expect(await post(url, first.group_id)).toMatchObject({ status: 409 });
		});
	});
});
