import { HOUR, MINUTE } from '../../store/support/engines';
import { drawChart, type Series } from './chart';
import { MIDNIGHT, type Day } from './day';
import type { Figures } from './figures';
import { isPresent, type PlayedDay } from './simulate';
import { STRATEGY_NAMES } from './strategies';

/** File name → SVG. */
export function plotsOf(day: Day, played: PlayedDay[], figures: Figures[]): Record<string, string> {
	return {
		'assignment-day.svg': dayPlot(day, played),
		'assignment-waits.svg': waitsPlot(figures),
		'assignment-fairness.svg': fairnessPlot(figures),
	};
}

const ticks = (values: number[], text: (at: number) => string = String) =>
	values.map((at) => ({ at, text: text(at) }));

const SPAN = 10 * MINUTE;
const STEP = 10;

/** When how many wait, before how many agents are there. */
function dayPlot(day: Day, played: PlayedDay[]): string {
	const moments = Array.from({ length: 145 }, (_, i) => MIDNIGHT + i * SPAN);
	const hour = (at: number) => (at - MIDNIGHT) / HOUR;
	const present: Series = {
		name: 'agents there',
		area: true,
		steps: true,
		points: moments.map((at) => [
			hour(at),
			day.agents.filter((agent) => isPresent(agent, at)).length,
		]),
	};
	const waiting = played.map(({ strategy, served }): Series => ({
		name: STRATEGY_NAMES[strategy],
		points: moments.map((at) => [
			hour(at),
			served.filter((one) => one.conversation.arrivesAt <= at && at < one.assignedAt).length,
		]),
	}));
	const all = [present, ...waiting];
	const most = Math.max(...all.flatMap(({ points }) => points.map(([, y]) => y)));
	const top = Math.ceil(most / STEP) * STEP;
	return drawChart({
		title: 'Who waits, over the day',
		description:
			'How many conversations wait at each moment under each strategy, and how many agents are there.',
		x: {
			label: 'hour of the day, UTC',
			from: 0,
			to: 24,
			ticks: ticks([0, 3, 6, 9, 12, 15, 18, 21, 24]),
		},
		y: {
			label: 'conversations, agents',
			from: 0,
			to: top,
			ticks: ticks(Array.from({ length: top / STEP + 1 }, (_, i) => i * STEP)),
		},
		series: all,
	});
}

/** Which share has waited no longer than so long. */
function waitsPlot(figures: Figures[]): string {
	const longest = 360;
	const seconds = Array.from({ length: longest / 10 + 1 }, (_, i) => i * 10);
	const lowest = Math.min(...figures.map(({ waits }) => waits.atOnce));
	const from = Math.floor(lowest * 10) / 10;
	return drawChart({
		title: 'How long customers wait',
		description: 'The share of conversations that have an agent after so many minutes.',
		x: {
			label: 'minutes since the customer wrote',
			from: 0,
			to: longest / 60,
			ticks: ticks([0, 1, 2, 3, 4, 5, 6]),
		},
		y: {
			label: 'have an agent',
			from,
			to: 1,
			ticks: ticks(
				Array.from({ length: Math.round((1 - from) * 10) + 1 }, (_, i) => from + i / 10),
				(at) => `${Math.round(at * 100)} %`,
			),
		},
		series: figures.map(({ strategy, sortedWaits }) => ({
			name: STRATEGY_NAMES[strategy],
			steps: true,
			points: seconds.map((second) => [
				second / 60,
				sortedWaits.filter((wait) => wait <= second).length / sortedWaits.length,
			]),
		})),
	});
}

/** What each agent got of what was due, from the one with least to the one with most. */
function fairnessPlot(figures: Figures[]): string {
	const shares = figures.map(({ strategy, agents }) => ({
		strategy,
		rising: agents
			.filter(({ due }) => due >= 1)
			.map(({ got, due }) => got / due)
			.sort((a, b) => a - b),
	}));
	const most = Math.max(...shares.flatMap(({ rising }) => rising));
	const top = Math.ceil(most * 4) / 4;
	const agents = Math.max(...shares.map(({ rising }) => rising.length));
	return drawChart({
		title: 'What agents got of an equal share',
		description:
			'For each strategy the agents in order: conversations they got, divided by an equal share of what came while they were there.',
		x: {
			label: 'agents, from the one who got least to the one who got most',
			from: 1,
			to: agents,
			ticks: ticks([1, 10, 20, 30, 40, 50, 60].filter((at) => at <= agents)),
		},
		y: {
			label: 'of an equal share',
			from: 0,
			to: top,
			ticks: ticks(
				Array.from({ length: top * 4 + 1 }, (_, i) => i / 4),
				(at) => `${Math.round(at * 100)} %`,
			),
		},
		series: shares.map(({ strategy, rising }) => ({
			name: STRATEGY_NAMES[strategy],
			points: rising.map((share, i) => [i + 1, share]),
		})),
	});
}
