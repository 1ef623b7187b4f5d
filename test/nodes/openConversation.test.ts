import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { telegram } from '../../nodes/channels/telegram';
import { storeError } from '../../nodes/store/errors';
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
		expect(outputs.slice(1)).toEqual([[], []]);
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
			[],
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

	describe('with items of other triggers', () => {
		const mail = (more: IDataObject = {}, metadata: IDataObject = {}) => ({
			textPlain: 'Where is my order?',
			metadata: { 'message-id': '<m-1@mail.example.com>', ...metadata },
			date: 'Thu, 01 Jan 2026 13:00:00 +0200',
			from: '"Jane Doe" <Jane@Example.com>',
			subject: 'My order',
			...more,
		});
		const emailTrigger = { mapping: 'emailTrigger', mailbox: 'support@example.com' };

		test('a mail opens, its answer joins, an automatic one is ignored', async () => {
			const { outputs } = await bench.execute('openConversation', {
				parameters: emailTrigger,
				items: [
					mail(),
					mail(
						{ textPlain: 'Any news?' },
						{ 'message-id': '<m-2@x>', 'in-reply-to': '<m-1@mail.example.com>' },
					),
					mail({ from: 'amal@example.com' }, { 'auto-submitted': 'auto-replied' }),
					mail(),
				],
			});
			expect(outputs.map((items) => items.map(({ pairedItem }) => pairedItem))).toEqual([
				[{ item: 0 }],
				[{ item: 1 }, { item: 3 }],
				[{ item: 2 }],
			]);
			expect(outputs[0]?.[0]?.json).toMatchObject({
				opened: true,
				subject: 'My order',
				conversation: {
					channel: 'email',
					account: 'support@example.com',
					replyTo: 'jane@example.com',
					source: 'workflow',
				},
				contact: { name: 'Jane Doe', email: 'jane@example.com' },
				message: {
					id: '<m-1@mail.example.com>',
					text: 'My order\n\nWhere is my order?',
					sentAt: '2026-01-01T11:00:00.000Z',
				},
			});
			expect(outputs[1]?.[0]?.json).toMatchObject({
				opened: false,
				message: { text: 'Any news?' },
			});
			// Read twice, as mail servers make happen: known by its Message-ID.
			expect(partOf(outputs[1]?.[1], 'conversation').messageCount).toBe(2);
			expect(outputs[2]?.[0]?.json).toMatchObject({
				from: 'amal@example.com',
				ignored: { reason: expect.stringContaining('Auto-Submitted') },
			});
			expect(outputs[2]?.[0]?.json).not.toHaveProperty('conversation');
			expect(await (await bench.store()).countEverything()).toMatchObject({ contacts: 1 });
		});

		test('a mail in the format Raw says how to mend it', async () => {
			const run = bench.execute('openConversation', {
				parameters: emailTrigger,
				items: [{ raw: 'txt' }],
			});
			expect(await failureOf(run)).toEqual(
				failure('The item is a mail in the format Raw, which has no sender', "'Resolved'"),
			);
		});

		test('options of mail reach the mapping', async () => {
			const options = {
				ownAddresses: 'info@example.com',
				takeMailingLists: true,
				includeSubject: false,
				source: 'contact',
			};
			const { outputs } = await bench.execute('openConversation', {
				parameters: { ...emailTrigger, options },
				items: [mail({}, { 'list-id': '<s>' }), mail({ from: 'Info <info@example.com>' })],
			});
			expect(outputs[0]?.[0]?.json).toMatchObject({
				conversation: { source: 'contact' },
				message: { text: 'Where is my order?' },
			});
			expect(outputs[2]?.[0]?.json).toMatchObject({
				ignored: { reason: expect.stringContaining('your own') },
			});
		});

		test('each message of the chat is one of its own, and files stay with the item', async () => {
			const chat = (chatInput: string) => ({
				json: { action: 'sendMessage', sessionId: 's-1', chatInput },
				binary: { data0: { data: 'eA==', mimeType: 'image/png', fileName: 'x.png' } },
			});
			const { outputs } = await bench.execute('openConversation', {
				parameters: { mapping: 'chatTrigger', options: { account: 'shop' } },
				items: [chat('Hello'), chat('Hello'), { action: 'loadPreviousSession', sessionId: 's-1' }],
			});
			expect(outputs[0]?.[0]).toMatchObject({
				json: {
					conversation: { channel: 'webchat', account: 'shop', replyTo: 's-1' },
					message: {
						text: 'Hello',
						attachments: [{ type: 'image', details: { binary: 'data0' } }],
					},
				},
				binary: { data0: { fileName: 'x.png' } },
			});
			expect(partOf(outputs[1]?.[0], 'conversation').messageCount).toBe(2);
			expect(outputs[2]).toHaveLength(1);
		});

		test('a form opens with the fields that are named', async () => {
			const { outputs } = await bench.execute('openConversation', {
				parameters: { mapping: 'formTrigger', messageField: 'Details', nameField: 'Who' },
				items: [
					{
						...{ Who: 'Jane', Mail: 'jane@example.com', Message: 'a', Details: 'b' },
						...{ submittedAt: '2026-01-01T11:00:00.000Z', formMode: 'production' },
					},
				],
			});
			expect(outputs[0]?.[0]?.json).toMatchObject({
				conversation: { channel: 'form', account: 'default' },
				contact: { name: 'Jane', email: 'jane@example.com' },
				message: { text: 'b' },
			});
		});

		const whatsapp = (...messages: IDataObject[]) => ({
			messaging_product: 'whatsapp',
			field: 'messages',
			metadata: { phone_number_id: '106540352242922' },
			messages,
		});
		const text = (id: string, from: string, body: string) => ({
			...{ id, from, type: 'text', timestamp: '1767268800', text: { body } },
		});

		test('one item of WhatsApp gives an item for each message in it', async () => {
			const item = whatsapp(
				text('w-1', '12025550143', 'one'),
				text('w-2', '12025550144', 'مرحبا 🙏'),
				text('w-3', '12025550143', 'three'),
				{ ...text('w-4', '12025550143', 'in a group'), group_id: 'g' },
			);
			const { outputs } = await bench.execute('openConversation', {
				parameters: { mapping: 'whatsAppTrigger' },
				items: [{ note: 'x', ...whatsapp() }, item],
			});
			const texts = outputs.map((items) =>
				items.map(({ json }) => (json.message as IDataObject | undefined)?.text),
			);
			expect(texts).toEqual([['one', 'مرحبا 🙏'], ['three'], [undefined, undefined]]);
			expect(outputs.flat().map(({ pairedItem }) => pairedItem)).toEqual([
				...[{ item: 1 }, { item: 1 }, { item: 1 }, { item: 0 }, { item: 1 }],
			]);
		});

		test('one message that cannot be stored does not take the others with it', async () => {
			const item = whatsapp(text('w-1', '12025550143', 'one'), {
				...text('w-2', '12025550144', 'two'),
				context: { id: 'w-0' },
			});
			const store = await bench.store();
			const openConversation = store.openConversation.bind(store);
			const refusing = jest.spyOn(store, 'openConversation').mockImplementation(async (input) => {
				if (input.message?.id === 'w-1') {
					throw storeError('InvalidInput', 'Contact ID is empty', 'Correct the value');
				}
				return await openConversation(input);
			});
			const { outputs } = await bench.execute('openConversation', {
				parameters: { mapping: 'whatsAppTrigger' },
				items: [item],
			});
			refusing.mockRestore();
			expect(outputs[0]).toHaveLength(1);
			expect(outputs[2]?.[0]?.json.ignored).toEqual({ reason: 'Contact ID is empty.' });
		});

		test('a customer is the same contact as through Conversation Opened', async () => {
			const store = await bench.store();
			const update = {
				update_id: 5,
				message: {
					message_id: 7,
					from: { id: 42, is_bot: false, first_name: 'Amal' },
					chat: { id: 42, type: 'private' },
					date: 1767268800,
					text: 'مرحبا',
				},
			};
			const now = Date.now();
			const request = { headers: {}, query: {}, url: '', now };
			const [message] = telegram.parse(
				{ ...request, rawBody: Buffer.from(JSON.stringify(update)) },
				{ botToken: '110201543:secret' },
			).messages;
			await store.receiveMessage({
				message: message!,
				opens: true,
				keepRaw: false,
				mentionsAny: () => false,
			});
			const { outputs } = await bench.execute('openConversation', {
				parameters: { mapping: 'telegramTrigger', botId: '110201543' },
				items: [update, { ...update, message: { ...update.message, message_id: 8 } }],
			});
			expect(outputs[0]).toEqual([]);
			// The first is the very message that was received already.
			expect(outputs[1]?.map((item) => partOf(item, 'conversation').messageCount)).toEqual([1, 2]);
			expect(await store.countEverything()).toMatchObject({ contacts: 1, messages: 2 });
		});

		test('a mapping of another version is refused', async () => {
			const run = bench.execute('openConversation', {
				parameters: { mapping: 'carrierPigeon' },
				incomplete: true,
			});
			expect(await failureOf(run)).toEqual(
				failure("This version of the package has no input 'carrierPigeon'", 'another'),
			);
		});

		test('as a tool it says why it ignored', async () => {
			const { outputs } = await bench.executeAsTool('openConversation', {
				parameters: { mapping: 'chatTrigger' },
				items: [{ action: 'loadPreviousSession' }],
			});
			expect(outputs).toHaveLength(1);
			expect(outputs[0]?.[0]?.json).toMatchObject({ ignored: { reason: expect.any(String) } });
		});
	});
});
