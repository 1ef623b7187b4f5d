import type { ShadowPolicy } from '../../decisions/assignmentShadow';
import type { AssignmentPolicy } from '../../decisions/contracts';
import { parseJson } from '../json';
import type { ConversationRow } from './conversations';

/**
 * How a conversation is to be assigned; kept with it, for the queue and for when it comes back. Only
 * what many conversations have in common: what is one's own is in columns, see {@link requestOf}.
 */
export interface QueuePolicy extends Pick<AssignmentPolicy, 'strategy' | 'onlyOnline' | 'maxOpen'> {
	/** It waits for this agent alone. */
	onlyAgent?: string;
	/** It waits in its team's queue, but anybody may take it. */
	everybody?: boolean;
	/** All of these are needed, until `relax_at` of the conversation. */
	skills?: string[];
	/** A BCP 47 tag that the agent has to speak, until `relax_at` of the conversation. */
	language?: string | null;
	/** When and how often it comes back from an agent. */
	returns?: ReturnPolicy;
	/** A second policy that is asked beside, to compare. */
	shadow?: ShadowPolicy;
}

/** When a conversation goes back to the queue, with its first queue time and without its agent. */
export interface ReturnPolicy {
	/** No reply of a person within so long, in milliseconds; null: that does not matter. */
	noReplyWithin: number | null;
	/** The agent has been offline for so long, in milliseconds; null: that does not matter. */
	offlineFor: number | null;
	/** How often at most; after that it escalates. */
	atMost: number;
	/** The team it escalates to; null: an event tells of it, and it stays with its team. */
	escalateTo: string | null;
}

export const DEFAULT_QUEUE_POLICY: QueuePolicy = {
	strategy: 'roundRobin',
	onlyOnline: true,
	maxOpen: null,
};

/** How often an agent's *no* sends it on where nobody said when it comes back. */
export const DEFAULT_RETURNS: ReturnPolicy = {
	noReplyWithin: null,
	offlineFor: null,
	atMost: 3,
	escalateTo: null,
};

type AssignableRow = Pick<
	ConversationRow,
	'queue_policy' | 'excluded_agents' | 'weight' | 'relax_at' | 'prefer_agent' | 'prefer_until'
>;

/** The policy kept with a conversation. */
export const policyOf = ({ queue_policy }: Pick<ConversationRow, 'queue_policy'>): QueuePolicy =>
	parseJson<QueuePolicy>(queue_policy, DEFAULT_QUEUE_POLICY);

/** As it was, but whoever may take it: the one agent it was for is not there, or does not want it. */
export function withoutOnlyAgent(policy: QueuePolicy): QueuePolicy {
	const wider = { ...policy };
	delete wider.onlyAgent;
	return wider;
}

/** As it was, for the members of its team alone. */
export function forTeam(policy: QueuePolicy): QueuePolicy {
	const narrower = withoutOnlyAgent(policy);
	delete narrower.everybody;
	return narrower;
}

export const excludedAgents = ({ excluded_agents }: Pick<ConversationRow, 'excluded_agents'>) =>
	parseJson<string[]>(excluded_agents, []);

/** Each once and in one order, so that conversations that pass over the same agents are of one kind. */
export const excludedColumn = (agents: string[]) => JSON.stringify([...new Set(agents)].sort());

/** What the decision is asked for a conversation at a moment. */
export function requestOf(
	row: AssignableRow,
	now: number,
	policy: QueuePolicy = policyOf(row),
): AssignmentPolicy {
	const { strategy, onlyOnline, maxOpen, skills = [], language = null } = policy;
	const asks = skills.length > 0 || language !== null;
	const relaxed = asks && row.relax_at !== null && row.relax_at <= now;
	return {
		strategy,
		onlyOnline,
		maxOpen,
		excluded: excludedAgents(row),
		weight: row.weight,
		skills: relaxed ? [] : skills,
		language: relaxed ? null : language,
		relaxed,
		prefer: row.prefer_agent === null ? null : { agent: row.prefer_agent, until: row.prefer_until },
	};
}

/** Everybody, where a team or an agent could stand: in turns and queues. No team or agent has this key. */
export const EVERYBODY = '';

/** How it is assigned from now on, as its columns keep it. */
export const keptPolicy = (policy: QueuePolicy) => ({
	queue_for: policy.onlyAgent ?? (policy.everybody ? EVERYBODY : null),
	queue_policy: JSON.stringify(policy),
});

/** For its event: whom it was for, where that is not its team; a replay asks for it later. */
export const onlyFrom = ({ onlyAgent, everybody }: QueuePolicy) =>
	onlyAgent !== undefined ? { pool: { agent: onlyAgent } } : everybody ? { pool: 'everybody' } : {};
