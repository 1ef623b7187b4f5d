import type { LinkResult } from '../store/operations/agentLinks';
import type { ConversationStore } from '../store/store';

/** How many of the newest open conversations are looked at. */
const LOOKED_AT = 20;

/** For a test run: as if the agent had closed the conversation that opened last; nothing is done. */
export async function sampleResult(store: ConversationStore): Promise<LinkResult> {
	const open = await store.listConversations({ status: 'open', limit: LOOKED_AT, offset: 0 });
	const item = open.find(({ conversation }) => conversation.assignee !== null);
	const { key, name } = item?.conversation.assignee ?? {
		key: 'nathan@example.com',
		name: 'Nathan',
	};
	return {
		...{ state: 'ready', action: 'close', agent: { key, name } },
		...(item ? { item } : {}),
	};
}
