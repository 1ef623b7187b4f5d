import type { Operation } from '../operation';
import { lockContact } from './contacts';

/** How long an answer that is out of date is kept, in case the other system is away. Milliseconds. */
const KEEP_STALE = 24 * 60 * 60_000;

/** Characters of JSON. What is longer is asked for again each time. */
const LONGEST_ANSWER = 256 * 1024;

/** Old answers that one transaction deletes. */
const FORGOTTEN_AT_ONCE = 500;

/** Longer is for ever, and an end that the clock cannot reach is no number for every engine. Milliseconds. */
const LONGEST_LIFETIME = 366 * 24 * 60 * 60_000;

export interface ReadLookupInput {
	conversationId: string;
	/** Hash of what is asked and of whom. */
	key: string;
}

export interface StoredLookup {
	/** JSON; null: the other system knows nothing. */
	answer: string | null;
	/** Whether its lifetime is not over. */
	fresh: boolean;
}

export interface WriteLookupInput extends ReadLookupInput {
	contactKey: string;
	answer: string | null;
	/** Milliseconds. */
	lifetime: number;
}

/** What was answered before, also when it is out of date; null where nobody asked. */
export async function readLookup(
	operation: Operation,
	input: ReadLookupInput,
): Promise<StoredLookup | null> {
	const row = await operation.tx
		.selectFrom('lookups')
		.select(['answer', 'expires_at'])
		.where('workspace', '=', operation.workspace)
		.where('key', '=', input.key)
		.executeTakeFirst();
	return row ? { answer: row.answer, fresh: row.expires_at > operation.now } : null;
}

/**
 * Keeps an answer for its lifetime, instead of the one before. The contact is locked, so that nothing
 * is kept of somebody whom an erasure has removed meanwhile.
 *
 * @returns whether it was kept
 */
export async function writeLookup(operation: Operation, input: WriteLookupInput): Promise<boolean> {
	if ((input.answer?.length ?? 0) > LONGEST_ANSWER) return false;
	const contact = await lockContact(operation, input.contactKey);
	if (contact?.workspace !== operation.workspace || contact.erased_at !== null) return false;
	const kept = {
		contact_key: contact.key,
		answer: input.answer,
		expires_at: operation.now + Math.min(Math.round(input.lifetime), LONGEST_LIFETIME),
	};
	await operation.tx
		.insertInto('lookups')
		.values({ workspace: operation.workspace, key: input.key, ...kept })
		.onConflict((conflict) => conflict.columns(['workspace', 'key']).doUpdateSet(kept))
		.execute();
	return true;
}

/** Deletes a batch of answers that are too old to stand in for a system that is away. */
export async function forgetLookups(operation: Operation): Promise<number> {
	const old = await operation.tx
		.selectFrom('lookups')
		.select('expires_at')
		.where('expires_at', '<', operation.now - KEEP_STALE)
		.orderBy('expires_at')
		.limit(FORGOTTEN_AT_ONCE)
		.execute();
	const last = old.at(-1);
	if (!last) return 0;
	// By time, since SQLite looks up no pairs of columns in a list.
	const { numDeletedRows } = await operation.tx
		.deleteFrom('lookups')
		.where('expires_at', '<=', last.expires_at)
		.executeTakeFirstOrThrow();
	return Number(numDeletedRows);
}
