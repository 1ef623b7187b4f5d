import { ConversationStore } from '../../nodes/store/store';
import { until } from '../host/waiting';
import { startTelegram, type TelegramStandIn } from '../standins/telegram';
import { answeringFlow } from './support/channelFlows';
import { startRig, type Published, type Rig } from './support/rig';
import { staff } from './support/team';

jest.setTimeout(300_000);

const TRIGGER = 'Conversation Opened';

describe('a test run on a channel that has room for one address', () => {
	let rig: Rig;
	let telegram: TelegramStandIn;
	let store: ConversationStore;
	let flow: Published;

	beforeAll(async () => {
		rig = await startRig({ N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' });
		telegram = await startTelegram();
		const { type, data } = telegram.credential;
		rig.credentials.push(await rig.client.credentials.create('Bot', type, data as never));
		store = await rig.openStore('tests');
		await staff(store, 'support', 1, 100);
		flow = await rig.publish(answeringFlow(telegram, 'support'), 'tests');
		// n8n opens the webhook before it lets the node register it.
		await until(async () => address(), { what: 'the address of production to be registered' });
	});

	afterAll(async () => {
		await rig.stop();
		await telegram.close();
	});

	const address = () => telegram.registered()[0];

	/** What is published still hears and answers. */
	async function expectLive(from: string): Promise<void> {
		await until(async () => address() === flow.url || undefined, {
			what: 'the address of production to stand there',
		});
		await telegram.customerWrites(flow.url, { from, id: '1', text: 'مرحبا' });
		await until(async () => telegram.delivered(from).length > 0 || undefined, {
			what: 'production to answer',
			timeout: 60_000,
		});
		const id = `${flow.workflow.id}:${flow.workflow.nodes[0]!.id}`;
		expect(await store.isSubscribed(id)).toBe(true);
	}

	it('does not silence production without being told to', async () => {
		const run = rig.client.workflows.startManualRun(flow.workflow.id, {
			trigger: TRIGGER,
			pushRef: 'silence',
		});
		await expect(run).rejects.toThrow(/a test would take real customers away/);
		await expectLive('501');
	});

	it('takes the address when it is told to, sends nobody anything, and puts it back', async () => {
		const saved = await rig.client.workflows.get(flow.workflow.id);
		const nodes = saved.nodes.map((node) =>
			node.name === TRIGGER
				? { ...node, parameters: { ...node.parameters, options: { testTakesOver: true } } }
				: node,
		);
		await rig.client.workflows.update(flow.workflow.id, { nodes });
		await rig.client.workflows.publish(flow.workflow.id);
		const workflow = await rig.client.workflows.get(flow.workflow.id);
		const execution = await rig.client.workflows.listenForTestEvent(
			workflow,
			{ trigger: TRIGGER },
			async (testUrl) => {
				await until(async () => address() === testUrl || undefined, {
					what: 'the address of the test to stand there',
				});
				const message = { from: '502', id: '1', text: 'تجربة' };
				expect((await telegram.customerWrites(testUrl, message)).status).toBe(200);
			},
		);
		expect(execution.status).toBe('success');
		expect(telegram.delivered('502')).toEqual([]);
		await expectLive('503');
	});
});
