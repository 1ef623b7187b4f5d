import type { ICredentialDataDecryptedObject, INodeParameters } from 'n8n-workflow';
import { CredentialTestContext } from 'n8n-core';
import { SourceFailure } from '../../nodes/EnrichContact/failure';
import { callLookup, type LookupContext } from '../../nodes/EnrichContact/lookupCall';
import { Bench } from './support/bench';
import { Crm } from './support/crm';
import { nodeNamed } from './support/nodeTypes';
import { openedItem, partOf } from './support/samples';

interface Lookup {
	outcome: string;
	durationMs: number;
	found: { fields: Record<string, unknown>; tags: string[]; cached: boolean; stale?: true } | null;
	reason?: string;
}

const SECRET = 's3cr3t-token';
const PHONE = '+201001234567';

const toField = (path: string, field: string, mode = 'default') => ({ path, field, mode });
const toTag = (path: string) => ({ path, saveTo: 'tag' });

describe('Enrich Contact looks a contact up by HTTP', () => {
	let bench: Bench;
	let crm: Crm;
	let now: jest.SpyInstance | undefined;

	beforeEach(async () => {
		bench = new Bench();
		crm = new Crm();
		await crm.start();
		credential({});
	});
	afterEach(async () => {
		now?.mockRestore();
		now = undefined;
		jest.useRealTimers();
		await crm.stop();
	});

	function credential(changes: ICredentialDataDecryptedObject): void {
		bench.credentials.conversationLookupApi = {
			...{ authentication: 'bearer', token: SECRET, allowedHosts: '' },
			...{ allowPrivateAddresses: true, testUrl: '' },
			...changes,
		};
	}

	const opened = async (contactDetails: INodeParameters = { phone: PHONE }) =>
		await openedItem(bench, 'amal', { messageText: 'Hello "you"\nthere', contactDetails });

	const rows = (...values: INodeParameters[]) => ({ lookupFields: { values } });

	async function enrich(
		parameters: INodeParameters = {},
		item?: Awaited<ReturnType<typeof opened>>,
		more: { stopped?: AbortSignal } = {},
	) {
		const { outputs, hints } = await bench.execute('enrichContact', {
			parameters: {
				sources: ['lookup'],
				lookupUrl: `${crm.url}/contacts?phone={phone}`,
				...rows(toField('customer.plan', 'plan')),
				...parameters,
			},
			items: [item ?? (await opened())],
			...more,
		});
		const [result] = outputs[0]!;
		const { sources, saved } = partOf(result, 'enrichment') as unknown as {
			sources: { lookup: Lookup };
			saved: unknown[];
		};
		expect(JSON.stringify([outputs, hints])).not.toContain(SECRET);
		return { contact: partOf(result, 'contact'), lookup: sources.lookup, saved, hints };
	}

	/** Moves the clock of the store; what it reads is the system's. */
	function pass(minutes: number): void {
		const before = Date.now();
		now?.mockRestore();
		now = jest.spyOn(Date, 'now').mockImplementation(() => before + minutes * 60_000);
	}

	test('asks with the credential, and keeps what the rows name', async () => {
		crm.answersJson({
			customer: { plan: 'gold', name: 'Amal H.' },
			labels: ['vip', 'b2b', { no: 1 }, ''],
			list: [{ 'a.b': 7 }],
			land: 'eg',
		});
		const { contact, lookup, saved, hints } = await enrich({
			lookupHeaders: { values: [{ name: 'X-Version', value: '2' }] },
			...rows(
				toField('customer.plan', 'plan'),
				toField('customer.name', 'name', 'overwrite'),
				toField('$.list[0]["a.b"]', 'score', 'keep'),
				toField('land', 'country'),
				toField('nothing.there', 'x'),
				toTag('labels'),
			),
		});
		expect(crm.asked).toMatchObject([
			{
				method: 'GET',
				url: '/contacts?phone=%2B201001234567',
				headers: {
					authorization: `Bearer ${SECRET}`,
					'x-version': '2',
					accept: 'application/json',
				},
				body: '',
			},
		]);
		expect(lookup).toEqual({
			outcome: 'found',
			durationMs: expect.any(Number),
			found: {
				fields: { plan: 'gold', name: 'Amal H.', score: 7, country: 'EG' },
				tags: ['vip', 'b2b'],
				cached: false,
			},
		});
		expect(contact).toMatchObject({ name: 'Amal H.', country: 'EG', fields: { plan: 'gold' } });
		expect(contact.fields).not.toHaveProperty('score');
		expect(contact.tags).toEqual(['vip', 'b2b']);
		expect(saved).toEqual([
			{ field: 'plan', source: 'lookup', mode: 'fillIfEmpty', replaced: false },
			{ field: 'name', source: 'lookup', mode: 'overwrite', replaced: false },
			{ field: 'country', source: 'lookup', mode: 'fillIfEmpty', replaced: false },
		]);
		expect(hints).toEqual([]);
	});

	test('posts JSON in which values are only ever texts', async () => {
		crm.answersJson({ customer: { plan: 'gold' } });
		await enrich({
			lookupMethod: 'POST',
			lookupUrl: `${crm.url}/search`,
			lookupBody: '{"who": ["{phone}", {"key": "{contactKey}"}], "said": "<{message}>", "n": 1}',
		});
		const [asked] = crm.asked;
		expect(asked).toMatchObject({ method: 'POST', url: '/search' });
		expect(asked?.headers['content-type']).toBe('application/json; charset=utf-8');
		expect(JSON.parse(asked?.body ?? '')).toEqual({
			who: [PHONE, { key: expect.any(String) }],
			...{ said: '<Hello "you"\nthere>', n: 1 },
		});
	});

	test.each<[ICredentialDataDecryptedObject, object]>([
		[{ authentication: 'none' }, { authorization: undefined }],
		[
			{ authentication: 'header', headerName: 'X-API-Key', headerApiKey: ` ${SECRET} ` },
			{ 'x-api-key': SECRET, authorization: undefined },
		],
		[
			{ authentication: 'basic', user: 'é', password: `${SECRET} ` },
			{ authorization: `Basic ${Buffer.from(`é:${SECRET} `).toString('base64')}` },
		],
	])('the credential %j adds what proves who asks', async (changes, headers) => {
		credential(changes);
		crm.answersJson({ customer: { plan: 'gold' } });
		await enrich();
		for (const [name, value] of Object.entries(headers)) {
			expect(crm.asked[0]?.headers[name]).toBe(value);
		}
	});

	test('the credential adds a parameter to the address', async () => {
		credential({ authentication: 'query', queryName: 'key', queryApiKey: `${SECRET}&x` });
		crm.answersJson({ customer: { plan: 'gold' } });
		await enrich();
		expect(crm.asked[0]?.url).toBe(`/contacts?phone=%2B201001234567&key=${SECRET}%26x`);
	});

	test('without what it asks by, it asks nothing', async () => {
		const nobody = await opened({});
		expect((await enrich({}, nobody)).lookup).toMatchObject({
			...{ outcome: 'skipped', found: null, reason: 'The contact has no phone' },
		});
		const url = { lookupUrl: `${crm.url}/{field:plan}` };
		const { lookup, hints } = await enrich(url, nobody);
		expect(lookup).toMatchObject({ reason: "The contact has no field 'plan'" });
		expect({ hints, asked: crm.asked }).toEqual({ hints: [], asked: [] });
	});

	describe('the cache', () => {
		test('an answer is asked for once in its lifetime, also when other fields are taken', async () => {
			crm.answersJson({ customer: { plan: 'gold', since: 2019 } });
			const item = await opened();
			await enrich({}, item);
			const { lookup } = await enrich(rows(toField('customer.since', 'since')), item);
			expect(lookup.found).toEqual({ fields: { since: 2019 }, tags: [], cached: true });
			expect(crm.asked).toHaveLength(1);
			pass(61);
			expect((await enrich({}, item)).lookup.found).toMatchObject({ cached: false });
			expect(crm.asked).toHaveLength(2);
		});

		test('0 minutes ask each time', async () => {
			crm.answersJson({ customer: { plan: 'gold' } });
			const item = await opened();
			for (let i = 0; i < 2; i++) await enrich({ options: { cacheLifetime: 0 } }, item);
			expect(crm.asked).toHaveLength(2);
		});

		test('another credential asks by itself, and another address', async () => {
			crm.answersJson({ customer: { plan: 'gold' } });
			const item = await opened();
			await enrich({}, item);
			credential({ token: 'another' });
			await enrich({}, item);
			await enrich({ lookupUrl: `${crm.url}/other/{phone}` }, item);
			expect(crm.asked).toHaveLength(3);
		});

		test('that nobody is there is kept for a shorter time', async () => {
			crm.answersJson({ error: 'no such customer' }, 404);
			const item = await opened();
			for (let i = 0; i < 2; i++) {
				expect((await enrich({}, item)).lookup).toMatchObject({ outcome: 'nothing', found: null });
			}
			expect(crm.asked).toHaveLength(1);
			pass(6);
			await enrich({}, item);
			expect(crm.asked).toHaveLength(2);
			await enrich({ options: { notFoundLifetime: 0 } }, item);
			expect(crm.asked).toHaveLength(3);
		});

		test.each([429, 500, 503])('%i is answered by what was known before', async (status) => {
			crm.answersJson({ customer: { plan: 'gold' } });
			const item = await opened();
			await enrich({}, item);
			pass(61);
			crm.answersJson({}, status);
			const { lookup, hints } = await enrich({}, item);
			expect(lookup).toMatchObject({
				outcome: 'found',
				found: { fields: { plan: 'gold' }, cached: true, stale: true },
				reason: expect.stringContaining(`(${status})`),
			});
			expect(hints).toEqual([]);
		});

		test('a refusal of the credential is not hidden by what was known', async () => {
			crm.answersJson({ customer: { plan: 'gold' } });
			const item = await opened();
			await enrich({}, item);
			pass(61);
			crm.answersJson({}, 401);
			expect((await enrich({}, item)).lookup).toMatchObject({ outcome: 'failed', found: null });
		});

		test('nothing is kept of what failed', async () => {
			const item = await opened();
			for (const status of [500, 429, 403, 400]) {
				crm.answersJson({ customer: { plan: 'gold' } }, status);
				expect((await enrich({}, item)).lookup).toMatchObject({ outcome: 'failed', found: null });
			}
			expect(crm.asked).toHaveLength(4);
		});
	});

	test.each<[string, number, unknown, RegExp]>([
		['a refusal', 401, {}, /^Look-Up by HTTP: .*does not accept the credential \(401\)/],
		['a fault', 500, {}, /has a fault \(500\)/],
		['a mistake', 422, {}, /refuses the request \(422\)/],
		['a number of a list', 200, [], /^$/],
	])('%s is told, and the flow goes on', async (_name, status, value, hint) => {
		crm.answersJson(value, status);
		const { lookup, hints } = await enrich();
		expect(lookup.outcome).toBe(status === 200 ? 'nothing' : 'failed');
		expect(hints.join()).toMatch(hint);
	});

	test('a number that JavaScript would round stays exact', async () => {
		crm.answers((response) => response.end('{"id": 12345678901234567890}'));
		const { contact } = await enrich(rows(toField('id', 'crmId')));
		expect(contact.fields).toEqual({ crmId: '12345678901234567890' });
	});

	test('an answer that is no JSON, or none', async () => {
		crm.answers((response) => response.end('<html>'));
		expect((await enrich()).lookup.reason).toBe('The answer of the other system is not JSON');
		crm.answers((response) => response.writeHead(204).end());
		expect((await enrich()).lookup.outcome).toBe('nothing');
	});

	test('an answer that never ends is ended', async () => {
		crm.answers((response) => {
			const part = Buffer.alloc(64 * 1024, ' ');
			const more = () => {
				while (!response.destroyed && response.write(part));
				if (!response.destroyed) response.once('drain', more);
			};
			more();
		});
		const { lookup } = await enrich();
		expect(lookup).toMatchObject({
			...{ outcome: 'failed', reason: 'The answer of the other system is larger than 1 MB' },
		});
		await crm.until(() => crm.abandoned === 1);
	});

	test('who does not answer is given up, and told so', async () => {
		const item = await opened();
		jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] });
		const run = enrich({ sources: ['history', 'lookup'], options: { lookupLimit: 7 } }, item);
		await crm.until(() => crm.asked.length === 1);
		await jest.advanceTimersByTimeAsync(7_000);
		const { lookup, hints } = await run;
		expect(lookup).toMatchObject({
			...{ outcome: 'timedOut', found: null, reason: 'It took longer than 7 seconds' },
		});
		expect(hints).toEqual(['Look-Up by HTTP: It took longer than 7 seconds']);
		jest.useRealTimers();
		await crm.until(() => crm.abandoned === 1);
	});

	test('who stops in the middle is given up, and what was known stands in', async () => {
		crm.answersJson({ customer: { plan: 'gold' } });
		const item = await opened();
		await enrich({}, item);
		pass(61);
		let begun = false;
		crm.answers((response) => {
			begun = true;
			response.write('{"customer":');
		});
		jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] });
		const run = enrich({}, item);
		await crm.until(() => begun);
		await jest.advanceTimersByTimeAsync(5_000);
		expect((await run).lookup).toMatchObject({ outcome: 'found', found: { stale: true } });
		jest.useRealTimers();
		await crm.until(() => crm.abandoned === 1);
	});

	test('who is not there is told, without the address', async () => {
		const gone = new Crm();
		await gone.start();
		const lookupUrl = `${gone.url}/{phone}`;
		await gone.stop();
		const { lookup } = await enrich({ lookupUrl });
		expect(lookup.reason).toBe('The other system cannot be reached (ECONNREFUSED)');
	});

	test('a stopped execution stops asking', async () => {
		const stopping = new AbortController();
		const run = enrich({}, await opened(), { stopped: stopping.signal });
		await crm.until(() => crm.asked.length === 1);
		stopping.abort();
		expect((await run).lookup).toMatchObject({ outcome: 'failed' });
		await crm.until(() => crm.abandoned === 1);
	});

	describe('addresses', () => {
		test('private ones are refused unless the credential allows them', async () => {
			credential({ allowPrivateAddresses: false });
			for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433']) {
				const { lookup } = await enrich({ lookupUrl: `http://${host}:${crm.port}/{phone}` });
				expect(lookup).toMatchObject({
					outcome: 'failed',
					reason: expect.stringMatching(/inside a private network.*Allow Private Addresses/),
				});
			}
			expect(crm.asked).toEqual([]);
		});

		test('a name that resolves to this machine is asked where that is allowed', async () => {
			crm.answersJson({ customer: { plan: 'gold' } });
			const { lookup } = await enrich({ lookupUrl: `http://localhost:${crm.port}/{phone}` });
			expect(lookup.outcome).toBe('found');
		});

		test('metadata of a cloud is never asked', async () => {
			const { lookup } = await enrich({ lookupUrl: 'http://169.254.169.254/{phone}' });
			expect(lookup.reason).toMatch(/never called/);
		});

		test('hosts that the credential does not allow are not asked', async () => {
			credential({ allowedHosts: 'api.example.com, *.example.org' });
			const { lookup } = await enrich();
			expect(lookup.reason).toMatch(/not among 'Allowed Hosts'/);
			expect(crm.asked).toEqual([]);
			credential({ allowedHosts: 'api.example.com, 127.0.0.1' });
			crm.answersJson({ customer: { plan: 'gold' } });
			expect((await enrich()).lookup.outcome).toBe('found');
		});

		/** Calls as the source does, with another way to resolve names, and says where to it connects. */
		async function call(url: string, resolve: () => Promise<string[]>, refuses: string[] = []) {
			const context = bench.loadOptionsContext('enrichContact') as unknown as LookupContext;
			const connected: unknown[] = [];
			const { httpRequestWithAuthentication: real } = context.helpers;
			const helpers: LookupContext['helpers'] = {
				...context.helpers,
				async httpRequestWithAuthentication(type, options, more) {
					const host = options.agentOptions?.host;
					connected.push(host);
					if (host !== undefined && refuses.includes(host)) {
						throw Object.assign(new Error(SECRET), { code: 'ENETUNREACH' });
					}
					// This machine stands for every address.
					const agentOptions = host === undefined ? {} : { host: '127.0.0.1' };
					return (await real.call(this, type, { ...options, agentOptions }, more)) as unknown;
				},
			};
			const response = await callLookup(
				{ helpers, getNode: () => context.getNode(), logger: context.logger },
				bench.credentials.conversationLookupApi!,
				{ method: 'GET', url, headers: {}, body: null },
				new AbortController().signal,
				resolve,
			);
			return { connected, ...response };
		}

		test('the address that was checked is the one that is called, under its name', async () => {
			credential({ allowPrivateAddresses: false });
			crm.answersJson({ customer: { plan: 'gold' } });
			const resolve = jest.fn(async () => await Promise.resolve(['2606:4700::1', '8.8.8.8']));
			const url = `http://crm.invalid:${crm.port}/c`;
			expect(await call(url, resolve)).toMatchObject({ status: 200, connected: ['8.8.8.8'] });
			expect(resolve).toHaveBeenCalledTimes(1);
			expect(crm.asked).toMatchObject([
				{
					url: '/c',
					headers: { host: `crm.invalid:${crm.port}`, authorization: `Bearer ${SECRET}` },
				},
			]);
		});

		test('of several addresses the next is called where one cannot be reached', async () => {
			crm.answersJson({});
			const all = ['2606:4700::1', '8.8.8.8', '1.1.1.1'];
			const resolve = async () => await Promise.resolve(all);
			const url = `http://crm.invalid:${crm.port}/c`;
			expect((await call(url, resolve, ['8.8.8.8', '1.1.1.1'])).connected).toEqual([
				...['8.8.8.8', '1.1.1.1', '2606:4700::1'],
			]);
			await expect(call(url, resolve, all)).rejects.toThrow(
				/^The other system cannot be reached \(ENETUNREACH\)$/,
			);
			expect(crm.asked).toHaveLength(1);
		});

		test('each step of a way is checked anew', async () => {
			credential({ allowPrivateAddresses: false });
			crm.answers((response) => response.writeHead(302, { location: '/next' }).end());
			const answers = [['8.8.8.8'], ['10.0.0.1']];
			const resolve = async () => await Promise.resolve(answers.shift() ?? []);
			await expect(call(`http://crm.invalid:${crm.port}/c`, resolve)).rejects.toThrow(/private/);
			expect(crm.asked).toHaveLength(1);
		});

		test('behind a proxy a name need not be known here', async () => {
			credential({ allowPrivateAddresses: false });
			crm.answersJson({ customer: { plan: 'gold' } });
			const unknown = async () => await Promise.reject(new Error('ENOTFOUND'));
			const url = 'http://crm.invalid/contacts';
			await expect(call(url, unknown)).rejects.toThrow(SourceFailure);
			expect(crm.asked).toEqual([]);
			const before = process.env.HTTP_PROXY;
			process.env.HTTP_PROXY = crm.url;
			try {
				expect(await call(url, unknown)).toMatchObject({ status: 200, connected: [undefined] });
				expect(crm.asked).toMatchObject([{ url }]);
			} finally {
				if (before === undefined) delete process.env.HTTP_PROXY;
				else process.env.HTTP_PROXY = before;
			}
		});

		test('is followed on the same host, as a browser would', async () => {
			crm.answers((response, { url }) => {
				if (url.startsWith('/final')) response.end('{"customer":{"plan":"gold"}}');
				else response.writeHead(302, { location: '/final' }).end('{}');
			});
			const post = { lookupMethod: 'POST', lookupUrl: `${crm.url}/search` };
			expect((await enrich(post)).lookup.outcome).toBe('found');
			expect(crm.asked.map(({ method, url, body }) => [method, url, body !== ''])).toEqual([
				['POST', '/search', true],
				['GET', '/final', false],
			]);
			expect(crm.asked[1]?.headers).toMatchObject({ authorization: `Bearer ${SECRET}` });
		});

		test('the credential does not go to another port', async () => {
			const other = new Crm();
			await other.start();
			other.answersJson({ customer: { plan: 'gold' } });
			crm.answers((response) => response.writeHead(307, { location: `${other.url}/there` }).end());
			expect((await enrich()).lookup.outcome).toBe('found');
			expect(other.asked[0]?.headers.authorization).toBeUndefined();
			await other.stop();
		});

		test.each([
			['another host', 'http://localhost:1/', /another host, which is not followed/],
			['metadata', 'http://169.254.169.254/', /another host, which is not followed/],
			['a file', 'file:///etc/passwd', /another host, which is not followed/],
			['round and round', '/again', /from one address to the next/],
		])('a way to %s is not followed', async (_name, location, reason) => {
			crm.answers((response) => response.writeHead(302, { location }).end());
			expect((await enrich()).lookup).toMatchObject({
				...{ outcome: 'failed', reason: expect.stringMatching(reason) },
			});
		});
	});

	test.each<[INodeParameters, RegExp]>([
		[{ lookupUrl: 'crm.example.com' }, /is no address/],
		[{ lookupUrl: 'https://u:p@crm.example.com/' }, /Put them into the credential/],
		[{ lookupUrl: 'https://crm.example.com/{message}' }, /only stand in the JSON body/],
		[rows(toField('a..b', 'x')), /'a\.\.b' is no path/],
		[{ lookupFields: {} }, /Nothing is taken from the answer/],
	])('%j is told to the operator', async (parameters, reason) => {
		const { lookup, hints } = await enrich(parameters);
		expect(lookup).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(reason) });
		expect(hints[0]).toMatch(reason);
	});

	test('without a credential it says so', async () => {
		delete bench.credentials.conversationLookupApi;
		const { lookup } = await enrich();
		expect(lookup.reason).toMatch(/Choose a 'Conversation Look-Up API' credential/);
	});

	test('a test run looks up for its copy, and an erasure forgets what was answered', async () => {
		crm.answersJson({ customer: { plan: 'gold' } });
		const item = await opened();
		await enrich({}, item);
		const store = await bench.store();
		const cached = async () =>
			(await store.engine.db.selectFrom('lookups').selectAll().execute()).length;
		expect(await cached()).toBe(1);
		await store.eraseContact({ contact: PHONE, source: 'user' });
		expect(await cached()).toBe(0);
	});

	describe('the test of the credential', () => {
		const tested = async (changes: ICredentialDataDecryptedObject) => {
			credential(changes);
			const { testLookup } = nodeNamed('enrichContact').methods!.credentialTest!;
			return await testLookup!.call(new CredentialTestContext(), {
				...{ id: '1', name: 'CRM', type: 'conversationLookupApi' },
				data: bench.credentials.conversationLookupApi!,
			});
		};

		test('asks nothing without an address, else the address with the credential', async () => {
			expect(await tested({})).toMatchObject({
				status: 'OK',
				message: expect.stringContaining('Test URL'),
			});
			expect(crm.asked).toEqual([]);
			crm.answersJson({}, 404);
			expect(await tested({ testUrl: `${crm.url}/me` })).toEqual({
				...{ status: 'OK', message: 'The other system answered (404)' },
			});
			expect(crm.asked[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
		});

		test('says what is wrong', async () => {
			crm.answersJson({}, 403);
			expect(await tested({ testUrl: `${crm.url}/me` })).toMatchObject({
				...{ status: 'Error', message: expect.stringContaining('(403)') },
			});
			for (const [changes, message] of [
				[{ testUrl: 'me' }, /is no address/],
				[{ testUrl: crm.url, allowPrivateAddresses: false }, /private network/],
				[{ testUrl: crm.url, allowedHosts: 'example.com' }, /Allowed Hosts/],
				[{ testUrl: 'http://127.0.0.1:1/' }, /cannot be reached/],
			] as const) {
				const { status, message: said } = await tested(changes);
				expect({ status, said }).toMatchObject({
					status: 'Error',
					said: expect.stringMatching(message),
				});
				expect(said).not.toContain(SECRET);
			}
		});
	});
});
