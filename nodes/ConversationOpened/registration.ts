import { isDeepStrictEqual } from 'node:util';
import type { IHookFunctions, Logger } from 'n8n-workflow';
import type { Channel, ChannelSettings } from '../channels/channel';
import { isChannelError } from '../channels/errors';
import type { ChannelTools } from '../channels/http';
import type { Registration } from '../channels/registration';
import { channelTools } from '../runtime/calling';
import { sentence } from '../runtime/storeOfNode';
import { isTestHook } from '../runtime/testHook';
import { storeError } from '../store/errors';
import { optionsOf } from './settings';

/**
 * n8n takes a webhook away and puts it back for a mere republish, a rename or an edit. The provider
 * hears of it only when it has not come back after this time. Milliseconds.
 */
const GRACE = 10_000;

/** What one trigger has registered, as far as this process knows. */
interface Held {
	/** The address that is about to be removed. */
	leaving?: { what: Registering; timer: NodeJS.Timeout };
	/** The address that a test run has put aside, to be put back. */
	displaced?: string;
}

/** By trigger: what it registers in production and in a test run are two things. */
const held = new Map<string, Held>();

const keyOf = (context: IHookFunctions) =>
	[context.getWorkflow().id, context.getNode().id, isTestHook(context) ? 'test' : 'live'].join(':');

/** Whether this trigger tells the provider itself where to post. */
export function registrationOf(
	context: IHookFunctions,
	channel: Channel,
): Registration | undefined {
	const byHand = context.getNodeParameter('webhookSetup', 'automatic') === 'manual';
	return byHand ? undefined : channel.registration;
}

interface Registering {
	registration: Registration;
	address: string;
	tools: ChannelTools;
	channel: Channel;
}

function registering(
	context: IHookFunctions,
	channel: Channel,
	settings: ChannelSettings,
): Registering | undefined {
	const registration = registrationOf(context, channel);
	const url = context.getNodeWebhookUrl('default');
	if (!registration || !url) return undefined;
	const tools = channelTools(context, channel, settings, Date.now());
	return { registration, address: registration.address(url, settings), tools, channel };
}

/** Whether the provider posts to this trigger already; also keeps an address that was to be removed. */
export async function isRegistered(
	context: IHookFunctions,
	channel: Channel,
	settings: ChannelSettings,
): Promise<boolean> {
	const found = registering(context, channel, settings);
	await comeBack(context, channel, found);
	if (!found) return false;
	const current = await patiently(context, channel, [found.address], async () =>
		found.registration.current(found.tools, found.address),
	);
	return current.includes(found.address);
}

/**
 * The trigger has returned, and what it was about to remove stays. Unless it returned with another
 * account or channel: then nobody would ever remove what it has left behind, so that goes now.
 */
async function comeBack(
	context: IHookFunctions,
	channel: Channel,
	found: Registering | undefined,
): Promise<void> {
	const { leaving } = held.get(keyOf(context)) ?? {};
	if (!leaving) return;
	clearTimeout(leaving.timer);
	held.delete(keyOf(context));
	const { what } = leaving;
	// By hand, the same address may have been pasted there.
	const stays = found ? isSame(found, what) : what.channel === channel;
	if (!stays) await removeOrWarn(context.logger, what);
}

const isSame = (one: Registering, other: Registering) =>
	one.channel === other.channel &&
	one.address === other.address &&
	isDeepStrictEqual(one.tools.settings, other.tools.settings);

/**
 * Tells the provider where to post.
 *
 * @throws ChannelError, and StoreError `InvalidInput` for a test run that would silence production
 */
export async function register(
	context: IHookFunctions,
	channel: Channel,
	settings: ChannelSettings,
): Promise<void> {
	const found = registering(context, channel, settings);
	if (!found) return;
	const { registration, address, tools } = found;
	const key = keyOf(context);
	const others = registration.exclusive
		? (
				await patiently(context, channel, [], async () => registration.current(tools, address))
			).filter((each) => each !== '' && each !== address)
		: [];
	const [other] = others;
	// Of an earlier test, should it have ended without a word.
	if (isTestHook(context)) held.delete(key);
	if (other !== undefined && isTestHook(context)) {
		if (optionsOf(context).testTakesOver !== true) throw wouldSilence(channel, other);
		held.set(key, { displaced: other });
	} else if (other !== undefined) {
		context.logger.warn(
			`Conversation Opened (${channel.displayName}): takes over from ${withoutQuery(other)}, where messages went until now`,
		);
	}
	await patiently(context, channel, undefined, async () => registration.set(address, tools));
}

