import type { INodeProperties } from 'n8n-workflow';
import { modeOptions } from './modeOptions';

const forSource = (source: string) => ({ show: { '/sources': [source] } });

const seconds = { minValue: 1, maxValue: 300 };

/** What most flows leave as it is. */
export const options: INodeProperties = {
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
			displayName: 'Cache Lifetime',
			name: 'cacheLifetime',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 60,
			displayOptions: forSource('lookup'),
			description:
				'How many minutes an answer of the look-up is kept in the store before it is asked for again. 0 asks each time.',
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
			displayName: 'Determine Intent By',
			name: 'intentBy',
			type: 'options',
			options: [
				{
					name: 'Chat Model, Then Keywords',
					value: 'modelFirst',
					description: 'Keywords count when the chat model fails or is not sure',
				},
				{
					name: 'Keywords, Then Chat Model',
					value: 'keywordsFirst',
					description: 'The chat model is asked, and costs, only when no keyword is mentioned',
				},
			],
			default: 'modelFirst',
			displayOptions: forSource('intent'),
			description:
				'What is asked first when a chat model is connected. Without one, keywords decide.',
		},
		{
			displayName: 'Fields From Input',
			name: 'fieldsMode',
			type: 'options',
			options: modeOptions,
			default: 'overwrite',
			description: "How 'Fields to Save' are written",
		},
		{
			displayName: 'Learned Values',
			name: 'learnedMode',
			type: 'options',
			options: modeOptions,
			default: 'fillIfEmpty',
			description: 'How what the sources found out is saved',
		},
		{
			displayName: 'Least Confidence',
			name: 'leastConfidence',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
			default: 0.5,
			description: 'How sure the language must be, from 0 to 1, to be saved',
		},
		{
			displayName: 'Least Confidence of the Chat Model',
			name: 'modelLeastConfidence',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
			default: 0.6,
			displayOptions: forSource('intent'),
			description:
				'How sure the chat model must be of the intent, from 0 to 1. Below it, keywords decide.',
		},
		{
			displayName: 'Modes per Field',
			name: 'modes',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Field',
			default: {},
			description: 'How single fields are saved, wherever their values come from',
			options: [
				{
					displayName: 'Field',
					name: 'values',
					values: [
						{
							displayName: 'Field Name',
							name: 'field',
							type: 'string',
							default: '',
							placeholder: 'e.g. language',
							description: 'A field of the contact, or intent for that of the conversation',
						},
						{
							displayName: 'Mode',
							name: 'mode',
							type: 'options',
							options: modeOptions,
							default: 'fillIfEmpty',
							description: 'How its value is saved',
						},
					],
				},
			],
		},
		{
			displayName: 'Not-Found Lifetime',
			name: 'notFoundLifetime',
			type: 'number',
			typeOptions: { minValue: 0 },
			default: 5,
			displayOptions: forSource('lookup'),
			description:
				'How many minutes it is kept that the other system does not know a contact. 0 asks each time.',
		},
		{
			displayName: 'Time Limit of the Chat Model',
			name: 'modelLimit',
			type: 'number',
			typeOptions: seconds,
			default: 15,
			displayOptions: forSource('intent'),
			description: 'How many seconds the chat model may take. After that, keywords decide.',
		},
		{
			displayName: 'Time Limit of the Look-Up',
			name: 'lookupLimit',
			type: 'number',
			typeOptions: seconds,
			default: 5,
			displayOptions: forSource('lookup'),
			description:
				'How many seconds the other system may take. After that, an answer that is out of date counts, if there is one.',
		},
		{
			displayName: 'Time Limit per Source',
			name: 'timeLimit',
			type: 'number',
			typeOptions: seconds,
			default: 5,
			description:
				'How many seconds each other source may take. Sources run at the same time, so the flow waits for the longest limit at most.',
		},
	],
};
