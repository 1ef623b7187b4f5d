import type { QueuePolicy, ReturnPolicy } from '../../../nodes/store/operations/queuePolicy';
import type { ConversationStore } from '../../../nodes/store/store';
import { realWorkspaceOf } from '../../../nodes/store/operation';
import { MINUTE } from './engines';
import { setOnline } from './samples';

/** Assigned in turn, and comes back as it is said here. */
export const returning = (returns: Partial<ReturnPolicy> = {}): QueuePolicy => ({
	strategy: 'roundRobin',
	onlyOnline: true,
	maxOpen: null,
	returns: {
		noReplyWithin: 10 * MINUTE,
		offlineFor: null,
		atMost: 3,
		escalateTo: null,
		...returns,
	},
});

/** The agent goes, or comes; and since when it has counted as away is as of now. */
export async function present(store: ConversationStore, key: string, is: boolean): Promise<void> {
	await setOnline(store, key, is);
	await store.engine.db
		.updateTable('agents')
		.set({ absent_since: is ? null : store.clock() })
		.where('workspace', '=', realWorkspaceOf(store.workspace))
		.where('key', '=', key)
		.execute();
}

export const decline = async (
	store: ConversationStore,
	conversationId: string,
	agent: string,
	reason?: string,
) =>
	await store.declineConversation({
		...{ conversationId, agent, source: 'user', actor: agent },
		...(reason === undefined ? {} : { reason }),
	});

export const accept = async (store: ConversationStore, conversationId: string, agent: string) =>
	await store.acceptConversation({ conversationId, agent, source: 'user', actor: agent });

export const toAgent = async (
	store: ConversationStore,
	conversationId: string,
	agent: string,
	comment?: string,
) =>
	await store.transferConversation({
		...{ conversationId, to: { kind: 'agent', agent }, source: 'user' },
		...(comment === undefined ? {} : { comment }),
	});

export const toTeam = async (store: ConversationStore, conversationId: string, team: string) =>
	await store.transferConversation({ conversationId, to: { kind: 'team', team }, source: 'user' });

export const snooze = async (
	store: ConversationStore,
	conversationId: string,
	until: number | null = null,
) => await store.snoozeConversation({ conversationId, until, source: 'user' });

export const wake = async (store: ConversationStore, conversationId: string) =>
	await store.wakeConversation({ conversationId, source: 'user' });
