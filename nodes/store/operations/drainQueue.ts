import { decideAssignment } from '../../decisions/assignment';
import { parseJson } from '../json';
import { locked, realWorkspaceOf, type Operation } from '../operation';
import {
	assignTo,
	DEFAULT_QUEUE_POLICY,
	excludedAgents,
	loadCandidates,
	type Pool,
	type QueuePolicy,
} from './assigning';
import type { ConversationRow } from './conversations';

/** How many of each queue are looked at in one go; a head that nobody can take is passed over. */
const LOOK_AHEAD = 25;

/** How many one call assigns at most, so that one transaction stays short. The rest is done by the next. */
const AT_MOST = 100;

/** The queues that an agent's free units may serve: the agent's teams, and everybody's. */
export async function teamsOfAgent(
	operation: Operation,
	agent: string,
): Promise<Array<string | null>> {
	const rows = await operation.tx
		.selectFrom('team_members')
		.select('team_key')
		.where('workspace', '=', realWorkspaceOf(operation.workspace))
		.where('agent_key', '=', agent)
		.orderBy('team_key')
		.execute();
	return [...rows.map((row) => row.team_key), null];
}

/**
 * Gives waiting conversations to agents who are free: by priority, then by first queue time, over
 * all these queues. Also serves conversations that wait for one particular agent.
 *
 * @param except a conversation that has just been taken off its agent and is not to go back at once
 * @returns how many were assigned
 */
export async function drainQueues(
	operation: Operation,
	teams: Array<string | null>,
	except?: string,
): Promise<number> {
	let assigned = 0;
	const exhausted = new Set<string>();
	const passedOver = new Set<string>(except === undefined ? [] : [except]);
	while (assigned < AT_MOST) {
		const waiting = await heads(operation, teams, passedOver);
		if (waiting.length === 0) break;
		for (const conversation of waiting) {
			passedOver.add(conversation.id);
			if (await tryAssign(operation, conversation, exhausted)) assigned++;
			if (assigned >= AT_MOST) break;
		}
		if (passedOver.size > LOOK_AHEAD * (teams.length + 1) + assigned) break;
	}
	return assigned;
}

async function heads(
	operation: Operation,
	teams: Array<string | null>,
	passedOver: Set<string>,
): Promise<ConversationRow[]> {
	const rows: ConversationRow[] = [];
	for (const team of teams) {
		let query = operation.tx
			.selectFrom('conversations')
			.selectAll()
			.where('workspace', '=', operation.workspace)
			.where('team_key', team === null ? 'is' : '=', team)
			.where('queue_entered_at', 'is not', null)
			.orderBy('priority', 'desc')
			.orderBy('queue_entered_at')
			.orderBy('id')
			.limit(LOOK_AHEAD);
		if (passedOver.size > 0) query = query.where('id', 'not in', [...passedOver]);
		rows.push(...(await locked(operation, query).execute()));
	}
	return rows.sort(
		(a, b) =>
			b.priority - a.priority ||
			(a.queue_entered_at ?? 0) - (b.queue_entered_at ?? 0) ||
			(a.id < b.id ? -1 : 1),
	);
}

/** `exhausted` remembers pools that had nobody, so that a long queue behind them costs nothing. */
async function tryAssign(
	operation: Operation,
	conversation: ConversationRow,
	exhausted: Set<string>,
): Promise<boolean> {
	const policy = parseJson<QueuePolicy>(conversation.queue_policy, DEFAULT_QUEUE_POLICY);
	const excluded = excludedAgents(conversation);
	const same = JSON.stringify([conversation.team_key, policy, conversation.weight, excluded]);
	if (exhausted.has(same)) return false;
	const pool: Pool = policy.onlyAgent
		? { agent: policy.onlyAgent }
		: { team: policy.everybody ? null : conversation.team_key };
	const decision = decideAssignment(
		await loadCandidates(operation, pool),
		{ ...policy, excluded, weight: conversation.weight },
		operation.now,
	);
	if (!decision.chosen) {
		exhausted.add(same);
		return false;
	}
	await assignTo(operation, conversation, {
		agent: decision.chosen.key,
		pool,
		decision,
		source: 'queue',
		reason: decision.explanation,
	});
	return true;
}
