import type { INodeParameters } from 'n8n-workflow';
import { Bench } from './support/bench';
import {
	closed,
	expectItemShape,
	failure,
	failureOf,
	idOf,
	openedItem,
	partOf,
} from './support/samples';

const contactIdOfItem = { contactId: '={{ $json.from }}', messageText: '={{ $json.text }}' };

describe('Open Conversation', () => {
	let bench: Bench;
	beforeEach(() => {
		bench = new Bench();
	});

	test('opens a conversation and gives the whole item', async () => {
		const { outputs } = await bench.execute('openConversation', {
			parameters: {
				contactId: 'amal@example.com',
				messageText: ' مرحبا ',
				contactDetails: { name: ' أمل ', phone: '+201001234567', email: '', language: 'ar' },
				options: { account: 'support', messageId: 'mail-1' },
			},
			items: [{ subject: 'Help', message: { text: 'of the form' } }],
		});
		const item = outputs[0]?.[0];
		expect(outputs[1]).toEqual([]);
		expectItemShape(item, ['subject', 'opened']);
		expect(item).toMatchObject({
			pairedItem: { item: 0 },
			json: {
				subject: 'Help',
				opened: true,
				conversation: {
					status: 'open',
					channel: 'email',
					account: 'support',
					source: 'workflow',
					isReturning: false,
					messageCount: 1,
				},
				contact: { name: 'أمل', phone: '+201001234567', email: null, language: 'ar' },
				message: { id: 'mail-1', type: 'text', text: 'مرحبا', attachments: [] },
			},
		});
	});

	test('sends those who have one open to the second output, each paired with its input', async () => {
		const first = await openedItem(bench, 'amal');
		const { outputs } = await bench.execute('openConversation', {
			parameters: contactIdOfItem,
			items: [
				{ from: 'basma', text: 'one' },
				{ from: 'amal', text: 'two' },
				{ from: 'carim', text: 'three' },
			],
			executionId: '2',
		});
		expect(outputs.map((items) => items.map(({ pairedItem }) => pairedItem))).toEqual([
			[{ item: 0 }, { item: 2 }],
			[{ item: 1 }],
		]);
		const third = outputs[0]?.[1];
		const second = outputs[1]?.[0];
		expect(idOf(second)).toBe(idOf(first));
		expect(second?.json).toMatchObject({ opened: false, message: { text: 'two' } });
		expect(partOf(second, 'conversation').messageCount).toBe(2);
		expect(third?.json).toMatchObject({ opened: true, from: 'carim', message: { text: 'three' } });
	});

	test('opens without a message where none is given', async () => {
		const { outputs } = await bench.execute('openConversation', {
			parameters: { contactId: 'amal' },
		});
		expect(outputs[0]?.[0]?.json).toMatchObject({ opened: true, message: null });
		expect(partOf(outputs[0]?.[0], 'conversation').messageCount).toBe(0);
	});

	test('the same message ID opens nothing, also after the conversation was closed', async () => {
		const first = await openedItem(bench, 'amal', { options: { messageId: 'mail-1' } });
		await closed(bench, first);
		const again = await openedItem(bench, 'amal', { options: { messageId: 'mail-1' } });
		expect(again.json).toMatchObject({ opened: false, conversation: { id: idOf(first) } });
	});

	test('a returning contact gets a new conversation', async () => {
		await closed(bench, await openedItem(bench, 'amal'));
		const { outputs } = await bench.execute('openConversation', {
			parameters: { contactId: 'amal', messageText: 'again' },
			executionId: '2',
		});
		expect(outputs[0]?.[0]?.json).toMatchObject({
			conversation: { isReturning: true },
			contact: { previousConversations: 1 },
		});
	});

	test('in a loop, each round has a message of its own', async () => {
		const round = async (from: string, runIndex: number) =>
			await bench.execute('openConversation', {
				parameters: contactIdOfItem,
				items: [{ from, text: `from ${from}` }],
				executionId: 'loop',
				runIndex,
			});
		const first = await round('amal', 0);
		const second = await round('basma', 1);
		expect(second.outputs[0]?.[0]?.json).toMatchObject({
			opened: true,
			contact: { firstSeenAt: expect.any(String) },
			message: { text: 'from basma' },
		});
		expect(idOf(second.outputs[0]?.[0])).not.toBe(idOf(first.outputs[0]?.[0]));
		// A retry of the same round stores nothing twice.
		const retry = await round('basma', 1);
		expect(partOf(retry.outputs[1]?.[0], 'conversation').messageCount).toBe(1);
	});

	test('keeps binary data', async () => {
		const binary = { file: { data: 'eA==', mimeType: 'text/plain', fileName: 'x.txt' } };
		const { outputs } = await bench.execute('openConversation', {
			parameters: { contactId: 'amal' },
			items: [{ json: { a: 1 }, binary }],
		});
		expect(outputs[0]?.[0]).toMatchObject({ json: { a: 1 }, binary });
	});

	const tooLong = 'x'.repeat(5_000);
	const wrong: Array<[string, INodeParameters, RegExp, string]> = [
		[
			'an empty Contact ID',
			{ contactId: '={{ " " }}' },
			/^'Contact ID' is empty \[Item 0\]$/,
			'Drag in what identifies the customer',
		],
		[
			'an empty Channel',
			{ contactId: 'amal', channel: '={{ "" }}' },
			/^'Channel' is empty \[Item 0\]$/,
			'Name where the message comes from',
		],
		[
			'an endless Contact ID',
			{ contactId: tooLong },
			/^Contact ID is longer than \d+ characters .* \[Item 0\]$/,
			'Correct the value in the node',
		],
	];
	test.each(wrong)('refuses %s', async (_name, parameters, sentence, hint) => {
		const run = bench.execute('openConversation', { parameters });
		expect(await failureOf(run)).toEqual({
			...failure('', hint),
			message: expect.stringMatching(sentence),
		});
	});

	test('one bad item goes on by the second output while the others open', async () => {
		const { outputs } = await bench.execute('openConversation', {
			parameters: contactIdOfItem,
			items: [
				{ from: 'amal', text: 'a' },
				{ from: '', text: 'b' },
				{ from: 'carim', text: 'c' },
			],
			onError: 'continueRegularOutput',
		});
		expect(outputs[0]?.map(({ json }) => json.from)).toEqual(['amal', 'carim']);
		expect(outputs[1]).toEqual([
			{
				json: {
					from: '',
					text: 'b',
					error: "'Contact ID' is empty [Item 1]",
					errorHint: expect.stringContaining('Drag in'),
				},
				error: expect.objectContaining({ name: 'NodeOperationError' }),
				pairedItem: { item: 1 },
			},
		]);
	});

	test('stops at the bad item where it is not told to continue', async () => {
		const run = bench.execute('openConversation', {
			parameters: contactIdOfItem,
			items: [{ from: 'amal' }, { from: '' }],
		});
		expect(await failureOf(run)).toEqual(failure("'Contact ID' is empty", 'Drag in', 1));
	});

	test('a test run opens in the test workspace, and the nodes behind it go on there', async () => {
		const { outputs, hints } = await bench.execute('openConversation', {
			parameters: { contactId: 'amal', messageText: 'Hello' },
			mode: 'manual',
		});
		const [opened] = outputs[0]!;
		expectItemShape(opened, ['opened']);
		expect(hints).toEqual([expect.stringContaining('test workspace')]);
		const closing = await bench.execute('closeConversation', {
			items: [opened!.json],
			mode: 'manual',
		});
		expect(closing.outputs[0]?.[0]?.json).toMatchObject({
			conversation: { id: idOf(opened), status: 'closed' },
		});
		const real = await (await bench.store()).countEverything();
		expect(real).toMatchObject({ contacts: 0, messages: 0, conversations: { open: 0 } });
	});

	test('as a tool it answers by the output that an agent reads', async () => {
		await openedItem(bench, 'amal');
		const { outputs } = await bench.executeAsTool('openConversation', {
			parameters: { contactId: 'amal' },
		});
		expect(outputs).toHaveLength(1);
		expect(outputs[0]?.[0]?.json).toMatchObject({ opened: false });
	});
});
