import { decideReturn } from '../../decisions/returning';
import { TryAgain } from '../errors';
import { recordEvent } from '../events';
import { parseJson } from '../json';
import { realWorkspaceOf, type Operation } from '../operation';
import { enqueue } from './queueing';
import { existingTeam } from './findTeam';
import {
	EVERYBODY,
	DEFAULT_RETURNS,
	excludedAgents,
	excludedColumn,
	forTeam,
	policyOf,
	withoutOnlyAgent,
} from './queuePolicy';
import { unassign } from './assigning';
import {
	changeConversation,
	lockOpenConversation,
	readConversation,
	type ConversationRow,
} from './conversations';
import { distinct, drainQueues, holdPoolsOf, queueOf, queuesOfAgent } from './drainQueue';
import { holdTeams } from './locks';
import type { Queue } from './queueLine';

/** What brings a conversation back from its agent. */
export type ReturnCause = 'noReply' | 'offline' | 'declined';

/** Where it would be sent on to, if it came back too often. */
const escalationTeam = (row: Pick<ConversationRow, 'queue_policy' | 'escalated_at'>) =>
	row.escalated_at === null ? (policyOf(row).returns?.escalateTo ?? null) : null;

/**
 * The conversation that may be about to come back, locked; and before it the team that it may be sent
 * on to, as the order of locks wants it.
 *
 * @throws StoreError `ConversationNotFound`, `ConversationClosed`
 * @throws TryAgain when how it is assigned has changed in between
 */
export async function lockToReturn(operation: Operation, id: string): Promise<ConversationRow> {
	const team = await escalationTeamSeen(operation, id);
	await holdTeams(operation, team === null ? [] : [team]);
	const { conversation } = await lockOpenConversation(operation, id);
	if (escalationTeam(conversation) !== team) throw new TryAgain();
	return conversation;
}

/** What is read before anything is locked; of one that was merged, of the one that goes on. */
async function escalationTeamSeen(operation: Operation, id: string): Promise<string | null> {
	const seen = await operation.tx
		.selectFrom('conversations')
		.select(['queue_policy', 'escalated_at', 'merged_into'])
		.where('id', '=', id)
		.executeTakeFirst();
	if (!seen) return null;
	if (seen.merged_into !== null) return await escalationTeamSeen(operation, seen.merged_into);
	return escalationTeam(seen);
}

/**
 * Takes a conversation off its agent, who is not asked for it again, and lets it wait for the next
 * one: by the same policy and with the place that it had, or has had since it was first assigned.
 * Where it was for that one agent, everybody of the team may take it now. Too often, or with nobody
 * left, it escalates. The queue is served at once.
 *
 * @param conversation locked by {@link lockToReturn}; it has an agent
 */
export async function giveBack(
	operation: Operation,
	conversation: ConversationRow,
	agent: string,
	how: {
		cause: ReturnCause;
		reason: string;
		/** In the agent's own words. In one event alone: an erasure removes it there. */
		said?: string;
		source: string;
		actor?: string | null;
	},
): Promise<{ row: ConversationRow; escalated: boolean }> {
	const policy = withoutOnlyAgent(policyOf(conversation));
	const { atMost, escalateTo } = policy.returns ?? DEFAULT_RETURNS;
	const excluding = excludingFor(conversation, agent);
	const place = { ...conversation, queue_for: policy.everybody ? EVERYBODY : null };
	const returns = conversation.returns + 1;
	const escalates =
		decideReturn({
			...{ returns, atMost },
			hasEscalated: conversation.escalated_at !== null,
			somebodyLeft: await isAnybodyLeft(operation, queueOf(place), excluding.all),
		}) === 'escalate';
	const to = escalates ? await existingTeam(operation, escalateTo) : null;
	const own = to === null ? queueOf(place) : { team: to };
	const queues = distinct([...(await queuesOfAgent(operation, agent)), own]);
	await holdPoolsOf(operation, queues, [own]);

	const { reason, said, source, cause, actor = null } = how;
	const free = await unassign(operation, conversation, {
		...{ source, actor, returned: cause },
		reason: said === undefined ? reason : `${reason}: ${said}`,
	});
	let row = await changeConversation(operation, free, { returns, ...excluding.columns });
	if (escalates) row = await escalate(operation, row, { to, reason, source });
	row = await enqueue(operation, row, {
		policy: to === null ? policy : forTeam(policy),
		reason: escalates ? `${reason}; came back too often` : reason,
		source,
		since: conversation.first_assigned_at,
	});
	await drainQueues(operation, queues);
	return { row: await readConversation(operation, row.id), escalated: escalates };
}

/** That an agent is not chosen for a conversation again; by a return, so an escalation lifts it. */
export function excludingFor(conversation: ConversationRow, agent: string) {
	const before = excludedAgents(conversation);
	const returnedBy = parseJson<string[]>(conversation.returned_by, []);
	const isNews = !before.includes(agent);
	const all = isNews ? [...before, agent] : before;
	return {
		all,
		columns: {
			excluded_agents: excludedColumn(all),
			// Whom the flow excluded stays excluded after an escalation.
			returned_by: JSON.stringify(isNews ? [...returnedBy, agent] : returnedBy),
		},
	};
}

/** Whether a queue has anybody at all who may take it, now or later. */
export async function isAnybodyLeft(
	operation: Operation,
	queue: Queue,
	excluded: string[],
): Promise<boolean> {
	const real = realWorkspaceOf(operation.workspace);
	const team = 'team' in queue ? queue.team : null;
	const somebody =
		team === null
			? operation.tx
					.selectFrom('agents')
					.select('key')
					.where('workspace', '=', real)
					.where('key', 'not in', excluded)
			: operation.tx
					.selectFrom('team_members')
					.select('agent_key as key')
					.where('workspace', '=', real)
					.where('team_key', '=', team)
					.where('agent_key', 'not in', excluded);
	return (await somebody.limit(1).executeTakeFirst()) !== undefined;
}

/**
 * Sends it on, once: to the team that the policy names, or else to everybody of its own team anew, and
 * an event tells of it. From now on nothing brings it back by itself.
 */
async function escalate(
	operation: Operation,
	row: ConversationRow,
	{ to, reason, source }: { to: string | null; reason: string; source: string },
): Promise<ConversationRow> {
	const returnedBy = parseJson<string[]>(row.returned_by, []);
	const excluded = excludedAgents(row).filter((agent) => !returnedBy.includes(agent));
	const moves = to !== null && to !== row.team_key;
	const changed = await changeConversation(operation, row, {
		...(moves ? { team_key: to } : {}),
		excluded_agents: excludedColumn(excluded),
		returned_by: '[]',
		// Nobody is waited for any more.
		prefer_agent: null,
		prefer_until: null,
		escalated_at: operation.now,
	});
	const about = { conversationId: row.id, contactKey: row.contact_key, source };
	await recordEvent(operation, {
		type: 'escalated',
		...about,
		data: { agents: returnedBy, returns: row.returns, reason, from: row.team_key, to },
	});
	if (moves) {
		await recordEvent(operation, {
			type: 'routed',
			...about,
			data: { team: to, decision: null, reason: `Escalated: ${reason}` },
		});
	}
	return changed;
}
