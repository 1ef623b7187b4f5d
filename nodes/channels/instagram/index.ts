import type { Channel } from '../channel';
import type { ChannelTools } from '../http';
import { parseMessagingBody } from '../messaging/body';
import { INSTAGRAM } from '../messaging/product';
import { messagingSending } from '../messaging/send';
import { subscribe } from '../messaging/subscription';
import { graphRetryAfter, graphUrlOf } from '../meta/graph';
import { metaWebhook } from '../meta/webhook';
import type { MediaLimit, SendingLimits } from '../sending';

const MEGABYTE = 1024 * 1024;

/** Only by address: the upload of files is documented for one of the two ways to log in. */
const file: MediaLimit = { bytes: 25 * MEGABYTE, byUrl: 'any', upload: false };

/**
 * Instagram Messaging, "Send a message" (text: 1,000 bytes of UTF-8; files), "Quick replies" (plain
 * text only, so none under a file) and "Button template".
 */
const limits: SendingLimits = {
	text: 1000,
	unit: 'bytes',
	media: {
		image: { ...file, bytes: 8 * MEGABYTE, types: ['image/png', 'image/jpeg', 'image/gif'] },
		video: { ...file, types: ['video/*'] },
		audio: { ...file, types: ['audio/*'] },
		document: { ...file, types: ['application/pdf'] },
	},
	buttons: { most: 13, title: 20, id: 1000, links: true, withMedia: false },
	quotes: true,
};

/**
 * Instagram, by either way that Meta offers: the page that is linked to the account ("Instagram
 * Messaging", `graph.facebook.com`) or the account itself ("Instagram API with Instagram Login",
 * `graph.instagram.com`). Both send the same webhooks and take the same calls.
 *
 * Settings: `appSecret` (several, separated by commas or new lines: Instagram Login signs with the
 * Instagram app secret), `verifyToken`, and for sending `accessToken`, `accountId`, `humanAgent` and
 * `baseUrl`.
 */
export const instagram: Channel = {
	key: INSTAGRAM.channel,
	displayName: 'Instagram',
	credentialType: 'conversationInstagramApi',

	...metaWebhook('accountId'),

	parse: (request) => parseMessagingBody(request, INSTAGRAM),

	sending: messagingSending(INSTAGRAM, limits, 'Access Token'),

	activate,

	retryAfter: graphRetryAfter,
};

/**
 * Done once at activation and never undone. With a token of a page, `me` is the page: then any field
 * of the page will do, and the dashboard decides about the others. With a token of Instagram Login
 * `me` is the account, whose fields have names of their own.
 */
export function activate(tools: ChannelTools): Promise<string | undefined> {
	const isInstagramLogin = /^https?:\/\/graph\.instagram\.com\b/i.test(graphUrlOf(tools.settings));
	return subscribe(tools, {
		id: 'me',
		needed: ['messages', 'messaging_postbacks'],
		wished: isInstagramLogin
			? ['messaging_seen', 'messaging_referral', 'message_reactions', 'standby']
			: ['message_reactions', 'standby'],
		what: 'the Instagram account',
	});
}
