import type { INodePropertyOptions } from 'n8n-workflow';

/** The sources, as the editor shows them and as hints call them. */
export const sourceOptions: INodePropertyOptions[] = [
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
];
