import type { DemoTally } from './demo';
import type { Figures } from './figures';
import { printRows } from './output';

function answersOf({ answers }: DemoTally): string {
	return Object.entries(answers)
		.map(([status, count]) => `${count} x ${status}`)
		.join(', ');
}

function percentile(values: number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
}

/** Prints what was sent beside what became of it. */
export function printReport(tally: DemoTally, counted: Figures): void {
	printRows('Sent to the webhook', [
		['Customers', String(tally.customers)],
		['Messages', String(tally.messages)],
		['Sent again with the same id', String(tally.repeats)],
		['Written again after the close', String(tally.returned)],
		['Status updates', String(tally.statusUpdates)],
		['Answers', answersOf(tally)],
		['Answer to the wrong signature', String(tally.wrongSignatureAnswer)],
		[
			'Time to answer',
			`median ${percentile(tally.durations, 0.5)} ms, slowest ${percentile(tally.durations, 1)} ms`,
		],
	]);
	printRows('What became of it, as the store has it', [
		['Messages in', String(counted.messages)],
		['Known already, left alone', String(tally.duplicates)],
		['Conversations opened', String(counted.opened)],
		['Routed to a team', String(counted.routed)],
		['Assigned to an agent', `${counted.assigned} (${counted.assignedFromQueue} from the queue)`],
		['Waiting in the queue', String(counted.queued)],
		['Closed by agents', String(counted.closed)],
		['Flows that failed', String(counted.flowsFailed)],
	]);
}
