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
		['Status updates', String(tally.statusUpdates)],
		['Answers', answersOf(tally)],
		['Answer to the wrong signature', String(tally.wrongSignatureAnswer)],
		[
			'Time to answer',
			`median ${percentile(tally.durations, 0.5)} ms, slowest ${percentile(tally.durations, 1)} ms`,
		],
	]);
	const known = ([, value]: [string, number | undefined]): boolean => value !== undefined;
	const rows: Array<[string, number | undefined]> = [
		['Messages in', counted.messages],
		['Duplicates left alone', counted.duplicates],
		['Conversations opened', counted.opened],
		['Routed to a team', counted.routed],
		['Assigned to an agent', counted.assigned],
		['Waiting in the queue', counted.queued],
		['Closed', counted.closed],
		['Executions that failed', counted.failed],
	];
	printRows(
		'What became of it',
		rows.filter(known).map(([label, value]) => [label, String(value)]),
	);
}
