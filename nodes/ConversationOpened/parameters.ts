import type { INodeProperties } from 'n8n-workflow';
import { teamParameter } from '../descriptions/common';

const withAccount = ['plainWebhook', 'signedWebhook'];

/** What the trigger asks for: the channel, who opens, and what happens when the flow ends badly. */
export const parameters: INodeProperties[] = [
	{
		displayName: 'Channel',
		name: 'channel',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Plain Webhook',
				value: 'plainWebhook',
				description: 'Any system that can post JSON; anyone who knows the URL can write',
			},
			{
				name: 'Signed Webhook',
				value: 'signedWebhook',
				description: 'Any system that signs what it posts by the Standard Webhooks specification',
			},
			{
				name: 'WhatsApp Cloud API',
				value: 'whatsapp',
				description: 'WhatsApp Business, directly from Meta',
			},
		],
		default: 'whatsapp',
		description: 'Where the customers write',
	},
	{
		displayName:
			"In Meta's app dashboard open WhatsApp > Configuration, paste this node's production URL as callback URL and the credential's verify token, and subscribe to the field 'messages'. Publish the workflow first: Meta calls the URL at once.",
		name: 'whatsappNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { channel: ['whatsapp'] } },
	},
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
		displayName: 'Source',
		name: 'sources',
		type: 'multiOptions',
		options: [
			{ name: 'API', value: 'api', description: 'Another system opened it' },
			{
				name: 'Click-to-Chat Ad',
				value: 'ctc_ads',
				description: 'The contact wrote first, from an ad',
			},
			{ name: 'Contact', value: 'contact', description: 'The contact wrote first' },
			{ name: 'User', value: 'user', description: 'A person of your team opened it' },
			{ name: 'Workflow', value: 'workflow', description: 'A workflow opened it' },
		],
		default: ['contact', 'ctc_ads'],
		required: true,
		description:
			'Who opened the conversation. The default runs the flow for inbound conversations.',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Contact Is',
				name: 'contactIs',
				type: 'options',
				options: [
					{ name: 'New', value: 'new', description: 'It is the first conversation of the contact' },
					{ name: 'New or Returning', value: 'any' },
					{ name: 'Returning', value: 'returning', description: 'The contact wrote before' },
				],
				default: 'any',
				description: 'Runs the flow only for these contacts',
			},
			{
				displayName: 'Executions at a Time',
				name: 'inFlightLimit',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 500 },
				default: 20,
				description:
					'How many executions of this flow may run at once. More conversations wait in the store; the channel gets its answer at once.',
			},
			teamParameter({
				displayName: 'Fallback Team',
				name: 'fallbackTeam',
				description:
					"Whose queue takes the conversation if the flow ends badly. When empty: the routed team's queue, or everybody's.",
			}),
			{
				displayName: 'If the Flow Ends Badly',
				name: 'badEnd',
				type: 'options',
				options: [
					{
						name: 'Flag the Conversation',
						value: 'flag',
						description: 'A person has to look at it',
					},
					{
						name: "Put in the Fallback Team's Queue",
						value: 'queue',
						description: 'The next free agent gets it',
					},
					{
						name: 'Run Again',
						value: 'retry',
						description: "Then, if it still fails, the fallback team's queue",
					},
				],
				default: 'queue',
				description:
					'What happens to a conversation whose flow failed, crashed, or ended without agent, queue or close',
			},
			{
				displayName: 'Include Raw Body',
				name: 'includeRaw',
				type: 'boolean',
				default: false,
				description:
					"Whether to keep the channel's own message object and to give it as message.raw",
			},
			{
				displayName: 'Message Mentions',
				name: 'keywords',
				type: 'string',
				default: '',
				placeholder: 'e.g. invoice, refund, فاتورة',
				description:
					'Runs the flow only if the first message mentions one of these words or phrases, separated by commas',
			},
			{
				displayName: 'Once per Contact',
				name: 'oncePerContact',
				type: 'boolean',
				default: false,
				description: "Whether to run the flow only for a contact's first conversation",
			},
			{
				displayName: 'Open for Group Messages',
				name: 'groups',
				type: 'boolean',
				default: false,
				description: 'Whether messages in groups open conversations',
			},
			{
				displayName: 'Open for Reactions',
				name: 'reactions',
				type: 'boolean',
				default: false,
				description: 'Whether an emoji on an earlier message opens a conversation',
			},
			{
				displayName: 'Retries',
				name: 'retries',
				type: 'number',
				typeOptions: { minValue: 1, maxValue: 10 },
				default: 2,
				description:
					"How often to run again. Only used when 'If the Flow Ends Badly' is 'Run Again'.",
			},
		],
	},
];
