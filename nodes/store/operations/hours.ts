import { hoursState, parseBusinessHours } from '../../decisions/businessHours';
import type { BusinessHours, HoursState } from '../../decisions/contracts';
import { parseJson } from '../json';
import type { Operation } from '../operation';

/** As columns hold them: written in one way, however they were given. */
export const hoursColumn = (hours: BusinessHours | null) =>
	hours === null ? null : JSON.stringify(parseBusinessHours(hours));

const states = new WeakMap<Operation, Map<string, HoursState>>();

/**
 * Whether an agent's shifts include the moment of the operation. Colleagues mostly share theirs, and
 * one operation looks at its agents again and again: each column's text is read once.
 */
export function shiftState(operation: Operation, shifts: string | null): HoursState {
	const known = states.get(operation) ?? new Map<string, HoursState>();
	states.set(operation, known);
	const state =
		known.get(shifts ?? '') ??
		hoursState(parseJson<BusinessHours | null>(shifts, null), operation.now);
	known.set(shifts ?? '', state);
	return state;
}
