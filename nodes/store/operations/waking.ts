import { recordEvent } from '../events';
import type { Operation } from '../operation';
import type { ConversationRow } from './conversations';

/** What woke it: the contact wrote, its time came, a person, or somebody gave it to an agent or a queue. */
export type WokenBy = 'message' | 'time' | 'person' | 'assigned' | 'queued';

/** Columns of a conversation that does not sleep. */
export const AWAKE = { status: 'open', snoozed_until: null } as const;

/** That a snoozed conversation wakes; nothing for one that does not sleep. */
export async function recordWaking(
	operation: Operation,
	conversation: ConversationRow,
	how: { by: WokenBy; source: string; actor?: string | null; overCapacity?: boolean },
): Promise<void> {
	if (conversation.status !== 'snoozed') return;
	await recordEvent(operation, {
		type: 'woken',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: how.source,
		actor: how.actor ?? null,
		data: {
			by: how.by,
			agent: conversation.assignee_key,
			team: conversation.team_key,
			overCapacity: how.overCapacity ?? false,
		},
	});
}
