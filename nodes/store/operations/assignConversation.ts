import { decideAssignment } from '../../decisions/assignment';
import type {
	AgentCandidate,
	AssignmentDecision,
	AssignmentPolicy,
} from '../../decisions/contracts';
import {
	decideShadow,
	type ShadowDecision,
	type ShadowPolicy,
} from '../../decisions/assignmentShadow';
import { preferenceWait } from '../../decisions/preferring';
import { agentNotFound, TryAgain } from '../errors';
import { recordEvent } from '../events';
import type { Operation } from '../operation';
import { conversationItem, type ConversationItem } from '../views';
import { assignTo, unassign } from './assigning';
import { claimAgent, loadCandidates } from './poolAgents';
import { enqueue } from './queueing';
import {
	EVERYBODY,
	excludedAgents,
	excludedColumn,
	policyOf,
	requestOf,
	type QueuePolicy,
} from './queuePolicy';
import { findTeam } from './findTeam';
import { changeConversation, lockOpenConversation, type ConversationRow } from './conversations';
import { drainQueues, holdPoolsOf, queuesOfAgent, serveThoseAhead } from './drainQueue';
import { holdPools, holdTeams, lockAgent, type Pool } from './locks';
import type { Queue } from './queueLine';
import { goesOnWithOthers, waitForAgent, type AssignmentWait } from './waits/assignments';
import { passBy } from './waits/newWait';
import { endWaits } from './waits/waits';

export interface AssignConversationInput {
	conversationId: string;
	/** Who may be chosen. `routed` is the team that the conversation was routed to. */
	to:
		| { kind: 'routed' }
		| { kind: 'team'; team: string }
		| { kind: 'everybody' }
		| { kind: 'agent'; agent: string };
	policy: QueuePolicy;
	/** Agents not to choose for this conversation, beside those excluded before. */
	exclude: string[];
	/** Units it takes of an agent's capacity; as it was where not given. */
	weight?: number;
	/** The higher, the earlier it is served; as it was where not given. */
	priority?: number;
	/** Skills and language are asked for no longer than this, from when it began to wait; null: always. Milliseconds. */
	relaxAfter?: number | null;
	/**
	 * Prefer the agent of the contact's conversation before, see {@link preferenceWait}, in
	 * milliseconds; null: nobody; as it was where not given.
	 */
	prefer?: { within: number; waitAtMost: number } | null;
	/** A second policy to ask beside, which changes nothing; asked again when the queue assigns it. */
	shadow?: ShadowPolicy;
	/** Decide, and change nothing: no claim, no turn, no event. */
	dryRun?: boolean;
	/** Where nobody is free the execution waits for an agent; never in a test workspace. */
	wait?: AssignmentWait;
	source: string;
	actor?: string;
}

export interface AssignConversationResult extends ConversationItem {
	outcome: 'assigned' | 'queued';
	/** It had an agent before this; that agent keeps it. */
	alreadyAssigned: boolean;
	decision: AssignmentDecision | null;
	/** What the second policy would have done; null where none was asked. */
	shadow: ShadowDecision | null;
	/** What the execution waits by, where it asked to and nobody was free. */
	waitId?: string;
}

/**
 * Chooses, claims and moves the turn on, in one transaction. Nobody free: the conversation waits in
 * its team's queue and is assigned when somebody is. An agent is never filled beyond capacity.
 *
 * @throws StoreError `ConversationNotFound`, `ConversationClosed`, `TeamNotFound`, `AgentNotFound`
 */
export async function assignConversation(
	operation: Operation,
	input: AssignConversationInput,
): Promise<AssignConversationResult> {
	const { to } = input;
	await holdTeams(operation, to.kind === 'team' ? [to.team] : []);
	const { conversation } = await lockOpenConversation(operation, input.conversationId);
	const wait = input.dryRun ? undefined : input.wait;
	if (wait) await passBy(operation, wait);
	if (conversation.assignee_key !== null) {
		const had = { agent: conversation.assignee_key, alreadyAssigned: true };
		if (wait) await goesOnWithOthers(operation, conversation, wait, had);
		const item = await conversationItem(operation, conversation);
		return { ...item, outcome: 'assigned', alreadyAssigned: true, decision: null, shadow: null };
	}
	if (to.kind === 'team') await findTeam(operation, to.team);
	const escalateTo = input.policy.returns?.escalateTo ?? null;
	if (escalateTo !== null) await findTeam(operation, escalateTo);
	const wishes = await wishesOf(operation, conversation, input);
	const pool = poolOf({ ...conversation, ...wishes }, to);
	if (input.dryRun) return await decideOnly(operation, conversation, { ...input, wishes, pool });
	const row = await writeWishes(operation, conversation, wishes, input);
	await holdPools(operation, [pool]);
	// Whoever removes the agent at this moment is to see that the conversation waits for the agent.
	if (to.kind === 'agent' && !(await lockAgent(operation, to.agent))) throw agentNotFound(to.agent);
	return await assignNow(operation, row, { ...input, pool });
}

