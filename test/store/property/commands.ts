import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import type { MessageStatus } from '../../../nodes/channels/channel';
import type { Availability } from '../../../nodes/decisions/contracts';
import type { DeliveryOutcome } from '../../../nodes/store/operations/deliveries';
import { ON_ITS_WAY } from '../../../nodes/store/operations/messageStatus';
import type { SubscriberInput } from '../../../nodes/store/operations/subscriptions';
import type { ConversationStore } from '../../../nodes/store/store';
import { MINUTE, SECOND } from '../support/engines';
import { inTeam, type Change } from '../support/desk';
import {
	close,
	everything,
	identityOf,
	listener,
	message,
	opening,
	receive,
	route,
	trigger,
} from '../support/samples';
import { answered, openQuestion } from '../support/questions';
import { REFUSED, senderOf, sentAs } from '../support/sending';
import { assigning, assignmentCommands, SKILLS, unassigning } from './assignmentCommands';
import {
	AGENTS,
	anyAgent,
	anyTeam,
	atOnce,
	client,
	closedOrUnknown,
	closedOrUnknownAtOnce,
	command,
	contactKeyOf,
	conversationOf,
	isKnown,
	maybe,
	missingAgent,
	missingTeam,
	some,
	TEAMS,
	who,
	whose,
	type Command,
	type World,
} from './command';
import { openOnes } from './facts';
import type { ModelAgent } from './model';
import { NOTHING_SAID, obeyed } from './presence';
import { presenceCommands } from './presenceCommands';
import { returnCommands, RETURN_RUSHES } from './returnCommands';

/** The triggers of a workspace; their ids are those of the whole store. */
const subscribers = (workspace: string): SubscriberInput[] => {
	const opens = (changes: Partial<SubscriberInput>) => trigger({ accounts: ['main'], ...changes });
	return [
		opens({}),
		opens({ onBadEnd: { action: 'retry', team: 'care', retries: 2 } }),
		opens({
			onBadEnd: { action: 'flag', team: null, retries: 0 },
			filter: { ...everything, contactIs: 'new' },
		}),
		listener(['opened', 'assigned', 'unassigned', 'queued', 'closed', 'message_received']),
	].map((input, i) => ({ ...input, workflowId: `${workspace}/${i}` }));
};

const subscriber = (store: ConversationStore, which: number) =>
	subscribers(store.workspace)[which] ?? trigger();
const subscriptionOf = (store: ConversationStore, which: number) =>
	`${store.workspace}/${which}:${which === 3 ? 'listener' : 'trigger'}`;
export const TRIGGERS = [0, 1, 2, 3];
const whichTrigger = fc.constantFrom(...TRIGGERS);

function receiving(
	by: number,
	from: string,
	number: number,
	options: { phone: string | undefined; opens: boolean; heardBy: number | undefined },
): Command {
	const id = `${from}-${number}`;
	const identities = [`chat:${from}`, ...(options.phone ? [`phone:${options.phone}`] : [])];
	return command({
		client: by,
		name: `message ${id} of ${identities.join(' and ')}${options.opens ? '' : ', which may not open'}${options.heardBy === undefined ? '' : `, heard by trigger ${options.heardBy}`}`,
		async call(store) {
			const phone = options.phone ? [{ channel: 'phone', account: '', id: options.phone }] : [];
			const sent = message(from, {
				id,
				contact: { identities: [identityOf(from), ...phone], name: from },
			});
			const { outcome, conversationId } = await receive(store, sent, {
				opens: options.opens,
				...(options.heardBy === undefined
					? {}
					: { subscriber: subscriber(store, options.heardBy) }),
			});
			return {
				conversation: conversationId,
				message: { id, outcome },
				...(outcome === 'opened' ? { opened: conversationId ?? '' } : {}),
			};
		},
		alone({ model }, said) {
			const contact = model.findOrCreate(identities);
			const open = model.open.get(contact) ?? null;
			const known = model.messages.get(id);
			if (known !== undefined) {
				expect(said).toMatchObject({ message: { outcome: 'duplicate' }, conversation: known });
			} else if (open !== null) {
				expect(said).toMatchObject({ message: { outcome: 'appended' }, conversation: open });
				model.messages.set(id, open);
			} else if (options.opens) {
				expect(said.message?.outcome).toBe('opened');
				model.opened(contact, said.opened ?? '');
				model.messages.set(id, said.opened ?? '');
			} else {
				expect(said.message?.outcome).toBe('ignored');
			}
		},
	});
}

