import type { ShadowDecision } from './assignmentShadow';

/** One decision of the past, by the policy that decided and by the one beside it. */
export interface ShadowComparison {
	/** Key of the agent who got it; null: it was to wait. */
	live: string | null;
	shadow: Pick<ShadowDecision, 'strategy' | 'chosen' | 'agrees'>;
}

export interface ShadowSummary {
	decisions: number;
	agreed: number;
	/** Null with no decisions. */
	agreedShare: number | null;
	/** Both chose somebody, and not the same. */
	otherAgent: number;
	/** It was assigned, and would have waited. */
	wouldWait: number;
	/** It waited, and would have been assigned. */
	wouldNotWait: number;
	/** Decisions by the strategy that was asked beside. */
	strategies: Record<string, number>;
	/** Who got how many, and would have; who would have got most comes first. */
	agents: Array<{ key: string; live: number; shadow: number; change: number }>;
}

/** Adds up comparison by comparison; what it keeps grows with the agents only. */
export class ShadowTally {
	private readonly counts = {
		...{ decisions: 0, agreed: 0, otherAgent: 0, wouldWait: 0, wouldNotWait: 0 },
	};
	private readonly strategies = new Map<string, number>();
	private readonly agents = new Map<string, { live: number; shadow: number }>();

	add({ live, shadow }: ShadowComparison): void {
		const { counts } = this;
		const chosen = shadow.chosen?.key ?? null;
		counts.decisions++;
		if (shadow.agrees) counts.agreed++;
		else if (chosen === null) counts.wouldWait++;
		else if (live === null) counts.wouldNotWait++;
		else counts.otherAgent++;
		this.strategies.set(shadow.strategy, (this.strategies.get(shadow.strategy) ?? 0) + 1);
		if (live !== null) this.of(live).live++;
		if (chosen !== null) this.of(chosen).shadow++;
	}

	summary(): ShadowSummary {
		const { decisions, agreed } = this.counts;
		return {
			...this.counts,
			agreedShare: decisions === 0 ? null : agreed / decisions,
			strategies: Object.fromEntries(this.strategies),
			agents: [...this.agents]
				.map(([key, { live, shadow }]) => ({ key, live, shadow, change: shadow - live }))
				.sort((a, b) => b.shadow - a.shadow || (a.key < b.key ? -1 : 1)),
		};
	}

	private of(key: string) {
		const known = this.agents.get(key) ?? { live: 0, shadow: 0 };
		this.agents.set(key, known);
		return known;
	}
}
