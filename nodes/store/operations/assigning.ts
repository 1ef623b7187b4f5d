import { decideAssignment } from '../../decisions/assignment';
import type {
	AgentCandidate,
	AssignmentDecision,
	AssignmentPolicy,
} from '../../decisions/contracts';
import type { ShadowDecision } from '../../decisions/assignmentShadow';
import { sql } from '../../vendor';
import { teamNotFound, TryAgain } from '../errors';
import { recordEvent } from '../events';
import { parseJson } from '../json';
import { realWorkspaceOf, testWorkspaceOf, type Operation } from '../operation';
import { changeConversation, type ConversationRow } from './conversations';
import { shiftOf } from './hours';
import { lockAgent, lockAgentIfFree, type Pool } from './locks';
import { saidBy } from './presence';
import { recordPace } from './queuePace';
import { policyOf, withoutOnlyAgent, type QueuePolicy } from './queuePolicy';
import { clearReturn, returnTimes } from './returning';
import { AWAKE, recordWaking } from './waking';
import { settleAssignments } from './waits/assignments';

/** Everybody, where a team or an agent could stand: in turns and queues. No team or agent has this key. */
export const EVERYBODY = '';

/** The agents of a pool as the decision sees them. */
export async function loadCandidates(operation: Operation, pool: Pool): Promise<AgentCandidate[]> {
	const real = realWorkspaceOf(operation.workspace);
	const team = 'team' in pool ? (pool.team ?? EVERYBODY) : EVERYBODY;
	let query = operation.tx
		.selectFrom('agents')
		.leftJoin('agent_loads as load', (join) =>
			join
				.onRef('load.agent_key', '=', 'agents.key')
				.on('load.workspace', '=', operation.workspace),
		)
		.leftJoin('turns as turn', (join) =>
			join
				.onRef('turn.agent_key', '=', 'agents.key')
				.on('turn.workspace', '=', operation.workspace)
				.on('turn.team_key', '=', team),
		)
		.select([
			'agents.key',
			'agents.name',
			'agents.availability',
			'agents.availability_changed_at',
			'agents.online_until',
			'agents.follows_shifts',
			'agents.next_availability',
			'agents.next_at',
			'agents.skills',
			'agents.languages',
			'agents.shifts',
			'agents.capacity',
			'load.open_units',
			'load.last_assigned_at',
			'turn.turn_count',
			'turn.last_turn',
		])
		.where('agents.workspace', '=', real)
		.orderBy('agents.key');
	if ('agent' in pool) query = query.where('agents.key', '=', pool.agent);
	else if (pool.team !== null) {
		query = query.where('agents.key', 'in', (eb) =>
			eb
				.selectFrom('team_members')
				.select('agent_key')
				.where('workspace', '=', real)
				.where('team_key', '=', team),
		);
	}
	const rows = await query.execute();
	// Who never had a turn begins level with the one who had fewest, not at zero: a new colleague
	// gets the next turn, and not all of them.
	const fewest = Math.min(...rows.map((row) => row.turn_count ?? Infinity));
	return rows.map((row) => ({
		key: row.key,
		name: row.name,
		...saidBy(row, operation.now),
		...shiftOf(operation, row.shifts),
		capacity: row.capacity,
		openUnits: row.open_units ?? 0,
		skills: words(row.skills),
		languages: words(row.languages),
		lastAssignedAt: row.last_assigned_at,
		turnCount: row.turn_count ?? (Number.isFinite(fewest) ? fewest : 0),
		lastTurn: row.last_turn,
	}));
}

const NO_WORDS: string[] = [];

/** Most agents have none: not worth parsing. */
const words = (column: string) =>
	column === '[]' ? NO_WORDS : parseJson<string[]>(column, NO_WORDS);

/**
 * Locks the agent who was chosen.
 *
 * @returns false when the agent, as it is now, may no longer have the conversation: another team
 * filled it in between, it went away, it was removed
 */
export async function claimAgent(
	operation: Operation,
	agent: string,
	request: AssignmentPolicy,
): Promise<boolean> {
	if (!operation.rowLocks) return true;
	// Who has an agent already, because others were served first, waits for no second one.
	if (operation.held.agents.size > 0) {
		if (!(await lockAgentIfFree(operation, agent))) return false;
	} else await lockAgent(operation, agent);
	return await canStillTake(operation, agent, request);
}

