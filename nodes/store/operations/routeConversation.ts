import type { RouteDecision } from '../../decisions/contracts';
import type { RecordedFacts } from '../../decisions/routingRecord';
import { recordEvent } from '../events';
import { parseJson } from '../json';
import { realWorkspaceOf, type Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { findTeam } from './findTeam';
import { keptPolicy, forTeam, policyOf } from './queuePolicy';
import { unassign } from './assigning';
import { changeConversation, lockOpenConversation } from './conversations';
import { drainQueues, holdPoolsOf, queuesOfAgent } from './drainQueue';
import { holdTeams } from './locks';
import type { Queue } from './queueLine';

export interface RouteConversationInput {
	conversationId: string;
	/** Null when no rule matched: recorded, the team stays as it was. */
	decision: RouteDecision;
	/** What the decision was made by. */
	facts?: RecordedFacts;
	/** Take it off an agent outside the new team, also where a person gave it to that agent. */
	overridesPeople?: boolean;
	source: string;
	actor?: string;
}

export interface RouteConversationResult extends ConversationItem {
	routed: boolean;
	/** It stays with an agent outside the new team, since a person gave it to that agent. */
	keptAssignee: boolean;
}

/**
 * Sets the team and records why. One that waits moves to the new team's queue with its first queue
 * time; one that an agent outside the new team has is taken off that agent, unless a person decided on
 * the agent.
 *
 * @throws StoreError `ConversationNotFound`, `ConversationClosed`, `TeamNotFound`
 */
export async function routeConversation(
	operation: Operation,
	input: RouteConversationInput,
): Promise<RouteConversationResult> {
	const { decision, source } = input;
	await holdTeams(operation, decision.team === null ? [] : [decision.team]);
	let { conversation } = await lockOpenConversation(operation, input.conversationId);
	const actor = input.actor ?? null;
	const record = async (type: 'routed' | 'unrouted') =>
		await recordEvent(operation, {
			type,
			conversationId: conversation.id,
			contactKey: conversation.contact_key,
			source,
			actor,
			data: { team: decision.team, decision, ...(input.facts ? { facts: input.facts } : {}) },
		});
	if (decision.team === null) {
		await record('unrouted');
		const item = await conversationItem(operation, conversation);
		return { routed: false, keptAssignee: false, ...item };
	}
	const team = await findTeam(operation, decision.team);
	let freed: Queue[] = [];
	let keptAssignee = false;
	const own = conversation.queue_entered_at === null ? [] : [{ team: team.key }];
	if (conversation.assignee_key !== null && team.key !== conversation.team_key) {
		const member = await operation.tx
			.selectFrom('team_members')
			.select('agent_key')
			.where('workspace', '=', realWorkspaceOf(operation.workspace))
			.where('team_key', '=', team.key)
			.where('agent_key', '=', conversation.assignee_key)
			.executeTakeFirst();
		keptAssignee =
			!member && !input.overridesPeople && (await isByPerson(operation, conversation.id));
		if (!member && !keptAssignee) {
			freed = await queuesOfAgent(operation, conversation.assignee_key);
			await holdPoolsOf(operation, freed);
			conversation = await unassign(operation, conversation, { reason: 'rerouted', source, actor });
		}
	}
	conversation = await changeConversation(operation, conversation, {
		team_key: team.key,
		// It was taken off its agent: should it wait, it is for the new team, and not for that agent.
		...(freed.length > 0 && conversation.queue_policy !== null
			? keptPolicy(forTeam(policyOf(conversation)))
			: {}),
	});
	await record('routed');
	if (freed.length > 0) await drainQueues(operation, freed);
	if (own.length > 0) {
		// Somebody of the new team may be free: it does not wait for the next one to become so.
		await drainQueues(operation, own);
		({ conversation } = await lockOpenConversation(operation, conversation.id));
	}
	return { routed: true, keptAssignee, ...(await conversationItem(operation, conversation)) };
}

/** Whether its agent was a person's decision, here or on the platform where the conversation lives. */
async function isByPerson(operation: Operation, conversationId: string): Promise<boolean> {
	const row = await operation.tx
		.selectFrom('events')
		.select(['source', 'data'])
		.where('conversation_id', '=', conversationId)
		.where('type', '=', 'assigned')
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirst();
	const { origin } = parseJson<{ origin?: string }>(row?.data, {});
	return row?.source === 'user' || origin !== undefined;
}
