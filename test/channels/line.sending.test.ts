import { isChannelError, type ChannelError } from '../../nodes/channels/errors';
import { line } from '../../nodes/channels/line';
import type { OutboundMessage, Recipient, SendTools } from '../../nodes/channels/sending';
import { caller } from '../standins/caller';
import { LINE_BOT, lineUser, startLine, type LineStandIn } from '../standins/line';
import { NOW, requestOf } from './requests';

const UUID = '123e4567-e89b-42d3-a456-426614174000';
const OTHER_UUID = '123e4567-e89b-42d3-a456-426614174001';
const ARABIC = '\u200fأهلًا،\nطلبك رقم ١٢٣ في الطريق 🚚👨‍👩‍👧 ';
const FILE = 'https://example.com/1';

const sending = line.sending!;
const registration = line.registration!;

let standIn: LineStandIn;
beforeEach(async () => {
	standIn = await startLine();
});
afterEach(async () => {
	await standIn.close();
});

function toolsWith(more: Partial<SendTools> = {}, token?: string): SendTools {
	const { data } = standIn.credential;
	const bearer = token ?? String(data.channelAccessToken);
	const call = caller(
		(plain) => ({ ...plain, headers: { ...plain.headers, Authorization: `Bearer ${bearer}` } }),
		line.retryAfter,
	);
	return { call, settings: data, now: NOW, key: UUID, ...more };
}

const recipientWith = (context: Record<string, unknown> = {}): Recipient => ({
	account: LINE_BOT,
	to: lineUser('1'),
	context,
	lastInboundAt: NOW,
});
const fresh = (age = 1000) => ({
	replyToken: standIn.replyToken('1'),
	replyTokenAt: NOW - age,
});

const send = async (
	message: Partial<OutboundMessage>,
	context: Record<string, unknown> = {},
	tools: SendTools = toolsWith(),
) => await sending.send({ text: '', ...message }, recipientWith(context), tools);

async function failureOf(act: Promise<unknown>): Promise<ChannelError> {
	try {
		await act;
	} catch (error) {
		if (isChannelError(error)) return error;
		throw error as Error;
	}
	throw new Error('It did not fail');
}

const paths = () => standIn.received.map(({ path }) => path.split('/').at(-1));
const sentBody = () =>
	standIn.received.at(-1)?.body as { messages: Array<Record<string, unknown>> };

describe('a text in LINE', () => {
	it('reaches the contact letter by letter, and has the ID that LINE gave it', async () => {
		const sent = await send({ text: ARABIC });
		expect(standIn.delivered('1')).toEqual([ARABIC]);
		expect(sent).toEqual({ id: expect.stringMatching(/^46\d{16}$/), status: 'sent' });
		expect(standIn.received[0]?.rawBody.toString('utf8')).toContain('طلبك رقم ١٢٣');
	});

	it('takes as many characters as LINE counts, and LINE refuses one more', async () => {
		expect(sending.limits).toMatchObject({ text: 5000, unit: 'utf16' });
		await send({ text: '🚚'.repeat(2500) });
		const tools = toolsWith({ key: OTHER_UUID });
		const failure = await failureOf(send({ text: `${'🚚'.repeat(2500)}.` }, {}, tools));
		expect(failure).toMatchObject({ failure: 'rejected', providerCode: '400' });
		expect(failure.message).toContain('messages[0].text: Length must be between 0 and 5000');
		expect(failure.message).not.toContain('🚚');
	});

	it('carries no secret but what the credential adds', async () => {
		await send({ text: 'a' }, fresh());
		const { path, query, headers, rawBody } = standIn.received[0]!;
		const { authorization, ...rest } = headers;
		expect(authorization).toContain('Bearer ');
		const all = `${path}${JSON.stringify(query)}${JSON.stringify(rest)}${rawBody.toString()}`;
		expect(all).not.toContain(String(standIn.credential.data.channelAccessToken));
		expect(all).not.toContain(standIn.channelSecret);
	});
});

