import type { INodeProperties } from 'n8n-workflow';
import type { Availability } from '../../decisions/contracts';
import { keywordList } from '../../descriptions/lists';
import { availability } from './agentParameters';
import { readHandles } from './handles';
import { hoursParameters, type HoursLabels } from './hoursForm';
import { readHours } from './readHours';
import type { StoreOperation } from './resource';

const agentKey: INodeProperties = {
	displayName: 'Agent Key',
	name: 'agentKey',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. nathan@example.com',
	description: 'Identifies the agent for good: an e-mail address, or any ID of yours',
};

const SHIFTS: HoursLabels = {
	always: 'Always on Shift',
	alwaysDescription: 'Whether the agent may get conversations at any time; removes the shifts',
	hours: 'Shifts',
	hoursDescription:
		'When the agent works. Outside of it the agent gets nothing, also when set to online.',
};

const [alwaysOnShift, ...shifts] = hoursParameters(SHIFTS);

export const upsertAgent: StoreOperation = {
	name: 'Create or Update',
	value: 'upsert',
	action: 'Create or update an agent',
	description: 'Create a new record, or update the current one if it already exists (upsert)',
	parameters: [
		agentKey,
		{
			displayName: 'Fields',
			name: 'fields',
			type: 'collection',
			placeholder: 'Add field',
			default: {},
			description: 'What is not given stays as it is',
			options: [
				alwaysOnShift,
				availability,
				{
					displayName: 'Capacity',
					name: 'capacity',
					type: 'number',
					typeOptions: { minValue: 0 },
					default: 5,
					description: 'How many open conversations the agent may have at a time',
				},
				{
					displayName: 'Follows Shifts',
					name: 'followsShifts',
					type: 'boolean',
					default: true,
					description:
						'Whether the agent comes online when a shift begins and goes offline when it ends, without anybody setting it. What is set in between holds until the next shift begins.',
				},
				{
					displayName: 'Handles',
					name: 'handles',
					type: 'json',
					default: '{}',
					placeholder: 'e.g. {"slack": "U012AB3CD", "chatwoot": "12"}',
					description:
						'IDs of the agent on other systems: for notices, and so that Chatwoot and respond.io know who it is',
				},
				{
					displayName: 'Languages',
					name: 'languages',
					type: 'string',
					default: '',
					placeholder: 'e.g. ar, en',
					description: 'Language codes, separated by commas',
				},
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. Nathan Abbott',
				},
				...shifts,
				{
					displayName: 'Skills',
					name: 'skills',
					type: 'string',
					default: '',
					placeholder: 'e.g. refunds, hardware',
					description: 'Separated by commas',
				},
				{
					displayName: 'Teams',
					name: 'teams',
					type: 'string',
					default: '',
					placeholder: 'e.g. billing, sales',
					description: 'Keys of all teams of the agent, separated by commas',
				},
				{
					displayName: 'Unlimited Capacity',
					name: 'unlimited',
					type: 'boolean',
					default: false,
					description: 'Whether the agent may have any number of open conversations',
				},
			],
		},
	],
	async run(call) {
		const fields = call.collection('fields');
		const list = (name: string) =>
			fields[name] === undefined ? {} : { [name]: keywordList(fields[name]) };
		const shiftsGiven = readHours(fields, SHIFTS);
		const { agent: view, ...rest } = await call.store.upsertAgent({
			key: call.text('agentKey'),
			...(fields.name ? { name: String(fields.name) } : {}),
			...list('teams'),
			...list('skills'),
			...list('languages'),
			...(fields.capacity === undefined ? {} : { capacity: Number(fields.capacity) }),
			...(fields.unlimited === true ? { capacity: null } : {}),
			...(fields.availability === undefined
				? {}
				: { availability: fields.availability as Availability }),
			...(fields.followsShifts === undefined
				? {}
				: { followsShifts: fields.followsShifts === true }),
			...(shiftsGiven === undefined ? {} : { shifts: shiftsGiven }),
			...(fields.handles === undefined ? {} : { handles: readHandles(fields.handles) }),
			source: 'workflow',
		});
		return { ...view, ...rest };
	},
};
