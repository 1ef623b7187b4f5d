import { sql } from '../../vendor';
import type { Engine } from '../engine';
import { realWorkspaceOf, type Operation } from '../operation';
import { CLOSED } from './conversations';
import { countOf } from './counting';
import { deliveryStatus, type DeliveryStatus } from './deliveryStatus';

/** How much a workspace holds. */
export interface WorkspaceCounts {
	teams: number;
	agents: number;
	contacts: number;
	conversations: { open: number; queued: number; closed: number };
	messages: number;
	events: number;
	/** Those that ended well go after 30 days. */
	deliveries: Record<DeliveryStatus, number>;
}

/**
 * Counts contacts, conversations, messages and events by walking an index that begins with the
 * workspace (where nearly all is of one workspace, PostgreSQL may prefer the table); open and waiting
 * conversations by the index of open ones. Deliveries are read as they are: the store keeps those of
 * 30 days.
 */
export async function countWorkspace(operation: Operation): Promise<WorkspaceCounts> {
	const { tx, workspace } = operation;
	const count = async (
		table: 'teams' | 'agents' | 'contacts' | 'conversations' | 'messages' | 'events',
		of = workspace,
	) => await countOf(tx.selectFrom(table).where('workspace', '=', of));
	const notClosed = tx
		.selectFrom('conversations')
		.where('workspace', '=', workspace)
		.where('status', '<>', CLOSED);
	const open = await countOf(notClosed);
	const real = realWorkspaceOf(workspace);
	return {
		teams: await count('teams', real),
		agents: await count('agents', real),
		contacts: await count('contacts'),
		conversations: {
			open,
			queued: await countOf(notClosed.where('queue_entered_at', 'is not', null)),
			closed: (await count('conversations')) - open,
		},
		messages: await count('messages'),
		events: await count('events'),
		deliveries: await countDeliveries(operation),
	};
}

async function countDeliveries(operation: Operation): Promise<WorkspaceCounts['deliveries']> {
	const rows = await operation.tx
		.selectFrom('deliveries')
		.select((eb) => ['status', eb.fn.countAll<number>().as('n')])
		.where('workspace', '=', operation.workspace)
		.groupBy('status')
		.execute();
	const counts = { pending: 0, claimed: 0, waiting: 0, done: 0, failed: 0, expired: 0 };
	for (const { status, n } of rows) counts[deliveryStatus(status)] = Number(n);
	return counts;
}

/** What each engine says of its size. The write-ahead log of a file is not in it. */
const BYTES: Record<Engine['name'], string> = {
	sqlite:
		'select page_count * page_size as bytes from pragma_page_count() cross join pragma_page_size()',
	postgres: `select coalesce(sum(pg_total_relation_size(c.oid)), 0) as bytes
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = current_schema() and c.relkind = 'r'`,
};

/** Bytes that the whole store takes, all workspaces and indexes included. */
export async function bytesOnDisk(operation: Operation, engine: Engine['name']): Promise<number> {
	const { rows } = await sql.raw<{ bytes: number | string }>(BYTES[engine]).execute(operation.tx);
	return Number(rows[0]?.bytes ?? 0);
}
