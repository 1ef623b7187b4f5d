import type { INodeProperties } from 'n8n-workflow';
import { conversationParameters, teamParameter } from '../descriptions/common';
import { intentParameters } from './intentParameters';
import { lookupParameters } from './lookupParameters';
import { options } from './options';

/** Sources of knowledge about a contact, and where what they learn is saved. */
export const parameters: INodeProperties[] = [
	...conversationParameters,
	{
		displayName: 'Sources',
		name: 'sources',
		type: 'multiOptions',
		options: [
			{
				name: 'Business Hours',
				value: 'hours',
				description: 'Whether the team that is to answer works now, and when it opens',
			},
			{
				name: 'History',
				value: 'history',
				description: 'New or returning, last agent, last category, number of conversations',
			},
			{
				name: 'Intent',
				value: 'intent',
				description: 'Why the contact writes: by keywords, and by a chat model if one is connected',
			},
			{
				name: 'Language of the Message',
				value: 'language',
				description: 'Recognised from the text, in any script, also when it is short',
			},
			{
				name: 'Look-Up by HTTP',
				value: 'lookup',
				description: 'What your CRM or another system knows of the contact',
			},
			{
				name: 'Phone Number',
				value: 'phone',
				description: 'Country, time zone, kind of line, and the number well formatted',
			},
		],
		default: ['history', 'phone', 'language'],
		description: 'What to find out. A source that finds nothing never stops the flow.',
	},
	teamParameter({
		displayName: 'Team of the Business Hours',
		name: 'hoursTeam',
		displayOptions: { show: { sources: ['hours'] } },
		description: 'Leave empty for the team that the conversation was routed to',
	}),
	...intentParameters,
	...lookupParameters,
	{
		displayName: 'Fields to Save',
		name: 'fields',
		type: 'assignmentCollection',
		default: {},
		description:
			'Values to keep with the contact. Use the names name, email, phone, language, country and timezone for what every contact has; other names become fields of your own.',
	},
	options,
];
