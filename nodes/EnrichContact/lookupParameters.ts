import type { INodeProperties } from 'n8n-workflow';
import { modeOptions } from './modeOptions';

const show = { sources: ['lookup'] };

/** What another system is asked about the contact, and what of its answer is kept. */
export const lookupParameters: INodeProperties[] = [
	{
		displayName: 'Method',
		name: 'lookupMethod',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'GET', value: 'GET' },
			{ name: 'POST', value: 'POST' },
		],
		default: 'GET',
		displayOptions: { show },
		description: 'How the other system is asked, as its documentation says',
	},
	{
		displayName: 'URL',
		name: 'lookupUrl',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. https://api.crm.example.com/v1/contacts?phone={phone}',
		displayOptions: { show },
		description:
			'What to ask. {phone}, {email}, {name}, {language}, {country}, {contactKey}, {channel} and {field:plan} stand for what is known of the contact. When one is not known, the look-up is skipped.',
	},
	{
		displayName: 'JSON Body',
		name: 'lookupBody',
		type: 'json',
		default: '{\n  "phone": "{phone}"\n}',
		displayOptions: { show: { ...show, lookupMethod: ['POST'] } },
		description:
			'What to post. The same placeholders, and {message} for the text of the message, stand between quotation marks.',
	},
	{
		displayName: 'Headers',
		name: 'lookupHeaders',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Header',
		default: {},
		displayOptions: { show },
		description:
			'Headers that the other system asks for. Keys and tokens belong into the credential.',
		options: [
			{
				displayName: 'Header',
				name: 'values',
				values: [
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						default: '',
						placeholder: 'e.g. X-API-Version',
						description: 'The name of the header',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. 2026-01',
						description: 'What it says',
					},
				],
			},
		],
	},
	{
		displayName: 'Response Fields',
		name: 'lookupFields',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add Field',
		default: {},
		displayOptions: { show },
		description: 'What to take from the answer, and where to keep it',
		options: [
			{
				displayName: 'Field',
				name: 'values',
				values: [
					{
						displayName: 'Path',
						name: 'path',
						type: 'string',
						default: '',
						required: true,
						placeholder: 'e.g. data[0].plan',
						description:
							'Where the value stands in the answer, such as customer.plan or data[0].ID',
					},
					{
						displayName: 'Save To',
						name: 'saveTo',
						type: 'options',
						options: [
							{
								name: 'Contact Field',
								value: 'field',
								description: 'A field of the contact',
							},
							{
								name: 'Tag',
								value: 'tag',
								description: 'The value, or each of a list, becomes a tag of the contact',
							},
						],
						default: 'field',
						description: 'What becomes of the value',
					},
					{
						displayName: 'Field Name',
						name: 'field',
						type: 'string',
						default: '',
						placeholder: 'e.g. plan',
						displayOptions: { show: { saveTo: ['field'] } },
						description:
							'The names name, email, phone, language, country and timezone are what every contact has; other names become fields of your own',
					},
					{
						displayName: 'Mode',
						name: 'mode',
						type: 'options',
						options: [
							{
								name: 'As Learned Values',
								value: 'default',
								description: "What the option 'Learned Values' says",
							},
							...modeOptions,
						],
						default: 'default',
						displayOptions: { show: { saveTo: ['field'] } },
						description: 'How the value is saved',
					},
				],
			},
		],
	},
];
