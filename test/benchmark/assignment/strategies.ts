import type { AssignmentStrategy } from '../../../nodes/decisions/contracts';

/** As the node shows them. */
export const STRATEGY_NAMES: Record<AssignmentStrategy, string> = {
	roundRobin: 'Round Robin',
	leastOpen: 'Least Open',
	lowestLoad: 'Lowest Load',
	longestIdle: 'Longest Idle',
};

export const STRATEGIES = Object.keys(STRATEGY_NAMES) as AssignmentStrategy[];
