import fc from 'fast-check';
import { telegram } from '../../nodes/channels/telegram';
import { whatsapp } from '../../nodes/channels/whatsapp';
import { mapTelegramTrigger } from '../../nodes/openings/telegramTrigger';
import { mapWhatsAppTrigger } from '../../nodes/openings/whatsappTrigger';
import { opens as telegramOpens } from '../channels/samples/telegram';
import { opens as whatsappOpens } from '../channels/samples/whatsapp';
import { readFixtures, requestOf } from '../channels/requests';
import { expectSoundMapping, ignored, itemOf, NOW, openingIn, refused, samples } from './support';

const NUMBER = '106540352242922';

/** One change of Meta's webhook, as WhatsApp Trigger makes an item of it. */
const change = (value: Record<string, unknown>) => ({
	messaging_product: 'whatsapp',
	metadata: { display_phone_number: '15550783881', phone_number_id: NUMBER },
	field: 'messages',
	...value,
});
const text = (id: string, from: string, body: unknown) => ({
	...{ id, from, type: 'text', timestamp: String(NOW / 1000) },
	text: { body },
});
const mapWhatsApp = (json: unknown) => mapWhatsAppTrigger(itemOf(json));

describe('an item of WhatsApp Trigger', () => {
	it('opens for each message in it, for the contacts that Conversation Opened knows', () => {
		const value = {
			contacts: [{ wa_id: '12025550143', profile: { name: 'Jane' } }],
			messages: [
				text('w-1', '12025550143', 'مرحبا 🙏'),
				{ ...text('w-2', '12025550144', 'two'), context: { id: 'w-0' } },
			],
		};
		const mapped = mapWhatsApp(change(value));
		const phone = (id: string) => ({ channel: 'phone', account: '', id });
		expect(mapped).toEqual([
			{
				opening: {
					channel: 'whatsapp',
					account: NUMBER,
					contact: expect.objectContaining({
						identities: [phone('+12025550143')],
						name: 'Jane',
						phone: '+12025550143',
					}),
					reply: expect.objectContaining({ to: '12025550143' }),
					message: {
						...{ id: 'w-1', type: 'text', text: 'مرحبا 🙏', attachments: [] },
						sentAt: NOW,
					},
				},
			},
			{
				opening: expect.objectContaining({
					contact: expect.objectContaining({ identities: [phone('+12025550144')] }),
					message: expect.objectContaining({
						id: 'w-2',
						details: { replyToMessageId: 'w-0' },
					}),
				}),
			},
		]);
		const body = {
			object: 'whatsapp_business_account',
			entry: [{ changes: [{ field: 'messages', value: change(value) }] }],
		};
		const direct = whatsapp.parse(requestOf(body), {}).messages;
		expect(mapped.map((each) => 'opening' in each && each.opening.contact.identities)).toEqual(
			direct.map(({ contact }) => contact.identities),
		);
	});

	it('ignores each status, and opens for the message beside it', () => {
		const statuses = [{ id: 'w-0', status: 'read', timestamp: '1767268800', recipient_id: '1' }];
		const alone = mapWhatsApp(change({ statuses }));
		expect(alone.length).toBeGreaterThan(0);
		for (const each of alone) expect(each).toEqual({ ignored: expect.stringMatching(/status/) });
		const both = mapWhatsApp(change({ statuses, messages: [text('w-1', '12025550143', 'Hi')] }));
		expect(both.filter((each) => 'opening' in each)).toHaveLength(1);
		expect(both).toEqual(expect.arrayContaining(alone));
	});

	it('ignores what opens nothing, with the reason', () => {
		const one = (message: Record<string, unknown>) =>
			mapWhatsApp(change({ messages: [{ ...text('w-1', '12025550143', 'Hi'), ...message }] }));
		expect(one({ group_id: 'g' })).toEqual(ignored(/in a group/));
		const reaction = { type: 'reaction', reaction: { message_id: 'w-0', emoji: '👍' } };
		expect(one(reaction)).toEqual(ignored(/reaction/));
		const edit = { original_message_id: 'w-0', message: { type: 'text', text: { body: 'x' } } };
		expect(one({ type: 'edit', edit })).toEqual(ignored(/changed an earlier message/));
		expect(one({ type: 'revoke', revoke: { original_message_id: 'w-0' } })).toEqual(
			ignored(/deleted an earlier message/),
		);
		expect(one({ id: undefined })).toEqual(ignored(/no id that can be used/));
		expect(mapWhatsApp(change({}))).toEqual(ignored(/no message/));
		const echo = { to: '12025550143', ...text('w-1', '15550783881', 'Hi') };
		expect(mapWhatsApp(change({ field: 'smb_message_echoes', message_echoes: [echo] }))).toEqual(
			ignored(/business wrote it itself/),
		);
		expect(mapWhatsApp(change({ field: 'account_alerts' }))).toEqual(ignored(/account_alerts/));
	});

	it('keeps what led here', () => {
		const referral = { source_type: 'ad', source_id: '5' };
		const messages = [{ ...text('w-1', '12025550143', 'Hi'), referral }];
		expect(openingIn(mapWhatsApp(change({ messages }))).message?.details).toEqual({ referral });
	});

	it.each([{}, { message: { text: 'x' } }, { update_id: 5 }])('refuses %j', (json) => {
		expect(mapWhatsApp(json)).toEqual(refused('no webhook of WhatsApp', 'behind a WhatsApp'));
	});
});

const BOT = '110201543';
const mapTelegram = (json: unknown, botId: unknown = BOT) =>
	mapTelegramTrigger(itemOf(json), { botId });
