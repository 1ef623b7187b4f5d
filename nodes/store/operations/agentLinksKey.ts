import { randomBytes } from 'node:crypto';
import type { Operation } from '../operation';
import { LINK_KEY } from '../storeId';

/**
 * Signs the links of agents. Made at its first use; gone with a restore or an import (storeId.ts), so
 * that links of another time work no more. It never leaves the store.
 */
export async function linkKey(operation: Operation): Promise<Buffer> {
	const known = await knownLinkKey(operation);
	if (known) return known;
	await operation.tx
		.insertInto('meta')
		.values({ key: LINK_KEY, value: randomBytes(32).toString('base64') })
		// Another process made one at this moment: that one counts.
		.onConflict((conflict) => conflict.column('key').doNothing())
		.execute();
	return (await knownLinkKey(operation))!;
}

/** Undefined while nothing was signed: then nothing can be valid. */
export async function knownLinkKey(operation: Operation): Promise<Buffer | undefined> {
	const row = await operation.tx
		.selectFrom('meta')
		.select('value')
		.where('key', '=', LINK_KEY)
		.executeTakeFirst();
	return row && Buffer.from(row.value, 'base64');
}
