import type { BusinessHours } from '../../../nodes/decisions/contracts';
import { HOUR, MINUTE } from '../../store/support/engines';
import { seededRandom } from '../../store/support/random';

/** A Wednesday on which no zone changes its clocks. The day is that of UTC. */
export const MIDNIGHT = Date.UTC(2026, 0, 14);

export const TEAMS = ['billing', 'care', 'sales'] as const;
export type TeamKey = (typeof TEAMS)[number];

export interface SimulatedAgent {
	key: string;
	teams: TeamKey[];
	/** Units at a time. */
	capacity: number;
	skills: string[];
	languages: string[];
	shifts: BusinessHours;
	/** When the agent can be given something, in milliseconds since 1970: the shift without its break. */
	online: Array<{ from: number; to: number }>;
	/** Handling times of this agent are so much longer than what was drawn. */
	pace: number;
}

export interface SimulatedConversation {
	number: number;
	arrivesAt: number;
	team: TeamKey;
	skills: string[];
	language: string;
	priority: number;
	/** Units it takes. */
	weight: number;
	/** From its assignment to its end, at a pace of 1. Milliseconds. */
	handling: number;
}

export interface Day {
	agents: SimulatedAgent[];
	/** In the order in which they arrive; no two at the same moment. */
	conversations: SimulatedConversation[];
}

/**
 * Where people work, from when to when by the clocks of their place, how many, and what they speak.
 * `begins` is the same in hours of UTC.
 */
const SHIFTS = [
	{ zone: 'Asia/Manila', from: '09:00', to: '17:00', begins: 1, agents: 6, speak: ['es'] },
	{ zone: 'Asia/Kolkata', from: '09:00', to: '17:00', begins: 3.5, agents: 6, speak: ['ar'] },
	{ zone: 'Africa/Cairo', from: '09:00', to: '17:00', begins: 7, agents: 12, speak: ['ar'] },
	{ zone: 'Europe/Berlin', from: '10:00', to: '18:00', begins: 9, agents: 12, speak: ['de'] },
	{ zone: 'America/Sao_Paulo', from: '09:00', to: '17:00', begins: 12, agents: 9, speak: ['pt'] },
	{ zone: 'America/New_York', from: '10:00', to: '18:00', begins: 15, agents: 9, speak: ['es'] },
	{ zone: 'America/Los_Angeles', from: '12:00', to: '20:00', begins: 20, agents: 3, speak: ['es'] },
	{ zone: 'Africa/Cairo', from: '23:00', to: '07:00', begins: 21, agents: 3, speak: ['ar'] },
];
const SHIFT = 8 * HOUR;
const BREAK = 30 * MINUTE;

/** Conversations that arrive in each hour of UTC, as shares of each other. */
const ARRIVALS = [
	...[11, 11, 12, 18, 25, 25, 24, 40, 50, 62, 69, 56],
	...[64, 69, 74, 66, 60, 40, 34, 32, 25, 27, 22, 10],
];

const SHARE_OF_TEAMS: Array<[TeamKey, number]> = [
	['care', 0.39],
	['sales', 0.34],
	['billing', 0.27],
];

/** What some conversations of a team ask for: in which share of them, and which share has it. */
const SKILLS: Record<TeamKey, { skill: string; asked: number; had: number }> = {
	billing: { skill: 'refunds', asked: 0.2, had: 0.7 },
	care: { skill: 'technical', asked: 0.15, had: 0.7 },
	sales: { skill: 'contracts', asked: 0.1, had: 0.6 },
};

const LANGUAGES: Array<[string, number]> = [
	['en', 0.76],
	['ar', 0.08],
	['es', 0.08],
	['de', 0.04],
	['pt', 0.04],
];

const IMPORTANT = 0.08;
const HEAVY = 0.1;

/** Half take less than six minutes; the mean is 7.7. */
const MEDIAN_HANDLING = 6 * MINUTE;
const SIGMA = 0.7;
const SHORTEST = 20_000;

/** The same for the same seed. */
export function drawDay(seed: number, conversations: number): Day {
	const random = seededRandom(seed);
	return { agents: drawAgents(random), conversations: drawConversations(random, conversations) };
}

/** Those that arrive first from this hour of UTC on: a rush hour instead of a day. */
export function rushHour({ agents, conversations }: Day, hour: number, count: number): Day {
	const from = MIDNIGHT + hour * HOUR;
	const some = conversations.filter(({ arrivesAt }) => arrivesAt >= from).slice(0, count);
	return { agents, conversations: some };
}

function drawAgents(random: () => number): SimulatedAgent[] {
	return SHIFTS.flatMap((shift, place) =>
		Array.from({ length: shift.agents }, (_, i): SimulatedAgent => {
			const team = TEAMS[i % TEAMS.length] ?? 'care';
			const { skill, had } = SKILLS[team];
			return {
				key: `agent ${place + 1}.${String(i + 1).padStart(2, '0')}`,
				// Some help out in another team.
				teams: team === 'sales' && random() < 0.3 ? ['care', 'sales'] : [team],
				capacity: 3 + Math.floor(random() * 4),
				skills: random() < had ? [skill] : [],
				languages: drawLanguages(random, shift.speak),
				shifts: {
					timeZone: shift.zone,
					weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from: shift.from, to: shift.to }],
					holidays: [],
				},
				online: onlineTimes(shift.begins, i),
				pace: 0.8 + random() * 0.45,
			};
		}),
	);
}

/** English, mostly what is spoken around, and often one more. */
function drawLanguages(random: () => number, around: string[]): string[] {
	const spoken = ['en'];
	if (random() < 0.8) spoken.push(...around);
	if (random() < 0.6) spoken.push(drawOf(random, LANGUAGES));
	return [...new Set(spoken)];
}

/** Yesterday's shift may last into the day, today's beyond it. Breaks are one after the other. */
const onlineTimes = (begins: number, number: number) =>
	[-24, 0, 24].flatMap((day) => {
		const from = MIDNIGHT + (begins + day) * HOUR;
		const away = from + 3 * HOUR + (number % 4) * BREAK;
		return [
			{ from, to: away },
			{ from: away + BREAK, to: from + SHIFT },
		];
	});

function drawConversations(random: () => number, count: number): SimulatedConversation[] {
	const moments = new Set<number>();
	while (moments.size < count) moments.add(drawArrival(random));
	return [...moments]
		.sort((a, b) => a - b)
		.map((arrivesAt, number) => {
			const team = drawOf(random, SHARE_OF_TEAMS);
			const { skill, asked } = SKILLS[team];
			return {
				number,
				arrivesAt,
				team,
				skills: random() < asked ? [skill] : [],
				language: drawOf(random, LANGUAGES),
				priority: random() < IMPORTANT ? 1 : 0,
				weight: random() < HEAVY ? 2 : 1,
				handling: Math.max(
					SHORTEST,
					Math.round(MEDIAN_HANDLING * Math.exp(SIGMA * drawNormal(random))),
				),
			};
		});
}

function drawArrival(random: () => number): number {
	const hours = ARRIVALS.map((share, hour): [number, number] => [hour, share]);
	return MIDNIGHT + Math.floor((drawOf(random, hours) + random()) * HOUR);
}

/** One of these, by its share of all. */
function drawOf<T>(random: () => number, shares: Array<[T, number]>): T {
	const all = shares.reduce((sum, [, share]) => sum + share, 0);
	let left = random() * all;
	for (const [value, share] of shares) {
		left -= share;
		if (left < 0) return value;
	}
	return shares.at(-1)![0];
}

/** Of the standard normal distribution (Box and Muller, 1958). */
const drawNormal = (random: () => number) =>
	Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
