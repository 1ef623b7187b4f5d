import { resumeAddresses } from '../../nodes/store/resumeAddresses';
import { meaningOf, Resuming, type PostResume } from '../../nodes/store/resuming';
import { startPump } from '../../nodes/store/pump';
import type { ConversationStore } from '../../nodes/store/store';
import { until } from '../nodes/support/until';
import { sqliteEngine, testClock, type TestClock } from './support/engines';
import { answered, ask, judge, says, TOKEN, waitOf, type Asked } from './support/questions';
import { opened } from './support/samples';

describe('what n8n answers a call for an execution that waits', () => {
	// As n8n 2.40.7 gives them (webhooks/waiting-webhooks.js, response-helper.js).
	const n8nError = (message: string) => JSON.stringify({ code: 0, message, hint: '' });
	test.each([
		['heard', 200, '{"waiting":true}'],
		['heard', 200, '{"message":"Workflow was started"}'],
		['heard', 204, ''],
		['running', 409, n8nError('The execution "7" is running already.')],
		['gone', 409, n8nError('The execution "7" has finished with error.')],
		// The missing quotation mark is n8n's.
		['gone', 409, n8nError('The execution "7 has finished already.')],
		['gone', 404, n8nError('The execution "7" does not exist.')],
		[
			'gone',
			404,
			n8nError(
				'The workflow for execution "7" does not contain a waiting webhook with a matching path/method.',
			),
		],
		['gone', 401, '{"error":"Invalid token"}'],
		['unknown', 401, 'Unauthorized'],
		['unknown', 404, '<html>nginx</html>'],
		['unknown', 404, 'tunnel abc.example.com not found'],
		['unknown', 500, n8nError('Execution is already being resumed by another process')],
		['unknown', 503, '{"waiting":true}'],
		['unknown', 302, ''],
		['unknown', 403, 'Blocked by a firewall'],
	] as const)('%s: %i %s', (meaning, status, body) => {
		expect(meaningOf({ status, body })).toBe(meaning);
	});
});

