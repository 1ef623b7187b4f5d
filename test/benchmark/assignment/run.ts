/**
 * A day of 10,000 conversations and 60 agents through the store, under each strategy:
 * `npm run benchmark:assignment`. Writes the tables and plots of docs/assignment.md.
 *
 * --short: a rush hour of 400 conversations, printed only. --seed=2: another day, printed only.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { format, resolveConfig } from 'prettier';
import type { AssignmentStrategy } from '../../../nodes/decisions/contracts';
import { drawDay, rushHour, type Day } from './day';
import { figuresOf } from './figures';
import { plotsOf } from './plots';
import { jsonOf, tablesOf, withTables } from './report';
import { playDay, type PlayedDay } from './simulate';
import { STRATEGIES, STRATEGY_NAMES } from './strategies';

const ROOT = path.resolve(__dirname, '..', '..', '..');
const RUN_TS = path.join(ROOT, 'test', 'host', 'run-ts.js');
const PAGE = path.join(ROOT, 'docs', 'assignment.md');
const IMAGES = path.join(ROOT, 'docs', 'images');

const CONVERSATIONS = 10_000;
const DEFAULT_SEED = 6;

/** Of the rush hour. */
const HOUR_OF_RUSH = 13;
const IN_RUSH = 400;

interface Asked {
	short: boolean;
	seed: number;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

function dayOf({ short, seed }: Asked): Day {
	const day = drawDay(seed, CONVERSATIONS);
	return short ? rushHour(day, HOUR_OF_RUSH, IN_RUSH) : day;
}

function asked(): Asked {
	const seed = process.argv.find((argument) => argument.startsWith('--seed='))?.slice(7);
	return {
		short: process.argv.includes('--short'),
		seed: seed === undefined ? DEFAULT_SEED : Number(seed),
	};
}

/** In a thread of its own, so that two strategies use two cores. */
async function playElsewhere(what: Asked, strategy: AssignmentStrategy): Promise<PlayedDay> {
	return await new Promise((resolve, reject) => {
		const worker = new Worker(RUN_TS, { argv: [__filename], workerData: { what, strategy } });
		worker.on('error', reject);
		worker.on('message', (message: number | PlayedDay) => {
			if (typeof message !== 'number') return resolve(message);
			say(`${STRATEGY_NAMES[strategy]}: ${message} ended`);
		});
	});
}

async function playHere(what: Asked, strategy: AssignmentStrategy): Promise<void> {
	const day = dayOf(what);
	const step = Math.ceil(day.conversations.length / 5);
	const played = await playDay(day, strategy, (ended) => {
		if (ended % step === 0) parentPort?.postMessage(ended);
	});
	parentPort?.postMessage(played);
}

async function playAll(what: Asked): Promise<PlayedDay[]> {
	const played = new Map<AssignmentStrategy, PlayedDay>();
	const left = [...STRATEGIES];
	const work = async () => {
		for (let strategy = left.shift(); strategy; strategy = left.shift()) {
			played.set(strategy, await playElsewhere(what, strategy));
		}
	};
	await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work));
	return STRATEGIES.flatMap((strategy) => played.get(strategy) ?? []);
}

async function write(file: string, text: string): Promise<void> {
	const formatted = file.endsWith('.svg')
		? text
		: await format(text, { ...(await resolveConfig(file)), filepath: file });
	writeFileSync(file, formatted);
}

async function main(): Promise<void> {
	const what = asked();
	const began = Date.now();
	const day = dayOf(what);
	const played = await playAll(what);
	const figures = played.map((one) => figuresOf(day, one));
	say(`\n${tablesOf(figures)}\n`);
	say(`${Math.round((Date.now() - began) / 1000)} s`);
	if (what.short || what.seed !== DEFAULT_SEED) return;
	mkdirSync(IMAGES, { recursive: true });
	await write(PAGE, withTables(readFileSync(PAGE, 'utf8'), tablesOf(figures)));
	const about = {
		seed: what.seed,
		conversations: day.conversations.length,
		agents: day.agents.length,
	};
	await write(path.join(IMAGES, 'assignment-figures.json'), jsonOf(about, figures));
	for (const [name, svg] of Object.entries(plotsOf(day, played, figures))) {
		await write(path.join(IMAGES, name), svg);
	}
}

if (isMainThread) void main();
else {
	const { what, strategy } = workerData as { what: Asked; strategy: AssignmentStrategy };
	void playHere(what, strategy);
}
