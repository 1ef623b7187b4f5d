import type { PlatformNews } from '../channels/platform';
import type { EventView } from '../store/operations/eventItem';
import type { ConversationItem } from '../store/views';

/**
 * What a platform is to be told of an event: how things stand now, not how they stood when it
 * happened, so that a late or repeated telling never brings back what is over.
 *
 * @param handle key of the platform's IDs among those of agents and teams
 * @param teamHandles the other systems' IDs of the conversation's team
 * @returns undefined when there is nothing to tell (any more)
 */
export function platformNews(
	handle: string,
	event: EventView,
	{ conversation, message }: Partial<ConversationItem>,
	teamHandles: Record<string, string>,
): PlatformNews | undefined {
	if (!conversation) return undefined;
	const isClosed = conversation.status === 'closed';
	switch (event.type) {
		case 'closed': {
			const { category, summary } = conversation;
			return isClosed ? { type: 'closed', category, summary } : undefined;
		}
		case 'commented':
			return message?.text ? { type: 'commented', text: message.text } : undefined;
		case 'routed': {
			const { team } = conversation;
			if (isClosed || !team) return undefined;
			return { type: 'routed', team: { ...team, id: teamHandles[handle] ?? null } };
		}
		case 'assigned':
		case 'unassigned': {
			if (isClosed) return undefined;
			const { assignee } = conversation;
			if (!assignee) return { type: 'unassigned' };
			const { key, name, handles } = assignee;
			return { type: 'assigned', agent: { key, name, id: handles[handle] ?? null } };
		}
		default:
			return undefined;
	}
}
