import { describeHours, hoursState } from '../../decisions/businessHours';
import type { BusinessHours } from '../../decisions/contracts';
import { sql, type Selectable } from '../../vendor';
import { storeError } from '../errors';
import { parseJson } from '../json';
import { realWorkspaceOf, type Operation } from '../operation';
import type { TeamTable } from '../schema';
import { isoOrNull } from '../views';
import { findTeam } from './findTeam';
import { CLOSED } from './conversations';
import { holdOverflow, holdTeams } from './locks';
import { keyOrNameContains } from './search';
import { hoursColumn } from './hours';
import { countStaff, NOBODY } from './staff';

export interface TeamView {
	key: string;
	name: string;
	members: number;
	/** Members who can be given conversations now: online, and not outside their shift. */
	online: number;
	/** Conversations that wait in this team's queue now. */
	queued: number;
	/** Null: open at all times. */
	hours: BusinessHours | null;
	/** The same in words. */
	hoursText: string;
	/** Whether the business hours include this moment. */
	open: boolean;
	/** Why, as a clause: "open until 17:00", "closed on Friday". */
	openText: string;
	/** When it opens next, ISO 8601; null while it is open. */
	opensAt: string | null;
	/** When it closes, ISO 8601; null while it is closed, or where it never does. */
	closesAt: string | null;
	/** Key of the team that takes over where this one cannot. */
	overflowTeam: string | null;
	/** Other systems' IDs for it. */
	handles: Record<string, string>;
}

export interface UpsertTeamInput {
	key: string;
	name?: string;
	handles?: Record<string, string>;
	/** Null: open at all times. */
	hours?: BusinessHours | null;
	/** Key of another team; null: none. */
	overflowTeam?: string | null;
}

/**
 * Creates a team, or changes what is given of it.
 *
 * @throws StoreError `TeamNotFound`, `InvalidInput` where teams would overflow in a circle
 */
export async function upsertTeam(
	operation: Operation,
	input: UpsertTeamInput,
): Promise<{ team: TeamView; created: boolean }> {
	if (input.overflowTeam) await checkOverflow(operation, input.key, input.overflowTeam);
	const known = await operation.tx
		.selectFrom('teams')
		.select('name')
		.where('workspace', '=', operation.workspace)
		.where('key', '=', input.key)
		.executeTakeFirst();
	const name = input.name ?? known?.name ?? input.key;
	const given = {
		...(input.handles === undefined ? {} : { handles: JSON.stringify(input.handles) }),
		...(input.hours === undefined ? {} : { hours: hoursColumn(input.hours) }),
		...(input.overflowTeam === undefined ? {} : { overflow_team: input.overflowTeam }),
	};
	await operation.tx
		.insertInto('teams')
		.values({
			workspace: operation.workspace,
			key: input.key,
			name,
			hours: null,
			overflow_team: null,
			handles: '{}',
			created_at: operation.now,
			...given,
		})
		.onConflict((conflict) =>
			conflict.columns(['workspace', 'key']).doUpdateSet({ name, ...given }),
		)
		.execute();
	return { team: await getTeam(operation, input.key), created: !known };
}

/** No conversation is to be passed on for ever. */
async function checkOverflow(operation: Operation, key: string, overflow: string): Promise<void> {
	await holdOverflow(operation);
	await holdTeams(operation, [overflow]);
	if (overflow === key) {
		throw storeError(
			'InvalidInput',
			`The team '${key}' cannot be its own overflow team`,
			"Choose another team under 'Overflow Team', or none",
		);
	}
	await findTeam(operation, overflow);
	const way = [key];
	for (
		let team: string | null = overflow;
		team !== null;
		team = await overflowOf(operation, team)
	) {
		way.push(team);
		if (team !== key) continue;
		throw storeError(
			'InvalidInput',
			`The teams would overflow in a circle: ${way.join(' → ')}`,
			"Choose another team under 'Overflow Team', or take it off one of these teams first",
		);
	}
}

