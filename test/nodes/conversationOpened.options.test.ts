import { createHmac } from 'node:crypto';
import { channelByKey, channels } from '../../nodes/channels';
import type { Channel } from '../../nodes/channels/channel';
import { readFixtures } from '../channels/requests';
import { Bench } from './support/bench';
import { plainMessage, posted } from './support/http';
import { EAGER, OpenDoor, WITH_ACCOUNT } from './support/openDoor';

const HOUR = 60 * 60_000;

const channelNamed = (key: string): Channel => channelByKey(key)!;

/** The body of a fixture, with what is read of it replaced. */
function fixture(channel: string, name: string, changes: Record<string, string> = {}): unknown {
	const { body } = readFixtures(channel).find((each) => each.name === name)!;
	if (typeof body === 'string') return body;
	const text = Object.entries(changes).reduce(
		(all, [from, to]) => all.replaceAll(from, to),
		JSON.stringify(body),
	);
	return JSON.parse(text) as unknown;
}

afterEach(() => jest.restoreAllMocks());

/** What opens only on request, in the fixtures of all channels: why, and where it stands. */
const occasions = channels
	.filter(({ key }) => !WITH_ACCOUNT.includes(key))
	.flatMap(({ key }) =>
		readFixtures(key).flatMap(({ name, expect: { messages } }) => {
			const [message] = messages;
			const { kind, group, occasion, neverOpens } = message ?? {};
			if (messages.length !== 1 || kind === 'echo' || neverOpens !== undefined) return [];
			const isKind = kind === 'reaction' || kind === 'visit';
			const why = group === undefined ? (occasion ?? (isKind ? kind : undefined)) : 'group';
			return why === undefined ? [] : [[String(why), key, name] as const];
		}),
	);

describe('Also Open For', () => {
	test('every occasion is among the bodies', () => {
		expect(new Set(occasions.map(([why]) => why))).toEqual(new Set(EAGER.alsoOpenFor));
	});

	test.each(occasions)('%s: %s, %s', async (why, channel, name) => {
		const door = new OpenDoor(channelNamed(channel));
		const body = fixture(channel, name);
		const others = EAGER.alsoOpenFor.filter((each) => each !== why);
		// Fixtures are of some day in the past.
		await door.post(body, { oldestMessage: 0 });
		await door.post(body, { oldestMessage: 0, alsoOpenFor: others });
		expect(await door.conversations()).toBe(0);
		door.forget();
		await door.post(body, { oldestMessage: 0, alsoOpenFor: [why] });
		expect(await door.conversations()).toBe(1);
	});

	test('what is said in a group is not for the sender’s own conversation either', async () => {
		const door = new OpenDoor(channelNamed('telegram'));
		await door.post(fixture('telegram', 'text-arabic'));
		const { receipt } = await door.post(fixture('telegram', 'group'));
		expect(receipt).toMatchObject({ received: 1, opened: 0, appended: 0, ignored: 1 });
		expect(await (await door.store()).countEverything()).toMatchObject({ messages: 1 });
	});

	test('a reaction belongs to a conversation that is open', async () => {
		const door = new OpenDoor(channelNamed('telegram'));
		await door.post(fixture('telegram', 'text-arabic'));
		const { receipt } = await door.post(fixture('telegram', 'reaction'));
		expect(receipt).toMatchObject({ opened: 0, appended: 1 });
	});

	test('a visit is nothing that an open conversation holds', async () => {
		const door = new OpenDoor(channelNamed('viber'));
		await door.post(fixture('viber', 'subscribed'), { alsoOpenFor: ['visit'] });
		expect(await door.conversations()).toBe(1);
		const { messages } = await (await door.store()).countEverything();
		const again = fixture('viber', 'subscribed', { '49126618466': '49126618467' });
		const { receipt } = await door.post(again, { alsoOpenFor: ['visit'] });
		expect(receipt).toBeUndefined();
		expect(await door.conversations()).toBe(1);
		expect(await (await door.store()).countEverything()).toMatchObject({ messages });
	});
});