export const receivingFrom = (by: number, from: string) =>
	receiving(by, from, 0, { phone: undefined, opens: true, heardBy: undefined });

function echo(by: number, to: string, number: number): Command {
	const id = `${to}-${number}`;
	return command({
		client: by,
		name: `echo ${id}`,
		async call(store) {
			const { outcome, conversationId } = await receive(store, message(to, { id, kind: 'echo' }));
			return { conversation: conversationId, message: { id, outcome } };
		},
		alone({ model }, said) {
			const contact = model.find([`chat:${to}`]);
			const known = model.messages.get(id);
			if (contact === undefined) expect(said.message?.outcome).toBe('ignored');
			else if (known !== undefined) expect(said.message?.outcome).toBe('duplicate');
			else {
				const open = model.open.get(contact) ?? null;
				expect(said).toMatchObject({ message: { outcome: 'recorded' }, conversation: open });
				model.messages.set(id, open);
			}
		},
	});
}

function changing(by: number, from: string, number: number, kind: 'edit' | 'delete'): Command {
	const targetId = `${from}-${number}`;
	return command({
		client: by,
		name: `${kind} ${targetId}`,
		async call(store) {
			const { outcome } = await receive(store, message(from, { kind, targetId, text: 'Other' }));
			return { message: { id: targetId, outcome } };
		},
		alone({ model }, said) {
			const known = model.messages.has(targetId);
			expect(said.message?.outcome).toBe(known ? 'changed' : 'ignored');
		},
	});
}

/** What the contact has open: where flows send, and what people on a platform have before them. */
const openOf = ({ model }: World, contact: string) =>
	model.open.get(model.contactOf.get(`chat:${contact}`) ?? '');

const sentId = (conversation: string, number: number) => `sent-${conversation}-${number}`;

const ENDS = ['sent', 'sent', 'refused', 'dies'] as const;

/** A try to send, which is answered, or whose process dies. */
function sending(by: number, to: string, number: number, end: (typeof ENDS)[number]): Command {
	return command({
		client: by,
		name: `send ${number} to ${to}: ${end}`,
		async call(store, world) {
			const id = openOf(world, to) ?? 'none';
			const sender = senderOf(store, id);
			const { messageId, state } = await sender.begin(`${id}-${number}`);
			if (state !== 'sent' && end !== 'dies') {
				const outcome = end === 'sent' ? sentAs(sentId(id, number)) : REFUSED;
				await sender.finish(messageId, outcome);
			}
			return { conversation: id, read: { messageId, state } };
		},
		mayEndWith: (world) => (openOf(world, to) === undefined ? ['ConversationNotFound'] : []),
		refusal: (world) => (openOf(world, to) === undefined ? 'ConversationNotFound' : undefined),
		alone(world, said) {
			const { model } = world;
			const id = openOf(world, to) ?? 'none';
			const key = `${id}-${number}`;
			const known = model.sends.get(key);
			const { messageId, state } = said.read as { messageId: string; state: string };
			const states = { 'under way': 'unclear', refused: 'new', sent: 'sent' };
			expect(state).toBe(known === undefined ? 'new' : states[known]);
			if (known === 'sent') return;
			const ends = { sent: 'sent', refused: 'refused', dies: 'under way' } as const;
			model.sends.set(key, ends[end]);
			const provisional = `sending:${messageId}`;
			model.messages.set(provisional, id);
			if (end !== 'sent') return;
			model.messages.delete(provisional);
			model.messages.set(sentId(id, number), id);
		},
	});
}

const FATES: Array<MessageStatus['status'] | 'sending'> = [
	...(['sending', 'sent', 'failed', 'delivered', 'read'] as const),
];

