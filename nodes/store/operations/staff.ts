import { sql } from '../../vendor';
import { realWorkspaceOf, type Operation } from '../operation';
import { shiftOf } from './hours';
import { sayingSql } from './presence';

/** The agents of one team. */
export interface Staff {
	members: number;
	/** Who can be given conversations now: online, and not outside the shift. */
	online: number;
}

export const NOBODY: Staff = { members: 0, online: 0 };

/**
 * By team; one without members is missing. Counted by the shifts they share, so that few rows come
 * back from a large team.
 */
export async function countStaff(
	operation: Operation,
	keys: string[] | 'all',
): Promise<Map<string, Staff>> {
	const real = realWorkspaceOf(operation.workspace);
	let query = operation.tx
		.selectFrom('team_members as member')
		.innerJoin('agents', (join) =>
			join
				.onRef('agents.key', '=', 'member.agent_key')
				.onRef('agents.workspace', '=', 'member.workspace'),
		)
		.select([
			'member.team_key',
			'agents.shifts',
			sql<number>`count(*)`.as('members'),
			sql<number>`count(case when ${sayingSql(operation.now)} = 'online' then 1 end)`.as('online'),
		])
		.where('member.workspace', '=', real)
		.groupBy(['member.team_key', 'agents.shifts']);
	if (keys !== 'all') query = query.where('member.team_key', 'in', keys);
	const staff = new Map<string, Staff>();
	for (const row of await query.execute()) {
		const { members, online } = staff.get(row.team_key) ?? NOBODY;
		const { onShift } = shiftOf(operation, row.shifts);
		staff.set(row.team_key, {
			members: members + Number(row.members),
			online: online + (onShift ? Number(row.online) : 0),
		});
	}
	return staff;
}
