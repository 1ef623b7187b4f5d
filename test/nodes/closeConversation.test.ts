import { Bench } from './support/bench';
import {
	byKey,
	expectItemShape,
	failure,
	failureOf,
	idOf,
	openedItem,
	team,
} from './support/samples';

describe('Close Conversation', () => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
	});

	/** Opened, and assigned to the only agent of the team. */
	async function assigned(who: string) {
		const item = await openedItem(bench, who);
		const { outputs } = await bench.execute('autoAssignAgent', {
			parameters: { assignTo: 'team', team: byKey('billing'), whenNobody: 'continue' },
			items: [item],
		});
		return outputs.flat()[0]!;
	}

	test('closes with category and summary, and says so in the whole item', async () => {
		const item = await openedItem(bench, 'amal');
		const { outputs } = await bench.execute('closeConversation', {
			parameters: { category: byKey('Billing'), summary: ' Refunded ' },
			items: [{ json: { ...item.json, order: 4711 } }],
		});
		expect(outputs).toHaveLength(1);
		const [closed] = outputs[0]!;
		expectItemShape(closed, ['order', 'alreadyClosed', 'assignedFromQueue']);
		expect(closed).toMatchObject({
			pairedItem: { item: 0 },
			json: {
				order: 4711,
				alreadyClosed: false,
				assignedFromQueue: 0,
				conversation: {
					id: idOf(item),
					status: 'closed',
					category: 'Billing',
					summary: 'Refunded',
					closedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
				},
				contact: { lastCategory: 'Billing' },
				message: { text: 'Hello' },
			},
		});
	});

	test('a person who closes it is the one who closed it; otherwise the workflow', async () => {
		const items = [await openedItem(bench, 'amal'), await openedItem(bench, 'basma')];
		await bench.execute('closeConversation', {
			parameters: { options: { actor: '={{ $itemIndex === 0 ? "nathan@example.com" : "" }}' } },
			items,
		});
		const store = await bench.store();
		const rows = await store.engine.db
			.selectFrom('conversations')
			.select(['closed_source', 'closed_by'])
			.orderBy('id')
			.execute();
		expect(rows).toEqual([
			{ closed_source: 'user', closed_by: 'nathan@example.com' },
			{ closed_source: 'workflow', closed_by: null },
		]);
	});

	test('closing twice is closing once', async () => {
		const item = await openedItem(bench, 'amal');
		const parameters = { category: byKey('First') };
		await bench.execute('closeConversation', { parameters, items: [item] });
		const { outputs } = await bench.execute('closeConversation', {
			parameters: { category: byKey('Second') },
			items: [item],
		});
		expect(outputs[0]?.[0]?.json).toMatchObject({
			alreadyClosed: true,
			conversation: { status: 'closed', category: 'First' },
		});
	});

	test('the freed agent gets the next that waits', async () => {
		await team(bench, 'billing', { nathan: 1 });
		const first = await assigned('amal');
		const waiting = await assigned('basma');
		expect(waiting.json).toMatchObject({ conversation: { queue: { position: 1 } } });
		const { outputs } = await bench.execute('closeConversation', { items: [first] });
		expect(outputs[0]?.[0]?.json).toMatchObject({ assignedFromQueue: 1 });
		const { conversation } = await (await bench.store()).getConversation(idOf(waiting));
		expect(conversation).toMatchObject({ assignee: { key: 'nathan' }, queue: null });
	});

	test('one unknown conversation among good ones does not stop them', async () => {
		const items = [
			await openedItem(bench, 'amal'),
			{ conversation: { id: 'gone' }, note: 'kept' },
			await openedItem(bench, 'carim'),
		];
		const run = { items, onError: 'continueErrorOutput' as const };
		const { outputs } = await bench.execute('closeConversation', run);
		expect(outputs[0]?.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
		expect(outputs[0]?.map(({ json }) => json.alreadyClosed)).toEqual([false, undefined, false]);
		expect(outputs[0]?.[1]).toMatchObject({
			json: {
				note: 'kept',
				error: "No conversation has the ID 'gone' [Item 1]",
				errorHint: expect.stringContaining('Check that the item comes from Conversation Opened'),
			},
			error: { name: 'NodeOperationError' },
		});
	});

	test('stops at the first that fails otherwise; those before it are closed', async () => {
		const first = await openedItem(bench, 'amal');
		const run = bench.execute('closeConversation', { items: [first, { a: 1 }] });
		expect(await failureOf(run)).toEqual(
			failure('The item has no conversation', 'Connect this node behind Conversation Opened', 1),
		);
		const { conversation } = await (await bench.store()).getConversation(idOf(first));
		expect(conversation.status).toBe('closed');
	});

	test('refuses a category that no list would show', async () => {
		const run = bench.execute('closeConversation', {
			parameters: { category: byKey('x'.repeat(201)) },
			items: [await openedItem(bench, 'amal')],
		});
		expect(await failureOf(run)).toEqual(
			failure('Category is longer than 200 characters (category)', 'Correct the value'),
		);
	});

	test('as a tool it closes the conversation that the agent names', async () => {
		const item = await openedItem(bench, 'amal');
		const { outputs } = await bench.executeAsTool('closeConversation', {
			parameters: { conversationFrom: 'id', conversationId: byKey(idOf(item)) },
			items: [{ summary: 'an argument of the agent' }],
		});
		expect(outputs[0]?.[0]?.json).toMatchObject({
			alreadyClosed: false,
			conversation: { id: idOf(item), status: 'closed' },
		});
	});
});
