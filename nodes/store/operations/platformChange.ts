import type { PlatformNotice } from '../../channels/channel';
import type { PlatformAgent } from '../../channels/platform';
import { TryAgain } from '../errors';
import { recordEvent, type EventType } from '../events';
import type { Operation } from '../operation';
import { findAddress } from './addresses';
import { assignTo, unassign } from './assigning';
import { closeAndServe } from './closeConversation';
import { findByIdentities } from './contacts';
import {
	changeConversation,
	findOpenConversation,
	lockConversation,
	type ConversationRow,
} from './conversations';
import { drainQueues, holdPoolsOf, queuesOfAgent } from './drainQueue';
import { holdTeams, lockForHandOver } from './locks';
import { agentOnPlatform, teamOnPlatform } from './platformPeople';
import { endWaits } from './waits/waits';

/** A person outside the store has the conversation: nobody else is to get it. */
export const ASSIGNED_ELSEWHERE = 'assigned_elsewhere';

/**
 * Takes in what was done to a conversation on the platform where it lives. Only what differs from
 * the store is a change, so what the store itself has told the platform comes back without effect.
 * While the platform still has to be told something of the same kind, the store's word stands.
 *
 * @returns whether it changed anything
 */
export async function applyPlatformChange(
	operation: Operation,
	notice: PlatformNotice,
): Promise<boolean> {
	const { change, channel } = notice;
	const team = await teamOf(operation, notice);
	await holdTeams(operation, team === undefined ? [] : [team]);
	// Removed, or named otherwise, before it was held.
	if (operation.rowLocks && (await teamOf(operation, notice)) !== team) throw new TryAgain();
	const found = await findConversation(operation, notice);
	if (!found || !(await livesThere(operation, found, notice))) return false;
	if (await isStillToBeTold(operation, found.id, change.type)) return false;
	const how = { source: notice.source, origin: channel };
	switch (change.type) {
		case 'closed': {
			if (await isOfRoundBefore(operation, found, notice.at)) return false;
			const actor = change.by && (await agentOnPlatform(operation, channel, change.by));
			await closeAndServe(operation, found, {
				...how,
				category: change.category ?? null,
				summary: change.summary ?? null,
				...(actor ? { actor } : {}),
			});
			return true;
		}
		case 'assigned':
			return await assign(operation, found, change.agent, how);
		case 'routed': {
			if (team === undefined || team === found.team_key) return false;
			const changed = await changeConversation(operation, found, { team_key: team });
			await recordEvent(operation, {
				type: 'routed',
				conversationId: found.id,
				contactKey: found.contact_key,
				...how,
				data: { team, decision: null, reason: 'The team was set on the platform' },
			});
			if (changed.queue_entered_at !== null) await drainQueues(operation, [{ team }]);
			return true;
		}
	}
}

/**
 * Whether something that was done at this moment was done before this conversation opened: the contact
 * has written again since. By the platform's own clock, which is that of the first message, and in whole
 * seconds, as some tell it.
 */
async function isOfRoundBefore(
	operation: Operation,
	{ first_message_id: first, opened_at: openedAt }: ConversationRow,
	at: number,
): Promise<boolean> {
	const message =
		first === null
			? undefined
			: await operation.tx
					.selectFrom('messages')
					.select('sent_at')
					.where('id', '=', first)
					.executeTakeFirst();
	return at + 999 < Math.min(openedAt, Number(message?.sent_at ?? openedAt));
}

const teamOf = async (operation: Operation, { change, channel }: PlatformNotice) =>
	change.type === 'routed' && change.team
		? await teamOnPlatform(operation, channel, change.team.id)
		: undefined;

