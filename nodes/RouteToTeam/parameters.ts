import type { INodeProperties } from 'n8n-workflow';
import { conversationParameters, teamParameter } from '../descriptions/common';

const only = (...types: string[]) => ({ show: { type: types } });

const condition: INodeProperties[] = [
	{
		displayName: 'When',
		name: 'type',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Always', value: 'always', description: 'Every conversation' },
			{ name: 'Channel Is', value: 'channel' },
			{ name: 'Contact Has Tag', value: 'tag' },
			{ name: 'Contact Is', value: 'contactIs', description: 'New or returning' },
			{ name: 'Country Is', value: 'country' },
			{ name: 'Language Is', value: 'language' },
			{
				name: 'Message Mentions',
				value: 'mentions',
				description: 'Words or phrases in any language',
			},
		],
		default: 'mentions',
	},
	{
		displayName: 'Channels',
		name: 'channels',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. whatsapp, plainWebhook',
		displayOptions: only('channel'),
		description: 'Any of these, separated by commas, as conversation.channel names them',
	},
	{
		displayName: 'Tags',
		name: 'tags',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. vip',
		displayOptions: only('tag'),
		description: 'Any of these, separated by commas',
	},
	{
		displayName: 'Contact',
		name: 'contactIs',
		type: 'options',
		options: [
			{ name: 'New', value: 'new', description: 'It is the first conversation of the contact' },
			{
				name: 'Returning',
				value: 'returning',
				description: 'The contact had conversations before',
			},
		],
		default: 'returning',
		displayOptions: only('contactIs'),
	},
	{
		displayName: 'Countries',
		name: 'countries',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. EG, SA',
		displayOptions: only('country'),
		description: 'Any of these two-letter codes, separated by commas',
	},
	{
		displayName: 'Languages',
		name: 'languages',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. ar, en',
		displayOptions: only('language'),
		description: 'Any of these language codes, separated by commas',
	},
	{
		displayName: 'Words or Phrases',
		name: 'keywords',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. invoice, refund, فاتورة',
		displayOptions: only('mentions'),
		description:
			'Any of these whole words or phrases, separated by commas. Case, accents and Arabic letter forms do not matter.',
	},
];

/** Rules from top to bottom: the first that matches decides. */
export const parameters: INodeProperties[] = [
	...conversationParameters,
	{
		displayName: 'Rules',
		name: 'rules',
		type: 'fixedCollection',
		placeholder: 'Add rule',
		typeOptions: { multipleValues: true, sortable: true },
		default: {},
		description: 'Looked at from top to bottom; the first that matches decides',
		options: [
			{
				displayName: 'Rule',
				name: 'values',
				values: [
					{
						displayName: 'Conditions',
						name: 'conditions',
						type: 'fixedCollection',
						placeholder: 'Add condition',
						typeOptions: { multipleValues: true },
						default: { values: [{}] },
						options: [{ displayName: 'Condition', name: 'values', values: condition }],
					},
					{
						displayName: 'Match',
						name: 'match',
						type: 'options',
						options: [
							{ name: 'All Conditions', value: 'all' },
							{ name: 'Any Condition', value: 'any' },
						],
						default: 'all',
						description: 'How many of the conditions must hold',
					},
					{
						displayName: 'Rule Name',
						name: 'name',
						type: 'string',
						default: '',
						placeholder: 'e.g. Billing questions',
						description: 'What the explanation calls this rule',
					},
					teamParameter({ required: true, description: 'The team that gets the conversation' }),
				],
			},
		],
	},
	teamParameter({
		displayName: 'Fallback Team',
		name: 'fallbackTeam',
		description:
			"Gets conversations that no rule matches. When empty, they leave by the output 'Unrouted'.",
	}),
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Dry Run',
				name: 'dryRun',
				type: 'boolean',
				default: false,
				description: 'Whether to decide and explain only, without routing the conversation',
			},
		],
	},
];
