import { ConversationStore } from '../../nodes/store/store';
import { until } from '../host/waiting';
import { standIns } from '../standins';
import type { ChannelStandIn } from '../standins/channelStandIn';
import { answeringFlow } from './support/channelFlows';
import { startRig, type Published, type Rig } from './support/rig';

jest.setTimeout(300_000);

const CUSTOMER = '966500000055';

/** As a credential looks whose fields come from variables or a vault: also where nothing executes. */
const asExpressions = (data: object) =>
	Object.fromEntries(
		Object.entries(data).map(([name, value]: [string, unknown]) => [
			name,
			typeof value === 'string' && value !== '' ? `={{ ${JSON.stringify(value)} }}` : value,
		]),
	);

describe('platforms: what happens on either side reaches the other, once', () => {
	let rig: Rig;

	beforeAll(async () => {
		rig = await startRig({ N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' });
	});

	afterAll(async () => await rig.stop());

	describe.each(['chatwoot', 'respondio'])('%s', (key) => {
		let standIn: ChannelStandIn;
		let store: ConversationStore;
		let flow: Published;
		let url: string;

		beforeAll(async () => {
			standIn = await standIns[key]!();
			const { type, data } = standIn.credential;
			rig.credentials.unshift(
				await rig.client.credentials.create(`${key} platform`, type, asExpressions(data) as never),
			);
			const workspace = `${key}-platform`;
			store = await rig.openStore(workspace);
			await store.upsertTeam({ key: 'support' });
			for (const [agent, id] of [
				['amal', '11'],
				['basma', '12'],
			] as const) {
				await store.upsertAgent({
					key: agent,
					teams: ['support'],
					capacity: agent === 'amal' ? 5 : 0,
					availability: 'online',
					handles: { [key]: id },
					source: 'api',
				});
			}
			flow = await rig.publish(answeringFlow(standIn, 'support'), workspace);
			// n8n opens the webhook before it lets the node register it.
			url = await until(async () => standIn.registered()[0], { what: `${key}: the address` });
		});

		afterAll(async () => await standIn.close());

		const open = async () => {
			const [item] = await store.listConversations({ status: 'open', limit: 1, offset: 0 });
			return item!;
		};
		const shows = async (what: string, look: () => Promise<boolean> | boolean) =>
			await until(async () => (await look()) || undefined, { what: `${key}: ${what}` });
		const writing = () => standIn.received.filter(({ method }) => method !== 'GET').length;
		const eventsOf = async (type: string) =>
			(
				await store.engine.db
					.selectFrom('events')
					.select('id')
					.where('workspace', '=', store.workspace)
					.where('type', '=', type as never)
					.execute()
			).length;
		/** Everything that was owed to the platform has been told. */
		const quiet = async () =>
			await shows('nothing to be owed any more', async () => {
				const { deliveries } = await store.countEverything();
				return (deliveries.pending ?? 0) + (deliveries.claimed ?? 0) === 0;
			});

		it('the agent that the flow chose has it there, too', async () => {
			const message = { from: CUSTOMER, id: '301', text: 'أين طلبي؟' };
			expect((await standIn.customerWrites(url, message)).status).toBe(200);
			await shows('the agent', () => standIn.standing?.(CUSTOMER).assignee === '11');
			await quiet();
			// What came back of it changed nothing: one assignment, told by one call.
			expect(await eventsOf('assigned')).toBe(1);
		});

		it('a person there hands it to a colleague: the store follows, and does not answer back', async () => {
			await quiet();
			const before = writing();
			await standIn.personActs!(url, CUSTOMER, { type: 'assigned', agent: '12' });
			await shows('the colleague', async () => {
				const { conversation } = await open();
				return conversation.assignee?.key === 'basma';
			});
			await quiet();
			expect(writing()).toBe(before);
			expect(await eventsOf('assigned')).toBe(2);
			expect((await store.getAgent('amal')).openUnits).toBe(0);
			// A person's decision, above the capacity of none.
			expect((await store.getAgent('basma')).openUnits).toBe(1);
		});

		it('what an agent writes there is the first response, and that agent’s', async () => {
			const act = { type: 'replied', agent: '12', text: 'في الطريق 🚚', id: '302' } as const;
			await standIn.personActs!(url, CUSTOMER, act);
			const row = async () =>
				await store.engine.db
					.selectFrom('conversations')
					.select(['first_response_at', 'first_response_by'])
					.where('workspace', '=', store.workspace)
					.executeTakeFirstOrThrow();
			await shows('the reply', async () => (await row()).first_response_at !== null);
			expect((await row()).first_response_by).toBe('basma');
		});

		it('comments are told; while the platform is down they wait, and the store goes on', async () => {
			const { conversation } = await open();
			standIn.answerNext({ status: 503, body: 'maintenance' }, 2, ({ method }) => method !== 'GET');
			await store.addComment({
				conversationId: conversation.id,
				text: 'يتصل العميل غدًا',
				source: 'user',
			});
			expect((await open()).conversation.status).toBe('open');
			await until(
				async () =>
					standIn.standing?.(CUSTOMER).notes.some((note) => note.includes('يتصل العميل غدًا')) ||
					undefined,
				{ what: 'the comment to arrive after all', timeout: 90_000 },
			);
		});

		it('a person closes it there: closed here, with who did it, and not told back', async () => {
			await quiet();
			const before = writing();
			await standIn.personActs!(url, CUSTOMER, { type: 'closed' });
			await shows(
				'the end',
				async () => (await store.countEverything()).conversations.closed === 1,
			);
			await quiet();
			expect(writing()).toBe(before);
			expect(await eventsOf('closed')).toBe(1);
			const executions = await rig.client.executions.list({ workflowId: flow.workflow.id });
			expect(executions).toHaveLength(1);
		});
	});
});
