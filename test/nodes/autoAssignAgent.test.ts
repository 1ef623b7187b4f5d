import type { INodeParameters } from 'n8n-workflow';
import { Bench } from './support/bench';
import {
	byKey,
	closed,
	expectItemShape,
	failure,
	failureOf,
	idOf,
	openedItem,
	team,
} from './support/samples';

const toBilling = { assignTo: 'team', team: byKey('billing') };
const atOnce = { ...toBilling, whenNobody: 'continue' };
const NOBODY = 'No agent is free: the conversation waits in the queue';

describe('Auto-Assign Agent', () => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
	});

	/** The agent who gets a new conversation, or undefined when it is queued. */
	async function assignee(who: string, parameters: INodeParameters = toBilling) {
		const { outputs } = await bench.execute('autoAssignAgent', {
			parameters: { ...parameters, whenNobody: 'continue' },
			items: [await openedItem(bench, who)],
		});
		const conversation = outputs[0]?.[0]?.json.conversation as
			{ assignee: { key: string } | null } | undefined;
		return conversation?.assignee?.key;
	}

	test('gives the conversation to a free agent, and explains it in the whole item', async () => {
		await team(bench, 'billing', { nathan: 2 });
		const item = await openedItem(bench, 'amal');
		const { outputs, hints } = await bench.execute('autoAssignAgent', {
			parameters: toBilling,
			items: [{ json: { ...item.json, order: 1 } }],
		});
		const assigned = outputs[0]?.[0];
		expect(outputs[1]).toEqual([]);
		expect(hints).toEqual([]);
		expectItemShape(assigned, ['order', 'assignment']);
		expect(assigned).toMatchObject({
			pairedItem: { item: 0 },
			json: {
				order: 1,
				conversation: {
					id: idOf(item),
					team: { key: 'billing' },
					assignee: { key: 'nathan', name: 'nathan', handles: {} },
					queue: null,
				},
				assignment: {
					outcome: 'assigned',
					alreadyAssigned: false,
					chosen: { key: 'nathan', name: 'nathan' },
					strategy: 'roundRobin',
					explanation: expect.stringContaining('nathan'),
					considered: [{ key: 'nathan', candidate: true }],
					blockedBy: null,
				},
			},
		});
	});

	test('several items take turns; those that nobody can take are queued, all paired', async () => {
		await team(bench, 'billing', { nathan: 1, omar: 1 });
		const items = [];
		for (const who of ['amal', 'basma', 'carim']) items.push(await openedItem(bench, who));
		const { outputs, hints } = await bench.execute('autoAssignAgent', {
			parameters: atOnce,
			items,
		});
		expect(outputs.map((side) => side.map(({ pairedItem }) => pairedItem))).toEqual([
			[{ item: 0 }, { item: 1 }],
			[{ item: 2 }],
		]);
		expect(outputs[1]?.[0]?.json).toMatchObject({
			conversation: { assignee: null, queue: { team: 'billing', position: 1 } },
			assignment: { outcome: 'queued', chosen: null, blockedBy: 'everybodyAtCapacity' },
		});
		expect(hints).toEqual([NOBODY]);
	});

	test('one who has an agent keeps that agent', async () => {
		await team(bench, 'billing', { nathan: null, omar: null });
		const item = await openedItem(bench, 'amal');
		const run = async () =>
			await bench.execute('autoAssignAgent', { parameters: toBilling, items: [item] });
		const first = await run();
		const second = await run();
		expect(second.outputs[0]?.[0]?.json).toMatchObject({
			conversation: { assignee: first.outputs[0]?.[0]?.json.conversation && { key: 'nathan' } },
			assignment: {
				outcome: 'assigned',
				alreadyAssigned: true,
				explanation: expect.stringContaining('nathan'),
			},
		});
	});

	test('the routed team is the default; everybody where none was decided on', async () => {
		await team(bench, 'billing', { nathan: null });
		await team(bench, 'sales', { sami: null });
		const item = await openedItem(bench, 'amal');
		const routed = await bench.execute('routeToTeam', {
			parameters: { fallbackTeam: byKey('sales') },
			items: [item],
		});
		const { outputs } = await bench.execute('autoAssignAgent', { items: routed.outputs[0]! });
		expect(outputs[0]?.[0]?.json).toMatchObject({ conversation: { assignee: { key: 'sami' } } });
		expect(await assignee('basma', {})).toBe('nathan');
	});

	test('everybody, and one agent', async () => {
		await team(bench, 'billing', { nathan: null });
		await team(bench, 'sales', { sami: null });
		expect(await assignee('amal', { assignTo: 'agent', agent: byKey('sami') })).toBe('sami');
		expect(await assignee('basma', { assignTo: 'everybody', strategy: 'leastOpen' })).toBe(
			'nathan',
		);
	});

	test('honours only online, exclusions and the limit of the node', async () => {
		await team(bench, 'billing', { nathan: null, omar: null });
		const store = await bench.store();
		const away = { key: 'omar', availability: 'away' as const, onlineUntil: null };
		await store.setAvailability({ ...away, source: 'user' });
		expect(await assignee('amal')).toBe('nathan');
		const withoutNathan = { ...toBilling, options: { exclude: 'nathan، somebody' } };
		expect(await assignee('basma', withoutNathan)).toBeUndefined();
		expect(await assignee('carim', { ...withoutNathan, onlyOnline: false })).toBe('omar');
		expect(await assignee('dina', { ...toBilling, options: { maxOpen: 1 } })).toBeUndefined();
	});

	test.each([
		[
			{ assignTo: 'team', team: byKey('gone') },
			"There is no team 'gone'",
			'Teams in this workspace: billing',
		],
		[
			{ assignTo: 'agent', agent: byKey('gone') },
			"There is no agent 'gone'",
			'Create the agent with Conversation Store',
		],
		[
			{ assignTo: 'team', team: byKey('') },
			"'Team' is empty",
			'Choose the team from the list, or give its key',
		],
		[
			{ assignTo: 'agent', agent: byKey('') },
			"'Agent' is empty",
			'Choose the agent from the list, or give its key',
		],
	])('refuses %j', async (parameters, sentence, hint) => {
		await team(bench, 'billing', { nathan: null });
		const run = bench.execute('autoAssignAgent', {
			parameters,
			items: [await openedItem(bench, 'amal')],
			incomplete: true,
		});
		expect(await failureOf(run)).toEqual(failure(sentence, hint));
	});

	test('one closed conversation among good ones leaves by Queued with its error', async () => {
		await team(bench, 'billing', { nathan: null });
		const items = [await openedItem(bench, 'amal'), await openedItem(bench, 'basma')];
		await closed(bench, items[0]!);
		const run = { parameters: atOnce, items };
		const { outputs } = await bench.execute('autoAssignAgent', {
			...run,
			onError: 'continueRegularOutput',
		});
		expect(outputs[0]?.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
		expect(outputs[1]?.[0]).toMatchObject({
			pairedItem: { item: 0 },
			error: { name: 'NodeOperationError' },
			json: {
				error: `The conversation '${idOf(items[0])}' is closed [Item 0]`,
				errorHint: expect.stringContaining('It was closed before this node ran'),
			},
		});
		expect(await failureOf(bench.execute('autoAssignAgent', run))).toEqual(
			failure(`The conversation '${idOf(items[0])}' is closed`, 'It was closed before'),
		);
	});

	test('as a tool it answers at once, also when the conversation waits', async () => {
		await team(bench, 'billing');
		const id = idOf(await openedItem(bench, 'amal'));
		const { outputs, hints } = await bench.executeAsTool('autoAssignAgent', {
			parameters: { ...toBilling, conversationFrom: 'id', conversationId: byKey(id) },
			items: [{ reason: 'an argument of the agent' }],
		});
		expect(outputs).toHaveLength(1);
		expect(outputs[0]?.[0]?.json).toMatchObject({
			conversation: { id, queue: { position: 1 } },
			assignment: { outcome: 'queued', blockedBy: 'noAgents' },
		});
		expect(hints).toEqual([`${NOBODY}, at position 1`]);
	});
});
