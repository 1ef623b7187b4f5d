import { randomUUID } from 'node:crypto';
import type { Identity, InboundMessage } from '../../../nodes/channels/channel';
import type { RouteDecision } from '../../../nodes/decisions/contracts';
import type { StoreErrorCode } from '../../../nodes/store/errors';
import type { AssignConversationInput } from '../../../nodes/store/operations/assignConversation';
import type { OpenedFilter } from '../../../nodes/store/operations/conversations';
import type { OpenConversationInput } from '../../../nodes/store/operations/openConversation';
import type { ReceiveMessageInput } from '../../../nodes/store/operations/receiveMessage';
import type { SubscriberInput } from '../../../nodes/store/operations/subscriptions';
import type { ConversationStore } from '../../../nodes/store/store';
import type { ConversationItem } from '../../../nodes/store/views';

export const mentionsAny = (text: string, keywords: string[]) =>
	keywords.some((keyword) => text.includes(keyword));

export const identityOf = (who: string): Identity => ({
	channel: 'chat',
	account: 'main',
	id: who,
});

/** A message of the contact `who`. */
export function message(who: string, changes: Partial<InboundMessage> = {}): InboundMessage {
	return {
		kind: 'message',
		channel: 'chat',
		account: 'main',
		id: randomUUID(),
		source: 'contact',
		contact: { identities: [identityOf(who)], name: who, replyTo: who },
		type: 'text',
		text: 'Hello',
		attachments: [],
		sentAt: Date.UTC(2026, 0, 5, 8, 59),
		raw: { provider: 'object' },
		...changes,
	};
}

export async function receive(
	store: ConversationStore,
	what: InboundMessage,
	changes: Partial<ReceiveMessageInput> = {},
) {
	return await store.receiveMessage({
		message: what,
		opens: true,
		keepRaw: false,
		mentionsAny,
		...changes,
	});
}

/** Opens a conversation by a message of the contact and returns its id. */
export async function opened(store: ConversationStore, who: string): Promise<string> {
	const { conversationId, outcome } = await receive(store, message(who));
	expect(outcome).toBe('opened');
	return conversationId ?? '';
}

export function opening(
	who: string,
	changes: Partial<OpenConversationInput> = {},
): OpenConversationInput {
	return {
		contact: { identities: [identityOf(who)], name: who },
		channel: 'chat',
		account: 'main',
		source: 'workflow',
		mentionsAny,
		...changes,
	};
}

export const everything: OpenedFilter = {
	sources: ['contact', 'ctc_ads', 'workflow'],
	contactIs: 'any',
	keywords: [],
	oncePerContact: false,
};

/** A Conversation Opened trigger; of a workflow of its own unless one is named. */
export function trigger(changes: Partial<SubscriberInput> = {}): SubscriberInput {
	return {
		kind: 'opened',
		workflowId: randomUUID(),
		nodeId: 'trigger',
		channel: 'chat',
		filter: everything,
		isTest: false,
		...changes,
	};
}

export function listener(
	events: string[],
	changes: Partial<SubscriberInput> = {},
): SubscriberInput {
	return {
		kind: 'event',
		workflowId: randomUUID(),
		nodeId: 'listener',
		filter: { events },
		isTest: false,
		...changes,
	};
}

export const routeTo = (team: string | null): RouteDecision => ({
	team,
	via: team === null ? null : 'rule',
	ruleIndex: null,
	ruleName: null,
	usedFallback: false,
	overflow: [],
	sticky: null,
	undecided: null,
	reason: 'A test said so.',
	checked: [],
});

export const route = async (
	store: ConversationStore,
	conversationId: string,
	team: string | null,
) => await store.routeConversation({ conversationId, decision: routeTo(team), source: 'workflow' });

export const assign = async (
	store: ConversationStore,
	conversationId: string,
	changes: Partial<AssignConversationInput> = {},
) =>
	await store.assignConversation({
		conversationId,
		to: { kind: 'routed' },
		policy: { strategy: 'roundRobin', onlyOnline: true, maxOpen: null },
		exclude: [],
		source: 'workflow',
		...changes,
	});

export const close = async (store: ConversationStore, conversationId: string) =>
	await store.closeConversation({
		conversationId,
		category: null,
		summary: null,
		source: 'workflow',
	});

/** A team with online agents; `agents` maps keys to capacities. */
export async function team(
	store: ConversationStore,
	key: string,
	agents: Record<string, number | null> = {},
): Promise<void> {
	await store.upsertTeam({ key });
	for (const [agent, capacity] of Object.entries(agents))
		await online(store, agent, [key], capacity);
}

export const online = async (
	store: ConversationStore,
	key: string,
	teams: string[],
	capacity: number | null = null,
) => await store.upsertAgent({ key, teams, capacity, availability: 'online', source: 'user' });

export const setOnline = async (store: ConversationStore, key: string, is = true) =>
	await store.setAvailability({
		key,
		availability: is ? 'online' : 'offline',
		onlineUntil: null,
		source: 'user',
	});

/** Opens, routes and assigns (or queues). */
export async function handled(
	store: ConversationStore,
	who: string,
	teamKey: string,
	changes: Partial<AssignConversationInput> = {},
) {
	const id = await opened(store, who);
	await route(store, id, teamKey);
	return { id, ...(await assign(store, id, changes)) };
}

export const assigneeOf = async (store: ConversationStore, id: string) =>
	(await store.getConversation(id)).conversation.assignee?.key ?? null;

export const conversationOf = async (
	store: ConversationStore,
	id: string,
): Promise<ConversationItem['conversation']> => (await store.getConversation(id)).conversation;

/** The types of a conversation's events, in their order. */
export async function eventsOf(
	store: ConversationStore,
	conversationId: string,
): Promise<string[]> {
	const rows = await store.engine.db
		.selectFrom('events')
		.select('type')
		.where('conversation_id', '=', conversationId)
		.orderBy('id')
		.execute();
	return rows.map((row) => row.type);
}

/** The data of the newest event of this type. */
export async function lastEvent(
	store: ConversationStore,
	conversationId: string,
	type: string,
): Promise<Record<string, unknown>> {
	const row = await store.engine.db
		.selectFrom('events')
		.select('data')
		.where('conversation_id', '=', conversationId)
		.where('type', '=', type as never)
		.orderBy('id', 'desc')
		.limit(1)
		.executeTakeFirstOrThrow();
	return JSON.parse(row.data) as Record<string, unknown>;
}

/** The rejection has this code, this sentence, and says what to do. */
export async function expectError(
	promise: Promise<unknown>,
	code: StoreErrorCode,
	sentence: RegExp,
	hint: RegExp,
): Promise<void> {
	const error: unknown = await promise.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toMatchObject({
		code,
		name: code,
		message: expect.stringMatching(sentence),
		hint: expect.stringMatching(hint),
	});
}
