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
	/** Since when that has been set; null: unknown. */
	availabilitySince: number | null;
	/** What was set holds until this moment: "online for 10 minutes". See {@link sayingOf}. */
	onlineUntil: number | null;
	/** Where nothing else is set, being on shift is being online. */
	followsShifts: boolean;
	/** Whether the agent's shifts include this moment; true for who has none. */
	onShift: boolean;
	/** When the next shift begins, in the words of its zone: "09:00", "Sunday 09:00". */
	nextShift: string | null;
	/** Most open conversations (in weighted units) at a time; null is no limit. */
	capacity: number | null;
	/** Units of the open conversations this agent has now, in all teams. */
	openUnits: number;
	skills: string[];
	/** BCP 47 tags; none: taken to speak all. */
	languages: string[];
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
	/** All of them are needed; case, accents and letter forms do not count. */
	skills: string[];
	/** The language the agent has to speak, as a BCP 47 tag; its primary subtag counts. Null: any. */
	language: string | null;
	/** Skills and language do not count any more: it has waited too long. */
	relaxed: boolean;
	/** The agent the contact had before, if that counts. */
	prefer: PreferredAgent | null;
}

/** Goes to this agent when the agent can take it, whatever the strategy says. */
export interface PreferredAgent {
	agent: string;
	/** Until then nobody else gets it; null: it does not wait for the agent. */
	until: number | null;
}

export interface ConsideredAgent {
	key: string;
	/** At most 60 characters of it, so that the record stays small. */
	name: string;
	candidate: boolean;
	/** Why not, or what speaks for the agent, in words for an operator. */
	reason: string;
	openUnits: number;
	capacity: number | null;
	lastAssignedAt: number | null;
	/**
	 * What the strategy goes by first, see {@link AssignmentDecision.scoredBy}: the smallest is chosen.
	 * Null: there is none, because the agent never had a turn or an assignment, or may have nothing.
	 */
	score: number | null;
}

/** Goes into the event of the assignment and into the node's output. */
export interface AssignmentDecision {
	chosen: { key: string; name: string } | null;
	/** What chose: the strategy, or that the contact had this agent before. */
	via: 'strategy' | 'preferred' | null;
	strategy: AssignmentStrategy;
	/** What `score` counts, in words. */
	scoredBy: string;
	/** The chosen first, or who is waited for; then in the order of the strategy; at most 50. */
	considered: ConsideredAgent[];
	/** What was asked of agents (at most 20 skills; a language that is a tag); null: nothing. */
	asked: { skills: string[]; language: string | null } | null;
	/** Agents left out of `considered` because of its limit. */
	notListed: number;
	/** How many of those could have been chosen, and what kept the others: obstacle → agents. */
	notListedBy: Record<string, number>;
	/** Whether every agent of the pool was looked at. */
	examinedAll: boolean;
	/** Whether every agent of the team was a candidate (fairness is counted over these). */
	allWereCandidates: boolean;
	tieBreak: string | null;
	/** One or two plain sentences: who, why, and why not the others. */
	explanation: string;
	/** When nobody could be chosen: the reason that most would change it. */
	blockedBy:
		| 'noAgents'
		| 'nobodyOnline'
		| 'nobodyQualified'
		| 'everybodyAtCapacity'
		| 'allExcluded'
		| 'waitsForPreferred'
		| null;
}

/** What routing may look at. */
export interface RoutingFacts {
	/** The message; null when nobody can say any more what it was. */
	text: string | null;
	/** BCP 47 primary subtag, lower case, or null when unknown. */
	language: string | null;
	/** ISO 3166-1 alpha-2, upper case, or null. */
	country: string | null;
	channel: string;
	tags: string[];
	isReturning: boolean;
	/** Why the contact writes, in the operator's own word for it; null while nobody knows. */
	intent: string | null;
	/** Fields of the contact by name, the standard ones among them. */
	fields: Record<string, unknown>;
	/** What led here; null: nothing did; `gone`: nobody can say any more. */
	ad: AdFacts | null | 'gone';
	/** The moment of the routing. */
	at: number;
	/** Teams that exist, by key: at least those that the policy names, and where they overflow to. */
	teams: Record<string, RoutingTeam>;
	/** The team of the contact's conversation before this one. */
	lastTeam: LastTeam | null;
	/** What became of custom conditions, by their key. */
	custom: Record<string, CustomOutcome>;
}