/** Does at the provider what has to be done once. Messages may come without it, so it stops nothing. */
export async function activate(
	context: IHookFunctions,
	channel: Channel,
	settings: ChannelSettings,
): Promise<void> {
	if (!channel.activate || isTestHook(context)) return;
	const { logger } = context;
	try {
		const said = await channel.activate(channelTools(context, channel, settings, Date.now()));
		if (said) logger.info(`Conversation Opened (${channel.displayName}): ${said}`);
	} catch (error) {
		logger.warn(`Conversation Opened (${channel.displayName}): ${sentence(error)}`);
	}
}

/**
 * Takes back what this trigger has registered, and nothing else: at once after a test run, putting
 * back what it had put aside; in production after a while, unless the trigger has returned.
 *
 * @param hasReturned whether it has, perhaps in another process
 */
export async function unregister(
	context: IHookFunctions,
	channel: Channel,
	settings: ChannelSettings,
	hasReturned: () => Promise<boolean>,
): Promise<void> {
	const found = registering(context, channel, settings);
	if (!found) return;
	const key = keyOf(context);
	const { displaced } = held.get(key) ?? {};
	if (isTestHook(context)) {
		await endTest(context.logger, found, displaced);
		held.delete(key);
		return;
	}
	const { logger } = context;
	clearTimeout(held.get(key)?.leaving?.timer);
	const timer = setTimeout(() => {
		held.delete(key);
		void leave(logger, found, hasReturned);
	}, GRACE);
	timer.unref();
	held.set(key, { leaving: { what: found, timer } });
}

async function leave(
	logger: Logger,
	found: Registering,
	hasReturned: () => Promise<boolean>,
): Promise<void> {
	// A store that does not answer says nothing: then the address stays.
	if (await hasReturned().catch(() => true)) return;
	await removeOrWarn(logger, found);
}

/** n8n ends a test by a timer, where nobody hears what goes wrong: it is told in the log. */
async function endTest(
	logger: Logger,
	found: Registering,
	displaced: string | undefined,
): Promise<void> {
	if (displaced === undefined) return await removeOrWarn(logger, found);
	try {
		// Not when somebody has published meanwhile: what stands there now is newer.
		const current = await found.registration.current(found.tools);
		if (current.includes(found.address)) await found.registration.set(displaced, found.tools);
	} catch (error) {
		logger.error(
			`Conversation Opened (${found.channel.displayName}): the test has ended, and its address could not be taken back for ${withoutQuery(displaced)}: publish the flow again. ${sentence(error)}`,
		);
	}
}

async function removeOrWarn(logger: Logger, found: Registering): Promise<void> {
	await removeOwn(found).catch((error: unknown) => {
		logger.warn(
			`Conversation Opened (${found.channel.displayName}): the address stays registered, ${sentence(error)}`,
		);
	});
}

/** Each provider's `remove` looks by itself whether the address is there. */
async function removeOwn({ registration, address, tools }: Registering): Promise<void> {
	await registration.remove?.(address, tools);
}

/**
 * n8n starts its triggers again when it starts itself. A provider that is away at that moment must
 * not keep the webhook closed: what was registered before most probably still is.
 */
async function patiently<T>(
	context: IHookFunctions,
	channel: Channel,
	otherwise: T,
	work: () => Promise<T>,
): Promise<T> {
	try {
		return await work();
	} catch (error) {
		const mode = context.getActivationMode();
		const isRestart = mode === 'init' || mode === 'leadershipChange';
		const isPassing =
			isChannelError(error) && ['unavailable', 'unclear', 'rateLimited'].includes(error.failure);
		if (!isRestart || !isPassing) throw error as Error;
		context.logger.warn(
			`Conversation Opened (${channel.displayName}): it could not be checked where messages are posted to. ${sentence(error)}`,
		);
		return otherwise;
	}
}

function wouldSilence(channel: Channel, other: string) {
	return storeError(
		'InvalidInput',
		`${channel.displayName} posts to ${withoutQuery(other)} now, and knows only one address: a test would take real customers away from it`,
		"Test with the pinned sample of a template instead, use a second account for tests, or turn on the option 'Test Takes Over' (the address is put back when the test ends)",
	);
}

/** What stands behind the question mark may be a token. */
const withoutQuery = (address: string) => address.split('?', 1)[0]!;
