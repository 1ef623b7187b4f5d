import type { INodeProperties } from 'n8n-workflow';
import type { Availability } from '../../decisions/contracts';
import { agentParameter, teamParameter } from '../../descriptions/common';
import { keywordList } from '../../descriptions/lists';
import { fairnessReport } from './fairnessReport';
import { readHandles } from './handles';
import { hoursParameters, type HoursLabels } from './hoursForm';
import { readHours } from './readHours';
import { listParameters, locatorValue, type StoreResource } from './resource';

const availability: INodeProperties = {
	displayName: 'Availability',
	name: 'availability',
	type: 'options',
	options: [
		{ name: 'Away', value: 'away', description: 'Keeps conversations, gets no new ones' },
		{ name: 'Offline', value: 'offline', description: 'Keeps conversations, gets no new ones' },
		{ name: 'Online', value: 'online', description: 'Gets conversations' },
	],
	default: 'online',
};

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

/** Who answers: teams, capacity, availability, shifts. */
export const agent: StoreResource = {
	name: 'Agent',
	value: 'agent',
	operations: [
		{
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
					...(shiftsGiven === undefined ? {} : { shifts: shiftsGiven }),
					...(fields.handles === undefined ? {} : { handles: readHandles(fields.handles) }),
					source: 'workflow',
				});
				return { ...view, ...rest };
			},
		},
		{
			name: 'Delete',
			value: 'delete',
			action: 'Delete an agent',
			description: 'Open conversations of the agent go back to their queues',
			parameters: [agentParameter({ required: true })],
			async run(call) {
				const { requeued } = await call.store.deleteAgent({
					key: call.text('agent'),
					source: 'workflow',
				});
				return { deleted: true, requeued };
			},
		},
		fairnessReport,
		{
			name: 'Get',
			value: 'get',
			action: 'Get an agent',
			description: 'One agent with teams, capacity and open conversations',
			parameters: [agentParameter({ required: true })],
			run: async (call) => ({ ...(await call.store.getAgent(call.text('agent'))) }),
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many agents',
			description: 'Agents, all or those of a team',
			parameters: [
				...listParameters,
				{
					displayName: 'Filters',
					name: 'filters',
					type: 'collection',
					placeholder: 'Add filter',
					default: {},
					options: [availability, teamParameter()],
				},
			],
			async run(call) {
				const filters = call.collection('filters');
				const team = locatorValue(filters.team);
				return await call.list(
					async (page) =>
						await call.store.listAgents({
							...page,
							...(filters.availability
								? { availability: filters.availability as Availability }
								: {}),
							...(team ? { team } : {}),
						}),
				);
			},
		},
		{
			name: 'Set Availability',
			value: 'setAvailability',
			action: 'Set availability of an agent',
			description: 'Coming online serves the queue at once',
			parameters: [
				agentParameter({ required: true }),
				availability,
				{
					displayName: 'For Minutes',
					name: 'minutes',
					type: 'number',
					typeOptions: { minValue: 0 },
					default: 0,
					displayOptions: { show: { availability: ['online'] } },
					description: 'After this time the agent counts as offline; 0 is until further notice',
				},
			],
			async run(call) {
				const value = call.text('availability') as Availability;
				const minutes = value === 'online' ? call.number('minutes') : 0;
				const { agent: view, assignedFromQueue } = await call.store.setAvailability({
					key: call.text('agent'),
					availability: value,
					onlineUntil: minutes > 0 ? call.store.clock() + minutes * 60_000 : null,
					source: 'workflow',
				});
				return { ...view, assignedFromQueue };
			},
		},
	],
};
