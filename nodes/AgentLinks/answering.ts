import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { sentence, storeOfNode } from '../runtime/storeOfNode';
import type { LinkResult } from '../store/operations/agentLinks';
import type { ConversationStore } from '../store/store';
import { isoTime } from '../store/views';
import { PAGE_HEADERS, pageOf } from './page';
import { sampleResult } from './sample';
import { STATUS, TEST_ADDRESS, TOO_LARGE, UNAVAILABLE, wordsOf, type Words } from './words';

/** The button sends nothing but the address of its page. Bytes. */
const LARGEST_BODY = 1_024;

/**
 * Answers whoever opens a link: a GET, also of a program that previews links, shows what would happen;
 * a POST does it. Never throws: n8n would store a failed execution for each.
 */
export async function answerLink(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		if (bodySize(context) > LARGEST_BODY) return show(context, 413, TOO_LARGE);
		const store = await storeOfNode(context);
		const token = tokenOf(context);
		if (context.getMode() === 'manual') return await explain(context, store, token);
		const isAsking = context.getWebhookName() === 'setup';
		const result = isAsking
			? await store.describeAgentLink(token)
			: await store.useAgentLink(token);
		const answered = show(context, STATUS[result.state], wordsOf(result), result);
		if (result.state !== 'done') return answered;
		return { ...answered, workflowData: [[{ json: itemOf(result, store.clock()) }]] };
	} catch (error) {
		// The address is not for the log: it is all that is needed to act.
		context.logger.error(`Agent Links: ${sentence(error)}`);
		context.getResponseObject().setHeader('Retry-After', '30');
		return show(context, 503, UNAVAILABLE);
	}
}

/** A test run says what the links are, has an item to build with, and does nothing. */
async function explain(
	context: IWebhookFunctions,
	store: ConversationStore,
	token: string,
): Promise<IWebhookResponseData> {
	const described = await store.describeAgentLink(token);
	const result = described.action === undefined ? await sampleResult(store) : described;
	const answered = show(context, 200, TEST_ADDRESS, result);
	return { ...answered, workflowData: [[{ json: itemOf(result, store.clock()) }]] };
}

/** What the flow behind gets. */
function itemOf({ action, agent, item, snoozeFor }: LinkResult, now: number): IDataObject {
	return {
		link: {
			action,
			usedAt: isoTime(now),
			snoozeMinutes: snoozeFor === undefined ? null : snoozeFor / 60_000,
		},
		agent,
		conversation: item?.conversation ?? null,
		contact: item?.contact ?? null,
		message: item?.message ?? null,
	} as unknown as IDataObject;
}

function tokenOf(context: IWebhookFunctions): string {
	const { link } = context.getQueryData() as { link?: unknown };
	return typeof link === 'string' ? link : '';
}

function bodySize(context: IWebhookFunctions): number {
	const { headers, rawBody } = context.getRequestObject() as ReturnType<
		IWebhookFunctions['getRequestObject']
	> & { rawBody?: Buffer };
	const said = Number(headers['content-length'] ?? 0);
	return Math.max(Number.isFinite(said) ? said : Infinity, rawBody?.length ?? 0);
}

function show(
	context: IWebhookFunctions,
	status: number,
	words: Words,
	result?: LinkResult,
): IWebhookResponseData {
	const response = context.getResponseObject();
	for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
	response.status(status).type('text/html; charset=utf-8').send(pageOf(words, result)).end();
	return { noWebhookResponse: true };
}