/** For a locked agent: whether what was decided before it was locked still holds. */
export async function canStillTake(
	operation: Operation,
	agent: string,
	request: AssignmentPolicy,
): Promise<boolean> {
	if (!operation.rowLocks) return true;
	const now = await loadCandidates(operation, { agent });
	// Alone, it is not passed over for the agent that the contact had before.
	return decideAssignment(now, { ...request, prefer: null }, operation.now).chosen !== null;
}

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

/**
 * Takes the agent: units, turn, times, event. Who has slept is awake by it. The caller has locked
 * conversation, pool and agent.
 */
export async function assignTo(
	operation: Operation,
	conversation: ConversationRow,
	how: {
		agent: string;
		pool: Pool;
		decision: AssignmentDecision | null;
		/** How it was to be assigned, kept for when it comes back; what is kept already stays without it. */
		policy?: QueuePolicy;
		/** What another policy would have decided. */
		shadow?: ShadowDecision | null;
		source: string;
		actor?: string | null;
		reason: string;
		origin?: string | undefined;
	},
): Promise<ConversationRow> {
	const { agent, decision } = how;
	await recordWaking(operation, conversation, { by: 'assigned', source: how.source });
	const turn =
		decision?.via === 'strategy' && 'team' in how.pool && decision.strategy === 'roundRobin';
	const team = 'team' in how.pool ? (how.pool.team ?? EVERYBODY) : EVERYBODY;
	const change = changeConversation(operation, conversation, {
		assignee_key: agent,
		first_assignee: conversation.first_assignee ?? agent,
		first_assigned_at: conversation.first_assigned_at ?? operation.now,
		last_assigned_at: operation.now,
		queue_entered_at: null,
		...(how.policy ? keptPolicy(how.policy) : {}),
		...returnTimes(operation, how.policy ?? policyOf(conversation), conversation),
		...AWAKE,
		flag: null,
	});
	const contact = operation.tx
		.updateTable('contacts')
		.set({ last_assignee: agent, last_team: conversation.team_key })
		.where('key', '=', conversation.contact_key)
		.execute();
	const event = recordEvent(operation, {
		type: 'assigned',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: how.source,
		actor: how.actor ?? null,
		origin: how.origin,
		data: {
			agent,
			team: conversation.team_key,
			reason: how.reason,
			...onlyFrom(how.policy ?? policyOf(conversation)),
			waitedMs:
				conversation.queue_entered_at === null ? 0 : operation.now - conversation.queue_entered_at,
			decision,
			...(how.shadow ? { shadow: how.shadow } : {}),
		},
	});
	// All at once: others wait for the pool and the agent as long as this takes.
	const [assigned] = await Promise.all([
		change,
		contact,
		event,
		takeUnits(operation, agent, conversation.weight, { last_assigned_at: operation.now }),
		turn ? takeTurn(operation, team, agent, decision) : undefined,
		decision ? recordPace(operation, conversation) : undefined,
		settleAssignments(operation, conversation, agent),
	]);
	return assigned;
}

/**
 * Moves the team's turn on. Who has none yet begins level with the member who had fewest, as
 * {@link loadCandidates} showed it to the decision. Only members count: turns of those who left are
 * removed, so that somebody who comes back does not get every conversation until level.
 */
