import type { INodeProperties } from 'n8n-workflow';
import { teamParameter } from '../descriptions/common';
import { channelParameters } from './channelParameters';

/** What the trigger asks for: the channel, who opens, and what happens when the flow ends badly. */
export const parameters: INodeProperties[] = [
	...channelParameters,
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
				displayName: 'Also Open For',
				name: 'alsoOpenFor',
				type: 'multiOptions',
				options: [
					{
						name: 'Group Messages',
						value: 'group',
						description: 'Without it, what is said in groups is left out everywhere',
					},
					{
						name: 'Messages in Standby',
						value: 'standby',
						description: 'Another app holds the thread and may be answering it',
					},
					{
						name: 'Reactions',
						value: 'reaction',
						description: 'An emoji on an earlier message',
					},
					{
						name: 'Story Mentions',
						value: 'storyMention',
						description: 'A story of the contact mentions the business',
					},
					{
						name: 'Visits',
						value: 'visit',
						description:
							'The contact followed, subscribed, came by a link or opened the chat, and wrote nothing',
					},
				],
				default: [],
				description: 'What opens a conversation besides messages to the business',
			},
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
					'Runs the flow only if the first message mentions one of these words or phrases, separated by commas. An asterisk stands for the rest of a word, as in invoic*.',
			},
			{
				displayName: 'Oldest Message (Hours)',
				name: 'oldestMessage',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 24,
				description:
					'An older message joins an open conversation and opens none: after an outage some channels pass on old messages. 0 lets every message open. Without this option, 24 for Evolution API and WAHA, 0 for the others.',
			},
			{
				displayName: 'Once per Contact',
				name: 'oncePerContact',
				type: 'boolean',
				default: false,
				description: "Whether to run the flow only for a contact's first conversation",
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
			{
				displayName: 'Test Takes Over',
				name: 'testTakesOver',
				type: 'boolean',
				default: false,
				description:
					"Whether 'Listen for test event' may take the channel's only address from the published flow. Until the test ends, real customers come to the test. Another program's webhook may not be put back whole: its secret is unknown here.",
			},
		],
	},
];