/** The ad or link by which a contact came. */
export interface AdFacts {
	/** What the channel knows it by, and the word that a link carries. */
	ids: string[];
	/** Headline, text and address; null when nobody can say any more. */
	words: string | null;
}

export interface RoutingTeam {
	name: string;
	/** At the moment of the routing. */
	hours: HoursState;
	/** Whether any of its agents is; null: not asked, which counts as yes. */
	online: boolean | null;
	overflowTeam: string | null;
}

export interface LastTeam {
	key: string;
	/** When that conversation closed. */
	endedAt: number;
}

/** A condition that others judge; `problem` is a clause that says why it cannot be judged. */
export type CustomOutcome = { holds: boolean } | { problem: string };

export type FieldOperator =
	| 'is'
	| 'isNot'
	| 'contains'
	| 'doesNotContain'
	| 'isAnyOf'
	| 'isEmpty'
	| 'isNotEmpty'
	| 'greaterThan'
	| 'lessThan';

/** With `not` the condition holds exactly when it would not hold without. */
interface Negatable {
	not?: boolean;
}

export type RoutingCondition =
	| ({ type: 'mentions'; keywords: string[] } & Negatable)
	| ({ type: 'intent'; intents: string[] } & Negatable)
	| ({ type: 'language'; languages: string[] } & Negatable)
	| ({ type: 'country'; countries: string[] } & Negatable)
	| ({ type: 'channel'; channels: string[] } & Negatable)
	| ({ type: 'tag'; tags: string[] } & Negatable)
	| ({ type: 'ad'; by: 'any' | 'id' | 'words'; values: string[] } & Negatable)
	| { type: 'contactIs'; value: 'new' | 'returning' }
	/** `values` holds one value, but several for `isAnyOf`, and none where it is about being empty. */
	| { type: 'field'; field: string; operator: FieldOperator; values: string[] }
	/** Of this team, or of the rule's own (null). */
	| { type: 'hours'; is: 'inside' | 'outside'; team: string | null }
	/** `key` is that of its outcome among the facts. */
	| { type: 'custom'; key: string }
	| { type: 'always' };

export interface RoutingRule {
	name: string;
	match: 'all' | 'any';
	conditions: RoutingCondition[];
	/** Team key. */
	team: string;
}

/** All that an operator sets for routing. */
export interface RoutingPolicy {
	/** From top to bottom: the first that matches decides. */
	rules: RoutingRule[];
	/** Team key for what no rule matches; null or empty for none. */
	fallbackTeam: string | null;
	/** When the team that was decided on hands over to its overflow team. */
	overflow: 'keep' | 'whenClosed' | 'whenClosedOrNobodyOnline';
	/** Returning contacts go to their last team if that conversation ended at most so long ago. */
	sticky: { days: number; order: 'beforeRules' | 'whenNoRuleMatches' } | null;
	/** Whether case, accents and letter forms count when texts are compared. */
	matchExactly: boolean;
}

export interface RouteDecision {
	/** Team key, or null when nothing decided on one. */
	team: string | null;
	/** What decided: a rule, the contact's last team, the fallback team; null for nothing. */
	via: 'rule' | 'sticky' | 'fallback' | null;
	/** Index of the rule that matched, or null. */
	ruleIndex: number | null;
	ruleName: string | null;
	usedFallback: boolean;
	/** From the team that was decided on, step by step, to the one that takes it. */
	overflow: Array<{ from: string; to: string; why: string }>;
	/** A clause: why the contact's last team counted, or why not; null when nobody asked. */
	sticky: string | null;
	/** The rule that nobody can judge, so that no team was decided on; else null. */
	undecided: { ruleIndex: number; why: string } | null;
	/** Plain sentences: which rule decided and by what, and who took over. */
	reason: string;
	/** Every rule up to the one that decided, with why or why not. */
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
