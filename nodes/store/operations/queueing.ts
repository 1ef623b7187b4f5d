import type { ShadowDecision } from '../../decisions/assignmentShadow';
import type { AssignmentDecision } from '../../decisions/contracts';
import { TryAgain } from '../errors';
import { recordEvent } from '../events';
import { realWorkspaceOf, type Operation } from '../operation';
import { unassign } from './assigning';
import { changeConversation, type ConversationRow } from './conversations';
import { lockAgentIfFree } from './locks';
import { keptPolicy, onlyFrom, policyOf, withoutOnlyAgent, type QueuePolicy } from './queuePolicy';
import { AWAKE, recordWaking } from './waking';

/**
 * Who is to wait for an agent that was removed would wait for ever: everybody of the team may take it.
 *
 * @throws TryAgain while somebody has the agent in hand: it may be removed at this moment
 */
async function policyToWaitBy(operation: Operation, policy: QueuePolicy): Promise<QueuePolicy> {
	const { onlyAgent } = policy;
	if (onlyAgent === undefined) return policy;
	const agent = await operation.tx
		.selectFrom('agents')
		.select('key')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('key', '=', onlyAgent)
		.executeTakeFirst();
	if (!agent) return withoutOnlyAgent(policy);
	if (!(await lockAgentIfFree(operation, onlyAgent))) throw new TryAgain();
	return policy;
}

/** Its agent is gone: it goes back to the queue; one that is snoozed does so when it wakes. */
export async function requeueWithoutAgent(
	operation: Operation,
	conversation: ConversationRow,
	how: { reason: string; source: string; actor?: string | null },
): Promise<ConversationRow> {
	const free = await unassign(operation, conversation, how);
	const policy = withoutOnlyAgent(policyOf(free));
	if (free.status === 'snoozed') {
		return await changeConversation(operation, free, keptPolicy(policy));
	}
	const { reason, source } = how;
	return await enqueue(operation, free, { policy, reason, source });
}

/** Lets a conversation wait, awake and with the place it has had if it waited before. */
export async function enqueue(
	operation: Operation,
	conversation: ConversationRow,
	how: {
		policy: QueuePolicy;
		reason: string;
		source: string;
		decision?: AssignmentDecision | null;
		shadow?: ShadowDecision | null;
		/** Its place, if it never waited before; now where not given. */
		since?: number | null;
	},
): Promise<ConversationRow> {
	const waits = keptPolicy(await policyToWaitBy(operation, how.policy));
	if (conversation.queue_entered_at !== null) {
		return await changeConversation(operation, conversation, waits);
	}
	await recordWaking(operation, conversation, { by: 'queued', source: how.source });
	const entered = conversation.first_queued_at ?? how.since ?? operation.now;
	const queued = await changeConversation(operation, conversation, {
		...waits,
		assignee_key: null,
		queue_entered_at: entered,
		first_queued_at: entered,
		...AWAKE,
		flag: null,
	});
	await recordEvent(operation, {
		type: 'queued',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: how.source,
		data: {
			team: conversation.team_key,
			reason: how.reason,
			...onlyFrom(how.policy),
			decision: how.decision ?? null,
			...(how.shadow ? { shadow: how.shadow } : {}),
		},
	});
	operation.wake('work');
	return queued;
}
