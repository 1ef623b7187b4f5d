import { storeError } from '../errors';
import { recordEvent } from '../events';
import { parseJson } from '../json';
import { realWorkspaceOf, testWorkspaceOf, type Operation } from '../operation';
import { findTeam } from './assigning';
import {
	changeConversation,
	CLOSED,
	lockConversation,
	type ConversationRow,
} from './conversations';
import { countOf } from './counting';
import { holdTeamsAlone } from './locks';
import { keyOrNameContains } from './search';

export interface TeamView {
	key: string;
	name: string;
	members: number;
	/** Conversations that wait in this team's queue now. */
	queued: number;
	/** Other systems' IDs for it. */
	handles: Record<string, string>;
}

/** Creates a team, or changes what is given of it. */
export async function upsertTeam(
	operation: Operation,
	input: { key: string; name?: string; handles?: Record<string, string> },
): Promise<{ team: TeamView; created: boolean }> {
	const known = await operation.tx
		.selectFrom('teams')
		.select('name')
		.where('workspace', '=', operation.workspace)
		.where('key', '=', input.key)
		.executeTakeFirst();
	const name = input.name ?? known?.name ?? input.key;
	await operation.tx
		.insertInto('teams')
		.values({
			workspace: operation.workspace,
			key: input.key,
			name,
			hours: null,
			overflow_team: null,
			handles: JSON.stringify(input.handles ?? {}),
			created_at: operation.now,
		})
		.onConflict((conflict) =>
			conflict.columns(['workspace', 'key']).doUpdateSet({
				name,
				...(input.handles === undefined ? {} : { handles: JSON.stringify(input.handles) }),
			}),
		)
		.execute();
	return { team: await getTeam(operation, input.key), created: !known };
}

/**
 * Removes a team. While conversations point to it, another team must be named to take them.
 *
 * @throws StoreError `TeamNotFound`, `TeamInUse`
 */
export async function deleteTeam(
	operation: Operation,
	input: { key: string; moveTo?: string; source?: string; actor?: string },
): Promise<{ moved: number }> {
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
	await operation.tx
		.deleteFrom('teams')
		.where('workspace', '=', operation.workspace)
		.where('key', '=', input.key)
		.execute();
	operation.wake('work');
	return { moved: open.length };
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

/** @throws StoreError `TeamNotFound` */
export async function getTeam(operation: Operation, key: string): Promise<TeamView> {
	await findTeam(operation, key);
	const row = await operation.tx
		.selectFrom('teams')
		.select(['key', 'name', 'handles'])
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('key', '=', key)
		.executeTakeFirstOrThrow();
	return await view(operation, row);
}

export async function listTeams(
	operation: Operation,
	input: { search?: string; limit: number; offset: number },
): Promise<TeamView[]> {
	let query = operation.tx
		.selectFrom('teams')
		.select(['key', 'name', 'handles'])
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.orderBy('name')
		.orderBy('key')
		.limit(input.limit)
		.offset(input.offset);
	if (input.search) query = query.where(keyOrNameContains(input.search));
	const rows = await query.execute();
	return await Promise.all(rows.map(async (row) => await view(operation, row)));
}

async function view(
	operation: Operation,
	row: { key: string; name: string; handles: string },
): Promise<TeamView> {
	return {
		key: row.key,
		name: row.name,
		members: await countOf(
			operation.tx
				.selectFrom('team_members')
				.where('workspace', '=', realWorkspaceOf(operation.workspace))
				.where('team_key', '=', row.key),
		),
		queued: await countOf(
			operation.tx
				.selectFrom('conversations')
				.where('workspace', '=', operation.workspace)
				.where('team_key', '=', row.key)
				.where('status', '<>', CLOSED)
				.where('queue_entered_at', 'is not', null),
		),
		handles: parseJson<Record<string, string>>(row.handles, {}),
	};
}
