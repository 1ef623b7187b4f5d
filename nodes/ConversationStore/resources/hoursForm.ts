import type { INodeProperties } from 'n8n-workflow';
import { WEEKDAYS } from '../../decisions/businessHours';

const time = (displayName: string, name: string, value: string, description: string) =>
	({
		displayName,
		name,
		type: 'string',
		default: value,
		placeholder: `e.g. ${value || '09:00'}`,
		description,
	}) satisfies INodeProperties;

const weekly: INodeProperties[] = [
	{
		displayName: 'Days',
		name: 'days',
		type: 'multiOptions',
		// In the order of the week; values as ISO 8601 counts them.
		options: WEEKDAYS.map((name, index) => ({ name, value: index + 1 })),
		default: [1, 2, 3, 4, 5],
		description: 'On which days the time begins',
	},
	time('From', 'from', '09:00', 'Hours and minutes, 00:00 to 23:59'),
	time(
		'To',
		'to',
		'17:00',
		'Hours and minutes, up to 24:00; what is not later than From is on the next day',
	),
];

const holiday: INodeProperties[] = [
	{
		displayName: 'Date',
		name: 'date',
		type: 'dateTime',
		typeOptions: { dateOnly: true },
		default: '',
		placeholder: 'e.g. 2026-12-25',
		description: 'The day, or the first of several; a time is not looked at',
	},
	{
		displayName: 'Every Year',
		name: 'yearly',
		type: 'boolean',
		default: false,
		description: 'Whether it comes each year on this month and day',
	},
	time('From', 'from', '', 'When it opens on that day; closed all day when From and To are empty'),
	{
		displayName: 'Name',
		name: 'name',
		type: 'string',
		default: '',
		placeholder: 'e.g. Christmas',
		description: 'What explanations call it',
	},
	time('To', 'to', '', 'When it closes on that day; closed all day when From and To are empty'),
	{
		displayName: 'Until',
		name: 'until',
		type: 'dateTime',
		typeOptions: { dateOnly: true },
		default: '',
		placeholder: 'e.g. 2026-12-26',
		description: 'The last of several days; one day when empty',
	},
];

const several = (
	displayName: string,
	name: string,
	entry: { name: string; values: INodeProperties[] },
	description: string,
): INodeProperties => ({
	displayName,
	name,
	type: 'fixedCollection',
	placeholder: `Add ${entry.name.toLowerCase()}`,
	typeOptions: { multipleValues: true, sortable: true },
	default: {},
	description,
	options: [{ displayName: entry.name, name: 'values', values: entry.values }],
});

/** How the form of business hours is called where it stands. */
export interface HoursLabels {
	/** "Always Open" */
	always: string;
	alwaysDescription: string;
	/** "Business Hours" */
	hours: string;
	hoursDescription: string;
}

/** Parameters `always`, `hours` and `hoursJson`, for a collection; read by {@link readHours}. */
export function hoursParameters(labels: HoursLabels): [INodeProperties, ...INodeProperties[]] {
	return [
		{
			displayName: labels.always,
			name: 'always',
			type: 'boolean',
			default: true,
			description: labels.alwaysDescription,
		},
		{
			displayName: labels.hours,
			name: 'hours',
			type: 'fixedCollection',
			placeholder: `Add ${labels.hours.toLowerCase()}`,
			default: {},
			description: labels.hoursDescription,
			options: [
				{
					displayName: labels.hours,
					name: 'values',
					values: [
						{
							displayName: 'Time Zone',
							name: 'timeZone',
							type: 'string',
							default: '',
							required: true,
							placeholder: 'e.g. Africa/Cairo',
							hint: 'Region and city, as in Africa/Cairo or America/New_York: summer time is known by it',
							description: 'The zone that all times below are of',
						},
						several(
							'Weekly Hours',
							'weekly',
							{ name: 'Hours', values: weekly },
							'Times of each week. Add several for a break at noon, or for days with other times.',
						),
						several(
							'Holidays',
							'holidays',
							{ name: 'Holiday', values: holiday },
							'Days that are not like the week: closed, or open at other times',
						),
					],
				},
			],
		},
		{
			displayName: `${labels.hours} (JSON)`,
			name: 'hoursJson',
			type: 'json',
			default: '',
			placeholder:
				'e.g. {"timeZone": "Africa/Cairo", "weekly": [{"days": [7, 1, 2, 3, 4], "from": "09:00", "to": "17:00"}], "holidays": []}',
			description:
				'Instead of the form, for what comes from a sheet or another team: as Get returns them. What is empty changes nothing; null is always.',
		},
	];
}
