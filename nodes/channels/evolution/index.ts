import type { Channel } from '../channel';
import { textOf } from '../fields';
import { secretsOf } from '../signatures';
import { parseEvolution } from './parse';
import { registration } from './registration';
import { sending } from './send';
import { verifyEvolution } from './verify';

/** Evolution passes on what the phone received while it was offline, and after it was linked anew. */
const STALE_AFTER = 24 * 60 * 60 * 1000;

/**
 * Evolution API 1 and 2 (`evolution-foundation/evolution-api`), a gateway to WhatsApp Web.
 *
 * Settings: `baseUrl`, `apiKey`, `instanceName`, and, where the webhook is set by hand,
 * `webhookSecret` and `jwtSecret` (several, separated by commas or new lines, while one is replaced).
 */
export const evolution: Channel = {
	key: 'evolution',
	displayName: 'Evolution API',
	credentialType: 'conversationEvolutionApi',

	missingSettings(settings) {
		const proofs = [settings.apiKey, settings.webhookSecret, settings.jwtSecret];
		return proofs.every((proof) => secretsOf(proof).length === 0) ? ['API Key'] : [];
	},

	accounts(settings) {
		const instance = textOf(settings.instanceName);
		return instance === undefined ? [] : [instance];
	},

	verify: verifyEvolution,

	parse: parseEvolution,

	staleAfter: STALE_AFTER,

	sending,

	registration,
};
