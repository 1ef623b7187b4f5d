import { randomUUID } from 'node:crypto';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { InboundMessage } from '../../nodes/channels/channel';
import { startTelegram, type TelegramStandIn } from '../standins/telegram';
import { startWhatsApp } from '../standins/whatsapp';
import { Bench, type RunOptions } from './support/bench';
import { byKey, expectItemShape, failure, failureOf, idOf } from './support/samples';

const HOUR = 60 * 60_000;
const ARABIC = 'أهلًا وسهلًا 🙏🏽 — ‏طلبك رقم ١٢٣ في الطريق';

describe('Send Message', () => {
	let bench: Bench;
	let telegram: TelegramStandIn;
	let account: string;

	beforeEach(async () => {
		bench = new Bench();
		telegram = await startTelegram();
		const { type, data } = telegram.credential;
		bench.credentials[type] = data as never;
		account = String(data.botToken).split(':')[0]!;
	});

	afterEach(async () => await telegram.close());

	/** What a customer writes on Telegram, as the channel parses it. */
	const written = (from: string, id: string, sentAt = Date.now()): InboundMessage => ({
		kind: 'message',
		channel: 'telegram',
		account,
		id: `${from}:${id}`,
		source: 'contact',
		contact: {
			identities: [{ channel: 'telegram', account, id: from }],
			name: 'سارة',
			replyTo: from,
		},
		type: 'text',
		text: 'السلام عليكم',
		attachments: [],
		sentAt,
		raw: {},
	});

	async function receive(message: InboundMessage): Promise<INodeExecutionData> {
		const store = await bench.store();
		telegram.starts(message.contact.replyTo ?? '');
		const { conversationId } = await store.receiveMessage({
			message,
			opens: true,
			keepRaw: false,
			replyUntil: message.channel === 'whatsapp' ? message.sentAt + 24 * HOUR : null,
			mentionsAny: () => false,
		});
		return { json: { ...(await store.getConversation(conversationId!)) } };
	}

	const send = async (
		item: INodeExecutionData,
		parameters: INodeParameters = {},
		options: Partial<RunOptions> = {},
	) => {
		const { outputs, hints } = await bench.execute('sendMessage', {
			parameters: {
				channels: ['telegram'],
				...('messageType' in parameters ? {} : { text: ARABIC }),
				...parameters,
			},
			items: [item],
			executionId: randomUUID(),
			...options,
		});
		return { sent: outputs[0]?.[0], hints };
	};

	const history = async (item: INodeExecutionData) =>
		(await (await bench.store()).conversationHistory(idOf(item))).map(
			({ type, source, text }) => `${type} ${source} ${text}`,
		);

	test('answers where the contact wrote, byte for byte, and records it', async () => {
		const item = await receive(written('111', '1'));
		const { sent } = await send({ json: { ...item.json, order: 4711 } });
		expect(telegram.delivered('111')).toEqual([ARABIC]);
		expectItemShape(sent, ['order', 'sent']);
		expect(sent).toMatchObject({
			pairedItem: { item: 0 },
			json: {
				order: 4711,
				sent: {
					channel: 'telegram',
					account,
					status: 'sent',
					alreadySent: false,
					messageId: expect.stringMatching(/^111:\d+$/),
				},
				conversation: { messageCount: 2, replyChannel: 'telegram', replyTo: '111' },
				message: { text: 'السلام عليكم' },
			},
		});
		expect(await history(item)).toEqual([
			expect.stringContaining('text contact'),
			'opened contact Opened by the contact on telegram.',
			`text workflow ${ARABIC}`,
			'replied workflow Answered on telegram.',
		]);
	});

	test('only a message of a person is the first response', async () => {
		const item = await receive(written('111', '1'));
		const firstResponse = async () =>
			await (
				await bench.store()
			).engine.db
				.selectFrom('conversations')
				.select(['first_response_at', 'first_response_by', 'outbound_count'])
				.executeTakeFirstOrThrow();
		await send(item);
		expect(await firstResponse()).toMatchObject({ first_response_at: null, outbound_count: 1 });
		await send(item, { options: { actor: byKey('nathan@example.com') } });
		expect(await firstResponse()).toMatchObject({
			first_response_at: expect.any(Number),
			first_response_by: 'nathan@example.com',
			outbound_count: 2,
		});
	});

	test('a second try of the same message in the same flow sends nothing', async () => {
		const item = await receive(written('111', '1'));
		const executionId = randomUUID();
		const first = await send(item, {}, { executionId });
		const second = await send(item, {}, { executionId });
		expect(telegram.delivered('111')).toHaveLength(1);
		expect(second.sent?.json.sent).toEqual({
			...(first.sent?.json.sent as object),
			alreadySent: true,
		});
		expect(second.hints).toEqual([expect.stringContaining('was sent before')]);
	});

	test('a flow that runs again for the same conversation does not repeat itself', async () => {
		const opened = await receive(written('111', '1'));
		const item = { json: { ...opened.json, delivery: { id: randomUUID() } } };
		await send(item);
		await send(item);
		expect(telegram.delivered('111')).toHaveLength(1);
		// A sub-workflow may well be called twice.
		await send(item, {}, { mode: 'integrated' });
		await send(item, {}, { mode: 'integrated' });
		expect(telegram.delivered('111')).toHaveLength(3);
	});

	test('what ended without an answer is not sent again by itself', async () => {
		const item = await receive(written('111', '1'));
		const executionId = randomUUID();
		telegram.hangUpNext();
		expect(await failureOf(send(item, {}, { executionId }))).toEqual(
			failure(
				'Telegram did not answer, so it is not known whether this was done',
				'Look on the other side before you do it again (ECONNRESET)',
			),
		);
	});

	test('what is unclear stays so until somebody decides', async () => {
		const item = await receive(written('111', '1'));
		const executionId = randomUUID();
		// The provider took it, and the line broke before it could say so.
		telegram.hangUpNext();
		await failureOf(send(item, {}, { executionId }));
		expect(telegram.delivered('111')).toHaveLength(1);
		expect(await failureOf(send(item, {}, { executionId }))).toEqual(
			failure(
				'An earlier try to send this message ended without an answer of Telegram: it may have arrived',
				"turn on the option 'Send Again if Unsure'",
			),
		);
		expect(telegram.delivered('111')).toHaveLength(1);
		const options = { sendAgain: true };
		const { sent } = await send(item, { options }, { executionId });
		expect(sent?.json.sent).toMatchObject({ status: 'sent', alreadySent: false });
		expect(telegram.delivered('111')).toHaveLength(2);
	});

	test('what was refused may be tried again, and is one message in the end', async () => {
		const item = await receive(written('111', '1'));
		const executionId = randomUUID();
		telegram.answerNext({
			status: 400,
			body: { ok: false, error_code: 400, description: 'Bad Request: chat not found' },
		});
		expect((await failureOf(send(item, {}, { executionId }))).name).toBe('NodeOperationError');
		await send(item, {}, { executionId });
		expect(telegram.delivered('111')).toEqual([ARABIC]);
		const texts = (await history(item)).filter((line) => line.startsWith('text workflow'));
		expect(texts).toHaveLength(1);
	});

	test('waits where Telegram asks for patience', async () => {
		const item = await receive(written('111', '1'));
		telegram.answerNext({
			status: 429,
			body: {
				ok: false,
				error_code: 429,
				description: 'Too Many Requests: retry after 0',
				parameters: { retry_after: 0 },
			},
		});
		await send(item);
		expect(telegram.delivered('111')).toEqual([ARABIC]);
	});

	test('a contact who blocked the bot gets nothing more until it writes again', async () => {
		const item = await receive(written('111', '1'));
		telegram.becomes('111', 'blocked');
		expect((await failureOf(send(item))).message).toMatch(/blocked/);
		const calls = telegram.received.length;
		expect(await failureOf(send(item))).toEqual(
			failure(
				`The contact has blocked this account on Telegram, on ${new Date().toISOString().slice(0, 10)}`,
				'when the contact writes first',
			),
		);
		expect(telegram.received).toHaveLength(calls);
		const store = await bench.store();
		const events = await store.engine.db.selectFrom('events').select('type').execute();
		expect(events.filter(({ type }) => type === 'opted_out')).toHaveLength(1);

		await receive(written('111', '2'));
		await send(item);
		expect(telegram.delivered('111')).toEqual([ARABIC]);
	});

	test('goes to the channel where the contact wrote last, or where it is told to', async () => {
		const whatsapp = await startWhatsApp();
		try {
			const { type, data } = whatsapp.credential;
			bench.credentials[type] = data as never;
			const phone = { channel: 'phone', account: '', id: '+966500000111' };
			const first = written('111', '1');
			first.contact.identities.push(phone);
			const item = await receive(first);
			const number = String(data.phoneNumberId);
			await receive({
				...first,
				channel: 'whatsapp',
				account: number,
				id: 'wamid.1',
				contact: { identities: [phone], replyTo: '966500000111' },
			});
			whatsapp.wrote('+966500000111');
			const parameters = { channels: ['telegram', 'whatsapp'] };
			const { sent } = await send(item, parameters);
			expect(sent?.json.sent).toMatchObject({ channel: 'whatsapp', account: number });
			expect(sent?.json.conversation).toMatchObject({
				channel: 'telegram',
				replyChannel: 'whatsapp',
				replyUntil: expect.stringMatching(/^\d{4}/),
			});
			expect(whatsapp.delivered('966500000111')).toEqual([ARABIC]);

			await send(item, { ...parameters, sendOn: 'opened' });
			await send(item, { ...parameters, sendOn: 'channel', channel: 'telegram', text: 'حاضر' });
			expect(telegram.delivered('111')).toEqual([ARABIC, 'حاضر']);

			expect(await failureOf(send(item))).toEqual(
				failure(
					'The message goes to WhatsApp Cloud API, and this node has no credential for it',
					"Add 'WhatsApp Cloud API' under 'Channels'",
				),
			);
		} finally {
			await whatsapp.close();
		}
	});

	test('says when the reply window is over, before anything is sent', async () => {
		const item = await receive({
			...written('111', '1', Date.now() - 25 * HOUR),
			channel: 'whatsapp',
			account: '106540352242922',
			id: 'wamid.1',
		});
		bench.credentials.conversationWhatsAppApi = {
			appSecret: 'x',
			verifyToken: 'x',
			accessToken: 'x',
			phoneNumberId: '106540352242922',
			baseUrl: 'http://127.0.0.1:9',
		};
		const run = send(item, { channels: ['whatsapp'] });
		expect(await failureOf(run)).toEqual(
			failure(
				'The reply window of WhatsApp Cloud API is over: the contact last wrote more than 24 hours ago',
				'template',
			),
		);
		expect(await history(item)).toHaveLength(2);
	});

	test.each([
		[
			'a text that is too long',
			{ text: 'م'.repeat(4097) },
			/4097 characters; Telegram takes at most 4096/,
		],
		['nothing at all', { text: '  ' }, /nothing to send/],
		['a template', { messageType: 'template', templateName: 'x' }, /Telegram has no templates/],
		[
			'an address that is none',
			{ messageType: 'file', fileFrom: 'url', fileUrl: 'price list' },
			/not a web address/,
		],
		[
			'two buttons with one ID',
			{
				buttons: {
					values: [
						{ title: 'a', id: 'x' },
						{ title: 'b', id: 'x' },
					],
				},
			},
			/same ID/,
		],
	])('refuses %s with a sentence, and sends nothing', async (_what, parameters, sentence) => {
		const item = await receive(written('111', '1'));
		const { message, description } = await failureOf(send(item, parameters as INodeParameters));
		expect(message).toMatch(sentence);
		expect(description).toMatch(/Nothing was sent/);
		expect(telegram.received).toEqual([]);
	});

	test('sends a file of the item with its caption, and buttons', async () => {
		const item = await receive(written('111', '1'));
		const bytes = Buffer.from('89504e470d0a1a0a', 'hex');
		const withFile = {
			...item,
			binary: {
				data: { data: bytes.toString('base64'), mimeType: 'image/png', fileName: 'صورة.png' },
			},
		};
		const caption = 'سطر\nسطر ثانٍ';
		const { sent } = await send(withFile, {
			messageType: 'file',
			caption,
			buttons: { values: [{ title: 'نعم', id: 'yes' }, { title: 'لا' }] },
		});
		expect(sent?.json.sent).toMatchObject({ status: 'sent' });
		const call = telegram.received.find(({ path }) => path.endsWith('/sendPhoto'));
		const fields = call?.body as Record<string, unknown>;
		expect(fields.caption).toBe(caption);
		const photo = fields.photo as File;
		expect(photo.name).toBe('صورة.png');
		expect(Buffer.from(await photo.arrayBuffer())).toEqual(bytes);
		expect(JSON.stringify(fields.reply_markup)).toContain('yes');
		const [message] = await (
			await bench.store()
		).engine.db
			.selectFrom('messages')
			.select(['type', 'text', 'attachments'])
			.where('direction', '=', 'outbound')
			.execute();
		expect(message).toMatchObject({ type: 'image', text: caption });
	});

	test('writes first where a channel allows it: a template, to the phone number', async () => {
		const whatsapp = await startWhatsApp();
		try {
			const { type, data } = whatsapp.credential;
			bench.credentials[type] = data as never;
			const [item] = (
				await bench.execute('openConversation', {
					parameters: { contactId: 'lead-1', contactDetails: { phone: '+966500000199' } },
				})
			).outputs.flat();
			const parameters = { channels: ['whatsapp'], sendOn: 'channel', channel: 'whatsapp' };
			expect(await failureOf(send(item!, parameters))).toEqual(
				failure(
					'The contact has not written on WhatsApp Cloud API yet, so WhatsApp Cloud API takes no ordinary message',
					'template',
				),
			);
			whatsapp.templates.set('order_update', { language: 'en', parameters: 2 });
			const { sent } = await send(item!, {
				...parameters,
				messageType: 'template',
				templateName: 'order_update',
				templateLanguage: 'en',
				templateValues: { values: [{ value: 'Sara' }, { value: '4711' }] },
			});
			const posted = whatsapp.received.filter(({ path }) => path.endsWith('/messages'));
			expect(posted).toHaveLength(1);
			expect(posted[0]!.body).toMatchObject({ to: '+966500000199', type: 'template' });
			expect(sent?.json.sent).toMatchObject({
				channel: 'whatsapp',
				account: String(data.phoneNumberId),
				status: 'sent',
			});
		} finally {
			await whatsapp.close();
		}
	});

	test('who has no number, or writes on a channel where nobody may write first, is not reached', async () => {
		const [item] = (
			await bench.execute('openConversation', { parameters: { contactId: 'lead-1' } })
		).outputs.flat();
		const run = send(item!, { sendOn: 'channel', channel: 'telegram' });
		expect(await failureOf(run)).toEqual(
			failure(
				"The contact cannot be reached on the channel 'telegram'",
				'has not written on a channel that can be answered',
			),
		);
	});

	test('a credential of another account answers nobody', async () => {
		const item = await receive({
			...written('111', '1'),
			account: '42',
			contact: {
				identities: [{ channel: 'telegram', account: '42', id: '111' }],
				replyTo: '111',
			},
		});
		const { message } = await failureOf(send(item));
		expect(message).toContain("wrote to the Telegram account '42'");
		expect(telegram.received).toEqual([]);
	});

	test('a run by hand sends what it is told to each time', async () => {
		const opened = await receive(written('111', '1'));
		const item = { json: { ...opened.json, delivery: { id: randomUUID() } } };
		const run = { mode: 'manual' as const };
		await send(item, { options: { sendInTests: true } }, run);
		await send(item, { options: { sendInTests: true } }, run);
		expect(telegram.delivered('111')).toHaveLength(2);
	});

	test('a test run looks everything over and sends nothing, unless it is to', async () => {
		const item = await receive(written('111', '1'));
		const run = { mode: 'manual' as const };
		const { sent, hints } = await send(item, {}, run);
		expect(sent?.json.sent).toMatchObject({ status: 'notSent', messageId: null });
		expect(hints).toEqual([expect.stringContaining('nothing was sent')]);
		expect(telegram.delivered('111')).toEqual([]);
		expect(await history(item)).toHaveLength(2);
		await send(item, { options: { sendInTests: true } }, run);
		expect(telegram.delivered('111')).toEqual([ARABIC]);
	});

	test('what could not be delivered comes back: recorded, and told once', async () => {
		const item = await receive(written('111', '1'));
		const { sent } = await send(item);
		const { messageId } = sent!.json.sent as { messageId: string };
		const store = await bench.store();
		const notice = {
			kind: 'status' as const,
			channel: 'telegram',
			account,
			id: messageId,
			at: Date.now(),
		};
		expect(await store.receiveNotice({ notice: { ...notice, status: 'delivered' } })).toEqual({
			applied: true,
		});
		// Late, and older news.
		expect(await store.receiveNotice({ notice: { ...notice, status: 'sent' } })).toEqual({
			applied: false,
		});
		const second = await send(item, { text: 'ثانية' });
		const failed = {
			...notice,
			id: (second.sent!.json.sent as { messageId: string }).messageId,
			status: 'failed' as const,
			failure: { code: '131026', reason: 'Undeliverable' },
		};
		await store.receiveNotice({ notice: failed });
		await store.receiveNotice({ notice: failed });
		const events = await store.engine.db
			.selectFrom('events')
			.select(['type', 'data'])
			.where('type', '=', 'message_failed')
			.execute();
		expect(events).toHaveLength(1);
		expect(JSON.parse(events[0]!.data)).toMatchObject({ code: '131026', reason: 'Undeliverable' });
	});

	test('one that cannot be sent does not stop the others', async () => {
		const items = [await receive(written('111', '1')), await receive(written('222', '1'))];
		telegram.becomes('111', 'blocked');
		const { outputs } = await bench.execute('sendMessage', {
			parameters: { channels: ['telegram'], text: ARABIC },
			items,
			onError: 'continueErrorOutput',
		});
		expect(outputs[0]?.map(({ json }) => typeof json.error)).toEqual(['string', 'undefined']);
		expect(telegram.delivered('222')).toEqual([ARABIC]);
	});

	test('a credential of expressions is read for each item', async () => {
		const { type, data } = telegram.credential;
		bench.credentials[type] = { ...data, botToken: '={{ $json.token }}' } as never;
		const token = String(data.botToken);
		const items = [
			[await receive(written('111', '1')), `${token}-of-yesterday`] as const,
			[await receive(written('222', '1')), token] as const,
		].map(([item, its]) => ({ json: { ...item.json, token: its } }));
		const { outputs } = await bench.execute('sendMessage', {
			parameters: { channels: ['telegram'], text: ARABIC },
			items,
			onError: 'continueErrorOutput',
		});
		expect(outputs[0]?.map(({ json }) => typeof json.error)).toEqual(['string', 'undefined']);
		expect(telegram.delivered('222')).toEqual([ARABIC]);
	});

	test('neither an item nor a failure holds the token', async () => {
		const item = await receive(written('111', '1'));
		const token = String(telegram.credential.data.botToken);
		const { sent } = await send(item);
		expect(JSON.stringify(sent)).not.toContain(token);
		await telegram.close();
		const error: unknown = await send(item).catch((reason: unknown) => reason);
		expect((error as Error).message).toMatch(/^Telegram cannot be reached/);
		for (const each of [error, (error as { cause?: unknown }).cause]) {
			expect(JSON.stringify(each) ?? '').not.toContain(token);
			expect(String((each as Error | undefined)?.stack ?? '')).not.toContain(token);
		}
	});

	test('as a tool it answers for an AI agent', async () => {
		const item = await receive(written('111', '1'));
		const { outputs } = await bench.executeAsTool('sendMessage', {
			parameters: {
				channels: ['telegram'],
				text: ARABIC,
				conversationFrom: 'id',
				conversationId: byKey(idOf(item)),
			},
			items: [{}],
		});
		expect(outputs[0]?.[0]?.json.sent).toMatchObject({ status: 'sent' });
		expect(telegram.delivered('111')).toEqual([ARABIC]);
	});
});
