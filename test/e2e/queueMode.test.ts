import axios from 'axios';
import type { ConversationStore } from '../../nodes/store/store';
import { Executions } from '../host/client-executions';
import type { Host } from '../host/host';
import { print } from '../host/output';
import { until } from '../host/waiting';
import {
	assign,
	chain,
	enrich,
	inboundFlow,
	node,
	opened,
	ours,
	routeAllTo,
} from './support/flows';
import { startWhatsApp } from '../standins/whatsapp';
import { flowsRun, supervise } from './support/kills';
import { executionsOn, noQueueMode, startQueueRig, type QueueRig } from './support/queueRig';
import { shots, storm } from './support/storm';
import { loads, settled, staff, withMoreEvents } from './support/team';

jest.setTimeout(300_000);

const CONTACTS = 100;
const MESSAGES = 5;
const CAPACITY = 20;

/** Executions that a worker has in hand at most, by n8n's default. */
const WORKER_CONCURRENCY = 10;

const ENVIRONMENT = {
	N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true',
	N8N_WORKFLOW_PUBLICATION_OUTBOX_POLL_INTERVAL_MS: '1000',
	// n8n tries a trigger that refuses to start five times, in 15 s. With less than this it gives up
	// before that, and says nothing but that its time was over.
	N8N_WORKFLOW_PUBLICATION_OUTBOX_LEASE_SECONDS: '40',
	// A worker that is gone is noticed after a minute and a half; with this, after some seconds.
	QUEUE_WORKER_LOCK_DURATION: '15000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '3000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

const REFUSED = /queue mode, where the embedded store is refused/;

const missing = noQueueMode();
/** Where tests must not be left out, a Redis that is missing is a failure. */
const skipped = missing !== undefined && !process.env.CI;
if (skipped) print(missing);

(skipped ? describe.skip : describe)('n8n in queue mode', () => {
	let rig: QueueRig;

	beforeAll(async () => {
		rig = await startQueueRig(ENVIRONMENT);
	});

	afterAll(async () => await rig?.stop());

	/** Six agents of a team with a workspace of its own. */
	const staffed = async (workspace: string) => {
		const store = await rig.openStore(workspace);
		await staff(store, 'support', 6, CAPACITY);
		return store;
	};

	/** The executions that acted, one for each delivery. */
	const acting = async (store: ConversationStore) => {
		const rows = await store.engine.db
			.selectFrom('deliveries')
			.select('execution_id')
			.where('workspace', '=', store.workspace)
			.execute();
		return rows.map(({ execution_id: id }) => id);
	};

	/** Everybody has an agent, by exactly one execution. */
	const expectOneExecutionEach = async (store: ConversationStore) => {
		const counts = await store.countEverything();
		expect(counts.messages).toBe(CONTACTS * MESSAGES);
		expect(counts.contacts).toBe(CONTACTS);
		expect(counts.conversations).toEqual({
			open: CONTACTS,
			closed: 0,
			queued: 0,
			assigned: CONTACTS,
		});
		expect(counts.deliveries).toEqual({ done: CONTACTS });
		expect(await withMoreEvents(store, 'opened', 1)).toBe(0);
		expect(await withMoreEvents(store, 'routed', 1)).toBe(0);
		expect(await withMoreEvents(store, 'assigned', 1)).toBe(0);
		const executions = await acting(store);
		expect(executions).not.toContain(null);
		expect(new Set(executions).size).toBe(CONTACTS);
	};

	const expectFairShares = async (store: ConversationStore) => {
		const open = await loads(store);
		expect(open).toHaveLength(6);
		expect(Math.max(...open)).toBeLessThanOrEqual(CAPACITY);
		expect(Math.max(...open) - Math.min(...open)).toBeLessThanOrEqual(1);
	};

	it('gives each conversation to one agent, in one execution, on one of the workers', async () => {
		const store = await staffed('storm');
		const { workflow, url } = await rig.publish(inboundFlow('support'), 'storm');

		await storm(shots(CONTACTS, MESSAGES, 7), { url, concurrency: 32 });
		await settled(store);
		await rig.client.executions.waitUntilQuiet({ workflowId: workflow.id });

		await expectOneExecutionEach(store);
		await expectFairShares(store);
		const executions = await rig.client.executions.list({ workflowId: workflow.id });
		expect(executions).toHaveLength(CONTACTS);
		expect(executions.every(({ status }) => status === 'success')).toBe(true);
		const [first, second] = rig.mode.workers.map(executionsOn);
		expect([...first!, ...second!].sort()).toEqual(executions.map(({ id }) => id).sort());
		expect(first).not.toHaveLength(0);
		expect(second).not.toHaveLength(0);

		// The main process is asked for nothing but to dispatch.
		const atMain = url.replace(rig.mode.webhook.url, rig.mode.main.url);
		const { status } = await axios.post(atMain, {}, { validateStatus: () => true, proxy: false });
		expect(status).toBe(404);
		await rig.client.workflows.unpublish(workflow.id);
	});

	it('takes messages while the main process is dead, and loses nothing and repeats nothing after', async () => {
		const store = await staffed('main-killed');
		const { workflow, url } = await rig.publish(inboundFlow('support'), 'main-killed');

		const all = shots(CONTACTS, MESSAGES, 11);
		const half = all.length / 2;
		const storming = storm(all.slice(0, half), { url, concurrency: 32 });
		await flowsRun(store);
		await rig.mode.main.kill9();
		await storming;
		const { refused } = await storm(all.slice(half), { url, concurrency: 32 });
		expect(refused).toBe(0);
		const { messages, deliveries } = await store.countEverything();
		expect(messages).toBe(CONTACTS * MESSAGES);
		expect(deliveries.pending).toBeGreaterThan(0);

		await supervise(rig.mode.main);
		await settled(store);
		await rig.client.executions.waitUntilQuiet({ workflowId: workflow.id });

		await expectOneExecutionEach(store);
		expect(Math.max(...(await loads(store)))).toBeLessThanOrEqual(CAPACITY);
		await rig.client.workflows.unpublish(workflow.id);
	});

	it('leaves no conversation behind when a worker dies in the middle of its executions', async () => {
		const store = await staffed('worker-killed');
		const pause = node(
			'Wait',
			'n8n-nodes-base.wait',
			{ amount: 2, unit: 'seconds' },
			{ typeVersion: 1.1 },
		);
		const flow = chain('Slow', [opened(), enrich(), routeAllTo('support'), pause, assign()]);
		const { workflow, url } = await rig.publish(flow, 'worker-killed');
		const worker = rig.mode.workers[0]!;

		const storming = storm(shots(CONTACTS, MESSAGES, 13), { url, concurrency: 32 });
		await until(() => (running(worker).length > 5 ? true : undefined), {
			what: 'executions on the worker',
			timeout: 60_000,
			interval: 20,
		});
		await worker.kill9();
		await storming;
		await supervise(worker);
		await settled(store);
		await rig.client.executions.waitUntilQuiet({ workflowId: workflow.id });
		await until(
			async () => ((await store.countEverything()).conversations.queued === 0 ? true : undefined),
			{ what: 'the queue to be empty' },
		);

		// Who was cut off has an agent by way of the queue, the others by their flow.
		const counts = await store.countEverything();
		expect(counts.messages).toBe(CONTACTS * MESSAGES);
		expect(counts.conversations).toEqual({
			open: CONTACTS,
			closed: 0,
			queued: 0,
			assigned: CONTACTS,
		});
		expect(counts.deliveries).toEqual({ done: CONTACTS });
		expect(await withMoreEvents(store, 'routed', 1)).toBe(0);
		expect(await withMoreEvents(store, 'assigned', 1)).toBe(0);
		expect(Math.max(...(await loads(store)))).toBeLessThanOrEqual(CAPACITY);
		const failed = await withMoreEvents(store, 'flow_failed', 0);
		expect(failed).toBeGreaterThan(0);
		expect(failed).toBeLessThanOrEqual(WORKER_CONCURRENCY);
		await rig.client.workflows.unpublish(workflow.id);
	});

	it('asks on a worker, hears the answer on the webhook processor, and goes on', async () => {
		const whatsapp = await startWhatsApp();
		try {
			const store = await staffed('question');
			const { type, data } = whatsapp.credential;
			const channel = await rig.client.credentials.create('Asked', type, data as never);
			const ask = node('Ask Question', ours('askQuestion'), {
				channels: ['whatsapp'],
				prompt: 'ما لغتك؟',
				answerType: 'choice',
				choices: { values: [{ title: 'العربية' }, { title: 'English' }] },
				saveTo: 'intent',
				again: 1,
				options: {},
			});
			const flow = chain('Asks', [opened(), ask, routeAllTo('support'), assign()]);
			const { workflow, url } = await rig.publish(flow, 'question', channel);
			const customers = ['0000021', '0000022', '0000023', '0000024'];
			const reached = async (count: number) =>
				await until(
					async () =>
						customers.every((from) => whatsapp.delivered(from).length === count) || undefined,
					{ what: `message ${count} to each customer`, timeout: 60_000 },
				);
			const write = async (text: string, round: number) =>
				await Promise.all(
					customers.map(
						async (from) =>
							await whatsapp.customerWrites(url, { from, id: `${from}${round}`, text }),
					),
				);
			await write('مرحبا', 1);
			await reached(1);
			await write('?', 2);
			await reached(2);
			await write('٢', 3);
			await until(
				async () =>
					(await store.countEverything()).conversations.assigned === customers.length || undefined,
				{ what: 'everybody to have an agent', timeout: 90_000 },
			);
			await rig.client.executions.waitUntilQuiet({ workflowId: workflow.id });
			const items = await store.listConversations({ limit: 10, offset: 0 });
			expect(items.map(({ conversation }) => conversation.intent)).toEqual(
				customers.map(() => 'English'),
			);
			expect(await store.countEverything()).toMatchObject({
				conversations: { open: 4, assigned: 4, queued: 0 },
			});
			expect(await withMoreEvents(store, 'question_ended', 1)).toBe(0);
			const executions = await rig.client.executions.list({ workflowId: workflow.id });
			expect(executions.map(({ status }) => status)).toEqual(customers.map(() => 'success'));
			await rig.client.workflows.unpublish(workflow.id);
		} finally {
			await whatsapp.close();
		}
	});

	it('waits for an agent on a worker, is told by way of the webhook processor, and goes on', async () => {
		const store = await rig.openStore('waiting');
		await staff(store, 'support', 1, 1);
		const wait = assign({ whenNobody: 'wait' });
		const flow = chain('Waits', [opened(), routeAllTo('support'), wait, enrich()]);
		const { workflow, url } = await rig.publish(flow, 'waiting');
		await storm(shots(4, 1, 17), { url, concurrency: 4 });
		const list = async () => await rig.client.executions.list({ workflowId: workflow.id });
		const after = async (waiting: number) =>
			await until(
				async () => {
					const statuses = (await list()).map(({ status }) => status);
					const over = statuses.filter((status) => status === 'success').length;
					const still = statuses.filter((status) => status === 'waiting').length;
					return (still === waiting && over === 4 - waiting) || undefined;
				},
				{ what: `${waiting} executions to wait`, timeout: 90_000 },
			);
		for (const waiting of [3, 2, 1, 0]) {
			await after(waiting);
			const open = await store.listConversations({ status: 'open', limit: 10, offset: 0 });
			const served = open.find(({ conversation }) => conversation.assignee !== null);
			await store.closeConversation({
				...{ conversationId: served!.conversation.id, source: 'user' },
				...{ category: null, summary: null },
			});
		}
		const begun = rig.mode.workers.flatMap(executionsOn);
		for (const { id } of await list()) {
			expect(begun).toContain(id);
			const execution = await rig.client.executions.get(id);
			expect(Executions.itemsOf(execution, 'Enrich Contact')).toMatchObject([
				{ json: { assignment: { outcome: 'assigned', chosen: { key: 'support-1' } } } },
			]);
		}
		expect(await withMoreEvents(store, 'assigned', 1)).toBe(0);
		await rig.client.workflows.unpublish(workflow.id);
	});

	describe('with the embedded store', () => {
		const embedded = async () =>
			await rig.client.credentials.ensure('Embedded', 'conversationStoreApi', {
				backend: 'sqlite',
				storeName: 'default',
				workspace: 'default',
				sharedDisk: false,
			});

		it('fails the test of the credential', async () => {
			const { id } = await embedded();
			const { status, message } = await rig.client.credentials.test(id);
			expect(status).toBe('Error');
			expect(message).toMatch(REFUSED);
			expect(message).toContain("Choose PostgreSQL under 'Backend'");
		});

		it('does not publish', async () => {
			const { workflow } = await rig.save(inboundFlow('support'), await embedded());
			await rig.client.workflows.publish(workflow.id);
			const { status, triggers } = await until(
				async () => {
					const publication = await rig.client.workflows.publication(workflow.id);
					return publication.status === 'in_progress' ? undefined : publication;
				},
				{ what: 'n8n to give up', timeout: 60_000 },
			);
			// n8n counts nodes that let an execution wait among those that start one: they have a webhook.
			expect(status).toBe('partial');
			const opened = workflow.nodes.find(({ name }) => name === 'Conversation Opened');
			expect(triggers.filter(({ errorMessage }) => errorMessage)).toMatchObject([
				{ nodeId: opened?.id, errorMessage: expect.stringMatching(REFUSED) },
			]);
			await rig.client.workflows.unpublish(workflow.id);
		});

		it('ends an execution on a worker', async () => {
			const webhook = node('Webhook', 'n8n-nodes-base.webhook', {
				path: 'embedded',
				httpMethod: 'POST',
			});
			const auto = node('Auto-Assign Agent', ours('autoAssignAgent'), {
				conversationFrom: 'contact',
				conversationContact: '+201001234567',
				assignTo: 'everybody',
				whenNobody: 'continue',
			});
			const { workflow } = await rig.save(chain('Embedded', [webhook, auto]), await embedded());
			await rig.client.workflows.publish(workflow.id);
			const url = `${rig.mode.webhook.url}/webhook/embedded`;
			await rig.client.workflows.waitForWebhook(url);
			await axios.post(url, {}, { proxy: false });
			const [execution] = await until(
				async () => {
					const ended = await rig.client.executions.list({
						workflowId: workflow.id,
						status: ['error', 'success', 'crashed'],
					});
					return ended.length > 0 ? ended : undefined;
				},
				{ what: 'the execution to end' },
			);
			expect(rig.mode.workers.flatMap(executionsOn)).toContain(execution!.id);
			const { data } = await rig.client.executions.get(execution!.id);
			expect(data.resultData.error?.message).toMatch(REFUSED);
			await rig.client.workflows.unpublish(workflow.id);
		});
	});
});

/** The executions that a worker has begun and not ended, by what it printed. */
function running(worker: Host): string[] {
	const ended = new Set(
		[...worker.logs().matchAll(/Worker finished execution (\S+) /g)].map(([, id]) => id),
	);
	return executionsOn(worker).filter((id) => !ended.has(id));
}
