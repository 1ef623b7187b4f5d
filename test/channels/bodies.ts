import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Channel, ChannelSettings } from '../../nodes/channels/channel';

const FIXTURES = path.join(__dirname, 'fixtures');

/** A collection beside the repository; tests use it where it lies there, and pass without it. */
const SAMPLES = path.join(__dirname, '..', '..', '..', 'shared', 'payloads');

/** What parsing asks of the credential. */
const SETTINGS: Record<string, ChannelSettings> = {
	telegram: { botToken: '987654321:AAtest' },
	viber: { authToken: 'viber-token' },
	waha: { baseUrl: 'https://waha.example.com', session: 'default' },
	evolution: { baseUrl: 'https://evolution.example.com', instance: 'sales' },
	chatwoot: { baseUrl: 'https://chatwoot.example.com', accountId: '1' },
	plainWebhook: { account: 'webshop' },
	signedWebhook: { account: 'webshop' },
};

export const settingsFor = (channel: Channel): ChannelSettings => SETTINGS[channel.key] ?? {};

const GENERIC_BODY = {
	contact: {
		id: '42',
		name: 'سارة',
		phone: '+966500000001',
		email: 's@example.com',
		language: 'ar',
	},
	message: {
		id: 'm-1',
		text: 'مرحبا',
		type: 'image',
		attachments: [{ type: 'image', url: 'https://example.com/1.png', details: { width: 1 } }],
		sentAt: '2026-01-01T10:00:00Z',
	},
};

/** A body as its provider sends it: JSON, or the text of a form. */
export interface Body {
	name: string;
	body: unknown;
}

/** All bodies of a channel that there are: our own, and those of the collection. */
export function bodiesOf({ key }: Channel): Body[] {
	if (key === 'plainWebhook' || key === 'signedWebhook') {
		return [
			{ name: 'one', body: GENERIC_BODY },
			{ name: 'two', body: [GENERIC_BODY, { ...GENERIC_BODY, message: { id: 'm-2', text: 'x' } }] },
		];
	}
	return [...inFolder(path.join(FIXTURES, key)), ...inFolder(path.join(SAMPLES, key))];
}

function inFolder(folder: string): Body[] {
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter((file) => file.endsWith('.json') && !file.startsWith('hmac'))
		.map((file) => {
			const read = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Record<
				string,
				unknown
			>;
			// Fixtures say what is expected besides; forms stand beside their text.
			const body = 'expect' in read ? read.body : (read.raw ?? read);
			return { name: file, body };
		});
}
