import type {
	IDataObject,
	IHookFunctions,
	ITriggerFunctions,
	IWebhookFunctions,
} from 'n8n-workflow';
import { channelByKey } from '../channels';
import type { Channel, ChannelSettings, Occasion } from '../channels/channel';
import { keywordList } from '../descriptions/lists';
import { storeError } from '../store/errors';
import type { BadEndPolicy, SubscriberInput } from '../store/operations/subscriptions';

/** Channels that have no ID of the business in what they post: the node names it. */
export const WITH_ACCOUNT = ['plainWebhook', 'signedWebhook'];

type Context = IWebhookFunctions | ITriggerFunctions | IHookFunctions;

export interface TriggerOptions {
	badEnd?: BadEndPolicy['action'];
	contactIs?: 'any' | 'new' | 'returning';
	fallbackTeam?: string | { value?: string };
	alsoOpenFor?: Occasion[];
	includeRaw?: boolean;
	inFlightLimit?: number;
	keywords?: string;
	oldestMessage?: number;
	oncePerContact?: boolean;
	retries?: number;
	testTakesOver?: boolean;
}

export const optionsOf = (context: Context) =>
	context.getNodeParameter('options', {}) as TriggerOptions;

/** @throws StoreError `InvalidInput` when the workflow names a channel that this version has not. */
export function channelOf(context: Context): Channel {
	const key = String(context.getNodeParameter('channel'));
	const channel = channelByKey(key);
	if (channel) return channel;
	throw storeError(
		'InvalidInput',
		`This version of the package has no channel '${key}'`,
		'Choose another channel, or update the package in Settings > Community Nodes',
	);
}

/** The channel's secrets and the node's own parameters for it. */
export async function channelSettings(
	context: Context,
	channel: Channel,
): Promise<ChannelSettings> {
	// Only those name it in the node; elsewhere a credential may have a field of this name.
	const named = WITH_ACCOUNT.includes(channel.key);
	const account = named
		? { account: context.getNodeParameter('account', 'default') as string }
		: {};
	const secrets: IDataObject = channel.credentialType
		? ((await context.getCredentials(channel.credentialType)) as IDataObject)
		: {};
	return { ...secrets, ...account };
}

/** A flow must not go live with a door that cannot be checked. */
export function requireSettings(channel: Channel, settings: ChannelSettings): void {
	const missing = channel.missingSettings(settings);
	if (missing.length === 0) return;
	throw storeError(
		'InvalidInput',
		`The ${channel.displayName} credential is not complete: ${missing.map((name) => `'${name}'`).join(', ')}`,
		'Fill in what is missing in the credential, then publish again',
	);
}

/** How this node is known to the store. `accounts` are those that its settings are for. */
export function subscriberOf(
	context: Context,
	isTest: boolean,
	accounts: string[] = [],
): SubscriberInput {
	const options = optionsOf(context);
	const team =
		typeof options.fallbackTeam === 'object' ? options.fallbackTeam.value : options.fallbackTeam;
	return {
		kind: 'opened',
		workflowId: String(context.getWorkflow().id),
		nodeId: context.getNode().id,
		channel: String(context.getNodeParameter('channel')),
		accounts,
		filter: {
			sources: context.getNodeParameter('sources', ['contact', 'ctc_ads']) as string[],
			contactIs: options.contactIs ?? 'any',
			keywords: keywordList(options.keywords),
			oncePerContact: options.oncePerContact === true,
		},
		onBadEnd: {
			action: options.badEnd ?? 'queue',
			team: team ? team : null,
			retries: options.retries ?? 2,
		},
		isTest,
	};
}
