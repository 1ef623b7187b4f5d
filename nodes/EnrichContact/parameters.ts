import type { INodeProperties } from 'n8n-workflow';
import { conversationParameters } from '../descriptions/common';

/** Sources of knowledge about a contact, and where what they learn is saved. */
export const parameters: INodeProperties[] = [
	...conversationParameters,
	{
		displayName: 'Sources',
		name: 'sources',
		type: 'multiOptions',
		options: [
			{
				name: 'History',
				value: 'history',
				description: 'New or returning, last agent, last category, number of conversations',
			},
			{
				name: 'Language of the Message',
				value: 'language',
				description: 'Recognised from the text, in any script, also when it is short',
			},
			{
				name: 'Phone Number',
				value: 'phone',
				description: 'Country, time zone, kind of line, and the number well formatted',
			},
		],
		default: ['history', 'phone', 'language'],
		description: 'What to find out. A source that finds nothing never stops the flow.',
	},
	{
		displayName: 'Fields to Save',
		name: 'fields',
		type: 'assignmentCollection',
		default: {},
		description:
			'Values to keep with the contact. Use the names name, email, phone, language, country and timezone for what every contact has; other names become fields of your own.',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Add Tags',
				name: 'addTags',
				type: 'string',
				default: '',
				placeholder: 'e.g. vip, newsletter',
				description: 'Tags for the contact, separated by commas',
			},
			{
				displayName: 'Default Country',
				name: 'defaultCountry',
				type: 'string',
				default: '',
				placeholder: 'e.g. EG',
				description:
					'Two-letter code used to read phone numbers that were typed without a country code',
			},
			{
				displayName: 'Fields From Input',
				name: 'fieldsMode',
				type: 'options',
				options: [
					{
						name: 'Fill if Empty',
						value: 'fillIfEmpty',
						description: 'What the contact has already stays',
					},
					{
						name: 'Overwrite',
						value: 'overwrite',
						description: 'The new value replaces the old one',
					},
				],
				default: 'overwrite',
				description: "How 'Fields to Save' are written",
			},
			{
				displayName: 'Learned Values',
				name: 'learnedMode',
				type: 'options',
				options: [
					{
						name: 'Fill if Empty',
						value: 'fillIfEmpty',
						description: 'What is known already stays',
					},
					{
						name: 'Keep',
						value: 'keep',
						description: 'Nothing learned is saved; it is only in the output',
					},
					{ name: 'Overwrite', value: 'overwrite', description: 'The newest value counts' },
				],
				default: 'fillIfEmpty',
				description: 'How language, country and time zone that were found out are saved',
			},
			{
				displayName: 'Least Confidence',
				name: 'leastConfidence',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
				default: 0.5,
				description: 'How sure the language must be, from 0 to 1, to be saved',
			},
		],
	},
];
