import type { Availability } from '../../../nodes/decisions/contracts';
import type { AgentFact, EventFact, Facts } from './facts';

/** What was said last about an agent, as far as it decides what the agent counts as. */
export interface Saying {
	availability: Availability;
	/** When it ends; null is never. */
	until: number | null;
	/** How long after that online may be taken up as if nothing had happened. Milliseconds. */
	grace: number;
	/** What takes effect later. */
	next: { availability: Availability; at: number } | null;
	/** Whether a heartbeat may say otherwise: not where somebody has said it. */
	by: 'nobody' | 'heartbeat' | 'somebody';
}

export const NOTHING_SAID: Saying = {
	...{ availability: 'offline', until: null, grace: 0 },
	...{ next: null, by: 'nobody' },
};

/** What time has made of it, whether or not somebody has looked. Shifts are tested elsewhere. */
export function settled(said: Saying, now: number): Saying {
	const { next, availability, until, grace, by } = said;
	const lapse = availability === 'online' && until !== null ? until + grace : Infinity;
	const turn = next?.at ?? Infinity;
	if (lapse <= now && lapse < turn) return settled({ ...NOTHING_SAID, next }, now);
	return next !== null && turn <= now
		? { ...NOTHING_SAID, availability: next.availability, by }
		: said;
}

/** Whether an agent gets anything new: not in the grace. */
export function isThere(said: Saying, now: number): boolean {
	const { availability, until } = settled(said, now);
	return availability === 'online' && (until === null || until > now);
}

/** What a person or a workflow says counts; the last word before all. */
export function obeyed(
	before: Saying,
	word: { availability: Availability; until: number | null; grace: number; delay: number },
	now: number,
): Saying {
	const said = settled(before, now);
	const { availability, until, grace, delay } = word;
	const is = said.availability === 'online' && !isThere(said, now) ? 'offline' : said.availability;
	return delay > 0 && is !== availability
		? { ...said, next: { availability, at: now + delay }, by: 'somebody' }
		: { availability, until, grace, next: null, by: 'somebody' };
}

/** A sign of life. Undefined: somebody has said otherwise, and it is not heard. */
export function heardOf(
	before: Saying,
	{ until, grace }: { until: number; grace: number },
	now: number,
): Saying | undefined {
	const said = settled(before, now);
	if (said.availability === 'online') {
		const next = said.by === 'heartbeat' ? null : said.next;
		const isLonger = said.until !== null && said.until > until;
		return { ...said, ...(isLonger ? {} : { until, grace }), next };
	}
	const isOver = said.until !== null && said.until <= now;
	if (said.by === 'somebody' && !isOver) return undefined;
	return { availability: 'online', until, grace, next: null, by: 'heartbeat' };
}

/** The signs of life have stopped. Undefined: the agent is not there anyway. */
export function missed(before: Saying, delay: number, now: number): Saying | undefined {
	const said = settled(before, now);
	if (!isThere(said, now)) return undefined;
	if (said.next !== null) return said;
	const gone = { availability: 'offline' as const, until: null, grace: 0 };
	return { ...obeyed(said, { ...gone, delay }, now), by: 'heartbeat' };
}

const SPEAKERS: Record<string, Saying['by']> = { heartbeat: 'heartbeat', system: 'nobody' };

/** As an agent's row has it. */
export const sayingOf = (row: AgentFact): Saying => ({
	availability: row.availability,
	until: row.online_until,
	grace: row.grace,
	next:
		row.next_availability === null
			? null
			: { availability: row.next_availability, at: Number(row.next_at) },
	by:
		row.availability_source === null ? 'nobody' : (SPEAKERS[row.availability_source] ?? 'somebody'),
});

/** Time online adds up from events: each goes on where the one before ended, up to what the row says. */
export function violationsOfPresence(facts: Facts): string[] {
	const told = new Map<string, string>();
	const gaps = facts.events.flatMap(({ type, data }: EventFact) => {
		const agent = data.agent ?? '';
		if (type === 'agent_removed') told.delete(agent);
		if (type !== 'availability_changed') return [];
		const before = told.get(agent) ?? 'offline';
		told.set(agent, data.to ?? '');
		return before === data.from ? [] : [`3: '${agent}' was ${before}, and told to be ${data.from}`];
	});
	const wrong = [...facts.agents.values()].flatMap(({ key, presence, absent_since: since }) => [
		...(presence === (told.get(key) ?? 'offline')
			? []
			: [`3: '${key}' counts as ${presence}, its events tell ${told.get(key)}`]),
		...((since !== null) === (presence === 'offline')
			? []
			: [`10: '${key}' counts as ${presence}, and is away since ${since}`]),
	]);
	return [...gaps, ...wrong];
}

/** After the pump has worked: each counts as what time has made of it. */
export const presenceLeftBehind = (facts: Facts, at: number): string[] =>
	[...facts.agents.values()]
		.filter((row) => row.presence !== settled(sayingOf(row), at).availability)
		.map(({ key, presence }) => `10: the pump has looked, and '${key}' counts as ${presence}`);
