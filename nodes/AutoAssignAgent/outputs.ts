/**
 * The outputs of the node, as the editor asks for them. The source text of this function becomes an
 * n8n expression: the rules of RouteToTeam/outputs.ts hold.
 */

/** The parameters as they are saved. */
export interface OutputParameters {
	assignTo?: string;
	whenNobody?: string;
}

export function outputsOf({ assignTo, whenNobody }: OutputParameters) {
	const waits = whenNobody === 'continue' ? ['Queued'] : ['Timed Out', 'Ended'];
	const names = assignTo === 'nobody' ? ['Unassigned'] : ['Assigned'].concat(waits);
	return names.map((displayName) => ({ type: 'main', displayName }));
}

export const OUTPUTS: `={{${string}}}` = `={{(${outputsOf})($parameter)}}`;

/** What becomes of an item, in the node's own words. */
export type Outcome = 'assigned' | 'queued' | 'timedOut' | 'ended' | 'unassigned';

/** Where the node may wait, a conversation that is queued and goes on at once leaves as one that waited. */
const OUTPUT: Record<Outcome, number> = {
	...{ assigned: 0, unassigned: 0 },
	...{ queued: 1, timedOut: 1 },
	ended: 2,
};

export const outputOf = (outcome: Outcome, { assignTo }: OutputParameters) =>
	assignTo === 'nobody' ? 0 : OUTPUT[outcome];

/** Where an item goes that failed while the node goes on: the last of them. */
export const failedOutput = (parameters: OutputParameters) => outputsOf(parameters).length - 1;
