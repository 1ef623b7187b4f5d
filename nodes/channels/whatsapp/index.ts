import type { Channel } from '../channel';
import { textOf } from '../fields';
import { graphRetryAfter } from '../meta/graph';
import { answerMetaHandshake, verifyMetaSignature } from '../meta/webhook';
import { secretsOf } from '../signatures';
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

	missingSettings(settings) {
		const missing: string[] = [];
		if (secretsOf(settings.appSecret).length === 0) missing.push('App Secret');
		if (textOf(settings.verifyToken) === undefined) missing.push('Verify Token');
		return missing;
	},

	accounts(settings) {
		const number = textOf(settings.phoneNumberId);
		return number === undefined ? [] : [number];
	},

	handshake: (request, settings) => answerMetaHandshake(request, settings.verifyToken),

	verify: (request, settings) => verifyMetaSignature(request, settings.appSecret),

	parse: parseBody,

	sending,

	retryAfter: graphRetryAfter,
};
