import type { INodeProperties } from 'n8n-workflow';
import { conversationParameters } from '../descriptions/common';
import { channelsParameter } from '../descriptions/sendingChannels';
import { answerParameters } from './answerParameters';

/** What is asked, how the answer is checked, where it is kept, how long the contact has. */
export const parameters: INodeProperties[] = [
	...conversationParameters,
	channelsParameter(
		'The channels on which this node can ask. Each asks for its credential; which one is used follows from the conversation.',
	),
	{
		displayName: 'Question',
		name: 'prompt',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		required: true,
		placeholder: 'e.g. How can we help you?',
		description:
			'What the contact reads. Choices are added by themselves: as buttons, or as a numbered list where the channel has none.',
	},
	...answerParameters,
	{
		displayName: 'Save Answer To',
		name: 'saveTo',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Contact Field',
				value: 'field',
				description: 'One of the contact’s own (name, email, phone …), or a field of yours',
			},
			{
				name: 'Intent',
				value: 'intent',
				description: 'Why the contact writes; Route to Team has a condition for it',
			},
			{ name: 'Nowhere', value: 'nowhere', description: 'It is only in the output' },
			{ name: 'Tag', value: 'tag', description: 'The contact gets the answer as a tag' },
		],
		default: 'nowhere',
		description: 'What to keep of the answer',
	},
	{
		displayName: 'Contact Field',
		name: 'saveField',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. email',
		displayOptions: { show: { saveTo: ['field'] } },
		description:
			'The names name, email, phone, language, country and timezone are what every contact has; other names become fields of your own',
	},
	{
		displayName: 'Time to Answer',
		name: 'waitAmount',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 24,
		required: true,
		description:
			"How long the contact has, counted anew each time it is asked. Afterwards the flow goes on by the output 'Timed Out'.",
	},
	{
		displayName: 'Unit',
		name: 'waitUnit',
		type: 'options',
		options: [
			{ name: 'Days', value: 'days' },
			{ name: 'Hours', value: 'hours' },
			{ name: 'Minutes', value: 'minutes' },
		],
		default: 'hours',
		description: 'Of the time to answer, at most 30 days',
	},
	{
		displayName: 'Ask Again at Most',
		name: 'again',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 10, numberPrecision: 0 },
		default: 2,
		description:
			"How often to ask once more after an answer that does not fit. Then the flow goes on by the output 'Invalid'.",
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Answer in Test Runs',
				name: 'testAnswer',
				type: 'string',
				default: '',
				placeholder: 'e.g. Sales',
				description:
					'A workflow that you run by hand does not wait: it takes this answer. When empty: an example that fits, or the first choice.',
			},
			{
				displayName: 'Ask Although a Person Has Replied',
				name: 'despitePerson',
				type: 'boolean',
				default: false,
				description:
					"Whether to ask also when an agent has answered already. Otherwise the flow goes on by the output 'Ended'.",
			},
			{
				displayName: 'Go On With the Answer',
				name: 'goOnWithAnswer',
				type: 'boolean',
				default: true,
				description:
					'Whether the nodes behind this one look at the answer instead of the message before, e.g. to find words in it. Only for free text.',
			},
			{
				displayName: 'List Label',
				name: 'listLabel',
				type: 'string',
				default: '',
				placeholder: 'e.g. Choose a topic',
				description:
					'What opens the choices where the channel shows them as a list, as WhatsApp does with more than three',
			},
			{
				displayName: 'Send in Test Runs',
				name: 'sendInTests',
				type: 'boolean',
				default: false,
				description: 'Whether the contact gets the question also when the workflow is run by hand',
			},
			{
				displayName: 'Words When Asking Again',
				name: 'retryText',
				type: 'string',
				typeOptions: { rows: 2 },
				default: '',
				placeholder: 'e.g. Please choose one of the numbers',
				description:
					'What stands before the question when it is asked again. When empty: a short sentence in the language of the contact.',
			},
		],
	},
];
