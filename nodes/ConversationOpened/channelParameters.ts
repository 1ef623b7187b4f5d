import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

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

/** Those that have no ID of the business in what they post. */
const withAccount = ['plainWebhook', 'signedWebhook'];

/** Those whose provider can be told where to post. */
const registering = ['chatwoot', 'evolution', 'line', 'respondio', 'telegram', 'viber', 'waha'];

/** What has to be done at the provider, where the operator reads it while choosing. */
const notices: Record<string, string> = {
	chatwoot:
		'Publishing adds a webhook to the Chatwoot account; unpublishing removes it. To do it by hand: Settings > Integrations > Webhooks, with the events message created, message updated, conversation created, status changed and updated.',
	evolution:
		"Publishing sets the webhook of the instance, which has room for one address; unpublishing switches it off. Old versions and the global webhook sign nothing: see the channel's documentation.",
	instagram:
		"In Meta's app dashboard open Webhooks > Instagram, paste this node's production URL as callback URL and the credential's verify token, and subscribe to the field 'messages' and 'messaging_postbacks'. Publish the workflow first: Meta calls the URL at once.",
	line: "Publishing sets the webhook URL of the channel. In the LINE Developers Console, 'Use webhook' must be on, and auto-reply messages off. LINE has no way to remove the URL again.",
	messenger:
		"In Meta's app dashboard open Webhooks > Page, paste this node's production URL as callback URL and the credential's verify token, and subscribe to 'messages' and 'messaging_postbacks'. Publishing connects the page to the app. Publish first: Meta calls the URL at once.",
	respondio:
		'Publishing subscribes this workflow to the events of the respond.io workspace; unpublishing ends it. By hand: Settings > Integrations > Webhooks, one for each event, and their signing keys in the credential.',
	telegram:
		'Publishing sets the webhook of the bot, unpublishing removes it. A bot has room for one address: no other program can use it at the same time.',
	twilio:
		"In the Twilio console open the number (or the Messaging Service, or the WhatsApp sender) and paste this node's production URL under 'A message comes in' as webhook, method POST. Paste it as the status callback URL, too, to hear of messages that could not be delivered.",
	viber:
		'Publishing sets the webhook of the bot, unpublishing removes it. Viber needs a public address with a certificate that is not self-signed.',
	waha: 'Publishing adds a webhook to the session, which restarts it for some seconds; unpublishing removes it.',
	whatsapp:
		"In Meta's app dashboard open WhatsApp > Configuration, paste this node's production URL as callback URL and the credential's verify token, and subscribe to the field 'messages'. Publish the workflow first: Meta calls the URL at once.",
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
		displayOptions: { show: { channel: withAccount } },
	},
	{
		displayName: 'Account',
		name: 'account',
		type: 'string',
		default: 'default',
		required: true,
		placeholder: 'e.g. webshop',
		displayOptions: { show: { channel: withAccount } },
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
