import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { channelByKey } from '../../channels';
import type { Attachment, Channel, ChannelSettings } from '../../channels/channel';
import { ChannelError, isChannelError } from '../../channels/errors';
import { checkMessage } from '../../channels/limits';
import type { OutboundMessage, Recipient } from '../../channels/sending';
import { isStoreError, storeError } from '../../store/errors';
import type { FinishOutboundInput, OutboundOutcome } from '../../store/operations/finishOutbound';
import type { RecipientOfConversation } from '../../store/operations/recipients';
import type { ConversationStore } from '../../store/store';
import type { ConversationItem } from '../../store/views';
import { channelTools } from '../calling';
import { asError } from '../failures';
import { sentence } from '../storeOfNode';
import { checkAccount, checkConsent, type SendingChannel } from './checks';
import type { Sender } from './sender';

export interface SendRequest {
	conversationId: string;
	via: 'last' | 'opened' | { channel: string };
	/** What to send; where it depends on what the channel can do, by the channel. */
	message: OutboundMessage | ((channel: SendingChannel, to: Recipient) => OutboundMessage);
	/** The same for each try of this message, and for no other. */
	sendKey: string;
	actor?: string;
	/** Sends once more what ended without an answer. */
	sendAgain: boolean;
	/** A person runs the flow by hand. */
	isTest: boolean;
	/** Sends also in a test run; otherwise it only looks everything over. */
	sendInTests: boolean;
}

export interface SendResult {
	view: ConversationItem;
	sent: IDataObject;
	/** The conversation is one of test runs. */
	isTest: boolean;
	hint?: string;
}

/**
 * Sends one message on the channel of a conversation and records it.
 *
 * @throws ChannelError, StoreError
 */
export async function send(
	sender: Sender,
	store: ConversationStore,
	request: SendRequest,
): Promise<SendResult> {
	const { conversationId } = request;
	const found = await findRecipient(sender, store, request);
	const { item, recipient, isTest } = found;
	const channel = channelFor(sender, recipient.channel);
	const message =
		typeof request.message === 'function' ? request.message(channel, recipient) : request.message;
	const settings = await settingsFor(sender, channel);
	checkAccount(channel, settings, recipient);
	checkConsent(channel, recipient, message.template !== undefined);
	checkMessage(channel, message, recipient, { settings, now: store.clock() });
	const place = { channel: recipient.channel, account: recipient.account };
	if ((request.isTest || isTest) && !request.sendInTests) {
		return {
			view: item,
			isTest,
			sent: { ...place, status: 'notSent', alreadySent: false, messageId: null },
			hint: "Test run: nothing was sent. Turn on the option 'Send in Test Runs' to send it",
		};
	}
	const begun = await store.beginOutbound({
		conversationId,
		sendKey: request.sendKey,
		...place,
		type: message.media?.type ?? (message.template ? 'template' : 'text'),
		text: message.template ? `[template ${message.template.name}]` : message.text,
		attachments: attachmentsOf(message),
		...(request.actor ? { actor: request.actor } : {}),
	});
	if (begun.state === 'sent') {
		return {
			view: item,
			isTest,
			sent: { ...place, status: 'sent', alreadySent: true, messageId: begun.channelMessageId },
			hint: 'This message was sent before by the same node of this flow, and is not sent twice',
		};
	}
	if (begun.state === 'unclear' && !channel.sending.idempotent && !request.sendAgain) {
		throw stillUnclear(channel);
	}
	const { messageId } = begun;
	const tools = channelTools(sender.context, channel, settings, store.clock());
	try {
		const taken = await channel.sending.send(message, recipient, { ...tools, key: messageId });
		const outcome = { kind: 'sent', id: taken.id, status: taken.status } as const;
		const view = await store.finishOutbound({ conversationId, messageId, outcome });
		return {
			view,
			isTest,
			sent: { ...place, status: taken.status, alreadySent: false, messageId: taken.id },
		};
	} catch (error) {
		const outcome = outcomeOf(error);
		if (outcome) await record(sender, store, { conversationId, messageId, outcome });
		throw error as Error;
	}
}

