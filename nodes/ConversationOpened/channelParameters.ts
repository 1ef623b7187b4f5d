import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';
import { WITH_ACCOUNT } from './settings';

/** Channels as the operator chooses among them, in alphabetical order. */
export const channelOptions: INodePropertyOptions[] = [
	{ name: 'Chatwoot', value: 'chatwoot', description: 'Inboxes of a Chatwoot account' },
	{
		name: 'Evolution API',
		value: 'evolution',
		description: 'WhatsApp through a gateway of your own',
	},
	{ name: 'Instagram', value: 'instagram', description: 'Direct messages, directly from Meta' },
	{ name: 'LINE', value: 'line', description: 'LINE Official Account' },
	{ name: 'Messenger', value: 'messenger', description: 'Facebook pages, directly from Meta' },
	{
		name: 'Plain Webhook',
		value: 'plainWebhook',
		description: 'Any system that can post JSON; anyone who knows the URL can write',
	},
	{ name: 'respond.io', value: 'respondio', description: 'Channels of a respond.io workspace' },
	{
		name: 'Signed Webhook',
		value: 'signedWebhook',
		description: 'Any system that signs what it posts',
	},
	{ name: 'Telegram', value: 'telegram', description: 'A Telegram bot' },
	{ name: 'Twilio', value: 'twilio', description: 'SMS, MMS and WhatsApp through Twilio' },
	{ name: 'Viber', value: 'viber', description: 'A Viber bot' },
	{ name: 'WAHA', value: 'waha', description: 'WhatsApp through a gateway of your own' },
	{
		name: 'WhatsApp Cloud API',
		value: 'whatsapp',
		description: 'WhatsApp Business, directly from Meta',
	},
];

/** Those whose provider can be told where to post. */
const registering = ['chatwoot', 'evolution', 'line', 'respondio', 'telegram', 'viber', 'waha'];

/** What has to be done at the provider, where the operator reads it while choosing. */
const notices: Record<string, string> = {
	chatwoot:
		"Publishing adds a webhook to the Chatwoot account, unpublishing removes it. The access token must be an administrator's. Switch 'Enable auto assignment' off in the inboxes, or both sides assign. By hand: Settings > Integrations > Webhooks, with the events message created, message updated, conversation created, status changed and updated.",
	evolution:
		"Publishing sets the webhook of the instance and replaces the one that is there, since there is room for one; unpublishing switches it off. By hand, something has to prove who posts: see the channel's documentation.",
	instagram:
		"Publish the workflow first. Then, where Meta's app dashboard configures the webhooks of Instagram, enter this node's production URL as callback URL and the credential's verify token, and subscribe to 'messages' and 'messaging_postbacks'. If the credential has an access token, publishing also subscribes the account to the app.",
	line: "Publishing registers the webhook URL of the channel and replaces the one that is there. In the LINE Developers Console 'Use webhook' must be on. LINE cannot remove the URL again: after unpublishing, turn 'Use webhook' off there.",
	messenger:
		"Publish the workflow first. Then, in Meta's app dashboard under Messenger API Settings > Configure webhooks, enter this node's production URL as callback URL and the credential's verify token, and subscribe to 'messages' and 'messaging_postbacks'. If the credential has a page access token, publishing also subscribes the page to the app.",
	respondio:
		'Publishing subscribes to the events of the respond.io workspace, unpublishing ends it. Switch off workflows in respond.io that assign or close. By hand: Settings > Integrations > Webhooks, one for each event, and their signing keys in the credential.',
	telegram:
		'Publishing sets the webhook of the bot, unpublishing removes it. A bot has room for one address: no other program can receive with it at the same time.',
	twilio:
		"In the Twilio Console, enter this node's production URL at the number, the Messaging Service or the WhatsApp sender, where it asks what to do when a message comes in, with HTTP POST. Twilio signs the address: it must be exactly the same, or stand in the credential as 'Webhook URL'. Enter it as status callback URL, too, to hear of messages that were not delivered.",
	viber:
		'Publishing sets the webhook of the bot and replaces the one that is there; unpublishing removes it. Viber needs a public address whose certificate is not self-signed.',
	waha: 'Publishing adds a webhook to the session, unpublishing removes it. WAHA restarts the session each time: for some seconds it neither sends nor receives.',
	whatsapp:
		"Publish the workflow first: Meta calls the URL at once. Then, in Meta's app dashboard under WhatsApp > Configuration, enter this node's production URL as callback URL and the credential's verify token, and subscribe to the field 'messages'.",
};

export const channelParameters: INodeProperties[] = [
	{
		displayName: 'Channel',
		name: 'channel',
		type: 'options',
		noDataExpression: true,
		options: channelOptions,
		default: 'whatsapp',
		description: 'Where the customers write',
	},
	...Object.entries(notices).map(([channel, displayName]): INodeProperties => ({
		displayName,
		name: `${channel}Notice`,
		type: 'notice',
		default: '',
		displayOptions: { show: { channel: [channel] } },
	})),
	{
		displayName:
			'Post a contact and a message as JSON to the URL of this node, or an array of them. Each needs an ID of its own; a message that is known already is not counted twice. <a href="https://github.com/inbound-conversations/n8n-nodes-inbound-conversations#webhooks-of-your-own">See the form of the body</a>.',
		name: 'bodyNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { channel: WITH_ACCOUNT } },
	},
	{
		displayName: 'Account',
		name: 'account',
		type: 'string',
		default: 'default',
		required: true,
		placeholder: 'e.g. webshop',
		displayOptions: { show: { channel: WITH_ACCOUNT } },
		description:
			'Name of the system that posts here. Contact IDs are unique within an account; triggers that name the same account get the same conversations.',
	},
	{
		displayName: 'Webhook Setup',
		name: 'webhookSetup',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Automatic',
				value: 'automatic',
				description: 'Publishing registers the URL at the provider, unpublishing removes it',
			},
			{
				name: 'By Hand',
				value: 'manual',
				description: "You paste this node's production URL at the provider yourself",
			},
		],
		default: 'automatic',
		displayOptions: { show: { channel: registering } },
		description: 'How the provider learns where to post',
	},
];
