import type { Examined } from './candidates';
import type { AssignmentStrategy } from './contracts';

export type Compare = (a: Examined, b: Examined) => number;

/** One key of an order; `words` say why the first of two agents goes before the other. */
export interface Step {
	compare: Compare;
	words: string;
	/** Whether the strategy itself asks for it; the other steps only break ties. */
	own: boolean;
}

const byLastAssigned: Step = {
	compare: (a, b) => compareNullFirst(a.agent.lastAssignedAt, b.agent.lastAssignedAt),
	words: 'was assigned less recently',
	own: false,
};
const byKey: Step = {
	compare: (a, b) => compareValues(a.agent.key, b.agent.key),
	words: 'comes first by key',
	own: false,
};
const byTurnCount: Step = {
	compare: (a, b) => compareValues(a.agent.turnCount, b.agent.turnCount),
	words: 'had fewer turns',
	own: true,
};
const byLastTurn: Step = {
	compare: (a, b) => compareNullFirst(a.agent.lastTurn, b.agent.lastTurn),
	words: 'had a turn less recently',
	own: true,
};
const byOpenUnits: Step = {
	compare: (a, b) => compareValues(a.agent.openUnits, b.agent.openUnits),
	words: 'has fewer open',
	own: true,
};
const byLoad: Step = {
	compare: (a, b) => compareValues(loadOf(a), loadOf(b)),
	words: 'has the lower load',
	own: true,
};

/** The keys of a strategy's order. Every order ends at last-assigned time, then agent key. */
export function stepsOf(strategy: AssignmentStrategy, allWereCandidates: boolean): Step[] {
	switch (strategy) {
		case 'roundRobin':
			// While somebody is missing, counts would hand the one who returns a run of
			// conversations; taking turns does not.
			return allWereCandidates
				? [byTurnCount, byLastTurn, byLastAssigned, byKey]
				: [byLastTurn, byLastAssigned, byKey];
		case 'leastOpen':
			return [byOpenUnits, byLastAssigned, byKey];
		case 'lowestLoad':
			return [byLoad, { ...byOpenUnits, own: false }, byLastAssigned, byKey];
		case 'longestIdle':
			return [{ ...byLastAssigned, own: true }, byKey];
	}
}

/** What the first step of a strategy's order goes by, as a number (the smallest first) and in words. */
export function scoreOf(
	strategy: AssignmentStrategy,
	allWereCandidates: boolean,
): { words: string; of: (one: Examined) => number | null } {
	switch (strategy) {
		case 'roundRobin':
			return allWereCandidates
				? { words: 'turns taken', of: ({ agent }) => agent.turnCount }
				: { words: 'number of the last turn', of: ({ agent }) => agent.lastTurn };
		case 'leastOpen':
			return { words: 'units open', of: ({ agent }) => agent.openUnits };
		case 'lowestLoad':
			return {
				words: 'units open as a share of the capacity',
				of: (one) => (Number.isFinite(loadOf(one)) ? Math.round(loadOf(one) * 1000) / 1000 : null),
			};
		case 'longestIdle':
			return { words: 'last assigned, in ms since 1970', of: ({ agent }) => agent.lastAssignedAt };
	}
}

/** Open units as a share of the limit. Without a limit there is no load, however many are open. */
function loadOf({ agent, limit }: Examined): number {
	if (limit === null) return 0;
	return limit > 0 ? agent.openUnits / limit : Infinity;
}

/** One comparison out of several keys. */
export function inOrderOf(steps: Step[]): Compare {
	return (a, b) => {
		for (const step of steps) {
			const order = step.compare(a, b);
			if (order !== 0) return order;
		}
		return 0;
	};
}

/** Compares by value; text by code units, so that no locale changes a decision. */
function compareValues<T extends number | string>(a: T, b: T): number {
	if (a === b) return 0;
	return a < b ? -1 : 1;
}

function compareNullFirst(a: number | null, b: number | null): number {
	if (a === null || b === null) return Number(a !== null) - Number(b !== null);
	return compareValues(a, b);
}

/** The first `count` in order, without sorting the rest: a team may have thousands of agents. */
export function firstInOrder(all: Examined[], count: number, compare: Compare): Examined[] {
	const first: Examined[] = [];
	for (const one of all) {
		const last = first.at(-1);
		if (first.length === count && last && compare(one, last) >= 0) continue;
		let at = first.length;
		for (let before = first[at - 1]; before && compare(one, before) < 0; before = first[at - 1]) {
			at--;
		}
		first.splice(at, 0, one);
		if (first.length > count) first.pop();
	}
	return first;
}
