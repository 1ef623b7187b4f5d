import type { FieldWrite } from '../store/operations/enrichContact';
import type { ConversationItem } from '../store/views';
import { sources, type Found, type SourceSettings } from './sources';

/** How long one source may take. Milliseconds. */
const TIME_LIMIT = 5_000;

/** What became of one source, as the item says it. */
export interface SourceOutcome {
	outcome: 'found' | 'nothing' | 'failed' | 'timedOut';
	durationMs: number;
	found: Record<string, unknown> | null;
	/** Why it failed, in a sentence. */
	reason?: string;
}

/** Asks all sources at once. One that fails or takes too long is reported and stops nothing. */
export async function askSources(
	names: string[],
	item: ConversationItem,
	settings: SourceSettings,
	now: () => number,
): Promise<{
	outcomes: Record<string, SourceOutcome>;
	save: Array<[source: string, Found['save']]>;
}> {
	const outcomes: Record<string, SourceOutcome> = {};
	const save: Array<[string, Found['save']]> = [];
	const asked = names.map(async (name) => {
		const source = sources[name];
		if (!source) return;
		const started = now();
		let timer: NodeJS.Timeout | undefined;
		try {
			const limit = new Promise<'timedOut'>((resolve) => {
				timer = setTimeout(() => resolve('timedOut'), TIME_LIMIT);
			});
			const answer = await Promise.race([(async () => await source(item, settings))(), limit]);
			const durationMs = now() - started;
			if (answer === 'timedOut') {
				outcomes[name] = { outcome: 'timedOut', durationMs, found: null };
				return;
			}
			outcomes[name] = {
				outcome: answer.output === null ? 'nothing' : 'found',
				durationMs,
				found: answer.output,
			};
			save.push([name, answer.save]);
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			outcomes[name] = { outcome: 'failed', durationMs: now() - started, found: null, reason };
		} finally {
			clearTimeout(timer);
		}
	});
	await Promise.all(asked);
	// In the order asked for, not in the order of answers: the same input gives the same output.
	const ordered = Object.fromEntries(
		names.filter((name) => outcomes[name]).map((name) => [name, outcomes[name]!]),
	);
	save.sort(([a], [b]) => names.indexOf(a) - names.indexOf(b));
	return { outcomes: ordered, save };
}

/** What is to be written: what was learned, then what the operator assigned. */
export function writesOf(
	learned: Array<[source: string, Found['save']]>,
	learnedMode: FieldWrite['mode'] | 'keep',
	assigned: Array<{ name: string; value: unknown }>,
	assignedMode: FieldWrite['mode'],
): FieldWrite[] {
	const writes: FieldWrite[] = [];
	if (learnedMode !== 'keep') {
		for (const [source, found] of learned) {
			for (const [field, value] of Object.entries(found)) {
				writes.push({ field, value, source, mode: learnedMode });
			}
		}
	}
	for (const { name, value } of assigned) {
		writes.push({ field: name.trim(), value, source: 'input', mode: assignedMode });
	}
	return writes;
}
