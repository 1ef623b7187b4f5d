import { randomUUID } from 'node:crypto';
import { activate, messenger } from '../../nodes/channels/messenger';
import type { ChannelError } from '../../nodes/channels/errors';
import type { OutboundMessage, Recipient } from '../../nodes/channels/sending';
import { caller } from '../standins/caller';
import { startMessenger } from '../standins/messenger';
import type { MessagingStandIn } from '../standins/messaging';

const HOUR = 60 * 60 * 1000;
const NOW = Date.UTC(2026, 0, 1, 12);
const CUSTOMER = '7300000000000001';
const PAGE = '110000000000001';

const sending = messenger.sending!;
let meta: MessagingStandIn;

beforeEach(async () => {
	meta = await startMessenger();
	meta.clock = () => NOW;
	meta.customers.set(CUSTOMER, { wroteAt: NOW - HOUR });
});

afterEach(() => meta.close());

/** The credential adds the token in production. */
function tools(settings: Record<string, unknown> = {}) {
	const all: Record<string, unknown> = { ...meta.credential.data, ...settings };
	const call = caller(
		(plain) => ({
			...plain,
			headers: { ...plain.headers, Authorization: `Bearer ${String(all.accessToken)}` },
		}),
		messenger.retryAfter,
	);
	return { call, settings: all, now: NOW, key: randomUUID() };
}

function send(
	message: Partial<OutboundMessage>,
	recipient: Partial<Recipient> = {},
	settings: Record<string, unknown> = {},
) {
	const to = { account: PAGE, to: CUSTOMER, context: {}, lastInboundAt: NOW - HOUR, ...recipient };
	return sending.send({ text: '', ...message }, to, tools(settings));
}

async function failureOf(sent: Promise<unknown>): Promise<ChannelError> {
	const error: unknown = await sent.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toMatchObject({ name: 'ChannelError' });
	return error as ChannelError;
}

describe('a text to Messenger', () => {
	it.each(['Hello', 'السلام عليكم،\nأين طلبي رقم ١٢٣؟ 🙏', '\u200fמה שלומך?', '👩‍👩‍👧‍👦'])(
		'goes out letter by letter: %j',
		async (text) => {
			await expect(send({ text })).resolves.toEqual({ id: 'm_sent-1', status: 'sent' });
			expect(meta.received).toHaveLength(1);
			expect(meta.received[0]).toMatchObject({ method: 'POST', path: '/v25.0/me/messages' });
			expect(meta.received[0]?.query).toEqual({});
			expect(meta.received[0]?.body).toEqual({
				recipient: { id: CUSTOMER },
				messaging_type: 'RESPONSE',
				message: { text },
			});
			expect(meta.received[0]?.rawBody.includes(Buffer.from(JSON.stringify(text)))).toBe(true);
			expect(meta.delivered(CUSTOMER)).toEqual([text]);
		},
	);

	it('quotes an earlier message', async () => {
		const first = await send({ text: 'one' });
		await send({ text: 'two', replyToMessageId: first.id });
		expect(meta.sent[1]).toMatchObject({ reply_to: { mid: first.id } });
	});

	it('has room for 2,000 characters', async () => {
		expect(sending.limits.text).toBe(2000);
		await send({ text: '😀'.repeat(2000) });
		expect(await failureOf(send({ text: '😀'.repeat(2001) }))).toMatchObject({
			failure: 'rejected',
		});
	});
});

describe('files to Messenger', () => {
	it.each([
		['image', 'image'],
		['video', 'video'],
		['audio', 'audio'],
		['document', 'file'],
	] as const)('go out by address: %s', async (type, name) => {
		await send({ media: { type, url: 'https://files.example.com/1' } });
		expect(meta.sent[0]?.message).toEqual({
			attachment: { type: name, payload: { url: 'https://files.example.com/1' } },
		});
	});

	it('go out as bytes', async () => {
		const bytes = Buffer.from([0, 1, 2, 253, 254, 255]);
		const file = { name: 'فاتورة.pdf', mimeType: 'application/pdf', bytes };
		await expect(send({ media: { type: 'document', file } })).resolves.toMatchObject({
			id: 'm_sent-1',
		});
		expect(meta.sent[0]).toMatchObject({
			recipient: { id: CUSTOMER },
			messaging_type: 'RESPONSE',
			message: { attachment: { type: 'file', payload: {} } },
		});
		const sent = meta.sent[0]?.filedata as File;
		expect(sent.name).toBe('فاتورة.pdf');
		expect(sent.type).toBe('application/pdf');
		expect(Buffer.from(await sent.arrayBuffer())).toEqual(bytes);
	});
});

