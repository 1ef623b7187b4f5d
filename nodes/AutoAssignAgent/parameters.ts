import type { INodeProperties } from 'n8n-workflow';
import { agentParameter, conversationParameters, teamParameter } from '../descriptions/common';
import { strategies } from '../descriptions/strategies';
import { options } from './options';

const assigns = { hide: { assignTo: ['nobody'] } };
const waits = { show: { whenNobody: ['wait'] }, hide: { assignTo: ['nobody'] } };

/** Who may get the conversation, how one of them is chosen, and what happens when nobody is free. */
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
				name: 'Nobody (Unassign)',
				value: 'nobody',
				description: 'Take the conversation off its agent, and free the capacity',
			},
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
		displayName: 'Put Back in the Queue',
		name: 'requeue',
		type: 'boolean',
		default: true,
		displayOptions: { show: { assignTo: ['nobody'] } },
		description:
			'Whether the next free agent gets it, with the place in the queue that it had. Otherwise it waits for a person to assign it.',
	},
	{
		displayName: 'Strategy',
		name: 'strategy',
		type: 'options',
		noDataExpression: true,
		options: strategies,
		default: 'roundRobin',
		displayOptions: { hide: { assignTo: ['agent', 'nobody'] } },
		description: 'How the agent is chosen among those who are free',
	},
	{
		displayName: 'Only Online Agents',
		name: 'onlyOnline',
		type: 'boolean',
		default: true,
		displayOptions: assigns,
		description:
			'Whether to leave out agents who are away, offline or outside their shift. Their own capacity counts in any case.',
	},
	{
		displayName: 'When Nobody Is Free',
		name: 'whenNobody',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Continue at Once',
				value: 'continue',
				description:
					"The conversation waits in the queue; this flow goes on by the output 'Queued' and does not hear who gets it",
			},
			{
				name: 'Wait in the Queue',
				value: 'wait',
				description:
					"This flow waits with the conversation, and goes on by 'Assigned' when an agent has it",
			},
		],
		default: 'wait',
		displayOptions: assigns,
		description: 'What this flow does meanwhile; the conversation waits in the queue in any case',
	},
	{
		displayName: 'Maximum Wait',
		name: 'waitAmount',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 7,
		displayOptions: waits,
		description:
			"How long this flow waits at most. Afterwards it goes on by the output 'Timed Out'; the conversation keeps its place in the queue. With 0 it goes on at once.",
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
		default: 'days',
		displayOptions: waits,
		description: 'Of the maximum wait, at most a year',
	},
	{
		displayName:
			'An agent may get the conversation later, or another one after the first: from the queue, when it comes back, by a person. No flow is there to hear of it then. So tell agents with the Conversation Event trigger (Assigned), not with nodes behind this one.',
		name: 'queueNotice',
		type: 'notice',
		default: '',
		displayOptions: assigns,
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		displayOptions: assigns,
		options,
	},
];
