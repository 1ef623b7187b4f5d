import { teamParameter } from '../../descriptions/common';
import { readHandles } from './handles';
import { hoursParameters, type HoursLabels } from './hoursForm';
import { readHours } from './readHours';
import { listParameters, locatorValue, type StoreResource } from './resource';

const HOURS: HoursLabels = {
	always: 'Always Open',
	alwaysDescription: 'Whether the team is open at all times; removes the business hours',
	hours: 'Business Hours',
	hoursDescription: 'When the team is open; at all times while there are none',
};

/** Groups of agents that are responsible for something. */
export const team: StoreResource = {
	name: 'Team',
	value: 'team',
	operations: [
		{
			name: 'Create or Update',
			value: 'upsert',
			action: 'Create or update a team',
			description: 'Create a new record, or update the current one if it already exists (upsert)',
			parameters: [
				{
					displayName: 'Team Key',
					name: 'teamKey',
					type: 'string',
					default: '',
					required: true,
					placeholder: 'e.g. billing',
					description: 'Identifies the team for good; rules and reports use it',
				},
				{
					displayName: 'Name',
					name: 'name',
					type: 'string',
					default: '',
					placeholder: 'e.g. Billing',
					description: 'As people read it; the key when empty',
				},
				{
					displayName: 'Additional Fields',
					name: 'teamFields',
					type: 'collection',
					placeholder: 'Add field',
					default: {},
					description: 'What is not given stays as it is',
					options: [
						...hoursParameters(HOURS),
						{
							displayName: 'Handles',
							name: 'handles',
							type: 'json',
							default: '{}',
							placeholder: 'e.g. {"chatwoot": "3"}',
							description: 'IDs of the team on other systems, so that Chatwoot knows which it is',
						},
						teamParameter({
							displayName: 'Overflow Team',
							name: 'overflowTeam',
							description:
								'Gets the conversations that this team cannot take, where Route to Team is told to pass them on; none when empty',
						}),
					],
				},
			],
			async run(call) {
				const name = call.text('name');
				const key = call.text('teamKey');
				const fields = call.collection('teamFields');
				const { handles, overflowTeam } = fields;
				const hours = readHours(fields, HOURS);
				const { team: view, created } = await call.store.upsertTeam({
					key,
					...(name === '' ? {} : { name }),
					...(handles === undefined ? {} : { handles: readHandles(handles) }),
					...(hours === undefined ? {} : { hours }),
					...(overflowTeam === undefined
						? {}
						: { overflowTeam: locatorValue(overflowTeam) || null }),
				});
				return { ...view, created };
			},
		},
		{
			name: 'Delete',
			value: 'delete',
			action: 'Delete a team',
			description: 'Its open conversations must go to another team',
			parameters: [
				teamParameter({ required: true }),
				teamParameter({
					displayName: 'Move Conversations To',
					name: 'moveTo',
					description: 'The team that takes the open conversations, if there are any',
				}),
			],
			async run(call) {
				const moveTo = call.text('moveTo');
				const { moved, overflowCleared } = await call.store.deleteTeam({
					key: call.text('team'),
					...(moveTo === '' ? {} : { moveTo }),
				});
				return { deleted: true, moved, overflowCleared };
			},
		},
		{
			name: 'Get',
			value: 'get',
			action: 'Get a team',
			description:
				'One team with its business hours, whether it is open now, its agents and those who wait',
			parameters: [teamParameter({ required: true })],
			run: async (call) => ({ ...(await call.store.getTeam(call.text('team'))) }),
		},
		{
			name: 'Get Many',
			value: 'getAll',
			action: 'Get many teams',
			description: 'All teams of the workspace',
			parameters: listParameters,
			run: async (call) => await call.list(async (page) => await call.store.listTeams(page)),
		},
	],
};
