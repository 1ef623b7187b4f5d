import { formatTime } from './assignmentWords';
import { durationWords } from './durations';

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

/** "No reply within 10 minutes" */
export const noReplyReason = (within: number | null) =>
	within === null ? 'No reply in time' : `No reply within ${durationWords(within)}`;

/** "Offline since 09:40 UTC" */
export const offlineReason = (since: number, now: number) =>
	`Offline since ${formatTime(since, now)}`;
