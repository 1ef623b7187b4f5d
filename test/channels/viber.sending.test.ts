import { isChannelError, type ChannelError } from '../../nodes/channels/errors';
import type { OutboundMessage, Recipient, SendTools } from '../../nodes/channels/sending';
import { viber } from '../../nodes/channels/viber';
import { caller } from '../standins/caller';
import { startStandIn } from '../standins/standIn';
import { startViber, viberUser, type ViberStandIn } from '../standins/viber';
import { NOW, requestOf } from './requests';

const ARABIC = '\u200fأهلًا،\nطلبك رقم ١٢٣ في الطريق 🚚👨‍👩‍👧 ';
const PICTURE = 'https://example.com/1.jpg';

const sending = viber.sending!;
const registration = viber.registration!;

let standIn: ViberStandIn;
let inbox: Awaited<ReturnType<typeof startStandIn>>;
beforeEach(async () => {
	standIn = await startViber();
	inbox = await startStandIn(() => ({ body: '' }));
});
afterEach(async () => {
	await standIn.close();
	await inbox.close();
});

function toolsWith(more: Partial<SendTools> = {}, token = standIn.authToken): SendTools {
	const call = caller((plain) => ({
		...plain,
		headers: { ...plain.headers, 'X-Viber-Auth-Token': token },
	}));
	return { call, settings: standIn.credential.data, now: NOW, key: 'unused', ...more };
}

const RECIPIENT: Recipient = {
	account: 'bot',
	to: viberUser('1'),
	context: {},
	lastInboundAt: NOW,
};

const send = async (message: Partial<OutboundMessage>, tools: SendTools = toolsWith()) =>
	await sending.send({ text: '', ...message }, RECIPIENT, tools);

async function failureOf(act: Promise<unknown>): Promise<ChannelError> {
	try {
		await act;
	} catch (error) {
		if (isChannelError(error)) return error;
		throw error as Error;
	}
	throw new Error('It did not fail');
}

const sends = () => standIn.received.filter(({ path }) => path === '/pa/send_message');

