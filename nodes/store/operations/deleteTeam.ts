import { storeError } from '../errors';
import { recordEvent } from '../events';
import { testWorkspaceOf, type Operation } from '../operation';
import { findTeam } from './findTeam';
import {
	changeConversation,
	CLOSED,
	lockConversation,
	type ConversationRow,
} from './conversations';
import { holdTeamsAlone } from './locks';
import { forgetPace } from './queuePace';

/**
 * Removes a team. While conversations point to it, another team must be named to take them. Teams
 * that it took over from have no overflow team afterwards: whoever took its conversations need not
 * be fit for theirs.
 *
 * @throws StoreError `TeamNotFound`, `TeamInUse`
 */
export async function deleteTeam(
	operation: Operation,
	input: { key: string; moveTo?: string; source?: string; actor?: string },
): Promise<{ moved: number; overflowCleared: string[] }> {
	const { moveTo } = input;
	const open = await lockAllOpen(operation, input.key, moveTo === undefined ? [] : [moveTo]);
	await findTeam(operation, input.key);
	if (moveTo !== undefined) await findTeam(operation, moveTo);
	if (moveTo === input.key) {
		throw storeError(
			'TeamInUse',
			`The team '${input.key}' cannot take over its own conversations`,
			"Choose another team under 'Move Conversations To'",
		);
	}
	if (open.length > 0 && moveTo === undefined) {
		throw storeError(
			'TeamInUse',
			`The team '${input.key}' still has ${open.length} open conversation${open.length === 1 ? '' : 's'}`,
			"Choose under 'Move Conversations To' the team that takes them, or close them first",
		);
	}
	for (const row of open) {
		await changeConversation(operation, row, { team_key: moveTo ?? null });
		await recordEvent(operation, {
			type: 'routed',
			conversationId: row.id,
			contactKey: row.contact_key,
			source: input.source ?? 'system',
			actor: input.actor ?? null,
			data: { team: moveTo, decision: null, reason: `The team '${input.key}' was removed` },
		});
	}
	await operation.tx
		.deleteFrom('team_members')
		.where('workspace', '=', operation.workspace)
		.where('team_key', '=', input.key)
		.execute();
	await operation.tx
		.deleteFrom('turns')
		.where('workspace', 'in', [operation.workspace, testWorkspaceOf(operation.workspace)])
		.where('team_key', '=', input.key)
		.execute();
	await forgetPace(operation, { team_key: input.key, queue_for: null });
	const cleared = await operation.tx
		.updateTable('teams')
		.set({ overflow_team: null })
		.where('workspace', '=', operation.workspace)
		.where('overflow_team', '=', input.key)
		.returning('key')
		.execute();
	await operation.tx
		.deleteFrom('teams')
		.where('workspace', '=', operation.workspace)
		.where('key', '=', input.key)
		.execute();
	operation.wake('work');
	return { moved: open.length, overflowCleared: cleared.map(({ key }) => key).sort() };
}

/** The open conversations of a team, locked: the team first and then the customers, as everybody does. */
async function lockAllOpen(
	operation: Operation,
	team: string,
	also: string[],
): Promise<ConversationRow[]> {
	// From here on nobody points another conversation to it.
	await holdTeamsAlone(operation, [team, ...also]);
	const openOnes = operation.tx
		.selectFrom('conversations')
		.selectAll()
		.where('workspace', '=', operation.workspace)
		.where('team_key', '=', team)
		.where('status', '<>', CLOSED);
	if (operation.rowLocks) {
		const rows = await openOnes.orderBy('contact_key').execute();
		for (const { id } of rows) await lockConversation(operation, id);
	}
	return await openOnes.orderBy('id').execute();
}
