import { randomUUID } from 'node:crypto';
import { ConversationTelegramApi } from '../../credentials/ConversationTelegramApi.credentials';
import { telegram } from '../../nodes/channels/telegram';
import { authenticatedUrl } from '../../nodes/channels/telegram/bot';
import type { ChannelError } from '../../nodes/channels/errors';
import type { Registration } from '../../nodes/channels/registration';
import type {
	OutboundMedia,
	OutboundMessage,
	Recipient,
	Sending,
} from '../../nodes/channels/sending';
import { caller } from '../standins/caller';
import { startStandIn, type StandIn } from '../standins/standIn';
import { startTelegram, type TelegramStandIn } from '../standins/telegram';
import { NOW, requestOf } from './requests';

const sending = telegram.sending as Sending;
const registration = telegram.registration as Registration;

let cloud: TelegramStandIn;
let settings: Record<string, unknown>;

beforeEach(async () => {
	cloud = await startTelegram();
	cloud.starts('880001');
	settings = cloud.credential.data;
});

afterEach(async () => await cloud.close());

const tools = (own: Record<string, unknown> = settings) => ({
	call: caller((call) => ({ ...call, url: authenticatedUrl(call.url, own) }), telegram.retryAfter),
	settings: own,
	now: NOW,
	key: randomUUID(),
});

const recipient = (more: Partial<Recipient> = {}): Recipient => ({
	account: '7000000001',
	to: '880001',
	context: {},
	lastInboundAt: NOW - 60_000,
	...more,
});

const send = async (
	message: Partial<OutboundMessage>,
	to: Partial<Recipient> = {},
	own = settings,
) => await sending.send({ text: '', ...message }, recipient(to), tools(own));

/** What a call failed with. */
async function failure(work: Promise<unknown>): Promise<ChannelError> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason as ChannelError,
	);
	if (error === undefined) throw new Error('It did not fail.');
	const said = `${error.message} ${error.hint} ${JSON.stringify(error)} ${error.stack ?? ''}`;
	expect(said).not.toContain('stand-in-not-a-secret');
	expect(error.name).toBe('ChannelError');
	expect(error.hint).not.toBe('');
	return error;
}

const lastCall = () => cloud.received.at(-1);
const lastBody = () => lastCall()?.body as Record<string, unknown>;

describe('a text to Telegram', () => {
	it.each([
		'مرحباً\u200f بك 🙏🏽\nسطر ثانٍ',
		'*not bold* _nor_ <b>this</b> [or](this)',
		'a  b\t"c" \\',
	])('arrives byte by byte: %j', async (text) => {
		const sent = await send({ text });
		expect(cloud.delivered('880001')).toEqual([text]);
		expect(Buffer.from(String(lastBody().text))).toEqual(Buffer.from(text));
		expect(lastBody()).toEqual({ chat_id: '880001', text });
		expect(sent).toEqual({ id: '880001:1001', status: 'sent' });
	});

	it('is known by the id that an answer to it will name', async () => {
		const { id } = await send({ text: 'Which?' });
		const [message] = cloud.sentTo('880001');
		const from = { id: 880001, first_name: 'Sara' };
		const chat = { id: 880001, type: 'private' };
		const answer = { message_id: 1, date: 1, from, chat, text: 'That', reply_to_message: message };
		const parsed = telegram.parse(requestOf({ update_id: 1, message: answer }), settings);
		expect(parsed.messages[0]?.replyToMessageId).toBe(id);
	});

	it('goes to the topic that the contact wrote in', async () => {
		await send({ text: 'x' }, { context: { threadId: 9 } });
		expect(lastBody()).toEqual({ chat_id: '880001', message_thread_id: 9, text: 'x' });
	});

	it('quotes a message of the same chat, and goes without the quote where that is gone', async () => {
		const { id } = await send({ text: 'one' });
		await send({ text: 'two', replyToMessageId: id });
		await send({ text: 'three', replyToMessageId: '880001:5' });
		expect(lastBody().reply_parameters).toEqual({
			message_id: 5,
			allow_sending_without_reply: true,
		});
		expect(cloud.sentTo('880001')[1]?.reply_to_message).toEqual({ message_id: 1001 });
		expect(cloud.delivered('880001')).toEqual(['one', 'two', 'three']);
	});

	it.each(['callback:77', '880002:5', 'conn-1:880001:5', '5', 'edit:5'])(
		'does not quote %s, which is no message of this chat',
		async (replyToMessageId) => {
			await send({ text: 'x', replyToMessageId });
			expect(lastBody()).not.toHaveProperty('reply_parameters');
		},
	);

	it('goes to the new number of a group that became a supergroup', async () => {
		cloud.migrates('-500', '-1001000000001');
		const sent = await send({ text: 'x' }, { to: '-500' });
		expect(sent.id).toBe('-1001000000001:1001');
		expect(cloud.delivered('-1001000000001')).toEqual(['x']);
	});

	it('takes no second move, so that nothing goes round in circles', async () => {
		cloud.migrates('-500', '-501');
		cloud.migrates('-501', '-500');
		expect((await failure(send({ text: 'x' }, { to: '-500' }))).failure).toBe('rejected');
		expect(cloud.received).toHaveLength(2);
	});
});