describe('messages of Viber', () => {
	beforeEach(async () => {
		standIn.subscribes('1');
		await registration.set(`${inbox.url}/webhook`, toolsWith());
		inbox.received.length = 0;
	});

	describe('a text', () => {
		it('reaches the contact letter by letter, under the name of the credential', async () => {
			await send({ text: ARABIC });
			expect(standIn.delivered('1')).toEqual([ARABIC]);
			expect(standIn.shown('1')[0]).toEqual({
				receiver: viberUser('1'),
				min_api_version: 1,
				sender: { name: 'Support' },
				type: 'text',
				text: ARABIC,
			});
			expect(sends()[0]?.rawBody.toString('utf8')).toContain('طلبك رقم ١٢٣');
		});

		it('has the ID that its statuses bring, though their digits are beyond 2^53', async () => {
			const sent = await send({ text: 'a' });
			const [token = ''] = standIn.tokens;
			expect(String(Number(token))).not.toBe(token);
			const status = { event: 'delivered', timestamp: NOW, user_id: viberUser('1') };
			await standIn.posts(`${inbox.url}/webhook`, status, { message_token: token });
			const { notices } = viber.parse(requestOf(inbox.received[0]?.rawBody), {});
			expect(notices).toMatchObject([{ kind: 'status', status: 'delivered', id: sent.id }]);
		});

		it('takes as many characters as Viber does, and Viber refuses one more', async () => {
			expect(sending.limits).toMatchObject({ text: 7000 });
			await send({ text: 'ا'.repeat(7000) });
			const failure = await failureOf(send({ text: 'ا'.repeat(7001) }));
			expect(failure).toMatchObject({ failure: 'rejected', providerCode: '3' });
			expect(failure.message).not.toContain('ا');
		});

		it('cuts a name that Viber would refuse', async () => {
			const settings = { ...standIn.credential.data, senderName: 'س'.repeat(40) };
			await send({ text: 'a' }, toolsWith({ settings }));
			expect(standIn.shown('1')[0]?.sender).toEqual({ name: 'س'.repeat(28) });
		});

		it('carries no secret but what the credential adds', async () => {
			await send({ text: 'a' });
			const { path, query, headers, rawBody } = sends()[0]!;
			const { 'x-viber-auth-token': token, ...rest } = headers;
			expect(token).toBe(standIn.authToken);
			const all = `${path}${JSON.stringify(query)}${JSON.stringify(rest)}${rawBody.toString()}`;
			expect(all).not.toContain(standIn.authToken);
		});

		it('is not sent again when its answer was lost: Viber would send it twice', async () => {
			standIn.hangUpNext();
			expect((await failureOf(send({ text: 'a' }))).failure).toBe('unclear');
			expect(standIn.delivered('1')).toEqual(['a']);
			expect(sends()).toHaveLength(1);
			expect(sending.idempotent).toBe(false);
		});
	});

	describe('what Viber refuses with 200', () => {
		it('is a wrong token', async () => {
			const failure = await failureOf(send({ text: 'a' }, toolsWith({}, 'wrong')));
			expect(failure).toMatchObject({ failure: 'unauthorized', providerCode: '2' });
		});

		it('is a contact who unsubscribed', async () => {
			standIn.unsubscribes('1');
			const failure = await failureOf(send({ text: 'a' }));
			expect(failure).toMatchObject({
				failure: 'optedOut',
				optOut: 'unsubscribed',
				providerCode: '6',
			});
		});

		it('is a contact who is not on Viber', async () => {
			const nobody = { ...RECIPIENT, to: 'not base64!' };
			const failure = await failureOf(sending.send({ text: 'a' }, nobody, toolsWith()));
			expect(failure).toMatchObject({ failure: 'notFound', providerCode: '5' });
		});

		it('is one message too many within an hour, until the contact writes', async () => {
			standIn.hourly = 2;
			await send({ text: 'a' });
			await send({ text: 'b' });
			const failure = await failureOf(send({ text: 'c' }));
			expect(failure).toMatchObject({ failure: 'rateLimited', providerCode: '12' });
			await standIn.customerWrites(`${inbox.url}/webhook`, { from: '1', id: '1', text: 'x' });
			await send({ text: 'd' });
			expect(standIn.delivered('1')).toEqual(['a', 'b', 'd']);
		});

		it('is a bot without a webhook', async () => {
			await registration.remove?.(`${inbox.url}/webhook`, toolsWith());
			const failure = await failureOf(send({ text: 'a' }));
			expect(failure).toMatchObject({ failure: 'rejected', providerCode: '10' });
			expect(failure.hint).toContain('Publish');
		});

		it.each([
			[1, 'rejected'],
			[2, 'unauthorized'],
			[3, 'rejected'],
			[4, 'rejected'],
			[5, 'notFound'],
			[6, 'optedOut'],
			[7, 'unauthorized'],
			[8, 'unauthorized'],
			[9, 'unauthorized'],
			[10, 'rejected'],
			[11, 'rejected'],
			[12, 'rateLimited'],
			[13, 'rejected'],
			[14, 'rejected'],
			[15, 'unauthorized'],
			[21, 'rejected'],
			[23, 'rejected'],
			[24, 'rejected'],
			[99, 'rejected'],
		])('status %i is told as %s', async (status, failure) => {
			const status_message = 'text "my secret" of سارة is not valid.';
			standIn.answerNext({ body: { status, status_message } });
			const told = await failureOf(send({ text: 'my secret' }));
			expect(told).toMatchObject({ failure, providerCode: String(status) });
			expect(told.message).not.toMatch(/\.$/);
			expect(told.message).toContain('is not valid');
			expect(told.hint).toMatch(/\.$/);
			expect(`${told.message}${told.hint}`).not.toMatch(/my secret|سارة/);
		});

		it.each([
			[200, { status: 0 }, 'unclear'],
			[200, { status: 0, message_token: {} }, 'unclear'],
			[200, {}, 'unclear'],
			[200, 'not JSON', 'unclear'],
			[401, '', 'unauthorized'],
			[404, 'Not found', 'rejected'],
			[500, '', 'unclear'],
		])('HTTP %i with %j is told as %3$s', async (status, body, failure) => {
			standIn.answerNext({ status, body });
			expect((await failureOf(send({ text: 'a' }))).failure).toBe(failure);
			expect(sends()).toHaveLength(1);
		});

		it('is tried again after 429, which did nothing', async () => {
			standIn.answerNext({ status: 429, body: '' }, 2);
			await send({ text: 'a' });
			expect(standIn.delivered('1')).toEqual(['a']);
		});
	});

	describe('files', () => {
		it('are pictures with their caption', async () => {
			await send({ text: ARABIC, media: { type: 'image', url: PICTURE } });
			await send({ media: { type: 'image', url: PICTURE } });
			expect(standIn.shown('1')).toMatchObject([
				{ type: 'picture', text: ARABIC, media: PICTURE },
				{ type: 'picture', text: '', media: PICTURE },
			]);
			expect(sending.limits.caption).toBe(512);
		});

		it.each(['', '?ranges'])('say how large they are (%j)', async (query) => {
			const url = `${standIn.url}/files/3220/1.mp4${query}`;
			await send({ media: { type: 'video', url } });
			expect(standIn.shown('1')).toMatchObject([{ type: 'video', media: url, size: 3220 }]);
		});

		it.each(['document', 'audio'] as const)('have the name of their address: %s', async (type) => {
			const url = `${standIn.url}/files/100/${encodeURIComponent('عقد.pdf')}?x=1`;
			await send({ media: { type, url } });
			expect(standIn.shown('1')).toMatchObject([
				{ type: 'file', media: url, size: 100, file_name: 'عقد.pdf' },
			]);
		});

		it('are fetched without the token', async () => {
			await send({ media: { type: 'video', url: `${standIn.url}/files/10/1.mp4` } });
			const [fetched, ...others] = standIn.received.filter(({ path }) =>
				path.startsWith('/files/'),
			);
			expect(fetched?.headers).not.toHaveProperty('x-viber-auth-token');
			expect(fetched?.method).toBe('HEAD');
			expect(others).toEqual([]);
		});

		it('are never fetched whole', async () => {
			const url = `${standIn.url}/files/10/1.mp4?silent`;
			const failure = await failureOf(send({ media: { type: 'video', url } }));
			expect(failure).toMatchObject({
				failure: 'rejected',
				message: expect.stringMatching(/^The server of the file /),
			});
			expect(standIn.received.map(({ method }) => method)).not.toContain('GET');
			expect(sends()).toEqual([]);
		});

		it('are not sent while their server is away, and that is not the fault of Viber', async () => {
			const gone = await startStandIn(() => ({}));
			await gone.close();
			const failure = await failureOf(send({ media: { type: 'video', url: `${gone.url}/1.mp4` } }));
			expect(failure).toMatchObject({
				failure: 'unavailable',
				message: expect.stringMatching(/^The server of the file cannot be reached/),
			});
			expect(sends()).toEqual([]);
		});

		it('are refused where nobody knows how large they are', async () => {
			const media = { type: 'video', url: `${standIn.url}/files/0/1.mp4` } as const;
			const failure = await failureOf(send({ media }));
			expect(failure.failure).toBe('rejected');
			expect(failure.message).toContain('how large it is');
			expect(sends()).toEqual([]);
		});
	});

	describe('buttons', () => {
		const choices = (count: number) =>
			Array.from({ length: count }, (_, i) => ({ id: `choice-${i}`, title: `الخيار ${i}` }));

		it('come back as the title that the contact saw, with the ID beside it', async () => {
			await send({ text: 'Which?', buttons: choices(3) });
			const { tracking_data, keyboard } = standIn.shown('1')[0] as {
				tracking_data: string;
				keyboard: { Buttons: Array<{ ActionBody: string }> };
			};
			const event = {
				event: 'message',
				sender: { id: viberUser('1') },
				message: { type: 'text', text: keyboard.Buttons[1]?.ActionBody, tracking_data },
			};
			await standIn.posts(`${inbox.url}/webhook`, event, { message_token: '1' });
			const { messages } = viber.parse(requestOf(inbox.received.at(-1)?.rawBody), {});
			expect(messages).toMatchObject([
				{
					kind: 'message',
					type: 'button',
					text: 'الخيار 1',
					attachments: [{ type: 'button', id: 'choice-1' }],
				},
			]);
		});

		it('come back as the title alone where they are too many and too long', async () => {
			const buttons = choices(20).map(({ id, title }) => ({ id: id.padEnd(250, '.'), title }));
			await send({ text: 'a', buttons });
			expect(standIn.shown('1')[0]).not.toHaveProperty('tracking_data');
		});

		it('that all open a page need nothing to come back', async () => {
			const buttons = [{ id: 'l', title: 'Open', url: 'https://example.com/a' }];
			await send({ text: 'a', buttons });
			expect(standIn.shown('1')[0]).not.toHaveProperty('tracking_data');
		});

		it('are a keyboard: choices come back as a text, links open', async () => {
			const link = { id: 'l', title: 'Open', url: 'https://example.com/a' };
			await send({ text: 'Which?', buttons: [...choices(1), link] });
			expect(standIn.shown('1')[0]?.keyboard).toEqual({
				Type: 'keyboard',
				DefaultHeight: false,
				Buttons: [
					{
						Columns: 6,
						Rows: 1,
						ActionType: 'reply',
						ActionBody: 'الخيار 0',
						Text: 'الخيار 0',
					},
					{
						Columns: 6,
						Rows: 1,
						ActionType: 'open-url',
						ActionBody: 'https://example.com/a',
						Text: 'Open',
					},
				],
			});
		});

		it.each([
			[12, 6],
			[13, 3],
			[24, 3],
		])('of %i are %i columns wide, so that twelve rows hold them', async (count, columns) => {
			await send({ text: 'a', buttons: choices(count) });
			const { Buttons } = standIn.shown('1')[0]?.keyboard as {
				Buttons: Array<{ Columns: number }>;
			};
			expect(Buttons).toHaveLength(count);
			expect(new Set(Buttons.map(({ Columns }) => Columns))).toEqual(new Set([columns]));
		});

		it('stand under a picture as well', async () => {
			await send({ media: { type: 'image', url: PICTURE }, buttons: choices(1) });
			expect(standIn.shown('1')[0]).toMatchObject({ type: 'picture', keyboard: expect.anything() });
		});
	});
});

