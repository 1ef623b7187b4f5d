import { describeMoment, hoursState, parseBusinessHours } from '../../decisions/businessHours';
import type { AgentCandidate, BusinessHours } from '../../decisions/contracts';
import { parseJson } from '../json';
import type { Operation } from '../operation';

/** As columns hold them: written in one way, however they were given. */
export const hoursColumn = (hours: BusinessHours | null) =>
	hours === null ? null : JSON.stringify(parseBusinessHours(hours));

type Shift = Pick<AgentCandidate, 'onShift' | 'nextShift'>;

const ALWAYS: Shift = { onShift: true, nextShift: null };

const shifts = new WeakMap<Operation, Map<string, Shift>>();

/**
 * Whether an agent's shifts include the moment of the operation. Colleagues mostly share theirs, and
 * one operation looks at its agents again and again: each column's text is read once.
 */
export function shiftOf(operation: Operation, column: string | null): Shift {
	if (column === null) return ALWAYS;
	const known = shifts.get(operation) ?? new Map<string, Shift>();
	shifts.set(operation, known);
	const shift = known.get(column) ?? readShift(column, operation.now);
	known.set(column, shift);
	return shift;
}

/** As {@link shiftOf}, at any moment. */
export function readShift(column: string | null, at: number): Shift {
	const hours = parseJson<BusinessHours | null>(column, null);
	if (hours === null) return ALWAYS;
	const { open, opensAt } = hoursState(hours, at);
	return {
		onShift: open,
		nextShift: opensAt === null ? null : describeMoment(hours, opensAt, at),
	};
}