describe('the free reply of LINE', () => {
	it('is used while the token is fresh, and costs nothing of the month', async () => {
		const before = standIn.quota;
		await send({ text: 'a' }, fresh());
		expect(paths()).toEqual(['reply']);
		expect(standIn.quota).toBe(before);
		expect(standIn.delivered('1')).toEqual(['a']);
	});

	it('names no retry key, which LINE refuses there', async () => {
		await send({ text: 'a' }, fresh());
		expect(standIn.received[0]?.headers).not.toHaveProperty('x-line-retry-key');
	});

	it.each([
		[49_999, ['reply']],
		[50_000, ['push']],
		[-5_000, ['reply']],
	])('is tried with a token of %i ms: %j', async (age, wanted) => {
		await send({ text: 'a' }, fresh(age));
		expect(paths()).toEqual(wanted);
	});

	it.each([
		['no time', () => ({ replyToken: 't' })],
		['no token', () => ({ replyTokenAt: NOW })],
		['other values', () => ({ replyToken: 7, replyTokenAt: String(NOW) })],
	])('is not tried with %s', async (_what, context) => {
		await send({ text: 'a' }, context());
		expect(paths()).toEqual(['push']);
	});

	it('gives way to a push when the token was used by the message before', async () => {
		const context = fresh();
		await send({ text: 'first' }, context);
		await send({ text: 'second' }, context, toolsWith({ key: OTHER_UUID }));
		expect(paths()).toEqual(['reply', 'reply', 'push']);
		expect(standIn.delivered('1')).toEqual(['first', 'second']);
	});

	it('gives way to a push when LINE finds the token expired', async () => {
		const context = fresh();
		standIn.replyTokensExpire();
		await send({ text: 'a' }, context);
		expect(paths()).toEqual(['reply', 'push']);
		expect(standIn.delivered('1')).toEqual(['a']);
	});

	it('is not followed by a push when its answer was lost: it may have gone out', async () => {
		standIn.hangUpNext();
		const failure = await failureOf(send({ text: 'a' }, fresh()));
		expect(failure.failure).toBe('unclear');
		expect(paths()).toEqual(['reply']);
		expect(standIn.delivered('1')).toEqual(['a']);
		// A later try could not tell a used token from an expired one.
		expect(sending.idempotent).toBe(false);
	});

	it('is not followed by a push when LINE had a fault', async () => {
		standIn.answerNext({ status: 500, body: { message: 'Internal error' } });
		expect((await failureOf(send({ text: 'a' }, fresh()))).failure).toBe('unclear');
		expect(paths()).toEqual(['reply']);
	});

	it('is not followed by a push when LINE refuses the message itself', async () => {
		expect((await failureOf(send({ text: 'x'.repeat(5001) }, fresh()))).failure).toBe('rejected');
		expect(paths()).toEqual(['reply']);
	});
});

describe('a push of LINE', () => {
	it('goes out once, however often its answer is lost', async () => {
		standIn.hangUpNext(2);
		const sent = await send({ text: 'a' });
		expect(paths()).toEqual(['push', 'push', 'push']);
		expect(standIn.delivered('1')).toEqual(['a']);
		expect(sent.id).toMatch(/^46\d{16}$/);
		expect(standIn.received.map(({ headers }) => headers['x-line-retry-key'])).toEqual([
			UUID,
			UUID,
			UUID,
		]);
	});

	it('has the same ID when the same message is sent again', async () => {
		const first = await send({ text: 'a' });
		expect(await send({ text: 'a' })).toEqual(first);
		expect((await send({ text: 'a' }, {}, toolsWith({ key: OTHER_UUID }))).id).not.toBe(first.id);
		expect(standIn.delivered('1')).toEqual(['a', 'a']);
	});

	it('is known by the request when LINE confirms it without IDs', async () => {
		standIn.answerNext({
			status: 409,
			headers: { 'x-line-accepted-request-id': 'request-1' },
			body: { message: 'The retry key is already accepted' },
		});
		expect(await send({ text: 'a' })).toEqual({ id: 'request-1', status: 'sent' });
	});

	it('looks like a success to somebody who blocked the account', async () => {
		standIn.blocks('1');
		await expect(send({ text: 'a' })).resolves.toMatchObject({ status: 'sent' });
		expect(standIn.delivered('1')).toEqual([]);
	});

	it('waits when LINE asks for patience', async () => {
		standIn.answerNext(
			{ status: 429, body: { message: 'The API rate limit has been exceeded. Try again later.' } },
			2,
		);
		await send({ text: 'a' });
		expect(paths()).toHaveLength(3);
		expect(standIn.delivered('1')).toEqual(['a']);
	});

	it('does not wait for the next month', async () => {
		standIn.quota = 0;
		const failure = await failureOf(send({ text: 'a' }));
		expect(failure).toMatchObject({ failure: 'rateLimited', providerCode: '429' });
		expect(failure.message).toContain('this month');
		expect(paths()).toEqual(['push']);
	});
});

