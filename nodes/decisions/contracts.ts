/**
 * Values that the decisions take and give. Decisions are pure: same values, same answer.
 * Times are milliseconds since 1970 (UTC).
 */

export type Availability = 'online' | 'away' | 'offline';

/** One agent as the assignment decision sees it. */
export interface AgentCandidate {
	key: string;
	name: string;
	availability: Availability;
	/** "Online for 10 minutes": after this moment an agent that says online counts as offline. */
	onlineUntil: number | null;
	/** Most open conversations (in weighted units) at a time; null is no limit. */
	capacity: number | null;
	/** Units of the open conversations this agent has now, in all teams. */
	openUnits: number;
	lastAssignedAt: number | null;
	/** Assignments of this team for which every member was a candidate. */
	turnCount: number;
	/** Rises with each turn of the team; null when this agent never had one. */
	lastTurn: number | null;
}

export type AssignmentStrategy = 'roundRobin' | 'leastOpen' | 'lowestLoad' | 'longestIdle';

export interface AssignmentPolicy {
	strategy: AssignmentStrategy;
	onlyOnline: boolean;
	/** Node-wide limit beside each agent's own capacity; null is none. */
	maxOpen: number | null;
	/** Agent keys never to choose. */
	excluded: string[];
	/** Units this conversation takes. */
	weight: number;
}

export interface ConsideredAgent {
	key: string;
	name: string;
	candidate: boolean;
	/** Why not, or what speaks for the agent, in words for an operator. */
	reason: string;
	openUnits: number;
	capacity: number | null;
	lastAssignedAt: number | null;
}

/** Goes into the event of the assignment and into the node's output. */
export interface AssignmentDecision {
	chosen: { key: string; name: string } | null;
	strategy: AssignmentStrategy;
	/** The chosen first, then in the order of preference; at most 50. */
	considered: ConsideredAgent[];
	/** Agents left out of `considered` because of its limit. */
	notListed: number;
	/** Whether every agent of the team was a candidate (fairness is counted over these). */
	allWereCandidates: boolean;
	tieBreak: string | null;
	/** One or two plain sentences: who, why, and why not the others. */
	explanation: string;
	/** When nobody could be chosen: the reason that most would change it. */
	blockedBy: 'noAgents' | 'nobodyOnline' | 'everybodyAtCapacity' | 'allExcluded' | null;
}

/** What routing may look at. */
export interface RoutingFacts {
	text: string;
	/** BCP 47 primary subtag, lower case, or null when unknown. */
	language: string | null;
	/** ISO 3166-1 alpha-2, upper case, or null. */
	country: string | null;
	channel: string;
	tags: string[];
	isReturning: boolean;
}

export type RoutingCondition =
	| { type: 'mentions'; keywords: string[] }
	| { type: 'language'; languages: string[] }
	| { type: 'country'; countries: string[] }
	| { type: 'channel'; channels: string[] }
	| { type: 'tag'; tags: string[] }
	| { type: 'contactIs'; value: 'new' | 'returning' }
	| { type: 'always' };

export interface RoutingRule {
	name: string;
	match: 'all' | 'any';
	conditions: RoutingCondition[];
	/** Team key. */
	team: string;
}

export interface RouteDecision {
	/** Team key, or null when no rule matched and there is no fallback. */
	team: string | null;
	/** Index of the rule that matched, or null. */
	ruleIndex: number | null;
	ruleName: string | null;
	usedFallback: boolean;
	/** One plain sentence: which rule decided and by what. */
	reason: string;
	/** Every rule up to the one that matched, with why or why not. */
	checked: Array<{ rule: string; matched: boolean; why: string }>;
}
