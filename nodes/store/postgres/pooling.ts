import { pg, type PgClientConfig } from '../../vendor';
import { transactionPooling } from './failures';
import type { PostgresSettings } from './settings';

type Client = InstanceType<typeof pg.Client>;

/**
 * Refuses a pooler in transaction mode, which gives each transaction another session: the store's
 * schema would be forgotten, and wake-ups would not be heard.
 *
 * Such a pooler shows itself when a second connection takes the session that the first one had: the
 * first one then finds itself in another. Directly, or in session mode, it stays where it was.
 *
 * @throws StoreError `StoreUnavailable`; and what the server says
 */
export async function refuseTransactionPooling(
	config: PgClientConfig,
	settings: PostgresSettings,
): Promise<void> {
	const [first, second] = [new pg.Client(config), new pg.Client(config)];
	// Whatever breaks them is told by the query that fails.
	for (const client of [first, second]) client.on('error', () => {});
	try {
		await first.connect();
		const before = await sessionOf(first);
		await second.connect();
		await second.query('begin');
		await sessionOf(second);
		if ((await sessionOf(first)) !== before) throw transactionPooling(settings);
	} finally {
		await Promise.all([first, second].map(async (client) => await client.end().catch(() => {})));
	}
}

/** The number of the server's process behind a connection. */
async function sessionOf(client: Client): Promise<unknown> {
	const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
	return rows[0]?.pid;
}
