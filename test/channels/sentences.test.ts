import { channels } from '../../nodes/channels';
import { isChannelError } from '../../nodes/channels/errors';
import type { HttpAnswer } from '../../nodes/channels/http';
import { checkMessage } from '../../nodes/channels/limits';
import type { OutboundMessage, Recipient, SendTools } from '../../nodes/channels/sending';
import { settingsFor } from './bodies';
import { NOW } from './requests';

/** What each channel needs to send, beside what it needs to read. */
const SENDING = {
	accessToken: 't',
	apiAccessToken: 't',
	apiKey: 'x'.repeat(20),
	accountSid: 'AC1',
	authToken: 't',
	channelAccessToken: 't',
	instanceName: 'sales',
	phoneNumberId: '1',
	senderName: 'Support',
};

const URL = 'https://example.com/file';
const button = (more: object = {}) => ({ id: ' ', title: 'x', ...more });
const file = { name: 'x', mimeType: 'x/y', bytes: Buffer.alloc(1) };

/** Messages that one channel or another does not take. */
const MESSAGES: OutboundMessage[] = [
	{ text: '' },
	{ text: 'x'.repeat(100_000) },
	{ text: 'x', replyToMessageId: 'earlier' },
	...[
		[button()],
		[button({ url: URL }), button({ id: 'b' })],
		[button({ url: `${URL}${'x'.repeat(5000)}` })],
		[button({ url: 'javascript:x' })],
		[button({ title: ' ' })],
		[button(), button({ id: 'b' })],
		Array.from({ length: 4 }, (_, n) => button({ id: `${n}${'x'.repeat(250)}`, title: `${n}` })),
		Array.from({ length: 30 }, (_, n) => button({ id: `${n}` })),
	].flatMap((buttons) => [
		{ text: 'x', buttons },
		{ text: 'x'.repeat(2000), buttons },
		{ text: 'x', buttons, media: { type: 'image' as const, url: URL } },
		{ text: '', buttons },
	]),
	...(['image', 'video', 'audio', 'document'] as const).flatMap((type) => [
		{ text: 'x', media: { type, url: URL } },
		{ text: '', media: { type, url: `${URL}${'x'.repeat(3000)}` } },
		{ text: '', media: { type, file } },
	]),
	...[[{ value: '' }], [{ value: 'two\nlines' }], [{ name: 'a', value: 'x' }, { value: 'y' }]].map(
		(parameters) => ({
			text: 'x',
			template: { name: 't', language: 'en', parameters },
		}),
	),
];

const CONTEXTS = [
	{},
	{ channel: 'Channel::Line' },
	{ channel: 'Channel::TwilioSms' },
	{ source: 'line' },
	{ source: 'whatsapp' },
];

describe.each(channels.flatMap((one) => (one.sending ? [one] : [])))('$displayName', (channel) => {
	const { displayName, sending } = channel as typeof channel & {
		sending: NonNullable<typeof channel.sending>;
	};
	const settings = { ...SENDING, ...settingsFor(channel) };
	const recipientIn = (context: Recipient['context']): Recipient => ({
		account: channel.accounts(settings)[0] ?? '1:2',
		to: channel.key === 'twilio' ? '+12025550143' : '1',
		context,
		lastInboundAt: NOW,
	});

	function said(error: unknown) {
		if (!isChannelError(error)) throw error as Error;
		return error;
	}

	it('says what it does not take in sentences that others can follow', () => {
		const refused = CONTEXTS.flatMap((context) =>
			MESSAGES.flatMap((message) => {
				try {
					const circumstances = { settings, now: NOW };
					checkMessage({ displayName, sending }, message, recipientIn(context), circumstances);
					return [];
				} catch (error) {
					return [said(error).message];
				}
			}),
		);
		expect(refused.length).toBeGreaterThan(5);
		for (const message of refused) expect(message).not.toMatch(/[.:;,]$/);
	});

	it.each([200, 400, 401, 403, 404, 409, 413, 429, 500, 502, 503])(
		'says so too what its provider means by %i',
		async (status) => {
			for (const body of [{}, '<html>', { status: 99, code: 1, message: 'No. ' }]) {
				const answer: HttpAnswer = { status, headers: {}, body };
				const tools: SendTools = { settings, now: NOW, key: 'k', call: async () => answer };
				const error = said(await sending.send({ text: 'x' }, recipientIn({}), tools).catch(same));
				expect(error.message).not.toMatch(/[.:;,]$/);
				expect(error.hint).not.toBe('');
			}
		},
	);
});

const same = (error: unknown) => error;
