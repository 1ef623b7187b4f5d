import type { IDataObject, INodeParameters, IRun, ITriggerFunctions } from 'n8n-workflow';
import type { EventFilter } from '../../nodes/store/eventFilter';
import { nodeNamed } from './support/nodeTypes';
import { Bench } from './support/bench';
import {
	byKey,
	closed,
	expectItemShape,
	failureOf,
	idOf,
	openedItem,
	team,
} from './support/samples';
import { until } from './support/until';

const NAME = 'conversationEventTrigger';
type Emit = ITriggerFunctions['emit'];

describe('Conversation Event', () => {
	let bench: Bench;
	const closing: Array<() => Promise<void>> = [];
	beforeEach(async () => {
		bench = new Bench();
		await team(bench, 'billing', { nathan: null });
	});
	afterEach(async () => {
		for (const close of closing.splice(0)) await close();
		jest.useRealTimers();
	});

	async function listen(
		events: string[],
		mode: 'trigger' | 'manual' = 'trigger',
		more: INodeParameters = {},
	) {
		const emitted: IDataObject[] = [];
		const keys: unknown[] = [];
		const emit: Emit = (data, _response, done, key) => {
			emitted.push(data[0]![0]!.json);
			keys.push(key);
			done?.resolve({ status: 'success' } as IRun);
		};
		const context = bench.triggerContext(NAME, emit, {
			parameters: { events, ...more },
			mode,
		});
		const response = (await nodeNamed(NAME).trigger!.call(context))!;
		closing.push(async () => await response.closeFunction?.());
		return { emitted, keys, ...response };
	}

	/** Opens, assigns and closes. */
	async function handle(who: string) {
		const item = await openedItem(bench, who);
		await bench.execute('autoAssignAgent', {
			parameters: { assignTo: 'team', team: byKey('billing') },
			items: [item],
		});
		await closed(bench, item);
		return item;
	}

	test('emits the event with the whole item, as it is then', async () => {
		const { emitted, keys } = await listen(['assigned']);
		const item = await handle('amal');
		await until(() => emitted.length === 1);
		expectItemShape({ json: emitted[0]! }, ['event', 'links', 'delivery']);
		expect(emitted[0]).toMatchObject({
			event: {
				id: expect.any(String),
				type: 'assigned',
				at: expect.stringMatching(/^\d{4}-/),
				source: 'workflow',
				actor: null,
				data: expect.any(Object),
			},
			conversation: { id: idOf(item) },
			contact: {},
			delivery: { id: expect.any(String) },
		});
		expect(keys[0]).toContain((emitted[0]!.delivery as { id: string }).id);
	});

	test('emits what it listens for and nothing else, in order', async () => {
		const { emitted } = await listen(['opened', 'closed']);
		await handle('amal');
		await handle('basma');
		await until(() => emitted.length === 4);
		const types = emitted.map(({ event }) => (event as { type: string }).type);
		expect(types).toEqual(['opened', 'closed', 'opened', 'closed']);
	});

	test('a node behind it acts, once per event', async () => {
		const { emitted } = await listen(['assigned']);
		await handle('amal');
		await until(() => emitted.length === 1);
		const run = async (executionId: string) => {
			const { outputs } = await bench.execute('enrichContact', {
				items: [emitted[0]!],
				executionId,
			});
			return outputs.flat().length;
		};
		expect([await run('1'), await run('2')]).toEqual([1, 0]);
	});

	describe('its filter', () => {
		const stored = async (events: string[], more: INodeParameters = {}) => {
			await listen(events, 'trigger', more);
			const { db } = (await bench.store()).engine;
			const row = await db.selectFrom('subscriptions').select('filter').executeTakeFirstOrThrow();
			return JSON.parse(row.filter) as EventFilter;
		};
		const links = { lifetime: 24 * 3_600_000, snoozeFor: 3_600_000 };

		test('is the events alone unless options say more', async () => {
			expect(await stored(['assigned'])).toEqual({ events: ['assigned'], links });
		});

		test('has what the options say', async () => {
			const options = {
				agents: 'nathan, ann',
				channels: ['whatsapp'],
				collectFor: 20,
				linkLifetime: 2,
				otherChannels: 'helpdesk، slack',
				snoozeFor: 30,
				sources: ['queue'],
				teams: 'billing',
			};
			const events = ['message_received', 'first_response_overdue'];
			expect(await stored(events, { options, overdueAfter: 5 })).toEqual({
				events,
				agents: ['nathan', 'ann'],
				channels: ['whatsapp', 'helpdesk', 'slack'],
				sources: ['queue'],
				teams: ['billing'],
				overdueAfter: 5 * 60_000,
				collectFor: 20_000,
				links: { lifetime: 2 * 3_600_000, snoozeFor: 30 * 60_000 },
			});
		});

		test.each([
			['Overdue After', { events: ['first_response_overdue'], overdueAfter: 0 }],
			['Collect Messages For', { options: { collectFor: -1 } }],
			['Link Lifetime', { options: { linkLifetime: 721 } }],
			['Snooze For', { options: { snoozeFor: 0 } }],
		])('%s that makes no sense stops the publication', async (label, more) => {
			const failed = await failureOf(listen(['assigned'], 'trigger', more as INodeParameters));
			expect(failed.message).toContain(`${label} must be a number from`);
			expect(failed.description).toContain('publish again');
		});

		test('is applied to what is emitted', async () => {
			const { emitted } = await listen(['assigned', 'opened'], 'trigger', {
				options: { sources: ['workflow'], teams: 'billing' },
			});
			const item = await handle('amal');
			await until(() => emitted.length === 1);
			expect(emitted).toMatchObject([
				{ event: { type: 'assigned' }, conversation: { id: idOf(item) } },
			]);
		});
	});

	describe('in a test run', () => {
		beforeEach(() => {
			jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] });
		});

		test('emits the next event, and takes it from nobody', async () => {
			const production = await listen(['assigned']);
			const test = await listen(['assigned'], 'manual');
			await test.manualTriggerFunction!();
			expect(test.emitted).toEqual([]);
			await handle('amal');
			jest.advanceTimersByTime(200);
			await until(() => test.emitted.length === 1 && production.emitted.length === 1);
			expect(test.emitted[0]).toMatchObject({ event: { type: 'assigned' } });
			expect(test.emitted[0]).not.toHaveProperty('delivery');
		});

		test('hears the events of test conversations, too', async () => {
			const test = await listen(['opened'], 'manual');
			const tests = (await bench.store()).forTests();
			await tests.openConversation({
				contact: { identities: [{ channel: 'chat', account: 'main', id: 'amal' }] },
				channel: 'chat',
				account: 'main',
				source: 'test',
				mentionsAny: () => false,
			});
			await test.manualTriggerFunction!();
			expect(test.emitted).toMatchObject([{ event: { type: 'opened', source: 'test' } }]);
		});

		test('stops looking when the person stops listening', async () => {
			const test = await listen(['assigned'], 'manual');
			await test.manualTriggerFunction!();
			await test.closeFunction!();
			await handle('amal');
			const before = jest.getTimerCount();
			jest.advanceTimersByTime(200);
			await until(() => jest.getTimerCount() < before);
			expect(test.emitted).toEqual([]);
		});
	});
});