describe('what the limits of Viber do not say', () => {
	const problem = (message: Partial<OutboundMessage>) =>
		sending.problem?.({ text: '', ...message }, RECIPIENT);

	it.each<[string, Partial<OutboundMessage>]>([
		['a text with a video', { text: 'a', media: { type: 'video', url: PICTURE } }],
		['a text with a document', { text: 'a', media: { type: 'document', url: PICTURE } }],
		['a long address', { media: { type: 'image', url: PICTURE + 'x'.repeat(2000) } }],
		['buttons alone', { buttons: [{ id: '1', title: 'a' }] }],
		[
			'a long link',
			{ text: 'a', buttons: [{ id: '1', title: 'a', url: PICTURE + 'x'.repeat(2000) }] },
		],
		[
			'more bytes than Viber takes',
			{
				text: 'ا'.repeat(7000),
				buttons: Array.from({ length: 24 }, () => ({
					id: 'ا'.repeat(250),
					title: 'ا'.repeat(250),
				})),
			},
		],
	])('is %s', (_what, message) => {
		expect(problem(message)).toMatch(/[^.]$/);
	});

	it('is nothing about an ordinary answer', () => {
		expect(problem({ text: 'ا'.repeat(7000) })).toBeUndefined();
		expect(problem({ text: 'a', media: { type: 'image', url: PICTURE } })).toBeUndefined();
		expect(problem({ media: { type: 'video', url: PICTURE } })).toBeUndefined();
	});

	it('is nothing about the time; and nobody is found by a phone number', () => {
		expect(sending.window).toBeUndefined();
		expect(sending.firstContact).toBeUndefined();
	});
});

