import type { Kysely } from '../vendor';
import type { Database } from './schema';

const KEY = 'store_id';

/** Signs the links of agents (operations/agentLinksKey.ts). */
export const LINK_KEY = 'link_key';

/**
 * The store's own ID is part of every key by which n8n starts a flow only once, and n8n keeps keys for
 * its whole database: a store that begins, or that knows conversations of another time, must not
 * repeat one. So it is new for a new store, and renewed by restore and import.
 */
export async function readStoreId(db: Kysely<Database>): Promise<string> {
	const { value } = await db
		.selectFrom('meta')
		.select('value')
		.where('key', '=', KEY)
		.executeTakeFirstOrThrow();
	return value;
}

/** What was signed in the time before is not valid any more: that key is gone, and made anew when it is needed. */
export async function renewStoreId(db: Kysely<Database>, value: string): Promise<void> {
	await db.deleteFrom('meta').where('key', '=', LINK_KEY).execute();
	await db
		.insertInto('meta')
		.values({ key: KEY, value })
		.onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
		.execute();
}
