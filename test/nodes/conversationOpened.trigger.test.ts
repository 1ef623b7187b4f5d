import type { IDataObject, INodeParameters, IRun, ITriggerFunctions } from 'n8n-workflow';
import { subscriptionId } from '../../nodes/store/operations/subscriptions';
import { nodeNamed } from './support/nodeTypes';
import { Bench } from './support/bench';
import { plainMessage, posted } from './support/http';
import { expectItemShape, failureOf, openedItem } from './support/samples';
import { settle, until } from './support/until';

const PLAIN = { channel: 'plainWebhook', account: 'webshop' };
const NAME = 'conversationOpenedTrigger';
type Emit = ITriggerFunctions['emit'];
type Emitted = { json: IDataObject; key: string | undefined; end: (run?: IRun) => void };

/** Stands for n8n: writes down what is emitted, and ends the executions when the test says so. */
function recorder(): { emitted: Emitted[]; emit: Emit } {
	const emitted: Emitted[] = [];
	const emit: Emit = (data, _response, done, key) => {
		const [item] = data[0]!;
		emitted.push({ json: item!.json, key, end: (run) => done?.resolve(run as IRun) });
	};
	return { emitted, emit };
}

const success = { status: 'success' } as IRun;

describe('Conversation Opened: trigger() and the hooks', () => {
	let bench: Bench;
	const closing: Array<() => Promise<void>> = [];
	beforeEach(() => {
		bench = new Bench();
	});
	afterEach(async () => {
		for (const close of closing.splice(0)) await close();
		jest.useRealTimers();
	});

	const post = async (id: string, mode?: 'manual', parameters: INodeParameters = {}) =>
		await bench.webhook(posted(plainMessage(id, `message-${id}`, `Hello from ${id}`)), {
			parameters: { ...PLAIN, ...parameters },
			...(mode ? { mode } : {}),
		});

	async function start(emit: Emit, mode: 'trigger' | 'manual' = 'trigger', options = {}) {
		const context = bench.triggerContext(NAME, emit, { parameters: { ...PLAIN, options }, mode });
		const response = (await nodeNamed(NAME).trigger!.call(context))!;
		closing.push(async () => await response.closeFunction?.());
		return response;
	}

	const hook = async (
		which: 'checkExists' | 'create' | 'delete',
		activation: 'activate' | 'update' | 'manual' = 'activate',
		parameters: INodeParameters = PLAIN,
	) => {
		const { webhookMethods } = nodeNamed(NAME);
		return await webhookMethods!.default![which].call(
			bench.hookContext(NAME, activation, { parameters }),
		);
	};

	test('emits the whole item once for each conversation, with a key of its own', async () => {
		const { emitted, emit } = recorder();
		await start(emit);
		await post('amal');
		await post('amal');
		await post('basma');
		await until(() => emitted.length === 2);
		expectItemShape({ json: emitted[0]!.json }, ['delivery']);
		expect(emitted.map(({ json }) => json)).toMatchObject([
			{ contact: { name: 'amal' }, message: { text: 'Hello from amal' } },
			{ contact: { name: 'basma' } },
		]);
		expect(emitted[0]?.json).not.toHaveProperty('event');
		const { id } = emitted[0]!.json.delivery as { id: string };
		const storeId = await (await bench.store()).storeId();
		expect(emitted[0]?.key).toBe(`${storeId}:${id}:1`);
		expect(emitted[1]?.key).not.toBe(emitted[0]?.key);
	});

	test('what came before it started is emitted when it starts', async () => {
		await post('amal');
		const { emitted, emit } = recorder();
		await start(emit);
		await until(() => emitted.length === 1);
	});

	test('owns what others open on its account, from the start, where its Source says so', async () => {
		const { emitted, emit } = recorder();
		const context = bench.triggerContext(NAME, emit, {
			parameters: { ...PLAIN, sources: ['workflow'] },
		});
		const response = await nodeNamed(NAME).trigger!.call(context);
		closing.push(async () => await response?.closeFunction?.());
		const open = async (contactId: string, account: string) =>
			await openedItem(bench, contactId, { channel: 'plainWebhook', options: { account } });
		await open('basma', 'another account');
		await open('amal', 'webshop');
		await until(() => emitted.length > 0);
		await settle();
		expect(emitted).toHaveLength(1);
		expect(emitted[0]?.json).toMatchObject({ conversation: { account: 'webshop' } });
	});

	test('keeps the limit of executions at a time', async () => {
		const { emitted, emit } = recorder();
		await start(emit, 'trigger', { inFlightLimit: 1 });
		await post('amal');
		await post('basma');
		await until(() => emitted.length === 1);
		emitted[0]!.end(success);
		await until(() => emitted.length === 2);
		expect(emitted[1]?.json).toMatchObject({ contact: { name: 'basma' } });
	});

	test('what it is owed survives a republish', async () => {
		const first = recorder();
		const running = await start(first.emit);
		await running.closeFunction?.();
		await hook('delete', 'update');
		await post('amal');
		const second = recorder();
		await start(second.emit);
		await until(() => second.emitted.length === 1);
		expect(first.emitted).toEqual([]);
		expect(second.emitted[0]?.json).toMatchObject({ contact: { name: 'amal' } });
	});

	test('says goodbye to the test subscription only after a test', async () => {
		await start(recorder().emit);
		await start(recorder().emit, 'manual');
		await hook('delete', 'manual');
		const store = await bench.store();
		const ended = async (isTest: boolean) => {
			const id = subscriptionId({ workflowId: bench.workflowId, nodeId: `node-${NAME}`, isTest });
			const row = await store.engine.db
				.selectFrom('subscriptions')
				.select('ended_at')
				.where('id', '=', id)
				.executeTakeFirstOrThrow();
			return row.ended_at !== null;
		};
		expect([await ended(false), await ended(true)]).toEqual([false, true]);
		await hook('delete');
		expect(await ended(false)).toBe(true);
	});

	describe('in a test run', () => {
		test('emits the newest test message through manualTriggerFunction, once', async () => {
			await post('amal', 'manual');
			await post('basma', 'manual');
			const { emitted, emit } = recorder();
			const { manualTriggerFunction } = await start(emit, 'manual');
			await manualTriggerFunction!();
			expect(emitted).toHaveLength(1);
			expectItemShape({ json: emitted[0]!.json }, ['delivery']);
			expect(emitted[0]?.json).toMatchObject({ contact: { name: 'basma' } });
			await manualTriggerFunction!();
			expect(emitted).toHaveLength(1);
		});

		test('waits until the message is there, and no longer than the listener', async () => {
			const { emitted, emit } = recorder();
			const { manualTriggerFunction, closeFunction } = await start(emit, 'manual');
			jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] });
			await manualTriggerFunction!();
			expect(emitted).toEqual([]);
			await post('amal', 'manual');
			jest.advanceTimersByTime(200);
			await until(() => emitted.length === 1);
			await manualTriggerFunction!();
			await closeFunction!();
			await post('basma', 'manual');
			jest.advanceTimersByTime(1_000);
			await until(() => jest.getTimerCount() === 0);
			expect(emitted).toHaveLength(1);
		});

		test('a store that fails is said, not swallowed', async () => {
			const emitError = jest.fn();
			const context = bench.triggerContext(NAME, recorder().emit, {
				parameters: PLAIN,
				mode: 'manual',
				emitError,
			});
			const { manualTriggerFunction } = (await nodeNamed(NAME).trigger!.call(context))!;
			const tests = (await bench.store()).forTests();
			jest.spyOn(tests, 'claimDeliveries').mockRejectedValueOnce(new Error('disk I/O error'));
			await manualTriggerFunction!();
			expect(emitError).toHaveBeenCalledWith(
				expect.objectContaining({ message: 'disk I/O error' }),
			);
		});
	});

	describe('activation', () => {
		test('never believes that the webhook is registered, and creates it', async () => {
			expect(await hook('checkExists')).toBe(false);
			expect(await hook('create')).toBe(true);
		});

		test.each([
			['create', 'App Secret', { appSecret: '', verifyToken: 'word' }],
			['create', 'Verify Token', { appSecret: 'secret', verifyToken: '' }],
			['trigger', 'App Secret', { appSecret: '', verifyToken: 'word' }],
		])('%s fails with the field to fill: %s', async (which, field, secrets) => {
			bench.credentials.conversationWhatsAppApi = secrets;
			const run =
				which === 'create'
					? hook('create', 'activate', {})
					: nodeNamed(NAME).trigger!.call(bench.triggerContext(NAME, recorder().emit));
			expect(await failureOf(run)).toMatchObject({
				name: 'NodeOperationError',
				message: expect.stringContaining(`'${field}'`),
				description: 'Fill in what is missing in the credential, then publish again',
			});
		});

		test('a channel of a later version is named', async () => {
			const context = bench.hookContext(NAME, 'activate', { parameters: PLAIN });
			context.node.parameters.channel = 'pigeon';
			const run = nodeNamed(NAME).webhookMethods!.default!.create.call(context);
			expect(await failureOf(run)).toMatchObject({
				message: "This version of the package has no channel 'pigeon'",
				description: expect.stringContaining('update the package'),
			});
		});
	});

	test.each([
		[{}, { action: 'queue', team: null, retries: 2 }],
		[
			{ badEnd: 'retry', retries: 3, fallbackTeam: { __rl: true, mode: 'id', value: 'support' } },
			{ action: 'retry', team: 'support', retries: 3 },
		],
	])('tells the store what to do when the flow ends badly: %j', async (options, policy) => {
		await start(recorder().emit, 'trigger', options);
		const row = await (
			await bench.store()
		).engine.db
			.selectFrom('subscriptions')
			.select('on_bad_end')
			.executeTakeFirstOrThrow();
		expect(JSON.parse(row.on_bad_end)).toEqual(policy);
	});

	test.each([
		['keywords', { keywords: 'refund، فاتورة' }, 'عندي سؤال عن الفاتورة', 'hello'],
		['contactIs', { contactIs: 'new' }, 'first', undefined],
	])('the condition %s filters', async (_name, options, matching, other) => {
		const { emitted, emit } = recorder();
		await start(emit, 'trigger', options);
		const send = async (who: string, text: string) =>
			await bench.webhook(posted(plainMessage(who, `m-${who}`, text)), { parameters: PLAIN });
		if (other !== undefined) await send('basma', other);
		await send('amal', matching);
		await until(() => emitted.length === 1);
		expect(emitted[0]?.json).toMatchObject({ contact: { name: 'amal' } });
	});
});
