import type { INodeParameters, Logger, WorkflowActivateMode } from 'n8n-workflow';
import { channelByKey } from '../../nodes/channels';
import type { ConversationStore } from '../../nodes/store/store';
import type { ChannelStandIn } from '../standins/channelStandIn';
import { startChatwoot } from '../standins/chatwoot';
import { startMessenger } from '../standins/messenger';
import { startTelegram } from '../standins/telegram';
import { startWaha } from '../standins/waha';
import { Bench } from './support/bench';
import { nodeNamed } from './support/nodeTypes';
import { failureOf } from './support/samples';
import { settle, until } from './support/until';

// A provider that is away is asked again after some seconds; nobody waits for them here.
jest.mock('node:timers/promises', () => ({
	...jest.requireActual<object>('node:timers/promises'),
	setTimeout: async () => {},
}));

const NAME = 'conversationOpenedTrigger';
const LIVE = /^https:\/\/n8n\.example\.com\/webhook\//;
const TEST = /^https:\/\/n8n\.example\.com\/webhook-test\//;

/** After which an address is removed that nobody has put back. Milliseconds. */
const GRACE = 10_000;

/** Timers of the grace, which end when the test says so. */
class Graces {
	private readonly pending = new Map<NodeJS.Timeout, () => void>();

	constructor() {
		const { setTimeout: start, clearTimeout: end } = global;
		jest.spyOn(global, 'setTimeout').mockImplementation(((
			run: () => void,
			delay?: number,
			...args: unknown[]
		) => {
			if (delay !== GRACE) return start(run, delay, ...(args as []));
			// Far away, and gone when the test ends.
			const timer = start(() => {}, 2 ** 31 - 1).unref();
			this.pending.set(timer, run);
			return timer;
		}) as typeof setTimeout);
		jest.spyOn(global, 'clearTimeout').mockImplementation((timer) => {
			this.pending.delete(timer as NodeJS.Timeout);
			end(timer);
		});
	}

	get count(): number {
		return this.pending.size;
	}

	over(): void {
		for (const [timer, run] of this.pending) {
			clearTimeout(timer);
			run();
		}
	}
}