describe('buttons to Messenger', () => {
	const choices = (count: number) =>
		Array.from({ length: count }, (_, i) => ({ id: `c${i}`, title: `خيار ${i}` }));
	const link = { id: 'l', title: 'Open', url: 'https://example.com/' };

	it('are quick replies', async () => {
		await send({ text: 'Which team?', buttons: choices(13) });
		const message = meta.sent[0]?.message as { text: string; quick_replies: unknown[] };
		expect(message.text).toBe('Which team?');
		expect(message.quick_replies).toHaveLength(13);
		expect(message.quick_replies[1]).toEqual({
			content_type: 'text',
			title: 'خيار 1',
			payload: 'c1',
		});
	});

	it('may stand under a file', async () => {
		const media = { type: 'image' as const, url: 'https://files.example.com/1' };
		await send({ media, buttons: choices(1) });
		expect(meta.sent[0]?.message).toMatchObject({ attachment: {}, quick_replies: [{}] });
	});

	it('are a template where one opens a page', async () => {
		await send({ text: 'Your order', buttons: [link, { id: 'p', title: 'Talk to us' }] });
		expect(meta.sent[0]?.message).toEqual({
			attachment: {
				type: 'template',
				payload: {
					template_type: 'button',
					text: 'Your order',
					buttons: [
						{ type: 'web_url', title: 'Open', url: 'https://example.com/' },
						{ type: 'postback', title: 'Talk to us', payload: 'p' },
					],
				},
			},
		});
		expect(meta.delivered(CUSTOMER)).toEqual(['Your order']);
	});

	it('are refused before sending where Messenger would refuse them', () => {
		const problem = (message: Partial<OutboundMessage>) =>
			sending.problem?.(
				{ text: 'x', ...message },
				{ account: PAGE, to: CUSTOMER, context: {}, lastInboundAt: NOW },
			);
		const media = { type: 'image' as const, url: 'https://files.example.com/1' };
		expect(problem({})).toBeUndefined();
		expect(problem({ buttons: choices(13) })).toBeUndefined();
		expect(problem({ text: ' ', buttons: choices(1) })).toContain('need a text');
		expect(problem({ text: '', media, buttons: choices(1) })).toBeUndefined();
		expect(problem({ buttons: [link, ...choices(2)] })).toBeUndefined();
		expect(problem({ buttons: [link, ...choices(3)] })).toContain('room for 3 buttons');
		expect(problem({ media, buttons: [link] })).toContain('under a file');
		expect(problem({ text: 'x'.repeat(640), buttons: [link] })).toBeUndefined();
		expect(problem({ text: 'x'.repeat(641), buttons: [link] })).toContain('640 characters');
	});
});