/** The provider tells what became of a message, perhaps before the store knows it. */
function tellingFate(
	by: number,
	to: string,
	number: number,
	status: MessageStatus['status'],
): Command {
	const idIn = (world: World) => sentId(openOf(world, to) ?? 'none', number);
	return command({
		client: by,
		name: `${status}: what was sent as ${number} to ${to}`,
		async call(store, world) {
			return { read: await senderOf(store, 'none').tell(status, idIn(world)) };
		},
		alone(world, said) {
			const row = world.before.messages.get(idIn(world));
			const underWay = [...world.before.messages.values()].some(
				(one) => one.status === 'sending' && Number(one.status_at) > world.now - ON_ITS_WAY,
			);
			const isNews = row && FATES.indexOf(status) > FATES.indexOf(row.status ?? 'sending');
			expect(said.read).toBe(isNews ?? underWay);
		},
	});
}

/** A person on a platform changes what the contact has open. */
function changingThere(by: number, of: string, change: Change): Command {
	const rowIn = (world: World) => world.before.conversations.get(openOf(world, of) ?? '');
	/** Undefined: somebody who is no agent here. */
	const agentIn = ({ model }: World) => {
		if (change.type !== 'assigned' || change.agent === null) return null;
		const { email = '' } = change.agent;
		return model.agents.has(email) ? email : undefined;
	};
	return command({
		client: by,
		name: `on the platform, ${of}: ${JSON.stringify(change)}`,
		async call(store, world) {
			const row = rowIn(world);
			const at = { channel: 'chat', account: 'main', at: world.now };
			const { applied } = await store.receiveNotice({
				notice: { kind: 'platform', ...at, identities: [identityOf(of)], change, source: 'user' },
			});
			const freed = applied && change.type !== 'routed' ? (row?.assignee_key ?? null) : null;
			return {
				conversation: row?.id ?? null,
				read: applied,
				served: freed === null ? [] : [freed],
			};
		},
		alone(world, said) {
			const row = rowIn(world);
			const { model } = world;
			if (!row) expect(said.read).toBe(false);
			else if (change.type === 'closed') {
				expect(said.read).toBe(true);
				model.close(row.id);
			} else if (change.type === 'routed') {
				const team = change.team?.id ?? '';
				expect(said.read).toBe(model.teams.has(team) && row.team_key !== team);
			} else {
				const agent = agentIn(world);
				const elsewhere = row.assignee_key === null && row.flag === 'assigned_elsewhere';
				const same = agent === undefined ? elsewhere : agent === row.assignee_key && !elsewhere;
				expect(said.read).toBe(!same);
			}
		},
	});
}

function openingConversation(by: number, of: string, number: number | undefined): Command {
	const id = number === undefined ? undefined : `${of}-open-${number}`;
	return command({
		client: by,
		name: `open a conversation of ${of}${id ? ` with ${id}` : ''}`,
		async call(store) {
			const first = { id: id ?? '', type: 'text', text: 'Hello', attachments: [], sentAt: 0 };
			const result = await store.openConversation(opening(of, id ? { message: first } : {}));
			return {
				conversation: result.conversation.id,
				...(result.opened ? { opened: result.conversation.id } : {}),
			};
		},
		alone({ model }, said) {
			const contact = model.findOrCreate([`chat:${of}`]);
			const earlier = id === undefined ? undefined : model.messages.get(id);
			const there = earlier ?? model.open.get(contact);
			if (there) expect(said).toEqual({ conversation: there });
			else model.opened(contact, said.opened ?? 'none');
			if (id !== undefined && !model.messages.has(id)) {
				model.messages.set(id, said.conversation ?? null);
			}
		},
	});
}

function enriching(by: number, of: string, field: string, value: string, keep: boolean): Command {
	return command({
		client: by,
		name: `${field} of ${of} is ${value}${keep ? ', if empty' : ''}`,
		async call(store, world) {
			const contactKey = contactKeyOf(world, of);
			const { written } = await store.enrichContact({
				contactKey,
				conversationId: null,
				writes: [{ field, value, source: 'test', mode: keep ? 'fillIfEmpty' : 'overwrite' }],
				addTags: [value],
				source: 'workflow',
			});
			const has = written.includes(field);
			return { wrote: { contact: contactKey, field, value, written: has } };
		},
		mayEndWith: (world) => (contactKeyOf(world, of) === 'nobody' ? ['ContactNotFound'] : []),
		refusal: (world) => (contactKeyOf(world, of) === 'nobody' ? 'ContactNotFound' : undefined),
		alone(world, said) {
			const { fields = '{}' } = world.before.contacts.get(contactKeyOf(world, of)) ?? {};
			const known = (JSON.parse(fields) as Record<string, { value: string }>)[field]?.value;
			const stays = known === value || (keep && known !== undefined);
			expect(said.wrote?.written).toBe(!stays);
		},
	});
}

