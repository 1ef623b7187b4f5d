import { parseJson } from '../json';
import { testWorkspaceOf, type Operation } from '../operation';
import type { ConversationRow } from './conversations';
import { EVERYBODY } from './queuePolicy';
import { countStaff } from './staff';

/** How many of those who left a queue last its pace is told from; and the fewest that tell one. */
const REMEMBERED = 20;
const FEWEST = 3;

/** Some stood at the head for a night: that many of the slowest do not count. */
const SLOWEST_LEFT_OUT = 2;

/** The queue a conversation waits in, as its pace is kept. */
export const queueName = ({
	team_key,
	queue_for,
}: Pick<ConversationRow, 'team_key' | 'queue_for'>) =>
	queue_for === null && team_key !== null
		? `team:${team_key}`
		: queue_for === null || queue_for === EVERYBODY
			? 'everybody'
			: `agent:${queue_for}`;

/** Whoever waits under this name later waits for others: a team or an agent is gone. */
export async function forgetPace(
	operation: Operation,
	place: Parameters<typeof queueName>[0],
): Promise<void> {
	await operation.tx
		.deleteFrom('queue_paces')
		.where('workspace', 'in', [operation.workspace, testWorkspaceOf(operation.workspace)])
		.where('queue', '=', queueName(place))
		.execute();
}

/** Somebody left a queue for an agent: how long they stood at its head is remembered. */
export async function recordPace(operation: Operation, row: ConversationRow): Promise<void> {
	if (row.queue_entered_at === null) return;
	const queue = queueName(row);
	const known = await operation.tx
		.selectFrom('queue_paces')
		.select(['left_at', 'samples'])
		.where('workspace', '=', operation.workspace)
		.where('queue', '=', queue)
		.executeTakeFirst();
	const atHead = operation.now - Math.max(known?.left_at ?? 0, row.queue_entered_at);
	const samples = [...parseJson<number[]>(known?.samples, []), Math.max(0, atHead)];
	const values = {
		left_at: operation.now,
		samples: JSON.stringify(samples.slice(-REMEMBERED)),
	};
	await operation.tx
		.insertInto('queue_paces')
		.values({ workspace: operation.workspace, queue, ...values })
		.onConflict((conflict) => conflict.columns(['workspace', 'queue']).doUpdateSet(values))
		.execute();
	paces.get(operation)?.delete(queue);
}

/** How fast a queue moves now. */
interface Pace {
	/** How long one stands at its head, on average. Milliseconds. */
	mean: number;
	leftAt: number;
}

const paces = new WeakMap<Operation, Map<string, Promise<Pace | null>>>();

/** Of a list of those who wait, many wait in one queue: it is looked at once in each operation. */
async function paceOf(operation: Operation, row: ConversationRow): Promise<Pace | null> {
	const queue = queueName(row);
	const known = paces.get(operation) ?? new Map<string, Promise<Pace | null>>();
	paces.set(operation, known);
	const pace = known.get(queue) ?? readPace(operation, row, queue);
	known.set(queue, pace);
	return await pace;
}

/** Null when too few have left it to tell, or nobody of its team is there who could take anything. */
async function readPace(
	operation: Operation,
	row: ConversationRow,
	queue: string,
): Promise<Pace | null> {
	const pace = await operation.tx
		.selectFrom('queue_paces')
		.select(['left_at', 'samples'])
		.where('workspace', '=', operation.workspace)
		.where('queue', '=', queue)
		.executeTakeFirst();
	const samples = parseJson<number[]>(pace?.samples, []);
	if (!pace || samples.length < FEWEST) return null;
	if (row.queue_for === null && row.team_key !== null) {
		const staff = await countStaff(operation, [row.team_key]);
		if ((staff.get(row.team_key)?.online ?? 0) === 0) return null;
	}
	const counted = samples
		.sort((a, b) => a - b)
		.slice(0, Math.max(FEWEST - 1, samples.length - SLOWEST_LEFT_OUT));
	const mean = counted.reduce((sum, each) => sum + each, 0) / counted.length;
	return { mean, leftAt: pace.left_at };
}

/**
 * How long who is at this position will probably still wait, from how fast the queue has moved. In
 * seconds; null when too few have left it to tell, or nobody is there who could take anything.
 */
export async function expectedWait(
	operation: Operation,
	row: ConversationRow,
	position: number,
): Promise<number | null> {
	const pace = await paceOf(operation, row);
	if (!pace) return null;
	const { mean, leftAt } = pace;
	// What the head has stood there already is over: since the last one left, but not since before this
	// one came (who was there then is not known, so the wait is rather told too long).
	const since = Math.max(leftAt, row.queue_entered_at ?? 0);
	const stood = Math.min(mean, Math.max(0, operation.now - since));
	return Math.round((mean * position - stood) / 1000);
}
