import { ConversationStore } from '../../nodes/store/store';
import { until } from '../host/waiting';
import type { ChannelStandIn } from '../standins/channelStandIn';
import { standIns } from '../standins';
import { answeringFlow, answerTo, WRITTEN } from './support/channelFlows';
import { startRig, type Published, type Rig } from './support/rig';
import { staff } from './support/team';

jest.setTimeout(300_000);

const TEAM = 'support';
const CUSTOMER = '966500000077';

/** Channels whose provider the trigger tells where to post, and can take it back. */
const REGISTERING = ['telegram', 'viber', 'evolution', 'waha', 'respondio', 'chatwoot'];

/** A test only for the channels that have this; for the others there is nothing to skip. */
const whereIt = (has: boolean) => (name: string, test: () => Promise<void>) => {
	if (has) it(name, test);
};

describe('every channel in a real n8n, against a stand-in of its provider', () => {
	let rig: Rig;

	beforeAll(async () => {
		rig = await startRig({ N8N_EXPRESSION_ENGINE_LAZY_ACQUIRE: 'true' });
	});

	afterAll(async () => await rig.stop());

	describe.each(Object.entries(standIns))('%s', (key, start) => {
		let standIn: ChannelStandIn;
		let store: ConversationStore;
		let flow: Published;

		beforeAll(async () => {
			standIn = await start();
			const { type, data } = standIn.credential;
			// Before the other channels' credentials of the same type, if there are any.
			rig.credentials.unshift(
				await rig.client.credentials.create(`${key} stand-in`, type, data as never),
			);
			store = await rig.openStore(key);
			await staff(store, TEAM, 1, 100);
			flow = await rig.publish(answeringFlow(standIn, TEAM), key);
		});

		afterAll(async () => await standIn.close());

		const conversation = async () => {
			const [item] = await store.listConversations({ limit: 1, offset: 0 });
			return item;
		};

		const registers = REGISTERING.includes(key) || key === 'line';

		it('the test of its credential asks the provider, and passes', async () => {
			const [credential] = rig.credentials;
			expect(await rig.client.credentials.test(credential!.id)).toMatchObject({ status: 'OK' });
		});

		whereIt(registers)('publishing registers the URL', async () => {
			await until(async () => standIn.registered().length > 0 || undefined, {
				what: `${key} to know the URL`,
			});
			expect(standIn.registered()).toHaveLength(1);
			expect(standIn.registered()[0]).toContain(flow.url);
		});

		it('a message opens one conversation, byte for byte, and is answered there', async () => {
			const url = standIn.registered()[0] ?? flow.url;
			const message = { from: CUSTOMER, id: '1001', text: WRITTEN, name: 'سارة' };
			expect((await standIn.customerWrites(url, message)).status).toBe(200);
			// The provider did not hear the answer, and sends it again.
			expect((await standIn.customerWrites(url, message)).status).toBe(200);

			await until(async () => standIn.delivered(CUSTOMER).length > 0 || undefined, {
				what: `the answer to arrive on ${key}`,
				timeout: 60_000,
			});
			expect(standIn.delivered(CUSTOMER)).toEqual([answerTo(WRITTEN)]);
			const counts = await store.countEverything();
			expect(counts.conversations).toMatchObject({ open: 1, assigned: 1 });
			const item = await conversation();
			expect(item?.message?.text).toBe(WRITTEN);
			await until(
				async () => {
					const history = await store.conversationHistory(item!.conversation.id);
					return history.some(({ type }) => type === 'replied') || undefined;
				},
				{ what: 'the answer to be recorded' },
			);
			const history = await store.conversationHistory(item!.conversation.id);
			const texts = history.filter(({ kind }) => kind === 'message').map(({ text }) => text);
			expect(texts).toEqual([WRITTEN, answerTo(WRITTEN)]);
			// An automatic answer is nobody's first response.
			const { first_response_at: first } = await store.engine.db
				.selectFrom('conversations')
				.select('first_response_at')
				.where('id', '=', item!.conversation.id)
				.executeTakeFirstOrThrow();
			expect(first).toBeNull();
		});

		it('closing frees the contact; the platform is told', async () => {
			const item = await conversation();
			await store.closeConversation({
				conversationId: item!.conversation.id,
				category: 'Delivery',
				summary: 'وصل الطلب',
				source: 'user',
			});
			if (standIn.standing) {
				await until(async () => standIn.standing?.(CUSTOMER).status === 'closed' || undefined, {
					what: `${key} to hear that it is closed`,
				});
				expect(JSON.stringify(standIn.standing(CUSTOMER))).toContain('Delivery');
			}
			const url = standIn.registered()[0] ?? flow.url;
			await standIn.customerWrites(url, { from: CUSTOMER, id: '5001', text: 'مرة أخرى' });
			await until(async () => standIn.delivered(CUSTOMER).length === 2 || undefined, {
				what: 'the next round to be answered',
				timeout: 60_000,
			});
			expect((await store.countEverything()).conversations).toMatchObject({ open: 1, closed: 1 });
		});

		it('five messages that a new contact sends at once open one conversation', async () => {
			const url = standIn.registered()[0] ?? flow.url;
			const from = '966500000088';
			const before = await store.countEverything();
			const answers = await Promise.all(
				[1, 2, 3, 4, 5].map(
					async (n) =>
						await standIn.customerWrites(url, { from, id: `70${n}`, text: `${WRITTEN} ${n}` }),
				),
			);
			expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
			await until(async () => standIn.delivered(from).length > 0 || undefined, {
				what: 'the answer',
				timeout: 60_000,
			});
			const after = await store.countEverything();
			expect(after.conversations.open).toBe(before.conversations.open + 1);
			expect(after.contacts).toBe(before.contacts + 1);
			expect(standIn.delivered(from)).toHaveLength(1);
			const runs = await rig.client.executions.list({ workflowId: flow.workflow.id });
			// One for each of the three conversations of this channel.
			expect(runs).toHaveLength(3);
		});

		whereIt(registers)('republishing does not touch the provider', async () => {
			const calls = () => standIn.received.filter(({ method }) => method !== 'GET').length;
			const before = calls();
			await rig.client.workflows.publish(flow.workflow.id);
			await rig.client.workflows.waitForWebhook(flow.url);
			expect(standIn.registered()).toHaveLength(1);
			expect(calls()).toBe(before);
		});

		whereIt(REGISTERING.includes(key))('unpublishing removes the URL', async () => {
			await rig.client.workflows.unpublish(flow.workflow.id);
			await until(async () => standIn.registered().length === 0 || undefined, {
				what: `${key} to forget the URL`,
			});
		});
	});
});