function routing(by: number, of: string, team: string): Command {
	return command({
		client: by,
		name: `route ${of} to ${team}`,
		async call(store, world) {
			const id = conversationOf(world, of);
			const assignee = world.before.conversations.get(id)?.assignee_key;
			const { conversation } = await route(store, id, team);
			const freed = assignee && conversation.assignee?.key !== assignee ? [assignee] : [];
			return { conversation: id, served: freed, read: conversation.team?.key };
		},
		mayEndWith: (world) => [
			closedOrUnknownAtOnce(world, conversationOf(world, of)),
			'TeamNotFound',
		],
		refusal: (world) =>
			closedOrUnknown(world, conversationOf(world, of)) ?? missingTeam(world, team),
		alone: (_, said) => expect(said.read).toBe(team),
	});
}

function closing(by: number, of: string): Command {
	return command({
		client: by,
		name: `close ${of}`,
		async call(store, world) {
			const id = conversationOf(world, of);
			const row = world.before.conversations.get(id);
			const { alreadyClosed } = await close(store, id);
			const assignee = row?.status === 'closed' ? null : row?.assignee_key;
			return {
				closed: { conversation: id, already: alreadyClosed },
				served: assignee ? [assignee] : [],
			};
		},
		mayEndWith: (world) =>
			isKnown(world, conversationOf(world, of)) ? [] : ['ConversationNotFound'],
		refusal: (world) =>
			isKnown(world, conversationOf(world, of)) ? undefined : 'ConversationNotFound',
		alone(world, said) {
			const id = conversationOf(world, of);
			expect(said.closed?.already).toBe(world.model.closed.has(id));
			world.model.close(id);
		},
	});
}

/** Creates or changes an agent; what is undefined stays as it was. */
export function upsertingAgent(
	by: number,
	key: string,
	changes: Partial<Omit<ModelAgent, 'said'>> & { availability?: Availability },
): Command {
	return command({
		client: by,
		name: `agent ${key}: ${JSON.stringify(changes)}`,
		changesTeams: changes.teams !== undefined,
		async call(store) {
			const { agent } = await store.upsertAgent({ key, ...changes, source: 'user' });
			return { agent: { key, capacity: agent.capacity }, served: [key] };
		},
		mayEndWith: () => (changes.teams?.length ? ['TeamNotFound'] : []),
		refusal: (world) => missingTeam(world, ...(changes.teams ?? [])),
		alone({ model, now }) {
			const known = model.agents.get(key);
			const { said = NOTHING_SAID } = known ?? {};
			const word = { until: null, grace: 0, delay: 0 };
			const { teams = known?.teams ?? [], capacity = known?.capacity ?? null } = changes;
			model.agents.set(key, {
				teams: [...teams].sort(),
				capacity,
				skills: changes.skills ?? known?.skills ?? [],
				languages: changes.languages ?? known?.languages ?? [],
				said: changes.availability
					? obeyed(said, { ...word, availability: changes.availability }, now)
					: said,
			});
		},
	});
}

function deletingAgent(by: number, key: string): Command {
	return command({
		client: by,
		name: `agent ${key} is removed`,
		changesTeams: true,
		async call(store) {
			await store.deleteAgent({ key, source: 'user' });
			return { removed: `agent ${key}` };
		},
		mayEndWith: () => ['AgentNotFound'],
		refusal: (world) => missingAgent(world, key),
		alone: ({ model }) => void model.agents.delete(key),
	});
}

export function upsertingTeam(by: number, key: string): Command {
	return command({
		client: by,
		name: `team ${key}`,
		async call(store) {
			await store.upsertTeam({ key, handles: { chat: key } });
			return {};
		},
		alone: ({ model }) => void model.teams.add(key),
	});
}

