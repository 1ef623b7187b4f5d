import type { ChannelTools } from './http';
import type { Identity } from './channel';

/**
 * A platform is a channel on whose own screens people work: respond.io, Chatwoot. What happens to a
 * conversation in the store is told to it, and what people do there comes back.
 */
export interface Platform {
	/** Key of `agents.handles` and `teams.handles` with the platform's own IDs. */
	handle: string;
	/**
	 * Tells the platform. Telling it twice does no more than telling it once.
	 *
	 * @throws ChannelError
	 */
	tell(news: PlatformNews, place: PlatformPlace, tools: ChannelTools): Promise<TellOutcome>;
	/** Milliseconds to leave between two calls, as its rate limit asks. */
	pause?: number;
}

/** The conversation as the platform knows it. */
export interface PlatformPlace {
	account: string;
	/** `contact.replyTo` of the contact's messages there. */
	to: string;
	context: Record<string, unknown>;
}

/** What happened in the store. `null`: an agent or a team without an ID on this platform. */
export type PlatformNews =
	| { type: 'assigned'; agent: { key: string; name: string; id: string | null } }
	| { type: 'unassigned' }
	| { type: 'routed'; team: { key: string; name: string; id: string | null } }
	| { type: 'closed'; category: string | null; summary: string | null }
	| { type: 'reopened' }
	| { type: 'commented'; text: string };

/** `skipped`: the platform has no such thing, or an ID is missing; why, as a sentence for the log. */
export type TellOutcome = { done: true } | { done: false; skipped: string };

/** What a person or a rule did on the platform, read from its webhook. */
export interface PlatformChange {
	/** The conversation, by where answers to it go (`contact.replyTo`) or by who it is with. */
	to?: string;
	identities: Identity[];
	change:
		| { type: 'assigned'; agent: PlatformAgent | null }
		| { type: 'routed'; team: { id: string; name?: string } | null }
		| { type: 'closed'; category?: string; summary?: string; by?: PlatformAgent };
	/** Who did it, as the platform says: `user`, `workflow`, `api`, `auto_close`, … */
	source: string;
}

/** A person there; any of these may find the agent in the store. */
export interface PlatformAgent {
	id?: string;
	email?: string;
	name?: string;
}
