import type { INodePropertyOptions } from 'n8n-workflow';

/** How an agent is chosen among those who are free. */
export const strategies: INodePropertyOptions[] = [
	{
		name: 'Least Open',
		value: 'leastOpen',
		description: 'The agent with the fewest open conversations',
	},
	{
		name: 'Longest Idle',
		value: 'longestIdle',
		description: 'The agent who has gone longest without getting one',
	},
	{
		name: 'Lowest Load',
		value: 'lowestLoad',
		description: 'The agent with the most room, as a share of the own capacity',
	},
	{ name: 'Round Robin', value: 'roundRobin', description: 'Agents take turns' },
];
