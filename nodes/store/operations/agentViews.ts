import type { Availability, BusinessHours } from '../../decisions/contracts';
import { sql } from '../../vendor';
import { agentNotFound } from '../errors';
import { parseJson } from '../json';
import { realWorkspaceOf, type Operation } from '../operation';
import { isoTime } from '../views';
import { shiftOf } from './hours';
import { presenceNow, saidBy, sayingSql, type AgentRow } from './presence';
import { keyOrNameContains } from './search';

export interface AgentView {
	key: string;
	name: string;
	/** What is in force: said by a person, a workflow or a heartbeat, or begun by a shift. */
	availability: Availability;
	/** It holds until then; null: until further notice. */
	availabilityUntil: string | null;
	/** What follows by itself: a word that takes effect later, or the next shift. */
	nextAvailability: { availability: Availability; at: string } | null;
	/** What that comes to, with times that ended and shifts: only who is online is given conversations. */
	presence: Availability;
	/** Since when the agent has counted as offline, which is after a grace; null while it does not. */
	absentSince: string | null;
	capacity: number | null;
	openUnits: number;
	lastAssignedAt: string | null;
	teams: string[];
	skills: string[];
	languages: string[];
	/** Whether the agent is online by being on shift, and ends what was said by the next one. */
	followsShifts: boolean;
	/** When the agent works; null is always. */
	shifts: BusinessHours | null;
	/** Whether the shifts include this moment. */
	onShift: boolean;
	handles: Record<string, string>;
}

/** @throws StoreError `AgentNotFound` */
export async function getAgent(operation: Operation, key: string): Promise<AgentView> {
	const row = await agentRows(operation).where('key', '=', key).executeTakeFirst();
	if (!row) throw agentNotFound(key);
	return await view(operation, row);
}

export interface ListAgentsInput {
	search?: string;
	team?: string;
	/** What they count as: {@link AgentView.presence}. */
	availability?: Availability;
	limit: number;
	offset: number;
}

export async function listAgents(
	operation: Operation,
	input: ListAgentsInput,
): Promise<AgentView[]> {
	let query = agentRows(operation).orderBy('key').limit(input.limit).offset(input.offset);
	if (input.availability) query = query.where(await countsAs(operation, input.availability));
	if (input.team !== undefined) {
		const { team } = input;
		query = query.where('key', 'in', (eb) =>
			eb
				.selectFrom('team_members')
				.select('agent_key')
				.where('workspace', '=', realWorkspaceOf(operation.workspace))
				.where('team_key', '=', team),
		);
	}
	if (input.search) query = query.where(keyOrNameContains(input.search));
	const rows = await query.execute();
	return await Promise.all(rows.map(async (row) => await view(operation, row)));
}

/** As {@link presenceNow} says it of one. */
async function countsAs(operation: Operation, presence: Availability) {
	const all = await operation.tx
		.selectFrom('agents')
		.select('shifts')
		.distinct()
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.execute();
	const off = all.map(({ shifts }) => shifts).filter((each) => !shiftOf(operation, each).onShift);
	const says = sql<boolean>`${sayingSql(operation.now)} = ${presence}`;
	if (off.length === 0) return says;
	const offShift = sql<boolean>`coalesce(shifts in (${sql.join(off)}), ${sql.lit(false)})`;
	return presence === 'offline'
		? sql<boolean>`(${says} or ${offShift})`
		: sql<boolean>`(${says} and not ${offShift})`;
}

function agentRows(operation: Operation) {
	return operation.tx
		.selectFrom('agents')
		.selectAll()
		.where('workspace', '=', realWorkspaceOf(operation.workspace));
}

async function view(operation: Operation, row: AgentRow): Promise<AgentView> {
	const load = await operation.tx
		.selectFrom('agent_loads')
		.select(['open_units', 'last_assigned_at'])
		.where('workspace', '=', operation.workspace)
		.where('agent_key', '=', row.key)
		.executeTakeFirst();
	const teams = await operation.tx
		.selectFrom('team_members')
		.select('team_key')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('agent_key', '=', row.key)
		.orderBy('team_key')
		.execute();
	const said = saidBy(row, operation.now);
	const ahead = nextOf(row, operation.now);
	return {
		key: row.key,
		name: row.name,
		availability: said.availability,
		availabilityUntil: timeOf(said.onlineUntil),
		nextAvailability:
			ahead === null ? null : { availability: ahead.availability, at: isoTime(ahead.at) },
		presence: presenceNow(operation, row),
		absentSince: timeOf(row.absent_since),
		capacity: row.capacity,
		openUnits: load?.open_units ?? 0,
		lastAssignedAt: load?.last_assigned_at ? isoTime(load.last_assigned_at) : null,
		teams: teams.map((team) => team.team_key),
		skills: parseJson<string[]>(row.skills, []),
		languages: parseJson<string[]>(row.languages, []),
		followsShifts: row.follows_shifts !== 0,
		shifts: parseJson<BusinessHours | null>(row.shifts, null),
		onShift: shiftOf(operation, row.shifts).onShift,
		handles: parseJson<Record<string, string>>(row.handles, {}),
	};
}

const timeOf = (time: number | null) => (time === null ? null : isoTime(time));

function nextOf({ next_availability: availability, next_at: at }: AgentRow, now: number) {
	return availability === null || at === null || at <= now ? null : { availability, at };
}
