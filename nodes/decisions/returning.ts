import { formatTime } from './assignmentWords';

/** What is known when a conversation comes back from its agent. */
export interface ReturnFacts {
	/** How often it has come back, this time included. */
	returns: number;
	/** How often it may. */
	atMost: number;
	/** It came back too often before, and was sent on already. */
	hasEscalated: boolean;
	/** Whether anybody who may take it is not excluded. */
	somebodyLeft: boolean;
}

/**
 * Whether a conversation that comes back waits for the next agent, or is sent on. It is sent on once:
 * after that it waits for whoever is left, or for a person, so that it cannot go round for ever.
 */
export function decideReturn(facts: ReturnFacts): 'queue' | 'escalate' {
	if (facts.hasEscalated) return 'queue';
	return facts.returns > facts.atMost || !facts.somebodyLeft ? 'escalate' : 'queue';
}

const SECOND = 1000;
const UNITS: Array<[string, number]> = [
	['day', 24 * 60 * 60 * SECOND],
	['hour', 60 * 60 * SECOND],
	['minute', 60 * SECOND],
];

/** "10 minutes", "1 hour", "90 seconds": in the largest unit of which it is a whole number. */
export function durationWords(milliseconds: number): string {
	const whole = UNITS.find(([, size]) => milliseconds >= size && milliseconds % size === 0);
	const [unit, size] = whole ?? ['second', SECOND];
	const count = Math.round(milliseconds / size);
	return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** "No reply within 10 minutes" */
export const noReplyReason = (within: number | null) =>
	within === null ? 'No reply in time' : `No reply within ${durationWords(within)}`;

/** "Offline since 09:40 UTC" */
export const offlineReason = (since: number, now: number) =>
	`Offline since ${formatTime(since, now)}`;