describe('a text in the name of a business account', () => {
	const context = { businessConnectionId: 'conn-1' };

	it('goes through the connection, and is known by the id of its echo', async () => {
		cloud.connects('conn-1', ['880001']);
		const sent = await send({ text: 'تم', replyToMessageId: 'conn-1:880001:40' }, { context });
		expect(lastBody()).toEqual({
			chat_id: '880001',
			business_connection_id: 'conn-1',
			text: 'تم',
			reply_parameters: { message_id: 40, allow_sending_without_reply: true },
		});
		const business_message = {
			...cloud.sentTo('conn-1:880001')[0],
			sender_business_bot: { id: 7 },
		};
		const echo = telegram.parse(requestOf({ update_id: 1, business_message }), settings);
		expect(echo.messages).toMatchObject([{ kind: 'echo', id: sent.id }]);
	});

	it('has a window of a day, which the chats of the bot have not', () => {
		expect(sending.window?.(recipient({ context }))).toMatchObject({
			hours: 24,
			templatesAfter: false,
		});
		expect(sending.window?.(recipient())).toBeUndefined();
	});

	it('says that the window is over', async () => {
		cloud.connects('conn-1', []);
		expect(await failure(send({ text: 'x' }, { context }))).toMatchObject({
			failure: 'windowClosed',
			providerCode: '400',
		});
	});

	it('says that the connection is gone', async () => {
		expect((await failure(send({ text: 'x' }, { context }))).failure).toBe('unauthorized');
	});
});

describe('buttons of Telegram', () => {
	const buttons = [
		{ id: 'answer:yes', title: 'نعم ✅' },
		{ id: 'site', title: 'Site', url: 'https://example.com/?a=ب' },
	];
	const rows = [
		[{ text: 'نعم ✅', callback_data: 'answer:yes' }],
		[{ text: 'Site', url: 'https://example.com/?a=ب' }],
	];

	it('stand under a text, one to a row', async () => {
		await send({ text: 'Shall we?', buttons });
		expect(lastBody().reply_markup).toEqual({ inline_keyboard: rows });
	});

	it('stand under a file too, as JSON in the form', async () => {
		const file = { name: 'a.jpg', mimeType: 'image/jpeg', bytes: Buffer.from('x') };
		await send({ text: 'Shall we?', buttons, media: { type: 'image', file } });
		expect(cloud.sentTo('880001')[0]?.reply_markup).toEqual({ inline_keyboard: rows });
	});

	it('come back as the message of who presses, which the next message answers', async () => {
		await registration.set('http://127.0.0.1:1/webhook', tools());
		await send({ text: 'Shall we?', buttons });
		const [message] = cloud.sentTo('880001');
		const from = { id: 880001, first_name: 'Sara' };
		cloud.queue({ callback_query: { id: '77', from, message, data: 'answer:yes' } });
		const [pressed] = telegram.parse(requestOf(cloud.pending[0]), settings).messages;
		expect(pressed).toMatchObject({
			text: 'نعم ✅',
			type: 'button',
			replyToMessageId: '880001:1001',
		});

		const context = pressed?.contact.replyContext ?? {};
		await send({ text: 'Good', replyToMessageId: 'callback:77' }, { context });
		expect(cloud.answeredPresses).toEqual(['77']);
		await send({ text: 'More' }, { context });
		expect(cloud.delivered('880001')).toEqual(['Shall we?', 'Good', 'More']);
	});

	it('are not answered where the press is long ago', async () => {
		const context = { callbackQueryId: '77' };
		await send({ text: 'x' }, { context, lastInboundAt: NOW - 16 * 60_000 });
		await send({ text: 'x' }, { context, lastInboundAt: null });
		expect(cloud.received.map(({ path }) => path.split('/').at(-1))).toEqual([
			'sendMessage',
			'sendMessage',
		]);
	});

	it('do no harm to the message whose sending they follow', async () => {
		const fits = ({ path }: { path: string }) => path.endsWith('answerCallbackQuery');
		cloud.answerNext({ status: 500, body: 'fault' }, 1, fits);
		const sent = await send({ text: 'x' }, { context: { callbackQueryId: '77' } });
		expect(sent.id).toBe('880001:1001');
	});
});

