import type { LookupRequest } from '../enrichment/lookupRequest';
import type { ChatModel } from '../enrichment/intentModel';
import type { StoredLookup } from '../store/operations/lookups';
import type { TeamView } from '../store/operations/teams';

/** How sources reach what is outside of the item; one node's run provides it. */
export interface Access {
	/** The connected chat model, or undefined where there is none. */
	model(): Promise<ChatModel | undefined>;
	/** A team, as it is now. @throws StoreError `TeamNotFound` */
	team(key: string): Promise<Pick<TeamView, 'name' | 'open' | 'openText' | 'opensAt' | 'closesAt'>>;
	/** The system that look-ups ask, with the credential. */
	lookup(): Promise<LookupAccess>;
}

export interface LookupAccess {
	/** Differs with what proves who asks: answers for one are not for another. */
	fingerprint: string;
	/** @throws SourceFailure */
	call(request: LookupRequest, signal: AbortSignal): Promise<LookupResponse>;
	read(key: string): Promise<StoredLookup | null>;
	write(key: string, answer: string | null, lifetime: number): Promise<unknown>;
}

export interface LookupResponse {
	status: number;
	body: Buffer;
}
