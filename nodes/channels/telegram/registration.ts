import { ChannelError } from '../errors';
import { fieldsOf, textOf } from '../fields';
import type { ChannelTools } from '../http';
import type { Registration } from '../registration';
import { baseOf, methodUrl, TELEGRAM, tokenOf, webhookSecret } from './bot';
import { resultOf } from './failures';

/**
 * What Telegram is asked for. Reactions come only to those who ask, and to ask for one kind is to
 * ask for no other (Bot API, `setWebhook.allowed_updates`).
 */
export const UPDATES = [
	'message',
	'edited_message',
	'business_message',
	'edited_business_message',
	'deleted_business_messages',
	'callback_query',
	'message_reaction',
	'my_chat_member',
] as const;

/** How many updates Telegram may deliver at the same time; its own default. */
const CONNECTIONS = 40;

const PORTS = new Set(['', '443', '80', '88', '8443']);

/** A bot has one webhook (Bot API, `setWebhook`, `getWebhookInfo`, `deleteWebhook`). */
export const registration: Registration = {
	exclusive: true,

	// Telegram shows a secret in a header, so the address needs none.
	address: (url) => url,

	async current(tools) {
		const url = await registered(tools);
		return url === undefined ? [] : [url];
	},

	async set(address, tools) {
		const token = tokenOf(tools.settings);
		if (token === undefined) {
			throw new ChannelError(
				'unauthorized',
				'The credential has no Bot Token that can be used',
				'Enter the token that @BotFather shows under /mybots: digits, a colon, and letters',
			);
		}
		checkAddress(address, baseOf(tools.settings));
		const answer = await tools.call({
			method: 'POST',
			url: methodUrl(tools.settings, 'setWebhook'),
			json: {
				url: address,
				secret_token: webhookSecret(token),
				allowed_updates: UPDATES,
				max_connections: CONNECTIONS,
			},
			repeatable: true,
		});
		resultOf(answer, 'unavailable');
	},

	async remove(address, tools) {
		// Whoever registered another address since wants to keep it.
		if ((await registered(tools)) !== address) return;
		// Updates that wait stay: they come to whatever is registered next.
		const url = methodUrl(tools.settings, 'deleteWebhook');
		resultOf(await tools.call({ method: 'POST', url, json: {}, repeatable: true }), 'unavailable');
	},
};

async function registered(tools: ChannelTools): Promise<string | undefined> {
	const url = methodUrl(tools.settings, 'getWebhookInfo');
	const result = resultOf(await tools.call({ method: 'GET', url }), 'unavailable');
	return textOf(fieldsOf(result)?.url);
}

/**
 * What Telegram would refuse, said before it is asked. A Bot API server of one's own may post to
 * plain http and any port ("Using a Local Bot API Server"), so there it decides by itself.
 */
function checkAddress(address: string, base: string): void {
	const url = URL.canParse(address) ? new URL(address) : undefined;
	const isOwnServer = base !== TELEGRAM;
	const schemes = isOwnServer ? ['https:', 'http:'] : ['https:'];
	const hint =
		'Set N8N_WEBHOOK_URL of n8n to its public https address, behind a proxy on port 443, and publish the workflow again';
	if (!url || !schemes.includes(url.protocol)) {
		const message = `Telegram posts to https addresses only, and n8n's is ${url?.protocol ?? 'no address'}//${url?.host ?? ''}`;
		throw new ChannelError('rejected', url ? message : "n8n's address is none", hint);
	}
	if (!isOwnServer && !PORTS.has(url.port)) {
		const message = `Telegram posts to the ports 443, 80, 88 and 8443 only, and n8n's address has port ${url.port}`;
		throw new ChannelError('rejected', message, hint);
	}
}