describe('files to Telegram', () => {
	const media = (
		type: OutboundMedia['type'],
		mimeType: string,
		name = 'فاتورة.bin',
	): OutboundMedia => ({
		type,
		file: { name, mimeType, bytes: Buffer.from([0, 255, 13, 10]) },
	});

	it.each([
		['image', 'image/jpeg', 'sendPhoto', 'photo'],
		['image', 'image/png', 'sendPhoto', 'photo'],
		['image', 'image/gif', 'sendAnimation', 'animation'],
		['image', 'image/heic', 'sendDocument', 'document'],
		['video', 'video/mp4', 'sendVideo', 'video'],
		['audio', 'audio/ogg; codecs=opus', 'sendVoice', 'voice'],
		['audio', 'audio/mpeg', 'sendAudio', 'audio'],
		['audio', 'audio/wav', 'sendDocument', 'document'],
		['document', 'image/jpeg', 'sendDocument', 'document'],
	] as const)('are uploaded: %s of %s by %s', async (type, mimeType, method, field) => {
		await send({ text: 'هذه', media: media(type, mimeType) });
		expect(lastCall()?.path).toMatch(new RegExp(`/${method}$`));
		const form = lastBody();
		expect(form).toMatchObject({ chat_id: '880001', caption: 'هذه' });
		const file = form[field] as File;
		expect(file.name).toBe('فاتورة.bin');
		expect(Buffer.from(await file.arrayBuffer())).toEqual(Buffer.from([0, 255, 13, 10]));
		expect(cloud.delivered('880001')).toEqual(['هذه']);
	});

	it.each([
		['image', 'https://example.com/a.jpg?x=1.gif', 'sendPhoto', 'photo'],
		['image', 'https://example.com/a.GIF?x=1', 'sendAnimation', 'animation'],
		['video', 'https://example.com/a', 'sendVideo', 'video'],
		['audio', 'https://example.com/a.ogg', 'sendVoice', 'voice'],
		['audio', 'https://example.com/a', 'sendAudio', 'audio'],
		['document', 'https://example.com/a.ogg', 'sendDocument', 'document'],
	] as const)('are named by address: %s at %s by %s', async (type, url, method, field) => {
		await send({ media: { type, url } });
		expect(lastCall()?.path).toMatch(new RegExp(`/${method}$`));
		expect(lastBody()).toEqual({ chat_id: '880001', [field]: url });
	});

	it('keep the place that an answer goes to', async () => {
		cloud.connects('conn-1', ['880001']);
		const context = { businessConnectionId: 'conn-1', threadId: 3 };
		const { id } = await send({ text: 'x', media: media('image', 'image/png') }, { context });
		expect(id).toBe('conn-1:880001:1001');
		expect(cloud.sentTo('conn-1:880001')).toMatchObject([{ message_thread_id: 3, caption: 'x' }]);
	});

	it('say that Telegram could not fetch them', async () => {
		const url = 'https://nobody.invalid/a.pdf';
		expect(await failure(send({ media: { type: 'document', url } }))).toMatchObject({
			failure: 'rejected',
			message: 'Telegram could not take the file from its address',
		});
	});

	it('have the limits that Telegram has', async () => {
		const { media: limits } = sending.limits;
		expect(limits.image).toEqual({ bytes: 10_485_760, byUrl: 'any', upload: true });
		for (const type of ['video', 'audio', 'document'] as const) {
			expect(limits[type]?.bytes).toBe(52_428_800);
		}
		const bytes = Buffer.alloc(10_485_761);
		const file = { name: 'a.jpg', mimeType: 'image/jpeg', bytes };
		expect(await failure(send({ media: { type: 'image', file } }))).toMatchObject({
			failure: 'rejected',
			message: 'The file is too large for Telegram',
		});
	});
});