function deletingTeam(by: number, key: string, moveTo: string | undefined): Command {
	return command({
		client: by,
		name: `team ${key} is removed${moveTo ? `, ${moveTo} takes over` : ''}`,
		changesTeams: true,
		async call(store) {
			await store.deleteTeam({ key, ...(moveTo ? { moveTo } : {}), source: 'user' });
			return { removed: `team ${key}` };
		},
		mayEndWith: () => ['TeamNotFound', 'TeamInUse'],
		refusal(world) {
			const missing = missingTeam(world, key, moveTo);
			const inUse = openOnes(world.before).some((row) => row.team_key === key);
			return missing ?? (moveTo === key || (inUse && !moveTo) ? 'TeamInUse' : undefined);
		},
		alone({ model }) {
			model.teams.delete(key);
			for (const agent of model.agents.values()) {
				agent.teams = agent.teams.filter((team) => team !== key);
			}
		},
	});
}

export const subscribing = (by: number, which: number, what: 'subscribe' | 'renew' | 'end') =>
	command({
		client: by,
		name: `trigger ${which}: ${what}`,
		async call(store) {
			if (what === 'subscribe') await store.subscribe(subscriber(store, which));
			else if (what === 'renew') await store.renewSubscription(subscriptionOf(store, which));
			else await store.endSubscription(subscriptionOf(store, which));
			return {};
		},
	});

const claiming = (by: number, which: number, limit: number) =>
	command({
		client: by,
		name: `trigger ${which} claims ${limit}`,
		async call(store) {
			const subscriptionId = subscriptionOf(store, which);
			const claimed = await store.claimDeliveries({ subscriptionId, limit });
			return { claimed: claimed.map(({ id }) => id) };
		},
		alone({ before, now }, said) {
			const due = before.deliveries.filter(
				(row) =>
					row.subscription_id.includes(`/${which}:`) &&
					['pending', 'claimed'].includes(row.status) &&
					Number(row.due_at) <= now,
			);
			expect(due.map(({ id }) => id)).toEqual(expect.arrayContaining(said.claimed ?? []));
		},
	});

/** One of the deliveries that are not over, if there is one; those that are over now and then. */
function deliveryOf({ before }: World, number: number): string {
	const live = before.deliveries.filter(({ status }) => status === 'claimed');
	const among = live.length > 0 && number % 8 !== 0 ? live : before.deliveries;
	return among[number % Math.max(among.length, 1)]?.id ?? 'none';
}

const finishing = (by: number, number: number, outcome: DeliveryOutcome) =>
	command({
		client: by,
		name: `delivery ${number}: ${outcome.kind} ${outcome.kind === 'ran' ? outcome.status : ''}`,
		async call(store, world) {
			await store.finishDelivery({ id: deliveryOf(world, number), outcome });
			return {};
		},
	});

const acting = (by: number, number: number, execution: string) =>
	command({
		client: by,
		name: `execution ${execution} of delivery ${number}`,
		async call(store, world) {
			const deliveryId = deliveryOf(world, number);
			const result = await store.claimExecution({
				deliveryId,
				executionId: execution,
				free: false,
			});
			return result.acts && deliveryId !== 'none'
				? { acts: { delivery: deliveryId, execution } }
				: {};
		},
		alone(world, said) {
			const row = world.before.deliveries.find(({ id }) => id === deliveryOf(world, number));
			const free = !row || row.execution_id === null || row.execution_id === execution;
			expect({ invariant: 4, acts: said.acts !== undefined || !row }).toEqual({
				invariant: 4,
				acts: free,
			});
		},
	});

const pumping = (by: number) =>
	command({
		client: by,
		name: 'the pump works',
		async call(store) {
			while ((await store.doDueWork()) > 0);
			return { served: 'all' };
		},
	});

/** A flow asks the contact; where that is pointless, it goes on and leaves nothing. */
const asking = (by: number, of: string, minutes: number) =>
	command({
		client: by,
		name: `ask ${of}, ${minutes} minutes`,
		async call(store, world) {
			const conversationId = conversationOf(world, of);
			// A run is known by its execution here, so that it can be found again by either.
			const groupId = randomUUID();
			const changes = { groupId, executionId: groupId, waitFor: minutes * MINUTE };
			const { opened } = await openQuestion(store, conversationId, changes);
			if (opened.state === 'ended') {
				await store.dropQuestion({ conversationId, waitId: opened.waitId });
			} else if (opened.state === 'asking') {
				const { waitId } = opened;
				await store.questionAsked({ conversationId, waitId, waitFor: minutes * MINUTE, time: 1 });
			}
			return { conversation: conversationId, read: opened.state };
		},
		mayEndWith: (world) =>
			isKnown(world, conversationOf(world, of)) ? [] : ['ConversationNotFound'],
		refusal: (world) =>
			isKnown(world, conversationOf(world, of)) ? undefined : 'ConversationNotFound',
		alone(world, { conversation, read }) {
			const row = world.before.conversations.get(conversation ?? '');
			const isPointless = row?.status === 'closed' || row?.first_response_at !== null;
			expect(read).toBe(isPointless ? 'ended' : 'asking');
		},
	});

