import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { Bench } from './support/bench';
import { failure, failureOf, idOf, openedItem, team } from './support/samples';

describe('Conversation Store: export, import, retention, erasure', () => {
	let bench: Bench;
	beforeEach(async () => {
		bench = new Bench();
		await team(bench, 'billing', { nathan: 2 });
	});

	const run = async (
		resource: string,
		operation: string,
		parameters: INodeParameters = {},
		items: INodeExecutionData[] = [{ json: {} }],
		on = bench,
	) =>
		(
			await on.execute('conversationStore', {
				parameters: { resource, operation, ...parameters },
				items,
			})
		).outputs.flat();

	const file = (text: string, name = 'data'): INodeExecutionData => ({
		json: {},
		binary: {
			[name]: { data: Buffer.from(text).toString('base64'), mimeType: 'application/x-ndjson' },
		},
	});

	test('a workspace goes from one store to another as a file', async () => {
		const item = await openedItem(bench, 'amal');
		const [exported] = await run('store', 'export');
		const today = new Date().toISOString().slice(0, 10);
		expect(exported?.json).toMatchObject({
			fileName: `acme-${today}.ndjson`,
			written: { contacts: 1, conversations: 1, teams: 1, agents: 1 },
			leftOut: ['subscriptions', 'deliveries', 'waits'],
		});
		expect(exported?.binary?.data).toMatchObject({
			fileName: `acme-${today}.ndjson`,
			mimeType: 'application/x-ndjson',
			fileExtension: 'ndjson',
		});
		const other = new Bench();
		const [imported] = await run('store', 'import', {}, [exported!], other);
		const { written } = exported!.json;
		expect(imported?.json).toMatchObject({ written, stored: written, newIds: false, requeued: 0 });
		expect(imported?.binary).toBeUndefined();
		const store = await other.store();
		expect((await store.getOpenConversation('amal')).conversation.id).toBe(idOf(item));
	});

	test('each item is a file of its own, under the name that the form says', async () => {
		const items = await run('store', 'export', { binaryProperty: 'backup' }, [
			{ json: {} },
			{ json: {} },
		]);
		expect(items.map(({ binary, pairedItem }) => [Object.keys(binary ?? {}), pairedItem])).toEqual([
			[['backup'], { item: 0 }],
			[['backup'], { item: 1 }],
		]);
		const [imported] = await run(
			'store',
			'import',
			{ binaryProperty: 'backup' },
			[items[0]!],
			new Bench(),
		);
		expect(imported?.json).toMatchObject({ stored: { agents: 1 } });
	});

	test('what is there is kept, unless it is to be replaced', async () => {
		const [exported] = await run('store', 'export');
		await openedItem(bench, 'late');
		expect(await failureOf(run('store', 'import', {}, [exported!]))).toEqual(
			failure(
				'The workspace is not empty: it has 1 contacts, 1 identities, 1 conversations, 1 messages, 1 teams, 1 agents, 1 team members',
				"switch 'Replace What Is There' on",
			),
		);
		const [replaced] = await run('store', 'import', { replace: true }, [exported!]);
		expect(replaced?.json).toMatchObject({
			replaced: { contacts: 1, agents: 1 },
			stored: { contacts: 0, agents: 1 },
		});
	});

	test('files that are none are refused', async () => {
		const elsewhere = new Bench();
		const refused = async (item: INodeExecutionData, parameters: INodeParameters = {}) =>
			await failureOf(run('store', 'import', parameters, [item], elsewhere));
		expect(await refused(file('key;name\n1;2'))).toEqual(
			failure('The file is not an export of a conversation store', 'Choose a file that'),
		);
		const [exported] = await run('store', 'export');
		const whole = Buffer.from(exported!.binary!.data!.data, 'base64').toString();
		const lines = whole.split('\n');
		expect(await refused(file(lines.slice(0, 3).join('\n')))).toEqual(
			failure('The file is cut off: its last line is missing', 'Copy the whole file'),
		);
		expect(await refused(file(lines.with(2, '{').join('\n')))).toEqual(
			failure('Line 3 of the file is not JSON', 'Nothing was imported'),
		);
		const missing = await refused({ json: {} });
		expect(missing.message).toMatch(/binary|file/i);
		expect(await refused(file(whole), { binaryProperty: 'other' })).toMatchObject({
			name: 'NodeOperationError',
		});
		expect(await (await elsewhere.store()).countEverything()).toMatchObject({ agents: 0 });
	});

	test('retention is set and read', async () => {
		const json = async (operation: string, parameters: INodeParameters = {}) =>
			(await run('store', operation, parameters))[0]?.json;
		expect(await json('getRetention')).toEqual({ days: null });
		expect(await json('setRetention', { days: 30 })).toEqual({ days: 30 });
		expect(await json('getRetention')).toEqual({ days: 30 });
		expect(await json('setRetention', { forever: true })).toEqual({ days: null });
		expect(await failureOf(run('store', 'setRetention', { days: 0.5 }))).toEqual(
			failure('Days must be a whole number (days)', 'Correct the value'),
		);
	});

	test('a contact is found and erased', async () => {
		await openedItem(bench, 'amal');
		const [found] = await run('contact', 'get', { contact: 'amal' });
		expect(found?.json).toMatchObject({ key: expect.any(String), previousConversations: 1 });
		const { key } = found!.json;
		const [erased] = await run('contact', 'erase', { contact: 'amal' });
		expect(erased?.json).toEqual({
			key,
			alreadyErased: false,
			conversations: 1,
			messages: 1,
			identities: 1,
		});
		expect(await failureOf(run('contact', 'erase', { contact: 'amal' }))).toEqual(
			failure("No contact is known as 'amal'", 'Give the contact key'),
		);
		const [again] = await run('contact', 'erase', { contact: String(key) });
		expect(again?.json).toMatchObject({ key, alreadyErased: true });
	});
});
