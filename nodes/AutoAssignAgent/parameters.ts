import type { INodeProperties } from 'n8n-workflow';
import { agentParameter, conversationParameters, teamParameter } from '../descriptions/common';

export const parameters: INodeProperties[] = [
	...conversationParameters,
	{
		displayName: 'Assign To',
		name: 'assignTo',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'Agent', value: 'agent', description: 'One agent, as soon as that agent is free' },
			{ name: 'Everybody', value: 'everybody', description: 'Any agent of the workspace' },
			{
				name: 'Routed Team',
				value: 'routed',
				description: 'The team that Route to Team decided on; everybody if there is none',
			},
			{
				name: 'Team',
				value: 'team',
				description: 'A team you choose; the conversation goes to it',
			},
		],
		default: 'routed',
		description: 'Who may get the conversation',
	},
	teamParameter({ required: true, displayOptions: { show: { assignTo: ['team'] } } }),
	agentParameter({ required: true, displayOptions: { show: { assignTo: ['agent'] } } }),
	{
		displayName: 'Strategy',
		name: 'strategy',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Least Open',
				value: 'leastOpen',
				description: 'The agent with the fewest open conversations',
			},
			{ name: 'Round Robin', value: 'roundRobin', description: 'Agents take turns' },
		],
		default: 'roundRobin',
		displayOptions: { hide: { assignTo: ['agent'] } },
		description: 'How the agent is chosen among those who are free',
	},
	{
		displayName: 'Only Online Agents',
		name: 'onlyOnline',
		type: 'boolean',
		default: true,
		description:
			'Whether to leave out agents who are away, offline or outside their shift. Their own capacity counts in any case.',
	},
	{
		displayName:
			"When nobody is free the conversation waits in the queue and this node goes on by the output 'Queued'. The queue gives it to the next agent who is free, after this flow has ended: tell agents with the Conversation Event trigger (Assigned), not with nodes behind this one.",
		name: 'queueNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options: [
			{
				displayName: 'Exclude Agents',
				name: 'exclude',
				type: 'string',
				default: '',
				placeholder: 'e.g. nathan@example.com',
				description: 'Keys of agents not to choose, separated by commas',
			},
			{
				displayName: 'Most Open Conversations',
				name: 'maxOpen',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 5,
				description:
					'Leave out agents who have this many open conversations, also when their own capacity is higher',
			},
		],
	},
];
