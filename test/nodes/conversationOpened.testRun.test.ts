import type { INodeParameters } from 'n8n-workflow';
import { Bench } from './support/bench';
import { plainMessage, posted } from './support/http';

const PLAIN = { channel: 'plainWebhook', account: 'webshop' };

describe('Conversation Opened: webhook() in a test run', () => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
	});

	const post = async (body: unknown, parameters: INodeParameters = {}) =>
		await bench.webhook(posted(body), { parameters: { ...PLAIN, ...parameters }, mode: 'manual' });
	const counts = async () => {
		const store = await bench.store();
		return [await store.countEverything(), await store.forTests().countEverything()] as const;
	};

	test('writes to the test workspace only, and starts the run', async () => {
		const { webhookResponse, workflowData } = await post(plainMessage('amal', 'm-1'));
		expect(webhookResponse).toMatchObject({ opened: 1 });
		expect(workflowData).toEqual([[{ json: webhookResponse }]]);
		const [real, test] = await counts();
		expect(real).toMatchObject({ contacts: 0, messages: 0 });
		expect(test).toMatchObject({ contacts: 1, conversations: { open: 1 } });
	});

	test('the same message again starts the run again', async () => {
		await post(plainMessage('amal', 'm-1'));
		const { workflowData } = await post(plainMessage('amal', 'm-1'));
		expect(workflowData).toHaveLength(1);
		expect((await counts())[1]).toMatchObject({ conversations: { open: 1, closed: 1 } });
	});

	test('a message that the conditions leave out starts nothing: the listener stays', async () => {
		const refund = { options: { keywords: 'refund' } };
		const { workflowData } = await post(plainMessage('amal', 'm-1', 'hello'), refund);
		expect(workflowData).toBeUndefined();
		const next = await post(plainMessage('amal', 'm-2', 'a refund'), refund);
		expect(next.workflowData).toHaveLength(1);
	});

	test('conditions that were changed since the last test count at once', async () => {
		await post(plainMessage('amal', 'm-1'), { options: { keywords: 'refund' } });
		const { workflowData } = await post(plainMessage('amal', 'm-2'));
		expect(workflowData).toHaveLength(1);
	});

	test('a body without a message starts nothing', async () => {
		expect((await post([])).workflowData).toBeUndefined();
	});
});
