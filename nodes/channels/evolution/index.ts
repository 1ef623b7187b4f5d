import type { Channel } from '../channel';
import { textOf } from '../fields';
import { secretsOf } from '../signatures';
import { accountFor } from '../whatsappWeb/account';
import { strongKeyOf } from '../whatsappWeb/values';
import { parseEvolution } from './parse';
import { registration } from './registration';
import { sending } from './send';
import { verifyEvolution } from './verify';

/** Evolution passes on what the phone received while it was offline, and after it was linked anew. */
const STALE_AFTER = 24 * 60 * 60 * 1000;

/**
 * Evolution API 1 and 2 (`evolution-foundation/evolution-api`), a gateway to WhatsApp Web.
 *
 * Settings: `baseUrl`, `apiKey`, `instanceName`, `accountName`, and, where the webhook is set by hand,
 * `webhookSecret` and `jwtSecret` (several, separated by commas or new lines, while one is replaced).
 */
export const evolution: Channel = {
	key: 'evolution',
	displayName: 'Evolution API',
	credentialType: 'conversationEvolutionApi',

	missingSettings(settings) {
		const typed = [settings.webhookSecret, settings.jwtSecret].flatMap(secretsOf);
		if (typed.length > 0 || strongKeyOf(settings.apiKey) !== undefined) return [];
		// An API key that could be guessed proves nothing.
		return [textOf(settings.apiKey) === undefined ? 'API Key' : 'Webhook Secret'];
	},

	accounts(settings) {
		const account = accountFor(settings, textOf(settings.instanceName));
		return account === undefined ? [] : [account];
	},

	verify: verifyEvolution,

	parse: parseEvolution,

	staleAfter: STALE_AFTER,

	sending,

	registration,
};
