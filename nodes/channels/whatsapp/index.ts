import type { Channel } from '../channel';
import { graphRetryAfter } from '../meta/graph';
import { metaWebhook } from '../meta/webhook';
import { parseBody } from './parse';
import { sending } from './send';

/**
 * WhatsApp Cloud API, as Meta's "messages webhook reference" and "smb_message_echoes webhook
 * reference" describe it (2026), and the Messages and Media APIs for what is sent.
 *
 * Settings: `appSecret` (several, separated by commas or new lines, while one is replaced),
 * `verifyToken`, and for sending `accessToken`, `phoneNumberId` and `baseUrl`. One Meta app sends
 * the messages of all its numbers to one URL, so each message says its number itself (`account`).
 */
export const whatsapp: Channel = {
	key: 'whatsapp',
	displayName: 'WhatsApp Cloud API',
	credentialType: 'conversationWhatsAppApi',

	...metaWebhook('phoneNumberId'),

	parse: parseBody,

	sending,

	retryAfter: graphRetryAfter,
};