const update = (message: Record<string, unknown> = {}) => ({
	update_id: 5,
	message: {
		message_id: 7,
		from: { id: 42, is_bot: false, first_name: 'Amal', language_code: 'ar' },
		chat: { id: 42, type: 'private', first_name: 'Amal' },
		date: NOW / 1000,
		text: 'مرحبا 🙏',
		...message,
	},
});

describe('an item of Telegram Trigger', () => {
	it('opens for the contact that Conversation Opened knows', () => {
		const { channel, account, contact, message } = openingIn(mapTelegram(update()));
		const [direct] = telegram.parse(requestOf(update()), { botToken: `${BOT}:secret` }).messages;
		expect({ channel, account }).toEqual({ channel: 'telegram', account: BOT });
		expect(contact).toMatchObject({
			identities: [{ channel: 'telegram', account: BOT, id: '42' }],
			name: 'Amal',
			language: 'ar',
		});
		expect(contact.identities).toEqual(direct?.contact.identities);
		expect(message).toEqual({
			...{ id: direct?.id, type: 'text', text: 'مرحبا 🙏', attachments: [], sentAt: NOW },
		});
	});

	it('takes the number of the bot, also out of its token, and nothing else', () => {
		for (const botId of [BOT, Number(BOT), ` ${BOT} `, `${BOT}:AAF-secret`]) {
			expect(openingIn(mapTelegram(update(), botId)).account).toBe(BOT);
		}
		for (const botId of ['', null, 'my_bot', '5x', {}]) {
			expect(mapTelegram(update(), botId)).toEqual(refused("'Bot ID' is not a number", 'token'));
		}
	});

	it('ignores what opens nothing, with the reason', () => {
		const { message } = update();
		const group = { chat: { id: -5, type: 'group', title: 'Friends' } };
		expect(mapTelegram(update(group))).toEqual(ignored(/in a group/));
		expect(mapTelegram({ update_id: 5, edited_message: { ...message, edit_date: 5 } })).toEqual(
			ignored(/changed an earlier message/),
		);
		expect(mapTelegram({ update_id: 5 })).toEqual(ignored(/empty/));
		expect(mapTelegram({ update_id: 5, poll: {} })).toEqual(ignored(/poll/));
		const member = { chat: message.chat, from: message.from, date: 5 };
		const kicked = { ...member, new_chat_member: { status: 'kicked' } };
		expect(mapTelegram({ update_id: 5, my_chat_member: kicked })).toEqual(
			ignored(/what changed about the contact/),
		);
	});

	it('is not disturbed by what a flow added to the item', () => {
		expect(openingIn(mapTelegram({ ...update(), note: 'mine' })).account).toBe(BOT);
	});

	it('refuses another item', () => {
		expect(mapTelegram({ message: { text: 'x' } })).toEqual(
			refused('no update of Telegram', 'behind a Telegram Trigger'),
		);
	});
});

test('any item is read, ignored or refused', () => {
	const good = fc.constantFrom<Record<string, unknown>>(
		update(),
		change({ messages: [text('w-1', '12025550143', 'Hi')] }),
	);
	const keys = fc.constantFrom('message', 'messages', 'metadata', 'contacts', 'field', 'update_id');
	fc.assert(
		fc.property(good, keys, fc.jsonValue(), (json, key, value) => {
			expectSoundMapping(mapTelegram({ ...json, [key]: value }));
			expectSoundMapping(mapWhatsApp({ ...json, [key]: value }));
		}),
	);
});

/** Different messages among the openings, as a channel counts them. */
const different = (mapped: ReturnType<typeof mapWhatsApp>) =>
	new Set(mapped.flatMap((each) => ('opening' in each ? [each.opening.message?.id] : []))).size;

const changesIn = (body: unknown) => {
	const { entry } = body as {
		entry: Array<{ changes: Array<{ field: string; value: object }> }>;
	};
	return entry.flatMap(({ changes }) =>
		changes.map(({ field, value }): Record<string, unknown> => ({ ...value, field })),
	);
};

const bodies = { whatsapp: samples('whatsapp'), telegram: samples('telegram') };
if (bodies.whatsapp.length > 0) {
	describe('sample bodies of WhatsApp, as items', () => {
		it.each(bodies.whatsapp)('$file', ({ file, json }) => {
			const mapped = changesIn(json).flatMap(mapWhatsApp);
			expectSoundMapping(mapped);
			expect(different(mapped)).toBe(whatsappOpens[file]);
		});
	});

	describe('sample bodies of Telegram, as items', () => {
		it.each(bodies.telegram)('$file', ({ file, json }) => {
			const mapped = mapTelegram(json);
			expectSoundMapping(mapped);
			expect(different(mapped)).toBe(telegramOpens[file]);
		});
	});
}

describe('our own bodies of WhatsApp, as items', () => {
	it.each(readFixtures('whatsapp'))('$name', ({ body }) => {
		const direct = whatsapp
			.parse(requestOf(body), {})
			.messages.filter(
				({ kind, group, occasion, neverOpens }) =>
					kind === 'message' && group === undefined && occasion === undefined && !neverOpens,
			);
		const { entry } = body as { entry?: unknown };
		const changes = [entry].flat().flatMap((each) => {
			const list = (each as { changes?: unknown } | null)?.changes;
			return Array.isArray(list) ? (list as unknown[]) : [];
		});
		const items = changes.flatMap((each) => {
			const { field, value } = (each ?? {}) as { field?: unknown; value?: unknown };
			return typeof value === 'object' && value !== null ? [{ ...value, field }] : [];
		});
		const mapped = items.flatMap(mapWhatsApp);
		expect(mapped.flatMap((each) => ('opening' in each ? [each.opening.message?.id] : []))).toEqual(
			direct.map(({ id }) => id),
		);
	});
});