describe('the webhook of Viber', () => {
	const address = () => registration.address(`${inbox.url}/webhook`, {});

	it('is empty at first, then what was set, then empty again', async () => {
		expect(await registration.current(toolsWith())).toEqual([]);
		await registration.set(address(), toolsWith());
		expect(await registration.current(toolsWith())).toEqual([address()]);
		await registration.remove?.(address(), toolsWith());
		expect(standIn.registered()).toEqual([]);
	});

	it('is checked by Viber with a signed event that brings no message', async () => {
		await registration.set(address(), toolsWith());
		const { headers, rawBody } = inbox.received[0]!;
		const request = { ...requestOf(rawBody), headers };
		expect(viber.verify(request, standIn.credential.data)).toEqual({ ok: true });
		expect(viber.parse(request, {})).toMatchObject({ messages: [], malformed: [] });
	});

	it('is refused where the address does not answer with 200', async () => {
		inbox.answerNext({ status: 404, body: '' });
		const failure = await failureOf(registration.set(address(), toolsWith()));
		expect(failure).toMatchObject({ failure: 'rejected', providerCode: '1' });
		expect(failure.message).toContain('404');
		expect(standIn.registered()).toEqual([]);
	});

	it('asks for names and for what became of messages', async () => {
		await registration.set(address(), toolsWith());
		expect(standIn.received[0]?.body).toMatchObject({
			send_name: true,
			event_types: expect.arrayContaining(['failed', 'unsubscribed', 'conversation_started']),
		});
	});

	it('takes the place of another one, and removes no other', async () => {
		await registration.set(`${inbox.url}/other`, toolsWith());
		await registration.remove?.(address(), toolsWith());
		expect(standIn.registered()).toEqual([`${inbox.url}/other`]);
		await registration.set(address(), toolsWith());
		expect(standIn.registered()).toEqual([address()]);
		expect(registration.exclusive).toBe(true);
	});

	it('says when the token is wrong', async () => {
		const tools = toolsWith({}, 'wrong');
		expect((await failureOf(registration.current(tools))).failure).toBe('unauthorized');
		expect((await failureOf(registration.set(address(), tools))).failure).toBe('unauthorized');
		expect((await failureOf(registration.remove!(address(), tools))).failure).toBe('unauthorized');
	});

	it('is registered all the same when the answer to it was lost', async () => {
		standIn.hangUpNext();
		await registration.set(address(), toolsWith());
		expect(standIn.registered()).toEqual([address()]);
	});

	it.each([
		[500, ''],
		[200, 'not JSON'],
	])('is unavailable at HTTP %i with %j', async (status, body) => {
		standIn.answerNext({ status, body }, 4);
		expect((await failureOf(registration.current(toolsWith()))).failure).toBe('unavailable');
	});
});

