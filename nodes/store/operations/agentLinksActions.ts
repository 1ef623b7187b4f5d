import { realWorkspaceOf, type Operation } from '../operation';
import { setAvailability } from './agents';
import type { LinkAction } from './agentLinksToken';
import { closeConversation } from './closeConversation';

/** What was confirmed: on what, by whom. */
export interface Confirmed {
	conversationId: string;
	agent: string;
	/** For `snooze`: when it wakes. Milliseconds since 1970. */
	until: number;
}

type Act = (operation: Operation, confirmed: Confirmed) => Promise<unknown>;

const availability =
	(to: 'online' | 'away'): Act =>
	async (operation, { agent }) =>
		await setAvailability(operation, {
			...{ key: agent, availability: to, onlineUntil: null },
			...{ source: 'user', actor: agent },
		});

/**
 * What the links do, each in the transaction that uses them up. An action that is not here has no
 * link.
 */
export const linkActions: Partial<Record<LinkAction, Act>> = {
	close: async (operation, { conversationId, agent }) =>
		await closeConversation(operation, {
			...{ conversationId, category: null, summary: null },
			...{ source: 'user', actor: agent },
		}),
	away: availability('away'),
	back: availability('online'),
};

/** About the agent alone, and not about the conversation in whose message the link stands. */
export const isAboutAgent = (action: LinkAction) => action === 'away' || action === 'back';

/** Agents are one set, also for test runs: what changes one happens in the real workspace. */
export const workspaceOfLink = ({ workspace }: Operation, action: LinkAction) =>
	isAboutAgent(action) ? realWorkspaceOf(workspace) : workspace;