describe('Oldest Message', () => {
	const PLAIN = 'plainWebhook';
	const written = (hoursAgo: number, id = 'm-1') =>
		plainMessage('amal', id, 'Hello', {
			sentAt: new Date(Date.now() - hoursAgo * HOUR).toISOString(),
		});
	/** A message on WAHA, whose time is in seconds. */
	const onWaha = (hoursAgo: number, id = '3AFIX1') => {
		const { payload, ...body } = fixture('waha', 'text-any', { '3AFIX1': id }) as {
			payload: object;
		};
		const timestamp = Math.floor((Date.now() - hoursAgo * HOUR) / 1000);
		return { ...body, payload: { ...payload, timestamp } };
	};

	test.each([
		[PLAIN, 25, {}, 1],
		[PLAIN, 24 * 365, { oldestMessage: 0 }, 1],
		[PLAIN, 2, { oldestMessage: 1 }, 0],
		[PLAIN, 0.5, { oldestMessage: 1 }, 1],
		['waha', 23, {}, 1],
		['waha', 25, {}, 0],
		['waha', 25, { oldestMessage: 0 }, 1],
		['waha', 25, { oldestMessage: 48 }, 1],
		['waha', 2, { oldestMessage: 1 }, 0],
	])('%s, %i hours old, with %j: %i', async (channel, hours, options, count) => {
		const door = new OpenDoor(channelNamed(channel));
		const body = channel === PLAIN ? written(hours) : onWaha(hours);
		const { receipt } = await door.post(body, options);
		expect(receipt).toMatchObject({ received: 1, opened: count, ignored: 1 - count });
		expect(await door.conversations()).toBe(count);
	});

	test('an old message joins the conversation that is open', async () => {
		const door = new OpenDoor(channelNamed('waha'));
		await door.post(onWaha(1));
		const { receipt } = await door.post(onWaha(30, '3AFIX2'));
		expect(receipt).toMatchObject({ opened: 0, appended: 1 });
	});

	test('a message from the future is not old', async () => {
		const door = new OpenDoor(channelNamed(PLAIN));
		expect((await door.post(written(-48), { oldestMessage: 1 })).receipt).toMatchObject({
			opened: 1,
		});
	});
});

describe('who asks to be left alone', () => {
	test.each([
		['twilio', 'sms-stop'],
		['twilio', 'whatsapp-stop'],
		['twilio', 'opt-out-arabic'],
		['chatwoot', 'auto-reply'],
	])('opens nothing, whatever the options: %s, %s', async (channel, name) => {
		const door = new OpenDoor(channelNamed(channel));
		await door.post(fixture(channel, name), EAGER);
		expect(await door.conversations()).toBe(0);
		expect(await (await door.store()).countEverything()).toMatchObject({ messages: 0 });
	});

	test('is heard in the conversation that is open', async () => {
		const door = new OpenDoor(channelNamed('twilio'));
		const stop = new URLSearchParams(fixture('twilio', 'sms-stop') as string);
		const before = new URLSearchParams(stop);
		before.set('Body', 'أين طلبي؟');
		for (const name of ['MessageSid', 'SmsSid', 'SmsMessageSid']) {
			if (before.has(name)) before.set(name, `SM${'1'.repeat(32)}`);
		}
		await door.post(before.toString());
		await door.post(stop.toString());
		const [item] = await (await door.store()).listConversations({ limit: 10, offset: 0 });
		expect(item?.conversation).toMatchObject({ status: 'open', messageCount: 2 });
		const history = await (await door.store()).conversationHistory(item!.conversation.id);
		expect(history.map(({ text }) => text)).toEqual(
			expect.arrayContaining(['أين طلبي؟', expect.stringMatching(/stop/i)]),
		);
	});
});

