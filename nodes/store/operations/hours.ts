import { describeMoment, hoursState, parseBusinessHours } from '../../decisions/businessHours';
import type { AgentCandidate, BusinessHours, HoursState } from '../../decisions/contracts';
import type { Shifts } from '../../decisions/presence';
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

const ALL_DAY: Shifts = {
	at: () => ({ onShift: true, changesAt: null }),
	nextBegin: () => null,
};

const calendars = new WeakMap<Operation, Map<string, Shifts>>();

/** The shifts of a column, at any moment; what was asked once in an operation is not asked again. */
export function shiftsOf(operation: Operation, column: string | null): Shifts {
	if (column === null) return ALL_DAY;
	const known = calendars.get(operation) ?? new Map<string, Shifts>();
	calendars.set(operation, known);
	let shifts = known.get(column);
	if (!shifts) {
		const hours = parseJson<BusinessHours | null>(column, null);
		shifts = hours === null ? ALL_DAY : readShifts(hours);
		known.set(column, shifts);
	}
	return shifts;
}

/** @see Shifts */
export function readShifts(hours: BusinessHours): Shifts {
	const states = new Map<number, HoursState>();
	const stateAt = (moment: number) => {
		const state = states.get(moment) ?? hoursState(hours, moment);
		states.set(moment, state);
		return state;
	};
	return {
		at(moment) {
			const { open, opensAt, closesAt } = stateAt(moment);
			return { onShift: open, changesAt: open ? closesAt : opensAt };
		},
		nextBegin(moment) {
			const { open, opensAt, closesAt } = stateAt(moment);
			if (!open) return opensAt;
			return closesAt === null ? null : stateAt(closesAt).opensAt;
		},
	};
}
