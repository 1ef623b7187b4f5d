import type { INodeProperties } from 'n8n-workflow';

const displayOptions = { show: { sources: ['intent'] } };

/** Why contacts write: the list that keywords and the chat model choose from. */
export const intentParameters: INodeProperties[] = [
	{
		displayName: 'Intents',
		name: 'intents',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		placeholder: 'Add Intent',
		default: {},
		displayOptions,
		description:
			'What contacts may want. Connect a chat model to have it choose, enter keywords, or do both.',
		options: [
			{
				displayName: 'Intent',
				name: 'values',
				values: [
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						default: '',
						required: true,
						placeholder: 'e.g. billing',
						description: 'Your word for it. Route to Team and expressions compare with this.',
					},
					{
						displayName: 'Keywords',
						name: 'keywords',
						type: 'string',
						typeOptions: { rows: 2 },
						default: '',
						placeholder: 'e.g. invoice, refund, فاتورة, 返金',
						description:
							'Words and phrases in any language, separated by commas or new lines; an asterisk stands for the rest of a word, as in invoic*. The intent with the most of them in the message is taken.',
					},
					{
						displayName: 'Description',
						name: 'description',
						type: 'string',
						default: '',
						placeholder: 'e.g. Questions about invoices, payments and refunds',
						description: 'What is meant, for the chat model',
					},
				],
			},
		],
	},
];
