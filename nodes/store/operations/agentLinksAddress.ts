import { LAST_MOMENT } from '../inputs';
import { parseJson } from '../json';
import { realWorkspaceOf, type Operation } from '../operation';
import { subscriptionId } from './subscriptions';

/** A published Agent Links trigger. */
export interface LinksTrigger {
	workflowId: string;
	nodeId: string;
}

/** A republish, a rename or an edit takes the address away and brings it back at once. Milliseconds. */
const GRACE = 10_000;

const idOf = (trigger: LinksTrigger) => subscriptionId({ ...trigger, isTest: false });

/**
 * The links of agents lead to this address from now on. Kept among those who listen, since that is
 * what belongs to this n8n: an export has no part of it, and a restore leaves it.
 */
export async function publishAgentLinks(
	operation: Operation,
	{ url, ...trigger }: LinksTrigger & { url: string },
): Promise<void> {
	const id = idOf(trigger);
	const known = await operation.tx
		.selectFrom('subscriptions')
		.select(['created_at', 'ended_at'])
		.where('id', '=', id)
		.executeTakeFirst();
	// Whoever is published anew is the newest; a start of n8n publishes nothing anew.
	const since = known && known.ended_at === null ? known.created_at : operation.now;
	const row = {
		workspace: operation.workspace,
		kind: 'links' as const,
		workflow_id: trigger.workflowId,
		node_id: trigger.nodeId,
		channel: '',
		accounts: '[]',
		filter: JSON.stringify({ url }),
		on_bad_end: '{}',
		is_test: 0,
		created_at: since,
		// It has no life of its own that it could tell of: it holds until it says goodbye.
		lease_until: LAST_MOMENT,
		ended_at: null,
	};
	await operation.tx
		.insertInto('subscriptions')
		.values({ id, ...row })
		.onConflict((conflict) => conflict.column('id').doUpdateSet(row))
		.execute();
}

export async function unpublishAgentLinks(
	operation: Operation,
	trigger: LinksTrigger,
): Promise<void> {
	await operation.tx
		.updateTable('subscriptions')
		.set({ ended_at: operation.now })
		.where('id', '=', idOf(trigger))
		.where('workspace', '=', operation.workspace)
		.where('kind', '=', 'links')
		.where('ended_at', 'is', null)
		.execute();
}

/** Where links lead: the address that was published last and is still there; null while there is none. */
export async function agentLinksUrl(operation: Operation): Promise<string | null> {
	const row = await operation.tx
		.selectFrom('subscriptions')
		.select('filter')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('kind', '=', 'links')
		.where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>', operation.now - GRACE)]))
		.orderBy('created_at', 'desc')
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirst();
	return parseJson<{ url: string | null }>(row?.filter, { url: null }).url;
}
