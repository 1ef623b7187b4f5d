import type { INodeProperties } from 'n8n-workflow';
import { teamParameter } from '../descriptions/common';
import { strategies } from '../descriptions/strategies';

const preferLast: INodeProperties = {
	displayName: 'Prefer the Last Agent',
	name: 'preferLast',
	type: 'fixedCollection',
	default: { values: {} },
	description:
		'Give returning contacts to the agent of their last conversation, when that agent is free',
	options: [
		{
			displayName: 'Last Agent',
			name: 'values',
			values: [
				{
					displayName: 'Within Days',
					name: 'days',
					type: 'number',
					typeOptions: { minValue: 1 },
					default: 30,
					description: 'How long ago the last conversation may have been closed',
				},
				{
					displayName: 'Wait at Most (Minutes)',
					name: 'minutes',
					type: 'number',
					typeOptions: { minValue: 0 },
					default: 10,
					description:
						'How long to wait for that agent alone while others are free. It fades: all of it for a contact who was here just now, half of it after half the days. With 0 nobody waits.',
				},
			],
		},
	],
};

const returns: INodeProperties = {
	displayName: 'Return to the Queue',
	name: 'returns',
	type: 'fixedCollection',
	default: { values: {} },
	description:
		'Take the conversation off an agent who does not answer. It goes back with the place in the queue that it had, and not to the same agent.',
	options: [
		{
			displayName: 'Return',
			name: 'values',
			values: [
				{
					displayName: 'At Most (Times)',
					name: 'atMost',
					type: 'number',
					typeOptions: { minValue: 0, maxValue: 100, numberPrecision: 0 },
					default: 3,
					description: 'How often a conversation goes back. After that it escalates.',
				},
				{
					displayName: 'No Reply For (Minutes)',
					name: 'noReply',
					type: 'number',
					typeOptions: { minValue: 0 },
					default: 15,
					description:
						'How long the agent has for a first reply before it goes back. With 0 it does not matter.',
				},
				{
					displayName: 'Offline For (Minutes)',
					name: 'offline',
					type: 'number',
					typeOptions: { minValue: 0 },
					default: 0,
					description:
						'How long the agent may be offline before it goes back. With 0 it does not matter.',
				},
				teamParameter({
					displayName: 'Then Escalate to Team',
					name: 'escalateTo',
					description:
						'The team that gets a conversation that came back too often. When empty it stays with its team; the event Escalated tells of it in any case.',
				}),
			],
		},
	],
};

/** Options of the node, in the order of their names. */
export const options: INodeProperties[] = [
	{
		displayName: 'Also Wait With Several Items',
		name: 'waitSeveral',
		type: 'boolean',
		default: false,
		noDataExpression: true,
		displayOptions: { show: { '/whenNobody': ['wait'] } },
		description:
			'Whether a run with several items waits, too. All of them leave together when the last one has an agent, so one that nobody takes holds up the others.',
	},
	{
		displayName: 'Dry Run',
		name: 'dryRun',
		type: 'boolean',
		default: false,
		noDataExpression: true,
		description:
			'Whether to say only who would get the conversation. Nothing changes, nothing waits.',
	},
	{
		displayName: 'Exclude Agents',
		name: 'exclude',
		type: 'string',
		default: '',
		placeholder: 'e.g. nathan@example.com',
		description: 'Keys of agents not to choose, separated by commas',
	},
	{
		displayName: "Match Contact's Language",
		name: 'speaksLanguage',
		type: 'boolean',
		default: true,
		description:
			"Whether only agents are chosen who speak the contact's language, as Enrich Contact found it. Agents without languages count as speaking all.",
	},
	{
		displayName: 'Most Open Conversations',
		name: 'maxOpen',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 5,
		description:
			'Leave out agents who have this many open conversations, also when their own capacity is higher',
	},
	preferLast,
	{
		displayName: 'Priority',
		name: 'priority',
		type: 'number',
		typeOptions: { minValue: -1000, maxValue: 1000, numberPrecision: 0 },
		default: 0,
		description:
			'The higher, the earlier the queue serves it. Among equals the one that has waited longest is first.',
	},
	{
		displayName: 'Relax After (Minutes)',
		name: 'relaxAfter',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 30,
		description:
			'How long skills and language are insisted on. After that anybody who is free gets the conversation.',
	},
	returns,
	{
		displayName: 'Shadow Strategy',
		name: 'shadow',
		type: 'options',
		options: strategies,
		default: 'leastOpen',
		description:
			'Decide by this strategy as well, without effect: where it would have chosen somebody else, the event Assigned says so. To compare two strategies before you change.',
	},
	{
		displayName: 'Skills',
		name: 'skills',
		type: 'string',
		default: '',
		placeholder: 'e.g. refunds, enterprise',
		description: 'What the agent has to know, separated by commas. All of them are needed.',
	},
	{
		displayName: 'Weight',
		name: 'weight',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 1000, numberPrecision: 0 },
		default: 1,
		description: "How much of an agent's capacity this conversation takes",
	},
];