async function overflowOf(operation: Operation, key: string): Promise<string | null> {
	const team = await teamRows(operation).where('key', '=', key).executeTakeFirst();
	return team?.overflow_team ?? null;
}

/** @throws StoreError `TeamNotFound` */
export async function getTeam(operation: Operation, key: string): Promise<TeamView> {
	await findTeam(operation, key);
	const rows = await teamRows(operation).where('key', '=', key).execute();
	const [view] = await viewsOf(operation, rows);
	return view as TeamView;
}

export async function listTeams(
	operation: Operation,
	input: { search?: string; limit: number; offset: number },
): Promise<TeamView[]> {
	let query = teamRows(operation)
		.orderBy('name')
		.orderBy('key')
		.limit(input.limit)
		.offset(input.offset);
	if (input.search) query = query.where(keyOrNameContains(input.search));
	return await viewsOf(operation, await query.execute());
}

/** What routing goes by, as it is set. */
export interface RoutedTeam {
	key: string;
	name: string;
	/** Null: open at all times. */
	hours: BusinessHours | null;
	overflowTeam: string | null;
}

/** By key, in one statement. A key that no team has is missing in the answer. */
export async function routedTeams(
	operation: Operation,
	keys: string[] | 'all',
): Promise<RoutedTeam[]> {
	const all = teamRows(operation).orderBy('key');
	const rows = await (keys === 'all' ? all : all.where('key', 'in', keys)).execute();
	return rows.map(({ key, name, hours, overflow_team }) => ({
		key,
		name,
		hours: parseJson<BusinessHours | null>(hours, null),
		overflowTeam: overflow_team,
	}));
}

/** What decides whether a conversation can be left with a team now. */
export interface TeamState extends RoutedTeam {
	members: number;
	/** Members who can be given conversations now: online, and not outside their shift. */
	online: number;
}

/**
 * Several teams at once, by key, in two statements. A key that no team has is missing in the answer.
 */
export async function teamStates(
	operation: Operation,
	keys: string[] | 'all',
): Promise<Map<string, TeamState>> {
	if (keys !== 'all' && keys.length === 0) return new Map();
	const teams = await routedTeams(operation, keys);
	const staff = await countStaff(operation, keys);
	return new Map(teams.map((team) => [team.key, { ...team, ...(staff.get(team.key) ?? NOBODY) }]));
}

const teamRows = (operation: Operation) =>
	operation.tx
		.selectFrom('teams')
		.selectAll()
		.where('workspace', '=', realWorkspaceOf(operation.workspace));

async function viewsOf(
	operation: Operation,
	rows: Array<Selectable<TeamTable>>,
): Promise<TeamView[]> {
	if (rows.length === 0) return [];
	const keys = rows.map(({ key }) => key);
	const staff = await countStaff(operation, keys);
	const waiting = await operation.tx
		.selectFrom('conversations')
		.select(['team_key', sql<number>`count(*)`.as('n')])
		.where('workspace', '=', operation.workspace)
		.where('team_key', 'in', keys)
		.where('status', '<>', CLOSED)
		.where('queue_entered_at', 'is not', null)
		.groupBy('team_key')
		.execute();
	const queued = new Map(waiting.map((row) => [row.team_key, Number(row.n)]));
	return rows.map((row) => {
		const hours = parseJson<BusinessHours | null>(row.hours, null);
		const state = hoursState(hours, operation.now);
		return {
			key: row.key,
			name: row.name,
			...(staff.get(row.key) ?? NOBODY),
			queued: queued.get(row.key) ?? 0,
			hours,
			hoursText: describeHours(hours),
			open: state.open,
			openText: state.why,
			opensAt: isoOrNull(state.opensAt),
			closesAt: isoOrNull(state.closesAt),
			overflowTeam: row.overflow_team,
			handles: parseJson<Record<string, string>>(row.handles, {}),
		};
	});
}