const NODES = ['answered', 'asks again', 'running', 'unknown', 'gone'] as const;

/** The pump calls executions, whose node looks at what came in, or which cannot be reached. */
const calling = (by: number, node: (typeof NODES)[number]) =>
	command({
		client: by,
		name: `call flows that wait: ${node}`,
		async call(store) {
			for (const { groupId, lease } of await store.claimResumes({ limit: 2 })) {
				const looks = node === 'answered' || node === 'asks again';
				const run = { groupId, executionId: groupId };
				const views = looks
					? [
							...(await store.readWaitGroup({ ...run, nodeId: 'ask' })),
							...(await store.readWaitGroup({ ...run, nodeId: 'assign' })),
						]
					: [];
				for (const wait of views) {
					// Whom it went to is said as it was, also where somebody else has it by now.
					if (wait.outcome === 'assigned') {
						expect(wait.assigned?.agent).toBe(wait.result.agent);
					}
					if (wait.settled || wait.replies.length === 0) continue;
					const { conversationId, id: waitId } = wait;
					await store.judgeQuestion({
						...{ conversationId, waitId, looked: wait.replies.map(({ id }) => id) },
						verdict: node === 'answered' ? answered(42) : { kind: 'again' },
					});
				}
				await store.finishResume({ groupId, lease, answer: looks ? 'heard' : node });
			}
			return {};
		},
	});

const readingOpen = (by: number, of: string) =>
	command({
		client: by,
		name: `read what ${of} has open`,
		call: async (store) => ({ read: (await store.getOpenConversation(of)).conversation.id }),
		mayEndWith: () => ['ContactNotFound', 'NoOpenConversation'],
		refusal({ model }) {
			const contact = model.contactOf.get(`chat:${of}`);
			if (contact === undefined) return 'ContactNotFound';
			return model.open.has(contact) ? undefined : 'NoOpenConversation';
		},
		alone({ model }, said) {
			expect(said.read).toBe(model.open.get(model.contactOf.get(`chat:${of}`) ?? ''));
		},
	});

const readingQueue = (by: number, team: string) =>
	command({
		client: by,
		name: `read the queue of ${team}`,
		async call(store) {
			const list = await store.listConversations({ status: 'queued', team, limit: 99, offset: 0 });
			const { team: view } = await counted(store, team);
			return { read: { listed: list.map((item) => item.conversation.id).sort(), view } };
		},
		mayEndWith: () => ['TeamNotFound'],
		refusal: (world) => missingTeam(world, team),
		alone({ before }, said) {
			const queued = openOnes(before).filter(
				(row) => row.team_key === team && row.queue_entered_at !== null,
			);
			expect(said.read).toEqual({
				listed: queued.map(({ id }) => id).sort(),
				view: queued.length,
			});
		},
	});

const counted = async (store: ConversationStore, team: string) => ({
	team: (await store.getTeam(team)).queued,
});

const readingHistory = (by: number, of: string) =>
	command({
		client: by,
		name: `read the history of ${of}`,
		async call(store, world) {
			const id = conversationOf(world, of);
			const history = await store.conversationHistory(id);
			return { read: history.filter(({ kind }) => kind === 'message').length };
		},
		mayEndWith: (world) =>
			isKnown(world, conversationOf(world, of)) ? [] : ['ConversationNotFound'],
		refusal: (world) =>
			isKnown(world, conversationOf(world, of)) ? undefined : 'ConversationNotFound',
		alone(world, said) {
			const id = conversationOf(world, of);
			const stored = [...world.model.messages.values()].filter((one) => one === id);
			expect(said.read).toBe(stored.length);
		},
	});

const capacity = fc.constantFrom(null, 0, 1, 1, 2);

