import type { Channel } from './channel';
import { accountOf, parseGenericBody } from './genericBody';

/**
 * For anything that can send a POST request: a form, a script, another workflow. Anybody who knows
 * the URL can write in anybody's name; Signed Webhook is for the open internet.
 *
 * Settings: `account`, a name for the sending system (default `default`).
 */
export const plainWebhook: Channel = {
	key: 'plainWebhook',
	displayName: 'Plain Webhook',

	missingSettings: () => [],

	accounts: (settings) => [accountOf(settings.account)],

	verify: () => ({ ok: true }),

	parse: (request, settings) =>
		parseGenericBody(request, 'plainWebhook', accountOf(settings.account)),
};