describe('what LINE refuses', () => {
	it('is a wrong token', async () => {
		const failure = await failureOf(send({ text: 'a' }, {}, toolsWith({}, 'wrong')));
		expect(failure).toMatchObject({ failure: 'unauthorized', providerCode: '401' });
		expect(failure.hint).toContain('LINE Developers console');
	});

	it('is a recipient that is none', async () => {
		const nobody = { ...recipientWith(), to: 'nobody' };
		const failure = await failureOf(sending.send({ text: 'a' }, nobody, toolsWith()));
		expect(failure.failure).toBe('notFound');
	});

	it.each([
		[400, { message: 'Failed to send messages' }, 'notFound'],
		[400, 'not JSON', 'rejected'],
		[400, { message: 7, details: [null, 'x', { message: 'May not be empty' }] }, 'rejected'],
		[403, { message: 'Access to this API is not available for your account' }, 'unauthorized'],
		[404, { message: 'Not found' }, 'notFound'],
		[409, { message: 'Conflict' }, 'rejected'],
		[413, { message: 'Payload too large' }, 'rejected'],
		[200, {}, 'unclear'],
		[200, 'not JSON', 'unclear'],
		[200, { sentMessages: [{}] }, 'unclear'],
	])('%i %j is told as %3$s', async (status, body, failure) => {
		standIn.answerNext({ status, body });
		const told = await failureOf(send({ text: 'my secret' }));
		expect(told.failure).toBe(failure);
		expect(told.hint).toMatch(/\.$/);
		expect(`${told.message}${told.hint}`).not.toContain('my secret');
	});

	it('is unclear after a fault that lasts', async () => {
		standIn.answerNext({ status: 500, body: { message: 'Internal error' } }, 4);
		expect((await failureOf(send({ text: 'a' }))).failure).toBe('unclear');
		expect(paths()).toHaveLength(4);
	});
});

describe('files in LINE', () => {
	it.each([
		['image', { type: 'image', originalContentUrl: FILE, previewImageUrl: FILE }],
		['video', { type: 'video', originalContentUrl: FILE, previewImageUrl: FILE }],
		['audio', { type: 'audio', originalContentUrl: FILE, duration: 60_000 }],
	] as const)('go by their address: %s', async (type, wanted) => {
		await send({ media: { type, url: FILE } });
		expect(standIn.shown('1')).toEqual([wanted]);
	});

	it('show the picture of the credential in place of a video', async () => {
		const settings = { ...standIn.credential.data, videoPreviewUrl: 'https://example.com/p.png' };
		await send({ media: { type: 'video', url: FILE } }, {}, toolsWith({ settings }));
		expect(standIn.shown('1')[0]?.previewImageUrl).toBe('https://example.com/p.png');
	});

	it('go out together with their text, in one call', async () => {
		await send({ text: ARABIC, media: { type: 'image', url: FILE } });
		expect(standIn.shown('1').map(({ type }) => type)).toEqual(['image', 'text']);
		expect(standIn.delivered('1')).toEqual([ARABIC]);
		expect(paths()).toEqual(['push']);
	});

	it('are refused by LINE at an address without https', async () => {
		const media = { type: 'image', url: 'http://example.com/1' } as const;
		expect((await failureOf(send({ media }))).message).toContain('Must be a valid HTTPS URL');
		expect(sending.limits.media.image?.byUrl).toBe('https');
	});

	it('have no documents among them', () => {
		expect(Object.keys(sending.limits.media)).toEqual(['image', 'video', 'audio']);
	});
});

