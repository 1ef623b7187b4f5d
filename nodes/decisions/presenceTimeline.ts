import type { Availability } from './contracts';
import type { PresenceTimeline } from './fairness';

/** An agent's presence changed, as an event tells. `from` is null for an agent that was new. */
export interface PresenceChange {
	agent: string;
	at: number;
	from: Availability | null;
	to: Availability;
}

export interface KnownTimeline extends PresenceTimeline {
	/** Whether events tell of it; else what the agent is now is taken for what it was. */
	told: boolean;
}

/**
 * What each agent was from `from` on. Before an agent's first change it was what that change says it
 * came from; without any it was what it is now, since it was made. No change
 * comes before the one that was told before it.
 *
 * @param changes all from `from` to the present moment, the oldest first
 */
export function timelinesOf(
	agents: Array<{ key: string; presence: Availability; createdAt: number }>,
	changes: PresenceChange[],
	from: number,
): Map<string, KnownTimeline> {
	const byAgent = new Map<string, PresenceChange[]>();
	for (const change of changes) {
		const known = byAgent.get(change.agent);
		const at = Math.max(change.at, known?.at(-1)?.at ?? change.at);
		if (known) known.push({ ...change, at });
		else byAgent.set(change.agent, [change]);
	}
	return new Map(
		agents.map((agent) => [agent.key, timelineOf(agent, byAgent.get(agent.key), from)]),
	);
}

function timelineOf(
	{ presence, createdAt }: { presence: Availability; createdAt: number },
	changes: PresenceChange[] | undefined,
	from: number,
): KnownTimeline {
	const first = changes?.[0];
	if (changes && first) {
		return {
			presence: first.from ?? 'offline',
			changes: changes.map(({ at, to }) => ({ at, to })),
			told: true,
		};
	}
	if (createdAt <= from) return { presence, changes: [], told: false };
	return { presence: 'offline', changes: [{ at: createdAt, to: presence }], told: false };
}
