import type { Availability } from '../../decisions/contracts';
import { agentParameter, teamParameter } from '../../descriptions/common';
import { heartbeat } from './agentHeartbeat';
import { availability } from './agentParameters';
import { setAvailability } from './agentSetAvailability';
import { upsertAgent } from './agentUpsert';
import { fairnessReport } from './fairnessReport';
import { listParameters, locatorValue, type StoreResource } from './resource';

const COUNTED =
	'What the agents count as now: outside the shift, and when the time online has ended, that is offline';

/** Who answers: teams, capacity, availability, shifts. */
export const agent: StoreResource = {
	name: 'Agent',
	value: 'agent',
	operations: [
		upsertAgent,
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
					options: [{ ...availability, description: COUNTED }, teamParameter()],
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
		heartbeat,
		setAvailability,
	],
};