const poolOf = (row: ConversationRow, to: AssignConversationInput['to']): Pool =>
	to.kind === 'agent'
		? { agent: to.agent }
		: { team: to.kind === 'everybody' ? null : row.team_key };

/** Where it would wait. */
const queueOf = (row: ConversationRow, to: AssignConversationInput['to']): Queue => {
	if (to.kind === 'agent') return { waitsFor: to.agent };
	return to.kind === 'everybody' ? { waitsFor: EVERYBODY } : { team: row.team_key };
};

/** The policy as it is kept: with the pool that it chooses from. */
const keptPolicy = ({
	policy,
	to,
	shadow,
}: Pick<AssignConversationInput, 'policy' | 'to' | 'shadow'>): QueuePolicy => ({
	...policy,
	...(shadow ? { shadow } : {}),
	...(to.kind === 'agent' ? { onlyAgent: to.agent } : {}),
	...(to.kind === 'everybody' ? { everybody: true } : {}),
});

/** For a row whose pool is held: somebody gets it, or it waits. */
async function assignNow(
	operation: Operation,
	row: ConversationRow,
	input: Omit<AssignConversationInput, 'conversationId'> & { pool: Pool },
): Promise<AssignConversationResult> {
	const { pool, source } = input;
	const policy = keptPolicy(input);
	const request = requestOf(row, operation.now, policy);
	const decide = async () => {
		const candidates = await loadCandidates(operation, pool);
		return { candidates, decision: decideAssignment(candidates, request, operation.now) };
	};
	let decided = await decide();
	const queue = queueOf(row, input.to);
	if (decided.decision.chosen && (await serveThoseAhead(operation, row, queue)) > 0) {
		decided = await decide();
	}
	const { candidates, decision } = decided;
	const shadow = beside(candidates, request, input, decision, operation);
	const reason = decision.explanation;
	if (decision.chosen) {
		const agent = decision.chosen.key;
		if (!(await claimAgent(operation, agent, request))) throw new TryAgain();
		const actor = input.actor ?? null;
		const how = { agent, pool, policy, decision, shadow, source, reason, actor };
		const assigned = await assignTo(operation, row, how);
		const got = { agent, alreadyAssigned: false };
		if (input.wait) await goesOnWithOthers(operation, assigned, input.wait, got);
		const item = await conversationItem(operation, assigned);
		return { ...item, outcome: 'assigned', alreadyAssigned: false, decision, shadow };
	}
	const queued = await enqueue(operation, row, { policy, reason, source, decision, shadow });
	const { wait } = input;
	const waitId = wait && (await waitForAgent(operation, queued, wait, decision));
	const item = await conversationItem(operation, queued);
	const waits = waitId === undefined ? {} : { waitId };
	return { ...item, outcome: 'queued', alreadyAssigned: false, decision, shadow, ...waits };
}

/** What the second policy makes of the same agents at the same moment, where there is one. */
const beside = (
	candidates: AgentCandidate[],
	request: AssignmentPolicy,
	{ shadow }: Pick<AssignConversationInput, 'shadow'>,
	decision: AssignmentDecision,
	{ now }: Operation,
) => (shadow ? decideShadow(candidates, request, shadow, decision, now) : null);

/** The same decision by the same code, with nothing written: what would happen at this moment. */
async function decideOnly(
	operation: Operation,
	conversation: ConversationRow,
	input: AssignConversationInput & { wishes: Wishes; pool: Pool },
): Promise<AssignConversationResult> {
	const { to, pool, wishes } = input;
	const candidates = await loadCandidates(operation, pool);
	if (to.kind === 'agent' && candidates.length === 0) throw agentNotFound(to.agent);
	const request = requestOf({ ...conversation, ...wishes }, operation.now, keptPolicy(input));
	const decision = decideAssignment(candidates, request, operation.now);
	const shadow = beside(candidates, request, input, decision, operation);
	const item = await conversationItem(operation, conversation);
	const outcome = decision.chosen ? 'assigned' : 'queued';
	return { ...item, outcome, alreadyAssigned: false, decision, shadow };
}

type Wishes = Partial<
	Pick<
		ConversationRow,
		| 'team_key'
		| 'excluded_agents'
		| 'weight'
		| 'priority'
		| 'relax_at'
		| 'prefer_agent'
		| 'prefer_until'
	>
>;

