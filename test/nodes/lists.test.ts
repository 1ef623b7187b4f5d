import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeListSearchResult } from 'n8n-workflow';
import { nodeNamed } from './support/nodeTypes';
import { Bench } from './support/bench';
import { userFolder } from './support/environment';
import { failureOf, idOf, openedItem, team } from './support/samples';

type ListName = 'searchTeams' | 'searchAgents' | 'searchConversations' | 'searchCategories';

describe('the lists of the editor', () => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
	});

	const search = async (list: ListName, filter?: string, token?: string) => {
		const { listSearch } = nodeNamed('routeToTeam').methods!;
		const context = bench.loadOptionsContext('routeToTeam');
		return (await listSearch![list]!.call(context, filter, token)) as INodeListSearchResult;
	};
	const names = async (list: ListName, filter?: string) =>
		(await search(list, filter)).results.map(({ name }) => name);

	test('teams, by a part of the name or key, in any script', async () => {
		const store = await bench.store();
		await store.upsertTeam({ key: 'billing', name: 'الفواتير' });
		await store.upsertTeam({ key: 'sales', name: 'Sales Cairo' });
		expect((await search('searchTeams')).results).toEqual([
			{ name: 'Sales Cairo', value: 'sales', description: 'sales' },
			{ name: 'الفواتير', value: 'billing', description: 'billing' },
		]);
		expect(await names('searchTeams', 'فوات')).toEqual(['الفواتير']);
		expect(await names('searchTeams', 'CAIRO')).toEqual(['Sales Cairo']);
		expect(await names('searchTeams', 'bill')).toEqual(['الفواتير']);
		expect(await names('searchTeams', 'nothing')).toEqual([]);
	});

	test('agents with their availability', async () => {
		await team(bench, 'billing', { nathan: null });
		const store = await bench.store();
		await store.upsertAgent({ key: 'nour', name: 'نور', source: 'user' });
		expect(await names('searchAgents')).toEqual(['nathan (online)', 'نور (offline)']);
		expect(await names('searchAgents', 'نور')).toEqual(['نور (offline)']);
	});

	test('conversations that are open', async () => {
		const item = await openedItem(bench, 'amal', { contactDetails: { name: 'أمل' } });
		const { results } = await search('searchConversations');
		expect(results).toEqual([
			{
				name: expect.stringMatching(/^أمل · email · \d{4}-\d\d-\d\d \d\d:\d\d$/),
				value: idOf(item),
			},
		]);
	});

	test('categories, by a part of the name', async () => {
		const store = await bench.store();
		await store.upsertCategory({ name: 'Billing', description: 'Invoices' });
		await store.upsertCategory({ name: 'شكوى', description: '' });
		expect(await names('searchCategories')).toEqual(['Billing', 'شكوى']);
		expect(await names('searchCategories', 'BILL')).toEqual(['Billing']);
		expect(await names('searchCategories', 'شك')).toEqual(['شكوى']);
	});

	test('a long list comes in pages, each entry once', async () => {
		const store = await bench.store();
		for (let index = 100; index < 230; index++) await store.upsertTeam({ key: `t${index}` });
		const seen: unknown[] = [];
		let token: unknown;
		let pages = 0;
		do {
			const page = await search('searchTeams', undefined, token as string | undefined);
			seen.push(...page.results.map(({ value }) => value));
			token = page.paginationToken;
			pages++;
		} while (token !== undefined);
		expect(pages).toBe(3);
		expect(new Set(seen).size).toBe(130);
		expect(seen).toHaveLength(130);
	});

	test('says what is wrong with the credential instead of an empty list', async () => {
		bench.credentials.conversationStoreApi!.storeName = '../elsewhere';
		expect(await failureOf(search('searchTeams'))).toMatchObject({
			name: 'NodeOperationError',
			message: "'Store Name' of the Conversation Store credential is not usable",
			description: expect.stringContaining('Use 1 to 64 small letters'),
		});
	});
});

describe("the credential's test", () => {
	let bench: Bench;
	const { argv } = process;
	beforeEach(() => {
		bench = new Bench();
	});
	afterEach(() => {
		delete process.env.EXECUTIONS_MODE;
		delete process.env.EXECUTIONS_MODE_FILE;
		process.argv = argv;
	});

	test('says what it found', async () => {
		await team(bench, 'billing', { nathan: null, omar: null });
		await openedItem(bench, 'amal');
		expect(await bench.testCredential()).toEqual({
			status: 'OK',
			message: expect.stringMatching(
				/^SQLite 3\.[\d.]+.*, schema \d+, 1 team, 2 agents, 1 open conversation(\. The folder .*)?$/,
			),
		});
	});

	test.each([
		['storeName', '', 'Store Name'],
		['storeName', '../../etc/passwd', 'Store Name'],
		['storeName', 'Default', 'Store Name'],
		['storeName', 'x'.repeat(65), 'Store Name'],
		['workspace', 'acme~test', 'Workspace'],
		['workspace', 'acme corp', 'Workspace'],
	])('refuses %s %j', async (field, value, label) => {
		expect(await bench.testCredential({ [field]: value })).toEqual({
			status: 'Error',
			message: `'${label}' of the Conversation Store credential is not usable. Use 1 to 64 small letters, digits and hyphens, e.g. default`,
		});
	});

	const queueMode: Array<[string, () => void]> = [
		[
			'EXECUTIONS_MODE=queue',
			() => {
				process.env.EXECUTIONS_MODE = 'queue';
			},
		],
		[
			'EXECUTIONS_MODE_FILE',
			() => {
				const file = join(userFolder, 'mode');
				writeFileSync(file, 'queue\n');
				process.env.EXECUTIONS_MODE_FILE = file;
			},
		],
		[
			'a worker',
			() => {
				process.argv = ['node', 'n8n', 'worker'];
			},
		],
		[
			'a webhook processor',
			() => {
				process.argv = ['node', 'n8n', 'webhook'];
			},
		],
	];
	test.each(queueMode)('refuses the embedded store in queue mode: %s', async (_name, enter) => {
		enter();
		const refused = await bench.testCredential();
		expect(refused.status).toBe('Error');
		expect(refused.message).toContain('n8n runs in queue mode');
		expect(refused.message).toContain("'All Processes Share One Disk'");
		expect(await bench.testCredential({ sharedDisk: true })).toMatchObject({ status: 'OK' });
	});
});