describe('the reply window of Messenger', () => {
	const wrote = (hours: number) => {
		const lastInboundAt = NOW - hours * HOUR;
		meta.customers.set(CUSTOMER, { wroteAt: lastInboundAt });
		return { lastInboundAt };
	};

	it('is a day, then closed before anything is sent', async () => {
		await send({ text: 'x' }, wrote(24));
		const failure = await failureOf(send({ text: 'x' }, wrote(24.01)));
		expect(failure).toMatchObject({ failure: 'windowClosed' });
		expect(failure.message).toContain('24 hours');
		expect(failure.hint).toContain('Human Agent');
		expect(meta.received).toHaveLength(1);
	});

	it('is seven days for people where Meta allowed that', async () => {
		meta.humanAgent = true;
		const settings = { humanAgent: true };
		await send({ text: 'a' }, wrote(24), settings);
		await send({ text: 'b' }, wrote(25), settings);
		await send({ text: 'c' }, wrote(168), settings);
		expect(meta.sent.map(({ messaging_type: type, tag }) => [type, tag])).toEqual([
			['RESPONSE', undefined],
			['MESSAGE_TAG', 'HUMAN_AGENT'],
			['MESSAGE_TAG', 'HUMAN_AGENT'],
		]);
		const failure = await failureOf(send({ text: 'd' }, wrote(168.01), settings));
		expect(failure).toMatchObject({ failure: 'windowClosed' });
		expect(failure.message).toContain('168 hours');
	});

	it('is said to be longer than the app may: Meta refuses', async () => {
		const failure = await failureOf(send({ text: 'x' }, wrote(25), { humanAgent: true }));
		expect(failure).toMatchObject({ failure: 'unauthorized', providerCode: '10' });
	});

	it('is what Meta says where the store does not know', async () => {
		meta.customers.set(CUSTOMER, { wroteAt: NOW - 30 * HOUR });
		const failure = await failureOf(send({ text: 'x' }, { lastInboundAt: null }));
		expect(failure).toMatchObject({ failure: 'windowClosed', providerCode: '10/2018278' });
	});

	it('is told with the settings, and as every business has it without', () => {
		const recipient = { account: PAGE, to: CUSTOMER, context: {}, lastInboundAt: NOW };
		const window = sending.window as (
			recipient: Recipient,
			settings?: Record<string, unknown>,
		) => { hours: number } | undefined;
		expect(window(recipient, { humanAgent: false })?.hours).toBe(24);
		expect(window(recipient, {})?.hours).toBe(24);
		expect(window(recipient, { humanAgent: true })?.hours).toBe(168);
		expect(window(recipient)?.hours).toBe(24);
	});
});

describe('what Messenger does not take', () => {
	const text = 'كلمة السر 1234';

	it.each([
		['a wrong token', {}, { accessToken: 'other' }, 'unauthorized', '190'],
		['a contact of another page', { to: '7300000000000009' }, {}, 'notFound', '100/2018001'],
	] as const)('says so: %s', async (_what, recipient, settings, failure, providerCode) => {
		const error = await failureOf(send({ text }, recipient, settings));
		expect(error).toMatchObject({ failure, providerCode });
		expect(error.hint).not.toBe('');
		const said = `${error.message} ${error.hint} ${String(error.stack)}`;
		expect(said).not.toContain('1234');
		expect(said).not.toContain('stand-in-page-token');
	});

	it('says that the contact wants no messages', async () => {
		meta.customers.set(CUSTOMER, { wroteAt: NOW, blocked: true });
		expect(await failureOf(send({ text }))).toMatchObject({
			failure: 'optedOut',
			providerCode: '551/1545041',
		});
	});

	it('says that there were too many calls, and when to go on', async () => {
		meta.allowance = 0;
		expect(await failureOf(send({ text }))).toMatchObject({
			failure: 'rateLimited',
			providerCode: '613',
			retryAfter: 300_000,
		});
	});

	it('quotes no message that Meta does not know', async () => {
		const error = await failureOf(send({ text, replyToMessageId: 'm_unknown' }));
		expect(error).toMatchObject({ failure: 'rejected', providerCode: '100' });
	});

	it.each([
		['without an ID', { status: 200, body: { recipient_id: CUSTOMER } }, 'unclear'],
		['that is no JSON', { status: 200, body: 'ok' }, 'unclear'],
		['with an empty ID', { status: 200, body: { message_id: '' } }, 'unclear'],
		['of a gateway that gave up', { status: 502, body: 'Bad Gateway' }, 'unclear'],
		[
			'of a fault at Meta',
			{ status: 500, body: { error: { code: 2, message: 'Try again' } } },
			'unavailable',
		],
	])('is known from an answer %s', async (_what, reply, failure) => {
		meta.answerNext(reply);
		expect(await failureOf(send({ text }))).toMatchObject({ failure });
		// A message may have gone out: it is not sent twice.
		expect(meta.received).toHaveLength(1);
	});

	it('is not known where no answer comes, and nothing is sent again', async () => {
		meta.hangUpNext();
		expect(await failureOf(send({ text }))).toMatchObject({ failure: 'unclear' });
		expect(meta.delivered(CUSTOMER)).toEqual([text]);
	});

	it('is not tried again within minutes that Meta asks for', async () => {
		const headers = { 'x-app-usage': '{"estimated_time_to_regain_access":5}' };
		meta.answerNext({ status: 429, headers, body: {} });
		expect(await failureOf(send({ text }))).toMatchObject({
			failure: 'rateLimited',
			retryAfter: 300_000,
		});
		expect(meta.received).toHaveLength(1);
	});

	it('is tried again where Meta asks for patience', async () => {
		meta.answerNext({ status: 429, headers: { 'retry-after': '1' }, body: {} });
		await expect(send({ text })).resolves.toMatchObject({ status: 'sent' });
		expect(meta.delivered(CUSTOMER)).toEqual([text]);
	});
});

