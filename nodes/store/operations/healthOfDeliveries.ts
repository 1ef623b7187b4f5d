import { sql } from '../../vendor';
import { RETURN_WINDOW, type Operation } from '../operation';
import type { SubscriptionTable } from '../schema';
import { ENDED_BADLY } from './deliveryStatus';
import { counted, EXAMPLES, lasting, tallyOf, type Problem, type Tally } from './problem';
import { SILENCE_LIMIT } from './subscriptions';

/** Owed for longer than this, an execution is late also where many are started. Milliseconds. */
const OVERDUE_AFTER = 5 * 60_000;

/** A claim whose lease ended is claimed again within seconds. Milliseconds. */
const ABANDONED_AFTER = 60_000;

/** A trigger says that it lives every 40 s, two minutes ahead. Milliseconds. */
const SILENT_AFTER = 3 * 60_000;

/** So long a trigger that fell silent is shown; one whose workflow was deleted never comes back. Milliseconds. */
const SILENT_UNTIL = 7 * 24 * 60 * 60_000;

/** Executions that are owed to triggers, and the triggers. Finds by indexes that hold only what is owed or ended badly. */
export async function healthOfDeliveries(operation: Operation): Promise<Problem[]> {
	const found = [
		failed(operation, await endedBadly(operation, 'failed', TRIGGERS)),
		notTold(operation, await endedBadly(operation, 'failed', PLATFORMS)),
		expired(operation, await endedBadly(operation, 'expired', TRIGGERS)),
		overdue(operation, await lateSince(operation, 'pending', OVERDUE_AFTER)),
		abandoned(operation, await lateSince(operation, 'claimed', ABANDONED_AFTER)),
		silent(operation, await silentTriggers(operation)),
	];
	return found.filter((problem) => problem.count > 0);
}

type Kind = SubscriptionTable['kind'];

const TRIGGERS: Kind[] = ['opened', 'event'];
const PLATFORMS: Kind[] = ['platform'];

async function endedBadly(
	operation: Operation,
	status: 'failed' | 'expired',
	kinds: Kind[],
): Promise<Tally> {
	return tallyOf(
		await operation.tx
			.selectFrom('deliveries')
			.select((eb) => [
				'id',
				eb.fn.countAll<number>().over().as('all'),
				eb.fn.min('finished_at').over().as('since'),
			])
			.where('workspace', '=', operation.workspace)
			.where(ENDED_BADLY)
			.where('status', '=', status)
			.where('subscription_id', 'in', (eb) =>
				eb.selectFrom('subscriptions').select('subscriptions.id').where('kind', 'in', kinds),
			)
			.orderBy('id', 'desc')
			.limit(EXAMPLES)
			.execute(),
	);
}

async function lateSince(
	operation: Operation,
	status: 'pending' | 'claimed',
	after: number,
): Promise<Tally> {
	return tallyOf(
		await operation.tx
			.selectFrom('deliveries')
			.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
			.select((eb) => [
				'deliveries.id',
				eb.fn.countAll<number>().over().as('all'),
				eb.fn.min('deliveries.due_at').over().as('since'),
			])
			.where('deliveries.workspace', '=', operation.workspace)
			.where('deliveries.due_at', '<=', operation.now - after)
			.where('deliveries.status', '=', status)
			// What a trigger that said goodbye is owed waits for its return, and expires then.
			.where((eb) =>
				eb.or([
					eb('subscriptions.ended_at', 'is', null),
					eb('subscriptions.ended_at', '<=', operation.now - RETURN_WINDOW - after),
				]),
			)
			.orderBy('deliveries.due_at')
			.orderBy('deliveries.id')
			.limit(EXAMPLES)
			.execute(),
	);
}

/** Those that did not say goodbye, also where the store has ended them for it. */
async function silentTriggers(operation: Operation): Promise<Tally> {
	return tallyOf(
		await operation.tx
			.selectFrom('subscriptions')
			.select((eb) => [
				'id',
				eb.fn.countAll<number>().over().as('all'),
				eb.fn.min('lease_until').over().as('since'),
			])
			.where('workspace', '=', operation.workspace)
			.where('is_test', '=', 0)
			// The same trigger that receives from the platform.
			.where('kind', '<>', 'platform')
			.where('lease_until', '<=', operation.now - SILENT_AFTER)
			.where('lease_until', '>', operation.now - SILENT_UNTIL)
			.where(sql<boolean>`(ended_at is null or lease_until < ended_at - ${SILENCE_LIMIT})`)
			.orderBy('lease_until')
			.orderBy('id')
			.limit(EXAMPLES)
			.execute(),
	);
}

const ago = (operation: Operation, { since }: Tally) => lasting(operation.now - since);

const failed = (operation: Operation, tally: Tally): Problem => ({
	code: 'deliveriesFailed',
	severity: 'error',
	message: `${counted(tally.count, 'execution')} could not be started, the first ${ago(operation, tally)} ago`,
	hint: 'See why with Conversation Store → Delivery → Get Many; then Retry or Skip them',
	count: tally.count,
	examples: tally.examples,
});

const notTold = (operation: Operation, tally: Tally): Problem => ({
	code: 'platformsNotTold',
	severity: 'warning',
	message: `${counted(tally.count, 'change')} could not be told to Chatwoot or respond.io, the first ${ago(operation, tally)} ago`,
	hint: 'See why with Conversation Store → Delivery → Get Many; then Retry or Skip them',
	count: tally.count,
	examples: tally.examples,
});

const expired = (operation: Operation, tally: Tally): Problem => ({
	code: 'deliveriesExpired',
	severity: 'warning',
	message: `${counted(tally.count, 'execution')} expired because the trigger was switched off, the first ${ago(operation, tally)} ago`,
	hint: 'Publish the workflow again and use Conversation Store → Delivery → Retry, or Skip them',
	count: tally.count,
	examples: tally.examples,
});

const overdue = (operation: Operation, tally: Tally): Problem => ({
	code: 'deliveriesOverdue',
	severity: 'error',
	message: `${counted(tally.count, 'execution is', 'executions are')} owed for more than ${lasting(OVERDUE_AFTER)}, the longest for ${ago(operation, tally)}`,
	hint: 'Check that the workflow is published and that n8n (in queue mode: the main process) runs; if it does, it has more to do than it can',
	count: tally.count,
	examples: tally.examples,
});

const abandoned = (operation: Operation, tally: Tally): Problem => ({
	code: 'deliveriesAbandoned',
	severity: 'error',
	message: `${counted(tally.count, 'execution was', 'executions were')} taken by a process that is gone, the first ${ago(operation, tally)} ago, and nobody took over`,
	hint: 'Check that the workflow is published and that n8n (in queue mode: the main process) runs; it takes over by itself then',
	count: tally.count,
	examples: tally.examples,
});

const silent = (operation: Operation, tally: Tally): Problem => ({
	code: 'triggersSilent',
	severity: 'error',
	message: `${counted(tally.count, 'trigger')} fell silent without being switched off, the first ${ago(operation, tally)} ago`,
	hint: 'Publish the workflow again (each example is workflow ID:node ID). If it was deleted meanwhile, this is no longer shown after a week',
	count: tally.count,
	examples: tally.examples,
});
