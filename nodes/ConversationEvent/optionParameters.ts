import type { INodeProperties } from 'n8n-workflow';
import { receivingChannels } from '../descriptions/receivingChannels';

/** Which events are told of, and what comes with them. */
export const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Agents',
			name: 'agents',
			type: 'string',
			default: '',
			placeholder: 'e.g. nathan@example.com',
			description:
				'Only events about these agents, or in their conversations. Keys, separated by commas.',
		},
		{
			displayName: 'Channels',
			name: 'channels',
			type: 'multiOptions',
			options: receivingChannels,
			default: [],
			description: 'Only events of conversations that opened on one of these channels',
		},
		{
			displayName: 'Collect Messages For (Seconds)',
			name: 'collectFor',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 3600, numberPrecision: 0 },
			default: 10,
			description:
				"For 'Message Received': messages of one conversation that come within this time of each other are one item, with all of them in messages. 0 tells of each at once.",
		},
		{
			displayName: 'Link Lifetime (Hours)',
			name: 'linkLifetime',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 720, numberPrecision: 0 },
			default: 24,
			description: 'How long the links for the agent work',
		},
		{
			displayName: 'Other Channels',
			name: 'otherChannels',
			type: 'string',
			default: '',
			placeholder: 'e.g. slack, helpdesk',
			description:
				"Also these, separated by commas, as Open Conversation names them in conversation.channel. They add to 'Channels'.",
		},
		{
			displayName: 'Snooze For (Minutes)',
			name: 'snoozeFor',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 43_200, numberPrecision: 0 },
			default: 60,
			description: "For how long the agent's link to snooze puts the conversation aside",
		},
		{
			displayName: 'Sources',
			name: 'sources',
			type: 'multiOptions',
			options: [
				{ name: 'AI Agent', value: 'ai_agent', description: 'An AI agent of your platform' },
				{ name: 'API', value: 'api', description: 'Another system' },
				{ name: 'Auto-Close', value: 'auto_close', description: 'It was quiet for too long' },
				{
					name: 'Click-to-Chat Ad',
					value: 'ctc_ads',
					description: 'The contact, by way of an ad',
				},
				{ name: 'Contact', value: 'contact' },
				{ name: 'Queue', value: 'queue', description: 'Somebody came free' },
				{ name: 'System', value: 'system', description: 'The store by itself' },
				{ name: 'User', value: 'user', description: 'A person of your team' },
				{ name: 'Workflow', value: 'workflow', description: 'A node in a workflow' },
			],
			default: [],
			description: 'Only events that one of these brought about, as in event.source',
		},
		{
			displayName: 'Teams',
			name: 'teams',
			type: 'string',
			default: '',
			placeholder: 'e.g. billing, sales',
			description: 'Only events in conversations of these teams. Keys, separated by commas.',
		},
	],
};
