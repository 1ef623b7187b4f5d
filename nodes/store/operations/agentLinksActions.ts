import { realWorkspaceOf, type Operation } from '../operation';
import { acceptConversation } from './acceptConversation';
import { setAvailability } from './availability';
import type { LinkAction } from './agentLinksToken';
import { closeConversation } from './closeConversation';
import { lockOpenConversation } from './conversations';
import { declineConversation } from './declineConversation';
import { snoozeConversation } from './snoozeConversation';

/** What was confirmed: on what, by whom. */
export interface Confirmed {
	conversationId: string;
	agent: string;
	/** For `snooze`: when it wakes. Milliseconds since 1970. */
	until: number;
}

type Act = (operation: Operation, confirmed: Confirmed) => Promise<unknown>;

/** Somebody else has the conversation by now, or nobody: nothing is done. */
export class Superseded extends Error {}

/** For what does not ask by itself who has the conversation: it is locked, and then the agent has it. */
const whileAgentHasIt =
	(act: Act): Act =>
	async (operation, confirmed) => {
		const { conversation } = await lockOpenConversation(operation, confirmed.conversationId);
		if (conversation.assignee_key !== confirmed.agent) throw new Superseded();
		await act(operation, confirmed);
	};

const availability =
	(to: 'online' | 'away'): Act =>
	async (operation, { agent }) =>
		await setAvailability(operation, {
			...{ key: agent, availability: to, onlineUntil: null },
			...{ source: 'user', actor: agent },
		});

/**
 * What the links do, each in the transaction that uses them up, and with the locks that it takes by
 * itself.
 */
export const linkActions: Record<LinkAction, Act> = {
	accept: async (operation, { conversationId, agent }) =>
		await acceptConversation(operation, { conversationId, agent, source: 'user', actor: agent }),
	decline: async (operation, { conversationId, agent }) =>
		await declineConversation(operation, { conversationId, agent, source: 'user', actor: agent }),
	snooze: whileAgentHasIt(
		async (operation, { conversationId, agent, until }) =>
			await snoozeConversation(operation, { conversationId, until, source: 'user', actor: agent }),
	),
	close: whileAgentHasIt(
		async (operation, { conversationId, agent }) =>
			await closeConversation(operation, {
				...{ conversationId, category: null, summary: null },
				...{ source: 'user', actor: agent },
			}),
	),
	away: availability('away'),
	back: availability('online'),
};

/** About the agent alone, and not about the conversation in whose message the link stands. */
export const isAboutAgent = (action: LinkAction) => action === 'away' || action === 'back';

/** Agents are one set, also for test runs: what changes one happens in the real workspace. */
export const workspaceOfLink = ({ workspace }: Operation, action: LinkAction) =>
	isAboutAgent(action) ? realWorkspaceOf(workspace) : workspace;
