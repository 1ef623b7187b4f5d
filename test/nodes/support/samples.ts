import { randomUUID } from 'node:crypto';
import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';
import type { Bench } from './bench';

/** A resource locator as the editor saves it. */
export const byKey = (value: string) => ({ __rl: true, mode: 'id', value });

/** What the item of a node says about a conversation, whichever node gives it. */
export const CONVERSATION_KEYS = [
	'id',
	'status',
	'channel',
	'account',
	'replyChannel',
	'replyTo',
	'replyUntil',
	'lastInboundAt',
	'source',
	'openedAt',
	'isReturning',
	'team',
	'assignee',
	'queue',
	'priority',
	'snoozedUntil',
	'returns',
	'category',
	'summary',
	'intent',
	'messageCount',
	'closedAt',
	'flag',
];

export const CONTACT_KEYS = [
	'key',
	'name',
	'phone',
	'email',
	'language',
	'country',
	'timezone',
	'tags',
	'fields',
	'firstSeenAt',
	'previousConversations',
	'lastAssignee',
	'lastCategory',
];

export const MESSAGE_KEYS = ['id', 'type', 'text', 'attachments', 'sentAt'];

/** The item has the shape that is promised to every node behind. */
export function expectItemShape(item: INodeExecutionData | undefined, more: string[] = []): void {
	const json = item?.json as Record<string, object>;
	expect(Object.keys(json)).toEqual(
		expect.arrayContaining(['conversation', 'contact', 'message', ...more]),
	);
	expect(Object.keys(json.conversation!)).toEqual(CONVERSATION_KEYS);
	expect(Object.keys(json.contact!)).toEqual(CONTACT_KEYS);
	expect(Object.keys(json.message!)).toEqual(MESSAGE_KEYS);
}

export const partOf = (item: INodeExecutionData | undefined, part: string) =>
	item?.json[part] as IDataObject;

/** Opens a conversation of this contact by the node itself, and gives its item. */
export async function openedItem(
	bench: Bench,
	contactId: string,
	parameters: INodeParameters = {},
): Promise<INodeExecutionData> {
	const { outputs } = await bench.execute('openConversation', {
		parameters: { contactId, messageText: 'Hello', ...parameters },
		executionId: randomUUID(),
	});
	const [item] = outputs.flat();
	return { json: item!.json };
}

export const idOf = (item: INodeExecutionData | undefined) =>
	String(partOf(item, 'conversation').id);

/** A team with agents who are online; each takes so many conversations. */
export async function team(
	bench: Bench,
	key: string,
	agents: Record<string, number | null> = {},
): Promise<void> {
	const store = await bench.store();
	await store.upsertTeam({ key });
	for (const [agent, capacity] of Object.entries(agents)) {
		await store.upsertAgent({
			key: agent,
			teams: [key],
			capacity,
			availability: 'online',
			source: 'user',
		});
	}
}

/** What the node threw: the sentence, the item, and what to do. */
export async function failureOf(run: Promise<unknown>) {
	const error: unknown = await run.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	const { name, message, description, context } = (error ?? {}) as {
		name?: string;
		message?: string;
		description?: string;
		context?: { itemIndex?: number };
	};
	return { name, message, description, itemIndex: context?.itemIndex };
}

/** A failure as every node shows it, on the first item unless said otherwise. */
export const failure = (sentence: string, description: string, itemIndex = 0) => ({
	name: 'NodeOperationError',
	message: `${sentence} [Item ${itemIndex}]`,
	description: expect.stringContaining(description),
	itemIndex,
});

export const closed = async (bench: Bench, item: INodeExecutionData) =>
	await (
		await bench.store()
	).closeConversation({
		conversationId: idOf(item),
		category: null,
		summary: null,
		source: 'user',
	});

/** As Conversation Opened emits it: with the delivery that the flow runs for. */
export async function deliveredItem(bench: Bench, who: string): Promise<INodeExecutionData> {
	const store = await bench.store();
	const subscriber = {
		kind: 'opened' as const,
		workflowId: bench.workflowId,
		nodeId: 'trigger',
		channel: 'chat',
		filter: {
			sources: ['contact'],
			contactIs: 'any' as const,
			keywords: [],
			oncePerContact: false,
		},
		isTest: false,
	};
	const { id } = await store.subscribe(subscriber);
	await store.receiveMessage({
		message: {
			kind: 'message',
			channel: 'chat',
			account: 'main',
			id: `message-of-${who}`,
			source: 'contact',
			contact: { identities: [{ channel: 'chat', account: 'main', id: who }], name: who },
			type: 'text',
			text: 'Hello',
			attachments: [],
			sentAt: Date.UTC(2026, 0, 5, 9),
			raw: {},
		},
		opens: true,
		keepRaw: false,
		subscriber,
		mentionsAny: () => false,
	});
	const [delivery] = await store.claimDeliveries({ subscriptionId: id, limit: 1 });
	return { json: delivery!.item as unknown as IDataObject };
}
