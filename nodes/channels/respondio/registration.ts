import { isOk, type ChannelTools } from '../http';
import { errorOf } from '../platforms/answers';
import { addressWithToken } from '../platforms/token';
import type { Registration } from '../registration';
import { hmac } from '../signatures';
import { appUrlOf, ask } from './api';
import { tokenOf } from './verify';

/** Kinds of messages and sources that a subscription names one by one; none means none. */
const INCOMING = [
	'text',
	'attachment',
	'story_reply',
	'location',
	'email',
	'unsupported',
	'whatsapp_interactive',
	'post',
	'whatsapp_order',
];
const OUTGOING = [
	'text',
	'attachment',
	'quick_reply',
	'custom_payload',
	'whatsapp_template',
	'location',
	'email',
	'card',
	'rating',
	'whatsapp_interactive',
	'facebook_template',
];
const WRITERS = ['user', 'workflow', 'api', 'zapier', 'bot', 'echo', 'make', 'n8n', 'ai_agent'];
const OPENERS = [
	'user',
	'contact',
	'workflow',
	'api',
	'zapier',
	'make',
	'ctc_ads',
	'growth_widget',
];
const CLOSERS = [
	'user',
	'workflow',
	'api',
	'zapier',
	'bot',
	'make',
	'n8n',
	'ai_agent',
	'auto_close',
];

/** The subscriptions that `parse` reads, as respond.io's nodes for n8n (1.12) make them. */
const SUBSCRIPTIONS: Record<string, Record<string, string[]>> = {
	newIncomingMessage: { messageType: INCOMING },
	newOutgoingMessage: { messageType: OUTGOING, source: WRITERS },
	conversationOpened: { source: OPENERS },
	conversationClosed: { source: CLOSERS },
	contactAssigneeUpdated: {},
};

const NO_SUBSCRIPTION = {
	message: 'respond.io does not take the subscription',
	hint: 'Look at the App URL in the credential. Or add the webhooks by hand in respond.io under Settings, Integrations, Webhooks, and enter their keys in the credential.',
};

/**
 * The interface behind respond.io's own trigger for n8n. A subscription is known by an ID that its
 * maker chooses; ours follows from the address and the kind, so that it is found again. There is no
 * list of subscriptions.
 */
export const registration = {
	exclusive: false,

	address: (url, settings) => addressWithToken(url, tokenOf(settings)),

	/** @param address the address in question; without it nothing can be asked for */
	async current(tools: ChannelTools, address?: string): Promise<string[]> {
		if (address === undefined) return [];
		for (const type of Object.keys(SUBSCRIPTIONS)) {
			if (!(await isSubscribed(hookIdOf(address, type), tools))) return [];
		}
		return [address];
	},

	async set(address, tools) {
		for (const [type, bundle] of Object.entries(SUBSCRIPTIONS)) {
			const hookId = hookIdOf(address, type);
			if (await isSubscribed(hookId, tools)) continue;
			await ask(
				tools,
				{
					method: 'POST',
					url: `${integrationUrl(tools)}/subscribe`,
					json: {
						webHookName: `Conversation Opened - ${type}`,
						type,
						url: address,
						hookId,
						bundle,
					},
					repeatable: true,
				},
				{ missing: NO_SUBSCRIPTION },
			);
		}
	},

	async remove(address, tools) {
		for (const type of Object.keys(SUBSCRIPTIONS)) {
			const answer = await tools.call({
				method: 'DELETE',
				url: `${integrationUrl(tools)}/unsubscribe/${hookIdOf(address, type)}`,
				query: { hookUrl: address },
			});
			if (!isOk(answer) && answer.status !== 404) {
				throw errorOf(answer, {
					platform: 'respond.io',
					newToken: 'Enter an access token in the credential that respond.io accepts.',
					missing: NO_SUBSCRIPTION,
				});
			}
		}
	},
} satisfies Registration;

const integrationUrl = (tools: ChannelTools) => `${appUrlOf(tools.settings)}/integration/n8n-api`;

/** In the form of the IDs that n8n makes. Another word here loses what is registered. */
function hookIdOf(address: string, type: string): string {
	const hex = hmac('sha256', 'n8n-nodes-inbound-conversations hook', `${type} ${address}`)
		.toString('hex')
		.slice(0, 32);
	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What is not there is answered with 404, or with 200 and a page that says so. */
async function isSubscribed(hookId: string, tools: ChannelTools): Promise<boolean> {
	const answer = await tools.call({
		method: 'GET',
		url: `${integrationUrl(tools)}/webhook/${hookId}`,
	});
	return isOk(answer) && typeof answer.body === 'object' && answer.body !== null;
}
