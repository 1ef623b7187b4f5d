import type { RoutingFacts } from './contracts';

/**
 * What was known when a conversation was routed, as it is kept with the decision, so that other rules
 * can be tried on it later. Neither what the customer wrote nor the fields of the contact.
 */
export interface RecordedFacts {
	/** The moment of the decision. */
	at: number;
	language: string | null;
	country: string | null;
	channel: string;
	tags: string[];
	isReturning: boolean;
	intent: string | null;
	/** What the ad or link is known by; null: nothing led here. */
	ad: string[] | null;
	/** Teams that were looked at. `online` null: nobody asked. */
	teams: Record<string, { open: boolean; online: boolean | null }>;
}

export function recordedFacts(facts: RoutingFacts): RecordedFacts {
	const { at, language, country, channel, tags, isReturning, intent, ad } = facts;
	const teams = Object.entries(facts.teams).map(([key, { hours, online }]) => [
		key,
		{ open: hours.open, online },
	]);
	return {
		...{ at, language, country, channel, tags, isReturning, intent },
		ad: ad === null || ad === 'gone' ? null : ad.ids,
		teams: Object.fromEntries(teams) as RecordedFacts['teams'],
	};
}

/** Without what tells of the person, as an erasure leaves it. */
export function withoutPerson<D extends Record<string, unknown>>(data: D) {
	const { decision, facts } = data as {
		decision?: Record<string, unknown> | null;
		facts?: Partial<RecordedFacts>;
	};
	return {
		...data,
		...(decision ? { decision: withoutReasons(decision) } : {}),
		...(facts
			? {
					facts: {
						...facts,
						...{ language: null, country: null, tags: [], intent: null, ad: null },
					},
				}
			: {}),
	};
}

/** Reasons say what was found in language, country, tags and text. */
function withoutReasons(decision: Record<string, unknown>): Record<string, unknown> {
	const empty = { reason: '', checked: [], sticky: null, undecided: null };
	const there = Object.entries(empty).filter(([key]) => key in decision);
	return { ...decision, ...Object.fromEntries(there) };
}
