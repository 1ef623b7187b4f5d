import type { INodeParameters } from 'n8n-workflow';
import { Bench } from './support/bench';
import { failure, failureOf, openedItem } from './support/samples';

describe('Conversation Store → Store: backups', () => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
	});

	const run = async (operation: string, parameters: INodeParameters = {}) => {
		const { outputs } = await bench.execute('conversationStore', {
			parameters: { resource: 'store', operation, ...parameters },
		});
		return outputs[0]!.map(({ json }) => json);
	};
	const backUp = async (keep: number) => (await run('backUp', { keep }))[0]!;
	const conversations = async () =>
		(await (await bench.store()).countEverything()).conversations.open;

	test('back up, list, restore, and back again', async () => {
		await openedItem(bench, 'amal');
		const backup = await backUp(7);
		expect(backup).toEqual({
			name: expect.stringMatching(new RegExp(`^${bench.storeName}-\\d{8}T\\d{9}Z\\.sqlite$`)),
			at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
			bytes: expect.any(Number),
			pages: expect.any(Number),
			conversations: 1,
			milliseconds: expect.any(Number),
			deleted: [],
		});
		const { name, at, bytes } = backup;
		expect(await run('getBackups')).toEqual([{ name, at, bytes }]);

		await openedItem(bench, 'badr');
		const [restored] = await run('restoreBackup', {
			backup: String(name),
			confirm: bench.storeName,
		});
		expect(restored).toEqual({
			name,
			at,
			conversations: 1,
			owedAgain: 0,
			replaced: expect.any(String),
		});
		expect(await conversations()).toBe(1);
		const replaced = String(restored?.replaced);
		await run('restoreBackup', { backup: replaced, confirm: bench.storeName });
		expect(await conversations()).toBe(2);
	});

	test('Keep at Most deletes the older ones; 0 keeps all', async () => {
		const first = await backUp(0);
		const second = await backUp(0);
		expect(await run('getBackups')).toHaveLength(2);
		const third = await backUp(2);
		expect(third.deleted).toEqual([first.name]);
		expect((await run('getBackups')).map(({ name }) => name)).toEqual([third.name, second.name]);
	});

	test('no backups give no items', async () => {
		expect(await run('getBackups')).toEqual([]);
	});

	test('restoring asks for the name of the store', async () => {
		const { name } = await backUp(7);
		await openedItem(bench, 'amal');
		expect(
			await failureOf(run('restoreBackup', { backup: String(name), confirm: 'defualt' })),
		).toEqual(
			failure(
				`The name 'defualt' is not that of the store, '${bench.storeName}'`,
				'Restoring replaces everything in the store, in all its workspaces. Type the name of the store to say that you mean this one',
			),
		);
		expect(await conversations()).toBe(1);
	});

	test('a name from elsewhere finds nothing', async () => {
		const { name } = await backUp(7);
		const there = { backup: '../default.sqlite', confirm: bench.storeName };
		expect(await failureOf(run('restoreBackup', there))).toEqual(
			failure(
				"This store has no backup '../default.sqlite'",
				`Choose one of its backups, e.g. ${String(name)}. Conversation Store → Store → Get Backups lists them`,
			),
		);
	});
});
