import { decideAssignment } from '../../decisions/assignment';
import type { AssignmentDecision } from '../../decisions/contracts';
import { agentNotFound, TryAgain } from '../errors';
import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import {
	assignTo,
	claimAgent,
	DEFAULT_QUEUE_POLICY,
	enqueue,
	excludedAgents,
	findTeam,
	loadCandidates,
	unassign,
	type QueuePolicy,
} from './assigning';
import { changeConversation, lockOpenConversation } from './conversations';
import { drainQueues, holdPoolsOf, queuesOfAgent } from './drainQueue';
import { holdPools, holdTeams, lockAgent, type Pool } from './locks';

export interface AssignConversationInput {
	conversationId: string;
	/** Who may be chosen. `routed` is the team that the conversation was routed to. */
	to:
		| { kind: 'routed' }
		| { kind: 'team'; team: string }
		| { kind: 'everybody' }
		| { kind: 'agent'; agent: string };
	policy: QueuePolicy;
	/** Agents not to choose for this conversation, beside those excluded before. */
	exclude: string[];
	source: string;
	actor?: string;
}

export interface AssignConversationResult extends ConversationItem {
	outcome: 'assigned' | 'queued';
	/** It had an agent before this; that agent keeps it. */
	alreadyAssigned: boolean;
	decision: AssignmentDecision | null;
}

/**
 * Chooses, claims and moves the turn on, in one transaction. Nobody free: the conversation waits in
 * its team's queue and is assigned when somebody is. An agent is never filled beyond capacity.
 *
 * @throws StoreError `ConversationNotFound`, `ConversationClosed`, `TeamNotFound`, `AgentNotFound`
 */
export async function assignConversation(
	operation: Operation,
	input: AssignConversationInput,
): Promise<AssignConversationResult> {
	const { to } = input;
	await holdTeams(operation, to.kind === 'team' ? [to.team] : []);
	let { conversation } = await lockOpenConversation(operation, input.conversationId);
	if (conversation.assignee_key !== null) {
		const item = await conversationItem(operation, conversation);
		return { ...item, outcome: 'assigned', alreadyAssigned: true, decision: null };
	}
	if (to.kind === 'team') await findTeam(operation, to.team);
	// Assigning to a team routes to it: who waits, waits in the queue of those who can help.
	if (to.kind === 'team' && to.team !== conversation.team_key) {
		conversation = await changeConversation(operation, conversation, { team_key: to.team });
		await recordEvent(operation, {
			type: 'routed',
			conversationId: conversation.id,
			contactKey: conversation.contact_key,
			source: input.source,
			actor: input.actor ?? null,
			data: { team: to.team, decision: null, reason: 'Assigned to this team' },
		});
	}
	// Kept with the conversation: the queue is to know them, too.
	const known = excludedAgents(conversation);
	const excluded = [...new Set([...known, ...input.exclude])];
	if (excluded.length > known.length) {
		conversation = await changeConversation(operation, conversation, {
			excluded_agents: JSON.stringify(excluded),
		});
	}
	const team = to.kind === 'everybody' ? null : conversation.team_key;
	const pool: Pool = to.kind === 'agent' ? { agent: to.agent } : { team };
	await holdPools(operation, [pool]);
	// Whoever removes the agent at this moment is to see that the conversation waits for the agent.
	if (to.kind === 'agent' && !(await lockAgent(operation, to.agent))) throw agentNotFound(to.agent);
	const candidates = await loadCandidates(operation, pool);
	const request = { ...input.policy, excluded, weight: conversation.weight };
	const decision = decideAssignment(candidates, request, operation.now);
	const { source, actor } = input;
	if (decision.chosen) {
		const agent = decision.chosen.key;
		if (!(await claimAgent(operation, agent, request))) throw new TryAgain();
		const reason = decision.explanation;
		const how = { agent, pool, decision, source, reason, actor: actor ?? null };
		const assigned = await assignTo(operation, conversation, how);
		const item = await conversationItem(operation, assigned);
		return { ...item, outcome: 'assigned', alreadyAssigned: false, decision };
	}
	const { policy } = input;
	const waiting = await enqueue(operation, conversation, {
		policy: {
			...policy,
			...(to.kind === 'agent' ? { onlyAgent: to.agent } : {}),
			...(to.kind === 'everybody' ? { everybody: true } : {}),
		},
		reason: decision.explanation,
		source,
		decision,
	});
	const item = await conversationItem(operation, waiting);
	return { ...item, outcome: 'queued', alreadyAssigned: false, decision };
}

export interface UnassignConversationInput {
	conversationId: string;
	/** Whether it goes back to its queue (with its first queue time), or is left for a person. */
	requeue: boolean;
	reason: string;
	source: string;
	actor?: string;
}

/** Takes the agent off; the freed units serve the queue. */
export async function unassignConversation(
	operation: Operation,
	input: UnassignConversationInput,
): Promise<ConversationItem> {
	const { conversation } = await lockOpenConversation(operation, input.conversationId);
	const agent = conversation.assignee_key;
	const { reason, source, actor } = input;
	const queues = agent === null ? [] : await queuesOfAgent(operation, agent);
	await holdPoolsOf(operation, queues);
	let row = await unassign(operation, conversation, { reason, source, actor: actor ?? null });
	if (input.requeue && row.queue_entered_at === null) {
		row = await enqueue(operation, row, { policy: DEFAULT_QUEUE_POLICY, reason, source });
	} else if (!input.requeue && agent !== null) {
		// Left for a person, and to be seen as such.
		row = await changeConversation(operation, row, { flag: 'unassigned' });
	}
	if (agent !== null) await drainQueues(operation, queues, row.id);
	return await conversationItem(operation, row);
}
