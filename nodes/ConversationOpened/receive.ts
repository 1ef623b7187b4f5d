import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import type {
	Channel,
	ChannelRequest,
	ChannelSettings,
	HandshakeAnswer,
	ParsedBody,
} from '../channels/channel';
import { asError } from '../runtime/failures';
import { sentence, storeOfNode } from '../runtime/storeOfNode';
import { subscriptionId } from '../store/operations/subscriptions';
import { channelOf, channelSettings, requireSettings, subscriberOf } from './settings';
import { storeMessages, storeNotices, type Receipt } from './storing';

/**
 * Answers a channel's request. 2xx only after everything in it is committed; a body that cannot be
 * stored now is refused, so that the channel sends it again. Never throws: n8n would store a failed
 * execution for each.
 */
export async function receive(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		const channel = channelOf(context);
		const request = await readRequest(context);
		if (request === undefined) {
			return answer(context, 413, 'The body is larger than n8n accepts (N8N_PAYLOAD_SIZE_MAX)');
		}
		const settings = await channelSettings(context, channel);
		requireSettings(channel, settings);
		if (context.getWebhookName() === 'setup') return handshake(context, channel, request, settings);

		const verified = channel.verify(request, settings);
		if (!verified.ok) {
			context.logger.warn(`Conversation Opened (${channel.displayName}): ${verified.reason}`);
			return answer(context, verified.status, verified.reason);
		}
		const challenge = channel.challenge?.(request, settings);
		if (challenge) return answerAs(context, challenge);
		const body = channel.parse(request, settings);
		if (body.unreadable !== undefined) return answer(context, 400, body.unreadable);
		return await store(context, channel, body, settings);
	} catch (error) {
		context.logger.error(`Conversation Opened: ${sentence(error)}`);
		context.getResponseObject().setHeader('Retry-After', '30');
		// What the store says names files and settings: that is for the log, not for whoever posts.
		return answer(context, 503, 'The message could not be stored now; please send it again');
	}
}

async function store(
	context: IWebhookFunctions,
	channel: Channel,
	body: ParsedBody,
	settings: ChannelSettings,
): Promise<IWebhookResponseData> {
	const isTest = context.getMode() === 'manual';
	const real = await storeOfNode(context);
	const target = isTest ? real.forTests() : real;
	const subscriber = subscriberOf(context, isTest, channel.accounts(settings));
	// The conditions as they are now, which in production `trigger()` has told the store.
	if (isTest) await target.subscribe(subscriber);
	const owedBefore = isTest ? await target.countOwed(subscriptionId(subscriber)) : 0;
	const receipt = await storeMessages(context, { channel, settings, target, subscriber }, body);
	await storeNotices(context, target, body, receipt);
	for (const { reason } of body.malformed) {
		context.logger.warn(`Conversation Opened (${channel.displayName}): ${reason}`);
	}
	// A test run is an execution that n8n starts here; `trigger()` gives it its item. Without an item
	// (none of the messages meets the conditions) it would wait for ever: the listener stays instead.
	if (isTest && (await target.countOwed(subscriptionId(subscriber))) > owedBefore) {
		return { ...answered(context, channel, receipt), workflowData: [[{ json: receipt }]] };
	}
	return answered(context, channel, receipt);
}

/** Some providers show what they are answered to the customer, or take anything but their own form for a fault. */
function answered(
	context: IWebhookFunctions,
	{ answer: own }: Channel,
	receipt: Receipt,
): IWebhookResponseData {
	return own ? answerAs(context, own) : { webhookResponse: receipt };
}

/** The bytes as they came, or undefined when there are more than n8n takes. */
async function readRequest(context: IWebhookFunctions): Promise<ChannelRequest | undefined> {
	const request = context.getRequestObject() as ReturnType<
		IWebhookFunctions['getRequestObject']
	> & {
		rawBody?: Buffer;
		readRawBody?: () => Promise<void>;
	};
	if (!request.rawBody && request.readRawBody) {
		try {
			await request.readRawBody();
		} catch (error) {
			if ((error as { statusCode?: number; httpStatusCode?: number }).statusCode === 413) {
				return undefined;
			}
			throw asError(error);
		}
	}
	return {
		headers: request.headers,
		query: request.query as Record<string, unknown>,
		rawBody: request.rawBody ?? Buffer.alloc(0),
		url: publicUrl(context, request.originalUrl ?? ''),
		now: Date.now(),
	};
}

/** The address as the operator gave it to the provider; behind a proxy the request's own is another. */
function publicUrl(context: IWebhookFunctions, requested: string): string {
	const url = context.getNodeWebhookUrl('default') ?? '';
	// A test run is posted to its own address, which n8n's helper does not say here.
	const shown = context.getMode() === 'manual' ? url.replace('/webhook/', '/webhook-test/') : url;
	const query = requested.indexOf('?');
	return query < 0 ? shown : shown + requested.slice(query);
}

function handshake(
	context: IWebhookFunctions,
	channel: Channel,
	request: ChannelRequest,
	settings: Record<string, unknown>,
): IWebhookResponseData {
	if (!channel.handshake) {
		return answer(
			context,
			405,
			`${channel.displayName} posts to this address; there is nothing to get`,
		);
	}
	return answerAs(context, channel.handshake(request, settings));
}

function answerAs(
	context: IWebhookFunctions,
	{ status, contentType, body }: HandshakeAnswer,
): IWebhookResponseData {
	context.getResponseObject().status(status).type(contentType).send(body).end();
	return { noWebhookResponse: true };
}

function answer(context: IWebhookFunctions, status: number, error: string): IWebhookResponseData {
	context.getResponseObject().status(status).json({ error }).end();
	return { noWebhookResponse: true };
}
