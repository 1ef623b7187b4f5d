import { ChannelError } from '../errors';
import { fieldsOf, listOf, textOf, type Fields } from '../fields';
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

	async current(tools, address) {
		const info = await registered(tools);
		if (info.url === undefined) return [];
		if (info.url === address && !isReady(info, address, tools)) return [];
		if (address !== undefined && isForeign(info.url, address)) foreign.set(keyOf(tools), info);
		return [info.url];
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
		const theirs = foreign.get(keyOf(tools));
		if (theirs?.url === address) {
			await write({ url: address, ...theirs.options }, tools);
			foreign.delete(keyOf(tools));
			return;
		}
		checkAddress(address, baseOf(tools.settings));
		await write(
			{
				url: address,
				secret_token: webhookSecret(token),
				allowed_updates: UPDATES,
				max_connections: CONNECTIONS,
			},
			tools,
		);
		own.set(keyOf(tools), address);
	},

	async remove(address, tools) {
		// Whoever registered another address since wants to keep it.
		if ((await registered(tools)).url !== address) return;
		// Updates that wait stay: they come to whatever is registered next.
		const url = methodUrl(tools.settings, 'deleteWebhook');
		resultOf(await tools.call({ method: 'POST', url, json: {}, repeatable: true }), 'unavailable');
	},
};

/** What `getWebhookInfo` says. The secret is not among it. */
interface Registered {
	url: string | undefined;
	/** What it would be set with again. Without a list Telegram sends its usual kinds. */
	options: { allowed_updates: unknown[]; max_connections?: number };
	lastError: string;
}

async function registered(tools: ChannelTools): Promise<Registered> {
	const url = methodUrl(tools.settings, 'getWebhookInfo');
	const info = fieldsOf(resultOf(await tools.call({ method: 'GET', url }), 'unavailable'));
	const most = info?.max_connections;
	return {
		url: textOf(info?.url),
		options: {
			allowed_updates: listOf(info?.allowed_updates),
			...(typeof most === 'number' ? { max_connections: most } : {}),
		},
		lastError: textOf(info?.last_error_message) ?? '',
	};
}

async function write(json: Fields, tools: ChannelTools): Promise<void> {
	const url = methodUrl(tools.settings, 'setWebhook');
	resultOf(await tools.call({ method: 'POST', url, json, repeatable: true }), 'unavailable');
}

/** The address that this process has registered, by bot. */
const own = new Map<string, string>();

/**
 * What another program had registered, by bot: a test run that takes its place puts it back as it was,
 * but for its secret, which Telegram tells nobody.
 */
const foreign = new Map<string, Registered>();

/** Of the token, so that a replaced one counts as another bot: its secret is another one too. */
const keyOf = ({ settings }: ChannelTools) =>
	`${baseOf(settings)} ${webhookSecret(tokenOf(settings) ?? '')}`;

/** Neither at the place of this n8n nor that of a webhook of any other: our secret says nothing there. */
function isForeign(url: string, address: string): boolean {
	const originOf = (value: string) => (URL.canParse(value) ? new URL(value).origin : value);
	return originOf(url) !== originOf(address) && !url.includes('/webhook');
}

/**
 * Whether all that is read comes to the address, with our secret. Another program may have registered
 * the same address in its own way: then its updates are refused, which Telegram remembers.
 */
function isReady(info: Registered, address: string, tools: ChannelTools): boolean {
	const { allowed_updates: kinds } = info.options;
	const isWhole = kinds.length === UPDATES.length && UPDATES.every((kind) => kinds.includes(kind));
	const isRefused = /\b403\b/.test(info.lastError) && own.get(keyOf(tools)) !== address;
	return isWhole && !isRefused;
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