describe('what Telegram would refuse', () => {
	const problem = (message: Partial<OutboundMessage>) =>
		sending.problem?.({ text: 'x', ...message }, recipient());
	const file = { name: 'a', mimeType: 'image/png', bytes: Buffer.from('x') };

	it('is said beforehand, and nothing else is', async () => {
		const good: Array<Partial<OutboundMessage>> = [
			{ text: '🙏'.repeat(4096) },
			{ text: 'ب'.repeat(1024), media: { type: 'image', file } },
			{ text: '', media: { type: 'image', file } },
			{ buttons: [{ id: 'ب'.repeat(32), title: 'x' }] },
			{ buttons: [{ id: 'x'.repeat(99), title: 'x', url: 'tg://user?id=1' }] },
		];
		for (const message of good) {
			expect(problem(message)).toBeUndefined();
			await expect(send({ text: 'x', ...message })).resolves.toMatchObject({ status: 'sent' });
		}
		const refused: Array<[Partial<OutboundMessage>, string]> = [
			[{ text: '🙏'.repeat(4097) }, '4097 characters'],
			[{ text: 'ب'.repeat(1025), media: { type: 'image', file } }, 'at most 1024'],
			[{ text: ' \n' }, 'without a text'],
			[{ buttons: [{ id: 'ب'.repeat(33), title: 'Yes' }] }, 'button "Yes" has 66 bytes'],
			[{ buttons: [{ id: '', title: 'Yes' }] }, '0 bytes'],
			[{ buttons: [{ id: 'x', title: 'Yes', url: 'example.com' }] }, 'must begin with https://'],
		];
		for (const [message, reason] of refused) {
			expect(problem(message)).toContain(reason);
			expect(await failure(send({ text: 'x', ...message }))).toMatchObject({ failure: 'rejected' });
		}
	});

	it('counts people as Telegram does: a family of five signs is five', () => {
		const family = '👨‍👩‍👧';
		expect(problem({ text: family.repeat(819) })).toBeUndefined();
		expect(problem({ text: family.repeat(820) })).toContain('4100 characters');
	});
});

