import type { ShadowDecision } from '../../decisions/assignmentShadow';
import type { AssignmentDecision } from '../../decisions/contracts';
import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { changeConversation, type ConversationRow } from './conversations';
import type { Pool } from './locks';
import { recordPace } from './queuePace';
import { EVERYBODY, keptPolicy, onlyFrom, policyOf, type QueuePolicy } from './queuePolicy';
import { clearReturn, returnTimes } from './returning';
import { takeTurn } from './turns';
import { releaseUnits, takeUnits } from './units';
import { settleAssignments } from './waits/assignments';
import { AWAKE, recordWaking } from './waking';

/**
 * Takes the agent: units, turn, times, event. Who has slept is awake by it. The caller has locked
 * conversation, pool and agent.
 */
export async function assignTo(
	operation: Operation,
	conversation: ConversationRow,
	how: {
		agent: string;
		pool: Pool;
		decision: AssignmentDecision | null;
		/** How it was to be assigned, kept for when it comes back; what is kept already stays without it. */
		policy?: QueuePolicy;
		/** What another policy would have decided. */
		shadow?: ShadowDecision | null;
		source: string;
		actor?: string | null;
		reason: string;
		origin?: string | undefined;
	},
): Promise<ConversationRow> {
	const { agent, decision } = how;
	await recordWaking(operation, conversation, { by: 'assigned', source: how.source });
	const turn =
		decision?.via === 'strategy' && 'team' in how.pool && decision.strategy === 'roundRobin';
	const team = 'team' in how.pool ? (how.pool.team ?? EVERYBODY) : EVERYBODY;
	const change = changeConversation(operation, conversation, {
		assignee_key: agent,
		first_assignee: conversation.first_assignee ?? agent,
		first_assigned_at: conversation.first_assigned_at ?? operation.now,
		last_assigned_at: operation.now,
		queue_entered_at: null,
		...(how.policy ? keptPolicy(how.policy) : {}),
		...returnTimes(operation, how.policy ?? policyOf(conversation), conversation),
		...AWAKE,
		flag: null,
	});
	const contact = operation.tx
		.updateTable('contacts')
		.set({ last_assignee: agent, last_team: conversation.team_key })
		.where('key', '=', conversation.contact_key)
		.execute();
	const event = recordEvent(operation, {
		type: 'assigned',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: how.source,
		actor: how.actor ?? null,
		origin: how.origin,
		data: {
			agent,
			team: conversation.team_key,
			reason: how.reason,
			...onlyFrom(how.policy ?? policyOf(conversation)),
			waitedMs:
				conversation.queue_entered_at === null ? 0 : operation.now - conversation.queue_entered_at,
			decision,
			...(how.shadow ? { shadow: how.shadow } : {}),
		},
	});
	// All at once: others wait for the pool and the agent as long as this takes.
	const [assigned] = await Promise.all([
		change,
		contact,
		event,
		takeUnits(operation, agent, conversation.weight, { last_assigned_at: operation.now }),
		turn ? takeTurn(operation, team, agent, decision) : undefined,
		decision ? recordPace(operation, conversation) : undefined,
		settleAssignments(operation, conversation, agent),
	]);
	return assigned;
}

/** Takes the agent off an open conversation; the caller says what becomes of it. */
export async function unassign(
	operation: Operation,
	conversation: ConversationRow,
	how: {
		reason: string;
		source: string;
		actor?: string | null;
		origin?: string | undefined;
		/** Where it came back from the agent: what brought it back. */
		returned?: string;
	},
): Promise<ConversationRow> {
	const agent = conversation.assignee_key;
	if (agent === null) return conversation;
	if (conversation.status === 'open') await releaseUnits(operation, agent, conversation.weight);
	const unassigned = await changeConversation(operation, conversation, {
		assignee_key: null,
		...clearReturn,
	});
	await recordEvent(operation, {
		type: 'unassigned',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: how.source,
		actor: how.actor ?? null,
		origin: how.origin,
		data: {
			agent,
			team: conversation.team_key,
			reason: how.reason,
			...(how.returned ? { returned: how.returned } : {}),
		},
	});
	return unassigned;
}
