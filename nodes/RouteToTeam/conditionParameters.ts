import type { INodeProperties } from 'n8n-workflow';
import { teamParameter } from '../descriptions/common';
import { receivingChannels } from '../descriptions/receivingChannels';

const only = (...types: string[]) => ({ show: { type: types } });

/** Operators of a field that compare it with nothing. */
const ALONE = ['isEmpty', 'isNotEmpty'];

/** One condition of a rule: of which kind it is, and what it looks for. */
export const conditionParameters: INodeProperties[] = [
	{
		displayName: 'When',
		name: 'type',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Ad or Link', value: 'ad', description: 'By which ad or link the contact came' },
			{ name: 'Always', value: 'always', description: 'Every conversation' },
			{
				name: 'Business Hours',
				value: 'hours',
				description: 'Whether a team works at this moment',
			},
			{ name: 'Channel Is', value: 'channel' },
			{ name: 'Contact Field', value: 'field', description: 'What is saved of the contact' },
			{ name: 'Contact Has Tag', value: 'tag' },
			{ name: 'Contact Is', value: 'contactIs', description: 'New or returning' },
			{ name: 'Country Is', value: 'country' },
			{
				name: 'Custom Condition',
				value: 'custom',
				description: 'Anything in the incoming item, compared as in the Filter node',
			},
			{
				name: 'Intent Is',
				value: 'intent',
				description: 'Why the contact writes, as Enrich Contact found it',
			},
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
		displayName: 'Ad or Link',
		name: 'adBy',
		type: 'options',
		options: [
			{ name: 'Any', value: 'any', description: 'Whatever ad or link led here' },
			{
				name: 'With These IDs',
				value: 'id',
				description: 'The ID of the ad, or the word that a link carries (ref)',
			},
			{
				name: 'With These Words',
				value: 'words',
				description: 'In its headline, text or address',
			},
		],
		default: 'any',
		displayOptions: only('ad'),
	},
	{
		displayName: 'IDs or Words',
		name: 'adValues',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. 120210000000000001, summer-sale',
		displayOptions: { show: { type: ['ad'], adBy: ['id', 'words'] } },
		description: 'Any of these, separated by commas',
	},
	{
		displayName: 'Channels',
		name: 'channelNames',
		type: 'multiOptions',
		options: receivingChannels,
		default: [],
		displayOptions: only('channel'),
		description: 'Any of these',
	},
	{
		displayName: 'Other Channels',
		name: 'channels',
		type: 'string',
		default: '',
		placeholder: 'e.g. slack, helpdesk',
		displayOptions: only('channel'),
		description:
			'Also any of these, separated by commas, as Open Conversation names them in conversation.channel',
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
		displayName: 'Custom Condition',
		name: 'filter',
		type: 'filter',
		default: {},
		typeOptions: {
			filter: {
				caseSensitive: '={{ $parameter["options"]?.matchExactly === true }}',
				typeValidation: '={{ $parameter["options"]?.convertTypes === false ? "strict" : "loose" }}',
				version: 2,
			},
		},
		displayOptions: only('custom'),
	},
	{
		displayName: 'Field',
		name: 'field',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. plan',
		displayOptions: only('field'),
		description:
			'The name of a field that was saved, or one of name, phone, email, language, country and timezone',
	},
	{
		displayName: 'Comparison',
		name: 'operator',
		type: 'options',
		options: [
			{ name: 'Contains', value: 'contains' },
			{ name: 'Does Not Contain', value: 'doesNotContain' },
			{
				name: 'Greater Than',
				value: 'greaterThan',
				description: 'Numbers by their size; dates like 2026-12-31 by which is later',
			},
			{ name: 'Is', value: 'is' },
			{ name: 'Is Any Of', value: 'isAnyOf', description: 'One of several, separated by commas' },
			{ name: 'Is Empty', value: 'isEmpty' },
			{ name: 'Is Not', value: 'isNot' },
			{ name: 'Is Not Empty', value: 'isNotEmpty' },
			{
				name: 'Less Than',
				value: 'lessThan',
				description: 'Numbers by their size; dates like 2026-12-31 by which is earlier',
			},
		],
		default: 'is',
		displayOptions: only('field'),
	},
	{
		displayName: 'Value',
		name: 'value',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. gold',
		displayOptions: { show: { type: ['field'] }, hide: { operator: ALONE } },
		description: 'What the field is compared with',
	},
	{
		displayName: 'Hours',
		name: 'hours',
		type: 'options',
		options: [
			{ name: 'Inside', value: 'inside', description: 'The team works at this moment' },
			{ name: 'Outside', value: 'outside', description: 'The team is closed at this moment' },
		],
		default: 'outside',
		displayOptions: only('hours'),
	},
	teamParameter({
		displayName: 'Hours Of',
		name: 'hoursTeam',
		displayOptions: only('hours'),
		description: "The team whose business hours count; the rule's own team when empty",
	}),
	{
		displayName: 'Intents',
		name: 'intents',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. refund, order status',
		displayOptions: only('intent'),
		description: 'Any of these, separated by commas, as Enrich Contact names them',
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
			"Any of these whole words or phrases, separated by commas. An asterisk stands for the rest of a word, as in invoic*. Case, accents and Arabic letter forms do not matter, unless the option 'Match Exactly' is on.",
	},
	{
		displayName: 'Negate',
		name: 'not',
		type: 'boolean',
		default: false,
		displayOptions: only('mentions', 'intent', 'language', 'country', 'channel', 'tag', 'ad'),
		description:
			'Whether the opposite must hold: is none of these, mentions none of these. What is unknown is none of them.',
	},
];