/** Done on a platform, also by and for people whom the store does not know. */
const anyChange = fc.oneof<fc.Arbitrary<Change>[]>(
	fc
		.constantFrom(...AGENTS, 'a stranger', null)
		.map((email) => ({ type: 'assigned' as const, agent: email === null ? null : { email } })),
	anyTeam.map(inTeam),
	fc.constant({ type: 'closed' as const }),
);

/** What happens where customers are given to agents. */
const deskCommands: Array<fc.WeightedArbitrary<Command>> = [
	{
		weight: 8,
		arbitrary: fc
			.tuple(
				client,
				who,
				fc.nat({ max: 9 }),
				fc.record({
					phone: fc.constantFrom(undefined, undefined, undefined, '+1', '+2'),
					opens: fc.constantFrom(true, true, true, false),
					heardBy: maybe(fc.nat({ max: 2 })),
				}),
			)
			.map((given) => receiving(...given)),
	},
	{
		weight: 5,
		arbitrary: fc.tuple(client, whose, anyTeam).map((given) => routing(...given)),
	},
	...assignmentCommands,
	...returnCommands,
	{ weight: 7, arbitrary: fc.tuple(client, whose).map((given) => closing(...given)) },
	{
		weight: 3,
		arbitrary: fc
			.tuple(
				client,
				anyAgent,
				fc
					.record({
						teams: maybe(fc.uniqueArray(anyTeam, { maxLength: 2 })),
						capacity: maybe(capacity),
						skills: maybe(fc.subarray(SKILLS)),
						languages: maybe(fc.subarray(['ar', 'pt-PT'])),
						availability: maybe(fc.constantFrom<Availability>('online', 'online', 'away')),
					})
					.map(some),
			)
			.map((given) => upsertingAgent(...given)),
	},
	...presenceCommands,
	{ weight: 5, arbitrary: client.map(pumping) },
	{
		weight: 3,
		arbitrary: fc.tuple(client, fc.constantFrom(...NODES)).map((given) => calling(...given)),
	},
];

/** Any of these: conversations are assigned, come back, sleep and wake more often than by chance. */
export const deskCommand: fc.Arbitrary<Command> = fc.oneof(...deskCommands);

/** Any operation of the store, by any client. */
export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
	...deskCommands,
	{
		weight: 2,
		arbitrary: fc.tuple(client, who, fc.nat({ max: 9 })).map((given) => echo(...given)),
	},
	{
		weight: 1,
		arbitrary: fc
			.tuple(client, who, fc.nat({ max: 9 }), fc.constantFrom('edit' as const, 'delete' as const))
			.map((given) => changing(...given)),
	},
	{
		weight: 3,
		arbitrary: fc
			.tuple(client, whose, fc.nat({ max: 2 }), fc.constantFrom(...ENDS))
			.map((given) => sending(...given)),
	},
	{
		weight: 1,
		arbitrary: fc
			.tuple(
				client,
				who,
				fc.nat({ max: 2 }),
				fc.constantFrom<MessageStatus['status']>('sent', 'failed', 'delivered', 'read'),
			)
			.map((given) => tellingFate(...given)),
	},
	{
		weight: 4,
		arbitrary: fc.tuple(client, whose, anyChange).map((given) => changingThere(...given)),
	},
	{
		weight: 2,
		arbitrary: fc
			.tuple(client, who, maybe(fc.nat({ max: 2 })))
			.map((given) => openingConversation(...given)),
	},
	{
		weight: 2,
		arbitrary: fc
			.tuple(
				client,
				who,
				fc.constantFrom('plan', 'city'),
				fc.constantFrom('x', 'y', 'z'),
				fc.boolean(),
			)
			.map((given) => enriching(...given)),
	},
	{ weight: 1, arbitrary: fc.tuple(client, anyAgent).map((given) => deletingAgent(...given)) },
	{ weight: 1, arbitrary: fc.tuple(client, anyTeam).map((given) => upsertingTeam(...given)) },
	{
		weight: 1,
		arbitrary: fc.tuple(client, anyTeam, maybe(anyTeam)).map((given) => deletingTeam(...given)),
	},
	{
		weight: 2,
		arbitrary: fc
			.tuple(client, whichTrigger, fc.constantFrom('subscribe', 'subscribe', 'renew', 'end'))
			.map((given) => subscribing(...given)),
	},
	{
		weight: 4,
		arbitrary: fc
			.tuple(client, whichTrigger, fc.integer({ min: 1, max: 5 }))
			.map((given) => claiming(...given)),
	},
	{
		weight: 3,
		arbitrary: fc
			.tuple(
				client,
				fc.nat(99),
				fc.constantFrom<DeliveryOutcome>(
					{ kind: 'ran', status: 'success' },
					{ kind: 'ran', status: 'error' },
					{ kind: 'ran', status: 'waiting' },
					{ kind: 'duplicate' },
					{ kind: 'notStarted' },
				),
			)
			.map((given) => finishing(...given)),
	},
	{
		weight: 3,
		arbitrary: fc
			.tuple(client, fc.nat(99), fc.constantFrom('e1', 'e2', 'e3'))
			.map((given) => acting(...given)),
	},
	{
		weight: 3,
		arbitrary: fc
			.tuple(client, whose, fc.constantFrom(1, 60, 600))
			.map((given) => asking(...given)),
	},
	{ weight: 1, arbitrary: fc.tuple(client, who).map((given) => readingOpen(...given)) },
	{ weight: 1, arbitrary: fc.tuple(client, anyTeam).map((given) => readingQueue(...given)) },
	{ weight: 1, arbitrary: fc.tuple(client, whose).map((given) => readingHistory(...given)) },
);