describe('a failure of Telegram', () => {
	it.each([
		['blocked', 'optedOut', '403'],
		['deactivated', 'notFound', '403'],
		['stranger', 'rejected', '403'],
	] as const)('is understood: the contact is %s', async (state, kind, providerCode) => {
		cloud.becomes('880001', state);
		expect(await failure(send({ text: 'x' }))).toMatchObject({ failure: kind, providerCode });
	});

	it('is understood: there is no such chat', async () => {
		expect(await failure(send({ text: 'x' }, { to: '1' }))).toMatchObject({ failure: 'notFound' });
	});

	it.each(['7000000001:stand-in-not-a-secret-', '7000000002:another'])(
		'is understood: the token is wrong',
		async (botToken) => {
			const own = { ...settings, botToken };
			const error = await failure(send({ text: 'x' }, {}, own));
			expect(error).toMatchObject({ failure: 'unauthorized', providerCode: '401' });
			expect(`${error.message} ${error.hint}`).not.toContain(botToken);
		},
	);

	it('is understood: the address is not that of the Bot API', async () => {
		const own = { ...settings, baseUrl: `${cloud.url}/elsewhere/` };
		expect(await failure(send({ text: 'x' }, {}, own))).toMatchObject({
			failure: 'unauthorized',
			hint: expect.stringContaining('Base URL'),
		});
	});

	it('is waited for where Telegram asks for patience, and told when it asks too often', async () => {
		const body = {
			ok: false,
			error_code: 429,
			description: 'Too Many Requests: retry after 5',
			parameters: { retry_after: 5 },
		};
		cloud.answerNext({ status: 429, body });
		await expect(send({ text: 'x' })).resolves.toMatchObject({ status: 'sent' });
		expect(cloud.received).toHaveLength(2);

		cloud.answerNext({ status: 429, body: { ...body, parameters: { retry_after: 31 } } });
		expect(await failure(send({ text: 'x' }))).toMatchObject({
			failure: 'rateLimited',
			retryAfter: 31_000,
			providerCode: '429',
		});
		expect(cloud.received).toHaveLength(3);
	});

	it.each([undefined, null, 'soon', -1, {}])('asks for no certain time with %j', (retry_after) => {
		const answer = { status: 429, headers: {}, body: { parameters: { retry_after } } };
		expect(telegram.retryAfter?.(answer)).toBeUndefined();
	});

	it.each([
		[{ status: 502, body: '<html>Bad Gateway</html>' }, 'unclear'],
		[{ status: 500, body: { ok: false, error_code: 500, description: 'Internal' } }, 'unclear'],
		[{ status: 200, body: '<html>Welcome</html>' }, 'unclear'],
		[{ status: 200, body: { ok: true, result: {} } }, 'unclear'],
		[{ status: 200, body: { ok: true, result: { message_id: 0 } } }, 'unclear'],
		[{ status: 403, body: '<html>Forbidden</html>' }, 'rejected'],
		[{ status: 400, body: { ok: false, error_code: 400 } }, 'rejected'],
	])('leaves nobody in doubt: %j is %s', async (reply, kind) => {
		cloud.answerNext(reply);
		expect((await failure(send({ text: 'x' }))).failure).toBe(kind);
		expect(cloud.received).toHaveLength(1);
	});

	it('is unclear where no answer came, and is not tried again', async () => {
		cloud.hangUpNext();
		expect((await failure(send({ text: 'x' }))).failure).toBe('unclear');
		expect(cloud.delivered('880001')).toEqual(['x']);
	});

	it.each([
		['Forbidden: bot was kicked from the supergroup chat', 'notFound'],
		['Bad Request: PEER_ID_INVALID', 'notFound'],
		['Bad Request: not enough rights to send photos to the chat', 'unauthorized'],
		['Bad Request: message thread not found', 'notFound'],
		['Bad Request: BUSINESS_PEER_INVALID', 'unauthorized'],
		['Bad Request: VOICE_MESSAGES_FORBIDDEN', 'rejected'],
		['Bad Request: wrong type of the web page content', 'rejected'],
		['Bad Request: something new', 'rejected'],
	])('in the words %j is %s', async (description, kind) => {
		cloud.answerNext({ status: 400, body: { ok: false, error_code: 400, description } });
		expect((await failure(send({ text: 'x' }))).failure).toBe(kind);
	});

	it('never shows what might be a token', async () => {
		const description = 'Bad Request: no 7000000001:AAEabcdefghijklmnopqrstuvwxyz0123456 here';
		cloud.answerNext({ status: 400, body: { ok: false, error_code: 400, description } });
		const { message } = await failure(send({ text: 'x' }));
		expect(message).toBe('Telegram refused it: no … here');
	});
});

describe('a contact that never wrote to the bot here', () => {
	it('is not found by a phone: Telegram shows nobody by it', () => {
		expect(sending.firstContact).toBeUndefined();
	});
});