describe('the answer', () => {
	test.each([
		['a message', 'sms-text-arabic'],
		['a status', 'status-delivered'],
		['a message that opens nothing', 'sms-stop'],
	])('Twilio gets instructions to answer nothing, for %s', async (_what, name) => {
		const { answer, receipt } = await new OpenDoor(channelNamed('twilio')).post(
			fixture('twilio', name),
		);
		expect(receipt).toBeUndefined();
		expect(answer).toMatchObject({
			status: 200,
			type: 'text/xml',
			body: '<?xml version="1.0" encoding="UTF-8"?><Response/>',
			ended: true,
		});
	});

	test('in a test run, too, where the message starts the execution', async () => {
		const door = new OpenDoor(channelNamed('twilio'));
		const form = fixture('twilio', 'sms-text-arabic') as string;
		const result = await door.bench.webhook(
			posted(form, { 'content-type': 'application/x-www-form-urlencoded' }),
			{ parameters: { channel: 'twilio' }, mode: 'manual' },
		);
		expect(result.answer).toMatchObject({ status: 200, type: 'text/xml' });
		expect(result.noWebhookResponse).toBe(true);
		expect(result.workflowData).toEqual([[{ json: expect.objectContaining({ opened: 1 }) }]]);
	});

	describe('to a check of the address of Signed Webhook', () => {
		const KEY = Buffer.from('a key of twenty-four bytes or more');
		const CHECK = { type: 'url_verification', challenge: '1158201444 ✓' };

		async function check(key: Buffer) {
			const bench = new Bench();
			bench.credentials.conversationSignedWebhookApi = {
				scheme: 'standardWebhooks',
				signingSecret: `whsec_${KEY.toString('base64')}`,
			};
			const timestamp = String(Math.floor(Date.now() / 1000));
			const body = JSON.stringify(CHECK);
			const signature = createHmac('sha256', key)
				.update(`msg_1.${timestamp}.${body}`)
				.digest('base64');
			const result = await bench.webhook(
				posted(body, {
					'webhook-id': 'msg_1',
					'webhook-timestamp': timestamp,
					'webhook-signature': `v1,${signature}`,
				}),
				{ parameters: { channel: 'signedWebhook', account: 'webshop' } },
			);
			const counts = await (await bench.store()).countEverything();
			return { ...result, messages: counts.messages };
		}

		test('is its challenge as text, and nothing is stored', async () => {
			const { answer, noWebhookResponse, messages } = await check(KEY);
			expect(answer).toMatchObject({
				status: 200,
				type: 'text/plain',
				body: CHECK.challenge,
				ended: true,
			});
			expect(noWebhookResponse).toBe(true);
			expect(messages).toBe(0);
		});

		test('is a refusal for a wrong signature', async () => {
			const { answer } = await check(Buffer.from('another key of that many bytes'));
			expect(answer.status).toBe(401);
			expect(JSON.stringify(answer.body)).not.toContain('1158201444');
		});
	});
});

describe('what a body tells besides messages', () => {
	test('counts where it changed something: who blocked the bot', async () => {
		const door = new OpenDoor(channelNamed('telegram'));
		// A second after the message; who has written since has not blocked the bot.
		const blocked = fixture('telegram', 'blocked', { '1767261600': '1767261601' });
		expect((await door.post(blocked)).receipt).toMatchObject({ received: 0, notices: 0 });
		await door.post(fixture('telegram', 'text-arabic'));
		expect((await door.post(blocked)).receipt).toMatchObject({ received: 0, notices: 1 });
		expect((await door.post(blocked)).receipt).toMatchObject({ received: 0, notices: 0 });
		const [item] = await (await door.store()).listConversations({ limit: 10, offset: 0 });
		const { recipient } = await (
			await door.store()
		).findRecipient({ conversationId: item!.conversation.id, via: 'last' });
		expect(recipient.optedOut).toMatchObject({ reason: 'blocked' });
	});

	test('fates of messages that were not sent from here count as nothing', async () => {
		const door = new OpenDoor(channelNamed('telegram'));
		const { receipt } = await door.post(fixture('telegram', 'unblocked'));
		expect(receipt).toMatchObject({ notices: 0, malformed: 0 });
		const whatsapp = new OpenDoor(channelNamed('whatsapp'));
		const statuses = readFixtures('whatsapp').filter(
			({ expect: { notices, malformed } }) =>
				notices?.[0]?.kind === 'status' && malformed.length === 0,
		);
		expect(statuses).not.toEqual([]);
		for (const { body } of statuses) {
			expect((await whatsapp.post(body)).receipt).toMatchObject({ notices: 0, malformed: 0 });
		}
	});
});
