import type { Operation } from '../../operation';
import { counted, EXAMPLES, lasting, tallyOf, type Problem } from '../problem';

/** Tries in a row after which an execution counts as out of reach: about half a minute. */
const OUT_OF_REACH = 5;

/** Flows that wait for something that has happened, and that nobody can tell. */
export async function healthOfWaits(operation: Operation): Promise<Problem[]> {
	const { count, since, examples } = tallyOf(
		await operation.tx
			.selectFrom('waits')
			.select((eb) => [
				'conversation_id as id',
				eb.fn.countAll<number>().over().as('all'),
				eb.fn.min(eb.fn.coalesce('settled_at', 'created_at')).over().as('since'),
			])
			.where('workspace', '=', operation.workspace)
			.where('due_at', 'is not', null)
			.where('posts', '>=', OUT_OF_REACH)
			.orderBy('due_at')
			.limit(EXAMPLES)
			.execute(),
	);
	if (count === 0) return [];
	return [
		{
			code: 'flowsOutOfReach',
			severity: 'error',
			message: `${counted(count, 'flow that waits', 'flows that wait')} for a contact or an agent could not be told to go on, the oldest for ${lasting(operation.now - since)}`,
			hint: 'n8n has to reach itself at its own address: check the environment variables WEBHOOK_URL and N8N_PORT, and what stands before n8n. Look in n8n\'s log for "Ask Question" and "Auto-Assign Agent"',
			count,
			examples,
		},
	];
}