describe('the webhook of a bot', () => {
	const URL = 'https://n8n.example.com/webhook/telegram';
	let n8n: StandIn;

	beforeEach(async () => {
		n8n = await startStandIn(() => ({ body: { received: 1 } }));
	});
	afterEach(async () => await n8n.close());

	it('is set, seen and removed', async () => {
		expect(registration.address(URL, settings)).toBe(URL);
		expect(await registration.current(tools())).toEqual([]);
		await registration.set(URL, tools());
		expect(await registration.current(tools())).toEqual([URL]);
		expect(cloud.registered()).toEqual([URL]);
		await registration.remove?.(URL, tools());
		expect(await registration.current(tools())).toEqual([]);
		await registration.remove?.(URL, tools());
	});

	it.each([
		['other kinds of updates', { allowed_updates: ['message'] }, undefined],
		['the usual kinds', { allowed_updates: [] }, undefined],
		['another secret, so that updates are refused', {}, 403],
	])('is registered anew where the same address has %s', async (_what, changed, status) => {
		await registration.set(URL, tools());
		const whole = cloud.webhook()!;
		// Of another process: this one knows what it has registered itself.
		const address = `${URL}/${String(status)}${JSON.stringify(changed).length}`;
		cloud.isSet({ ...whole, url: address, ...changed }, status);
		expect(await registration.current(tools(), address)).toEqual([]);
		await registration.set(address, tools());
		expect(cloud.webhook()).toEqual({ ...whole, url: address });
		expect(await registration.current(tools(), address)).toEqual([address]);
	});

	it('is no other for an error that says nothing about the secret', async () => {
		await registration.set(URL, tools());
		cloud.isSet({ ...cloud.webhook()!, url: `${URL}/away` }, 502);
		expect(await registration.current(tools(), `${URL}/away`)).toEqual([`${URL}/away`]);
	});

	it('of another program is put back as it was, without our secret', async () => {
		const theirs = { url: 'https://other.example.com/bot', max_connections: 7 };
		for (const allowed_updates of [['message', 'poll'], []]) {
			cloud.isSet({ ...theirs, allowed_updates, secret_token: 'theirs' });
			expect(await registration.current(tools(), URL)).toEqual([theirs.url]);
			await registration.set(URL, tools());
			expect(cloud.webhook()!.secret_token).toMatch(/^[0-9a-f]{64}$/);
			await registration.set(theirs.url, tools());
			expect(cloud.webhook()).toEqual({ ...theirs, allowed_updates });
		}
	});

	it.each(['https://n8n.example.com/flows/telegram', 'https://other.example.com/webhook/1'])(
		'of a flow, here or elsewhere, is put back with our secret: %s',
		async (address) => {
			await registration.set(address, tools());
			const before = cloud.webhook();
			expect(await registration.current(tools(), URL)).toEqual([address]);
			await registration.set(URL, tools());
			await registration.set(address, tools());
			expect(cloud.webhook()).toEqual(before);
		},
	);

	it('is left alone where it is of somebody else', async () => {
		await registration.set(`${URL}/other`, tools());
		await registration.remove?.(URL, tools());
		expect(await registration.current(tools())).toEqual([`${URL}/other`]);
	});

	it('asks for all that is read, and for nothing else', async () => {
		await registration.set(URL, tools());
		expect(cloud.webhook()).toMatchObject({
			max_connections: 40,
			allowed_updates: [
				'message',
				'edited_message',
				'business_message',
				'edited_business_message',
				'deleted_business_messages',
				'callback_query',
				'message_reaction',
				'my_chat_member',
			],
		});
		cloud.queue({ message_reaction: {} });
		cloud.queue({ channel_post: {} });
		expect(cloud.pending).toHaveLength(1);
	});

	it('keeps the updates that wait', async () => {
		await registration.set(URL, tools());
		cloud.queue({ message: {} });
		await registration.remove?.(URL, tools());
		await registration.set(URL, tools());
		expect(cloud.pending).toHaveLength(1);
	});

	it('shows the secret that is asked for', async () => {
		await registration.set(`${n8n.url}/webhook`, tools());
		cloud.queue({ message: { message_id: 1 } });
		await cloud.deliver();
		await cloud.customerWrites(`${n8n.url}/webhook`, { from: '880001', id: '2', text: 'مرحبا 🙏' });
		expect(n8n.received).toHaveLength(2);
		for (const { rawBody, headers } of n8n.received) {
			expect(telegram.verify(requestOf(rawBody, headers), settings)).toEqual({ ok: true });
		}
		const written = telegram.parse(requestOf(n8n.received[1]?.rawBody), settings).messages;
		expect(written).toMatchObject([{ id: '880001:2', text: 'مرحبا 🙏', account: '7000000001' }]);
	});

	it('gets each update again, in order, until it takes it', async () => {
		await registration.set(`${n8n.url}/webhook`, tools());
		n8n.answerNext({ status: 403 });
		cloud.queue({ message: { message_id: 1 } });
		cloud.queue({ message: { message_id: 2 } });
		await cloud.deliver();
		await cloud.deliver();
		const numbers = n8n.received.map(({ body }) => (body as { message: unknown }).message);
		expect(numbers).toEqual([{ message_id: 1 }, { message_id: 1 }, { message_id: 2 }]);
		expect(cloud.pending).toEqual([]);
	});

	it.each([
		['http://n8n.example.com/webhook', 'https addresses only'],
		['http://localhost:5678/webhook', 'http://localhost:5678'],
		['https://n8n.example.com:5678/webhook', 'port 5678'],
		['ftp://n8n.example.com/', 'https addresses only'],
		['nowhere', "n8n's address is none"],
	])('is refused before Telegram is asked: %s', async (address, reason) => {
		const own = { botToken: settings.botToken };
		const unasked = { ...tools(own), call: () => Promise.reject(new Error('asked')) };
		const error = await failure(registration.set(address, unasked));
		expect(error).toMatchObject({
			failure: 'rejected',
			hint: expect.stringContaining('N8N_WEBHOOK_URL'),
		});
		expect(error.message).toContain(reason);
	});

	it.each(['', ':443', ':80', ':88', ':8443'])('may be at the port "%s"', async (port) => {
		const asked: string[] = [];
		const call = async ({ url }: { url: string }) => {
			asked.push(url);
			return { status: 200, headers: {}, body: { ok: true, result: true } };
		};
		const own = { botToken: settings.botToken };
		await registration.set(`https://n8n.example.com${port}/webhook`, { ...tools(own), call });
		expect(asked).toEqual(['https://api.telegram.org/setWebhook']);
	});

	it('may be at any address where the server is one of your own', async () => {
		await registration.set('http://localhost:5678/webhook', tools());
		expect(cloud.registered()).toEqual(['http://localhost:5678/webhook']);
		expect((await failure(registration.set('nowhere', tools()))).failure).toBe('rejected');
	});

	it('says in which words Telegram refused it', async () => {
		expect(await failure(registration.set('https://n8n.invalid/webhook', tools()))).toMatchObject({
			failure: 'rejected',
			message: expect.stringContaining('Failed to resolve host'),
		});
	});

	it('says what is wrong with the token', async () => {
		const own = { ...settings, botToken: '7000000002:another' };
		for (const work of [
			async () => await registration.set(URL, tools(own)),
			async () => await registration.current(tools(own)),
			async () => await registration.remove?.(URL, tools(own)),
			async () => await registration.set(URL, tools({ ...settings, botToken: 'nothing' })),
		]) {
			expect((await failure(work())).failure).toBe('unauthorized');
		}
	});

	it('is tried again where a fault says nothing', async () => {
		cloud.answerNext({ status: 502, body: 'Bad Gateway' }, 2);
		await registration.set(URL, tools());
		expect(cloud.registered()).toEqual([URL]);
		cloud.answerNext({ status: 502, body: 'Bad Gateway' }, 4);
		expect((await failure(registration.set(URL, tools()))).failure).toBe('unavailable');
	});
});

