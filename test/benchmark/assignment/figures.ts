import type { AssignmentStrategy } from '../../../nodes/decisions/contracts';
import { HOUR, SECOND } from '../../store/support/engines';
import type { Day, SimulatedAgent } from './day';
import type { PlayedDay, Served } from './simulate';

/** What is compared of a day under one strategy. Times in seconds, shares from 0 to 1. */
export interface Figures {
	strategy: AssignmentStrategy;
	assigned: number;
	waits: {
		median: number;
		p95: number;
		p99: number;
		longest: number;
		mean: number;
		/** Assigned as soon as they came. */
		atOnce: number;
		within60: number;
	};
	/** Units in work as a share of the units that those on shift could have had in work. */
	utilisation: number;
	fairness: {
		/** Of conversations per hour online, each agent as heavy as its time online. */
		giniByOnlineTime: number;
		/** Of what agents got by what was due to them, see {@link dueTo}. */
		giniByDue: number;
		/** The agent who got least, and the one who got most, by what was due to them. */
		least: number;
		most: number;
		/** The most uneven load at a time: the mean spread of the loads of a team when one is assigned. */
		loadSpread: number;
	};
	overCapacity: number;
	lost: number;
	/** Per agent, in the order of the day's agents. */
	agents: Array<{ key: string; got: number; due: number; online: number }>;
	/** Waits in seconds, rising; what the plot shows. */
	sortedWaits: number[];
}

export function figuresOf(day: Day, { strategy, served, lost, overCapacity }: PlayedDay): Figures {
	const waits = served.map(waitOf).sort((a, b) => a - b);
	const agents = agentFigures(day, served);
	const there = agents.filter(({ due }) => due >= 1);
	const rates = there.map(({ got, online }) => ({ value: got / online, weight: online }));
	const shares = there.map(({ got, due }) => ({ value: got / due, weight: due }));
	return {
		strategy,
		assigned: served.length,
		waits: {
			median: quantile(waits, 0.5),
			p95: quantile(waits, 0.95),
			p99: quantile(waits, 0.99),
			longest: waits.at(-1) ?? 0,
			mean: mean(waits),
			atOnce: mean(waits.map((wait) => Number(wait === 0))),
			within60: mean(waits.map((wait) => Number(wait <= 60))),
		},
		utilisation: utilisationOf(day, served),
		fairness: {
			giniByOnlineTime: gini(rates),
			giniByDue: gini(shares),
			least: Math.min(...shares.map(({ value }) => value)),
			most: Math.max(...shares.map(({ value }) => value)),
			loadSpread: loadSpreadOf(day, served),
		},
		overCapacity,
		lost,
		agents,
		sortedWaits: waits,
	};
}

const waitOf = ({ assignedAt, conversation }: Served) =>
	(assignedAt - conversation.arrivesAt) / SECOND;

const mean = (values: number[]) =>
	values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** The smallest value that so great a share of the values does not exceed. */
const quantile = (rising: number[], share: number) =>
	rising[Math.max(0, Math.ceil(share * rising.length) - 1)] ?? 0;

/** From the first arrival to the last end: what is measured by. */
const span = (day: Day, served: Served[]) => ({
	from: day.conversations[0]?.arrivesAt ?? 0,
	to: Math.max(...served.map(({ closedAt }) => closedAt)),
});

const overlap = (a: { from: number; to: number }, b: { from: number; to: number }) =>
	Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));

const timeOnline = (agent: SimulatedAgent, during: { from: number; to: number }) =>
	agent.online.reduce((sum, time) => sum + overlap(time, during), 0);

/** What is finished after the shift, or during a break, counts for neither side. */
function utilisationOf(day: Day, served: Served[]): number {
	const during = span(day, served);
	const agents = new Map(day.agents.map((agent) => [agent.key, agent]));
	const worked = served.reduce((sum, { agent, assignedAt, closedAt, conversation }) => {
		const times = agents.get(agent)?.online ?? [];
		const work = { from: assignedAt, to: closedAt };
		return sum + conversation.weight * times.reduce((all, time) => all + overlap(time, work), 0);
	}, 0);
	const could = day.agents.reduce(
		(sum, agent) => sum + agent.capacity * timeOnline(agent, during),
		0,
	);
	return worked / could;
}

/**
 * What was due: of each conversation an equal share to everybody of its team who was there when it
 * was assigned, whatever they had to do. So neither a quiet night nor a short shift counts as unfair.
 */
function dueTo(served: Served[]): Map<string, number> {
	const due = new Map<string, number>();
	for (const { present } of served) {
		for (const key of present) due.set(key, (due.get(key) ?? 0) + 1 / present.length);
	}
	return due;
}

function agentFigures(day: Day, served: Served[]): Figures['agents'] {
	const during = span(day, served);
	const due = dueTo(served);
	const got = new Map<string, number>();
	for (const { agent } of served) got.set(agent, (got.get(agent) ?? 0) + 1);
	return day.agents.map((agent) => ({
		key: agent.key,
		got: got.get(agent.key) ?? 0,
		due: due.get(agent.key) ?? 0,
		online: timeOnline(agent, during) / HOUR,
	}));
}

/**
 * How unevenly values are spread: 0 is all the same, towards 1 is one who has all.
 *
 * The mean difference of two, as a share of twice the mean (Gini, 1912), each as heavy as it weighs.
 */
export function gini(values: Array<{ value: number; weight: number }>): number {
	const weight = values.reduce((sum, one) => sum + one.weight, 0);
	const total = values.reduce((sum, one) => sum + one.weight * one.value, 0);
	if (weight === 0 || total === 0) return 0;
	let differences = 0;
	for (const a of values) {
		for (const b of values) differences += a.weight * b.weight * Math.abs(a.value - b.value);
	}
	return differences / (2 * weight * total);
}

/** By how much the loads (units of the capacity) of those present lie apart, on average. */
function loadSpreadOf(day: Day, served: Served[]): number {
	const capacities = new Map(day.agents.map(({ key, capacity }) => [key, capacity]));
	const units = new Map<string, number>();
	const changes = served
		.flatMap((one) => [
			{ at: one.assignedAt, one, by: one.conversation.weight },
			{ at: one.closedAt, one, by: -one.conversation.weight },
		])
		.sort((a, b) => a.at - b.at || a.by - b.by);
	const spreads: number[] = [];
	for (const { one, by } of changes) {
		units.set(one.agent, (units.get(one.agent) ?? 0) + by);
		if (by < 0) continue;
		const loads = one.present.map((key) => (units.get(key) ?? 0) / (capacities.get(key) ?? 1));
		if (loads.length > 1) spreads.push(Math.max(...loads) - Math.min(...loads));
	}
	return mean(spreads);
}
