import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import { WAIT_INDEFINITELY } from 'n8n-workflow';
import { eventsOf } from '../store/support/samples';
import { startWaha } from '../standins/waha';
import { startWhatsApp } from '../standins/whatsapp';
import { RESUMED_BY } from './support/bench';
import { openChat, QUESTION, type Chat, type Run } from './support/chat';
import { closed, expectItemShape, failure, failureOf, idOf, partOf } from './support/samples';

const MENU = {
	answerType: 'choice',
	choices: {
		values: [
			{ title: 'Track my order', value: 'tracking', aliases: 'parcel' },
			{ title: 'فاتورة', value: 'billing' },
			{ title: 'Talk to us' },
		],
	},
} satisfies INodeParameters;

const ends = ['Answered', 'Invalid', 'Timed Out', 'Ended'];

/** By which output each item left, with what the node says of it. */
const left = (outputs: INodeExecutionData[][] | null | undefined) =>
	(outputs ?? []).flatMap((items, output) =>
		items.map((item) => ({ by: ends[output], ...partOf(item, 'question') })),
	);

describe('Ask Question', () => {
	let chat: Chat;

	beforeEach(async () => {
		chat = await openChat();
	});
	afterEach(async () => await chat.close());

	const answersOf = async (run: Run) => left((await run.call()).outputs);
	const events = async (item: INodeExecutionData) =>
		await eventsOf(await chat.bench.store(), idOf(item));

	describe('asks, waits, and goes on', () => {
		test('with the answer; nothing leaves before', async () => {
			const item = await chat.says('111', 'Hello');
			const run = await chat.ask([{ ...item, json: { ...item.json, order: 4711 } }]);
			expect(run.outputs).toEqual([[], [], [], []]);
			expect(run.waitTill).toEqual(WAIT_INDEFINITELY);
			expect(chat.telegram.delivered('111')).toEqual([QUESTION]);
			await chat.says('111', 'I am ٤٢');
			const { outputs } = await run.call();
			expect(left(outputs)).toEqual([
				{
					by: 'Answered',
					outcome: 'answered',
					kind: 'number',
					answer: { value: 42, text: '42' },
					asked: 1,
					savedTo: null,
					why: null,
				},
			]);
			const [answer] = outputs!.flat();
			expectItemShape(answer, ['order', 'question']);
			expect(answer).toMatchObject({
				pairedItem: { item: 0 },
				json: { order: 4711, message: { text: 'Hello' }, conversation: { messageCount: 3 } },
			});
			expect(await events(item)).toEqual([
				...['opened', 'replied', 'question_asked', 'answer_received', 'question_ended'],
			]);
		});

		test('called before anything came in, or for another question, it waits on', async () => {
			const item = await chat.says('111', 'Hello');
			const first = await chat.ask([item]);
			expect(await first.call()).toEqual({
				answer: expect.objectContaining({ status: 200, body: { waiting: true } }),
				outputs: undefined,
			});
			const other = await chat.ask([await chat.says('222', 'Hello')]);
			await chat.says('111', '42');
			expect((await first.call({ wait: await other.group() })).outputs).toBeUndefined();
			expect(await answersOf(first)).toMatchObject([{ by: 'Answered' }]);
		});

		test('asks again, and says so in the language of the contact', async () => {
			const item = await chat.says('111', 'مرحبا', { language: 'ar' });
			const run = await chat.ask([item], { again: 1 });
			await chat.says('111', 'what?');
			expect(await answersOf(run)).toEqual([]);
			expect(chat.telegram.delivered('111').at(-1)).toBe(`من فضلك أرسل رقمًا فقط.\n\n${QUESTION}`);
			await chat.says('111', 'hm');
			expect(await answersOf(run)).toEqual([
				{
					...{ by: 'Invalid', outcome: 'invalid', kind: 'number', answer: null, asked: 2 },
					...{ savedTo: null, why: expect.stringMatching(/^The answer [a-z]/) },
				},
			]);
			expect(chat.telegram.delivered('111')).toHaveLength(2);
		});

		test('asks again in the operator\u2019s words', async () => {
			const item = await chat.says('111', 'Hello');
			const run = await chat.ask([item], { options: { retryText: 'Digits, please' } });
			await chat.says('111', 'what?');
			await run.call();
			expect(chat.telegram.delivered('111').at(-1)).toBe(`Digits, please\n\n${QUESTION}`);
		});

		test('the first of several messages that fits counts; none of them is one try', async () => {
			const run = await chat.ask([await chat.says('111', 'Hello')], { again: 1 });
			for (const text of ['hm', 'let me see']) await chat.says('111', text);
			await run.call();
			expect(chat.telegram.delivered('111')).toHaveLength(2);
			for (const text of ['well', '41', '42']) await chat.says('111', text);
			expect(await answersOf(run)).toMatchObject([{ answer: { value: 41 }, asked: 2 }]);
		});

		test('the same call twice gives the same items, and asks and saves once', async () => {
			const item = await chat.says('111', 'Hello');
			const run = await chat.ask([item], { saveTo: 'tag' });
			await chat.says('111', 'what?');
			await Promise.all([run.call(), run.call()]);
			expect(chat.telegram.delivered('111')).toHaveLength(2);
			await chat.says('111', '42');
			const calls = [await run.call(), await run.call()];
			expect(calls[0]?.outputs).toEqual(calls[1]?.outputs);
			expect(left(calls[0]?.outputs)).toMatchObject([{ asked: 2, savedTo: 'tag' }]);
			expect((await events(item)).filter((type) => type === 'enriched')).toHaveLength(1);
		});

		test('an item keeps its files', async () => {
			const item = await chat.says('111', 'Hello');
			const binary = { photo: { data: 'AA==', mimeType: 'image/png' } };
			const run = await chat.ask([{ ...item, binary }]);
			await chat.says('111', '42');
			expect((await run.call()).outputs?.[0]?.[0]?.binary).toEqual(binary);
		});

		test('goes on with the answer in place of the message, where that is wanted', async () => {
			for (const goOnWithAnswer of [true, false]) {
				const who = goOnWithAnswer ? '111' : '222';
				const item = await chat.says(who, 'Hello');
				const run = await chat.ask([item], { answerType: 'text', options: { goOnWithAnswer } });
				await chat.says(who, 'About my invoice');
				const [answer] = (await run.call()).outputs!.flat();
				expect(partOf(answer, 'message').text).toBe(goOnWithAnswer ? 'About my invoice' : 'Hello');
			}
		});
	});

	describe('several items', () => {
		test('leave together: answered, ended, failed, each paired, in their order', async () => {
			const items = [];
			for (const who of ['1', '2', '3', '4', '5']) items.push(await chat.says(who, 'Hello'));
			await closed(chat.bench, items[1]!);
			items[2] = { json: { nothing: true } };
			const run = await chat.ask(items, {}, { onError: 'continueRegularOutput' });
			await chat.says('1', '1');
			expect(await answersOf(run)).toEqual([]);
			await chat.says('5', '5');
			await run.call();
			await closed(chat.bench, items[3]!);
			const { outputs } = await run.call();
			expect(left(outputs)).toMatchObject([
				{ by: 'Answered', answer: { value: 1 } },
				{ by: 'Answered', answer: { value: 5 } },
				{ by: 'Ended', why: 'The conversation was closed', asked: 0 },
				{ by: 'Ended' },
				{ by: 'Ended', why: 'The conversation was closed', asked: 1 },
			]);
			expect(
				outputs!.flat().map(({ pairedItem }) => (pairedItem as { item: number }).item),
			).toEqual([0, 4, 1, 2, 3]);
			expect(outputs![3]![1]!.json).toMatchObject({
				...{ nothing: true, error: expect.stringContaining('The item has no conversation') },
				errorHint: expect.stringContaining('Connect this node behind'),
			});
		});

		test('an output of its own for what failed stays that', async () => {
			const items = [await chat.says('1', 'Hello'), { json: {} }];
			const run = await chat.ask(items, {}, { onError: 'continueErrorOutput' });
			await chat.says('1', '1');
			const { outputs } = await run.call();
			expect(outputs?.map((each) => each.length)).toEqual([1, 0, 0, 0, 1]);
		});

		test('where nothing waits, the run goes on at once and leaves nothing behind', async () => {
			const item = await chat.says('1', 'Hello');
			await closed(chat.bench, item);
			const run = await chat.ask([item]);
			expect(run.waitTill).toBeUndefined();
			expect(left(run.outputs)).toMatchObject([
				{ by: 'Ended', outcome: 'ended', asked: 0, why: 'The conversation was closed' },
			]);
			const { db } = (await chat.bench.store()).engine;
			expect(await db.selectFrom('waits').selectAll().execute()).toEqual([]);
			expect(chat.telegram.delivered('1')).toEqual([]);
		});

		test('one of a contact who was erased meanwhile leaves by Ended, without what was said', async () => {
			const items = [await chat.says('1', 'Hello'), await chat.says('2', 'Hello')];
			const run = await chat.ask(items);
			await chat.says('1', '1');
			await run.call();
			const store = await chat.bench.store();
			const { key } = partOf(items[0], 'contact');
			await store.eraseContact({ contact: String(key), source: 'user' });
			await chat.says('2', '2');
			expect(left((await run.call()).outputs)).toMatchObject([
				{ by: 'Answered', answer: { value: 2 } },
				{
					...{ by: 'Ended', kind: null, answer: null },
					why: 'What was asked and answered has been erased',
				},
			]);
		});
	});

	test('called once more after it went on and was erased, it gives nothing of what was said', async () => {
		const item = await chat.says('111', 'Hello');
		const run = await chat.ask([item], { answerType: 'text' });
		await chat.says('111', 'My secret');
		const store = await chat.bench.store();
		const [resume] = await store.claimResumes({ limit: 1 });
		await run.call();
		await store.finishResume({ ...resume!, answer: 'heard' });
		await store.eraseContact({ contact: String(partOf(item, 'contact').key), source: 'user' });
		const { outputs } = await run.call();
		expect(left(outputs)).toMatchObject([{ by: 'Ended', kind: null, answer: null }]);
		expect(JSON.stringify(outputs)).not.toContain('secret');
	});

	describe('a person', () => {
		const replied = async (item: INodeExecutionData) => {
			const store = await chat.bench.store();
			const conversationId = idOf(item);
			const { messageId } = await store.beginOutbound({
				...{ conversationId, sendKey: 'by a person', channel: 'telegram', account: 'x' },
				...{ type: 'text', text: 'I am here', attachments: [], actor: 'ann' },
			});
			const outcome = { kind: 'sent', id: 'x:1', status: 'sent' } as const;
			await store.finishOutbound({ conversationId, messageId, outcome });
		};

		test('who has replied already is not interrupted, unless that is wanted', async () => {
			const item = await chat.says('111', 'Hello');
			await replied(item);
			expect(left((await chat.ask([item])).outputs)).toMatchObject([
				{ by: 'Ended', why: 'A person had replied before it was asked' },
			]);
			const run = await chat.ask([item], { options: { despitePerson: true } });
			expect(run.waitTill).toBeDefined();
		});

		test('who replies takes over', async () => {
			const item = await chat.says('111', 'Hello');
			const run = await chat.ask([item]);
			await replied(item);
			expect(await answersOf(run)).toMatchObject([{ by: 'Ended', why: 'A person has replied' }]);
		});
	});

	describe('what is saved', () => {
		const contactAfter = async (parameters: INodeParameters, answer: string) => {
			const item = await chat.says('111', 'Hello');
			const run = await chat.ask([item], parameters);
			await chat.says('111', answer);
			const [after] = (await run.call()).outputs!.flat();
			return { contact: partOf(after, 'contact'), conversation: partOf(after, 'conversation') };
		};

		test.each<[string, INodeParameters, string, object]>([
			[
				'a field of its own',
				{ saveTo: 'field', saveField: 'age' },
				'42',
				{ contact: { fields: { age: 42 } } },
			],
			[
				'an own field of the contact',
				{ answerType: 'email', saveTo: 'field', saveField: 'email' },
				'it is amal@example.com',
				{ contact: { email: 'amal@example.com' } },
			],
			['a tag', { ...MENU, saveTo: 'tag' }, '2', { contact: { tags: ['billing'] } }],
			[
				'an intent',
				{ ...MENU, saveTo: 'intent' },
				'parcel',
				{ conversation: { intent: 'tracking' } },
			],
			[
				'a long text as a tag',
				{ answerType: 'text', saveTo: 'tag' },
				'ا'.repeat(500),
				{ contact: { tags: ['ا'.repeat(200)] } },
			],
			[
				'a place',
				{ answerType: 'location', saveTo: 'field', saveField: 'place' },
				'30.0444, 31.2357',
				{ contact: { fields: { place: expect.stringContaining('30.0444') } } },
			],
		])('%s', async (_name, parameters, answer, expected) => {
			expect(await contactAfter(parameters, answer)).toMatchObject(expected);
		});
	});

	describe('on its channel', () => {
		test('with buttons, each of which answers only its own question', async () => {
			const item = await chat.says('111', 'Hello');
			const first = await chat.ask([item], MENU);
			const old = chat.buttons('111');
			expect(Object.keys(old)).toEqual(['Track my order', 'فاتورة', 'Talk to us']);
			await chat.says('111', 'فاتورة', { choiceId: old['فاتورة']! });
			expect(await answersOf(first)).toMatchObject([
				{ answer: { value: 'billing', text: 'billing', title: 'فاتورة' } },
			]);
			const second = await chat.ask([item], MENU);
			await chat.says('111', 'فاتورة', { choiceId: old['فاتورة']! });
			expect(await answersOf(second)).toEqual([]);
			expect((await events(item)).at(-1)).toBe('message_received');
			await chat.says('111', 'Talk to us', { choiceId: chat.buttons('111')['Talk to us']! });
			expect(await answersOf(second)).toMatchObject([{ answer: { value: 'Talk to us' } }]);
		});

		test('WhatsApp: up to three as buttons, more as a list with its label', async () => {
			const whatsapp = await startWhatsApp();
			try {
				const { type, data } = whatsapp.credential;
				chat.bench.credentials[type] = data as never;
				const account = String(data.phoneNumberId);
				const phone = { channel: 'phone', account: '', id: '+966500000111' };
				const item = await chat.says('966500000111', 'Hello', {
					...{ channel: 'whatsapp', account },
					contact: { identities: [phone], replyTo: '966500000111' },
				});
				whatsapp.wrote('+966500000111');
				const parameters = { channels: ['whatsapp'] };
				await chat.ask([item], { ...MENU, ...parameters });
				const values = ['a', 'b', 'c', 'd'].map((title) => ({ title }));
				const options = { listLabel: 'Topics' };
				await chat.ask([item], { ...MENU, ...parameters, choices: { values }, options });
				expect(whatsapp.messages.map(({ body }) => body)).toMatchObject([
					{ type: 'interactive', interactive: { type: 'button', body: { text: QUESTION } } },
					{ interactive: { type: 'list', action: { button: 'Topics' } } },
				]);
			} finally {
				await whatsapp.close();
			}
		});

		test('where there are no buttons, as a numbered list in the digits of the question', async () => {
			const waha = await startWaha();
			try {
				const { type, data } = waha.credential;
				chat.bench.credentials[type] = data as never;
				const item = await chat.says('201001234567', 'Hello', {
					...{ channel: 'waha', account: String(data.session) },
					contact: {
						identities: [{ channel: 'phone', account: '', id: '+201001234567' }],
						replyTo: '201001234567@c.us',
					},
				});
				const prompt = 'لديك ٣ خيارات';
				const run = await chat.ask([item], { ...MENU, channels: ['waha'], prompt });
				expect(waha.messages.at(-1)?.text).toBe(
					`${prompt}\n١. Track my order\n٢. فاتورة\n٣. Talk to us`,
				);
				await chat.says('201001234567', '٢', {
					...{ channel: 'waha', account: String(data.session) },
					contact: { identities: [{ channel: 'phone', account: '', id: '+201001234567' }] },
				});
				expect(await answersOf(run)).toMatchObject([{ answer: { value: 'billing' } }]);
			} finally {
				await waha.close();
			}
		});
	});

	describe('when it cannot be sent', () => {
		const refuse = (times = 1) =>
			chat.telegram.answerNext(
				{
					status: 400,
					body: { ok: false, error_code: 400, description: 'Bad Request: chat not found' },
				},
				times,
			);
		const busy = () =>
			chat.telegram.answerNext({ status: 503, body: { ok: false } }, 20, ({ path }) =>
				path.endsWith('/sendMessage'),
			);

		test('the first time: the node fails, nothing waits, what came is a message', async () => {
			const item = await chat.says('111', 'Hello');
			refuse();
			expect(await failureOf(chat.ask([item]))).toMatchObject({ name: 'NodeOperationError' });
			await chat.says('111', '42');
			expect(await events(item)).toEqual(['opened', 'message_received']);
		});

		test('and the contact wants no messages: that is said', async () => {
			const item = await chat.says('111', 'Hello');
			chat.telegram.becomes('111', 'blocked');
			const { message } = await failureOf(chat.ask([item]));
			expect(message).toContain('blocked');
		});

		test('Retry On Fail asks nobody twice, and keeps the buttons good', async () => {
			const items = [await chat.says('111', 'Hello'), { json: {} }];
			const executionId = 'one-execution';
			await failureOf(chat.ask(items, MENU, { executionId }));
			const pressed = chat.buttons('111')['فاتورة']!;
			items[1] = await chat.says('222', 'Hello');
			const run = await chat.ask(items, MENU, { executionId });
			expect(chat.telegram.delivered('111')).toHaveLength(1);
			await chat.says('111', 'فاتورة', { choiceId: pressed });
			await chat.says('222', '1');
			expect(await answersOf(run)).toMatchObject([
				{ answer: { value: 'billing' }, asked: 1 },
				{ answer: { value: 'tracking' } },
			]);
		});

		test('another execution for the same conversation asks anew', async () => {
			const item = await chat.says('111', 'Hello');
			const delivered = { json: { ...item.json, delivery: { id: 'same' } } };
			await chat.ask([delivered], {}, { mode: 'retry' });
			await chat.ask([delivered], {}, { mode: 'retry' });
			expect(chat.telegram.delivered('111')).toHaveLength(2);
		});

		test('again, for now: the call is answered 503, and done once when it is repeated', async () => {
			const run = await chat.ask([await chat.says('111', 'Hello')]);
			await chat.says('111', 'what?');
			chat.telegram.answerNext(
				{
					status: 429,
					body: {
						...{ ok: false, error_code: 429, description: 'Too Many Requests: retry after 600' },
						parameters: { retry_after: 600 },
					},
				},
				1,
			);
			expect(await run.call()).toMatchObject({
				...{ outputs: undefined, answer: { status: 503, body: { waiting: true } } },
			});
			expect(chat.telegram.delivered('111')).toHaveLength(1);
			await run.call();
			await run.call();
			expect(chat.telegram.delivered('111')).toHaveLength(2);
			await chat.says('111', '42');
			expect(await answersOf(run)).toMatchObject([{ by: 'Answered', asked: 2 }]);
		});

		test('again, and nobody knows whether it arrived: it counts as asked', async () => {
			const run = await chat.ask([await chat.says('111', 'Hello')]);
			await chat.says('111', 'what?');
			chat.telegram.hangUpNext();
			expect(await answersOf(run)).toEqual([]);
			await run.call();
			await chat.says('111', '42');
			expect(await answersOf(run)).toMatchObject([{ by: 'Answered', asked: 2 }]);
			expect(chat.telegram.delivered('111')).toHaveLength(2);
		});

		test('again, since the contact wants no more messages', async () => {
			const run = await chat.ask([await chat.says('111', 'Hello')]);
			await chat.says('111', 'STOP');
			const account = chat.telegram.credential.data.botToken as string;
			const [id] = account.split(':');
			await (
				await chat.bench.store()
			).receiveNotice({
				notice: {
					...{ kind: 'optOut', channel: 'telegram', account: id!, reason: 'stop', at: Date.now() },
					identities: [{ channel: 'telegram', account: id!, id: '111' }],
				},
			});
			expect(await answersOf(run)).toMatchObject([
				{ by: 'Invalid', problem: expect.stringContaining('has asked for no more messages') },
			]);
			expect(chat.telegram.delivered('111')).toHaveLength(1);
		});

		test('after the reply window, neither the first time nor again', async () => {
			const whatsapp = await startWhatsApp();
			try {
				const { type, data } = whatsapp.credential;
				chat.bench.credentials[type] = data as never;
				const from = {
					...{ channel: 'whatsapp', account: String(data.phoneNumberId) },
					contact: {
						identities: [{ channel: 'phone', account: '', id: '+966500000111' }],
						replyTo: '966500000111',
					},
				};
				const item = await chat.says('966500000111', 'Hello', from);
				whatsapp.wrote('+966500000111');
				const run = await chat.ask([item], { channels: ['whatsapp'] });
				await chat.says('966500000111', 'what?', from);
				// n8n was away for a day.
				const { db } = (await chat.bench.store()).engine;
				const yesterday = { last_inbound_at: Date.now() - 25 * 3_600_000 };
				await db.updateTable('addresses').set(yesterday).execute();
				expect(await answersOf(run)).toMatchObject([
					{ by: 'Invalid', problem: expect.stringMatching(/24 hours|window/) },
				]);
				const { message } = await failureOf(chat.ask([item], { channels: ['whatsapp'] }));
				expect(message).toMatch(/24 hours|window/);
				expect(whatsapp.messages).toHaveLength(1);
			} finally {
				await whatsapp.close();
			}
		});

		test('again, ever: the item leaves by Invalid and says why', async () => {
			const run = await chat.ask([await chat.says('111', 'Hello')]);
			await chat.says('111', 'what?');
			refuse();
			expect(await answersOf(run)).toMatchObject([
				{ by: 'Invalid', asked: 1, problem: expect.stringMatching(/Telegram|chat/) },
			]);
		});

		test('again, since the contact went to a channel that the node has no credential for', async () => {
			const item = await chat.says('111', 'Hello');
			const run = await chat.ask([item]);
			await chat.says('111', 'what?');
			const { db } = (await chat.bench.store()).engine;
			const conversation = db.updateTable('conversations').where('id', '=', idOf(item));
			const elsewhere = { reply_channel: 'whatsapp', reply_account: '1', reply_to: '2' };
			await conversation.set(elsewhere).execute();
			expect(await answersOf(run)).toMatchObject([
				{ by: 'Invalid', problem: expect.stringContaining('has no credential for it') },
			]);
		});

		test('on a channel that is away nothing is asked, and the node says so', async () => {
			const item = await chat.says('111', 'Hello');
			busy();
			expect((await failureOf(chat.ask([item]))).message).toContain('Telegram');
		});
	});

	describe('the address of the execution', () => {
		test('is in no item, no error, no log', async () => {
			const item = await chat.says('111', 'Hello');
			const run = await chat.ask([item]);
			const { db } = (await chat.bench.store()).engine;
			const [wait] = await db.selectFrom('waits').select('resume_url').execute();
			const [path] = wait!.resume_url!.split('?');
			expect(path).toMatch(/\/webhook-waiting\/[\w-]+\/conversation-answer$/);
			expect(new URL(wait!.resume_url!).searchParams.get('signature')).toBe(RESUMED_BY);
			await chat.says('111', '42');
			const seen = JSON.stringify([run, await run.call()]);
			expect(seen).not.toContain(RESUMED_BY);
			expect(await failureOf(chat.ask([{ json: {} }]))).toEqual(
				failure('The item has no conversation', 'Connect this node behind'),
			);
		});
	});
});