async function takeTurn(
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

/** Counts a conversation to its agent, whom the caller has locked. */
export async function takeUnits(
	operation: Operation,
	agent: string,
	weight: number,
	also: { last_assigned_at?: number } = {},
): Promise<void> {
	await operation.tx
		.insertInto('agent_loads')
		.values({
			workspace: operation.workspace,
			agent_key: agent,
			open_units: weight,
			last_assigned_at: also.last_assigned_at ?? null,
		})
		.onConflict((conflict) =>
			conflict.columns(['workspace', 'agent_key']).doUpdateSet({
				open_units: sql<number>`agent_loads.open_units + ${weight}`,
				...also,
			}),
		)
		.execute();
}

/**
 * Gives back what an open conversation took of its agent. Pools are to be held before: see
 * {@link holdPoolsOf} of the queue that is served then.
 */
export async function releaseUnits(
	operation: Operation,
	agent: string,
	weight: number,
): Promise<void> {
	const row = operation.rowLocks ? await lockAgent(operation, agent) : undefined;
	const left = await operation.tx
		.updateTable('agent_loads')
		.set({
			open_units: sql<number>`case when open_units > ${weight} then open_units - ${weight} else 0 end`,
		})
		.where('workspace', '=', operation.workspace)
		.where('agent_key', '=', agent)
		.returning('open_units')
		.executeTakeFirst();
	// Somebody may be turned away at this moment because the agent is full, and wait.
	const full = (left?.open_units ?? 0) + weight >= (row?.capacity ?? Infinity);
	if (operation.rowLocks && full) operation.wake('work');
}

/** How it is assigned from now on, as its columns keep it. */
export const keptPolicy = (policy: QueuePolicy) => ({
	queue_for: policy.onlyAgent ?? (policy.everybody ? EVERYBODY : null),
	queue_policy: JSON.stringify(policy),
});

/** For its event: whom it was for, where that is not its team; a replay asks for it later. */
const onlyFrom = ({ onlyAgent, everybody }: QueuePolicy) =>
	onlyAgent !== undefined ? { pool: { agent: onlyAgent } } : everybody ? { pool: 'everybody' } : {};

/**
 * Who is to wait for an agent that was removed would wait for ever: everybody of the team may take it.
 *
 * @throws TryAgain while somebody has the agent in hand: it may be removed at this moment
 */
async function policyToWaitBy(operation: Operation, policy: QueuePolicy): Promise<QueuePolicy> {
	const { onlyAgent } = policy;
	if (onlyAgent === undefined) return policy;
	const agent = await operation.tx
		.selectFrom('agents')
		.select('key')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('key', '=', onlyAgent)
		.executeTakeFirst();
	if (!agent) return withoutOnlyAgent(policy);
	if (!(await lockAgentIfFree(operation, onlyAgent))) throw new TryAgain();
	return policy;
}

/** Its agent is gone: it goes back to the queue; one that is snoozed does so when it wakes. */
export async function requeueWithoutAgent(
	operation: Operation,
	conversation: ConversationRow,
	how: { reason: string; source: string; actor?: string | null },
): Promise<ConversationRow> {
	const free = await unassign(operation, conversation, how);
	const policy = withoutOnlyAgent(policyOf(free));
	if (free.status === 'snoozed') {
		return await changeConversation(operation, free, keptPolicy(policy));
	}
	const { reason, source } = how;
	return await enqueue(operation, free, { policy, reason, source });
}

/** Lets a conversation wait, awake and with the place it has had if it waited before. */
export async function enqueue(
	operation: Operation,
	conversation: ConversationRow,
	how: {
		policy: QueuePolicy;
		reason: string;
		source: string;
		decision?: AssignmentDecision | null;
		shadow?: ShadowDecision | null;
		/** Its place, if it never waited before; now where not given. */
		since?: number | null;
	},
): Promise<ConversationRow> {
	const waits = keptPolicy(await policyToWaitBy(operation, how.policy));
	if (conversation.queue_entered_at !== null) {
		return await changeConversation(operation, conversation, waits);
	}
	await recordWaking(operation, conversation, { by: 'queued', source: how.source });
	const entered = conversation.first_queued_at ?? how.since ?? operation.now;
	const queued = await changeConversation(operation, conversation, {
		...waits,
		assignee_key: null,
		queue_entered_at: entered,
		first_queued_at: entered,
		...AWAKE,
		flag: null,
	});
	await recordEvent(operation, {
		type: 'queued',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: how.source,
		data: {
			team: conversation.team_key,
			reason: how.reason,
			...onlyFrom(how.policy),
			decision: how.decision ?? null,
			...(how.shadow ? { shadow: how.shadow } : {}),
		},
	});
	operation.wake('work');
	return queued;
}

/** Takes the agent off an open conversation; the caller says what becomes of it. */
export async function unassign(
	operation: Operation,
	conversation: ConversationRow,
	how: {
		reason: string;
		source: string;
		actor?: string | null;
		origin?: string | undefined;
		/** Where it came back from the agent: what brought it back. */
		returned?: string;
	},
): Promise<ConversationRow> {
	const agent = conversation.assignee_key;
	if (agent === null) return conversation;
	if (conversation.status === 'open') await releaseUnits(operation, agent, conversation.weight);
	const unassigned = await changeConversation(operation, conversation, {
		assignee_key: null,
		...clearReturn,
	});
	await recordEvent(operation, {
		type: 'unassigned',
		conversationId: conversation.id,
		contactKey: conversation.contact_key,
		source: how.source,
		actor: how.actor ?? null,
		origin: how.origin,
		data: {
			agent,
			team: conversation.team_key,
			reason: how.reason,
			...(how.returned ? { returned: how.returned } : {}),
		},
	});
	return unassigned;
}