async function findConversation(
	operation: Operation,
	{ channel, account, to, identities }: PlatformNotice,
): Promise<ConversationRow | undefined> {
	const contact = await findByIdentities(operation, identities);
	if (contact) return await findOpenConversation(operation, contact.key);
	if (to === undefined) return undefined;
	const address = await operation.tx
		.selectFrom('addresses')
		.select('contact_key')
		.where('workspace', '=', operation.workspace)
		.where('channel', '=', channel)
		.where('account', '=', account)
		.where('reply_to', '=', to)
		.limit(1)
		.executeTakeFirst();
	const open =
		address &&
		(await operation.tx
			.selectFrom('conversations')
			.select('id')
			.where('contact_key', '=', address.contact_key)
			.where('closed_at', 'is', null)
			.executeTakeFirst());
	if (!open) return undefined;
	const { conversation } = await lockConversation(operation, open.id);
	// Somebody may have closed it while this waited for it.
	return conversation.status === 'closed' ? undefined : conversation;
}

/**
 * Whether this conversation is the one that the platform speaks of. There, a contact may have several
 * at once: what is done to another one, on another inbox or from before, says nothing of this one.
 */
async function livesThere(
	operation: Operation,
	conversation: ConversationRow,
	{ channel, to }: PlatformNotice,
): Promise<boolean> {
	if (conversation.channel !== channel) return false;
	if (to === undefined) return true;
	const address = await findAddress(operation, conversation.contact_key, conversation);
	const own = conversation.reply_channel === null ? conversation.reply_to : null;
	return to === (own ?? address?.reply_to ?? to);
}

const SAME_KIND: Record<PlatformNotice['change']['type'], EventType[]> = {
	assigned: ['assigned', 'unassigned', 'queued'],
	routed: ['routed'],
	closed: ['closed'],
};

/** What was done in the store and the platform does not know yet; what it says now is older. */
async function isStillToBeTold(
	operation: Operation,
	conversationId: string,
	type: PlatformNotice['change']['type'],
): Promise<boolean> {
	const owed = await operation.tx
		.selectFrom('deliveries')
		.innerJoin('subscriptions', 'subscriptions.id', 'deliveries.subscription_id')
		.innerJoin('events', 'events.id', 'deliveries.event_id')
		.select('deliveries.id')
		.where('deliveries.conversation_id', '=', conversationId)
		.where('deliveries.status', 'in', ['pending', 'claimed'])
		.where('subscriptions.kind', '=', 'platform')
		.where('events.type', 'in', SAME_KIND[type])
		.limit(1)
		.executeTakeFirst();
	return owed !== undefined;
}

async function assign(
	operation: Operation,
	conversation: ConversationRow,
	person: PlatformAgent | null,
	how: { source: string; origin: string },
): Promise<boolean> {
	const before = conversation.assignee_key;
	const agent = person === null ? null : await agentOnPlatform(operation, how.origin, person);
	const isElsewhere = before === null && conversation.flag === ASSIGNED_ELSEWHERE;
	if (agent === undefined ? isElsewhere : agent === before && !isElsewhere) return false;
	const queues = before === null ? [] : await queuesOfAgent(operation, before);
	await holdPoolsOf(operation, queues);
	// Removed before it was locked.
	if (!(await lockForHandOver(operation, before, agent ?? null))) throw new TryAgain();
	const reason =
		agent === undefined
			? 'Somebody has it on the platform who is no agent here'
			: 'Done on the platform';
	let row = await unassign(operation, conversation, { ...how, reason });
	if (typeof agent === 'string') {
		// A person's decision: it counts, also above the agent's capacity.
		await assignTo(operation, row, { ...how, agent, pool: { agent }, decision: null, reason });
	} else {
		row = await changeConversation(operation, row, {
			queue_entered_at: null,
			flag: agent === null ? 'unassigned' : ASSIGNED_ELSEWHERE,
		});
		const why = agent === null ? 'unassigned' : 'assignedElsewhere';
		await endWaits(operation, row.id, 'assignment', why);
		// Nobody lost it, and yet it waits no more, or another person is to look at it.
		if (before === null) {
			await recordEvent(operation, {
				type: 'unassigned',
				conversationId: row.id,
				contactKey: row.contact_key,
				...how,
				data: { agent: null, team: row.team_key, reason },
			});
		}
	}
	if (before !== null) await drainQueues(operation, queues, row.id);
	return true;
}
