import type { PlatformAgent } from '../../channels/platform';
import { sql } from '../../vendor';
import { parseJson } from '../json';
import { realWorkspaceOf, type Operation } from '../operation';

/** The key of the agent whom a platform names, by the agent's ID there, or else by e-mail address. */
export async function agentOnPlatform(
	operation: Operation,
	handle: string,
	{ id, email }: PlatformAgent,
): Promise<string | undefined> {
	const found = id === undefined ? undefined : await byHandle(operation, 'agents', handle, id);
	if (found !== undefined || email === undefined) return found;
	const row = await operation.tx
		.selectFrom('agents')
		.select('key')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('key', 'in', [...new Set([email, email.toLowerCase()])])
		.limit(1)
		.executeTakeFirst();
	return row?.key ?? (await byHandle(operation, 'agents', 'email', email));
}

export const teamOnPlatform = async (operation: Operation, handle: string, id: string) =>
	await byHandle(operation, 'teams', handle, id);

/** As JSON writes it, and without meaning to `like`. */
const likeText = (text: string) => JSON.stringify(text).slice(1, -1).replace(/[!%_]/g, '!$&');

/** The text of the handles narrows it down; it is read to be sure. */
async function byHandle(
	operation: Operation,
	table: 'agents' | 'teams',
	handle: string,
	id: string,
): Promise<string | undefined> {
	const wanted = id.toLowerCase();
	const rows = await operation.tx
		.selectFrom(table)
		.select(['key', 'handles'])
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where(sql<boolean>`lower(handles) like ${`%"${likeText(wanted)}"%`} escape '!'`)
		.orderBy('key')
		.execute();
	return rows.find(
		({ handles }) =>
			parseJson<Record<string, string>>(handles, {})[handle]?.toLowerCase() === wanted,
	)?.key;
}
