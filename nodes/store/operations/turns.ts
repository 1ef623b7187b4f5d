import type { AssignmentDecision } from '../../decisions/contracts';
import { sql } from '../../vendor';
import { testWorkspaceOf, type Operation } from '../operation';

/**
 * Moves the team's turn on. Who has none yet begins level with the member who had fewest, as
 * {@link loadCandidates} showed it to the decision. Only members count: turns of those who left are
 * removed, so that somebody who comes back does not get every conversation until level.
 */
export async function takeTurn(
	operation: Operation,
	team: string,
	agent: string,
	decision: AssignmentDecision,
): Promise<void> {
	const counts = decision.allWereCandidates ? 1 : 0;
	const next = operation.tx
		.selectFrom('turns')
		.select([
			sql<string>`cast(${operation.workspace} as text)`.as('workspace'),
			sql<string>`cast(${team} as text)`.as('team_key'),
			sql<string>`cast(${agent} as text)`.as('agent_key'),
			sql<number>`coalesce(min(turn_count), 0) + ${counts}`.as('turn_count'),
			sql<number>`coalesce(max(last_turn), 0) + 1`.as('last_turn'),
		])
		.where('workspace', '=', operation.workspace)
		.where('team_key', '=', team);
	await operation.tx
		.insertInto('turns')
		.columns(['workspace', 'team_key', 'agent_key', 'turn_count', 'last_turn'])
		.expression(next)
		.onConflict((conflict) =>
			conflict.columns(['workspace', 'team_key', 'agent_key']).doUpdateSet({
				turn_count: sql<number>`turns.turn_count + ${counts}`,
				last_turn: sql<number>`excluded.last_turn`,
			}),
		)
		.execute();
}

/** An agent who leaves a team gives up the turns there; in the test workspace, too. */
export async function forgetTurns(
	operation: Operation,
	agent: string,
	teams: string[],
): Promise<void> {
	if (teams.length === 0) return;
	await operation.tx
		.deleteFrom('turns')
		.where('workspace', 'in', [operation.workspace, testWorkspaceOf(operation.workspace)])
		.where('team_key', 'in', teams)
		.where('agent_key', '=', agent)
		.execute();
}