/** What the conversation itself keeps of how it is to be assigned: the queue is to know it, too. */
async function wishesOf(
	operation: Operation,
	conversation: ConversationRow,
	input: AssignConversationInput,
): Promise<Wishes> {
	const { to, weight, priority, relaxAfter, prefer } = input;
	const known = excludedAgents(conversation);
	const since = conversation.first_queued_at ?? operation.now;
	const preferred = prefer === undefined ? {} : await agentBefore(operation, conversation, prefer);
	return {
		// Assigning to a team routes to it: who waits, waits in the queue of those who can help.
		...(to.kind === 'team' ? { team_key: to.team } : {}),
		...(input.exclude.every((agent) => known.includes(agent))
			? {}
			: { excluded_agents: excludedColumn([...known, ...input.exclude]) }),
		...(weight === undefined ? {} : { weight }),
		...(priority === undefined ? {} : { priority }),
		...(relaxAfter === undefined
			? {}
			: { relax_at: relaxAfter === null ? null : since + relaxAfter }),
		...preferred,
	};
}

async function writeWishes(
	operation: Operation,
	conversation: ConversationRow,
	wishes: Wishes,
	{ source, actor }: AssignConversationInput,
): Promise<ConversationRow> {
	const isNews = Object.entries(wishes).some(
		([column, value]) => conversation[column as keyof Wishes] !== value,
	);
	if (!isNews) return conversation;
	const row = await changeConversation(operation, conversation, wishes);
	if (row.team_key !== conversation.team_key) {
		await recordEvent(operation, {
			type: 'routed',
			conversationId: row.id,
			contactKey: row.contact_key,
			source,
			actor: actor ?? null,
			data: { team: row.team_key, decision: null, reason: 'Assigned to this team' },
		});
	}
	return row;
}

/** Who had the contact's conversation before this one, if that was not too long ago. */
async function agentBefore(
	operation: Operation,
	conversation: ConversationRow,
	prefer: { within: number; waitAtMost: number } | null,
): Promise<Wishes> {
	const nobody = { prefer_agent: null, prefer_until: null };
	if (prefer === null) return nobody;
	const before = await operation.tx
		.selectFrom('conversations')
		.select(['assignee_key', 'closed_at'])
		.where('contact_key', '=', conversation.contact_key)
		.where('opened_at', '<=', conversation.opened_at)
		.where('id', '<>', conversation.id)
		.orderBy('opened_at', 'desc')
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirst();
	if (!before?.assignee_key || before.closed_at === null) return nobody;
	const wait = preferenceWait(operation.now - before.closed_at, prefer);
	if (wait === null) return nobody;
	const since = conversation.first_queued_at ?? operation.now;
	return { prefer_agent: before.assignee_key, prefer_until: wait === 0 ? null : since + wait };
}

export interface UnassignConversationInput {
	conversationId: string;
	/** Whether it goes back to its queue (with its first queue time), or is left for a person. */
	requeue: boolean;
	reason: string;
	source: string;
	actor?: string;
}

/** Takes the agent off; the freed units serve the queue. */
export async function unassignConversation(
	operation: Operation,
	input: UnassignConversationInput,
): Promise<ConversationItem> {
	const { conversation } = await lockOpenConversation(operation, input.conversationId);
	const agent = conversation.assignee_key;
	const { reason, source, actor } = input;
	const queues = agent === null ? [] : await queuesOfAgent(operation, agent);
	await holdPoolsOf(operation, queues);
	let row = await unassign(operation, conversation, { reason, source, actor: actor ?? null });
	if (input.requeue && row.queue_entered_at === null) {
		row = await enqueue(operation, row, { policy: policyOf(row), reason, source });
	} else if (!input.requeue && (agent !== null || row.queue_entered_at !== null)) {
		row = await leaveForPerson(operation, row, { agent, reason, source, actor: actor ?? null });
	}
	if (agent !== null) await drainQueues(operation, queues, row.id);
	return await conversationItem(operation, row);
}

/** Nobody has it, nothing gives it to anybody, and it is to be seen as such. */
async function leaveForPerson(
	operation: Operation,
	row: ConversationRow,
	how: { agent: string | null; reason: string; source: string; actor: string | null },
): Promise<ConversationRow> {
	const { agent, reason, source, actor } = how;
	const left = await changeConversation(operation, row, {
		queue_entered_at: null,
		flag: 'unassigned',
	});
	await endWaits(operation, row.id, 'assignment', 'unassigned');
	if (agent !== null) return left;
	// Nobody lost it, and yet it waits no more.
	await recordEvent(operation, {
		type: 'unassigned',
		conversationId: row.id,
		contactKey: row.contact_key,
		source,
		actor,
		data: { agent: null, team: row.team_key, reason },
	});
	return left;
}
