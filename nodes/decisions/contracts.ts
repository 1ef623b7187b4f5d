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
	/** Whether the agent's shifts include this moment; true for who has none. */
	onShift: boolean;
	/** When the next shift begins, in the words of its zone: "09:00", "Sunday 09:00". */
	nextShift: string | null;
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
	/**
	 * Only who is there: says online, and is on shift. What a person set counts inside the shift;
	 * outside it nobody is given anything, also where online was left on. Without it neither counts.
	 */
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

/** A time of the day, "09:00" to "24:00". */
export type TimeOfDay = string;

/** From `from` until just before `to`. A `to` that is not later ends on the next day: "22:00" to "06:00". */
export interface TimeRange {
	from: TimeOfDay;
	to: TimeOfDay;
}

/** ISO 8601: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/**
 * When a team works, or an agent: local times of one zone. A range belongs to the day on which it
 * begins, also where it ends on the next.
 */
export interface BusinessHours {
	/** IANA name, e.g. "Africa/Cairo". */
	timeZone: string;
	/** Several ranges of one day are several entries. No entry: closed always, but for `holidays`. */
	weekly: Array<TimeRange & { days: Weekday[] }>;
	/** Days that are not like the week: these ranges count instead; none is closed all day. */
	holidays: Array<{
		name?: string;
		/** Local date, "2026-12-25"; with `yearly` only its month and day count. */
		date: string;
		/** The last of several days; without it one day. */
		until?: string;
		yearly?: boolean;
		ranges: TimeRange[];
	}>;
}

/** Whether business hours include a moment. */
export interface HoursState {
	open: boolean;
	/** A clause for an operator: "open until 17:00", "closed on Friday", "closed for Christmas". */
	why: string;
	/** The next moment at which it opens; null while it is open, and when it never does within a year. */
	opensAt: number | null;
	/** When it closes; null while it is closed, and when it never does within a year. */
	closesAt: number | null;
}
