import type { ChannelSettings } from './channel';
import type { ChannelTools } from './http';

/** How a channel's provider is told where to post, where it has an interface for that. */
export interface Registration {
	/** There is room for one address: a new one takes the place of the old one. */
	exclusive: boolean;
	/**
	 * The address to register for a webhook of n8n. Where the provider signs nothing, a token derived
	 * from the credential is part of it, and `verify` asks for that token.
	 */
	address(url: string, settings: ChannelSettings): string;
	/**
	 * The addresses that the provider has now. Of several, those are enough that may be ours.
	 *
	 * @param address the one that is asked about, for providers that can only be asked about one
	 * @throws ChannelError
	 */
	current(tools: ChannelTools, address?: string): Promise<string[]>;
	/** Registers an address. @throws ChannelError */
	set(address: string, tools: ChannelTools): Promise<void>;
	/**
	 * Removes this address and no other. Absent where the provider has no way to do it.
	 *
	 * @throws ChannelError
	 */
	remove?(address: string, tools: ChannelTools): Promise<void>;
}