describe('a conversation in Viber from end to end', () => {
	it('goes from what the customer wrote to the answer', async () => {
		const { data } = standIn.credential;
		await registration.set(`${inbox.url}/webhook`, toolsWith());
		await standIn.customerWrites(`${inbox.url}/webhook`, {
			from: '1',
			id: '7',
			text: ARABIC,
			name: 'سارة',
		});
		const { headers, rawBody } = inbox.received.at(-1)!;
		const request = { ...requestOf(rawBody), headers };
		expect(viber.verify(request, data)).toEqual({ ok: true });
		const { messages } = viber.parse(request, data);
		expect(messages).toMatchObject([
			{ id: '4987381189870374007', text: ARABIC, contact: { name: 'سارة', country: 'SA' } },
		]);
		const { contact, account, sentAt } = messages[0]!;
		const recipient = { account, to: contact.replyTo!, context: {}, lastInboundAt: sentAt };
		await sending.send({ text: 'شكرًا' }, recipient, toolsWith());
		expect(standIn.delivered('1')).toEqual(['شكرًا']);
	});

	it('has the same message when Viber posts it again', async () => {
		await standIn.customerWrites(`${inbox.url}/webhook`, { from: '1', id: '7', text: 'a' });
		await standIn.repeats(`${inbox.url}/webhook`);
		const ids = inbox.received.flatMap(({ rawBody }) =>
			viber.parse(requestOf(rawBody), {}).messages.map(({ id }) => id),
		);
		expect(ids).toEqual(['4987381189870374007', '4987381189870374007']);
	});
});
