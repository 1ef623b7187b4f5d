import { sql } from '../../../vendor';
import { locked, lockedIfFree, type Operation } from '../../operation';
import { UNSEEN_RUN_LIMIT } from '../deliveries';
import { changeWait, settleWait, type WaitRow } from './waits';

/** How long the process that tells an execution has for it. Milliseconds. */
export const RESUME_LEASE = 60_000;

/** An execution that cannot be reached is given up so long after its deadline. Milliseconds. */
const GIVEN_UP = 24 * 60 * 60_000;

/** The longest pause between two tries. Milliseconds. */
const LONGEST_PAUSE = 5 * 60_000;

/** An execution to be told that something came in, or that its wait is over. */
export interface Resume {
	groupId: string;
	/** A secret: it holds a token. */
	url: string;
	/** What this claim is known by. */
	lease: number;
}

/**
 * Takes up to `limit` executions that are to be told something, each for {@link RESUME_LEASE}.
 *
 * @param except groups that are being told at this moment: two calls at once might ask again twice
 */
export async function claimResumes(
	operation: Operation,
	{ limit, except = [] }: { limit: number; except?: string[] },
): Promise<Resume[]> {
	const due = operation.tx
		.selectFrom('waits')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where('due_at', '<=', operation.now)
		.$if(except.length > 0, (query) => query.where('group_id', 'not in', except))
		.orderBy('due_at')
		.orderBy('id')
		.limit(limit);
	const rows = await lockedIfFree(operation, due).execute();
	const lease = operation.now + RESUME_LEASE;
	const claimed = new Map<string, Resume>();
	for (const row of rows) {
		const url = row.resume_url;
		await changeWait(operation, row.id, { due_at: url === null ? null : lease });
		if (url !== null) claimed.set(row.group_id, { groupId: row.group_id, url, lease });
	}
	return [...claimed.values()];
}

export type ResumeAnswer =
	/** It heard, and went on if there was nothing left to wait for. */
	| 'heard'
	/** It still runs: it has not come to wait yet. */
	| 'running'
	/** There is no such execution any more, or it is over. */
	| 'gone'
	/** Nobody knows; it is told again. */
	| 'unknown';

/** Says what came of telling an execution. What came in meanwhile is told next. */
export async function finishResume(
	operation: Operation,
	{ groupId, lease, answer }: Pick<Resume, 'groupId' | 'lease'> & { answer: ResumeAnswer },
): Promise<void> {
	const rows = await locked(
		operation,
		operation.tx
			.selectFrom('waits')
			.selectAll()
			.where('group_id', '=', groupId)
			.where('workspace', '=', operation.workspace)
			.orderBy('id'),
	).execute();
	if (answer === 'gone') {
		for (const row of rows) await giveUp(operation, row);
		return;
	}
	if (answer === 'heard') {
		await forgetDue(operation, groupId, lease, null);
		// What was settled since this call was begun, the node may not have seen.
		const isOver = rows.every(
			({ settled_at: settled, due_at: due }) =>
				settled !== null && (due === null || due === lease || due > operation.now),
		);
		if (isOver) await wentOn(operation, rows);
		return;
	}
	const [row] = rows.filter(({ due_at: due }) => due === lease);
	if (!row) return;
	const tooLong = operation.now > Math.max(...rows.map((each) => each.deadline)) + GIVEN_UP;
	if (tooLong) {
		for (const each of rows) await giveUp(operation, each);
		return;
	}
	const pause =
		answer === 'running' ? 1_000 : Math.min(1_000 * 2 ** Math.min(row.posts, 20), LONGEST_PAUSE);
	await forgetDue(operation, groupId, lease, operation.now + pause);
}

/** Sets what was claimed under this lease, and nothing that has come in since. */
async function forgetDue(
	operation: Operation,
	groupId: string,
	lease: number,
	dueAt: number | null,
): Promise<void> {
	await operation.tx
		.updateTable('waits')
		.set({ due_at: dueAt, posts: sql<number>`posts + 1` })
		.where('group_id', '=', groupId)
		.where('due_at', '=', lease)
		.execute();
}

/** Nobody goes on by it. The flow's end is looked at as that of any flow that ended unseen. */
async function giveUp(operation: Operation, row: WaitRow): Promise<void> {
	if (row.settled_at === null) await settleWait(operation, row, 'ended', { reason: 'flowGone' });
	await wentOn(operation, [row]);
}

/**
 * The execution runs again, or is over. n8n tells nobody how it ends: its conversation is looked at
 * once it has had time to be given to somebody.
 */
async function wentOn(operation: Operation, rows: WaitRow[]): Promise<void> {
	for (const row of rows) {
		await changeWait(operation, row.id, {
			resumed_at: operation.now,
			resume_url: null,
			due_at: null,
		});
		await operation.tx
			.updateTable('deliveries')
			.set({ due_at: operation.now + UNSEEN_RUN_LIMIT, run_status: 'resumed' })
			.where('conversation_id', '=', row.conversation_id)
			.where('execution_id', '=', row.execution_id)
			.where('status', '=', 'watched')
			.execute();
	}
}
