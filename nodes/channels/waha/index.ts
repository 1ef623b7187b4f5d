import type { Channel } from '../channel';
import { textOf } from '../fields';
import { accountFor } from '../whatsappWeb/account';
import { parseWaha } from './parse';
import { registration } from './registration';
import { sending, sessionOf } from './send';
import { keysOf, verifyWaha } from './verify';

/** WAHA passes on what the phone received while it was offline, and after it was linked anew. */
const STALE_AFTER = 24 * 60 * 60 * 1000;

/**
 * WAHA (`devlikeapro/waha`), a gateway to WhatsApp Web, with any of its engines.
 *
 * Settings: `baseUrl`, `apiKey`, `session`, `accountName`, and, where the webhook is set by hand, `hmacSecret`
 * (several, separated by commas or new lines, while one is replaced).
 */
export const waha: Channel = {
	key: 'waha',
	displayName: 'WAHA',
	credentialType: 'conversationWahaApi',

	missingSettings(settings) {
		if (keysOf(settings).length > 0) return [];
		// An API key that could be guessed proves nothing.
		return [textOf(settings.apiKey) === undefined ? 'API Key or HMAC Key' : 'HMAC Key'];
	},

	accounts: (settings) => [accountFor(settings, sessionOf(settings))],

	verify: verifyWaha,

	parse: parseWaha,

	staleAfter: STALE_AFTER,

	sending,

	registration,
};