/** Where it goes; on a channel that allows it, also to a contact who has never written there. */
async function findRecipient(
	sender: Sender,
	store: ConversationStore,
	{ conversationId, via }: SendRequest,
): Promise<RecipientOfConversation> {
	try {
		return await store.findRecipient({ conversationId, via });
	} catch (error) {
		if (!isStoreError(error) || error.code !== 'NoAddress' || typeof via !== 'object') {
			throw asError(error);
		}
		const channel = channelFor(sender, via.channel);
		const settings = await settingsFor(sender, channel);
		const { contact } = await store.getConversation(conversationId);
		const phone = contact.phone ?? undefined;
		const first = phone === undefined ? undefined : channel.sending.firstContact?.(phone, settings);
		if (!first) throw asError(error);
		return await store.findRecipient({ conversationId, via: { ...via, first } });
	}
}

/** The provider's word is what the operator needs; a store that fails besides goes to the log. */
async function record(
	sender: Sender,
	store: ConversationStore,
	finished: FinishOutboundInput,
): Promise<void> {
	await store.finishOutbound(finished).catch((error: unknown) => {
		sender.logError(`A message's failure could not be recorded. ${sentence(error)}`);
	});
}

/** What the store remembers of a try that failed; nothing when the failure is none of the channel's. */
function outcomeOf(error: unknown): OutboundOutcome | undefined {
	if (!isChannelError(error)) return undefined;
	const { failure, message: reason, providerCode: code } = error;
	if (failure === 'unclear') return { kind: 'unclear', reason };
	return {
		kind: 'failed',
		reason,
		...(code === undefined ? {} : { code }),
		...(failure === 'optedOut' ? { optedOut: error.optOut ?? ('blocked' as const) } : {}),
	};
}

function channelFor(sender: Sender, key: string): SendingChannel {
	const channel = channelByKey(key);
	if (!channel?.sending) {
		throw new ChannelError(
			'rejected',
			`Messages cannot be sent on '${channel?.displayName ?? key}'`,
			"Answer with the node of the system that the message came from, or choose another channel under 'Send On'",
		);
	}
	if (!sender.channels.includes(key)) {
		throw storeError(
			'InvalidInput',
			`The message goes to ${channel.displayName}, and this node has no credential for it`,
			`Add '${channel.displayName}' under 'Channels' and choose its credential`,
		);
	}
	return channel as SendingChannel;
}

async function settingsFor(sender: Sender, channel: SendingChannel): Promise<ChannelSettings> {
	const settings = channel.credentialType ? await sender.credential(channel.credentialType) : {};
	const missing = channel.sending.missingSettings(settings);
	if (missing.length === 0) return settings;
	throw storeError(
		'InvalidInput',
		`The ${channel.displayName} credential is not complete: ${missing.map((name) => `'${name}'`).join(', ')}`,
		'Fill in what sending needs in the credential',
	);
}

function stillUnclear({ displayName }: Channel): ChannelError {
	return new ChannelError(
		'unclear',
		`An earlier try to send this message ended without an answer of ${displayName}: it may have arrived`,
		"Look in the chat. To send it all the same, turn on the option 'Send Again if Unsure'",
	);
}

function attachmentsOf({ media }: OutboundMessage): Attachment[] {
	if (!media) return [];
	const { type, url, file } = media;
	return [
		{
			type,
			...(url === undefined ? {} : { url }),
			...(file ? { fileName: file.name, mimeType: file.mimeType } : {}),
		},
	];
}

/**
 * The key by which a second try of the same message is known. A flow that runs again for the same
 * conversation repeats it; a sub-workflow does not, since it may run several times in one flow, nor does
 * a run by hand, whose pinned data are always the same.
 */
export function sendKeyOf(
	context: IExecuteFunctions,
	item: INodeExecutionData,
	index: number,
): string {
	const delivery = item.json.delivery as { id?: unknown } | undefined;
	const mode = context.getMode();
	const flow =
		mode !== 'integrated' && mode !== 'manual' && typeof delivery?.id === 'string'
			? delivery.id
			: context.getExecutionId();
	return sendKeyIn(flow, context, index);
}

/** The same for each try of what this node sends for an item, within one flow. */
export function sendKeyIn(flow: string, context: IExecuteFunctions, index: number): string {
	const { $runIndex: run } = context.getWorkflowDataProxy(index);
	return [flow, context.getNode().id, String(run), index].join(':');
}