describe('buttons in LINE', () => {
	const choices = (count: number) =>
		Array.from({ length: count }, (_, i) => ({ id: `choice-${i}`, title: `الخيار ${i}` }));
	const link = { id: 'l', title: 'Open', url: 'https://example.com/a' };

	it('are quick replies that come back by their title, with the ID beside it', async () => {
		await send({ text: 'Which?', buttons: choices(13) });
		const [message] = standIn.shown('1');
		const { items } = message?.quickReply as { items: Array<{ action: Record<string, string> }> };
		expect(items).toHaveLength(13);
		expect(items[0]?.action).toEqual({
			type: 'postback',
			label: 'الخيار 0',
			data: 'choice-0\nالخيار 0',
			displayText: 'الخيار 0',
		});
		const postback = { data: items[0]?.action.data };
		const source = { userId: lineUser('1') };
		const event = { type: 'postback', source, webhookEventId: '1', postback };
		const { messages } = line.parse(requestOf({ events: [event] }), {});
		expect(messages).toMatchObject([
			{
				kind: 'message',
				type: 'button',
				text: 'الخيار 0',
				attachments: [{ type: 'button', id: 'choice-0' }],
			},
		]);
	});

	it('stand under the last part, where LINE shows them', async () => {
		await send({ text: 'a', media: { type: 'image', url: FILE }, buttons: choices(2) });
		expect(standIn.shown('1').map((message) => 'quickReply' in message)).toEqual([false, true]);
	});

	it('stay in the chat when one of them is a link', async () => {
		await send({ text: 'See', buttons: [link, ...choices(1)] });
		expect(standIn.shown('1')).toEqual([
			{
				type: 'template',
				altText: 'See',
				template: {
					type: 'buttons',
					text: 'See',
					actions: [
						{ type: 'uri', label: 'Open', uri: 'https://example.com/a' },
						expect.objectContaining({ type: 'postback' }),
					],
				},
			},
		]);
	});

	it.each([
		['a long text', { text: 'x'.repeat(161), buttons: [link] }],
		['many buttons', { text: 'x', buttons: [link, ...choices(4)] }],
		['a file', { text: 'x', media: { type: 'image' as const, url: FILE }, buttons: [link] }],
	])('are quick replies beside %s, links among them', async (_what, message) => {
		await send(message);
		expect(sentBody().messages.at(-1)).toMatchObject({
			quickReply: { items: expect.arrayContaining([expect.anything()]) },
		});
		expect(JSON.stringify(sentBody())).toContain('"uri":"https://example.com/a"');
	});

	it('keep the limits that LINE enforces', async () => {
		expect(sending.limits.buttons).toMatchObject({ most: 13, title: 20, id: 279 });
		await send({ text: 'a', buttons: [{ id: 'x'.repeat(279), title: 'x'.repeat(20) }] });
		for (const buttons of [
			choices(14),
			[{ id: 'x', title: 'x'.repeat(21) }],
			[{ id: 'x'.repeat(280), title: 'x'.repeat(20) }],
		]) {
			const tools = toolsWith({ key: OTHER_UUID });
			expect((await failureOf(send({ text: 'a', buttons }, {}, tools))).failure).toBe('rejected');
		}
	});
});

describe('quoting in LINE', () => {
	const context = { quoteToken: 'q', quoteMessageId: '5' };

	it('uses the token of the newest message', async () => {
		await send({ text: 'a', replyToMessageId: '5' }, context);
		expect(standIn.shown('1')).toEqual([{ type: 'text', text: 'a', quoteToken: 'q' }]);
	});

	it('stays a text with quick replies when it has links', async () => {
		const buttons = [{ id: 'l', title: 'Open', url: 'https://example.com' }];
		await send({ text: 'a', replyToMessageId: '5', buttons }, context);
		expect(standIn.shown('1')[0]).toMatchObject({ type: 'text', quoteToken: 'q' });
	});

	it('is not done unasked', async () => {
		await send({ text: 'a' }, context);
		expect(standIn.shown('1')[0]).not.toHaveProperty('quoteToken');
	});
});

describe('what the limits of LINE do not say', () => {
	const problem = (message: Partial<OutboundMessage>, context: Record<string, unknown> = {}) =>
		sending.problem?.({ text: '', ...message }, recipientWith(context));
	const buttonTo = (url: string) => ({ text: 'a', buttons: [{ id: '1', title: 'b', url }] });

	it.each<[string, Partial<OutboundMessage>]>([
		['a long address of a file', { media: { type: 'image', url: `${FILE}${'x'.repeat(2000)}` } }],
		['a long link', buttonTo(`https://example.com/${'x'.repeat(1000)}`)],
		['a link of another kind', buttonTo('javascript:alert(1)')],
		['buttons alone', { buttons: [{ id: '1', title: 'a' }] }],
		['a quote without a text', { replyToMessageId: '5', media: { type: 'image', url: FILE } }],
		['a quote of an older message', { text: 'a', replyToMessageId: '4' }],
	])('is %s', (_what, message) => {
		expect(problem(message, { quoteToken: 'q', quoteMessageId: '5' })).toMatch(/[^.]$/);
	});

	it.each(['https://a.example', 'http://a.example', 'tel:+12025550143', 'line://app/1'])(
		'is not %s',
		(url) => {
			expect(problem(buttonTo(url))).toBeUndefined();
		},
	);

	it('is nothing about an ordinary answer', () => {
		expect(problem({ text: ARABIC })).toBeUndefined();
		expect(problem({ media: { type: 'image', url: FILE } })).toBeUndefined();
		const context = { quoteToken: 'q', quoteMessageId: '5' };
		expect(problem({ text: 'a', replyToMessageId: '5' }, context)).toBeUndefined();
	});
});

