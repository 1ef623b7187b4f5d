import { teamNotFound } from '../errors';
import { realWorkspaceOf, type Operation } from '../operation';

/** @throws StoreError `TeamNotFound` */
export async function findTeam(
	operation: Operation,
	key: string,
): Promise<{ key: string; name: string }> {
	const real = realWorkspaceOf(operation.workspace);
	const teams = operation.tx
		.selectFrom('teams')
		.select(['key', 'name'])
		.where('workspace', '=', real);
	const team = await teams.where('key', '=', key).executeTakeFirst();
	if (team) return team;
	const known = await teams.orderBy('key').limit(21).execute();
	throw teamNotFound(
		key,
		known.map((row) => row.key),
	);
}

/** For what was decided some time ago: the team may have been removed since. The caller holds it. */
export async function existingTeam(
	operation: Operation,
	key: string | null,
): Promise<string | null> {
	if (key === null) return null;
	const team = await operation.tx
		.selectFrom('teams')
		.select('key')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('key', '=', key)
		.executeTakeFirst();
	return team?.key ?? null;
}
