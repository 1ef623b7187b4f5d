import type { StandIn } from './standIn';

/** What a customer writes, in the tests that are the same for every channel. */
export interface Written {
	/** Digits that name the customer; each stand-in makes an ID of its own kind of them. */
	from: string;
	/** Of the message; likewise. */
	id: string;
	text: string;
	name?: string;
}

/** A provider's cloud as the end-to-end tests use it: the same for every channel. */
export interface ChannelStandIn extends StandIn {
	/** Key of the channel. */
	key: string;
	/** The n8n credential that reaches this stand-in. */
	credential: { type: string; data: Record<string, unknown> };
	/** Addresses that it posts to now; empty where it knows none. */
	registered(): string[];
	/** Posts what the customer wrote, as the provider does: its body, its headers, signed. */
	customerWrites(url: string, message: Written): Promise<{ status: number; body: unknown }>;
	/** Texts that reached this customer, in order. */
	delivered(from: string): string[];
	/** Of platforms: how the conversation with this customer stands there. */
	standing?(from: string): {
		status: 'open' | 'closed';
		/** The platform's own ID. */
		assignee: string | null;
		category?: string | null;
		summary?: string | null;
		notes: string[];
	};
	/** Of platforms: posts what a person did there, to `url`. */
	personActs?(
		url: string,
		from: string,
		act:
			| { type: 'assigned'; agent: string | null }
			| { type: 'closed' }
			| { type: 'replied'; agent: string; text: string; id: string },
	): Promise<{ status: number; body: unknown }>;
}
