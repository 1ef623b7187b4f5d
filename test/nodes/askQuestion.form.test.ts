import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { Bench } from './support/bench';
import { openChat, QUESTION, type Chat } from './support/chat';
import { failure, failureOf, idOf, partOf } from './support/samples';
import { eventsOf } from '../store/support/samples';

const choices = (...titles: string[]) => ({ values: titles.map((title) => ({ title })) });

describe('the form of Ask Question', () => {
	let chat: Chat;
	let item: INodeExecutionData;

	beforeEach(async () => {
		chat = await openChat();
		item = await chat.says('111', 'Hello');
	});
	afterEach(async () => await chat.close());

	describe('what is not right is said, and nothing is sent', () => {
		const number = { answerType: 'number' };
		test.each<[string, INodeParameters, string, string]>([
			['no question', { prompt: '  ' }, "'Question' is empty", 'Write what'],
			[
				'no choices',
				{ answerType: 'choice', choices: choices('', ' ') },
				'There are no choices',
				'Give one to 10',
			],
			[
				'too many choices',
				{ answerType: 'choice', choices: choices(...'abcdefghijk') },
				'There are 11 choices',
				'ask in two steps',
			],
			[
				'the same choice twice, however it is written',
				{ answerType: 'choice', choices: choices('Rechnung', 'rechnung ') },
				"Two choices are called 'rechnung'",
				'words of its own',
			],
			['no number', { ...number, least: 'one' }, "'Lowest' is not a number", 'in digits'],
			['no highest number', { ...number, most: '1,5' }, "'Highest' is not a number", 'in digits'],
			[
				'limits the wrong way round',
				{ ...number, least: '5', most: '1' },
				"'Lowest' is above 'Highest'",
				'Swap',
			],
			[
				'no date',
				{ answerType: 'date', earliest: 'soon' },
				"'Earliest' is not a date",
				"or 'today'",
			],
			[
				'no latest date',
				{ answerType: 'date', latest: '25.12.2026' },
				"'Latest' is not a date",
				"or 'today'",
			],
			['no time', { waitAmount: 0 }, "'Time to Answer' is out of range", '30 days'],
			[
				'too much time',
				{ waitAmount: 31, waitUnit: 'days' },
				"'Time to Answer' is out of range",
				'30 days',
			],
			['asked too often', { again: 11 }, "'Ask Again at Most' is out of range", 'from 0 to 10'],
			['a part of a time', { again: 1.5 }, "'Ask Again at Most' is out of range", 'whole'],
			[
				'a rating up to 11',
				{ answerType: 'rating', ratingMost: 11 },
				"'Highest Rating' is out of range",
				'from 2 to 10',
			],
			[
				'no field',
				{ saveTo: 'field', saveField: ' ' },
				"'Contact Field' is empty",
				'or save the answer nowhere',
			],
			[
				'a name that is none',
				{ saveTo: 'field', saveField: '__proto__' },
				"'Contact Field' has a name that no field can have",
				'another name',
			],
			[
				'a phone number that is none',
				{ saveTo: 'field', saveField: 'phone' },
				"The field 'phone' takes no answer of this type",
				"'Phone Number'",
			],
			[
				'an e-mail address that is none',
				{ answerType: 'text', saveTo: 'field', saveField: 'email' },
				"The field 'email' takes no answer of this type",
				"'Email'",
			],
		])('%s', async (_name, parameters, sentence, hint) => {
			const run = chat.ask([item], parameters, { incomplete: true });
			expect(await failureOf(run)).toEqual(failure(sentence, hint));
			expect(chat.telegram.delivered('111')).toEqual([]);
			expect(await eventsOf(await chat.bench.store(), idOf(item))).toEqual(['opened']);
		});

		test('no credential for the store, or for the channel', async () => {
			const without = { credentials: ['conversationStoreApi'], incomplete: true };
			expect((await failureOf(chat.ask([item], {}, without))).name).toBe('NodeOperationError');
			const none = { credentials: ['conversationTelegramApi'], incomplete: true };
			expect(await failureOf(chat.ask([item], {}, none))).toMatchObject({
				description: expect.stringContaining('Choose a Conversation Store credential'),
			});
		});

		test('a channel that the node was not told of', async () => {
			const run = chat.ask([item], { channels: ['whatsapp'] });
			expect(await failureOf(run)).toEqual(
				failure(
					'The message goes to Telegram, and this node has no credential for it',
					"Add 'Telegram' under 'Channels'",
				),
			);
		});
	});

	describe('each type of answer', () => {
		/** What the contact writes, and what the flow goes on with. */
		test.each<[string, INodeParameters, string, unknown]>([
			['text', {}, 'anything at all', 'anything at all'],
			['choice', { choices: choices('Yes', 'No') }, 'no', 'No'],
			['number', { least: '1', most: '9.5', whole: false }, '9,5', 9.5],
			['date', { earliest: '2026-01-01T00:00:00Z', latest: '' }, '25/12/2026', '2026-12-25'],
			['date', { dateOrder: 'mdy' }, '12/25/2026', '2026-12-25'],
			['email', {}, 'amal@example.com', 'amal@example.com'],
			['phone', { country: 'eg' }, '0100 123 4567', '+201001234567'],
			['phone', {}, '+20 100 123 4567', '+201001234567'],
			['rating', { ratingMost: 10 }, '٩', 9],
			['location', {}, '30.0444, 31.2357', { latitude: 30.0444, longitude: 31.2357 }],
		])('%s %j', async (answerType, parameters, answer, value) => {
			const run = await chat.ask([item], { answerType, ...parameters });
			await chat.says('111', answer);
			const [question] = (await run.call()).outputs!.flat().map((each) => partOf(each, 'question'));
			expect(question).toMatchObject({ outcome: 'answered', kind: answerType, answer: { value } });
		});

		test('a number without a country code is read as one of the contact\u2019s country', async () => {
			const store = await chat.bench.store();
			const { key } = partOf(item, 'contact');
			await store.enrichContact({
				...{ contactKey: String(key), conversationId: null, addTags: [], source: 'user' },
				writes: [{ field: 'country', value: 'EG', source: 'user', mode: 'overwrite' }],
			});
			const run = await chat.ask([item], { answerType: 'phone' });
			await chat.says('111', '01001234567');
			expect(partOf((await run.call()).outputs![0]![0], 'question')).toMatchObject({
				answer: { value: '+201001234567' },
			});
		});
	});

	describe('a run by hand', () => {
		const byHand = async (parameters: INodeParameters) => {
			const { outputs, hints, waitTill } = await chat.ask([item], parameters, { mode: 'manual' });
			expect(waitTill).toBeUndefined();
			const [answer] = outputs.flat();
			return { output: outputs.findIndex((each) => each.length > 0), answer: answer!, hints };
		};

		test.each<[string, INodeParameters, string]>([
			['text', {}, 'call me'],
			['choice', { choices: choices('Sales', 'Care') }, 'care'],
			['number', { most: '5' }, '3'],
			['date', { latest: '2026-12-31' }, '24/12/2026'],
			['email', {}, 'a@example.com'],
			['phone', {}, '+201001234567'],
			['rating', {}, '4'],
			['location', {}, '1.5, 2.5'],
		])(
			'%s: an example, the answer that was given, and one that does not fit',
			async (kind, more, given) => {
				const parameters = { answerType: kind, ...more };
				const example = await byHand(parameters);
				expect(example).toMatchObject({
					...{ output: 0, hints: [expect.stringContaining('stands for it')] },
					answer: { json: { question: { outcome: 'answered', kind, asked: 1 } } },
				});
				const options = { testAnswer: given };
				expect(await byHand({ ...parameters, options })).toMatchObject({
					...{ output: 0, hints: [expect.stringContaining("'Answer in Test Runs'")] },
				});
				if (kind !== 'text') {
					const wrong = await byHand({ ...parameters, options: { testAnswer: '???' } });
					expect(wrong).toMatchObject({
						output: 1,
						answer: { json: { question: { outcome: 'invalid', answer: null } } },
					});
				}
				expect(chat.telegram.delivered('111')).toEqual([]);
				const { db } = (await chat.bench.store()).engine;
				expect(await db.selectFrom('waits').selectAll().execute()).toEqual([]);
			},
		);

		test('keeps an intent, too', async () => {
			const options = { testAnswer: 'About my invoice' };
			const { answer } = await byHand({ answerType: 'text', saveTo: 'intent', options });
			expect(answer.json).toMatchObject({
				conversation: { intent: 'About my invoice' },
				question: { savedTo: 'intent' },
			});
		});

		test('asks the contact only where that is wanted, and says so', async () => {
			const { hints } = await byHand({ options: { sendInTests: true } });
			expect(chat.telegram.delivered('111')).toEqual([QUESTION]);
			expect(hints).toEqual([expect.stringContaining('the question was sent')]);
		});

		test('keeps and goes on with the answer as a real one', async () => {
			const { answer } = await byHand({
				...{ answerType: 'text', saveTo: 'tag', options: { testAnswer: 'VIP' } },
			});
			expect(answer.json).toMatchObject({
				contact: { tags: ['VIP'] },
				message: { text: 'VIP' },
				question: { savedTo: 'tag' },
			});
		});

		test('what nobody said is not written down about a customer', async () => {
			const parameters = { answerType: 'email', saveTo: 'field', saveField: 'email' };
			const made = await byHand(parameters);
			expect(made.answer.json).toMatchObject({
				contact: { email: null },
				question: { answer: { value: 'customer@example.com' }, savedTo: null },
			});
			const given = await byHand({ ...parameters, options: { testAnswer: 'a@example.com' } });
			expect(given.answer.json).toMatchObject({
				contact: { email: 'a@example.com' },
				question: { savedTo: 'email' },
			});
		});

		test('a sub-workflow of it waits for nobody either', async () => {
			const tests = (await chat.bench.store()).forTests();
			const { conversation } = await tests.openConversation({
				contact: { identities: [{ channel: 'telegram', account: '7000000001', id: '111' }] },
				...{ channel: 'telegram', account: '7000000001', source: 'test' },
				reply: { to: '111' },
				message: { id: 'm', type: 'text', text: 'Hello', attachments: [], sentAt: 1 },
				mentionsAny: () => false,
			});
			const inTests = { json: { conversation: { id: conversation.id } } };
			const { outputs, waitTill } = await chat.ask([inTests], {}, { mode: 'integrated' });
			expect(waitTill).toBeUndefined();
			expect(partOf(outputs[0]![0], 'question')).toMatchObject({ outcome: 'answered' });
			expect(chat.telegram.delivered('111')).toEqual([]);
		});
	});

	describe('as the tool of an AI agent', () => {
		const asTool = async (mode: 'trigger' | 'manual') =>
			await chat.bench.executeAsTool('askQuestion', {
				parameters: {
					...{ channels: ['telegram'], prompt: QUESTION, answerType: 'number' },
					...{ conversationFrom: 'id' },
					conversationId: { __rl: true, mode: 'id', value: idOf(item) },
				},
				mode,
			});

		test('asks, and never waits: the answer comes as the next message', async () => {
			const { outputs } = await asTool('trigger');
			expect(outputs).toHaveLength(1);
			expect(partOf(outputs[0]![0], 'question')).toMatchObject({
				...{ outcome: 'asked', answer: null, asked: 1, why: null },
			});
			expect(chat.telegram.delivered('111')).toEqual([QUESTION]);
			await chat.says('111', '42');
			const events = await eventsOf(await chat.bench.store(), idOf(item));
			expect(events.at(-1)).toBe('message_received');
		});

		test('in a test run it says that it was not sent, and makes no answer up', async () => {
			const { outputs, hints } = await asTool('manual');
			expect(partOf(outputs[0]![0], 'question')).toMatchObject({ outcome: 'asked', answer: null });
			expect(hints).toEqual([expect.stringContaining('nothing was sent')]);
			expect(chat.telegram.delivered('111')).toEqual([]);
		});
	});

	describe('a call from somewhere else', () => {
		let run: Awaited<ReturnType<Chat['ask']>>;
		beforeEach(async () => {
			run = await chat.ask([item]);
			await chat.says('111', '42');
		});

		const DEEP = JSON.parse('['.repeat(500) + ']'.repeat(500)) as unknown;
		test.each<[string, unknown]>([
			['an empty body', {}],
			['null', null],
			['a text', 'wait'],
			['a list', [{ wait: 'x' }]],
			['a number', { wait: 7 }],
			['an object', { wait: { $ne: '' } }],
			['something huge', { wait: 'a'.repeat(5_000_000) }],
			['a NUL', { wait: '0000\u0000000-0000-0000-0000-000000000000' }],
			['SQL', { wait: "' or 1=1 --" }],
			['something deep', { wait: DEEP }],
			['a run that nobody knows', { wait: '00000000-0000-4000-8000-000000000000' }],
		])('%s ends nothing', async (_name, body) => {
			expect(
				await chat.bench.resume('askQuestion', body, { executionId: 'x', incomplete: true }),
			).toMatchObject({
				...{ outputs: undefined, answer: { status: 200, body: { waiting: true } } },
			});
			expect((await run.call(body)).outputs).toBeUndefined();
			expect((await run.call()).outputs).toBeDefined();
		});

		test('a store that cannot be reached ends nothing: it is called again', async () => {
			const { conversationStoreApi: credential } = chat.bench.credentials;
			const body = { wait: await run.group() };
			chat.bench.credentials.conversationStoreApi = { ...credential, storeName: '../evil' };
			expect(await run.call(body)).toEqual({
				outputs: undefined,
				answer: expect.objectContaining({ status: 503, body: { waiting: true } }),
			});
			chat.bench.credentials.conversationStoreApi = credential!;
			expect((await run.call(body)).outputs).toBeDefined();
		});

		test('another bench has another store: its calls find nothing here', async () => {
			const other = new Bench();
			const body = { wait: await run.group() };
			expect(
				(await other.resume('askQuestion', body, { incomplete: true })).outputs,
			).toBeUndefined();
		});
	});
});
