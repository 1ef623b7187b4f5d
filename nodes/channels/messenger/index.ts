import type { Channel } from '../channel';
import { textOf } from '../fields';
import type { ChannelTools } from '../http';
import { parseMessagingBody } from '../messaging/body';
import { MESSENGER } from '../messaging/product';
import { messagingSending } from '../messaging/send';
import { subscribe } from '../messaging/subscription';
import { graphRetryAfter } from '../meta/graph';
import { metaWebhook } from '../meta/webhook';
import type { MediaLimit, SendingLimits } from '../sending';

const MEGABYTE = 1024 * 1024;

/** Messenger Platform, "Saving assets": up to 25 MB; audio with a type of audio. */
const file: MediaLimit = { bytes: 25 * MEGABYTE, byUrl: 'any', upload: true };

/**
 * Messenger Platform, "Send API" (text), "Saving assets" (files) and "Quick replies" (buttons; a
 * payload has 1,000 characters).
 */
const limits: SendingLimits = {
	text: 2000,
	media: {
		// "8 MB max for URL uploads".
		image: { ...file, bytes: 8 * MEGABYTE, types: ['image/*'] },
		video: { ...file, types: ['video/*'] },
		audio: { ...file, types: ['audio/*'] },
		document: file,
	},
	buttons: { most: 13, title: 20, id: 1000, links: true, withMedia: true },
	quotes: true,
};

/**
 * Facebook Messenger, as Meta's "Messenger Platform" describes it (Graph API v25.0, 2026).
 *
 * Settings: `appSecret` (several, separated by commas or new lines, while one is replaced),
 * `verifyToken`, and for sending `accessToken` (of the page), `pageId`, `humanAgent` and `baseUrl`.
 * One Meta app sends the messages of all its pages to one URL, so each message says its page itself.
 */
export const messenger: Channel = {
	key: MESSENGER.channel,
	displayName: 'Messenger',
	credentialType: 'conversationMessengerApi',

	...metaWebhook('pageId'),

	parse: (request) => parseMessagingBody(request, MESSENGER),

	sending: messagingSending(MESSENGER, limits, 'Page Access Token'),

	activate,

	retryAfter: graphRetryAfter,
};

/** Done once at activation and never undone: lets the page send its messages to the app. */
export function activate(tools: ChannelTools): Promise<string | undefined> {
	return subscribe(tools, {
		id: encodeURIComponent(textOf(tools.settings.pageId) ?? 'me'),
		needed: ['messages', 'messaging_postbacks'],
		wished: [
			'messaging_referrals',
			'message_deliveries',
			'message_reads',
			'message_echoes',
			'message_reactions',
			'message_edits',
			'standby',
		],
		what: 'the page',
	});
}
