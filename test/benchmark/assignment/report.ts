import type { Figures } from './figures';
import { STRATEGY_NAMES } from './strategies';

const BEGIN = '<!-- figures: begin (npm run benchmark:assignment) -->';
const END = '<!-- figures: end -->';

const percent = (share: number, digits = 1) => `${(share * 100).toFixed(digits)} %`;

/** "0 s", "48 s", "12 min 30 s" */
export function duration(seconds: number): string {
	const whole = Math.round(seconds);
	if (whole < 120) return `${whole} s`;
	return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function table(head: string[], rows: string[][]): string {
	const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
	const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
	return [head, rule, ...rows].map(line).join('\n');
}

/** In Markdown. */
export function tablesOf(figures: Figures[]): string {
	const waits = table(
		[
			'Strategy',
			'At once',
			'Within 60 s',
			'Median',
			'95 of 100 within',
			'99 of 100 within',
			'Longest',
		],
		figures.map(({ strategy, waits }) => [
			STRATEGY_NAMES[strategy],
			percent(waits.atOnce),
			percent(waits.within60),
			duration(waits.median),
			duration(waits.p95),
			duration(waits.p99),
			duration(waits.longest),
		]),
	);
	const fairness = table(
		[
			'Strategy',
			'Utilisation',
			'Gini by online time',
			'Gini of what was due',
			'Least got',
			'Most got',
			'Loads apart',
			'Over capacity',
			'Lost',
		],
		figures.map(({ strategy, utilisation, fairness, overCapacity, lost }) => [
			STRATEGY_NAMES[strategy],
			percent(utilisation),
			fairness.giniByOnlineTime.toFixed(3),
			fairness.giniByDue.toFixed(3),
			percent(fairness.least, 0),
			percent(fairness.most, 0),
			percent(fairness.loadSpread, 0),
			String(overCapacity),
			String(lost),
		]),
	);
	return `${waits}\n\n${fairness}`;
}

/** The page with these tables where the old ones were. */
export function withTables(page: string, tables: string): string {
	const [before, rest] = page.split(BEGIN);
	const after = rest?.split(END)[1];
	if (after === undefined) throw new Error(`The page has no ${BEGIN} with its ${END}`);
	return `${before}${BEGIN}\n\n${tables}\n\n${END}${after}`;
}

/** What is kept beside the page: all but the single waits. */
export const jsonOf = (about: Record<string, unknown>, figures: Figures[]) =>
	JSON.stringify(
		{ ...about, strategies: figures.map((one) => ({ ...one, sortedWaits: undefined })) },
		(_, value: unknown) =>
			typeof value === 'number' ? Math.round(value * 10_000) / 10_000 : value,
		'\t',
	);
