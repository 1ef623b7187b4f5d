import type { IDataObject, IWebhookFunctions } from 'n8n-workflow';
import type { Channel, ChannelSettings, InboundMessage, ParsedBody } from '../channels/channel';
import { replyUntil } from '../channels/limits';
import { countOf } from '../channels/skipped';
import { mentionsAny } from '../runtime/conversationOfItem';
import { asError } from '../runtime/failures';
import { sentence } from '../runtime/storeOfNode';
import { isStoreError } from '../store/errors';
import type { SubscriberInput } from '../store/operations/subscriptions';
import type { ConversationStore } from '../store/store';
import { optionsOf, type TriggerOptions } from './settings';

/** What the channel is told, and the log: counts, never a customer's text. */
export interface Receipt extends IDataObject {
	received: number;
	opened: number;
	appended: number;
	duplicates: number;
	/** Written by the business elsewhere, edited or deleted by the customer. */
	recorded: number;
	/** Fates of sent messages, consent, work on a platform. */
	notices: number;
	ignored: number;
	malformed: number;
	problems: string[];
}

interface Receiving {
	channel: Channel;
	settings: ChannelSettings;
	target: ConversationStore;
	subscriber: SubscriberInput;
}

/** Stores every message of a body; one that is wrong in itself is told and passed over. */
export async function storeMessages(
	context: IWebhookFunctions,
	{ channel, settings, target, subscriber }: Receiving,
	body: ParsedBody,
): Promise<Receipt> {
	const options = optionsOf(context);
	const receipt: Receipt = {
		received: body.messages.length,
		opened: 0,
		appended: 0,
		duplicates: 0,
		recorded: 0,
		notices: 0,
		ignored: countOf(body.ignored),
		malformed: countOf(body.malformed),
		problems: body.malformed.map(({ reason }) => reason),
	};
	for (const message of body.messages) {
		if (message.group !== undefined && options.alsoOpenFor?.includes('group') !== true) {
			// What is said in a group is not for the sender's own conversation either.
			receipt.ignored++;
			continue;
		}
		try {
			const { outcome } = await target.receiveMessage({
				message,
				replyUntil: replyWindowOf(message, channel, settings),
				opens: mayOpen(message, channel, options, target.clock()),
				keepRaw: options.includeRaw === true,
				subscriber,
				alwaysOpen: subscriber.isTest,
				mentionsAny,
			});
			if (outcome === 'opened') receipt.opened++;
			else if (outcome === 'appended') receipt.appended++;
			else if (outcome === 'duplicate') receipt.duplicates++;
			else if (outcome === 'recorded' || outcome === 'changed') receipt.recorded++;
			else receipt.ignored++;
		} catch (error) {
			// Only what is wrong with this one message is passed over; anything else is for the channel
			// to send again, the whole body: what is stored already is known then.
			if (!isStoreError(error) || error.code !== 'InvalidInput') throw asError(error);
			receipt.malformed++;
			receipt.problems.push(error.message);
			context.logger.warn(`Conversation Opened: ${error.message}`);
		}
	}
	return receipt;
}

/** Stores what a body tells besides. */
export async function storeNotices(
	context: IWebhookFunctions,
	target: ConversationStore,
	{ notices = [] }: ParsedBody,
	receipt: Receipt,
): Promise<void> {
	for (const notice of notices) {
		try {
			const { applied } = await target.receiveNotice({ notice });
			if (applied) receipt.notices++;
		} catch (error) {
			// A store that cannot write now is for the channel to ask again. A notice that nobody can make
			// sense of would otherwise come back for days, with everything that came with it.
			if (isStoreError(error) && error.code !== 'InvalidInput') throw asError(error);
			receipt.malformed++;
			context.logger.warn(`Conversation Opened: a notice was passed over. ${sentence(error)}`);
		}
	}
}

/** Until when the channel takes ordinary answers to a message: its own rule, for this business. */
function replyWindowOf(
	{ account, contact, sentAt }: InboundMessage,
	{ sending }: Channel,
	settings: ChannelSettings,
): number | null {
	const { replyTo: to, replyContext: context = {} } = contact;
	if (to === undefined) return null;
	return replyUntil(sending, { account, to, context, lastInboundAt: sentAt }, settings);
}

const HOUR = 60 * 60_000;

/** What a customer wrote opens; what only touches the business opens when the operator asked for it. */
function mayOpen(
	message: InboundMessage,
	{ staleAfter }: Channel,
	{ alsoOpenFor = [], oldestMessage }: TriggerOptions,
	now: number,
): boolean {
	if (message.neverOpens) return false;
	const oldest = oldestMessage === undefined ? staleAfter : oldestMessage * HOUR;
	if (oldest && now - message.sentAt > oldest) return false;
	if (message.occasion !== undefined) return alsoOpenFor.includes(message.occasion);
	if (message.kind === 'message') return true;
	return (
		(message.kind === 'reaction' || message.kind === 'visit') && alsoOpenFor.includes(message.kind)
	);
}
