import { agentNotFound } from '../errors';
import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { storeComment } from './addComment';
import { assignTo, unassign } from './assigning';
import { enqueue } from './queueing';
import { findTeam } from './findTeam';
import {
	changeConversation,
	lockOpenConversation,
	readConversation,
	type ConversationRow,
} from './conversations';
import { distinct, drainQueues, holdPoolsOf, queuesOfAgent } from './drainQueue';
import { holdTeams, lockForHandOver } from './locks';
import { excludedAgents, forTeam, policyOf } from './queuePolicy';
import { excludingFor, isAnybodyLeft } from './returnConversation';

export interface TransferConversationInput {
	conversationId: string;
	to: { kind: 'agent'; agent: string } | { kind: 'team'; team: string };
	/** What whoever gets it should know; the contact does not see it. */
	comment?: string;
	/** `user` where a person decided, else `workflow`. */
	source: string;
	/** Key of the agent who decided. */
	actor?: string;
}

export interface TransferConversationResult extends ConversationItem {
	outcome: 'assigned' | 'queued';
	/** The agent had it already; nothing was changed but that the comment was stored. */
	alreadyAssigned: boolean;
	/** Conversations that waited and were given to agents because of this; itself included. */
	assignedFromQueue: number;
}

type How = Pick<TransferConversationInput, 'source' | 'actor'>;

/**
 * Gives a conversation to an agent, or hands it over to a team; whoever had it before is free for the
 * next. A snoozed one wakes by it.
 *
 * @throws StoreError `ConversationNotFound`, `ConversationClosed`, `TeamNotFound`, `AgentNotFound`
 */
export async function transferConversation(
	operation: Operation,
	input: TransferConversationInput,
): Promise<TransferConversationResult> {
	const { to, comment, source, actor } = input;
	await holdTeams(operation, to.kind === 'team' ? [to.team] : []);
	const locked = await lockOpenConversation(operation, input.conversationId);
	let { conversation } = locked;
	if (comment !== undefined) {
		const note = { text: comment, source, ...(actor === undefined ? {} : { actor }) };
		conversation = (await storeComment(operation, conversation, locked.contact, note)).row;
	}
	const { row, ...result } =
		to.kind === 'agent'
			? await toAgent(operation, conversation, to.agent, input)
			: await toTeam(operation, conversation, to.team, input);
	const outcome = row.assignee_key === null ? 'queued' : 'assigned';
	return { ...(await conversationItem(operation, row)), outcome, ...result };
}

/** A decision, not a choice: it counts, also above the agent's capacity, and whoever is excluded. */
async function toAgent(
	operation: Operation,
	conversation: ConversationRow,
	agent: string,
	{ source, actor = null }: { source: string; actor?: string | null },
) {
	const before = conversation.assignee_key;
	if (before === agent) {
		return { row: conversation, alreadyAssigned: true, assignedFromQueue: 0 };
	}
	const queues = before === null ? [] : await queuesOfAgent(operation, before);
	await holdPoolsOf(operation, queues);
	if (!(await lockForHandOver(operation, before, agent))) throw agentNotFound(agent);
	const how = { source, actor };
	const free = await unassign(operation, conversation, {
		...how,
		reason: `Given to '${agent}'`,
	});
	const by = actor === null ? '' : ` by '${actor}'`;
	const row = await assignTo(operation, free, {
		...how,
		...{ agent, pool: { agent }, decision: null, reason: `Given by hand${by}` },
	});
	const assignedFromQueue = before === null ? 0 : await drainQueues(operation, queues, row.id);
	return { row, alreadyAssigned: false, assignedFromQueue };
}

/**
 * It is assigned by its policy, at once if somebody of the team is free. Whoever had it does not get it
 * back, unless nobody else of the team could have it.
 */
async function toTeam(operation: Operation, conversation: ConversationRow, key: string, how: How) {
	const team = await findTeam(operation, key);
	const { source, actor = null } = how;
	const before = conversation.assignee_key;
	const own = { team: team.key };
	const queues = distinct([
		...(before === null ? [] : await queuesOfAgent(operation, before)),
		own,
	]);
	await holdPoolsOf(operation, queues, [own]);
	const reason = `Handed over to the team '${team.key}'`;
	const free = await unassign(operation, conversation, { source, actor, reason });
	const moved = await changeConversation(operation, free, {
		team_key: team.key,
		...(before === null ? {} : await passingOver(operation, free, before, team.key)),
	});
	await recordEvent(operation, {
		type: 'routed',
		conversationId: moved.id,
		contactKey: moved.contact_key,
		source,
		actor,
		data: { team: team.key, decision: null, reason },
	});
	const policy = forTeam(policyOf(moved));
	const since = conversation.first_assigned_at;
	const queued = await enqueue(operation, moved, { policy, reason, source, since });
	const assignedFromQueue = await drainQueues(operation, queues);
	const row = await readConversation(operation, queued.id);
	return { row, alreadyAssigned: false, assignedFromQueue };
}

async function passingOver(
	operation: Operation,
	row: ConversationRow,
	before: string,
	team: string,
) {
	if (excludedAgents(row).includes(before)) return {};
	const { all, columns } = excludingFor(row, before);
	return (await isAnybodyLeft(operation, { team }, all)) ? columns : {};
}