describe('the settings for sending', () => {
	it('name what is missing', () => {
		expect(sending.missingSettings({})).toEqual(['Page Access Token']);
		expect(sending.missingSettings({ accessToken: 'x' })).toEqual([]);
		expect(sending.idempotent).toBe(false);
		expect(sending.firstContact).toBeUndefined();
	});
});

describe('the subscription of the page', () => {
	const needed = ['messages', 'messaging_postbacks'];

	it('is made once, and told', async () => {
		await expect(activate(tools())).resolves.toBe(
			'Subscribed the app to the messages of the page.',
		);
		expect(meta.subscriptions.get(meta.app)).toEqual(expect.arrayContaining(needed));
		expect(meta.subscriptions.get(meta.app)).toContain('message_echoes');
		await expect(activate(tools())).resolves.toBeUndefined();
		expect(meta.received.filter(({ method }) => method === 'POST')).toHaveLength(1);
		expect(meta.received.every(({ path }) => path.includes(PAGE) || path.endsWith('/app'))).toBe(
			true,
		);
	});

	it('keeps what the app gets already, and other apps', async () => {
		meta.subscriptions.set(meta.app, ['leadgen']);
		meta.subscriptions.set('770000000000009', ['feed', ...needed]);
		await activate(tools());
		expect(meta.subscriptions.get(meta.app)).toEqual(
			expect.arrayContaining(['leadgen', ...needed]),
		);
		expect(meta.subscriptions.get('770000000000009')).toEqual(['feed', ...needed]);
	});

	it('does without the fields that Meta does not know', async () => {
		meta.fields.delete('message_edits');
		meta.subscriptions.set(meta.app, ['feed']);
		await expect(activate(tools())).resolves.toContain('Subscribed');
		expect(meta.subscriptions.get(meta.app)).toEqual(['feed', ...needed]);
		await expect(activate(tools())).resolves.toBeUndefined();
	});

	it('takes a single app for its own where Meta does not say which it is', async () => {
		meta.tellsApp = false;
		meta.subscriptions.set(meta.app, ['leadgen']);
		await activate(tools());
		expect(meta.subscriptions.get(meta.app)).toContain('leadgen');
	});

	it('is for the page of the token where none is named', async () => {
		await activate(tools({ pageId: ' ' }));
		expect(meta.received[0]?.path).toBe('/v25.0/me/subscribed_apps');
		expect(meta.subscriptions.has(meta.app)).toBe(true);
	});

	it('is left alone without a token', async () => {
		await expect(activate(tools({ accessToken: '' }))).resolves.toBeUndefined();
		expect(meta.received).toEqual([]);
	});

	it('says what went wrong', async () => {
		expect(await failureOf(activate(tools({ accessToken: 'other' })))).toMatchObject({
			failure: 'unauthorized',
		});
		expect(await failureOf(activate(tools({ pageId: '5' })))).toMatchObject({
			failure: 'notFound',
		});
		meta.answerNext({ status: 200, body: {} }, 1, ({ method }) => method === 'POST');
		expect(await failureOf(activate(tools()))).toMatchObject({ failure: 'unclear' });
	});
});