describe('the credential of Telegram', () => {
	const credential = new ConversationTelegramApi();
	const token = '7000000001:secret';
	const urlFor = async (options: object, baseUrl = 'https://api.telegram.org') =>
		await credential.authenticate({ botToken: ` ${token}\n`, baseUrl }, options as never);

	it.each([
		['https://api.telegram.org/sendMessage', `https://api.telegram.org/bot${token}/sendMessage`],
		[
			'https://api.telegram.org/getFile?file_id=A',
			`https://api.telegram.org/bot${token}/getFile?file_id=A`,
		],
		[
			'https://api.telegram.org/file/photos/1.jpg',
			`https://api.telegram.org/file/bot${token}/photos/1.jpg`,
		],
		[`https://api.telegram.org/bot${token}/getMe`, `https://api.telegram.org/bot${token}/getMe`],
	])('puts the token into %s', async (url, authenticated) => {
		expect(await urlFor({ url, method: 'POST' })).toEqual({ url: authenticated, method: 'POST' });
		expect(await urlFor({ uri: url })).toEqual({ uri: authenticated });
	});

	it.each([
		'https://api.telegram.org.example.com/sendMessage',
		'https://example.com/?https://api.telegram.org/sendMessage',
		'http://api.telegram.org/sendMessage',
		'https://api.telegram.org',
	])('gives the token to nobody else: %s', async (url) => {
		expect(await urlFor({ url })).toEqual({ url });
	});

	it('knows a server of your own, with a path and a slash at its end', async () => {
		const own = 'http://127.0.0.1:8081/api/';
		expect(await urlFor({ url: 'http://127.0.0.1:8081/api/getMe' }, own)).toEqual({
			url: `http://127.0.0.1:8081/api/bot${token}/getMe`,
		});
		const foreign = 'https://api.telegram.org/getMe';
		expect(await urlFor({ url: foreign }, own)).toEqual({ url: foreign });
	});

	it('is tested by asking who the bot is', async () => {
		const { request } = credential.test;
		expect(request.baseURL).toContain('$credentials.baseUrl');
		for (const baseURL of ['https://api.telegram.org', 'https://api.telegram.org/']) {
			expect(await urlFor({ baseURL, url: request.url })).toEqual({
				url: `https://api.telegram.org/bot${token}/getMe`,
			});
		}
	});

	it('asks nobody with a token that is none', async () => {
		const url = 'https://api.telegram.org/getMe';
		const botToken = 'https://evil.example/';
		expect(await credential.authenticate({ botToken }, { url })).toEqual({ url });
	});
});
