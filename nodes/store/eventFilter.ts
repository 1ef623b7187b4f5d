/**
 * Filter of a Conversation Event subscription, as it is stored, with what its items need. What is not
 * there, or an empty list, is no condition: so filters of older versions go on.
 */
export interface EventFilter {
	events: string[];
	channels?: string[];
	teams?: string[];
	/** Keys: the agent that the event is about, else whoever has the conversation. */
	agents?: string[];
	/** Who did it: `contact`, `user`, `workflow`, `queue`, … */
	sources?: string[];
	/** For `first_response_overdue`: how long after the opening. Milliseconds. */
	overdueAfter?: number;
	/** For `message_received`: messages that come within this time of each other are one item. Milliseconds. */
	collectFor?: number;
	links?: LinkSettings;
}

export interface LinkSettings {
	/** How long a link for an agent works. Milliseconds. */
	lifetime: number;
	/** For how long the link that snoozes does so. Milliseconds. */
	snoozeFor: number;
}

/** What happened, as far as filters ask. */
export interface EventFacts {
	type: string;
	source: string;
	data: Record<string, unknown>;
}

/** Where the conversation is, and who has it. */
export interface Place {
	channel: string | null;
	team: string | null;
	assignee: string | null;
}

/** Of an event that is about no conversation. */
export const NOWHERE: Place = { channel: null, team: null, assignee: null };

/** Whether {@link wants} goes by the conversation, so that it has to be read. */
export const asksWhere = ({ channels, teams, agents }: EventFilter) =>
	[channels, teams, agents].some((list) => list !== undefined && list.length > 0);

/** Whether a subscription is owed this event. */
export function wants(filter: EventFilter, { type, source, data }: EventFacts, at: Place): boolean {
	if (!filter.events.includes(type)) return false;
	if (type === OVERDUE && data.afterMs !== filter.overdueAfter) return false;
	return (
		among(source, filter.sources) &&
		among(at.channel, filter.channels) &&
		among(textOf(data.team) ?? at.team, filter.teams) &&
		among(textOf(data.agent) ?? textOf(data.assignee) ?? at.assignee, filter.agents)
	);
}

export const OVERDUE = 'first_response_overdue';

const textOf = (value: unknown) => (typeof value === 'string' ? value : null);

/** No list is no condition. */
const among = (value: string | null, wanted: string[] | undefined) =>
	!wanted?.length || (value !== null && wanted.includes(value));
