import type { RouteDecision } from '../../decisions/contracts';
import { recordEvent } from '../events';
import { realWorkspaceOf, type Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { findTeam, unassign } from './assigning';
import { changeConversation, lockOpenConversation } from './conversations';
import { drainQueues, holdPoolsOf, queuesOfAgent, type Queue } from './drainQueue';
import { holdTeams } from './locks';

export interface RouteConversationInput {
	conversationId: string;
	/** Null when no rule matched: recorded, the team stays as it was. */
	decision: RouteDecision;
	source: string;
	actor?: string;
}

export interface RouteConversationResult extends ConversationItem {
	routed: boolean;
}

/**
 * Sets the team and records why. One that waits moves to the new team's queue with its first queue
 * time; one that an agent outside the new team has is taken off that agent.
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
	if (decision.team === null) {
		return { routed: false, ...(await conversationItem(operation, conversation)) };
	}
	const team = await findTeam(operation, decision.team);
	let freed: Queue[] = [];
	const own = conversation.queue_entered_at === null ? [] : [{ team: team.key }];
	if (conversation.assignee_key !== null && team.key !== conversation.team_key) {
		const member = await operation.tx
			.selectFrom('team_members')
			.select('agent_key')
			.where('workspace', '=', realWorkspaceOf(operation.workspace))
			.where('team_key', '=', team.key)
			.where('agent_key', '=', conversation.assignee_key)
			.executeTakeFirst();
		if (!member) {
			freed = await queuesOfAgent(operation, conversation.assignee_key);
			await holdPoolsOf(operation, freed);
			conversation = await unassign(operation, conversation, { reason: 'rerouted', source, actor });
		}
	}
	conversation = await changeConversation(operation, conversation, { team_key: team.key });
	await recordEvent(operation, {
		type: 'routed',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source,
		actor,
		data: { team: team.key, decision },
	});
	if (freed.length > 0) await drainQueues(operation, freed);
	if (own.length > 0) {
		// Somebody of the new team may be free: it does not wait for the next one to become so.
		await drainQueues(operation, own);
		({ conversation } = await lockOpenConversation(operation, conversation.id));
	}
	return { routed: true, ...(await conversationItem(operation, conversation)) };
}