describe('who wrote to a LINE account', () => {
	it('may be answered at any time', () => {
		expect(sending.window).toBeUndefined();
	});
});

describe('who never wrote to a LINE account', () => {
	it('is not found by a phone number', () => {
		expect(sending.firstContact).toBeUndefined();
	});
});

describe('the webhook of LINE', () => {
	const URL = 'https://n8n.example.com/webhook/line';

	it('is empty at first, then what was set', async () => {
		expect(await registration.current(toolsWith())).toEqual([]);
		await registration.set(registration.address(URL, {}), toolsWith());
		expect(await registration.current(toolsWith())).toEqual([URL]);
		expect(standIn.registered()).toEqual([URL]);
	});

	it('takes the place of another one, and cannot be removed', async () => {
		await registration.set('https://other.example.com', toolsWith());
		await registration.set(URL, toolsWith());
		expect(standIn.registered()).toEqual([URL]);
		expect(registration.exclusive).toBe(true);
		expect(registration.remove).toBeUndefined();
	});

	it('says what to do when the webhook is turned off in the console', async () => {
		standIn.useWebhook = false;
		const failure = await failureOf(registration.set(URL, toolsWith()));
		expect(failure).toMatchObject({ failure: 'rejected' });
		expect(failure.hint).toContain('Turn on "Use webhook"');
		// So that the next publishing sets it again, and says so again.
		expect(await registration.current(toolsWith())).toEqual([]);
	});

	it.each([
		['an address without https', 'http://n8n.example.com/webhook'],
		['an address that is too long', `https://n8n.example.com/${'x'.repeat(500)}`],
	])('refuses %s', async (_what, address) => {
		const failure = await failureOf(registration.set(address, toolsWith()));
		expect(failure.message).toContain('Invalid webhook endpoint URL');
		expect(standIn.registered()).toEqual([]);
	});

	it('says when the token is wrong', async () => {
		const tools = toolsWith({}, 'wrong');
		expect((await failureOf(registration.current(tools))).failure).toBe('unauthorized');
		expect((await failureOf(registration.set(URL, tools))).failure).toBe('unauthorized');
	});

	it('is asked for again after a fault, and then LINE is unavailable', async () => {
		standIn.answerNext({ status: 503, body: '' }, 4);
		expect((await failureOf(registration.current(toolsWith()))).failure).toBe('unavailable');
	});
});

describe('a conversation in LINE from end to end', () => {
	it('goes from what the customer wrote to the answer', async () => {
		// The stand-in posts to itself: what it got is what n8n would get.
		await standIn.customerWrites(`${standIn.url}/inbox`, { from: '1', id: '9', text: ARABIC });
		const { headers, rawBody } = standIn.received.pop()!;
		const request = { ...requestOf(rawBody), headers };
		expect(line.verify(request, standIn.credential.data)).toEqual({ ok: true });
		const { messages } = line.parse(request, standIn.credential.data);
		expect(messages).toMatchObject([{ id: '9', account: LINE_BOT, text: ARABIC }]);

		const { contact, account, sentAt } = messages[0]!;
		const recipient = {
			account,
			to: contact.replyTo!,
			context: contact.replyContext!,
			lastInboundAt: sentAt,
		};
		const answer = { text: 'شكرًا', replyToMessageId: '9' };
		expect(sending.problem?.(answer, recipient)).toBeUndefined();
		await sending.send(answer, recipient, toolsWith({ now: sentAt + 2000 }));
		expect(paths()).toEqual(['reply']);
		expect(standIn.delivered('1')).toEqual(['شكرًا']);
	});

	it('has the same message when LINE delivers it again', async () => {
		await standIn.customerWrites(`${standIn.url}/inbox`, { from: '1', id: '9', text: 'a' });
		await standIn.redelivers(`${standIn.url}/inbox`);
		const bodies = standIn.received.map(({ rawBody }) => line.parse(requestOf(rawBody), {}));
		expect(bodies.flatMap(({ messages }) => messages.map(({ id }) => id))).toEqual(['9', '9']);
		expect(standIn.received[1]?.rawBody.toString()).toContain('"isRedelivery":true');
	});
});