const inTurns = { strategy: 'roundRobin' as const, onlyOnline: true, maxOpen: null };

/** Several that want the same: where others give way by chance, these meet. */
export const rush: fc.Arbitrary<Command[]> = fc.oneof(
	atOnce(
		fc
			.tuple(client, fc.constantFrom('a', 'f'), fc.nat({ max: 2 }))
			.map(([by, from, number]) =>
				receiving(by, from, number, { phone: '+3', opens: true, heardBy: 0 }),
			),
	),
	atOnce(
		fc
			.tuple(client, who)
			.map(([by, of]) => assigning(by, of, { kind: 'team', team: 'sales' }, inTurns, [])),
	),
	atOnce(
		fc
			.tuple(client, who, fc.constantFrom(...TEAMS))
			.map(([by, of, team]) => assigning(by, of, { kind: 'team', team }, inTurns, [])),
	),
	atOnce(
		fc.oneof(
			fc.tuple(client, who).map((given) => closing(...given)),
			fc.tuple(client, who, fc.boolean()).map((given) => unassigning(...given)),
		),
	),
	atOnce(
		fc.oneof(
			fc.tuple(client, who, fc.constant('care')).map((given) => routing(...given)),
			fc.tuple(client, fc.constant('care'), maybe(anyTeam)).map((given) => deletingTeam(...given)),
		),
	),
	atOnce(
		fc
			.tuple(client, fc.constantFrom('a', 'b', 'c'), fc.constantFrom('ann', 'bob', 'a stranger'))
			.map(([by, of, email]) => changingThere(by, of, { type: 'assigned', agent: { email } })),
	),
	...RETURN_RUSHES,
	atOnce(fc.tuple(client, fc.constantFrom(...ENDS)).map(([by, end]) => sending(by, 'a', 0, end))),
	atOnce(client.map((by) => claiming(by, 0, 2))),
	atOnce(
		fc.oneof(
			client.map((by) => asking(by, 'a', 1)),
			client.map((by) => closing(by, 'a')),
			client.map(pumping),
			fc.tuple(client, fc.constantFrom(...NODES)).map((given) => calling(...given)),
			fc
				.tuple(client, fc.nat({ max: 9 }))
				.map(([by, number]) =>
					receiving(by, 'a', number, { phone: undefined, opens: true, heardBy: undefined }),
				),
		),
	),
	atOnce(
		fc
			.tuple(client, fc.constantFrom('e1', 'e2', 'e3'))
			.map(([by, execution]) => acting(by, 1, execution)),
	),
);

/** Time that passes between commands, in milliseconds: moments, leases that end, a long night. */
export const anyPause = fc.oneof(
	{ weight: 12, arbitrary: fc.constant(SECOND) },
	{ weight: 3, arbitrary: fc.constantFrom(31 * SECOND, 61 * SECOND) },
	{ weight: 2, arbitrary: fc.constant(11 * MINUTE) },
	{ weight: 1, arbitrary: fc.constant(25 * 60 * MINUTE) },
);