describe('registration at the provider', () => {
	let bench: Bench;
	let provider: ChannelStandIn;
	let graces: Graces;
	let warn: jest.SpiedFunction<Logger['warn']>;
	let info: jest.SpiedFunction<Logger['info']>;

	afterEach(async () => {
		jest.restoreAllMocks();
		await provider.close();
	});

	async function connect<S extends ChannelStandIn>(start: () => Promise<S>): Promise<S> {
		bench = new Bench();
		const started = await start();
		provider = started;
		const { type, data } = provider.credential;
		bench.credentials[type] = data as never;
		const logger = loggerOfNodes();
		warn = jest.spyOn(logger, 'warn');
		info = jest.spyOn(logger, 'info');
		graces = new Graces();
		return started;
	}

	const loggerOfNodes = () => bench.hookContext(NAME, 'activate').logger;

	const hook = async (
		which: 'checkExists' | 'create' | 'delete',
		activation: WorkflowActivateMode = 'activate',
		parameters: INodeParameters = {},
		isTest = activation === 'manual',
	) => {
		const context = bench.hookContext(NAME, activation, {
			parameters: { channel: provider.key, ...parameters },
			isTest,
		});
		return await nodeNamed(NAME).webhookMethods!.default![which].call(context);
	};

	/** As n8n does it: registers what is not registered yet. */
	const publish = async (activation?: WorkflowActivateMode, parameters?: INodeParameters) => {
		if (!(await hook('checkExists', activation, parameters))) {
			await hook('create', activation, parameters);
		}
	};

	/** As n8n does it: in the way of an edit, and only the webhook says that it was one of a test. */
	const endTest = async (parameters?: INodeParameters) =>
		await hook('delete', 'update', parameters, true);

	/** Calls that change something. */
	const writes = () => provider.received.filter(({ method }) => method !== 'GET');
	const warnings = () => warn.mock.calls.map(([message]) => message);

	describe.each([
		['Telegram', startTelegram, 'Bot Token', { botToken: '' }],
		['Chatwoot', startChatwoot, 'API Access Token', { apiAccessToken: '', webhookSecret: '' }],
		['WAHA', startWaha, 'API Key or HMAC Key', { apiKey: '', hmacSecret: '' }],
	])('of %s', (displayName, start, field, withoutSecrets) => {
		beforeEach(async () => {
			await connect<ChannelStandIn>(start);
		});

		test('publishing registers the production address, once', async () => {
			await publish();
			expect(provider.registered()).toEqual([expect.stringMatching(LIVE)]);
			expect(await hook('checkExists')).toBe(true);
			expect(writes()).toHaveLength(1);
			expect(warnings()).toEqual([]);
		});

		test('a republish within the grace changes nothing there', async () => {
			await publish();
			const before = writes().length;
			await hook('delete', 'update');
			expect(graces.count).toBe(1);
			await publish('update');
			expect(graces.count).toBe(0);
			graces.over();
			expect(await hook('checkExists')).toBe(true);
			expect(writes()).toHaveLength(before);
			expect(provider.registered()).toHaveLength(1);
		});

		test('unpublishing removes the address, but not before the grace is over', async () => {
			await publish();
			const before = writes().length;
			await hook('delete');
			expect(writes()).toHaveLength(before);
			graces.over();
			await until(() => provider.registered().length === 0);
			expect(warnings()).toEqual([]);
		});

		test('what is gone already when the grace is over is not removed again', async () => {
			await publish();
			await hook('delete');
			await hook('delete');
			expect(graces.count).toBe(1);
			graces.over();
			await until(() => provider.registered().length === 0);
			const before = writes().length;
			await hook('delete');
			const asked = provider.received.length;
			graces.over();
			await until(() => provider.received.length > asked);
			expect(await hook('checkExists')).toBe(false);
			expect(writes()).toHaveLength(before);
		});

		test('an address that cannot be removed is said', async () => {
			await publish();
			await hook('delete');
			await provider.close();
			graces.over();
			await until(() => warnings().length > 0);
			expect(warnings()).toEqual([
				expect.stringMatching(
					new RegExp(`\\(${displayName}\\): the address stays registered, .+ cannot be reached`),
				),
			]);
		});

		test('set up by hand, nothing is asked and nothing is done', async () => {
			const byHand = { webhookSetup: 'manual' };
			for (const activation of ['activate', 'init', 'manual'] as const) {
				expect(await hook('checkExists', activation, byHand)).toBe(false);
				expect(await hook('create', activation, byHand)).toBe(true);
				expect(await hook('delete', activation, byHand)).toBe(true);
			}
			expect(graces.count).toBe(0);
			expect(provider.received).toEqual([]);
		});

		test('what was registered stays when it is set up by hand from now on', async () => {
			await publish();
			await hook('delete', 'update');
			const before = provider.received.length;
			await publish('update', { webhookSetup: 'manual' });
			graces.over();
			expect(graces.count).toBe(0);
			expect(provider.received).toHaveLength(before);
		});

		test('another account at the next publication: what the old one has is removed', async () => {
			await publish();
			const old = provider;
			await hook('delete', 'update');
			await connectAnother(start);
			await publish('update');
			graces.over();
			expect(old.registered()).toEqual([]);
			expect(provider.registered()).toEqual([expect.stringMatching(LIVE)]);
			expect(warnings()).toEqual([]);
			await old.close();
		});

		async function connectAnother(startAnother: () => Promise<ChannelStandIn>) {
			provider = await startAnother();
			bench.credentials[provider.credential.type] = provider.credential.data as never;
		}

		test('a missing setting is named', async () => {
			Object.assign(bench.credentials[provider.credential.type]!, withoutSecrets);
			for (const which of ['checkExists', 'create'] as const) {
				expect(await failureOf(hook(which))).toMatchObject({
					name: 'NodeOperationError',
					message: `The ${displayName} credential is not complete: '${field}'`,
					description: 'Fill in what is missing in the credential, then publish again',
				});
			}
			expect(provider.received).toEqual([]);
		});

		test('a trigger that has come back in another process keeps the address', async () => {
			await publish();
			await hook('delete', 'update');
			// This process hears of it by the store alone.
			const context = bench.triggerContext(NAME, () => {}, {
				parameters: { channel: provider.key },
			});
			const running = await nodeNamed(NAME).trigger!.call(context);
			await expectToStay(jest.spyOn(await bench.store(), 'isSubscribed'));
			await running?.closeFunction?.();
		});

		test('while the store does not answer, the address stays', async () => {
			await publish();
			await hook('delete');
			const asked = jest.spyOn(await bench.store(), 'isSubscribed');
			await expectToStay(asked.mockRejectedValue(new Error('disk I/O error')));
		});

		/** When the grace is over, the store is asked, and the provider hears of nothing. */
		async function expectToStay(asked: jest.SpiedFunction<ConversationStore['isSubscribed']>) {
			const current = jest.spyOn(channelByKey(provider.key)!.registration!, 'current');
			graces.over();
			expect(asked).toHaveBeenCalledTimes(1);
			await (asked.mock.results[0]?.value as Promise<boolean>).catch(() => {});
			await settle();
			expect(current).not.toHaveBeenCalled();
			expect(provider.registered()).toEqual([expect.stringMatching(LIVE)]);
		}

		test.each(['init', 'leadershipChange'] as const)(
			'away while n8n starts (%s): it only warns, and the webhook opens',
			async (activation) => {
				await provider.close();
				expect(await hook('checkExists', activation)).toBe(true);
				expect(await hook('create', activation)).toBe(true);
				expect(warnings().length).toBeGreaterThan(1);
				for (const warning of warnings()) {
					expect(warning).toMatch(/could not be checked where messages are posted to\. .+reached/);
				}
			},
		);

		test.each(['activate', 'update', 'manual'] as const)(
			'away while it is published (%s): it fails with a sentence',
			async (activation) => {
				await provider.close();
				for (const which of ['checkExists', 'create'] as const) {
					expect(await failureOf(hook(which, activation))).toMatchObject({
						name: 'NodeOperationError',
						message: `${displayName} cannot be reached from here`,
						description: expect.stringContaining("Check 'Base URL'"),
					});
				}
				expect(warnings()).toEqual([]);
			},
		);

		test('a credential that is not accepted fails at the start of n8n, too', async () => {
			const refusal = { status: 401, body: { ok: false, error: 'Unauthorized' } };
			provider.answerNext(refusal, 4);
			for (const which of ['checkExists', 'create'] as const) {
				expect(await failureOf(hook(which, 'init'))).toMatchObject({ name: 'NodeOperationError' });
			}
			expect(warnings()).toEqual([]);
		});
	});

	describe.each([
		['Chatwoot', startChatwoot],
		['WAHA', startWaha],
	])('of %s, where there is room for several', (_name, start) => {
		test('the addresses of others stay', async () => {
			await connect<ChannelStandIn>(start);
			await publish();
			const [own] = provider.registered();
			await publish('manual');
			expect(provider.registered()).toEqual([own, expect.stringMatching(TEST)]);
			await hook('delete');
			graces.over();
			await until(() => provider.registered().length === 1);
			expect(provider.registered()).toEqual([expect.stringMatching(TEST)]);
			await endTest();
			expect(provider.registered()).toEqual([]);
			expect(warnings()).toEqual([]);
		});
	});

	describe('of Telegram, where there is room for one', () => {
		const OTHER = 'https://elsewhere.example.com/hook?token=secret-of-another';
		const takesOver = { options: { testTakesOver: true } };

		beforeEach(async () => {
			await connect(startTelegram);
		});

		/** Another program uses the same bot. */
		async function another(method: 'setWebhook' | 'deleteWebhook', body: object): Promise<void> {
			const { baseUrl, botToken } = provider.credential.data as Record<string, string>;
			const { status } = await fetch(`${baseUrl}/bot${botToken}/${method}`, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(body),
			});
			expect(status).toBe(200);
		}

		const setByAnother = async (url: string) => await another('setWebhook', { url });

		test('another address is taken over, which is said without what may be a token', async () => {
			await setByAnother(OTHER);
			expect(await hook('checkExists')).toBe(false);
			await hook('create');
			expect(provider.registered()).toEqual([expect.stringMatching(LIVE)]);
			expect(warnings()).toEqual([
				'Conversation Opened (Telegram): takes over from https://elsewhere.example.com/hook, where messages went until now',
			]);
		});

		test('is not taken over from itself', async () => {
			await publish();
			await hook('create');
			expect(warnings()).toEqual([]);
			expect(provider.registered()).toEqual([expect.stringMatching(LIVE)]);
		});

		test('what another program has registered since is not removed', async () => {
			await publish();
			await setByAnother(OTHER);
			await hook('delete');
			const asked = provider.received.length;
			graces.over();
			await until(() => provider.received.length > asked);
			expect(await hook('checkExists')).toBe(false);
			expect(provider.registered()).toEqual([OTHER]);
		});

		test('a test takes nothing from real customers unless it is told to', async () => {
			await publish();
			const [production] = provider.registered();
			expect(await failureOf(hook('create', 'manual'))).toMatchObject({
				name: 'NodeOperationError',
				message: `Telegram posts to ${production} now, and knows only one address: a test would take real customers away from it`,
				description: expect.stringContaining("the option 'Test Takes Over'"),
			});
			await setByAnother(OTHER);
			const refused = await failureOf(hook('create', 'manual'));
			expect(refused.message).toContain('https://elsewhere.example.com/hook now');
			expect(JSON.stringify(refused)).not.toContain('secret-of-another');
			await endTest();
			expect(provider.registered()).toEqual([OTHER]);
		});

		test('a test whose address is free registers its own and removes it at once', async () => {
			await publish('manual');
			expect(provider.registered()).toEqual([expect.stringMatching(TEST)]);
			await endTest();
			expect(provider.registered()).toEqual([]);
			expect(graces.count).toBe(0);
		});

		test('a test that takes over puts the address back when it ends', async () => {
			await publish();
			const production = provider.registered();
			await publish('manual', takesOver);
			expect(provider.registered()).toEqual([expect.stringMatching(TEST)]);
			await endTest(takesOver);
			expect(provider.registered()).toEqual(production);
			// Once: another test that found nothing to put aside puts nothing back.
			await hook('delete');
			graces.over();
			await until(() => provider.registered().length === 0);
			await publish('manual', takesOver);
			await endTest(takesOver);
			expect(provider.registered()).toEqual([]);
		});

		test('an address that cannot be put back is said, without what may be a token', async () => {
			const error = jest.spyOn(loggerOfNodes(), 'error');
			await setByAnother(OTHER);
			await publish('manual', takesOver);
			const refusal = { status: 401, body: { ok: false, error_code: 401 } };
			provider.answerNext(refusal, 1, ({ path }) => path.endsWith('/setWebhook'));
			await endTest(takesOver);
			expect(error.mock.calls.map(([message]) => message)).toEqual([
				expect.stringContaining(
					'its address could not be taken back for https://elsewhere.example.com/hook: publish the flow again',
				),
			]);
		});

		test('not if the workflow was published meanwhile', async () => {
			await setByAnother(OTHER);
			await publish('manual', takesOver);
			await publish();
			await endTest(takesOver);
			expect(provider.registered()).toEqual([expect.stringMatching(LIVE)]);
		});

		test('a test that could not begin leaves nothing to be put back', async () => {
			await setByAnother(OTHER);
			const refusal = { status: 400, body: { ok: false, description: 'Bad Request' } };
			provider.answerNext(refusal, 1, ({ path }) => path.endsWith('/setWebhook'));
			expect(await failureOf(hook('create', 'manual', takesOver))).toMatchObject({
				name: 'NodeOperationError',
			});
			await another('deleteWebhook', {});
			await publish('manual', takesOver);
			await endTest(takesOver);
			expect(provider.registered()).toEqual([]);
		});
	});

	describe('of Messenger, whose address is pasted at Meta', () => {
		const said = () => info.mock.calls.map(([message]) => message);

		test('publishing connects the page to the app, once', async () => {
			const messenger = await connect(startMessenger);
			await publish();
			expect(messenger.subscriptions.get(messenger.app)).toEqual(
				expect.arrayContaining(['messages', 'messaging_postbacks', 'standby']),
			);
			expect(said()).toEqual([
				'Conversation Opened (Messenger): Subscribed the app to the messages of the page.',
			]);
			const before = writes().length;
			await publish();
			expect(writes()).toHaveLength(before);
			expect(said()).toHaveLength(1);
		});

		test('a test run and the end of a publication leave the page as it is', async () => {
			const messenger = await connect(startMessenger);
			await publish('manual');
			await endTest();
			expect(provider.received).toEqual([]);
			await publish();
			await hook('delete');
			expect(graces.count).toBe(0);
			expect([...messenger.subscriptions.keys()]).toEqual([messenger.app]);
		});

		test('a failure is said, and stops nothing', async () => {
			await connect(startMessenger);
			Object.assign(bench.credentials.conversationMessengerApi!, { accessToken: 'expired' });
			expect(await hook('create')).toBe(true);
			expect(warnings()).toEqual([expect.stringMatching(/^Conversation Opened \(Messenger\): \w/)]);
			expect(warnings().join()).not.toContain('expired');
			await provider.close();
			expect(await hook('create')).toBe(true);
			expect(warnings()).toHaveLength(2);
			expect(warnings()[1]).toContain('Messenger cannot be reached from here');
		});
	});
});
