import type { INodeProperties } from 'n8n-workflow';
import { conversationParameters, teamParameter } from '../descriptions/common';
import { intentParameters } from './intentParameters';
import { lookupParameters } from './lookupParameters';
import { options } from './options';
import { sourceOptions } from './sourceOptions';

/** Sources of knowledge about a contact, and where what they learn is saved. */
export const parameters: INodeProperties[] = [
	...conversationParameters,
	{
		displayName: 'Sources',
		name: 'sources',
		type: 'multiOptions',
		options: sourceOptions,
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
