import fc from 'fast-check';
import type { AgentCandidate, AssignmentPolicy } from '../../../nodes/decisions/contracts';

export const NOW = Date.UTC(2025, 2, 4, 10, 30);
export const STRATEGIES = ['roundRobin', 'leastOpen', 'lowestLoad', 'longestIdle'] as const;

export function agent(key: string, values: Partial<AgentCandidate> = {}): AgentCandidate {
	return {
		key,
		name: key,
		availability: 'online',
		availabilitySince: null,
		onlineUntil: null,
		followsShifts: false,
		onShift: true,
		nextShift: null,
		capacity: null,
		openUnits: 0,
		skills: [],
		languages: [],
		lastAssignedAt: null,
		turnCount: 0,
		lastTurn: null,
		...values,
	};
}

export function policy(values: Partial<AssignmentPolicy> = {}): AssignmentPolicy {
	return {
		strategy: 'roundRobin',
		onlyOnline: true,
		maxOpen: null,
		excluded: [],
		weight: 1,
		skills: [],
		language: null,
		relaxed: false,
		prefer: null,
		...values,
	};
}

const units = fc.integer({ min: 0, max: 6 });
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const time = fc.integer({ min: NOW - 3, max: NOW + 3 });
export const anyAgents = fc.uniqueArray(
	fc.record<AgentCandidate>({
		// Few of them, so that those who are excluded or preferred are often there.
		key: fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ minLength: 1, maxLength: 3 })),
		name: fc.string({ maxLength: 80 }),
		availability: fc.constantFrom('online', 'online', 'away', 'offline'),
		availabilitySince: orNull(time),
		onlineUntil: orNull(time),
		followsShifts: fc.boolean(),
		onShift: fc.constantFrom(true, true, false),
		nextShift: fc.constantFrom(null, 'Sunday 09:00'),
		capacity: orNull(units),
		openUnits: units,
		skills: fc.subarray(['refunds', 'Hardware']),
		languages: fc.subarray(['ar', 'en-GB']),
		lastAssignedAt: orNull(time),
		turnCount: units,
		lastTurn: orNull(units),
	}),
	{ selector: ({ key }) => key, maxLength: 70 },
);
export const anyPolicy = fc.record<AssignmentPolicy>({
	strategy: fc.constantFrom(...STRATEGIES),
	onlyOnline: fc.boolean(),
	maxOpen: orNull(units),
	excluded: fc.array(fc.constantFrom('a', 'b', 'x', 'y')),
	weight: fc.constantFrom(0, 0.5, 1, 2),
	skills: fc.subarray(['Refunds']),
	language: fc.constantFrom(null, 'en', 'ar-EG'),
	relaxed: fc.boolean(),
	prefer: orNull(fc.record({ agent: fc.constantFrom('a', 'c', 'z'), until: orNull(time) })),
});
