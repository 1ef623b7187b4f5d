import type { INodeProperties } from 'n8n-workflow';
import { events } from './eventOptions';
import { options } from './optionParameters';

/** What the trigger asks for: which events, and which of them. */
export const parameters: INodeProperties[] = [
	{
		displayName: 'Events',
		name: 'events',
		type: 'multiOptions',
		required: true,
		options: events,
		default: ['assigned'],
		description: 'What to listen for',
	},
	{
		displayName: 'Overdue After (Minutes)',
		name: 'overdueAfter',
		type: 'number',
		typeOptions: { minValue: 1, numberPrecision: 0 },
		default: 15,
		displayOptions: { show: { events: ['first_response_overdue'] } },
		description:
			'How long after its opening a conversation is told of if no person has answered it. What was overdue before this is published is not told of.',
	},
	{
		displayName:
			"Items have links with which the agent can accept, decline, close or snooze the conversation, or go away and come back. They lead to the trigger <b>Agent Links</b>: publish a workflow with it, with the same credential. Until then the field 'links' is empty.",
		name: 'linksNotice',
		type: 'notice',
		default: '',
	},
	options,
];
