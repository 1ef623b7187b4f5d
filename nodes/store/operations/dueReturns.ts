import { noReplyReason, offlineReason } from '../../decisions/returning';
import { asIs, isStoreError } from '../errors';
import { realWorkspaceOf, type Operation } from '../operation';
import { changeConversation, type ConversationRow } from './conversations';
import { policyOf } from './queuePolicy';
import { giveBack, lockToReturn } from './returnConversation';
import { clearReturn } from './returning';

/**
 * Takes the next conversation that no person has replied to in time off its agent. One in each
 * transaction.
 *
 * @returns 1, or 0 when there was none to look at
 */
export async function returnUnanswered(operation: Operation): Promise<number> {
	const due = await operation.tx
		.selectFrom('conversations')
		.select('id')
		.where('workspace', '=', operation.workspace)
		.where('reply_due_at', '<=', operation.now)
		.orderBy('reply_due_at')
		.orderBy('id')
		.limit(1)
		.executeTakeFirst();
	if (!due) return 0;
	const row = await lockedOrGone(operation, due.id);
	// Somebody replied, or took it off, while this waited for it.
	if (!row || row.reply_due_at === null || row.reply_due_at > operation.now) return 1;
	const reason = noReplyReason(policyOf(row).returns?.noReplyWithin ?? null);
	await returnOne(operation, row, { cause: 'noReply', reason });
	return 1;
}

/** The same for the next one whose agent has been offline, and has had it, for too long. */
export async function returnFromAbsent(operation: Operation): Promise<number> {
	const due = await absences(operation)
		.select(['conversation.id'])
		.orderBy('agent.absent_since')
		.orderBy('conversation.id')
		.limit(1)
		.executeTakeFirst();
	if (!due) return 0;
	const row = await lockedOrGone(operation, due.id);
	if (!row) return 1;
	const still = await absences(operation)
		.select('agent.absent_since')
		.where('conversation.id', '=', row.id)
		.executeTakeFirst();
	// The agent is back, or somebody else has it.
	if (!still) return 1;
	const reason = offlineReason(still.absent_since ?? operation.now, operation.now);
	await returnOne(operation, row, { cause: 'offline', reason });
	return 1;
}

/**
 * From the agents who are away, and have anything, to what they have: few, where nobody is away and
 * much is open, and also where most are away and have nothing.
 */
function absences(operation: Operation) {
	return operation.tx
		.selectFrom('agents as agent')
		.innerJoin('agent_loads as load', (join) =>
			join
				.onRef('load.agent_key', '=', 'agent.key')
				.on('load.workspace', '=', operation.workspace)
				.on('load.open_units', '>', 0),
		)
		.innerJoin('conversations as conversation', (join) =>
			join
				.onRef('conversation.assignee_key', '=', 'agent.key')
				.on('conversation.workspace', '=', operation.workspace)
				.on('conversation.offline_return', 'is not', null),
		)
		.where('agent.workspace', '=', realWorkspaceOf(operation.workspace))
		.where('agent.absent_since', '<=', operation.now)
		.where((eb) =>
			eb.and([
				eb(
					eb('agent.absent_since', '+', eb.ref('conversation.offline_return')),
					'<=',
					operation.now,
				),
				// Who was away already when it came has the same time from then on.
				eb(
					eb('conversation.last_assigned_at', '+', eb.ref('conversation.offline_return')),
					'<=',
					operation.now,
				),
			]),
		);
}

async function returnOne(
	operation: Operation,
	row: ConversationRow,
	how: { cause: 'noReply' | 'offline'; reason: string },
): Promise<void> {
	if (row.assignee_key === null || row.status !== 'open') {
		await changeConversation(operation, row, clearReturn);
		return;
	}
	await giveBack(operation, row, row.assignee_key, { ...how, source: 'system' });
}

/**
 * Undefined when it is closed. One whose file of an import says that it comes back all the same must
 * not stand before those that do.
 */
async function lockedOrGone(
	operation: Operation,
	id: string,
): Promise<ConversationRow | undefined> {
	try {
		return await lockToReturn(operation, id);
	} catch (error) {
		if (!isStoreError(error) || error.code !== 'ConversationClosed') throw asIs(error);
		await operation.tx
			.updateTable('conversations')
			.set(clearReturn)
			.where('id', '=', id)
			.where('closed_at', 'is not', null)
			.execute();
		return undefined;
	}
}