describe('where an execution that waits is told', () => {
	const url = 'https://n8n.example.com/base/webhook-waiting/7/conversation-answer?signature=a%2Fb';
	const path = '/webhook-waiting/7/conversation-answer?signature=a%2Fb';
	const local = (at: string) => [`http://${at}${path}`, url];
	const addresses = (env: NodeJS.ProcessEnv, command?: string) =>
		resumeAddresses(url, { env, command: command as string });

	test.each<[string, NodeJS.ProcessEnv, string | undefined, string[]]>([
		['n8n itself first', {}, 'start', local('127.0.0.1:5678')],
		['without a command', {}, undefined, local('127.0.0.1:5678')],
		['on its port', { N8N_PORT: '80' }, 'start', local('127.0.0.1:80')],
		['where it listens', { N8N_LISTEN_ADDRESS: '10.0.0.7' }, 'start', local('10.0.0.7:5678')],
		['everywhere', { N8N_LISTEN_ADDRESS: '::' }, 'start', local('127.0.0.1:5678')],
		['everywhere, of old', { N8N_LISTEN_ADDRESS: '0.0.0.0' }, 'start', local('127.0.0.1:5678')],
		['by IPv6', { N8N_LISTEN_ADDRESS: '::1' }, 'start', local('[::1]:5678')],
		['a worker has no server', {}, 'worker', [url]],
		['a process for webhooks has one', {}, 'webhook', local('127.0.0.1:5678')],
		[
			'the main process serves none',
			{ N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true' },
			'start',
			[url],
		],
		[
			'those for webhooks do all the same',
			{ N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true' },
			'webhook',
			local('127.0.0.1:5678'),
		],
		[
			'with a certificate of its own',
			{ N8N_PROTOCOL: 'https', N8N_SSL_KEY: '/key', N8N_SSL_CERT: '/cert' },
			'start',
			[url],
		],
		['behind a proxy with one', { N8N_PROTOCOL: 'https' }, 'start', local('127.0.0.1:5678')],
		['under another path', { N8N_ENDPOINT_WEBHOOK_WAIT: 'waiting' }, 'start', [url]],
	])('%s', (_name, env, command, expected) => {
		expect(addresses(env, command)).toEqual(expected);
	});

	test('an address that is the public one as well is asked once', () => {
		const own = `http://127.0.0.1:5678${path}`;
		expect(resumeAddresses(own, { env: {}, command: 'start' })).toEqual([own]);
	});
});

describe('telling executions', () => {
	const engine = sqliteEngine();
	let clock: TestClock;
	let store: ConversationStore;
	const failures: unknown[] = [];

	beforeEach(async () => {
		clock = testClock();
		store = await engine.openStore({ clock });
		failures.length = 0;
	});
	afterAll(async () => await engine.cleanUp());

	/** A contact of whose flow something is to be told. */
	async function due(who: string): Promise<Asked> {
		const asked = await ask(store, await opened(store, who));
		await says(store, who);
		return asked;
	}

	const resuming = (send: PostResume) => new Resuming(store, (error) => failures.push(error), send);
	const heard = { status: 200, body: '' };
	const told = async (asked: Asked) => (await waitOf(store, asked))?.due_at === null;

	test('says which questions it is for, and nothing else', async () => {
		const asked = await due('amal');
		const calls: Array<Parameters<PostResume>> = [];
		await resuming(async (...call) => {
			calls.push(call);
			return heard;
		}).start();
		await until(async () => await told(asked));
		expect(calls).toEqual([[expect.stringContaining(TOKEN), { wait: asked.groupId }]]);
	});

	test('goes to the public address where its own process does not answer', async () => {
		const asked = await due('amal');
		const hosts: string[] = [];
		await resuming(async (url) => {
			const { host } = new URL(url);
			hosts.push(host);
			if (host.startsWith('127.')) throw new Error(`connect ECONNREFUSED ${url}`);
			return heard;
		}).start();
		await until(async () => await told(asked));
		expect(hosts).toEqual(['127.0.0.1:5678', 'n8n.example.com']);
		expect(failures).toEqual([]);
	});

	const GONE = { status: 404, body: 'The execution "7" does not exist.' };

	test('gone here, it may wait in another n8n that shares the store', async () => {
		const asked = await due('amal');
		await resuming(async (url) => (url.includes('127.0.0.1') ? GONE : heard)).start();
		await until(async () => await told(asked));
		expect(await waitOf(store, asked)).toMatchObject({ outcome: null });
	});

	test.each([
		['the public address says so, too', async () => GONE],
		['a tunnel is away', async () => ({ status: 502, body: '' })],
	])('gone here: the wait ends when %s', async (_name, elsewhere) => {
		const asked = await due('amal');
		await resuming(async (url) => (url.includes('127.0.0.1') ? GONE : await elsewhere())).start();
		await until(async () => await told(asked));
		expect(await waitOf(store, asked)).toMatchObject({ result: { reason: 'flowGone' } });
	});

	test('a node that asks to be called again is not called by another way at once', async () => {
		const asked = await due('amal');
		let calls = 0;
		await resuming(async () => {
			calls++;
			return { status: 503, body: '{"waiting":true}' };
		}).start();
		await until(async () => (await waitOf(store, asked))?.posts === 1);
		expect(calls).toBe(1);
		expect(await waitOf(store, asked)).toMatchObject({ due_at: clock() + 1000 });
	});

	test('tries again after a failure, and says nothing of the address', async () => {
		const asked = await due('amal');
		let answers = false;
		const telling = resuming(async (url) => {
			if (!answers) throw new Error(`fetch failed: ${url}`);
			return heard;
		});
		await telling.start();
		await until(async () => (await waitOf(store, asked))?.posts === 1);
		answers = true;
		await telling.start();
		expect(await told(asked)).toBe(false);
		clock.advance(1000);
		await telling.start();
		await until(async () => await told(asked));
		expect(failures).toEqual([]);
	});

	test('a store that fails is told, without the address', async () => {
		await due('amal');
		const finish = jest.spyOn(store, 'finishResume').mockRejectedValue(new Error('disk full'));
		await resuming(async () => heard).start();
		await until(() => failures.length > 0);
		finish.mockRestore();
		expect(failures.map(String)).toEqual(['Error: disk full']);
	});

	test('ten at a time; one that hangs holds up nobody else', async () => {
		const hanging = await due('hangs');
		const others: Asked[] = [];
		for (let i = 0; i < 25; i++) others.push(await due(`contact ${i}`));
		let running = 0;
		let most = 0;
		let release: (() => void) | undefined;
		const telling = resuming(async (_url, { wait }) => {
			most = Math.max(most, ++running);
			if (wait === hanging.groupId) await new Promise<void>((done) => (release = done));
			else await new Promise<void>((done) => setImmediate(done));
			running--;
			return heard;
		});
		// Rounds that begin while another claims do not add up.
		await Promise.all([telling.start(), telling.start(), telling.start()]);
		await until(async () => (await Promise.all(others.map(told))).every(Boolean));
		expect(most).toBe(10);
		expect(await told(hanging)).toBe(false);
		release?.();
		await until(async () => await told(hanging));
	});

	test('an execution gets one call at a time, and the next at once', async () => {
		const asked = await due('amal');
		const calls: Array<(answer: { status: number; body: string }) => void> = [];
		const telling = resuming(async () => await new Promise((answer) => calls.push(answer)));
		await telling.start();
		await until(() => calls.length === 1);
		clock.advance(1);
		await judge(store, asked, { kind: 'again' });
		await says(store, 'amal', { text: 'and this' });
		await telling.start();
		await telling.start();
		expect(calls).toHaveLength(1);
		calls[0]?.(heard);
		await until(() => calls.length === 2);
		calls[1]?.(heard);
		await until(async () => await told(asked));
	});

	test('once stopped it begins nothing', async () => {
		const asked = await due('amal');
		let calls = 0;
		const telling = resuming(async () => {
			calls++;
			return heard;
		});
		telling.stop();
		await telling.start();
		expect(calls).toBe(0);
		expect(await waitOf(store, asked)).toMatchObject({ due_at: clock() });
	});

	test('the pump tells as soon as something came in', async () => {
		const seen: string[] = [];
		const fetching = jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
			seen.push(`${String(url)} ${String(init?.body)} ${String(init?.redirect)}`);
			const [wait] = await store.engine.db
				.selectFrom('waits')
				.select(['id', 'conversation_id', 'group_id', 'execution_id'])
				.where('workspace', '=', store.workspace)
				.execute();
			await judge(
				store,
				{
					waitId: wait!.id,
					conversationId: wait!.conversation_id,
					groupId: wait!.group_id,
					executionId: wait!.execution_id,
				},
				answered(42),
			);
			return new Response('{"message":"Workflow was started"}');
		});
		// No round by the clock: what is done is done because of the message.
		const stop = startPump(store, (error) => failures.push(error), 3_600_000);
		try {
			const asked = await due('amal');
			await until(async () => typeof (await waitOf(store, asked))?.resumed_at === 'number');
			expect(seen).toEqual([
				`http://127.0.0.1:5678/webhook-waiting/1/conversation-answer?signature=${TOKEN} {"wait":"${asked.groupId}"} manual`,
			]);
			expect(failures).toEqual([]);
		} finally {
			stop();
			fetching.mockRestore();
		}
	});
});
