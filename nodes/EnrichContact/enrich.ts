import { counted } from '../store/operations/problem';
import type { ConversationItem } from '../store/views';
import type { Access } from './access';
import { reasonOf, SourceFailure } from './failure';
import type { SourceSettings } from './settings';
import { sources, type Found, type Source } from './sources';
import type { Finding } from './writes';

/** What became of one source, as the item says it. */
export interface SourceOutcome {
	outcome: 'found' | 'nothing' | 'failed' | 'timedOut' | 'skipped';
	/** Milliseconds. */
	durationMs: number;
	found: Record<string, unknown> | null;
	/** Why, in a sentence: what failed, what is missing, or what stood in for what failed. */
	reason?: string;
}

interface Asked {
	item: ConversationItem;
	settings: SourceSettings;
	access: Access;
	now: () => number;
	/** Ends when the execution is stopped. */
	stopped?: AbortSignal | undefined;
}

/**
 * Asks all sources at once. One that fails or takes too long is reported and stops nothing; none is
 * waited for beyond its limit, and what it still does is told to end.
 */
export async function askSources(
	names: string[],
	asked: Asked,
): Promise<{ outcomes: Record<string, SourceOutcome>; findings: Finding[] }> {
	// In their own order, not in that of a click or of answers: the same input gives the same output.
	const wanted = Object.entries(sources).filter(([name]) => names.includes(name));
	const answers = await Promise.all(
		wanted.map(async ([name, source]) => [name, await ask(name, source, asked)] as const),
	);
	return {
		outcomes: Object.fromEntries(answers.map(([name, { outcome }]) => [name, outcome])),
		findings: answers.flatMap(([name, { found }]) => (found ? [[name, found] as Finding] : [])),
	};
}

async function ask(
	name: string,
	source: Source,
	{ item, settings, access, now, stopped }: Asked,
): Promise<{ outcome: SourceOutcome; found?: Found }> {
	const started = now();
	const limit = limitOf(name, settings);
	const ending = new AbortController();
	const signal = stopped ? AbortSignal.any([ending.signal, stopped]) : ending.signal;
	let standIn: Found | undefined;
	const tools = {
		signal,
		access,
		otherwise: (found: Found) => {
			if (!signal.aborted) standIn = found;
		},
	};
	let timer: NodeJS.Timeout | undefined;
	const over = new Promise<'timedOut'>((resolve) => {
		timer = setTimeout(() => resolve('timedOut'), limit);
	});
	const done = (outcome: SourceOutcome['outcome'], found?: Found, reason = found?.reason) => ({
		outcome: {
			outcome,
			durationMs: now() - started,
			found: found?.output ?? null,
			...(reason === undefined ? {} : { reason }),
		},
		...(found ? { found } : {}),
	});
	const failed = (outcome: 'failed' | 'timedOut', reason: string, passes: boolean) =>
		passes && standIn?.output ? done('found', standIn, reason) : done(outcome, undefined, reason);
	try {
		const answer = await Promise.race([(async () => await source(item, settings, tools))(), over]);
		if (answer === 'timedOut') {
			return failed('timedOut', `It took longer than ${counted(limit / 1_000, 'second')}`, true);
		}
		if (answer.skipped) return done('skipped', undefined, answer.reason);
		return done(answer.output === null ? 'nothing' : 'found', answer);
	} catch (error) {
		return failed('failed', reasonOf(error), error instanceof SourceFailure && error.passes);
	} finally {
		clearTimeout(timer);
		ending.abort();
	}
}

const limitOf = (name: string, { limits }: SourceSettings) =>
	name === 'intent' || name === 'lookup' ? limits[name] : limits.others;
