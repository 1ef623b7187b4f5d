import type { ITriggerFunctions } from 'n8n-workflow';
import type { Channel, ChannelSettings } from '../channels/channel';
import { isChannelError } from '../channels/errors';
import { channelTools } from '../runtime/calling';
import { Dispatcher } from '../runtime/dispatcher';
import { sentence } from '../runtime/storeOfNode';
import { isStoreError } from '../store/errors';
import type { ClaimedDelivery, DeliveryOutcome } from '../store/operations/deliveries';
import type { SubscriberInput } from '../store/operations/subscriptions';
import type { ConversationStore } from '../store/store';
import { platformNews } from './platformNews';

/** Between two calls where the platform asks for no other pace. Milliseconds. */
const PAUSE = 50;

/**
 * Keeps the platform of a channel up to date with what happens to its conversations in the store,
 * whoever did it: a node, the queue, a person. The store owes each piece of news until the platform
 * has it; while the platform is down, it waits.
 *
 * @returns the way to stop
 */
export async function tellPlatform(
	context: ITriggerFunctions,
	store: ConversationStore,
	channel: Channel,
	settings: ChannelSettings,
	receiving: SubscriberInput,
): Promise<() => void> {
	const { platform, displayName } = channel;
	if (!platform) return () => {};
	const { logger } = context;
	const { id } = await store.subscribe({ ...receiving, kind: 'platform', filter: {} });
	// Before a call, not behind it: what a person does meanwhile is newer than what was just told.
	let rested = Promise.resolve();
	const tell = async (item: NonNullable<ClaimedDelivery['item']>): Promise<void> => {
		const { conversation, event } = item;
		if (!conversation || !event) return;
		const team = conversation.team && (await store.getTeam(conversation.team.key));
		const news = platformNews(platform.handle, event, item, team?.handles ?? {});
		if (news === undefined) return;
		if (news.type === 'closed' && (await hasWrittenAgain(store, item))) return;
		const { recipient } = await store.findRecipient({
			conversationId: conversation.id,
			via: 'opened',
		});
		const tools = channelTools(context, channel, settings, store.clock());
		await rested;
		try {
			const outcome = await platform.tell(news, recipient, tools);
			if (!outcome.done) {
				logger.info(`${displayName} was not told of "${event.type}": ${outcome.skipped}`);
			}
		} finally {
			rested = rest(platform.pause ?? PAUSE);
		}
	};
	const dispatcher = new Dispatcher({
		store,
		subscriptionId: id,
		// One after the other: what happened later must not be told first.
		limit: 1,
		emit: async (item) => {
			await tell(item);
			return { status: 'success' };
		},
		onFailure: (error) => logger.warn(`${displayName} could not be told: ${sentence(error)}`),
		outcomeOf,
	});
	await dispatcher.start();
	return () => dispatcher.stop();
}

/**
 * On the platform, the next conversation of a contact is the same as the last: told late, the end of
 * the last one would end the next.
 */
async function hasWrittenAgain(
	store: ConversationStore,
	{ conversation, contact }: NonNullable<ClaimedDelivery['item']>,
): Promise<boolean> {
	if (!conversation || !contact) return false;
	const open = await store.listConversations({
		status: 'notClosed',
		contact: contact.key,
		limit: 1,
		offset: 0,
	});
	return open.some(({ conversation: next }) => next.channel === conversation.channel);
}

const rest = async (milliseconds: number): Promise<void> =>
	await new Promise((resolve) => {
		setTimeout(resolve, milliseconds).unref();
	});

/** What will not be taken, however often it is told, is given up and shown; the rest is told later. */
function outcomeOf(error: unknown): DeliveryOutcome {
	// The platform has no conversation with this contact, or the team is gone: later it is no better.
	if (isStoreError(error) && error.code !== 'StoreUnavailable') {
		return { kind: 'refused', why: sentence(error) };
	}
	if (!isChannelError(error)) return { kind: 'notStarted' };
	if (error.failure === 'rejected' || error.failure === 'notFound') {
		return { kind: 'refused', why: sentence(error) };
	}
	return { kind: 'notStarted', ...(error.retryAfter ? { pause: error.retryAfter } : {}) };
}
